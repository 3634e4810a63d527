//! Every rule fires where it should and not where its condition is false, and what it says is equal is equal.

use crate::common::{Machine, arguments, machine, machine_of, parse, run, session, shown, weight};
use prism_dialects::interp::run_classes;
use prism_dialects::mlir::Session;
use prism_passes::egraph::rules::{Kind, RULES, find};

crate::trials!("rules": each_rule_has_a_case, rules_fire_where_they_should, rules_do_not_fire_where_they_should_not);

/// A rule with a program on which it fires and one on which it must not.
struct Case {
    rule: &'static str,
    fires: (&'static str, &'static str),
    does_not: (&'static str, &'static str),
}

const GROUPED: &str = "lt-b-4bit with groups of wavelengths";
const SLICED: &str = "lt-mzi-8bit with 5 bits and a readout of 9";
const NOT_SLICED: &str = "lt-mzi-8bit with 5 bits and a readout of 8";
const STORING: &str = "lt-mzi-4bit with arrays";
const NO_DOT: &str = "edge-demo without electronic products";

fn machine_called(name: &'static str) -> Machine {
    let edited = |from: &str, to: &str| {
        let toml = machine("edge-demo").toml;
        assert!(toml.contains(from), "edge-demo has no `{from}`");
        machine_of(name, toml.replace(from, to))
    };
    match name {
        GROUPED => {
            machine_of(name, machine("lt-b-4bit").toml.replace("wavelengths = 12", "wavelengths = 48\ngroups = 4"))
        }
        SLICED | NOT_SLICED => {
            let readout = name.rsplit(' ').next().unwrap_or("");
            let narrow = format!("precision = \"5 bit\"\nreadout_bits = \"{readout} bit\"");
            machine_of(name, machine("lt-mzi-8bit").toml.replace("precision = \"8 bit\"", &narrow))
        }
        STORING => machine_of(name, machine("lt-mzi-4bit").toml.replace("program_time", "arrays = 8\nprogram_time")),
        NO_DOT => edited("ops = [\"matmul\"]", "ops = [\"nothing\"]"),
        _ => machine(name),
    }
}

const MM: &str = r#"(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x16xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>"#;
const ARGUMENT: &str = "(%x: tensor<4xf32>) -> tensor<4xf32> {\n  return %x : tensor<4xf32>";
/// A product large enough for electrons to take some of it from light.
const SQUARE: &str = r#"(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<64x64xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>"#;
/// Scores of four heads.
const HEADS: &str = r#"(%q: tensor<4x48x24xf32>, %k: tensor<4x48x24xf32>) -> tensor<4x48x48xf32> {
  %s = "nn.matmul"(%q, %k) {transpose_rhs = true} : (tensor<4x48x24xf32>, tensor<4x48x24xf32>) -> tensor<4x48x48xf32>
  return %s : tensor<4x48x48xf32>"#;
const ADD: &str = r#"(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = "nn.add"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>"#;
const CHAIN: &str = r#"(%x: tensor<4x8xf32>) -> tensor<4x2xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x16xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<16x2xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %z = "nn.matmul"(%y, %v) : (tensor<4x16xf32>, tensor<16x2xf32>) -> tensor<4x2xf32>
  return %z : tensor<4x2xf32>"#;

const ROUTED: &str = r#"(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<8x16xf32> {
  %a = "nn.matmul"(%x, %y) {transpose_lhs = true} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
  %r = "nn.reshape"(%a) : (tensor<8x8xf32>) -> tensor<4x16xf32>
  %z = "nn.matmul"(%x, %r) {transpose_lhs = true} : (tensor<4x8xf32>, tensor<4x16xf32>) -> tensor<8x16xf32>
  return %z : tensor<8x16xf32>"#;

const ATTENTION: &str = r#"(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x4xf32>, %m: tensor<1x1x1x5xf32>) -> tensor<1x2x3x4xf32> {
  %a = "nn.attention"(%q, %k, %v, %m) {scale = 0.5} : (tensor<1x2x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x4xf32>, tensor<1x1x1x5xf32>) -> tensor<1x2x3x4xf32>
  return %a : tensor<1x2x3x4xf32>"#;
const GELU: &str = r#"(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = "nn.gelu"(%x) {tanh = true} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>"#;

