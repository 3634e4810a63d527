//! Rotary embedding, causal masks, attention.

use super::rows::{beside, channels, paired};
use super::{Build, Composite, attrs, cast, number, plain, reshaped};
use prism_dialects::{Attr, Attrs, Elem, TensorType};

/// Channels that turn, then those that pass.
pub(super) fn rope<B: Build>(build: &mut B, of: &Composite<'_, B::Value>) -> Option<B::Value> {
    let (x, cos, sin) = (of.operand(0)?, of.operand(1)?, of.operand(2)?);
    let all = *of.ty.dims.last()?;
    let turned = of.int("channels").map_or(Some(all), |n| u64::try_from(n).ok())?;
    let first = channels(build, x, 0, turned)?;
    let wide = build.tensor(cos).dims.last() == Some(&turned);
    let near = of.flag("interleaved");
    let made = if wide { by_channel(build, first, cos, sin, near)? } else { by_pair(build, first, cos, sin, near)? };
    if turned == all {
        return Some(made);
    }
    let rest = channels(build, x, turned, all - turned)?;
    beside(build, made, rest)
}

/// The first and second of each pair of channels: halves, or neighbours with an axis of 1 behind them.
fn pairs<B: Build>(build: &mut B, x: B::Value, near: bool) -> Option<(B::Value, B::Value)> {
    let whole = if near { paired(build, x)? } else { x };
    let half = build.tensor(whole).dims.last()? / 2;
    Some((channels(build, whole, 0, half)?, channels(build, whole, half, half)?))
}

/// Tables with a number for each channel: x cos + x' sin, x' being the pairs (-b, a).
fn by_channel<B: Build>(build: &mut B, x: B::Value, cos: B::Value, sin: B::Value, near: bool) -> Option<B::Value> {
    let dims = build.tensor(x).dims;
    let (a, b) = pairs(build, x, near)?;
    let minus = plain(build, "nn.neg", &[b])?;
    let turned = beside(build, minus, a)?;
    let turned = reshaped(build, turned, dims)?;
    let (along, across) = (plain(build, "nn.mul", &[x, cos])?, plain(build, "nn.mul", &[turned, sin])?);
    plain(build, "nn.add", &[along, across])
}

/// Tables with a number for each pair: (a cos - b sin, b cos + a sin).
fn by_pair<B: Build>(build: &mut B, x: B::Value, cos: B::Value, sin: B::Value, near: bool) -> Option<B::Value> {
    let dims = build.tensor(x).dims;
    let (a, b) = pairs(build, x, near)?;
    let (cos, sin) = if near { (apart(build, cos)?, apart(build, sin)?) } else { (cos, sin) };
    let (a_cos, b_sin) = (plain(build, "nn.mul", &[a, cos])?, plain(build, "nn.mul", &[b, sin])?);
    let (b_cos, a_sin) = (plain(build, "nn.mul", &[b, cos])?, plain(build, "nn.mul", &[a, sin])?);
    let (first, second) = (plain(build, "nn.sub", &[a_cos, b_sin])?, plain(build, "nn.add", &[b_cos, a_sin])?);
    let both = beside(build, first, second)?;
    reshaped(build, both, dims)
}

/// A table with an axis of 1 behind its last.
fn apart<B: Build>(build: &mut B, table: B::Value) -> Option<B::Value> {
    let mut dims = build.tensor(table).dims;
    dims.push(1);
    reshaped(build, table, dims)
}

/// Positions compared: key j is visible to query i where j <= i + N - M.
pub(super) fn causal_mask<B: Build>(build: &mut B, of: &Composite<'_, B::Value>) -> Option<B::Value> {
    let [.., m, n] = of.ty.dims.as_slice() else { return None };
    let line = |build: &mut B, start: u64, count: u64| {
        let from = attrs([("start", Attr::Int(i64::try_from(start).ok()?)), ("step", Attr::Int(1))]);
        build.op("nn.iota", &[], from, Some(TensorType::new([count], Elem::I64)))
    };
    let keys = line(build, 0, *n)?;
    let queries = line(build, n - m, *m)?;
    let queries = reshaped(build, queries, [*m, 1])?;
    let mut mask = plain(build, "nn.less_equal", &[keys, queries])?;
    if let Some(fill) = of.float("fill") {
        let (seen, hidden) = (number(build, 0.0, of.ty.elem)?, number(build, fill, of.ty.elem)?);
        mask = plain(build, "nn.where", &[mask, seen, hidden])?;
    }
    if build.tensor(mask) == *of.ty {
        return Some(mask);
    }
    build.op("nn.broadcast", &[mask], Attrs::new(), Some(of.ty.clone()))
}

/// How many heads of queries share one of keys and values.
fn shared(queries: &TensorType, keys: &TensorType) -> u64 {
    let heads = |t: &TensorType| t.rank().checked_sub(3).and_then(|i| t.dims.get(i)).copied().unwrap_or(1);
    heads(queries) / heads(keys).max(1)
}

