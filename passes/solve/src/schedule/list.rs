//! List scheduling: whenever something becomes free, start the most urgent ready task.
//!
//! R. L. Graham, "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17 (1969), for the
//! method; the second try takes its priorities from a schedule of the reversed graph (K. Y. Li and
//! R. J. Willis, "An iterative scheduling technique for resource-constrained project scheduling",
//! Eur. J. Oper. Res. 56, 1992).

use super::bound::lower_bound;
use super::holdings::Holdings;
use super::insert::insert;
use super::patient::patient;
use super::postpone::postpone;
use super::problem::{Graph, Problem};
use prism_support::Result;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What made a task urgent in the schedule that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// The longest way from the task's start to the end of everything: the critical path first.
    LongestTail,
    /// The latest start in a schedule of the reversed graph, which has seen the resources.
    Backward,
    /// The number of tasks that wait for it, then the longest tail.
    Successors,
    /// The longest way behind the task, or from its start on, each task into the first gap it fits into, so that a unit may
    /// wait for something more urgent.
    Insertion,
    /// The same, where a unit waits for something more urgent only if that comes soon.
    Patience,
}

/// When each task starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Start of each task, seconds, by its position in [`Problem::tasks`].
    pub start: Vec<f64>,
    /// End of the last task, seconds.
    pub makespan: f64,
    /// The rule that gave it.
    pub priority: Priority,
}

/// Rounds of forward and backward passes; the gain after a few is nil.
const ROUNDS: usize = 2;
/// How long units wait, as shares of what could be done meanwhile: little, for what comes in an instant, and more.
const PATIENCE: [f64; 2] = [0.25, 0.7];
/// A schedule so near to the bound, relative, is taken for optimal: that much is rounding.
const NEAR: f64 = 1e-9;

/// A feasible schedule: the best of several priority rules, the first of equals. Fetches, which
/// hold nothing and wait for fetches alone, start as late as their readers allow.
///
/// Deterministic. Time: O((tasks + edges) log tasks) as long as the tasks hold few different sets of resources.
///
/// # Errors
/// `E0801` when the problem is not sound: a cycle, a missing resource, a time that is negative or not finite.
pub fn list_schedule(problem: &Problem) -> Result<Schedule> {
    let graph = Graph::new(problem)?;
    let mut best = best_of_rules(&graph);
    postpone(&graph, &mut best.start);
    Ok(best)
}

fn best_of_rules(graph: &Graph<'_>) -> Schedule {
    let tails = graph.tails();
    let holdings = Holdings::new(graph.problem);
    let mut best = graph.forward(&holdings, &tails, Priority::LongestTail);
    let least = lower_bound(graph).makespan * (1.0 + NEAR);
    let mut current = best.start.clone();
    for _ in 0..ROUNDS {
        if best.makespan <= least {
            return best;
        }
        let urgency = graph.backward(&holdings, &current);
        let again = graph.forward(&holdings, &urgency, Priority::Backward);
        current.clone_from(&again.start);
        keep(&mut best, again);
    }
    if best.makespan > least {
        let by_count = rank(graph, &tails);
        keep(&mut best, graph.forward(&holdings, &by_count, Priority::Successors));
    }
    // By what comes after a task, and by what comes from its start on; neither is better in general.
    let after: Vec<f64> = tails.iter().zip(&graph.problem.tasks).map(|(tail, t)| (tail - t.latency).max(0.0)).collect();
    for urgency in [after, tails] {
        for patience in PATIENCE {
            if best.makespan > least
                && let Some(start) = patient(graph, &holdings, &urgency, patience)
            {
                keep(&mut best, Schedule { makespan: graph.end(&start), start, priority: Priority::Patience });
            }
        }
        if best.makespan > least {
            graph.insertions(urgency, &mut best);
        }
    }
    best
}

fn keep(best: &mut Schedule, other: Schedule) {
    if other.makespan < best.makespan {
        *best = other;
    }
}

/// Urgency by number of successors, the tail breaking ties.
fn rank(graph: &Graph<'_>, tails: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..tails.len()).collect();
    let count = |i: usize| graph.successors(i).len();
    order.sort_by(|&a, &b| count(a).cmp(&count(b)).then(tails[a].total_cmp(&tails[b])));
    let mut urgency = vec![0.0; tails.len()];
    for (place, task) in order.into_iter().enumerate() {
        urgency[task] = place as f64;
    }
    urgency
}

impl Graph<'_> {
    fn forward(&self, holdings: &Holdings, urgency: &[f64], priority: Priority) -> Schedule {
        let waits = self.problem.tasks.iter().map(|t| t.after.len()).collect();
        let start = Run::new(self.problem, holdings, urgency, waits).run(|task, visit| {
            self.successors(task).iter().for_each(|&later| visit(later));
        });
        Schedule { makespan: self.end(&start), start, priority }
    }

    /// Inserts the most urgent first, and again by how far from the end each task was in that.
    fn insertions(&self, mut urgency: Vec<f64>, best: &mut Schedule) {
        for _ in 0..=ROUNDS {
            let Some(start) = insert(self, &urgency) else { return };
            let made = Schedule { makespan: self.end(&start), start, priority: Priority::Insertion };
            urgency = made.start.iter().map(|s| made.makespan - s).collect();
            keep(best, made);
        }
    }

    fn end(&self, start: &[f64]) -> f64 {
        start.iter().zip(&self.problem.tasks).map(|(s, task)| s + task.latency).fold(0.0, f64::max)
    }

    /// Runs the reversed graph, the task that ended last in `start` first; gives each task's distance
    /// from its start to the end there. A resource is held from the start in both directions, so this
    /// is a guide to urgency, not a schedule to be mirrored.
    fn backward(&self, holdings: &Holdings, start: &[f64]) -> Vec<f64> {
        let ends: Vec<f64> = start.iter().zip(&self.problem.tasks).map(|(s, t)| s + t.latency).collect();
        let waits = (0..start.len()).map(|i| self.successors(i).len()).collect();
        let reversed = Run::new(self.problem, holdings, &ends, waits).run(|task, visit| {
            self.problem.tasks[task].after.iter().for_each(|&before| visit(before as usize));
        });
        reversed.iter().zip(&self.problem.tasks).map(|(s, t)| s + t.latency).collect()
    }
}

