//! Quantisation, written out: what is stored in few bits is a number minus a zero point, times a scale.

use super::linear::product;
use super::{Converted, axis_of};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val};
use crate::onnx::node::Node;
use crate::onnx::tensor::element_type;
use prism_dialects::{Elem, TensorType};

/// Attributes of `QuantizeLinear`; `saturate` is about types of 8-bit floats, which are not supported.
pub(super) const ATTRIBUTES: &[&str] = &["axis", "block_size", "output_dtype", "saturate"];

/// The element type that attribute `output_dtype` names.
fn asked(node: &Node<'_>) -> Result<Option<Elem>, Fault> {
    let Some(code) = node.int("output_dtype")?.filter(|code| *code != 0) else { return Ok(None) };
    let elem = element_type(i32::try_from(code).unwrap_or(-1));
    elem.map(Some).map_err(|name| node.unsupported(format_args!("to element type {name}")))
}

/// A scale or zero point, shaped to broadcast with `x`: one number, one for each index of an axis, or one for each block
/// of it.
fn spread(cx: &mut Lower<'_>, node: &Node<'_>, part: Val, x: &TensorType) -> Result<Val, Fault> {
    let ty = cx.ty(part).clone();
    let block = node.int("block_size")?.unwrap_or(0);
    if block == 0 && ty.numel() == 1 {
        return cx.reshape(part, vec![]);
    }
    let axis = axis_of(node.int("axis")?.unwrap_or(1), x.rank(), "attribute `axis`")?;
    if block == 0 {
        let mut dims = vec![1; x.rank() - axis];
        if let Some(first) = dims.first_mut() {
            *first = ty.numel();
        }
        return cx.reshape(part, dims);
    }
    let extent = x.dims.get(axis).copied().unwrap_or(0);
    let blocks = ty.dims.get(axis).copied().unwrap_or(0);
    let fills = |b: &u64| *b > 0 && ty.rank() == x.rank() && blocks.checked_mul(*b) == Some(extent);
    let each = u64::try_from(block).ok().filter(fills);
    let each = each.ok_or_else(|| {
        shape("attribute `block_size`", format!("{block} with {blocks} blocks"), format!("blocks that fill {extent}"))
    })?;
    let mut dims = ty.dims.clone();
    dims.insert(axis + 1, 1);
    let apart = cx.reshape(part, dims.clone())?;
    if let Some(d) = dims.get_mut(axis + 1) {
        *d = each;
    }
    let wide = cx.broadcast(apart, dims)?;
    cx.reshape(wide, x.dims.clone())
}

/// `DequantizeLinear`: (x - zero point) scale.
pub(super) fn dequantise(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (x, scale) = (node.operand(0)?, node.operand(1)?);
    let ty = cx.ty(x).clone();
    let scale = spread(cx, node, scale, &ty)?;
    let zero = node.maybe(2).map(|zero| spread(cx, node, zero, &ty)).transpose()?;
    let made = widened(cx, x, zero, scale)?;
    let elem = asked(node)?.unwrap_or(cx.ty(made).elem);
    Ok(vec![cx.cast(made, elem)?])
}

/// (x - zero) scale, in the type of the scale.
fn widened(cx: &mut Lower<'_>, x: Val, zero: Option<Val>, scale: Val) -> Result<Val, Fault> {
    let elem = cx.ty(scale).elem;
    let mut wide = cx.cast(x, elem)?;
    if let Some(zero) = zero {
        let zero = cx.cast(zero, elem)?;
        wide = cx.op("nn.sub", &[wide, zero])?;
    }
    cx.op("nn.mul", &[wide, scale])
}

/// Smallest and largest number of a type of few bits.
fn range(elem: Elem) -> Option<(f64, f64)> {
    match elem {
        Elem::U8 => Some((0.0, 255.0)),
        Elem::I8 => Some((-128.0, 127.0)),
        Elem::I16 => Some((-32768.0, 32767.0)),
        _ => None,
    }
}

