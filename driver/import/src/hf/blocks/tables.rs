//! What all layers share: positions, the tables of rotary embeddings, masks of windows.

use crate::hf::graph::{Built, Graph, Lengths, V};
use crate::hf::rope::Rope;
use prism_dialects::{Attr, Attrs, Elem};
use std::collections::BTreeMap;

/// Cosines and sines, [1 or batch, 1, tokens, channels].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables {
    pub(crate) cos: V,
    pub(crate) sin: V,
}

/// Positions of the new tokens: an argument where tokens are in the cache, else 0, 1, ..., [1, tokens].
pub(crate) fn positions(g: &mut Graph<'_>, at: &str, given: Option<V>, lengths: Lengths) -> Built {
    if let Some(given) = given {
        return Ok(given);
    }
    g.at(at);
    // Each sequence counts from 0.
    let each = g.sequences().into_iter().map(|s| g.count_from(0, s.seq)).collect::<Built<Vec<_>>>()?;
    let line = match each.as_slice() {
        [] => g.count_from(0, lengths.seq)?,
        [one] => *one,
        several => g.concat(several, 0)?,
    };
    g.reshape(line, [1, lengths.seq])
}

/// The tables of a rotary embedding. With a number for each channel, pairs being half the channels apart; with one for
/// each pair where `by_pair`.
pub(crate) fn rotary(
    g: &mut Graph<'_>,
    at: &str,
    rope: &Rope,
    (positions, lengths): (V, Lengths),
    by_pair: bool,
) -> Built<Tables> {
    g.at(at);
    let dims = g.ty(positions).dims;
    let [rows, tokens] = [dims.first().copied().unwrap_or(1), lengths.seq];
    // Angles of long contexts need single precision; tables are rounded at the end.
    let wide = if g.compute() == Elem::F64 { Elem::F64 } else { Elem::F32 };
    let column = g.reshape(positions, [rows, tokens, 1])?;
    let column = g.cast(column, wide)?;
    let frequencies = rope.frequencies(lengths.total());
    let turns = g.floats(&frequencies, [rope.channels / 2], wide)?;
    let mut angles = g.two("nn.mul", column, turns)?;
    if !by_pair {
        angles = g.concat(&[angles, angles], 2)?;
    }
    let mut table = |name| {
        let wave = g.one(name, angles)?;
        let wave = g.scaled(wave, rope.table_factor())?;
        let wave = g.cast(wave, g.cache())?;
        let channels = g.ty(wave).dims.last().copied().unwrap_or(1);
        g.reshape(wave, [rows, 1, tokens, channels])
    };
    Ok(Tables { cos: table("nn.cos")?, sin: table("nn.sin")? })
}

/// Masks of windows, by window, new tokens and keys.
#[derive(Debug, Default)]
pub(crate) struct Masks(BTreeMap<(u64, u64, u64), V>);

impl Masks {
    /// True where one of the new tokens sees one of `keys`: its own and those before it, `window` in all. `None` where
    /// the window is not shorter than what there is, so that causality alone hides keys.
    pub(crate) fn window(
        &mut self,
        g: &mut Graph<'_>,
        at: &str,
        window: Option<u64>,
        (tokens, keys): (u64, u64),
    ) -> Built<Option<V>> {
        let Some(window) = window.filter(|w| *w < keys) else { return Ok(None) };
        if let Some(known) = self.0.get(&(window, tokens, keys)) {
            return Ok(Some(*known));
        }
        g.at(at);
        // Key j is in the window of token i when j > i + keys - tokens - window.
        let first = i64::try_from(keys - tokens).unwrap_or(i64::MAX) - i64::try_from(window).unwrap_or(i64::MAX);
        let key = (window, tokens, keys);
        let keys = g.count_from(0, keys)?;
        let edges = g.count_from(first, tokens)?;
        let edges = g.reshape(edges, [tokens, 1])?;
        let mask = g.two("nn.greater", keys, edges)?;
        self.0.insert(key, mask);
        Ok(Some(mask))
    }
}

/// Rotates x, the tables being for pairs half the channels apart, or neighbours.
pub(crate) fn rotate(g: &mut Graph<'_>, x: V, tables: Tables, channels: u64, interleaved: bool) -> Built {
    let mut given = Attrs::new();
    if interleaved {
        given.insert("interleaved".into(), Attr::Bool(true));
    }
    if g.ty(x).dims.last() != Some(&channels) {
        given.insert("channels".into(), crate::hf::graph::int(channels));
    }
    g.op("nn.rope", &[x, tables.cos, tables.sin], given)
}
