//! `plan`: tasks with a unit and a time. See the README of this folder.

use crate::cost_attr::all_amounts;
use crate::define::{AttrKind, Dialect, Kind, OpDef, OpView, Problem, TypeDef};
use crate::level::Level;

fn verify_task(op: &OpView<'_>) -> Result<(), Problem> {
    for name in ["energy_j", "busy_s", "moved_bytes"] {
        if let Some(value) = op.attrs.get(name)
            && value.as_dict().is_some_and(|entries| !all_amounts(entries))
        {
            return Err(Problem::new(
                format!("attribute `{name}`"),
                value.to_string(),
                "finite numbers, none negative",
            ));
        }
    }
    for name in ["start_s", "latency_s"] {
        if let Some(x) = op.float(name)
            && !(x.is_finite() && x >= 0.0)
        {
            return Err(Problem::new(format!("attribute `{name}`"), x.to_string(), "a finite number, not negative"));
        }
    }
    if let Some(n) = op.int("waits")
        && !(0..=op.operands.len() as i64).contains(&n)
    {
        return Err(Problem::new("attribute `waits`", n.to_string(), format!("0 to {}", op.operands.len())));
    }
    match op.int("result_bytes") {
        Some(n) if n < 0 => Err(Problem::new("attribute `result_bytes`", n.to_string(), "0 or more")),
        _ => Ok(()),
    }
}

/// The dialect.
pub(crate) fn dialect() -> Dialect {
    let task = OpDef::new(
        "plan.task",
        Level::Plan,
        Kind::Event,
        "One piece of work on one unit: it starts at `start_s`, holds each resource of `busy_s` for that long from its \
         start, and its result is there `latency_s` after its start. It waits for the tasks that it names.",
    )
    .variadic("after", Kind::Event)
    .attr("op", AttrKind::Str, "the operation it does, such as \"ptu.matmul\"")
    .attr(
        "kernel",
        AttrKind::Str,
        "the tensor operation behind it, such as \"nn.matmul\", or several, joined by `+`; empty for a transfer",
    )
    .attr("unit", AttrKind::Str, "unit or memory path that does it")
    .attr("start_s", AttrKind::Float, "start, seconds")
    .attr("latency_s", AttrKind::Float, "start to result, seconds")
    .attr("busy_s", AttrKind::Dict, "resources held exclusively, seconds by resource")
    .attr("energy_j", AttrKind::Dict, "energy, joules by component")
    .attr("moved_bytes", AttrKind::Dict, "traffic, bytes by memory")
    .attr("result_bytes", AttrKind::Int, "bytes that its result occupies on chip until its last reader has run")
    .maybe(
        "waits",
        AttrKind::Int,
        "how many of the last tasks it names it waits for, for room, without reading their results",
    )
    .maybe("tiling", AttrKind::Dict, "closed form of the unrolled loop: lanes, passes, cycles")
    .verify(verify_task)
    .effectful();
    Dialect {
        name: "plan",
        summary: "Tasks placed on units and timed.",
        page: include_str!("README.md"),
        types: vec![TypeDef { name: "event", parameters: &[], doc: "The end of a task." }],
        ops: vec![task],
    }
}
