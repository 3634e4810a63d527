//! Along axes: reductions, softmax, norms, running sums.

use super::elementwise::{larger, smaller};
use super::{Value, axis, check, count, extent, finish, flag, ints, product, strides};
use crate::attr::{Attr, Attrs};
use crate::define::OpDef;
use crate::interp::{Data, Tensor};
use crate::types::TensorType;

/// The operation that `def` names, over `axes`.
pub(in crate::nn) fn reduce(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let owner = owners(&x.ty, ints(attrs, "axes"));
    let data = match &x.data {
        Data::Float(v) => Data::Float(reduce_floats(def.short(), v, &owner, count(ty))?),
        Data::Int(v) => Data::Int(reduce_ints(def.short(), v, &owner, count(ty))?),
    };
    finish(ty, data)
}

/// For each element of `x`, the element of the result that it goes to when `axes` are reduced.
fn owners(x: &TensorType, axes: &[i64]) -> Vec<usize> {
    let kept: Vec<u64> = x.dims.iter().enumerate().map(|(i, d)| if reduced(i, axes) { 1 } else { *d }).collect();
    let steps = strides(&kept).into_iter().enumerate().map(|(i, s)| if reduced(i, axes) { 0 } else { s });
    super::Walk::new(&x.dims, steps.collect(), 0).collect()
}

fn reduced(i: usize, axes: &[i64]) -> bool {
    axes.iter().any(|a| usize::try_from(*a) == Ok(i))
}

fn reduce_floats(name: &str, v: &[f64], owner: &[usize], n: usize) -> Result<Vec<f64>, String> {
    let (start, join): (f64, fn(f64, f64) -> f64) = match name {
        "reduce_sum" | "reduce_mean" => (0.0, |a, b| a + b),
        "reduce_max" => (f64::NEG_INFINITY, larger),
        "reduce_min" => (f64::INFINITY, smaller),
        "reduce_prod" => (1.0, |a, b| a * b),
        other => return Err(format!("`nn.{other}` is not a reduction")),
    };
    let mut out = vec![start; n];
    for (x, to) in v.iter().zip(owner) {
        out[*to] = join(out[*to], *x);
    }
    if name == "reduce_mean" {
        // Every result has as many elements behind it as every other; none at all gives 0 / 0.
        let each = v.len() as f64 / n as f64;
        out.iter_mut().for_each(|x| *x /= each);
    }
    Ok(out)
}

fn reduce_ints(name: &str, v: &[i64], owner: &[usize], n: usize) -> Result<Vec<i64>, String> {
    let join: fn(i64, i64) -> Option<i64> = match name {
        "reduce_sum" | "reduce_mean" => i64::checked_add,
        "reduce_max" => |a, b| Some(a.max(b)),
        "reduce_min" => |a, b| Some(a.min(b)),
        "reduce_prod" => i64::checked_mul,
        other => return Err(format!("`nn.{other}` is not a reduction")),
    };
    let of_none = match name {
        "reduce_sum" => 0,
        "reduce_prod" => 1,
        _ if v.is_empty() && n > 0 => return Err(format!("`nn.{name}` of no integers")),
        _ => 0,
    };
    let mut out: Vec<Option<i64>> = vec![None; n];
    for (x, to) in v.iter().zip(owner) {
        let sum = out[*to].map_or(Some(*x), |have| join(have, *x));
        out[*to] = Some(sum.ok_or_else(|| format!("`nn.{name}` of integers overflows"))?);
    }
    let each = if name == "reduce_mean" { v.len().checked_div(n).map_or(1, |e| e as i64) } else { 1 };
    Ok(out.into_iter().map(|x| x.unwrap_or(of_none) / each).collect())
}

/// The elements along one axis with all other indices fixed.
#[derive(Clone, Copy)]
pub(super) struct Line {
    from: usize,
    count: usize,
    step: usize,
}

impl Line {
    /// Their offsets.
    pub(super) fn offsets(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.count).map(move |k| self.offset(k))
    }

    /// The offset of element `k` of the line.
    pub(super) fn offset(self, k: usize) -> usize {
        self.from + k * self.step
    }
}

