//! Passes into the plan.

pub(crate) mod binding;
mod fit;
pub(crate) mod kernels;
mod room;
pub mod schedule;
mod seen;
