//! Programs as MLIR: a session with our dialects loaded, parsing, verifying, printing, reading and building.
//!
//! All FFI of this crate is here. No other crate names `melior` or `mlir-sys`.

mod ffi;
mod read;
mod read_attr;
mod session;
mod write;
mod write_attr;

pub use session::{Ir, PrintOptions, Session};
