//! What `recognise` finds in the graphs of whole models, and that it keeps what they compute.

use crate::common::{machine, run, session, shown};
use crate::prism::root;
use prism_dialects::interp::{Data, Tensor, difference, run as interpret};
use prism_dialects::mlir::Session;
use prism_dialects::{Elem, Module, TensorType};
use prism_import::{Bindings, OnnxModel, weight_data};
use prism_passes::pipelines::{Stage, between};
use std::collections::BTreeMap;
use std::path::PathBuf;

crate::trials!("recognition": every_norm_gate_rotation_and_attention, names_of_modules, values_of_small_models, work_is_kept,
    exports_of_other_families);

fn file(name: &str) -> PathBuf {
    root().join("examples/models").join(name)
}

fn imported(name: &str, bindings: &Bindings) -> Module {
    shown(shown(OnnxModel::open(&file(name))).import(bindings))
}

fn seq(n: u64) -> Bindings {
    Bindings { seq: Some(n), ..Bindings::default() }
}

fn past(n: u64) -> Bindings {
    Bindings { past: Some(n), ..Bindings::default() }
}

/// The tensor program after `nn`, layers written out, and what `recognise` counted.
fn recognised(session: &Session, module: &Module) -> (Module, BTreeMap<&'static str, u64>) {
    let passes = format!("{},inline-calls", between(Stage::Import, Stage::Nn));
    let done = shown(run(session, &machine("lightcode"), &passes, module));
    let step = done.records.steps.iter().find(|s| s.pass == "recognise").expect("a step");
    let counts = step.counters.iter().filter(|c| c.1 > 0).copied().collect();
    (done.plain.expect("ours"), counts)
}

