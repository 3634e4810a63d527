//! Input that is damaged, contradictory or unsupported: one clear error each, never a panic.

mod common;

use common::{BOOL, Build, FLOAT, INT64, example, external, float, int, ints, tensor, value};
use prism_import::{Bindings, OnnxModel, proto};
use prost::Message;
use std::path::Path;

fn code_of(bytes: Vec<u8>) -> Option<&'static str> {
    let parsed = OnnxModel::parse(bytes.into(), Path::new("m.onnx"));
    parsed.err().and_then(|d| d.0.first().map(|d| d.code.name))
}

fn none() -> Bindings {
    Bindings::default()
}

/// y = x + x.
fn sum() -> Build {
    Build::new(20).input("x", FLOAT, &["2", "3"]).node("Add", &["x", "x"], &["y"], vec![]).output("y")
}

#[test]
fn a_truncated_file_is_damaged_wherever_it_ends() {
    for name in ["gpt2_tiny.onnx", "gpt2_decode.onnx"] {
        let whole = std::fs::read(example(name)).expect("readable");
        let step = if name == "gpt2_tiny.onnx" { 97 } else { 9973 };
        for end in (1..whole.len()).step_by(step) {
            let code = code_of(whole[..end].to_vec());
            // A cut between two fields of the model leaves a file without graph or operator set.
            assert!(matches!(code, Some("E0202" | "E0203")), "{name} cut at {end}: {code:?}");
        }
    }
}

#[test]
fn other_files_are_told_what_they_look_like() {
    for (bytes, word) in
        [(&b""[..], "empty"), (b"PK\x03\x04...", "zip"), (b"{\"a\": 1}", "JSON"), (b"module {}", "MLIR")]
    {
        let problems = OnnxModel::parse(bytes.to_vec().into(), Path::new("m")).err().expect("refused");
        assert_eq!(problems.0[0].code.name, "E0201");
        assert!(problems.0[0].found.as_ref().expect("found").contains(word));
    }
    let missing = OnnxModel::open(Path::new("no/such/model.onnx")).err().expect("refused");
    assert_eq!(missing.0[0].code.name, "E0102");
    assert_eq!(OnnxModel::open(Path::new(".")).err().expect("refused").0[0].code.name, "E0102");
}

#[test]
fn lengths_that_leave_their_message_are_damage() {
    let whole = sum().bytes().to_vec();
    let graph = whole.iter().position(|b| *b == 0x3a).expect("graph");
    for (at, byte) in [(graph + 1, 0x7f), (graph + 3, 0x7f)] {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        assert_eq!(code_of(bytes), Some("E0202"), "byte {at}");
    }
    let mut huge = whole[..=graph].to_vec();
    huge.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    assert_eq!(code_of(huge), Some("E0202"));
}

#[test]
fn versions_out_of_range_are_named() {
    for opset in [10, 26, -1, i64::MAX] {
        let (codes, text) = Build::new(opset).problems(&none());
        assert_eq!(codes, ["E0203"]);
        assert!(text.contains(&opset.to_string()) && text.contains("opset 11 to 25"));
    }
    let mut old = sum();
    old.model.ir_version = 2;
    assert_eq!(old.problems(&none()).0, ["E0203"]);
    old.model.ir_version = 8;
    old.model.opset_import.clear();
    assert_eq!(old.problems(&none()).0, ["E0203"]);
    for opset in [11, 13, 20, 25] {
        let fine = Build::new(opset).input("x", FLOAT, &["2"]).node("Exp", &["x"], &["y"], vec![]).output("y");
        assert_eq!(fine.problems(&none()).0, [""; 0]);
    }
}

