//! What the rules ask the target, in the target's terms, and its answers as attributes.

use super::graph::Graph;
use super::language::Node;
use super::places::lies_with_weights;
use egg::Id;
use prism_dialects::{Attr, Attrs, Body, Elem, TensorType};
use prism_hardware::target::photonic::Conversions;
use prism_hardware::{Cost, Location, MatmulWork, Stationary, Target, TensorSize, Work};
use prism_support::codes::E0703;
use prism_support::{Diagnostic, Result};

/// A tensor as the cost core sees it on `target`: floats are stored no wider than the target's numbers.
pub fn size(target: &Target, t: &TensorType) -> TensorSize {
    TensorSize { dims: t.dims.clone(), bits: stored_bits(target, t.elem) }
}

/// Width at which numbers of that type lie in memory.
pub fn stored_bits(target: &Target, elem: Elem) -> u32 {
    bits_at(elem, target.number_bits())
}

/// Bytes that a tensor takes in memory.
pub fn bytes(target: &Target, t: &TensorType) -> f64 {
    t.numel() as f64 * f64::from(stored_bits(target, t.elem)) / 8.0
}

/// Multiply-accumulates of a node: those of `nn.matmul` and of the two products of `nn.attention`, 0 for the others.
fn macs(graph: &Graph, node: &Node, out: &TensorType) -> u64 {
    match graph.def(node).map(|d| d.name) {
        Some("nn.matmul") => out.numel().saturating_mul(inner_extent(graph, node)),
        Some("nn.attention") => {
            let last = |i: usize, from_end: usize| {
                graph.tensor(node.children[i]).dims.iter().rev().nth(from_end).copied().unwrap_or(0)
            };
            let (d, keys, e) = (last(0, 0), last(1, 1), last(2, 0).max(1));
            (out.numel() / e).saturating_mul(keys).saturating_mul(d.saturating_add(e))
        }
        _ => 0,
    }
}

/// The contracted extent (K) of a product.
fn inner_extent(graph: &Graph, node: &Node) -> u64 {
    let lhs = graph.tensor(node.children[0]);
    let transposed = graph.attrs(node).get("transpose_lhs").and_then(Attr::as_bool).unwrap_or(false);
    let from_end = if transposed { 2 } else { 1 };
    lhs.rank().checked_sub(from_end).and_then(|i| lhs.dims.get(i)).copied().unwrap_or(1)
}

/// The work of a maths node whose class is `class`.
pub fn work(graph: &Graph, target: &Target, class: Id, node: &Node) -> Option<Work<'static>> {
    let out = graph.tensor(class);
    let op = graph.def(node)?.short();
    let inputs = node.children.iter().map(|c| size(target, &graph.tensor(*c))).collect();
    Some(Work { op, inputs, macs: macs(graph, node, &out), output: size(target, &out) })
}

/// The extents of a product whose class is `class`.
pub fn matmul_work(graph: &Graph, class: Id, node: &Node) -> Option<MatmulWork> {
    let out = graph.tensor(class);
    let [lead @ .., m, n] = out.dims.as_slice() else { return None };
    let batch = lead.iter().fold(1u64, |a, b| a.saturating_mul(*b));
    let (lhs, rhs) = (node.children[0], node.children[1]);
    let dynamic = !(lies_with_weights(graph, lhs) || lies_with_weights(graph, rhs));
    let shared = graph.tensor(rhs).rank() == 2;
    Some(MatmulWork {
        dynamic,
        lhs_signed: !is_non_negative(graph, lhs, 4),
        rhs_signed: !is_non_negative(graph, rhs, 4),
        ..product_of(batch, (*m, inner_extent(graph, node), *n), shared)
    })
}

/// Passes that the streamed operand takes for its sign.
pub fn sign_passes(target: &Target, unit: &str, work: &MatmulWork, held: Stationary) -> i64 {
    let signed = if held == Stationary::Rhs { work.lhs_signed } else { work.rhs_signed };
    let passes = target.photonic_unit(unit).map_or(1, |u| u.signed_passes);
    if signed { i64::try_from(passes).unwrap_or(1) } else { 1 }
}

/// The product of a batch: one of more rows where all share the right operand.
pub fn product_of(batch: u64, (m, k, n): (u64, u64, u64), shared_rhs: bool) -> MatmulWork {
    if shared_rhs { MatmulWork::new(1, batch.saturating_mul(m), k, n) } else { MatmulWork::new(batch, m, k, n) }
}

/// Whether a tensor has no negative numbers because of what makes it, looking through `depth` changes of shape.
fn is_non_negative(graph: &Graph, class: Id, depth: usize) -> bool {
    const MAKERS: [&str; 4] = ["nn.softmax", "nn.sigmoid", "nn.relu", "nn.exp"];
    const SHAPES: [&str; 4] = ["nn.reshape", "nn.transpose", "nn.slice", "nn.cast"];
    graph.egraph[class].iter().any(|node| {
        let name = graph.def(node).map_or("", |d| d.name);
        let through = depth > 0 && SHAPES.contains(&name);
        MAKERS.contains(&name) || (through && node.children.iter().all(|c| is_non_negative(graph, *c, depth - 1)))
    })
}

