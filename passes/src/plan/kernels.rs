//! What the operations of an assignment compute.

use prism_dialects::elec::{self, Member};
use prism_dialects::{Attr, Attrs, Body, Op, TensorType};
use prism_hardware::Target;

/// The operations of `nn` that an operation does, joined by `+`; empty for a transfer.
pub(crate) fn computed(op: &Op) -> String {
    match op.name() {
        "ptu.matmul" | "ptu.gemm" => "nn.matmul".into(),
        "elec.fused" => members(op).iter().map(|m| m.def.name).collect::<Vec<_>>().join("+"),
        _ => op.attr("op").and_then(Attr::as_str).unwrap_or("").into(),
    }
}

fn members(op: &Op) -> Vec<Member> {
    elec::members(&op.attrs, op.operands.len()).unwrap_or_default()
}

/// A kernel without traffic gives its operand another name.
pub(super) fn is_alias(op: &Op, target: &Target) -> bool {
    let named = |key: &str| op.attr(key).and_then(Attr::as_str);
    let maths = named("op").and_then(|name| name.strip_prefix("nn."));
    let alias = |(unit, maths)| target.electronic_unit(unit).is_some_and(|u| u.renames(maths));
    op.name() == "elec.kernel" && named("unit").zip(maths).is_some_and(alias)
}

/// What electronic products multiply; light's is in its tiling.
pub(super) fn macs(body: &Body, op: &Op) -> Option<u64> {
    let tensors = op.operands.iter().map(|v| body.ty(*v).tensor().cloned()).collect::<Option<Vec<_>>>()?;
    let out = body.ty(op.result()?).tensor()?;
    if op.name() == "elec.fused" {
        return fused(&members(op), &tensors, out);
    }
    let product = op.name() == "elec.kernel" && op.attr("op").and_then(Attr::as_str) == Some("nn.matmul");
    product.then(|| of_product(tensors.first()?, out, op.attr("params").and_then(Attr::as_dict)))?
}

fn fused(members: &[Member], operands: &[TensorType], result: &TensorType) -> Option<u64> {
    let made = elec::types(members, operands, result).ok()?;
    let products = members.iter().zip(&made).filter(|(m, _)| m.def.name == "nn.matmul");
    let macs = products.filter_map(|(m, out)| {
        let lhs = match m.sources.first()? {
            elec::Source::Operand(i) => operands.get(*i),
            elec::Source::Member(i) => made.get(*i),
        };
        of_product(lhs?, out, Some(&m.params))
    });
    macs.reduce(u64::saturating_add)
}

fn of_product(lhs: &TensorType, out: &TensorType, params: Option<&Attrs>) -> Option<u64> {
    let transposed = params.and_then(|p| p.get("transpose_lhs")).and_then(Attr::as_bool).unwrap_or(false);
    let inner = lhs.dims.get(lhs.rank().checked_sub(if transposed { 2 } else { 1 })?)?;
    Some(out.numel().saturating_mul(*inner))
}
