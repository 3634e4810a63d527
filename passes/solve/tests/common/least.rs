//! The least makespan of small problems, by trying everything.

use prism_solve::extraction::{ClassId, NodeIndex};
use prism_solve::latency::{self, Choice};
use prism_solve::schedule::Problem;

/// The least makespan, by trying every order of the tasks and starting each as early as it fits: that
/// visits all active schedules, and one of them is optimal.
pub(crate) fn least_makespan(problem: &Problem) -> f64 {
    let mut best = f64::INFINITY;
    place(problem, &mut vec![None; problem.tasks.len()], &mut best);
    best
}

fn place(problem: &Problem, start: &mut Vec<Option<f64>>, best: &mut f64) {
    let end = |start: &[Option<f64>], i: usize| start[i].map(|s| s + problem.tasks[i].latency);
    let makespan = (0..start.len()).filter_map(|i| end(start, i)).fold(0.0, f64::max);
    if makespan >= *best {
        return;
    }
    if start.iter().all(Option::is_some) {
        *best = makespan;
        return;
    }
    for i in 0..start.len() {
        let ends: Option<Vec<f64>> = problem.tasks[i].after.iter().map(|&b| end(start, b as usize)).collect();
        let (None, Some(ends)) = (start[i], ends) else { continue };
        let ready = ends.into_iter().fold(0.0, f64::max);
        let mut times: Vec<f64> = problem
            .tasks
            .iter()
            .zip(start.iter())
            .filter_map(|(t, s)| Some((t, (*s)?)))
            .flat_map(|(t, s)| t.uses.iter().map(move |u| s + u.1))
            .filter(|&t| t > ready)
            .collect();
        times.push(ready);
        times.sort_by(f64::total_cmp);
        start[i] = times.into_iter().find(|&t| fits(problem, start, i, t));
        assert!(start[i].is_some(), "after everything else there is room");
        place(problem, start, best);
        start[i] = None;
    }
}

/// Whether task `i` can start at `at`: usage can only rise where something starts.
fn fits(problem: &Problem, start: &[Option<f64>], i: usize, at: f64) -> bool {
    problem.tasks[i].uses.iter().all(|&(r, held)| {
        let others: Vec<(f64, f64)> = problem
            .tasks
            .iter()
            .zip(start)
            .filter_map(|(t, s)| Some((t.uses.iter().find(|u| u.0 == r)?.1, (*s)?)))
            .map(|(held, s)| (s, s + held))
            .collect();
        let moments = others.iter().map(|o| o.0).chain([at]).filter(|&m| m >= at && m < at + held);
        moments.into_iter().all(|m| {
            let busy = others.iter().filter(|o| o.0 <= m && m < o.1).count();
            busy < problem.resources[r as usize].capacity as usize
        })
    })
}

/// A choice with its best schedule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tried {
    pub(crate) makespan: f64,
    pub(crate) energy: f64,
    pub(crate) charged: f64,
}

/// Every choice without a cycle.
pub(crate) fn all_choices(problem: &latency::Problem) -> Vec<Tried> {
    let mut out = Vec::new();
    extend(problem, &mut vec![None; problem.classes.len()], &mut out);
    out
}

/// Decides the first class that is needed and undecided, in every way.
fn extend(problem: &latency::Problem, choice: &mut Choice, out: &mut Vec<Tried>) {
    let ids = || (0..choice.len() as u32).map(ClassId);
    let needed = ids().filter_map(|c| problem.chosen(choice, c)).flat_map(|n| &n.children).chain(&problem.roots);
    let Some(class) = needed.copied().find(|c| choice[c.index()].is_none()) else {
        let timed = problem.timed(choice);
        if prism_solve::schedule::bound(&timed).is_ok() {
            let charged = problem.sum(choice, &|n| n.charged);
            out.push(Tried { makespan: least_makespan(&timed), energy: problem.energy(choice), charged });
        }
        return;
    };
    for node in 0..problem.classes[class.index()].nodes.len() as u32 {
        choice[class.index()] = Some(NodeIndex(node));
        extend(problem, choice, out);
    }
    choice[class.index()] = None;
}
