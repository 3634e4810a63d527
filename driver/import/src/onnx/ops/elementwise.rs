//! Element by element, where ONNX says more than a name.

use super::{Converted, each};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use crate::onnx::tensor::element_type;
use prism_dialects::{Attr, Attrs, Elem, Numbers, TensorType};

/// `Gelu`, exact or by tanh.
pub(super) fn gelu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let attrs = match node.text("approximate")?.unwrap_or("none") {
        "none" => Attrs::new(),
        "tanh" => attrs([("tanh", Attr::Bool(true))]),
        other => return Err(node.unsupported(format_args!("with approximate = \"{other}\""))),
    };
    Ok(vec![cx.op_with("nn.gelu", &[node.operand(0)?], attrs)?])
}

/// `LeakyRelu`: x where it is positive, else alpha x.
pub(super) fn leaky_relu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let elem = cx.ty(x).elem;
    let zero = cx.scalar(0.0, elem);
    let alpha = cx.scalar(node.float("alpha")?.unwrap_or(0.01).into(), elem);
    let negative = cx.op("nn.less", &[x, zero])?;
    let scaled = cx.op("nn.mul", &[x, alpha])?;
    Ok(vec![cx.op("nn.where", &[negative, scaled, x])?])
}

/// `Softplus`: log(1 + e^x).
pub(super) fn softplus(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let one = cx.scalar(1.0, cx.ty(x).elem);
    let grown = cx.op("nn.exp", &[x])?;
    let sum = cx.op("nn.add", &[grown, one])?;
    Ok(vec![cx.op("nn.log", &[sum])?])
}

/// `Mod` with the sign of the divisor; with that of the dividend (`fmod`) it is another operation.
pub(super) fn modulo(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    if node.flag("fmod", false)? {
        return Err(node.unsupported("with fmod = 1"));
    }
    Ok(vec![cx.op("nn.mod", &node.all()?)?])
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
