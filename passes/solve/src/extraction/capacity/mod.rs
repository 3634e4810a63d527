//! Choices that keep capacities: branch and bound over what takes room, around the exact search.
//!
//! With a price on each unit that is taken, capacities drop out of the problem (Lagrangian relaxation; Fisher, Management Science
//! 27, 1981): what is left is extraction at other costs, solved exactly. The best prices give the bound; choices met on the way
//! that fit, and the best one from nodes that fit together, give the answer. Where the two differ, a taking node on which the
//! choices disagree is decided both ways. Effort is counted in solves, so that the same input gives the same answer.

mod fill;
mod lines;
mod prices;
mod room;

use super::problem::{Capacity, Limits, NodeIndex, Problem};
use crate::certificate::Kept;
use prism_support::codes::E0709;
use prism_support::{Diagnostic, Result};
use room::{Case, Room};

/// An answer within this of the bound is least: what separates them is rounding.
const PROVEN: f64 = 1e-12;

/// What was found.
pub(super) struct Held {
    pub(super) choice: Vec<Option<NodeIndex>>,
    pub(super) kept: Kept,
    /// Solves at other prices.
    pub(super) solves: u64,
    /// Cases.
    pub(super) cases: u64,
}

/// A case, with what is known about it.
enum Node {
    /// Not taken apart.
    Leaf(Leaf),
    /// The taker is chosen, or it is not; where the two cases are.
    Split { taker: usize, with: usize, without: usize },
}

/// What is known about a case.
pub(super) struct Leaf {
    case: Case,
    /// The prices that are best so far: where to start from in cases of it.
    prices: Vec<f64>,
    /// No choice of the case costs less.
    bound: f64,
    kept: Kept,
    /// The taking node to decide next; `None` where the choices that are known agree.
    open: Option<usize>,
}

/// The least choice that keeps the capacities of `problem`, or the best that is found with so many solves.
///
/// # Errors
/// `E0709` when none was found, with what is known to be needed.
pub(super) fn search(problem: &Problem, limits: &Limits) -> Result<Held> {
    let mut room = Room::new(problem, limits);
    room.room_at_all()?;
    let mut tree: Vec<Node> = vec![Node::Leaf(room.leaf(Case::default(), None))];
    while let Some((at, taker)) = next(&tree, room.best_cost()) {
        let Some(Node::Leaf(leaf)) = tree.get(at) else { break };
        if room.is_spent() {
            break;
        }
        let [with, without] = leaf.case.decided(taker).map(|case| room.leaf(case, Some(leaf)));
        let places = (tree.len(), tree.len() + 1);
        tree.extend([Node::Leaf(with), Node::Leaf(without)]);
        tree[at] = Node::Split { taker, with: places.0, without: places.1 };
    }
    let cases = tree.len() as u64 - 1;
    let solves = room.solves();
    let Some(choice) = room.best_choice() else {
        let names: Vec<String> = problem.capacities.iter().map(|c| format!("`{}`", c.name)).collect();
        let limits = if names.len() == 1 { "limit" } else { "limits" };
        return Err(Diagnostic::error(
            &E0709,
            format!("no choice that keeps the {limits} on {} was found", names.join(" and ")),
        )
        .note("whether there is one is not known")
        .into());
    };
    let mut tree: Vec<Option<Node>> = tree.into_iter().map(Some).collect();
    Ok(Held { choice, kept: kept(&mut tree, 0, &room), solves, cases })
}

/// The case with the lowest bound that could hold something better than an answer of that cost, and what to decide in it.
fn next(tree: &[Node], best: f64) -> Option<(usize, usize)> {
    let open = |(at, node): (usize, &Node)| match node {
        Node::Leaf(leaf) if leaf.bound < best - PROVEN * best => Some((leaf.bound, at, leaf.open)),
        _ => None,
    };
    let least = tree.iter().enumerate().filter_map(open).min_by(|a, b| a.0.total_cmp(&b.0))?;
    // Where the lowest cannot be raised, others do not matter.
    Some((least.1, least.2?))
}

/// The reasons as one.
fn kept(tree: &mut [Option<Node>], at: usize, room: &Room<'_>) -> Kept {
    match tree.get_mut(at).and_then(Option::take) {
        Some(Node::Leaf(leaf)) => leaf.kept,
        Some(Node::Split { taker, with, without }) => {
            let (class, node) = room.place(taker);
            let [with, without] = [with, without].map(|case| Box::new(kept(tree, case, room)));
            Kept::Cases { class, node, with, without }
        }
        // Each case is in one place of the tree.
        None => Kept::Full { capacity: u32::MAX },
    }
}

/// No choice keeps a capacity.
fn none_fits(capacity: &Capacity, least: u64, sure: bool) -> Diagnostic {
    let least = if sure { format!("{least} at least") } else { format!("{least} is the least known") };
    Diagnostic::error(&E0709, format!("no choice keeps the limit on `{}`", capacity.name))
        .found(least)
        .allowed(capacity.most.to_string())
}
