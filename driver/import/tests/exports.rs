//! Networks built from configs against exports of the same models: products, weights, inputs and outputs. Where they differ,
//! the difference is named here and is all there is.

mod common;

use common::tiny::{apart, floats};
use common::{config, example, imported, numpy};
use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::{Attr, Body, Elem, Module, OpView, TensorType, Type, nn};
use prism_import::{Bindings, HfModel, OnnxModel, Precision, weight_data};
use std::collections::BTreeMap;
use std::path::Path;

fn seq(n: u64) -> Bindings {
    Bindings { seq: Some(n), ..Bindings::default() }
}

fn past(n: u64) -> Bindings {
    Bindings { past: Some(n), ..Bindings::default() }
}

/// Exports are in single precision; configs say which precision their weights are stored in.
fn built(name: &str, bindings: &Bindings) -> Module {
    let single = Precision { weight_bits: Some(32), kv_bits: None };
    config(name).import(bindings, &single).expect("imports")
}

type Counts<T> = BTreeMap<T, i64>;

fn counts<T: Ord>(items: impl IntoIterator<Item = T>) -> Counts<T> {
    let mut out = BTreeMap::new();
    items.into_iter().for_each(|item| *out.entry(item).or_insert(0) += 1);
    out
}

/// What `a` has more often than `b`, and how much more often.
fn more<T: Ord + Clone>(a: &Counts<T>, b: &Counts<T>) -> Vec<(T, i64)> {
    let excess = |(item, n): (&T, &i64)| (item.clone(), n - b.get(item).unwrap_or(&0));
    a.iter().map(excess).filter(|(_, n)| *n > 0).collect()
}

/// Products as (batch, M, K, N); rows of a batch that shares its right operand are rows of one product. An attention is its two.
fn products(body: &Body) -> Counts<[u64; 4]> {
    let dims = |v| body.ty(v).tensor().expect("a tensor").dims.clone();
    let mut out = Vec::new();
    for op in &body.ops {
        if op.name() == "nn.attention" {
            let (q, k, v) = (dims(op.operands[0]), dims(op.operands[1]), dims(op.operands[2]));
            let heads: u64 = q[..q.len() - 2].iter().product();
            let (m, d, n, e) = (q[q.len() - 2], q[q.len() - 1], k[k.len() - 2], v[v.len() - 1]);
            out.extend([[heads, m, d, n], [heads, m, n, e]]);
        }
        if op.name() == "nn.matmul" {
            let (lhs, made) = (dims(op.operands[0]), dims(op.results[0]));
            let shared = dims(op.operands[1]).len() == 2;
            let [lead @ .., m, n] = made.as_slice() else { panic!("a matrix") };
            let batch: u64 = lead.iter().product();
            let k = lhs[lhs.len() - 1];
            out.push(if shared { [1, batch * m, k, *n] } else { [batch, *m, k, *n] });
        }
    }
    counts(out)
}

fn macs(body: &Body) -> u64 {
    let of = |op: &prism_dialects::Op| {
        let operands: Vec<Type> = op.operands.iter().map(|v| body.ty(*v).clone()).collect();
        nn::macs(&OpView { def: op.def, operands: &operands, results: &[], attrs: &op.attrs })
    };
    body.ops.iter().map(of).sum()
}

/// Extents of the weights, ascending: exports store matrices transposed.
fn weights(body: &Body) -> Counts<Vec<u64>> {
    counts(body.ops.iter().filter(|op| op.name() == "nn.param").map(|op| {
        let ty = body.ty(op.results[0]).tensor().expect("a tensor").clone();
        assert_eq!(ty.elem, Elem::F32);
        let mut dims = ty.dims;
        dims.sort_unstable();
        dims
    }))
}

fn inputs(body: &Body) -> Vec<(String, String)> {
    body.args.iter().zip(&body.arg_locs).map(|(v, l)| (l.first().to_string(), body.ty(*v).to_string())).collect()
}

fn outputs(body: &Body) -> Vec<String> {
    body.results.iter().map(|v| body.ty(*v).to_string()).collect()
}

/// Checks that products and inputs are the same, and gives both bodies.
fn same_work(name: &str, export: &str, bindings: &Bindings) -> (Body, Body) {
    let ours = built(name, bindings).bodies.remove(0);
    let theirs = imported(export, bindings).bodies.remove(0);
    assert_eq!(products(&ours), products(&theirs), "{export}");
    assert_eq!(macs(&ours), macs(&theirs), "{export}");
    assert_eq!(inputs(&ours), inputs(&theirs), "{export}");
    (ours, theirs)
}

/// The prompts were exported without a cache: a network from a config gives keys and values of every layer beside the logits.
fn only_caches_more(ours: &Body, theirs: &Body, layers: usize, cache: &str) {
    let (ours, theirs) = (outputs(ours), outputs(theirs));
    assert_eq!(ours[..1], theirs[..]);
    assert_eq!(ours[1..], vec![cache.to_string(); 2 * layers]);
}

