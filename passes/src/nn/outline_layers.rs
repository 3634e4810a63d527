//! Pass `outline-layers`; its page is `outline_layers.md`.

mod find;
mod flat;
mod instance;
mod names;
mod same;
#[cfg(test)]
mod tests;
mod write;

use super::inline_calls::inline;
use crate::manager::{Change, CounterDef, OptionDef, OptionKind, PassCx, PassInfo};
use flat::Flat;
use instance::{Instance, instances};
use prism_dialects::call::{CALL, is_private};
use prism_dialects::{Body, Holder, Level, Module};
use prism_support::codes::E0604;
use prism_support::{Diagnostic, Result};
use std::collections::BTreeSet;
use write::Group;

/// Turns repeated segments into functions.
pub static PASS: PassInfo = PassInfo {
    name: "outline-layers",
    page: include_str!("outline_layers.md"),
    from: &[Level::Nn],
    to: Change::Keeps,
    options: &[OptionDef {
        name: "least",
        kind: OptionKind::Int { min: 2, max: 1_000_000 },
        default: "8",
        doc: "fewest operations of a segment, weights and constants not counted",
    }],
    counters: &[
        CounterDef { name: "functions", doc: "functions made" },
        CounterDef { name: "calls", doc: "calls of them" },
        CounterDef { name: "operations", doc: "operations looked at, once for each function made and once more" },
    ],
    needs_target: false,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let least = cx.count_of("least");
    let before: Vec<Body> = module.bodies.iter().filter(|b| !is_private(b)).cloned().collect();
    let mut taken: BTreeSet<String> = module.bodies.iter().map(|b| b.name.clone()).collect();
    let mut made = Vec::new();
    for body in module.bodies.iter_mut().filter(|b| b.holder == Holder::Func && !is_private(b)) {
        while let Some((function, caller, calls)) = outline(body, least, &mut taken) {
            cx.count("functions", 1);
            cx.count("calls", calls as u64);
            cx.count("operations", body.ops.len() as u64);
            made.push(function);
            *body = caller;
        }
        cx.count("operations", body.ops.len() as u64);
    }
    if made.is_empty() {
        return Ok(());
    }
    module.bodies.extend(made);
    asserted(module, &before)
}

/// A function for the segment that saves most, the body that calls it, and how often.
fn outline(body: &Body, least: usize, taken: &mut BTreeSet<String>) -> Option<(Body, Body, usize)> {
    let flat = Flat::new(body);
    // What is a call already is no part of another function.
    let free: Vec<bool> = (0..flat.order.len()).map(|p| flat.op(p).name() != CALL).collect();
    for run in find::runs(&flat, least, &free) {
        let first = find::before(&flat, &run, &free);
        let equal = largest_group(&flat, instances(&flat, &run, first));
        // Alike operation by operation, but wired in other ways: no layers.
        if equal.len() < 2 {
            continue;
        }
        let calls = equal.len();
        let group = Group::new(&flat, equal, run.period);
        let word = names::word(group.prefixes.as_ref().and_then(|p| p.first()).map(String::as_str));
        let name = fresh(&word, taken);
        return Some((group.function(&name), group.caller(&name), calls));
    }
    None
}

/// The instances that are one segment: the most that are wired alike.
fn largest_group(flat: &Flat<'_>, all: Vec<Instance>) -> Vec<Instance> {
    let mut groups: Vec<Vec<Instance>> = Vec::new();
    for instance in all {
        match groups.iter().position(|g| g.first().is_some_and(|first| first.same(&instance, flat))) {
            Some(known) => groups[known].push(instance),
            // Few kinds of wiring stand for many instances; more are not layers.
            None if groups.len() < 8 => groups.push(vec![instance]),
            None => {}
        }
    }
    groups.into_iter().rev().max_by_key(Vec::len).unwrap_or_default()
}

fn fresh(word: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (1u32..).map(|n| if n == 1 { word.to_string() } else { format!("{word}{n}") });
    let name = numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(name.clone());
    name
}

/// Written out again, the program must be what it was.
fn asserted(module: &Module, before: &[Body]) -> Result<()> {
    let mut again = module.clone();
    inline(&mut again);
    // Calls that were there before are written out too.
    let mut was = Module { bodies: before.to_vec(), ..Module::default() };
    was.bodies.extend(module.bodies.iter().filter(|b| is_private(b)).cloned());
    inline(&mut was);
    for (was, is) in was.bodies.iter().zip(&again.bodies) {
        if let Some(what) = same::difference(was, is) {
            return Err(Diagnostic::error(&E0604, format!("`@{}` written out again is another program", was.name))
                .found(what)
                .note("this is a bug in `outline-layers`")
                .into());
        }
    }
    Ok(())
}
