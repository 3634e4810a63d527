//! Passes into the plan.

mod room;
pub mod schedule;
