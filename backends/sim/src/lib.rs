#![doc = include_str!("../README.md")]

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
