//! The graphs in `examples/models`: converted, counted, and run against the values of another runtime.

mod common;

use common::{example, imported, numpy};
use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::{Attr, Elem, Module, Op, TensorType};
use prism_import::{Bindings, OnnxModel, weight_data};
use std::collections::BTreeMap;

fn seq(n: u64) -> Bindings {
    Bindings { seq: Some(n), ..Bindings::default() }
}

fn past(n: u64) -> Bindings {
    Bindings { past: Some(n), ..Bindings::default() }
}

fn counts(module: &Module) -> BTreeMap<&'static str, usize> {
    let mut out = BTreeMap::new();
    for op in module.bodies.iter().flat_map(|b| &b.ops) {
        *out.entry(op.name()).or_insert(0) += 1;
    }
    out
}

/// Multiply-accumulates of GPT-2 small (12 layers, width 768, vocabulary 50257) for `tokens` new tokens that attend
/// to `context`: per layer and token 12 width^2 in the four products with weights, 2 width for each attended token.
fn gpt2_macs(tokens: u64, context: u64) -> u64 {
    let (layers, width, vocabulary) = (12, 768, 50257);
    let layer = tokens * 12 * width * width + 2 * tokens * context * width;
    layers * layer + tokens * width * vocabulary
}

#[test]
fn gpt2_prefill_has_the_work_that_paper_says() {
    let model = OnnxModel::open(&example("gpt2_prefill.onnx")).expect("opens");
    let seen = model.inspect(&seq(1024));
    let bound = seen.bound.expect("bound");
    assert_eq!(bound.macs, gpt2_macs(1024, 1024));
    assert_eq!(bound.operations["nn.matmul"], 12 * 6 + 1);
    assert_eq!(bound.operations["nn.layer_norm"], 25);
    // 124 M, and the head a second time: the exporter stores it transposed. Biases and norms that were zero are gone.
    assert_eq!(seen.parameters.count, 2 * 50257 * 768 + 1024 * 768 + 12 * 12 * 768 * 768 + 768);
    assert!(seen.unsupported.is_empty() && seen.problems.is_empty());
}

#[test]
fn gpt2_decode_has_the_work_that_paper_says() {
    let model = OnnxModel::open(&example("gpt2_decode.onnx")).expect("opens");
    let bound = model.inspect(&past(1023)).bound.expect("bound");
    assert_eq!(bound.macs, gpt2_macs(1, 1024));
    assert_eq!(bound.operations["nn.concat"], 24);
    let module = model.import(&past(1023)).expect("imports");
    let body = &module.bodies[0];
    assert_eq!((body.args.len(), body.results.len()), (26, 25));
    assert_eq!(body.ty(body.results[1]).to_string(), "tensor<1x12x1024x64xf32>");
    assert_eq!(body.arg_locs[2].first(), "past_k_0");
}

#[test]
fn shape_arithmetic_leaves_no_trace() {
    let module = imported("gpt2_prefill.onnx", &seq(1024));
    let counts = counts(&module);
    for gone in ["nn.gather_nd", "nn.cumsum", "nn.cast", "nn.not", "nn.sub"] {
        assert_eq!(counts.get(gone), None, "{gone} in {counts:?}");
    }
    let constants: u64 =
        module.bodies[0].ops.iter().filter_map(|op| op.attr("value")?.as_dense().map(|d| d.numbers.len() as u64)).sum();
    assert!(constants < 64, "{constants} numbers are written out");
    prism_dialects::verify::check_module(&module).expect("verifies");
}

#[test]
fn operations_carry_the_names_of_modules() {
    let module = imported("gpt2_prefill.onnx", &seq(64));
    let of = |name: &str| {
        module.bodies[0].ops.iter().filter(|op| op.name() == name).map(|op| op.loc.clone()).collect::<Vec<_>>()
    };
    let products = of("nn.matmul");
    let names: Vec<&str> = products.iter().take(7).map(|l| l.first()).collect();
    let block = "transformer.h.0";
    let expected =
        [".attn.c_attn", ".attn", ".attn", ".attn.c_proj", ".mlp.c_fc", ".mlp.c_proj"].map(|n| format!("{block}{n}"));
    assert_eq!(names[..6], expected.each_ref().map(String::as_str));
    assert_eq!(names[6], "transformer.h.1.attn.c_attn");
    assert_eq!(&*products[0].names[1], "node_Gemm_943");
    // Split has no module in the file: it takes that of what it splits.
    assert_eq!(of("nn.slice")[0].first(), "transformer.h.0.attn.c_attn");
    let param = module.bodies[0].ops.iter().find(|op| op.name() == "nn.param").expect("weights");
    assert_eq!(param.attr("name").and_then(Attr::as_str), Some("m.transformer.wte.weight"));
    assert_eq!(param.loc.first(), "transformer.wte.weight");
    // The exporter's name for the transposed head says nothing: its user does.
    let head = module.bodies[0].ops.iter().find(|op| op.attr("name").and_then(Attr::as_str) == Some("val_887"));
    let names: Vec<&str> = head.expect("head").loc.names.iter().map(|n| &**n).collect();
    assert_eq!(names, ["lm_head", "val_887"]);
}

