//! The scheduling problem as plain data, and its validated form.

use prism_support::codes::E0801;
use prism_support::{Diagnostic, Diagnostics, Result};

/// Longest total of all latencies that is accepted, seconds: sums of a few such totals stay finite.
const LONGEST_S: f64 = 1e300;

/// Something that several tasks need and that only some can hold at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The target's name for it, such as `ptu` or `dram -> sram`.
    pub name: String,
    /// How many tasks may hold it at the same time; at least 1.
    pub capacity: u32,
}

/// One piece of work. Started at `s`, it holds one unit of resource `r` during `[s, s + t)` for each
/// `(r, t)` of `uses`, and its result is there at `s + latency`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Positions in [`Problem::tasks`] of the tasks whose results it reads. Repetition changes nothing.
    pub after: Vec<u32>,
    /// Position in [`Problem::resources`] and time held, seconds; each resource at most once.
    pub uses: Vec<(u32, f64)>,
    /// Start to result, seconds; not shorter than any time held.
    pub latency: f64,
}

/// Tasks and the resources that they share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// What is scarce. A path without a limit is not listed.
    pub resources: Vec<Resource>,
    /// The work.
    pub tasks: Vec<Task>,
}

/// A problem known to be sound, with its graph in both directions.
pub(super) struct Graph<'a> {
    /// The problem.
    pub(super) problem: &'a Problem,
    /// Every task, each behind the tasks that it waits for; the lowest position first among equals.
    pub(super) order: Vec<usize>,
    /// The tasks that wait for each task, in one array.
    successors: Vec<usize>,
    /// Where in `successors` those of each task begin; one longer than the tasks.
    offsets: Vec<usize>,
}

impl<'a> Graph<'a> {
    /// Validates `problem`.
    ///
    /// # Errors
    /// [`E0801`], all defects at once: times that are negative or not finite, a resource or predecessor
    /// that does not exist, a resource used twice or held longer than the latency, tasks that wait for
    /// themselves.
    pub(super) fn new(problem: &'a Problem) -> Result<Self> {
        let mut found = Diagnostics::new();
        for resource in problem.resources.iter().filter(|r| r.capacity == 0) {
            found.push(
                Diagnostic::error(&E0801, format!("resource `{}` has no units", resource.name))
                    .found("capacity 0")
                    .allowed("1 or more"),
            );
        }
        for index in 0..problem.tasks.len() {
            check_task(problem, index, &mut found);
        }
        let total: f64 = problem.tasks.iter().map(|t| t.latency).sum();
        if total > LONGEST_S {
            found.push(
                Diagnostic::error(&E0801, "the tasks take too long to be added up")
                    .found(format!("{total:e} s in all"))
                    .allowed(format!("at most {LONGEST_S:e} s")),
            );
        }
        // The graph can be walked only when every edge ends somewhere.
        let found = found.into_result(()).map(|()| Self::linked(problem));
        let graph = found?;
        graph.cycle().map_or(Ok(graph), Err)
    }

    fn linked(problem: &'a Problem) -> Self {
        let count = problem.tasks.len();
        let mut offsets = vec![0; count + 1];
        for &before in problem.tasks.iter().flat_map(|t| &t.after) {
            offsets[before as usize + 1] += 1;
        }
        for i in 0..count {
            offsets[i + 1] += offsets[i];
        }
        let mut next = offsets.clone();
        let mut successors = vec![0; offsets[count]];
        for (index, task) in problem.tasks.iter().enumerate() {
            for &before in &task.after {
                successors[next[before as usize]] = index;
                next[before as usize] += 1;
            }
        }
        let mut graph = Graph { problem, order: Vec::with_capacity(count), successors, offsets };
        let mut waits: Vec<usize> = problem.tasks.iter().map(|t| t.after.len()).collect();
        let mut ready: std::collections::VecDeque<usize> = (0..count).filter(|&i| waits[i] == 0).collect();
        while let Some(task) = ready.pop_front() {
            graph.order.push(task);
            for &later in graph.successors(task) {
                waits[later] -= 1;
                if waits[later] == 0 {
                    ready.push_back(later);
                }
            }
        }
        graph
    }

