//! Conversions between views, each an e-node with a cost: paid once however many use the result.
//!
//! A view converted there and back is the view it was: both directions are nodes of the same two
//! classes, so conversions cancel without a rule of their own. The cycles this makes are for
//! extraction to avoid.

use super::realise::{computes, digital, is_leaf, kernel_attrs, maths_nodes, off_chip, viewed};
use super::{Kind, Machine, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::{Head, Node};
use crate::egraph::places::{is_picked, lies_with_weights};
use crate::egraph::price;
use egg::Id;
use prism_dialects::{Attr, Attrs, Loc, Type, View, registry};
use prism_hardware::{Cost, Location, Target};

/// The view `node` asks for, if it is one of `view` and there is a target: target, viewed class, bits.
pub(super) fn asked<'a>(
    graph: &Graph,
    machine: &Machine<'a>,
    node: &Node,
    view: View,
) -> Option<(&'a Target, Id, u32)> {
    match viewed(graph, node) {
        Some((v, bits)) if v == view => Some((machine.target?, node.children[0], bits)),
        _ => None,
    }
}

fn is_arg(graph: &Graph, class: Id) -> bool {
    graph.egraph[class].iter().any(|n| matches!(n.head, Head::Arg(_)))
}

/// A conversion of the class `from` to the view that `asked`, a `stack.view`, asks for.
pub(super) fn convert(graph: &mut Graph, op: &'static str, attrs: Attrs, from: Id, asked: &Node, loc: &Loc) -> Id {
    let ty = (**graph.egraph.analysis.ty(asked.ty)).clone();
    graph.op(registry::op(op), attrs, ty, &[from], loc.clone())
}

fn moved(cost: &Cost, (from, to): (&str, &str)) -> Attrs {
    let path = Attr::str(format!("{from}->{to}"));
    Attrs::from([("cost".to_string(), price::cost_attr(cost)), ("path".to_string(), path)])
}

