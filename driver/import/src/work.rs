//! What a program costs to run, whatever it came from.

use prism_dialects::{Body, OpView, Type, nn};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a model is once its dimensions are bound.
#[derive(Clone, Debug, Serialize)]
pub struct Bound {
    /// Number of operations by name.
    pub operations: BTreeMap<String, u64>,
    /// Multiply-accumulates in all matrix products.
    pub macs: u64,
    /// Of these, in products with a weight.
    pub weight_macs: u64,
}

/// Counts of a body. A weight may be cast, or picked from several, before it is multiplied with.
pub(crate) fn bound_of(body: &Body) -> Bound {
    let mut bound = Bound { operations: BTreeMap::new(), macs: 0, weight_macs: 0 };
    let mut is_weight = vec![false; body.types.len()];
    for op in &body.ops {
        *bound.operations.entry(op.name().to_string()).or_insert(0) += 1;
        let first = op.operands.first().is_some_and(|v| is_weight[v.index()]);
        let (Some(result), moves) = (op.result(), moves(op.name())) else { continue };
        is_weight[result.index()] = op.name() == "nn.param" || (moves && first);
        let operands: Vec<Type> = op.operands.iter().map(|v| body.ty(*v).clone()).collect();
        let work = nn::macs(&OpView { def: op.def, operands: &operands, results: &[], attrs: &op.attrs });
        bound.macs = bound.macs.saturating_add(work);
        if op.operands.iter().any(|v| is_weight[v.index()]) {
            bound.weight_macs = bound.weight_macs.saturating_add(work);
        }
    }
    bound
}

/// Whether an operation makes of a weight a weight: the same numbers elsewhere, or fewer of them.
fn moves(name: &str) -> bool {
    matches!(name, "nn.cast" | "nn.reshape" | "nn.transpose" | "nn.slice" | "nn.gather")
}
