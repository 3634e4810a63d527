//! `Pad`: parts set before and behind each axis, or taken away.

use super::indexing::part;
use super::shaping::joined;
use super::{Converted, axes_of, axis_of, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val};
use crate::onnx::node::Node;
use prism_dialects::TensorType;

/// What new places hold.
#[derive(Clone, Copy)]
enum Mode {
    /// This scalar.
    Constant(Val),
    /// The outermost element.
    Edge,
    /// The axis mirrored, its outermost element not repeated.
    Reflect,
    /// The axis again, from its other end.
    Wrap,
}

/// `Pad`.
pub(super) fn pad(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let mut x = node.operand(0)?;
    let rank = cx.ty(x).rank();
    let pads = cx.ints(node.operand(1)?, "the pads")?;
    let axes: Vec<usize> = match node.maybe(3) {
        Some(axes) => {
            let axes = cx.ints(axes, "the axes")?;
            axes_of(&axes, rank, "axes")?;
            axes.iter().map(|a| axis_of(*a, rank, "axes")).collect::<Result<_, _>>()?
        }
        None => (0..rank).collect(),
    };
    if pads.len() != axes.len().saturating_mul(2) {
        let found = format!("{} numbers for {} axes", pads.len(), axes.len());
        return Err(shape("pads", found, "two numbers for each axis"));
    }
    let mode = mode(cx, node)?;
    let (before, after) = pads.split_at(axes.len());
    for ((axis, before), after) in axes.iter().zip(before).zip(after) {
        x = along(cx, x, *axis, [*before, *after], mode)?;
    }
    Ok(vec![x])
}

fn mode(cx: &mut Lower<'_>, node: &Node<'_>) -> Result<Mode, Fault> {
    Ok(match node.text("mode")?.unwrap_or("constant") {
        "constant" => Mode::Constant(match node.maybe(2) {
            Some(value) => cx.reshape(value, vec![])?,
            None => {
                let elem = cx.ty(node.operand(0)?).elem;
                cx.scalar(0.0, elem)
            }
        }),
        "edge" => Mode::Edge,
        "reflect" => Mode::Reflect,
        "wrap" => Mode::Wrap,
        other => return Err(node.unsupported(format_args!("with mode = \"{other}\""))),
    })
}

/// `x` with an axis padded: what is taken away first, then what is set before and behind.
fn along(cx: &mut Lower<'_>, x: Val, axis: usize, [before, after]: [i64; 2], mode: Mode) -> Result<Val, Fault> {
    let given = extent(cx, x, axis);
    let (cut_before, cut_after) = (before.min(0).saturating_neg(), after.min(0).saturating_neg());
    let left = given.saturating_sub(cut_before).saturating_sub(cut_after);
    if left < 0 {
        return Err(shape("pads", format!("{before} and {after} on axis {axis}"), format!("no less than -{given}")));
    }
    let core = part(cx, x, axis, [if left == 0 { 0 } else { cut_before }, left, 1])?;
    let mut parts = Vec::with_capacity(3);
    if before > 0 {
        parts.push(filler(cx, core, axis, before, mode, true)?);
    }
    parts.push(core);
    if after > 0 {
        parts.push(filler(cx, core, axis, after, mode, false)?);
    }
    joined(cx, &parts, axis)
}

fn extent(cx: &Lower<'_>, x: Val, axis: usize) -> i64 {
    cx.ty(x).dims.get(axis).map_or(0, |d| whole(*d))
}

/// What `n` new places hold, before the axis or behind it.
fn filler(cx: &mut Lower<'_>, x: Val, axis: usize, n: i64, mode: Mode, before: bool) -> Result<Val, Fault> {
    let have = extent(cx, x, axis);
    let most = match mode {
        Mode::Constant(value) => {
            let dims = widened(cx.ty(x), axis, n);
            return cx.broadcast(value, dims);
        }
        Mode::Edge => have.min(1).saturating_mul(n),
        Mode::Reflect => have.saturating_sub(1),
        Mode::Wrap => have,
    };
    if n > most {
        return Err(shape("pads", format!("{n} on axis {axis}"), format!("at most {most}, as the axis has {have}")));
    }
    match mode {
        Mode::Edge => {
            let edge = part(cx, x, axis, [if before { 0 } else { have - 1 }, 1, 1])?;
            let dims = widened(cx.ty(x), axis, n);
            cx.broadcast(edge, dims)
        }
        Mode::Reflect => part(cx, x, axis, [if before { n } else { have - 2 }, n, -1]),
        _ => part(cx, x, axis, [if before { have - n } else { 0 }, n, 1]),
    }
}

/// The extents of `ty` with `n` on that axis.
fn widened(ty: &TensorType, axis: usize, n: i64) -> Vec<u64> {
    let n = u64::try_from(n).unwrap_or(0);
    ty.dims.iter().enumerate().map(|(i, d)| if i == axis { n } else { *d }).collect()
}
