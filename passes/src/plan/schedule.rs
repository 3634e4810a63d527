//! `schedule`: when each operation runs, on which unit.

use super::binding::{over_choices, over_schedules};
use super::fit::{fitted, respecting_dependences};
use super::kernels::{computed, is_alias, macs};
use crate::manager::{Change, CounterDef, PassCx, PassInfo};
use prism_dialects::{Attr, Attrs, Body, Holder, Level, Module, Op, Type, ValueId, View, registry};
use prism_hardware::{ResourceKind, Target};
use prism_solve::latency;
use prism_solve::schedule::{self, Problem, Resource, Schedule, Task};
use prism_support::codes::E0703;
use prism_support::{Diagnostic, Diagnostics, Place, Result};
use std::collections::BTreeMap;

/// The pass.
pub static PASS: PassInfo = PassInfo {
    name: "schedule",
    page: include_str!("schedule.md"),
    from: &[Level::Assigned],
    to: Change::To(Level::Plan),
    options: &[],
    counters: &[
        CounterDef { name: "tasks", doc: "tasks of the plan" },
        CounterDef { name: "free", doc: "operations that take no time and no energy, and so are no tasks" },
        CounterDef { name: "room-steps", doc: "tasks looked at to find what must wait for room in the working memory" },
    ],
    needs_target: true,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let target = cx.target()?;
    for body in &mut module.bodies {
        crate::egraph::price::check_target(body, target)?;
        let plan = plan(body, target, cx)?;
        *body = plan;
    }
    Ok(())
}

/// An operation that becomes a task.
#[derive(Clone)]
pub(super) struct Job<'a> {
    pub(super) op: &'a Op,
    unit: String,
    pub(super) after: Vec<u32>,
    /// How many of the last entries of `after` it waits for, for room.
    pub(super) waits: usize,
    pub(super) result_bytes: u64,
    /// Multiply-accumulates of an electronic product.
    macs: Option<u64>,
}

fn plan(body: &Body, target: &Target, cx: &mut PassCx<'_>) -> Result<Body> {
    known_units(body, target)?;
    let jobs = jobs(body, target);
    let resources = resources(target, &jobs);
    // What waits for room could wait for another result: the bound is on all orders.
    let bound = bound(&problem(&resources, &jobs), &resources, &jobs)?;
    let fitted = fitted(jobs, &resources, body, target)?;
    cx.count("room-steps", fitted.steps);
    cx.count("tasks", fitted.jobs.len() as u64);
    cx.count("free", (body.ops.len() - fitted.jobs.len()) as u64);
    let mut plan = write(body, &fitted.jobs, &resources, &fitted.timed, &bound);
    if let Some(room) = fitted.room {
        plan.attrs.insert("plan.memory".into(), room);
    }
    Ok(plan)
}

/// The makespan of an assignment, seconds.
///
/// # Errors
/// As of the pass, for an assignment that does not fit.
pub(crate) fn makespan(body: &Body, target: &Target) -> Result<f64> {
    known_units(body, target)?;
    let jobs = jobs(body, target);
    let resources = resources(target, &jobs);
    Ok(fitted(jobs, &resources, body, target)?.timed.makespan)
}

