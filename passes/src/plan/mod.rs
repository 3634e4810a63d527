//! Passes into the plan.

pub(crate) mod binding;
mod room;
pub mod schedule;
mod seen;
