//! Mixtures of experts: a router, the experts that it chooses, and an expert of all tokens.
//!
//! The weights of all experts are one parameter, whose name has `*` for the number of the expert: shapes do not depend on the
//! routing then. Two forms of the same maths:
//!
//! - Fewer choices than experts (T tokens of k choices, T k <= E): every choice picks the weights of its expert. Exact for any
//!   routing. Each choice counts as an expert of its own, as it is while tokens differ in theirs.
//! - More: `nn.moe_dispatch` gives every expert C = ceil(T k / E) rows. Exact while no expert is chosen more than C times, which is
//!   to say for balanced routing; what goes beyond is dropped. Work is that of E C rows: T k where E divides it, up to E - 1
//!   rows more where not.

use super::mlp;
use crate::hf::graph::{Built, Graph, V, attrs, int};
use crate::hf::spec::{Groups, Moe, Routing, Scores};
use prism_dialects::{Attr, Attrs, TensorType};

/// The mixture of experts at `path`; `x` is [batch, tokens, hidden].
pub(crate) fn mixture(g: &mut Graph<'_>, x: V, path: &str, of: &Moe) -> Built {
    let dims = g.ty(x).dims;
    let hidden = dims.last().copied().unwrap_or(1);
    let tokens = dims.iter().rev().skip(1).fold(1u64, |n, d| n.saturating_mul(*d));
    g.at(path);
    let rows = g.reshape(x, [tokens, hidden])?;
    let (choices, weights) = route(g, rows, &format!("{path}.gate"), of)?;
    let many = tokens.saturating_mul(of.top_k) > of.experts;
    let mixed = match many {
        true => dispatched(g, rows, (choices, weights), path, of)?,
        false => picked(g, rows, (choices, weights), path, of)?,
    };
    let mut y = g.reshape(mixed, dims)?;
    if let Some(shared) = of.shared {
        let module = format!("{path}.{}", shared.module);
        let mut always = mlp::gated(g, x, &module, shared.mlp)?;
        if let Some(gate) = shared.gate {
            let open = g.linear(x, &format!("{path}.{gate}"), 1, false)?;
            let open = g.one("nn.sigmoid", open)?;
            always = g.two("nn.mul", open, always)?;
        }
        g.at(path);
        y = g.two("nn.add", y, always)?;
    }
    Ok(y)
}

/// Chosen experts and their weights: [tokens, k] each.
fn route(g: &mut Graph<'_>, rows: V, path: &str, of: &Moe) -> Built<(V, V)> {
    let Routing { scores, choice_bias, groups, normed, factor } = of.routing;
    let logits = g.linear(rows, path, of.experts, false)?;
    let scores = match scores {
        Scores::Softmax => g.op("nn.softmax", &[logits], attrs([("axis", int(1))]))?,
        Scores::Sigmoid => g.one("nn.sigmoid", logits)?,
    };
    let mut judged = scores;
    if choice_bias {
        let bias = g.weight(&format!("{path}.e_score_correction_bias"), [of.experts])?;
        g.at(path);
        judged = g.two("nn.add", judged, bias)?;
    }
    if let Some(groups) = groups {
        judged = only_best_groups(g, judged, groups)?;
    }
    let choices = largest(g, judged, 1, of.top_k)?;
    let mut weights = g.op("nn.gather_elements", &[scores, choices], attrs([("axis", int(1))]))?;
    if let Some(beside) = normed {
        let over = attrs([("axes", Attr::Ints(vec![1])), ("keepdims", Attr::Bool(true))]);
        let mut sum = g.op("nn.reduce_sum", &[weights], over)?;
        if beside != 0.0 {
            let beside = g.scalar(beside, g.compute())?;
            sum = g.two("nn.add", sum, beside)?;
        }
        weights = g.two("nn.div", weights, sum)?;
    }
    Ok((choices, g.scaled(weights, factor)?))
}

fn largest(g: &mut Graph<'_>, x: V, axis: usize, k: u64) -> Built {
    g.op("nn.top_k", &[x], attrs([("axis", int(axis)), ("k", int(k))]))
}

