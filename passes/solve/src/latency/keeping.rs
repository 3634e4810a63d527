//! Bounds on makespans of choices that keep capacities.
//!
//! As for costs, prices are put on what is taken: here a unit that is taken delays what reads it by so many seconds. A plan whose tasks
//! are each delayed by something ends later by no more than the sum of the delays: what starts after a task ends is moved back by its delay, and
//! nothing that shares a resource meets. So a choice that takes no more than there is ends no earlier than the bound with delays, less the
//! delay of all there is.

use super::ask::below;
use super::bound::{Limits, Stretches, bound};
use super::envelope::Envelope;
use super::problem::{Node, Problem};
use crate::extraction;
use prism_support::Result;
use std::collections::BTreeSet;

/// Multiples of the given prices that are looked at.
const MULTIPLES: [f64; 5] = [0.75, 0.9, 1.0, 1.1, 1.25];
/// What is delayed: what reads a class that takes room, which lengthens paths, or every resource, which are more loads.
const DELAYED: [Delayed; 2] = [readers, resources];

type Delayed = fn(&Problem, &extraction::Problem, &[f64]) -> Problem;

/// What no plan that keeps the capacities of `rows`, the same e-graph, can be faster than: the best bound at multiples of `prices`, seconds for
/// each unit that is taken.
///
/// # Errors
/// As [`bound`].
pub fn bound_keeping(problem: &Problem, rows: &extraction::Problem, prices: &[f64], limits: &Limits) -> Result<f64> {
    let mut best = 0.0f64;
    for (delayed, multiple) in DELAYED.iter().flat_map(|d| MULTIPLES.map(|m| (d, m))) {
        let prices: Vec<f64> = prices.iter().map(|p| p * multiple).collect();
        best = best.max(bound(&delayed(problem, rows, &prices), limits)?.makespan - all(rows, &prices));
    }
    Ok(best)
}

/// What no plan that keeps the capacities can be below in makespan and in what `energy` says of its nodes together.
///
/// # Errors
/// As [`bound`].
pub fn envelope_keeping(
    problem: &Problem,
    rows: &extraction::Problem,
    prices: &[f64],
    energy: &dyn Fn(&Node) -> f64,
    limits: &Limits,
) -> Result<Envelope> {
    let mut both = Envelope::above(0.0, 0.0);
    for delayed in DELAYED {
        let problem = delayed(problem, rows, prices);
        problem.validate(&|c| c.0.to_string())?;
        let mut walk = Stretches::new(&problem, limits.effort);
        walk.solve();
        let mut extractions = limits.extractions;
        let (fastest, _) = walk.bound(&problem, &[], f64::INFINITY, &mut extractions)?;
        let (_, envelope, _) = below(&problem, &walk, &fastest, f64::INFINITY, energy, limits)?;
        both = both.and(&envelope.sooner(all(rows, prices)));
    }
    Ok(both)
}

/// The price of all there is.
fn all(rows: &extraction::Problem, prices: &[f64]) -> f64 {
    prices.iter().zip(&rows.capacities).map(|(price, c)| price * c.most as f64).sum()
}

/// The problem without nodes that take more than there is, which are in no choice that keeps it.
fn possible(problem: &Problem, rows: &extraction::Problem) -> Problem {
    let most = &rows.capacities.iter().map(|c| c.most).collect::<Vec<_>>();
    let mut out = problem.clone();
    for (class, rows) in out.classes.iter_mut().zip(&rows.classes) {
        let mut stays = rows.nodes.iter().map(|n| n.takes.iter().zip(most).all(|(takes, most)| takes <= most));
        class.nodes.retain(|_| stays.next().unwrap_or(true));
    }
    out
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
    possible(&out, rows)
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
    let mut out = possible(problem, rows);
    for node in out.classes.iter_mut().flat_map(|c| &mut c.nodes) {
        let read: BTreeSet<usize> = node.children.iter().map(|k| k.index()).collect();
        let share = |k: &usize| Some(prices.get(*k)? / f64::from((*readers.get(*k)?).max(1)));
        node.latency += read.iter().filter_map(share).sum::<f64>();
    }
    out
}
