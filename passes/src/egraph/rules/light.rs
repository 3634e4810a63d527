//! Conversions between memories and light, and what light is handed on without one.

use super::realise::{computes, digital, memory_asked, off_chip, unit_of};
use super::views::{asked, convert, realisation};
use super::{Machine, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::egraph::price;
use egg::Id;
use prism_dialects::ptu::ROUTED;
use prism_dialects::{Loc, Type, View, registry};
use prism_hardware::target::photonic::{Conversions, Photonic};
use prism_hardware::{Cost, Location, Target};

/// `@light(x) = encode(@digital(x))`.
pub(super) static ENCODE: Rule = realisation(
    "encode",
    "Numbers on chip are put onto light by DAC and modulator.",
    "the target has a photonic unit",
    |graph, machine, _, node, loc| {
        let Some((target, of, bits)) = asked(graph, machine, node, View::Light) else { return Vec::new() };
        to_unit(graph, machine, (target, node), of, "ptu.encode", bits, loc, Target::encode)
    },
);

/// `@weights(x) = program(@digital(x))`.
pub(super) static PROGRAM: Rule = realisation(
    "program",
    "Numbers on chip are written into a photonic unit as its stationary operand.",
    "the target has a photonic unit that bills conversions once",
    |graph, machine, _, node, loc| {
        let Some((target, of, bits)) = asked(graph, machine, node, View::Weights) else { return Vec::new() };
        let once = price::photonic_units(target, Conversions::Once);
        if !unit_of(graph, node).is_some_and(|unit| once.contains(&unit)) {
            return Vec::new();
        }
        to_unit(graph, machine, (target, node), of, "ptu.program", bits, loc, Target::program)
    },
);

/// Numbers of `of` into the unit that `asked` names; from off chip where they lie there.
#[expect(clippy::too_many_arguments, reason = "the two rules differ in the operation and its price alone")]
fn to_unit(
    graph: &mut Graph,
    machine: &Machine<'_>,
    (target, asked): (&Target, &Node),
    of: Id,
    op: &'static str,
    bits: u32,
    loc: &Loc,
    price: fn(&Target, &str, u128) -> Option<Cost>,
) -> Vec<Id> {
    let Some(unit) = unit_of(graph, asked) else { return Vec::new() };
    let tensor = graph.tensor(of);
    let numbers = u128::from(tensor.numel());
    let Some(cost) = price(target, &unit, numbers) else { return Vec::new() };
    let streamed = machine.places.streamed(graph, target, of, false);
    let cost = match streamed {
        Some(home) => target.load(numbers, price::stored_bits(target, tensor.elem), home).then(&cost),
        None => cost,
    };
    if !price::is_finite(&cost) {
        return Vec::new();
    }
    let from = match streamed {
        None => digital(graph, of, bits, loc),
        Some(Location::Results) => graph.view(of, View::Offchip, bits, loc),
        Some(_) => off_chip(graph, of, loc),
    };
    vec![convert(graph, op, price::priced(&unit, &cost), from, asked, loc)]
}

/// `@digital(a b) = detect(@readout(a b))`.
pub(super) static DETECT: Rule = realisation(
    "detect",
    "What light has computed becomes numbers by photodiode, amplifier and ADC.",
    "the tensor is a product of floats and a unit has the bits of the view",
    |graph, machine, _, node, loc| {
        let Some((target, of, view, bits)) = memory_asked(graph, machine, node) else { return Vec::new() };
        let tensor = graph.tensor(of);
        if !tensor.elem.is_float() || graph.nodes_of(of, "nn.matmul").is_empty() {
            return Vec::new();
        }
        let units = price::photonic_units(target, Conversions::Once);
        units.iter().filter_map(|unit| detected(graph, target, unit, of, (view, bits), loc)).collect()
    },
);

/// The readout of product `of` from `unit` as numbers; `None` where the unit has not the bits.
pub(super) fn detected(
    graph: &mut Graph,
    target: &Target,
    unit: &str,
    of: Id,
    (view, bits): (View, u32),
    loc: &Loc,
) -> Option<Id> {
    let tensor = graph.tensor(of);
    let numbers = u128::from(tensor.numel());
    let mut cost = target.detect(unit, numbers)?;
    if view == View::Offchip {
        cost = cost.then(&target.store(numbers, price::stored_bits(target, tensor.elem)));
    }
    if !price::is_finite(&cost) || !price::light_level(target, unit, tensor.elem, bits) {
        return None;
    }
    let from = graph.view_in(of, View::Readout, bits, unit, loc);
    let ty = Type::viewed(view, tensor, bits);
    Some(graph.op(registry::op("ptu.detect"), price::priced(unit, &cost), ty, &[from], loc.clone()))
}

/// `@light(a b) = relay(@readout(a b))`.
pub(super) static RELAY: Rule = realisation(
    "relay",
    "A result drives the modulators of the next product as it is: neither ADC nor DAC.",
    "the tensor is a product of floats, and a part of the unit works on `relay`",
    |graph, machine, _, node, loc| {
        let Some((target, of, bits)) = asked(graph, machine, node, View::Light) else { return Vec::new() };
        let Some(unit) = unit_of(graph, node) else { return Vec::new() };
        let numbers = u128::from(graph.tensor(of).numel());
        let Some(cost) = target.relay(&unit, numbers).filter(price::is_finite) else { return Vec::new() };
        if graph.nodes_of(of, "nn.matmul").is_empty() {
            return Vec::new();
        }
        let from = graph.view_in(of, View::Readout, bits, &unit, loc);
        vec![convert(graph, "ptu.relay", price::priced(&unit, &cost), from, node, loc)]
    },
);

/// `@light(reshape(x)) = route(@light(x))`.
pub(super) static ROUTE: Rule = realisation(
    "route",
    "Light of a tensor is light of its parts, and of its numbers in another order: heads side by side are the row that the next product takes.",
    "the tensor is a reshape, a transpose or a slice, and a part of the unit works on `relay`",
    |graph, machine, _, node, loc| {
        let Some((target, of, bits)) = asked(graph, machine, node, View::Light) else { return Vec::new() };
        let Some(unit) = unit_of(graph, node) else { return Vec::new() };
        if !target.photonic_unit(&unit).is_some_and(Photonic::relays) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for maths in ROUTED.iter().flat_map(|op| graph.nodes_of(of, op)).collect::<Vec<_>>() {
            let from = graph.view_in(maths.children[0], View::Light, bits, &unit, loc);
            let mut attrs = price::priced(&unit, &Cost::default());
            attrs.extend(computes(graph, &maths));
            let ty = (**graph.egraph.analysis.ty(node.ty)).clone();
            out.push(graph.op(registry::op("ptu.route"), attrs, ty, &[from], loc.clone()));
        }
        out
    },
);