pub(super) const fn realisation(
    name: &'static str,
    doc: &'static str,
    condition: &'static str,
    apply: fn(&mut Graph, &Machine<'_>, Id, &Node, &Loc) -> Vec<Id>,
) -> Rule {
    let roots = || vec!["stack.view"];
    Rule { name, kind: Kind::Realisation, phase: Phase::Realise, doc, condition, roots, apply }
}

/// `@offchip` of a weight, a constant or an argument: it lies there.
pub(super) static LEAF: Rule = realisation(
    "leaf",
    "Weights, constants and arguments lie off chip before the model runs.",
    "the tensor is a weight, a constant or an argument",
    |graph, machine, _, node, loc| {
        let Some((_, of, bits)) = asked(graph, machine, node, View::Offchip) else { return Vec::new() };
        let ty = Type::viewed(View::Offchip, graph.tensor(of), bits);
        let mut out = Vec::new();
        if is_arg(graph, of) {
            out.push(graph.op(registry::op("mem.input"), Attrs::new(), ty.clone(), &[of], loc.clone()));
        }
        for leaf in maths_nodes(graph, of).iter().filter(|n| is_leaf(graph, n)).cloned().collect::<Vec<_>>() {
            let is_param = graph.def(&leaf).is_some_and(|d| d.name == "nn.param");
            let def = registry::op(if is_param { "mem.param" } else { "mem.constant" });
            let attrs = (*graph.attrs(&leaf)).clone();
            out.push(graph.op(def, attrs, ty.clone(), &[], loc.clone()));
        }
        out
    },
);

/// `@offchip` of a tensor made of weights alone: made once, beforehand.
pub(super) static PREPARE: Rule = realisation(
    "prepare",
    "A tensor made of weights alone (a joined or transposed weight, a mask) is computed once before the model runs.",
    "every leaf below it is a weight or a constant",
    |graph, machine, _, node, loc| {
        let Some((_, of, bits)) = asked(graph, machine, node, View::Offchip) else { return Vec::new() };
        let mut out = Vec::new();
        for maths in maths_nodes(graph, of) {
            let offline = maths.children.iter().all(|c| graph.is_offline(*c));
            if is_leaf(graph, &maths) || !offline || !graph.is_offline(of) {
                continue;
            }
            let children: Vec<Id> = maths.children.iter().map(|c| off_chip(graph, *c, loc)).collect();
            let attrs = computes(graph, &maths);
            let ty = Type::viewed(View::Offchip, graph.tensor(of), bits);
            out.push(graph.op(registry::op("mem.prepare"), attrs, ty, &children, loc.clone()));
        }
        out
    },
);

/// `@offchip(gather(w, i)) = select(@offchip(w), @digital(i))`.
pub(super) static SELECT: Rule = realisation(
    "select",
    "Matrices of a weight that are picked while the model runs, such as those of the experts that were chosen, stay where the weight is: \
     what reads them follows the indices.",
    "the weight has at least three axes, and the first is picked along",
    |graph, machine, _, node, loc| {
        let Some((_, of, bits)) = asked(graph, machine, node, View::Offchip) else { return Vec::new() };
        if !is_picked(graph, of) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for maths in graph.nodes_of(of, "nn.gather") {
            let (weight, indices) = (maths.children[0], maths.children[1]);
            if !graph.is_offline(weight) {
                continue;
            }
            let full = graph.tensor(indices).elem.bits();
            let children = [off_chip(graph, weight, loc), digital(graph, indices, full, loc)];
            let ty = Type::viewed(View::Offchip, graph.tensor(of), bits);
            let attrs = (*graph.attrs(&maths)).clone();
            out.push(graph.op(registry::op("mem.select"), attrs, ty, &children, loc.clone()));
        }
        out
    },
);

/// `@digital(x) = load(@offchip(x))`.
pub(super) static LOAD: Rule = realisation(
    "load",
    "What lies off chip may be brought on chip, once for all its readers.",
    "the tensor is an argument, is made of weights alone or picked from one, or is stored anyway",
    |graph, machine, _, node, loc| {
        let Some((target, of, bits)) = asked(graph, machine, node, View::Digital) else { return Vec::new() };
        let tensor = graph.tensor(of);
        let full = tensor.elem.bits();
        // A leaf lies there with all its bits, a result with those that it is stored with.
        let leaf = is_arg(graph, of) || lies_with_weights(graph, of);
        let stored = machine.places.is_spilled(graph, target, of) || graph.find_view(of, View::Offchip, bits).is_some();
        if if leaf { bits != full } else { !stored } {
            return Vec::new();
        }
        if is_arg(graph, of) && machine.places.is_kept(graph, of) {
            let here = price::working_memory(target);
            let from = off_chip(graph, of, loc);
            return vec![convert(graph, "mem.load", moved(&Cost::default(), (here, here)), from, node, loc)];
        }
        let home = match (lies_with_weights(graph, of), is_arg(graph, of)) {
            (true, _) => Location::Parameters,
            (false, true) => Location::Inputs,
            (false, false) => Location::Results,
        };
        let cost = target.load(u128::from(tensor.numel()), price::stored_bits(target, tensor.elem), home);
        if !price::is_finite(&cost) {
            return Vec::new();
        }
        let from = graph.view(of, View::Offchip, bits, loc);
        let path = (price::memory_at(target, home), price::working_memory(target));
        vec![convert(graph, "mem.load", moved(&cost, path), from, node, loc)]
    },
);

/// `@offchip(x) = store(@digital(x))`.
pub(super) static STORE: Rule = realisation(
    "store",
    "A result computed on chip is written off chip.",
    "the tensor is neither an argument nor made of weights alone",
    |graph, machine, _, node, loc| {
        let Some((target, of, bits)) = asked(graph, machine, node, View::Offchip) else { return Vec::new() };
        if is_arg(graph, of) || lies_with_weights(graph, of) {
            return Vec::new();
        }
        let tensor = graph.tensor(of);
        let kept = machine.places.is_kept(graph, of);
        let cost = if kept {
            Cost::default()
        } else {
            target.store(u128::from(tensor.numel()), price::stored_bits(target, tensor.elem))
        };
        if !price::is_finite(&cost) {
            return Vec::new();
        }
        let from = digital(graph, of, bits, loc);
        let here = price::working_memory(target);
        let path = (here, if kept { here } else { price::memory_at(target, Location::Results) });
        vec![convert(graph, "mem.store", moved(&cost, path), from, node, loc)]
    },
);

/// `@offchip(concat(c, x)) = append(@offchip(c), @digital(x))`, or on chip where the cache is kept there.
pub(super) static APPEND: Rule = realisation(
    "append",
    "A cache of keys and values that the caller gave grows in place: only the new rows are written.",
    "the tensor is a result, an argument with one more operand behind it; nothing else extends that argument; and inputs lie where \
     results are left, or the cache is kept on chip",
    |graph, machine, _, node, loc| {
        let (Some(target), Some((view, bits))) = (machine.target, viewed(graph, node)) else { return Vec::new() };
        let of = node.children[0];
        let kept = machine.places.is_kept(graph, of);
        let in_place = match view {
            View::Offchip => !kept && target.placement.inputs == target.placement.results,
            View::Digital => kept,
            _ => false,
        };
        if !in_place || !machine.places.is_extended(graph, of) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for maths in graph.nodes_of(of, "nn.concat") {
            let &[cache, rows] = maths.children.as_ref() else { continue };
            if !is_arg(graph, cache) {
                continue;
            }
            let tensor = graph.tensor(rows);
            let (numbers, width) = (u128::from(tensor.numel()), price::stored_bits(target, tensor.elem));
            let here = price::working_memory(target);
            let (cost, from, path) = match view {
                View::Digital => (target.rewrite(numbers, width), digital(graph, cache, bits, loc), (here, here)),
                _ => {
                    let path = (here, price::memory_at(target, Location::Results));
                    (target.store(numbers, width), off_chip(graph, cache, loc), path)
                }
            };
            if !price::is_finite(&cost) {
                continue;
            }
            let rows = digital(graph, rows, bits, loc);
            let mut attrs = moved(&cost, path);
            attrs.extend((*graph.attrs(&maths)).clone());
            let ty = Type::viewed(view, graph.tensor(of), bits);
            out.push(graph.op(registry::op("mem.append"), attrs, ty, &[from, rows], loc.clone()));
        }
        out
    },
);

/// `@digital8(x)` of a leaf is `@digital(x)` with fewer bits relied on.
pub(super) static WEAKEN: Rule = realisation(
    "weaken",
    "A leaf that is exact to more bits is exact to fewer. Above the leaves kernels work at the weaker level, at no more \
     cost, so that weakening there would add nothing.",
    "the tensor is an argument, made of weights alone or picked from one, and the view has fewer bits than its element type",
    |graph, machine, _, node, loc| {
        let Some((_, of, bits)) = asked(graph, machine, node, View::Digital) else { return Vec::new() };
        let full = graph.tensor(of).elem.bits();
        if bits >= full || !(is_arg(graph, of) || lies_with_weights(graph, of)) {
            return Vec::new();
        }
        let from = graph.view(of, View::Digital, full, loc);
        vec![convert(graph, "elec.weaken", Attrs::new(), from, node, loc)]
    },
);

/// `@digital(gather(t, i))` reading only the picked rows of `@offchip(t)`.
pub(super) static GATHER_ROWS: Rule = realisation(
    "gather-rows",
    "A gather from a table off chip moves the picked rows alone: an embedding is a few rows of a large table.",
    "the table is a weight or an argument",
    |graph, machine, _, node, loc| {
        let Some((target, of, bits)) = asked(graph, machine, node, View::Digital) else { return Vec::new() };
        let mut out = Vec::new();
        for maths in graph.nodes_of(of, "nn.gather") {
            let (table, indices) = (maths.children[0], maths.children[1]);
            if !(graph.is_offline(table) || is_arg(graph, table)) {
                continue;
            }
            let Some(work) = price::work(graph, target, of, &maths) else { continue };
            let home = if graph.is_offline(table) { Location::Parameters } else { Location::Inputs };
            for r in target.gather_rows(&work, home).into_iter().filter(|r| price::is_finite(&r.cost)) {
                let children = [off_chip(graph, table, loc), digital(graph, indices, bits, loc)];
                let attrs = kernel_attrs(graph, &maths, &r.unit, &r.cost);
                let ty = Type::viewed(View::Digital, graph.tensor(of), bits);
                out.push(graph.op(registry::op("elec.kernel"), attrs, ty, &children, loc.clone()));
            }
        }
        out
    },
);