#[test]
fn a_graph_that_is_no_dag_is_refused() {
    let build = || Build::new(20).input("x", FLOAT, &["2"]);
    let cycle = build().node("Add", &["x", "b"], &["a"], vec![]).node("Exp", &["a"], &["b"], vec![]).output("b");
    let (codes, text) = cycle.problems(&none());
    assert_eq!(codes, ["E0207"]);
    assert!(text.contains("n0 -> n1 -> n0") || text.contains("n1 -> n0 -> n1"), "{text}");
    let itself = build().node("Add", &["x", "a"], &["a"], vec![]).output("a");
    assert_eq!(itself.problems(&none()).0, ["E0207"]);
    let unknown =
        build().node("Add", &["x", "y_1"], &["y_2"], vec![]).node("Exp", &["zzz"], &["u"], vec![]).output("w");
    let (codes, text) = unknown.problems(&none());
    assert_eq!(codes, ["E0207"; 3]);
    assert!(text.contains("did you mean `y_2`?"));
    let twice = build().node("Exp", &["x"], &["a"], vec![]).node("Exp", &["x"], &["a"], vec![]).output("a");
    assert_eq!(twice.problems(&none()).0, ["E0207"]);
}

#[test]
fn nodes_may_come_in_any_order() {
    let build = Build::new(20).input("x", FLOAT, &["2"]);
    let shuffled = build.node("Neg", &["b"], &["c"], vec![]).node("Tanh", &["a"], &["b"], vec![]);
    let shuffled = shuffled.node("Exp", &["x"], &["a"], vec![]).output("c");
    let module = shuffled.import(&none()).expect("imports");
    let names: Vec<&str> = module.bodies[0].ops.iter().map(|op| op.name()).collect();
    assert_eq!(names, ["nn.exp", "nn.tanh", "nn.neg"]);
}

#[test]
fn everything_unsupported_is_listed_at_once() {
    let mut build = Build::new(20).input("x", FLOAT, &["2"]).input("s", 8, &["2"]).input("u", 12, &["1"]);
    for i in 0..5 {
        build = build.node("Conv", &["x"], &[&format!("e{i}")], vec![]);
    }
    build = build.node("Fancy", &["e0"], &["f"], vec![]).node("Cast", &["x"], &["c"], vec![int("odd", 1)]);
    build = build.node("MoE", &["x"], &["m"], vec![]);
    build.graph().node[5].domain = "com.example".into();
    build.graph().node[7].domain = "com.microsoft".into();
    let (codes, text) = build.output("f").problems(&none());
    assert_eq!(codes, ["E0204"]);
    for part in [
        "`Conv`: 5 (n0, n1, n2, ...); needs an operation of `nn` that slides a window over axes",
        "`com.example::Fancy`: 1 (n5); needs a function of that name in the model",
        "`com.microsoft::MoE`: 1 (n7); needs a conversion, or the graph as it was before onnxruntime fused it",
        "`Cast` with attribute `odd`",
        "string",
        "uint32",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("10 things of 6 kinds"), "{text}");
}

#[test]
fn forms_of_operators_that_are_unsupported_are_grouped_too() {
    let build = Build::new(20).input("x", FLOAT, &["2", "3"]).input("n", INT64, &["2"]);
    let build = build.node("Reshape", &["x", "n"], &["a"], vec![]).node("Reshape", &["x", "n"], &["b"], vec![]);
    let build = build.node("LpNormalization", &["x"], &["c"], vec![int("p", 3)]).output("a").output("b").output("c");
    let (codes, text) = build.problems(&none());
    assert_eq!(codes, ["E0204"]);
    assert!(
        text.contains("`Reshape` where the shape depends on the values of inputs: 2")
            && text.contains("`LpNormalization` with p = 3: 1 (n2); needs a conversion of that form")
    );
    let scores = Build::new(23).input("x", FLOAT, &["1", "1", "2", "3"]);
    let scores = scores.node("Attention", &["x", "x", "x"], &["y", "", "", "qk"], vec![]);
    let (codes, text) = scores.node("Exp", &["qk"], &["z"], vec![]).output("y").output("z").problems(&none());
    assert!(codes == ["E0204"] && text.contains("result 3 of `Attention`"), "{text}");
}

