//! Bounds on makespans, and on makespan and energy together, of choices that keep capacities.
//!
//! As for costs, prices are put on what is taken: here a unit that is taken delays what reads it by so many seconds. A plan whose tasks
//! are each delayed by something ends later by no more than the sum of the delays: what starts after a task ends is moved back by its delay, and
//! nothing that shares a resource meets. So a choice that takes no more than there is ends no earlier than the bound with delays, less the
//! delay of all there is. What lies early may hold every resource instead of delaying readers, which raises loads where the other raises paths. And where
//! room has a price in joules too, both together are bounded in the same way.

use super::ask::below;
use super::bound::{Bound, Limits, Stretches};
use super::envelope::Envelope;
use super::problem::{Node, Problem};
use crate::extraction;
use prism_support::Result;
use std::collections::BTreeSet;

/// Multiples of prices that are looked at.
const MULTIPLES: [f64; 5] = [0.75, 0.9, 1.0, 1.1, 1.25];
/// Solves for prices.
const PRICES: u64 = 16;

/// What no plan that keeps the capacities of an e-graph can be below.
pub struct Keeping {
    /// No such plan is shorter, seconds.
    pub fastest: f64,
    limits: Limits,
    /// What nodes take, of those that do not take more than there is.
    rows: extraction::Problem,
    /// The problems with delays that say most: with longer paths, and with more loads.
    delayed: Vec<Delayed>,
}

/// A problem in which what takes room is delayed.
struct Delayed {
    problem: Problem,
    walk: Stretches,
    bound: Bound,
    /// The delay of all the room there is.
    all: f64,
}

impl Delayed {
    fn new(problem: Problem, rows: &extraction::Problem, prices: &[f64], limits: &Limits) -> Result<Delayed> {
        problem.validate(&|c| c.0.to_string())?;
        let mut walk = Stretches::new(&problem, limits.effort);
        walk.solve();
        let mut extractions = limits.extractions;
        let (bound, _) = walk.bound(&problem, &[], f64::INFINITY, &mut extractions)?;
        Ok(Delayed { problem, walk, bound, all: all(rows, prices) })
    }

    fn fastest(&self) -> f64 {
        self.bound.makespan - self.all
    }
}

impl Keeping {
    /// What capacities do to plans; `None` where they do not keep any choice from being fast. `rows` is the same e-graph as `problem`,
    /// with what nodes take.
    ///
    /// # Errors
    /// As [`bound`](super::bound).
    pub fn new(problem: &Problem, rows: &extraction::Problem, limits: &Limits) -> Result<Option<Keeping>> {
        let Some(by_paths) = prices(problem, rows, &|n| n.latency) else { return Ok(None) };
        let (problem, rows) = &possible(problem, rows);
        let mut keeping = Keeping { fastest: 0.0, limits: limits.clone(), rows: rows.clone(), delayed: Vec::new() };
        keeping.add(problem, &by_paths, readers)?;
        // Where loads bind, what room is worth is what it takes off them.
        let loaded = Delayed::new(resources(problem, rows, &by_paths), rows, &by_paths, limits)?;
        if let Some(weights) = loaded.bound.weights(problem.resources.len()) {
            let load = |n: &Node| n.uses.iter().map(|u| weights[u.0 as usize] * u.1).sum();
            let by_loads = prices(problem, rows, &load).unwrap_or(by_paths);
            keeping.add(problem, &by_loads, resources)?;
        }
        Ok(Some(keeping))
    }

    /// The best of multiples of prices.
    fn add(&mut self, problem: &Problem, prices: &[f64], delay: Delay) -> Result<()> {
        let mut best: Option<Delayed> = None;
        for multiple in MULTIPLES {
            let prices: Vec<f64> = prices.iter().map(|p| p * multiple).collect();
            let delayed = Delayed::new(delay(problem, &self.rows, &prices), &self.rows, &prices, &self.limits)?;
            if best.as_ref().is_none_or(|best| delayed.fastest() > best.fastest()) {
                best = Some(delayed);
            }
        }
        self.fastest = best.iter().map(Delayed::fastest).fold(self.fastest, f64::max);
        self.delayed.extend(best);
        Ok(())
    }

    /// What such plans cannot be below in makespan and in what `energy` says of their nodes together.
    ///
    /// # Errors
    /// As [`bound`](super::bound).
    pub fn envelope(&self, energy: &dyn Fn(&Node) -> f64) -> Result<Envelope> {
        let mut both = Envelope::above(0.0, self.fastest);
        for d in &self.delayed {
            // What is taken costs energy too, or all that saves some would be held.
            let joules = prices(&d.problem, &self.rows, energy).unwrap_or_default();
            let mut problem = d.problem.clone();
            for (class, rows) in problem.classes.iter_mut().zip(&self.rows.classes) {
                let nodes = class.nodes.iter_mut().zip(&rows.nodes);
                nodes.for_each(|(node, row)| node.charged = energy(node) + price(row, &joules));
            }
            let charged = |n: &Node| n.charged;
            let (_, envelope, _) = below(&problem, &d.walk, &d.bound, f64::INFINITY, &charged, &self.limits)?;
            both = both.and(&envelope.less(d.all, all(&self.rows, &joules)));
        }
        Ok(both)
    }
}

