//! The configs of published models in `examples/models/configs`: sizes, work, and what a cache costs.

mod common;

use common::{config, example};
use prism_dialects::{Attr, Body, Module, OpView, Type, nn};
use prism_import::{Bindings, HfModel, Precision};
use std::collections::BTreeMap;

fn seq(n: u64) -> Bindings {
    Bindings { seq: Some(n), ..Bindings::default() }
}

fn past(n: u64) -> Bindings {
    Bindings { past: Some(n), ..Bindings::default() }
}

/// DeepSeek-V3 is stored in eight bits; its weights are taken at sixteen.
const WIDE: Precision = Precision { weight_bits: Some(16), kv_bits: None };

fn program(name: &str, bindings: &Bindings) -> Module {
    let module = config(name).import(bindings, &WIDE).expect("imports");
    prism_dialects::verify::check_module(&module).expect("verifies");
    module
}

fn macs(body: &Body, keep: impl Fn(&str) -> bool) -> u64 {
    let of = |op: &prism_dialects::Op| {
        let operands: Vec<Type> = op.operands.iter().map(|v| body.ty(*v).clone()).collect();
        nn::macs(&OpView { def: op.def, operands: &operands, results: &[], attrs: &op.attrs })
    };
    body.ops.iter().filter(|op| keep(op.loc.first())).map(of).sum()
}

/// Parameters as their publishers count them: Hugging Face's `num_parameters`, without heads for further tokens and tasks.
#[test]
fn parameters_are_those_of_the_published_models() {
    let published = [
        ("bert-base-uncased", 109_482_240),
        ("deepseek-v2-lite", 15_706_484_224),
        ("gemma-2-9b", 9_241_705_984),
        ("gpt2", 124_439_808),
        ("llama-2-7b", 6_738_415_616),
        ("llama-3.1-405b", 405_853_388_800),
        ("llama-3.1-8b", 8_030_261_248),
        ("mistral-7b-v0.1", 7_241_732_096),
        ("mixtral-8x7b", 46_702_792_704),
        ("qwen2-7b", 7_615_616_512),
        ("qwen3-8b", 8_190_735_360),
    ];
    for (name, count) in published {
        let seen = config(name).inspect(&Bindings::default(), &WIDE);
        assert_eq!(seen.parameters.count, count, "{name}");
    }
    // 671 billion without the head for a further token: DeepSeek-V3, arXiv 2412.19437, section 4.2.
    let v3 = config("deepseek-v3").inspect(&Bindings::default(), &WIDE).parameters.count;
    assert_eq!(v3 / 1_000_000_000, 671);
    let files = std::fs::read_dir(example("configs")).expect("a folder").count();
    assert_eq!(files, published.len() + 1, "a config without its number of parameters");
}

/// Of DeepSeek-V3's parameters 37 billion are used for a token: arXiv 2412.19437, abstract. Each is used in one product, but
/// for the embedding, which is looked up, and vectors.
#[test]
fn a_token_meets_the_experts_that_are_chosen_for_it() {
    let body = &program("deepseek-v3", &past(1)).bodies[0];
    let used = macs(body, |at| !at.ends_with(".self_attn")) + 129_280 * 7_168;
    assert_eq!(used / 1_000_000_000, 37, "{used}");
    // Mixtral: 13 billion, arXiv 2401.04088, abstract.
    let body = &program("mixtral-8x7b", &past(1)).bodies[0];
    let used = macs(body, |at| !at.ends_with(".self_attn")) + 32_000 * 4_096;
    assert_eq!(used.div_ceil(1_000_000_000), 13, "{used}");
}

/// tokens x experts of a token x work of an expert; rows are rounded up to a multiple of the experts.
#[test]
fn experts_do_the_work_of_balanced_routing() {
    let expert = 3 * 4096 * 14336;
    let of_experts =
        |bindings: &Bindings| macs(&program("mixtral-8x7b", bindings).bodies[0], |at| at.contains(".experts"));
    for tokens in [64, 512] {
        assert_eq!(of_experts(&seq(tokens)), 32 * tokens * 2 * expert);
    }
    // 10 choices for 8 experts: two rows each.
    assert_eq!(of_experts(&seq(5)), 32 * 16 * expert);
    // Up to 8 choices every one is an expert of its own.
    for batch in [1, 3, 4] {
        assert_eq!(of_experts(&Bindings { batch: Some(batch), ..past(100) }), 32 * 2 * batch * expert);
    }
}

/// Bytes that a token takes in the cache, and products of a step of latent attention: DeepSeek-V2, arXiv 2405.04434, table 1.
#[test]
fn latent_attention_keeps_a_vector_for_each_token() {
    let module = program("deepseek-v2-lite", &past(1000));
    let body = &module.bodies[0];
    let caches: Vec<String> = body.args.iter().skip(2).map(|v| body.ty(*v).to_string()).collect();
    assert_eq!(caches, vec!["tensor<1x1x1000x576xbf16>"; 27]);
    // 16 heads attend to 1001 vectors of 512 + 64 channels and mix 512 of them. What makes keys and values of 128 channels from
    // them is multiplied into queries and results, whatever the length.
    assert_eq!(macs(body, |at| at.ends_with("layers.3.self_attn")), 16 * 1001 * (576 + 512));
    assert_eq!(macs(body, |at| at.ends_with("layers.3.self_attn.kv_b_proj")), 2 * 16 * 128 * 512);
}

