//! Picking elements by index, and putting them there.

use super::rows::lines;
use super::{Value, Walk, axis, check, count, extent, finish, flag, int, pick, product, strides};
use crate::attr::{Attr, Attrs};
use crate::define::OpDef;
use crate::interp::{Data, Tensor};
use crate::types::TensorType;
use std::cmp::Ordering;

/// Indices below `extent`, negative ones counted from the end.
fn positions(indices: &Tensor) -> Result<&[i64], String> {
    match &indices.data {
        Data::Int(v) => Ok(v),
        Data::Float(_) => Err(format!("{} are no indices", indices.ty)),
    }
}

fn position(index: i64, extent: u64) -> Result<usize, String> {
    let from_end = if index < 0 { i128::from(extent) } else { 0 };
    let at = i128::from(index) + from_end;
    let inside = (0..i128::from(extent)).contains(&at);
    let at = usize::try_from(at).ok().filter(|_| inside);
    at.ok_or_else(|| format!("index {index} into an axis of extent {extent}"))
}

/// `nn.gather`.
pub(in crate::nn) fn gather(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [table, indices] = args else { return Err("two operands expected".into()) };
    let along = axis(attrs);
    let n = table.ty.dims[along];
    let picked: Vec<usize> = positions(indices)?.iter().map(|i| position(*i, n)).collect::<Result<_, _>>()?;
    if count(ty) == 0 {
        return finish(ty, pick(&table.data, std::iter::empty())?);
    }
    let outer: usize = product(&table.ty.dims[..along]);
    let inner: usize = product(&table.ty.dims[along + 1..]);
    let row = move |o: usize, p: usize| (0..inner).map(move |i| (o * extent(n) + p) * inner + i);
    let offsets = (0..outer).flat_map(|o| picked.iter().flat_map(move |p| row(o, *p)));
    finish(ty, pick(&table.data, offsets)?)
}

/// `nn.gather_nd`.
pub(in crate::nn) fn gather_nd(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [table, indices] = args else { return Err("two operands expected".into()) };
    let batch = usize::try_from(int(attrs, "batch_dims")).unwrap_or(0);
    let depth = indices.ty.dims.last().map_or(1, |d| extent(*d));
    let addressed = &table.ty.dims[batch..batch + depth];
    let of_table = strides(&table.ty.dims);
    let steps = &of_table[batch..batch + depth];
    let inner: usize = product(&table.ty.dims[batch + depth..]);
    let block: usize = product(&table.ty.dims[batch..]);
    let all = positions(indices)?;
    let batches: usize = product(&table.ty.dims[..batch]);
    let per_batch = (all.len() / depth).checked_div(batches).unwrap_or(0);
    let mut starts = Vec::with_capacity(all.len() / depth);
    for (v, vector) in all.chunks_exact(depth).enumerate() {
        // Saturating: of an empty table the distances may be anything, and no offset is used.
        let mut at = v.checked_div(per_batch).unwrap_or(0).saturating_mul(block);
        for ((index, extent), step) in vector.iter().zip(addressed).zip(steps) {
            let step = usize::try_from(*step).unwrap_or(0);
            at = at.saturating_add(position(*index, *extent)?.saturating_mul(step));
        }
        starts.push(at);
    }
    if count(ty) == 0 {
        return finish(ty, pick(&table.data, std::iter::empty())?);
    }
    let offsets = starts.into_iter().flat_map(|s| s..s + inner);
    finish(ty, pick(&table.data, offsets)?)
}

/// For each element of `indices`, the element of a tensor of type `ty` that it names along `axis`.
fn named(ty: &TensorType, indices: &Tensor, axis: usize) -> Result<Vec<usize>, String> {
    let step = strides(ty.dims.as_slice());
    let along = usize::try_from(step[axis]).unwrap_or(0);
    let others = step.iter().enumerate().map(|(i, s)| if i == axis { 0 } else { *s });
    let walk = Walk::new(&indices.ty.dims, others.collect(), 0);
    let each = positions(indices)?.iter().zip(walk);
    each.map(|(i, at)| Ok(at.saturating_add(position(*i, ty.dims[axis])?.saturating_mul(along)))).collect()
}

/// `nn.gather_elements`.
pub(in crate::nn) fn gather_elements(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x, indices] = args else { return Err("two operands expected".into()) };
    finish(ty, pick(&x.data, named(&x.ty, indices, axis(attrs))?.into_iter())?)
}

/// `nn.scatter_elements`.
pub(in crate::nn) fn scatter_elements(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x, indices, updates] = args else { return Err("three operands expected".into()) };
    let places = named(&x.ty, indices, axis(attrs))?;
    put(x, places.into_iter(), updates, attrs)
}

