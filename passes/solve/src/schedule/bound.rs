//! What no schedule can beat: the critical path, and for each resource head + load + tail.

use super::jackson::{Job, Parts, strongest};
use super::problem::{Graph, Problem};
use prism_support::Result;

/// What makes the bound as high as it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// Tasks that wait for each other one after the other, first to last. Empty when there are no tasks.
    Path(Vec<u32>),
    /// The work on one resource, all in seconds.
    Resource {
        /// Position in [`Problem::resources`].
        resource: u32,
        /// None of the tasks in question can reach the resource earlier.
        head: f64,
        /// The time for which they hold it, divided by its capacity.
        load: f64,
        /// So much has to follow after the last of them has let go.
        tail: f64,
    },
}

/// A time below which no schedule can finish.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// Lower bound on the makespan of every schedule of the problem, seconds.
    pub makespan: f64,
    /// Where it comes from.
    pub binding: Binding,
}

/// A lower bound on the makespan of every schedule.
///
/// The larger of two. The critical path: resources ignored. And for each resource the strongest
/// `min head + load / capacity + min tail` over all sets of the tasks that hold it: the resource gives at
/// most `capacity` unit-seconds per second between the moment when the first of them can start and the
/// moment when the last must have let go. Both hold in floating point as well: the path is added up in the
/// order in which a schedule adds it, the other is lowered by the rounding that its sum can have.
///
/// # Errors
/// `E0801` when the problem is not sound, as in [`list_schedule`](super::list_schedule).
pub fn bound(problem: &Problem) -> Result<Bound> {
    Ok(lower_bound(&Graph::new(problem)?))
}

pub(super) fn lower_bound(graph: &Graph<'_>) -> Bound {
    let tasks = &graph.problem.tasks;
    let heads = graph.heads();
    let tails = graph.tails();
    let end = |i: usize| heads[i] + tasks[i].latency;
    let last = (0..tasks.len()).max_by(|&a, &b| end(a).total_cmp(&end(b)).then(b.cmp(&a)));
    let mut best = match last {
        None => return Bound { makespan: 0.0, binding: Binding::Path(Vec::new()) },
        Some(last) => Bound { makespan: end(last), binding: Binding::Path(path_to(graph, &heads, last)) },
    };
    let mut jobs: Vec<Vec<Job>> = vec![Vec::new(); graph.problem.resources.len()];
    for (index, task) in tasks.iter().enumerate() {
        for &(resource, held) in task.uses.iter().filter(|u| u.1 > 0.0) {
            let capacity = f64::from(graph.problem.resources[resource as usize].capacity);
            let tail = (tails[index] - held).max(0.0);
            jobs[resource as usize].push(Job { head: heads[index], load: held / capacity, tail });
        }
    }
    for (resource, jobs) in jobs.iter().enumerate() {
        let parts = strongest(jobs);
        let makespan = parts.sum() * (1.0 - rounding(tasks.len()));
        if makespan > best.makespan {
            let Parts { head, load, tail } = parts;
            best = Bound { makespan, binding: Binding::Resource { resource: resource as u32, head, load, tail } };
        }
    }
    best
}

/// Relative error that a sum of head, loads and tail over `tasks` tasks may carry, and a schedule's own
/// times too: one rounding per addition, each at most half an epsilon.
fn rounding(tasks: usize) -> f64 {
    4.0 * (tasks as f64 + 8.0) * f64::EPSILON
}

/// The tasks that fix the earliest start of `last`, first to last.
fn path_to(graph: &Graph<'_>, heads: &[f64], last: usize) -> Vec<u32> {
    let tasks = &graph.problem.tasks;
    let mut path = vec![last as u32];
    let mut at = last;
    let fixes = |b: usize, at: usize| heads[b] + tasks[b].latency == heads[at];
    while let Some(&before) = tasks[at].after.iter().find(|&&b| fixes(b as usize, at)) {
        path.push(before);
        at = before as usize;
    }
    path.reverse();
    path
}