/// Keys or values with each head repeated, as neighbours.
fn repeated<B: Build>(build: &mut B, x: B::Value, times: u64) -> Option<B::Value> {
    let from = build.tensor(x);
    let [outer @ .., heads, n, d] = from.dims.as_slice() else { return Some(x) };
    if times == 1 {
        return Some(x);
    }
    let apart = reshaped(build, x, [outer, &[*heads, 1, *n, *d]].concat())?;
    let wide = TensorType::new([outer, &[*heads, times, *n, *d]].concat(), from.elem);
    let wide = build.op("nn.broadcast", &[apart], Attrs::new(), Some(wide))?;
    reshaped(build, wide, [outer, &[heads * times, *n, *d]].concat())
}

/// Rows of the heads that share keys and values, under one another.
fn stacked<B: Build>(build: &mut B, x: B::Value, times: u64) -> Option<B::Value> {
    let from = build.tensor(x);
    let [outer @ .., heads, m, d] = from.dims.as_slice() else { return Some(x) };
    reshaped(build, x, [outer, &[heads / times, m * times, *d]].concat())
}

pub(super) fn attention<B: Build>(build: &mut B, of: &Composite<'_, B::Value>, grouped: bool) -> Option<B::Value> {
    let (q, mut k, mut v) = (of.operand(0)?, of.operand(1)?, of.operand(2)?);
    let (queries, keys) = (build.tensor(q), build.tensor(k));
    let times = shared(&queries, &keys);
    if grouped && times == 1 {
        return None;
    }
    let mut rows = q;
    if grouped {
        rows = stacked(build, q, times)?;
    } else {
        (k, v) = (repeated(build, k, times)?, repeated(build, v, times)?);
    }
    let swapped = attrs([("transpose_rhs", Attr::Bool(true))]);
    let products = build.op("nn.matmul", &[rows, k], swapped, None)?;
    // Masks are those of the heads of queries.
    let [lead @ .., m, _] = queries.dims.as_slice() else { return None };
    let n = keys.dims.iter().rev().nth(1)?;
    let products = reshaped(build, products, [lead, &[*m, *n]].concat())?;
    let scores = scored(build, of, products)?;
    let mut weights = plain_softmax(build, scores)?;
    if of.flag("guarded") {
        weights = numbers_alone(build, weights)?;
    }
    weights = cast(build, weights, queries.elem)?;
    if grouped {
        weights = stacked(build, weights, times)?;
    }
    let made = plain(build, "nn.matmul", &[weights, v])?;
    reshaped(build, made, of.ty.dims.clone())
}

fn plain_softmax<B: Build>(build: &mut B, x: B::Value) -> Option<B::Value> {
    let axis = i64::try_from(build.tensor(x).rank().checked_sub(1)?).ok()?;
    build.op("nn.softmax", &[x], attrs([("axis", Attr::Int(axis))]), None)
}

/// 0 in the place of what is no number: nothing else differs from itself.
fn numbers_alone<B: Build>(build: &mut B, x: B::Value) -> Option<B::Value> {
    let is_number = plain(build, "nn.equal", &[x, x])?;
    let zero = number(build, 0.0, build.tensor(x).elem)?;
    plain(build, "nn.where", &[is_number, x, zero])
}

/// Products scaled, capped and masked, in the element type of the softmax.
fn scored<B: Build>(build: &mut B, of: &Composite<'_, B::Value>, products: B::Value) -> Option<B::Value> {
    let word = of.attrs.get("softmax_elem").and_then(Attr::as_str);
    let elem = word.map_or(Some(of.ty.elem), Elem::parse)?;
    let mut s = cast(build, products, elem)?;
    let scale = of.float("scale")?;
    if scale != 1.0 {
        let scale = number(build, scale, elem)?;
        s = plain(build, "nn.mul", &[s, scale])?;
    }
    if let Some(cap) = of.float("softcap") {
        let cap = number(build, cap, elem)?;
        s = plain(build, "nn.div", &[s, cap])?;
        s = plain(build, "nn.tanh", &[s])?;
        s = plain(build, "nn.mul", &[s, cap])?;
    }
    if let Some(mask) = of.operand(3) {
        s = match of.float("fill") {
            Some(fill) => {
                let fill = number(build, fill, elem)?;
                plain(build, "nn.where", &[mask, s, fill])?
            }
            None => {
                let mask = cast(build, mask, elem)?;
                plain(build, "nn.add", &[s, mask])?
            }
        };
    }
    if of.flag("causal") {
        let dims = build.tensor(s).dims;
        let ty = TensorType::new(&dims[dims.len().checked_sub(2)?..], elem);
        let fill = attrs([("fill", Attr::float(f64::NEG_INFINITY))]);
        let mask = build.op("nn.causal_mask", &[], fill, Some(ty))?;
        s = plain(build, "nn.add", &[s, mask])?;
    }
    Some(s)
}
