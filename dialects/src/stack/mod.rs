//! `stack`: the stacked graph, an e-graph as IR. See the README of this folder.

use crate::define::{Dialect, Kind, OpDef, OpView, Problem};
use crate::level::Level;
use crate::types::Type;

fn same_types(op: &OpView<'_>) -> Result<(), Problem> {
    let Some(result) = op.results.first() else { return Ok(()) };
    match op.operands.iter().position(|t| t != result) {
        _ if op.operands.is_empty() => Err(Problem::new("class", "no alternative", "at least one")),
        Some(i) => Err(Problem::new(
            format!("alternative {i}"),
            op.operands[i].to_string(),
            format!("the class type {result}"),
        )),
        None => Ok(()),
    }
}

fn views_its_tensor(op: &OpView<'_>) -> Result<(), Problem> {
    let (Some(from), Some(to)) = (op.operands.first(), op.results.first()) else { return Ok(()) };
    if matches!(to, Type::View { .. }) && from.tensor() == to.tensor() {
        return Ok(());
    }
    Err(Problem::new("result", to.to_string(), format!("a view of {from}")))
}

/// The dialect.
pub(crate) fn dialect() -> Dialect {
    let class = OpDef::new(
        "stack.class",
        Level::Stack,
        Kind::Any,
        "The same tensor, made in different ways; the way to take is not chosen yet.\n\
         Each alternative is used by its class alone. A value that no class holds is a class of one.",
    )
    .variadic("alternatives", Kind::Any)
    .verify(same_types);
    let view = OpDef::new(
        "stack.view",
        Level::Stack,
        Kind::Any,
        "Says which tensor a class of views is a view of. Nothing implements it: extraction never chooses it.",
    )
    .operand("of", Kind::Tensor)
    .verify(views_its_tensor);
    Dialect {
        name: "stack",
        summary: "The stacked graph: every realisation of every tensor, none chosen.",
        page: include_str!("README.md"),
        types: Vec::new(),
        ops: vec![class, view],
    }
}
