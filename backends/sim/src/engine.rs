//! The event loop.
//!
//! Rules. A task is issued when the results that it reads are there, when it is the first of its
//! predecessors in the plan's order on every limited resource that it holds (a unit takes its work in
//! order), and when each of them has a free unit. It then holds them, and its result is there one latency
//! later. The planned times are not used, with one exception: a fetch, which holds nothing limited and waits
//! for other fetches alone, could run at any time, so it is not issued before the plan says.
//!
//! Run on a feasible plan, no task starts later than planned: by induction over the order, everything
//! that it waits for has happened by then, and floating-point addition is monotone.

use crate::graph::{At, Graph};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// When each task ran, seconds.
pub(crate) struct Times {
    pub(crate) start: Vec<f64>,
    pub(crate) end: Vec<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A unit of the resource is free again.
    Free(usize),
    /// The result of the task is there.
    Done(usize),
    /// The plan asks for this fetch now.
    Fetch(usize),
}

struct Engine<'a> {
    graph: &'a Graph<'a>,
    /// Results that each task still waits for.
    waits: Vec<usize>,
    /// Units of each resource that are free; `None` when not limited.
    free: Vec<Option<u32>>,
    /// Tasks that each limited resource has yet to take, in the plan's order.
    queues: Vec<VecDeque<usize>>,
    events: BinaryHeap<Reverse<(At, Event)>>,
    issued: Vec<bool>,
    /// Tasks that hold nothing limited and wait for such tasks alone; known once all that they wait for have run.
    fetches: Vec<bool>,
    times: Times,
}

/// Runs the plan. `Err` names a task that could never be issued.
pub(crate) fn run(graph: &Graph<'_>) -> Result<Times, usize> {
    let mut engine = Engine::new(graph);
    for task in 0..engine.waits.len() {
        engine.ready(task, 0.0);
    }
    while let Some(Reverse((At(now), event))) = engine.events.pop() {
        match event {
            Event::Free(resource) => {
                engine.free[resource] = engine.free[resource].map(|n| n + 1);
                engine.issue_first(resource, now);
            }
            Event::Fetch(task) => engine.issue(task, now),
            Event::Done(task) => {
                for &reader in &graph.readers[task] {
                    engine.waits[reader] -= 1;
                    engine.ready(reader, now);
                }
            }
        }
    }
    match engine.issued.iter().position(|&i| !i) {
        Some(stuck) => Err(stuck),
        None => Ok(engine.times),
    }
}

impl<'a> Engine<'a> {
    fn new(graph: &'a Graph<'a>) -> Self {
        let count = graph.plan.tasks.len();
        let mut engine = Engine {
            graph,
            waits: graph.plan.tasks.iter().map(|t| t.after.len()).collect(),
            free: graph.plan.resources.iter().map(|r| r.capacity).collect(),
            queues: vec![VecDeque::new(); graph.plan.resources.len()],
            events: BinaryHeap::new(),
            issued: vec![false; count],
            fetches: vec![false; count],
            times: Times { start: vec![0.0; count], end: vec![0.0; count] },
        };
        for &task in &graph.order {
            let limited: Vec<usize> = engine.limited(task).map(|(resource, _)| resource).collect();
            for resource in limited {
                engine.queues[resource].push_back(task);
            }
        }
        engine
    }

    /// The limited resources that a task really holds.
    fn limited(&self, task: usize) -> impl Iterator<Item = (usize, f64)> + use<'a> {
        let graph = self.graph;
        let scarce = move |&(r, held): &(usize, f64)| held > 0.0 && graph.resource(r).capacity.is_some();
        graph.holds[task].iter().copied().filter(scarce)
    }

    /// The task waits for one result less: issues it if it can be, or when the plan says if it is a fetch.
    fn ready(&mut self, task: usize, now: f64) {
        if self.waits[task] > 0 {
            return;
        }
        let planned = &self.graph.plan.tasks[task];
        self.fetches[task] =
            self.limited(task).next().is_none() && planned.after.iter().all(|&a| self.fetches[a as usize]);
        if self.fetches[task] && planned.start_s > now {
            self.events.push(Reverse((At(planned.start_s), Event::Fetch(task))));
        } else {
            self.issue(task, now);
        }
    }

    fn issue_first(&mut self, resource: usize, now: f64) {
        if let Some(&task) = self.queues[resource].front() {
            self.issue(task, now);
        }
    }

    /// Issues the task if it can be, and then those that it had blocked.
    fn issue(&mut self, task: usize, now: f64) {
        let mut pending = vec![task];
        while let Some(task) = pending.pop() {
            let first = |r: usize| self.queues[r].front() == Some(&task) && self.free[r] != Some(0);
            if self.issued[task] || self.waits[task] > 0 || !self.limited(task).all(|(r, _)| first(r)) {
                continue;
            }
            self.issued[task] = true;
            let end = now + self.graph.plan.tasks[task].latency_s;
            self.times.start[task] = now;
            self.times.end[task] = end;
            self.events.push(Reverse((At(end), Event::Done(task))));
            for (resource, held) in self.limited(task) {
                self.queues[resource].pop_front();
                self.free[resource] = self.free[resource].map(|n| n.saturating_sub(1));
                self.events.push(Reverse((At(now + held), Event::Free(resource))));
                pending.extend(self.queues[resource].front());
            }
        }
    }
}
