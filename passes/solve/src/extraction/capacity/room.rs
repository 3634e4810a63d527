//! The problem with prices on its capacities, in cases.

use super::super::problem::{Limits, NodeIndex, Problem};
use super::super::search::Search;
use super::super::solve::{assemble, price};
use super::super::work::Work;
use super::{Leaf, none_fits};
use crate::certificate::{Reduced, priced};
use prism_support::Result;
use std::collections::BTreeSet;

/// Solves that are allowed whatever the size of the problem.
const FIRST: u64 = 24;

/// A node that takes room.
pub(super) struct Taker {
    pub(super) class: u32,
    pub(super) node: u32,
    pub(super) takes: Vec<u64>,
}

/// What is decided about takers.
#[derive(Clone, Default)]
pub(super) struct Case {
    pub(super) with: BTreeSet<usize>,
    pub(super) without: BTreeSet<usize>,
}

impl Case {
    /// The two cases in which `taker` is chosen, and in which it is not.
    pub(super) fn decided(&self, taker: usize) -> [Case; 2] {
        let (mut with, mut without) = (self.clone(), self.clone());
        with.with.insert(taker);
        without.without.insert(taker);
        [with, without]
    }
}

/// A choice that was met, whether or not it fits.
#[derive(Clone)]
pub(super) struct Met {
    /// Its own cost, without prices.
    pub(super) cost: f64,
    pub(super) taken: Vec<u64>,
    /// The takers in it.
    pub(super) takers: BTreeSet<usize>,
}

/// What solving a case at some prices gave.
pub(super) struct Priced {
    /// No choice of the case costs less at these prices, room that is not taken left aside.
    pub(super) bound: f64,
    pub(super) proof: Reduced,
    /// The choice, by its place in [`Room::met`]; `None` where there is none.
    pub(super) met: Option<usize>,
}

/// A search for what fits.
pub(super) struct Room<'a> {
    pub(super) problem: &'a Problem,
    limits: &'a Limits,
    base: Work,
    pub(super) takers: Vec<Taker>,
    /// All choices that were met.
    pub(super) met: Vec<Met>,
    best: Option<(f64, Vec<Option<NodeIndex>>)>,
    solves: u64,
    work: u64,
}

impl<'a> Room<'a> {
    pub(super) fn new(problem: &'a Problem, limits: &'a Limits) -> Self {
        let mut takers = Vec::new();
        for (class, c) in (0u32..).zip(&problem.classes) {
            let taking = (0u32..).zip(&c.nodes).filter(|(_, n)| n.takes.iter().any(|t| *t > 0));
            takers.extend(taking.map(|(node, n)| Taker { class, node, takes: n.takes.clone() }));
        }
        let base = Work::new(problem);
        Room { problem, limits, base, takers, met: Vec::new(), best: None, solves: 0, work: 0 }
    }

    /// Where a taker is.
    pub(super) fn place(&self, taker: usize) -> (u32, u32) {
        self.takers.get(taker).map_or((u32::MAX, u32::MAX), |t| (t.class, t.node))
    }

