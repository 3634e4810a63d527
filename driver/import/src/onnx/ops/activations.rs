//! Activations that ONNX has a name for.

use super::Converted;
use crate::onnx::fault::Fault;
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, Attrs};

/// A number of the element type of `x`.
fn like(cx: &mut Lower<'_>, x: Val, number: f64) -> Val {
    let elem = cx.ty(x).elem;
    cx.scalar(number, elem)
}

/// A number that an attribute gives.
fn number(cx: &mut Lower<'_>, node: &Node<'_>, name: &str, default: f64) -> Result<Val, Fault> {
    let number = node.float(name)?.map_or(default, f64::from);
    Ok(like(cx, node.operand(0)?, number))
}

fn scaled(cx: &mut Lower<'_>, x: Val, by: f64) -> Result<Val, Fault> {
    let by = like(cx, x, by);
    cx.op("nn.mul", &[x, by])
}

/// `on_negative` where x is below 0, else `otherwise`.
fn below_zero(cx: &mut Lower<'_>, x: Val, on_negative: Val, otherwise: Val) -> Result<Val, Fault> {
    let zero = like(cx, x, 0.0);
    let negative = cx.op("nn.less", &[x, zero])?;
    cx.op("nn.where", &[negative, on_negative, otherwise])
}

/// e^x - 1.
fn growth(cx: &mut Lower<'_>, x: Val) -> Result<Val, Fault> {
    let one = like(cx, x, 1.0);
    let grown = cx.op("nn.exp", &[x])?;
    cx.op("nn.sub", &[grown, one])
}

/// `Relu`, of integers too.
pub(super) fn relu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    if cx.ty(x).elem.is_float() {
        return Ok(vec![cx.op("nn.relu", &[x])?]);
    }
    let zero = like(cx, x, 0.0);
    Ok(vec![cx.op("nn.max", &[x, zero])?])
}

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
    let alpha = number(cx, node, "alpha", 0.01)?;
    let sloped = cx.op("nn.mul", &[x, alpha])?;
    Ok(vec![below_zero(cx, x, sloped, x)?])
}

/// `PRelu`: the slope is an operand.
pub(super) fn prelu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (x, slope) = (node.operand(0)?, node.operand(1)?);
    let sloped = cx.op("nn.mul", &[x, slope])?;
    Ok(vec![below_zero(cx, x, sloped, x)?])
}

/// `ThresholdedRelu`: x where it is above alpha, else 0.
pub(super) fn thresholded_relu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let alpha = number(cx, node, "alpha", 1.0)?;
    let (above, zero) = (cx.op("nn.greater", &[x, alpha])?, like(cx, x, 0.0));
    Ok(vec![cx.op("nn.where", &[above, x, zero])?])
}

/// `Elu`: alpha (e^x - 1) below 0.
pub(super) fn elu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let (alpha, grown) = (number(cx, node, "alpha", 1.0)?, growth(cx, x)?);
    let bent = cx.op("nn.mul", &[grown, alpha])?;
    Ok(vec![below_zero(cx, x, bent, x)?])
}

/// `Celu`: alpha (e^(x / alpha) - 1) below 0.
pub(super) fn celu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let alpha = number(cx, node, "alpha", 1.0)?;
    let ratio = cx.op("nn.div", &[x, alpha])?;
    let grown = growth(cx, ratio)?;
    let bent = cx.op("nn.mul", &[grown, alpha])?;
    Ok(vec![below_zero(cx, x, bent, x)?])
}

/// `Selu`: gamma times an `Elu`. The defaults are those of Klambauer et al., arXiv 1706.02515, equation 14, as ONNX rounds them.
pub(super) fn selu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let alpha = number(cx, node, "alpha", 1.673_263_192_176_818_8)?;
    let gamma = number(cx, node, "gamma", 1.050_701_022_148_132_3)?;
    let grown = growth(cx, x)?;
    let bent = cx.op("nn.mul", &[grown, alpha])?;
    let joined = below_zero(cx, x, bent, x)?;
    Ok(vec![cx.op("nn.mul", &[joined, gamma])?])
}

fn hard(cx: &mut Lower<'_>, x: Val, alpha: f64, beta: f64) -> Result<Val, Fault> {
    let sloped = scaled(cx, x, alpha)?;
    let (beta, zero, one) = (like(cx, x, beta), like(cx, x, 0.0), like(cx, x, 1.0));
    let line = cx.op("nn.add", &[sloped, beta])?;
    let above = cx.op("nn.max", &[line, zero])?;
    cx.op("nn.min", &[above, one])
}

/// `HardSigmoid`: alpha x + beta between 0 and 1.
pub(super) fn hard_sigmoid(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let alpha = node.float("alpha")?.map_or(0.2, f64::from);
    let beta = node.float("beta")?.map_or(0.5, f64::from);
    Ok(vec![hard(cx, node.operand(0)?, alpha, beta)?])
}

/// `HardSwish`: x times a hard sigmoid of slope 1/6.
pub(super) fn hard_swish(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let gate = hard(cx, x, 1.0 / 6.0, 0.5)?;
    Ok(vec![cx.op("nn.mul", &[x, gate])?])
}

/// log(1 + e^x).
fn soft(cx: &mut Lower<'_>, x: Val) -> Result<Val, Fault> {
    let one = like(cx, x, 1.0);
    let grown = cx.op("nn.exp", &[x])?;
    let sum = cx.op("nn.add", &[grown, one])?;
    cx.op("nn.log", &[sum])
}

/// `Softplus`: log(1 + e^x).
pub(super) fn softplus(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    Ok(vec![soft(cx, node.operand(0)?)?])
}

/// `Mish`: x tanh(log(1 + e^x)).
pub(super) fn mish(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let soft = soft(cx, x)?;
    let gate = cx.op("nn.tanh", &[soft])?;
    Ok(vec![cx.op("nn.mul", &[x, gate])?])
}

/// `Softsign`: x / (1 + |x|).
pub(super) fn softsign(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let (size, one) = (cx.op("nn.abs", &[x])?, like(cx, x, 1.0));
    let sum = cx.op("nn.add", &[size, one])?;
    Ok(vec![cx.op("nn.div", &[x, sum])?])
}

/// `Swish`: x sigmoid(alpha x).
pub(super) fn swish(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    match node.float("alpha")? {
        None | Some(1.0) => Ok(vec![cx.op("nn.silu", &[x])?]),
        Some(alpha) => {
            let steep = scaled(cx, x, alpha.into())?;
            let gate = cx.op("nn.sigmoid", &[steep])?;
            Ok(vec![cx.op("nn.mul", &[x, gate])?])
        }
    }
}
