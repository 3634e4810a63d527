//! Weights that a unit holds from before the run, in as many blocks as it stores.

use super::realise::{off_chip, unit_of, viewed};
use super::{Kind, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::egraph::price;
use egg::Id;
use prism_dialects::{Attr, Attrs, Loc, View, registry};
use prism_hardware::{Cost, PhotonicRealisation, Stationary, Target};

/// Attribute of a body with the blocks that each unit stores: what `extract` must keep.
pub const ARRAYS: &str = "stack.arrays";

/// `@weights(w) = hold(@offchip(w))`, before the run.
pub(super) static HOLD: Rule = Rule {
    name: "hold",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "A unit that says how many blocks of weights it stores holds a weight from before the run, at no cost in it; products that \
          read the same weight hold it once. What all held weights take is kept within what there is when the plan is chosen.",
    condition: "the unit states `arrays`, and the tensor is made of weights alone",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        let (Some(target), Some((View::Weights, _))) = (machine.target, viewed(graph, node)) else { return Vec::new() };
        let of = node.children[0];
        let Some(unit) = unit_of(graph, node).filter(|u| stores(target, u)) else { return Vec::new() };
        let Some(blocks) = blocks(graph, target, &unit, of).filter(|_| graph.is_offline(of)) else {
            return Vec::new();
        };
        let mut attrs = price::priced(&unit, &Cost::default());
        attrs.insert("blocks".into(), Attr::Int(blocks));
        let from = off_chip(graph, of, loc);
        let ty = (**graph.egraph.analysis.ty(node.ty)).clone();
        vec![graph.op(registry::op("ptu.hold"), attrs, ty, &[from], loc.clone())]
    },
};

/// Whether weights are in that unit before the run.
pub(super) fn stores(target: &Target, unit: &str) -> bool {
    target.photonic_unit(unit).is_some_and(|u| u.arrays.is_some())
}

/// Blocks that a tensor takes whose last axis lies along the rows.
fn blocks(graph: &Graph, target: &Target, unit: &str, of: Id) -> Option<i64> {
    let dims = graph.tensor(of).dims;
    let [lead @ .., k, n] = dims.as_slice() else { return None };
    let batch = lead.iter().fold(1u64, |a, b| a.saturating_mul(*b));
    i64::try_from(target.photonic_unit(unit)?.blocks(batch, *n, *k)).ok()
}

/// Whether a way of light to make the product `maths` can be: a unit that stores what it holds needs weights there, which are the
/// same for all rows of a batch where the other operand is.
pub(super) fn is_held(graph: &Graph, target: &Target, maths: &Node, r: &PhotonicRealisation) -> bool {
    let (held, other) = sides(r);
    let [held, other] = [held, other].map(|side| maths.children[side]);
    // A batch on the left over one matrix on the right is priced as one product of more rows.
    let folded = r.stationary == Stationary::Lhs && graph.tensor(other).rank() == 2 && graph.tensor(held).rank() > 2;
    !stores(target, &r.unit) || (graph.is_offline(held) && !folded)
}

/// The operands that are held and streamed, by position.
pub(super) fn sides(r: &PhotonicRealisation) -> (usize, usize) {
    match r.stationary {
        Stationary::Lhs => (0, 1),
        Stationary::Rhs => (1, 0),
    }
}

/// The operand of `maths` that is held from before the run as a view in the unit, and how the product then reads its operands. Rows of
/// blocks lie along the last axis of what is held, so that a weight which is read both ways round is two.
pub(super) fn held(
    graph: &mut Graph,
    maths: &Node,
    r: &PhotonicRealisation,
    bits: u32,
    loc: &Loc,
) -> Option<(Id, Attrs)> {
    let (side, _) = sides(r);
    let flag = if side == 0 { "transpose_lhs" } else { "transpose_rhs" };
    let mut attrs = (*graph.attrs(maths)).clone();
    let transposed = attrs.remove(flag).and_then(|a| a.as_bool()).unwrap_or(false);
    let rows_last = transposed == (side == 0);
    let mut of = maths.children[side];
    if !rows_last {
        let rank = i64::try_from(graph.tensor(of).rank()).ok().filter(|rank| *rank >= 2)?;
        let perm = (0..rank - 2).chain([rank - 1, rank - 2]).collect();
        of = graph.maths("nn.transpose", Attrs::from([("perm".to_string(), Attr::Ints(perm))]), &[of], loc)?;
    }
    // Absent for false: what is held on the left is read transposed, what is held on the right as it is.
    attrs.extend((side == 0).then(|| (flag.to_string(), Attr::Bool(true))));
    let bits = price::bits_at(graph.tensor(of).elem, bits);
    Some((graph.view_in(of, View::Weights, bits, &r.unit, loc), attrs))
}

/// The blocks that each unit stores, for `extract`; `None` where no unit says.
pub fn arrays(target: &Target) -> Option<Attr> {
    let units = target.photonic.iter().filter_map(|u| Some((u.name.to_string(), i64::try_from(u.arrays?).ok()?)));
    let units: Attrs = units.map(|(name, blocks)| (name, Attr::Int(blocks))).collect();
    (!units.is_empty()).then_some(Attr::dict(units))
}