    pub(super) fn best_cost(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |(cost, _)| *cost)
    }

    pub(super) fn best_choice(&self) -> Option<Vec<Option<NodeIndex>>> {
        self.best.as_ref().map(|(_, choice)| choice.clone())
    }

    pub(super) fn solves(&self) -> u64 {
        self.solves
    }

    /// Whether all effort is spent.
    pub(super) fn is_spent(&self) -> bool {
        self.solves >= self.limits.priced || (self.solves >= FIRST && self.work >= self.limits.priced_work)
    }

    /// The problem in a case, at its own costs, without what is too large.
    pub(super) fn work(&self, case: &Case) -> Work {
        let mut work = self.decided(case);
        self.drop_too_large(case, &mut work);
        work
    }

    fn decided(&self, case: &Case) -> Work {
        let mut work = self.base.clone();
        for taker in case.without.iter().filter_map(|t| self.takers.get(*t)) {
            work.nodes[taker.class as usize].retain(|n| n.origin != taker.node);
        }
        for taker in case.with.iter().filter_map(|t| self.takers.get(*t)) {
            work.nodes[taker.class as usize].retain(|n| n.origin == taker.node);
            work.forced[taker.class as usize] = true;
        }
        work
    }

    /// Drops takers that take more than those leave that a case has.
    fn drop_too_large(&self, case: &Case, work: &mut Work) {
        for (at, capacity) in self.problem.capacities.iter().enumerate() {
            let of = |taker: &usize| self.takers.get(*taker).and_then(|t| t.takes.get(at)).copied().unwrap_or(0);
            let taken = case.with.iter().fold(0u64, |sum, t| sum.saturating_add(of(t)));
            let Some(left) = capacity.most.checked_sub(taken) else { continue };
            for taker in (0..self.takers.len()).filter(|t| of(t) > left && !case.with.contains(t)) {
                let (class, node) = self.place(taker);
                work.nodes[class as usize].retain(|n| n.origin != node);
            }
        }
    }

    /// The same at prices.
    pub(super) fn at(&self, case: &Case, prices: &[f64]) -> Work {
        let mut work = self.work(case);
        for taker in &self.takers {
            let node = &self.problem.classes[taker.class as usize].nodes[taker.node as usize];
            let nodes = &mut work.nodes[taker.class as usize];
            nodes.iter_mut().filter(|n| n.origin == taker.node).for_each(|n| n.cost = priced(node, prices));
        }
        work
    }

    /// The same where nothing costs but what is taken of one capacity.
    fn taking(&self, case: &Case, capacity: usize) -> Work {
        let mut work = self.decided(case);
        for (nodes, class) in work.nodes.iter_mut().zip(&self.problem.classes) {
            nodes.iter_mut().for_each(|n| n.cost = class.nodes[n.origin as usize].takes(capacity) as f64);
        }
        work
    }

    /// Solves a problem of the same classes and remembers the choice.
    pub(super) fn solve(&mut self, work: Work) -> Priced {
        self.solves += 1;
        self.work += work.node_count() as u64;
        let mut search = Search::new(&work, self.limits);
        let found = search.run(work, f64::INFINITY, 0);
        let met = found.best.map(|(_, picks)| {
            let choice = assemble(self.problem, &picks);
            self.meet(choice)
        });
        Priced { bound: found.bound, proof: found.proof, met }
    }

    fn meet(&mut self, choice: Vec<Option<NodeIndex>>) -> usize {
        let (cost, taken) = (price(self.problem, &choice), self.problem.taken(&choice));
        let is_in = |t: &Taker| choice.get(t.class as usize) == Some(&Some(NodeIndex(t.node)));
        let takers = self.takers.iter().enumerate().filter(|(_, t)| is_in(t)).map(|(at, _)| at).collect();
        if self.problem.fits(&taken) && cost < self.best_cost() {
            self.best = Some((cost, choice));
        }
        self.met.push(Met { cost, taken, takers });
        self.met.len() - 1
    }

    /// Looks at what is least for each capacity alone, so that there is a choice that keeps it.
    ///
    /// # Errors
    /// `E0709` where there is none.
    pub(super) fn room_at_all(&mut self) -> Result<()> {
        for (at, capacity) in self.problem.capacities.iter().enumerate() {
            let (least, sure) = self.least(at, &Case::default());
            if let Some(least) = least.filter(|least| *least > capacity.most) {
                return Err(none_fits(capacity, least, sure).into());
            }
        }
        Ok(())
    }

    /// The least that a choice of the case takes of a capacity, and whether that is sure; `None` where there is no choice.
    pub(super) fn least(&mut self, capacity: usize, case: &Case) -> (Option<u64>, bool) {
        let found = self.solve(self.taking(case, capacity));
        let least = found.met.and_then(|m| self.met.get(m)).and_then(|m| m.taken.get(capacity)).copied();
        (least, least.is_none_or(|least| found.bound > least as f64 - 0.5))
    }

    /// The choices met that are of a case.
    pub(super) fn of_case<'m>(&'m self, case: &'m Case) -> impl Iterator<Item = &'m Met> {
        self.met.iter().filter(|m| case.with.is_subset(&m.takers) && case.without.is_disjoint(&m.takers))
    }

    /// A case looked at, with the one that it is a case of.
    pub(super) fn leaf(&mut self, case: Case, of: Option<&Leaf>) -> Leaf {
        super::prices::leaf(self, case, of)
    }

    /// Whether a case leaves open whether a taker is chosen.
    pub(super) fn is_free(&self, work: &Work, taker: usize) -> bool {
        let (class, node) = self.place(taker);
        let nodes = work.nodes.get(class as usize).map(Vec::as_slice).unwrap_or_default();
        let forced = work.forced.get(class as usize).copied().unwrap_or(true);
        nodes.iter().any(|n| n.origin == node) && !(forced && nodes.len() == 1)
    }

    /// The most of a capacity that a choice of the case can take without taking too much: beside what all take, amounts
    /// are multiples of a common divisor. Less than nothing where even what all take is too much.
    pub(super) fn usable(&self, work: &Work, capacity: usize) -> Option<u64> {
        let most = self.problem.capacities.get(capacity)?.most;
        let (mut fixed, mut divisor) = (0u64, 0u64);
        for (at, taker) in self.takers.iter().enumerate() {
            let takes = taker.takes.get(capacity).copied().unwrap_or(0);
            if self.is_free(work, at) {
                divisor = gcd(divisor, takes);
            } else if work.nodes[taker.class as usize].iter().any(|n| n.origin == taker.node) {
                fixed = fixed.saturating_add(takes);
            }
        }
        let left = most.checked_sub(fixed)?;
        Some(if divisor == 0 { fixed } else { most - left % divisor })
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