/// `nn.scatter_nd`.
pub(in crate::nn) fn scatter_nd(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x, indices, updates] = args else { return Err("three operands expected".into()) };
    let depth = indices.ty.dims.last().map_or(1, |d| extent(*d));
    let (addressed, inner) = (&x.ty.dims[..depth], product(&x.ty.dims[depth..]));
    let steps = strides(&x.ty.dims);
    let mut starts = Vec::new();
    for vector in positions(indices)?.chunks_exact(depth) {
        let mut at = 0usize;
        for ((index, extent), step) in vector.iter().zip(addressed).zip(&steps) {
            let step = usize::try_from(*step).unwrap_or(0);
            at = at.saturating_add(position(*index, *extent)?.saturating_mul(step));
        }
        starts.push(at);
    }
    let none = count(&updates.ty) == 0;
    put(x, starts.into_iter().filter(|_| !none).flat_map(|s| s..s.saturating_add(inner)), updates, attrs)
}

/// `x` with the updates at `places`, one after another.
fn put(x: &Tensor, places: impl Iterator<Item = usize>, updates: &Tensor, attrs: &Attrs) -> Value {
    let how = attrs.get("reduction").and_then(Attr::as_str);
    let mut data = x.data.clone();
    match (&mut data, &updates.data) {
        (Data::Float(into), Data::Float(new)) => {
            let join: fn(f64, f64) -> f64 = match how {
                Some("add") => |a, b| a + b,
                Some("mul") => |a, b| a * b,
                Some("max") => super::elementwise::larger,
                Some("min") => super::elementwise::smaller,
                _ => |_, b| b,
            };
            scatter(into, places, new, |a, b| Some(join(a, b)))?;
        }
        (Data::Int(into), Data::Int(new)) => {
            let join: fn(i64, i64) -> Option<i64> = match how {
                Some("add") => i64::checked_add,
                Some("mul") => i64::checked_mul,
                Some("max") => |a, b| Some(a.max(b)),
                Some("min") => |a, b| Some(a.min(b)),
                _ => |_, b| Some(b),
            };
            scatter(into, places, new, join)?;
        }
        _ => return Err("updates of another kind".into()),
    }
    finish(&x.ty, data)
}

fn scatter<T: Copy>(
    into: &mut [T],
    places: impl Iterator<Item = usize>,
    new: &[T],
    join: impl Fn(T, T) -> Option<T>,
) -> Result<(), String> {
    for (place, update) in places.zip(new) {
        let length = into.len();
        let slot = into.get_mut(place).ok_or_else(|| format!("element {place} of {length}"))?;
        *slot = join(*slot, *update).ok_or("an update of integers overflows")?;
    }
    Ok(())
}

/// Offsets along each line of `x`, the largest element first (the smallest where `smallest`); NaN counts as largest. Of
/// equal elements the first stays first.
fn sorted_lines(x: &Tensor, axis: usize, smallest: bool) -> Vec<Vec<usize>> {
    let compare = |a: usize, b: usize| match &x.data {
        Data::Int(v) => v[a].cmp(&v[b]),
        // Zeros of both signs are equal, and so are all NaN.
        Data::Float(v) => v[a].partial_cmp(&v[b]).unwrap_or_else(|| v[a].is_nan().cmp(&v[b].is_nan())),
    };
    let ordered = |line: super::rows::Line| {
        let mut order: Vec<usize> = (0..line.offsets().count()).collect();
        let at = |k: &usize| line.offset(*k);
        order.sort_by(|a, b| {
            let up: Ordering = compare(at(a), at(b));
            if smallest { up } else { up.reverse() }
        });
        order
    };
    lines(&x.ty, axis).map(ordered).collect()
}

/// Numbers given line by line, `each` to a line, in the order of elements of a tensor whose axis `axis` has that extent.
fn from_lines(x: &TensorType, axis: usize, each: usize, of_line: &[Vec<usize>]) -> Data {
    let inner = product(&x.dims[axis + 1..]);
    let outer = of_line.len().checked_div(inner).unwrap_or(0);
    let of_outer = |o: usize| &of_line[o * inner..(o + 1) * inner];
    let number = |o: usize, k: usize| of_outer(o).iter().map(move |line| line[k] as i64);
    Data::Int((0..outer).flat_map(|o| (0..each).flat_map(move |k| number(o, k))).collect())
}

/// `nn.top_k`.
pub(in crate::nn) fn top_k(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let k = usize::try_from(int(attrs, "k")).unwrap_or(0);
    if count(ty) == 0 {
        return finish(ty, Data::Int(Vec::new()));
    }
    finish(ty, from_lines(&x.ty, axis(attrs), k, &sorted_lines(x, axis(attrs), flag(attrs, "smallest"))))
}

/// `nn.arg_max`.
pub(in crate::nn) fn arg_max(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    if x.ty.dims[axis(attrs)] == 0 && count(ty) > 0 {
        return Err("`nn.arg_max` of no numbers".into());
    }
    let mut lines = sorted_lines(x, axis(attrs), false);
    if flag(attrs, "last") {
        // Backwards, the first of equals is the last of them.
        lines = sorted_lines(x, axis(attrs), true).into_iter().map(|l| l.into_iter().rev().collect()).collect();
    }
    if count(ty) == 0 {
        return finish(ty, Data::Int(Vec::new()));
    }
    finish(ty, from_lines(&x.ty, axis(attrs), 1, &lines))
}
