//! Measures other than energy: no plan is worse than a baseline's or better than a bound, limits are kept or refused, and
//! real models come near their bounds.

use crate::common::{Machine, after, machine, machines, run, session, shown};
use crate::prism::{root, run as command};
use prism_dialects::mlir::Session;
use prism_dialects::{Attr, Body, Module};
use prism_import::{Bindings, OnnxModel};
use prism_passes::testing::random_module;
use std::fs;

crate::trials!(
    "objectives": never_worse_than_a_baseline, limits_are_kept_or_refused, gpt2_comes_near_its_bound,
    llama_comes_near_its_bound, nothing_lies_below_the_frontier, the_plan_is_one_of_the_frontier,
    bounds_know_the_limits, limits_speak_the_users_language,
    products_know_the_least_energy_of_each_case, units_and_room_wait_for_what_is_more_urgent,
    plans_between_are_tried_where_fast_ones_have_no_room
);

/// A number that a pass wrote to its function.
fn fact(body: &Body, of: &str, name: &str) -> f64 {
    let facts = body.attrs.get(of).and_then(Attr::as_dict).unwrap_or_else(|| panic!("no `{of}`"));
    facts.get(name).and_then(Attr::as_float).unwrap_or_else(|| panic!("no `{name}` in `{of}`"))
}

/// A plan in numbers.
#[derive(Debug)]
struct Figures {
    makespan: f64,
    energy: f64,
    value: f64,
    bound: f64,
    fastest: f64,
}

fn figures(session: &Session, machine: &Machine, stack: &Module, options: &str) -> prism_support::Result<Figures> {
    let passes = format!("extract{{{options}}},tile,schedule");
    let plan = run(session, machine, &passes, stack)?.plain.expect("a plan");
    let body = &plan.bodies[0];
    let extraction = |name: &str| fact(body, "stack.extraction", name);
    let facts = body.attrs.get("stack.extraction").and_then(Attr::as_dict).expect("facts");
    let energy = facts.get("energy_j").and_then(Attr::as_float).unwrap_or_else(|| extraction("cost"));
    let makespan = fact(body, "plan.schedule", "makespan_s");
    assert!(fact(body, "plan.schedule", "bound_s") <= makespan * (1.0 + 1e-9), "{options}");
    Ok(Figures {
        makespan,
        energy,
        value: extraction("cost"),
        bound: extraction("bound"),
        fastest: extraction("fastest_s"),
    })
}

/// A value that is larger by no more than a plan may be, or by rounding.
const NEAR: f64 = 1.0 + 2e-6;

/// E-graphs with their machines: random programs everywhere, and a small GPT-2 where there is something to choose.
fn stacks(session: &Session, seeds: std::ops::Range<u64>) -> Vec<(String, Machine, Module)> {
    let mut out = Vec::new();
    for machine in machines() {
        for seed in seeds.clone() {
            let stack = after(session, &machine, "saturate", &random_module(seed, 16));
            out.push((format!("seed {seed} on {}", machine.name), machine.clone(), stack));
        }
    }
    let tiny =
        shown(shown(OnnxModel::open(&root().join("examples/models/gpt2_tiny.onnx"))).import(&Bindings::default()));
    for name in ["lightcode", "edge-demo", "lt-mzi-4bit", "deap"] {
        let machine = machine(name);
        let stack = after(session, &machine, "fold-constants,cse,dce,saturate", &tiny);
        out.push((format!("gpt2_tiny on {name}"), machine, stack));
    }
    out
}

fn never_worse_than_a_baseline() {
    let session = session();
    let mut better = 0;
    for (what, machine, stack) in stacks(&session, 8100..8103) {
        let of = |options: &str| shown(figures(&session, &machine, &stack, options));
        let least = of("objective=energy");
        let fastest = of("objective=latency");
        for (measure, best) in [
            ("latency", &fastest),
            ("edp", &of("objective=edp")),
            ("energy^2*latency", &of("objective=energy^2*latency")),
            ("total-energy", &of("objective=total-energy")),
        ] {
            assert!(best.bound <= best.value, "{what}: {measure} {best:?}");
            assert!(best.energy >= least.energy / NEAR && best.makespan >= fastest.makespan / NEAR, "{what}: {best:?}");
            for strategy in ["greedy", "greedy-dag"] {
                let baseline = of(&format!("objective={measure},strategy={strategy}"));
                assert!(best.value <= baseline.value * NEAR, "{what}: {measure} {best:?} {strategy} {baseline:?}");
                // A bound on one is a bound on all.
                for bound in [best.bound, baseline.bound] {
                    assert!(bound <= best.value && bound <= baseline.value, "{what}: {measure} {strategy}");
                }
                assert!(best.fastest <= baseline.makespan * (1.0 + 1e-9), "{what}: {measure} {strategy}");
                better += usize::from(best.value < baseline.value / NEAR);
            }
        }
        assert!(
            fastest.makespan <= least.makespan * NEAR && least.fastest <= fastest.makespan * (1.0 + 1e-9),
            "{what}"
        );
    }
    assert!(better > 0, "the baselines are never worse: the programs are too easy to mean anything");
}

