//! What deep programs cost to compile: counted work that grows with the layers, and no faster.

use crate::common::{machine, parse, run, session, shown};
use crate::prism::run_within;
use prism_dialects::{Attr, Body};
use prism_passes::pipelines::{Stage, between};
use prism_tests::heads::Decoder;
use prism_tests::unlike;
use std::collections::BTreeMap;

crate::trials!("depth": work_grows_with_layers_that_differ, heads_apart_are_found_alike, heads_apart_take_little_memory, both_exact_methods_agree_on_heads_apart);

/// Every counter of every pass, but those that count rounds.
fn counted(layers: u64, target: &str) -> BTreeMap<String, u64> {
    let session = session();
    let module = parse(&session, &unlike::program(layers));
    let passes = between(Stage::Import, Stage::Plan);
    let done = shown(run(&session, &machine(target), &passes, &module));
    let of = |step: &prism_passes::manager::Record| {
        let counters: Vec<(String, u64)> =
            step.counters.iter().map(|(name, n)| (format!("{} {name}", step.pass), *n)).collect();
        counters
    };
    done.records.steps.iter().flat_map(of).filter(|(name, n)| *n > 0 && !name.ends_with("iterations")).collect()
}

/// With 200 layers of which no two are alike nothing is shared; twice the layers are twice the work.
fn work_grows_with_layers_that_differ() {
    let [few, some, many] = [50, 100, 200].map(|layers| counted(layers, "a100"));
    for what in ["saturate enodes", "extract nodes", "schedule tasks", "schedule room-steps"] {
        let [few, some, many] = [&few, &some, &many].map(|c| c.get(what).copied().unwrap_or(0) as f64);
        assert!(few > 50.0, "{what}: {few}");
        for (half, whole) in [(few, some), (some, many)] {
            assert!((1.8..2.2).contains(&(whole / half)), "{what}: {few}, {some}, {many}");
        }
    }
}

/// A fact that a pass left in an attribute of the program.
fn fact<'b>(body: &'b Body, of: &str, name: &str) -> &'b Attr {
    let facts = body.attrs.get(of).and_then(Attr::as_dict).unwrap_or_else(|| panic!("no `{of}`"));
    facts.get(name).unwrap_or_else(|| panic!("no `{name}` in `{of}`"))
}

/// Every head is an operation of its own, beside a hundred others that read the same: the search still ends, the proof too, and twice
/// the heads are twice the work.
fn heads_apart_are_found_alike() {
    let session = session();
    let counted = |layers, heads| {
        let module = parse(&session, &Decoder::llama(layers, heads).program());
        let passes = between(Stage::Import, Stage::Assigned);
        let done = shown(run(&session, &machine("lightcode"), &passes, &module));
        let body = &done.plain.as_ref().expect("a program").bodies[0];
        assert_eq!(fact(body, "stack.saturation", "stop").as_str(), Some("saturated"), "{layers} layers of {heads}");
        assert_eq!(fact(body, "stack.extraction", "proven").as_bool(), Some(true), "{layers} layers of {heads}");
        let steps: BTreeMap<&str, u64> =
            done.records.steps.iter().flat_map(|s| s.counters.iter().map(|(name, n)| (*name, *n))).collect();
        let cost = fact(body, "stack.extraction", "cost").as_float().expect("a number");
        (steps.get("enodes").copied().unwrap_or(0) as f64, steps.get("nodes").copied().unwrap_or(0) as f64, cost)
    };
    let of = [(4, 4), (4, 8), (8, 8)].map(|(layers, heads)| counted(layers, heads));
    for pair in of.windows(2) {
        let (nodes, ways, cost) = (pair[1].0 / pair[0].0, pair[1].1 / pair[0].1, pair[1].2 / pair[0].2);
        assert!((1.4..2.1).contains(&nodes) && (1.4..2.1).contains(&ways), "{of:?}");
        assert!((1.0..2.1).contains(&cost), "{of:?}");
    }
}

/// The largest of these graphs, 32 layers of 32 heads, read, saturated and written: 200 MB with about 60 MB of code. Bytes are those of
/// the allocator, so they are the same on every run.
fn heads_apart_take_little_memory() {
    const DATA_KIB: u64 = 140_000;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("heads.mlir"), Decoder::llama(32, 32).program()).expect("written");
    let passes = between(Stage::Import, Stage::Stack);
    let args = ["opt", "heads.mlir", "-p", &passes, "-o", "stack.mlir"];
    let ran = run_within(DATA_KIB, folder.path(), &args);
    assert!(ran.status.success(), "{}: {}", ran.status, String::from_utf8_lossy(&ran.stderr));
}

fn both_exact_methods_agree_on_heads_apart() {
    let session = session();
    let module = parse(&session, &Decoder::llama(2, 4).program());
    for target in ["lightcode", "edge-demo"] {
        let passes = between(Stage::Import, Stage::Assigned).replace("extract", "extract{verify=true}");
        let done = shown(run(&session, &machine(target), &passes, &module));
        let body = &done.plain.as_ref().expect("a program").bodies[0];
        let verified = fact(body, "stack.extraction", "verified").as_str().unwrap_or("");
        assert_eq!(verified, "the least energy: HiGHS proved the same cost least");
    }
}
