//! Operators that pick elements by index or find where they are, and those that put some there.

use super::indexing::part;
use super::leaves::positions;
use super::{Converted, axis_of, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, Attrs, Elem, Numbers, TensorType};

/// Attribute `axis` of an operator on its first operand.
fn axis(cx: &Lower<'_>, node: &Node<'_>, default: i64) -> Result<usize, Fault> {
    axis_of(node.int("axis")?.unwrap_or(default), cx.ty(node.operand(0)?).rank(), "attribute `axis`")
}

fn on(axis: usize) -> Attrs {
    attrs([("axis", Attr::Int(whole(axis)))])
}

/// `GatherElements`.
pub(super) fn gather_elements(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let axis = axis(cx, node, 0)?;
    Ok(vec![cx.op_with("nn.gather_elements", &node.all()?, on(axis))?])
}

/// How updates are joined with what is there; nothing where they replace it.
fn joined(node: &Node<'_>) -> Result<Attrs, Fault> {
    match node.text("reduction")?.unwrap_or("none") {
        "none" => Ok(Attrs::new()),
        word @ ("add" | "mul" | "max" | "min") => Ok(attrs([("reduction", Attr::str(word))])),
        other => Err(node.unsupported(format_args!("with reduction = \"{other}\""))),
    }
}

/// `ScatterElements`.
pub(super) fn scatter_elements(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let mut out = on(axis(cx, node, 0)?);
    out.extend(joined(node)?);
    Ok(vec![cx.op_with("nn.scatter_elements", &node.all()?, out)?])
}

/// `TensorScatter`: updates put behind one another along an axis, from an index for each sequence of the batch on.
pub(super) fn tensor_scatter(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (cache, updates) = (node.operand(0)?, node.operand(1)?);
    let axis = axis(cx, node, -2)?;
    let dims = cx.ty(updates).dims.clone();
    let mut places = positions(cx, &dims, whole(axis))?;
    if let Some(first) = node.maybe(2) {
        let mut per_batch = vec![1; dims.len()];
        if let Some(batch) = per_batch.first_mut() {
            *batch = cx.ty(first).numel();
        }
        let first = cx.reshape(first, per_batch)?;
        places = cx.op("nn.add", &[places, first])?;
    }
    match node.text("mode")?.unwrap_or("linear") {
        "linear" => {}
        "circular" => {
            let extent = cx.vector(vec![cx.ty(cache).dims.get(axis).map_or(1, |d| whole(*d))]);
            places = cx.op("nn.mod", &[places, extent])?;
        }
        other => return Err(node.unsupported(format_args!("with mode = \"{other}\""))),
    }
    let places = cx.broadcast(places, dims)?;
    Ok(vec![cx.op_with("nn.scatter_elements", &[cache, places, updates], on(axis))?])
}

/// `ScatterND`.
pub(super) fn scatter_nd(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    Ok(vec![cx.op_with("nn.scatter_nd", &node.all()?, joined(node)?)?])
}

/// `ArgMax`: the axis stays with extent 1 unless told otherwise.
pub(super) fn arg_max(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    largest(cx, node, node.operand(0)?)
}

/// `ArgMin`: where the negative is largest.
pub(super) fn arg_min(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    // The negative of a small integer may not fit its type.
    let elem = cx.ty(x).elem;
    let wide = if elem.is_float() { x } else { cx.cast(x, Elem::I64)? };
    let negative = cx.op("nn.neg", &[wide])?;
    largest(cx, node, negative)
}

fn largest(cx: &mut Lower<'_>, node: &Node<'_>, x: Val) -> Converted {
    let axis = axis(cx, node, 0)?;
    let mut out = on(axis);
    if node.flag("select_last_index", false)? {
        out.extend(attrs([("last", Attr::Bool(true))]));
    }
    let made = cx.op_with("nn.arg_max", &[x], out)?;
    if !node.flag("keepdims", true)? {
        return Ok(vec![made]);
    }
    let dims = cx.ty(x).dims.iter().enumerate().map(|(i, d)| if i == axis { 1 } else { *d }).collect();
    Ok(vec![cx.reshape(made, dims)?])
}

