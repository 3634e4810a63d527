//! What programs look like at each level of Prism: op tables, types, verifiers, interpreters, MLIR form.
//!
//! - [`registry`]: THE list of dialects. Each is a folder with its table ([`nn`], [`stack`], [`ptu`], [`elec`],
//!   [`mem`], [`plan`]) and a README that says why it exists.
//! - [`define`]: what a table row is. [`irdl`] turns tables into IRDL, [`verify`] checks what IRDL cannot say.
//! - [`body`], [`types`], [`attr`]: a program as plain data. [`mlir`] reads and writes it as MLIR.
//! - [`interp`]: values on small tensors.

pub mod attr;
pub mod body;
pub mod call;
mod cost_attr;
pub mod define;
pub mod elec;
pub mod interp;
pub mod irdl;
pub mod level;
pub mod mem;
#[cfg(feature = "mlir")]
pub mod mlir;
pub mod nn;
pub mod plan;
pub mod ptu;
pub mod registry;
pub mod scan;
pub mod stack;
pub mod types;
pub mod verify;

pub use attr::{Attr, Attrs, Dense, F64, Numbers};
pub use body::{Body, Holder, Loc, Module, Op, ValueId};
pub use define::{MIXED_RUNS, OpDef, OpView, Problem, runs};
pub use level::Level;
pub use types::{Elem, TensorType, Type, View};
