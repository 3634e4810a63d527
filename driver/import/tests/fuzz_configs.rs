//! Configs and headers of weight files changed at random: an error or a module, never a panic, a hang or a large allocation.
//!
//! `PRISM_FUZZ_ITERS` sets the number of changed files (default 3000), `PRISM_FUZZ_SEED` the first seed.

mod common;
#[path = "common/fuzzing.rs"]
mod fuzzing;

use common::tiny::references;
use fuzzing::{Random, bounded, changed, number};
use prism_import::{Bindings, HfModel, Precision};
use serde_json::{Value, json};
use std::path::Path;

/// A thousand layers of the most intricate kind are eighty thousand operations.
const MOST: usize = 256 << 20;

/// Configs of every family.
fn originals() -> Vec<Value> {
    let mut files: Vec<_> =
        std::fs::read_dir(references()).expect("a folder").map(|f| f.expect("an entry").path()).collect();
    files.sort();
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).expect("readable");
        serde_json::from_str::<Value>(&text).expect("JSON")["config"].take()
    };
    files.iter().filter(|f| f.extension().is_some_and(|e| e == "json")).map(|f| read(f)).collect()
}

/// Values at which reading a field breaks, if it does.
fn edge(random: &mut Random) -> Value {
    let edges = [
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(7),
        json!(-1),
        json!(64),
        json!(1024),
        json!(65_536),
        json!(65_537),
        json!(1u64 << 28),
        json!(1u64 << 40),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.0),
        json!(0.5),
        json!(-2.5),
        json!(1e-300),
        json!(1e300),
        json!(null),
        json!(true),
        json!(false),
        json!(""),
        json!("silu"),
        json!("yarn"),
        json!([]),
        json!([1, 2, 3, 4]),
        json!(["full_attention", "sliding_attention"]),
        json!({}),
        json!({"rope_type": "longrope", "short_factor": [1, 1, 1, 1], "long_factor": [1, 2, 3, 4]}),
        json!({"type": "yarn", "factor": 1e9, "beta_fast": 1e-6, "original_max_position_embeddings": 1}),
    ];
    edges[random.below(edges.len())].clone()
}

/// Fields that some family reads.
const FIELDS: [&str; 26] = [
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "intermediate_size",
    "vocab_size",
    "n_embd",
    "n_layer",
    "n_head",
    "sliding_window",
    "layer_types",
    "rope_scaling",
    "rope_parameters",
    "rope_theta",
    "kv_lora_rank",
    "q_lora_rank",
    "qk_rope_head_dim",
    "n_group",
    "topk_group",
    "n_routed_experts",
    "num_experts_per_tok",
    "num_experts",
    "first_k_dense_replace",
    "partial_rotary_factor",
    "torch_dtype",
];

/// Changes what fields say.
fn rewired(original: &Value, random: &mut Random) -> Vec<u8> {
    let mut config = original.clone();
    let object = config.as_object_mut().expect("an object");
    for _ in 0..=random.below(3) {
        let own: Vec<String> = object.keys().filter(|k| *k != "model_type").cloned().collect();
        let name = match random.below(3) {
            0 => FIELDS[random.below(FIELDS.len())].to_string(),
            _ => own[random.below(own.len())].clone(),
        };
        let value = edge(random);
        if random.below(8) == 0 { drop(object.remove(&name)) } else { drop(object.insert(name, value)) }
    }
    config.to_string().into_bytes()
}

fn lengths(random: &mut Random) -> (Bindings, Precision) {
    let length =
        |random: &mut Random| [None, Some(1), Some(5), Some(1 << 20), Some(1 << 32), Some(u64::MAX)][random.below(6)];
    let bits = |random: &mut Random| [None, None, Some(16), Some(32), Some(8)][random.below(5)];
    let bindings = Bindings { seq: length(random), past: length(random), batch: length(random), dims: Vec::new() };
    (bindings, Precision { weight_bits: bits(random), kv_bits: bits(random) })
}

/// Header and data of weights for the config, some of it wrong.
fn weights(config: &Value, random: &mut Random) -> Vec<u8> {
    let model = HfModel::parse(config.to_string().into_bytes(), Path::new("config.json")).expect("a config");
    let seq = Bindings { seq: Some(2), ..Bindings::default() };
    let body = model.import(&seq, &Precision::default()).expect("imports").bodies.remove(0);
    let (mut entries, mut at) = (Vec::new(), 0u64);
    for op in body.ops.iter().filter(|op| op.name() == "nn.param") {
        let name = op.attr("name").and_then(prism_dialects::Attr::as_str).expect("a name");
        let dims = &body.ty(op.results[0]).tensor().expect("a tensor").dims;
        let start = at;
        at += 4 * dims.iter().product::<u64>();
        entries.push(format!(r#""{name}": {{"dtype": "F32", "shape": {dims:?}, "data_offsets": [{start}, {at}]}}"#));
    }
    let header = format!("{{{}}}", entries.join(", "));
    let header = if random.below(4) == 0 { header.into_bytes() } else { changed(header.as_bytes(), random) };
    let length = if random.below(8) == 0 { random.next() } else { header.len() as u64 };
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.resize(bytes.len() + at as usize, 0);
    bytes
}

/// All kinds of change take turns: the counters of memory allow one test in this binary only.
#[test]
fn changed_configs_are_refused_or_built() {
    let originals = originals();
    let usual = (Bindings { seq: Some(5), ..Bindings::default() }, Precision::default());
    let build = |bytes: Vec<u8>, (bindings, precision): &(Bindings, Precision)| {
        HfModel::parse(bytes, Path::new("fuzz.json")).and_then(|model| {
            drop(model.inspect(bindings, precision));
            model.import(bindings, precision)
        })
    };
    for original in &originals {
        assert!(bounded(0, MOST, || build(original.to_string().into_bytes(), &usual)), "an original is not built");
    }
    let dir = tempfile::tempdir().expect("a folder");
    let small = originals.iter().find(|o| o["model_type"] == "llama").expect("a config");
    std::fs::write(dir.path().join("config.json"), small.to_string()).expect("written");
    let (rounds, first) = (number("PRISM_FUZZ_ITERS", 3000), number("PRISM_FUZZ_SEED", 1));
    let mut built = [0u64; 3];
    for seed in first..first.saturating_add(rounds) {
        let mut random = Random(seed);
        let original = &originals[random.below(originals.len())];
        let lengths = if random.below(2) == 0 { usual.clone() } else { lengths(&mut random) };
        let kind = (seed % 3) as usize;
        built[kind] += u64::from(match kind {
            0 => bounded(seed, MOST, || build(changed(original.to_string().as_bytes(), &mut random), &lengths)),
            1 => bounded(seed, MOST, || build(rewired(original, &mut random), &lengths)),
            _ => {
                std::fs::write(dir.path().join("model.safetensors"), weights(small, &mut random)).expect("written");
                bounded(seed, MOST, || HfModel::open(dir.path()).and_then(|m| m.import(&usual.0, &usual.1)))
            }
        });
    }
    // Few changes of bytes leave JSON. If no changed file is built, the tests look at nothing.
    assert!(built.iter().all(|n| n * 500 > rounds), "{built:?} of {rounds}");
}
