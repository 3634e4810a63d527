//! Room in the working memory: in which order results are given it, and what waits for it.

use super::room::{Held, make_room};
use super::schedule::{Job, Resources, problem};
use prism_dialects::{Attr, Attrs, Body};
use prism_hardware::Target;
use prism_solve::schedule::{self, Schedule};
use prism_support::codes::E0802;
use prism_support::{Diagnostic, Place, Result};
use std::collections::BTreeMap;

/// Jobs that wait for room where they must, and when they run.
pub(super) struct Fitted<'a> {
    /// The jobs, each after those that it waits for.
    pub(super) jobs: Vec<Job<'a>>,
    /// When they run.
    pub(super) timed: Schedule,
    /// What they take of the working memory, if that has a capacity.
    pub(super) room: Option<Attr>,
    /// Tasks looked at to find what must wait.
    pub(super) steps: u64,
}

/// Orders beside that of the program.
const ORDERS: usize = 2;

/// The best of a few orders in which results are given room: that of the program, and, where something has to wait, those in which the
/// jobs start if nothing does and if that does.
///
/// # Errors
/// `E0802` where results do not fit in any of them.
pub(super) fn fitted<'a>(
    jobs: Vec<Job<'a>>,
    resources: &Resources,
    body: &Body,
    target: &Target,
) -> Result<Fitted<'a>> {
    let in_order = |mut jobs: Vec<Job<'a>>| -> Result<Fitted<'a>> {
        let (room, steps) = room(&mut jobs, body, target)?;
        let timed = schedule::list_schedule(&problem(resources, &jobs))?;
        Ok(Fitted { jobs, timed, room, steps })
    };
    let mut best = in_order(jobs.clone());
    if best.as_ref().is_ok_and(|fitted| fitted.jobs.iter().all(|job| job.waits == 0)) {
        return best;
    }
    let mut starts = schedule::list_schedule(&problem(resources, &jobs))?.start;
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    for _ in 0..ORDERS {
        let at: BTreeMap<usize, f64> = order.iter().copied().zip(starts).collect();
        order.sort_by(|a, b| at[a].total_cmp(&at[b]).then(a.cmp(b)));
        order = respecting_dependences(order, &jobs);
        let Ok(found) = in_order(reordered(&jobs, &order)) else { break };
        starts = found.timed.start.clone();
        if best.as_ref().map_or(true, |b| found.timed.makespan < b.timed.makespan) {
            best = Ok(found);
        }
    }
    best
}

/// The jobs one after another as `order` says.
fn reordered<'a>(jobs: &[Job<'a>], order: &[usize]) -> Vec<Job<'a>> {
    let mut place = vec![0u32; jobs.len()];
    (0u32..).zip(order).for_each(|(new, &old)| place[old] = new);
    let moved = |&old: &usize| {
        let mut job = jobs[old].clone();
        job.after.iter_mut().for_each(|before| *before = place[*before as usize]);
        job.after.sort_unstable();
        job
    };
    order.iter().map(moved).collect()
}

/// Makes jobs wait where the working memory would be too small; says how much of it they take, and how many tasks were looked
/// at.
fn room(jobs: &mut [Job<'_>], body: &Body, target: &Target) -> Result<(Option<Attr>, u64)> {
    let Some(memory) = target.memories.get(target.placement.working) else { return Ok((None, 0)) };
    let bounded = !body.attrs.contains_key(crate::egraph::places::UNBOUNDED);
    let Some(capacity) = memory.capacity.filter(|c| c.0.is_finite() && bounded) else { return Ok((None, 0)) };
    let held = |job: &Job<'_>| Held { after: job.after.clone(), bytes: job.result_bytes };
    let mut tasks: Vec<Held> = jobs.iter().map(held).collect();
    let whole = |bytes: f64| if bytes < 9e18 { bytes as u64 } else { u64::MAX };
    let made = make_room(&mut tasks, whole(capacity.0)).map_err(|(task, needed)| {
        let op = jobs.get(task).map(|j| j.op);
        let d = Diagnostic::error(&E0802, format!("`@{}` does not fit into `{}`", body.name, memory.name));
        let d = match op {
            Some(op) => d.at(Place::Op { name: op.loc.first().into(), op: op.name().into() }),
            None => d,
        };
        d.found(format!("{} alive at once", prism_hardware::Bytes(needed as f64))).allowed(capacity.to_string()).hint(
            "let results take less of it with `saturate{resident=...}`: what does not fit then streams from off chip",
        )
    })?;
    for (job, task) in jobs.iter_mut().zip(tasks) {
        job.waits = task.after.len() - job.after.len();
        job.after = task.after;
    }
    let bytes = |n: u64| Attr::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let facts = Attrs::from([
        ("name".to_string(), Attr::str(memory.name.as_str())),
        ("capacity_bytes".to_string(), bytes(whole(capacity.0))),
        ("peak_bytes".to_string(), bytes(made.most)),
    ]);
    Ok((Some(Attr::dict(facts)), made.steps))
}

/// The given order, but each task after those it waits for: tasks of no length may start together with them.
pub(super) fn respecting_dependences(order: Vec<usize>, jobs: &[Job<'_>]) -> Vec<usize> {
    let mut placed = vec![false; jobs.len()];
    let mut out = Vec::with_capacity(order.len());
    for i in order {
        let mut stack = vec![i];
        while let Some(&top) = stack.last() {
            let waits: Vec<usize> = jobs[top].after.iter().map(|a| *a as usize).filter(|a| !placed[*a]).collect();
            if placed[top] || waits.is_empty() {
                stack.pop();
                if !std::mem::replace(&mut placed[top], true) {
                    out.push(top);
                }
            } else {
                stack.extend(waits);
            }
        }
    }
    out
}
