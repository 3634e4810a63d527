//! Every pattern in every spelling: both sides agree on random tensors, and what is nearly one is left alone.

mod activations;
mod attention;
mod build;
mod exported;
mod masks;
mod not_attention;
mod not_rows;
mod program;
mod rope;
mod rows;

use super::{Kind, PASS, PATTERNS};
use crate::testing::{same, values};
use build::Build;
use prism_dialects::interp::{Tensor, difference};
use prism_dialects::{Body, Module, verify};
use std::collections::BTreeMap;

/// A program with a spelling in it.
struct Case {
    /// The pattern that ends it.
    pattern: &'static str,
    /// What is special about it.
    what: String,
    /// The program.
    body: Body,
    /// Operations of each kind that are to be there afterwards, as far as they are of interest.
    makes: Vec<(&'static str, usize)>,
}

/// A program with something that only looks like a spelling.
struct Miss {
    /// Why it is none.
    why: &'static str,
    body: Body,
    /// Operations that may not be there afterwards.
    never: &'static [&'static str],
}

fn case(pattern: &'static str, what: impl Into<String>, body: Build, makes: &[(&'static str, usize)]) -> Case {
    Case { pattern, what: what.into(), body: body.done(), makes: makes.to_vec() }
}

fn miss(why: &'static str, body: Build, never: &'static [&'static str]) -> Miss {
    Miss { why, body: body.done(), never }
}

fn cases() -> Vec<Case> {
    [rows::cases(), activations::cases(), rope::cases(), masks::cases(), attention::cases(), exported::cases()]
        .into_iter()
        .flatten()
        .collect()
}

fn misses() -> Vec<Miss> {
    [
        not_rows::misses(),
        activations::misses(),
        rope::misses(),
        masks::misses(),
        not_attention::misses(),
        exported::misses(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A program after the pass and the removal of what is not needed, and how often each pattern applied.
fn recognised(body: &Body) -> (Body, BTreeMap<String, u64>) {
    let mut module = Module { bodies: vec![body.clone()], ..Module::default() };
    let mut applied = BTreeMap::new();
    for pass in [&crate::common::cse::PASS, &PASS, &crate::common::dce::PASS] {
        let options = crate::manager::Options::defaults(pass);
        let mut cx = crate::PassCx::new(pass, &options, None, 0);
        (pass.run)(&mut module, &mut cx).unwrap_or_else(|e| panic!("{e}"));
        verify::check_module(&module).unwrap_or_else(|e| panic!("{e}"));
        for (_, detail) in cx.details() {
            let counts = detail["applied_by_pattern"].as_object().expect("counts");
            applied.extend(counts.iter().map(|(k, n)| (k.clone(), n.as_u64().unwrap_or(0))));
        }
    }
    (module.bodies.remove(0), applied)
}

fn count(body: &Body, name: &str) -> usize {
    body.ops.iter().filter(|op| op.name() == name).count()
}

/// Whether values agree: bit by bit, or to the rounding of constants in their element type.
fn agree(a: &[Tensor], b: &[Tensor], exact: bool) -> Result<(), String> {
    for (a, b) in a.iter().zip(b) {
        let tolerance = if a.ty.elem.bits() < 32 { 2e-2 } else { 1e-6 };
        match if exact { (!same(a, b)).then(|| "differ".to_string()) } else { difference(a, b, tolerance) } {
            None => {}
            Some(how) => return Err(format!("{how}: {a:?} became {b:?}")),
        }
    }
    Ok(())
}

fn show(body: &Body) -> String {
    let line =
        |op: &prism_dialects::Op| format!("{:?} = {} {:?} {:?}", op.results, op.name(), op.operands, op.attrs.keys());
    body.ops.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn spellings_are_found_and_keep_their_values() {
    let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
    for Case { pattern, what, body, makes } in cases() {
        let (after, applied) = recognised(&body);
        let at = format!("{pattern}, {what}");
        assert!(
            applied.get(pattern).is_some_and(|n| *n > 0),
            "{at}: not found in\n{}\nafter\n{}",
            show(&body),
            show(&after)
        );
        for (name, n) in makes {
            assert_eq!(count(&after, name), n, "{at}: {name} in\n{}", show(&after));
        }
        let kind = |name: &String| PATTERNS.iter().find(|p| p.name == name).map(|p| p.kind);
        let exact = applied.keys().all(|name| kind(name) == Some(Kind::Exact));
        for seed in 1..4 {
            let before = values(&body, seed).unwrap_or_else(|e| panic!("{at}: {e}"));
            let found = values(&after, seed).unwrap_or_else(|e| panic!("{at}: {e}"));
            agree(&before, &found, exact).unwrap_or_else(|e| panic!("{at}, seed {seed}: {e}"));
        }
        *reached.entry(pattern).or_default() += 1;
    }
    // Each pattern is the one that its own cases are about.
    let all: Vec<&str> = PATTERNS.iter().map(|p| p.name).collect();
    let missing: Vec<&&str> = all.iter().filter(|name| !reached.contains_key(**name)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn near_misses_are_left_alone() {
    for Miss { why, body, never } in misses() {
        let (after, applied) = recognised(&body);
        for name in never {
            assert_eq!(count(&after, name), 0, "{why}: {applied:?}\n{}", show(&after));
        }
        let before = values(&body, 5).unwrap_or_else(|e| panic!("{why}: {e}"));
        let found = values(&after, 5).unwrap_or_else(|e| panic!("{why}: {e}"));
        agree(&before, &found, false).unwrap_or_else(|e| panic!("{why}: {e}"));
    }
}

#[test]
fn what_is_recognised_can_be_taken_apart_again() {
    use crate::nn::expand::{expand, is_composite};
    let mut taken = 0;
    for Case { pattern, what, body, .. } in cases() {
        let (after, _) = recognised(&body);
        let parts = expand(&after, &|_, op| is_composite(op.name()));
        assert!(!parts.ops.iter().any(|op| is_composite(op.name())), "{pattern}, {what}");
        taken += usize::from(parts.ops.len() > after.ops.len());
        for seed in 1..3 {
            let (whole, apart) = (values(&after, seed), values(&parts, seed));
            let (whole, apart) = (whole.expect("values"), apart.unwrap_or_else(|e| panic!("{pattern}, {what}: {e}")));
            agree(&whole, &apart, false).unwrap_or_else(|e| panic!("{pattern}, {what}, seed {seed}: {e}"));
        }
    }
    assert!(taken > 50, "{taken}");
}

#[test]
fn patterns_have_names_of_their_own_and_name_operations() {
    let mut names: Vec<&str> = PATTERNS.iter().map(|p| p.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), PATTERNS.len());
    for pattern in PATTERNS {
        let made = [pattern.makes];
        for name in pattern.roots.iter().chain(made.iter().filter(|m| !m.is_empty())) {
            assert!(prism_dialects::registry::find(name).is_some(), "{}: {name}", pattern.name);
        }
        assert!(!pattern.doc.is_empty() && !pattern.forms.is_empty(), "{}", pattern.name);
    }
}
