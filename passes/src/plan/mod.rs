//! Passes into the plan.

pub mod schedule;
