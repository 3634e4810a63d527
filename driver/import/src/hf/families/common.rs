//! Fields that configs of many families share.

use crate::hf::fields::{EXTENT, Fields, LAYERS, MANY};
use crate::hf::json::Json;
use crate::hf::rope::Rope;
use crate::hf::spec::{Activation, Attention, Decoder, Gated, Grouped, Layer, Mlp, Norm, Norms};

/// Sizes of a decoder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) vocabulary: u64,
    pub(super) hidden: u64,
    pub(super) layers: u64,
    pub(super) heads: u64,
    pub(super) kv_heads: u64,
    pub(super) head_dim: u64,
    /// Width of a dense feed-forward part.
    pub(super) inner: u64,
}

impl Sizes {
    /// Reads them. A head has `head_dim` channels where the config does not say, or what the width allows.
    pub(super) fn of(f: &Fields<'_>, head_dim: Option<u64>) -> Sizes {
        let (hidden, heads) = (f.count("hidden_size", EXTENT), f.count("num_attention_heads", MANY));
        let kv_heads = f.maybe_count("num_key_value_heads", MANY).unwrap_or(heads);
        if !heads.is_multiple_of(kv_heads) {
            let allowed = format!("a divisor of the {heads} attention heads");
            f.contradicts("num_key_value_heads", &["num_attention_heads"], kv_heads.to_string(), allowed);
        }
        let share = || even_share(f, ["num_attention_heads", "hidden_size"], (heads, hidden));
        let head_dim = f.maybe_count("head_dim", MANY).or(head_dim).unwrap_or_else(share);
        Sizes {
            vocabulary: f.count("vocab_size", EXTENT),
            hidden,
            layers: f.count("num_hidden_layers", LAYERS),
            heads,
            kv_heads,
            head_dim,
            inner: f.count("intermediate_size", EXTENT),
        }
    }

    /// Attention with one head of keys for each `heads / kv_heads` of queries.
    pub(super) fn grouped(&self) -> Grouped {
        Grouped {
            heads: self.heads,
            kv_heads: self.kv_heads,
            head_dim: self.head_dim,
            bias: false,
            output_bias: false,
            normed: false,
            joined: false,
            scale: (self.head_dim as f64).powf(-0.5),
            cap: None,
            window: None,
            rope: 0,
        }
    }

    /// A decoder of these sizes, its layers made by `layer` from their number.
    pub(super) fn decoder(&self, norm: Norm, rope: Rope, layer: impl Fn(u64) -> Layer) -> Decoder {
        Decoder {
            vocabulary: self.vocabulary,
            hidden: self.hidden,
            norm,
            embedding_factor: None,
            tied: false,
            logit_cap: None,
            ropes: vec![rope],
            layers: (0..self.layers).map(layer).collect(),
        }
    }
}

/// Channels of a head when heads share the width; `names` are the fields of heads and width.
pub(super) fn even_share(f: &Fields<'_>, names: [&str; 2], (heads, hidden): (u64, u64)) -> u64 {
    if hidden.is_multiple_of(heads) && hidden / heads <= *MANY.end() {
        return hidden / heads;
    }
    let [name, width] = names;
    f.contradicts(name, &[width], heads.to_string(), format!("a divisor of the width {hidden}"));
    2
}

/// A layer with norms before its parts.
pub(super) fn layer(attention: Grouped, mlp: Mlp) -> Layer {
    Layer { norms: Norms::Before, attention: Attention::Grouped(attention), mlp }
}

/// A gated feed-forward part.
pub(super) fn gated(width: u64, act: Activation) -> Gated {
    Gated { width, act, bias: false, joined: false }
}

/// The norms of a decoder.
pub(super) fn norm(f: &Fields<'_>, default: f64) -> Norm {
    Norm { epsilon: f.epsilon("rms_norm_eps", default), one_more: false }
}

/// The activation that a field names; `default` where it is absent.
pub(super) fn activation(f: &Fields<'_>, name: &str, default: Activation) -> Activation {
    match f.word(name) {
        None => default,
        Some("silu" | "swish") => Activation::Silu,
        Some("gelu") => Activation::Gelu,
        Some("gelu_new" | "gelu_pytorch_tanh" | "gelu_fast") => Activation::GeluTanh,
        Some("relu") => Activation::Relu,
        Some(other) => {
            f.unsupported(name, &format!("\"{other}\""), "silu, gelu, gelu_new, gelu_pytorch_tanh or relu");
            default
        }
    }
}

/// Which layers see a window alone: by `layer_types`, or as `rule` says for a layer's number.
pub(super) fn windowed(f: &Fields<'_>, layers: u64, rule: impl Fn(u64) -> bool) -> Vec<bool> {
    let by_rule = || (0..layers).map(&rule).collect();
    let Some(types) = f.list("layer_types", "texts", Json::text) else { return by_rule() };
    if types.len() as u64 != layers {
        f.wrong("layer_types", format!("{} items", types.len()), format!("{layers}, one for each layer"));
        return by_rule();
    }
    for other in types.iter().filter(|t| !matches!(**t, "full_attention" | "sliding_attention")) {
        f.unsupported("layer_types", &format!("\"{other}\""), "full_attention or sliding_attention");
    }
    types.iter().map(|t| *t == "sliding_attention").collect()
}

/// A window of keys; of one key nothing would be left to attend to.
pub(super) fn window(f: &Fields<'_>) -> Option<u64> {
    f.maybe_count("sliding_window", 2..=1 << 40)
}

/// Refuses true for what is not built.
pub(super) fn only_false(f: &Fields<'_>, names: &[&str]) {
    for name in names {
        if f.flag(name, false) {
            f.unsupported(name, "true", "false");
        }
    }
}
