//! How units make views: electronic kernels and photonic products.

use super::hold;
use super::{Kind, Machine, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::egraph::price;
use egg::Id;
use prism_dialects::{Attr, Attrs, Level, Loc, Type, View, registry};
use prism_hardware::target::photonic::Conversions;
use prism_hardware::{Ends, Location, MatmulWork, PhotonicRealisation, Realisation, Target};

/// `@digital(f(x))` by a kernel on `@digital(x)`.
pub(super) static KERNEL: Rule = Rule {
    name: "kernel",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "Every electronic unit that has a kernel for the operation may make its result from operands on chip.",
    condition: "the target lists a kernel for the operation",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        let Some((target, of, view, bits)) = memory_asked(graph, machine, node) else { return Vec::new() };
        // Integers are exact; what they are made from need not be.
        let level = if graph.tensor(of).elem.is_float() { bits } else { machine.level };
        let mut out = Vec::new();
        for maths in maths_nodes(graph, of) {
            if is_leaf(graph, &maths) || graph.replaced.contains(&maths) {
                continue;
            }
            let Some(work) = price::work(graph, target, of, &maths) else { continue };
            let product = work.op == "matmul";
            let from: Vec<Option<Location>> =
                maths.children.iter().map(|c| machine.places.streamed(graph, target, *c, product)).collect();
            let found = target.electronic_streamed(&work, &from, view == View::Offchip);
            let ty = Type::viewed(view, graph.tensor(of), bits);
            for r in found.into_iter().filter(|r| price::is_finite(&r.cost)) {
                out.push(by_kernel(graph, &maths, (&r, &from), (ty.clone(), level), loc));
            }
        }
        out
    },
};

/// `@digital(a b)` by a photonic unit that converts per use.
pub(super) static GEMM: Rule = Rule {
    name: "photonic-gemm",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "A photonic unit that converts per use makes a product of floats from numbers to numbers, with either operand on its \
          row side; both orders are priced, with conversions, programming and what streams from off chip.",
    condition: "the unit bills conversions per use, its effective bits are those of the view, and it takes two results if both are; a unit \
                that states `arrays` holds an operand made of weights alone",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| gemms(graph, machine, node, Target::photonic, loc),
};

/// The ways in which light makes a product on a machine.
pub(super) type Ways = fn(&Target, &MatmulWork, Ends) -> Vec<PhotonicRealisation>;

/// Products that convert per use, for a view in a memory.
pub(super) fn gemms(graph: &mut Graph, machine: &Machine<'_>, node: &Node, ways: Ways, loc: &Loc) -> Vec<Id> {
    let Some((target, of, view, bits)) = memory_asked(graph, machine, node) else { return Vec::new() };
    let units = price::photonic_units(target, Conversions::PerUse);
    let elem = graph.tensor(of).elem;
    let mut out = Vec::new();
    for maths in graph.nodes_of(of, "nn.matmul") {
        let Some(work) = price::matmul_work(graph, of, &maths) else { continue };
        let from = [0, 1].map(|i| machine.places.streamed(graph, target, maths.children[i], true));
        let ends = Ends { lhs: from[0], rhs: from[1], result: view == View::Offchip };
        for r in ways(target, &work, ends).into_iter().filter(|r| price::is_finite(&r.cost)) {
            if !units.iter().any(|u| **u == *r.unit) || !price::light_level(target, &r.unit, elem, bits) {
                continue;
            }
            let passes = price::sign_passes(target, &r.unit, &work, r.stationary);
            let ty = Type::viewed(view, graph.tensor(of), bits);
            out.extend(by_light(graph, target, &maths, (&r, &from), passes, (ty, bits), loc));
        }
    }
    out
}

/// `maths` by a kernel that works at that level.
pub(super) fn by_kernel(
    graph: &mut Graph,
    maths: &Node,
    (r, from): (&Realisation, &[Option<Location>]),
    (ty, level): (Type, u32),
    loc: &Loc,
) -> Id {
    let children = operands(graph, &maths.children, from, level, loc);
    let attrs = kernel_attrs(graph, maths, &r.unit, &r.cost);
    graph.op(registry::op("elec.kernel"), attrs, ty, &children, loc.clone())
}

