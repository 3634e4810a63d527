//! How programs change: the pass manager and every pass, one file each.
//!
//! - [`registry`]: THE list of passes. [`pipelines`]: the stages of a compilation and the passes between them.
//! - [`manager`]: pipelines as text, level checks, verification, prints, diffs, dumps, reproducers, records.
//! - [`common`]: passes for every level. [`nn`]: passes on the tensor program.
//! - [`testing`]: random programs to run passes on, for tests.

pub mod assigned;
pub mod common;
pub mod egraph;
pub mod manager;
pub mod nn;
pub mod pipelines;
pub mod plan;
pub mod registry;
pub mod testing;

pub use manager::{Change, CounterDef, OptionDef, OptionKind, PassCx, PassInfo};