#[test]
fn modules_say_where_they_come_from() {
    let module = imported("gpt2_prefill.onnx", &seq(64));
    assert_eq!(module.attrs["nn.model"], Attr::str("gpt2_prefill.onnx"));
    assert_eq!(module.attrs["nn.dims"], Attr::dict([("seq".to_string(), Attr::Int(64))].into()));
    assert_eq!(module.bodies[0].attrs["nn.results"], Attr::List(vec![Attr::str("logits")]));
    assert_eq!(module.bodies[0].arg_locs[0].first(), "input_ids");
}

fn largest_error(name: &str) -> f64 {
    let model = OnnxModel::open(&example(&format!("{name}.onnx"))).expect("opens");
    let module = model.import(&Bindings::default()).expect("imports");
    let ids = numpy("tiny.input_ids.npy");
    let weight = |weight: &str, _: &TensorType| {
        let dense = weight_data(&model, weight).map_err(|e| e.to_string())?;
        Tensor::from_dense(&dense)
    };
    let results = interp::run(&module.bodies[0], &[ids], &weight).expect("runs");
    let [Tensor { data: Data::Float(found), .. }] = &results[..] else { panic!("one float tensor") };
    let Data::Float(expected) = numpy(&format!("{name}.logits.npy")).data else { panic!("no floats") };
    assert_eq!(found.len(), expected.len());
    assert!(expected.iter().any(|x| x.abs() > 0.1), "logits that are all small prove nothing");
    found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Expected values: onnxruntime 1.32, single precision.
#[test]
fn small_models_compute_what_another_runtime_computes() {
    for name in ["gpt2_tiny", "llama_tiny"] {
        let error = largest_error(name);
        assert!(error < 1e-3, "{name}: {error}");
    }
}

/// The value of the attention mask: the only `nn.where` or `nn.constant` of one number for each pair of tokens. What
/// does not lead to it is left out, weights first of all.
fn mask(seq_length: u64) -> Tensor {
    let mut body = imported("gpt2_prefill.onnx", &seq(seq_length)).bodies.remove(0);
    let ty = TensorType::new([1, 1, seq_length, seq_length], Elem::F32);
    let is_mask =
        |op: &&Op| matches!(op.name(), "nn.where" | "nn.constant") && body.ty(op.results[0]).tensor() == Some(&ty);
    let chosen: Vec<_> = body.ops.iter().filter(is_mask).collect();
    assert_eq!(chosen.len(), 1);
    body.results = chosen[0].results.to_vec();
    let mut used: Vec<_> = body.results.clone();
    let mut kept: Vec<_> = std::mem::take(&mut body.ops)
        .into_iter()
        .rev()
        .filter(|op| {
            let leads = op.results.iter().any(|r| used.contains(r));
            used.extend(op.operands.iter().copied().filter(|_| leads));
            leads
        })
        .collect();
    kept.reverse();
    body.ops = kept;
    let ids = Tensor { ty: TensorType::new([1, seq_length], Elem::I64), data: Data::Int(vec![0; seq_length as usize]) };
    interp::run(&body, &[ids], &|name, _| Err(format!("no weight `{name}`"))).expect("runs").remove(0)
}

/// At 5 tokens the whole mask is computed at import, at 30 its conditions are, at 80 only their indices.
#[test]
fn the_mask_is_causal_however_much_of_it_is_folded() {
    for n in [1, 5, 30, 80] {
        let made = mask(n);
        assert_eq!(made.ty.dims, [1, 1, n, n]);
        let Data::Float(numbers) = made.data else { panic!("no floats") };
        for (i, x) in numbers.iter().enumerate() {
            let (query, key) = (i as u64 / n, i as u64 % n);
            let expected = if key <= query { 0.0 } else { f64::from(f32::MIN) };
            assert_eq!(*x, expected, "query {query}, key {key} of {n}");
        }
    }
}
