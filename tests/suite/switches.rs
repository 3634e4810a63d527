//! What `compile` gives when costs are taken away, against published figures and against itself.

use crate::prism::run as command;
use serde_json::Value;

crate::trials!("switches": gpt2_as_the_papers_count, free_light_is_a_ceiling, less_is_charged_for_less, slices_reach_more_bits,
    passes_for_signs_are_charged, free_kernels_still_take_room, shared_products_count_once, groups_and_arrays_matter_on_a_shipped_machine,
    handing_over_matters_on_a_shipped_machine, what_is_proven_least_stays_the_answer);

/// The report of a compilation that must succeed.
fn report(model: &str, words: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("report.json");
    let emit = format!("report={}", place.display());
    let path = format!("examples/models/{model}");
    let ran = command(&[&["compile", path.as_str(), "--emit", emit.as_str()], words].concat());
    assert_eq!(ran.code, Some(0), "{model} {words:?}: {}", ran.stderr);
    serde_json::from_slice(&std::fs::read(&place).expect("a report")).expect("JSON")
}

fn number(report: &Value, pointer: &str) -> f64 {
    report.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {pointer}"))
}

/// GPT-2 on LT-B as Lightening-Transformer's own equations extrapolate it: products alone, the cache and all results on
/// chip, logits of one token. Millijoules, milliseconds, share of DRAM (percent), pJ per multiply-accumulate.
const ROWS: [(&str, &str, &[&str], [f64; 4]); 6] = [
    ("lt-b-4bit", "gpt2_prefill.onnx", &["--seq", "128"], [4.652, 0.1863, 41.0, 0.415]),
    ("lt-b-4bit", "gpt2_prefill.onnx", &["--seq", "1024"], [26.08, 1.6065, 7.0, 0.245]),
    ("lt-b-4bit", "gpt2_decode.onnx", &["--past", "1023"], [2.258, 0.0633, 85.0, 15.9]),
    ("lt-b-8bit", "gpt2_prefill.onnx", &["--seq", "128"], [13.32, 0.2031, 29.0, 1.188]),
    ("lt-b-8bit", "gpt2_prefill.onnx", &["--seq", "1024"], [88.70, 1.6233, 4.0, 0.834]),
    ("lt-b-8bit", "gpt2_decode.onnx", &["--past", "1023"], [5.062, 0.1181, 76.0, 35.5]),
];

fn gpt2_as_the_papers_count() {
    for (target, model, length, [energy, time, dram, per_mac]) in ROWS {
        let switches =
            ["-t", target, "--on-chip", "all", "--free", "non-gemm", "--logits", "last", "--allow-infeasible"];
        let r = report(model, &[&switches[..], length].concat());
        let joules = number(&r, "/energy_j");
        let near = |what: &str, ours: f64, published: f64, tolerance: f64| {
            let error = (ours - published).abs();
            assert!(error <= tolerance, "{model} {length:?} on {target}: {what} {ours}, published {published}");
        };
        near("mJ", joules * 1e3, energy, 0.01 * energy);
        near("ms", number(&r, "/makespan_s") * 1e3, time, 0.01 * time);
        // Printed without a decimal.
        near("% of DRAM", 100.0 * number(&r, "/energy_by_component_j/dram") / joules, dram, 0.5 + 0.01 * dram);
        // The multiply-accumulates of the graph, so that the ratio is held to what both figures allow.
        near("pJ/MAC", joules * 1e12 / number(&r, "/roofline/macs"), per_mac, 0.013 * per_mac);
    }
}

fn free_light_is_a_ceiling() {
    for target in ["lightcode", "edge-demo", "lt-b-4bit", "lt-mrr-4bit", "albireo-moderate", "lightml"] {
        for (model, length) in [("gpt2_prefill.onnx", ["--seq", "128"]), ("gpt2_decode.onnx", ["--past", "127"])] {
            let with = |more: &[&str]| report(model, &[&["-t", target], &length[..], more].concat());
            let (charged, free) = (with(&[]), with(&["--free", "light"]));
            // Both with the same results on chip, or the comparison is of two things.
            let share = |r: &Value| r.pointer("/optimality_model/resident_share").cloned();
            assert_eq!(share(&charged), share(&free), "{model} on {target}");
            for what in ["/energy_j", "/total_energy_j/gated", "/total_energy_j/always_on"] {
                let (charged, free) = (number(&charged, what), number(&free, what));
                assert!(free < charged, "{model} on {target}: {what} {free} with free light, {charged} charged");
            }
        }
    }
}

