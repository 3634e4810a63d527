//! Fetches as late as possible.

use super::problem::Graph;

/// Moves every fetch to the latest start that delays no reader.
///
/// A fetch holds nothing and waits for other fetches alone: a load over a path without a limit, and the conversion of
/// what it brought. It could run at any time; at the start of everything its result would only occupy memory, or a
/// unit, until somebody reads it.
pub(super) fn postpone(graph: &Graph<'_>, start: &mut [f64]) {
    let tasks = &graph.problem.tasks;
    let mut fetches = vec![false; tasks.len()];
    for &index in &graph.order {
        let task = &tasks[index];
        fetches[index] = task.uses.iter().all(|u| u.1 <= 0.0) && task.after.iter().all(|&a| fetches[a as usize]);
    }
    for &index in graph.order.iter().rev().filter(|&&i| fetches[i]) {
        let Some(needed) = graph.successors(index).iter().map(|&s| start[s]).reduce(f64::min) else { continue };
        let latency = tasks[index].latency;
        let mut latest = (needed - latency).max(start[index]);
        // The difference may have been rounded up; one step down is then enough, as the sum is monotone.
        while latest > start[index] && latest + latency > needed {
            latest = latest.next_down().max(start[index]);
        }
        start[index] = latest;
    }
}
