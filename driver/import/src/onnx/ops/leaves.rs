//! Operators without a tensor to work on: constants, ranges, shapes.

use super::{Converted, axis_of};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::fold::{MAX_INTEGERS, is_splat};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use crate::onnx::{proto, tensor};
use prism_dialects::{Attr, Dense, Elem, F64, Numbers, TensorType};

/// Largest tensor in a `Constant` node, elements. Weights belong into initializers.
const MAX_INLINE: u64 = 1 << 20;

fn floats(numbers: &[f32], dims: Vec<u64>) -> Dense {
    let numbers = Numbers::Float(numbers.iter().map(|x| F64((*x).into())).collect());
    Dense { ty: TensorType::new(dims, Elem::F32), numbers }
}

fn integers(numbers: &[i64], dims: Vec<u64>) -> Dense {
    Dense { ty: TensorType::new(dims, Elem::I64), numbers: Numbers::Int(numbers.to_vec()) }
}

/// `Constant` in all its forms but strings and sparse tensors.
pub(super) fn constant(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let value = if let Some(t) = node.tensor("value")? {
        from_tensor(node, t)?
    } else if let Some(x) = node.float("value_float")? {
        floats(&[x], vec![])
    } else if let Some(v) = node.floats("value_floats")? {
        floats(v, vec![v.len() as u64])
    } else if let Some(n) = node.int("value_int")? {
        integers(&[n], vec![])
    } else if let Some(v) = node.ints("value_ints")? {
        integers(v, vec![v.len() as u64])
    } else {
        return Err(node.unsupported("without a value"));
    };
    Ok(vec![cx.constant(value)])
}

fn from_tensor(node: &Node<'_>, t: &proto::Tensor) -> Result<Dense, Fault> {
    let ty = tensor::tensor_type(t).map_err(|e| match e {
        tensor::Untyped::Element(name) => node.unsupported(format_args!("of element type {name}")),
        tensor::Untyped::Negative(dims) => shape("value", dims, "extents that are not negative"),
        tensor::Untyped::Large(dims) => shape("size", dims, format!("at most {MAX_INLINE} elements")),
    })?;
    if tensor::is_external(t) {
        return Err(node.unsupported("with external data"));
    }
    if ty.numel() > MAX_INLINE {
        return Err(shape("size", ty.to_string(), format!("at most {MAX_INLINE} elements")));
    }
    let wrong = |found: String| shape("value", found, format!("the numbers of {ty}"));
    tensor::check_size(t, &ty).map_err(wrong)?;
    let numbers = tensor::numbers(t, &ty).map_err(wrong)?;
    Ok(Dense { ty, numbers })
}

/// `ConstantOfShape`: one number everywhere.
pub(super) fn constant_of_shape(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let dims = cx.ints(node.operand(0)?, "the shape")?;
    let dims = dims.iter().map(|d| u64::try_from(*d).ok()).collect::<Option<Vec<u64>>>();
    let dims = dims.ok_or_else(|| shape("shape", "a negative extent", "extents that are not negative"))?;
    let one = match node.tensor("value")? {
        Some(t) => from_tensor(node, t)?,
        None => floats(&[0.0], vec![1]),
    };
    if !is_splat(&one) {
        return Err(shape("attribute `value`", one.ty.to_string(), "one number"));
    }
    let scalar = cx.constant(Dense { ty: TensorType::new([], one.ty.elem), numbers: one.numbers });
    Ok(vec![cx.broadcast(scalar, dims)?])
}

/// `EyeLike`: 1 on a diagonal of a matrix, 0 elsewhere.
pub(super) fn eye_like(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let ty = cx.ty(node.operand(0)?).clone();
    if ty.rank() != 2 {
        return Err(shape("operand", ty.to_string(), "a matrix"));
    }
    let elem = match node.int("dtype")? {
        Some(code) => tensor::element_type(i32::try_from(code).unwrap_or(-1))
            .map_err(|name| node.unsupported(format_args!("of element type {name}")))?,
        None => ty.elem,
    };
    let (row, column) = (positions(cx, &ty.dims, 0)?, positions(cx, &ty.dims, 1)?);
    let offset = cx.vector(vec![node.int("k")?.unwrap_or(0)]);
    let diagonal = cx.op("nn.add", &[row, offset])?;
    let on = cx.op("nn.equal", &[column, diagonal])?;
    Ok(vec![cx.cast(on, elem)?])
}

