//! What each operator means: small graphs, run, with results that can be checked by hand. Every case runs twice: with
//! its operands as inputs, and as initializers, where folding computes the result.

mod common;

use common::{BOOL, Build, FLOAT, INT64, float, int, ints, tensor, value};
use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::{Module, TensorType};
use prism_import::{Bindings, proto, supported_operators};
use std::f64::consts::LN_2;

/// An operand: its extents and numbers.
enum Given {
    F(&'static [u64], &'static [f64]),
    I(&'static [u64], &'static [i64]),
    B(&'static [u64], &'static [i64]),
    /// An initializer in both runs, because its values are needed.
    Known(&'static [u64], &'static [i64]),
    Absent,
}
use Given::{Absent, B, F, I, Known};

impl Given {
    fn parts(&self) -> Option<(i32, &'static [u64], Vec<f64>)> {
        let whole = |v: &[i64]| v.iter().map(|n| *n as f64).collect();
        match self {
            F(dims, v) => Some((FLOAT, dims, v.to_vec())),
            I(dims, v) | Known(dims, v) => Some((INT64, dims, whole(v))),
            B(dims, v) => Some((BOOL, dims, whole(v))),
            Absent => None,
        }
    }
}

fn initializer(name: &str, elem: i32, dims: &[u64], numbers: &[f64]) -> proto::Tensor {
    let dims: Vec<i64> = dims.iter().map(|d| *d as i64).collect();
    let raw = match elem {
        FLOAT => numbers.iter().flat_map(|x| (*x as f32).to_le_bytes()).collect(),
        INT64 => numbers.iter().flat_map(|x| (*x as i64).to_le_bytes()).collect(),
        _ => numbers.iter().map(|x| *x as u8).collect(),
    };
    tensor(name, elem, &dims, raw)
}

fn run(module: &Module, args: &[Tensor]) -> Vec<Tensor> {
    prism_dialects::verify::check_module(module).expect("verifies");
    let none = |name: &str, _: &TensorType| Err(format!("no weight `{name}`"));
    interp::run(&module.bodies[0], args, &none).expect("runs")
}

/// Runs one node both ways; shape and numbers of its results.
fn results(
    op: &str,
    opset: i64,
    given: &[Given],
    attributes: &[proto::Attribute],
    count: usize,
) -> Vec<(String, Vec<f64>)> {
    let [dynamic, folded] = [false, true].map(|fold| {
        let mut build = Build::new(opset);
        let (mut names, mut args) = (Vec::new(), Vec::new());
        for (i, g) in given.iter().enumerate() {
            let Some((elem, dims, numbers)) = g.parts() else {
                names.push(String::new());
                continue;
            };
            let name = format!("i{i}");
            if fold || matches!(g, Known(..)) {
                build = build.weight(initializer(&name, elem, dims, &numbers));
            } else {
                let shown: Vec<String> = dims.iter().map(u64::to_string).collect();
                build = build.input(&name, elem, &shown.iter().map(String::as_str).collect::<Vec<_>>());
                args.push((dims, numbers));
            }
            names.push(name);
        }
        let operands: Vec<&str> = names.iter().map(String::as_str).collect();
        let outputs: Vec<String> = (0..count).map(|i| format!("o{i}")).collect();
        let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
        build = build.node(op, &operands, &outputs, attributes.to_vec());
        for name in outputs {
            build = build.output(name);
        }
        let module = build.import(&Bindings::default()).unwrap_or_else(|e| panic!("{op}: {e:?}"));
        let body = &module.bodies[0];
        let typed = body.args.iter().zip(args).map(|(id, (_, numbers))| {
            let ty = body.ty(*id).tensor().expect("tensor").clone();
            let whole = || numbers.iter().map(|x| *x as i64).collect();
            let data = if ty.elem.is_float() { Data::Float(numbers.clone()) } else { Data::Int(whole()) };
            Tensor { ty, data }
        });
        let args: Vec<Tensor> = typed.collect();
        let shown = run(&module, &args).into_iter().map(|t| {
            let numbers = match t.data {
                Data::Float(v) => v,
                Data::Int(v) => v.into_iter().map(|n| n as f64).collect(),
            };
            (t.ty.to_string(), numbers)
        });
        shown.collect::<Vec<_>>()
    });
    for ((a, x), (b, y)) in dynamic.iter().zip(&folded) {
        assert!(a == b && x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-6), "{op}: folded {y:?}, run {x:?}");
    }
    dynamic
}

