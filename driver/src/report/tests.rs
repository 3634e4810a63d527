use super::{Context, Extraction, Facts, Fastest, Memory, Places, Report, Saturation, Schedule, summary};
use crate::console::Console;
use prism_hardware::Target;
use prism_sim::{Kind, Plan, PlanTask, Resource, simulate};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../../docs/schema/report.schema.json");

/// Two products, one after the other: 1 J on light, 3 J on electronics.
fn plan() -> Plan {
    let task = |name: &str, op: &str, unit: &str, start_s: f64, joules: f64, after: Vec<u32>| PlanTask {
        name: name.into(),
        op: op.into(),
        kernel: "nn.matmul".into(),
        unit: unit.into(),
        after,
        start_s,
        latency_s: 2.0,
        busy_s: vec![(unit.into(), 2.0)],
        energy_j: vec![("light".into(), joules / 4.0), ("dac".into(), joules * 3.0 / 4.0)],
        ..PlanTask::default()
    };
    let resource = |name: &str| Resource { name: name.into(), capacity: Some(1), kind: Kind::Unit };
    Plan {
        resources: vec![resource("phu"), resource("cpu")],
        tasks: vec![
            task("h.0.attn", "ptu.matmul", "phu", 0.0, 1.0, vec![]),
            task("h.1.attn", "elec.kernel", "cpu", 2.0, 3.0, vec![0]),
        ],
        makespan_s: 4.0,
        static_power_w: vec![],
    }
}

fn facts(objective: &str) -> Facts {
    Facts {
        saturation: Some(Saturation {
            segment: "main".into(),
            stop: "saturated".into(),
            enodes: 30,
            eclasses: 20,
            iterations: 4,
        }),
        places: Some(Places { resident_share: 0.5, spilled: 1 }),
        extraction: Some(Extraction {
            objective: objective.into(),
            strategy: "exact".into(),
            method: "elimination".into(),
            cost: 4.0,
            bound: 4.0,
            proven: true,
            classes: 9,
            nodes: 12,
            candidates: Some(2),
            joined: None,
            verified: None,
            energy_j: None,
            energy_bound_j: None,
            least_energy_j: None,
            within_s: None,
            fastest: Some(Fastest { bound_s: 2.5, binding: "resource phu".into() }),
        }),
        pareto: Vec::new(),
        schedule: Some(Schedule { bound_s: 3.0, binding: "path of 2 tasks".into() }),
        memory: Some(Memory { name: "sram".into(), capacity_bytes: 100, peak_bytes: 60 }),
        arrays: Vec::new(),
    }
}

fn report(facts: &Facts) -> prism_support::Result<Report> {
    let plan = plan();
    let context = Context { command: "prism compile m.onnx".into(), model: "m".into(), ..Context::default() };
    let target = Target::shipped("lightcode").expect("a shipped target")?;
    Report::new(context, &target, facts, &plan, &simulate(&plan)?)
}

#[test]
fn shares_add_up_by_cause_and_by_layer() {
    let r = report(&facts("energy")).expect("a report");
    assert_eq!(r.energy_by_layer_component_cause.len(), 4);
    assert_eq!(r.energy_by_layer_component_cause.iter().map(|s| s.energy_j).sum::<f64>(), r.energy_j);
    // The light of LightCode's unit computes, its converters convert.
    assert_eq!(r.energy_by_cause_j.get("compute"), Some(&1.0));
    assert_eq!(r.energy_by_cause_j.get("convert"), Some(&3.0));
    // It states no power that is drawn without work.
    assert_eq!((r.total_energy_j.gated, r.total_energy_j.always_on), (4.0, 4.0));
}

#[test]
fn figures_bounds_and_gaps_fit_together() {
    let r = report(&facts("energy")).expect("a report");
    assert_eq!((r.makespan_s, r.energy_j), (4.0, 4.0));
    assert_eq!((r.gap.makespan, r.gap.energy), (Some(0.25), Some(0.0)));
    assert!(r.proven.energy && r.meets_bound.energy && !r.meets_bound.makespan);
    assert_eq!((r.placement.light, r.placement.electronic, r.placement.candidates), (1, 1, 2));
    assert_eq!(r.energy_by_component_j.values().sum::<f64>(), r.energy_j);
    assert_eq!(r.energy_by_layer_j.get("h.1").and_then(Value::as_f64), Some(3.0));
}

#[test]
fn without_an_extraction_energy_has_no_bound() {
    let r = report(&Facts::default()).expect("a report");
    assert_eq!((r.bound.energy_j, r.gap.energy, r.proven.energy), (None, None, false));
    assert_eq!((r.bound.fastest_s, r.objective_value), (None, None));
}

