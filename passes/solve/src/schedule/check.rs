//! A checker for schedules that shares no code with the scheduler.

use super::list::Schedule;
use super::problem::Problem;
use prism_support::codes::E0801;
use prism_support::{Diagnostic, Diagnostics, Result};

/// Verifies that `schedule` obeys `problem`: every task starts at a valid time, after the results that it
/// reads, with a free unit of each resource that it holds; and the makespan is the end of the last task.
/// Times are compared exactly: an end is `start + latency`, rounded once.
///
/// # Errors
/// [`E0801`] for every task that starts at a wrong time, all at once.
pub fn check(problem: &Problem, schedule: &Schedule) -> Result<()> {
    let start = &schedule.start;
    if start.len() != problem.tasks.len() {
        return Err(Diagnostic::error(&E0801, "the schedule is for another number of tasks")
            .found(format!("{} starts", start.len()))
            .allowed(format!("{} tasks", problem.tasks.len()))
            .into());
    }
    let mut found = Diagnostics::new();
    for (index, &s) in start.iter().enumerate().filter(|(_, s)| !(s.is_finite() && **s >= 0.0)) {
        found.push(
            Diagnostic::error(&E0801, format!("task {index} starts at no valid time"))
                .found(format!("{s} s"))
                .allowed("a finite time, not negative"),
        );
    }
    if found.has_errors() {
        return Err(found);
    }
    check_results(problem, start, &mut found);
    for resource in 0..problem.resources.len() {
        check_capacity(problem, start, resource, &mut found);
    }
    let last = problem.tasks.iter().zip(start).map(|(t, s)| s + t.latency).fold(0.0, f64::max);
    if last != schedule.makespan {
        found.push(
            Diagnostic::error(&E0801, "the makespan is not the end of the last task")
                .found(format!("{} s", schedule.makespan))
                .allowed(format!("{last} s")),
        );
    }
    found.into_result(())
}

fn check_results(problem: &Problem, start: &[f64], found: &mut Diagnostics) {
    for (index, task) in problem.tasks.iter().enumerate() {
        for &before in &task.after {
            let end = match (start.get(before as usize), problem.tasks.get(before as usize)) {
                (Some(s), Some(t)) => s + t.latency,
                _ => f64::INFINITY,
            };
            if start[index] < end || end.is_nan() {
                found.push(
                    Diagnostic::error(&E0801, format!("task {index} starts before task {before} has ended"))
                        .found(format!("{} s", start[index]))
                        .allowed(format!("{end} s or later")),
                );
            }
        }
    }
}

fn check_capacity(problem: &Problem, start: &[f64], resource: usize, found: &mut Diagnostics) {
    let known = &problem.resources[resource];
    // (time, +1 taken or -1 returned, task); at one instant units are returned before they are taken.
    let mut changes: Vec<(f64, i8, usize)> = Vec::new();
    for (index, task) in problem.tasks.iter().enumerate() {
        for use_ in task.uses.iter().filter(|u| u.0 as usize == resource) {
            let end = start[index] + use_.1;
            if end > start[index] {
                changes.push((start[index], 1, index));
                changes.push((end, -1, index));
            }
        }
    }
    changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut held = 0_i64;
    for (time, change, index) in changes {
        held += i64::from(change);
        if change > 0 && held > i64::from(known.capacity) {
            found.push(
                Diagnostic::error(&E0801, format!("task {index} takes `{}` while it is not free", known.name))
                    .found(format!("{held} tasks hold it at {time} s"))
                    .allowed(format!("{}", known.capacity)),
            );
        }
    }
}
