//! Element by element, where ONNX says more than a name.

use super::{Converted, each};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val};
use crate::onnx::node::Node;
use crate::onnx::tensor::{element_type, rounded};
use prism_dialects::{Dense, Elem, F64, Numbers, TensorType};

/// A function of numbers that are known, which `nn` has no operation for.
pub(super) fn known(cx: &mut Lower<'_>, node: &Node<'_>, function: fn(f64) -> f64) -> Converted {
    let value = cx.needed(node.operand(0)?, "the operand")?;
    let Numbers::Float(numbers) = &value.numbers else {
        return Err(shape("operand", value.ty.to_string(), "floating-point numbers"));
    };
    let made = numbers.iter().map(|x| F64(rounded(function(x.0), value.ty.elem))).collect();
    Ok(vec![cx.constant(Dense { ty: value.ty.clone(), numbers: Numbers::Float(made) })])
}

/// `Sign`: 1, 0 or -1.
pub(super) fn sign(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let elem = cx.ty(x).elem;
    let zero = cx.scalar(0.0, elem);
    let (above, below) = (cx.op("nn.greater", &[x, zero])?, cx.op("nn.less", &[x, zero])?);
    let (above, below) = (cx.cast(above, elem)?, cx.cast(below, elem)?);
    Ok(vec![cx.op("nn.sub", &[above, below])?])
}

/// `IsNaN`: what does not equal itself.
pub(super) fn is_nan(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let number = cx.op("nn.equal", &[x, x])?;
    Ok(vec![cx.op("nn.not", &[number])?])
}

/// `IsInf`, of either sign or of one.
pub(super) fn is_inf(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let ty = cx.ty(x).clone();
    let (below, above) = (node.flag("detect_negative", true)?, node.flag("detect_positive", true)?);
    let end = cx.scalar(if above { f64::INFINITY } else { f64::NEG_INFINITY }, ty.elem);
    match (below, above) {
        (false, false) => Ok(vec![cx.splat(0.0, TensorType::new(ty.dims, Elem::I1))]),
        (true, true) => {
            let size = cx.op("nn.abs", &[x])?;
            Ok(vec![cx.op("nn.equal", &[size, end])?])
        }
        _ => Ok(vec![cx.op("nn.equal", &[x, end])?]),
    }
}

/// `Mod` with the sign of the divisor, or with that of the dividend (`fmod`): x - y trunc(x / y).
pub(super) fn modulo(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let operands = node.all()?;
    if !node.flag("fmod", false)? {
        return Ok(vec![cx.op("nn.mod", &operands)?]);
    }
    let (x, y) = (node.operand(0)?, node.operand(1)?);
    let mut quotient = cx.op("nn.div", &[x, y])?;
    let elem = cx.ty(quotient).elem;
    // Integers are divided towards zero already.
    if elem.is_float() {
        let zero = cx.scalar(0.0, elem);
        let negative = cx.op("nn.less", &[quotient, zero])?;
        let (up, down) = (cx.op("nn.ceil", &[quotient])?, cx.op("nn.floor", &[quotient])?);
        quotient = cx.op("nn.where", &[negative, up, down])?;
    }
    let whole = cx.op("nn.mul", &[quotient, y])?;
    Ok(vec![cx.op("nn.sub", &[x, whole])?])
}

/// `Pow`: the result has the type of the base, whatever that of the exponent.
pub(super) fn power(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (base, exponent) = (node.operand(0)?, node.operand(1)?);
    let (elem, other) = (cx.ty(base).elem, cx.ty(exponent).elem);
    if !elem.is_float() && other.is_float() {
        // An exponent such as 0.5 has no integer form.
        let wide = cx.cast(base, other)?;
        let made = cx.op("nn.pow", &[wide, exponent])?;
        return Ok(vec![cx.cast(made, elem)?]);
    }
    let exponent = cx.cast(exponent, elem)?;
    Ok(vec![cx.op("nn.pow", &[base, exponent])?])
}

/// `Mean` of several tensors.
pub(super) fn mean(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let operands = node.all()?;
    let sum = each(cx, "nn.add", &operands)?;
    let Some(sum) = sum.first().copied() else { return Ok(sum) };
    let count = cx.scalar(operands.len() as f64, cx.ty(sum).elem);
    Ok(vec![cx.op("nn.div", &[sum, count])?])
}

/// `Clip`: bounds may be left out.
pub(super) fn clip(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let mut x = node.operand(0)?;
    if let Some(low) = node.maybe(1) {
        x = cx.op("nn.max", &[x, low])?;
    }
    if let Some(high) = node.maybe(2) {
        x = cx.op("nn.min", &[x, high])?;
    }
    Ok(vec![x])
}

/// `Cast` to the element type that the attribute gives.
pub(super) fn cast(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let to = node.int("to")?.ok_or_else(|| shape("attribute `to`", "absent", "an element type"))?;
    let code = i32::try_from(to).unwrap_or(-1);
    let elem = element_type(code).map_err(|name| node.unsupported(format_args!("to element type {name}")))?;
    Ok(vec![cx.cast(node.operand(0)?, elem)?])
}

/// `CastLike`: to the element type of the second operand.
pub(super) fn cast_like(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let elem = cx.ty(node.operand(1)?).elem;
    Ok(vec![cx.cast(node.operand(0)?, elem)?])
}

/// `Identity`: the same value.
pub(super) fn identity(_: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    Ok(vec![node.operand(0)?])
}

/// `Dropout` at inference: the same value, and a mask that keeps everything.
pub(super) fn dropout(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    if let Some(mode) = node.maybe(2) {
        inference_only(cx, node, mode)?;
    }
    let dims = cx.ty(x).dims.clone();
    let kept = cx.splat(1.0, TensorType::new(dims, Elem::I1));
    Ok(vec![x, kept])
}

fn inference_only(cx: &mut Lower<'_>, node: &Node<'_>, mode: Val) -> Result<(), Fault> {
    let known = cx.needed(mode, "the training mode")?;
    match &known.numbers {
        Numbers::Int(v) if v.iter().all(|x| *x == 0) => Ok(()),
        _ => Err(node.unsupported("in training mode")),
    }
}
