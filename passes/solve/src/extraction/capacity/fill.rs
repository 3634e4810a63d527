//! The best choice from takers that fit together.

use super::prices::sides;
use super::room::{Case, Room};
use std::collections::BTreeSet;

/// Most sums that are looked at.
const SUMS: usize = 200_000;

/// Takers that fit together: those of the choice that fits, then of those that would be chosen were there room the ones
/// that take most of what is left, then any. The best choice without all others is met.
pub(super) fn fill(room: &mut Room<'_>, case: &Case, usable: &[u64], prices: &[f64]) {
    let (over, under) = sides(room, case, usable, prices);
    let mut chosen: BTreeSet<usize> = under.map(|m| m.takers.clone()).unwrap_or_default();
    chosen.extend(&case.with);
    let wanted: Vec<usize> = over.map(|m| m.takers.difference(&chosen).copied().collect()).unwrap_or_default();
    let mut left = left(room, &chosen);
    if let [one] = left.as_slice() {
        chosen.extend(fullest(room, &wanted, *one));
        left = self::left(room, &chosen);
    }
    // What takes most first: it is hardest to fit later.
    let mut rest: Vec<usize> = (0..room.takers.len()).filter(|t| !chosen.contains(t)).collect();
    let size = |t: &usize| room.takers.get(*t).map_or(0, |t| t.takes.iter().sum::<u64>());
    rest.sort_by_key(|t| (!wanted.contains(t), std::cmp::Reverse(size(t)), *t));
    for taker in rest {
        let takes = room.takers.get(taker).map(|t| t.takes.as_slice()).unwrap_or_default();
        if takes.iter().zip(&left).all(|(takes, left)| takes <= left) {
            takes.iter().zip(&mut left).for_each(|(takes, left)| *left -= takes);
            chosen.insert(taker);
        }
    }
    let without = (0..room.takers.len()).filter(|t| !chosen.contains(t)).collect();
    let work = room.work(&Case { with: BTreeSet::new(), without });
    room.solve(work);
}

/// What is left of each capacity.
fn left(room: &Room<'_>, chosen: &BTreeSet<usize>) -> Vec<u64> {
    let taken = |at: usize| {
        let of = chosen.iter().filter_map(|t| room.takers.get(*t)?.takes.get(at));
        of.fold(0u64, |sum, takes| sum.saturating_add(*takes))
    };
    room.problem.capacities.iter().enumerate().map(|(at, c)| c.most.saturating_sub(taken(at))).collect()
}

/// Those of `from` that together take most without taking more than `left` of the one capacity.
fn fullest(room: &Room<'_>, from: &[usize], left: u64) -> BTreeSet<usize> {
    // How each sum is come by: the last taker, and the sum before it.
    let mut sums: std::collections::BTreeMap<u64, Option<(usize, u64)>> = [(0, None)].into();
    for &taker in from {
        let takes = room.takers.get(taker).and_then(|t| t.takes.first()).copied().unwrap_or(0);
        let more: Vec<u64> = sums.keys().filter_map(|sum| sum.checked_add(takes)).filter(|sum| *sum <= left).collect();
        for sum in more {
            if takes > 0 && !sums.contains_key(&sum) && sums.len() < SUMS {
                sums.insert(sum, Some((taker, sum - takes)));
            }
        }
    }
    let mut chosen = BTreeSet::new();
    let mut at = sums.keys().next_back().copied().unwrap_or(0);
    while let Some(Some((taker, before))) = sums.get(&at) {
        chosen.insert(*taker);
        at = *before;
    }
    chosen
}