fn limits_are_kept_or_refused() {
    let session = session();
    let mut between = 0;
    for (what, machine, stack) in stacks(&session, 8200..8203) {
        let of = |options: &str| figures(&session, &machine, &stack, options);
        let least = shown(of("objective=energy"));
        let fastest = shown(of("objective=latency"));
        let middle = 0.5 * (least.makespan + fastest.makespan);
        let slow = shown(of(&format!("objective=energy,max-latency={middle:?}")));
        assert!(slow.makespan <= middle * (1.0 + 1e-9) && slow.energy <= fastest.energy * NEAR, "{what}: {slow:?}");
        assert!(slow.bound <= slow.value && slow.bound >= least.energy * (1.0 - 1e-9), "{what}: {slow:?}");
        between += usize::from(slow.energy < fastest.energy / NEAR);
        let budget = 0.5 * (least.energy + fastest.energy);
        let lean = shown(of(&format!("objective=latency,max-energy={budget:?}")));
        assert!(lean.energy <= budget * (1.0 + 1e-9) && lean.makespan <= least.makespan * NEAR, "{what}: {lean:?}");
        for (limit, value) in [("max-latency", fastest.fastest * 0.99), ("max-energy", least.energy * 0.99)] {
            // A program without work keeps any limit.
            if value > 0.0 {
                let refused = of(&format!("objective=edp,{limit}={value:?}")).expect_err(&what);
                assert_eq!(refused.0[0].code.name, "E0704", "{what}: {limit}");
                assert!(refused.0[0].notes.iter().any(|n| n.contains("plan can")), "{what}: {limit}");
            }
        }
    }
    assert!(between > 0, "no limit makes a difference: the programs are too easy to mean anything");
}

/// Gaps of a model on LightCode's machine.
fn near(file: &str, bindings: &[Bindings]) {
    let session = session();
    let machine = machine("lightcode");
    let model = shown(OnnxModel::open(&root().join("examples/models").join(file)));
    for bindings in bindings {
        let module = shown(model.import(bindings));
        let stack = after(&session, &machine, "fold-constants,cse,dce,saturate", &module);
        let plan = shown(figures(&session, &machine, &stack, "objective=latency"));
        let gap = 1.0 - plan.bound / plan.makespan;
        assert!(gap <= 0.03, "{file} {bindings:?}: {gap} {plan:?}");
        let product = shown(figures(&session, &machine, &stack, "objective=edp"));
        let gap = 1.0 - product.bound / product.value;
        assert!(gap <= 0.03, "{file} {bindings:?}: {gap} {product:?}");
        assert!(product.value <= plan.makespan * plan.energy * NEAR, "{file} {bindings:?}: {product:?} {plan:?}");
    }
}

fn seq(n: u64) -> Bindings {
    Bindings { seq: Some(n), ..Bindings::default() }
}

fn past(n: u64) -> Bindings {
    Bindings { past: Some(n), ..Bindings::default() }
}

fn gpt2_comes_near_its_bound() {
    near("gpt2_prefill.onnx", &[seq(1), seq(64), seq(1024)]);
    near("gpt2_decode.onnx", &[past(1), past(1023)]);
}

fn llama_comes_near_its_bound() {
    near("llama2_7b_prefill.onnx", &[seq(512)]);
    near("llama2_7b_decode.onnx", &[past(1024)]);
}

