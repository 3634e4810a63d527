//! Test files: what they say is run, what they expect, and how expectations are rewritten.
//!
//! A test file is MLIR with comments. `// RUN: prism opt %s -p cse` says what to run (`%s` is the file, `%t` a fresh
//! folder); several lines run in order, and the last one's output is what is looked at. Then one of:
//! - [`checks`]: `// CHECK: text` and its kin, for outputs of which a part matters;
//! - [`file::Expect::Output`]: the whole output after `// OUTPUT:`, for small ones;
//! - [`file::Expect::Errors`]: cases split by `// -----`, each with `// error: [E0401] text` where it is wrong.

pub mod checks;
pub mod diff;
pub mod errors;
pub mod file;
pub mod heads;
pub mod pages;
pub mod unlike;
