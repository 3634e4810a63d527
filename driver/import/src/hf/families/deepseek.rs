//! DeepSeek-V2 and V3: latent attention, experts in all but the first layers, an expert of all tokens.

use super::common::{Sizes, activation, gated, norm};
use super::moe::{WEIGHTS, counts};
use crate::hf::fields::{EXTENT, Fields, MANY};
use crate::hf::network::Network;
use crate::hf::rope::Rope;
use crate::hf::spec::{
    Activation, Attention, Decoder, Groups, Latent, Layer, Mlp, Moe, Norms, Routing, Scores, Shared,
};

fn attention(f: &Fields<'_>, interleaved: bool) -> Latent {
    let (plain, turned) = (f.count("qk_nope_head_dim", MANY), f.count("qk_rope_head_dim", MANY));
    Latent {
        heads: f.count("num_attention_heads", MANY),
        q_rank: f.maybe_count("q_lora_rank", EXTENT),
        kv_rank: f.count("kv_lora_rank", EXTENT),
        plain,
        turned,
        value: f.count("v_head_dim", MANY),
        bias: f.flag("attention_bias", false),
        scale: ((plain + turned) as f64).powf(-0.5) * Rope::score_factor(f),
        interleaved,
    }
}

/// Groups of experts, `judged_by` so many of their scores.
fn groups(f: &Fields<'_>, experts: u64, (judged_by, hidden): (u64, f64)) -> Option<Groups> {
    let count = f.maybe_count("n_group", MANY).unwrap_or(1);
    let kept = f.maybe_count("topk_group", MANY).unwrap_or(count);
    if !experts.is_multiple_of(count) || experts / count < judged_by {
        let allowed = format!("a divisor of the {experts} experts, with at least {judged_by} in a group");
        f.contradicts("n_group", &["n_routed_experts"], count.to_string(), allowed);
        return None;
    }
    if kept > count {
        f.contradicts("topk_group", &["n_group"], kept.to_string(), format!("at most the {count} groups of `n_group`"));
        return None;
    }
    let least = f.maybe_count("num_experts_per_tok", MANY).unwrap_or(1);
    if least > kept * (experts / count) {
        let allowed = format!("at most the {} experts of {kept} groups", kept * (experts / count));
        f.contradicts("num_experts_per_tok", &["n_routed_experts", "topk_group"], least.to_string(), allowed);
    }
    (kept < count).then_some(Groups { count, kept, judged_by, hidden })
}

/// Refuses words other than those that are built.
fn only(f: &Fields<'_>, name: &str, known: &[&str]) {
    if let Some(word) = f.word(name).filter(|w| !known.contains(w)) {
        f.unsupported(name, &format!("\"{word}\""), &known.join(" or "));
    }
}

fn decoder(f: &Fields<'_>, attention: Latent, routing: Routing, first_experts: u64, bias: bool) -> Decoder {
    let sizes = Sizes::of(f, Some(attention.plain + attention.turned));
    let act = activation(f, "hidden_act", Activation::Silu);
    let (experts, top_k) = counts(f, "n_routed_experts");
    let expert = gated(f.count("moe_intermediate_size", EXTENT), act);
    let shared = f.maybe_count("n_shared_experts", 0..=1 << 16).unwrap_or(0);
    let mut always = gated(expert.width.saturating_mul(shared), act);
    always.bias = bias;
    let shared = (shared > 0).then_some(Shared { module: "shared_experts", mlp: always, gate: None });
    if f.maybe_count("moe_layer_freq", EXTENT).is_some_and(|n| n != 1) {
        f.unsupported("moe_layer_freq", "another number", "1");
    }
    let moe = Moe { module: "mlp", weights: WEIGHTS, experts, top_k, expert, routing, shared };
    let rope = Rope::of(f, ("qk_rope_head_dim", attention.turned), 10_000.0);
    let mut dense = gated(sizes.inner, act);
    dense.bias = bias;
    let made = |i: u64| Layer {
        norms: Norms::Before,
        attention: Attention::Latent(attention.clone()),
        mlp: if i < first_experts { Mlp::Dense(dense) } else { Mlp::Experts(Box::new(moe.clone())) },
    };
    Decoder { tied: f.flag("tie_word_embeddings", false), ..sizes.decoder(norm(f, 1e-6), rope, made) }
}

/// DeepSeek-V2: scores by softmax; groups are judged by their best expert.
pub(crate) fn deepseek_v2(f: &Fields<'_>) -> Box<dyn Network> {
    only(f, "topk_method", &["greedy", "group_limited_greedy"]);
    only(f, "scoring_func", &["softmax"]);
    if f.flag("norm_topk_prob", false) {
        f.unsupported("norm_topk_prob", "true", "false");
    }
    let limited = f.word("topk_method") == Some("group_limited_greedy");
    let experts = f.maybe_count("n_routed_experts", MANY).unwrap_or(1);
    let groups = if limited { groups(f, experts, (1, 0.0)) } else { None };
    let factor = f.maybe_number("routed_scaling_factor", 0.0..=1e6).unwrap_or(1.0);
    let routing = Routing { scores: Scores::Softmax, choice_bias: false, groups, normed: None, factor };
    let first = f.maybe_count("first_k_dense_replace", 0..=1 << 16).unwrap_or(0);
    Box::new(decoder(f, attention(f, true), routing, first, f.flag("mlp_bias", false)))
}

/// DeepSeek-V3: scores by sigmoid, a bias for choosing; groups are judged by their two best experts. Heads that predict further
/// tokens (`num_nextn_predict_layers`) are not part of the decoder.
pub(crate) fn deepseek_v3(f: &Fields<'_>) -> Box<dyn Network> {
    only(f, "topk_method", &["noaux_tc"]);
    only(f, "scoring_func", &["sigmoid"]);
    let experts = f.maybe_count("n_routed_experts", MANY).unwrap_or(1);
    let groups = groups(f, experts, (2, f64::NEG_INFINITY));
    let normed = f.flag("norm_topk_prob", true).then_some(1e-20);
    let factor = f.maybe_number("routed_scaling_factor", 0.0..=1e6).unwrap_or(2.5);
    let routing = Routing { scores: Scores::Sigmoid, choice_bias: true, groups, normed, factor };
    let first = f.maybe_count("first_k_dense_replace", 0..=1 << 16).unwrap_or(3);
    Box::new(decoder(f, attention(f, f.flag("rope_interleave", true)), routing, first, false))
}
