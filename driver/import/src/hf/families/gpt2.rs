//! GPT-2: learned positions, layer norms, one weight for queries, keys and values, stored as [inputs, outputs].

use super::common::{activation, even_share, only_false};
use crate::hf::blocks::attention::{Scores, plain};
use crate::hf::blocks::{mlp, norm, sequences, tables};
use crate::hf::fields::{EXTENT, Fields, LAYERS, MANY};
use crate::hf::graph::{Built, Graph, Lengths, V, attrs, int};
use crate::hf::network::Network;
use crate::hf::spec::Activation;
use prism_dialects::Elem;

#[derive(Debug)]
struct Gpt2 {
    vocabulary: u64,
    positions: u64,
    hidden: u64,
    layers: u64,
    heads: u64,
    inner: u64,
    act: Activation,
    epsilon: f64,
    /// Factor of the products in a layer.
    scales: Vec<f64>,
    tied: bool,
}

/// GPT-2.
pub(crate) fn gpt2(f: &Fields<'_>) -> Box<dyn Network> {
    only_false(f, &["add_cross_attention"]);
    let (hidden, heads, layers) = (f.count("n_embd", EXTENT), f.count("n_head", MANY), f.count("n_layer", LAYERS));
    let channels = even_share(f, ["n_head", "n_embd"], (heads, hidden));
    let (by_channels, by_layer) =
        (f.flag("scale_attn_weights", true), f.flag("scale_attn_by_inverse_layer_idx", false));
    let scale = |i: u64| {
        let of_channels = if by_channels { (channels as f64).powf(-0.5) } else { 1.0 };
        if by_layer { of_channels / (i + 1) as f64 } else { of_channels }
    };
    Box::new(Gpt2 {
        vocabulary: f.count("vocab_size", EXTENT),
        positions: f.count("n_positions", EXTENT),
        hidden,
        layers,
        heads,
        inner: f.maybe_count("n_inner", EXTENT).unwrap_or(hidden.saturating_mul(4)),
        act: activation(f, "activation_function", Activation::GeluTanh),
        epsilon: f.epsilon("layer_norm_epsilon", 1e-5),
        scales: (0..layers).map(scale).collect(),
        tied: f.flag("tie_word_embeddings", true),
    })
}

const MODEL: &str = "transformer";

/// What a layer keeps.
const CACHES: &[&str] = &["k", "v"];

impl Network for Gpt2 {
    fn build(&self, g: &mut Graph<'_>, lengths: Lengths) -> Built<()> {
        let tokens = [lengths.batch, lengths.seq];
        let ids = g.arg("input_ids", tokens, Elem::I64)?;
        let given = if lengths.past > 0 { Some(g.arg("position_ids", tokens, Elem::I64)?) } else { None };
        let mut pasts = Vec::new();
        for i in 0..if lengths.past > 0 { self.layers } else { 0 } {
            let named =
                sequences::cache_names(g, i, CACHES).into_iter().zip(sequences::cached(g, lengths, CACHES.len()));
            let channels = self.hidden / self.heads.max(1);
            let arg = |(name, (batch, past)): (String, _)| {
                g.arg(&format!("past_{name}"), [batch, self.heads, past, channels], g.cache())
            };
            pasts.push(named.map(arg).collect::<Built<Vec<V>>>()?);
        }
        let mut x = self.embed(g, ids, given, lengths)?;
        let mut kept = Vec::new();
        for (i, scale) in self.scales.iter().enumerate() {
            let past = pasts.get(i).map_or(&[][..], Vec::as_slice);
            let (y, caches) = self.layer(g, x, &format!("{MODEL}.h.{i}"), (*scale, lengths), past)?;
            x = y;
            kept.push(caches);
        }
        let x = sequences::last_of_each(g, x, MODEL)?;
        let x = norm::layer(g, x, &format!("{MODEL}.ln_f"), self.epsilon)?;
        let head = if self.tied { format!("{MODEL}.wte.weight") } else { "lm_head.weight".to_string() };
        let head = g.weight(&head, [self.vocabulary, self.hidden])?;
        g.at("lm_head");
        let logits = g.by_transposed(x, head)?;
        g.result("logits", logits);
        for (i, caches) in kept.into_iter().enumerate() {
            let names = sequences::cache_names(g, i, CACHES);
            caches.into_iter().zip(names).for_each(|(v, name)| g.result(&format!("present_{name}"), v));
        }
        Ok(())
    }

    fn has_cache(&self) -> bool {
        true
    }

    fn max_positions(&self) -> Option<u64> {
        Some(self.positions)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        vec![
            ("layers", self.layers.to_string()),
            ("width", self.hidden.to_string()),
            ("attention", format!("{} heads", self.heads)),
            ("vocabulary", self.vocabulary.to_string()),
        ]
    }
}

impl Gpt2 {
    fn embed(&self, g: &mut Graph<'_>, ids: V, given: Option<V>, lengths: Lengths) -> Built {
        let along = || attrs([("axis", int(0))]);
        let table = g.weight(&format!("{MODEL}.wte.weight"), [self.vocabulary, self.hidden])?;
        g.at(&format!("{MODEL}.wte"));
        let words = g.op("nn.gather", &[table, ids], along())?;
        let positions = tables::positions(g, MODEL, given, lengths)?;
        let table = g.weight(&format!("{MODEL}.wpe.weight"), [self.positions, self.hidden])?;
        g.at(&format!("{MODEL}.wpe"));
        let places = g.op("nn.gather", &[table, positions], along())?;
        g.at(MODEL);
        g.two("nn.add", words, places)
    }

    /// A layer whose scores have this scale, and its caches as they are afterwards.
    fn layer(
        &self,
        g: &mut Graph<'_>,
        x: V,
        path: &str,
        (scale, lengths): (f64, Lengths),
        past: &[V],
    ) -> Built<(V, Vec<V>)> {
        let attn = format!("{path}.attn");
        let inner = norm::layer(g, x, &format!("{path}.ln_1"), self.epsilon)?;
        let all = conv(g, inner, &format!("{attn}.c_attn"), 3 * self.hidden)?;
        let mut part = |i| g.slice(all, 2, i * self.hidden, self.hidden);
        let parts = [part(0)?, part(1)?, part(2)?];
        let scores = Scores { scale, cap: None, causal: true };
        let (mixed, caches) = plain(g, parts, (&attn, lengths), (self.heads, self.hidden), scores, past)?;
        let y = conv(g, mixed, &format!("{attn}.c_proj"), self.hidden)?;
        g.at(path);
        let x = g.two("nn.add", y, x)?;
        let inner = norm::layer(g, x, &format!("{path}.ln_2"), self.epsilon)?;
        let inner = conv(g, inner, &format!("{path}.mlp.c_fc"), self.inner)?;
        g.at(&format!("{path}.mlp.act"));
        let inner = mlp::activate(g, inner, self.act)?;
        let y = conv(g, inner, &format!("{path}.mlp.c_proj"), self.hidden)?;
        g.at(path);
        Ok((g.two("nn.add", x, y)?, caches))
    }
}

/// A linear module whose weight is stored as [inputs, outputs].
fn conv(g: &mut Graph<'_>, x: V, path: &str, outputs: u64) -> Built {
    let inputs = g.ty(x).dims.last().copied().unwrap_or(1);
    let weight = g.weight(&format!("{path}.weight"), [inputs, outputs])?;
    g.at(path);
    let y = g.two("nn.matmul", x, weight)?;
    g.biased(y, path, true)
}