/// `TopK`: numbers and their indices. What is not to be sorted may be.
pub(super) fn top_k(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let axis = axis(cx, node, -1)?;
    let k = match cx.ints(node.operand(1)?, "the number of elements")?[..] {
        [k] => k,
        ref other => return Err(shape("number of elements", format!("{other:?}"), "one number")),
    };
    let mut out = on(axis);
    out.extend(attrs([("k", Attr::Int(k))]));
    if !node.flag("largest", true)? {
        out.extend(attrs([("smallest", Attr::Bool(true))]));
    }
    let indices = cx.op_with("nn.top_k", &[x], out)?;
    Ok(vec![cx.op_with("nn.gather_elements", &[x, indices], on(axis))?, indices])
}

/// `OneHot`: a new axis with one value at each index and another everywhere else; negative indices count from the end.
pub(super) fn one_hot(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let indices = cx.cast(node.operand(0)?, Elem::I64)?;
    let values = node.operand(2)?;
    let depth = cx.number(node.operand(1)?, "the depth")?;
    // Extents are below 2^48, which is exact.
    let extent = (depth >= 1.0 && depth < 2f64.powi(48)).then_some(depth as u64);
    let extent = extent.ok_or_else(|| shape("depth", depth.to_string(), "at least 1"))?;
    if cx.ty(values).dims != [2] {
        return Err(shape("values", cx.ty(values).to_string(), "two numbers: elsewhere, and at the index"));
    }
    let mut dims = cx.ty(indices).dims.clone();
    let axis = axis_of(node.int("axis")?.unwrap_or(-1), dims.len() + 1, "attribute `axis`")?;
    let zero = cx.scalar(0.0, Elem::I64);
    let depth = cx.scalar(depth, Elem::I64);
    let (negative, wrapped) = (cx.op("nn.less", &[indices, zero])?, cx.op("nn.add", &[indices, depth])?);
    let indices = cx.op("nn.where", &[negative, wrapped, indices])?;
    dims.insert(axis, 1);
    let indices = cx.reshape(indices, dims.clone())?;
    if let Some(d) = dims.get_mut(axis) {
        *d = extent;
    }
    let along = positions(cx, &dims, whole(axis))?;
    let here = cx.op("nn.equal", &[indices, along])?;
    let mut value = |i: i64| {
        let one = part(cx, values, 0, [i, 1, 1])?;
        cx.reshape(one, vec![])
    };
    let (off, on) = (value(0)?, value(1)?);
    Ok(vec![cx.op("nn.where", &[here, on, off])?])
}

/// `NonZero` of known numbers: how many there are is part of a shape.
pub(super) fn non_zero(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let known = cx.needed(node.operand(0)?, "the number of results")?;
    let dims = &known.ty.dims;
    let is_set = |i: usize| match &known.numbers {
        Numbers::Int(v) => v.get(if v.len() == 1 { 0 } else { i }).is_some_and(|n| *n != 0),
        Numbers::Float(v) => v.get(if v.len() == 1 { 0 } else { i }).is_some_and(|n| n.0 != 0.0),
    };
    if !crate::onnx::fold::is_small(&known.ty) {
        return Err(shape("operand", known.ty.to_string(), "a small tensor"));
    }
    let set: Vec<u64> = (0..known.ty.numel()).filter(|i| usize::try_from(*i).is_ok_and(is_set)).collect();
    let mut rows = Vec::new();
    for axis in 0..dims.len() {
        let inner: u64 = dims.get(axis + 1..).unwrap_or(&[]).iter().product();
        let extent = dims.get(axis).copied().unwrap_or(1);
        let place = |i: &u64| i.checked_div(inner).and_then(|i| i.checked_rem(extent)).map_or(0, whole);
        rows.extend(set.iter().map(place));
    }
    let ty = TensorType::new([dims.len() as u64, set.len() as u64], Elem::I64);
    Ok(vec![cx.constant(prism_dialects::Dense { ty, numbers: Numbers::Int(rows) })])
}
