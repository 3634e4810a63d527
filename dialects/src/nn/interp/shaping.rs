//! Moving elements: reshape, broadcast, transpose, slice, concat.

use super::{Value, Walk, axis, broadcast_strides, check, count, finish, ints, pick, product, strides};
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
