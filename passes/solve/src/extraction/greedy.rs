//! Bottom-up choices: baselines under their own names, and starting points for the exact search.
//!
//! Each settles a class for good once it is the cheapest that can be made from settled ones, as Knuth's
//! generalisation of Dijkstra's method does (Information Processing Letters 6, 1977). So they never cycle. What takes of a capacity is
//! served in order of class; what finds no room is not chosen.

use super::check::check;
use super::problem::{NodeIndex, Problem, Solution, Stats};
use super::solve::assemble;
use super::work::{Picks, Work};
use prism_support::codes::E0709;
use prism_support::{Diagnostic, Result};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// The baseline that extractors of e-graph libraries use: least tree cost, in which a class is paid once
/// per use. Its `cost` is the DAG cost of that choice; its `bound` is 0.
///
/// # Errors
/// `E0702` as [`Problem::validate`].
pub fn greedy(problem: &Problem) -> Result<Solution> {
    baseline(problem, "greedy", &|work| settle(work, &mut TreeCost::new(work)))
}

/// The better baseline: least cost of everything below a class, each shared class paid once, with one
/// choice per class for good. Memory grows with the square of the number of classes. Its `bound` is 0.
///
/// # Errors
/// `E0702` as [`Problem::validate`].
pub fn greedy_dag(problem: &Problem) -> Result<Solution> {
    baseline(problem, "greedy-dag", &|work| settle(work, &mut DagCost::new(work)))
}

fn baseline(problem: &Problem, method: &'static str, choose: &dyn Fn(&Work) -> Settled) -> Result<Solution> {
    problem.validate(&|c| c.0.to_string())?;
    let start = Instant::now();
    let mut work = Work::new(problem);
    let mut choice = assemble(problem, &choose(&work).picks(&work));
    while first_come(problem, &choice, &mut work) {
        let chosen = choose(&work);
        if (0..work.len()).any(|c| work.forced[c] && chosen.node[c].is_none()) {
            return Err(Diagnostic::error(&E0709, format!("the {method} choice does not keep the capacities")).into());
        }
        choice = assemble(problem, &chosen.picks(&work));
    }
    let mut solution = Solution { choice, cost: 0.0, bound: 0.0, proven: false, method, stats: Stats::default() };
    solution.cost = super::solve::price(problem, &solution.choice);
    check(problem, &solution)?;
    solution.stats.time = start.elapsed();
    Ok(solution)
}

/// Where a choice takes more than there is, what takes room is served in order of class, and what finds none goes from `work`. Says
/// whether anything went.
fn first_come(problem: &Problem, choice: &[Option<NodeIndex>], work: &mut Work) -> bool {
    let mut left: Vec<u64> = problem.capacities.iter().map(|c| c.most).collect();
    let mut gone = false;
    for ((class, choice), nodes) in problem.classes.iter().zip(choice).zip(&mut work.nodes) {
        let Some((at, node)) = choice.and_then(|at| Some((at, class.nodes.get(at.index())?))) else { continue };
        if node.takes.iter().zip(&left).all(|(takes, left)| takes <= left) {
            node.takes.iter().zip(&mut left).for_each(|(takes, left)| *left -= takes);
        } else {
            nodes.retain(|n| n.origin != at.0);
            gone = true;
        }
    }
    gone
}

/// One node for each class that can be made, and the order in which they were settled.
pub(super) struct Settled {
    /// The node of each class.
    pub(super) node: Vec<Option<usize>>,
    /// The classes, children before users.
    pub(super) order: Vec<usize>,
}

impl Settled {
    /// The chosen nodes that the forced classes reach, in the names of the original problem.
    pub(super) fn picks(&self, work: &Work) -> Picks {
        let mut seen = vec![false; work.len()];
        let mut todo: Vec<usize> = (0..work.len()).filter(|c| work.forced[*c]).collect();
        let mut picks = Picks::new();
        while let Some(c) = todo.pop() {
            let Some(n) = self.node[c].filter(|_| !std::mem::replace(&mut seen[c], true)) else { continue };
            picks.push((work.origin[c], work.nodes[c][n].origin));
            todo.extend(work.nodes[c][n].children.iter().map(|k| *k as usize));
        }
        picks
    }

    /// The sum of the costs of the chosen nodes that the forced classes reach.
    pub(super) fn cost(&self, work: &Work) -> f64 {
        let mut used = work.forced.clone();
        let mut cost = 0.0;
        for &c in self.order.iter().rev().filter(|c| self.node[**c].is_some()) {
            if let Some(node) = self.node[c].filter(|_| used[c]).and_then(|n| work.nodes[c].get(n)) {
                cost += node.cost;
                node.children.iter().for_each(|k| used[*k as usize] = true);
            }
        }
        cost
    }
}

/// What a greedy choice minimises: the price of a node whose children are settled.
pub(super) trait Price {
    /// The price of node `n` of class `c`.
    fn price(&self, work: &Work, c: usize, n: usize) -> f64;
    /// Class `c` is settled on node `n` at `price`.
    fn settled(&mut self, work: &Work, c: usize, n: usize, price: f64);
}

/// The sum of the children's prices.
pub(super) struct TreeCost(Vec<f64>);

