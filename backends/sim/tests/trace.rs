//! The trace and the table: read back, they say what the simulation says.

mod common;

use common::{model, plans, resource, scheduled, task};
use prism_sim::{Kind, Plan, csv, simulate, sum, trace};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

fn parsed(plan: &Plan) -> (Vec<Value>, Vec<u8>) {
    let bytes = trace::perfetto(plan, &simulate(plan).unwrap());
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(json["displayTimeUnit"], "ns");
    (json["traceEvents"].as_array().unwrap().clone(), bytes)
}

fn of<'a>(events: &'a [Value], phase: &str) -> Vec<&'a Value> {
    events.iter().filter(|e| e["ph"] == phase).collect()
}

/// Microseconds as whole femtoseconds.
fn ticks(us: &Value) -> i128 {
    (us.as_f64().unwrap() * 1e9).round() as i128
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} is not {b}");
}

#[test]
fn energy_of_the_events_is_that_of_the_plan() {
    let plan = model(12);
    let planned = plan.tasks.iter().flat_map(|t| &t.energy_j).map(|e| e.1).sum();
    let (events, _) = parsed(&plan);
    let slices = of(&events, "X");
    near(sum(slices.iter().filter_map(|e| e["args"]["energy_j"].as_f64())), planned);
    let parts = slices.iter().filter_map(|e| e["args"]["energy_by_component_j"].as_object());
    near(sum(parts.flat_map(|o| o.values()).filter_map(Value::as_f64)), planned);
    near(simulate(&plan).unwrap().energy.dynamic_j, planned);
}

/// What each series of a counter adds up to over time.
fn integral(events: &[Value], name: &str) -> BTreeMap<String, f64> {
    let samples: Vec<_> = of(events, "C").into_iter().filter(|e| e["name"] == name).collect();
    let mut total: BTreeMap<String, f64> = BTreeMap::new();
    for pair in samples.windows(2) {
        let seconds = (ticks(&pair[1]["ts"]) - ticks(&pair[0]["ts"])) as f64 * 1e-15;
        assert!(seconds > 0.0, "samples are in order of time");
        for (series, value) in pair[0]["args"].as_object().unwrap() {
            *total.entry(series.clone()).or_default() += value.as_f64().unwrap() * seconds;
        }
    }
    if let Some(last) = samples.last() {
        assert!(last["args"].as_object().unwrap().values().all(|v| v.as_f64() == Some(0.0)), "{name} ends at 0");
    }
    total
}

#[test]
fn counters_summed_over_time_are_what_was_spent() {
    let plan = model(12);
    let (events, _) = parsed(&plan);
    let run = simulate(&plan).unwrap();
    let power = integral(&events, "power (W)");
    near(power.values().sum(), run.energy.dynamic_j);
    near(power["sram"], run.energy.by_component_j["sram.read"] + run.energy.by_component_j["sram.write"]);
    near(integral(&events, "traffic (bytes/s)")["dram"], run.moved_bytes["dram"]);
}

/// That no two slices of a track overlap, neither exactly nor in a viewer.
fn check_lanes(events: &[Value]) {
    let mut tracks: BTreeMap<u64, Vec<(&Value, &Value)>> = BTreeMap::new();
    for slice in of(events, "X") {
        tracks.entry(slice["tid"].as_u64().unwrap()).or_default().push((&slice["ts"], &slice["dur"]));
        let (dur, latency) = (ticks(&slice["dur"]) as f64, slice["args"]["latency_s"].as_f64());
        assert!(latency.is_none_or(|l| (dur - l * 1e15).abs() < 502_000.0), "{slice}");
    }
    // Perfetto takes microseconds times 1000, cut (until 2025) or rounded, each number for itself.
    let seen = |us: &Value, whole: fn(f64) -> f64| whole(us.as_f64().unwrap() * 1000.0);
    for pair in tracks.values().flat_map(|slices| slices.windows(2)) {
        let ((ts, dur), (next, _)) = (pair[0], pair[1]);
        assert!(ticks(ts) + ticks(dur) <= ticks(next), "{pair:?}");
        for whole in [f64::floor, f64::round] {
            assert!(seen(ts, whole) + seen(dur, whole) <= seen(next, whole), "{pair:?}");
        }
    }
}