#[test]
fn windows_bound_the_cache_and_what_is_attended_to() {
    let module = program("gemma-2-9b", &past(6000));
    let body = &module.bodies[0];
    let lengths: Vec<u64> = body.args.iter().skip(2).map(|v| body.ty(*v).tensor().expect("a tensor").dims[2]).collect();
    // Keys and values of layers 0 and 1.
    assert_eq!(lengths[..4], [4095, 4095, 6000, 6000]);
    assert_eq!(macs(body, |at| at.ends_with("layers.0.self_attn")), 16 * 4096 * 2 * 256);
    assert_eq!(macs(body, |at| at.ends_with("layers.1.self_attn")), 16 * 6001 * 2 * 256);
    // A prompt longer than the window has a mask for it, one for all layers.
    let masks = |n| program("gemma-2-9b", &seq(n)).bodies[0].ops.iter().filter(|op| op.name() == "nn.greater").count();
    assert_eq!((masks(4096), masks(4097)), (0, 1));
}

#[test]
fn widths_are_element_types() {
    let types = |precision: Precision, stored: &str| {
        let model = HfModel::open(&example(&format!("configs/{stored}.json"))).expect("a config");
        let module = model.import(&past(7), &precision).expect("imports");
        prism_dialects::verify::check_module(&module).expect("verifies");
        let body = &module.bodies[0];
        let weight = body.ops.iter().find(|op| op.name() == "nn.param").and_then(|op| op.result()).expect("a weight");
        let of = |v| body.ty(v).tensor().expect("a tensor").elem.name();
        (of(weight), of(body.args[2]), of(body.results[0]), of(body.results[1]))
    };
    let bits = |weight_bits, kv_bits| Precision { weight_bits, kv_bits };
    assert_eq!(types(bits(None, None), "llama-2-7b"), ("f16", "f16", "f16", "f16"));
    assert_eq!(types(bits(None, None), "llama-3.1-8b"), ("bf16", "bf16", "bf16", "bf16"));
    assert_eq!(types(bits(None, None), "gpt2"), ("f32", "f32", "f32", "f32"));
    assert_eq!(types(bits(Some(32), None), "llama-2-7b"), ("f32", "f32", "f32", "f32"));
    assert_eq!(types(bits(Some(16), None), "llama-2-7b"), ("f16", "f16", "f16", "f16"));
    assert_eq!(types(bits(Some(16), None), "gpt2"), ("bf16", "bf16", "bf16", "bf16"));
    assert_eq!(types(bits(None, Some(16)), "gpt2"), ("f32", "bf16", "f32", "bf16"));
    assert_eq!(types(bits(Some(64), Some(32)), "deepseek-v2-lite"), ("f64", "f32", "f64", "f32"));
}

#[test]
fn operations_carry_the_names_of_modules_and_weights() {
    let module = program("llama-2-7b", &seq(64));
    assert_eq!(module.attrs["nn.model"], Attr::str("llama-2-7b"));
    let dims = [("batch", 1), ("past", 0), ("seq", 64)].map(|(n, v)| (n.to_string(), Attr::Int(v)));
    assert_eq!(module.attrs["nn.dims"], Attr::dict(dims.into()));
    let body = &module.bodies[0];
    let of = |name: &str| body.ops.iter().filter(|op| op.name() == name).collect::<Vec<_>>();
    let layer = "model.layers.0";
    let modules = [
        ".self_attn.q_proj",
        ".self_attn.k_proj",
        ".self_attn.v_proj",
        ".self_attn.o_proj",
        ".mlp.gate_proj",
        ".mlp.up_proj",
    ];
    let found: Vec<&str> = of("nn.matmul").iter().take(6).map(|op| op.loc.first()).collect();
    assert_eq!(found, modules.map(|m| format!("{layer}{m}")));
    assert_eq!(of("nn.attention")[1].loc.first(), "model.layers.1.self_attn");
    let params: BTreeMap<&str, String> = of("nn.param")
        .into_iter()
        .map(|op| (op.attr("name").and_then(Attr::as_str).expect("a name"), body.ty(op.results[0]).to_string()))
        .collect();
    assert_eq!(params["model.layers.31.mlp.down_proj.weight"], "tensor<4096x11008xf16>");
    assert_eq!(params["lm_head.weight"], "tensor<32000x4096xf16>");
    assert_eq!(params.len(), 3 + 32 * 9);
    let mixtral = program("mixtral-8x7b", &seq(64));
    let body = &mixtral.bodies[0];
    let expert = body.ops.iter().find(|op| op.attr("name").and_then(Attr::as_str).is_some_and(|n| n.contains('*')));
    let expert = expert.expect("experts");
    let names: Vec<&str> = expert.loc.names.iter().map(|n| &**n).collect();
    let module = "model.layers.0.block_sparse_moe.experts.*.w1";
    assert_eq!(names, [module, &format!("{module}.weight")]);
    assert_eq!(body.ty(expert.results[0]).to_string(), "tensor<8x14336x4096xbf16>");
}

/// 405 billion parameters are 126 layers of some thirty operations.
#[test]
fn large_models_are_small_programs() {
    let operations = |name, bindings| program(name, &bindings).bodies[0].ops.len();
    let llama = operations("llama-3.1-405b", Bindings { batch: Some(8), ..past(100_000) });
    assert!(llama < 126 * 40, "{llama}");
    let deepseek = operations("deepseek-v3", seq(4096));
    assert!(deepseek < 61 * 100, "{deepseek}");
}

/// The page on models names every architecture of the registry, and no other.
#[test]
fn the_page_on_models_names_every_architecture() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/models.md");
    let page = std::fs::read_to_string(page).expect("readable");
    let list = page.split_once("Architectures (`model_type`):").expect("a list").1;
    let list = list.split_once('.').expect("an end").0;
    let named: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    let built: Vec<&str> = prism_import::supported_architectures().collect();
    assert_eq!(named, built);
}
