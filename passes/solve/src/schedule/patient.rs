//! Parametrised active schedules: a unit waits a little for something more urgent, and not for long.
//!
//! A list schedule starts a long transfer in the instant between two products that need the link one after the other; insertion never
//! starts it, as it fits into no gap. Between the two lies a schedule for each patience in [0, 1] (B. Giffler and G. L. Thompson, Operations
//! Research 8, 1960; C. Bierwirth and D. C. Mattfeld, Evolutionary Computation 7, 1999). Of the tasks that contend with the one that could end
//! first, the most urgent is taken that can start within that share of the time until that end.

use super::holdings::Holdings;
use super::list::{Urgent, key};
use super::problem::{Graph, Problem};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Tasks that one schedule may look at, per task.
const EFFORT: u64 = 2_000;

/// The start of each task, or `None` when so many wait at once that looking at them takes too long.
pub(super) fn patient(graph: &Graph<'_>, holdings: &Holdings, urgency: &[f64], patience: f64) -> Option<Vec<f64>> {
    let tasks = &graph.problem.tasks;
    let mut run = Run::new(graph.problem, holdings, urgency);
    let mut waits: Vec<usize> = tasks.iter().map(|t| t.after.len()).collect();
    let mut start = vec![0.0_f64; tasks.len()];
    (0..tasks.len()).filter(|i| waits[*i] == 0).for_each(|i| run.arrive(i));
    let mut effort = EFFORT.saturating_mul(tasks.len() as u64);
    while let Some((task, at)) = run.next(patience) {
        let looked_at: usize = run.groups.iter().map(|g| 1 + g.coming.len()).sum();
        effort = effort.checked_sub(looked_at as u64)?;
        start[task] = at;
        run.hold(task, at);
        for &later in graph.successors(task) {
            run.arrival[later] = run.arrival[later].max(at + tasks[task].latency);
            waits[later] -= 1;
            if waits[later] == 0 {
                run.arrive(later);
            }
        }
    }
    Some(start)
}

/// Tasks of one group that wait for nothing but resources.
#[derive(Default)]
struct Group {
    /// Those whose inputs are there when the group's resources are free next, most urgent first.
    ready: BinaryHeap<Urgent>,
    /// The same, shortest first; some have been taken.
    short: BinaryHeap<Reverse<(u64, usize)>>,
    /// Those whose inputs come later.
    coming: Vec<usize>,
}

struct Run<'a> {
    problem: &'a Problem,
    holdings: &'a Holdings,
    urgency: &'a [f64],
    /// How long each task keeps others from its resources.
    held: Vec<f64>,
    /// When each task's inputs are there.
    arrival: Vec<f64>,
    taken: Vec<bool>,
    groups: Vec<Group>,
    /// Groups that share a resource, each with itself.
    rivals: Vec<Vec<usize>>,
    /// When each unit of each resource that was ever held is free.
    free: Vec<BinaryHeap<Reverse<u64>>>,
}

impl<'a> Run<'a> {
    fn new(problem: &'a Problem, holdings: &'a Holdings, urgency: &'a [f64]) -> Self {
        let (sets, count) = (&holdings.sets, problem.tasks.len());
        let shared = |a: usize, b: usize| a == b || sets[a].iter().any(|r| sets[b].binary_search(r).is_ok());
        let rivals = |a: usize| (0..sets.len()).filter(|b| shared(a, *b)).collect();
        Run {
            held: problem.tasks.iter().map(|t| t.uses.iter().map(|u| u.1).fold(0.0, f64::max)).collect(),
            arrival: vec![0.0; count],
            taken: vec![false; count],
            groups: sets.iter().map(|_| Group::default()).collect(),
            rivals: (0..sets.len()).map(rivals).collect(),
            free: vec![BinaryHeap::new(); problem.resources.len()],
            problem,
            holdings,
            urgency,
        }
    }

    fn arrive(&mut self, task: usize) {
        self.groups[self.holdings.of[task]].coming.push(task);
    }

    /// When all resources of a group have a unit free.
    fn free_at(&self, group: usize) -> f64 {
        let next = |r: &usize| self.free[*r].peek().map_or(0.0, |Reverse(at)| f64::from_bits(*at));
        let full = |r: &&usize| self.free[**r].len() >= self.problem.resources[**r].capacity as usize;
        self.holdings.sets[group].iter().filter(full).map(next).fold(0.0, f64::max)
    }

    /// Brings a group up to date: what has come by the time its resources are free is ready.
    fn update(&mut self, group: usize, free_at: f64) {
        let Group { ready, short, coming } = &mut self.groups[group];
        coming.retain(|&task| {
            let later = self.arrival[task] > free_at;
            if !later {
                ready.push((key(self.urgency[task]), Reverse(task)));
                short.push(Reverse((key(self.held[task]), task)));
            }
            later
        });
        while ready.peek().is_some_and(|(_, Reverse(task))| self.taken[*task]) {
            ready.pop();
        }
        while short.peek().is_some_and(|Reverse((_, task))| self.taken[*task]) {
            short.pop();
        }
    }

    /// The next task and its start.
    fn next(&mut self, patience: f64) -> Option<(usize, f64)> {
        let free_at: Vec<f64> = (0..self.groups.len()).map(|g| self.free_at(g)).collect();
        (0..self.groups.len()).for_each(|g| self.update(g, free_at[g]));
        let (end, first) = self.first_to_end(&free_at)?;
        let rivals = || self.rivals[self.holdings.of[first]].iter().copied();
        let soonest = |g: usize| match self.groups[g].ready.is_empty() {
            true => self.groups[g].coming.iter().map(|t| self.arrival[*t]).fold(f64::INFINITY, f64::min),
            false => free_at[g],
        };
        let soonest = rivals().map(soonest).fold(f64::INFINITY, f64::min);
        let limit = soonest + patience * (end - soonest);
        let urgent = |task: usize| (key(self.urgency[task]), Reverse(task));
        let most = rivals().flat_map(|g| {
            let ready = self.groups[g].ready.peek().copied().filter(|_| free_at[g] <= limit);
            let coming = self.groups[g].coming.iter().filter(|t| self.arrival[**t] <= limit);
            ready.into_iter().chain(coming.map(move |t| urgent(*t)))
        });
        let (_, Reverse(task)) = most.max()?;
        Some((task, self.arrival[task].max(free_at[self.holdings.of[task]])))
    }

    /// The task that could end first, and when.
    fn first_to_end(&self, free_at: &[f64]) -> Option<(f64, usize)> {
        let ends = self.groups.iter().zip(free_at).flat_map(|(group, free_at)| {
            let ready = group.short.peek().map(|Reverse((held, task))| (free_at + f64::from_bits(*held), *task));
            ready.into_iter().chain(group.coming.iter().map(|t| (self.arrival[*t] + self.held[*t], *t)))
        });
        ends.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
    }

    fn hold(&mut self, task: usize, at: f64) {
        self.taken[task] = true;
        self.groups[self.holdings.of[task]].coming.retain(|t| *t != task);
        for &(resource, held) in self.problem.tasks[task].uses.iter().filter(|u| u.1 > 0.0) {
            let units = &mut self.free[resource as usize];
            if units.len() >= self.problem.resources[resource as usize].capacity as usize {
                units.pop();
            }
            units.push(Reverse(key(at + held)));
        }
    }
}
