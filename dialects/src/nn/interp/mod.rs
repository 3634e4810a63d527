//! Meaning of the `nn` operations on small tensors.
//!
//! Floats are `f64` throughout and are not rounded to the element type: two programs that are equal on paper then
//! agree to rounding of `f64`. Integers never wrap: a result that its element type cannot hold is an error.
//! Every function checks its operands, attributes and result type first, so none panics on what it is given.

mod attention;
mod elementwise;
mod experts;
mod indexing;
mod linear;
mod rows;
mod shaping;

pub(super) use attention::{attention, causal_mask, rope, swiglu};
pub(super) use elementwise::{binary, cast, select, unary};
pub(super) use experts::{moe_combine, moe_dispatch};
pub(super) use indexing::{arg_max, gather, gather_elements, gather_nd, scatter_elements, scatter_nd, top_k};
pub(super) use linear::matmul;
pub(super) use rows::{cumsum, layer_norm, reduce, rms_norm, softmax};
pub(super) use shaping::{broadcast, concat, reshape, slice, transpose};

use crate::attr::{Attr, Attrs};
use crate::define::{OpDef, OpView};
use crate::interp::{Data, MAX_INTERP_ELEMENTS, Tensor};
use crate::types::{Elem, TensorType, Type};

type Value = Result<Tensor, String>;

/// A constant: `nn.constant` and `mem.constant`.
pub(crate) fn constant(_: &'static OpDef, _: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    let dense = attrs.get("value").and_then(Attr::as_dense).ok_or("attribute `value` is absent")?;
    if dense.ty != *ty {
        return Err(format!("attribute `value` is a {}, the result a {ty}", dense.ty));
    }
    let made = Tensor::from_dense(dense)?;
    made.check()?;
    Ok(made)
}

/// start, start + step, ...
pub(super) fn iota(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let (start, step) = (i128::from(int(attrs, "start")), i128::from(int(attrs, "step")));
    let terms = (0..count(ty)).map(|i| start + step * i as i128);
    if ty.elem.is_float() {
        return finish(ty, Data::Float(terms.map(|x| x as f64).collect()));
    }
    let whole = terms.map(|x| i64::try_from(x).map_err(|_| format!("element {x} does not fit {}", ty.elem.name())));
    finish(ty, Data::Int(whole.collect::<Result<_, _>>()?))
}

/// Refuses what the table, the shape rule or the verifier of `def` refuses, tensors whose numbers do not fit their
/// type, and tensors that are too large.
fn check(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<(), String> {
    let operands: Vec<Type> = args.iter().map(|t| Type::Tensor(t.ty.clone())).collect();
    let results = [Type::Tensor(ty.clone())];
    let view = OpView { def, operands: &operands, results: &results, attrs };
    crate::verify::check_op(&view)
        .map_err(|p| format!("`{}`: {}: found {}, allowed {}", def.name, p.what, p.found, p.allowed))?;
    args.iter().try_for_each(|t| t.check())?;
    match ty.checked_numel().is_some_and(|n| n <= MAX_INTERP_ELEMENTS) {
        true => Ok(()),
        false => Err(format!("{ty} is too large to interpret")),
    }
}

/// A result, each integer checked against the element type.
fn finish(ty: &TensorType, data: Data) -> Value {
    let made = Tensor { ty: ty.clone(), data };
    made.check()?;
    Ok(made)
}

/// Number of elements of a type that [`check`] let through.
fn count(ty: &TensorType) -> usize {
    usize::try_from(ty.numel()).unwrap_or(usize::MAX)
}

fn int(attrs: &Attrs, name: &str) -> i64 {
    attrs.get(name).and_then(Attr::as_int).unwrap_or(0)
}

fn flag(attrs: &Attrs, name: &str) -> bool {
    attrs.get(name).and_then(Attr::as_bool).unwrap_or(false)
}

fn ints<'a>(attrs: &'a Attrs, name: &str) -> &'a [i64] {
    attrs.get(name).and_then(Attr::as_ints).unwrap_or(&[])
}

/// Attribute `axis`, which the shape rule has checked.
fn axis(attrs: &Attrs) -> usize {
    usize::try_from(int(attrs, "axis")).unwrap_or(0)
}

fn extent(d: u64) -> usize {
    usize::try_from(d).unwrap_or(usize::MAX)
}

/// How many index tuples `dims` has; saturates, and is 0 as soon as one extent is.
fn product(dims: &[u64]) -> usize {
    dims.iter().fold(1usize, |n, d| n.saturating_mul(extent(*d)))
}

/// Row-major distance between neighbours on each axis, in elements.
fn strides(dims: &[u64]) -> Vec<i64> {
    let mut out = vec![1i64; dims.len()];
    for i in (1..dims.len()).rev() {
        out[i - 1] = out[i].saturating_mul(i64::try_from(dims[i]).unwrap_or(i64::MAX));
    }
    out
}

/// Strides that read `from` as if it had been broadcast to `rank` axes: 0 along repeated ones.
fn broadcast_strides(from: &[u64], rank: usize) -> Vec<i64> {
    let mut out = vec![0i64; rank.saturating_sub(from.len())];
    out.extend(strides(from).into_iter().zip(from).map(|(s, d)| if *d == 1 { 0 } else { s }));
    out
}

/// Offsets into a tensor, in row-major order of the indices below `dims`.
struct Walk<'a> {
    dims: &'a [u64],
    strides: Vec<i64>,
    index: Vec<u64>,
    at: i64,
    left: usize,
}

impl<'a> Walk<'a> {
    /// From `offset` on; there must be as many strides as dims, and every index must stay inside the tensor read.
    fn new(dims: &'a [u64], strides: Vec<i64>, offset: i64) -> Walk<'a> {
        let left = count(&TensorType::new(dims, Elem::I1));
        Walk { index: vec![0; dims.len()], dims, strides, at: offset, left }
    }
}

impl Iterator for Walk<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let here = usize::try_from(self.at).unwrap_or(usize::MAX);
        let axes = self.dims.iter().zip(&self.strides).zip(&mut self.index).rev();
        for ((dim, stride), index) in axes {
            *index += 1;
            if *index < *dim {
                self.at = self.at.saturating_add(*stride);
                break;
            }
            // Back to the start of this axis: one step on was not taken, dim - 1 were.
            *index = 0;
            let steps = i64::try_from(*dim - 1).unwrap_or(i64::MAX);
            self.at = self.at.saturating_sub(stride.saturating_mul(steps));
        }
        Some(here)
    }
}

/// The elements of `data` at `offsets`.
fn pick(data: &Data, offsets: impl Iterator<Item = usize>) -> Result<Data, String> {
    fn each<T: Copy>(v: &[T], offsets: impl Iterator<Item = usize>) -> Result<Vec<T>, String> {
        offsets.map(|i| v.get(i).copied().ok_or_else(|| format!("element {i} of {}", v.len()))).collect()
    }
    Ok(match data {
        Data::Float(v) => Data::Float(each(v, offsets)?),
        Data::Int(v) => Data::Int(each(v, offsets)?),
    })
}
