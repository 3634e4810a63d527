//! Where time and energy go: a plan, run event by event.
//!
//! A [`Plan`] is plain data: tasks on units, with their times, energies and bytes. [`simulate`] runs it by
//! rules of its own and gives a [`Simulation`]: when everything really happened, what it cost and where.
//! [`trace::perfetto`] and [`csv::tasks`] write that down for people and their tools.

pub mod csv;
mod engine;
mod graph;
mod layer;
mod plan;
mod profile;
mod simulation;
mod sum;
pub mod trace;
mod validate;

pub use layer::layer_of;
pub use plan::{Kind, Name, Plan, PlanTask, Resource};
pub use profile::Profile;
pub use simulation::{Energy, Late, Simulation, simulate};
pub use sum::{Sum, sum};
