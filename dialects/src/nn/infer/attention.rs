//! Shape rules of rotary embedding, attention and what belongs to them.

use super::{Inferred, Verified, broadcast_dims, float_operand, need, result, sized};
use crate::define::{OpView, Problem};
use crate::types::{Elem, TensorType};

/// Two float tensors of one type.
pub(in crate::nn) fn swiglu(op: &OpView<'_>) -> Inferred {
    let (gate, up) = (float_operand(op, 0)?, op.tensor(1));
    need(gate == up, || Problem::new("operands", format!("{gate} and {up}"), "the same type"))?;
    Ok(gate)
}

/// How many channels `nn.rope` turns: attribute `channels`, or all of the last axis.
pub(in crate::nn) fn rotated(op: &OpView<'_>, x: &TensorType) -> Result<u64, Problem> {
    let all = x.dims.last().copied().unwrap_or(0);
    let asked = op.int("channels").map_or(Some(all), |n| u64::try_from(n).ok());
    let fits = asked.filter(|n| *n > 0 && n.is_multiple_of(2) && *n <= all);
    fits.ok_or_else(|| {
        let found = op.int("channels").map_or_else(|| x.to_string(), |n| n.to_string());
        Problem::new("rotated channels", found, format!("an even number, at most the {all} of the last axis"))
    })
}

pub(in crate::nn) fn rope(op: &OpView<'_>) -> Inferred {
    let x = float_operand(op, 0)?;
    let channels = rotated(op, &x)?;
    let outer = &x.dims[..x.rank() - 1];
    for (index, name) in [(1, "cos"), (2, "sin")] {
        let table = op.tensor(index);
        let fits = table.elem == x.elem
            && table.dims.split_last().is_some_and(|(last, lead)| {
                (*last == channels || *last == channels / 2)
                    && broadcast_dims(outer, lead).is_some_and(|dims| dims == outer)
            });
        need(fits, || {
            let allowed = format!("{channels} or {} channels that broadcast to {x}, of its type", channels / 2);
            Problem::new(name, table.to_string(), allowed)
        })?;
    }
    need(op.tensor(1) == op.tensor(2), || {
        Problem::new("tables", format!("{} and {}", op.tensor(1), op.tensor(2)), "the same type")
    })?;
    Ok(x)
}

/// The leading axes of queries, and those of keys or values; `None` unless they agree but for the last, where every head of
/// keys serves the same number of heads of queries.
fn heads_fit(queries: &[u64], keys: &[u64]) -> bool {
    match (queries.split_last(), keys.split_last()) {
        (None, None) => true,
        (Some((h, outer)), Some((g, same))) => outer == same && *g > 0 && h.is_multiple_of(*g),
        _ => false,
    }
}

pub(in crate::nn) fn attention(op: &OpView<'_>) -> Inferred {
    let (q, k, v) = (float_operand(op, 0)?, op.tensor(1), op.tensor(2));
    let shapes = || {
        Problem::new(
            "queries, keys and values",
            format!("{q}, {k} and {v}"),
            "[..., H, M, D], [..., G, N, D] and [..., G, N, E] of one type, H a multiple of G",
        )
    };
    let ([lead @ .., m, d], [lead_k @ .., n, d_k], [lead_v @ .., n_v, e]) =
        (q.dims.as_slice(), k.dims.as_slice(), v.dims.as_slice())
    else {
        return Err(shapes());
    };
    let fits =
        q.elem == k.elem && q.elem == v.elem && d == d_k && n == n_v && lead_k == lead_v && heads_fit(lead, lead_k);
    need(fits, shapes)?;
    let scores = TensorType::new([lead, &[*m, *n]].concat(), q.elem);
    mask(op, &scores)?;
    numbers(op)?;
    need(!op.flag("causal") || n >= m, || {
        Problem::new("attribute `causal`", format!("{m} queries, {n} keys"), "at least as many keys as queries")
    })?;
    sized(scores)?;
    sized(TensorType::new([lead, &[*m, *e]].concat(), q.elem))
}

/// The mask broadcasts to the scores; what stands where a boolean one is false is given, and only there.
fn mask(op: &OpView<'_>, scores: &TensorType) -> Verified {
    let fill = op.float("fill");
    if op.operands.len() < 4 {
        return need(fill.is_none(), || Problem::new("attribute `fill`", "no mask", "a boolean mask to fill"));
    }
    let mask = op.tensor(3);
    let fits = broadcast_dims(&scores.dims, &mask.dims).is_some_and(|dims| dims == scores.dims);
    let kind = mask.elem.is_float() || mask.elem == Elem::I1;
    need(fits && kind, || {
        Problem::new("mask", mask.to_string(), format!("numbers or booleans that broadcast to {scores}"))
    })?;
    need((mask.elem == Elem::I1) == fill.is_some_and(|x| !x.is_nan()), || {
        let found = fill.map_or("none".to_string(), |x| x.to_string());
        Problem::new("attribute `fill`", found, format!("a number beside a boolean mask alone; it is {mask}"))
    })
}

fn numbers(op: &OpView<'_>) -> Verified {
    let scale = op.float("scale").unwrap_or(1.0);
    need(scale.is_finite(), || Problem::new("attribute `scale`", scale.to_string(), "a finite number"))?;
    let cap = op.float("softcap");
    need(cap.is_none_or(|c| c.is_finite() && c > 0.0), || {
        Problem::new("attribute `softcap`", cap.unwrap_or(0.0).to_string(), "a finite number above 0")
    })?;
    let word = op.attrs.get("softmax_elem").and_then(crate::attr::Attr::as_str);
    need(word.is_none_or(|w| Elem::parse(w).is_some_and(Elem::is_float)), || {
        Problem::new("attribute `softmax_elem`", word.unwrap_or(""), "f16, bf16, f32 or f64")
    })
}

/// A mask needs queries and keys; numbers need what stands where a key is hidden.
pub(in crate::nn) fn verify_causal_mask(op: &OpView<'_>) -> Verified {
    let t = result(op);
    let fits = matches!(t.dims.as_slice(), [.., m, n] if n >= m);
    need(fits && (t.elem.is_float() || t.elem == Elem::I1), || {
        Problem::new("result", t.to_string(), "[..., M, N] of floats or booleans, N at least M")
    })?;
    let fill = op.float("fill");
    need(t.elem.is_float() == fill.is_some_and(|x| !x.is_nan()), || {
        let found = fill.map_or("none".to_string(), |x| x.to_string());
        Problem::new("attribute `fill`", found, format!("a number where the result is one; it is {t}"))
    })?;
    sized(t).map(|_| ())
}
