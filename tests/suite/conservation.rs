//! Laws that hold whatever the numbers are: energy is neither made nor lost on its way from the extraction to the
//! trace, no bound is above what it bounds, no memory is faster than it is, and the same input gives the same bytes.

use crate::common::{Machine, machine, machines, run, session, shown};
use crate::prism::{root, run as command};
use prism_dialects::mlir::Session;
use prism_dialects::{Attr, Body, Module};
use prism_driver::plan_export;
use prism_hardware::{Bandwidth, ResourceKind};
use prism_import::{Bindings, OnnxModel};
use prism_passes::pipelines::{Stage, between};
use prism_passes::testing::random_module;
use prism_sim::{Plan, Simulation, simulate, sum, trace};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

crate::trials!("conservation": random_programs, gpt2_tiny, gpt2_prefill, gpt2_decode, same_input_same_bytes);

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// A number that a pass wrote to its function.
fn fact(body: &Body, of: &str, name: &str) -> f64 {
    let facts = body.attrs.get(of).and_then(Attr::as_dict).unwrap_or_else(|| panic!("no `{of}`"));
    facts.get(name).and_then(Attr::as_float).unwrap_or_else(|| panic!("no `{name}` in `{of}`"))
}

/// All laws on one program and machine.
fn holds(session: &Session, machine: &Machine, module: &Module, what: &str) {
    let what = format!("{what} on {}", machine.name);
    let done = shown(run(session, machine, &between(Stage::Import, Stage::Plan), module));
    let plan_ir = done.plain.expect("a plan");
    let body = &plan_ir.bodies[0];
    let plan = shown(plan_export::export(&plan_ir));
    let simulation = shown(simulate(&plan));

    let extracted = fact(body, "stack.extraction", "cost");
    let simulated = simulation.energy.dynamic_j;
    assert!(close(extracted, simulated), "{what}: {extracted} J extracted, {simulated} J simulated");
    assert!(fact(body, "stack.extraction", "bound") <= extracted * (1.0 + 1e-12), "{what}: energy below its bound");
    for (by, parts) in [
        ("component", sum(simulation.energy.by_component_j.values().copied())),
        ("layer", sum(simulation.energy.by_layer_j.values().copied())),
        ("operation", sum(simulation.energy.by_op_j.values().copied())),
        ("time", sum(simulation.power_w.values().map(|p| p.integral()))),
        ("event of the trace", traced(&plan, &simulation)),
    ] {
        assert!(close(parts, simulated), "{what}: {parts} J by {by}, {simulated} J in all");
    }

    let (bound, planned) = (fact(body, "plan.schedule", "bound_s"), fact(body, "plan.schedule", "makespan_s"));
    assert!(bound <= planned && bound <= simulation.makespan_s, "{what}: {bound} s bounds {} s", simulation.makespan_s);
    assert!(simulation.makespan_s <= planned * (1.0 + 1e-12), "{what}: slower than planned");
    assert_eq!(simulation.late, None, "{what}: late");
    capacities(machine, &plan, &simulation, &what);
    memories(machine, &plan, &simulation, &what);
}

/// Sum over the slices of the trace.
fn traced(plan: &Plan, simulation: &Simulation) -> f64 {
    let trace: Value = serde_json::from_slice(&trace::perfetto(plan, simulation)).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("events");
    sum(events.iter().filter(|e| e["ph"] == "X").filter_map(|e| e["args"]["energy_j"].as_f64()))
}

/// At no instant is a resource held more often than there are of it; a link moves one transfer at a time, so that its
/// bandwidth is never exceeded when none of them alone exceeds it.
fn capacities(machine: &Machine, plan: &Plan, simulation: &Simulation, what: &str) {
    let mut edges: BTreeMap<&str, Vec<(f64, i64)>> = BTreeMap::new();
    for (task, start) in plan.tasks.iter().zip(&simulation.start_s) {
        for (resource, seconds) in task.busy_s.iter().filter(|b| b.1 > 0.0) {
            edges.entry(resource).or_default().extend([(*start, 1), (start + seconds, -1)]);
        }
    }
    for info in machine.target.resources() {
        let mut held = edges.remove(info.resource.as_str()).unwrap_or_default();
        // What ends at an instant makes room for what starts at it; ends are rounded sums, so they may be a little late.
        let slack = simulation.makespan_s * 1e-12;
        held.iter_mut().filter(|e| e.1 < 0).for_each(|e| e.0 -= slack);
        held.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut now = 0i64;
        for (time, change) in held {
            now += change;
            assert!(now <= i64::from(info.capacity), "{what}: {now} hold `{}` at {time} s", info.resource.as_str());
        }
    }
    assert!(edges.is_empty(), "{what}: held but not there: {:?}", edges.keys());
    bandwidths(machine, plan, what);
}

