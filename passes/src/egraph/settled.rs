//! An e-graph that no rule will change any more: its nodes by class, without the tables that rules and unions need.

use super::graph::{Graph, Origin};
use super::language::{Facts, Head, Node};
use egg::{Id, Language};
use prism_dialects::{Attrs, Loc, OpDef, Type};
use std::sync::Arc;

/// A node of a class.
pub(super) struct SettledNode {
    class: Id,
    /// The node; its children are classes.
    pub(super) node: Node,
    /// Number of the oldest node that became this one.
    origin: u32,
}

/// An e-graph to be read alone.
pub(super) struct Settled {
    facts: Facts,
    /// Ordered by class, those of a class by node; without holes.
    nodes: Vec<SettledNode>,
    origins: Vec<Origin>,
}

impl Settled {
    /// From a graph that was rebuilt after the last union. What egg has of the graph is gone when this returns.
    pub(super) fn new(graph: Graph) -> Settled {
        let egraph = graph.egraph;
        let real = egraph.nodes().iter().zip(0u32..).filter(|(node, _)| !matches!(node.head, Head::Hole(_)));
        let canonical = real.map(|(node, origin)| SettledNode {
            class: egraph.find(Id::from(origin as usize)),
            node: node.clone().map_children(|c| egraph.find(c)),
            origin,
        });
        let mut nodes: Vec<SettledNode> = canonical.collect();
        nodes.sort_unstable_by(|a, b| (a.class, &a.node, a.origin).cmp(&(b.class, &b.node, b.origin)));
        // Unions make nodes equal: the first that came is where they come from.
        nodes.dedup_by(|b, a| a.class == b.class && a.node == b.node);
        Settled { facts: egraph.analysis, nodes, origins: graph.origins }
    }

    /// The nodes of a class, in a stable order.
    pub(super) fn nodes_of(&self, class: Id) -> &[SettledNode] {
        let from = self.nodes.partition_point(|n| n.class < class);
        let to = self.nodes.partition_point(|n| n.class <= class);
        self.nodes.get(from..to).unwrap_or(&[])
    }

    /// The operation of a node; `None` for an argument.
    pub(super) fn def(&self, node: &SettledNode) -> Option<&'static OpDef> {
        self.facts.op(node.node.head)
    }

    /// The attributes of a node.
    pub(super) fn attrs(&self, node: &SettledNode) -> Arc<Attrs> {
        Arc::clone(self.facts.attrs(node.node.attrs))
    }

    /// The type of a node, which is that of its class.
    pub(super) fn ty(&self, node: &SettledNode) -> Arc<Type> {
        Arc::clone(self.facts.ty(node.node.ty))
    }

    /// Where a node comes from.
    pub(super) fn loc(&self, node: &SettledNode) -> Loc {
        self.origins.get(node.origin as usize).map(Origin::loc).unwrap_or_default()
    }
}
