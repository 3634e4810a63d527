//! Operators of onnxruntime's own domain, `com.microsoft`, where they are a few operations under one name.

use super::Converted;
use super::attention::{table, turned};
use super::linear::scaled;
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, Attrs};

/// What is added to a variance where the node says nothing.
const EPSILON: f64 = 1e-12;

/// `BiasGelu`: exact, of a sum.
pub(super) fn bias_gelu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let sum = cx.op("nn.add", &node.all()?)?;
    Ok(vec![cx.op("nn.gelu", &[sum])?])
}

/// `FastGelu`: by tanh, of a sum where there is a bias.
pub(super) fn fast_gelu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let mut x = node.operand(0)?;
    if let Some(bias) = node.maybe(1) {
        x = cx.op("nn.add", &[x, bias])?;
    }
    Ok(vec![cx.op_with("nn.gelu", &[x], attrs([("tanh", Attr::Bool(true))]))?])
}

/// `QuickGelu`: x sigmoid(alpha x).
pub(super) fn quick_gelu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    // The default of onnxruntime.
    let steep = scaled(cx, x, Some(node.float("alpha")?.unwrap_or(1.702)))?;
    let gate = cx.op("nn.sigmoid", &[steep])?;
    Ok(vec![cx.op("nn.mul", &[x, gate])?])
}

/// `FusedMatMul`: alpha A' B', with the last two axes swapped where the flags say so.
pub(super) fn fused_matmul(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let mut flags = Attrs::new();
    for (name, flag) in [("transA", "transpose_lhs"), ("transB", "transpose_rhs")] {
        if node.flag(name, false)? {
            flags.extend(attrs([(flag, Attr::Bool(true))]));
        }
    }
    let product = cx.op_with("nn.matmul", &node.all()?, flags)?;
    Ok(vec![scaled(cx, product, node.float("alpha")?)?])
}

/// `RotaryEmbedding`: positions are the second operand, one for each token or the first of all.
pub(super) fn rotary(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    if !matches!(node.float("scale")?, None | Some(1.0)) {
        return Err(node.unsupported("with a scale other than 1"));
    }
    let (x, mut positions) = (node.operand(0)?, node.operand(1)?);
    let dims = cx.ty(x).dims.clone();
    let (batch, tokens) = match dims[..] {
        [batch, tokens, _] | [batch, _, tokens, _] => (batch, tokens),
        _ => return Err(shape("operand", cx.ty(x).to_string(), "three axes, or four")),
    };
    if cx.ty(positions).rank() == 1 {
        let along = super::leaves::positions(cx, &[batch, tokens], 1)?;
        let sum = cx.op("nn.add", &[positions, along])?;
        positions = cx.broadcast(sum, vec![tokens])?;
        positions = cx.reshape(positions, vec![1, tokens])?;
    }
    let cos = table(cx, node.operand(2)?, Some(positions))?;
    let sin = table(cx, node.operand(3)?, Some(positions))?;
    let pairs = cx.ty(cos).dims.last().copied().unwrap_or(0);
    // Without a number of heads, heads are as wide as the tables say.
    let heads = match (node.int("num_heads")?.unwrap_or(0), dims.last()) {
        (0, Some(width)) => super::whole(width.checked_div(pairs.saturating_mul(2)).unwrap_or(0)),
        (given, _) => given,
    };
    turned(cx, node, heads, [cos, sin])
}

/// The sum that a norm is of, then what the norm takes: results 1 and 2 are never computed.
fn skipped(cx: &mut Lower<'_>, node: &Node<'_>, bias: Option<Val>) -> Result<(Val, Attrs), Fault> {
    let mut sum = cx.op("nn.add", &[node.operand(0)?, node.operand(1)?])?;
    if let Some(bias) = bias {
        sum = cx.op("nn.add", &[sum, bias])?;
    }
    let last = cx.ty(sum).rank().checked_sub(1);
    let axis = last.ok_or_else(|| shape("operand", cx.ty(sum).to_string(), "at least one axis"))?;
    let epsilon = node.float("epsilon")?.map_or(EPSILON, f64::from);
    Ok((sum, attrs([("axis", Attr::Int(super::whole(axis))), ("epsilon", Attr::float(epsilon))])))
}

/// Results of a norm of a sum: the second and third are for training.
fn results(node: &Node<'_>, made: Val, sum: Val) -> Converted {
    let wanted = |i: usize| node.proto.output.get(i).is_some_and(|name| !name.is_empty());
    match wanted(1) || wanted(2) {
        true => Err(node.unsupported("with results for training")),
        false => Ok(vec![made, made, made, sum]),
    }
}

/// `SkipLayerNormalization`.
pub(super) fn skip_layer_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (sum, form) = skipped(cx, node, node.maybe(4))?;
    let operands: Vec<Val> = [Some(sum), Some(node.operand(2)?), node.maybe(3)].into_iter().flatten().collect();
    let made = cx.op_with("nn.layer_norm", &operands, form)?;
    results(node, made, sum)
}

/// `SkipSimplifiedLayerNormalization`: a norm by the mean square.
pub(super) fn skip_rms_norm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (sum, form) = skipped(cx, node, node.maybe(3))?;
    let made = cx.op_with("nn.rms_norm", &[sum, node.operand(2)?], form)?;
    results(node, made, sum)
}
