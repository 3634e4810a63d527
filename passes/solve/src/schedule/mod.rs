//! Starts for tasks that share resources, a lower bound that no schedule beats, and a checker of its own.
//!
//! The model is resource-constrained scheduling without barriers (the "list scheduling" of compilers,
//! `PS | prec | Cmax` of operations research): a task waits only for the tasks that it names and for a free
//! unit of each resource that it holds, so transfers overlap with arithmetic and one layer with the next.
//!
//! - [`list_schedule`] gives a feasible schedule, an upper bound on the least makespan;
//! - [`bound`] gives a lower bound on *every* schedule and says what binds;
//! - [`check`] verifies a schedule against the problem and shares no code with the scheduler.

mod bound;
mod check;
mod holdings;
mod insert;
mod jackson;
mod list;
mod patient;
mod postpone;
mod problem;

pub use bound::{Binding, Bound, bound};
pub use check::check;
pub(crate) use jackson::{Job, strongest};
pub use list::{Priority, Schedule, list_schedule};
pub use problem::{Problem, Resource, Task};
