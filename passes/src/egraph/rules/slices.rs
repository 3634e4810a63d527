//! Products of more bits than a photonic unit has, from slices of their operands.

use super::co_execute::free_axis;
use super::realise::{light_attrs, memory_asked, operands};
use super::{Kind, Machine, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::egraph::price;
use egg::Id;
use prism_dialects::elec::sliced_bits;
use prism_dialects::{Attr, Attrs, Elem, Loc, TensorType, Type, View, registry};
use prism_hardware::target::photonic::{Conversions, Photonic};
use prism_hardware::{Ends, Location, MatmulWork, PhotonicRealisation, Target, Work};

/// `@digital(a b) = shift_add(gemm(slices(@digital(a)), slices(@digital(b))))`.
pub(super) static BIT_SLICES: Rule = Rule {
    name: "bit-slices",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "A unit makes a product of more bits than its light carries from slices of both operands: every slice is a row or a column of its \
          own in one larger product, and electrons shift the blocks and add them up. A number is read from on-chip memory once for each slice. \
          The uppermost block is as uncertain as its readout, and the others add less than that again: one bit.",
    condition: "the unit bills conversions per use and states no `arrays`, has fewer bits than the view and converters behind its detectors (`readout_bits`) with \
                more; at most 4 slices; and the blocks have room on chip",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        let Some((target, of, view, bits)) = memory_asked(graph, machine, node) else { return Vec::new() };
        if !graph.tensor(of).elem.is_float() {
            return Vec::new();
        }
        let units = target.photonic.iter().filter(|u| u.conversions == Conversions::PerUse);
        let sliced: Vec<(&Photonic, u64)> = units.filter_map(|u| Some((u, slices(u, bits)?))).collect();
        let mut out = Vec::new();
        for (unit, count) in sliced {
            for maths in graph.nodes_of(of, "nn.matmul") {
                let asked = Asked { machine, target, of, maths: &maths, bits, view, unit, count };
                out.extend(asked.products(graph, loc));
            }
        }
        out
    },
};

/// Most slices of a number.
const MOST: u64 = 4;
/// Bits that the sum of all blocks is less certain than the readout of the uppermost.
const LOST: u32 = 1;

/// Slices that a number of `bits` bits takes in that unit; `None` where they do not help, or not enough.
fn slices(unit: &Photonic, bits: u32) -> Option<u64> {
    let (own, readout) = (unit.precision.0 as u32, unit.readout_bits.0 as u32);
    let needed = (2..=MOST).find(|count| sliced_bits(*count, own) >= u64::from(bits))?;
    // What is held from before the run is held as it is.
    (own < bits && bits + LOST <= readout && unit.arrays.is_none()).then_some(needed)
}

/// The precision that results are asked at.
#[derive(Clone, Copy, Debug)]
pub(in crate::egraph) struct Precision {
    /// Least effective bits.
    least: u32,
    /// Effective bits of the views that are asked for.
    pub(in crate::egraph) level: u32,
    /// Whether products may be made of slices.
    sliced: bool,
}

impl Precision {
    /// At least `least` bits: as many as the narrowest unit with those has, or no more where units need slices for them.
    pub(in crate::egraph) fn of(target: &Target, least: u32, without: &[&str]) -> Precision {
        let mut asked = Precision { least, level: u32::MAX, sliced: !without.contains(&BIT_SLICES.name) };
        let own = target.photonic.iter().map(|u| u.precision.0 as u32).filter(|own| *own >= least).min();
        let by_slices = target.photonic.iter().any(|u| asked.most(u) >= least).then_some(least);
        asked.level = own.or(by_slices).unwrap_or(u32::MAX);
        asked
    }

    /// The most bits that a unit makes products of.
    fn most(self, unit: &Photonic) -> u32 {
        let own = unit.precision.0 as u32;
        let reachable = self.sliced && unit.conversions == Conversions::PerUse;
        let sliced = (own..=unit.readout_bits.0 as u32).rev().find(|bits| reachable && slices(unit, *bits).is_some());
        sliced.unwrap_or(own)
    }

    /// Whether a unit makes products of floats of type `elem` at this precision.
    pub(in crate::egraph) fn has(self, unit: &Photonic, elem: Elem) -> bool {
        let own = price::bits_at(elem, unit.precision.0 as u32);
        let level = price::bits_at(elem, self.level);
        own == level || (own < level && self.most(unit) >= level)
    }

    /// What units fall short of, where there are some and none has the bits: the most that any makes, and all of them in words.
    pub(in crate::egraph) fn short_of(self, target: &Target) -> Option<(u32, String)> {
        let most = target.photonic.iter().map(|u| self.most(u)).max().filter(|most| *most < self.least)?;
        let unit = |u: &Photonic| match (u.precision.0 as u32, self.most(u)) {
            (own, most) if own < most => format!("`{}` {own}, and {most} by slices", u.name),
            (own, _) => format!("`{}` {own}", u.name),
        };
        Some((most, target.photonic.iter().map(unit).collect::<Vec<_>>().join("; ")))
    }
}

