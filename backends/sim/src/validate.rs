//! What makes a plan executable, checked before anything runs.

use crate::graph::{Graph, issue_order, readers};
use crate::plan::{Plan, PlanTask};
use prism_support::codes::E0801;
use prism_support::suggest::did_you_mean;
use prism_support::{Diagnostic, Diagnostics, Place, Result};
use std::collections::BTreeMap;

/// Longest time in a plan, seconds: a trace counts femtoseconds in 128 bits.
const LONGEST_S: f64 = 1e15;
/// Largest energy (joules), power (watts) or traffic (bytes) of one entry: totals and rates stay finite.
const LARGEST: f64 = 1e30;
/// Relative to the makespan, so much may planned times contradict each other: they may have been printed.
pub(crate) const SLACK: f64 = 1e-9;

/// The plan with its names resolved.
///
/// # Errors
/// [`E0801`], all defects at once, each at the user's name for the task.
pub(crate) fn validate(plan: &Plan) -> Result<Graph<'_>> {
    let mut found = Diagnostics::new();
    let positions = check_resources(plan, &mut found);
    let mut holds = Vec::with_capacity(plan.tasks.len());
    for (index, task) in plan.tasks.iter().enumerate() {
        check_numbers(task, &mut found);
        check_edges(plan, index, &mut found);
        holds.push(resolve(task, &positions, &mut found));
    }
    if !amount(plan.makespan_s, LONGEST_S) {
        found.push(bad("the plan has no valid makespan", format!("{} s", plan.makespan_s), LONGEST_S, "s"));
    }
    for (name, watts) in plan.static_power_w.iter().filter(|(_, w)| !amount(*w, LARGEST)) {
        found.push(bad(format!("static power `{name}` is not valid"), format!("{watts} W"), LARGEST, "W"));
    }
    if found.has_errors() {
        return Err(found);
    }
    let readers = readers(plan);
    let order = issue_order(plan, &readers);
    if order.len() < plan.tasks.len() {
        return Err(cycle(plan, &order).into());
    }
    check_times(plan, &mut found);
    found.into_result(Graph { plan, readers, holds, order })
}

fn amount(x: f64, most: f64) -> bool {
    x.is_finite() && (0.0..=most).contains(&x)
}

fn bad(headline: impl Into<String>, was: String, most: f64, unit: &str) -> Diagnostic {
    Diagnostic::error(&E0801, headline).found(was).allowed(format!("from 0 to {most:e} {unit}"))
}

fn at(task: &PlanTask) -> Place {
    Place::Op { name: task.name.to_string(), op: task.op.to_string() }
}

fn check_resources<'a>(plan: &'a Plan, found: &mut Diagnostics) -> BTreeMap<&'a str, usize> {
    let mut positions = BTreeMap::new();
    for (position, resource) in plan.resources.iter().enumerate() {
        if resource.capacity == Some(0) {
            let headline = format!("resource `{}` has no units", resource.name);
            found.push(Diagnostic::error(&E0801, headline).found("capacity 0").allowed("1 or more, or no limit"));
        }
        if positions.insert(&*resource.name, position).is_some() {
            let headline = format!("resource `{}` is listed twice", resource.name);
            found.push(Diagnostic::error(&E0801, headline).allowed("one entry per name"));
        }
    }
    positions
}

fn check_numbers(task: &PlanTask, found: &mut Diagnostics) {
    let mut check = |what: &str, x: f64, most: f64, unit: &str| {
        if !amount(x, most) {
            found.push(
                bad(format!("`{}` has no valid {what}", task.name), format!("{x} {unit}"), most, unit).at(at(task)),
            );
        }
    };
    check("start", task.start_s, LONGEST_S, "s");
    check("latency", task.latency_s, LONGEST_S, "s");
    for (name, x) in &task.busy_s {
        check(&format!("time on `{name}`"), *x, LONGEST_S, "s");
    }
    for (name, x) in &task.energy_j {
        check(&format!("energy of `{name}`"), *x, LARGEST, "J");
    }
    for (name, x) in &task.moved_bytes {
        check(&format!("traffic of `{name}`"), *x, LARGEST, "bytes");
    }
    for (name, x) in &task.tiling {
        let most = if &**name == "utilisation" { 1.0 + SLACK } else { LARGEST };
        check(&format!("`{name}` of the tiling"), *x, most, "");
    }
    for (name, held) in task.busy_s.iter().filter(|(_, held)| *held > task.latency_s * (1.0 + SLACK)) {
        found.push(
            Diagnostic::error(&E0801, format!("`{}` holds `{name}` for longer than it runs", task.name))
                .at(at(task))
                .found(format!("{held} s"))
                .allowed(format!("at most its latency of {} s", task.latency_s)),
        );
    }
}

