//! Factors move to where there are fewer numbers to multiply.

use super::{Kind, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use egg::Id;
use prism_dialects::{Attrs, Loc, Type, registry};

/// `(a b) s = (a s) b = a (b s)` for a number `s`.
pub(super) static OPERAND: Rule = Rule {
    name: "scale-operand",
    kind: Kind::Reassociating,
    phase: Phase::Algebra,
    doc: "A product times a number is the product of an operand that was multiplied by it: of a weight beforehand, or of the smaller operand. \
          The scores of an attention are many more numbers than its queries.",
    condition: "the factor is one number made of weights alone; the operand is made of weights alone, or has fewer numbers than the \
                product; at most a reshape lies between",
    roots: || vec!["nn.mul"],
    apply: |graph, _, class, node, loc| {
        let mut out = Vec::new();
        for (product, factor) in [(0, 1), (1, 0)].map(|(p, f)| (node.children[p], node.children[f])) {
            let is_number = graph.is_offline(factor) && graph.tensor(factor).numel() == 1;
            if !is_number || graph.is_offline(product) {
                continue;
            }
            for matmul in graph.nodes_of(product, "nn.matmul") {
                out.extend(scaled(graph, class, &matmul, factor, loc));
            }
            for reshape in graph.nodes_of(product, "nn.reshape") {
                let from = reshape.children[0];
                for matmul in graph.nodes_of(from, "nn.matmul") {
                    let Some(made) = scaled(graph, from, &matmul, factor, loc) else { continue };
                    let attrs = (*graph.attrs(&reshape)).clone();
                    let ty = Type::Tensor(graph.tensor(product));
                    out.push(graph.op(registry::op("nn.reshape"), attrs, ty, &[made], loc.clone()));
                }
            }
        }
        out
    },
};

/// The product of `matmul`, a node that makes tensors like `class`, with one operand times `factor`.
fn scaled(graph: &mut Graph, class: Id, matmul: &Node, factor: Id, loc: &Loc) -> Option<Id> {
    let numbers = |graph: &Graph, i: usize| match graph.is_offline(matmul.children[i]) {
        true => 0,
        false => graph.tensor(matmul.children[i]).numel(),
    };
    let side = usize::from(numbers(graph, 1) < numbers(graph, 0));
    let operand = matmul.children[side];
    // A number with axes must not give the operand more of them.
    let fits = graph.tensor(factor).rank() <= graph.tensor(operand).rank();
    if !fits || numbers(graph, side) >= graph.tensor(class).numel() {
        return None;
    }
    let mut children = matmul.children.clone();
    children[side] = graph.maths("nn.mul", Attrs::new(), &[operand, factor], loc)?;
    let attrs = (*graph.attrs(matmul)).clone();
    graph.maths("nn.matmul", attrs, &children, loc)
}
