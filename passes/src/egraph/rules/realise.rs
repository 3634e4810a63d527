//! How units make views: electronic kernels and photonic products.

use super::{Kind, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::egraph::price;
use egg::Id;
use prism_dialects::{Attr, Attrs, Level, Type, View, registry};

/// `@digital(f(x))` by a kernel on `@digital(x)`.
pub(super) static KERNEL: Rule = Rule {
    name: "kernel",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "Every electronic unit that has a kernel for the operation may make its result from operands on chip.",
    condition: "the target lists a kernel for the operation",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        let (Some(target), Some((View::Digital, bits))) = (machine.target, viewed(graph, node)) else {
            return Vec::new();
        };
        let of = node.children[0];
        let mut out = Vec::new();
        for maths in maths_nodes(graph, of) {
            if is_leaf(graph, &maths) {
                continue;
            }
            let Some(work) = price::work(graph, of, &maths) else { continue };
            for realisation in target.electronic(&work).into_iter().filter(|r| price::is_finite(&r.cost)) {
                let children: Vec<Id> = maths.children.iter().map(|c| digital(graph, *c, bits, loc)).collect();
                let attrs = kernel_attrs(graph, &maths, &realisation.unit, &realisation.cost);
                let ty = Type::viewed(View::Digital, graph.tensor(of), bits);
                out.push(graph.op(registry::op("elec.kernel"), attrs, ty, &children, loc.clone()));
            }
        }
        out
    },
};

/// `@readout(a b)` by light that carries one operand through a unit that holds the other.
pub(super) static PHOTONIC: Rule = Rule {
    name: "photonic-matmul",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "Every photonic unit may make a product of floats, holding either operand still; both orders are priced.",
    condition: "the unit's effective bits are those of the view",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        let (Some(target), Some((View::Readout, bits))) = (machine.target, viewed(graph, node)) else {
            return Vec::new();
        };
        let Some(asked_unit) = unit_of(graph, node) else { return Vec::new() };
        let of = node.children[0];
        let mut out = Vec::new();
        for maths in graph.nodes_of(of, "nn.matmul") {
            let Some(work) = price::matmul_work(graph, of, &maths) else { continue };
            for r in target.photonic(&work).into_iter().filter(|r| price::is_finite(&r.cost)) {
                if *asked_unit != *r.unit || !price::light_level(target, &r.unit, graph.tensor(of).elem, bits) {
                    continue;
                }
                let holds_lhs = r.stationary == prism_hardware::Stationary::Lhs;
                let (moving, held) = if holds_lhs { (1, 0) } else { (0, 1) };
                let light = graph.view_in(maths.children[moving], View::Light, bits, &r.unit, loc);
                let weights = graph.view_in(maths.children[held], View::Weights, bits, &r.unit, loc);
                let mut attrs = price::priced(&r.unit, &r.cost);
                attrs.insert("stationary".into(), Attr::str(if holds_lhs { "lhs" } else { "rhs" }));
                attrs.extend((*graph.attrs(&maths)).clone());
                let ty = Type::in_unit(View::Readout, graph.tensor(of), bits, &*r.unit);
                out.push(graph.op(registry::op("ptu.matmul"), attrs, ty, &[light, weights], loc.clone()));
            }
        }
        out
    },
};

/// Attributes of a kernel for `maths`.
pub(super) fn kernel_attrs(graph: &Graph, maths: &Node, unit: &str, cost: &prism_hardware::Cost) -> Attrs {
    let mut attrs = price::priced(unit, cost);
    attrs.extend(computes(graph, maths));
    attrs
}

/// `op` and `params`: what a kernel or a preparation computes.
pub(super) fn computes(graph: &Graph, maths: &Node) -> Attrs {
    let mut attrs = Attrs::new();
    if let Some(def) = graph.def(maths) {
        attrs.insert("op".into(), Attr::str(def.name));
    }
    let params = (*graph.attrs(maths)).clone();
    if !params.is_empty() {
        attrs.insert("params".into(), Attr::Dict(params));
    }
    attrs
}

/// The view and its bits, of a `stack.view` node.
pub(super) fn viewed(graph: &Graph, node: &Node) -> Option<(View, u32)> {
    match graph.egraph.analysis.ty(node.ty).as_ref() {
        Type::View { view, bits, .. } => Some((*view, *bits)),
        _ => None,
    }
}

/// The photonic unit that a `stack.view` node names.
pub(super) fn unit_of(graph: &Graph, node: &Node) -> Option<String> {
    graph.egraph.analysis.ty(node.ty).unit().map(str::to_string)
}

/// The maths operations of a class.
pub(super) fn maths_nodes(graph: &Graph, class: Id) -> Vec<Node> {
    let is_maths = |n: &&Node| graph.def(n).is_some_and(|d| d.level == Level::Nn);
    graph.egraph[class].iter().filter(is_maths).cloned().collect()
}

/// Whether a node is a weight or a constant.
pub(super) fn is_leaf(graph: &Graph, node: &Node) -> bool {
    graph.def(node).is_some_and(|d| matches!(d.name, "nn.param" | "nn.constant"))
}

/// The on-chip view of `x` at level `bits`.
pub(super) fn digital(graph: &mut Graph, x: Id, bits: u32, loc: &prism_dialects::Loc) -> Id {
    let bits = price::bits_at(graph.tensor(x).elem, bits);
    graph.view(x, View::Digital, bits, loc)
}
