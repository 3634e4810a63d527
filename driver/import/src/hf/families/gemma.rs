//! Gemma 1 to 3: embeddings times the root of the width, norms with 1 + weight, gates of GELU.

use super::common::{Sizes, activation, gated, norm, only_false, window, windowed};
use crate::hf::fields::{Fields, MANY};
use crate::hf::network::Network;
use crate::hf::rope::Rope;
use crate::hf::spec::{Activation, Attention, Decoder, Grouped, Layer, Mlp, Norm, Norms};

/// Largest cap of scores and logits.
const CAP: std::ops::RangeInclusive<f64> = 1e-6..=1e9;

struct Gemma {
    sizes: Sizes,
    act: Activation,
    norms: Norms,
    bias: bool,
}

impl Gemma {
    fn of(f: &Fields<'_>, norms: Norms, act: Activation) -> Gemma {
        only_false(f, &["use_bidirectional_attention"]);
        Gemma { sizes: Sizes::of(f, Some(256)), act, norms, bias: f.flag("attention_bias", false) }
    }

    fn decoder(&self, f: &Fields<'_>, rope: Rope, mark: impl Fn(u64, &mut Grouped)) -> Decoder {
        let norm = Norm { one_more: true, ..norm(f, 1e-6) };
        let made = |i| {
            let mut attention = self.sizes.grouped();
            (attention.bias, attention.output_bias) = (self.bias, self.bias);
            mark(i, &mut attention);
            let mlp = Mlp::Dense(gated(self.sizes.inner, self.act));
            Layer { norms: self.norms, attention: Attention::Grouped(attention), mlp }
        };
        Decoder {
            tied: f.flag("tie_word_embeddings", true),
            embedding_factor: Some((self.sizes.hidden as f64).sqrt()),
            logit_cap: f.maybe_number("final_logit_softcapping", CAP),
            ..self.sizes.decoder(norm, rope, made)
        }
    }
}

/// Gemma: `gelu` in its early configs means the approximation by tanh.
pub(crate) fn gemma(f: &Fields<'_>) -> Box<dyn Network> {
    let name = if f.value("hidden_activation").is_some() { "hidden_activation" } else { "hidden_act" };
    let act = match activation(f, name, Activation::GeluTanh) {
        Activation::Gelu => Activation::GeluTanh,
        act => act,
    };
    let of = Gemma::of(f, Norms::Before, act);
    let rope = Rope::of(f, ("head_dim", of.sizes.head_dim), 10_000.0);
    Box::new(of.decoder(f, rope, |_, _| {}))
}

/// What Gemma 2 and 3 have beyond: caps, a scale of their own, norms around both parts, windows in some layers.
fn scored(f: &Fields<'_>) -> (f64, Option<f64>, Option<u64>) {
    let scalar = f.maybe_number("query_pre_attn_scalar", 1e-6..=1e9).unwrap_or(256.0);
    (scalar.powf(-0.5), f.maybe_number("attn_logit_softcapping", CAP), window(f))
}

/// Gemma 2: every other layer sees a window.
pub(crate) fn gemma2(f: &Fields<'_>) -> Box<dyn Network> {
    let of = Gemma::of(f, Norms::Around, activation(f, "hidden_activation", Activation::GeluTanh));
    let rope = Rope::of(f, ("head_dim", of.sizes.head_dim), 10_000.0);
    let (scale, cap, window) = scored(f);
    let layers = windowed(f, of.sizes.layers, |i| i % 2 == 0);
    Box::new(of.decoder(f, rope, |i, a| {
        (a.scale, a.cap) = (scale, cap);
        a.window = window.filter(|_| layers.get(i as usize) == Some(&true));
    }))
}

/// Gemma 3: five layers of six see a window, with a rotary embedding of their own; queries and keys are normed.
pub(crate) fn gemma3(f: &Fields<'_>) -> Box<dyn Network> {
    let of = Gemma::of(f, Norms::Around, activation(f, "hidden_activation", Activation::GeluTanh));
    let (scale, cap, window) = scored(f);
    let every = f.maybe_count("sliding_window_pattern", MANY).unwrap_or(6);
    let layers = windowed(f, of.sizes.layers, |i| !(i + 1).is_multiple_of(every));
    let ropes = ropes(f, of.sizes.head_dim);
    let [all, near] = ropes;
    let mut made = of.decoder(f, all, |i, a| {
        let sliding = layers.get(i as usize) == Some(&true);
        (a.scale, a.cap, a.normed) = (scale, cap, true);
        a.window = window.filter(|_| sliding);
        a.rope = usize::from(sliding);
    });
    made.ropes.push(near);
    Box::new(made)
}

/// The rotary embeddings of layers that see all, and of those that see a window.
fn ropes(f: &Fields<'_>, channels: u64) -> [Rope; 2] {
    let theta = f.maybe_number("rope_theta", 1.0 + 1e-6..=1e12).unwrap_or(1_000_000.0);
    let near = f.maybe_number("rope_local_base_freq", 1.0 + 1e-6..=1e12).unwrap_or(10_000.0);
    let head = ("head_dim", channels);
    let nested = f.object("rope_parameters");
    let of = |name| nested.and_then(|n| n.object(name));
    let all = of("full_attention").or_else(|| f.object("rope_scaling"));
    [Rope::with(f, all, (head, theta, 1.0)), Rope::with(f, of("sliding_attention"), (head, near, 1.0))]
}