/// Scores [tokens, experts] with those of all but the best groups hidden.
fn only_best_groups(g: &mut Graph<'_>, scores: V, of: Groups) -> Built {
    let dims = g.ty(scores).dims;
    let (tokens, experts) = (dims[0], dims[1]);
    let elem = g.compute();
    let grouped = g.reshape(scores, [tokens, of.count, experts / of.count.max(1)])?;
    let judged = if of.judged_by == 1 {
        g.op("nn.reduce_max", &[grouped], attrs([("axes", Attr::Ints(vec![2]))]))?
    } else {
        let best = largest(g, grouped, 2, of.judged_by)?;
        let best = g.op("nn.gather_elements", &[grouped, best], attrs([("axis", int(2))]))?;
        g.op("nn.reduce_sum", &[best], attrs([("axes", Attr::Ints(vec![2]))]))?
    };
    let kept = largest(g, judged, 1, of.kept)?;
    let zeros = splat(g, 0.0, TensorType::new([tokens, of.count], elem))?;
    let ones = splat(g, 1.0, TensorType::new([tokens, of.kept], elem))?;
    let marks = g.op("nn.scatter_elements", &[zeros, kept, ones], attrs([("axis", int(1))]))?;
    let marks = g.reshape(marks, [tokens, of.count, 1])?;
    let half = g.scalar(0.5, elem)?;
    let inside = g.two("nn.greater", marks, half)?;
    let hidden = g.scalar(of.hidden, elem)?;
    let seen = g.op("nn.where", &[inside, grouped, hidden], Attrs::new())?;
    g.reshape(seen, [tokens, experts])
}

fn splat(g: &mut Graph<'_>, x: f64, ty: TensorType) -> Built {
    g.floats(&[x], ty.dims, ty.elem)
}

/// Weights of all experts: [experts, outputs, inputs].
fn stacked(g: &mut Graph<'_>, path: &str, of: &Moe, which: usize, (outputs, inputs): (u64, u64)) -> Built {
    let module = format!("{path}.experts.*.{}", of.weights[which]);
    let weight = g.weight(&format!("{module}.weight"), [of.experts, outputs, inputs])?;
    g.at(&module);
    Ok(weight)
}

/// Each expert on the rows that were chosen for it.
fn dispatched(g: &mut Graph<'_>, rows: V, (choices, weights): (V, V), path: &str, of: &Moe) -> Built {
    let dims = g.ty(rows).dims;
    let (tokens, hidden) = (dims[0], dims[1]);
    let capacity = tokens.saturating_mul(of.top_k).div_ceil(of.experts);
    let experts = format!("{path}.experts");
    g.at(&experts);
    let sizes = attrs([("experts", int(of.experts)), ("capacity", int(capacity))]);
    let sorted = g.op("nn.moe_dispatch", &[rows, choices], sizes)?;
    let product = |g: &mut Graph<'_>, x: V, which, extents| {
        let weight = stacked(g, path, of, which, extents)?;
        g.by_transposed(x, weight)
    };
    let inner = (of.expert.width, hidden);
    let (open, up) = (product(g, sorted, 0, inner)?, product(g, sorted, 1, inner)?);
    let inner = mlp::gate(g, &experts, (open, up), of.expert.act)?;
    let made = product(g, inner, 2, (hidden, of.expert.width))?;
    g.at(&experts);
    g.op("nn.moe_combine", &[made, choices, weights], Attrs::new())
}

/// For each choice the weights of its expert.
fn picked(g: &mut Graph<'_>, rows: V, (choices, weights): (V, V), path: &str, of: &Moe) -> Built {
    let dims = g.ty(rows).dims;
    let (tokens, hidden) = (dims[0], dims[1]);
    let product = |g: &mut Graph<'_>, x: V, which, extents| {
        let weight = stacked(g, path, of, which, extents)?;
        let chosen = g.op("nn.gather", &[weight, choices], attrs([("axis", int(0))]))?;
        g.by_transposed(x, chosen)
    };
    let apart = g.reshape(rows, [tokens, 1, 1, hidden])?;
    let inner = (of.expert.width, hidden);
    let (open, up) = (product(g, apart, 0, inner)?, product(g, apart, 1, inner)?);
    let experts = format!("{path}.experts");
    let inner = mlp::gate(g, &experts, (open, up), of.expert.act)?;
    let made = product(g, inner, 2, (hidden, of.expert.width))?;
    g.at(&experts);
    let made = g.reshape(made, [tokens, of.top_k, hidden])?;
    let weights = g.reshape(weights, [tokens, of.top_k, 1])?;
    let weighed = g.two("nn.mul", made, weights)?;
    g.op("nn.reduce_sum", &[weighed], attrs([("axes", Attr::Ints(vec![1]))]))
}
