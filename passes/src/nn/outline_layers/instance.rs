//! One instance of a segment: its wiring in canonical form, and what passes its border.

use super::find::Run;
use super::flat::{Flat, Maker};
use prism_dialects::ValueId;
use std::collections::{BTreeMap, BTreeSet};

/// An operand as the segment sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// Result `1` of the segment's operation `0`.
    Inside(usize, usize),
    /// An argument of the segment.
    Argument(usize),
    /// A weight of the segment.
    Param(usize),
    /// A constant, which the form of the operation has.
    Constant(usize),
}

/// An instance.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    /// Positions of its operations.
    pub(super) positions: Vec<usize>,
    /// Operands of each operation.
    pub(super) wires: Vec<Vec<Wire>>,
    /// The value that each argument has here, in order of first use.
    pub(super) arguments: Vec<ValueId>,
    /// The weight operation behind each weight, in order of first use.
    pub(super) params: Vec<usize>,
    /// The constant operations, in order of first use.
    pub(super) constants: Vec<usize>,
    /// Results that others use: position in the segment, and which result.
    pub(super) outputs: BTreeSet<(usize, usize)>,
}

/// The slot of `item` in a list of distinct items, to which it is added if it is new.
fn slot<T: PartialEq + Copy + Ord>(list: &mut Vec<T>, index: &mut BTreeMap<T, usize>, item: T) -> usize {
    *index.entry(item).or_insert_with(|| {
        list.push(item);
        list.len() - 1
    })
}

/// All instances of a run, after the one that `first` says comes before it.
pub(super) fn instances(flat: &Flat<'_>, run: &Run, first: Option<Vec<usize>>) -> Vec<Instance> {
    let of_run = (0..run.times).map(|i| (run.start + i * run.period..run.start + (i + 1) * run.period).collect());
    let all: Vec<Vec<usize>> = first.into_iter().chain(of_run).collect();
    let mut owner: Vec<Option<(usize, usize)>> = vec![None; flat.order.len()];
    for (nth, positions) in all.iter().enumerate() {
        positions.iter().enumerate().for_each(|(q, p)| owner[*p] = Some((nth, q)));
    }
    let mut outputs: Vec<BTreeSet<(usize, usize)>> = vec![BTreeSet::new(); all.len()];
    let mut leaves = |v: &ValueId, user: Option<usize>| {
        if let Maker::Op(made, nth) = flat.makers[v.index()]
            && let Some((instance, q)) = owner[made]
            && user != Some(instance)
        {
            outputs[instance].insert((q, nth));
        }
    };
    for (position, owner) in owner.iter().enumerate() {
        let user = owner.map(|(instance, _)| instance);
        flat.op(position).operands.iter().for_each(|v| leaves(v, user));
    }
    flat.body.results.iter().for_each(|v| leaves(v, None));
    let mut found = Vec::with_capacity(all.len());
    for (nth, (positions, outputs)) in all.into_iter().zip(outputs).enumerate() {
        found.push(Instance { outputs, ..wired(flat, positions, nth, &owner) });
    }
    found
}

fn wired(flat: &Flat<'_>, positions: Vec<usize>, me: usize, owner: &[Option<(usize, usize)>]) -> Instance {
    let (mut arguments, mut params, mut constants) = (Vec::new(), Vec::new(), Vec::new());
    let (mut of_argument, mut of_param, mut of_constant) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut wires = Vec::with_capacity(positions.len());
    for position in &positions {
        let mut wire = |v: &ValueId| match flat.makers[v.index()] {
            Maker::Op(made, nth) if owner[made].is_some_and(|(instance, _)| instance == me) => {
                Wire::Inside(owner[made].map_or(0, |(_, q)| q), nth)
            }
            Maker::Leaf(op) if flat.body.ops[op].name() == "nn.param" => {
                Wire::Param(slot(&mut params, &mut of_param, op))
            }
            Maker::Leaf(op) => Wire::Constant(slot(&mut constants, &mut of_constant, op)),
            _ => Wire::Argument(slot(&mut arguments, &mut of_argument, *v)),
        };
        wires.push(flat.op(*position).operands.iter().map(&mut wire).collect());
    }
    Instance { positions, wires, arguments, params, constants, outputs: BTreeSet::new() }
}

impl Instance {
    /// Whether both are one segment: wired alike, with arguments of equal types and equal constants in equal places.
    pub(super) fn same(&self, other: &Instance, flat: &Flat<'_>) -> bool {
        let types = |i: &Instance| i.arguments.iter().map(|v| flat.body.ty(*v)).collect::<Vec<_>>();
        let constant = |op: usize| (flat.body.ops[op].name(), &flat.body.ops[op].attrs);
        let constants = self.constants.iter().zip(&other.constants).all(|(a, b)| constant(*a) == constant(*b));
        self.wires == other.wires
            && self.constants.len() == other.constants.len()
            && constants
            && types(self) == types(other)
    }
}