fn less_is_charged_for_less() {
    let model = "gpt2_decode.onnx";
    let with = |more: &[&str]| report(model, &[&["-t", "lt-b-4bit", "--past", "1023"], more].concat());
    let [all, kv, chip] = [&[][..], &["--on-chip", "kv"], &["--on-chip", "all"]].map(|s| number(&with(s), "/energy_j"));
    // 24 tensors of 12 x 1024 x 64 numbers at 4 bit, read once at 3.9 pJ/bit; they grow in place, so a new row is written.
    let cache = 24.0 * 12.0 * 1023.0 * 64.0 * 4.0 * 3.9e-12;
    let charged = (all - kv) / cache;
    assert!((1.0..1.1).contains(&charged), "{all} J, {kv} J with the cache on chip, {cache} J one way");
    assert!(chip <= kv);
    let gated = with(&[]);
    assert!(number(&gated, "/total_energy_j/gated") <= number(&gated, "/total_energy_j/always_on"));
}

/// A core of 7 bits that reads 11 makes results of 8 to 10 bits from slices, of which there are two of each operand.
fn slices_reach_more_bits() {
    let with =
        |bits: &str| report("gpt2_prefill.onnx", &["-t", "lightmatter-2025", "--seq", "128", "--min-bits", bits]);
    let (seven, eight, ten) = (with("7"), with("8"), with("10"));
    for r in [&seven, &eight, &ten] {
        assert_eq!(number(r, "/placement/light"), 73.0);
    }
    // Both operands are put onto light, and every result is read, four times as often; off chip a number lies as it is.
    let of = |r: &Value, what: &str| number(r, &format!("/energy_by_component_j/{what}"));
    for (part, times) in [("adc", 4.0), ("vector-modulator", 4.0), ("dram", 1.0)] {
        let more = of(&eight, part) / of(&seven, part);
        assert!((more / times - 1.0).abs() < 0.05, "{part}: {more} times as much");
    }
    assert_eq!(number(&eight, "/energy_j"), number(&ten, "/energy_j"));
    let model = ["compile", "examples/models/gpt2_prefill.onnx", "--seq", "128", "-t", "lightmatter-2025"];
    for (more, met) in [(&["--min-bits", "11"][..], "10"), (&["--min-bits", "8", "--without", "bit-slices"], "7")] {
        let ran = command(&[&model[..], more].concat());
        assert_eq!(ran.code, Some(1), "{more:?}");
        assert!(ran.stderr.contains(&format!("`--min-bits {met}` can be met")), "{}", ran.stderr);
    }
}

/// On a machine that converts once, and on one that converts per use.
fn passes_for_signs_are_charged() {
    for (target, unit) in [("lightcode", "phu"), ("lt-b-4bit", "ptc")] {
        let set = format!("photonic.{unit}.signed_passes=2");
        let with = |more: &[&str]| report("gpt2_prefill.onnx", &[&["-t", target, "--seq", "256"], more].concat());
        let (one, two) = (with(&[]), with(&["--set", &set]));
        assert!(number(&one, "/energy_j") < number(&two, "/energy_j"), "{target}");
        assert!(number(&two, "/placement/light") > 0.0, "{target}");
    }
}

/// What costs nothing holds its result all the same.
fn free_kernels_still_take_room() {
    let with = |more: &[&str]| {
        let r = report("gpt2_prefill.onnx", &[&["-t", "lt-b-4bit", "--seq", "256"], more].concat());
        number(&r, "/memory/peak_bytes")
    };
    let (charged, free) = (with(&[]), with(&["--free", "non-gemm"]));
    assert!(free >= 0.9 * charged, "{free} B at most, {charged} B where kernels cost");
}

