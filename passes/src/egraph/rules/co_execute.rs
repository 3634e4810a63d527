//! One product, made by electrons and by light at the same time.

use super::hold;
use super::light::detected;
use super::realise::{by_kernel, by_light, memory_asked};
use super::{Kind, Machine, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::egraph::price;
use egg::Id;
use prism_dialects::{Attr, Attrs, Elem, Loc, TensorType, Type, View, registry};
use prism_hardware::target::photonic::Conversions;
use prism_hardware::{Ends, Location, MatmulWork, PhotonicRealisation, Stationary, Target, Time, Work};

/// `@digital(x (w1 | w2)) = join(@digital(x w1), @digital(x w2))`, one part by electrons, the other by light.
pub(super) static CO_EXECUTE: Rule = Rule {
    name: "co-execute",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "Electrons make some columns of a product (rows, where the weight is on the left) while light makes the others; both write \
          into their part of one result, so that joining costs nothing. The split is that of 64 even ones at which the later of both is \
          ready first. Two units take no less energy than the better one: this is for time alone.",
    condition: "an operand of the product is made of weights alone, an electronic and a photonic unit can make it at the bits of the \
                view, and the best split is ready at least 2 % before the better unit alone",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        let Some((target, of, view, bits)) = memory_asked(graph, machine, node) else { return Vec::new() };
        let asked = Asked { machine, target, of, view, bits, elem: graph.tensor(of).elem };
        let mut out = Vec::new();
        for maths in graph.nodes_of(of, "nn.matmul") {
            let split = Product::of(graph, &asked, &maths).and_then(|p| p.split());
            out.extend(split.and_then(|split| asked.join(graph, &maths, &split, loc)));
        }
        out
    },
};

/// Ways to split a product evenly: the grid of shares.
const GRID: u64 = 64;
/// Splits on either side of what times alone suggest: blocks of units make times uneven.
const AROUND: u64 = 3;
/// Most that a split may take, as a share of what the better unit alone does.
const WORTH: f64 = 0.98;

/// A view that is asked for.
struct Asked<'a> {
    machine: &'a Machine<'a>,
    target: &'a Target,
    of: Id,
    view: View,
    bits: u32,
    elem: Elem,
}

/// A product whose operand `side` may be cut along `axis` into parts of its `extent`.
struct Product<'a> {
    asked: &'a Asked<'a>,
    work: Work<'static>,
    photonic: MatmulWork,
    from: [Option<Location>; 2],
    side: usize,
    axis: usize,
    extent: u64,
}

/// The first `first` indices of an axis of an operand by an electronic unit, the others by a photonic one.
struct Split {
    side: usize,
    axis: usize,
    first: u64,
    electronic: String,
    photonic: String,
}

