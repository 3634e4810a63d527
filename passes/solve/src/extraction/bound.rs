//! A lower bound by sharing: each class's cost is divided among the classes that may read it.
//!
//! This is the dual of the linear relaxation without ordering variables. Class `c` pays `share[c][k]` for
//! child `k`; a class takes in at most the cheapest of its nodes' own cost plus payments. What forced
//! classes take in adds up to the bound, and what a node costs above its class's intake is its reduced
//! cost. Any shares give a valid bound; alternating passes improve them.

use super::greedy::{TreeCost, settle};
use super::work::Work;
use crate::certificate;

/// A bound and what it says about each node.
pub(super) struct Dual {
    /// No solution costs less.
    pub(super) bound: f64,
    /// A solution with node `n` of class `c` costs at least `bound + reduced[c][n]`.
    pub(super) reduced: Vec<Vec<f64>>,
    /// Why.
    pub(super) shares: certificate::Shares,
}

struct Sharing<'a> {
    work: &'a Work,
    /// Rank of each class in an order in which the cheapest way to make it comes first.
    rank: Vec<usize>,
    order: Vec<usize>,
    children: Vec<Vec<u32>>,
    /// Edge numbers of each node's children.
    edges: Vec<Vec<Vec<usize>>>,
    users: Vec<Vec<(usize, usize)>>,
    share: Vec<Vec<f64>>,
    /// What forced classes take in from outside.
    demand: Vec<f64>,
}

/// The bound after `rounds` improvements.
pub(super) fn dual(work: &Work, rounds: usize) -> Dual {
    let mut shares = Sharing::new(work);
    let mut last = f64::NEG_INFINITY;
    for round in 0..rounds {
        shares.spread(round);
        let bound = shares.bound();
        if bound <= last + 1e-9 * last.abs() && round > 4 {
            break;
        }
        last = bound;
        shares.reclaim(round);
    }
    shares.spread(rounds);
    let reduced = (0..work.len())
        .map(|c| {
            let intake = shares.intake(c);
            (0..work.nodes[c].len()).map(|n| (shares.price(c, n) - intake).max(0.0)).collect()
        })
        .collect();
    // Rounding of long sums must not make the bound too high.
    let bound = shares.bound();
    Dual { bound: (bound - 1e-11 * bound.abs()).max(0.0), reduced, shares: shares.certified() }
}

impl<'a> Sharing<'a> {
    fn new(work: &'a Work) -> Self {
        let order = settle(work, &mut TreeCost::new(work)).order;
        let mut rank = vec![usize::MAX; work.len()];
        order.iter().enumerate().for_each(|(at, c)| rank[*c] = at);
        let children = work.edges();
        let edge = |c: usize, k: &u32| children[c].binary_search(k).ok();
        let edges = (0..work.len())
            .map(|c| work.nodes[c].iter().map(|n| n.children.iter().filter_map(|k| edge(c, k)).collect()).collect())
            .collect();
        let mut users = vec![Vec::new(); work.len()];
        for (c, list) in children.iter().enumerate() {
            for (e, &k) in list.iter().enumerate() {
                if rank[k as usize] < rank[c] {
                    users[k as usize].push((c, e));
                }
            }
        }
        let share = children.iter().map(|list| vec![0.0; list.len()]).collect();
        Sharing { work, rank, order, edges, users, share, demand: vec![0.0; work.len()], children }
    }

    /// The dual values, by original class.
    fn certified(&self) -> certificate::Shares {
        let origin = &self.work.origin;
        let mut out = certificate::Shares::default();
        for (c, shares) in self.share.iter().enumerate() {
            let paid = self.children[c].iter().zip(shares).filter(|(_, share)| **share > 0.0);
            out.payments.extend(paid.map(|(k, share)| (origin[c], origin[*k as usize], *share)));
        }
        let demands = origin.iter().zip(&self.demand).filter(|(_, demand)| **demand > 0.0);
        out.demand = demands.map(|(c, demand)| (*c, *demand)).collect();
        out
    }

    fn bound(&self) -> f64 {
        self.demand.iter().sum()
    }

    fn intake(&self, c: usize) -> f64 {
        self.users[c].iter().map(|&(p, e)| self.share[p][e]).sum::<f64>() + self.demand[c]
    }

    fn price(&self, c: usize, n: usize) -> f64 {
        self.work.nodes[c][n].cost + self.edges[c][n].iter().map(|e| self.share[c][*e]).sum::<f64>()
    }

    /// Children first: hands each class's slack to its users, rather to those whose cheapest nodes read it.
    fn spread(&mut self, round: usize) {
        for at in 0..self.order.len() {
            let c = self.order[at];
            let cheapest = (0..self.work.nodes[c].len()).map(|n| self.price(c, n)).fold(f64::INFINITY, f64::min);
            let slack = cheapest - self.intake(c);
            let some = slack > 0.0 && slack.is_finite();
            if !some {
                continue;
            }
            if self.work.forced[c] {
                self.demand[c] += slack;
                continue;
            }
            let weight = |&(p, e): &(usize, usize)| if round == 0 || self.useful(p, e) { 1.0 } else { 0.2 };
            let weights: Vec<f64> = self.users[c].iter().map(weight).collect();
            let total: f64 = weights.iter().sum();
            for (&(p, e), weight) in self.users[c].iter().zip(weights) {
                self.share[p][e] += slack * weight / total;
            }
        }
    }

    /// Whether every cheapest node of `p` pays on edge `e`.
    fn useful(&self, p: usize, e: usize) -> bool {
        let (mut with, mut without) = (f64::INFINITY, f64::INFINITY);
        for (n, edges) in self.edges[p].iter().enumerate() {
            let price = self.price(p, n);
            if edges.contains(&e) { with = with.min(price) } else { without = without.min(price) }
        }
        with < without
    }

    /// Users first: takes back what is paid beyond what the user's own intake needs.
    fn reclaim(&mut self, round: usize) {
        for at in (0..self.order.len()).rev() {
            let c = self.order[at];
            let intake = self.intake(c);
            let count = self.children[c].len();
            for step in 0..count {
                let e = (step + round) % count;
                if self.rank[self.children[c][e] as usize] >= self.rank[c] {
                    continue;
                }
                let pays = |n: &usize| self.edges[c][*n].contains(&e);
                let spare = (0..self.edges[c].len()).filter(pays).map(|n| self.price(c, n) - intake);
                let spare = spare.fold(f64::INFINITY, f64::min).max(0.0);
                self.share[c][e] -= spare.min(self.share[c][e]);
            }
        }
    }
}