fn nothing_lies_below_the_frontier() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display().to_string();
    let model = "examples/models/gpt2_tiny.onnx";
    let ran = command(&["compile", model, "--objective", "edp", "--pareto=12", "-o", &out, "--quiet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let table = fs::read_to_string(folder.path().join("pareto.csv")).expect("a table");
    let number = |v: &str| v.parse::<f64>().expect("a number");
    let rows: Vec<Vec<f64>> = table.lines().skip(1).map(|l| l.split(',').map(number).collect()).collect();
    assert!((2..=12).contains(&rows.len()), "{table}");
    for pair in rows.windows(2) {
        assert!(pair[0][0] < pair[1][0] && pair[0][1] > pair[1][1], "{table}");
    }
    for row in &rows {
        assert!(row[2] <= row[0] && row[3] <= row[1] && row[4] <= 0.05 && row[5] <= 0.05, "{table}");
    }
    let report = fs::read_to_string(folder.path().join("report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let (makespan, energy) = (report["makespan_s"].as_f64().expect("s"), report["energy_j"].as_f64().expect("J"));
    let product = rows.iter().map(|r| r[0] * r[1]).fold(f64::INFINITY, f64::min);
    assert!(makespan * energy <= product * (1.0 + 1e-3), "{makespan} s, {energy} J\n{table}");
    // Whatever is asked for, what there is to choose from is the same.
    let plain = command(&["compile", model, "--emit", "report=-"]);
    let plain: serde_json::Value = serde_json::from_str(&plain.stdout).expect("JSON");
    let least = plain["energy_j"].as_f64().expect("J");
    assert!(rows.last().is_some_and(|r| (r[1] - least).abs() <= 1e-9 * least), "{least} J\n{table}");
    for count in ["nodes", "classes"] {
        let of = |report: &serde_json::Value| report["optimality_model"]["alternatives"][count].as_u64();
        assert_eq!(of(&report), of(&plain), "{count}");
    }
    assert!(fs::read_to_string(folder.path().join("pareto.svg")).is_ok_and(|t| t.starts_with("<svg")));
    // Where arrays hold weights, plans come from several searches.
    let few = ["--target", "pcm-wdm", "--allow-infeasible", "--pareto=3", "-o", &out, "--quiet"];
    assert_eq!(command(&[&["compile", model][..], &few[..]].concat()).code, Some(0));
    let table = fs::read_to_string(folder.path().join("pareto.csv")).expect("a table");
    assert!((3..=4).contains(&table.lines().count()), "{table}");
}

/// A report, and the rows of the frontier beside it.
fn frontier(words: &[&str]) -> (serde_json::Value, Vec<Vec<f64>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display().to_string();
    let ran = command(&[&["compile", "-o", &out, "--quiet"], words].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let number = |v: &str| v.parse::<f64>().expect("a number");
    let rows = read("pareto.csv").lines().skip(1).map(|l| l.split(',').map(number).collect()).collect();
    (serde_json::from_str(&read("report.json")).expect("JSON"), rows)
}

fn the_plan_is_one_of_the_frontier() {
    let mut more = 0;
    let tiny = ["energy", "latency", "edp"].map(|objective| ("gpt2_tiny.onnx", &[][..], objective));
    let prompt = [("gpt2_prefill.onnx", &["--seq", "64"][..], "edp")];
    for target in ["lightcode", "edge-demo", "lt-mzi-8bit"] {
        for (model, length, objective) in tiny.iter().chain(prompt.iter().filter(|_| target == "lightcode")) {
            let model = format!("examples/models/{model}");
            let words = [&model, "-t", target, "--allow-infeasible", "--objective", objective, "--pareto=6"];
            let words = [&words[..], length].concat();
            let (report, rows) = frontier(&words);
            let plan = ["makespan_s", "energy_j"].map(|key| report[key].as_f64().expect("a number"));
            let same = |row: &&Vec<f64>| (0..2).all(|i| (row[i] - plan[i]).abs() <= 1e-9 * plan[i]);
            assert!(rows.iter().any(|r| same(&r)), "{words:?}: {plan:?} is not in {rows:?}");
            assert!(rows.len() <= 6, "{words:?}: {} rows", rows.len());
            for pair in rows.windows(2) {
                assert!(pair[0][0] < pair[1][0] && pair[0][1] > pair[1][1], "{words:?}: {rows:?}");
            }
            more += rows.len() - 1;
        }
    }
    assert!(more > 12, "there is nothing to choose from");
}

/// What is shown as bound is of plans that keep the limits, and the gap is the gap to it.
fn bounds_know_the_limits() {
    let step = ["compile", "examples/models/gpt2_decode.onnx", "--past", "1023", "--emit", "report=-"];
    let with = |more: &[&str]| -> serde_json::Value {
        let ran = command(&[&step[..], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let of = |report: &serde_json::Value, pointer: &str| report.pointer(pointer).and_then(serde_json::Value::as_f64);
    let soon = with(&["--max-latency", "3ms"]);
    let lean = with(&["--objective", "latency", "--max-energy", "39.5mJ"]);
    for (report, value, bound, gap, limitless) in [
        (&soon, "/energy_j", "/bound/energy_j", "/gap/energy", "/bound/least_energy_j"),
        (&lean, "/makespan_s", "/bound/makespan_s", "/gap/makespan", "/bound/fastest_s"),
    ] {
        let [value, bound, gap, limitless] = [value, bound, gap, limitless].map(|at| of(report, at).expect("a number"));
        assert!((gap - (value - bound) / value).abs() < 1e-9, "{value}, {bound}, {gap}");
        assert!(bound > limitless * 1.005, "the limit is not in the bound: {bound}, {limitless} without it");
        assert!((of(report, "/objective_value/bound").expect("a bound") - bound).abs() <= 1e-9 * bound);
    }
}

fn limits_speak_the_users_language() {
    let model = "examples/models/gpt2_tiny.onnx";
    let refused = command(&["compile", model, "--max-latency", "1ns"]);
    assert_eq!(refused.code, Some(1));
    for part in ["E0704", "limit on latency", "at most 1 ns", "no plan can", "`--max-latency "] {
        assert!(refused.stderr.contains(part), "{part} is not in\n{}", refused.stderr);
    }
    let starved = command(&["compile", model, "--max-energy", "1pJ"]).stderr;
    assert!(starved.contains("limit on energy") && starved.contains("no plan can"), "{starved}");
    let bare = command(&["compile", model, "--target", "edge-demo", "--without", "weaken"]).stderr;
    assert!(bare.contains("cannot be made") && bare.contains("left out may make it: weaken"), "{bare}");
    // What the hint says can be met is met.
    let limit = refused.stderr.split("--max-latency ").nth(1).and_then(|t| t.split('`').next()).expect("a hint");
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display().to_string();
    let met = command(&["compile", model, "--max-latency", limit, "-o", &out, "--quiet"]);
    assert_eq!(met.code, Some(0), "{}", met.stderr);
    for wrong in [["--objective", "power"], ["--max-latency", "5"], ["--max-energy", "0 J"], ["--emit", "pareto"]] {
        let refused = command(&["compile", model, wrong[0], wrong[1]]);
        assert_eq!(refused.code, Some(2), "{wrong:?}: {}", refused.stderr);
    }
}

/// Machines on which what comes first matters: a link that weights and a cache share, and a working memory that is nearly full.
fn units_and_room_wait_for_what_is_more_urgent() {
    for (target, model, length, most) in [
        ("pace-2025", "gpt2_decode.onnx", ["--past", "4096"], 0.015),
        ("edge-demo", "gpt2_prefill.onnx", ["--seq", "64"], 0.03),
    ] {
        let gap = gap(target, model, length, "latency");
        assert!(gap < most, "{target}, {length:?}: {gap}");
    }
}

/// The sum of the least energies of classes is far below what makes them all together: the product's bound was 7 % lower with it.
fn products_know_the_least_energy_of_each_case() {
    let gap = gap("pcm-wdm", "gpt2_prefill.onnx", ["--seq", "4096"], "edp");
    assert!(gap < 0.02, "{gap}");
}

/// How far a plan may be from the best.
fn gap(target: &str, model: &str, length: [&str; 2], objective: &str) -> f64 {
    let words = ["-t", target, "--objective", objective, "--allow-infeasible", "--emit", "report=-"];
    let model = format!("examples/models/{model}");
    let out = command(&[&["compile", model.as_str()], &length[..], &words[..]].concat());
    let report: serde_json::Value = serde_json::from_str(&out.stdout).expect("a report");
    report["objective_value"]["gap"].as_f64().expect("a gap")
}

/// The fastest plans have no room at all: one that was found for a product of both is among those that are tried.
fn plans_between_are_tried_where_fast_ones_have_no_room() {
    let soonest = |objective: &str| {
        let words =
            ["-t", "pcm-wdm", "--set", "memory.sram.capacity=2MiB", "--objective", objective, "--allow-infeasible"];
        let model = ["compile", "examples/models/llama2_7b_prefill.onnx", "--seq", "256", "--emit", "report=-"];
        let out = command(&[&model[..], &words[..]].concat());
        let report: serde_json::Value = serde_json::from_str(&out.stdout).expect("a report");
        report["makespan_s"].as_f64().expect("seconds")
    };
    let (latency, edp, energy) = (soonest("latency"), soonest("edp"), soonest("energy"));
    assert!(latency <= edp && latency < 0.2 * energy, "{latency}, {edp}, {energy}");
}
