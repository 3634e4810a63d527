//! Mixtral, Qwen2-MoE and Qwen3-MoE: decoders whose feed-forward parts are mixtures of experts.

use super::common::{Sizes, activation, gated, layer, norm, window, windowed};
use crate::hf::fields::{EXTENT, Fields, MANY};
use crate::hf::json::Json;
use crate::hf::network::Network;
use crate::hf::rope::Rope;
use crate::hf::spec::{Activation, Decoder, Grouped, Mlp, Moe, Routing, Scores, Shared};

/// Names of an expert's weights in most models.
pub(super) const WEIGHTS: [&str; 3] = ["gate_proj", "up_proj", "down_proj"];

/// How many experts there are, and how many a token has.
pub(super) fn counts(f: &Fields<'_>, experts: &str) -> (u64, u64) {
    let (all, each) = (f.count(experts, MANY), f.count("num_experts_per_tok", MANY));
    if each > all {
        let allowed = format!("at most the {all} experts of `{experts}`");
        f.contradicts("num_experts_per_tok", &[experts], each.to_string(), allowed);
    }
    (all, each.min(all))
}

fn softmax(normed: bool) -> Routing {
    let normed = normed.then_some(0.0);
    Routing { scores: Scores::Softmax, choice_bias: false, groups: None, normed, factor: 1.0 }
}

fn decoder(f: &Fields<'_>, sizes: Sizes, theta: f64, made: impl Fn(u64) -> (Grouped, Mlp), epsilon: f64) -> Decoder {
    let rope = Rope::of(f, ("head_dim", sizes.head_dim), theta);
    let of = |i| {
        let (attention, mlp) = made(i);
        layer(attention, mlp)
    };
    Decoder { tied: f.flag("tie_word_embeddings", false), ..sizes.decoder(norm(f, epsilon), rope, of) }
}

/// Mixtral: experts in every layer, weighed by a softmax over those chosen.
pub(crate) fn mixtral(f: &Fields<'_>) -> Box<dyn Network> {
    let sizes = Sizes::of(f, None);
    let (experts, top_k) = counts(f, "num_local_experts");
    let expert = gated(sizes.inner, activation(f, "hidden_act", Activation::Silu));
    let window = window(f);
    let moe = Moe {
        module: "block_sparse_moe",
        weights: ["w1", "w3", "w2"],
        experts,
        top_k,
        expert,
        routing: softmax(true),
        shared: None,
    };
    let made = |_| {
        let mut attention = sizes.grouped();
        attention.window = window;
        (attention, Mlp::Experts(Box::new(moe.clone())))
    };
    Box::new(decoder(f, sizes, 1_000_000.0, made, 1e-5))
}

/// Which layers have experts: every `decoder_sparse_step`-th, those of `mlp_only_layers` left out.
fn sparse(f: &Fields<'_>) -> impl Fn(u64) -> bool {
    let step = f.maybe_count("decoder_sparse_step", MANY).unwrap_or(1);
    let dense = f.list("mlp_only_layers", "numbers of layers", Json::count).unwrap_or_default();
    move |i| !dense.contains(&i) && (i + 1).is_multiple_of(step)
}

fn qwen(f: &Fields<'_>, shared: Option<Shared>) -> (Sizes, Moe) {
    let sizes = Sizes::of(f, None);
    let (experts, top_k) = counts(f, "num_experts");
    let act = activation(f, "hidden_act", Activation::Silu);
    let expert = gated(f.count("moe_intermediate_size", EXTENT), act);
    let routing = softmax(f.flag("norm_topk_prob", false));
    (sizes, Moe { module: "mlp", weights: WEIGHTS, experts, top_k, expert, routing, shared })
}

/// Qwen2-MoE: an expert of all tokens behind a gate, biases of queries, keys and values.
pub(crate) fn qwen2_moe(f: &Fields<'_>) -> Box<dyn Network> {
    let act = activation(f, "hidden_act", Activation::Silu);
    let width = f.count("shared_expert_intermediate_size", EXTENT);
    let shared = Shared { module: "shared_expert", mlp: gated(width, act), gate: Some("shared_expert_gate") };
    let (sizes, moe) = qwen(f, Some(shared));
    let (sparse, bias) = (sparse(f), f.flag("qkv_bias", true));
    let first = f.maybe_count("max_window_layers", 0..=1 << 16).unwrap_or(28);
    let window = if f.flag("use_sliding_window", false) { window(f) } else { None };
    let layers = windowed(f, sizes.layers, |i| i % 2 == 0 && i < first);
    let made = |i: u64| {
        let mut attention = sizes.grouped();
        attention.bias = bias;
        attention.window = window.filter(|_| layers.get(i as usize) == Some(&true));
        let mlp = if sparse(i) { Mlp::Experts(Box::new(moe.clone())) } else { dense(sizes, act) };
        (attention, mlp)
    };
    Box::new(decoder(f, sizes, 10_000.0, made, 1e-6))
}

/// Qwen3-MoE: queries and keys are normed head by head.
pub(crate) fn qwen3_moe(f: &Fields<'_>) -> Box<dyn Network> {
    let (sizes, moe) = qwen(f, None);
    let (sparse, bias) = (sparse(f), f.flag("attention_bias", false));
    let window = if f.flag("use_sliding_window", false) { window(f) } else { None };
    let made = |i: u64| {
        let mut attention = sizes.grouped();
        (attention.bias, attention.output_bias, attention.normed) = (bias, bias, true);
        attention.window = window;
        let mlp = if sparse(i) { Mlp::Experts(Box::new(moe.clone())) } else { dense(sizes, moe.expert.act) };
        (attention, mlp)
    };
    Box::new(decoder(f, sizes, 10_000.0, made, 1e-6))
}

fn dense(sizes: Sizes, act: Activation) -> Mlp {
    Mlp::Dense(gated(sizes.inner, act))
}