/// A time or urgency as a key: the bits of a float that is not negative are in its own order.
pub(super) fn key(x: f64) -> u64 {
    // Adding zero makes a negative zero positive.
    (x + 0.0).to_bits()
}

/// Urgency first, then the lowest position: a total order, so that equal inputs give equal schedules.
pub(super) type Urgent = (u64, Reverse<usize>);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A unit of that resource is free again.
    Free(usize),
    /// The result of that task is there.
    Done(usize),
}

/// One pass over the tasks in time order.
struct Run<'a> {
    problem: &'a Problem,
    holdings: &'a Holdings,
    urgency: &'a [f64],
    /// Results that each task still waits for.
    waits: Vec<usize>,
    /// Free units of each resource.
    free: Vec<u32>,
    /// Ready tasks of each group.
    ready: Vec<BinaryHeap<Urgent>>,
    /// Groups that may start something, by their most urgent task.
    candidates: BinaryHeap<(Urgent, Reverse<usize>)>,
    /// Groups that wait for a unit of each resource.
    parked: Vec<Vec<usize>>,
    /// What happens when; the time as a [`key`].
    events: BinaryHeap<Reverse<(u64, Event)>>,
    start: Vec<f64>,
}

impl<'a> Run<'a> {
    fn new(problem: &'a Problem, holdings: &'a Holdings, urgency: &'a [f64], waits: Vec<usize>) -> Self {
        Run {
            problem,
            holdings,
            urgency,
            waits,
            free: problem.resources.iter().map(|r| r.capacity).collect(),
            ready: vec![BinaryHeap::new(); holdings.sets.len()],
            candidates: BinaryHeap::new(),
            parked: vec![Vec::new(); problem.resources.len()],
            events: BinaryHeap::new(),
            start: vec![0.0; problem.tasks.len()],
        }
    }

    /// `next(task, visit)` visits the tasks that wait for `task`. Gives every start.
    fn run(mut self, next: impl Fn(usize, &mut dyn FnMut(usize))) -> Vec<f64> {
        for task in 0..self.waits.len() {
            if self.waits[task] == 0 {
                self.make_ready(task);
            }
        }
        self.start_all(0.0);
        while let Some(&Reverse((now, _))) = self.events.peek() {
            // Everything that happens at this instant happens before anything starts at it.
            while let Some(&Reverse((at, event))) = self.events.peek()
                && at == now
            {
                self.events.pop();
                match event {
                    Event::Free(resource) => self.release(resource),
                    Event::Done(task) => next(task, &mut |later| {
                        self.waits[later] -= 1;
                        if self.waits[later] == 0 {
                            self.make_ready(later);
                        }
                    }),
                }
            }
            self.start_all(f64::from_bits(now));
        }
        self.start
    }

    fn make_ready(&mut self, task: usize) {
        let group = self.holdings.of[task];
        let urgent = (key(self.urgency[task]), Reverse(task));
        let first = self.ready[group].peek().is_none_or(|top| urgent > *top);
        self.ready[group].push(urgent);
        if first {
            self.candidates.push((urgent, Reverse(group)));
        }
    }

    fn release(&mut self, resource: usize) {
        self.free[resource] += 1;
        for group in std::mem::take(&mut self.parked[resource]) {
            self.nominate(group);
        }
    }

    fn nominate(&mut self, group: usize) {
        if let Some(&top) = self.ready[group].peek() {
            self.candidates.push((top, Reverse(group)));
        }
    }

    fn start_all(&mut self, now: f64) {
        while let Some((urgent, Reverse(group))) = self.candidates.pop() {
            // A nomination is stale when its task has started or a more urgent one has come since.
            if self.ready[group].peek() != Some(&urgent) {
                continue;
            }
            let full = self.holdings.sets[group].iter().find(|&&r| self.free[r] == 0);
            if let Some(&full) = full {
                if !self.parked[full].contains(&group) {
                    self.parked[full].push(group);
                }
                continue;
            }
            self.ready[group].pop();
            self.begin(urgent.1.0, now);
            self.nominate(group);
        }
    }

    fn begin(&mut self, task: usize, now: f64) {
        let work = &self.problem.tasks[task];
        self.start[task] = now;
        for &(resource, held) in work.uses.iter().filter(|u| u.1 > 0.0) {
            self.free[resource as usize] -= 1;
            self.events.push(Reverse((key(now + held), Event::Free(resource as usize))));
        }
        self.events.push(Reverse((key(now + work.latency), Event::Done(task))));
    }
}
