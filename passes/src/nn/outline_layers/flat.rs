//! A body as the search for layers sees it: operations in order, weights and constants as a part of their users.

use prism_dialects::{Body, Op, ValueId};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// Who makes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// The caller.
    Argument,
    /// A weight, constant or row of numbers: that operation.
    Leaf(usize),
    /// Result `1` of the operation at position `0`.
    Op(usize, usize),
}

/// Operations other than leaves, in order, each with its form.
pub(super) struct Flat<'a> {
    pub(super) body: &'a Body,
    /// Indices into the body's operations.
    pub(super) order: Vec<usize>,
    /// What an operation is but for names: operation, attributes, types, and which operands are which constants.
    pub(super) forms: Vec<u128>,
    /// By value.
    pub(super) makers: Vec<Maker>,
    /// Last position that uses a result of the operation at a position; its own where none does.
    last_use: Vec<usize>,
}

/// Whether an operation belongs to those that read it.
pub(super) fn is_leaf(op: &Op) -> bool {
    op.operands.is_empty() && op.def.pure
}

impl<'a> Flat<'a> {
    pub(super) fn new(body: &'a Body) -> Flat<'a> {
        let mut makers = vec![Maker::Argument; body.types.len()];
        let mut order = Vec::new();
        for (index, op) in body.ops.iter().enumerate() {
            for (nth, r) in op.results.iter().enumerate() {
                makers[r.index()] = if is_leaf(op) { Maker::Leaf(index) } else { Maker::Op(order.len(), nth) };
            }
            if !is_leaf(op) {
                order.push(index);
            }
        }
        let mut flat = Flat { body, order, forms: Vec::new(), makers, last_use: Vec::new() };
        flat.forms = flat.order.iter().map(|i| flat.form(&body.ops[*i])).collect();
        flat.last_use = (0..flat.order.len()).collect();
        for (position, index) in flat.order.iter().enumerate() {
            for v in &body.ops[*index].operands {
                if let Maker::Op(made, _) = flat.makers[v.index()] {
                    flat.last_use[made] = flat.last_use[made].max(position);
                }
            }
        }
        flat
    }

    /// The operation at a position.
    pub(super) fn op(&self, position: usize) -> &'a Op {
        &self.body.ops[self.order[position]]
    }

    pub(super) fn last_use(&self, position: usize) -> usize {
        self.last_use[position]
    }

    fn form(&self, op: &Op) -> u128 {
        let mut halves = [0u64, 1].map(|seed| {
            let mut h = FxHasher::default();
            seed.hash(&mut h);
            op.name().hash(&mut h);
            op.attrs.hash(&mut h);
            for v in &op.operands {
                self.operand(*v, &mut h);
            }
            op.results.iter().for_each(|r| self.body.ty(*r).hash(&mut h));
            h.finish()
        });
        halves[1] = halves[1].rotate_left(17);
        u128::from(halves[0]) << 64 | u128::from(halves[1])
    }

    fn operand(&self, v: ValueId, h: &mut FxHasher) {
        self.body.ty(v).hash(h);
        if let Maker::Leaf(index) = self.makers[v.index()] {
            let leaf = &self.body.ops[index];
            leaf.name().hash(h);
            // The name of a weight is its own; a constant is what it is.
            if leaf.name() != "nn.param" {
                leaf.attrs.hash(h);
            }
        }
    }

    /// The first number among the parts of the user's name: of `model.layers.3.mlp` that is 3.
    pub(super) fn number(&self, position: usize) -> Option<u64> {
        if position >= self.order.len() {
            return None;
        }
        self.op(position).loc.first().split('.').find_map(|part| part.parse().ok())
    }
}
