//! Exact extraction from an e-graph by DAG cost.
//!
//! [`solve`] is Prism's own exact method, [`milp`] the independent second one through HiGHS, [`greedy`]
//! and [`greedy_dag`] are named baselines, [`check`] believes none of them.

mod bound;
mod brute;
mod capacity;
mod check;
mod contract;
mod factor;
mod greedy;
mod implied;
pub(crate) mod linear;
#[cfg(feature = "highs")]
mod milp;
mod problem;
mod reduce;
mod relaxation;
mod scc;
mod search;
mod solve;
mod work;

pub use brute::brute_force;
pub use check::{check, check_choice, check_choice_named};
pub use greedy::{greedy, greedy_dag};
#[cfg(feature = "highs")]
pub use milp::{Verified, agree, milp};
pub use problem::{Capacity, Class, ClassId, Limits, Node, NodeIndex, Problem, Solution, Stats};
pub use solve::{solve, solve_certified};
