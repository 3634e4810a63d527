//! Pass `inline-calls`; its page is `inline_calls.md`.

use crate::manager::{Change, CounterDef, PassCx, PassInfo};
use prism_dialects::call::{CALL, callee, full_loc, full_param, is_private};
use prism_dialects::{Attr, Body, Level, Module, Op, ValueId};
use prism_support::Result;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Writes out every call.
pub static PASS: PassInfo = PassInfo {
    name: "inline-calls",
    page: include_str!("inline_calls.md"),
    from: &[Level::Nn],
    to: Change::Keeps,
    options: &[],
    counters: &[CounterDef { name: "inlined", doc: "calls written out" }],
    needs_target: false,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let inlined = inline(module);
    cx.count("inlined", inlined);
    Ok(())
}

/// Writes out every call and drops the private functions; returns how many calls there were.
pub fn inline(module: &mut Module) -> u64 {
    if !module.bodies.iter().flat_map(|b| &b.ops).any(|op| op.name() == CALL) {
        return 0;
    }
    let functions: BTreeMap<String, Body> = module.bodies.iter().map(|b| (b.name.clone(), b.clone())).collect();
    let mut count = 0;
    module.bodies.retain(|body| !is_private(body));
    for body in &mut module.bodies {
        let mut writer =
            Writer { functions: &functions, out: empty_like(body), leaves: FxHashMap::default(), count: 0 };
        let args = body.args.iter().zip(&body.arg_locs);
        let given: Vec<ValueId> = args.map(|(a, loc)| writer.out.arg(body.shared_ty(*a), loc.clone())).collect();
        writer.out.results = writer.copy(body, &given, None);
        count += writer.count;
        *body = writer.out;
    }
    count
}

fn empty_like(body: &Body) -> Body {
    let mut out = Body::new(body.name.clone(), body.holder);
    out.attrs = body.attrs.clone();
    out
}

/// What a weight or constant is: its attributes, its operation and types.
type Leaf = (Vec<(String, Attr)>, String);

struct Writer<'a> {
    functions: &'a BTreeMap<String, Body>,
    out: Body,
    /// Weights and constants that are there already: functions carry their own copies.
    leaves: FxHashMap<Leaf, Vec<ValueId>>,
    count: u64,
}

impl Writer<'_> {
    /// Appends the operations of `body`, whose arguments are `args`, as `call` sees them; returns its results.
    fn copy(&mut self, body: &Body, args: &[ValueId], call: Option<&Op>) -> Vec<ValueId> {
        let mut values: Vec<Option<ValueId>> = vec![None; body.types.len()];
        for (argument, value) in body.args.iter().zip(args) {
            values[argument.index()] = Some(*value);
        }
        for op in &body.ops {
            let operands: Vec<ValueId> = op.operands.iter().filter_map(|v| values[v.index()]).collect();
            let seen = seen_from(op, call);
            let function = callee(&seen).and_then(|name| self.functions.get(name));
            let results = match function {
                Some(function) => {
                    self.count += 1;
                    self.copy(function, &operands, Some(&seen))
                }
                None => self.push(body, seen, &operands),
            };
            for (old, new) in op.results.iter().zip(results) {
                values[old.index()] = Some(new);
            }
        }
        body.results.iter().filter_map(|r| values[r.index()]).collect()
    }

    fn push(&mut self, body: &Body, op: Op, operands: &[ValueId]) -> Vec<ValueId> {
        let leaf = operands.is_empty() && op.def.pure;
        let key = leaf.then(|| {
            let types: Vec<String> = op.results.iter().map(|r| body.ty(*r).to_string()).collect();
            let attrs = op.attrs.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            (attrs, format!("{} {}", op.name(), types.join(" ")))
        });
        if let Some(known) = key.as_ref().and_then(|key| self.leaves.get(key)) {
            return known.clone();
        }
        let results: Vec<ValueId> = op.results.iter().map(|r| self.out.value(body.shared_ty(*r))).collect();
        self.out.ops.push(Op {
            operands: operands.iter().copied().collect(),
            results: results.iter().copied().collect(),
            ..op
        });
        if let Some(key) = key {
            self.leaves.insert(key, results.clone());
        }
        results
    }
}

/// An operation of a function with its names whole. A call inside a function gets the prefixes of both.
fn seen_from(op: &Op, call: Option<&Op>) -> Op {
    let Some(call) = call else { return op.clone() };
    let mut op = Op { loc: full_loc(call, &op.loc), ..op.clone() };
    let whole = |name: &Attr| Attr::str(full_param(call, name.as_str().unwrap_or("")));
    match op.name() {
        "nn.param" => {
            if let Some(name) = Arc::make_mut(&mut op.attrs).get_mut("name") {
                *name = whole(name);
            }
        }
        CALL => {
            let own = |key: &str| op.attr(key).and_then(Attr::as_str).unwrap_or("").to_string();
            let outer = call.attr("prefix").and_then(Attr::as_str).unwrap_or("").to_string();
            let weights = if op.attrs.contains_key("param_prefix") { own("param_prefix") } else { own("prefix") };
            let prefix = format!("{outer}{}", own("prefix"));
            let attrs = Arc::make_mut(&mut op.attrs);
            attrs.insert("prefix".into(), Attr::str(prefix));
            attrs.insert("param_prefix".into(), whole(&Attr::str(weights)));
            if let Some(Attr::Dict(params)) = attrs.get_mut("params") {
                Arc::make_mut(params).values_mut().for_each(|name| *name = whole(name));
            }
        }
        _ => {}
    }
    op
}
