//! Shape rules of expert routing.

use super::{Inferred, need, sized};
use crate::define::{OpView, Problem};
use crate::types::{Elem, TensorType};

/// A positive attribute.
fn positive(op: &OpView<'_>, name: &str) -> Result<u64, Problem> {
    let found = op.int(name).unwrap_or(0);
    u64::try_from(found)
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| Problem::new(format!("attribute `{name}`"), found.to_string(), "a positive number"))
}

/// The choices of each token: [T, k].
fn choices(op: &OpView<'_>, index: usize) -> Result<(u64, u64), Problem> {
    let t = op.tensor(index);
    match (t.dims.as_slice(), t.elem) {
        ([tokens, each], Elem::I32 | Elem::I64) => Ok((*tokens, *each)),
        _ => Err(Problem::new("choices", t.to_string(), "[tokens, choices of each] of i64 or i32")),
    }
}

pub(in crate::nn) fn moe_dispatch(op: &OpView<'_>) -> Inferred {
    let x = op.tensor(0);
    let (experts, capacity) = (positive(op, "experts")?, positive(op, "capacity")?);
    let (tokens, _) = choices(op, 1)?;
    match x.dims.as_slice() {
        [rows, width] if *rows == tokens => sized(TensorType::new([experts, capacity, *width], x.elem)),
        _ => Err(Problem::new("x", x.to_string(), format!("[{tokens}, width]: a row for each token of the choices"))),
    }
}

pub(in crate::nn) fn moe_combine(op: &OpView<'_>) -> Inferred {
    let (y, weights) = (op.tensor(0), op.tensor(2));
    let (tokens, each) = choices(op, 1)?;
    let [_, _, width] = y.dims.as_slice() else {
        return Err(Problem::new("y", y.to_string(), "[experts, capacity, width]"));
    };
    need(y.elem.is_float(), || Problem::new("element type", y.to_string(), "a floating-point tensor"))?;
    let want = TensorType::new([tokens, each], y.elem);
    need(weights == want, || Problem::new("weights", weights.to_string(), want.to_string()))?;
    sized(TensorType::new([tokens, *width], y.elem))
}
