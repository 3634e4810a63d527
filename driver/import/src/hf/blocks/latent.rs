//! Multi-head latent attention: DeepSeek-V2, arXiv 2405.04434, section 2.1.
//!
//! The cache holds, for each token, its latent vector after its norm and the rotated channels that all heads share, one after the
//! other: [batch, 1, tokens, rank + rotated]. A prompt makes keys and values of every head from the latent vectors. A step that
//! reads a cache never does: what would make keys is multiplied into the queries, and what would make values into the
//! result, so that all heads read the latent vectors themselves (section 2.1.2, "absorbed").

use super::attention::{Scene, Scores, attend, joined};
use super::tables::{Tables, rotate};
use super::{norm, sequences};
use crate::hf::graph::{Built, Graph, Lengths, Sequence, V};
use crate::hf::spec::{Latent, Norm};
use prism_dialects::{Attrs, TensorType};

/// Extents of the cache of `batch` sequences with `past` tokens each.
pub(crate) fn cached(of: &Latent, batch: u64, past: u64) -> [u64; 4] {
    [batch, 1, past, of.kv_rank + of.turned]
}

/// Epsilon of the norms inside; configs do not say it.
const INNER: Norm = Norm { epsilon: 1e-6, one_more: false };

/// The attention of `x`, and the caches of its sequences as they are afterwards. `past` is what was in them.
pub(crate) fn latent(
    g: &mut Graph<'_>,
    x: V,
    of: &Latent,
    scene: Scene<'_>,
    tables: Tables,
    past: &[V],
) -> Built<(V, Vec<V>)> {
    let path = scene.path;
    let q = queries(g, x, of, scene, tables)?;
    let (low, shared) = compressed(g, x, of, scene, tables)?;
    let fresh = g.concat(&[low, shared], 3)?;
    let (mixed, caches) = match past {
        [] => expanded(g, q, (low, shared), fresh, of, scene)?,
        _ => absorbed(g, q, fresh, past, of, scene)?,
    };
    let y = joined(g, mixed, of.heads * of.value)?;
    let y = g.linear(y, &format!("{path}.o_proj"), g.ty(x).dims.last().copied().unwrap_or(1), of.bias)?;
    Ok((y, caches))
}

/// Scores of a sequence.
fn scores(of: &Latent, sequence: &Sequence) -> Scores {
    Scores { scale: of.scale, cap: None, causal: sequence.seq > 1 }
}

/// Queries without and with position: [batch, heads, tokens, channels] each.
fn queries(g: &mut Graph<'_>, x: V, of: &Latent, scene: Scene<'_>, tables: Tables) -> Built<(V, V)> {
    let (path, Lengths { batch, seq, .. }) = (scene.path, scene.lengths);
    let width = of.plain + of.turned;
    let q = match of.q_rank {
        None => g.linear(x, &format!("{path}.q_proj"), of.heads * width, false)?,
        Some(rank) => {
            let low = g.linear(x, &format!("{path}.q_a_proj"), rank, of.bias)?;
            let low = norm::rms(g, low, &format!("{path}.q_a_layernorm"), INNER)?;
            g.linear(low, &format!("{path}.q_b_proj"), of.heads * width, false)?
        }
    };
    g.at(path);
    let q = g.reshape(q, [batch, seq, of.heads, width])?;
    let q = g.transpose(q, &[0, 2, 1, 3])?;
    let q = g.cast(q, g.cache())?;
    let (plain, turned) = (g.slice(q, 3, 0, of.plain)?, g.slice(q, 3, of.plain, of.turned)?);
    Ok((plain, rotate(g, turned, tables, of.turned, of.interleaved)?))
}

/// What the new tokens add to the cache: latent vectors and channels with position, [batch, 1, tokens, channels] each.
fn compressed(g: &mut Graph<'_>, x: V, of: &Latent, scene: Scene<'_>, tables: Tables) -> Built<(V, V)> {
    let (path, Lengths { batch, seq, .. }) = (scene.path, scene.lengths);
    let both = g.linear(x, &format!("{path}.kv_a_proj_with_mqa"), of.kv_rank + of.turned, of.bias)?;
    let (low, turned) = (g.slice(both, 2, 0, of.kv_rank)?, g.slice(both, 2, of.kv_rank, of.turned)?);
    let low = norm::rms(g, low, &format!("{path}.kv_a_layernorm"), INNER)?;
    g.at(path);
    let low = g.cast(low, g.cache())?;
    let low = g.reshape(low, [batch, 1, seq, of.kv_rank])?;
    let turned = g.cast(turned, g.cache())?;
    let turned = g.reshape(turned, [batch, 1, seq, of.turned])?;
    Ok((low, rotate(g, turned, tables, of.turned, of.interleaved)?))
}