/// A product that both make is one, and no resource does more than it can.
fn shared_products_count_once() {
    for (model, length) in [("gpt2_prefill.onnx", ["--seq", "64"]), ("gpt2_decode.onnx", ["--past", "255"])] {
        let r = report(model, &[&["--objective", "latency"], &length[..]].concat());
        let [light, electronic, both] = ["light", "electronic", "both"].map(|k| number(&r, &format!("/placement/{k}")));
        assert!(both > 0.0 && light + electronic - both == 73.0, "{light} {electronic} {both}");
        let ceilings = r.pointer("/roofline/ceilings").and_then(Value::as_array).expect("ceilings");
        assert!(!ceilings.is_empty());
        for ceiling in ceilings {
            let (reached, allowed) = (number(ceiling, "/achieved_macs_per_s"), number(ceiling, "/macs_per_s"));
            assert!(reached > 0.0 && reached <= allowed * (1.0 + 1e-9), "{ceiling}");
        }
    }
}

/// Two rules on a machine as it is shipped, where each of them is worth something and where it is not.
fn groups_and_arrays_matter_on_a_shipped_machine() {
    let with = |model: &str, words: &[&str]| report(model, &[&["-t", "pcm-wdm"], words].concat());
    let (prompt, step) = (["--seq", "1024"], ["--past", "1023"]);
    let fast = |more: &[&str]| with("gpt2_prefill.onnx", &[&prompt[..], &["--objective", "latency"], more].concat());
    let [all, alone, unheld] = [&[][..], &["--without", "group-wavelengths"], &["--without", "hold"]].map(fast);
    let times = |slow: &Value| number(slow, "/makespan_s") / number(&all, "/makespan_s");
    assert!((times(&alone) - 1.112).abs() < 0.005, "{} without groups", times(&alone));
    assert!((1.005..1.02).contains(&times(&unheld)), "{} without arrays", times(&unheld));
    assert_eq!(number(&all, "/arrays/0/taken_blocks"), 4608.0);
    // Groups take no less energy.
    let frugal = |more: &[&str]| with("gpt2_decode.onnx", &[&step[..], more].concat());
    let [all, alone, unheld] = [&[][..], &["--without", "group-wavelengths"], &["--without", "hold"]].map(frugal);
    let joules = |r: &Value| number(r, "/energy_j");
    assert_eq!(joules(&all), joules(&alone));
    let more = joules(&unheld) / joules(&all);
    assert!((1.005..1.01).contains(&more), "{more} without arrays");
    // No weight of the step fits into so few.
    let few = frugal(&["--set", "photonic.store.arrays=1000"]);
    assert_eq!((joules(&few), number(&few, "/arrays/0/taken_blocks")), (joules(&unheld), 0.0));
}

/// Queries, values and the heads of an attention drive the next product, so the heads are not read; keys must be, for the unit holds them.
fn handing_over_matters_on_a_shipped_machine() {
    let with = |more: &[&str]| report("gpt2_prefill.onnx", &[&["-t", "edge-demo", "--seq", "512"], more].concat());
    let (all, unrelayed, unrouted) = (with(&[]), with(&["--without", "relay"]), with(&["--without", "route"]));
    // By picojoules of a part for each number of a row in each layer.
    let times = |r: &Value, part: &str, each: f64| {
        let spent = r.pointer(&format!("/energy_by_component_j/{part}")).and_then(Value::as_f64).unwrap_or(0.0);
        spent / (12.0 * 512.0 * 768.0 * each * 1e-12)
    };
    let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-6, "{found}, not {wanted}");
    near(times(&all, "relay", 0.4), 4.0);
    near(times(&unrelayed, "relay", 0.4), 0.0);
    near(times(&unrelayed, "adc", 1.1) - times(&all, "adc", 1.1), 1.0);
    let more = number(&unrelayed, "/energy_j") / number(&all, "/energy_j");
    assert!((1.005..1.007).contains(&more), "{more} without it");
    // Nothing is handed over unless heads become rows.
    near(times(&unrouted, "relay", 0.4), 0.0);
    assert!(number(&unrouted, "/energy_j") >= number(&unrelayed, "/energy_j"));
}

/// A limit that the least energy keeps changes nothing, and a frontier ends with it, even where a faster plan takes a millionth more.
fn what_is_proven_least_stays_the_answer() {
    let with = |more: &[&str]| report("gpt2_decode.onnx", &[&["--past", "1023"], more].concat());
    let (free, limited, along) = (with(&[]), with(&["--max-latency", "1000s"]), with(&["--pareto=24"]));
    for r in [&limited, &along] {
        assert_eq!(number(r, "/energy_j"), number(&free, "/energy_j"));
        assert_eq!(r.pointer("/proven/energy"), Some(&Value::Bool(true)));
    }
}
