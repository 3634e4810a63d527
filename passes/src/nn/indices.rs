//! Lookups whose indices are known and lie outside their table.

use crate::manager::PassCx;
use prism_dialects::{Attr, Body, Numbers, Op, ValueId};
use prism_support::codes::W0201;
use prism_support::{Diagnostic, Place};

/// Warns of every `nn.gather` that is known to read outside its table.
pub(super) fn warn_outside(body: &Body, cx: &mut PassCx<'_>) {
    let made_by = body.definitions();
    for op in body.ops.iter().filter(|op| op.name() == "nn.gather") {
        let (Some(table), Some(indices)) = (op.operands.first(), op.operands.get(1)) else { continue };
        let axis = op.attr("axis").and_then(Attr::as_int).and_then(|a| usize::try_from(a).ok());
        let rows = body.ty(*table).tensor().zip(axis).and_then(|(t, a)| t.dims.get(a).copied());
        let (Some(rows), Some((least, most))) = (rows, range(body, &made_by, *indices)) else { continue };
        let rows = i128::from(rows);
        if i128::from(most) >= rows || i128::from(least) < -rows {
            let place = Place::Op { name: op.loc.first().into(), op: op.name().into() };
            cx.warn(
                Diagnostic::warning(&W0201, format!("`{}` reads outside its table", op.loc.first()))
                    .at(place)
                    .found(format!("indices from {least} to {most}"))
                    .allowed(format!("indices below {rows}, the rows of the table"))
                    .hint("a shorter `--seq`, if this is a position embedding"),
            );
        }
    }
}

/// The least and largest number of a tensor of integers, where they are known.
fn range(body: &Body, made_by: &[Option<u32>], value: ValueId) -> Option<(i64, i64)> {
    let mut op: &Op = body.ops.get(made_by[value.index()]? as usize)?;
    while matches!(op.name(), "nn.reshape" | "nn.broadcast" | "nn.transpose") {
        op = body.ops.get(made_by[op.operands.first()?.index()]? as usize)?;
    }
    match op.name() {
        "nn.constant" => match &op.attr("value")?.as_dense()?.numbers {
            Numbers::Int(v) => Some((*v.iter().min()?, *v.iter().max()?)),
            Numbers::Float(_) => None,
        },
        "nn.iota" => {
            let (start, step) = (op.attr("start")?.as_int()?, op.attr("step")?.as_int()?);
            let count = body.ty(op.result()?).tensor()?.numel();
            let last = i64::try_from(count.checked_sub(1)?).ok()?.checked_mul(step)?.checked_add(start)?;
            Some((start.min(last), start.max(last)))
        }
        _ => None,
    }
}
