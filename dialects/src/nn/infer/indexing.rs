//! Shape rules of operations that pick elements by index, or put them there.

use super::{Inferred, axis, need, sized};
use crate::attr::Attr;
use crate::define::{OpView, Problem};
use crate::types::{Elem, TensorType};

fn indices(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(1);
    let ok = matches!(t.elem, Elem::I32 | Elem::I64);
    need(ok, || Problem::new("indices", t.to_string(), "an i64 or i32 tensor"))?;
    Ok(t)
}

pub(in crate::nn) fn gather(op: &OpView<'_>) -> Inferred {
    let (table, indices) = (op.tensor(0), indices(op)?);
    let axis = axis(op, &table)?;
    let mut dims = table.dims[..axis].to_vec();
    dims.extend(&indices.dims);
    dims.extend(&table.dims[axis + 1..]);
    sized(TensorType::new(dims, table.elem))
}

pub(in crate::nn) fn gather_nd(op: &OpView<'_>) -> Inferred {
    let (table, indices) = (op.tensor(0), indices(op)?);
    let batch = usize::try_from(op.int("batch_dims").unwrap_or(0)).unwrap_or(usize::MAX);
    let depth = indices.dims.last().copied().unwrap_or(u64::MAX);
    let used = usize::try_from(depth).ok().and_then(|d| d.checked_add(batch)).unwrap_or(usize::MAX);
    let shared = batch < indices.rank() && batch <= table.rank() && indices.dims[..batch] == table.dims[..batch];
    need(shared && used <= table.rank() && depth > 0, || {
        let given = op.int("batch_dims").unwrap_or(0);
        let found = format!("table {table}, indices {indices}, batch_dims {given}");
        Problem::new("gather_nd", found, "index vectors no longer than the table's axes after the shared batch axes")
    })?;
    let mut dims = indices.dims[..indices.rank() - 1].to_vec();
    dims.extend(&table.dims[used..]);
    sized(TensorType::new(dims, table.elem))
}

/// The index of one element per line along `axis`, which goes.
pub(in crate::nn) fn arg_max(op: &OpView<'_>) -> Inferred {
    let t = numbers(op)?;
    let axis = axis(op, &t)?;
    let mut dims = t.dims;
    dims.remove(axis);
    Ok(TensorType::new(dims, Elem::I64))
}

/// `k` indices per line along `axis`.
pub(in crate::nn) fn top_k(op: &OpView<'_>) -> Inferred {
    let t = numbers(op)?;
    let axis = axis(op, &t)?;
    let asked = op.int("k").unwrap_or(0);
    let k = u64::try_from(asked).ok().filter(|k| *k <= t.dims[axis]);
    let allowed = || format!("0 to {}, the extent of axis {axis} of {t}", t.dims[axis]);
    let k = k.ok_or_else(|| Problem::new("attribute `k`", asked.to_string(), allowed()))?;
    let mut dims = t.dims.clone();
    dims[axis] = k;
    Ok(TensorType::new(dims, Elem::I64))
}

fn numbers(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(0);
    need(t.elem != Elem::I1, || Problem::new("element type", t.to_string(), "numbers"))?;
    Ok(t)
}

/// Index tensors that address a tensor element by element: of its rank, no longer than it on the other axes.
fn beside(t: &TensorType, indices: &TensorType, axis: usize) -> Result<(), Problem> {
    let no_longer = t.dims.iter().zip(&indices.dims).enumerate().all(|(i, (a, b))| i == axis || b <= a);
    need(t.rank() == indices.rank() && no_longer, || {
        let allowed = format!("of the rank of {t}, and no longer on axes other than {axis}");
        Problem::new("indices", indices.to_string(), allowed)
    })
}

pub(in crate::nn) fn gather_elements(op: &OpView<'_>) -> Inferred {
    let (t, indices) = (op.tensor(0), indices(op)?);
    beside(&t, &indices, axis(op, &t)?)?;
    Ok(TensorType::new(indices.dims, t.elem))
}

/// Updates of the element type of `t` and these extents, joined as attribute `reduction` says.
fn updates(op: &OpView<'_>, t: &TensorType, dims: &[u64]) -> Result<(), Problem> {
    let updates = op.tensor(2);
    let want = TensorType::new(dims, t.elem);
    need(updates == want, || Problem::new("updates", updates.to_string(), want.to_string()))?;
    let word = op.attrs.get("reduction").and_then(Attr::as_str);
    let known = word.is_none_or(|w| matches!(w, "add" | "mul" | "max" | "min"));
    need(known, || Problem::new("attribute `reduction`", word.unwrap_or(""), "add, mul, max or min"))?;
    let joins = word.is_none() || t.elem != Elem::I1;
    need(joins, || Problem::new("element type", t.to_string(), "numbers, where updates are joined"))
}

pub(in crate::nn) fn scatter_elements(op: &OpView<'_>) -> Inferred {
    let (t, indices) = (op.tensor(0), indices(op)?);
    beside(&t, &indices, axis(op, &t)?)?;
    updates(op, &t, &indices.dims)?;
    Ok(t)
}

pub(in crate::nn) fn scatter_nd(op: &OpView<'_>) -> Inferred {
    let (t, indices) = (op.tensor(0), indices(op)?);
    let depth = indices.dims.last().and_then(|d| usize::try_from(*d).ok()).unwrap_or(usize::MAX);
    need(depth > 0 && depth <= t.rank(), || {
        Problem::new("indices", indices.to_string(), format!("index vectors no longer than the axes of {t}"))
    })?;
    let mut dims = indices.dims[..indices.rank() - 1].to_vec();
    dims.extend(&t.dims[depth..]);
    updates(op, &t, &dims)?;
    sized(t)
}
