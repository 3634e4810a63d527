//! Tests of the passes for every level, and of the meaning of all passes on the tensor program.

use crate::manager::{Manager, Observers, PassInfo, Pipeline};
use crate::nn::{fold_constants, recognise};
use crate::testing::{random_module, random_segment, same, values};
use prism_dialects::Module;
use prism_dialects::mlir::{PrintOptions, Session};
use proptest::prelude::*;

/// The program after a pipeline, as text without locations, and its plain form.
fn after(pipeline: &str, text: &str) -> (String, Module) {
    let session = Session::new().expect("session");
    let ir = session.parse("test.mlir", text).unwrap_or_else(|e| panic!("{e}"));
    let passes = Pipeline::parse(pipeline, &session).unwrap_or_else(|e| panic!("{e}"));
    let done = Manager::new(&session, passes, Observers::default()).repro_dir(None).run(ir);
    let done = done.unwrap_or_else(|e| panic!("{e}"));
    (done.ir.text(PrintOptions::default()), done.plain.expect("plain"))
}

fn count(module: &Module, name: &str) -> usize {
    module.bodies.iter().flat_map(|b| &b.ops).filter(|op| op.name() == name).count()
}

const EQUALS: &str = r#"
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("gate")
  %b = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("up")
  %n = "nn.neg"(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("n")
  %m = "nn.neg"(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("m")
  %s = "nn.softmax"(%n) {axis = 0 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  %c = "nn.mul"(%m, %n) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %c : tensor<4xf32>
}"#;

#[test]
fn equal_operations_become_one_with_all_names() {
    let (_, module) = after("cse", EQUALS);
    assert_eq!((count(&module, "nn.exp"), count(&module, "nn.neg"), count(&module, "nn.softmax")), (1, 1, 1));
    let names: Vec<&str> = module.bodies[0].ops[0].loc.names.iter().map(|n| &**n).collect();
    assert_eq!(names, ["gate", "up"]);
    let mul = module.bodies[0].ops.last().expect("ops");
    assert_eq!(mul.operands[0], mul.operands[1]);
    assert_eq!(module.bodies[0].types.len(), 5, "values are renumbered");
}

#[test]
fn operations_that_differ_stay() {
    let text = r#"
func.func @main(%x: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<4xf32>, tensor<1x4xf32>) {
  %a = "nn.softmax"(%x) {axis = 0 : i64} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %b = "nn.softmax"(%x) {axis = 1 : i64} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %c = "nn.reshape"(%x) : (tensor<2x2xf32>) -> tensor<4xf32>
  %d = "nn.reshape"(%x) : (tensor<2x2xf32>) -> tensor<1x4xf32>
  return %a, %b, %c, %d : tensor<2x2xf32>, tensor<2x2xf32>, tensor<4xf32>, tensor<1x4xf32>
}"#;
    let (_, module) = after("cse,dce", text);
    assert_eq!(module.bodies[0].ops.len(), 4);
}

#[test]
fn what_nobody_needs_goes() {
    let (_, module) = after("dce", EQUALS);
    assert_eq!((count(&module, "nn.softmax"), module.bodies[0].ops.len()), (0, 5));
    assert_eq!(module.bodies[0].args.len(), 1);
}

/// A stacked graph of one product and its conversions, which form a cycle, with copies, and a cycle that nobody needs.
const SEGMENT: &str = r#"
ml_program.subgraph @segment(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e0 = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("e0")
  %e1 = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("e1")
  %back0 = "nn.neg"(%n0) : (tensor<4xf32>) -> tensor<4xf32>
  %back1 = "nn.neg"(%n1) : (tensor<4xf32>) -> tensor<4xf32>
  %c0 = "stack.class"(%e0, %back0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("c0")
  %c1 = "stack.class"(%e1, %back1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("c1")
  %n0 = "nn.neg"(%c0) : (tensor<4xf32>) -> tensor<4xf32>
  %n1 = "nn.neg"(%c1) : (tensor<4xf32>) -> tensor<4xf32>
  %lost0 = "nn.abs"(%lost1) : (tensor<4xf32>) -> tensor<4xf32>
  %lost1 = "nn.relu"(%lost0) : (tensor<4xf32>) -> tensor<4xf32>
  %free = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("free")
  %sum = "nn.add"(%n0, %n1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %out = "nn.add"(%sum, %free) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  ml_program.output %out : tensor<4xf32>
}"#;

#[test]
fn equal_alternatives_make_their_classes_one() {
    let (text, module) = after("cse", SEGMENT);
    assert_eq!(
        (count(&module, "stack.class"), count(&module, "nn.exp"), count(&module, "nn.neg")),
        (1, 1, 2),
        "{text}"
    );
    let body = &module.bodies[0];
    let class = body.ops.iter().find(|op| op.name() == "stack.class").expect("a class");
    assert_eq!(class.operands.len(), 2, "{text}");
    // The operation outside any class gave way to the class.
    let out = body.ops.iter().rfind(|op| op.name() == "nn.add").expect("the sum");
    assert_eq!(Some(out.operands[1]), class.result(), "{text}");
    let names: Vec<&str> = class.loc.names.iter().map(|n| &**n).collect();
    assert_eq!(names, ["c0", "c1"]);
}

#[test]
fn an_operation_before_an_equal_alternative_takes_its_place() {
    let text = r#"
ml_program.subgraph @segment(%x: tensor<4xf32>) -> tensor<4xf32> {
  %free = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %e = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %f = "nn.abs"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %c = "stack.class"(%e, %f) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %out = "nn.add"(%free, %c) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  ml_program.output %out : tensor<4xf32>
}"#;
    let (text, module) = after("cse", text);
    let add = module.bodies[0].ops.last().expect("ops");
    assert_eq!((count(&module, "nn.exp"), add.operands[0]), (1, add.operands[1]), "{text}");
}

#[test]
fn cycles_that_nobody_needs_go() {
    let (text, module) = after("dce", SEGMENT);
    assert_eq!((count(&module, "nn.abs"), count(&module, "nn.relu"), count(&module, "nn.neg")), (0, 0, 4), "{text}");
}

/// The MLIR blocks of a manual page.
fn examples(page: &str) -> Vec<String> {
    let blocks = page.split("```mlir\n").skip(1).filter_map(|b| b.split_once("```"));
    blocks.map(|(code, _)| code.to_string()).collect()
}

#[test]
fn the_examples_of_the_pages_hold() {
    let pages = [
        ("cse", &super::cse::PASS),
        ("dce", &super::dce::PASS),
        ("fold-constants,dce", &fold_constants::PASS),
        ("recognise,dce", &recognise::PASS),
    ];
    for (passes, pass) in pages {
        let shown = examples(pass.page);
        assert_eq!(shown.len(), 2, "`{}` shows one program before and after", pass.name);
        assert_eq!(after(passes, &shown[0]).0, after("", &shown[1]).0, "`{}`", pass.name);
    }
}

#[test]
fn every_pass_may_run_twice() {
    for text in [EQUALS, SEGMENT] {
        assert_eq!(after("cse,dce", text).0, after("cse,dce,cse,dce", text).0);
    }
}

/// Runs one pass without the manager.
fn apply(pass: &'static PassInfo, module: &mut Module) {
    let options = crate::manager::Options::defaults(pass);
    let mut cx = crate::PassCx::new(pass, &options, None, 0);
    (pass.run)(module, &mut cx).unwrap_or_else(|e| panic!("{e}"));
    prism_dialects::verify::check_module(module).unwrap_or_else(|e| panic!("{e}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn passes_keep_the_meaning(seed: u64, ops in 1usize..40, inputs: u64) {
        let mut module = random_module(seed, ops);
        let expected = values(&module.bodies[0], inputs);
        for pass in [&fold_constants::PASS, &super::cse::PASS, &super::dce::PASS] {
            apply(pass, &mut module);
            if let Ok(expected) = &expected {
                let got = values(&module.bodies[0], inputs);
                let got = got.map_err(|e| TestCaseError::fail(format!("after `{}`: {e}", pass.name)))?;
                for (a, b) in expected.iter().zip(&got) {
                    prop_assert!(same(a, b), "`{}` changes {a:?} to {b:?}", pass.name);
                }
            }
        }
    }
}

#[test]
fn random_programs_exercise_the_passes_and_pass_through_mlir() {
    let session = Session::new().expect("session");
    let (mut folded, mut simpler, mut merged, mut removed, mut valued) = (0, 0, 0, 0, 0);
    for seed in 0..60 {
        let module = random_module(seed, 30);
        valued += usize::from(values(&module.bodies[0], 1).is_ok());
        let passes = Pipeline::parse("fold-constants,cse,dce", &session).expect("known passes");
        let manager = Manager::new(&session, passes, Observers::default()).repro_dir(None);
        let done = manager.run_plain(module).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        let text = done.ir.text(PrintOptions { locations: true, elide: None });
        let again = session.parse("again", &text).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        assert_eq!(again.text(PrintOptions { locations: true, elide: None }), text);
        let counter = |step: usize, name: &str| {
            let found = done.records.steps[step].counters.iter().find(|c| c.0 == name);
            found.map_or(0, |c| c.1)
        };
        folded += counter(0, "folded");
        simpler += counter(0, "identities");
        merged += counter(1, "merged");
        removed += counter(2, "removed");
    }
    // A generator that never reaches a pass proves nothing.
    assert!(folded > 60 && simpler > 30 && merged > 30 && removed > 300, "{folded} {simpler} {merged} {removed}");
    assert!(valued > 50, "only {valued} of 60 programs have values");
}

#[test]
fn segments_keep_their_meaning() {
    let (mut valued, mut before, mut after) = (0, 0, 0);
    for seed in 0..400 {
        let body = random_segment(seed, 25);
        let mut module = Module { bodies: vec![body], ..Module::default() };
        prism_dialects::verify::check_module(&module).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        let expected = values(&module.bodies[0], seed);
        before += count(&module, "stack.class");
        for pass in [&super::cse::PASS, &super::dce::PASS, &super::cse::PASS] {
            apply(pass, &mut module);
            let Ok(expected) = &expected else { continue };
            let got = values(&module.bodies[0], seed).unwrap_or_else(|e| panic!("seed {seed}, `{}`: {e}", pass.name));
            let equal = expected.iter().zip(&got).all(|(a, b)| same(a, b));
            assert!(equal, "seed {seed}: `{}` changes {expected:?} to {got:?}", pass.name);
        }
        valued += usize::from(expected.is_ok());
        after += count(&module, "stack.class");
    }
    assert!(valued > 200 && after < before * 3 / 4, "{valued} valued, {before} classes become {after}");
}
