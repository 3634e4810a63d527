//! Networks from configs against exports, once recognition has seen the exports: the same operations on the same shapes.

use crate::common::{after, machine, run, session, shown};
use crate::prism::root;
use prism_dialects::mlir::Session;
use prism_dialects::{Attr, Body, Module, Op};
use prism_import::{Bindings, HfModel, OnnxModel, Precision};
use prism_passes::pipelines::{Stage, between};
use std::collections::BTreeMap;

crate::trials!("configs": recognised_exports_have_the_same_operations, configs_are_recognised_already, experts_move_what_is_chosen,
    layers_of_a_kind_are_one_function);

fn seq(n: u64) -> Bindings {
    Bindings { seq: Some(n), ..Bindings::default() }
}

fn past(n: u64) -> Bindings {
    Bindings { past: Some(n), ..Bindings::default() }
}

fn built(name: &str, bindings: &Bindings, bits: Option<u32>) -> Module {
    let model = shown(HfModel::open(&root().join(format!("examples/models/configs/{name}.json"))));
    shown(model.import(bindings, &Precision { weight_bits: bits, kv_bits: None }))
}

fn exported(name: &str, bindings: &Bindings) -> Module {
    shown(shown(OnnxModel::open(&root().join("examples/models").join(name))).import(bindings))
}

/// A program as the e-graph gets it.
fn tidy(session: &Session, module: &Module) -> Body {
    after(session, &machine("lightcode"), &format!("{},inline-calls", between(Stage::Import, Stage::Nn)), module)
        .bodies
        .remove(0)
}

/// Operations that light or kernels do, with what they are on; how weights are stored, and changes of shape, aside.
fn operations(body: &Body) -> BTreeMap<String, i64> {
    let moves = ["nn.param", "nn.constant", "nn.iota", "nn.reshape", "nn.transpose", "nn.cast"];
    let shape = |op: &Op| {
        let dims = body.ty(op.results[0]).tensor().expect("a tensor").dims.clone();
        // Exports flatten rows for some products.
        let rows: u64 = dims.iter().rev().skip(1).product();
        format!("{} {}x{}", op.name(), rows, dims.last().copied().unwrap_or(1))
    };
    let told = ["scale", "causal", "epsilon", "tanh", "axis"];
    let attrs = |op: &Op| {
        let of = told.iter().filter_map(|name| Some((name, op.attr(name)?)));
        of.map(|(name, value)| match value {
            Attr::Float(x) => format!(" {name}={:.5e}", x.0),
            other => format!(" {name}={other}"),
        })
        .collect::<String>()
    };
    let mut out = BTreeMap::new();
    for op in body.ops.iter().filter(|op| !moves.contains(&op.name())) {
        *out.entry(format!("{}{}", shape(op), attrs(op))).or_insert(0) += 1;
    }
    out
}

/// What each has more of.
fn differences(ours: &BTreeMap<String, i64>, theirs: &BTreeMap<String, i64>) -> [Vec<(String, i64)>; 2] {
    let more = |a: &BTreeMap<String, i64>, b: &BTreeMap<String, i64>| {
        a.iter().map(|(k, n)| (k.clone(), n - b.get(k).unwrap_or(&0))).filter(|(_, n)| *n > 0).collect()
    };
    [more(ours, theirs), more(theirs, ours)]
}

/// Llama-2 as published has norms with 1e-5; its export was made with the default of its class, 1e-6.
fn llama(rows: u64) -> [Vec<(String, i64)>; 2] {
    ["1.00000e-5", "1.00000e-6"].map(|eps| vec![(format!("nn.rms_norm {rows}x4096 epsilon={eps} axis=2 : i64"), 65)])
}

/// Biases of GPT-2 were zeros when it was exported, and vanished.
fn gpt2(rows: u64) -> [Vec<(String, i64)>; 2] {
    let add = |width, n| (format!("nn.add {rows}x{width}"), n);
    [vec![add(2304, 12), add(3072, 12), add(768, 24)], vec![]]
}

fn recognised_exports_have_the_same_operations() {
    let session = session();
    let none = || [vec![], vec![]];
    for (config, export, bindings, expected) in [
        ("llama-2-7b", "llama2_7b_prefill.onnx", seq(512), llama(512)),
        ("llama-2-7b", "llama2_7b_decode.onnx", past(1023), llama(1)),
        ("qwen2-7b", "qwen2_7b_prefill.onnx", seq(512), none()),
        ("gpt2", "gpt2_prefill.onnx", seq(512), gpt2(512)),
        ("gpt2", "gpt2_decode.onnx", past(1023), gpt2(1)),
    ] {
        let ours = operations(&tidy(&session, &built(config, &bindings, Some(32))));
        let theirs = operations(&tidy(&session, &exported(export, &bindings)));
        assert!(ours.values().sum::<i64>() > 200, "{export}: {ours:?}");
        assert_eq!(differences(&ours, &theirs), expected, "{export}");
    }
}

