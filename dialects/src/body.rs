//! A program as plain data: what passes read from MLIR, change, and write back.
//!
//! MLIR is the form between passes. Inside a pass a [`Module`] is easier to walk: values are dense
//! numbers, so def-use maps are vectors. Reading and writing are in `mlir`.

use crate::attr::{Attr, Attrs};
use crate::define::OpDef;
use crate::level::Level;
use crate::types::Type;
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;

/// A value of one [`Body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

impl ValueId {
    /// As an index into per-value vectors.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where an operation comes from, in the user's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Loc {
    /// The user's names for it, most specific first, such as `transformer.h.3.attn.c_attn`.
    pub names: SmallVec<[Arc<str>; 1]>,
    /// The rules that made it from what those names stand for, oldest first, joined by `,`.
    pub rule: Option<Arc<str>>,
}

impl Loc {
    /// A location with one name.
    pub fn name(name: impl AsRef<str>) -> Loc {
        Loc { names: SmallVec::from_iter([Arc::from(name.as_ref())]), rule: None }
    }

    /// The name to show first; `?` where there is none.
    pub fn first(&self) -> &str {
        self.names.first().map_or("?", |n| n)
    }

    /// Both together: names of `self`, then those of `other` not yet there; at most eight.
    pub fn fused(&self, other: &Loc) -> Loc {
        let mut out = self.clone();
        for n in &other.names {
            if out.names.len() < 8 && !out.names.contains(n) {
                out.names.push(n.clone());
            }
        }
        out
    }

    /// The same place, reached through `rule`.
    pub fn by_rule(&self, rule: &str) -> Loc {
        let rule = match &self.rule {
            Some(old) if old.split(',').any(|r| r == rule) => old.clone(),
            Some(old) => Arc::from(format!("{old},{rule}")),
            None => Arc::from(rule),
        };
        Loc { names: self.names.clone(), rule: Some(rule) }
    }
}

impl fmt::Display for Loc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.first())
    }
}

/// An operation of one of our dialects.
#[derive(Clone, Debug)]
pub struct Op {
    /// Which operation.
    pub def: &'static OpDef,
    /// What it uses.
    pub operands: SmallVec<[ValueId; 4]>,
    /// What it makes.
    pub results: SmallVec<[ValueId; 1]>,
    /// Its attributes, shared: thousands of alternatives in an e-graph have the same.
    pub attrs: Arc<Attrs>,
    /// Where it comes from.
    pub loc: Loc,
}

impl Op {
    /// Full name, such as `nn.matmul`.
    pub fn name(&self) -> &'static str {
        self.def.name
    }

    /// An attribute by name.
    pub fn attr(&self, name: &str) -> Option<&Attr> {
        self.attrs.get(name)
    }

    /// The only result; `None` if the op has none or several.
    pub fn result(&self) -> Option<ValueId> {
        match self.results.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
}

/// Which MLIR operation holds the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// `func.func`: operations in order of dominance.
    Func,
    /// `ml_program.subgraph`: a graph region, cycles allowed.
    Subgraph,
}

/// One function or segment.
#[derive(Clone, Debug)]
pub struct Body {
    /// Symbol name without `@`.
    pub name: String,
    /// What holds it.
    pub holder: Holder,
    /// Attributes of the holder, other than its name and type.
    pub attrs: Attrs,
    /// Arguments.
    pub args: Vec<ValueId>,
    /// The user's names for the arguments.
    pub arg_locs: Vec<Loc>,
    /// Operations; in a `Func` every operand is made earlier.
    pub ops: Vec<Op>,
    /// What is returned.
    pub results: Vec<ValueId>,
    /// The type of each value, by [`ValueId`]. Shared: few types are the types of many values.
    pub types: Vec<Arc<Type>>,
}

impl Body {
    /// An empty body.
    pub fn new(name: impl Into<String>, holder: Holder) -> Body {
        Body {
            name: name.into(),
            holder,
            attrs: Attrs::new(),
            args: Vec::new(),
            arg_locs: Vec::new(),
            ops: Vec::new(),
            results: Vec::new(),
            types: Vec::new(),
        }
    }

