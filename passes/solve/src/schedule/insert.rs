//! Serial schedule generation: task by task, most urgent first, each into the first gap that it fits into.
//!
//! A list schedule never lets a unit wait while something could run on it, although waiting for something more urgent can be
//! shorter. Inserting tasks one by one does let it wait (R. Kolisch, "Serial and parallel resource-constrained project
//! scheduling methods revisited", Eur. J. Oper. Res. 90, 1996).

use super::problem::Graph;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Steps of a resource's use that one schedule may look at and move, per task.
const EFFORT: u64 = 2_000;

/// The start of each task, or `None` when gaps are so many that looking for them takes too long.
pub(super) fn insert(graph: &Graph<'_>, urgency: &[f64]) -> Option<Vec<f64>> {
    let tasks = &graph.problem.tasks;
    let mut uses: Vec<Use> = graph.problem.resources.iter().map(|r| Use::new(r.capacity)).collect();
    let mut effort = EFFORT.saturating_mul(tasks.len() as u64);
    let mut waits: Vec<usize> = tasks.iter().map(|t| t.after.len()).collect();
    let key = |i: usize| ((urgency[i] + 0.0).to_bits(), Reverse(i));
    let mut ready: BinaryHeap<(u64, Reverse<usize>)> = (0..tasks.len()).filter(|i| waits[*i] == 0).map(key).collect();
    let mut start = vec![0.0_f64; tasks.len()];
    let mut earliest = vec![0.0_f64; tasks.len()];
    while let Some((_, Reverse(task))) = ready.pop() {
        let held = || tasks[task].uses.iter().filter(|u| u.1 > 0.0);
        let mut at = earliest[task];
        // Until no resource objects; each move goes to a later end of somebody's use.
        while let Some(later) = held().find_map(|u| uses[u.0 as usize].blocked_until(at, at + u.1, &mut effort)) {
            at = later;
        }
        for u in held() {
            uses[u.0 as usize].take(at, at + u.1, &mut effort);
        }
        if effort == 0 {
            return None;
        }
        start[task] = at;
        for &later in graph.successors(task) {
            earliest[later] = earliest[later].max(at + tasks[task].latency);
            waits[later] -= 1;
            if waits[later] == 0 {
                ready.push(key(later));
            }
        }
    }
    Some(start)
}

/// How many units of a resource are taken, as steps: from each time on, so many, until the next.
struct Use {
    capacity: u32,
    steps: Vec<(f64, u32)>,
}

impl Use {
    fn new(capacity: u32) -> Self {
        Use { capacity, steps: vec![(0.0, 0)] }
    }

    /// The step in force at a time.
    fn at(&self, time: f64) -> usize {
        self.steps.partition_point(|s| s.0 <= time).saturating_sub(1)
    }

    /// When a unit is next free, if none is at some time in `[from, to)`.
    fn blocked_until(&self, from: f64, to: f64, effort: &mut u64) -> Option<f64> {
        let mut blocked = false;
        for &(time, taken) in &self.steps[self.at(from)..] {
            *effort = effort.saturating_sub(1);
            if blocked && taken < self.capacity {
                return Some(time);
            }
            if time >= to && !blocked {
                return None;
            }
            blocked |= taken >= self.capacity;
        }
        None
    }

    /// Takes a unit during `[from, to)`.
    fn take(&mut self, from: f64, to: f64, effort: &mut u64) {
        if to <= from {
            return;
        }
        let first = self.split(from, effort);
        let last = self.split(to, effort);
        self.steps[first..last].iter_mut().for_each(|s| s.1 += 1);
        // Steps that are none any more go, so that a unit without gaps is one step.
        for at in [last, first] {
            if at > 0 && self.steps.get(at).is_some_and(|s| s.1 == self.steps[at - 1].1) {
                self.steps.remove(at);
            }
        }
    }

    /// The position of a step that begins at `time`.
    fn split(&mut self, time: f64, effort: &mut u64) -> usize {
        let at = self.at(time);
        if self.steps[at].0 == time {
            return at;
        }
        *effort = effort.saturating_sub((self.steps.len() - at) as u64 / 16);
        self.steps.insert(at + 1, (time, self.steps[at].1));
        at + 1
    }
}
