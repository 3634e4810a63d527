//! Softmax, norms, reductions, running sums.

use super::{Converted, axes_of, axis_of, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, Attrs};

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

/// `LayerNormalization`; mean and inverse deviation as results are not offered.
pub(super) fn layer_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    if !matches!(node.int("stash_type")?, None | Some(1)) {
        return Err(node.unsupported("with a stash_type other than float"));
    }
    let ty = cx.ty(x).clone();
    let axis = axis_of(node.int("axis")?.unwrap_or(-1), ty.rank(), "attribute `axis`")?;
    let mut operands = vec![x];
    for part in [Some(node.operand(1)?), node.maybe(2)].into_iter().flatten() {
        operands.push(cx.broadcast(part, ty.dims[axis..].to_vec())?);
    }
    // The default of ONNX.
    let epsilon = f64::from(node.float("epsilon")?.unwrap_or(1e-5));
    let attrs = attrs([("axis", Attr::Int(whole(axis))), ("epsilon", Attr::float(epsilon))]);
    Ok(vec![cx.op_with("nn.layer_norm", &operands, attrs)?])
}

/// Axes as an attribute (up to opset 17, `ReduceSum` excepted) or as an operand. Without axes: all of them, or none
/// with `noop_with_empty_axes`.
fn reduction(cx: &mut Lower<'_>, node: &Node<'_>) -> Result<Option<Attrs>, Fault> {
    let rank = cx.ty(node.operand(0)?).rank();
    let given = match node.maybe(1) {
        Some(axes) => cx.ints(axes, "the axes")?,
        None => node.ints("axes")?.unwrap_or(&[]).to_vec(),
    };
    let axes = match (given.is_empty(), node.flag("noop_with_empty_axes", false)?) {
        (true, true) => return Ok(None),
        (true, false) => (0..rank).collect(),
        (false, _) => axes_of(&given, rank, "axes")?,
    };
    let axes = Attr::Ints(axes.into_iter().map(whole).collect());
    let keep = node.flag("keepdims", true)?;
    let mut out = attrs([("axes", axes)]);
    if keep {
        out.extend(attrs([("keepdims", Attr::Bool(true))]));
    }
    Ok(Some(out))
}

/// A reduction that `nn` has.
pub(super) fn reduce(cx: &mut Lower<'_>, node: &Node<'_>, name: &'static str) -> Converted {
    let x = node.operand(0)?;
    match reduction(cx, node)? {
        Some(attrs) => Ok(vec![cx.op_with(name, &[x], attrs)?]),
        None => Ok(vec![x]),
    }
}

fn sum_of_squares(cx: &mut Lower<'_>, node: &Node<'_>) -> Result<Val, Fault> {
    let x = node.operand(0)?;
    let squared = cx.op("nn.mul", &[x, x])?;
    match reduction(cx, node)? {
        Some(attrs) => cx.op_with("nn.reduce_sum", &[squared], attrs),
        None => Ok(squared),
    }
}

/// `ReduceSumSquare`: sum of squares.
pub(super) fn reduce_sum_square(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    Ok(vec![sum_of_squares(cx, node)?])
}

/// `ReduceL2`: square root of the sum of squares.
pub(super) fn reduce_l2(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let sum = sum_of_squares(cx, node)?;
    Ok(vec![cx.op("nn.sqrt", &[sum])?])
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