#[test]
fn unbound_dimensions_are_all_named_with_the_flags_to_type() {
    let build = Build::new(20).input("x", FLOAT, &["batch", "seq"]).input("k", FLOAT, &["batch", "past + seq", ""]);
    let build = build.node("Exp", &["x"], &["y"], vec![]).output("y");
    let problems = build.import(&none()).expect_err("unbound");
    assert_eq!((problems.0.len(), problems.0[0].code.name), (1, "E0205"));
    assert_eq!(problems.exit_code(), 2);
    let d = &problems.0[0];
    assert!(d.headline.contains("`batch`, `k.2`, `past`, `seq`"), "{}", d.headline);
    assert_eq!(d.hint.as_deref(), Some("add `--batch 1 --dim k.2=N --past 1023 --seq 1024`"));
    assert!(d.notes.iter().any(|n| n == "`past` is in `k` (batch x past + seq x k.2)"), "{:?}", d.notes);
    let all = Bindings { seq: Some(4), past: Some(3), batch: Some(2), dims: vec![("k.2".into(), 5)] };
    let body = &build.import(&all).expect("bound").bodies[0];
    assert_eq!(body.ty(body.args[1]).to_string(), "tensor<2x7x5xf32>");
}

#[test]
fn flags_that_do_not_fit_are_refused() {
    let codes = |b: Bindings| sum().problems(&b).0;
    assert_eq!(codes(Bindings { past: Some(3), ..none() }), ["E0101"]);
    assert_eq!(codes(Bindings { batch: Some(8), ..none() }), ["E0101"]);
    assert_eq!(codes(Bindings { batch: Some(2), ..none() }), [""; 0]);
    let seq = Build::new(20).input("x", FLOAT, &["seq"]).node("Exp", &["x"], &["y"], vec![]).output("y");
    for n in [0, u64::MAX] {
        assert_eq!(seq.problems(&Bindings { seq: Some(n), ..none() }).0[0], "E0101");
    }
    let less = Build::new(20).input("x", FLOAT, &["seq - 8"]).node("Exp", &["x"], &["y"], vec![]).output("y");
    assert_eq!(less.problems(&Bindings { seq: Some(8), ..none() }).0, ["E0206"]);
}

#[test]
fn sizes_beyond_reason_are_refused_without_allocating() {
    let big = Build::new(20).weight(external("w", FLOAT, &[1_000_000, 1_000_000], "w.bin"));
    assert_eq!(big.node("Exp", &["w"], &["y"], vec![]).output("y").problems(&none()).0, ["E0208"]);
    let input = Build::new(20).input("x", FLOAT, &["1000000", "1000000"]).node("Exp", &["x"], &["y"], vec![]);
    assert_eq!(input.output("y").problems(&none()).0, ["E0208"]);
    let overflow = Build::new(20).weight(external("w", FLOAT, &[i64::MAX, i64::MAX], "w.bin"));
    assert_eq!(overflow.node("Exp", &["w"], &["y"], vec![]).output("y").problems(&none()).0, ["E0208"]);
    let expand = Build::new(20).input("x", FLOAT, &["1"]).ints("s", &[3], &[1 << 40, 1 << 40, 1]);
    assert_eq!(expand.node("Expand", &["x", "s"], &["y"], vec![]).output("y").problems(&none()).0, ["E0206"]);
    let outer = Build::new(20).input("x", FLOAT, &["33554432", "1"]).input("z", FLOAT, &["1", "33554432"]);
    let outer = outer.node("Mul", &["x", "z"], &["y"], vec![]).output("y");
    assert_eq!(outer.problems(&none()).0, ["E0208"]);
    let attribute = value("value", tensor("", FLOAT, &[1_000_000, 1_000_000], vec![0; 8]));
    let constant = Build::new(20).node("Constant", &[], &["y"], vec![attribute]).output("y");
    assert_eq!(constant.problems(&none()).0, ["E0208"]);
    let ranks = vec!["1"; 100];
    let deep = Build::new(20).input("x", FLOAT, &ranks).node("Exp", &["x"], &["y"], vec![]).output("y");
    assert_eq!(deep.problems(&none()).0, ["E0204"]);
}

