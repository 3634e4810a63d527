//! Llama, Mistral, Qwen2 and Qwen3: one decoder, which differs in biases, norms of heads, and windows.

use super::common::{Sizes, activation, gated, layer, norm, window, windowed};
use crate::hf::fields::Fields;
use crate::hf::network::Network;
use crate::hf::rope::Rope;
use crate::hf::spec::{Activation, Decoder, Gated, Grouped, Mlp};

/// The decoder, `mark` setting what is special about the attention of a layer.
fn decoder(f: &Fields<'_>, sizes: Sizes, mlp: Gated, mark: impl Fn(u64, &mut Grouped)) -> Decoder {
    let rope = Rope::of(f, ("head_dim", sizes.head_dim), 10_000.0);
    let made = |i| {
        let mut attention = sizes.grouped();
        mark(i, &mut attention);
        layer(attention, Mlp::Dense(mlp))
    };
    Decoder { tied: f.flag("tie_word_embeddings", false), ..sizes.decoder(norm(f, 1e-6), rope, made) }
}

/// Llama 1 to 3.
pub(crate) fn llama(f: &Fields<'_>) -> Box<dyn Network> {
    let sizes = Sizes::of(f, None);
    let bias = f.flag("attention_bias", false);
    let mut mlp = gated(sizes.inner, activation(f, "hidden_act", Activation::Silu));
    mlp.bias = f.flag("mlp_bias", false);
    Box::new(decoder(f, sizes, mlp, |_, a| (a.bias, a.output_bias) = (bias, bias)))
}

/// Mistral: a window in all layers, of 4096 where the config does not say.
pub(crate) fn mistral(f: &Fields<'_>) -> Box<dyn Network> {
    let sizes = Sizes::of(f, None);
    let mlp = gated(sizes.inner, activation(f, "hidden_act", Activation::Silu));
    let window = if f.has("sliding_window") { window(f) } else { Some(4096) };
    Box::new(decoder(f, sizes, mlp, |_, a| a.window = window))
}

/// Windows of Qwen's models: from layer `max_window_layers` on, where they are used at all.
fn windows(f: &Fields<'_>, layers: u64) -> (Option<u64>, Vec<bool>) {
    let first = f.maybe_count("max_window_layers", 0..=1 << 16).unwrap_or(28);
    let window = if f.flag("use_sliding_window", false) { window(f) } else { None };
    (window, windowed(f, layers, |i| window.is_some() && i >= first))
}

/// Qwen2: queries, keys and values have biases.
pub(crate) fn qwen2(f: &Fields<'_>) -> Box<dyn Network> {
    let sizes = Sizes::of(f, None);
    let mlp = gated(sizes.inner, activation(f, "hidden_act", Activation::Silu));
    let (window, layers) = windows(f, sizes.layers);
    Box::new(decoder(f, sizes, mlp, |i, a| {
        a.bias = true;
        a.window = window.filter(|_| layers.get(i as usize) == Some(&true));
    }))
}

/// Qwen3: queries and keys are normed head by head.
pub(crate) fn qwen3(f: &Fields<'_>) -> Box<dyn Network> {
    let sizes = Sizes::of(f, Some(128));
    let mlp = gated(sizes.inner, activation(f, "hidden_act", Activation::Silu));
    let bias = f.flag("attention_bias", false);
    let (window, layers) = windows(f, sizes.layers);
    Box::new(decoder(f, sizes, mlp, |i, a| {
        (a.bias, a.output_bias, a.normed) = (bias, bias, true);
        a.window = window.filter(|_| layers.get(i as usize) == Some(&true));
    }))
}
