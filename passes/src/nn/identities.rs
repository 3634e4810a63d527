//! Operations that change nothing, or that one operation can do instead of two: exact for every value.

use super::fold_constants::{constant, splat};
use prism_dialects::{Attr, Attrs, Body, Numbers, Op, OpDef, Type, ValueId, registry};
use std::sync::Arc;

/// What an operation can be replaced by.
pub(super) enum Simpler {
    /// A value that equals its result.
    Value(ValueId),
    /// An operation on one operand, with the same result type.
    Op { def: &'static OpDef, operand: ValueId, attrs: Arc<Attrs> },
}

/// A simpler form of `op`, if an identity fits; `made_by` finds the operation that makes a value.
pub(super) fn simpler<'b>(body: &'b Body, op: &Op, made_by: &dyn Fn(ValueId) -> Option<&'b Op>) -> Option<Simpler> {
    let result = body.ty(op.result()?);
    let first = *op.operands.first()?;
    let before = || made_by(first).filter(|inner| inner.name() == op.name());
    let unchanged = body.ty(first) == result;
    match op.name() {
        "nn.reshape" | "nn.broadcast" if unchanged => Some(Simpler::Value(first)),
        "nn.cast" if unchanged => Some(Simpler::Value(first)),
        "nn.reshape" | "nn.broadcast" => {
            let operand = *before()?.operands.first()?;
            Some(Simpler::Op { def: op.def, operand, attrs: op.attrs.clone() })
        }
        "nn.transpose" => transpose(op, first, before()),
        "nn.slice" if unchanged && whole(op) => Some(Simpler::Value(first)),
        "nn.concat" if op.operands.len() == 1 => Some(Simpler::Value(first)),
        "nn.where" => select(body, op, result, made_by(first)?),
        _ => None,
    }
}

fn perm(op: &Op) -> Option<&[i64]> {
    op.attr("perm").and_then(Attr::as_ints)
}

fn transpose(op: &Op, operand: ValueId, before: Option<&Op>) -> Option<Simpler> {
    let outer = perm(op)?;
    if outer.iter().enumerate().all(|(i, p)| usize::try_from(*p) == Ok(i)) {
        return Some(Simpler::Value(operand));
    }
    let before = before?;
    // Axis i of the result is axis outer[i] of the middle, which is axis inner[outer[i]] of the source.
    let inner = perm(before)?;
    let both = outer.iter().map(|p| usize::try_from(*p).ok().and_then(|p| inner.get(p)).copied());
    let attrs = Attrs::from([("perm".to_string(), Attr::Ints(both.collect::<Option<_>>()?))]);
    Some(Simpler::Op { def: op.def, operand: *before.operands.first()?, attrs: attrs.into() })
}

/// Whether a slice that keeps the type takes every element in order: as many as there are on each axis, so any step
/// but 1 could only stand on an axis of one element.
fn whole(op: &Op) -> bool {
    let ints = |name| op.attr(name).and_then(Attr::as_ints).unwrap_or(&[]);
    let (starts, sizes, steps) = (ints("starts"), ints("sizes"), ints("steps"));
    sizes
        .iter()
        .zip(starts)
        .zip(steps)
        .all(|((size, start), step)| *size == 0 || (*start == 0 && (*step == 1 || *size == 1)))
}

/// A selection whose condition repeats one constant.
fn select(body: &Body, op: &Op, result: &Type, condition: &Op) -> Option<Simpler> {
    let Numbers::Int(numbers) = splat(constant(condition)?)?.numbers else { return None };
    let [_, on_true, on_false] = op.operands.as_slice() else { return None };
    let taken = if *numbers.first()? != 0 { *on_true } else { *on_false };
    if body.ty(taken) == result {
        return Some(Simpler::Value(taken));
    }
    Some(Simpler::Op { def: registry::op("nn.broadcast"), operand: taken, attrs: Arc::default() })
}
