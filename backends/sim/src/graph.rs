//! The plan's names resolved to positions, and the order in which tasks are issued.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::plan::{Plan, Resource};

/// A plan that is known to be executable.
pub(crate) struct Graph<'a> {
    /// The plan.
    pub(crate) plan: &'a Plan,
    /// The tasks that wait for each task, one entry for each time they name it.
    pub(crate) readers: Vec<Vec<usize>>,
    /// Position of the resource and time held, for each entry of a task's `busy_s`.
    pub(crate) holds: Vec<Vec<(usize, f64)>>,
    /// All tasks in the order of their planned starts, each behind the tasks that it waits for.
    pub(crate) order: Vec<usize>,
}

/// A finite time as a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct At(pub(crate) f64);

impl Eq for At {}

impl Ord for At {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The tasks that wait for each task.
pub(crate) fn readers(plan: &Plan) -> Vec<Vec<usize>> {
    let mut readers = vec![Vec::new(); plan.tasks.len()];
    for (index, task) in plan.tasks.iter().enumerate() {
        for &before in &task.after {
            if let Some(list) = readers.get_mut(before as usize) {
                list.push(index);
            }
        }
    }
    readers
}

/// Tasks by planned start, none before one that it waits for. Shorter than the plan when there is a cycle.
pub(crate) fn issue_order(plan: &Plan, readers: &[Vec<usize>]) -> Vec<usize> {
    let key = |i: usize| Reverse((At(plan.tasks[i].start_s), i));
    let mut waits: Vec<usize> = plan.tasks.iter().map(|t| t.after.len()).collect();
    let mut ready: BinaryHeap<_> = (0..waits.len()).filter(|&i| waits[i] == 0).map(key).collect();
    let mut order = Vec::with_capacity(waits.len());
    while let Some(Reverse((_, task))) = ready.pop() {
        order.push(task);
        for &reader in &readers[task] {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                ready.push(key(reader));
            }
        }
    }
    order
}

impl Graph<'_> {
    /// The resource at a position that came from `holds`.
    pub(crate) fn resource(&self, position: usize) -> &Resource {
        &self.plan.resources[position]
    }
}
