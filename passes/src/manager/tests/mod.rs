//! Tests of the manager, with small passes that do what a wrong pass might do.

mod levels;
mod observe;
mod parse;
mod run;

use super::info::{Change, CounterDef, OptionDef, OptionKind, PassInfo};
use super::{Pipeline, parse as parser};
use prism_dialects::mlir::Session;
use prism_dialects::{Level, ValueId};
use prism_support::codes::E0701;
use prism_support::{Diagnostic, Diagnostics};

const fn pass(name: &'static str, from: &'static [Level], to: Change, run: super::info::RunFn) -> PassInfo {
    PassInfo { name, page: "A pass for tests.", from, to, options: &[], counters: &[], needs_target: false, run }
}

static IDLE: PassInfo = PassInfo {
    options: &[
        OptionDef { name: "count", kind: OptionKind::Int { min: 0, max: 10 }, default: "3", doc: "a number" },
        OptionDef { name: "share", kind: OptionKind::Float { min: 0.0, max: 1.0 }, default: "0.5", doc: "a number" },
        OptionDef { name: "on", kind: OptionKind::Bool, default: "false", doc: "a switch" },
        OptionDef { name: "way", kind: OptionKind::Choice(&["fast", "exact"]), default: "fast", doc: "a choice" },
        OptionDef { name: "label", kind: OptionKind::Text, default: "", doc: "a text" },
        OptionDef { name: "rules", kind: OptionKind::List, default: "a,b", doc: "a list" },
    ],
    counters: &[CounterDef { name: "seen", doc: "the option `count`" }],
    ..pass("idle", &Level::ALL, Change::Keeps, |_, cx| {
        let n = cx.count_of("count") as u64;
        cx.count("seen", n);
        cx.detail("way", cx.text("way").into());
        cx.warn(Diagnostic::warning(&prism_support::codes::W0701, "idle warns"));
        Ok(())
    })
};
static RAISE: PassInfo = pass("raise", &[Level::Nn], Change::To(Level::Stack), |_, _| Ok(()));
static LOWER: PassInfo = pass("lower", &[Level::Stack], Change::To(Level::Assigned), |_, _| Ok(()));
static NEEDY: PassInfo =
    PassInfo { needs_target: true, ..pass("needy", &[Level::Nn], Change::Keeps, |_, cx| cx.target().map(|_| ())) };
static PANICS: PassInfo = pass("panics", &[Level::Nn], Change::Keeps, |module, _| {
    module.bodies[0].ops.clear();
    panic!("the roof is on fire")
});
static REFUSES: PassInfo = pass("refuses", &[Level::Nn], Change::Keeps, |module, _| {
    module.bodies[0].name = "half_changed".into();
    Err(Diagnostics::from(Diagnostic::error(&E0701, "this cannot be done")))
});
static DANGLES: PassInfo = pass("dangles", &[Level::Nn], Change::Keeps, |module, _| {
    module.bodies[0].results[0] = ValueId(4711);
    Ok(())
});
static MISTYPES: PassInfo = pass("mistypes", &[Level::Nn], Change::Keeps, |module, _| {
    let body = &mut module.bodies[0];
    let result = body.ops[0].results[0];
    body.types[result.index()] = prism_dialects::TensorType::new([7, 7], prism_dialects::Elem::F32).into();
    Ok(())
});
/// What our checks let through and MLIR's verifier does not: a module attribute without a dialect's prefix.
static SMUGGLES: PassInfo = pass("smuggles", &[Level::Nn], Change::Keeps, |module, _| {
    module.attrs.insert("contraband".into(), prism_dialects::Attr::Int(3));
    Ok(())
});
static RENAMES: PassInfo = pass("renames", &[Level::Nn], Change::Keeps, |module, _| {
    module.bodies[0].name.push_str("_again");
    Ok(())
});

static ALL: &[&PassInfo] =
    &[&IDLE, &RAISE, &LOWER, &NEEDY, &PANICS, &REFUSES, &DANGLES, &MISTYPES, &SMUGGLES, &RENAMES];

fn find(name: &str) -> Option<&'static PassInfo> {
    ALL.iter().copied().find(|p| p.name == name).or_else(|| crate::registry::find(name))
}

/// Parses over the passes above; MLIR knows what `session` knows, or `canonicalize` alone without one.
fn pipeline(text: &str, session: Option<&Session>) -> prism_support::Result<Pipeline> {
    let knows = |pass: &str| match session {
        Some(session) => session.knows_upstream(pass),
        None => ["canonicalize", "builtin.module(canonicalize)", "func.func(canonicalize)"].contains(&pass),
    };
    parser::parse(text, &find, &knows)
}

const PROGRAM: &str = r#"
module {
  func.func @main(%x: tensor<2x3xf32> loc("x")) -> tensor<2x3xf32> {
    %a = "nn.exp"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("layer.0.exp")
    %b = "nn.exp"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("layer.1.exp")
    %c = "nn.add"(%a, %b) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("sum")
    return %c : tensor<2x3xf32>
  }
}
"#;
