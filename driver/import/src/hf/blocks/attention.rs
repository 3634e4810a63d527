//! Attention with heads of queries that share heads of keys and values.

use super::tables::{Masks, Tables, rotate};
use super::{norm, sequences};
use crate::hf::graph::{Built, Graph, Lengths, Sequence, V, attrs};
use crate::hf::spec::{Grouped, Norm};
use prism_dialects::Attr;

/// What attention is built from beside its weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    /// Module around the layers, for what they share.
    pub(crate) model: &'a str,
    /// Module of the attention.
    pub(crate) path: &'a str,
    pub(crate) lengths: Lengths,
    pub(crate) norm: Norm,
}

/// Tokens of the cache that a layer keeps: a window of W tokens needs W - 1 beside the new one.
pub(crate) fn kept(window: Option<u64>, past: u64) -> u64 {
    window.map_or(past, |w| past.min(w.saturating_sub(1)))
}

/// Extents of keys, and of values, in the cache of `batch` sequences with `past` tokens each.
pub(crate) fn cached(of: &Grouped, batch: u64, past: u64) -> [u64; 4] {
    [batch, of.kv_heads, kept(of.window, past), of.head_dim]
}

/// The attention of `x`, and keys and values as they are afterwards, sequence by sequence. `past` is what was in the cache,
/// in the same order.
pub(crate) fn grouped(
    g: &mut Graph<'_>,
    x: V,
    of: &Grouped,
    scene: Scene<'_>,
    (tables, masks): (Tables, &mut Masks),
    past: &[V],
) -> Built<(V, Vec<V>)> {
    let Scene { path, lengths, .. } = scene;
    let (mut q, mut k, v) = projected(g, x, of, scene)?;
    g.at(path);
    if let Some(channels) = g.ty(tables.cos).dims.last().copied() {
        q = rotate(g, q, tables, channels, false)?;
        k = rotate(g, k, tables, channels, false)?;
    }
    let (mixed, caches) = each_alone(g, (q, k, v), lengths, past, |g, sequence, parts| {
        let keys = kept(of.window, sequence.past) + sequence.seq;
        let mask = masks.window(g, scene.model, of.window, (sequence.seq, keys))?;
        g.at(path);
        let scores = Scores { scale: of.scale, cap: of.cap, causal: sequence.seq > 1 };
        attend(g, parts, mask, scores)
    })?;
    let y = joined(g, mixed, of.heads * of.head_dim)?;
    let y = g.linear(y, &format!("{path}.o_proj"), g.ty(x).dims.last().copied().unwrap_or(1), of.output_bias)?;
    Ok((y, caches))
}

/// The attention of each sequence to its own keys and values as `one` makes it, results one after another; and all keys and
/// values as they are afterwards. `past` is what was in the cache.
fn each_alone(
    g: &mut Graph<'_>,
    (q, k, v): (V, V, V),
    lengths: Lengths,
    past: &[V],
    mut one: impl FnMut(&mut Graph<'_>, &Sequence, (V, V, V)) -> Built,
) -> Built<(V, Vec<V>)> {
    let (mut mixed, mut caches) = (Vec::new(), Vec::new());
    let mut past = past.iter().copied();
    for sequence in &sequences::all(g, lengths) {
        let [q, k, v] = [q, k, v].map(|x| sequences::part(g, x, sequence));
        let k = sequences::grown(g, past.next(), k?)?;
        let v = sequences::grown(g, past.next(), v?)?;
        mixed.push(one(g, sequence, (q?, k, v))?);
        caches.extend([k, v]);
    }
    Ok((sequences::together(g, &mixed, 2)?, caches))
}

/// How scores are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scores {
    pub(crate) scale: f64,
    pub(crate) cap: Option<f64>,
    /// Whether later keys are hidden. A single new token comes after all of them.
    pub(crate) causal: bool,
}

