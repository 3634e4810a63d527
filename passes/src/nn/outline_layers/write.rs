//! The function of a segment, and the body that calls it.

use super::flat::{Flat, is_leaf};
use super::instance::{Instance, Wire};
use super::names::prefixes;
use prism_dialects::call::{self, VISIBILITY, relative};
use prism_dialects::{Attr, Attrs, Body, Holder, Loc, Op, Type, ValueId, registry};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Equal instances with what becomes of their names.
pub(super) struct Group<'a> {
    flat: &'a Flat<'a>,
    instances: Vec<Instance>,
    /// Results of the function: those that any instance's users need.
    outputs: Vec<(usize, usize)>,
    /// What stands before the names of each instance.
    pub(super) prefixes: Option<Vec<String>>,
    /// The same for weights.
    param_prefixes: Option<Vec<String>>,
    /// The names of weights in the function.
    params: Vec<String>,
}

impl<'a> Group<'a> {
    pub(super) fn new(flat: &'a Flat<'a>, instances: Vec<Instance>, period: usize) -> Group<'a> {
        let all: std::collections::BTreeSet<_> = instances.iter().flat_map(|i| i.outputs.iter().copied()).collect();
        let first_names = |q: usize| instances.iter().map(|i| flat.op(i.positions[q]).loc.first()).collect();
        let op_prefixes = prefixes((0..period).map(first_names));
        let count = instances.first().map_or(0, |i| i.params.len());
        let names = |k: usize| instances.iter().map(|i| weight_name(flat, i, k)).collect::<Vec<&str>>();
        let param_prefixes = prefixes((0..count).map(names));
        let mut group = Group {
            flat,
            outputs: all.into_iter().collect(),
            param_prefixes,
            prefixes: op_prefixes,
            params: Vec::new(),
            instances,
        };
        // Names that have nothing in common, such as numbers of an exporter, make no prefix.
        if (0..count).all(|k| group.below_prefix(k).is_none()) {
            group.param_prefixes = group.prefixes.clone();
        }
        group.params = group.param_names(count);
        group
    }

    /// A name for each weight: below the prefixes where all instances agree, else made from where it is used.
    fn param_names(&self, count: usize) -> Vec<String> {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let mut out = Vec::with_capacity(count);
        for k in 0..count {
            let name = self.below_prefix(k).unwrap_or_else(|| self.described(k));
            let seen = taken.entry(name.clone()).or_default();
            out.push(if *seen == 0 { name } else { format!("{name}#{seen}") });
            *seen += 1;
        }
        out
    }

    fn below_prefix(&self, k: usize) -> Option<String> {
        let prefixes = self.param_prefixes.as_ref()?;
        let mut rests = self.instances.iter().zip(prefixes).map(|(i, prefix)| {
            weight_name(self.flat, i, k).strip_prefix(prefix.as_str()).filter(|rest| !rest.is_empty())
        });
        let first = rests.next()??;
        rests.all(|rest| rest == Some(first)).then(|| first.to_string())
    }

    fn described(&self, k: usize) -> String {
        let op = self.instances.first().and_then(|i| i.params.get(k)).map(|op| &self.flat.body.ops[*op]);
        let prefix = self.prefixes.as_ref().and_then(|p| p.first()).map_or("", String::as_str);
        let place = op.map_or("", |op| op.loc.first()).strip_prefix(prefix).unwrap_or("");
        if place.is_empty() { format!("weight{k}") } else { format!("{place}.weight") }
    }

    /// The function.
    pub(super) fn function(&self, name: &str) -> Body {
        let mut out = Body::new(name, Holder::Func);
        out.attrs.insert(VISIBILITY.0.into(), Attr::str(VISIBILITY.1));
        let Some(first) = self.instances.first() else { return out };
        let flat = self.flat;
        let arguments: Vec<ValueId> = first
            .arguments
            .iter()
            .enumerate()
            .map(|(i, v)| out.arg(flat.body.shared_ty(*v), Loc::name(format!("in{i}"))))
            .collect();
        let mut leaves: FxHashMap<usize, ValueId> = FxHashMap::default();
        let mut made: Vec<SmallVec<[ValueId; 1]>> = Vec::with_capacity(first.wires.len());
        for (q, wires) in first.wires.iter().enumerate() {
            let op = flat.op(first.positions[q]);
            let operands: SmallVec<[ValueId; 4]> = wires
                .iter()
                .filter_map(|wire| match *wire {
                    Wire::Inside(q, nth) => made.get(q).and_then(|r| r.get(nth)).copied(),
                    Wire::Argument(i) => arguments.get(i).copied(),
                    Wire::Param(k) => first.params.get(k).map(|op| self.leaf(&mut out, &mut leaves, *op, Some(k))),
                    Wire::Constant(c) => first.constants.get(c).map(|op| self.leaf(&mut out, &mut leaves, *op, None)),
                })
                .collect();
            let results: SmallVec<[ValueId; 1]> =
                op.results.iter().map(|r| out.value(flat.body.shared_ty(*r))).collect();
            let loc = self.loc(|i| &flat.op(i.positions[q]).loc);
            out.ops.push(Op { def: op.def, operands, results: results.clone(), attrs: op.attrs.clone(), loc });
            made.push(results);
        }
        out.results = self.outputs.iter().filter_map(|(q, nth)| made.get(*q)?.get(*nth).copied()).collect();
        out
    }

    /// A weight or constant of the function, made at its first use.
    fn leaf(&self, out: &mut Body, known: &mut FxHashMap<usize, ValueId>, op: usize, param: Option<usize>) -> ValueId {
        if let Some(value) = known.get(&op) {
            return *value;
        }
        let leaf = &self.flat.body.ops[op];
        let ty = leaf.result().map_or(Type::Event, |r| self.flat.body.ty(r).clone());
        let mut attrs = Arc::clone(&leaf.attrs);
        let loc = match param {
            Some(k) => {
                Arc::make_mut(&mut attrs).insert("name".into(), Attr::str(self.params[k].as_str()));
                self.loc(|i| &self.flat.body.ops[i.params[k]].loc)
            }
            None => Loc::default(),
        };
        let value = out.push(registry::op(leaf.def.name), &[], attrs, ty, loc);
        known.insert(op, value);
        value
    }

    /// The names below the prefixes that all instances have.
    fn loc<'l>(&self, of: impl Fn(&Instance) -> &'l Loc) -> Loc {
        let below = |(nth, instance): (usize, &Instance)| -> Vec<String> {
            let prefix = self.prefixes.as_ref().and_then(|p| p.get(nth)).map_or("", String::as_str);
            of(instance).names.iter().map(|name| relative(name, prefix)).collect()
        };
        let mut all = self.instances.iter().enumerate().map(below);
        let mut shared = all.next().unwrap_or_default();
        all.for_each(|names| shared.retain(|name| names.contains(name)));
        let names: SmallVec<[Arc<str>; 1]> = shared.into_iter().map(|n| n.into()).collect();
        // What has no name in common is the layer itself.
        let names = if names.is_empty() { SmallVec::from_iter([Arc::from(".")]) } else { names };
        Loc { names, rule: self.instances.first().and_then(|i| of(i).rule.clone()) }
    }

    fn call_attrs(&self, nth: usize, name: &str) -> Attrs {
        let mut attrs = Attrs::from([("callee".to_string(), Attr::Symbol(name.to_string()))]);
        let of = |all: &Option<Vec<String>>| all.as_ref().and_then(|p| p.get(nth)).cloned();
        let (prefix, params) = (of(&self.prefixes), of(&self.param_prefixes));
        if let Some(prefix) = &prefix {
            attrs.insert("prefix".into(), Attr::str(prefix.as_str()));
        }
        if let Some(params) = params.as_ref().filter(|p| Some(*p) != prefix.as_ref()) {
            attrs.insert("param_prefix".into(), Attr::str(params.as_str()));
        }
        let before = params.or(prefix).unwrap_or_default();
        let apart: Attrs = self
            .params
            .iter()
            .enumerate()
            .map(|(k, name)| (name, weight_name(self.flat, &self.instances[nth], k)))
            .filter(|(name, whole)| format!("{before}{name}") != *whole)
            .map(|(name, whole)| (name.clone(), Attr::str(whole)))
            .collect();
        if !apart.is_empty() {
            attrs.insert("params".into(), Attr::dict(apart));
        }
        attrs
    }

    /// The body with a call in the place of each instance; what stands between the operations of one comes before its call.
    pub(super) fn caller(&self, name: &str) -> Body {
        let body = self.flat.body;
        let mut out = body.clone();
        out.ops.clear();
        let mut ends: FxHashMap<usize, usize> = FxHashMap::default();
        let mut inside = vec![false; body.ops.len()];
        for (nth, instance) in self.instances.iter().enumerate() {
            let mut indices = instance.positions.iter().map(|p| self.flat.order[*p]);
            indices.clone().for_each(|index| inside[index] = true);
            ends.extend(indices.next_back().map(|last| (last, nth)));
        }
        for (index, op) in body.ops.iter().enumerate() {
            if let Some(nth) = ends.get(&index) {
                out.ops.push(self.call(*nth, name));
            } else if !inside[index] {
                out.ops.push(op.clone());
            }
        }
        let uses = out.use_counts();
        out.ops.retain(|op| !is_leaf(op) || op.results.iter().any(|r| uses[r.index()] > 0));
        out.compact();
        out
    }

    fn call(&self, nth: usize, name: &str) -> Op {
        let instance = &self.instances[nth];
        let made = |(q, k): &(usize, usize)| self.flat.op(instance.positions[*q]).results.get(*k).copied();
        let results = self.outputs.iter().filter_map(made);
        let prefix = self.prefixes.as_ref().and_then(|p| p.get(nth)).map(|p| p.trim_end_matches('.'));
        Op {
            def: call::def(),
            operands: instance.arguments.iter().copied().collect(),
            results: results.collect(),
            attrs: self.call_attrs(nth, name).into(),
            loc: prefix.map_or_else(Loc::default, Loc::name),
        }
    }
}

fn weight_name<'a>(flat: &Flat<'a>, instance: &Instance, k: usize) -> &'a str {
    let op = instance.params.get(k).map(|op| &flat.body.ops[*op]);
    op.and_then(|op| op.attr("name")).and_then(Attr::as_str).unwrap_or("")
}