#[track_caller]
fn check(op: &str, given: &[Given], attributes: &[proto::Attribute], ty: &str, expected: &[f64]) {
    check_at(20, op, given, attributes, ty, expected);
}

#[track_caller]
fn check_at(opset: i64, op: &str, given: &[Given], attributes: &[proto::Attribute], ty: &str, expected: &[f64]) {
    let made = results(op, opset, given, attributes, 1);
    assert_eq!(made[0].0, format!("tensor<{ty}>"), "{op}");
    let near = made[0].1.len() == expected.len() && made[0].1.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(near, "{op}: {:?}, expected {expected:?}", made[0].1);
}

#[test]
fn elementwise() {
    check(
        "Max",
        &[F(&[2, 1], &[1., 4.]), F(&[3], &[0., 2., 9.]), F(&[], &[3.])],
        &[],
        "2x3xf32",
        &[3., 3., 9., 4., 4., 9.],
    );
    check("Mean", &[F(&[2], &[1., 4.]), F(&[], &[3.])], &[], "2xf32", &[2., 3.5]);
    check("Sum", &[F(&[2], &[1., 4.])], &[], "2xf32", &[1., 4.]);
    check("Div", &[I(&[2], &[-7, 7]), I(&[], &[2])], &[], "2xi64", &[-3., 3.]);
    check("Mod", &[I(&[2], &[-7, 7]), I(&[2], &[3, -3])], &[], "2xi64", &[2., -2.]);
    check("Pow", &[F(&[2], &[3., 4.]), I(&[], &[2])], &[], "2xf32", &[9., 16.]);
    check("Pow", &[I(&[2], &[9, 16]), F(&[], &[0.5])], &[], "2xi64", &[3., 4.]);
    check("Clip", &[F(&[3], &[-2., 0., 2.]), Absent, F(&[], &[1.])], &[], "3xf32", &[-2., 0., 1.]);
    check("Clip", &[F(&[3], &[-2., 0., 2.]), F(&[], &[-1.])], &[], "3xf32", &[-1., 0., 2.]);
    check("Where", &[B(&[2, 1], &[1, 0]), F(&[2], &[1., 2.]), F(&[], &[9.])], &[], "2x2xf32", &[1., 2., 9., 9.]);
    check("Cast", &[F(&[3], &[-1.5, 0.5, 2.5])], &[int("to", 7)], "3xi64", &[-1., 0., 2.]);
    check("Cast", &[F(&[2], &[0., 0.5])], &[int("to", 9)], "2xi1", &[0., 1.]);
    check("CastLike", &[I(&[1], &[3]), F(&[2], &[0., 0.])], &[], "1xf32", &[3.]);
    check("LeakyRelu", &[F(&[2], &[-2., 2.])], &[float("alpha", 0.5)], "2xf32", &[-1., 2.]);
    check("Softplus", &[F(&[1], &[0.])], &[], "1xf32", &[LN_2]);
    check("Gelu", &[F(&[3], &[-1., 0., 1.])], &[], "3xf32", &[-0.158_655_3, 0., 0.841_344_7]);
    check("Xor", &[B(&[2], &[1, 1]), B(&[2], &[0, 1])], &[], "2xi1", &[1., 0.]);
    check("Equal", &[B(&[2], &[1, 1]), B(&[2], &[0, 1])], &[], "2xi1", &[0., 1.]);
    let dropped = results("Dropout", 20, &[F(&[2], &[1., 2.])], &[], 2);
    assert_eq!(dropped[1], ("tensor<2xi1>".to_string(), vec![1., 1.]));
}

