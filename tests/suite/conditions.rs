//! Conditions of rules are needed: without them, both sides differ on random tensors.

use crate::common::{arguments, parse, session, weight};
use prism_dialects::interp::{difference, run};
use prism_passes::egraph::rules::find;

crate::trials!("conditions": conditions_are_needed);

/// What a rule would say were its condition not there: both sides have one type and differ.
struct Needed {
    rule: &'static str,
    left: &'static str,
    right: &'static str,
}

const NEEDED: &[Needed] = &[
    // Axes that are not the last two.
    Needed {
        rule: "transpose-into-matmul",
        left: r#"(%x: tensor<3x3x3xf32>, %y: tensor<3x3x3xf32>) -> tensor<3x3x3xf32> {
  %t = "nn.transpose"(%y) {perm = array<i64: 1, 0, 2>} : (tensor<3x3x3xf32>) -> tensor<3x3x3xf32>
  %z = "nn.matmul"(%x, %t) : (tensor<3x3x3xf32>, tensor<3x3x3xf32>) -> tensor<3x3x3xf32>
  return %z : tensor<3x3x3xf32>"#,
        right: r#"(%x: tensor<3x3x3xf32>, %y: tensor<3x3x3xf32>) -> tensor<3x3x3xf32> {
  %z = "nn.matmul"(%x, %y) {transpose_rhs = true} : (tensor<3x3x3xf32>, tensor<3x3x3xf32>) -> tensor<3x3x3xf32>
  return %z : tensor<3x3x3xf32>"#,
    },
    // Weights that are stored in two ways.
    Needed {
        rule: "merge-shared-input",
        left: r#"(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %v = "nn.param"() {name = "v"} : () -> tensor<3x3xf32>
  %y = "nn.matmul"(%x, %v) {transpose_rhs = true} : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
        right: r#"(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<3x3xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<3x3xf32>
  %c = "nn.concat"(%w, %v) {axis = 1 : i64, operandSegmentSizes = array<i32: 2, 0, 0, 0, 0, 0>} : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x6xf32>
  %z = "nn.matmul"(%x, %c) : (tensor<3x3xf32>, tensor<3x6xf32>) -> tensor<3x6xf32>
  %y = "nn.slice"(%z) {starts = array<i64: 0, 3>, sizes = array<i64: 3, 3>, steps = array<i64: 1, 1>} : (tensor<3x6xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
    },
    // A factor for each column is none for each inner index.
    Needed {
        rule: "scale-operand",
        left: r#"(%q: tensor<3x3xf32>, %k: tensor<3x3xf32>, %s: tensor<3xf32>) -> tensor<3x3xf32> {
  %p = "nn.matmul"(%q, %k) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %y = "nn.mul"(%p, %s) : (tensor<3x3xf32>, tensor<3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
        right: r#"(%q: tensor<3x3xf32>, %k: tensor<3x3xf32>, %s: tensor<3xf32>) -> tensor<3x3xf32> {
  %r = "nn.mul"(%q, %s) : (tensor<3x3xf32>, tensor<3xf32>) -> tensor<3x3xf32>
  %y = "nn.matmul"(%r, %k) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
    },
    // Heads that pass one bank, whose numbers are those of the first.
    Needed {
        rule: "group-wavelengths",
        left: r#"(%x: tensor<2x3x3xf32>, %y: tensor<2x3x3xf32>) -> tensor<2x3x3xf32> {
  %z = "nn.matmul"(%x, %y) : (tensor<2x3x3xf32>, tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return %z : tensor<2x3x3xf32>"#,
        right: r#"(%x: tensor<2x3x3xf32>, %y: tensor<2x3x3xf32>) -> tensor<2x3x3xf32> {
  %f = "nn.slice"(%y) {starts = array<i64: 0, 0, 0>, sizes = array<i64: 1, 3, 3>, steps = array<i64: 1, 1, 1>} : (tensor<2x3x3xf32>) -> tensor<1x3x3xf32>
  %h = "nn.reshape"(%f) : (tensor<1x3x3xf32>) -> tensor<3x3xf32>
  %z = "nn.matmul"(%x, %h) : (tensor<2x3x3xf32>, tensor<3x3xf32>) -> tensor<2x3x3xf32>
  return %z : tensor<2x3x3xf32>"#,
    },
    // Parts that do not begin where the one before ends.
    Needed {
        rule: "co-execute",
        left: r#"(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<3x3xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
        right: r#"(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<3x3xf32>
  %a = "nn.slice"(%w) {starts = array<i64: 0, 0>, sizes = array<i64: 3, 1>, steps = array<i64: 1, 1>} : (tensor<3x3xf32>) -> tensor<3x1xf32>
  %b = "nn.slice"(%w) {starts = array<i64: 0, 0>, sizes = array<i64: 3, 2>, steps = array<i64: 1, 1>} : (tensor<3x3xf32>) -> tensor<3x2xf32>
  %p = "nn.matmul"(%x, %a) : (tensor<3x3xf32>, tensor<3x1xf32>) -> tensor<3x1xf32>
  %q = "nn.matmul"(%x, %b) : (tensor<3x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  %y = "nn.concat"(%p, %q) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>} : (tensor<3x1xf32>, tensor<3x2xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
    },
    // Blocks on the diagonal alone: pairs of slices of unlike weight count too.
    Needed {
        rule: "bit-slices",
        left: r#"(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<3x3xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
        right: r#"(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<3x3xf32>
  %a = "nn.floor"(%x) : (tensor<3x3xf32>) -> tensor<3x3xf32>
  %b = "nn.sub"(%x, %a) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %c = "nn.floor"(%w) : (tensor<3x3xf32>) -> tensor<3x3xf32>
  %d = "nn.sub"(%w, %c) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %p = "nn.matmul"(%a, %c) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %q = "nn.matmul"(%b, %d) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %y = "nn.add"(%p, %q) : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>"#,
    },
];

fn conditions_are_needed() {
    let session = session();
    for needed in NEEDED {
        assert!(find(needed.rule).is_some(), "{}", needed.rule);
        let value = |program: &str| {
            let module = parse(&session, &format!("func.func @main{program}\n}}"));
            let body = &module.bodies[0];
            let values = run(body, &arguments(body, 3), &weight);
            values.unwrap_or_else(|why| panic!("{}: {why}", needed.rule)).remove(0)
        };
        let difference = difference(&value(needed.left), &value(needed.right), 1e-6);
        assert!(difference.is_some(), "{}: both sides are equal", needed.rule);
    }
}