    fn cycle(&self) -> Option<Diagnostics> {
        let tasks = &self.problem.tasks;
        let mut left = vec![true; tasks.len()];
        self.order.iter().for_each(|&i| left[i] = false);
        // Every task that is left waits for one that is left, so walking back must close a circle.
        let mut at = left.iter().position(|&l| l)?;
        let mut seen = vec![usize::MAX; tasks.len()];
        let mut walk = Vec::new();
        while seen[at] == usize::MAX {
            seen[at] = walk.len();
            walk.push(at);
            at = tasks[at].after.iter().map(|&b| b as usize).find(|&b| left[b])?;
        }
        let mut circle: Vec<String> = walk[seen[at]..].iter().map(usize::to_string).collect();
        let length = circle.len();
        circle.truncate(8);
        let shown = circle.join(", which waits for task ");
        let rest = if length > 8 { format!(", and so on through {length} tasks") } else { String::new() };
        let headline = format!("task {at} waits for itself");
        Some(Diagnostic::error(&E0801, headline).found(format!("task {shown}{rest}, back to task {at}")).into())
    }

    /// The tasks that wait for `task`.
    pub(super) fn successors(&self, task: usize) -> &[usize] {
        &self.successors[self.offsets[task]..self.offsets[task + 1]]
    }

    /// Earliest start of each task when resources are ignored, seconds.
    pub(super) fn heads(&self) -> Vec<f64> {
        let mut head = vec![0.0_f64; self.order.len()];
        for &task in &self.order {
            let end = head[task] + self.problem.tasks[task].latency;
            for &later in self.successors(task) {
                head[later] = head[later].max(end);
            }
        }
        head
    }

    /// Longest way from the start of each task, itself included, to the end of everything, seconds.
    pub(super) fn tails(&self) -> Vec<f64> {
        let mut tail = vec![0.0_f64; self.order.len()];
        for &task in self.order.iter().rev() {
            let after = self.successors(task).iter().map(|&l| tail[l]).fold(0.0, f64::max);
            tail[task] = self.problem.tasks[task].latency + after;
        }
        tail
    }
}

fn check_task(problem: &Problem, index: usize, found: &mut Diagnostics) {
    let task = &problem.tasks[index];
    let mut wrong = |what: String, was: String, allowed: String| {
        found.push(Diagnostic::error(&E0801, format!("task {index} {what}")).found(was).allowed(allowed));
    };
    let sound = |t: f64| t.is_finite() && t >= 0.0;
    if !sound(task.latency) {
        wrong("has no valid latency".into(), format!("{} s", task.latency), "a finite time, not negative".into());
    }
    for &before in task.after.iter().filter(|&&b| b as usize >= problem.tasks.len()) {
        wrong(
            "waits for a task that does not exist".into(),
            format!("task {before}"),
            format!("one of the {} tasks", problem.tasks.len()),
        );
    }
    for (position, &(resource, held)) in task.uses.iter().enumerate() {
        let Some(known) = problem.resources.get(resource as usize) else {
            let allowed = format!("one of the {} resources", problem.resources.len());
            wrong("uses a resource that does not exist".into(), format!("resource {resource}"), allowed);
            continue;
        };
        if !sound(held) {
            let what = format!("holds `{}` for no valid time", known.name);
            wrong(what, format!("{held} s"), "a finite time, not negative".into());
        } else if held > task.latency {
            let what = format!("holds `{}` for longer than it runs", known.name);
            wrong(what, format!("{held} s"), format!("at most its latency of {} s", task.latency));
        }
        if task.uses[..position].iter().any(|u| u.0 == resource) {
            wrong(format!("uses `{}` twice", known.name), "two entries".into(), "one entry per resource".into());
        }
    }
}
