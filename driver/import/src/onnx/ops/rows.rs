//! Softmax and running sums.

use super::{Converted, axis_of, whole};
use crate::onnx::fault::shape;
use crate::onnx::lower::{Lower, attrs};
use crate::onnx::node::Node;
use prism_dialects::Attr;

/// `Softmax` along one axis, as since opset 13.
pub(super) fn softmax(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let axis = axis_of(node.int("axis")?.unwrap_or(-1), cx.ty(x).rank(), "attribute `axis`")?;
    Ok(vec![cx.op_with("nn.softmax", &[x], attrs([("axis", Attr::Int(whole(axis)))]))?])
}

/// `LogSoftmax`: x - max x - log(sum e^(x - max x)), which never takes the logarithm of zero.
pub(super) fn log_softmax(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let axis = axis_of(node.int("axis")?.unwrap_or(-1), cx.ty(x).rank(), "attribute `axis`")?;
    let along = || attrs([("axes", Attr::Ints(vec![whole(axis)])), ("keepdims", Attr::Bool(true))]);
    let largest = cx.op_with("nn.reduce_max", &[x], along())?;
    let shifted = cx.op("nn.sub", &[x, largest])?;
    let grown = cx.op("nn.exp", &[shifted])?;
    let sum = cx.op_with("nn.reduce_sum", &[grown], along())?;
    let log = cx.op("nn.log", &[sum])?;
    Ok(vec![cx.op("nn.sub", &[shifted, log])?])
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