/// `Range`: start, start + delta, ... below limit.
pub(super) fn range(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let operands = node.all()?;
    let elem = cx.ty(node.operand(0)?).elem;
    if elem.is_float() {
        return float_range(cx, &operands, elem);
    }
    let mut bound = |i: usize, what: &str| {
        let all = cx.ints(operands[i], what)?;
        all.first().copied().ok_or_else(|| shape(what, "no number", "one number"))
    };
    let (start, limit) = (bound(0, "the start of a range")?, bound(1, "the limit of a range")?);
    let delta = bound(2, "the step of a range")?;
    if delta == 0 {
        return Err(shape("step", "0", "a step that is not 0"));
    }
    let (span, step) = (i128::from(limit) - i128::from(start), i128::from(delta));
    // Rounded up: the last element may fall short of the limit by less than a step.
    let count = (span + step - step.signum()) / step;
    let count = u64::try_from(count.max(0)).unwrap_or(u64::MAX);
    let attrs = attrs([("start", Attr::Int(start)), ("step", Attr::Int(delta))]);
    Ok(vec![cx.op_to("nn.iota", &[], attrs, TensorType::new([count], elem))?])
}

fn float_range(cx: &mut Lower<'_>, operands: &[Val], elem: Elem) -> Converted {
    let start = cx.number(operands[0], "the start of a range")?;
    let limit = cx.number(operands[1], "the limit of a range")?;
    let delta = cx.number(operands[2], "the step of a range")?;
    let count = ((limit - start) / delta).ceil().max(0.0);
    if !count.is_finite() || count >= 2f64.powi(48) {
        return Err(shape("range", format!("{start} to {limit} by {delta}"), "finite numbers, a step that is not 0"));
    }
    let ty = TensorType::new([count as u64], elem);
    let attrs = attrs([("start", Attr::Int(0)), ("step", Attr::Int(1))]);
    let line = cx.op_to("nn.iota", &[], attrs, ty)?;
    let scaled = cx.op("nn.mul", &[line, operands[2]])?;
    Ok(vec![cx.op("nn.add", &[scaled, operands[0]])?])
}

/// `Shape`: the extents, or some of them from opset 15 on.
pub(super) fn shape_of(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let dims = cx.ty(node.operand(0)?).dims.clone();
    let rank = i64::try_from(dims.len()).unwrap_or(i64::MAX);
    let place = |n: i64| {
        let from_front = if n < 0 { n.saturating_add(rank) } else { n };
        usize::try_from(from_front.clamp(0, rank)).unwrap_or(0)
    };
    let (start, end) = (place(node.int("start")?.unwrap_or(0)), place(node.int("end")?.unwrap_or(rank)));
    let part = dims.get(start..end).unwrap_or(&[]);
    Ok(vec![cx.vector(part.iter().map(|d| super::whole(*d)).collect())])
}

/// `Size`: the number of elements.
pub(super) fn size_of(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let n = super::whole(cx.ty(node.operand(0)?).numel());
    Ok(vec![cx.constant(integers(&[n], vec![]))])
}

/// The integers 0, 1, ... along one axis of `dims`, shaped to broadcast against it.
pub(super) fn positions(cx: &mut Lower<'_>, dims: &[u64], axis: i64) -> Result<Val, Fault> {
    let axis = axis_of(axis, dims.len(), "axis")?;
    let n = dims[axis];
    let attrs = attrs([("start", Attr::Int(0)), ("step", Attr::Int(1))]);
    let line = cx.op_to("nn.iota", &[], attrs, TensorType::new([n], Elem::I64))?;
    let mut shape = vec![1; dims.len() - axis];
    shape[0] = n;
    cx.reshape(line, shape)
}

const _: () = assert!(MAX_INTEGERS < MAX_INLINE);
