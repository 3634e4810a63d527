//! The simulator: conservation, agreement with the list schedule, bad plans.

mod common;

use common::{model, plans, problem_of, resource, scheduled, task};
use prism_sim::{Kind, Plan, PlanTask, Profile, simulate, sum};
use prism_solve::schedule::bound;
use proptest::prelude::*;

fn near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

fn plan_energy(plan: &Plan) -> f64 {
    plan.tasks.iter().flat_map(|t| &t.energy_j).map(|e| e.1).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_schedule_runs_as_planned_and_conserves(plan in plans()) {
        let run = simulate(&plan).unwrap();
        prop_assert!(run.makespan_s <= plan.makespan_s, "{} above {}", run.makespan_s, plan.makespan_s);
        prop_assert!(bound(&problem_of(&plan)).unwrap().makespan <= run.makespan_s);
        prop_assert_eq!(run.late, None);
        for (i, task) in plan.tasks.iter().enumerate() {
            for &before in &task.after {
                prop_assert!(run.start_s[i] >= run.end_s[before as usize]);
            }
        }
        check_capacities(&plan, &run.start_s)?;
        let total = plan_energy(&plan);
        prop_assert!(near(run.energy.dynamic_j, total, 1e-12));
        for parts in [
            sum(run.energy.by_component_j.values().copied()),
            sum(run.energy.by_layer_j.values().copied()),
            sum(run.energy.by_op_j.values().copied()),
            sum(run.power_w.values().map(Profile::integral)),
        ] {
            prop_assert!(near(parts, total, 1e-9), "{parts} is not {total}");
        }
        let moved: f64 = plan.tasks.iter().flat_map(|t| &t.moved_bytes).map(|b| b.1).sum();
        prop_assert!(near(sum(run.traffic.values().map(Profile::integral)), moved, 1e-9));
        prop_assert_eq!(simulate(&plan).unwrap(), run);
    }

    #[test]
    fn numbers_of_any_kind_give_an_answer_or_an_error(plan in plans(), at in any::<prop::sample::Index>(), field in 0..7, x in prop::num::f64::ANY, edge in any::<u32>()) {
        prop_assume!(!plan.tasks.is_empty());
        let mut plan = plan;
        let count = plan.tasks.len() as u32;
        let task = &mut plan.tasks[at.index(count as usize)];
        match field {
            0 => task.start_s = x,
            1 => task.latency_s = x,
            2 => task.busy_s.push(("a".into(), x)),
            3 => task.energy_j[0].1 = x,
            4 => task.moved_bytes[0].1 = x,
            5 => task.after.push(edge % (count + 2)),
            _ => plan.makespan_s = x,
        }
        if let Ok(run) = simulate(&plan) {
            prop_assert!(run.makespan_s.is_finite() && run.energy.dynamic_j.is_finite());
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&prism_sim::trace::perfetto(&plan, &run)).is_ok());
        }
    }
}

/// At no moment do more tasks hold a resource than it has units; usage rises only where a task starts.
fn check_capacities(plan: &Plan, start: &[f64]) -> Result<(), TestCaseError> {
    for resource in &plan.resources {
        let Some(capacity) = resource.capacity else { continue };
        let held = |i: usize| plan.tasks[i].busy_s.iter().find(|b| b.0 == resource.name).map_or(0.0, |b| b.1);
        for moment in 0..start.len() {
            let now = start[moment];
            let busy = (0..start.len()).filter(|&i| start[i] <= now && now < start[i] + held(i)).count();
            prop_assert!(busy <= capacity as usize, "{busy} hold {} at {now}", resource.name);
        }
    }
    Ok(())
}

#[test]
fn a_model_runs_in_exactly_its_planned_time() {
    let plan = model(12);
    let run = simulate(&plan).unwrap();
    assert_eq!(run.makespan_s, plan.makespan_s);
    assert_eq!(run.late, None);
    assert_eq!(run.energy.by_layer_j.keys().nth(10).map(|n| &**n), Some("transformer.h.10"));
    assert!(near(run.busy_s["ptu"], 12.0 * 14.4 * 7.3e-6, 1e-12));
    assert!(run.on_chip_bytes.peak() < 6.0 * 3_145_728.0, "weights are fetched just in time");
    assert_eq!(run.on_chip_bytes.steps.last().unwrap().1, 0.0);
}

#[test]
fn the_simulator_uses_order_not_planned_times() {
    // Planned with a hole of a second; nothing but the plan asks for it.
    let mut late = task("b", "cpu", &[0], 1.0);
    late.start_s = 2.0;
    let plan = Plan {
        resources: vec![resource("cpu", Some(1), Kind::Unit)],
        tasks: vec![task("a", "cpu", &[], 1.0), late],
        makespan_s: 3.0,
        ..Plan::default()
    };
    assert_eq!(simulate(&plan).unwrap().end_s, [1.0, 2.0]);
}