/// The product `maths` by a unit that converts per use; `None` where the unit would have to store what is no weight.
pub(super) fn by_light(
    graph: &mut Graph,
    target: &Target,
    maths: &Node,
    (r, from): (&PhotonicRealisation, &[Option<Location>]),
    passes: i64,
    (ty, bits): (Type, u32),
    loc: &Loc,
) -> Option<Id> {
    if !hold::is_held(graph, target, maths, r) {
        return None;
    }
    let (children, reads) = if hold::stores(target, &r.unit) {
        let (_, other) = hold::sides(r);
        let (held, reads) = hold::held(graph, maths, r, bits, loc)?;
        let streamed = operands(graph, &maths.children[other..=other], &from[other..=other], bits, loc);
        let mut children = vec![held];
        children.splice(other..other, streamed);
        (children, reads)
    } else {
        (operands(graph, &maths.children, from, bits, loc), (*graph.attrs(maths)).clone())
    };
    let attrs = light_attrs(reads, r, passes);
    Some(graph.op(registry::op("ptu.gemm"), attrs, ty, &children, loc.clone()))
}

/// Attributes of a product by a unit that converts per use, which reads its operands as `reads` says.
pub(super) fn light_attrs(reads: Attrs, r: &PhotonicRealisation, passes: i64) -> Attrs {
    let mut attrs = price::priced(&r.unit, &r.cost);
    attrs.insert("stationary".into(), Attr::str(r.stationary.word()));
    attrs.insert("passes".into(), Attr::Int(passes));
    attrs.extend(grouped(r));
    attrs.extend(reads);
    attrs
}

/// How many groups of wavelengths are at work, where that is more than one.
fn grouped(r: &PhotonicRealisation) -> Option<(String, Attr)> {
    let groups = i64::try_from(r.groups).ok().filter(|groups| *groups > 1)?;
    Some(("groups".to_string(), Attr::Int(groups)))
}

/// What a `stack.view` of a result in a memory asks for, when it may be made there: target, viewed class, view, bits. A
/// result that lies off chip is made there, the others on chip.
pub(super) fn memory_asked<'a>(
    graph: &Graph,
    machine: &Machine<'a>,
    node: &Node,
) -> Option<(&'a Target, Id, View, u32)> {
    let target = machine.target?;
    let of = node.children[0];
    let (view, bits) = viewed(graph, node)?;
    let made = if machine.places.is_spilled(graph, target, of) { View::Offchip } else { View::Digital };
    let stored = view == View::Offchip && graph.is_offline(of);
    (view == made && !stored).then_some((target, of, view, bits))
}

/// The views of operands: on chip, or off chip where they stream.
pub(super) fn operands(graph: &mut Graph, of: &[Id], from: &[Option<Location>], bits: u32, loc: &Loc) -> Vec<Id> {
    let mut views = Vec::with_capacity(of.len());
    for (x, from) in of.iter().zip(from) {
        views.push(match from {
            None => digital(graph, *x, bits, loc),
            Some(Location::Results) => {
                let bits = price::bits_at(graph.tensor(*x).elem, bits);
                graph.view(*x, View::Offchip, bits, loc)
            }
            Some(_) => off_chip(graph, *x, loc),
        });
    }
    views
}

/// The off-chip view of `x` at its full width.
pub(super) fn off_chip(graph: &mut Graph, x: Id, loc: &Loc) -> Id {
    let bits = graph.tensor(x).elem.bits();
    graph.view(x, View::Offchip, bits, loc)
}

/// `@readout(a b)` by light that carries one operand through a unit that holds the other.
pub(super) static PHOTONIC: Rule = Rule {
    name: "photonic-matmul",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "Every photonic unit may make a product of floats, holding either operand still; both orders are priced.",
    condition: "the unit bills conversions once, and its effective bits are those of the view",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| readouts(graph, machine, node, Target::photonic, loc),
};

