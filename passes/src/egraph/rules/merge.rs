//! Products that share their input are one product.

use super::{Kind, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use egg::Id;
use prism_dialects::{Attr, Attrs, Loc};
use std::collections::BTreeMap;

/// `x wq, x wk, x wv` are slices of `x (wq | wk | wv)`.
pub(super) static SHARED_INPUT: Rule = Rule {
    name: "merge-shared-input",
    kind: Kind::Exact,
    phase: Phase::Algebra,
    doc: "Projections of one input (q, k and v; gate and up) become slices of one wider product: the input is read and \
          encoded once, a unit is filled better. Exact per column. The joined weight is stored that way beforehand.",
    condition: "weights alone on the right, of equal rank, leading axes, inner extent and flags; at least two of them",
    roots: || vec!["nn.matmul"],
    apply: |graph, _, class, node, loc| {
        let x = graph.egraph.find(node.children[0]);
        let mut partners = partners(graph, x, node);
        partners.sort_unstable();
        partners.dedup();
        // The whole set is merged once, from the first of its members: subsets would only multiply terms.
        let first = partners.first().map(|(_, c)| graph.egraph.find(*c));
        if partners.len() < 2 || first != Some(graph.egraph.find(class)) {
            return Vec::new();
        }
        merge(graph, x, node, &partners, loc)
    },
};

/// Weight and product classes of all products `x w` like `node`. A slice of a merged weight is not a new weight.
fn partners(graph: &Graph, x: Id, node: &Node) -> Vec<(Id, Id)> {
    let egraph = &graph.egraph;
    let like = |n: &Node| {
        n.head == node.head
            && n.attrs == node.attrs
            && egraph.find(n.children[0]) == x
            && graph.is_offline(n.children[1])
            && fits(graph, n.children[1], node.children[1], rhs_transposed(graph, node))
            && !is_merged(graph, n.children[1])
    };
    let parents = egraph[x].parents().map(|p| egraph.find(p));
    let mut out = Vec::new();
    for parent in parents {
        for n in egraph[parent].iter().filter(|n| like(n)) {
            out.push((egraph.find(n.children[1]), parent));
        }
    }
    out
}

fn rhs_transposed(graph: &Graph, node: &Node) -> bool {
    graph.attrs(node).get("transpose_rhs").and_then(Attr::as_bool).unwrap_or(false)
}

/// The axis of a weight that holds its columns (N).
fn columns(rank: usize, transposed: bool) -> usize {
    rank.saturating_sub(if transposed { 2 } else { 1 })
}

fn fits(graph: &Graph, a: Id, b: Id, transposed: bool) -> bool {
    let (a, b) = (graph.tensor(a), graph.tensor(b));
    let axis = columns(a.rank(), transposed);
    a.elem == b.elem
        && a.rank() == b.rank()
        && a.dims.iter().zip(&b.dims).enumerate().all(|(i, (x, y))| i == axis || x == y)
}

fn is_merged(graph: &Graph, weight: Id) -> bool {
    !graph.nodes_of(weight, "nn.concat").is_empty()
}

fn merge(graph: &mut Graph, x: Id, node: &Node, partners: &[(Id, Id)], loc: &Loc) -> Vec<Id> {
    let transposed = rhs_transposed(graph, node);
    let rank = graph.tensor(node.children[1]).rank();
    let axis = columns(rank, transposed);
    let weights: Vec<Id> = partners.iter().map(|(w, _)| *w).collect();
    let concat = Attrs::from([("axis".to_string(), Attr::Int(axis as i64))]);
    let Some(joined) = graph.maths("nn.concat", concat, &weights, loc) else { return Vec::new() };
    let attrs = (*graph.attrs(node)).clone();
    let Some(product) = graph.maths("nn.matmul", attrs, &[x, joined], loc) else { return Vec::new() };
    let whole = graph.tensor(product);
    let mut start = 0i64;
    let mut slices: BTreeMap<Id, Id> = BTreeMap::new();
    for (weight, parent) in partners {
        let width = graph.tensor(*weight).dims[axis] as i64;
        let mut starts = vec![0i64; whole.rank()];
        let mut sizes: Vec<i64> = whole.dims.iter().map(|d| *d as i64).collect();
        if let (Some(s), Some(n)) = (starts.last_mut(), sizes.last_mut()) {
            (*s, *n) = (start, width);
        }
        let steps = vec![1; whole.rank()];
        let attrs = [("starts", starts), ("sizes", sizes), ("steps", steps)];
        let attrs = attrs.into_iter().map(|(k, v)| (k.to_string(), Attr::Ints(v))).collect();
        if let Some(slice) = graph.maths("nn.slice", attrs, &[product], loc) {
            slices.insert(*parent, slice);
        }
        start += width;
    }
    // The rule's own class is the first partner; a match has one root.
    let mine = partners.first().and_then(|(_, p)| slices.get(p)).copied();
    let others = slices.iter().filter(|(_, slice)| Some(**slice) != mine);
    graph.besides.extend(others.map(|(parent, slice)| (*parent, *slice)));
    mine.into_iter().collect()
}