impl<'a> Product<'a> {
    fn of(graph: &Graph, asked: &'a Asked<'a>, maths: &Node) -> Option<Product<'a>> {
        let side = (0..2).rev().find(|i| graph.is_offline(maths.children[*i]))?;
        let axis = free_axis(graph, maths, side)?;
        let extent = *graph.tensor(maths.children[side]).dims.get(axis)?;
        Some(Product {
            asked,
            work: price::work(graph, asked.target, asked.of, maths)?,
            photonic: price::matmul_work(graph, asked.of, maths)?,
            from: asked.from(graph, maths),
            side,
            axis,
            extent,
        })
    }

    /// The split at which the later of both parts is ready first, if it is worth it.
    fn split(&self) -> Option<Split> {
        let (slow, fast) = (self.electronic(self.extent)?, self.light(self.extent)?);
        let alone = slow.1.min(fast.1);
        // Both would be ready at once where electrons have this share, were times in proportion.
        let even = fast.1.0 / (slow.1.0 + fast.1.0) * GRID as f64;
        let near = even.round().clamp(0.0, GRID as f64) as u64;
        let mut best: Option<(Time, Split)> = None;
        for share in near.saturating_sub(AROUND).max(1)..=(near + AROUND).min(GRID - 1) {
            let first = self.extent.saturating_mul(share) / GRID;
            let rest = self.extent - first;
            if first == 0 || rest == 0 {
                continue;
            }
            let ((electronic, one), (photonic, other)) = (self.electronic(first)?, self.light(rest)?);
            let ready = one.max(other);
            if ready <= alone * WORTH && best.as_ref().is_none_or(|(least, _)| ready < *least) {
                best = Some((ready, Split { side: self.side, axis: self.axis, first, electronic, photonic }));
            }
        }
        best.map(|(_, split)| split)
    }

    /// The electronic unit that makes a part of that extent first, and when it is ready.
    fn electronic(&self, part: u64) -> Option<(String, Time)> {
        let mut work = self.work.clone();
        let (side, axis) = (self.side, self.axis);
        *work.inputs.get_mut(side)?.dims.get_mut(axis)? = part;
        let along = work.output.dims.len().checked_sub(2 - side)?;
        *work.output.dims.get_mut(along)? = part;
        work.macs = u64::try_from(u128::from(work.macs) * u128::from(part) / u128::from(self.extent)).ok()?;
        let leave = self.asked.view == View::Offchip;
        let found = self.asked.target.electronic_streamed(&work, &self.from, leave);
        let found = found.into_iter().filter(|r| price::is_finite(&r.cost));
        found.map(|r| (r.unit.to_string(), r.cost.latency)).min_by(|a, b| a.1.0.total_cmp(&b.1.0))
    }

    /// The same of the photonic units, with the conversions that are operations of their own.
    fn light(&self, part: u64) -> Option<(String, Time)> {
        let whole = self.photonic;
        let of = |all: u64| all / self.extent * part;
        let work =
            if self.side == 0 { MatmulWork { m: of(whole.m), ..whole } } else { MatmulWork { n: part, ..whole } };
        let found = self.asked.by_light(&work, self.from, self.side);
        let timed = found.into_iter().filter_map(|r| Some((r.unit.to_string(), self.asked.in_all(&work, &r)?)));
        timed.min_by(|a, b| a.1.0.total_cmp(&b.1.0))
    }
}

impl Asked<'_> {
    /// Where the operands of a product stream from.
    fn from(&self, graph: &Graph, maths: &Node) -> [Option<Location>; 2] {
        [0, 1].map(|i| self.machine.places.streamed(graph, self.target, maths.children[i], true))
    }

    /// Ways of light to make a product whose operand `weights` is made of weights at the bits of the view.
    fn by_light(&self, work: &MatmulWork, from: [Option<Location>; 2], weights: usize) -> Vec<PhotonicRealisation> {
        let has_bits = |r: &PhotonicRealisation| {
            let side = if r.stationary == Stationary::Lhs { 0 } else { 1 };
            let held = side == weights || !hold::stores(self.target, &r.unit);
            held && price::light_level(self.target, &r.unit, self.elem, self.bits)
        };
        let streamed = Ends { lhs: from[0], rhs: from[1], result: self.view == View::Offchip };
        let mut out = Vec::new();
        for (conversions, ends) in [(Conversions::PerUse, streamed), (Conversions::Once, Ends::default())] {
            let units = price::photonic_units(self.target, conversions);
            let is_one = |r: &PhotonicRealisation| units.iter().any(|u| **u == *r.unit);
            let ways = self.target.photonic(work, ends).into_iter();
            out.extend(ways.filter(|r| is_one(r) && has_bits(r) && price::is_finite(&r.cost)));
        }
        out
    }

    /// From numbers to numbers: what is put onto light at the same time, the product, its detection.
    fn in_all(&self, work: &MatmulWork, r: &PhotonicRealisation) -> Option<Time> {
        let (held, streamed) = match r.stationary {
            Stationary::Rhs => (work.rhs_numbers(), work.lhs_numbers()),
            Stationary::Lhs => (work.lhs_numbers(), work.rhs_numbers()),
        };
        let light = self.target.encode(&r.unit, streamed as u128)?.latency;
        let weights = self.target.program(&r.unit, held as u128)?.latency;
        Some(light.max(weights) + r.cost.latency + self.target.detect(&r.unit, work.outputs())?.latency)
    }

    /// Both parts and what joins them.
    fn join(&self, graph: &mut Graph, maths: &Node, split: &Split, loc: &Loc) -> Option<Id> {
        let extent = *graph.tensor(maths.children[split.side]).dims.get(split.axis)?;
        let first = part(graph, maths, split, (0, split.first), loc)?;
        let second = part(graph, maths, split, (split.first, extent - split.first), loc)?;
        let first = self.electrons(graph, &first, &split.electronic, loc)?;
        let second = self.light(graph, &second, (&split.photonic, split.side), loc)?;
        let whole = graph.tensor(self.of);
        let axis = i64::try_from(whole.rank().checked_sub(2 - split.side)?).ok()?;
        let attrs = Attrs::from([("axis".to_string(), Attr::Int(axis))]);
        Some(graph.op(registry::op("mem.join"), attrs, self.viewed(whole), &[first, second], loc.clone()))
    }

    fn viewed(&self, tensor: TensorType) -> Type {
        Type::viewed(self.view, tensor, self.bits)
    }

    /// A part by a kernel of that unit.
    fn electrons(&self, graph: &mut Graph, (of, maths): &(Id, Node), unit: &str, loc: &Loc) -> Option<Id> {
        let work = price::work(graph, self.target, *of, maths)?;
        let from = self.from(graph, maths);
        let found = self.target.electronic_streamed(&work, &from, self.view == View::Offchip);
        let r = found.into_iter().find(|r| *r.unit == *unit && price::is_finite(&r.cost))?;
        let ty = self.viewed(graph.tensor(*of));
        Some(by_kernel(graph, maths, (&r, &from), (ty, self.bits), loc))
    }

    /// A part by that photonic unit.
    fn light(
        &self,
        graph: &mut Graph,
        (of, maths): &(Id, Node),
        (unit, weights): (&str, usize),
        loc: &Loc,
    ) -> Option<Id> {
        if price::photonic_units(self.target, Conversions::Once).iter().any(|u| u == unit) {
            return detected(graph, self.target, unit, *of, (self.view, self.bits), loc);
        }
        let work = price::matmul_work(graph, *of, maths)?;
        let from = self.from(graph, maths);
        let ways = self.by_light(&work, from, weights).into_iter().filter(|r| *r.unit == *unit);
        let r = ways.min_by(|a, b| a.cost.latency.0.total_cmp(&b.cost.latency.0))?;
        let passes = price::sign_passes(self.target, unit, &work, r.stationary);
        let ty = self.viewed(graph.tensor(*of));
        by_light(graph, self.target, maths, (&r, &from), passes, (ty, self.bits), loc)
    }
}

