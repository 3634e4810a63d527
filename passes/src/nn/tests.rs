//! Tests of the passes on the tensor program.

use crate::manager::{Manager, Observers, Pipeline};
use prism_dialects::mlir::{PrintOptions, Session};

/// The program after folding and removing what is unused, without the function around it.
fn folded(options: &str, signature: &str, body: &str) -> String {
    let session = Session::new().expect("session");
    let text = format!("func.func @main{signature} {{\n{body}\n}}");
    let ir = session.parse("test.mlir", &text).unwrap_or_else(|e| panic!("{e}"));
    let passes = Pipeline::parse(&format!("fold-constants{options},dce"), &session).unwrap_or_else(|e| panic!("{e}"));
    let done = Manager::new(&session, passes, Observers::default()).repro_dir(None).run(ir);
    let text = done.unwrap_or_else(|e| panic!("{e}")).ir.text(PrintOptions::default());
    let lines = text.lines().map(str::trim).filter(|l| l.starts_with('%') || l.starts_with("return"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_of_the_page_holds() {
    let body = r#"
      %a = "nn.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
      %b = "nn.sqrt"(%a) : (tensor<f32>) -> tensor<f32>
      %c = "nn.div"(%x, %b) : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
      %d = "nn.reshape"(%c) : (tensor<2x3xf32>) -> tensor<6xf32>
      %e = "nn.reshape"(%d) : (tensor<6xf32>) -> tensor<3x2xf32>
      return %e : tensor<3x2xf32>"#;
    let text = folded("", "(%x: tensor<2x3xf32>) -> tensor<3x2xf32>", body);
    // The square root of two, rounded to single precision.
    assert!(text.contains("dense<1.41421354>") && !text.contains("nn.sqrt"), "{text}");
    assert_eq!(text.matches("nn.reshape").count(), 1, "{text}");
}

#[test]
fn identities_leave_the_argument() {
    let cases = [
        r#""nn.reshape"(%x) : (tensor<2x3xf32>)"#,
        r#""nn.broadcast"(%x) : (tensor<2x3xf32>)"#,
        r#""nn.cast"(%x) : (tensor<2x3xf32>)"#,
        r#""nn.transpose"(%x) {perm = array<i64: 0, 1>} : (tensor<2x3xf32>)"#,
        r#""nn.slice"(%x) {starts = array<i64: 0, 0>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>)"#,
    ];
    for case in cases {
        let body = format!("%a = {case} -> tensor<2x3xf32>\nreturn %a : tensor<2x3xf32>");
        assert_eq!(
            folded("", "(%x: tensor<2x3xf32>) -> tensor<2x3xf32>", &body),
            "return %arg0 : tensor<2x3xf32>",
            "{case}"
        );
    }
    let twice = r#"
      %a = "nn.transpose"(%x) {perm = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
      %b = "nn.transpose"(%a) {perm = array<i64: 2, 0, 1>} : (tensor<3x4x2xf32>) -> tensor<2x3x4xf32>
      return %b : tensor<2x3x4xf32>"#;
    let text = folded("", "(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32>", twice);
    assert_eq!(text, "return %arg0 : tensor<2x3x4xf32>");
}

#[test]
fn a_concatenation_of_one_is_that_one() {
    use prism_dialects::{Attr, Attrs, Body, Elem, Holder, Loc, Module, TensorType, Type, registry};
    let ty = Type::Tensor(TensorType::new([2, 3], Elem::F32));
    let mut body = Body::new("main", Holder::Func);
    let x = body.arg(ty.clone(), Loc::name("x"));
    let attrs = Attrs::from([("axis".to_string(), Attr::Int(1))]);
    let one = body.push(registry::op("nn.concat"), &[x], attrs, ty, Loc::name("one"));
    body.results.push(one);
    let session = Session::new().expect("session");
    let passes = Pipeline::parse("fold-constants,dce", &session).expect("known passes");
    let manager = Manager::new(&session, passes, Observers::default());
    let done = manager.run_plain(Module { bodies: vec![body], ..Module::default() }).unwrap_or_else(|e| panic!("{e}"));
    let body = &done.plain.expect("plain").bodies[0];
    assert_eq!((body.ops.len(), &body.results), (0, &body.args));
}

#[test]
fn a_reversing_slice_is_no_identity() {
    let body = r#"
      %a = "nn.slice"(%x) {starts = array<i64: 2>, sizes = array<i64: 3>, steps = array<i64: -1>} : (tensor<3xf32>) -> tensor<3xf32>
      return %a : tensor<3xf32>"#;
    assert!(folded("", "(%x: tensor<3xf32>) -> tensor<3xf32>", body).contains("nn.slice"));
}

#[test]
fn a_known_condition_selects() {
    let body = r#"
      %c = "nn.constant"() {value = dense<true> : tensor<2x1xi1>} : () -> tensor<2x1xi1>
      %a = "nn.where"(%c, %x, %y) : (tensor<2x1xi1>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
      return %a : tensor<2x3xf32>"#;
    let text = folded("", "(%x: tensor<3xf32>, %y: tensor<f32>) -> tensor<2x3xf32>", body);
    assert!(text.contains("\"nn.broadcast\"(%arg0)") && !text.contains("nn.where"), "{text}");
}

#[test]
fn signed_zeros_and_not_a_number_survive() {
    let body = r#"
      %z = "nn.constant"() {value = dense<[0.0, 0x7FC00000]> : tensor<2xf32>} : () -> tensor<2xf32>
      %a = "nn.neg"(%z) : (tensor<2xf32>) -> tensor<2xf32>
      %zero = "nn.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
      %b = "nn.add"(%x, %zero) : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
      return %a, %b : tensor<2xf32>, tensor<2xf32>"#;
    let text = folded("", "(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)", body);
    assert!(text.contains("[-0.000000e+00, 0x") && text.contains("nn.add"), "{text}");
}

#[test]
fn large_results_stay_unless_they_repeat_one_number() {
    let body = r#"
      %i = "nn.iota"() {start = 0 : i64, step = 1 : i64} : () -> tensor<100xi64>
      %one = "nn.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
      %wide = "nn.broadcast"(%one) : (tensor<f32>) -> tensor<1000x1000x1000xf32>
      %twice = "nn.add"(%wide, %one) : (tensor<1000x1000x1000xf32>, tensor<f32>) -> tensor<1000x1000x1000xf32>
      return %i, %twice : tensor<100xi64>, tensor<1000x1000x1000xf32>"#;
    let signature = "() -> (tensor<100xi64>, tensor<1000x1000x1000xf32>)";
    let text = folded("{max-elements=99}", signature, body);
    assert!(text.contains("nn.iota") && text.contains("dense<2.000000e+00> : tensor<1000x1000x1000xf32>"), "{text}");
    assert!(!text.contains("nn.add") && !text.contains("nn.broadcast"), "{text}");
    assert!(!folded("{max-elements=100}", signature, body).contains("nn.iota"));
}

#[test]
fn the_lists_of_operations_name_operations() {
    let lists = super::fold_constants::ELEMENTWISE.iter().chain(super::fold_constants::MOVING);
    for name in lists {
        assert!(prism_dialects::registry::find(name).is_some(), "no operation is called `{name}`");
    }
}

#[test]
fn what_has_no_value_stays() {
    let body = r#"
      %a = "nn.constant"() {value = dense<1> : tensor<i64>} : () -> tensor<i64>
      %b = "nn.constant"() {value = dense<0> : tensor<i64>} : () -> tensor<i64>
      %c = "nn.div"(%a, %b) : (tensor<i64>, tensor<i64>) -> tensor<i64>
      return %c : tensor<i64>"#;
    assert!(folded("", "() -> tensor<i64>", body).contains("nn.div"));
}
