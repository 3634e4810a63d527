//! Branch and bound over the choices of a segment.

use super::apart::{Apart, by_loads};
use super::net::{Net, Way};
use super::relax::{Relaxed, relax};
use crate::schedule::{self, Task};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The way of each class; `None` while it is open.
pub(super) type Decided = Vec<Option<u32>>;

/// What is known about a segment.
#[derive(Clone, Debug)]
pub(super) struct Solved {
    /// No choice and no schedule is shorter, seconds.
    pub(super) bound: f64,
    /// The resource that makes it so long; `None` for a path.
    pub(super) binding: Option<u32>,
    /// The shortest plan found: its makespan, and the way of each class that it needs.
    pub(super) best: Option<(f64, Decided)>,
    /// Sub-problems looked at.
    pub(super) steps: u64,
}

/// A plan so near to the bound, relative, is taken for optimal: that much is rounding.
const NEAR: f64 = 1e-9;
/// A bound that is so near, relative, is not looked at again.
const CLOSE: f64 = 2e-3;

/// Bounds the makespan of `net` and looks for a short plan, best sub-problem first. `effort` is what may be spent, about
/// in ways looked at; what is spent is taken off.
///
/// Where that ends with a gap, it begins anew with a bound on each sub-problem that takes longer: the problem's own stretches, by their loads.
pub(super) fn branch(net: &Net, effort: &mut u64) -> Solved {
    let mut half = *effort / 2;
    let rest = *effort - half;
    let solved = search(net, None, f64::NEG_INFINITY, &mut half);
    *effort = half + rest;
    let best = solved.best.as_ref().map_or(f64::INFINITY, |b| b.0);
    if solved.bound >= best * (1.0 - CLOSE) {
        return solved;
    }
    let again = search(net, Some(Apart::default()), solved.bound, effort);
    let steps = solved.steps + again.steps;
    let plan = [&solved.best, &again.best].into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0)).cloned();
    let higher = if again.bound > solved.bound { again } else { solved };
    Solved { best: plan, steps, ..higher }
}

fn search(net: &Net, apart: Option<Apart>, floor: f64, effort: &mut u64) -> Solved {
    let mut search = Search { net, apart, open: BinaryHeap::new(), nodes: Vec::new(), best: None, steps: 0 };
    search.push(vec![None; net.len()], floor, effort);
    let mut solved = Solved { bound: f64::INFINITY, binding: None, best: None, steps: 0 };
    while let Some(Reverse((_, at))) = search.open.pop() {
        let Some((decided, relaxed)) = search.nodes[at].take() else { continue };
        (solved.bound, solved.binding) = (relaxed.bound, relaxed.binding);
        search.attempt(&decided);
        if search.best.as_ref().is_some_and(|(least, _)| relaxed.bound >= *least * (1.0 - NEAR)) {
            break;
        }
        let Some(class) = undecided(net, &decided, &relaxed) else { break };
        if *effort == 0 {
            break;
        }
        for way in 0..net.ways[class].len() as u32 {
            let mut child = decided.clone();
            child[class] = Some(way);
            search.push(child, relaxed.bound, effort);
        }
    }
    solved.best = search.best;
    solved.steps = search.steps;
    solved
}

struct Search<'a> {
    net: &'a Net,
    /// Bounds sub-problems by their own stretches, where they are.
    apart: Option<Apart>,
    /// Open sub-problems by bound, then age.
    open: BinaryHeap<Reverse<(u64, usize)>>,
    nodes: Vec<Option<(Decided, Relaxed)>>,
    best: Option<(f64, Decided)>,
    steps: u64,
}

