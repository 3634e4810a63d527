//! Extraction on the graphs of random programs: exact methods agree, and a program may stop and resume in between.

use crate::common::{WHOLE, after, machines, parse, run, session, shown};
use prism_dialects::Module;
use prism_dialects::mlir::{PrintOptions, Session};
use prism_passes::egraph::extract::encode;
use prism_passes::testing::random_module;
use prism_solve::extraction::{Limits, Problem, brute_force, check, greedy, greedy_dag, milp, solve};
use std::time::Duration;

crate::trials!("extraction": exact_methods_agree, small_graphs_by_brute_force, stopping_and_resuming);

/// Most classes for trying everything.
const SMALL: usize = 12;

fn agree(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

/// Extraction problems of random programs, with where they come from.
fn problems(seeds: std::ops::Range<u64>, ops: usize) -> Vec<(String, Problem)> {
    let session = session();
    let mut out = Vec::new();
    for machine in machines() {
        for seed in seeds.clone() {
            let stack = after(&session, &machine, "saturate", &random_module(seed, ops));
            for objective in ["energy", "latency"] {
                let problem = encode(&stack.bodies[0], objective).problem;
                out.push((format!("{objective}, seed {seed}, {}", machine.name), problem));
            }
        }
    }
    out
}

fn exact_methods_agree() {
    let mut better = 0;
    for (what, problem) in problems(3000..3012, 24) {
        let ours = shown(solve(&problem, &Limits::default()));
        let checked = shown(check(&problem, &ours));
        assert!(agree(checked, ours.cost, 1e-9), "{what}: {checked} and {}", ours.cost);
        assert!(ours.bound <= ours.cost, "{what}");
        let theirs = shown(milp(&problem, Duration::from_secs(60)));
        if ours.proven && theirs.proven {
            assert!(agree(ours.cost, theirs.cost, 1e-6), "{what}: {} and {}", ours.cost, theirs.cost);
        }
        assert!(ours.proven, "{what}: not proven");
        for baseline in [greedy(&problem), greedy_dag(&problem)] {
            let baseline = shown(baseline);
            assert!(baseline.cost >= ours.cost * (1.0 - 1e-12), "{what}: {} beats {}", baseline.method, ours.method);
            better += usize::from(!agree(baseline.cost, ours.cost, 1e-9));
        }
    }
    assert!(better > 0, "the baselines are never worse: the problems are too easy to mean anything");
}

fn small_graphs_by_brute_force() {
    let mut seen = 0;
    for (what, problem) in problems(4000..4060, 2) {
        if problem.classes.len() > SMALL {
            continue;
        }
        let (ours, every) = (shown(solve(&problem, &Limits::default())), shown(brute_force(&problem)));
        assert!(agree(ours.cost, every.cost, 1e-9), "{what}: {} and {}", ours.cost, every.cost);
        seen += 1;
    }
    assert!(seen >= 20, "{seen} small problems");
}

fn stopping_and_resuming() {
    let session = session();
    let rest = "extract,tile,schedule";
    for machine in machines() {
        for seed in 5000..5008 {
            let module = random_module(seed, 14);
            let direct = plan(&session, &after(&session, &machine, &format!("saturate,{rest}"), &module));
            for (first, second) in [
                ("saturate", rest.to_string()),
                ("saturate{phase=algebra}", format!("saturate{{phase=realise}},{rest}")),
            ] {
                let dumped = shown(run(&session, &machine, first, &module)).ir.text(WHOLE);
                let resumed = after(&session, &machine, &second, &parse(&session, &dumped));
                assert_eq!(plan(&session, &resumed), direct, "{first}, then {second}, seed {seed}, {}", machine.name);
            }
        }
    }
}

/// The plan without locations, since a class that several rules reach is named by the first of those that ran, and
/// without what the saturation says of itself, which counts the phases that it ran.
fn plan(session: &Session, module: &Module) -> String {
    let printed = session.write(module).text(PrintOptions::default());
    printed.lines().map(without_counts).collect::<Vec<_>>().join("\n")
}

/// A line without the dictionary `stack.saturation`.
fn without_counts(line: &str) -> String {
    match line.split_once("stack.saturation = {") {
        Some((before, rest)) => format!("{before}{}", rest.split_once('}').map_or("", |(_, after)| after)),
        None => line.to_string(),
    }
}
