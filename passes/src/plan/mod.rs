//! Passes into the plan.

pub(crate) mod binding;
pub(crate) mod kernels;
mod room;
pub mod schedule;
mod seen;
