//! Transposes disappear into matrix products.

use super::{Kind, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use prism_dialects::{Attr, Attrs};

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
