//! Causal masks, found by what they are rather than by how they are written.

use super::known::{Known, Scalar, known};
use super::program::{Found, Program, attrs};
use super::{Kind, Pattern};
use prism_dialects::{Attr, Attrs, Elem, Op, ValueId};

pub(super) static PATTERN: Pattern = Pattern {
    name: "causal-mask",
    makes: "nn.causal_mask",
    kind: Kind::Reassociating,
    doc: "A mask that hides from each query the keys that come after it, the last query seeing all keys. Zeros of either sign are 0.",
    forms: "anything that is true, or 0, where column j <= row i + columns - rows, and false, or one number of -1000 or less, elsewhere: \
            positions compared, triangles, constants, and choices and arithmetic on them",
    roots: &[
        "nn.constant",
        "nn.less",
        "nn.less_equal",
        "nn.greater",
        "nn.greater_equal",
        "nn.and",
        "nn.or",
        "nn.not",
        "nn.where",
        "nn.mul",
        "nn.add",
        "nn.sub",
        "nn.broadcast",
        "nn.reshape",
        "nn.cast",
        "nn.slice",
    ],
    apply: mask,
};

/// A value as a causal mask of more than one query: what stands where a key is hidden, `None` for booleans.
pub(super) fn as_mask(p: &Program<'_>, value: ValueId) -> Option<Option<f64>> {
    let ty = p.ty(value);
    let [.., m, n] = ty.dims.as_slice() else { return None };
    let Known::Step { row, column, offset, inside, outside } = known(p, value) else { return None };
    let last = row + 2 == ty.rank() && column + 1 == ty.rank();
    let aligned = i64::try_from(*n).ok()?.checked_sub(i64::try_from(*m).ok()?) == Some(offset) && offset >= 0 && *m > 1;
    match (inside, outside) {
        _ if !last || !aligned => None,
        (Scalar::Int(1), Scalar::Int(0)) if ty.elem == Elem::I1 => Some(None),
        // Less than that hides nothing for certain.
        (Scalar::Float(0.0), Scalar::Float(fill)) if fill <= -1000.0 => Some(Some(fill)),
        _ => None,
    }
}

fn mask(p: &Program<'_>, op: &Op) -> Option<Found> {
    let given = match as_mask(p, op.result()?)? {
        Some(fill) => attrs([("fill", Attr::float(fill))]),
        None => Attrs::new(),
    };
    Some(Found { name: "nn.causal_mask", operands: Vec::new(), attrs: given })
}
