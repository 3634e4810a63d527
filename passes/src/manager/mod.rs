//! The pass manager: parses a pipeline, checks that its passes fit together, runs it, and shows what happens.
//!
//! - `info`: what a pass says about itself; `cx`: what it is given; `options`: the values of its options.
//! - `spec`, `parse`: pipelines as text; `levels`: do the passes fit; `upstream`: passes of MLIR by name.
//! - `run`: the run itself; `observe`, `diff`: prints, diffs, dumps; `stats`, `timing`: records.
//! - `failure`, [`repro`]: what happens and what is written when a pass fails.
//!
//! # When is what verified?
//! The program is MLIR between passes, and plain data inside ours. Passes of ours that follow each other hand over the
//! plain form: writing and re-reading MLIR between them would cost more than the passes. So that nothing wrong gets
//! through:
//! - what is read from MLIR was verified by MLIR, and is checked against our rules before a pass sees it;
//! - after each pass of ours: its structure (values, definitions, uses), every operation against its table, shape rule
//!   and verifier, and that nothing of the old level is left;
//! - after each pass of MLIR: MLIR's verifier, then our rules if the program is still ours;
//! - whenever the program is printed or dumped, and at the end: MLIR's verifier with IRDL. If it objects, the passes since
//!   the last MLIR form are replayed one by one to name the one to blame.

mod cx;
mod diff;
mod failure;
mod info;
mod levels;
mod observe;
mod options;
mod parse;
mod program;
pub mod repro;
mod run;
mod spec;
mod stats;
mod structure;
#[cfg(test)]
mod tests;
mod timing;
mod upstream;

pub use cx::PassCx;
pub use info::{Change, CounterDef, OptionDef, OptionKind, PassInfo, RunFn};
pub use observe::{Observers, Sink, When};
pub use options::{OptionValue, Options};
pub use run::{Manager, Outcome};
pub use spec::{Pipeline, Step, StepKind};
pub use stats::{OpCounts, Record, Records, count_ops};
pub use timing::{Span, Timing};
pub use upstream::UpstreamPass;