/// Products of units that convert once, for a view of what leaves the unit.
pub(super) fn readouts(graph: &mut Graph, machine: &Machine<'_>, node: &Node, ways: Ways, loc: &Loc) -> Vec<Id> {
    let (Some(target), Some((View::Readout, bits))) = (machine.target, viewed(graph, node)) else {
        return Vec::new();
    };
    let Some(asked_unit) = unit_of(graph, node) else { return Vec::new() };
    if !price::photonic_units(target, Conversions::Once).contains(&asked_unit) {
        return Vec::new();
    }
    let of = node.children[0];
    let mut out = Vec::new();
    for maths in graph.nodes_of(of, "nn.matmul") {
        let Some(work) = price::matmul_work(graph, of, &maths) else { continue };
        for r in ways(target, &work, Ends::default()).into_iter().filter(|r| price::is_finite(&r.cost)) {
            if *asked_unit != *r.unit || !price::light_level(target, &r.unit, graph.tensor(of).elem, bits) {
                continue;
            }
            let holds_lhs = r.stationary == prism_hardware::Stationary::Lhs;
            let (moving, held) = if holds_lhs { (1, 0) } else { (0, 1) };
            let light = graph.view_in(maths.children[moving], View::Light, bits, &r.unit, loc);
            let weights = graph.view_in(maths.children[held], View::Weights, bits, &r.unit, loc);
            let mut attrs = price::priced(&r.unit, &r.cost);
            attrs.insert("stationary".into(), Attr::str(r.stationary.word()));
            let passes = price::sign_passes(target, &r.unit, &work, r.stationary);
            attrs.extend((passes > 1).then(|| ("passes".to_string(), Attr::Int(passes))));
            attrs.extend(grouped(&r));
            attrs.extend((*graph.attrs(&maths)).clone());
            let ty = Type::in_unit(View::Readout, graph.tensor(of), bits, &*r.unit);
            out.push(graph.op(registry::op("ptu.matmul"), attrs, ty, &[light, weights], loc.clone()));
        }
    }
    out
}

/// Attributes of a kernel for `maths`.
pub(super) fn kernel_attrs(graph: &Graph, maths: &Node, unit: &str, cost: &prism_hardware::Cost) -> Attrs {
    let mut attrs = price::priced(unit, cost);
    attrs.extend(computes(graph, maths));
    attrs
}

/// `op` and `params`: what a kernel or a preparation computes.
pub(super) fn computes(graph: &Graph, maths: &Node) -> Attrs {
    let mut attrs = Attrs::new();
    if let Some(def) = graph.def(maths) {
        attrs.insert("op".into(), Attr::str(def.name));
    }
    let params = (*graph.attrs(maths)).clone();
    if !params.is_empty() {
        attrs.insert("params".into(), Attr::dict(params));
    }
    attrs
}

/// The view and its bits, of a `stack.view` node.
pub(super) fn viewed(graph: &Graph, node: &Node) -> Option<(View, u32)> {
    match graph.egraph.analysis.ty(node.ty).as_ref() {
        Type::View { view, bits, .. } => Some((*view, *bits)),
        _ => None,
    }
}

/// The photonic unit that a `stack.view` node names.
pub(super) fn unit_of(graph: &Graph, node: &Node) -> Option<String> {
    graph.egraph.analysis.ty(node.ty).unit().map(str::to_string)
}

/// The maths operations of a class.
pub(super) fn maths_nodes(graph: &Graph, class: Id) -> Vec<Node> {
    let is_maths = |n: &&Node| graph.def(n).is_some_and(|d| d.level == Level::Nn);
    graph.egraph[class].iter().filter(is_maths).cloned().collect()
}

/// Whether a node is a weight or a constant.
pub(super) fn is_leaf(graph: &Graph, node: &Node) -> bool {
    graph.def(node).is_some_and(|d| matches!(d.name, "nn.param" | "nn.constant"))
}

/// The on-chip view of `x` at level `bits`.
pub(super) fn digital(graph: &mut Graph, x: Id, bits: u32, loc: &Loc) -> Id {
    let bits = price::bits_at(graph.tensor(x).elem, bits);
    graph.view(x, View::Digital, bits, loc)
}