/// What a model has, by name.
type Counts = Vec<(&'static str, u64)>;

/// Model, dimensions, and what is in it by its architecture: layers, norms, and the rest.
fn models() -> Vec<(&'static str, Bindings, Counts)> {
    let gpt2 = |causal: u64| {
        let all = vec![("layer-norms", 2 * 12 + 1), ("gelus", 12), ("attentions", 12), ("recognised", 24)];
        all.into_iter().chain((causal > 0).then_some(("causal-attentions", causal))).collect::<Vec<_>>()
    };
    let llama = |layers: u64, causal: u64| {
        let norms = 2 * layers + 1;
        let all = vec![
            ("rms-norms", norms),
            ("swiglus", layers),
            ("ropes", 2 * layers),
            ("attentions", layers),
            ("recognised", norms + 4 * layers),
        ];
        all.into_iter().chain((causal > 0).then_some(("causal-attentions", causal))).collect::<Vec<_>>()
    };
    vec![
        // Masks of up to 4096 numbers are constants by then, longer ones are still positions compared.
        ("gpt2_prefill.onnx", seq(16), gpt2(12)),
        ("gpt2_prefill.onnx", seq(1024), gpt2(12)),
        // One query sees every key, so that its mask is nothing.
        ("gpt2_decode.onnx", past(1023), gpt2(0)),
        ("llama2_7b_prefill.onnx", seq(16), llama(32, 32)),
        ("llama2_7b_prefill.onnx", seq(1024), llama(32, 32)),
        ("llama2_7b_decode.onnx", past(1023), llama(32, 0)),
        ("qwen2_7b_prefill.onnx", seq(1024), llama(28, 28)),
        // Their masks are weights, whose numbers are not in the program.
        ("llama_tiny.onnx", Bindings::default(), llama(2, 0)),
    ]
}

fn every_norm_gate_rotation_and_attention() {
    let session = session();
    for (name, bindings, expected) in models() {
        let (module, found) = recognised(&session, &imported(name, &bindings));
        assert_eq!(found, expected.into_iter().collect(), "{name} {bindings:?}");
        // Nothing of what was spelled out is left.
        let left = |op: &str| module.bodies[0].ops.iter().filter(|o| o.name() == op).count();
        for op in ["nn.softmax", "nn.sigmoid", "nn.tanh", "nn.pow", "nn.sqrt", "nn.reciprocal", "nn.neg", "nn.where"] {
            assert_eq!(left(op), 0, "{name}: `{op}`");
        }
    }
}

fn names_of_modules() {
    let session = session();
    let (module, _) = recognised(&session, &imported("llama2_7b_prefill.onnx", &seq(1024)));
    let of = |op: &str| -> Vec<&str> {
        module.bodies[0].ops.iter().filter(|o| o.name() == op).map(|o| o.loc.first()).collect()
    };
    let norms = of("nn.rms_norm");
    assert_eq!(norms[6], "model.layers.3.input_layernorm");
    assert_eq!(norms[7], "model.layers.3.post_attention_layernorm");
    assert_eq!(norms[64], "model.norm");
    assert_eq!(of("nn.attention")[3], "model.layers.3.self_attn");
    assert_eq!(of("nn.swiglu")[3], "model.layers.3.mlp");
    assert_eq!(of("nn.rope")[6..8], ["model.layers.3.self_attn"; 2]);
}

/// The float32 logits of onnxruntime beside the model (NumPy format 1.0).
fn logits(name: &str) -> Tensor {
    let bytes = std::fs::read(file(name)).expect("readable");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let numbers: Vec<f64> =
        bytes[10 + length..].chunks_exact(4).map(|c| f64::from(f32::from_le_bytes([c[0], c[1], c[2], c[3]]))).collect();
    Tensor { ty: TensorType::new([1, 16, 512], Elem::F32), data: Data::Float(numbers) }
}

fn token_ids() -> Tensor {
    let bytes = std::fs::read(file("tiny.input_ids.npy")).expect("readable");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let numbers = bytes[10 + length..].chunks_exact(8).map(|c| i64::from_le_bytes(c.try_into().expect("eight bytes")));
    Tensor { ty: TensorType::new([1, 16], Elem::I64), data: Data::Int(numbers.collect()) }
}

fn values_of_small_models() {
    let session = session();
    for name in ["gpt2_tiny", "llama_tiny"] {
        let model = shown(OnnxModel::open(&file(&format!("{name}.onnx"))));
        let module = shown(model.import(&Bindings::default()));
        let (after, _) = recognised(&session, &module);
        let weights = |weight: &str, ty: &TensorType| {
            let dense = weight_data(&model, weight).map_err(|e| e.to_string())?;
            assert_eq!(dense.ty, *ty);
            Tensor::from_dense(&dense)
        };
        let of = |module: &Module| interpret(&module.bodies[0], &[token_ids()], &weights).expect("values").remove(0);
        let (plain, whole, reference) = (of(&module), of(&after), logits(&format!("{name}.logits.npy")));
        assert_eq!(difference(&plain, &whole, 1e-6), None, "{name}: before and after");
        assert_eq!(difference(&reference, &whole, 1e-3), None, "{name}: against onnxruntime");
    }
}

/// Every product is still there for light to do, with the same multiply-accumulates.
fn work_is_kept() {
    let session = session();
    let lightcode = machine("lightcode");
    let fact = |module: &Module, name: &str| {
        let facts = module.bodies[0].attrs.get("stack.extraction").and_then(|a| a.as_dict()).expect("facts");
        facts.get(name).and_then(|a| a.as_int()).expect("a number")
    };
    for (name, bindings, products) in [
        ("gpt2_prefill.onnx", seq(1024), 73),
        ("gpt2_decode.onnx", past(1023), 73),
        ("llama2_7b_prefill.onnx", seq(1024), 289),
        ("qwen2_7b_prefill.onnx", seq(1024), 253),
    ] {
        let passes = format!("{},inline-calls,saturate,extract", between(Stage::Import, Stage::Nn));
        let done = shown(run(&session, &lightcode, &passes, &imported(name, &bindings))).plain.expect("ours");
        assert_eq!(fact(&done, "candidates"), products, "{name}");
    }
}

/// Exports of other families, two layers each, compute what the models themselves do, with all that they are made of found in
/// them: `tests/data/exports/make.py`.
fn exports_of_other_families() {
    let session = session();
    let folder = root().join("tests/data/exports");
    let text = std::fs::read_to_string(folder.join("logits.json")).expect("readable");
    let made: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let numbers = |what: &str| -> Vec<f64> {
        made[what].as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
    };
    let whole = |what: &str| Tensor {
        ty: TensorType::new([2, 6], Elem::I64),
        data: Data::Int(numbers(what).iter().map(|x| *x as i64).collect()),
    };
    let bindings = Bindings { batch: Some(2), ..seq(6) };
    for (name, counts) in [
        ("bloom_eager", vec![("layer-norms", 6), ("gelus", 2), ("attentions", 2), ("causal-attentions", 2)]),
        ("falcon_alibi_eager", vec![("layer-norms", 3), ("gelus", 2), ("attentions", 2)]),
        (
            "gemma2_eager",
            vec![("rms-norms", 9), ("gelus", 2), ("ropes", 4), ("attentions", 2), ("causal-attentions", 1)],
        ),
        (
            "gptj_sdpa",
            vec![("layer-norms", 3), ("gelus", 2), ("ropes", 4), ("attentions", 2), ("causal-attentions", 2)],
        ),
        (
            "gptneox_sdpa",
            vec![("layer-norms", 3), ("gelus", 2), ("ropes", 4), ("attentions", 2), ("causal-attentions", 2)],
        ),
        ("llama_sdpa_mask", vec![("rms-norms", 5), ("swiglus", 2), ("ropes", 4), ("attentions", 2)]),
    ] {
        let model = shown(OnnxModel::open(&folder.join(format!("{name}.onnx"))));
        let module = shown(model.import(&bindings));
        let (after, found) = recognised(&session, &module);
        for (what, n) in counts {
            assert_eq!(found.get(what), Some(&n), "{name}, {what}: {found:?}");
        }
        assert!(after.bodies[0].ops.iter().all(|op| !matches!(op.name(), "nn.softmax" | "nn.equal")), "{name}");
        let weights = |weight: &str, ty: &TensorType| {
            let dense = weight_data(&model, weight).map_err(|e| e.to_string())?;
            assert_eq!(dense.ty, *ty);
            Tensor::from_dense(&dense)
        };
        let args = [whole("input_ids"), whole("attention_mask")];
        let args = &args[..module.bodies[0].args.len()];
        let of = |module: &Module| interpret(&module.bodies[0], args, &weights).expect("values").remove(0);
        let (plain, logits) = (of(&module), of(&after));
        assert_eq!(difference(&plain, &logits, 1e-6), None, "{name}: before and after");
        // Torch has other numbers where a token of padding sees nothing at all than its export has.
        let seen = numbers("attention_mask");
        let told = |all: &[f64]| -> Vec<f64> {
            let rows = all.chunks(32).zip(&seen).filter(|(_, seen)| args.len() == 1 || **seen == 1.0);
            rows.flat_map(|(row, _)| row.iter().copied()).collect()
        };
        let Data::Float(found) = &logits.data else { panic!("{name}: numbers expected") };
        let (found, expected) = (told(found), told(&numbers(name)));
        assert!(found.len() == expected.len() && found.len() >= 10 * 32, "{name}: {}", found.len());
        let apart = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart < 1e-5, "{name}: {apart}");
    }
}
