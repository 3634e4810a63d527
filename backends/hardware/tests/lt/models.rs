//! Whole models: energy and latency with the slips of the public simulator on, and the ablations through edited files.

use crate::{SLIPS, edited, machine, near, printed};
use prism_hardware::Target;
use prism_hardware::target::legacy::Legacy;
use prism_hardware::zoo::{self, Priced};

fn price(target: &Target, model: &str, tokens: u64) -> Priced {
    zoo::price(target, zoo::find(model).expect("a model"), tokens)
}

fn millijoules(priced: &Priced) -> f64 {
    priced.energy().0 * 1e3
}

fn millis(priced: &Priced) -> f64 {
    priced.latency.0 * 1e3
}

#[test]
fn models_on_the_base_chip() {
    let rows = [
        ("deit-t", 197, [(0.3843, 0.01935), (1.2055, 0.01944)]),
        ("deit-s", 197, [(1.4206, 0.06999), (4.4525, 0.07016)]),
        ("bert-b", 128, [(3.9517, 0.16745), (11.767, 0.16746)]),
        ("bert-b", 384, [(9.3239, 0.51611), (30.535, 0.51613)]),
    ];
    for (i, name) in ["lt-b-4bit", "lt-b-8bit"].iter().enumerate() {
        let target = machine(name).with_legacy(Legacy::of(&SLIPS));
        for (model, tokens, expected) in rows {
            let found = price(&target, model, tokens);
            let what = format!("{name}: {model} at {tokens}");
            // Asked is 1 %; they are known to all printed digits.
            near(&what, millijoules(&found), expected[i].0, 0.0005);
            near(&what, millis(&found), expected[i].1, 0.0005);
            assert!(found.left_out.is_empty(), "{what}: {:?}", found.left_out);
        }
    }
}

#[test]
fn the_split_of_a_model_by_kind_of_product() {
    let kinds = ["qkv", "attn", "proj", "ffn1", "ffn2", "embed", "head"];
    let rows = [
        ("lt-b-4bit", ["0.0824", "0.0426", "0.0275", "0.1099", "0.1088", "0.0090", "0.0035"]),
        ("lt-b-8bit", ["0.2544", "0.1524", "0.0848", "0.3392", "0.3383", "0.0282", "0.0077"]),
    ];
    for (name, expected) in rows {
        let found = price(&machine(name).with_legacy(Legacy::of(&SLIPS)), "deit-t", 197);
        for (kind, value) in kinds.iter().zip(expected) {
            printed(&format!("{name}: {kind}"), found.energy_by_kind[kind].0 * 1e3, value, 0.001);
        }
        let by_component: f64 = found.energy_by_component.values().map(|e| e.0).sum();
        near("both splits", by_component, found.energy().0, 1e-12);
    }
}

#[test]
fn ablations_are_edits_of_the_file() {
    let crossbar = [("accumulate = 3", "accumulate = 1\nshare_readout = false\nshare_columns = false")];
    let broadcast =
        [("accumulate = 3", "accumulate = 1\nshare_readout = false\nshare_columns = false\nshare_rows = false")];
    let rows = [("lt-b-4bit", 0.6918, 1.8856), ("lt-b-8bit", 1.9346, 6.7472)];
    for (name, crossbar_only, broadcast_only) in rows {
        let full = price(&machine(name).with_legacy(Legacy::of(&SLIPS)), "deit-t", 197);
        for (edits, expected) in [(&crossbar, crossbar_only), (&broadcast, broadcast_only)] {
            let found = price(&edited(name, edits).with_legacy(Legacy::of(&SLIPS)), "deit-t", 197);
            near(name, millijoules(&found), expected, 0.01);
            near("the same time", millis(&found), millis(&full), 1e-12);
        }
    }
}

#[test]
fn the_baselines() {
    // Fetching weights takes no time in the published figures of the bank and the mesh.
    let slips = Legacy::of(&[&SLIPS[..], &["no_weight_time", "qkv_counted_twice"]].concat());
    let bank = Legacy { qkv_counted_twice: false, ..slips };
    let rows = [
        ("lt-mrr-4bit", bank, 1.5383, Some(0.24428)),
        ("lt-mrr-8bit", bank, 3.1951, None),
        ("lt-mzi-4bit", slips, 2.8154, Some(12.344)),
        ("lt-mzi-8bit", slips, 36.821, None),
    ];
    for (name, legacy, energy, latency) in rows {
        let found = price(&machine(name).with_legacy(legacy), "deit-t", 197);
        near(name, millijoules(&found), energy, 0.01);
        if let Some(latency) = latency {
            near(name, millis(&found), latency, 0.001);
        }
        let attention = ["qk", "sv"].map(|kind| found.left_out.contains(&kind));
        assert_eq!(attention, [name.starts_with("lt-mzi"); 2], "{name}: {:?}", found.left_out);
    }
    // The published mesh counts the projection to q, k and v twice; once it is this.
    let once = price(&machine("lt-mzi-4bit").with_legacy(bank), "deit-t", 197);
    near("once", millijoules(&once), 2.2653, 0.001);
    near("once", millis(&once), 9.9946, 0.001);
}

/// The abstract: more than 2.6 times less energy and more than 12 times less time than a photonic accelerator before it.
#[test]
fn the_claims_of_the_abstract() {
    let slips = Legacy::of(&SLIPS);
    let ours = price(&machine("lt-b-8bit").with_legacy(slips), "deit-t", 197);
    let before = price(&machine("lt-mrr-8bit").with_legacy(slips), "deit-t", 197);
    near("energy", millijoules(&before) / millijoules(&ours), 2.65, 0.01);
    near("latency", millis(&before) / millis(&ours), 12.6, 0.01);
}

/// Without the slips everything is counted once and for all blocks: a little more of both.
#[test]
fn honest_figures_are_larger() {
    for name in ["lt-b-4bit", "lt-b-8bit"] {
        for (model, tokens) in [("deit-t", 197), ("bert-b", 384)] {
            let honest = price(&machine(name), model, tokens);
            let slips = price(&machine(name).with_legacy(Legacy::of(&SLIPS)), model, tokens);
            let (energy, latency) = (millijoules(&honest) / millijoules(&slips), millis(&honest) / millis(&slips));
            assert!((1.0..1.03).contains(&energy), "{name}: {model}: {energy}");
            assert!((1.0..1.04).contains(&latency), "{name}: {model}: {latency}");
        }
    }
}
