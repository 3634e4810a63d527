//! What machines are, and what work on them costs. Knows no IR.
//!
//! - [`units`]: quantities that carry their physical dimension: [`Energy`], [`Time`], [`Bandwidth`], ...
//! - [`target`]: a machine read from TOML, with every problem of the file reported at once.
//! - [`cost`]: the queries that the rest of Prism sees: what a realisation, a conversion or a transfer costs.
//!
//! The README of this folder says what a target file is.

pub mod cost;
pub mod target;
pub mod units;
pub mod validate;
pub mod zoo;

pub use cost::{
    Cause, Component, Cost, Ends, Event, Gemm, Infeasible, MatmulWork, Member, PhotonicRealisation, Realisation,
    Resource, ResourceInfo, ResourceKind, Stationary, TensorSize, Tiling, Work,
};
pub use target::{Free, Location, Target};
pub use units::{Bandwidth, Bits, Bytes, Cycles, Energy, Frequency, Power, Time};
