//! A proof that no choice of nodes costs less than a bound, and the module that checks it in whole numbers.
//!
//! [`solve_certified`](crate::extraction::solve_certified) writes a [`Certificate`] while it searches: how it
//! made the problem smaller, in which order it joined tables, where it branched, and the dual values of its
//! bounds. [`check`] follows it on the original problem. It shares no code with the search, takes no number from it but
//! dual values, which may be any, and calculates in multiples of a power of two, rounding costs down and the price of the
//! answer up. So its bound is valid whatever the certificate says: a wrong step is refused, a bad one makes the
//! bound low.
//!
//! Why this is a proof. Each [`Step`] leaves a problem whose least cost is not above that of the one before: it
//! removes ways that some least choice does without, or drops demands. The parts of what is left share no class, so their bounds add up.
//! A part is bounded by an elimination over all its choices (Dechter, Artificial Intelligence 113, 1999), by shares of costs
//! (a feasible point of the dual of the linear relaxation), or by two cases that leave nothing out. Where choices must keep
//! capacities, [`Kept`] puts prices on what they take.

mod check;
mod exact;
mod file;
mod flaw;
mod kept;
mod shares;
mod state;
mod tables;

pub use check::{Checked, check, check_named};
pub use flaw::Names;
pub use kept::Kept;
pub(crate) use kept::priced;

use crate::extraction::NodeIndex;
use file::File;
use serde::{Deserialize, Serialize};

/// An answer with its proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "File", try_from = "File")]
pub struct Certificate {
    /// The node of each class; `None` for classes that the roots do not need.
    pub choice: Vec<Option<NodeIndex>>,
    /// Every difference of costs is a multiple of this; 0 if none is known.
    pub step: f64,
    /// Why nothing costs less, capacities left aside.
    pub proof: Reduced,
    /// Why nothing that keeps the capacities costs less, where that says more.
    pub kept: Option<Kept>,
}

impl Certificate {
    /// Steps, joins and cases, in all.
    pub fn size(&self) -> u64 {
        self.proof.size() + self.kept.as_ref().map_or(0, Kept::size)
    }
}

/// A problem made smaller and taken apart. Classes and nodes are called as in the original problem.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reduced<R = Rest> {
    /// What was done to it, in order.
    pub steps: Vec<Step>,
    /// Sets of classes that share none, each with its own proof. Other classes add the least cost of their nodes if
    /// they are needed.
    pub parts: Vec<(Vec<u32>, Proof<R>)>,
}

/// The problem that another one comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rest(pub Box<Reduced>);

impl Reduced {
    /// Steps, joins and cases, in all.
    pub fn size(&self) -> u64 {
        let of = |proof: &Proof| match proof {
            Proof::Shares(_) => 1,
            Proof::Joined { order, .. } => order.len() as u64,
            Proof::Fixed { rest, .. } => 1 + rest.0.size(),
            Proof::Cases { with, without, .. } => 1 + with.0.size() + without.0.size(),
        };
        let step = |step: &Step| match step {
            Step::Underivable | Step::Forced => 1,
            Step::SelfSupporting { nodes, .. } => nodes.len() as u64,
            Step::Implied(list) => list.len() as u64,
            Step::Dominated(list) | Step::Relaxed(list) => list.len() as u64,
        };
        self.steps.iter().map(step).sum::<u64>() + self.parts.iter().map(|(_, proof)| of(proof)).sum::<u64>()
    }
}

/// A step that does not make the least cost higher.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Nodes that cannot be made without a cycle go.
    Underivable,
    /// These nodes, as (class, node), need their own class: without it, no choice within `group` makes all that they read.
    SelfSupporting {
        /// The classes to look at; all others count as at hand.
        group: Vec<u32>,
        /// What goes, class after class.
        nodes: Vec<(u32, u32)>,
    },
    /// Each of these, as (class, node, other node), costs no less than the other and reads all that it reads.
    Dominated(Vec<(u32, u32, u32)>),
    /// What all nodes of a needed class read is needed; what is free may as well be there.
    Forced,
    /// Pairs of classes of which the second is made whenever the first is: each node of the first reads the second, or a class of which an
    /// earlier pair says so. What a needed class needs so is needed.
    Implied(Vec<(u32, u32)>),
    /// Demands, as (class, node, child), that are dropped.
    Relaxed(Vec<(u32, u32, u32)>),
}

/// Why a part costs no less than its bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof<R = Rest> {
    /// By shares alone.
    Shares(Shares),
    /// By elimination.
    Joined {
        /// Ways that by these shares cost no less than the limit are left out: the part costs no less than the lesser of the limit
        /// and what the tables say.
        within: Option<(Shares, f64)>,
        /// Cycles are watched for among classes of one group: the group of each class of the part.
        groups: Vec<u32>,
        /// Pairs of tables, by a class each; the joined one goes by the first.
        order: Vec<(u32, u32)>,
    },
    /// Nodes that by these shares cost no less than the limit go; the rest is another problem.
    Fixed {
        /// The shares.
        shares: Shares,
        /// The limit.
        limit: f64,
        /// What is left.
        rest: R,
    },
    /// Two cases: the class is made and it is not, or, with a node, it is made by that node only and it is not.
    Cases {
        /// The class.
        class: u32,
        /// The node.
        node: Option<u32>,
        /// The first case.
        with: R,
        /// The second.
        without: R,
    },
}

/// Dual values: what each class pays for what it needs, and what needed classes are paid for being needed. Classes of
/// solutions then cost, taken together, no less than the sum of `demand` and what their nodes cost beyond what they are paid.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// Pairs of classes of which the second is made whenever the first is, as in [`Step::Implied`]: who reads the first pays for
    /// the second too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implied: Vec<(u32, u32)>,
    /// (class, child, payment), payments not negative.
    pub payments: Vec<(u32, u32, f64)>,
    /// (class, payment).
    pub demand: Vec<(u32, f64)>,
}
