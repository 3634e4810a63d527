//! The e-graph's language: an e-node is an operation of our dialects with its attributes and type.
//!
//! Attributes and types are interned, so a node is a few words and hashing is cheap. Maths terms and
//! views live in one e-graph: the type of a class says which it is.

use egg::{Analysis, DidMerge, EGraph, Id, Language};
use prism_dialects::{Attrs, Level, OpDef, Type};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// An interned type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeKey(u32);

/// An interned attribute dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttrsKey(u32);

/// What an e-node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Head {
    /// An operation: index into [`Facts::op`]'s table.
    Op(u16),
    /// Argument number so-and-so of the body.
    Arg(u32),
    /// Stands for a class while a cyclic segment is read; never written out.
    Hole(u32),
}

/// An e-node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// What it does.
    pub head: Head,
    /// Its attributes.
    pub attrs: AttrsKey,
    /// The type of what it makes.
    pub ty: TypeKey,
    /// The classes it uses.
    pub children: SmallVec<[Id; 3]>,
}

impl Language for Node {
    type Discriminant = Head;

    fn discriminant(&self) -> Head {
        self.head
    }

    fn matches(&self, other: &Self) -> bool {
        (self.head, self.attrs, self.ty) == (other.head, other.attrs, other.ty)
            && self.children.len() == other.children.len()
    }

    fn children(&self) -> &[Id] {
        &self.children
    }

    fn children_mut(&mut self) -> &mut [Id] {
        &mut self.children
    }
}

/// What is known of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassFacts {
    /// The type of all its nodes.
    pub ty: TypeKey,
    /// Made of weights and constants alone, so it can be computed before the model runs.
    pub offline: bool,
    /// Where its oldest node comes from: the user's operation, not what rules made of it.
    pub origin: u32,
}

/// The analysis: interning tables and the type check of unions.
pub struct Facts {
    ops: Vec<&'static OpDef>,
    op_keys: FxHashMap<&'static str, u16>,
    types: Interner<Type>,
    attrs: Interner<Attrs>,
    /// Number of the node being added; see [`super::graph::Graph::add`].
    pub adding: u32,
    /// Unions of classes of different types, if a rule ever asked for one: types of both sides.
    pub unsound: Vec<(Type, Type)>,
}

/// Distinct values by number.
struct Interner<T> {
    values: Vec<Arc<T>>,
    keys: FxHashMap<Arc<T>, u32>,
}

impl<T: Eq + std::hash::Hash> Interner<T> {
    fn new() -> Self {
        Interner { values: Vec::new(), keys: FxHashMap::default() }
    }

    fn key(&mut self, value: Arc<T>) -> u32 {
        if let Some(known) = self.keys.get(&value) {
            return *known;
        }
        let key = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(Arc::clone(&value));
        self.keys.insert(value, key);
        key
    }
}

impl Default for Facts {
    fn default() -> Self {
        let ops: Vec<&'static OpDef> = prism_dialects::registry::ops().collect();
        let op_keys = ops.iter().zip(0u16..).map(|(op, i)| (op.name, i)).collect();
        Facts { ops, op_keys, types: Interner::new(), attrs: Interner::new(), adding: 0, unsound: Vec::new() }
    }
}

impl Facts {
    /// The head of an operation.
    pub fn head(&self, op: &OpDef) -> Head {
        // Every operation of the registry is in the table.
        self.op_keys.get(op.name).map_or(Head::Hole(u32::MAX), |k| Head::Op(*k))
    }

    /// The operation of a head, if it is one.
    pub fn op(&self, head: Head) -> Option<&'static OpDef> {
        match head {
            Head::Op(key) => self.ops.get(usize::from(key)).copied(),
            _ => None,
        }
    }

    /// Interns a type.
    pub fn type_key(&mut self, ty: impl Into<Arc<Type>>) -> TypeKey {
        TypeKey(self.types.key(ty.into()))
    }

    /// Interns attributes.
    pub fn attrs_key(&mut self, attrs: impl Into<Arc<Attrs>>) -> AttrsKey {
        AttrsKey(self.attrs.key(attrs.into()))
    }

    /// The type of a key.
    pub fn ty(&self, key: TypeKey) -> &Arc<Type> {
        &self.types.values[key.0 as usize]
    }

    /// The attributes of a key.
    pub fn attrs(&self, key: AttrsKey) -> &Arc<Attrs> {
        &self.attrs.values[key.0 as usize]
    }

    /// Whether `node` is made of weights and constants alone, given its children.
    fn is_offline(&self, node: &Node, child: impl Fn(Id) -> bool) -> bool {
        match self.op(node.head) {
            Some(op) if op.level == Level::Nn => node.children.iter().all(|c| child(*c)),
            _ => false,
        }
    }
}

impl Analysis<Node> for Facts {
    type Data = ClassFacts;

    fn make(egraph: &mut EGraph<Node, Self>, node: &Node, _: Id) -> ClassFacts {
        let offline = egraph.analysis.is_offline(node, |c| egraph[c].data.offline);
        ClassFacts { ty: node.ty, offline, origin: egraph.analysis.adding }
    }

    fn merge(&mut self, a: &mut ClassFacts, b: ClassFacts) -> DidMerge {
        if a.ty != b.ty {
            let pair = ((**self.ty(a.ty)).clone(), (**self.ty(b.ty)).clone());
            self.unsound.push(pair);
        }
        let merged = ClassFacts { ty: a.ty, offline: a.offline || b.offline, origin: a.origin.min(b.origin) };
        // Parents depend on `offline` alone, but both sides must end with the merged facts.
        let changed = DidMerge(*a != merged, b != merged);
        *a = merged;
        changed
    }
}