    /// A new value of that type.
    pub fn value(&mut self, ty: impl Into<Arc<Type>>) -> ValueId {
        let id = ValueId(u32::try_from(self.types.len()).unwrap_or(u32::MAX));
        self.types.push(ty.into());
        id
    }

    /// A new argument.
    pub fn arg(&mut self, ty: impl Into<Arc<Type>>, loc: Loc) -> ValueId {
        let id = self.value(ty);
        self.args.push(id);
        self.arg_locs.push(loc);
        id
    }

    /// The type of a value of this body.
    pub fn ty(&self, value: ValueId) -> &Type {
        &self.types[value.index()]
    }

    /// The type of a value of this body, for another value that has the same.
    pub fn shared_ty(&self, value: ValueId) -> Arc<Type> {
        Arc::clone(&self.types[value.index()])
    }

    /// Appends an operation with one result, and returns that.
    pub fn push(
        &mut self,
        def: &'static OpDef,
        operands: &[ValueId],
        attrs: impl Into<Arc<Attrs>>,
        ty: impl Into<Arc<Type>>,
        loc: Loc,
    ) -> ValueId {
        let result = self.value(ty);
        self.ops.push(Op {
            def,
            operands: SmallVec::from_slice(operands),
            results: SmallVec::from_slice(&[result]),
            attrs: attrs.into(),
            loc,
        });
        result
    }

    /// For each value, the index in `ops` of the operation that makes it.
    pub fn definitions(&self) -> Vec<Option<u32>> {
        let mut out = vec![None; self.types.len()];
        for (i, op) in self.ops.iter().enumerate() {
            for r in &op.results {
                out[r.index()] = u32::try_from(i).ok();
            }
        }
        out
    }

    /// For each value, how often it is used (operands and results of the body).
    pub fn use_counts(&self) -> Vec<u32> {
        let mut out = vec![0u32; self.types.len()];
        for v in self.ops.iter().flat_map(|op| op.operands.iter()).chain(&self.results) {
            out[v.index()] += 1;
        }
        out
    }

    /// Renumbers the values: arguments first, then results in order of operations; forgets the types of all others.
    /// For after operations were removed, so that per-value vectors stay small.
    pub fn compact(&mut self) {
        let mut renamed: Vec<Option<ValueId>> = vec![None; self.types.len()];
        let mut types = Vec::new();
        let Body { args, ops, results, types: old, .. } = self;
        let mut rename = |v: &mut ValueId| {
            // A value without a type stays as it is, for the verifier to find.
            if let (Some(slot), Some(ty)) = (renamed.get_mut(v.index()), old.get(v.index())) {
                *v = *slot.get_or_insert_with(|| {
                    types.push(Arc::clone(ty));
                    ValueId(u32::try_from(types.len() - 1).unwrap_or(u32::MAX))
                });
            }
        };
        args.iter_mut().for_each(&mut rename);
        ops.iter_mut().flat_map(|op| &mut op.results).for_each(&mut rename);
        ops.iter_mut().flat_map(|op| &mut op.operands).for_each(&mut rename);
        results.iter_mut().for_each(&mut rename);
        self.types = types;
    }
}

/// A module: its attributes and bodies, in order.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Module attributes, such as `prism.level`.
    pub attrs: Attrs,
    /// Functions and segments.
    pub bodies: Vec<Body>,
}

impl Module {
    /// The function that others see: the first that is not private.
    pub fn main(&self) -> Option<&Body> {
        self.bodies.iter().find(|b| !crate::call::is_private(b))
    }

    /// The level that the operations belong to: the highest level among their dialects; an empty module is at `nn`.
    pub fn level(&self) -> Level {
        let of_ops = self.bodies.iter().flat_map(|b| {
            let held = (b.holder == Holder::Subgraph).then_some(Level::Stack);
            let ops = b.ops.iter().map(|op| op.def.level);
            // Inside a segment the alternatives are ops of the `assigned` level.
            held.map_or_else(|| ops.max(), Some)
        });
        of_ops.max().unwrap_or(Level::Nn)
    }
}
