//! The e-graph with what egg does not keep: where each node comes from, and typed ways to add nodes.

use super::check::Check;
use super::language::{Facts, Head, Node};
use egg::{EGraph, Id};
use prism_dialects::{Attrs, Loc, OpDef, TensorType, Type, View, registry};
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::sync::Arc;

/// Where a node comes from.
pub(super) struct Origin {
    loc: Loc,
    /// The rule of realisation that added it.
    rule: Option<&'static str>,
}

impl Origin {
    /// As it is written out.
    pub(super) fn loc(&self) -> Loc {
        self.rule.map_or_else(|| self.loc.clone(), |rule| self.loc.by_rule(rule))
    }
}

/// An e-graph of one body.
pub struct Graph {
    /// egg's part.
    pub egraph: EGraph<Node, Facts>,
    /// Where each node comes from, by the number that egg gives it: nodes in order of addition.
    pub(super) origins: Vec<Origin>,
    /// The rule of realisation that is at work.
    pub realising: Option<&'static str>,
    /// Numbers of the nodes of views asked for and not yet realised, in order.
    asked: VecDeque<Id>,
    /// Pairs of classes that the rule at work found equal besides its own.
    pub besides: Vec<(Id, Id)>,
    /// Operations of the view at work that a fused kernel does at no more cost than a kernel of their own.
    pub replaced: Vec<Node>,
    /// Values of classes, where unions are to be checked.
    pub check: Option<Box<Check>>,
}

impl Default for Graph {
    fn default() -> Self {
        Graph {
            egraph: EGraph::new(Facts::default()),
            origins: Vec::new(),
            realising: None,
            asked: VecDeque::new(),
            besides: Vec::new(),
            replaced: Vec::new(),
            check: None,
        }
    }
}

impl Graph {
    /// Adds a node; its location is kept if it is new.
    pub fn add(&mut self, node: Node, loc: Loc) -> Id {
        if let Some(known) = self.egraph.lookup(node.clone()) {
            return known;
        }
        self.egraph.analysis.adding = u32::try_from(self.origins.len()).unwrap_or(u32::MAX);
        self.origins.push(Origin { loc, rule: self.realising });
        let is_view = self.def(&node).is_some_and(|d| d.name == "stack.view");
        // A node that was not known starts a class of its number.
        let class = self.egraph.add(node);
        if is_view {
            self.asked.push_back(class);
        }
        class
    }

    /// Adds an operation.
    pub fn op(
        &mut self,
        def: &'static OpDef,
        attrs: impl Into<Arc<Attrs>>,
        ty: impl Into<Arc<Type>>,
        children: &[Id],
        loc: Loc,
    ) -> Id {
        let facts = &mut self.egraph.analysis;
        let node = Node {
            head: facts.head(def),
            attrs: facts.attrs_key(attrs),
            ty: facts.type_key(ty),
            children: SmallVec::from_slice(children),
        };
        self.add(node, loc)
    }

    /// Adds a maths operation of `nn` whose result type its shape rule gives; `None` where the rule refuses.
    pub fn maths(&mut self, name: &'static str, attrs: Attrs, children: &[Id], loc: &Loc) -> Option<Id> {
        let def = registry::op(name);
        let operands: Vec<Type> = children.iter().map(|c| self.ty(*c)).collect();
        let view = prism_dialects::OpView { def, operands: &operands, results: &[], attrs: &attrs };
        let ty = (def.infer?)(&view).ok()?;
        Some(self.op(def, attrs, Type::Tensor(ty), children, loc.clone()))
    }

    /// The class of a view of maths class `of` in a memory: exists as soon as somebody asks for it.
    pub fn view(&mut self, of: Id, view: View, bits: u32, loc: &Loc) -> Id {
        self.view_as(of, Type::viewed(view, self.tensor(of), bits), loc)
    }

    /// The class of a view of maths class `of` in a photonic unit.
    pub fn view_in(&mut self, of: Id, view: View, bits: u32, unit: &str, loc: &Loc) -> Id {
        self.view_as(of, Type::in_unit(view, self.tensor(of), bits, unit), loc)
    }

    /// The class of the view of `of` that has type `ty`.
    pub fn view_as(&mut self, of: Id, ty: Type, loc: &Loc) -> Id {
        self.op(registry::op("stack.view"), Attrs::new(), ty, &[of], loc.clone())
    }

    /// The next view that somebody has asked for since the last call, with its class.
    pub fn next_asked(&mut self) -> Option<(Id, Node)> {
        let number = self.asked.pop_front()?;
        Some((number, self.egraph.nodes().get(usize::from(number))?.clone()))
    }

    /// The class of that view of `of` in a memory, if anybody has asked for it.
    pub fn find_view(&mut self, of: Id, view: View, bits: u32) -> Option<Id> {
        let ty = Type::viewed(view, self.tensor(of), bits);
        let facts = &mut self.egraph.analysis;
        let node = Node {
            head: facts.head(registry::op("stack.view")),
            attrs: facts.attrs_key(Attrs::new()),
            ty: facts.type_key(ty),
            children: SmallVec::from_slice(&[of]),
        };
        self.egraph.lookup(node)
    }

    /// The type of a class.
    pub fn ty(&self, class: Id) -> Type {
        (**self.egraph.analysis.ty(self.egraph[class].data.ty)).clone()
    }

    /// The tensor of a class of tensors or views. Events have none and are never in an e-graph.
    pub fn tensor(&self, class: Id) -> TensorType {
        let ty = self.egraph.analysis.ty(self.egraph[class].data.ty);
        ty.tensor().cloned().unwrap_or_else(|| TensorType::new([], prism_dialects::Elem::F32))
    }

    /// Whether the class is made of weights alone.
    pub fn is_offline(&self, class: Id) -> bool {
        self.egraph[class].data.offline
    }

    /// The operation of a node.
    pub fn def(&self, node: &Node) -> Option<&'static OpDef> {
        self.egraph.analysis.op(node.head)
    }

    /// The attributes of a node.
    pub fn attrs(&self, node: &Node) -> Arc<Attrs> {
        Arc::clone(self.egraph.analysis.attrs(node.attrs))
    }

    /// The nodes of a class that are operation `name`, in a stable order.
    pub fn nodes_of(&self, class: Id, name: &str) -> Vec<Node> {
        let head = self.egraph.analysis.head(registry::find(name).unwrap_or(registry::op("stack.view")));
        self.egraph[class].iter().filter(|n| n.head == head).cloned().collect()
    }

    /// All classes that hold operation `name`, in a stable order.
    pub fn classes_of(&self, def: &'static OpDef) -> Vec<Id> {
        let head = self.egraph.analysis.head(def);
        let mut out: Vec<Id> = self.egraph.classes_for_op(&head).into_iter().flatten().collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Where a class comes from: the location of its oldest node.
    pub fn loc(&self, class: Id) -> Loc {
        let origin = self.egraph[class].data.origin as usize;
        self.origins.get(origin).map(|o| o.loc.clone()).unwrap_or_default()
    }

    /// Number of e-nodes that stand for operations or arguments.
    pub fn size(&self) -> usize {
        let real = |n: &&Node| !matches!(n.head, Head::Hole(_));
        self.egraph.classes().map(|c| c.iter().filter(real).count()).sum()
    }
}
