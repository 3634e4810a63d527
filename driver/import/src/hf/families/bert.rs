//! BERT: an encoder with learned positions and token types, norms after each part, and a pooler. Heads for tasks are not built.

use super::common::{activation, even_share, only_false};
use crate::hf::blocks::attention::{Scores, plain};
use crate::hf::blocks::{mlp, norm, tables};
use crate::hf::fields::{EXTENT, Fields, LAYERS, MANY};
use crate::hf::graph::{Built, Graph, Lengths, V, attrs, int};
use crate::hf::network::Network;
use crate::hf::spec::Activation;
use prism_dialects::Elem;

#[derive(Debug)]
struct Bert {
    vocabulary: u64,
    positions: u64,
    token_types: u64,
    hidden: u64,
    layers: u64,
    heads: u64,
    inner: u64,
    act: Activation,
    epsilon: f64,
    scale: f64,
}

/// BERT.
pub(crate) fn bert(f: &Fields<'_>) -> Box<dyn Network> {
    only_false(f, &["is_decoder", "add_cross_attention"]);
    if let Some(word) = f.word("position_embedding_type").filter(|w| *w != "absolute") {
        f.unsupported("position_embedding_type", &format!("\"{word}\""), "absolute");
    }
    let (hidden, heads) = (f.count("hidden_size", EXTENT), f.count("num_attention_heads", MANY));
    let channels = even_share(f, ["num_attention_heads", "hidden_size"], (heads, hidden));
    Box::new(Bert {
        vocabulary: f.count("vocab_size", EXTENT),
        positions: f.count("max_position_embeddings", EXTENT),
        token_types: f.count("type_vocab_size", EXTENT),
        hidden,
        layers: f.count("num_hidden_layers", LAYERS),
        heads,
        inner: f.count("intermediate_size", EXTENT),
        act: activation(f, "hidden_act", Activation::Gelu),
        epsilon: f.epsilon("layer_norm_eps", 1e-12),
        scale: (channels as f64).powf(-0.5),
    })
}

const MODEL: &str = "bert";

impl Network for Bert {
    fn build(&self, g: &mut Graph<'_>, lengths: Lengths) -> Built<()> {
        let tokens = [lengths.batch, lengths.seq];
        let ids = g.arg("input_ids", tokens, Elem::I64)?;
        let types = g.arg("token_type_ids", tokens, Elem::I64)?;
        let mut x = self.embed(g, (ids, types), lengths)?;
        for i in 0..self.layers {
            x = self.layer(g, x, &format!("{MODEL}.encoder.layer.{i}"), lengths)?;
        }
        let pooler = format!("{MODEL}.pooler");
        g.at(&pooler);
        let first = g.slice(x, 1, 0, 1)?;
        let first = g.reshape(first, [lengths.batch, self.hidden])?;
        let pooled = g.linear(first, &format!("{pooler}.dense"), self.hidden, true)?;
        g.at(&pooler);
        let pooled = g.one("nn.tanh", pooled)?;
        g.result("last_hidden_state", x);
        g.result("pooler_output", pooled);
        Ok(())
    }

    fn has_cache(&self) -> bool {
        false
    }

    fn max_positions(&self) -> Option<u64> {
        Some(self.positions)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        vec![
            ("layers", self.layers.to_string()),
            ("width", self.hidden.to_string()),
            ("attention", format!("{} heads, both ways", self.heads)),
            ("vocabulary", self.vocabulary.to_string()),
        ]
    }
}

impl Bert {
    fn embed(&self, g: &mut Graph<'_>, (ids, types): (V, V), lengths: Lengths) -> Built {
        let module = format!("{MODEL}.embeddings");
        let positions = tables::positions(g, &module, None, lengths)?;
        let mut pick = |name: &str, rows, indices| {
            let path = format!("{module}.{name}");
            let table = g.weight(&format!("{path}.weight"), [rows, self.hidden])?;
            g.at(&path);
            g.op("nn.gather", &[table, indices], attrs([("axis", int(0))]))
        };
        let words = pick("word_embeddings", self.vocabulary, ids)?;
        let types = pick("token_type_embeddings", self.token_types, types)?;
        let places = pick("position_embeddings", self.positions, positions)?;
        g.at(&module);
        let x = g.two("nn.add", words, types)?;
        let x = g.two("nn.add", x, places)?;
        norm::layer(g, x, &format!("{module}.LayerNorm"), self.epsilon)
    }

    fn layer(&self, g: &mut Graph<'_>, x: V, path: &str, lengths: Lengths) -> Built {
        let attn = format!("{path}.attention.self");
        let mut part = |name: &str| g.linear(x, &format!("{attn}.{name}"), self.hidden, true);
        let parts = [part("query")?, part("key")?, part("value")?];
        let scores = Scores { scale: self.scale, cap: None, causal: false };
        let (mixed, _) = plain(g, parts, (&attn, lengths), (self.heads, self.hidden), scores, &[])?;
        let x = self.added(g, (mixed, x), &format!("{path}.attention.output"))?;
        let inner = g.linear(x, &format!("{path}.intermediate.dense"), self.inner, true)?;
        g.at(&format!("{path}.intermediate"));
        let inner = mlp::activate(g, inner, self.act)?;
        self.added(g, (inner, x), &format!("{path}.output"))
    }

    /// norm(dense(y) + x) at `path`.
    fn added(&self, g: &mut Graph<'_>, (y, x): (V, V), path: &str) -> Built {
        let y = g.linear(y, &format!("{path}.dense"), self.hidden, true)?;
        g.at(path);
        let sum = g.two("nn.add", y, x)?;
        norm::layer(g, sum, &format!("{path}.LayerNorm"), self.epsilon)
    }
}