/// softmax(q k') v.
pub(crate) fn attend(g: &mut Graph<'_>, (q, k, v): (V, V, V), mask: Option<V>, scores: Scores) -> Built {
    let mut given = attrs([("scale", Attr::float(scores.scale))]);
    if scores.causal {
        given.insert("causal".into(), Attr::Bool(true));
    }
    if let Some(cap) = scores.cap {
        given.insert("softcap".into(), Attr::float(cap));
    }
    let mut operands = vec![q, k, v];
    if let Some(mask) = mask {
        given.insert("fill".into(), Attr::float(f64::NEG_INFINITY));
        operands.push(mask);
    }
    g.op("nn.attention", &operands, given)
}

/// [batch, tokens, heads * channels] in the type that is computed with, from [batch, heads, tokens, channels].
pub(crate) fn joined(g: &mut Graph<'_>, x: V, width: u64) -> Built {
    let x = g.cast(x, g.compute())?;
    let x = g.transpose(x, &[0, 2, 1, 3])?;
    let outer = g.ty(x).dims.into_iter().take(2).chain([width]).collect::<Vec<_>>();
    g.reshape(x, outer)
}

/// [batch, heads, tokens, channels] in the type of the cache, from [batch, tokens, heads * channels]; normed by `norm`.
fn heads(g: &mut Graph<'_>, x: V, path: &str, heads: (u64, u64), norm: Option<(&str, Norm)>) -> Built {
    let dims = g.ty(x).dims;
    g.at(path);
    let outer = dims.iter().copied().take(2).chain([heads.0, heads.1]).collect::<Vec<_>>();
    let mut x = g.reshape(x, outer)?;
    if let Some((name, norm)) = norm {
        x = norm::rms(g, x, &format!("{path}.{name}"), norm)?;
        g.at(path);
    }
    let x = g.transpose(x, &[0, 2, 1, 3])?;
    g.cast(x, g.cache())
}

/// Queries, keys and values of the new tokens.
fn projected(g: &mut Graph<'_>, x: V, of: &Grouped, scene: Scene<'_>) -> Built<(V, V, V)> {
    let path = scene.path;
    let (wide, narrow) = (of.heads * of.head_dim, of.kv_heads * of.head_dim);
    let parts = if of.joined {
        let all = g.linear(x, &format!("{path}.qkv_proj"), wide + 2 * narrow, of.bias)?;
        let mut part = |start, size| g.slice(all, 2, start, size);
        [part(0, wide)?, part(wide, narrow)?, part(wide + narrow, narrow)?]
    } else {
        let mut part = |name: &str, width| g.linear(x, &format!("{path}.{name}"), width, of.bias);
        [part("q_proj", wide)?, part("k_proj", narrow)?, part("v_proj", narrow)?]
    };
    let by = |name: &'static str| of.normed.then_some((name, scene.norm));
    let q = heads(g, parts[0], path, (of.heads, of.head_dim), by("q_norm"))?;
    let k = heads(g, parts[1], path, (of.kv_heads, of.head_dim), by("k_norm"))?;
    let v = heads(g, parts[2], path, (of.kv_heads, of.head_dim), None)?;
    Ok((q, k, v))
}

/// Attention of the kind that GPT-2 and BERT share: no rotation, as many heads of keys as of queries. `parts` are
/// queries, keys and values, [batch, tokens, width]; `past` and what is returned are as with [`grouped`].
pub(crate) fn plain(
    g: &mut Graph<'_>,
    parts: [V; 3],
    (path, lengths): (&str, Lengths),
    (count, width): (u64, u64),
    scores: Scores,
    past: &[V],
) -> Built<(V, Vec<V>)> {
    let shape = (count, width / count.max(1));
    let [q, k, v] = parts;
    let parts = (heads(g, q, path, shape, None)?, heads(g, k, path, shape, None)?, heads(g, v, path, shape, None)?);
    let (mixed, caches) = each_alone(g, parts, lengths, past, |g, sequence, parts| {
        attend(g, parts, None, Scores { causal: scores.causal && sequence.seq > 1, ..scores })
    })?;
    Ok((joined(g, mixed, width)?, caches))
}