/// A product that is asked for, by one unit.
struct Asked<'a> {
    machine: &'a Machine<'a>,
    target: &'a Target,
    of: Id,
    maths: &'a Node,
    bits: u32,
    view: View,
    unit: &'a Photonic,
    count: u64,
}

impl Asked<'_> {
    /// The product with either operand held, its blocks added up by any electronic unit.
    fn products(&self, graph: &mut Graph, loc: &Loc) -> Vec<Id> {
        let product = graph.tensor(self.of);
        let (Some(blocks), Some(work)) = (self.blocks(&product), price::matmul_work(graph, self.of, self.maths)) else {
            return Vec::new();
        };
        if self.machine.places.is_large(self.target, &blocks) {
            return Vec::new();
        }
        let [m, n] = [work.m, work.n].map(|extent| extent.saturating_mul(self.count));
        let work = MatmulWork { m, n, slices: self.count, ..work };
        let from = [0, 1].map(|i| self.machine.places.streamed(graph, self.target, self.maths.children[i], true));
        let ends = Ends { lhs: from[0], rhs: from[1], result: false };
        let mut out = Vec::new();
        for r in self.target.photonic(&work, ends).into_iter().filter(|r| *r.unit == *self.unit.name) {
            if !price::is_finite(&r.cost) {
                continue;
            }
            let Some(partial) = self.partial(graph, (&r, &from), &work, &blocks, loc) else { continue };
            out.extend(self.sums(graph, partial, (&blocks, &product), loc));
        }
        out
    }

    /// The blocks of all pairs of slices; `None` where they are too large to count.
    fn blocks(&self, product: &TensorType) -> Option<TensorType> {
        let mut blocks = product.clone();
        let [.., m, n] = blocks.dims.as_mut_slice() else { return None };
        (*m, *n) = (m.checked_mul(self.count)?, n.checked_mul(self.count)?);
        blocks.checked_numel().map(|_| blocks)
    }

    /// The product of the slices.
    fn partial(
        &self,
        graph: &mut Graph,
        (r, from): (&PhotonicRealisation, &[Option<Location>; 2]),
        work: &MatmulWork,
        blocks: &TensorType,
        loc: &Loc,
    ) -> Option<Id> {
        let views = operands(graph, &self.maths.children, from, self.bits, loc);
        let mut children = Vec::with_capacity(views.len());
        for (side, whole) in views.into_iter().enumerate() {
            let axis = free_axis(graph, self.maths, side)?;
            let mut tensor = graph.tensor(self.maths.children[side]);
            *tensor.dims.get_mut(axis)? *= self.count;
            let place = if from[side].is_some() { View::Offchip } else { View::Digital };
            let int = |n: u64| i64::try_from(n).ok().map(Attr::Int);
            let attrs = [("axis", int(axis as u64)?), ("count", int(self.count)?), ("bits", int(self.own().into())?)];
            let attrs: Attrs = attrs.into_iter().map(|(k, v)| (k.to_string(), v)).collect();
            let ty = Type::viewed(place, tensor, self.own());
            children.push(graph.op(registry::op("elec.slices"), attrs, ty, &[whole], loc.clone()));
        }
        let passes = price::sign_passes(self.target, &r.unit, work, r.stationary);
        let attrs = light_attrs((*graph.attrs(self.maths)).clone(), r, passes);
        let ty = Type::viewed(View::Digital, blocks.clone(), self.own());
        Some(graph.op(registry::op("ptu.gemm"), attrs, ty, &children, loc.clone()))
    }

    fn own(&self) -> u32 {
        self.unit.precision.0 as u32
    }

    /// The blocks added up, by each unit that can.
    fn sums(
        &self,
        graph: &mut Graph,
        partial: Id,
        (blocks, product): (&TensorType, &TensorType),
        loc: &Loc,
    ) -> Vec<Id> {
        let size = |t: &TensorType| price::size(self.target, t);
        let work = Work { op: "reduce_sum", inputs: vec![size(blocks)], output: size(product), macs: 0 };
        let by = self.target.electronic_streamed(&work, &[None], self.view == View::Offchip);
        let count = Attr::Int(i64::try_from(self.count).unwrap_or(i64::MAX));
        let sum = |r: prism_hardware::Realisation| {
            let mut attrs: Attrs = price::priced(&r.unit, &r.cost);
            attrs.extend(["rows", "columns"].map(|name| (name.to_string(), count.clone())));
            let ty = Type::viewed(self.view, product.clone(), self.bits);
            graph.op(registry::op("elec.shift_add"), attrs, ty, &[partial], loc.clone())
        };
        by.into_iter().filter(|r| price::is_finite(&r.cost)).map(sum).collect()
    }
}
