//! Reductions over axes.

use super::{Converted, axes_of, whole};
use crate::onnx::fault::Fault;
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, Attrs, Elem};

/// Axes as an attribute (up to opset 17, `ReduceSum` excepted) or as an operand. Without axes: all of them, or none
/// with `noop_with_empty_axes`.
fn axes(cx: &mut Lower<'_>, node: &Node<'_>) -> Result<Option<Vec<usize>>, Fault> {
    let rank = cx.ty(node.operand(0)?).rank();
    let given = match node.maybe(1) {
        Some(axes) => cx.ints(axes, "the axes")?,
        None => node.ints("axes")?.unwrap_or(&[]).to_vec(),
    };
    match (given.is_empty(), node.flag("noop_with_empty_axes", false)?) {
        (true, true) => Ok(None),
        (true, false) => Ok(Some((0..rank).collect())),
        (false, _) => Ok(Some(axes_of(&given, rank, "axes")?)),
    }
}

/// Attributes of a reduction.
pub(super) fn over(axes: &[usize], keep: bool) -> Attrs {
    let mut out = attrs([("axes", Attr::Ints(axes.iter().map(|a| whole(*a)).collect()))]);
    if keep {
        out.extend(attrs([("keepdims", Attr::Bool(true))]));
    }
    out
}

/// `x` reduced as the node says.
fn reduced(cx: &mut Lower<'_>, node: &Node<'_>, name: &'static str, x: Val) -> Result<Val, Fault> {
    let Some(axes) = axes(cx, node)? else { return Ok(x) };
    let over = over(&axes, node.flag("keepdims", true)?);
    // Largest and smallest of booleans, from opset 20 on: as numbers.
    if cx.ty(x).elem == Elem::I1 {
        let numbers = cx.cast(x, Elem::U8)?;
        let made = cx.op_with(name, &[numbers], over)?;
        return cx.cast(made, Elem::I1);
    }
    cx.op_with(name, &[x], over)
}

/// A reduction that `nn` has.
pub(super) fn reduce(cx: &mut Lower<'_>, node: &Node<'_>, name: &'static str) -> Converted {
    Ok(vec![reduced(cx, node, name, node.operand(0)?)?])
}

/// `ReduceL1`: sum of sizes.
pub(super) fn l1(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let size = cx.op("nn.abs", &[node.operand(0)?])?;
    Ok(vec![reduced(cx, node, "nn.reduce_sum", size)?])
}

fn squares(cx: &mut Lower<'_>, node: &Node<'_>) -> Result<Val, Fault> {
    let x = node.operand(0)?;
    let squared = cx.op("nn.mul", &[x, x])?;
    reduced(cx, node, "nn.reduce_sum", squared)
}

/// `ReduceSumSquare`: sum of squares.
pub(super) fn sum_square(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    Ok(vec![squares(cx, node)?])
}

/// `ReduceL2`: square root of the sum of squares.
pub(super) fn l2(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let sum = squares(cx, node)?;
    Ok(vec![cx.op("nn.sqrt", &[sum])?])
}

/// `ReduceLogSum`: logarithm of the sum.
pub(super) fn log_sum(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let sum = reduced(cx, node, "nn.reduce_sum", node.operand(0)?)?;
    Ok(vec![cx.op("nn.log", &[sum])?])
}

/// `ReduceLogSumExp`: max x + log(sum e^(x - max x)), whose exponentials never overflow.
pub(super) fn log_sum_exp(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let Some(axes) = axes(cx, node)? else { return Ok(vec![x]) };
    let largest = cx.op_with("nn.reduce_max", &[x], over(&axes, true))?;
    let shifted = cx.op("nn.sub", &[x, largest])?;
    let grown = cx.op("nn.exp", &[shifted])?;
    let sum = cx.op_with("nn.reduce_sum", &[grown], over(&axes, node.flag("keepdims", true)?))?;
    let log = cx.op("nn.log", &[sum])?;
    let dims = cx.ty(log).dims.clone();
    let largest = cx.reshape(largest, dims)?;
    Ok(vec![cx.op("nn.add", &[largest, log])?])
}
