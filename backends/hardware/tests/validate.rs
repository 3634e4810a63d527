//! The list of published figures: it is sound, ours are within tolerance, and a wrong machine is found out.

use prism_hardware::target::legacy::Legacy;
use prism_hardware::target::{SHIPPED, Target};
use prism_hardware::validate::{GROUPS, Machines, Outcome, rows, run, run_with, scale};
use std::collections::BTreeSet;

fn failing(outcomes: &[Outcome]) -> Vec<&str> {
    outcomes.iter().filter(|o| !o.pass).map(|o| o.id.as_str()).collect()
}

#[test]
fn every_figure_is_within_its_tolerance() {
    let outcomes = run(&rows());
    let told: Vec<String> = outcomes
        .iter()
        .filter(|o| !o.pass)
        .map(|o| format!("{}: {:?} where {:?} {} is published", o.id, o.ours, o.published, o.unit))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    for o in &outcomes {
        assert!(o.published.is_some() == o.error.is_some(), "{}", o.id);
        assert!(o.legacy.is_empty() == o.ours_without_legacy.is_none(), "{}", o.id);
        assert!(o.ours.is_some_and(f64::is_finite), "{}", o.id);
    }
}

#[test]
fn the_list_is_sound() {
    let rows = rows();
    let ids: BTreeSet<&str> = rows.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids.len(), rows.len(), "an id stands twice");
    let order: Vec<usize> =
        rows.iter().map(|r| GROUPS.iter().position(|g| g.name == r.group).expect("a group")).collect();
    assert!(order.is_sorted(), "rows stand in the order of their groups");
    for row in &rows {
        assert!(!row.source.trim().is_empty() && !row.case.is_empty() && !row.figure.is_empty(), "{}", row.id);
        assert!(scale(row.unit).is_some(), "{} has the unit `{}`", row.id, row.unit);
        assert!((row.published.is_none()) == (row.group == "open"), "{}", row.id);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        assert!(row.id.chars().all(plain), "{}", row.id);
        for subject in row.subject.iter().chain(&row.over) {
            assert!(subject.legacy.iter().all(|slip| Legacy::NAMES.contains(slip)), "{}", row.id);
        }
    }
}

#[test]
fn groups_are_complete() {
    let rows = rows();
    let count = |name: &str| rows.iter().filter(|r| r.group == name).count();
    let counts: Vec<(&str, usize)> = GROUPS.iter().map(|g| (g.name, count(g.name))).collect();
    let expected = [
        ("link-budget", 70),
        ("power", 18),
        ("area", 28),
        ("models", 30),
        ("baselines", 16),
        ("gemm", 78),
        ("llm", 60),
        ("albireo", 41),
        ("rederived", 9),
        ("signal-integrity", 12),
        ("chips", 30),
    ];
    assert_eq!(counts[..expected.len()], expected);
    // Machines that people publish about are in the list; so is each that computes with light.
    for (name, text) in SHIPPED {
        let target = Target::parse(name, text).expect("reads");
        assert!(target.photonic.is_empty() || rows.iter().any(|r| r.is_called(name)), "{name}");
    }
    // Five models on eight machines of Lightening-Transformer, energy and latency each.
    let models = ["deit-t", "deit-s", "deit-b", "bert-b", "bert-l"];
    for model in models {
        for target in SHIPPED.iter().map(|(name, _)| *name).filter(|name| name.starts_with("lt-")) {
            for figure in ["energy", "latency"] {
                let id = format!("lt.model.{model}.{target}.{figure}");
                assert!(rows.iter().any(|r| r.id == id), "{id}");
            }
        }
    }
}

#[test]
fn a_doctored_machine_is_found_out() {
    let rows = rows();
    let doctored = |target: &'static str, from: &'static str, to: &'static str| {
        move |name: &str| {
            let text = Machines::shipped(name)?;
            assert!(name != target || text.contains(from), "{from}");
            Some(if name == target { text.replace(from, to) } else { text })
        }
    };
    // A word of DRAM at the energy of a byte, a tile too few, more time to program, less light on a detector, dearer DACs.
    for (target, from, to, wrong) in [
        ("lt-b-4bit", "62.4 pJ/16bit", "62.4 pJ/8bit", "lt.gemm.197x192x576.lt-b-4bit.dram"),
        ("lt-b-4bit", "tiles = 4", "tiles = 3", "lt.gemm.96x96x96.lt-b-4bit.cycles"),
        ("lt-mzi-4bit", "2 us", "20 us", "lt.gemm.197x192x576.lt-mzi-4bit.latency"),
        ("lt-b-8bit", "-25 dBm", "-25.1 dBm", "lt.power.lt-b-8bit.laser"),
        ("albireo-conservative", "5.2 pJ", "5.4 pJ", "chip.power.albireo-conservative.dac"),
    ] {
        let text = doctored(target, from, to);
        let outcomes = run_with(&rows, &Machines::new(&text));
        let failed = failing(&outcomes);
        assert!(failed.contains(&wrong), "{target} with {to}: {failed:?}");
        let concerned = |id: &&str| rows.iter().any(|r| r.id == **id && r.is_called(target));
        assert!(failed.iter().all(concerned), "{target} with {to}: {failed:?}");
    }
    let none = |name: &str| (name != "oc").then(|| Machines::shipped(name)).flatten();
    let outcomes = run_with(&rows, &Machines::new(&none));
    assert!(!failing(&outcomes).is_empty(), "a machine that is not there fails");
    assert!(outcomes.iter().filter(|o| !o.pass).all(|o| o.ours.is_none()));
}

#[test]
fn an_interval_decides_where_a_row_says_so() {
    let rows = rows();
    let wide: Vec<_> = rows.iter().filter(|r| r.in_interval).cloned().collect();
    assert!(!wide.is_empty());
    for outcome in run(&wide) {
        let [low, high] = outcome.interval.expect("an interval");
        let published = outcome.published.expect("a measured chip");
        assert!(low < published && published < high && outcome.pass, "{low} to {high}");
    }
    let text = |name: &str| Some(Machines::shipped(name)?.replace("tiles = 4", "tiles = 1"));
    let smaller = run_with(&wide, &Machines::new(&text));
    assert!(smaller.iter().any(|o| !o.pass), "a quarter of Lightmatter's chip is not its chip");
}
