//! What deep programs cost to compile: counted work that grows with the layers, and no faster.

use crate::common::{machine, parse, run, session, shown};
use prism_passes::pipelines::{Stage, between};
use prism_tests::unlike;
use std::collections::BTreeMap;

crate::trials!("depth": work_grows_with_layers_that_differ);

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
