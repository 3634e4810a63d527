//! Moving elements: reshape, broadcast, transpose, slice, concat, gather.

use super::{Value, Walk, axis, broadcast_strides, check, count, extent, finish, int, ints, pick, product, strides};
use crate::attr::Attrs;
use crate::define::OpDef;
use crate::interp::{Data, Tensor};
use crate::types::TensorType;

/// `nn.reshape`.
pub(in crate::nn) fn reshape(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    finish(ty, x.data.clone())
}

/// `nn.broadcast`.
pub(in crate::nn) fn broadcast(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let walk = Walk::new(&ty.dims, broadcast_strides(&x.ty.dims, ty.rank()), 0);
    finish(ty, pick(&x.data, walk)?)
}

/// `nn.transpose`.
pub(in crate::nn) fn transpose(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let of_x = strides(&x.ty.dims);
    let moved = ints(attrs, "perm").iter().filter_map(|p| of_x.get(usize::try_from(*p).ok()?).copied());
    finish(ty, pick(&x.data, Walk::new(&ty.dims, moved.collect(), 0))?)
}

/// `nn.slice`.
pub(in crate::nn) fn slice(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    if count(ty) == 0 {
        // Starts of an empty slice may lie anywhere.
        return finish(ty, pick(&x.data, std::iter::empty())?);
    }
    let of_x = strides(&x.ty.dims);
    let (starts, steps) = (ints(attrs, "starts"), ints(attrs, "steps"));
    let offset = starts.iter().zip(&of_x).map(|(a, s)| a * s).sum();
    // A step is bounded by the extent only where it is taken.
    let walked = steps.iter().zip(&of_x).map(|(a, s)| a.saturating_mul(*s));
    let walked = walked.zip(&ty.dims).map(|(s, d)| if *d > 1 { s } else { 0 });
    finish(ty, pick(&x.data, Walk::new(&ty.dims, walked.collect(), offset))?)
}

/// `nn.concat`.
pub(in crate::nn) fn concat(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let inner = |t: &TensorType| -> usize { product(&t.dims[axis(attrs)..]) };
    let outer: usize = product(&ty.dims[..axis(attrs)]);
    let mut floats: Vec<f64> = Vec::new();
    let mut whole: Vec<i64> = Vec::new();
    for o in 0..if count(ty) == 0 { 0 } else { outer } {
        for t in args {
            let n = inner(&t.ty);
            match &t.data {
                Data::Float(v) => floats.extend_from_slice(&v[o * n..(o + 1) * n]),
                Data::Int(v) => whole.extend_from_slice(&v[o * n..(o + 1) * n]),
            }
        }
    }
    finish(ty, if ty.elem.is_float() { Data::Float(floats) } else { Data::Int(whole) })
}

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
