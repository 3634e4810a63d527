//! Least makespan over all choices and schedules at once, alone or against energy: what can be achieved, and a bound on
//! all of them.
//!
//! [`ask`] answers a [`Question`]: the least energy, makespan or product of powers of both, under limits, with a bound.
//! [`frontier`] gives the plans between the fastest and the one that takes least. [`bound`] is the bound alone.

mod apart;
mod ask;
mod bound;
mod branch;
mod chain;
mod envelope;
mod front;
mod hull;
mod keeping;
mod kinds;
mod loads;
mod local;
mod net;
mod problem;
mod question;
mod regions;
mod relax;
mod search;
mod segment;

pub use ask::{Answer, Within, ask, frontier};
pub use bound::{Binding, Bound, Limits, bound};
pub use envelope::Envelope;
pub use keeping::Keeping;
pub use problem::{Choice, Class, Node, Problem};
pub use question::{MEASURES, Measure, Question, ROUNDING};
pub use search::{NEAR, Plan};