impl TreeCost {
    /// Nothing settled yet.
    pub(super) fn new(work: &Work) -> Self {
        TreeCost(vec![0.0; work.len()])
    }
}

impl Price for TreeCost {
    fn price(&self, work: &Work, c: usize, n: usize) -> f64 {
        let node = &work.nodes[c][n];
        node.cost + node.children.iter().map(|k| self.0[*k as usize]).sum::<f64>()
    }

    fn settled(&mut self, _: &Work, c: usize, _: usize, price: f64) {
        self.0[c] = price;
    }
}

/// The sum over the set of classes below.
pub(super) struct DagCost {
    own: Vec<f64>,
    below: Vec<Vec<u64>>,
}

impl DagCost {
    /// Nothing settled yet.
    pub(super) fn new(work: &Work) -> Self {
        DagCost { own: vec![0.0; work.len()], below: vec![Vec::new(); work.len()] }
    }

    fn union(&self, children: &[u32]) -> Vec<u64> {
        let mut all: Vec<u64> = Vec::new();
        for k in children {
            let set = &self.below[*k as usize];
            all.resize(all.len().max(set.len()), 0);
            all.iter_mut().zip(set).for_each(|(a, b)| *a |= b);
        }
        all
    }
}

impl Price for DagCost {
    fn price(&self, work: &Work, c: usize, n: usize) -> f64 {
        let node = &work.nodes[c][n];
        let mut cost = node.cost;
        for (at, mut word) in self.union(&node.children).into_iter().enumerate() {
            while word != 0 {
                cost += self.own[at * 64 + word.trailing_zeros() as usize];
                word &= word - 1;
            }
        }
        cost
    }

    fn settled(&mut self, work: &Work, c: usize, n: usize, _: f64) {
        let node = &work.nodes[c][n];
        let mut set = self.union(&node.children);
        set.resize(set.len().max(c / 64 + 1), 0);
        set[c / 64] |= 1 << (c % 64);
        self.own[c] = node.cost;
        self.below[c] = set;
    }
}

/// Settles class by class, cheapest first; of equals the smaller class, then the smaller node.
pub(super) fn settle(work: &Work, prices: &mut dyn Price) -> Settled {
    let mut missing: Vec<Vec<u32>> = Vec::with_capacity(work.len());
    let mut users: Vec<Vec<(u32, u32)>> = vec![Vec::new(); work.len()];
    let mut ready = BinaryHeap::new();
    for (c, nodes) in work.nodes.iter().enumerate() {
        missing.push(nodes.iter().map(|n| n.children.len() as u32).collect());
        for (n, node) in nodes.iter().enumerate() {
            node.children.iter().for_each(|k| users[*k as usize].push((c as u32, n as u32)));
            if node.children.is_empty() {
                ready.push(Reverse((Ordered(prices.price(work, c, n)), c, n)));
            }
        }
    }
    let mut settled = Settled { node: vec![None; work.len()], order: Vec::with_capacity(work.len()) };
    while let Some(Reverse((price, c, n))) = ready.pop() {
        if settled.node[c].is_some() {
            continue;
        }
        settled.node[c] = Some(n);
        settled.order.push(c);
        prices.settled(work, c, n, price.0);
        for &(user, at) in &users[c] {
            let (user, at) = (user as usize, at as usize);
            missing[user][at] -= 1;
            if missing[user][at] == 0 && settled.node[user].is_none() {
                ready.push(Reverse((Ordered(prices.price(work, user, at)), user, at)));
            }
        }
    }
    settled
}

/// Parts up to this size are also settled by the better, quadratic price.
const DAG_GREEDY: usize = 2_000;

/// The best greedy choice for `part`, found at the costs of `by`, which has the same nodes.
pub(super) fn incumbent(part: &Work, by: &Work) -> Option<(f64, Picks)> {
    let mut tries: Vec<Settled> = vec![settle(by, &mut TreeCost::new(by))];
    if part.len() <= DAG_GREEDY {
        tries.push(settle(by, &mut DagCost::new(by)));
    }
    let best = tries.iter().min_by(|a, b| a.cost(part).total_cmp(&b.cost(part)))?;
    let complete = (0..part.len()).all(|c| !part.forced[c] || best.node[c].is_some());
    complete.then(|| (best.cost(part), best.picks(part)))
}

/// Shares of its cost by which a node is dearer than what a relaxation says of it: where that is nothing for many, they decide.
const OWN: [f64; 3] = [0.3, 0.1, 0.03];

/// The best greedy choice for `part` at the `reduced` costs of a relaxation, which know what is shared.
pub(super) fn led(part: &Work, reduced: &[Vec<f64>]) -> Option<(f64, Picks)> {
    let at = |own: f64| {
        let mut by = part.clone();
        for (nodes, reduced) in by.nodes.iter_mut().zip(reduced) {
            nodes.iter_mut().zip(reduced).for_each(|(node, reduced)| node.cost = reduced + own * node.cost);
        }
        incumbent(part, &by)
    };
    OWN.into_iter().filter_map(at).min_by(|a, b| a.0.total_cmp(&b.0))
}

/// A price as a key; NaN, which sums of overflowing prices cannot give, would come last.
#[derive(Clone, Copy)]
struct Ordered(f64);

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