/// Effective bits of a view of `elem` at level `bits`: integers are exact, floats at most their own width.
pub fn bits_at(elem: Elem, bits: u32) -> u32 {
    if elem.is_float() { bits.min(elem.bits()) } else { elem.bits() }
}

/// Whether a cost is a number: on a machine with absurd figures a product of them may not be. Such a realisation is
/// left out, as one that nobody would choose.
pub fn is_finite(cost: &Cost) -> bool {
    let busy = cost.busy.iter().all(|(_, t)| t.0.is_finite());
    let moved = cost.moved.iter().all(|(_, b)| b.0.is_finite());
    cost.total_energy().0.is_finite() && cost.latency.0.is_finite() && busy && moved
}

/// A cost vector as the `cost` attribute.
pub fn cost_attr(cost: &Cost) -> Attr {
    let dict =
        |entries: Vec<(String, f64)>| Attr::dict(entries.into_iter().map(|(k, v)| (k, Attr::float(v))).collect());
    let energy = cost.energy.iter().map(|(c, e)| (c.to_string(), e.0)).collect();
    let busy = cost.busy.iter().map(|(r, t)| (r.to_string(), t.0)).collect();
    let moved = cost.moved.iter().map(|(m, b)| (m.to_string(), b.0)).collect();
    let mut out =
        Attrs::from([("energy_j".to_string(), dict(energy)), ("latency_s".to_string(), Attr::float(cost.latency.0))]);
    for (name, entries) in [("busy_s", dict(busy)), ("moved_bytes", dict(moved))] {
        if entries.as_dict().is_some_and(|d| !d.is_empty()) {
            out.insert(name.into(), entries);
        }
    }
    Attr::dict(out)
}

/// Attributes of an operation that `unit` does at `cost`.
pub fn priced(unit: &str, cost: &Cost) -> Attrs {
    Attrs::from([("unit".to_string(), Attr::str(unit)), ("cost".to_string(), cost_attr(cost))])
}

/// The photonic units of a target that bill conversions so, by name, in its order.
pub fn photonic_units(target: &Target, conversions: Conversions) -> Vec<String> {
    target.photonic.iter().filter(|u| u.conversions == conversions).map(|u| u.name.to_string()).collect()
}

/// Whether `unit` makes floats of type `elem` at precision level `bits`.
pub fn light_level(target: &Target, unit: &str, elem: Elem, bits: u32) -> bool {
    elem.is_float() && target.light_bits(unit).is_some_and(|b| bits_at(elem, b) == bits)
}

/// The memory where tensors of that kind lie.
pub fn memory_at(target: &Target, place: Location) -> &str {
    let at = match place {
        Location::Parameters => target.placement.parameters,
        Location::Inputs => target.placement.inputs,
        Location::Results => target.placement.results,
    };
    target.memories.get(at).map_or("?", |m| m.name.as_str())
}

/// The memory that units read from and write to.
pub fn working_memory(target: &Target) -> &str {
    target.memories.get(target.placement.working).map_or("?", |m| m.name.as_str())
}

/// Attribute of a body that names the target whose prices it carries.
pub const PRICED_ON: &str = "stack.target";
/// Attribute of a body with [`Target::figures`] of that target.
pub const FIGURES: &str = "stack.figures";
/// Attribute of a body with the effective bits that its results were asked to have at least, where some were.
pub const MIN_BITS: &str = "stack.min_bits";

/// Refuses a body that carries the prices of another target, or of one of that name with other figures.
///
/// # Errors
/// [`E0703`].
pub fn check_target(body: &Body, target: &Target) -> Result<()> {
    let said = |key: &str| body.attrs.get(key).and_then(Attr::as_str);
    let refused = |found: String, hint: String| {
        Diagnostic::error(&E0703, format!("`@{}` was priced on another target", body.name))
            .found(found)
            .allowed(format!("prices of `{}`", target.identity()))
            .hint(hint)
    };
    match (said(PRICED_ON), said(FIGURES)) {
        (Some(priced), _) if priced != target.identity() => {
            let again = match priced.split_once(" with ") {
                Some((name, set)) => format!("give `--target {name}` and the `--set` of then ({set})"),
                None => format!("add `--target {priced}`"),
            };
            Err(refused(format!("prices of `{priced}`"), format!("{again}, or start again from the model")).into())
        }
        (Some(priced), Some(figures)) if figures != target.figures() => {
            let found = format!("prices of a `{priced}` with other figures in its file");
            Err(refused(found, "give the file as it was, or start again from the model".into()).into())
        }
        _ => Ok(()),
    }
}