#[test]
fn shapes_and_types_that_disagree_are_told_with_the_users_name() {
    let build = || Build::new(20).input("x", FLOAT, &["2", "3"]).input("i", INT64, &["3"]).input("b", BOOL, &["3"]);
    let cases: [(&str, &[&str], Vec<proto::Attribute>); 10] = [
        ("MatMul", &["x", "x"], vec![]),
        ("Add", &["x", "i"], vec![]),
        ("Add", &["b", "b"], vec![]),
        ("And", &["x", "x"], vec![]),
        ("Where", &["i", "x", "x"], vec![]),
        ("Softmax", &["x"], vec![int("axis", 2)]),
        ("Transpose", &["x"], vec![ints("perm", &[0, 0])]),
        ("Concat", &["x", "x"], vec![int("axis", 5)]),
        ("Gather", &["x", "x"], vec![]),
        ("Sqrt", &["i"], vec![]),
    ];
    for (op, operands, attributes) in cases {
        let (codes, text) = build().node(op, operands, &["y"], attributes).output("y").problems(&none());
        assert_eq!(codes, ["E0206"], "{op}");
        assert!(text.contains(&format!("n0 ({op} `n0`)")), "{text}");
    }
    let two = build().node("MatMul", &["x", "x"], &["a"], vec![]).node("Sqrt", &["i"], &["c"], vec![]);
    assert_eq!(two.node("Exp", &["a"], &["d"], vec![]).output("c").output("d").problems(&none()).0, ["E0206"; 2]);
}

#[test]
fn nodes_that_break_the_rules_of_onnx_are_malformed() {
    let build = || Build::new(20).input("x", FLOAT, &["2", "3"]);
    assert_eq!(build().node("Add", &["x"], &["y"], vec![]).output("y").problems(&none()).0, ["E0207"]);
    assert_eq!(build().node("Add", &["x", ""], &["y"], vec![]).output("y").problems(&none()).0, ["E0207"]);
    let kind = vec![float("axis", 1.0)];
    assert_eq!(build().node("Softmax", &["x"], &["y"], kind).output("y").problems(&none()).0, ["E0207"]);
}

#[test]
fn outputs_are_compared_with_their_declaration() {
    let declared = |dims: &[&str]| {
        let build = Build::new(20).input("x", FLOAT, &["2", "3"]).node("Exp", &["x"], &["y"], vec![]);
        build.typed_output("y", FLOAT, dims).problems(&none()).0
    };
    assert_eq!(declared(&["2", "3"]), [""; 0]);
    assert_eq!(declared(&["0", "other"]), [""; 0]);
    assert_eq!(declared(&["2", "4"]), ["E0206"]);
    assert_eq!(declared(&["6"]), ["E0206"]);
}

#[test]
fn values_that_are_not_in_the_file_are_missed_only_when_needed() {
    let build = Build::new(20).input("x", FLOAT, &["2", "3"]).weight(external("w", FLOAT, &[3, 4], "none.bin"));
    let fine = build.node("MatMul", &["x", "w"], &["y"], vec![]).output("y");
    assert_eq!(fine.problems(&none()).0, [""; 0]);
    for location in ["none.bin", "/etc/passwd", "../up.bin", ""] {
        let build = Build::new(20).input("x", FLOAT, &["2", "3"]).weight(external("s", INT64, &[2], location));
        let (codes, text) = build.node("Reshape", &["x", "s"], &["y"], vec![]).output("y").problems(&none());
        assert_eq!(codes, ["E0209"], "{location}");
        assert!(text.contains("`s`, whose values are needed"));
    }
    let short = Build::new(20).weight(tensor("w", FLOAT, &[100], vec![0; 12]));
    assert_eq!(short.node("Exp", &["w"], &["y"], vec![]).output("y").problems(&none()).0, ["E0206"]);
}

