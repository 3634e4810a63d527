//! A decoder of root mean square norms, attention and gated feed-forward parts.

use super::attention::{self, Scene};
use super::tables::{self, Masks, Tables};
use super::{experts, latent, mlp, norm, sequences};
use crate::hf::graph::{Built, Graph, Lengths, V, attrs, int};
use crate::hf::network::Network;
use crate::hf::spec::{Attention, Decoder, Layer, Mlp, Norms};
use prism_dialects::Elem;

/// The module around the layers.
const MODEL: &str = "model";

impl Network for Decoder {
    fn build(&self, g: &mut Graph<'_>, lengths: Lengths) -> Built<()> {
        let tokens = [lengths.batch, lengths.seq];
        let ids = g.arg("input_ids", tokens, Elem::I64)?;
        let given = if lengths.past > 0 { Some(g.arg("position_ids", tokens, Elem::I64)?) } else { None };
        let pasts = self.pasts(g, lengths)?;
        let mut x = self.embed(g, ids)?;
        let shared = Shared::new(self, g, given, lengths)?;
        let mut masks = Masks::default();
        let mut kept = Vec::new();
        for (i, layer) in self.layers.iter().enumerate() {
            let path = format!("{MODEL}.layers.{i}");
            let past = pasts.get(i).map_or(&[][..], Vec::as_slice);
            let (y, caches) = self.layer(g, x, (layer, &path), (&shared, &mut masks), past)?;
            x = y;
            kept.push(caches);
        }
        let x = sequences::last_of_each(g, x, MODEL)?;
        let x = norm::rms(g, x, &format!("{MODEL}.norm"), self.norm)?;
        let logits = self.head(g, x)?;
        g.result("logits", logits);
        for (i, caches) in kept.into_iter().enumerate() {
            let names = self.cache_names(g, i);
            caches.into_iter().zip(names).for_each(|(v, name)| g.result(&format!("present_{name}"), v));
        }
        Ok(())
    }

    fn has_cache(&self) -> bool {
        true
    }

    fn max_positions(&self) -> Option<u64> {
        None
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut out = vec![("layers", self.layers.len().to_string()), ("width", self.hidden.to_string())];
        if let Some(layer) = self.layers.first() {
            out.push((
                "attention",
                match &layer.attention {
                    Attention::Grouped(a) => {
                        format!("{} heads, {} of keys, {} channels", a.heads, a.kv_heads, a.head_dim)
                    }
                    Attention::Latent(a) => format!("{} heads, latent keys and values of {}", a.heads, a.kv_rank),
                },
            ));
        }
        let moe = |l: &Layer| match &l.mlp {
            Mlp::Experts(moe) => Some(format!("{} a layer, {} for a token", moe.experts, moe.top_k)),
            Mlp::Dense(_) => None,
        };
        out.extend(self.layers.iter().find_map(moe).map(|text| ("experts", text)));
        out.push(("vocabulary", self.vocabulary.to_string()));
        out
    }
}

/// What layers share.
struct Shared {
    lengths: Lengths,
    /// By rotary embedding.
    tables: Vec<Tables>,
}

impl Shared {
    fn new(of: &Decoder, g: &mut Graph<'_>, given: Option<V>, lengths: Lengths) -> Built<Shared> {
        let at = format!("{MODEL}.rotary_emb");
        let positions = tables::positions(g, &at, given, lengths)?;
        let by_pair = of.layers.iter().any(|l| matches!(&l.attention, Attention::Latent(a) if a.interleaved));
        let made = of.ropes.iter().map(|rope| tables::rotary(g, &at, rope, (positions, lengths), by_pair));
        Ok(Shared { lengths, tables: made.collect::<Built<Vec<_>>>()? })
    }
}

impl Decoder {
    fn cache_names(&self, g: &Graph<'_>, layer: usize) -> Vec<String> {
        let kinds: &[&str] = match self.layers.get(layer).map(|l| &l.attention) {
            Some(Attention::Latent(_)) => &["kv"],
            _ => &["k", "v"],
        };
        sequences::cache_names(g, layer, kinds)
    }

