//! Sequences of a run: what each of a ragged batch has to itself. Where lengths are the same there is one, of all new tokens.

use crate::hf::graph::{Built, Graph, Lengths, Sequence, V};

/// The sequences of a run.
pub(crate) fn all(g: &Graph<'_>, lengths: Lengths) -> Vec<Sequence> {
    let all = g.sequences();
    if all.is_empty() { vec![Sequence { start: 0, seq: lengths.seq, past: lengths.past }] } else { all }
}

/// The new tokens of a sequence, of [1 or batch, heads, tokens, channels].
pub(crate) fn part(g: &mut Graph<'_>, x: V, of: &Sequence) -> Built {
    g.slice(x, 2, of.start, of.seq)
}

/// A cache with new tokens behind those that were there.
pub(crate) fn grown(g: &mut Graph<'_>, before: Option<V>, fresh: V) -> Built {
    match before {
        Some(before) => g.concat(&[before, fresh], 2),
        None => Ok(fresh),
    }
}

/// What each sequence gives, one after another along `axis`.
pub(crate) fn together(g: &mut Graph<'_>, parts: &[V], axis: usize) -> Built {
    match parts {
        [one] => Ok(*one),
        several => g.concat(several, axis),
    }
}

/// The last token of each sequence of a ragged batch, [1, sequences, width]; all tokens where lengths are the same, for
/// the caller to choose from.
pub(crate) fn last_of_each(g: &mut Graph<'_>, x: V, model: &str) -> Built {
    let sequences = g.sequences();
    if sequences.is_empty() {
        return Ok(x);
    }
    g.at(model);
    let last = |s: &Sequence| s.start + s.seq.saturating_sub(1);
    let each = sequences.iter().map(|s| g.slice(x, 1, last(s), 1)).collect::<Built<Vec<_>>>()?;
    together(g, &each, 1)
}

/// Names of the caches of a layer, of these kinds: those of each sequence of a ragged batch, one sequence after another.
pub(crate) fn cache_names(g: &Graph<'_>, layer: impl std::fmt::Display, kinds: &[&str]) -> Vec<String> {
    match g.sequences().len() {
        0 => kinds.iter().map(|kind| format!("{kind}_{layer}")).collect(),
        n => (0..n).flat_map(|s| kinds.iter().map(|kind| format!("{kind}_{layer}_{s}")).collect::<Vec<_>>()).collect(),
    }
}

/// Past tokens of the sequence of each cache of a layer, in the order of [`cache_names`], and how many sequences it holds.
pub(crate) fn cached(g: &Graph<'_>, lengths: Lengths, kinds: usize) -> Vec<(u64, u64)> {
    let batch = if g.sequences().is_empty() { lengths.batch } else { 1 };
    all(g, lengths).iter().flat_map(|s| std::iter::repeat_n((batch, s.past), kinds)).collect()
}
