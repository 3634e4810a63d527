//! Branch and bound around the elimination.
//!
//! A sub-problem is simplified, split into independent parts, bounded, and each part eliminated under the
//! bound. Where the tables would grow too large, the linear relaxation bounds the part and a class that it leaves open is decided both
//! ways: once it is required, demands for it are free and the part falls apart; once it is ruled out, its users go.

use super::bound::{Dual, dual};
use super::contract::{Effort, Outcome, Trail, contract};
use super::factor::Budget;
use super::greedy::{incumbent, led};
use super::problem::{Limits, Stats};
use super::reduce::reduce;
use super::relaxation::{Relaxed, relax};
use super::work::{Picks, Work};
use crate::certificate::{Proof, Reduced, Rest, Shares};

/// Passes of the bound at a branching node.
const ROUNDS: usize = 30;
/// Sub-problems below the first get this part of the limits on tables: there, branching is cheaper than width.
const BRANCH_SHARE: usize = 16;
/// Deepest branching.
const DEPTH: usize = 400;

/// What is known about a sub-problem, and why.
pub(super) struct Found<P> {
    /// The best choice that costs less than the given limit, if any was found.
    pub(super) best: Option<(f64, Picks)>,
    /// No choice costs less.
    pub(super) bound: f64,
    /// The reason.
    pub(super) proof: P,
}

/// The search over one problem.
pub(super) struct Search<'a> {
    limits: &'a Limits,
    /// Every difference of costs is a multiple of this (0 if unknown): a better choice is better by as much.
    step: f64,
    /// What is left of [`Limits::branch_work`].
    work: u64,
    /// What is left of [`Limits::relaxation`].
    effort: u64,
    /// What was done so far.
    pub(super) stats: Stats,
}

impl<'a> Search<'a> {
    /// A search over parts of `work`.
    pub(super) fn new(work: &Work, limits: &'a Limits) -> Self {
        let costs = || work.nodes.iter().flatten().map(|n| n.cost);
        let whole = costs().all(|c| c.fract() == 0.0 && c < 1e12);
        let step = if whole { costs().fold(0.0, gcd) } else { 0.0 };
        Search { limits, step, work: limits.branch_work, effort: limits.relaxation, stats: Stats::default() }
    }

    /// The unit in which costs differ; 0 if unknown.
    pub(super) fn step(&self) -> f64 {
        self.step
    }

