//! Functions of a model that cannot be called as they are: one clear error each.

mod common;

use common::{Build, FLOAT, int};
use prism_import::{Bindings, OnnxModel, proto};
use std::path::Path;

/// A function of domain `local` with these nodes, each an operator with operands and results.
fn function(name: &str, inputs: &[&str], outputs: &[&str], nodes: &[(&str, &[&str], &[&str])]) -> proto::Function {
    let list = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
    let node = |(op, inputs, outputs): &(&str, &[&str], &[&str])| {
        let local = op.starts_with(char::is_lowercase);
        let domain = if local { "local".to_string() } else { String::new() };
        proto::Node {
            op_type: op.to_string(),
            input: list(inputs),
            output: list(outputs),
            domain,
            ..Default::default()
        }
    };
    proto::Function {
        name: name.into(),
        domain: "local".into(),
        input: list(inputs),
        output: list(outputs),
        node: nodes.iter().map(node).collect(),
        opset_import: vec![proto::OperatorSet { domain: String::new(), version: 20 }],
        ..Default::default()
    }
}

/// y = f(x) with these functions.
fn calling(name: &str, operands: &[&str], functions: Vec<proto::Function>) -> Build {
    let mut build = Build::new(20).input("x", FLOAT, &["2", "3"]).node(name, operands, &["y"], vec![]).output("y");
    build.graph().node[0].domain = "local".into();
    build.model.functions = functions;
    build
}

/// The one problem: code, found, and whether there is a hint.
fn problem(build: &Build) -> (&'static str, String) {
    let problems = build.import(&Bindings::default()).expect_err("refused");
    let [d] = problems.0.as_slice() else { panic!("{problems:?}") };
    assert!(d.hint.is_some(), "{d:?}");
    (d.code.name, format!("{} {}", d.headline, d.found.clone().unwrap_or_default()))
}

#[test]
fn a_function_that_calls_itself_is_refused() {
    let itself = function("f", &["a"], &["r"], &[("f", &["a"], &["r"])]);
    let (code, text) = problem(&calling("f", &["x"], vec![itself]));
    assert!(code == "E0207" && text.contains("local::f -> local::f"), "{text}");
    let ring = ["f", "g", "h", "f"].windows(2);
    let ring = ring.map(|w| function(w[0], &["a"], &["r"], &[(w[1], &["a"], &["r"])])).collect();
    let (code, text) = problem(&calling("g", &["x"], ring));
    assert!(code == "E0207" && text.contains("local::g -> local::h -> local::f -> local::g"), "{text}");
}

#[test]
fn a_function_that_nobody_calls_may_be_anything() {
    let unused = function("u", &["a", "a"], &["r"], &[("u", &["a"], &["r"])]);
    let used = function("f", &["a"], &["r"], &[("Exp", &["a"], &["r"])]);
    let module = calling("f", &["x"], vec![unused, used]).import(&Bindings::default()).expect("imports");
    assert_eq!(module.bodies[0].ops.len(), 1);
}

#[test]
fn calls_that_do_not_fit_are_refused() {
    let exp = || function("f", &["a"], &["r"], &[("Exp", &["a"], &["r"])]);
    assert_eq!(problem(&calling("f", &["x", "x"], vec![exp()])).0, "E0207");
    assert_eq!(problem(&calling("f", &[], vec![exp()])).0, "E0207");
    let mut more = calling("f", &["x"], vec![exp()]);
    more.graph().node[0].output.push("z".into());
    assert_eq!(problem(&more).0, "E0207");
    let (code, text) = problem(&calling("f", &["x"], vec![exp(), exp()]));
    assert!(code == "E0207" && text.contains("twice"), "{text}");
    let doubled = function("f", &["a", "a"], &["r"], &[("Exp", &["a"], &["r"])]);
    assert_eq!(problem(&calling("f", &["x"], vec![doubled])).0, "E0207");
    let missing = function("f", &["a"], &["r"], &[("Add", &["a", "nowhere"], &["r"])]);
    let (code, text) = problem(&calling("f", &["x"], vec![missing]));
    assert!(code == "E0207" && text.contains("nowhere"), "{text}");
    let silent = function("f", &["a"], &["r"], &[]);
    assert_eq!(problem(&calling("f", &["x"], vec![silent])).0, "E0207");
    let cycle = function("f", &["a"], &["r"], &[("Add", &["a", "q"], &["r"]), ("Exp", &["r"], &["q"])]);
    assert_eq!(problem(&calling("f", &["x"], vec![cycle])).0, "E0207");
}