#[test]
fn llama_2_7b_is_its_export() {
    for n in [16, 512] {
        let (ours, theirs) = same_work("llama-2-7b", "llama2_7b_prefill.onnx", &seq(n));
        assert_eq!(weights(&ours), weights(&theirs));
        only_caches_more(&ours, &theirs, 32, &format!("tensor<1x32x{n}x128xf32>"));
    }
    for n in [15, 1023] {
        let (ours, theirs) = same_work("llama-2-7b", "llama2_7b_decode.onnx", &past(n));
        assert_eq!(weights(&ours), weights(&theirs));
        assert_eq!(outputs(&ours), outputs(&theirs));
    }
}

/// What GPT-2 has and its exports do not: placeholders for weights were zeros and ones when it was exported, so that biases
/// vanished and the scales of all norms became one. The head is the embedding, which the exporter stores a second time,
/// transposed.
fn gpt2_differences(ours: &Body, theirs: &Body) {
    let (ours, theirs) = (weights(ours), weights(theirs));
    let biases = [(vec![768], 2 * 25 + 2 * 12 - 1), (vec![2304], 12), (vec![3072], 12)];
    assert_eq!(more(&ours, &theirs), biases);
    assert_eq!(more(&theirs, &ours), [(vec![768, 50257], 1)]);
}

#[test]
fn gpt2_is_its_export_but_for_biases_and_a_second_head() {
    for n in [16, 1024] {
        let (ours, theirs) = same_work("gpt2", "gpt2_prefill.onnx", &seq(n));
        gpt2_differences(&ours, &theirs);
        only_caches_more(&ours, &theirs, 12, &format!("tensor<1x12x{n}x64xf32>"));
    }
    let (ours, theirs) = same_work("gpt2", "gpt2_decode.onnx", &past(1023));
    gpt2_differences(&ours, &theirs);
    assert_eq!(outputs(&ours), outputs(&theirs));
}

/// Biases of keys and values were zeros when Qwen2 was exported, and few enough to be written into the graph: of the 56 that
/// are alike the exporter kept one.
#[test]
fn qwen2_7b_is_its_export_but_for_biases_that_were_alike() {
    for n in [16, 512] {
        let (ours, theirs) = same_work("qwen2-7b", "qwen2_7b_prefill.onnx", &seq(n));
        let (a, b) = (weights(&ours), weights(&theirs));
        assert_eq!(more(&a, &b), [(vec![512], 2 * 28 - 1)]);
        assert_eq!(more(&b, &a), []);
        only_caches_more(&ours, &theirs, 28, &format!("tensor<1x4x{n}x128xf32>"));
    }
}

/// `llama_tiny.onnx` holds weights: the same ones in a network from its config give the logits of onnxruntime.
#[test]
fn a_config_with_the_weights_of_an_export_gives_its_logits() {
    let text = r#"{"model_type": "llama", "vocab_size": 512, "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 2,
        "num_attention_heads": 8, "num_key_value_heads": 4, "rms_norm_eps": 1e-6, "max_position_embeddings": 128}"#;
    let model = HfModel::parse(text.into(), Path::new("llama_tiny.json")).expect("a config");
    let module = model.import(&seq(16), &Precision::default()).expect("imports");
    let export = OnnxModel::open(&example("llama_tiny.onnx")).expect("opens");
    let theirs = export.import(&Bindings::default()).expect("imports");
    // Names of the export's weights by the module that uses them; matrices are stored transposed there.
    let body = &theirs.bodies[0];
    let named = body.ops.iter().filter(|op| op.name() == "nn.param").map(|op| {
        let name = op.attr("name").and_then(Attr::as_str).expect("a name").to_string();
        (op.loc.first().trim_end_matches(".weight").to_string(), name)
    });
    let names: BTreeMap<String, String> = named.collect();
    let weight = |name: &str, ty: &TensorType| {
        // Scales of norms were all ones, and the exporter kept one of them.
        let name = if name.ends_with("norm.weight") { "model.layers.0.input_layernorm" } else { name };
        let stored = names.get(name.trim_end_matches(".weight")).ok_or_else(|| format!("no `{name}`"))?;
        let found = Tensor::from_dense(&weight_data(&export, stored).map_err(|e| e.to_string())?)?;
        // The exporter names what it has transposed anew.
        if !stored.starts_with("val_") {
            return Ok(found);
        }
        let (rows, columns) = (found.ty.dims[0] as usize, found.ty.dims[1] as usize);
        let v = floats(&found);
        let turned = (0..columns).flat_map(|j| (0..rows).map(move |i| v[i * columns + j])).collect();
        Ok(Tensor { ty: ty.clone(), data: Data::Float(turned) })
    };
    let results = interp::run(&module.bodies[0], &[numpy("tiny.input_ids.npy")], &weight).expect("runs");
    let expected = numpy("llama_tiny.logits.npy");
    assert!(apart(floats(&results[0]), floats(&expected)) < 1e-3);
    // The same names as the export's modules, wherever both have one.
    let ours: Vec<&str> = module.bodies[0].ops.iter().map(|op| op.loc.first()).collect();
    assert!(names.keys().all(|n| ours.contains(&n.as_str()) || ours.contains(&&*format!("{n}.weight"))), "{names:?}");
}