/// What each resource is called, how many there are, and its kind.
pub(super) type Resources = [(String, u32, &'static str)];

/// A bound on every schedule of the tasks, and what it rests on.
struct Bound {
    makespan: f64,
    by: String,
}

/// A bound that is higher by less than this, relative, is no other reason.
const SAME: f64 = 1e-6;

/// The better of two bounds: one at a time over the whole, or stretch by stretch.
fn bound(problem: &Problem, resources: &Resources, jobs: &[Job<'_>]) -> Result<Bound> {
    let resource = |r: u32| resources.get(r as usize).map_or("?".into(), |r| r.0.clone());
    let task = |t: u32| jobs.get(t as usize).map(|j| j.op.loc.first().to_string());
    let whole = schedule::bound(problem)?;
    let by = over_schedules(&whole.binding, &resource, &|t| task(t).unwrap_or_else(|| "?".into()));
    let whole = Bound { makespan: whole.makespan, by };
    if problem.tasks.is_empty() {
        return Ok(whole);
    }
    let parts = latency::bound(&latency::Problem::from(problem), &latency::Limits::default())?;
    if parts.makespan <= whole.makespan * (1.0 + SAME) {
        return Ok(Bound { makespan: whole.makespan.max(parts.makespan), ..whole });
    }
    Ok(Bound { makespan: parts.makespan, by: over_choices(&parts.binding, &resource, &|c| task(c.0)) })
}

/// Units that operations name must be those of the target: text that was edited may name others.
fn known_units(body: &Body, target: &Target) -> Result<()> {
    crate::egraph::capacity::check(body, target)?;
    let mut problems = Diagnostics::new();
    for op in &body.ops {
        let named = op.attr("unit").and_then(Attr::as_str).unwrap_or("");
        let (known, all): (bool, Vec<&str>) = match op.name() {
            "elec.kernel" | "elec.fused" | "elec.shift_add" => {
                (target.electronic_unit(named).is_some(), target.electronic.iter().map(|u| &*u.name).collect())
            }
            "ptu.gemm" | "ptu.matmul" | "ptu.encode" | "ptu.program" | "ptu.hold" | "ptu.detect" | "ptu.relay"
            | "ptu.route" => {
                (target.photonic_unit(named).is_some(), target.photonic.iter().map(|u| &*u.name).collect())
            }
            _ => continue,
        };
        if !known {
            let place = Place::Op { name: op.loc.first().into(), op: op.name().into() };
            let allowed = if all.is_empty() { "none of that kind".into() } else { all.join(", ") };
            problems.push(
                Diagnostic::error(&E0703, format!("target `{}` has no such unit", target.name))
                    .at(place)
                    .found(format!("unit \"{named}\""))
                    .allowed(allowed),
            );
        }
    }
    problems.into_result(())
}

/// The operations that take time or energy, and which of them each waits for.
fn jobs<'a>(body: &'a Body, target: &Target) -> Vec<Job<'a>> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    // Tasks after which a value is there.
    let mut ready: Vec<Vec<u32>> = vec![Vec::new(); body.types.len()];
    for op in &body.ops {
        let mut after: Vec<u32> = op.operands.iter().flat_map(|v| ready[v.index()].iter().copied()).collect();
        after.sort_unstable();
        after.dedup();
        let Some(result) = op.result() else { continue };
        let Some(unit) = unit(op) else {
            ready[result.index()] = after;
            continue;
        };
        let me = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        ready[result.index()] = vec![me];
        if is_alias(op, target) {
            // Its readers read the operand's memory: that stays occupied until they have run.
            ready[result.index()].extend(&after);
        }
        let result_bytes = result_bytes(op, body.ty(result), target);
        jobs.push(Job { op, unit, after, waits: 0, result_bytes, macs: macs(body, op) });
    }
    jobs
}

/// The unit or path that does an operation; `None` for what costs nothing.
pub(crate) fn unit(op: &Op) -> Option<String> {
    let named = |name: &str| op.attr(name).and_then(Attr::as_str);
    match op.name() {
        "mem.load" | "mem.store" | "mem.append" => named("path").map(str::to_string),
        "ptu.encode" | "ptu.program" => named("unit").map(|u| format!("{u}.dac")),
        "ptu.detect" => named("unit").map(|u| format!("{u}.adc")),
        "ptu.relay" => named("unit").map(|u| format!("{u}.relay")),
        "elec.kernel" | "elec.fused" | "elec.shift_add" | "ptu.matmul" | "ptu.gemm" => {
            named("unit").map(str::to_string)
        }
        _ => None,
    }
}

fn result_bytes(op: &Op, ty: &Type, target: &Target) -> u64 {
    match (ty.view(), ty.tensor()) {
        (Some(View::Digital), Some(t)) if !is_alias(op, target) => crate::egraph::price::bytes(target, t).ceil() as u64,
        _ => 0,
    }
}

/// What tasks hold or run on: those of the target, then the paths and converters that nothing limits.
fn resources(target: &Target, jobs: &[Job<'_>]) -> Vec<(String, u32, &'static str)> {
    let kind = |k: ResourceKind| match k {
        ResourceKind::Electronic => "electronic",
        ResourceKind::Photonic => "photonic",
        ResourceKind::Converter => "converter",
        ResourceKind::Link => "link",
        ResourceKind::Memory => "memory",
    };
    let mut out: Vec<(String, u32, &'static str)> =
        target.resources().iter().map(|r| (r.resource.to_string(), r.capacity, kind(r.kind))).collect();
    let mut more: BTreeMap<&str, &'static str> = BTreeMap::new();
    for job in jobs {
        let kind = if job.op.name().starts_with("mem.") { "link" } else { "converter" };
        if out.iter().all(|(name, ..)| *name != job.unit) {
            more.insert(&job.unit, kind);
        }
    }
    out.extend(more.into_iter().map(|(name, kind)| (name.to_string(), UNLIMITED, kind)));
    out
}

/// Capacity of a resource that nothing limits: no task holds it.
const UNLIMITED: u32 = u32::MAX;

pub(super) fn problem(resources: &Resources, jobs: &[Job<'_>]) -> Problem {
    let index: BTreeMap<&str, u32> = resources.iter().zip(0u32..).map(|(r, i)| (r.0.as_str(), i)).collect();
    let task = |job: &Job<'_>| Task {
        after: job.after.clone(),
        uses: busy(job.op).iter().filter_map(|(r, t)| Some((*index.get(r.as_str())?, *t))).collect(),
        latency: latency(job.op),
    };
    Problem {
        resources: resources.iter().map(|r| Resource { name: r.0.clone(), capacity: r.1 }).collect(),
        tasks: jobs.iter().map(task).collect(),
    }
}

fn cost(op: &Op) -> Option<&Attrs> {
    op.attr("cost").and_then(Attr::as_dict)
}

/// The resources that an operation holds, and for how long, seconds.
pub(crate) fn busy(op: &Op) -> Vec<(String, f64)> {
    let busy = cost(op).and_then(|c| c.get("busy_s")).and_then(Attr::as_dict);
    busy.into_iter().flatten().filter_map(|(r, t)| Some((r.clone(), t.as_float()?))).collect()
}

/// Start to result of an operation, seconds.
pub(crate) fn latency(op: &Op) -> f64 {
    cost(op).and_then(|c| c.get("latency_s")).and_then(Attr::as_float).unwrap_or(0.0)
}

fn write(body: &Body, jobs: &[Job<'_>], resources: &Resources, timed: &Schedule, bound: &Bound) -> Body {
    let mut out = Body::new(body.name.clone(), Holder::Func);
    out.attrs = body.attrs.clone();
    for (a, loc) in body.args.iter().zip(&body.arg_locs) {
        out.arg(body.shared_ty(*a), loc.clone());
    }
    let resource = |(name, capacity, kind): &(String, u32, &'static str)| {
        let mut entries =
            Attrs::from([("name".to_string(), Attr::str(name.as_str())), ("kind".to_string(), Attr::str(*kind))]);
        if *capacity != UNLIMITED {
            entries.insert("capacity".into(), Attr::Int(i64::from(*capacity)));
        }
        Attr::dict(entries)
    };
    out.attrs.insert("plan.resources".into(), Attr::List(resources.iter().map(resource).collect()));
    out.attrs.insert("plan.schedule".into(), schedule_attr(timed, bound));
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    // In order of start; ties keep the order of the program, in which operands come first.
    order.sort_by(|a, b| timed.start[*a].total_cmp(&timed.start[*b]).then(a.cmp(b)));
    let order = respecting_dependences(order, jobs);
    let mut ends: Vec<Option<ValueId>> = vec![None; jobs.len()];
    for i in order {
        let after: Vec<ValueId> = jobs[i].after.iter().filter_map(|a| ends[*a as usize]).collect();
        let attrs = task_attrs(&jobs[i], timed.start[i]);
        ends[i] = Some(out.push(registry::op("plan.task"), &after, attrs, Type::Event, jobs[i].op.loc.clone()));
    }
    let has_reader = {
        let mut read = vec![false; jobs.len()];
        jobs.iter().flat_map(|j| &j.after).for_each(|a| read[*a as usize] = true);
        read
    };
    out.results = ends.iter().zip(&has_reader).filter(|(_, read)| !**read).filter_map(|(e, _)| *e).collect();
    out
}

fn schedule_attr(timed: &Schedule, bound: &Bound) -> Attr {
    Attr::dict(Attrs::from([
        ("makespan_s".to_string(), Attr::float(timed.makespan)),
        ("bound_s".to_string(), Attr::float(bound.makespan.min(timed.makespan))),
        ("binding".to_string(), Attr::str(bound.by.as_str())),
    ]))
}

fn task_attrs(job: &Job<'_>, start: f64) -> Attrs {
    let dict = |name: &str| {
        let entries = cost(job.op).and_then(|c| c.get(name)).and_then(Attr::as_dict).cloned();
        Attr::dict(entries.unwrap_or_default())
    };
    let mut attrs = Attrs::from([
        ("op".to_string(), Attr::str(job.op.name())),
        ("kernel".to_string(), Attr::str(computed(job.op))),
        ("unit".to_string(), Attr::str(job.unit.as_str())),
        ("start_s".to_string(), Attr::float(start)),
        ("latency_s".to_string(), Attr::float(latency(job.op))),
        ("busy_s".to_string(), dict("busy_s")),
        ("energy_j".to_string(), dict("energy_j")),
        ("moved_bytes".to_string(), dict("moved_bytes")),
        ("result_bytes".to_string(), Attr::Int(i64::try_from(job.result_bytes).unwrap_or(i64::MAX))),
    ]);
    if job.waits > 0 {
        attrs.insert("waits".into(), Attr::Int(i64::try_from(job.waits).unwrap_or(i64::MAX)));
    }
    if let Some(tiling) = job.op.attr("tiling") {
        attrs.insert("tiling".into(), tiling.clone());
    }
    if let Some(macs) = job.macs {
        let macs = Attr::Int(i64::try_from(macs).unwrap_or(i64::MAX));
        attrs.insert("tiling".into(), Attr::dict(Attrs::from([("macs".to_string(), macs)])));
    }
    attrs
}
