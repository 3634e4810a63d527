//! Expert routing: rows to the experts that were chosen for them, and back.

use super::{Value, check, count, extent, finish};
use crate::attr::Attrs;
use crate::define::OpDef;
use crate::interp::{Data, Tensor};
use crate::types::TensorType;

/// The row that each choice takes among those of all experts, in order of tokens, then of choices; `None` for a choice
/// that its expert has no row left for.
fn rows(choices: &Tensor, experts: usize, capacity: usize) -> Result<Vec<Option<usize>>, String> {
    let Data::Int(chosen) = &choices.data else { return Err(format!("{} are no choices", choices.ty)) };
    let mut taken = vec![0usize; experts];
    let place = |choice: &i64| {
        let expert = usize::try_from(*choice).ok().filter(|e| *e < experts);
        let expert = expert.ok_or_else(|| format!("index {choice} of an expert among {experts}"))?;
        let row = taken[expert];
        taken[expert] += 1;
        Ok((row < capacity).then(|| expert * capacity + row))
    };
    chosen.iter().map(place).collect()
}

/// `nn.moe_dispatch`.
pub(in crate::nn) fn moe_dispatch(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x, choices] = args else { return Err("two operands expected".into()) };
    let [experts, capacity, width] = [0, 1, 2].map(|i| extent(ty.dims[i]));
    let each = extent(choices.ty.dims[1]).max(1);
    let rows = rows(choices, experts, capacity)?;
    let from_to = rows.iter().enumerate().filter_map(|(i, row)| Some((i / each * width, (*row)? * width)));
    fn moved<T: Copy + Default>(x: &[T], n: usize, width: usize, all: impl Iterator<Item = (usize, usize)>) -> Vec<T> {
        let mut out = vec![T::default(); n];
        all.for_each(|(from, to)| out[to..to + width].copy_from_slice(&x[from..from + width]));
        out
    }
    let data = match &x.data {
        Data::Float(v) => Data::Float(moved(v, count(ty), width, from_to)),
        Data::Int(v) => Data::Int(moved(v, count(ty), width, from_to)),
    };
    finish(ty, data)
}

/// `nn.moe_combine`.
pub(in crate::nn) fn moe_combine(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [y, choices, weights] = args else { return Err("three operands expected".into()) };
    let (Data::Float(v), Data::Float(w)) = (&y.data, &weights.data) else { return Err("numbers expected".into()) };
    let [experts, capacity, width] = [0, 1, 2].map(|i| extent(y.ty.dims[i]));
    let each = extent(choices.ty.dims[1]).max(1);
    let mut out = vec![0.0; count(ty)];
    for (i, (row, weight)) in rows(choices, experts, capacity)?.into_iter().zip(w).enumerate() {
        let Some(row) = row else { continue };
        let to = i / each * width;
        for (sum, x) in out[to..to + width].iter_mut().zip(&v[row * width..(row + 1) * width]) {
            *sum += weight * x;
        }
    }
    finish(ty, Data::Float(out))
}
