//! Exact optimisation on plain data: what Prism proves, it proves here, without any compiler IR.

pub mod certificate;
pub mod extraction;
pub mod latency;
pub mod schedule;
pub mod serialized;