#[test]
fn products() {
    let m = || F(&[2, 3], &[1., 2., 3., 4., 5., 6.]);
    let v = || F(&[3], &[1., 10., 100.]);
    check("MatMul", &[m(), v()], &[], "2xf32", &[321., 654.]);
    check("MatMul", &[v(), v()], &[], "f32", &[10101.]);
    check("MatMul", &[F(&[2], &[1., 10.]), m()], &[], "3xf32", &[41., 52., 63.]);
    check("MatMul", &[F(&[2, 1, 1], &[1., 2.]), F(&[1, 2], &[3., 4.])], &[], "2x1x2xf32", &[3., 4., 6., 8.]);
    let transposed = [int("transA", 1), int("transB", 0), float("alpha", 2.), float("beta", 10.)];
    let c = F(&[1], &[1.]);
    check("Gemm", &[F(&[2, 1], &[1., 2.]), F(&[2, 2], &[1., 2., 3., 4.]), c], &transposed, "1x2xf32", &[24., 30.]);
    let without = [int("transB", 1), float("beta", 0.)];
    check("Gemm", &[F(&[1, 2], &[1., 2.]), F(&[1, 2], &[3., 4.]), F(&[], &[7.])], &without, "1x1xf32", &[11.]);
}

#[test]
fn rows() {
    let m = || F(&[2, 2], &[1., 2., 3., 4.]);
    check("Softmax", &[F(&[1, 2], &[0., 0.])], &[], "1x2xf32", &[0.5, 0.5]);
    check("LogSoftmax", &[F(&[2, 1], &[5., 5.])], &[int("axis", 0)], "2x1xf32", &[-LN_2, -LN_2]);
    let norm = [float("epsilon", 0.)];
    check("LayerNormalization", &[m(), F(&[2], &[1., 2.]), F(&[2], &[0., 1.])], &norm, "2x2xf32", &[-1., 3., -1., 3.]);
    check("ReduceSum", &[m(), Known(&[1], &[-1])], &[int("keepdims", 0)], "2xf32", &[3., 7.]);
    check("ReduceSum", &[m()], &[], "1x1xf32", &[10.]);
    check("ReduceSum", &[m()], &[int("noop_with_empty_axes", 1)], "2x2xf32", &[1., 2., 3., 4.]);
    check_at(13, "ReduceMean", &[m()], &[ints("axes", &[-2])], "1x2xf32", &[2., 3.]);
    check_at(18, "ReduceMax", &[m(), Known(&[2], &[1, 0])], &[int("keepdims", 0)], "f32", &[4.]);
    check("ReduceL2", &[F(&[2], &[3., 4.])], &[int("keepdims", 0)], "f32", &[5.]);
    check(
        "CumSum",
        &[I(&[3], &[1, 2, 3]), Known(&[], &[-1])],
        &[int("reverse", 1), int("exclusive", 1)],
        "3xi64",
        &[5., 3., 0.],
    );
}

#[test]
fn shaping() {
    let m = || I(&[2, 3], &[1, 2, 3, 4, 5, 6]);
    let same = [1., 2., 3., 4., 5., 6.];
    check("Reshape", &[m(), Known(&[2], &[0, -1])], &[], "2x3xi64", &same);
    check("Flatten", &[m()], &[int("axis", 0)], "1x6xi64", &same);
    check("Unsqueeze", &[m(), Known(&[2], &[-1, 0])], &[], "1x2x3x1xi64", &same);
    check("Squeeze", &[I(&[1, 2, 1], &[1, 2]), Known(&[1], &[0])], &[], "2x1xi64", &[1., 2.]);
    check("Squeeze", &[I(&[1, 2, 1], &[1, 2])], &[], "2xi64", &[1., 2.]);
    check("Transpose", &[m()], &[], "3x2xi64", &[1., 4., 2., 5., 3., 6.]);
    check("Expand", &[I(&[2, 1], &[1, 2]), Known(&[2], &[1, 2])], &[], "2x2xi64", &[1., 1., 2., 2.]);
    check("Tile", &[I(&[1, 2], &[1, 2]), Known(&[2], &[2, 2])], &[], "2x4xi64", &[1., 2., 1., 2., 1., 2., 1., 2.]);
    check("Concat", &[I(&[2], &[1, 2]), I(&[1], &[3])], &[int("axis", -1)], "3xi64", &[1., 2., 3.]);
    check("Trilu", &[m(), Known(&[], &[1])], &[], "2x3xi64", &[0., 2., 3., 0., 0., 6.]);
    check("Trilu", &[B(&[2, 2], &[1; 4])], &[int("upper", 0)], "2x2xi1", &[1., 0., 1., 1.]);
}

