//! IR to e-graph and back.
//!
//! Both directions keep everything: a `stack` segment written, parsed and read again is the same
//! e-graph, so saturation and extraction can stop and resume at the file.

use super::graph::Graph;
use super::language::{Head, Node};
use super::settled::{Settled, SettledNode};
use egg::Id;
use prism_dialects::{Attrs, Body, Holder, Loc, Op, OpDef, ValueId, registry};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// An e-graph of a body: the graph, and the classes of its arguments and results.
pub struct Read {
    /// The e-graph.
    pub graph: Graph,
    /// Class of each argument.
    pub args: Vec<Id>,
    /// Class of each result.
    pub roots: Vec<Id>,
    /// Class of every value, by value number.
    pub values: Vec<Option<Id>>,
}

/// Reads a function or a segment. In a segment, values may be used before they are made: those start as holes.
pub fn read(body: &Body) -> Read {
    let mut graph = Graph::default();
    let mut values: Vec<Option<Id>> = vec![None; body.types.len()];
    let arg = |(i, (a, loc)): (usize, (&ValueId, &Loc))| {
        let head = Head::Arg(u32::try_from(i).unwrap_or(u32::MAX));
        leaf(&mut graph, body, *a, head, loc.clone())
    };
    let args: Vec<Id> = body.args.iter().zip(&body.arg_locs).enumerate().map(arg).collect();
    for (a, id) in body.args.iter().zip(&args) {
        values[a.index()] = Some(*id);
    }
    for op in &body.ops {
        let mut children: SmallVec<[Id; 3]> = SmallVec::new();
        for v in &op.operands {
            let class =
                values[v.index()].unwrap_or_else(|| leaf(&mut graph, body, *v, Head::Hole(v.0), Loc::default()));
            values[v.index()] = Some(class);
            children.push(class);
        }
        for r in &op.results {
            let class = if op.name() == "stack.class" {
                for pair in children.windows(2) {
                    graph.egraph.union(pair[0], pair[1]);
                }
                children.first().copied()
            } else {
                Some(graph.op(op.def, op.attrs.clone(), body.shared_ty(*r), &children, op.loc.clone()))
            };
            match (values[r.index()], class) {
                (Some(hole), Some(class)) => {
                    graph.egraph.union(hole, class);
                }
                _ => values[r.index()] = class,
            }
        }
    }
    graph.egraph.rebuild();
    let roots = body.results.iter().filter_map(|r| values[r.index()]).map(|c| graph.egraph.find(c)).collect();
    Read { graph, args, roots, values }
}

/// The class of every value of `body`, a program equal to one that was read with some operations taken apart: values that
/// both have keep their class, the others are added. For a function: operands are made before they are used.
pub fn classes(graph: &mut Graph, body: &Body, known: &[Option<Id>]) -> Vec<Option<Id>> {
    let mut values = known.to_vec();
    values.resize(body.types.len(), None);
    for op in &body.ops {
        let children: Option<SmallVec<[Id; 3]>> = op.operands.iter().map(|v| values[v.index()]).collect();
        for r in &op.results {
            if let (None, Some(children)) = (values[r.index()], &children) {
                let class = graph.op(op.def, op.attrs.clone(), body.shared_ty(*r), children, op.loc.clone());
                values[r.index()] = Some(class);
            }
        }
    }
    graph.egraph.rebuild();
    values
}

fn leaf(graph: &mut Graph, body: &Body, value: ValueId, head: Head, loc: Loc) -> Id {
    let facts = &mut graph.egraph.analysis;
    let node = Node {
        head,
        attrs: facts.attrs_key(Attrs::new()),
        ty: facts.type_key(body.shared_ty(value)),
        children: SmallVec::new(),
    };
    graph.add(node, loc)
}