#[test]
fn concurrent_tasks_get_lanes() {
    let mut plan = model(3);
    // Six transfers at once on a path without a limit.
    for i in 0..6 {
        let mut load = task(&format!("burst.{i}"), "dram -> sram", &[0], 1e-9);
        load.busy_s.clear();
        plan.tasks.push(load);
    }
    let (events, _) = parsed(&scheduled(plan));
    check_lanes(&events);
    let names: Vec<_> = of(&events, "M").into_iter().filter_map(|e| e["args"]["name"].as_str()).collect();
    for name in ["cpu", "ptu", "dram -> sram", "dram -> sram (6)", "dac", "units (simulated)"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert!(!names.contains(&"cpu (2)") && !names.contains(&"dram -> sram (7)"), "{names:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_plan_gives_a_trace_that_adds_up(plan in plans()) {
        let (events, _) = parsed(&plan);
        check_lanes(&events);
        let run = simulate(&plan).unwrap();
        let slices = of(&events, "X");
        prop_assert_eq!(slices.iter().filter(|e| e["args"]["op"].is_string()).count(), plan.tasks.len());
        near(sum(slices.iter().filter_map(|e| e["args"]["energy_j"].as_f64())), run.energy.dynamic_j);
        near(integral(&events, "power (W)").values().sum(), run.energy.dynamic_j);
    }
}

#[test]
fn slices_carry_the_users_names_and_the_figures() {
    let plan = model(1);
    let (events, _) = parsed(&plan);
    let matmul = of(&events, "X").into_iter().find(|e| e["cat"] == "ptu.matmul").unwrap().clone();
    assert_eq!(matmul["name"], "transformer.h.0.attn.c_attn");
    assert_eq!(matmul["args"]["kernel"], "nn.matmul");
    assert_eq!(matmul["args"]["tiling"]["cycles"], 73_728);
    assert_eq!(matmul["args"]["moved_bytes"]["sram"], 786_432.5);
    let component: f64 = plan.tasks[3].energy_j[0].1;
    assert_eq!(matmul["args"]["energy_by_component_j"]["ptu.mac"].as_f64(), Some(component), "to the last bit");
    let held = of(&events, "X").into_iter().find(|e| e["args"]["held_by"] == "sram -> ptu").unwrap().clone();
    assert_eq!((ticks(&held["dur"]), &held["name"]), (100_000_000, &matmul["name"]));
    let instant = of(&events, "X").into_iter().any(|e| e["dur"] == 0 && e["name"] == "transformer.h.0.mlp.reshape");
    assert!(instant, "a task without duration is there all the same");
}

#[test]
fn a_trace_of_twelve_hundred_tasks_is_small_and_always_the_same() {
    let plan = model(93);
    assert!(plan.tasks.len() >= 1200);
    let (_, bytes) = parsed(&plan);
    assert!(bytes.len() < 1_000_000, "{} bytes", bytes.len());
    assert_eq!(parsed(&plan).1, bytes);
}

#[test]
fn names_of_any_kind_stay_valid_json_and_csv() {
    let odd = "a \"b\"\\\n\u{1}é,c";
    let mut strange = task(odd, odd, &[], 1e-9);
    strange.energy_j = vec![(odd.into(), 1.0), (odd.into(), 2.0)];
    let plan = Plan { resources: vec![resource(odd, None, Kind::Unit)], tasks: vec![strange], ..Plan::default() };
    let plan = scheduled(plan);
    let (events, _) = parsed(&plan);
    assert_eq!(of(&events, "X")[0]["name"], odd);
    assert_eq!(of(&events, "X")[0]["args"]["energy_by_component_j"][odd], 3);
    let table = csv::tasks(&plan, &simulate(&plan).unwrap());
    assert!(table.contains("\"a \"\"b\"\"\\\n\u{1}é,c\""), "{table}");
}

#[test]
fn the_table_adds_up() {
    let plan = model(2);
    let run = simulate(&plan).unwrap();
    let table = csv::tasks(&plan, &run);
    let rows: Vec<Vec<&str>> = table.lines().map(|l| l.split(',').collect()).collect();
    assert!(rows.iter().all(|r| r.len() == rows[0].len()));
    let column = |name: &str| {
        let at = rows[0].iter().position(|h| *h == name).unwrap();
        sum(rows[1..].iter().map(|r| r[at].parse::<f64>().unwrap()))
    };
    near(column("energy_j"), run.energy.dynamic_j);
    near(column("energy_j:adc"), run.energy.by_component_j["adc"]);
    near(column("moved_bytes:dram"), run.moved_bytes["dram"]);
    near(column("busy_s:ptu"), run.busy_s["ptu"]);
    assert_eq!(rows[1][6..8], [format!("{:?}", run.start_s[0]), format!("{:?}", run.end_s[0])]);
}

#[test]
fn nothing_to_run_is_a_valid_trace() {
    let (events, _) = parsed(&Plan::default());
    assert_eq!(events.len(), 2, "only the process of the counters is named");
}