fn check_edges(plan: &Plan, index: usize, found: &mut Diagnostics) {
    let task = &plan.tasks[index];
    for &before in task.after.iter().filter(|&&b| b as usize >= plan.tasks.len()) {
        found.push(
            Diagnostic::error(&E0801, format!("`{}` waits for a task that does not exist", task.name))
                .at(at(task))
                .found(format!("task {before}"))
                .allowed(format!("one of the {} tasks of the plan", plan.tasks.len())),
        );
    }
}

fn resolve(task: &PlanTask, positions: &BTreeMap<&str, usize>, found: &mut Diagnostics) -> Vec<(usize, f64)> {
    let mut holds: Vec<(usize, f64)> = Vec::with_capacity(task.busy_s.len());
    let mut missing = |name: &str, role: &str| {
        let known: Vec<&str> = positions.keys().copied().collect();
        found.push(
            Diagnostic::error(&E0801, format!("`{}` {role} `{name}`, which the plan does not list", task.name))
                .at(at(task))
                .allowed(if known.is_empty() { "the plan lists no resources".into() } else { known.join(", ") })
                .hint_if(did_you_mean(name, known.iter().copied())),
        );
    };
    if !positions.contains_key(&*task.unit) {
        missing(&task.unit, "runs on");
    }
    let mut twice = Vec::new();
    for (name, held) in &task.busy_s {
        match positions.get(&**name) {
            None => missing(name, "holds"),
            Some(p) if holds.iter().any(|h| h.0 == *p) => twice.push(name),
            Some(&p) => holds.push((p, *held)),
        }
    }
    for name in twice {
        let headline = format!("`{}` holds `{name}` twice", task.name);
        found.push(Diagnostic::error(&E0801, headline).at(at(task)).allowed("one entry per resource"));
    }
    holds
}

fn cycle(plan: &Plan, order: &[usize]) -> Diagnostic {
    let mut left = vec![true; plan.tasks.len()];
    order.iter().for_each(|&i| left[i] = false);
    let mut place = vec![None; plan.tasks.len()];
    let mut walk: Vec<usize> = Vec::new();
    // Every task that is left waits for one that is left, so walking back closes a circle.
    let mut next = left.iter().position(|&l| l);
    while let Some(task) = next.filter(|&t| place[t].is_none()) {
        place[task] = Some(walk.len());
        walk.push(task);
        next = plan.tasks[task].after.iter().map(|&b| b as usize).find(|&b| left[b]);
    }
    let circle = &walk[next.and_then(|t| place[t]).unwrap_or(0)..];
    let named: Vec<String> = circle.iter().take(8).map(|&i| format!("`{}`", plan.tasks[i].name)).collect();
    let rest = if circle.len() > 8 { format!(" (and so on, {} tasks)", circle.len()) } else { String::new() };
    let first = &plan.tasks[circle.first().copied().unwrap_or(0)];
    Diagnostic::error(&E0801, format!("`{}` waits for itself", first.name))
        .at(at(first))
        .found(format!("{}{rest} waits for the first again", named.join(" waits for ")))
        .allowed("tasks that wait only for earlier ones")
}

fn check_times(plan: &Plan, found: &mut Diagnostics) {
    let end = |t: &PlanTask| t.start_s + t.latency_s;
    let last = plan.tasks.iter().map(end).fold(0.0, f64::max);
    let slack = SLACK * last;
    for task in &plan.tasks {
        for before in task.after.iter().map(|&b| &plan.tasks[b as usize]) {
            if task.start_s < end(before) - slack {
                found.push(
                    Diagnostic::error(&E0801, format!("`{}` is planned before `{}` has ended", task.name, before.name))
                        .at(at(task))
                        .found(format!("start at {} s", task.start_s))
                        .allowed(format!("{} s or later", end(before))),
                );
            }
        }
    }
    if (plan.makespan_s - last).abs() > slack {
        found.push(
            Diagnostic::error(&E0801, "the makespan of the plan is not the end of its last task")
                .found(format!("{} s", plan.makespan_s))
                .allowed(format!("{last} s")),
        );
    }
}