#[test]
fn a_plan_that_overbooks_a_unit_is_late() {
    let resources = vec![resource("cpu", Some(1), Kind::Unit)];
    let tasks = vec![task("a", "cpu", &[], 1.0), task("b", "cpu", &[], 1.0), task("c", "cpu", &[], 1.0)];
    let run = simulate(&Plan { resources, tasks, makespan_s: 1.0, ..Plan::default() }).unwrap();
    assert_eq!((run.makespan_s, run.late.unwrap().by_s, run.late.unwrap().task), (3.0, 2.0, 2));
}

#[test]
fn results_live_until_their_last_reader_has_run() {
    let resources = vec![resource("cpu", Some(1), Kind::Unit)];
    let bytes = |mut t: PlanTask, n| {
        t.result_bytes = n;
        t
    };
    let tasks = vec![
        bytes(task("a", "cpu", &[], 1.0), 100),
        bytes(task("b", "cpu", &[0], 1.0), 10),
        bytes(task("c", "cpu", &[0, 1], 1.0), 1),
        task("d", "cpu", &[2], 1.0),
    ];
    let run = simulate(&scheduled(Plan { resources, tasks, ..Plan::default() })).unwrap();
    assert_eq!(run.on_chip_bytes.steps, [(1.0, 100.0), (2.0, 110.0), (3.0, 1.0), (4.0, 0.0)]);
}

#[test]
fn energy_of_a_task_without_duration_is_an_impulse() {
    let mut instant = task("a", "cpu", &[], 0.0);
    instant.energy_j = vec![("mac".into(), 2.5)];
    let plan = Plan { resources: vec![resource("cpu", Some(1), Kind::Unit)], tasks: vec![instant], ..Plan::default() };
    let run = simulate(&plan).unwrap();
    assert_eq!(run.power_w["mac"].impulses, [(0.0, 2.5)]);
    assert_eq!(run.power_w["mac"].integral(), 2.5);
}

#[test]
fn static_energy_stays_apart() {
    let resources = vec![resource("cpu", Some(1), Kind::Unit)];
    let static_power_w = vec![("laser".into(), 3.0)];
    let plan = Plan { resources, tasks: vec![task("a", "cpu", &[], 2.0)], makespan_s: 2.0, static_power_w };
    let run = simulate(&plan).unwrap();
    assert_eq!(run.energy.static_j["laser"], 6.0);
    assert_eq!(run.energy.dynamic_j, 0.0);
}

#[test]
fn every_defect_is_reported_at_its_task() {
    let resources = vec![resource("cpu", Some(1), Kind::Unit), resource("ptu", Some(0), Kind::Unit)];
    let mut tasks =
        vec![task("h.0.a", "cpuu", &[], 1.0), task("h.0.b", "cpu", &[7], f64::NAN), task("h.0.c", "cpu", &[], 1.0)];
    tasks[2].energy_j = vec![("mac".into(), -1.0)];
    tasks[2].busy_s = vec![("cpu".into(), 2.0), ("cpu".into(), 0.5)];
    let found = simulate(&Plan { resources, tasks, ..Plan::default() }).unwrap_err();
    let headlines: Vec<_> = found.0.iter().map(|d| d.headline.as_str()).collect();
    assert_eq!(
        headlines,
        [
            "resource `ptu` has no units",
            "`h.0.a` runs on `cpuu`, which the plan does not list",
            "`h.0.a` holds `cpuu`, which the plan does not list",
            "`h.0.b` has no valid latency",
            "`h.0.b` has no valid time on `cpu`",
            "`h.0.b` waits for a task that does not exist",
            "`h.0.c` has no valid energy of `mac`",
            "`h.0.c` holds `cpu` for longer than it runs",
            "`h.0.c` holds `cpu` twice",
        ]
    );
    assert_eq!(found.0[1].hint.as_deref(), Some("did you mean `cpu`?"));
    assert!(found.0.iter().all(|d| d.code.name == "E0801"));
}

#[test]
fn a_cycle_is_named() {
    let resources = vec![resource("cpu", Some(1), Kind::Unit)];
    let tasks = vec![task("a", "cpu", &[], 1.0), task("b", "cpu", &[0, 2], 1.0), task("c", "cpu", &[1], 1.0)];
    let found = simulate(&Plan { resources, tasks, makespan_s: 1.0, ..Plan::default() }).unwrap_err();
    assert_eq!(found.0[0].headline, "`b` waits for itself");
    assert_eq!(found.0[0].found.as_deref(), Some("`b` waits for `c` waits for the first again"));
}

#[test]
fn an_order_against_the_dependences_is_an_error() {
    let resources = vec![resource("cpu", Some(1), Kind::Unit)];
    let mut tasks = vec![task("a", "cpu", &[], 1.0), task("b", "cpu", &[0], 1.0)];
    tasks[0].start_s = 1.0;
    let found = simulate(&Plan { resources, tasks, makespan_s: 2.0, ..Plan::default() }).unwrap_err();
    assert_eq!(found.0[0].headline, "`b` is planned before `a` has ended");
}

#[test]
fn a_plan_survives_json() {
    let plan = model(2);
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
}
