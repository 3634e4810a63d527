//! `elec`: electronic realisations. See the README of this folder.

mod fused;
mod slices;

pub use fused::{Member, Source, members, types};
pub use slices::sliced_bits;

use crate::attr::{Attr, Attrs};
use crate::cost_attr::{check_cost, priced};
use crate::define::{AttrKind, Dialect, Kind, OpDef, OpView, Problem, TypeDef};
use crate::level::Level;
use crate::types::{TensorType, Type, View};

/// The `nn` operation that a kernel (or a `mem.prepare`) computes, and its attributes.
///
/// # Errors
/// When `op` does not name an `nn` operation.
pub fn computed(attrs: &Attrs) -> Result<(&'static OpDef, Attrs), Problem> {
    let name = attrs.get("op").and_then(Attr::as_str).unwrap_or("");
    let def = crate::registry::find(name).filter(|d| d.level == Level::Nn);
    let def = def.ok_or_else(|| Problem::new("attribute `op`", format!("\"{name}\""), "an operation of `nn`"))?;
    Ok((def, attrs.get("params").and_then(Attr::as_dict).cloned().unwrap_or_default()))
}

/// Checks that the operation named by `op` accepts these operands and makes this result.
pub(crate) fn verify_computed(op: &OpView<'_>) -> Result<(), Problem> {
    let (def, params) = computed(op.attrs)?;
    let plain = |types: &[Type]| tensors(types).into_iter().map(Type::Tensor).collect::<Vec<_>>();
    let (operands, results) = (plain(op.operands), plain(op.results));
    crate::verify::check_op(&OpView { def, operands: &operands, results: &results, attrs: &params })
}

fn tensors(types: &[Type]) -> Vec<TensorType> {
    types.iter().filter_map(Type::tensor).cloned().collect()
}

fn verify_kernel(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    verify_computed(op)?;
    check_bits(op)
}

/// A result has no more effective bits than what it is made from.
fn check_bits(op: &OpView<'_>) -> Result<(), Problem> {
    let claimed = op.results.first().map_or(0, bits);
    let on_chip = op.operands.iter().filter(|t| t.view() == Some(View::Digital));
    // Integers (indices, masks) do not limit the precision of what they pick, nor do numbers that are exact as far as their type
    // goes: what is cast to a wider type is as exact there.
    let limits = |t: &&Type| t.tensor().is_some_and(|tensor| tensor.elem.is_float() && bits(t) < tensor.elem.bits());
    let have = on_chip.filter(limits).map(bits).min();
    match have {
        Some(have) if claimed > have && op.results[0].tensor().is_some_and(|t| t.elem.is_float()) => {
            Err(Problem::new("effective bits", claimed.to_string(), format!("at most {have}, as its operands have")))
        }
        _ => Ok(()),
    }
}

fn bits(ty: &Type) -> u32 {
    match ty {
        Type::View { bits, .. } => *bits,
        _ => u32::MAX,
    }
}

fn verify_weaken(op: &OpView<'_>) -> Result<(), Problem> {
    match (op.operands.first(), op.results.first()) {
        (Some(from), Some(to)) if from.tensor() != to.tensor() || bits(to) >= bits(from) => {
            Err(Problem::new("result", to.to_string(), format!("{from} with fewer bits")))
        }
        _ => Ok(()),
    }
}

/// The dialect.
pub(crate) fn dialect() -> Dialect {
    let kernel = OpDef::new(
        "elec.kernel",
        Level::Assigned,
        Kind::Stored,
        "One operation of `nn` as a kernel of an electronic unit.\n\
         Operands that are off chip stream through on-chip memory while it runs, and so does a result that is left off chip.\n\
         A gather from a table off chip moves the picked rows alone.",
    )
    .mixed("inputs", Kind::Any)
    .attr("op", AttrKind::Str, "the operation it computes, such as \"nn.softmax\"")
    .maybe("params", AttrKind::Dict, "attributes of that operation");
    let fused = OpDef::new(
        "elec.fused",
        Level::Assigned,
        Kind::Stored,
        "Several operations of `nn` as one kernel of an electronic unit: what one passes on to another stays inside.\n\
         Operands and result lie where those of `elec.kernel` may.",
    )
    .mixed("inputs", Kind::Any)
    .attr(
        "members",
        AttrKind::List,
        "the operations in order, the last making the result, each as {op, params, from}: `from` counts the operands of the \
         kernel, then the members",
    );
    let weaken = OpDef::new(
        "elec.weaken",
        Level::Assigned,
        Kind::Of(View::Digital),
        "The same numbers, of which fewer bits are relied on. Costs nothing; there is no way back.",
    )
    .operand("x", Kind::Of(View::Digital));
    let [slices, shift_add] = slices::ops();
    Dialect {
        name: "elec",
        summary: "Electronic realisations: kernels on numbers in on-chip memory.",
        page: include_str!("README.md"),
        types: vec![TypeDef {
            name: "digital",
            parameters: &["tensor", "bits"],
            doc: "Numbers in on-chip memory, exact to `bits` effective bits.",
        }],
        ops: vec![
            priced(kernel).verify(verify_kernel).interp(crate::interp::computed),
            priced(fused).verify(fused::verify).interp(fused::interp),
            weaken.verify(verify_weaken).interp(crate::interp::identity),
            slices,
            shift_add,
        ],
    }
}