const SCORES: &str = r#"(%q: tensor<3x8xf32>, %k: tensor<5x8xf32>, %m: tensor<5xf32>) -> tensor<3x5xf32> {
  %s = "nn.matmul"(%q, %k) {transpose_rhs = true} : (tensor<3x8xf32>, tensor<5x8xf32>) -> tensor<3x5xf32>
  %a = "nn.add"(%s, %m) : (tensor<3x5xf32>, tensor<5xf32>) -> tensor<3x5xf32>
  %p = "nn.softmax"(%a) {axis = 1 : i64} : (tensor<3x5xf32>) -> tensor<3x5xf32>
  return %p : tensor<3x5xf32>"#;
const READ_TWICE: &str = r#"(%q: tensor<3x8xf32>, %k: tensor<5x8xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %s = "nn.matmul"(%q, %k) {transpose_rhs = true} : (tensor<3x8xf32>, tensor<5x8xf32>) -> tensor<3x5xf32>
  %p = "nn.softmax"(%s) {axis = 1 : i64} : (tensor<3x5xf32>) -> tensor<3x5xf32>
  return %p, %s : tensor<3x5xf32>, tensor<3x5xf32>"#;

const CASES: &[Case] = &[
    Case {
        rule: "transpose-into-matmul",
        fires: (
            "cpu-only",
            r#"(%x: tensor<5x4x8xf32>, %y: tensor<5x2x8xf32>) -> tensor<5x4x2xf32> {
  %t = "nn.transpose"(%y) {perm = array<i64: 0, 2, 1>} : (tensor<5x2x8xf32>) -> tensor<5x8x2xf32>
  %z = "nn.matmul"(%x, %t) : (tensor<5x4x8xf32>, tensor<5x8x2xf32>) -> tensor<5x4x2xf32>
  return %z : tensor<5x4x2xf32>"#,
        ),
        does_not: (
            "cpu-only",
            r#"(%x: tensor<5x4x8xf32>, %y: tensor<8x5x2xf32>) -> tensor<5x4x2xf32> {
  %t = "nn.transpose"(%y) {perm = array<i64: 1, 0, 2>} : (tensor<8x5x2xf32>) -> tensor<5x8x2xf32>
  %z = "nn.matmul"(%x, %t) : (tensor<5x4x8xf32>, tensor<5x8x2xf32>) -> tensor<5x4x2xf32>
  return %z : tensor<5x4x2xf32>"#,
        ),
    },
    Case {
        rule: "merge-shared-input",
        fires: (
            "cpu-only",
            r#"(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x2xf32>) {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x8xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<2x8xf32>
  %u = "nn.param"() {name = "u"} : () -> tensor<3x8xf32>
  %a = "nn.matmul"(%x, %w) {transpose_rhs = true} : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %b = "nn.matmul"(%x, %v) {transpose_rhs = true} : (tensor<4x8xf32>, tensor<2x8xf32>) -> tensor<4x2xf32>
  return %a, %b : tensor<4x8xf32>, tensor<4x2xf32>"#,
        ),
        // One weight, one operand that is computed; one that is stored the other way around.
        does_not: (
            "cpu-only",
            r#"(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x8xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<8x8xf32>
  %a = "nn.matmul"(%x, %w) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %b = "nn.matmul"(%x, %y) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %c = "nn.matmul"(%x, %v) {transpose_rhs = true} : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %a, %b, %c : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>"#,
        ),
    },
    Case {
        rule: "scale-operand",
        fires: (
            "cpu-only",
            r#"(%q: tensor<3x2xf32>, %k: tensor<5x2xf32>) -> tensor<3x5xf32> {
  %s = "nn.constant"() {value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %p = "nn.matmul"(%q, %k) {transpose_rhs = true} : (tensor<3x2xf32>, tensor<5x2xf32>) -> tensor<3x5xf32>
  %y = "nn.mul"(%p, %s) : (tensor<3x5xf32>, tensor<f32>) -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>"#,
        ),
        // A factor for each column, and operands that are no smaller.
        does_not: (
            "cpu-only",
            r#"(%q: tensor<3x5xf32>, %k: tensor<5x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %s = "nn.constant"() {value = dense<0.5> : tensor<5xf32>} : () -> tensor<5xf32>
  %t = "nn.constant"() {value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %p = "nn.matmul"(%q, %k) : (tensor<3x5xf32>, tensor<5x5xf32>) -> tensor<3x5xf32>
  %y = "nn.mul"(%p, %s) : (tensor<3x5xf32>, tensor<5xf32>) -> tensor<3x5xf32>
  %z = "nn.mul"(%p, %t) : (tensor<3x5xf32>, tensor<f32>) -> tensor<3x5xf32>
  return %y, %z : tensor<3x5xf32>, tensor<3x5xf32>"#,
        ),
    },
    Case { rule: "expand-composite", fires: ("cpu-only", GELU), does_not: ("cpu-only", ATTENTION) },
    Case { rule: "expand-attention", fires: ("cpu-only", ATTENTION), does_not: ("cpu-only", GELU) },
    Case {
        rule: "group-query-heads",
        fires: (
            "lightcode",
            r#"(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x3x8xf32>) -> tensor<1x4x3x8xf32> {
  %a = "nn.attention"(%q, %k, %k) {scale = 0.5, causal = true} : (tensor<1x4x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>) -> tensor<1x4x3x8xf32>
  return %a : tensor<1x4x3x8xf32>"#,
        ),
        does_not: ("lightcode", ATTENTION),
    },
    // What is passed on is read by nothing else.
    Case { rule: "fuse", fires: ("cpu-only", SCORES), does_not: ("cpu-only", READ_TWICE) },
    Case { rule: "kernel", fires: ("cpu-only", ADD), does_not: (NO_DOT, MM) },
    Case { rule: "photonic-matmul", fires: ("lightcode", MM), does_not: ("cpu-only", MM) },
    Case { rule: "photonic-gemm", fires: ("lt-b-4bit", MM), does_not: ("lightcode", MM) },
    Case { rule: "group-wavelengths", fires: (GROUPED, HEADS), does_not: ("lt-b-4bit", HEADS) },
    // A kernel takes longer to start than light takes for all of it.
    Case { rule: "co-execute", fires: ("edge-demo", SQUARE), does_not: ("lightcode", MM) },
    // The sum of blocks has one bit less than their readout.
    Case { rule: "bit-slices", fires: (SLICED, MM), does_not: (NOT_SLICED, MM) },
    Case {
        rule: "leaf",
        fires: ("cpu-only", MM),
        does_not: (
            "cpu-only",
            r#"() -> tensor<4xf32> {
  %i = "nn.iota"() {start = 0 : i64, step = 1 : i64} : () -> tensor<4xf32>
  return %i : tensor<4xf32>"#,
        ),
    },
    Case {
        rule: "prepare",
        fires: (
            "cpu-only",
            r#"(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x4xf32>
  %t = "nn.transpose"(%w) {perm = array<i64: 1, 0>} : (tensor<8x4xf32>) -> tensor<4x8xf32>
  %y = "nn.add"(%x, %t) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>"#,
        ),
        does_not: ("cpu-only", ADD),
    },
    Case {
        rule: "select",
        fires: (
            "cpu-only",
            r#"(%i: tensor<2xi64>, %x: tensor<2x1x8xf32>) -> tensor<2x1x3xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<5x8x3xf32>
  %p = "nn.gather"(%w, %i) {axis = 0 : i64} : (tensor<5x8x3xf32>, tensor<2xi64>) -> tensor<2x8x3xf32>
  %y = "nn.matmul"(%x, %p) : (tensor<2x1x8xf32>, tensor<2x8x3xf32>) -> tensor<2x1x3xf32>
  return %y : tensor<2x1x3xf32>"#,
        ),
        // Rows of a table are no matrices: they are brought on chip.
        does_not: (
            "cpu-only",
            r#"(%i: tensor<2xi64>, %x: tensor<8x3xf32>) -> tensor<2x3xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<50x8xf32>
  %p = "nn.gather"(%w, %i) {axis = 0 : i64} : (tensor<50x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  %y = "nn.matmul"(%p, %x) : (tensor<2x8xf32>, tensor<8x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>"#,
        ),
    },
    Case { rule: "load", fires: ("cpu-only", ADD), does_not: ("cpu-only", ARGUMENT) },
    Case { rule: "store", fires: ("cpu-only", ADD), does_not: ("cpu-only", ARGUMENT) },
    Case {
        rule: "append",
        fires: (
            "npu",
            r#"(%c: tensor<2x5x4xf32>, %n: tensor<2x1x4xf32>) -> tensor<2x6x4xf32> {
  %y = "nn.concat"(%c, %n) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>} : (tensor<2x5x4xf32>, tensor<2x1x4xf32>) -> tensor<2x6x4xf32>
  return %y : tensor<2x6x4xf32>"#,
        ),
        // Extended twice: one would write over the other.
        does_not: (
            "npu",
            r#"(%c: tensor<2x5x4xf32>, %n: tensor<2x1x4xf32>) -> (tensor<2x6x4xf32>, tensor<2x6x4xf32>) {
  %m = "nn.neg"(%n) : (tensor<2x1x4xf32>) -> tensor<2x1x4xf32>
  %y = "nn.concat"(%c, %n) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>} : (tensor<2x5x4xf32>, tensor<2x1x4xf32>) -> tensor<2x6x4xf32>
  %z = "nn.concat"(%c, %m) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>} : (tensor<2x5x4xf32>, tensor<2x1x4xf32>) -> tensor<2x6x4xf32>
  return %y, %z : tensor<2x6x4xf32>, tensor<2x6x4xf32>"#,
        ),
    },
    Case { rule: "encode", fires: ("lightcode", MM), does_not: ("cpu-only", MM) },
    Case { rule: "program", fires: ("lightcode", MM), does_not: ("cpu-only", MM) },
    Case { rule: "hold", fires: (STORING, MM), does_not: ("lt-mzi-4bit", MM) },
    Case { rule: "detect", fires: ("lightcode", MM), does_not: ("cpu-only", MM) },
    Case { rule: "relay", fires: ("edge-demo", CHAIN), does_not: ("lightcode", CHAIN) },
    Case { rule: "route", fires: ("edge-demo", ROUTED), does_not: ("lightcode", ROUTED) },
    Case { rule: "weaken", fires: ("edge-demo", MM), does_not: ("cpu-only", MM) },
    Case {
        rule: "gather-rows",
        fires: (
            "cpu-only",
            r#"(%i: tensor<2xi64>) -> tensor<2x8xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<50x8xf32>
  %y = "nn.gather"(%w, %i) {axis = 0 : i64} : (tensor<50x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>"#,
        ),
        does_not: (
            "cpu-only",
            r#"(%i: tensor<2xi64>, %x: tensor<50x8xf32>) -> tensor<2x8xf32> {
  %w = "nn.exp"(%x) : (tensor<50x8xf32>) -> tensor<50x8xf32>
  %y = "nn.gather"(%w, %i) {axis = 0 : i64} : (tensor<50x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>"#,
        ),
    },
];

fn each_rule_has_a_case() {
    let cases: Vec<&str> = CASES.iter().map(|c| c.rule).collect();
    let rules: Vec<&str> = RULES.iter().map(|r| r.name).collect();
    assert_eq!(cases, rules);
}

/// How many equalities each rule found on a program; all its classes agree.
fn fired(session: &Session, (target, program): (&'static str, &str), rule: &str) -> u64 {
    let machine = machine_called(target);
    let module = parse(session, &format!("func.func @main{program}\n}}"));
    let passes = if [SLICED, NOT_SLICED].contains(&target) { "saturate{min-bits=8}" } else { "saturate" };
    let done = shown(run(session, &machine, passes, &module));
    let body = &done.plain.as_ref().expect("ours").bodies[0];
    let indices_are_small = arguments_of(body);
    let detail = done.records.steps[0].details.iter().find(|(key, _)| *key == "saturation");
    let rules = &detail.expect("what the saturation did").1["equalities_by_rule"];
    // Rounded constants, and sums in another order; products of slices are such sums.
    let exact = |rule: &str| find(rule).is_some_and(|r| r.kind != Kind::Reassociating && r.name != "bit-slices");
    let tolerance = if rules.as_object().expect("rules").keys().all(|rule| exact(rule)) { 0.0 } else { 1e-6 };
    if let Err(why) = run_classes(body, &indices_are_small, &weight, tolerance) {
        panic!("{rule}: {why}");
    }
    rules[rule].as_u64().unwrap_or(0)
}

/// Arguments; integers are all 0, so that they point into every table.
fn arguments_of(body: &prism_dialects::Body) -> Vec<prism_dialects::interp::Tensor> {
    use prism_dialects::interp::Data;
    let mut out = arguments(body, 3);
    for tensor in out.iter_mut().filter(|t| !t.ty.elem.is_float()) {
        tensor.data = Data::Int(vec![0; usize::try_from(tensor.ty.numel()).expect("small")]);
    }
    out
}

fn rules_fire_where_they_should() {
    let session = session();
    for case in CASES {
        assert!(fired(&session, case.fires, case.rule) > 0, "`{}` does not fire", case.rule);
    }
}

fn rules_do_not_fire_where_they_should_not() {
    let session = session();
    for case in CASES {
        assert_eq!(fired(&session, case.does_not, case.rule), 0, "`{}` fires", case.rule);
    }
}
