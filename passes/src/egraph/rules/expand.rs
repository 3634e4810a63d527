//! Composite operations beside what they are made of.

use super::{Kind, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::nn::expand::{Build, Composite, OF_PRODUCTS, WHOLE, parts};
use egg::Id;
use prism_dialects::{Attrs, Loc, TensorType, Type, registry};

/// A norm, an activation or a rotation is its parts.
pub(super) static COMPOSITE: Rule = Rule {
    name: "expand-composite",
    kind: Kind::Reassociating,
    phase: Phase::Algebra,
    doc: "A norm, an activation, a rotary embedding or a causal mask is the operations that it is made of, for machines without a \
          kernel for the whole. The constants of GELU are rounded to its element type.",
    condition: "always",
    roots: || WHOLE.to_vec(),
    apply: |graph, _, class, node, loc| apart(graph, class, node, loc, false),
};

/// An attention is its two products with scores, mask and softmax between them.
pub(super) static ATTENTION: Rule = Rule {
    name: "expand-attention",
    kind: Kind::Exact,
    phase: Phase::Algebra,
    doc: "An attention is two products with scaling, masking and softmax between them, so that units which do products alone \
          may do them.",
    condition: "always",
    roots: || OF_PRODUCTS.to_vec(),
    apply: |graph, _, class, node, loc| apart(graph, class, node, loc, false),
};

/// Heads of queries that share keys and values are the rows of one product.
pub(super) static GROUP_HEADS: Rule = Rule {
    name: "group-query-heads",
    kind: Kind::Exact,
    phase: Phase::Algebra,
    doc: "Heads of queries that share keys and values (grouped-query attention: Ainslie et al., arXiv 2305.13245) become rows of \
          one product: keys and values are not repeated, and a unit that holds them holds them once for all heads.",
    condition: "the attention has more heads of queries than of keys",
    roots: || OF_PRODUCTS.to_vec(),
    apply: |graph, _, class, node, loc| apart(graph, class, node, loc, true),
};

fn apart(graph: &mut Graph, class: Id, node: &Node, loc: &Loc, grouped: bool) -> Vec<Id> {
    let Some(def) = graph.def(node) else { return Vec::new() };
    let (attrs, ty) = (graph.attrs(node), graph.tensor(class));
    let of = Composite { name: def.name, operands: &node.children, attrs: &attrs, ty: &ty };
    parts(&mut InGraph { graph, loc }, &of, grouped).into_iter().collect()
}

/// Builds in an e-graph.
struct InGraph<'g> {
    graph: &'g mut Graph,
    loc: &'g Loc,
}

impl Build for InGraph<'_> {
    type Value = Id;

    fn tensor(&self, value: Id) -> TensorType {
        self.graph.tensor(value)
    }

    fn op(&mut self, name: &'static str, operands: &[Id], attrs: Attrs, ty: Option<TensorType>) -> Option<Id> {
        match ty {
            Some(ty) => Some(self.graph.op(registry::op(name), attrs, Type::Tensor(ty), operands, self.loc.clone())),
            None => self.graph.maths(name, attrs, operands, self.loc),
        }
    }
}