/// Nothing is left to find in a network from a config.
fn configs_are_recognised_already() {
    let session = session();
    for (name, bindings) in [
        ("llama-3.1-8b", seq(256)),
        ("gemma-2-9b", past(5000)),
        ("deepseek-v2-lite", seq(64)),
        ("bert-base-uncased", seq(128)),
    ] {
        let module = built(name, &bindings, Some(16));
        let done = shown(run(&session, &machine("lightcode"), "recognise", &module));
        let found = done.records.steps[0].counters.iter().find(|c| c.0 == "recognised").expect("a counter").1;
        assert_eq!(found, 0, "{name}");
    }
}

/// A step of Mixtral reads the weights of two experts a layer, once, and not those of the other six.
fn experts_move_what_is_chosen() {
    let session = session();
    let gpu = machine("a100");
    let passes = format!("{},inline-calls,saturate,extract,tile", between(Stage::Import, Stage::Nn));
    let body = after(&session, &gpu, &passes, &built("mixtral-8x7b", &past(512), None)).bodies.remove(0);
    let moved = |op: &Op| {
        let cost = op.attr("cost")?.as_dict()?.get("moved_bytes")?.as_dict()?.get("hbm")?.as_float()?;
        Some(cost)
    };
    let bytes: f64 = body.ops.iter().filter_map(moved).sum();
    // Parameters that a token uses, but for the embedding, at two bytes; all else is small beside them.
    let used = 12_748_627_968.0 * 2.0;
    assert!((1.0..1.01).contains(&(bytes / used)), "{bytes} bytes of {used}");
}

/// A small config of every family with eight layers, deep enough for every kind of layer to come more than once.
fn deep() -> Vec<(String, HfModel)> {
    let folder = root().join("driver/import/tests/data/reference");
    let files = std::fs::read_dir(folder).expect("a folder").map(|f| f.expect("readable").path());
    let mut files: Vec<_> = files.filter(|f| f.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let opened = |file: std::path::PathBuf| {
        let text = std::fs::read_to_string(&file).expect("readable");
        let mut config = serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["config"].clone();
        for (field, value) in [
            ("num_hidden_layers", 8.into()),
            ("n_layer", 8.into()),
            ("first_k_dense_replace", 3.into()),
            ("mlp_only_layers", serde_json::json!([0, 1])),
            ("max_window_layers", 4.into()),
            ("scale_attn_by_inverse_layer_idx", false.into()),
        ] {
            if let Some(known) = config.get_mut(field) {
                *known = value;
            }
        }
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, shown(HfModel::parse(config.to_string().into_bytes(), &file)))
    };
    files.into_iter().map(opened).collect()
}

/// How many kinds of layers a config has: first layers without experts, and layers that see a window, are kinds of their own.
fn kinds(name: &str) -> usize {
    let two = ["deepseek-v2", "deepseek-v2-lite", "deepseek-v3", "gemma2", "gemma3", "qwen2-moe", "qwen3"];
    if two.contains(&name) { 2 } else { 1 }
}

/// Layers of one kind differ in nothing but their weights, so that each kind is compiled once: every attention is in a
/// function, and of each kind there is one. Kinds that take turns are one function.
fn layers_of_a_kind_are_one_function() {
    let session = session();
    let passes = between(Stage::Import, Stage::Nn);
    let attentions = |body: &Body| body.ops.iter().filter(|op| op.name() == "nn.attention").count();
    let models = deep();
    assert!(models.len() >= 23, "{}", models.len());
    for (name, model) in models {
        for bindings in [seq(12), past(11)].into_iter().filter(|b| name != "bert" || b.past.is_none()) {
            let module = shown(model.import(&bindings, &Precision::default()));
            let done = after(&session, &machine("lightcode"), &passes, &module);
            let each: Vec<usize> = done.bodies.iter().map(attentions).collect();
            let at = format!("{name}, {bindings:?}: {each:?}");
            assert_eq!(each.first(), Some(&0), "{at}");
            assert_eq!(each.iter().sum::<usize>(), kinds(&name), "{at}");
            let all = after(&session, &machine("lightcode"), "inline-calls", &done);
            assert_eq!(all.bodies.iter().map(attentions).collect::<Vec<_>>(), [8], "{at}");
        }
    }
}