/// round(x / scale) + zero, kept in the range of `elem`; halves are rounded to even numbers.
fn narrowed(cx: &mut Lower<'_>, x: Val, zero: Option<Val>, scale: Val, elem: Elem) -> Result<Val, Fault> {
    let ty = TensorType::new([], elem);
    let (low, high) = range(elem).ok_or_else(|| shape("zero point", ty.to_string(), "8 or 16 bits"))?;
    let wide = cx.ty(scale).elem;
    let x = cx.cast(x, wide)?;
    let ratio = cx.op("nn.div", &[x, scale])?;
    let mut whole = cx.op("nn.round", &[ratio])?;
    if let Some(zero) = zero {
        let zero = cx.cast(zero, wide)?;
        whole = cx.op("nn.add", &[whole, zero])?;
    }
    let (low, high) = (cx.scalar(low, wide), cx.scalar(high, wide));
    let above = cx.op("nn.max", &[whole, low])?;
    let kept = cx.op("nn.min", &[above, high])?;
    cx.cast(kept, elem)
}

/// `QuantizeLinear`: to the type of the zero point, or to bytes.
pub(super) fn quantise(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (x, scale) = (node.operand(0)?, node.operand(1)?);
    let ty = cx.ty(x).clone();
    let elem = match (asked(node)?, node.maybe(2)) {
        (Some(elem), _) => elem,
        (None, Some(zero)) => cx.ty(zero).elem,
        (None, None) => Elem::U8,
    };
    let scale = spread(cx, node, scale, &ty)?;
    let zero = node.maybe(2).map(|zero| spread(cx, node, zero, &ty)).transpose()?;
    Ok(vec![narrowed(cx, x, zero, scale, elem)?])
}

/// `DynamicQuantizeLinear`: bytes, with scale and zero point from the smallest and largest number and 0.
pub(super) fn dynamic(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let (elem, rank) = (cx.ty(x).elem, cx.ty(x).rank());
    let axes: Vec<usize> = (0..rank).collect();
    let zero = cx.scalar(0.0, elem);
    let mut end = |reduce: &'static str, join: &'static str| {
        let found = cx.op_with(reduce, &[x], super::reductions::over(&axes, false))?;
        cx.op(join, &[found, zero])
    };
    let (low, high) = (end("nn.reduce_min", "nn.min")?, end("nn.reduce_max", "nn.max")?);
    let (span, steps) = (cx.op("nn.sub", &[high, low])?, cx.scalar(255.0, elem));
    let scale = cx.op("nn.div", &[span, steps])?;
    let below = cx.op("nn.sub", &[zero, low])?;
    let point = narrowed(cx, below, None, scale, Elem::U8)?;
    Ok(vec![narrowed(cx, x, Some(point), scale, Elem::U8)?, scale, point])
}

/// A zero point or scale with one number for each row of a matrix; it broadcasts over columns.
fn for_rows(cx: &mut Lower<'_>, part: Val) -> Result<Val, Fault> {
    match cx.ty(part).dims[..] {
        [1] => cx.reshape(part, vec![]),
        [n] => cx.reshape(part, vec![n, 1]),
        _ => Ok(part),
    }
}

/// `MatMulInteger`: a product of whole numbers, each minus its zero point.
pub(super) fn matmul_integer(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let mut sides = [node.operand(0)?, node.operand(1)?];
    for (i, side) in sides.iter_mut().enumerate() {
        *side = cx.cast(*side, Elem::I32)?;
        if let Some(zero) = node.maybe(2 + i) {
            let zero = if i == 0 { for_rows(cx, zero)? } else { zero };
            let zero = cx.cast(zero, Elem::I32)?;
            *side = cx.op("nn.sub", &[*side, zero])?;
        }
    }
    let [a, b] = sides;
    Ok(vec![product(cx, a, b)?])
}

/// `QLinearMatMul`: both operands widened, their product narrowed.
pub(super) fn matmul(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let part = |i: usize| node.operand(i);
    let (scale, zero) = (for_rows(cx, part(1)?)?, for_rows(cx, part(2)?)?);
    let a = widened(cx, part(0)?, Some(zero), scale)?;
    let b = widened(cx, part(3)?, Some(part(5)?), part(4)?)?;
    let made = product(cx, a, b)?;
    let (scale, zero) = (for_rows(cx, part(6)?)?, for_rows(cx, part(7)?)?);
    let elem = cx.ty(zero).elem;
    Ok(vec![narrowed(cx, made, Some(zero), scale, elem)?])
}
