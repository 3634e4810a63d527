//! `mem`: where tensors lie off chip, and moving them. See the README of this folder.

use crate::cost_attr::{check_cost, moved};
use crate::define::{AttrKind, Dialect, Kind, OpDef, OpView, Problem, TypeDef};
use crate::level::Level;
use crate::types::{Type, View};

const PATH_DOC: &str = "memories at its ends, such as \"dram->sram\"";

fn keeps_tensor(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    match (op.operands.first(), op.results.first()) {
        (Some(from), Some(to)) if from.tensor() != to.tensor() => {
            Err(Problem::new("result", to.to_string(), format!("the tensor of {from}")))
        }
        (Some(from), Some(to)) => crate::ptu::no_more_bits(from, to),
        _ => Ok(()),
    }
}

fn verify_constant(op: &OpView<'_>) -> Result<(), Problem> {
    let dense = op.attrs.get("value").and_then(|v| v.as_dense());
    match (dense, op.results.first().and_then(Type::tensor)) {
        (Some(dense), Some(t)) if dense.ty != *t => {
            Err(Problem::new("attribute `value`", dense.ty.to_string(), t.to_string()))
        }
        _ => Ok(()),
    }
}

/// The result is the concatenation, where the cache is.
fn verify_append(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    let joined = as_maths(op, "nn.concat", 2)?;
    let Some(to) = op.results.first() else { return Ok(()) };
    for from in op.operands {
        crate::ptu::no_more_bits(from, to)?;
    }
    match op.operands.first() {
        Some(cache) if cache.view() != to.view() || to.tensor() != Some(&joined) => {
            Err(Problem::new("result", to.to_string(), format!("{joined} where the cache is, as in {cache}")))
        }
        _ => Ok(()),
    }
}

/// The result is the concatenation, in the place where both parts are.
fn verify_join(op: &OpView<'_>) -> Result<(), Problem> {
    let joined = as_maths(op, "nn.concat", 2)?;
    let Some(to) = op.results.first() else { return Ok(()) };
    for from in op.operands {
        crate::ptu::no_more_bits(from, to)?;
    }
    match op.operands.iter().find(|from| from.view() != to.view() || to.tensor() != Some(&joined)) {
        Some(part) => {
            Err(Problem::new("result", to.to_string(), format!("{joined} where both parts are, as in {part}")))
        }
        None => Ok(()),
    }
}

/// The tensor that an operation of `nn` makes of the tensors behind the first operands.
fn as_maths(op: &OpView<'_>, name: &'static str, operands: usize) -> Result<crate::types::TensorType, Problem> {
    let maths = crate::registry::op(name);
    let operands: Vec<Type> = (0..operands).map(|i| Type::Tensor(op.tensor(i))).collect();
    let view = OpView { def: maths, operands: &operands, results: &[], attrs: op.attrs };
    maths.infer.map_or_else(|| Ok(op.tensor(0)), |infer| infer(&view))
}

/// The result is what the indices pick of the weight.
fn verify_select(op: &OpView<'_>) -> Result<(), Problem> {
    let picked = as_maths(op, "nn.gather", 2)?;
    match (op.operands.first(), op.results.first()) {
        (Some(from), Some(to)) if to.tensor() == Some(&picked) => crate::ptu::no_more_bits(from, to),
        (_, to) => Err(Problem::new("result", to.map_or("none".into(), Type::to_string), format!("{picked} off chip"))),
    }
}

fn op(name: &'static str, to: View, doc: &'static str) -> OpDef {
    OpDef::new(name, Level::Assigned, Kind::Of(to), doc)
}

/// Where tensors lie.
fn leaves() -> Vec<OpDef> {
    use View::{Digital, Offchip};
    vec![
            op("mem.param", Offchip, "A named weight where it lies.").attr(
                "name",
                AttrKind::Str,
                "name of the weight in the model file",
            ),
            op("mem.constant", Offchip, "A constant tensor, stored like a weight.")
                .attr("value", AttrKind::Dense, "the numbers")
                .verify(verify_constant)
                .interp(crate::nn::interpret_constant),
            op("mem.input", Offchip, "An argument of the program where the caller put it.")
                .operand("argument", Kind::Tensor)
                .verify(keeps_tensor)
                .interp(crate::interp::identity),
            op(
                "mem.prepare",
                Offchip,
                "A tensor made of weights alone, computed once before the model runs and stored; costs nothing per run.",
            )
            .mixed("weights", Kind::Of(Offchip))
            .attr("op", AttrKind::Str, "the operation it computes, such as \"nn.concat\"")
            .maybe("params", AttrKind::Dict, "attributes of that operation")
            .verify(crate::elec::verify_computed)
            .interp(crate::interp::computed),
            op(
                "mem.select",
                Offchip,
                "Parts of a weight where it lies, picked while the model runs: readers follow the indices, so that nothing moves.",
            )
            .operand("weight", Kind::Of(Offchip))
            .operand("indices", Kind::Of(Digital))
            .attr("axis", AttrKind::Int, "the axis of `weight`, from 0")
            .verify(verify_select)
            .interp(crate::interp::gather),
    ]
}

/// Two tensors as one, by their addresses alone.
fn join() -> OpDef {
    OpDef::new(
            "mem.join",
            Level::Assigned,
            Kind::Stored,
            "Two parts of a tensor, made side by side in one place, as the tensor: whatever makes a part writes it where it belongs, so \
             that joining them takes neither time nor energy.",
        )
        .operand("first", Kind::Stored)
        .operand("second", Kind::Stored)
        .attr("axis", AttrKind::Int, "the axis along which the second follows the first, from 0")
        .verify(verify_join)
        .interp(crate::interp::concat)
}

/// Moving them.
fn moves() -> Vec<OpDef> {
    use View::{Digital, Offchip};
    vec![
            moved(op("mem.load", Digital, "Off-chip memory to on-chip memory.").operand("x", Kind::Of(Offchip)))
                .attr("path", AttrKind::Str, PATH_DOC)
                .verify(keeps_tensor)
                .interp(crate::interp::identity),
            moved(op("mem.store", Offchip, "On-chip memory to off-chip memory.").operand("x", Kind::Of(Digital)))
                .attr("path", AttrKind::Str, PATH_DOC)
                .verify(keeps_tensor)
                .interp(crate::interp::identity),
            moved(
                OpDef::new(
                    "mem.append",
                    Level::Assigned,
                    Kind::Stored,
                    "A cache with new rows written behind the old ones, in place: only the rows move. The caller has kept room for \
                     them, and nothing else extends the same cache.",
                )
                .operand("cache", Kind::Stored)
                .operand("rows", Kind::Of(Digital)),
            )
            .attr("axis", AttrKind::Int, "the axis along which they follow, from 0")
            .attr("path", AttrKind::Str, PATH_DOC)
            .verify(verify_append)
            .interp(crate::interp::concat),
    ]
}

/// The dialect.
pub(crate) fn dialect() -> Dialect {
    Dialect {
        name: "mem",
        summary: "Tensors off chip: weights, inputs, results, and their way to the chip and back.",
        page: include_str!("README.md"),
        types: vec![TypeDef {
            name: "offchip",
            parameters: &["tensor", "bits"],
            doc: "Numbers in off-chip memory, exact to `bits` effective bits.",
        }],
        ops: leaves().into_iter().chain([join()]).chain(moves()).collect(),
    }
}
