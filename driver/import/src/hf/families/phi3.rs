//! Phi-3: one weight for queries, keys and values, and one for gate and up.

use super::common::{Sizes, activation, gated, layer, norm, window};
use crate::hf::fields::Fields;
use crate::hf::network::Network;
use crate::hf::rope::Rope;
use crate::hf::spec::{Activation, Decoder, Mlp};

/// Phi-3.
pub(crate) fn phi3(f: &Fields<'_>) -> Box<dyn Network> {
    let sizes = Sizes::of(f, None);
    let mut mlp = gated(sizes.inner, activation(f, "hidden_act", Activation::Silu));
    mlp.joined = true;
    let mut attention = sizes.grouped();
    attention.joined = true;
    attention.window = window(f);
    let rope = Rope::of(f, ("head_dim", sizes.head_dim), 10_000.0);
    let made = |_| layer(attention.clone(), Mlp::Dense(mlp));
    Box::new(Decoder { tied: f.flag("tie_word_embeddings", false), ..sizes.decoder(norm(f, 1e-5), rope, made) })
}
