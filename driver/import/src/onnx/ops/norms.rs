//! Norms.

use super::reductions::over;
use super::{Converted, axis_of, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, Attrs};

/// What ONNX adds to a variance where the node says nothing.
const EPSILON: f64 = 1e-5;

/// Attributes of a norm, and the extents that its scale has.
fn form(cx: &mut Lower<'_>, node: &Node<'_>) -> Result<(usize, Vec<u64>, Attrs), Fault> {
    if !matches!(node.int("stash_type")?, None | Some(1)) {
        return Err(node.unsupported("with a stash_type other than float"));
    }
    let ty = cx.ty(node.operand(0)?).clone();
    let axis = axis_of(node.int("axis")?.unwrap_or(-1), ty.rank(), "attribute `axis`")?;
    let epsilon = node.float("epsilon")?.map_or(EPSILON, f64::from);
    let attrs = attrs([("axis", Attr::Int(whole(axis))), ("epsilon", Attr::float(epsilon))]);
    Ok((axis, ty.dims.get(axis..).unwrap_or(&[]).to_vec(), attrs))
}

/// `LayerNormalization`, with mean and inverse deviation where they are asked for.
pub(super) fn layer_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let (axis, row, attrs) = form(cx, node)?;
    let mut operands = vec![x];
    for part in [Some(node.operand(1)?), node.maybe(2)].into_iter().flatten() {
        operands.push(cx.broadcast(part, row.clone())?);
    }
    let mut out = vec![cx.op_with("nn.layer_norm", &operands, attrs)?];
    if node.proto.output.len() > 1 {
        let axes: Vec<usize> = (axis..cx.ty(x).rank()).collect();
        let (mean, variance) = moments(cx, x, &axes)?;
        let epsilon = cx.scalar(node.float("epsilon")?.map_or(EPSILON, f64::from), cx.ty(x).elem);
        let raised = cx.op("nn.add", &[variance, epsilon])?;
        out.extend([mean, cx.op("nn.rsqrt", &[raised])?]);
    }
    Ok(out)
}

/// Mean and mean square deviation over axes, which stay with extent 1.
fn moments(cx: &mut Lower<'_>, x: Val, axes: &[usize]) -> Result<(Val, Val), Fault> {
    let mean = cx.op_with("nn.reduce_mean", &[x], over(axes, true))?;
    let apart = cx.op("nn.sub", &[x, mean])?;
    let squared = cx.op("nn.mul", &[apart, apart])?;
    Ok((mean, cx.op_with("nn.reduce_mean", &[squared], over(axes, true))?))
}

/// `RMSNormalization`: the result has the type of the scale, which may be another than that of x.
pub(super) fn rms_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (_, row, attrs) = form(cx, node)?;
    let scale = cx.broadcast(node.operand(1)?, row)?;
    let elem = cx.ty(scale).elem;
    let x = cx.cast(node.operand(0)?, elem)?;
    Ok(vec![cx.op_with("nn.rms_norm", &[x, scale], attrs)?])
}

/// Each of `groups` parts of the channels (axis 1) made mean 0 and variance 1.
fn standardised(cx: &mut Lower<'_>, node: &Node<'_>, groups: u64) -> Result<Val, Fault> {
    let x = node.operand(0)?;
    let dims = cx.ty(x).dims.clone();
    let [batch, channels, inner @ ..] = dims.as_slice() else {
        return Err(shape("operand", cx.ty(x).to_string(), "batch and channels at least"));
    };
    if groups == 0 || !channels.is_multiple_of(groups) {
        return Err(shape("groups", format!("{groups} of {channels} channels"), "a divisor of the channels"));
    }
    let each = inner.iter().fold(channels / groups, |n, d| n.saturating_mul(*d));
    let rows = cx.reshape(x, vec![*batch, groups, each])?;
    let (mean, variance) = moments(cx, rows, &[2])?;
    let epsilon = cx.scalar(node.float("epsilon")?.map_or(EPSILON, f64::from), cx.ty(x).elem);
    let raised = cx.op("nn.add", &[variance, epsilon])?;
    let (apart, by) = (cx.op("nn.sub", &[rows, mean])?, cx.op("nn.rsqrt", &[raised])?);
    let made = cx.op("nn.mul", &[apart, by])?;
    cx.reshape(made, dims)
}

/// `x` times scale plus bias, each with a number for every `parts`-th of axis 1.
fn affine(cx: &mut Lower<'_>, x: Val, scale: Val, bias: Val, parts: u64) -> Converted {
    let dims = cx.ty(x).dims.clone();
    let channels = dims.get(1).copied().unwrap_or(1);
    let each = channels.checked_div(parts).unwrap_or(1);
    let mut place = vec![1u64; dims.len().saturating_sub(1)];
    if let Some(first) = place.first_mut() {
        *first = channels;
    }
    let mut spread = |part: Val| {
        let column = cx.reshape(part, vec![parts, 1])?;
        let wide = cx.broadcast(column, vec![parts, each])?;
        cx.reshape(wide, place.clone())
    };
    let (scale, bias) = (spread(scale)?, spread(bias)?);
    let scaled = cx.op("nn.mul", &[x, scale])?;
    Ok(vec![cx.op("nn.add", &[scaled, bias])?])
}

/// `GroupNormalization`: scale and bias have a number for each group up to opset 20, for each channel from 21 on.
pub(super) fn group_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let groups = node.int("num_groups")?.and_then(|n| u64::try_from(n).ok());
    let groups = groups.ok_or_else(|| shape("attribute `num_groups`", "absent or negative", "a number of groups"))?;
    let made = standardised(cx, node, groups)?;
    let channels = cx.ty(made).dims.get(1).copied().unwrap_or(0);
    affine(cx, made, node.operand(1)?, node.operand(2)?, if node.opset < 21 { groups } else { channels })
}

/// `InstanceNormalization`: each channel a group.
pub(super) fn instance_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let channels = cx.ty(node.operand(0)?).dims.get(1).copied().unwrap_or(0);
    let made = standardised(cx, node, channels)?;
    affine(cx, made, node.operand(1)?, node.operand(2)?, channels)
}

/// `LpNormalization`: x divided by the sum of sizes, or by the root of the sum of squares, along an axis.
pub(super) fn lp_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let axis = axis_of(node.int("axis")?.unwrap_or(-1), cx.ty(x).rank(), "attribute `axis`")?;
    let p = node.int("p")?.unwrap_or(2);
    let sizes = match p {
        1 => cx.op("nn.abs", &[x])?,
        2 => cx.op("nn.mul", &[x, x])?,
        other => return Err(node.unsupported(format_args!("with p = {other}"))),
    };
    let mut norm = cx.op_with("nn.reduce_sum", &[sizes], over(&[axis], true))?;
    if p == 2 {
        norm = cx.op("nn.sqrt", &[norm])?;
    }
    Ok(vec![cx.op("nn.div", &[x, norm])?])
}
