//! Bounds on makespans of choices that keep capacities.
//!
//! As for costs, prices are put on what is taken: here a unit that is taken delays what reads it by so many seconds. A plan whose tasks
//! are each delayed by something ends later by no more than the sum of the delays: what starts after a task ends is moved back by its delay, and
//! nothing that shares a resource meets. So a choice that takes no more than there is ends no earlier than the bound with delays, less the
//! delay of all there is.

use super::bound::{Limits, bound};
use super::problem::Problem;
use crate::extraction;
use prism_support::Result;
use std::collections::BTreeSet;

/// Multiples of the given prices that are looked at.
const MULTIPLES: [f64; 5] = [0.75, 0.9, 1.0, 1.1, 1.25];

/// What no plan that keeps the capacities of `rows`, the same e-graph, can be faster than: the best bound at multiples of `prices`, seconds for
/// each unit that is taken.
///
/// # Errors
/// As [`bound`].
pub fn bound_keeping(problem: &Problem, rows: &extraction::Problem, prices: &[f64], limits: &Limits) -> Result<f64> {
    let mut best = 0.0f64;
    for multiple in MULTIPLES {
        let prices: Vec<f64> = prices.iter().map(|p| p * multiple).collect();
        let all: f64 = prices.iter().zip(&rows.capacities).map(|(price, c)| price * c.most as f64).sum();
        best = best.max(bound(&delayed(problem, rows, &prices), limits)?.makespan - all);
    }
    Ok(best)
}

/// The problem in which what reads a class that takes room is delayed. Each reader bears an even share, so that all of them together bear no
/// more than the price, whichever are chosen.
fn delayed(problem: &Problem, rows: &extraction::Problem, prices: &[f64]) -> Problem {
    let price = |class: &extraction::Class| {
        let of = |n: &extraction::Node| n.takes.iter().zip(prices).map(|(takes, price)| *takes as f64 * price).sum();
        class.nodes.iter().map(of).fold(f64::INFINITY, f64::min)
    };
    let prices: Vec<f64> = rows.classes.iter().map(price).map(|p| if p.is_finite() { p } else { 0.0 }).collect();
    let most = &rows.capacities.iter().map(|c| c.most).collect::<Vec<_>>();
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
    // What takes more than there is is in no choice that keeps it.
    for (class, rows) in out.classes.iter_mut().zip(&rows.classes) {
        let mut stays = rows.nodes.iter().map(|n| n.takes.iter().zip(most).all(|(takes, most)| takes <= most));
        class.nodes.retain(|_| stays.next().unwrap_or(true));
    }
    for node in out.classes.iter_mut().flat_map(|c| &mut c.nodes) {
        let read: BTreeSet<usize> = node.children.iter().map(|k| k.index()).collect();
        let share = |k: &usize| Some(prices.get(*k)? / f64::from((*readers.get(*k)?).max(1)));
        node.latency += read.iter().filter_map(share).sum::<f64>();
    }
    out
}