    /// Choices for `work` that cost less than `limit`.
    pub(super) fn run(&mut self, work: Work, limit: f64, depth: usize) -> Found<Reduced> {
        let (mut picks, mut proof) = (Picks::new(), Reduced::default());
        let Some((work, fixed)) = reduce(work, &mut picks, &mut proof.steps) else {
            return Found { best: None, bound: f64::INFINITY, proof };
        };
        if depth == 0 {
            self.stats.reduced = (work.len(), work.node_count());
        }
        let parts = work.split();
        if depth == 0 {
            self.stats.components = parts.len();
        }
        let mut bounds: Vec<f64> = parts.iter().map(|_| 0.0).collect();
        let mut complete = true;
        let mut cost = fixed;
        for (at, part) in parts.iter().enumerate() {
            let others: f64 = fixed + bounds.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, b)| b).sum::<f64>();
            let found = self.part(part, limit - others, depth);
            bounds[at] = found.bound;
            proof.parts.push((part.origin.clone(), found.proof));
            match found.best {
                Some((more, chosen)) => {
                    cost += more;
                    picks.extend(chosen);
                }
                None => complete = false,
            }
            if !complete {
                break;
            }
        }
        let bound = fixed + bounds.iter().sum::<f64>();
        Found { best: (complete && cost < limit).then_some((cost, picks)), bound, proof }
    }

    /// Solves a connected part.
    fn part(&mut self, part: &Work, limit: f64, depth: usize) -> Found<Proof> {
        if depth == 0 {
            let free: Vec<Vec<f64>> = part.nodes.iter().map(|n| vec![0.0; n.len()]).collect();
            if let (Outcome::Best(cost, picks), trail) = self.eliminate(part, &free, f64::INFINITY, 1) {
                return Found { best: Some((cost, picks)), bound: cost, proof: joined(part, trail, None) };
            }
        }
        let Dual { bound, reduced, shares } = dual(part, ROUNDS);
        let start = incumbent(part, part).filter(|(cost, _)| *cost < limit);
        // Finite, so that a certificate can say it.
        let limit = start.as_ref().map_or(limit, |(cost, _)| *cost).min(f64::MAX);
        let gap = self.gap(limit, bound);
        if gap < 0.0 {
            return Found { best: start, bound: limit, proof: Proof::Shares(shares) };
        }
        let rest = within(part, &reduced, gap);
        if rest.node_count() < part.node_count() && (depth == 0 || rest.node_count() * 10 < part.node_count() * 9) {
            return self.fixed(rest, (bound, shares), start, limit, depth);
        }
        match self.eliminate(part, &reduced, gap, BRANCH_SHARE) {
            (Outcome::Best(cost, picks), trail) if cost < limit => {
                Found { best: Some((cost, picks)), bound: cost, proof: joined(part, trail, Some((shares, limit))) }
            }
            (Outcome::Best(..) | Outcome::Nothing, trail) => {
                Found { best: start, bound: limit, proof: joined(part, trail, Some((shares, limit))) }
            }
            (Outcome::Stuck(class), _) => {
                let by_shares = Found { best: start, bound, proof: Proof::Shares(shares) };
                self.stuck(part, class as usize, by_shares, limit, depth)
            }
        }
    }

    /// Where tables are too wide: the linear relaxation bounds the part, takes away what is too dear by it, and says about what to
    /// branch; where it says nothing more than the shares did, that is `class`.
    fn stuck(&mut self, part: &Work, class: usize, by_shares: Found<Proof>, limit: f64, depth: usize) -> Found<Proof> {
        let Some(Relaxed { dual, open }) = relax(part, &mut self.effort).filter(|r| r.dual.bound >= by_shares.bound)
        else {
            return self.branch(part, decide(part, class, 0), by_shares, limit, depth);
        };
        let Dual { bound, reduced, shares } = dual;
        let start = led(part, &reduced).filter(|(cost, _)| *cost < limit);
        let limit = start.as_ref().map_or(limit, |(cost, _)| *cost);
        let best = start.or(by_shares.best);
        let gap = self.gap(limit, bound);
        if gap < 0.0 {
            return Found { best, bound: limit, proof: Proof::Shares(shares) };
        }
        let rest = within(part, &reduced, gap);
        if rest.node_count() * 10 < part.node_count() * 9 {
            return self.fixed(rest, (bound, shares), best, limit, depth);
        }
        let (class, node) = open.unwrap_or((class, 0));
        let by_shares = Found { best, bound, proof: Proof::Shares(shares) };
        self.branch(part, decide(part, class, node), by_shares, limit, depth)
    }

    /// What `rest`, the ways that may cost less than `limit` by the shares, comes to.
    fn fixed(
        &mut self,
        rest: Work,
        (bound, shares): (f64, Shares),
        start: Option<(f64, Picks)>,
        limit: f64,
        depth: usize,
    ) -> Found<Proof> {
        let found = self.run(rest, limit, depth + 1);
        let proof = Proof::Fixed { shares, limit, rest: Rest(Box::new(found.proof)) };
        Found { best: found.best.or(start), bound: found.bound.min(limit).max(bound), proof }
    }

    /// Solves both cases of a decision. Where that does not end or says no more, what is known `by_shares` stands.
    fn branch(
        &mut self,
        part: &Work,
        (class, node, cases): Decision,
        by_shares: Found<Proof>,
        mut limit: f64,
        depth: usize,
    ) -> Found<Proof> {
        let Found { mut best, bound, proof } = by_shares;
        let mut least = f64::INFINITY;
        let mut proofs = Vec::with_capacity(2);
        for case in cases {
            let size = case.node_count() as u64;
            if self.stats.branches >= self.limits.branch_nodes || size > self.work || depth >= DEPTH {
                return Found { best, bound, proof };
            }
            self.stats.branches += 1;
            self.work -= size;
            let found = self.run(case, limit, depth + 1);
            least = least.min(found.bound);
            proofs.push(Rest(Box::new(found.proof)));
            if let Some((cost, picks)) = found.best.filter(|(cost, _)| *cost < limit) {
                limit = cost;
                best = Some((cost, picks));
            }
        }
        let least = least.min(limit);
        match (proofs.pop(), proofs.pop()) {
            (Some(without), Some(with)) if least > bound => {
                Found { best, bound: least, proof: Proof::Cases { class: part.origin[class], node, with, without } }
            }
            _ => Found { best, bound, proof },
        }
    }

    fn eliminate(&mut self, part: &Work, reduced: &[Vec<f64>], gap: f64, share: usize) -> (Outcome, Trail) {
        let joins = self.limits.table_joins / share as u64;
        let budget = Budget { entries: self.limits.table_entries.div_ceil(share), joins, gap };
        let mut effort = Effort { budget, largest: 0 };
        let outcome = contract(part, reduced, &mut effort);
        self.stats.largest_table = self.stats.largest_table.max(effort.largest);
        self.stats.joins += joins - effort.budget.joins;
        outcome
    }

    /// The largest reduced cost that something better than `limit` can have.
    fn gap(&self, limit: f64, bound: f64) -> f64 {
        limit - bound - self.step * 0.999 + 1e-12 * limit.abs()
    }
}