#[test]
fn values_in_the_data_file_are_read_when_needed() {
    let folder = tempfile::tempdir().expect("folder");
    let numbers: Vec<u8> = [9i64, 3, 2].iter().flat_map(|n| n.to_le_bytes()).collect();
    std::fs::write(folder.path().join("shape.bin"), numbers).expect("written");
    let mut shape = external("s", INT64, &[2], "shape.bin");
    shape.external_data.push(proto::Entry { key: "offset".into(), value: "8".into() });
    let build = Build::new(20).input("x", FLOAT, &["2", "3"]).weight(shape);
    let build = build.node("Reshape", &["x", "s"], &["y"], vec![]).output("y");
    let path = folder.path().join("m.onnx");
    std::fs::write(&path, build.model.encode_to_vec()).expect("written");
    let module = OnnxModel::open(&path).and_then(|m| m.import(&none())).expect("imports");
    let body = &module.bodies[0];
    assert_eq!(body.ty(body.results[0]).to_string(), "tensor<3x2xf32>");
}

#[test]
fn every_operator_that_is_not_supported_is_in_one_list() {
    let all = [
        "If",
        "Loop",
        "Conv",
        "LSTM",
        "NonMaxSuppression",
        "BitwiseAnd",
        "RandomNormal",
        "SequenceAt",
        "StringConcat",
        "Det",
    ];
    let mut build = Build::new(20).input("x", FLOAT, &["2"]);
    for (i, op) in all.iter().cycle().take(25).enumerate() {
        build = build.node(op, &["x"], &[&format!("y{i}")], vec![]);
    }
    let problems = build.output("y0").import(&none()).expect_err("refused");
    assert_eq!((problems.0.len(), problems.0[0].notes.len()), (1, all.len()));
    for op in all {
        let note = problems.0[0].notes.iter().find(|n| n.starts_with(&format!("`{op}`: "))).expect(op);
        assert!(note.contains("; needs ") && note.contains("(n"), "{note}");
    }
    assert!(problems.0[0].headline.contains("uses 25 things of 10 kinds"));
}

#[test]
fn every_problem_of_a_graph_comes_with_one_hint() {
    let build = || Build::new(20).input("x", FLOAT, &["2", "3"]).input("i", INT64, &["2"]);
    let far = external("s", INT64, &[2], "none.bin");
    let graphs = [
        build().node("MatMul", &["x", "x"], &["y"], vec![]).output("y"),
        build().node("Add", &["x"], &["y"], vec![]).output("y"),
        build().node("Add", &["x", "weight.7"], &["y"], vec![]).output("y"),
        build().node("Exp", &["x"], &["x"], vec![]).output("x"),
        build().node("Exp", &["x"], &["y"], vec![]).typed_output("y", FLOAT, &["3", "2"]),
        build().node("Reshape", &["x", "i"], &["y"], vec![]).output("y"),
        build().node("Conv", &["x"], &["y"], vec![]).output("y"),
        build().node("Add", &["x", "y"], &["y"], vec![]).output("y"),
        build().weight(far).node("Reshape", &["x", "s"], &["y"], vec![]).output("y"),
        build().weight(tensor("w", FLOAT, &[9], vec![0; 4])).node("Exp", &["w"], &["y"], vec![]).output("y"),
        Build::new(20).input("n", FLOAT, &["-3"]).node("Exp", &["n"], &["y"], vec![]).output("y"),
        Build::new(20).input("n", FLOAT, &["99999999999"]).node("Exp", &["n"], &["y"], vec![]).output("y"),
    ];
    for (i, graph) in graphs.iter().enumerate() {
        let problems = graph.import(&none()).expect_err("refused");
        assert!(problems.0.iter().all(|d| d.hint.is_some()), "{i}: {problems:?}");
    }
}
