//! `inspect` says what is known, whatever is missing.

mod common;

use common::{Build, FLOAT, external, int, ints, tensor};
use prism_import::{Bindings, Inspection, OnnxModel};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

fn inspect(build: &Build, bindings: &Bindings) -> Inspection {
    OnnxModel::parse(build.bytes(), Path::new("m.onnx")).expect("reads").inspect(bindings)
}

/// y = x w, z = x; with 12 weights in another file, 100 in this one, and a constant of 2.
fn product() -> Build {
    Build::new(18)
        .input("x", FLOAT, &["batch", "2*seq", "3"])
        .weight(external("w", FLOAT, &[3, 4], "w.bin"))
        .weight(tensor("table", FLOAT, &[100], vec![0; 400]))
        .floats("two", &[2], &[1., 2.])
        .node("MatMul", &["x", "w"], &["y"], vec![])
        .node("Identity", &["x"], &["z"], vec![])
        .typed_output("y", FLOAT, &["batch", "2*seq", "4"])
        .output("z")
}

#[test]
fn unbound_models_show_all_but_the_work() {
    let seen = serde_json::to_value(inspect(&product(), &Bindings::default())).expect("serialises");
    let port = |name: &str, dims: Value, element: &str| json!({"name": name, "dims": dims, "element": element});
    assert_eq!(seen["inputs"], json!([port("x", json!(["batch", "2 * seq", "3"]), "f32")]));
    assert_eq!(seen["outputs"][0], port("y", json!(["batch", "2 * seq", "4"]), "f32"));
    assert_eq!(seen["symbols"][1], json!({"name": "seq", "flag": "--seq 1024", "inputs": 1, "value": null}));
    assert_eq!(seen["operators"], json!({"Identity": 1, "MatMul": 1}));
    assert_eq!(seen["parameters"], json!({"tensors": 2, "count": 112, "bytes": 448}));
    assert_eq!((&seen["opset"], &seen["producer"]), (&json!(18), &json!("test")));
    assert_eq!((&seen["bound"], &seen["unsupported"]), (&Value::Null, &json!([])));
    assert!(seen["problems"][0].as_str().expect("text").contains("`batch`, `seq`"));
}

#[test]
fn bound_models_show_their_work() {
    let seen = inspect(&product(), &Bindings { seq: Some(5), batch: Some(2), ..Bindings::default() });
    let bound = seen.bound.expect("bound");
    assert_eq!((bound.macs, bound.weight_macs), (2 * 10 * 3 * 4, 2 * 10 * 3 * 4));
    assert_eq!(
        bound.operations.into_iter().collect::<Vec<_>>(),
        [("nn.matmul".to_string(), 1), ("nn.param".to_string(), 1)]
    );
    assert!(seen.problems.is_empty() && seen.symbols.iter().all(|s| s.value.is_some()));
    let scores = Build::new(20).input("q", FLOAT, &["2", "5", "3"]).input("k", FLOAT, &["2", "3", "7"]);
    let scores = scores.node("MatMul", &["q", "k"], &["s"], vec![]).output("s");
    let bound = inspect(&scores, &Bindings::default()).bound.expect("bound");
    assert_eq!((bound.macs, bound.weight_macs), (2 * 5 * 3 * 7, 0));
    // The contracted extent of a transposed operand is its last but one.
    let gemm = Build::new(20).input("a", FLOAT, &["3", "5"]).input("b", FLOAT, &["3", "7"]);
    let gemm = gemm.node("Gemm", &["a", "b"], &["s"], vec![int("transA", 1)]).output("s");
    assert_eq!(inspect(&gemm, &Bindings::default()).bound.expect("bound").macs, 5 * 3 * 7);
}

#[test]
fn unsupported_and_contradictory_models_are_still_shown() {
    let build = Build::new(20).input("x", FLOAT, &["2"]).node("Fancy", &["x"], &["y"], vec![]).output("y");
    let seen = inspect(&build, &Bindings::default());
    assert_eq!((seen.unsupported[0].what.as_str(), seen.unsupported[0].count), ("`Fancy`", 1));
    assert_eq!((seen.operators["Fancy"], seen.bound.is_none(), seen.problems.len()), (1, true, 1));
    let wrong = Build::new(20).input("x", FLOAT, &["2", "3"]).node("MatMul", &["x", "x"], &["y"], vec![]).output("y");
    let seen = inspect(&wrong, &Bindings::default());
    assert!(seen.bound.is_none() && seen.problems[0].contains("contracted extent"), "{:?}", seen.problems);
}

/// Time per node must not grow with the number of nodes: eight times the graph, far less than 64 times the time.
#[test]
fn import_is_linear_in_the_graph() {
    let seconds = |nodes: usize| {
        let mut build = Build::new(20).input("x", FLOAT, &["4", "8"]).ints("s", &[2], &[-1, 4]);
        let mut last = "x".to_string();
        for i in 0..nodes {
            let next = format!("v{i}");
            build = match i % 4 {
                0 => build.node("Reshape", &[&last, "s"], &[&next], vec![]),
                1 => build.node("Transpose", &[&last], &[&next], vec![ints("perm", &[1, 0])]),
                2 => build.node("Exp", &[&last], &[&next], vec![]),
                _ => build.node("Add", &[&last, &last], &[&next], vec![]),
            };
            last = next;
        }
        let bytes = build.output(&last).bytes();
        let start = Instant::now();
        let model = OnnxModel::parse(bytes, Path::new("m.onnx")).expect("reads");
        let module = model.import(&Bindings::default()).expect("imports");
        assert!(module.bodies[0].ops.len() >= nodes / 2);
        start.elapsed().as_secs_f64()
    };
    let small = (0..3).map(|_| seconds(2_000)).fold(f64::MAX, f64::min);
    let large = (0..3).map(|_| seconds(16_000)).fold(f64::MAX, f64::min);
    assert!(large < 24.0 * small.max(0.001), "{small} s, {large} s");
}