/// Writes the classes that the roots reach as a segment like `like` (its name, arguments and attributes). The graph goes: what only
/// rules need of it is as large as the segment, and they need not be there at the same time.
pub fn write(graph: Graph, roots: &[Id], like: &Body) -> Body {
    let roots: Vec<Id> = roots.iter().map(|r| graph.egraph.find(*r)).collect();
    let order = post_order(&graph, &roots);
    let graph = Settled::new(graph);
    let mut writer = Writer {
        graph: &graph,
        body: Body::new(like.name.clone(), Holder::Subgraph),
        values: FxHashMap::default(),
        no_attrs: Arc::default(),
    };
    writer.body.attrs = like.attrs.clone();
    for (a, loc) in like.args.iter().zip(&like.arg_locs) {
        writer.body.arg(like.shared_ty(*a), loc.clone());
    }
    // Values first: in a graph region a class may be used before it is made.
    for class in &order {
        writer.announce(*class);
    }
    for class in &order {
        writer.class(*class);
    }
    writer.body.results = roots.iter().filter_map(|r| writer.values.get(r).copied()).collect();
    writer.body
}

/// The nodes of a class that are written out, in a stable order.
fn real_nodes(graph: &Graph, class: Id) -> impl Iterator<Item = &Node> {
    graph.egraph[class].iter().filter(|n| !matches!(n.head, Head::Hole(_)))
}

/// Classes reachable from the roots, children before parents where there is no cycle.
pub fn post_order(graph: &Graph, roots: &[Id]) -> Vec<Id> {
    let mut order = Vec::new();
    let mut seen: FxHashMap<Id, bool> = FxHashMap::default();
    let mut stack: Vec<(Id, bool)> = roots.iter().rev().map(|r| (graph.egraph.find(*r), false)).collect();
    while let Some((class, done)) = stack.pop() {
        if done {
            order.push(class);
            continue;
        }
        if seen.insert(class, true).is_some() {
            continue;
        }
        stack.push((class, true));
        let mut children: Vec<Id> = real_nodes(graph, class).flat_map(|n| n.children.iter().copied()).collect();
        children.reverse();
        stack.extend(children.into_iter().map(|c| (graph.egraph.find(c), false)));
    }
    order
}

struct Writer<'a> {
    graph: &'a Settled,
    body: Body,
    values: FxHashMap<Id, ValueId>,
    /// Those of classes: none.
    no_attrs: Arc<Attrs>,
}

impl Writer<'_> {
    /// Gives the class its value: an argument if that is all it is, else a new one.
    fn announce(&mut self, class: Id) {
        let value = match self.graph.nodes_of(class) {
            [SettledNode { node: Node { head: Head::Arg(i), .. }, .. }] => self.body.args[*i as usize],
            nodes => match nodes.first() {
                Some(first) => self.body.value(self.graph.ty(first)),
                None => return,
            },
        };
        self.values.insert(class, value);
    }

    fn class(&mut self, class: Id) {
        let graph = self.graph;
        let Some(value) = self.values.get(&class).copied() else { return };
        let nodes = graph.nodes_of(class);
        if let [one] = nodes {
            if let Some(def) = graph.def(one) {
                self.emit(def, one, value);
            }
            return;
        }
        let mut alternatives: SmallVec<[ValueId; 4]> = SmallVec::new();
        let mut loc = Loc::default();
        for node in nodes {
            match (graph.def(node), node.node.head) {
                (Some(def), _) => {
                    let alternative = self.body.value(graph.ty(node));
                    let at = self.emit(def, node, alternative);
                    loc = if loc.names.is_empty() { Loc { rule: None, ..at } } else { loc };
                    alternatives.push(alternative);
                }
                (None, Head::Arg(i)) => alternatives.push(self.body.args[i as usize]),
                (None, _) => {}
            }
        }
        let results = SmallVec::from_slice(&[value]);
        let def = registry::op("stack.class");
        self.body.ops.push(Op { def, operands: alternatives, results, attrs: Arc::clone(&self.no_attrs), loc });
    }

    fn emit(&mut self, def: &'static OpDef, node: &SettledNode, result: ValueId) -> Loc {
        let loc = self.graph.loc(node);
        self.body.ops.push(Op {
            def,
            operands: node.node.children.iter().map(|c| self.values[c]).collect(),
            results: SmallVec::from_slice(&[result]),
            attrs: self.graph.attrs(node),
            loc: loc.clone(),
        });
        loc
    }
}