    /// The caches of all layers as arguments; none for a prompt.
    fn pasts(&self, g: &mut Graph<'_>, lengths: Lengths) -> Built<Vec<Vec<V>>> {
        if lengths.past == 0 {
            return Ok(Vec::new());
        }
        let mut out = Vec::with_capacity(self.layers.len());
        for (i, layer) in self.layers.iter().enumerate() {
            let dims: Vec<[u64; 4]> = match &layer.attention {
                Attention::Grouped(a) => {
                    let each = sequences::cached(g, lengths, 2);
                    each.into_iter().map(|(batch, past)| attention::cached(a, batch, past)).collect()
                }
                Attention::Latent(a) => {
                    let each = sequences::cached(g, lengths, 1);
                    each.into_iter().map(|(batch, past)| latent::cached(a, batch, past)).collect()
                }
            };
            let named = self.cache_names(g, i).into_iter().zip(dims);
            let args = named.map(|(name, dims)| g.arg(&format!("past_{name}"), dims, g.cache()));
            out.push(args.collect::<Built<Vec<_>>>()?);
        }
        Ok(out)
    }

    fn embed(&self, g: &mut Graph<'_>, ids: V) -> Built {
        let path = format!("{MODEL}.embed_tokens");
        let table = g.weight(&format!("{path}.weight"), [self.vocabulary, self.hidden])?;
        g.at(&path);
        let x = g.op("nn.gather", &[table, ids], attrs([("axis", int(0))]))?;
        g.at(MODEL);
        g.scaled(x, self.embedding_factor.unwrap_or(1.0))
    }

    fn head(&self, g: &mut Graph<'_>, x: V) -> Built {
        let name = if self.tied { format!("{MODEL}.embed_tokens.weight") } else { "lm_head.weight".to_string() };
        let weight = g.weight(&name, [self.vocabulary, self.hidden])?;
        g.at("lm_head");
        let logits = g.by_transposed(x, weight)?;
        g.capped(logits, self.logit_cap)
    }

    /// A layer, and its caches as they are afterwards.
    fn layer(
        &self,
        g: &mut Graph<'_>,
        x: V,
        (layer, path): (&Layer, &str),
        (shared, masks): (&Shared, &mut Masks),
        past: &[V],
    ) -> Built<(V, Vec<V>)> {
        let norm = |g: &mut Graph<'_>, x: V, name: &str| norm::rms(g, x, &format!("{path}.{name}"), self.norm);
        let around = layer.norms == Norms::Around;
        let inner = norm(g, x, "input_layernorm")?;
        let module = format!("{path}.self_attn");
        let scene = Scene { model: MODEL, path: &module, lengths: shared.lengths, norm: self.norm };
        let (mut y, caches) = attend(g, inner, &layer.attention, scene, (shared, masks), past)?;
        if around {
            y = norm(g, y, "post_attention_layernorm")?;
        }
        g.at(path);
        let x = g.two("nn.add", x, y)?;
        let before = if around { "pre_feedforward_layernorm" } else { "post_attention_layernorm" };
        let inner = norm(g, x, before)?;
        let mut y = match &layer.mlp {
            Mlp::Dense(gated) => mlp::gated(g, inner, &format!("{path}.mlp"), *gated)?,
            Mlp::Experts(moe) => experts::mixture(g, inner, &format!("{path}.{}", moe.module), moe)?,
        };
        if around {
            y = norm(g, y, "post_feedforward_layernorm")?;
        }
        g.at(path);
        Ok((g.two("nn.add", x, y)?, caches))
    }
}

fn attend(
    g: &mut Graph<'_>,
    x: V,
    of: &Attention,
    scene: Scene<'_>,
    (shared, masks): (&Shared, &mut Masks),
    past: &[V],
) -> Built<(V, Vec<V>)> {
    match of {
        Attention::Grouped(a) => attention::grouped(g, x, a, scene, (shared.tables[a.rope], masks), past),
        Attention::Latent(a) => latent::latent(g, x, a, scene, shared.tables[0], past),
    }
}