#[test]
fn indexing() {
    let line = || I(&[6], &[0, 1, 2, 3, 4, 5]);
    let one = |n: &'static [i64]| Known(&[1], n);
    check("Slice", &[line(), one(&[1]), one(&[i64::MAX]), one(&[0]), one(&[2])], &[], "3xi64", &[1., 3., 5.]);
    check("Slice", &[line(), one(&[-1]), one(&[i64::MIN]), one(&[0]), one(&[-2])], &[], "3xi64", &[5., 3., 1.]);
    check("Slice", &[line(), one(&[-3]), one(&[-1])], &[], "2xi64", &[3., 4.]);
    check("Slice", &[line(), one(&[4]), one(&[2])], &[], "0xi64", &[]);
    let parts = results("Split", 18, &[line()], &[int("num_outputs", 4)], 4);
    assert_eq!(parts.iter().map(|(_, v)| v.len()).collect::<Vec<_>>(), [2, 2, 2, 0]);
    let parts = results("Split", 13, &[line(), Known(&[2], &[1, 5])], &[], 2);
    assert_eq!(parts[1].1, [1., 2., 3., 4., 5.]);
    check("Gather", &[line(), I(&[2, 1], &[-1, 2])], &[], "2x1xi64", &[5., 2.]);
    check("Gather", &[I(&[2, 2], &[1, 2, 3, 4]), I(&[], &[1])], &[int("axis", 1)], "2xi64", &[2., 4.]);
    check("GatherND", &[I(&[2, 2], &[1, 2, 3, 4]), I(&[2, 1], &[1, 0])], &[int("batch_dims", 1)], "2xi64", &[2., 3.]);
}

#[test]
fn leaves() {
    check("Range", &[Known(&[], &[5]), Known(&[], &[-2]), Known(&[], &[-3])], &[], "3xi64", &[5., 2., -1.]);
    check("Range", &[Known(&[], &[5]), Known(&[], &[5]), Known(&[], &[1])], &[], "0xi64", &[]);
    check("Shape", &[F(&[2, 1], &[0.; 2])], &[int("start", -1)], "1xi64", &[1.]);
    check("Size", &[F(&[2, 3], &[0.; 6])], &[], "i64", &[6.]);
    let seven = tensor("", INT64, &[1], 7i64.to_le_bytes().to_vec());
    check("ConstantOfShape", &[Known(&[2], &[1, 2])], &[value("value", seven)], "1x2xi64", &[7., 7.]);
    check("ConstantOfShape", &[Known(&[0], &[])], &[], "f32", &[0.]);
    check("Constant", &[], &[float("value_float", 0.5)], "f32", &[0.5]);
    check("Constant", &[], &[ints("value_ints", &[3, 4])], "2xi64", &[3., 4.]);
    // Half precision: 1.5 is 0x3e00; as numbers in a field and as raw bytes.
    check("Constant", &[], &[value("value", tensor("", 10, &[1], vec![0x00, 0x3e]))], "1xf16", &[1.5]);
    let mut packed = tensor("", 10, &[1], vec![]);
    (packed.raw_data, packed.int32_data) = (None, vec![vec![0x80, 0x7c].into()]);
    check("Constant", &[], &[value("value", packed)], "1xf16", &[1.5]);
}

#[test]
fn known_values_stay_out_of_the_program_and_long_ones_become_iota() {
    let build = Build::new(20).input("x", FLOAT, &["2", "100"]).ints("zero", &[], &[0]).ints("one", &[], &[1]);
    let build = build.node("Shape", &["x"], &["s"], vec![]).node("Gather", &["s", "one"], &["n"], vec![]);
    let build =
        build.node("Range", &["zero", "n", "one"], &["r"], vec![]).node("Cast", &["r"], &["f"], vec![int("to", 1)]);
    let module =
        build.node("Add", &["x", "f"], &["y"], vec![]).output("y").import(&Bindings::default()).expect("imports");
    let names: Vec<&str> = module.bodies[0].ops.iter().map(|op| op.name()).collect();
    assert_eq!(names, ["nn.iota", "nn.cast", "nn.add"]);
}

#[test]
fn the_list_of_operators_is_offered() {
    let all: Vec<&str> = supported_operators().collect();
    assert!(all.len() > 70 && all.contains(&"GatherND") && !all.contains(&"If"));
}