type Delay = fn(&Problem, &extraction::Problem, &[f64]) -> Problem;

/// What a unit of each capacity is worth where a node costs what `cost` says; `None` where the least choice keeps them anyway.
fn prices(problem: &Problem, rows: &extraction::Problem, cost: &dyn Fn(&Node) -> f64) -> Option<Vec<f64>> {
    let mut priced = rows.clone();
    for (class, timed) in priced.classes.iter_mut().zip(&problem.classes) {
        class.nodes.iter_mut().zip(&timed.nodes).for_each(|(node, timed)| node.cost = cost(timed));
    }
    let limits = extraction::Limits { priced: PRICES, ..extraction::Limits::default() };
    // Where nothing was found, no prices are known, which say nothing false.
    let (_, proof) = extraction::solve_certified(&priced, &limits).ok()?;
    proof.kept.map(|kept| kept.prices().map_or_else(Vec::new, <[f64]>::to_vec))
}

/// The price of all the room there is.
fn all(rows: &extraction::Problem, prices: &[f64]) -> f64 {
    prices.iter().zip(&rows.capacities).map(|(price, c)| price * c.most as f64).sum()
}

/// Both without nodes that take more than there is, which are in no choice that keeps it.
fn possible(problem: &Problem, rows: &extraction::Problem) -> (Problem, extraction::Problem) {
    let (mut problem, mut rows) = (problem.clone(), rows.clone());
    let most: Vec<u64> = rows.capacities.iter().map(|c| c.most).collect();
    for (class, row) in problem.classes.iter_mut().zip(&mut rows.classes) {
        let fits = |n: &extraction::Node| n.takes.iter().zip(&most).all(|(takes, most)| takes <= most);
        let mut stays = row.nodes.iter().map(fits);
        class.nodes.retain(|_| stays.next().unwrap_or(true));
        row.nodes.retain(fits);
    }
    (problem, rows)
}

/// The price of what a node takes.
fn price(node: &extraction::Node, prices: &[f64]) -> f64 {
    node.takes.iter().zip(prices).map(|(takes, price)| *takes as f64 * price).sum()
}

/// The problem in which what takes room, and needs nothing that takes time, first holds every resource for the price of that: all of these
/// may be done one after the other before everything else.
fn resources(problem: &Problem, rows: &extraction::Problem, prices: &[f64]) -> Problem {
    let mut out = problem.clone();
    let timeless = timeless(problem);
    for (class, rows) in out.classes.iter_mut().zip(&rows.classes) {
        for (node, row) in class.nodes.iter_mut().zip(&rows.nodes) {
            let price = price(row, prices);
            if price > 0.0 && node.children.iter().all(|k| timeless.get(k.index()) == Some(&true)) {
                node.latency += price;
                node.uses = (0u32..).zip(&problem.resources).map(|(r, _)| (r, price + held(node, r))).collect();
            }
        }
    }
    out
}

fn held(node: &Node, r: u32) -> f64 {
    node.uses.iter().find(|u| u.0 == r).map_or(0.0, |u| u.1)
}

/// Classes all ways to which take no time.
fn timeless(problem: &Problem) -> Vec<bool> {
    let mut timeless = vec![true; problem.classes.len()];
    loop {
        let free = |n: &Node| n.latency == 0.0 && n.children.iter().all(|k| timeless.get(k.index()) == Some(&true));
        let next: Vec<bool> = problem.classes.iter().map(|c| c.nodes.iter().all(free)).collect();
        if next == timeless {
            return timeless;
        }
        timeless = next;
    }
}

/// The problem in which what reads a class that takes room is delayed. Each reader bears an even share, so that all of them together bear no
/// more than the price, whichever are chosen.
fn readers(problem: &Problem, rows: &extraction::Problem, prices: &[f64]) -> Problem {
    let price = |class: &extraction::Class| class.nodes.iter().map(|n| price(n, prices)).fold(f64::INFINITY, f64::min);
    let prices: Vec<f64> = rows.classes.iter().map(price).map(|p| if p.is_finite() { p } else { 0.0 }).collect();
    let mut readers = vec![0u32; prices.len()];
    for class in &problem.classes {
        let read: BTreeSet<usize> = class.nodes.iter().flat_map(|n| &n.children).map(|k| k.index()).collect();
        for k in read {
            if let Some(readers) = readers.get_mut(k) {
                *readers += 1;
            }
        }
    }
    let mut out = problem.clone();
    for node in out.classes.iter_mut().flat_map(|c| &mut c.nodes) {
        let read: BTreeSet<usize> = node.children.iter().map(|k| k.index()).collect();
        let share = |k: &usize| Some(prices.get(*k)? / f64::from((*readers.get(*k)?).max(1)));
        node.latency += read.iter().filter_map(share).sum::<f64>();
    }
    out
}