/// A memory of limited bandwidth has one holder at a time, which holds it for as long as its bytes take. And what a task
/// moves to and from a memory passes the links of that memory while the task holds them, so the memory is never faster than
/// its links; memories with an unlimited link are not.
fn memories(machine: &Machine, plan: &Plan, simulation: &Simulation, what: &str) {
    let target = &machine.target;
    for memory in &target.memories {
        let name = memory.name.as_str();
        let mut rates = BTreeMap::new();
        for link in target.links.iter().filter(|l| l.from == name || l.to == name) {
            let Bandwidth::Limited(rate) = link.bandwidth else {
                rates.clear();
                break;
            };
            rates.insert(link.resource.as_str(), rate);
        }
        if let Bandwidth::Limited(rate) = memory.bandwidth {
            for task in &plan.tasks {
                let bytes = task.moved_bytes.iter().find(|m| &*m.0 == name).map_or(0.0, |m| m.1);
                let held = task.busy_s.iter().find(|b| &*b.0 == name).map_or(0.0, |b| b.1);
                assert!(bytes <= rate * held * (1.0 + 1e-9), "{what}: `{}` moves {bytes} B in {held} s", task.name);
            }
        }
        for task in plan.tasks.iter().filter(|_| !rates.is_empty()) {
            let bytes = task.moved_bytes.iter().find(|m| &*m.0 == name).map_or(0.0, |m| m.1);
            let most: f64 = task.busy_s.iter().map(|(r, held)| rates.get(&**r).copied().unwrap_or(0.0) * held).sum();
            assert!(bytes <= most * (1.0 + 1e-9), "{what}: `{}` moves {bytes} B in `{name}`, {most} fit", task.name);
        }
    }
    if let Some(capacity) = target.memories[target.placement.working].capacity {
        let peak = simulation.on_chip_bytes.peak();
        assert!(peak <= capacity.0, "{what}: {peak} B on chip at once, room for {}", capacity.0);
    }
}

/// A transfer over a link of finite bandwidth holds it for as long as its bytes take.
fn bandwidths(machine: &Machine, plan: &Plan, what: &str) {
    let links: Vec<_> = machine.target.resources().into_iter().filter(|r| r.kind == ResourceKind::Link).collect();
    for task in plan.tasks.iter().filter(|t| &*t.op == "mem.load" || &*t.op == "mem.store") {
        let Some(link) = machine.target.links.iter().find(|l| format!("{}->{}", l.from, l.to) == *task.unit) else {
            continue;
        };
        let Bandwidth::Limited(bytes_per_second) = link.bandwidth else { continue };
        assert!(links.iter().any(|l| l.resource.as_str() == &*task.unit), "{what}: no resource `{}`", task.unit);
        let bytes = task.moved_bytes.iter().map(|m| m.1).fold(0.0, f64::max);
        let held = task.busy_s.iter().find(|b| b.0 == task.unit).map_or(0.0, |b| b.1);
        let needed = bytes / bytes_per_second;
        assert!(
            held >= needed * (1.0 - 1e-9),
            "{what}: `{}` moves {bytes} B in {held} s over {}",
            task.name,
            task.unit
        );
    }
}

fn random_programs() {
    let session = session();
    for machine in machines() {
        for seed in 6000..6030 {
            holds(&session, &machine, &random_module(seed, 20), &format!("seed {seed}"));
        }
    }
}

fn model(file: &str, bindings: &Bindings, targets: &[&str]) {
    let session = session();
    let module = shown(shown(OnnxModel::open(&root().join("examples/models").join(file))).import(bindings));
    for name in targets {
        holds(&session, &machine(name), &module, file);
    }
}

/// One machine of each kind.
const ALL: &[&str] =
    &["lightcode", "cpu-only", "edge-demo", "lt-b-4bit", "lt-mrr-8bit", "lt-mzi-4bit", "lightml", "npu"];

fn gpt2_tiny() {
    model("gpt2_tiny.onnx", &Bindings::default(), ALL);
}

fn gpt2_prefill() {
    model("gpt2_prefill.onnx", &Bindings { seq: Some(1024), ..Bindings::default() }, ALL);
}

fn gpt2_decode() {
    model("gpt2_decode.onnx", &Bindings { past: Some(1023), ..Bindings::default() }, ALL);
}

/// Every artefact of two processes, byte by byte.
fn same_input_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = "examples/models/gpt2_tiny.onnx";
    for target in ALL {
        let mut seen: Vec<BTreeMap<String, Vec<u8>>> = Vec::new();
        for turn in ["a", "b"] {
            let out = folder.path().join(target).join(turn);
            let place = out.display().to_string();
            let dumps = out.join("dumps").display().to_string();
            let kinds = "ir,report,trace,csv,plan";
            let words = ["compile", model, "-t", target, "--allow-infeasible", "-o", &place, "--emit", kinds];
            let ran = command(&[&words[..], &["--dump-dir", &dumps]].concat());
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            let mut files = contents(&out);
            files.extend(contents(&out.join("dumps")));
            files.insert("stdout".into(), ran.stdout.replace(&place, "OUT").into_bytes());
            seen.push(files);
        }
        let names: Vec<&String> = seen[0].keys().collect();
        assert!(names.len() >= 12, "{names:?}");
        for (name, bytes) in &seen[0] {
            assert!(seen[1].get(name) == Some(bytes), "{name} differs between two runs on {target}");
        }
        assert_eq!(seen[0].len(), seen[1].len());
    }
}

fn contents(folder: &std::path::Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).expect("a folder").map(|f| f.expect("an entry").path()).filter(|p| p.is_file());
    files
        .map(|p| (p.display().to_string().replace(&*folder.to_string_lossy(), ""), fs::read(&p).expect("bytes")))
        .collect()
}
