//! Tasks grouped by the set of resources that they hold.

use super::problem::Problem;
use std::collections::BTreeMap;

/// A group is blocked or free as a whole.
pub(super) struct Holdings {
    /// The resources of each group, ascending.
    pub(super) sets: Vec<Vec<usize>>,
    /// The group of each task.
    pub(super) of: Vec<usize>,
}

impl Holdings {
    /// The groups of a problem's tasks, in order of their first.
    pub(super) fn new(problem: &Problem) -> Self {
        let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        let of = problem.tasks.iter().map(|task| {
            let mut set: Vec<usize> = task.uses.iter().filter(|u| u.1 > 0.0).map(|u| u.0 as usize).collect();
            set.sort_unstable();
            let next = known.len();
            *known.entry(set).or_insert(next)
        });
        let of = of.collect();
        let mut sets = vec![Vec::new(); known.len()];
        for (set, group) in known {
            sets[group] = set;
        }
        Holdings { sets, of }
    }
}