/// All lines along `axis`.
pub(super) fn lines(ty: &TensorType, axis: usize) -> impl Iterator<Item = Line> + use<> {
    let n = extent(ty.dims[axis]);
    let inner = product(&ty.dims[axis + 1..]);
    let lines = count(ty).checked_div(n).unwrap_or(0);
    // There are no lines where `inner` is 0, so nothing divides by it.
    (0..lines).map(move |line| Line { from: line / inner * inner * n + line % inner, count: n, step: inner })
}

/// Float numbers of an operand.
pub(super) fn floats(t: &Tensor) -> Result<&[f64], String> {
    match &t.data {
        Data::Float(v) => Ok(v),
        Data::Int(_) => Err(format!("{} is not floating point", t.ty)),
    }
}

/// `nn.softmax`.
pub(in crate::nn) fn softmax(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let mut out = floats(x)?.to_vec();
    for line in lines(ty, axis(attrs)) {
        let top = line.offsets().fold(f64::NEG_INFINITY, |m, i| larger(m, out[i]));
        let mut sum = 0.0;
        for i in line.offsets() {
            out[i] = (out[i] - top).exp();
            sum += out[i];
        }
        line.offsets().for_each(|i| out[i] /= sum);
    }
    finish(ty, Data::Float(out))
}

/// Applies `norm` to each row, a row being the axes from `axis` on; then scale and bias.
fn rowwise(args: &[&Tensor], attrs: &Attrs, ty: &TensorType, norm: fn(&mut [f64], f64)) -> Value {
    let (x, scale) = match args {
        [x, scale, ..] => (floats(x)?, floats(scale)?),
        _ => return Err("two operands expected".into()),
    };
    let bias = args.get(2).map(|b| floats(b)).transpose()?;
    let epsilon = attrs.get("epsilon").and_then(Attr::as_float).unwrap_or(0.0);
    let mut out = x.to_vec();
    for row in out.chunks_exact_mut(scale.len().max(1)) {
        norm(row, epsilon);
        row.iter_mut().zip(scale).for_each(|(x, s)| *x *= s);
        if let Some(bias) = bias {
            row.iter_mut().zip(bias).for_each(|(x, b)| *x += b);
        }
    }
    finish(ty, Data::Float(out))
}

/// `nn.layer_norm`: Ba, Kiros, Hinton, arXiv 1607.06450, equation 4; the variance is the mean square deviation.
pub(in crate::nn) fn layer_norm(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    rowwise(args, attrs, ty, |row, epsilon| {
        let n = row.len() as f64;
        let mean = row.iter().fold(0.0, |sum, x| sum + x) / n;
        let variance = row.iter().fold(0.0, |sum, x| sum + (x - mean) * (x - mean)) / n;
        let by = 1.0 / (variance + epsilon).sqrt();
        row.iter_mut().for_each(|x| *x = (*x - mean) * by);
    })
}

/// `nn.rms_norm`: Zhang, Sennrich, arXiv 1910.07467, equation 4.
pub(in crate::nn) fn rms_norm(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    rowwise(args, attrs, ty, |row, epsilon| {
        let mean_square = row.iter().fold(0.0, |sum, x| sum + x * x) / row.len() as f64;
        let by = 1.0 / (mean_square + epsilon).sqrt();
        row.iter_mut().for_each(|x| *x *= by);
    })
}

/// `nn.cumsum`.
pub(in crate::nn) fn cumsum(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let (exclusive, reverse) = (flag(attrs, "exclusive"), flag(attrs, "reverse"));
    let mut data = x.data.clone();
    for line in lines(ty, axis(attrs)) {
        let order: Vec<usize> = if reverse { line.offsets().rev().collect() } else { line.offsets().collect() };
        match &mut data {
            Data::Float(v) => running(v, &order, 0.0, exclusive, |a, b| Some(a + b)),
            Data::Int(v) => running(v, &order, 0, exclusive, i64::checked_add),
        }
        .ok_or("`nn.cumsum` of integers overflows")?;
    }
    finish(ty, data)
}

/// Replaces each element by the sum up to it.
fn running<T: Copy>(v: &mut [T], order: &[usize], zero: T, exclusive: bool, add: fn(T, T) -> Option<T>) -> Option<()> {
    let mut sum = zero;
    for i in order {
        let before = sum;
        // The last sum of an exclusive run is not part of the result, so it may not overflow it either.
        if !exclusive || order.last() != Some(i) {
            sum = add(sum, v[*i])?;
        }
        v[*i] = if exclusive { before } else { sum };
    }
    Some(())
}