/// The weights that make keys without position and values of each head from latent vectors: [heads, channels, rank] each.
fn makers(g: &mut Graph<'_>, of: &Latent, path: &str) -> Built<(V, V)> {
    let module = format!("{path}.kv_b_proj");
    let width = of.plain + of.value;
    let weight = g.weight(&format!("{module}.weight"), [of.heads * width, of.kv_rank])?;
    g.at(&module);
    let weight = g.cast(weight, g.cache())?;
    let by_head = g.reshape(weight, [of.heads, width, of.kv_rank])?;
    Ok((g.slice(by_head, 1, 0, of.plain)?, g.slice(by_head, 1, of.plain, of.value)?))
}

/// Keys and values of every head from latent vectors, then attention of each sequence. Its cache is its part of `fresh`.
fn expanded(
    g: &mut Graph<'_>,
    (plain, turned): (V, V),
    (low, shared): (V, V),
    fresh: V,
    of: &Latent,
    scene: Scene<'_>,
) -> Built<(V, Vec<V>)> {
    let (path, Lengths { batch, seq, .. }) = (scene.path, scene.lengths);
    g.at(path);
    let low = g.reshape(low, [batch, seq, of.kv_rank])?;
    let low = g.cast(low, g.compute())?;
    let both = g.linear(low, &format!("{path}.kv_b_proj"), of.heads * (of.plain + of.value), false)?;
    g.at(path);
    let both = g.cast(both, g.cache())?;
    let both = g.reshape(both, [batch, seq, of.heads, of.plain + of.value])?;
    let both = g.transpose(both, &[0, 2, 1, 3])?;
    let (k, v) = (g.slice(both, 3, 0, of.plain)?, g.slice(both, 3, of.plain, of.value)?);
    let each = TensorType::new([batch, of.heads, seq, of.turned], g.cache());
    let shared = g.op_to("nn.broadcast", &[shared], Attrs::new(), each)?;
    let (q, k) = (g.concat(&[plain, turned], 3)?, g.concat(&[k, shared], 3)?);
    let (mut mixed, mut caches) = (Vec::new(), Vec::new());
    for sequence in &sequences::all(g, scene.lengths) {
        let [q, k, v, fresh] = [q, k, v, fresh].map(|x| sequences::part(g, x, sequence));
        mixed.push(attend(g, (q?, k?, v?), None, scores(of, sequence))?);
        caches.push(fresh?);
    }
    Ok((sequences::together(g, &mixed, 2)?, caches))
}

/// Attention of all heads to the latent vectors, sequence by sequence.
fn absorbed(
    g: &mut Graph<'_>,
    (plain, turned): (V, V),
    fresh: V,
    past: &[V],
    of: &Latent,
    scene: Scene<'_>,
) -> Built<(V, Vec<V>)> {
    let path = scene.path;
    let (key, value) = makers(g, of, path)?;
    let q = g.two("nn.matmul", plain, key)?;
    g.at(path);
    let q = g.concat(&[q, turned], 3)?;
    let (mut mixed, mut caches) = (Vec::new(), Vec::new());
    for (sequence, before) in sequences::all(g, scene.lengths).iter().zip(past) {
        let [q, fresh] = [q, fresh].map(|x| sequences::part(g, x, sequence));
        let cache = sequences::grown(g, Some(*before), fresh?)?;
        let low = g.slice(cache, 3, 0, of.kv_rank)?;
        mixed.push(attend(g, (q?, cache, low), None, scores(of, sequence))?);
        caches.push(cache);
    }
    let mixed = sequences::together(g, &mixed, 2)?;
    g.at(&format!("{path}.kv_b_proj"));
    Ok((g.by_transposed(mixed, value)?, caches))
}
