//! Transposes move towards the leaves, cancel, and disappear into matrix products.
//!
//! Permutations are composed here, in one step, rather than by more rules.

use super::{Kind, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::nn::fold_constants::ELEMENTWISE;
use egg::Id;
use prism_dialects::{Attr, Attrs, Loc};

/// `transpose(transpose(x, p), q) = transpose(x, p . q)`, and no transpose at all for the identity.
pub(super) static OF_TRANSPOSE: Rule = Rule {
    name: "transpose-of-transpose",
    kind: Kind::Exact,
    phase: Phase::Algebra,
    doc: "Two transposes are one, or none: the conversions of layout around a reshape-free region cancel.",
    condition: "always",
    roots: || vec!["nn.transpose"],
    apply: |graph, _, _, node, loc| {
        let outer = perm(graph, node);
        let mut out = Vec::new();
        for inner in graph.nodes_of(node.children[0], "nn.transpose") {
            let composed: Option<Vec<i64>> = {
                let p = perm(graph, &inner);
                outer.iter().map(|q| usize::try_from(*q).ok().and_then(|q| p.get(q).copied())).collect()
            };
            out.extend(composed.and_then(|p| transposed(graph, inner.children[0], p, loc)));
        }
        out
    },
};

/// `matmul(a, transpose(b))` with the last two axes swapped is the product with its flag flipped.
pub(super) static INTO_MATMUL: Rule = Rule {
    name: "transpose-into-matmul",
    kind: Kind::Exact,
    phase: Phase::Algebra,
    doc: "A product reads its operand as stored: swapping the last two axes is addressing, not work.",
    condition: "the transpose swaps the last two axes and no others",
    roots: || vec!["nn.matmul"],
    apply: |graph, _, _, node, loc| {
        let attrs = graph.attrs(node);
        let mut out = Vec::new();
        for (side, flag) in ["transpose_lhs", "transpose_rhs"].into_iter().enumerate() {
            for t in graph.nodes_of(node.children[side], "nn.transpose") {
                if swaps_last_two(&perm(graph, &t)) {
                    let mut children = node.children.clone();
                    children[side] = t.children[0];
                    out.extend(graph.maths("nn.matmul", flipped(&attrs, flag), &children, loc));
                }
            }
        }
        out
    },
};

/// `transpose(a b) = transpose(b) transpose(a)`.
pub(super) static OF_MATMUL: Rule = Rule {
    name: "transpose-of-matmul",
    kind: Kind::Exact,
    phase: Phase::Algebra,
    doc: "The transpose of a product is the product of the transposes in the other order; flags absorb them.",
    condition: "the transpose swaps the last two axes and no others",
    roots: || vec!["nn.transpose"],
    apply: |graph, _, _, node, loc| {
        if !swaps_last_two(&perm(graph, node)) {
            return Vec::new();
        }
        let products = graph.nodes_of(node.children[0], "nn.matmul");
        let swapped = products.into_iter().filter_map(|mm| {
            let old = graph.attrs(&mm);
            let mut attrs = Attrs::new();
            for (from, to) in [("transpose_lhs", "transpose_rhs"), ("transpose_rhs", "transpose_lhs")] {
                if !flag(&old, from) {
                    attrs.insert(to.into(), Attr::Bool(true));
                }
            }
            graph.maths("nn.matmul", attrs, &[mm.children[1], mm.children[0]], loc)
        });
        swapped.collect()
    },
};

/// `transpose(f(x, y)) = f(transpose(x), transpose(y))` for element-wise `f`.
pub(super) static THROUGH_ELEMENTWISE: Rule = Rule {
    name: "transpose-through-elementwise",
    kind: Kind::Exact,
    phase: Phase::Algebra,
    doc: "Transposes move towards the leaves, where they cancel or disappear into weights stored that way.",
    condition: "all operands of f have the shape of its result; at most two of them",
    roots: || vec!["nn.transpose"],
    apply: |graph, _, _, node, loc| {
        let p = perm(graph, node);
        let inner: Vec<Node> = graph.egraph[node.children[0]].iter().cloned().collect();
        let mut out = Vec::new();
        for f in inner {
            let Some(def) = graph.def(&f).filter(|d| is_elementwise(d.name)) else { continue };
            let shape = graph.tensor(node.children[0]).dims;
            if f.children.iter().any(|c| graph.tensor(*c).dims != shape) {
                continue;
            }
            let moved: Option<Vec<Id>> = f.children.iter().map(|c| transposed(graph, *c, p.clone(), loc)).collect();
            let attrs = (*graph.attrs(&f)).clone();
            out.extend(moved.and_then(|children| graph.maths(def.name, attrs, &children, loc)));
        }
        out
    },
};

/// Whether an operation of `nn` works element by element on one or two operands, whatever their shape.
pub(super) fn is_elementwise(name: &str) -> bool {
    let Some(def) = prism_dialects::registry::find(name) else { return false };
    // The type of a cast is not in its attributes.
    ELEMENTWISE.contains(&name) && matches!(def.operands.len(), 1 | 2) && name != "nn.cast"
}

fn perm(graph: &Graph, node: &Node) -> Vec<i64> {
    graph.attrs(node).get("perm").and_then(Attr::as_ints).map(<[i64]>::to_vec).unwrap_or_default()
}

fn flag(attrs: &Attrs, name: &str) -> bool {
    attrs.get(name).and_then(Attr::as_bool).unwrap_or(false)
}

/// Flags are absent when false, so that equal products have equal attributes.
fn flipped(attrs: &Attrs, name: &str) -> Attrs {
    let mut out = attrs.clone();
    if flag(attrs, name) {
        out.remove(name);
    } else {
        out.insert(name.into(), Attr::Bool(true));
    }
    out
}

fn swaps_last_two(perm: &[i64]) -> bool {
    let n = perm.len();
    n >= 2
        && perm.iter().enumerate().all(|(i, p)| {
            let want = if i + 2 == n {
                n - 1
            } else if i + 1 == n {
                n - 2
            } else {
                i
            };
            usize::try_from(*p) == Ok(want)
        })
}

fn is_identity(perm: &[i64]) -> bool {
    perm.iter().enumerate().all(|(i, p)| usize::try_from(*p) == Ok(i))
}

fn transposed(graph: &mut Graph, x: Id, perm: Vec<i64>, loc: &Loc) -> Option<Id> {
    if is_identity(&perm) {
        return Some(x);
    }
    graph.maths("nn.transpose", Attrs::from([("perm".to_string(), Attr::Ints(perm))]), &[x], loc)
}
