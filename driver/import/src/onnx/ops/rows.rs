//! Softmax and running sums.

use super::reductions::over;
use super::{Converted, axis_of, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::Attr;

/// `Softmax`.
pub(super) fn softmax(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    lines(cx, node, |cx, x, axis| cx.op_with("nn.softmax", &[x], attrs([("axis", Attr::Int(whole(axis)))])))
}

/// `LogSoftmax`: x - max x - log(sum e^(x - max x)), which never takes the logarithm of zero.
pub(super) fn log_softmax(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    lines(cx, node, |cx, x, axis| {
        let largest = cx.op_with("nn.reduce_max", &[x], over(&[axis], true))?;
        let shifted = cx.op("nn.sub", &[x, largest])?;
        let grown = cx.op("nn.exp", &[shifted])?;
        let sum = cx.op_with("nn.reduce_sum", &[grown], over(&[axis], true))?;
        let log = cx.op("nn.log", &[sum])?;
        cx.op("nn.sub", &[shifted, log])
    })
}

/// Applies `convert` along one axis; up to opset 12, along that axis and all behind it as one.
fn lines(
    cx: &mut Lower<'_>,
    node: &Node<'_>,
    convert: fn(&mut Lower<'_>, Val, usize) -> Result<Val, Fault>,
) -> Converted {
    let x = node.operand(0)?;
    let dims = cx.ty(x).dims.clone();
    let default = if node.opset < 13 { 1 } else { -1 };
    let axis = axis_of(node.int("axis")?.unwrap_or(default), dims.len(), "attribute `axis`")?;
    if node.opset >= 13 || axis + 1 == dims.len() {
        return Ok(vec![convert(cx, x, axis)?]);
    }
    let (rows, columns) = dims.split_at(axis);
    let product = |part: &[u64]| part.iter().fold(1u64, |n, d| n.saturating_mul(*d));
    let flat = cx.reshape(x, vec![product(rows), product(columns)])?;
    let made = convert(cx, flat, 1)?;
    Ok(vec![cx.reshape(made, dims)?])
}

/// `CumSum`: its axis is an operand.
pub(super) fn cumsum(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let given = cx.ints(node.operand(1)?, "the axis")?;
    let [axis] = given[..] else { return Err(shape("axis", format!("{given:?}"), "one number")) };
    let axis = axis_of(axis, cx.ty(x).rank(), "axis")?;
    let mut out = attrs([("axis", Attr::Int(whole(axis)))]);
    for name in ["exclusive", "reverse"] {
        if node.flag(name, false)? {
            out.extend(attrs([(name, Attr::Bool(true))]));
        }
    }
    Ok(vec![cx.op_with("nn.cumsum", &[x], out)?])
}