impl Search<'_> {
    fn push(&mut self, decided: Decided, parent: f64, effort: &mut u64) {
        let net = self.net.restricted(|c, w| decided[c].is_none_or(|d| d as usize == w));
        let mut relaxed = relax(&net);
        let cost = self.net.way_count() as u64 * (1 + relaxed.needed.len() as u64);
        *effort = effort.saturating_sub(cost);
        self.steps += 1;
        if relaxed.bound.is_finite() {
            if let Some(apart) = &mut self.apart {
                if self.nodes.is_empty() {
                    by_loads(&net, &mut relaxed, effort);
                }
                apart.raise(net, &mut relaxed, effort);
            }
            relaxed.bound = relaxed.bound.max(parent);
            self.open.push(Reverse(((relaxed.bound.max(0.0) + 0.0).to_bits(), self.nodes.len())));
            self.nodes.push(Some((decided, relaxed)));
        }
    }

    /// Schedules the choice that takes the shortest path wherever something is open.
    fn attempt(&mut self, decided: &Decided) {
        let Some(choice) = complete(self.net, decided) else { return };
        let Ok(makespan) = makespan(self.net, &choice) else { return };
        if self.best.as_ref().is_none_or(|(best, _)| makespan < *best) {
            self.best = Some((makespan, choice));
        }
    }
}

/// The class to decide next: of those that have to be made, the one that surely takes longest.
fn undecided(net: &Net, decided: &Decided, relaxed: &Relaxed) -> Option<usize> {
    let open = relaxed.needed.iter().map(|c| *c as usize);
    let open = open.filter(|c| decided[*c].is_none() && net.ways[*c].len() > 1);
    let least = |c: &usize| net.ways[*c].iter().map(|w| w.latency).fold(f64::INFINITY, f64::min);
    open.max_by(|a, b| least(a).total_cmp(&least(b)).then(b.cmp(a)))
}

/// The way of each class that the goal needs, along shortest paths where nothing is decided.
fn complete(net: &Net, decided: &Decided) -> Option<Decided> {
    let banned =
        |c: usize, way: &Way| decided[c].is_some_and(|w| !std::ptr::eq(way, &raw const net.ways[c][w as usize]));
    let made = |c: usize, way: &Way, most: f64| if banned(c, way) { f64::MAX } else { most + way.latency };
    let least = net.least(made, |_, v| v);
    let mut place = vec![usize::MAX; net.len()];
    least.order.iter().enumerate().for_each(|(at, c)| place[*c as usize] = at);
    let mut choice: Decided = vec![None; net.len()];
    let mut todo = vec![net.goal];
    while let Some(c) = todo.pop() {
        if choice[c].is_some() {
            continue;
        }
        let ends = |w: &Way| w.latency + w.children.iter().map(|k| least.value[*k as usize]).fold(0.0, f64::max);
        let possible = |w: &&Way| !banned(c, w) && w.children.iter().all(|k| place[*k as usize] < place[c]);
        let (at, way) = net.ways[c]
            .iter()
            .enumerate()
            .filter(|(_, w)| possible(w))
            .min_by(|a, b| ends(a.1).total_cmp(&ends(b.1)))?;
        choice[c] = Some(at as u32);
        todo.extend(way.children.iter().map(|k| *k as usize));
    }
    Some(choice)
}

/// The makespan of a choice's list schedule.
fn makespan(net: &Net, choice: &Decided) -> prism_support::Result<f64> {
    let chosen: Vec<(usize, &Way)> =
        choice.iter().enumerate().filter_map(|(c, w)| Some((c, net.ways[c].get((*w)? as usize)?))).collect();
    let mut task_of = vec![u32::MAX; net.len()];
    (0u32..).zip(&chosen).for_each(|(task, (c, _))| task_of[*c] = task);
    let task = |(_, w): &(usize, &Way)| Task {
        after: w.children.iter().map(|k| task_of[*k as usize]).collect(),
        uses: w.uses.clone(),
        latency: w.latency,
    };
    let problem = schedule::Problem { resources: net.resources(), tasks: chosen.iter().map(task).collect() };
    Ok(schedule::list_schedule(&problem)?.makespan)
}