/// The facts of an extraction for another measure than energy.
fn asked(objective: &str, cost: f64, bound: f64) -> Facts {
    let mut facts = facts(objective);
    let extraction = facts.extraction.as_mut().expect("there");
    (extraction.cost, extraction.bound, extraction.proven) = (cost, bound, false);
    (extraction.energy_j, extraction.energy_bound_j) = (Some(4.0), Some(3.0));
    facts
}

#[test]
fn the_bound_on_the_makespan_is_over_what_was_chosen_from() {
    let r = report(&asked("latency", 4.0, 2.5)).expect("a report");
    // Over all assignments, where the makespan is what is least; the energy then has a bound of its own.
    assert_eq!((r.bound.makespan_s, r.gap.makespan, r.gap.energy), (Some(2.5), Some(0.375), Some(0.25)));
    assert!(r.optimality_model.makespan_bound_over.contains("every assignment"));
    assert_eq!(r.optimality_model.makespan_bound_by.as_deref(), Some("resource phu"));
    let value = r.objective_value.expect("a value");
    assert_eq!((value.unit.as_str(), value.value, value.bound, value.gap), ("s", 4.0, 2.5, 0.375));
    // Over the schedules of this assignment, where it is not.
    let r = report(&facts("energy")).expect("a report");
    assert_eq!((r.bound.makespan_s, r.bound.fastest_s, r.gap.fastest), (Some(3.0), Some(2.5), Some(0.375)));
    assert!(r.optimality_model.text.contains("none is below 2.5 s"), "{}", r.optimality_model.text);
}

#[test]
fn products_are_of_the_figures_of_the_run() {
    let r = report(&asked("energy^2*latency", 60.0, 32.0)).expect("a report");
    let value = r.objective_value.expect("a value");
    assert_eq!((value.unit.as_str(), value.value, value.gap), ("J^2 s", 64.0, 0.5));
}

#[test]
fn broken_laws_are_errors() {
    let mut more = facts("energy");
    more.extraction.as_mut().expect("there").cost = 4.000_001;
    let mut early = facts("energy");
    early.schedule.as_mut().expect("there").bound_s = 4.1;
    let mut fast = facts("energy");
    fast.extraction.as_mut().expect("there").fastest = Some(Fastest { bound_s: 4.1, binding: String::new() });
    let mut other = asked("edp", 16.0, 16.0);
    other.extraction.as_mut().expect("there").energy_j = Some(4.000_001);
    for facts in [more, early, fast, other] {
        assert_eq!(report(&facts).expect_err("a broken law").0[0].code.name, "E0801");
    }
}

#[test]
fn the_summary_fits_one_screen() {
    let text =
        summary(&report(&facts("energy")).expect("a report"), &["prism-out/report.json".into()], &Console::default());
    assert!(text.lines().count() <= 30 && text.lines().all(|l| l.chars().count() <= 100), "{text}");
    assert!(
        text.contains("energy     4 J        bound 4 J") && text.contains("1 on light, 1 on electronics"),
        "{text}"
    );
}

/// What of `value` the schema does not allow: the words of JSON Schema that ours use.
pub(crate) fn violations(schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_u64() || n.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let names = |v: &Value| v == kind || (v == "number" && kind == "integer");
    let fits = match &schema["type"] {
        Value::Array(any) => any.iter().any(names),
        one => names(one),
    };
    let listed = schema["enum"].as_array().is_none_or(|e| e.contains(value));
    let enough = schema["minimum"].as_f64().zip(value.as_f64()).is_none_or(|(least, x)| x >= least);
    if !(fits && listed && enough) {
        out.push(format!("{at}: {value}"));
    }
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        violations(&schema["items"], item, &format!("{at}[{i}]"), out);
    }
    for (key, item) in value.as_object().into_iter().flatten() {
        let inner = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
        match inner {
            Value::Object(_) => violations(inner, item, &format!("{at}.{key}"), out),
            _ => out.push(format!("{at}.{key} is not in the schema")),
        }
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    out.extend(
        required
            .filter(|key| value.is_object() && value.get(key).is_none())
            .map(|key| format!("{at}.{key} is missing")),
    );
}

#[test]
fn reports_follow_their_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    for facts in [facts("energy"), asked("latency", 4.0, 2.5), asked("edp", 16.0, 9.0), Facts::default()] {
        let mut value: Value = serde_json::from_str(&report(&facts).expect("a report").json()).expect("JSON");
        let mut found = Vec::new();
        violations(&schema, &value, "report", &mut found);
        assert!(found.is_empty(), "{found:?}");
        // The check itself sees what is wrong.
        value["accuracy"] = "exact".into();
        value.as_object_mut().expect("object").remove("seed");
        value["placement"]["dark"] = 1.into();
        violations(&schema, &value, "report", &mut found);
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
