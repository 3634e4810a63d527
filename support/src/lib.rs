//! What every crate of Prism shares, and nothing that knows a model, a machine or MLIR.
//!
//! - [`diag`]: the one [`Diagnostic`] type: the user's name for the thing, found, allowed, one hint.
//! - [`codes`]: every diagnostic code with the page that `prism explain CODE` prints.
//! - [`render`]: a diagnostic as text (coloured or not) and as JSON.
//! - [`plain`]: what libraries and files say, in a reader's words.
//! - [`suggest`]: "did you mean".
//! - [`files`]: output that is whole or absent.

pub mod codes;
pub mod diag;
pub mod files;
pub mod plain;
pub mod render;
pub mod suggest;

pub use codes::Code;
pub use diag::{Diagnostic, Diagnostics, Place, Severity};

/// What a fallible step of Prism returns: a value, or every problem found, never none.
pub type Result<T> = std::result::Result<T, Diagnostics>;
