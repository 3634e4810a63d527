//! `Attention` and `RotaryEmbedding`, as ONNX has them since opset 23.

use super::leaves::positions;
use super::{Converted, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use crate::onnx::tensor::element_type;
use prism_dialects::{Attr, Attrs, Elem, TensorType};

/// Attributes of `Attention`; which scores its fourth result holds does not matter, as that result is not offered.
pub(super) const ATTRIBUTES: &[&str] =
    &["is_causal", "kv_num_heads", "q_num_heads", "qk_matmul_output_mode", "scale", "softcap", "softmax_precision"];

/// `x` as batch, heads, tokens, channels: three axes have the heads side by side in the last.
fn by_head(cx: &mut Lower<'_>, x: Val, heads: &str, given: i64) -> Result<Val, Fault> {
    let dims = cx.ty(x).dims.clone();
    let [batch, tokens, width] = dims[..] else { return Ok(x) };
    let count = u64::try_from(given).ok().filter(|n| *n > 0 && width.is_multiple_of(*n));
    let count = count.ok_or_else(|| {
        shape(format!("attribute `{heads}`"), given.to_string(), format!("a divisor of {width}, the last extent"))
    })?;
    let apart = cx.reshape(x, vec![batch, tokens, count, width / count])?;
    swapped(cx, apart)
}

/// Heads and tokens change places.
fn swapped(cx: &mut Lower<'_>, x: Val) -> Result<Val, Fault> {
    cx.op_with("nn.transpose", &[x], attrs([("perm", Attr::Ints(vec![0, 2, 1, 3]))]))
}

/// Back from batch, heads, tokens, channels to three axes.
fn side_by_side(cx: &mut Lower<'_>, x: Val) -> Result<Val, Fault> {
    let turned = swapped(cx, x)?;
    let [batch, tokens, heads, width] = cx.ty(turned).dims[..] else { return Ok(turned) };
    cx.reshape(turned, vec![batch, tokens, heads.saturating_mul(width)])
}

/// Extents of batch, heads, tokens, channels.
fn extents(cx: &Lower<'_>, x: Val, what: &str) -> Result<[u64; 4], Fault> {
    let ty = cx.ty(x);
    <[u64; 4]>::try_from(ty.dims.as_slice()).map_err(|_| shape(what, ty.to_string(), "three axes, or four"))
}

/// `x` behind what is in the cache.
fn behind(cx: &mut Lower<'_>, past: Option<Val>, x: Val) -> Result<Val, Fault> {
    let Some(past) = past else { return Ok(x) };
    cx.op_with("nn.concat", &[past, x], attrs([("axis", Attr::Int(2))]))
}

/// `Attention`: its result, then keys and values with the cache before them.
pub(super) fn attention(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (q, k, v) = (node.operand(0)?, node.operand(1)?, node.operand(2)?);
    let flat = cx.ty(q).rank() == 3;
    let heads = |name: &str| Ok::<i64, Fault>(node.int(name)?.unwrap_or(0));
    let q = by_head(cx, q, "q_num_heads", heads("q_num_heads")?)?;
    let k = by_head(cx, k, "kv_num_heads", heads("kv_num_heads")?)?;
    let v = by_head(cx, v, "kv_num_heads", heads("kv_num_heads")?)?;
    let (k, v) = (behind(cx, node.maybe(4), k)?, behind(cx, node.maybe(5), v)?);
    let [_, _, rows, width] = extents(cx, q, "queries")?;
    let [_, _, keys, _] = extents(cx, k, "keys")?;
    let mut form = numbers(node, width)?;
    let mut mask = node.maybe(3).map(|mask| full(cx, mask, keys)).transpose()?;
    // Query i sees the cache, and new keys up to i.
    let past = node.maybe(4).map_or(0, |past| cx.ty(past).dims.get(2).copied().unwrap_or(0));
    let causal = node.flag("is_causal", false)?;
    if let Some(lengths) = node.maybe(6) {
        let seen = filled(cx, lengths, [rows, keys], causal)?;
        mask = Some(both(cx, mask, seen)?);
    } else if causal && keys == rows.saturating_add(past) {
        form.extend(attrs([("causal", Attr::Bool(true))]));
    } else if causal {
        let offset = cx.vector(vec![whole(past)]);
        let seen = up_to(cx, [rows, keys], offset)?;
        mask = Some(both(cx, mask, seen)?);
    }
    if mask.is_some_and(|m| cx.ty(m).elem == Elem::I1) {
        form.extend(attrs([("fill", Attr::float(f64::NEG_INFINITY))]));
    }
    let operands: Vec<Val> = [q, k, v].into_iter().chain(mask).collect();
    let made = cx.op_with("nn.attention", &operands, form)?;
    Ok(vec![if flat { side_by_side(cx, made)? } else { made }, k, v])
}

/// Attributes that are numbers. Where no scale is given it is 1 / sqrt(width).
fn numbers(node: &Node<'_>, width: u64) -> Result<Attrs, Fault> {
    let scale = match node.float("scale")? {
        Some(scale) => scale.into(),
        None => 1.0 / (width.max(1) as f64).sqrt(),
    };
    let mut out = attrs([("scale", Attr::float(scale))]);
    if let Some(cap) = node.float("softcap")?.filter(|cap| *cap != 0.0) {
        out.extend(attrs([("softcap", Attr::float(cap.into()))]));
    }
    if let Some(code) = node.int("softmax_precision")? {
        let elem = element_type(i32::try_from(code).unwrap_or(-1));
        let elem = elem.map_err(|name| node.unsupported(format_args!("with a softmax in {name}")))?;
        out.extend(attrs([("softmax_elem", Attr::str(elem.name()))]));
    }
    Ok(out)
}

/// A mask for all keys: those that it says nothing of are hidden.
fn full(cx: &mut Lower<'_>, mask: Val, keys: u64) -> Result<Val, Fault> {
    let ty = cx.ty(mask).clone();
    let Some((have, lead)) = ty.dims.split_last() else { return Ok(mask) };
    // One number for all keys broadcasts.
    let missing = keys.saturating_sub(*have);
    if missing == 0 || *have == 1 {
        return Ok(mask);
    }
    let hidden = if ty.elem == Elem::I1 { 0.0 } else { f64::NEG_INFINITY };
    let rest = cx.splat(hidden, TensorType::new([lead, &[missing]].concat(), ty.elem));
    cx.op_with("nn.concat", &[mask, rest], attrs([("axis", Attr::Int(whole(lead.len())))]))
}

/// Whether query i sees key j: j <= i + offset.
fn up_to(cx: &mut Lower<'_>, extents: [u64; 2], offset: Val) -> Result<Val, Fault> {
    let (query, key) = (positions(cx, &extents, 0)?, positions(cx, &extents, 1)?);
    let last = cx.op("nn.add", &[query, offset])?;
    cx.op("nn.less_equal", &[key, last])
}

/// Whether a key is there, where each sequence of the batch says how many it has; if `causal`, its last query sees all of
/// them.
fn filled(cx: &mut Lower<'_>, lengths: Val, [rows, keys]: [u64; 2], causal: bool) -> Result<Val, Fault> {
    let batch = cx.ty(lengths).numel();
    let lengths = cx.reshape(lengths, vec![batch, 1, 1, 1])?;
    let key = positions(cx, &[keys], 0)?;
    let there = cx.op("nn.less", &[key, lengths])?;
    if !causal {
        return Ok(there);
    }
    let rows_before = cx.vector(vec![whole(rows)]);
    let offset = cx.op("nn.sub", &[lengths, rows_before])?;
    let seen = up_to(cx, [rows, keys], offset)?;
    cx.op("nn.and", &[there, seen])
}

/// What a mask and `seen` both let through.
fn both(cx: &mut Lower<'_>, mask: Option<Val>, seen: Val) -> Result<Val, Fault> {
    let Some(mask) = mask else { return Ok(seen) };
    let elem = cx.ty(mask).elem;
    if elem == Elem::I1 {
        return cx.op("nn.and", &[mask, seen]);
    }
    let hidden = cx.scalar(f64::NEG_INFINITY, elem);
    cx.op("nn.where", &[seen, mask, hidden])
}

/// `RotaryEmbedding`: the rows of both tables are picked by position, or given for each token.
pub(super) fn rotary(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let positions = node.maybe(3);
    let (cos, sin) = (table(cx, node.operand(1)?, positions)?, table(cx, node.operand(2)?, positions)?);
    turned(cx, node, node.int("num_heads")?.unwrap_or(0), [cos, sin])
}

/// The first operand turned by these tables, each batch, 1, tokens, pairs.
pub(super) fn turned(cx: &mut Lower<'_>, node: &Node<'_>, heads: i64, [cos, sin]: [Val; 2]) -> Converted {
    let x = node.operand(0)?;
    let flat = cx.ty(x).rank() == 3;
    let x = by_head(cx, x, "num_heads", heads)?;
    let [_, _, _, width] = extents(cx, x, "operand")?;
    let mut form = Attrs::new();
    if node.flag("interleaved", false)? {
        form.extend(attrs([("interleaved", Attr::Bool(true))]));
    }
    if let Some(n) = node.int("rotary_embedding_dim")?.filter(|n| *n != 0 && *n != whole(width)) {
        form.extend(attrs([("channels", Attr::Int(n))]));
    }
    let made = cx.op_with("nn.rope", &[x, cos, sin], form)?;
    Ok(vec![if flat { side_by_side(cx, made)? } else { made }])
}

/// A table as batch, 1, tokens, pairs.
pub(super) fn table(cx: &mut Lower<'_>, mut table: Val, positions: Option<Val>) -> Result<Val, Fault> {
    if let Some(positions) = positions {
        table = cx.op_with("nn.gather", &[table, positions], attrs([("axis", Attr::Int(0))]))?;
    }
    let [batch, tokens, pairs] = cx.ty(table).dims[..] else {
        return Err(shape("table", cx.ty(table).to_string(), "batch, tokens and pairs, or positions to pick them by"));
    };
    cx.reshape(table, vec![batch, 1, tokens, pairs])
}