#[test]
fn a_function_of_another_operator_set_is_refused() {
    let mut old = function("f", &["a"], &["r"], &[("Exp", &["a"], &["r"])]);
    old.opset_import[0].version = 17;
    let (code, text) = problem(&calling("f", &["x"], vec![old]));
    assert!(code == "E0203" && text.contains("opset 17"), "{text}");
}

#[test]
fn calls_may_be_nested_but_not_without_end() {
    let chain = |n: usize| -> Vec<proto::Function> {
        let inner = (0..n).map(|i| {
            let (name, next) = (format!("f{i}"), format!("f{}", i + 1));
            function(&name, &["a"], &["r"], &[(if i + 1 == n { "Exp" } else { &next }, &["a"], &["r"])])
        });
        inner.collect()
    };
    let fine = calling("f0", &["x"], chain(60)).import(&Bindings::default()).expect("imports");
    assert_eq!(fine.bodies[0].ops.len(), 1);
    assert_eq!(problem(&calling("f0", &["x"], chain(70))).0, "E0208");
    // In any order: a function that is known already is as deep as its calls.
    let mut late = calling("f40", &["x"], chain(100));
    late.graph().node.push(proto::Node { op_type: "f0".into(), domain: "local".into(), ..Default::default() });
    assert_eq!(problem(&late).0, "E0208");
}

#[test]
fn calls_that_double_again_and_again_are_refused_before_they_are_written_out() {
    let doubling = (0..50).map(|i| {
        let (name, next) = (format!("f{i}"), format!("f{}", i + 1));
        function(&name, &["a"], &["r"], &[(&next, &["a"], &["b"]), (&next, &["b"], &["r"])])
    });
    let mut functions: Vec<proto::Function> = doubling.collect();
    functions.push(function("f50", &["a"], &["r"], &[("Exp", &["a"], &["r"])]));
    assert_eq!(problem(&calling("f0", &["x"], functions)).0, "E0208");
}

#[test]
fn what_a_function_does_that_is_not_supported_is_in_the_list_under_the_name_of_the_call() {
    let odd = function("f", &["a"], &["r"], &[("Conv", &["a"], &["b"]), ("Odd", &["b"], &["r"])]);
    let mut build = calling("f", &["x"], vec![odd]);
    build.graph().node[0].name = "model/block".into();
    let problems = build.import(&Bindings::default()).expect_err("refused");
    assert_eq!(problems.0[0].code.name, "E0204");
    assert!(problems.0[0].notes.iter().any(|n| n.starts_with("`Conv`: 1 (model/block/Conv:b)")), "{problems:?}");
}

#[test]
fn functions_leave_no_trace_in_an_inspection() {
    let inner = function("f", &["a"], &["r"], &[("Exp", &["a"], &["b"]), ("Tanh", &["b"], &["r"])]);
    let build = calling("f", &["x"], vec![inner]);
    let model = OnnxModel::parse(build.bytes(), Path::new("m.onnx")).expect("opens");
    let seen = model.inspect(&Bindings::default());
    assert_eq!(seen.operators.into_iter().collect::<Vec<_>>(), [("Exp".to_string(), 1), ("Tanh".to_string(), 1)]);
    assert!(seen.unsupported.is_empty());
    let twice = vec![int("odd", 1)];
    assert_eq!(Build::new(20).node("Exp", &[], &["y"], twice).problems(&Bindings::default()).0, ["E0204"]);
}