/// The product of a part of the operand that is cut, from an index on so many of them: its class and its node.
fn part(graph: &mut Graph, maths: &Node, split: &Split, range: (u64, u64), loc: &Loc) -> Option<(Id, Node)> {
    let mut children = maths.children.clone();
    children[split.side] = slice(graph, children[split.side], split.axis, range, loc)?;
    let attrs = (*graph.attrs(maths)).clone();
    let product = graph.maths("nn.matmul", attrs, &children, loc)?;
    let node = graph.nodes_of(product, "nn.matmul").into_iter().find(|n| n.children == children)?;
    Some((product, node))
}

/// Indices of an axis of a tensor, from one on so many of them.
fn slice(graph: &mut Graph, of: Id, axis: usize, (start, size): (u64, u64), loc: &Loc) -> Option<Id> {
    let dims = graph.tensor(of).dims;
    let index = |n: u64| i64::try_from(n).ok();
    let mut starts = vec![0; dims.len()];
    let mut sizes = dims.iter().map(|d| index(*d)).collect::<Option<Vec<i64>>>()?;
    (*starts.get_mut(axis)?, *sizes.get_mut(axis)?) = (index(start)?, index(size)?);
    let attrs = [("starts", starts), ("sizes", sizes), ("steps", vec![1; dims.len()])];
    let attrs = attrs.into_iter().map(|(k, v)| (k.to_string(), Attr::Ints(v))).collect();
    graph.maths("nn.slice", attrs, &[of], loc)
}

/// The axis of an operand of a product that is an axis of the result: rows of the left one, columns of the right one.
pub(super) fn free_axis(graph: &Graph, maths: &Node, side: usize) -> Option<usize> {
    let flag = if side == 0 { "transpose_lhs" } else { "transpose_rhs" };
    let transposed = graph.attrs(maths).get(flag).and_then(Attr::as_bool).unwrap_or(false);
    let from_end = if transposed == (side == 0) { 1 } else { 2 };
    graph.tensor(maths.children[side]).rank().checked_sub(from_end)
}
