//! Plans for tests.

use prism_sim::{Kind, Plan, PlanTask, Resource};
use prism_solve::schedule::{self, Problem, list_schedule};
use proptest::prelude::*;

/// A resource with its capacity.
pub(crate) fn resource(name: &str, capacity: Option<u32>, kind: Kind) -> Resource {
    Resource { name: name.into(), capacity, kind }
}

/// A task with one held resource, its unit.
pub(crate) fn task(name: &str, unit: &str, after: &[u32], seconds: f64) -> PlanTask {
    PlanTask {
        name: name.into(),
        op: "elec.kernel".into(),
        unit: unit.into(),
        after: after.to_vec(),
        latency_s: seconds,
        busy_s: vec![(unit.into(), seconds)],
        ..PlanTask::default()
    }
}

/// The scheduling problem of a plan: what the schedule pass would be given.
pub(crate) fn problem_of(plan: &Plan) -> Problem {
    let scarce: Vec<&Resource> = plan.resources.iter().filter(|r| r.capacity.is_some()).collect();
    let position = |name: &str| scarce.iter().position(|r| &*r.name == name);
    let uses = |t: &PlanTask| t.busy_s.iter().filter_map(|(n, s)| Some((position(n)? as u32, *s))).collect();
    Problem {
        resources: scarce
            .iter()
            .map(|r| schedule::Resource { name: r.name.to_string(), capacity: r.capacity.unwrap() })
            .collect(),
        tasks: plan
            .tasks
            .iter()
            .map(|t| schedule::Task { after: t.after.clone(), uses: uses(t), latency: t.latency_s })
            .collect(),
    }
}

/// Fills in the starts and the makespan with a list schedule.
pub(crate) fn scheduled(mut plan: Plan) -> Plan {
    let schedule = list_schedule(&problem_of(&plan)).unwrap();
    for (task, start) in plan.tasks.iter_mut().zip(&schedule.start) {
        task.start_s = *start;
    }
    plan.makespan_s = schedule.makespan;
    plan
}

/// A model of `layers` layers on a CPU and a photonic unit: 13 tasks per layer, with loads over a path
/// without a limit, conversions, and a transfer that takes no time.
pub(crate) fn model(layers: u32) -> Plan {
    let mut plan = Plan {
        resources: vec![
            resource("cpu", Some(1), Kind::Unit),
            resource("ptu", Some(1), Kind::Unit),
            resource("dram -> sram", None, Kind::Path),
            resource("sram -> ptu", Some(1), Kind::Path),
            resource("dac", Some(2), Kind::Converter),
        ],
        ..Plan::default()
    };
    for layer in 0..layers {
        push_layer(&mut plan, layer);
    }
    scheduled(plan)
}

fn push_layer(plan: &mut Plan, layer: u32) {
    let mut last = (plan.tasks.len() as u32).checked_sub(1);
    let name = |part: &str| format!("transformer.h.{layer}.{part}");
    let ns = 1e-9;
    let mut push = |mut task: PlanTask, energy: &[(&str, f64)], bytes: &[(&str, f64)]| {
        task.energy_j = energy.iter().map(|e| (e.0.into(), e.1)).collect();
        task.moved_bytes = bytes.iter().map(|e| (e.0.into(), e.1)).collect();
        task.result_bytes = 3_145_728;
        plan.tasks.push(task);
        plan.tasks.len() as u32 - 1
    };
    let kernel = |mut task: PlanTask, op: &str, kernel: &str| {
        (task.op, task.kernel) = (op.into(), kernel.into());
        task
    };
    for (part, flops) in [("attn.c_attn", 5.4), ("attn.c_proj", 1.8), ("mlp.c_proj", 7.2)] {
        let chain: Vec<u32> = last.into_iter().collect();
        let norm = push(
            kernel(task(&name("ln"), "cpu", &chain, 3.1e3 * ns), "elec.kernel", "nn.norm"),
            &[("mac", 1.1e-7)],
            &[],
        );
        let load =
            PlanTask { busy_s: vec![], ..kernel(task(&name(part), "dram -> sram", &[], 0.17 * ns), "mem.load", "") };
        let load = push(
            load,
            &[("dram.read", flops * 3.3e-5), ("sram.write", 0.1e-5)],
            &[("dram", flops * 1e6), ("sram", flops * 1e6)],
        );
        let mut encode = kernel(task(&name(part), "sram -> ptu", &[norm, load], 120.0 * ns), "ptu.encode", "");
        encode.busy_s.push(("dac".into(), 100.0 * ns));
        let encode = push(encode, &[("dac", flops * 1e-6), ("sram.read", 2.0e-7)], &[("sram", 786_432.0)]);
        let mut matmul = kernel(task(&name(part), "ptu", &[encode], flops * 7.3e3 * ns), "ptu.matmul", "nn.matmul");
        matmul.tiling = vec![("tiles".into(), 96.0), ("cycles".into(), 73_728.0)];
        last = Some(push(matmul, &[("ptu.mac", flops / 3.0 * 1e-6), ("adc", flops * 2e-6)], &[("sram", 786_432.5)]));
    }
    let reshape = task(&name("mlp.reshape"), "cpu", &[last.unwrap_or(0)], 0.0);
    push(reshape, &[("sram.read", 1.0e-9)], &[]);
}

prop_compose! {
    /// Any plan on three resources, then list-scheduled.
    pub(crate) fn plans()(
        capacities in prop::collection::vec(prop::option::of(1_u32..3), 3),
        raw in prop::collection::vec((any::<u32>(), 0_usize..3, 0_usize..3, 0.0..1e-6_f64, 0.0..1.0_f64, 0.0..1e-9_f64, any::<u8>()), 0..40),
    ) -> Plan {
        let names = ["a", "b", "c"];
        let resources = names.iter().zip(&capacities).map(|(n, c)| resource(n, *c, Kind::Unit)).collect();
        let tasks = raw.into_iter().enumerate().map(|(i, (edges, unit, other, time, part, joules, kind))| {
            let after: Vec<u32> = (0..i).filter(|b| (edges >> ((2 * b) % 31)) & 3 == 0).map(|b| b as u32).collect();
            // One in four takes no time, one in four holds nothing, one in four holds a second resource.
            let seconds = if kind & 3 == 0 { 0.0 } else { time };
            let mut task = task(&format!("model.layers.{}.op{i}", i / 4), names[unit], &after, seconds);
            match kind & 12 {
                0 => task.busy_s.clear(),
                4 if other != unit => task.busy_s.push((names[other].into(), seconds * part)),
                _ => {}
            }
            task.energy_j = vec![("mac".into(), joules), (names[other].into(), joules * part)];
            task.moved_bytes = vec![("sram".into(), 1e3 * part)];
            task.result_bytes = u64::from(kind);
            task
        }).collect();
        scheduled(Plan { resources, tasks, ..Plan::default() })
    }
}