/// The proof of an elimination in original classes.
fn joined(part: &Work, trail: Trail, within: Option<(Shares, f64)>) -> Proof {
    let class = |c: u32| part.origin[c as usize];
    let order = trail.order.into_iter().map(|(a, b)| (class(a), class(b))).collect();
    Proof::Joined { within, groups: trail.groups, order }
}

/// The nodes of `part` whose reduced costs are within the gap.
fn within(part: &Work, reduced: &[Vec<f64>], gap: f64) -> Work {
    let mut rest = part.clone();
    for (nodes, reduced) in rest.nodes.iter_mut().zip(reduced) {
        let mut reduced = reduced.iter();
        nodes.retain(|_| reduced.next().is_some_and(|r| *r <= gap));
    }
    rest
}

/// A class, the original node where it is by nodes that it is decided, and the two sub-problems.
type Decision = (usize, Option<u32>, [Work; 2]);

/// Two sub-problems that cover `part`, each with less to decide: `class` is made and it is not, or, where every solution has it, it is
/// made by `node` and by others. Where nothing about it is open, another class is taken.
fn decide(part: &Work, class: usize, node: usize) -> Decision {
    let open = |c: &usize| !part.forced[*c];
    let several = |c: &usize| part.nodes[*c].len() > 1;
    let class = Some(class).filter(|c| open(c) || several(c));
    let class = class.or_else(|| (0..part.len()).find(open)).or_else(|| (0..part.len()).find(several)).unwrap_or(0);
    let (mut with, mut without) = (part.clone(), part.clone());
    if !part.forced[class] {
        with.forced[class] = true;
        without.nodes[class].clear();
        return (class, None, [with, without]);
    }
    let origin = part.nodes[class].get(node).or(part.nodes[class].first()).map(|n| n.origin);
    with.nodes[class].retain(|n| Some(n.origin) == origin);
    without.nodes[class].retain(|n| Some(n.origin) != origin);
    (class, origin, [with, without])
}

/// Greatest common divisor of whole numbers.
fn gcd(a: f64, b: f64) -> f64 {
    let (mut a, mut b) = (a, b);
    while b > 0.0 {
        (a, b) = (b, a % b);
    }
    a
}
