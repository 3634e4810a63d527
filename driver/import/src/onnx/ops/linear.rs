//! Matrix products.

use super::Converted;
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, Attrs};

/// `MatMul` as in NumPy: vectors count as a row on the left and as a column on the right.
pub(super) fn matmul(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    Ok(vec![product(cx, node.operand(0)?, node.operand(1)?)?])
}

/// The product of two operands, which may be vectors.
pub(super) fn product(cx: &mut Lower<'_>, mut a: Val, mut b: Val) -> Result<Val, Fault> {
    let (rows, columns) = (cx.ty(a).rank() > 1, cx.ty(b).rank() > 1);
    if let [k] = cx.ty(a).dims[..] {
        a = cx.reshape(a, vec![1, k])?;
    }
    if let [k] = cx.ty(b).dims[..] {
        b = cx.reshape(b, vec![k, 1])?;
    }
    let made = cx.op("nn.matmul", &[a, b])?;
    let mut dims = cx.ty(made).dims.clone();
    if !columns {
        dims.pop();
    }
    if !rows {
        let at = dims.len() - usize::from(columns) - 1;
        dims.remove(at);
    }
    cx.reshape(made, dims)
}

/// `Gemm`: alpha A' B' + beta C, with A' and B' transposed where the flags say so.
pub(super) fn gemm(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (a, b) = (node.operand(0)?, node.operand(1)?);
    for (name, operand) in [("A", a), ("B", b)] {
        let ty = cx.ty(operand);
        if ty.rank() != 2 {
            return Err(shape(format!("operand {name}"), ty.to_string(), "a matrix"));
        }
    }
    let mut flags = Attrs::new();
    for (name, flag) in [("transA", "transpose_lhs"), ("transB", "transpose_rhs")] {
        if node.flag(name, false)? {
            flags.extend(attrs([(flag, Attr::Bool(true))]));
        }
    }
    let product = cx.op_with("nn.matmul", &[a, b], flags)?;
    let product = scaled(cx, product, node.float("alpha")?)?;
    let beta = node.float("beta")?;
    // With beta = 0 the bias does not count, whatever it holds.
    let Some(bias) = node.maybe(2).filter(|_| beta != Some(0.0)) else { return Ok(vec![product]) };
    let bias = scaled(cx, bias, beta)?;
    let wanted = cx.ty(product).dims.clone();
    let sum = cx.op("nn.add", &[product, bias])?;
    match cx.ty(sum).dims == wanted {
        true => Ok(vec![sum]),
        false => Err(shape("operand C", cx.ty(bias).to_string(), format!("a shape that broadcasts to {wanted:?}"))),
    }
}

pub(super) fn scaled(cx: &mut Lower<'_>, x: Val, factor: Option<f32>) -> Result<Val, Fault> {
    match factor {
        None | Some(1.0) => Ok(x),
        Some(factor) => {
            let factor = cx.scalar(factor.into(), cx.ty(x).elem);
            cx.op("nn.mul", &[x, factor])
        }
    }
}
