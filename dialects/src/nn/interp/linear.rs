//! Matrix product.

use super::{Value, Walk, broadcast_strides, check, count, extent, finish, flag};
use crate::attr::Attrs;
use crate::define::OpDef;
use crate::interp::{Data, Tensor};
use crate::types::TensorType;

/// No interpreted product may need more multiply-accumulates: about a second.
pub(super) const MAX_MACS: u128 = 1 << 30;

/// One matrix of a batch: element (i, j) is at `base + i * rows + j * columns`.
#[derive(Clone, Copy)]
struct Matrix {
    base: usize,
    rows: usize,
    columns: usize,
}

impl Matrix {
    fn at(self, i: usize, j: usize) -> usize {
        self.base + i * self.rows + j * self.columns
    }
}

/// The matrices of `t`, one per batch index of the result, its flag applied.
fn matrices(t: &TensorType, transposed: bool, lead: &[u64]) -> Vec<Matrix> {
    let (t_lead, inner) = t.dims.split_at(t.rank() - 2);
    let (r, c) = (extent(inner[0]), extent(inner[1]));
    let (rows, columns) = if transposed { (1, c) } else { (c, 1) };
    let starts = Walk::new(lead, broadcast_strides(t_lead, lead.len()), 0);
    starts.map(|i| Matrix { base: i * r * c, rows, columns }).collect()
}

/// `nn.matmul`.
pub(in crate::nn) fn matmul(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [lhs, rhs] = args else { return Err("two operands expected".into()) };
    if count(ty) == 0 {
        // Leading axes may be huge when another extent is 0.
        return finish(ty, super::pick(&lhs.data, std::iter::empty())?);
    }
    let (lead, inner) = ty.dims.split_at(ty.rank() - 2);
    let (m, n) = (extent(inner[0]), extent(inner[1]));
    let (swap_lhs, swap_rhs) = (flag(attrs, "transpose_lhs"), flag(attrs, "transpose_rhs"));
    let from_end = if swap_lhs { 2 } else { 1 };
    let k = extent(lhs.ty.dims[lhs.ty.rank() - from_end]);
    if u128::from(ty.numel()) * k as u128 > MAX_MACS {
        return Err(format!("{} by {} is too much to interpret", lhs.ty, rhs.ty));
    }
    let a = matrices(&lhs.ty, swap_lhs, lead);
    let b = matrices(&rhs.ty, swap_rhs, lead);
    let cells = a.iter().zip(&b).flat_map(|(a, b)| {
        let (a, b) = (*a, *b);
        (0..m).flat_map(move |i| (0..n).map(move |j| (a, b, i, j)))
    });
    let data = match (&lhs.data, &rhs.data) {
        (Data::Float(x), Data::Float(y)) => {
            let mut out = Vec::with_capacity(count(ty));
            out.extend(cells.map(|(a, b, i, j)| (0..k).map(|p| x[a.at(i, p)] * y[b.at(p, j)]).sum::<f64>()));
            Data::Float(out)
        }
        (Data::Int(x), Data::Int(y)) => {
            let dot = |(a, b, i, j): (Matrix, Matrix, usize, usize)| {
                (0..k).try_fold(0i64, |sum, p| sum.checked_add(x[a.at(i, p)].checked_mul(y[b.at(p, j)])?))
            };
            let out: Option<Vec<i64>> = cells.map(dot).collect();
            Data::Int(out.ok_or("`nn.matmul` of integers overflows")?)
        }
        _ => return Err("operands of different kinds".into()),
    };
    finish(ty, data)
}
