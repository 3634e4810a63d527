//! Fetches as late as possible.

use super::problem::Graph;

/// Moves every task that waits for nothing and holds nothing to the latest start that delays no reader.
///
/// Such a task, like a load over a path without a limit, could run at any time; at the start of everything
/// its result would only occupy memory until somebody reads it.
pub(super) fn postpone(graph: &Graph<'_>, start: &mut [f64]) {
    for (index, task) in graph.problem.tasks.iter().enumerate() {
        if !task.after.is_empty() || task.uses.iter().any(|u| u.1 > 0.0) {
            continue;
        }
        let Some(needed) = graph.successors(index).iter().map(|&s| start[s]).reduce(f64::min) else { continue };
        let mut latest = (needed - task.latency).max(start[index]);
        // The difference may have been rounded up; one step down is then enough, as the sum is monotone.
        while latest > start[index] && latest + task.latency > needed {
            latest = latest.next_down().max(start[index]);
        }
        start[index] = latest;
    }
}
