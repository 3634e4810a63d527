//! Models changed at random: an error or a module, never a panic, a hang or a large allocation.
//!
//! `PRISM_FUZZ_ITERS` sets the number of changed models (default 3000), `PRISM_FUZZ_SEED` the first seed.

mod common;
#[path = "common/fuzzing.rs"]
mod fuzzing;

use common::{BOOL, Build, FLOAT, INT64, example, external, float, int, ints};
use fuzzing::{Random, bounded, changed, number};
use prism_import::{Bindings, OnnxModel, proto, supported_operators};
use prost::Message;
use std::path::Path;

/// A graph with shape arithmetic, folding, reductions, slices and products.
fn dense_graph(opset: i64) -> Vec<u8> {
    let build = Build::new(opset)
        .input("x", FLOAT, &["batch", "seq", "8"])
        .input("past", FLOAT, &["batch", "past + 1", "8"])
        .input("mask", BOOL, &["batch", "1"])
        .ints("one", &[1], &[1])
        .ints("tail", &[2], &[-1, 8])
        .ints("zero", &[], &[0])
        .ints("two", &[], &[2])
        .ints("five", &[1], &[5])
        .floats("scale", &[8], &[0.5; 8])
        .weight(external("w", FLOAT, &[8, 8], "w.bin"));
    build
        .node("Shape", &["x"], &["s"], vec![])
        .node("Gather", &["s", "one"], &["n"], vec![int("axis", 0)])
        .node("Squeeze", &["n"], &["len"], vec![])
        .node("Range", &["zero", "len", "two"], &["r"], vec![])
        .node("CumSum", &["r", "zero"], &["c"], vec![])
        .node("Reshape", &["x", "tail"], &["flat"], vec![])
        .node("Gemm", &["flat", "w"], &["g"], vec![int("transB", 1), float("alpha", 0.5)])
        .node("Concat", &["n", "one", "n"], &["list"], vec![int("axis", 0)])
        .node("ReduceMax", &["list"], &["largest"], vec![int("keepdims", 0)])
        .node("Slice", &["g", "one", "five", "one", "one"], &["part"], vec![])
        .node("Transpose", &["part"], &["t"], vec![ints("perm", &[1, 0])])
        .node("Softmax", &["t"], &["p"], vec![int("axis", 0)])
        .node("Concat", &["x", "past"], &["kv"], vec![int("axis", 1)])
        .node("LayerNormalization", &["kv", "scale"], &["norm"], vec![float("epsilon", 1e-5)])
        .node("Split", &["norm"], &["a", "b"], vec![int("axis", 2), int("num_outputs", 2)])
        .node("Where", &["mask", "largest", "len"], &["w1"], vec![])
        .output("p")
        .output("a")
        .output("w1")
        .output("c")
        .bytes()
        .to_vec()
}

fn text(name: &str, text: &str) -> proto::Attribute {
    proto::Attribute { name: name.into(), s: text.to_string().into(), r#type: 3, ..Default::default() }
}

/// A graph with attention, contractions, padding and scattering, half of it in functions that call one another.
fn graph_with_functions() -> Vec<u8> {
    let build = Build::new(23)
        .input("x", FLOAT, &["batch", "seq", "8"])
        .input("ids", INT64, &["batch", "seq"])
        .input("cache", FLOAT, &["batch", "past", "8"])
        .ints("pads", &[6], &[0, 1, 0, 0, 2, 0])
        .ints("k", &[1], &[2])
        .ints("depth", &[], &[5])
        .floats("two", &[2], &[0.0, 1.0])
        .floats("scale", &[8], &[0.5; 8])
        .weight(external("w", FLOAT, &[8, 8], "w.bin"));
    let mut build = build
        .node("outer", &["x", "w"], &["a"], vec![int("heads", 2)])
        .node("Pad", &["a", "pads"], &["p"], vec![text("mode", "reflect")])
        .node("TopK", &["p", "k"], &["best", "at"], vec![int("axis", 1)])
        .node("ScatterElements", &["p", "at", "best"], &["s"], vec![int("axis", 1), text("reduction", "add")])
        .node("OneHot", &["ids", "depth", "two"], &["hot"], vec![])
        .node("Einsum", &["x", "hot"], &["e"], vec![text("equation", "bsd,bsk->bdk")])
        .node("QuantizeLinear", &["e", "scale"], &["q"], vec![int("axis", 1), int("output_dtype", 3)])
        .node("Concat", &["cache", "s"], &["long"], vec![int("axis", 1)])
        .node("inner", &["long", "scale"], &["n"], vec![])
        .output("q")
        .output("n");
    let list = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<Vec<_>>();
    let mut body = Build::new(23)
        .node("MatMul", &["a", "b"], &["m"], vec![])
        .node("Attention", &["m", "a", "a"], &["t"], vec![int("q_num_heads", 0), int("kv_num_heads", 0)])
        .node("inner", &["t", ""], &["r"], vec![])
        .node("RMSNormalization", &["a", "b"], &["r"], vec![int("axis", -1)]);
    let mut nodes = std::mem::take(&mut body.graph().node);
    for attribute in nodes.iter_mut().filter(|n| n.op_type == "Attention").flat_map(|n| &mut n.attribute) {
        attribute.ref_attr_name = "heads".into();
    }
    let tail = nodes.split_off(3);
    let made = [("outer", nodes), ("inner", tail)].map(|(name, node)| {
        let (input, output) = (list(&["a", "b"]), list(&["r"]));
        proto::Function { name: name.into(), input, output, node, ..Default::default() }
    });
    build.model.functions = made.into();
    // A norm takes a scale: the call that leaves it out is replaced by one that has it.
    build.model.functions[0].node[2].input[1] = "ones".into();
    let ones = proto::Node { op_type: "Constant".into(), output: list(&["ones"]), ..Default::default() };
    let value = proto::Attribute { name: "value_floats".into(), floats: vec![1.0; 8], r#type: 6, ..Default::default() };
    build.model.functions[0].node.insert(0, proto::Node { attribute: vec![value], ..ones });
    build.bytes().to_vec()
}

/// Numbers at which arithmetic on extents and axes breaks, if it does.
const EDGES: [i64; 14] = [0, 1, -1, 2, -2, 3, 63, 4096, 4097, 1 << 31, 1 << 47, i64::MAX, i64::MIN, i64::MIN + 1];

/// Texts of attributes.
const TEXTS: [&str; 8] = ["edge", "wrap", "reflect", "constant", "...a,a->", "ab,bc", "mul", "none"];

/// Changes a function: whom it calls, what it is called with, and how it refers to the call.
fn rewired_function(functions: &mut [proto::Function], random: &mut Random) {
    if functions.is_empty() {
        return;
    }
    let (names, at) = (["outer", "inner", "Exp", "Add"], random.below(functions.len()));
    let function = &mut functions[at];
    let count = function.node.len();
    let node = &mut function.node[random.below(count)];
    match random.below(6) {
        0 => node.op_type = names[random.below(names.len())].into(),
        1 => node.input = vec![function.input[random.below(function.input.len())].clone()],
        2 => node.output = function.output.clone(),
        3 => function.name = names[random.below(names.len())].into(),
        4 => function.output.extend(function.input.first().cloned()),
        _ => {
            function.opset_import = vec![proto::OperatorSet { domain: String::new(), version: EDGES[random.below(14)] }]
        }
    }
}

/// Changes what the bytes mean: operators, operands, attributes, extents, numbers.
fn rewired(original: &[u8], random: &mut Random) -> Vec<u8> {
    let mut model = proto::Model::decode(original).expect("decodes");
    if random.below(3) == 0 {
        rewired_function(&mut model.functions, random);
    }
    let graph = model.graph.as_mut().expect("graph");
    let operators: Vec<&str> = supported_operators().collect();
    let values: Vec<String> = graph.node.iter().flat_map(|n| n.input.iter().chain(&n.output).cloned()).collect();
    for _ in 0..=random.below(3) {
        let edge = EDGES[random.below(EDGES.len())];
        let (nodes, weights, inputs) = (graph.node.len(), graph.initializer.len(), graph.input.len());
        let node = &mut graph.node[random.below(nodes)];
        let weight = &mut graph.initializer[random.below(weights)];
        match random.below(9) {
            0 => node.op_type = operators[random.below(operators.len())].to_string(),
            1 if !node.input.is_empty() => {
                let at = random.below(node.input.len());
                node.input[at] = values[random.below(values.len())].clone();
            }
            2 => node.input.push(values[random.below(values.len())].clone()),
            3 => {
                let names =
                    ["axis", "keepdims", "num_outputs", "start", "end", "to", "batch_dims", "exclusive", "block_size"];
                let name = names[random.below(names.len())];
                node.attribute = vec![int(name, edge)];
            }
            4 if weight.data_type == INT64 => {
                let n = weight.dims.iter().product::<i64>().clamp(0, 64);
                let numbers = (0..n).map(|_| EDGES[random.below(EDGES.len())]);
                weight.raw_data = Some(numbers.flat_map(i64::to_le_bytes).collect::<Vec<u8>>().into());
            }
            5 => weight.dims = vec![edge],
            6 => {
                let name = ["mode", "reduction", "equation"][random.below(3)];
                node.attribute = vec![text(name, TEXTS[random.below(TEXTS.len())])];
            }
            7 => weight.data_type = random.below(24) as i32,
            _ => {
                let ty = graph.input[random.below(inputs)].r#type.as_mut().and_then(|t| t.tensor_type.as_mut());
                let dims = ty.and_then(|t| t.shape.as_mut()).map(|s| &mut s.dim).expect("shape");
                let at = random.below(dims.len());
                dims[at] = proto::Dimension { dim_value: Some(edge), dim_param: None };
            }
        }
    }
    model.encode_to_vec()
}

/// Whether the model is imported; fails if it panics, hangs, allocates much, or makes what does not verify.
fn survives(bytes: Vec<u8>, bindings: &Bindings, seed: u64) -> bool {
    bounded(seed, 64 << 20, || {
        let read = OnnxModel::parse(bytes.into(), Path::new("fuzz.onnx"));
        read.and_then(|model| {
            drop(model.inspect(bindings));
            model.import(bindings)
        })
    })
}

/// Both kinds of change take turns: the counters of memory allow one test in this binary only.
#[test]
fn changed_models_are_refused_or_imported() {
    let tiny = std::fs::read(example("gpt2_tiny.onnx")).expect("readable");
    let originals = [dense_graph(20), dense_graph(18), graph_with_functions(), tiny];
    let bindings = Bindings { seq: Some(5), past: Some(3), batch: Some(2), dims: Vec::new() };
    for original in &originals[..3] {
        assert!(survives(original.clone(), &bindings, 0), "an original does not import");
    }
    let (rounds, first) = (number("PRISM_FUZZ_ITERS", 3000), number("PRISM_FUZZ_SEED", 1));
    let mut imported = [0u64; 2];
    for seed in first..first.saturating_add(rounds) {
        let mut random = Random(seed);
        // The real model is larger and slower: it takes one turn in sixteen.
        let (which, deep) = (if seed % 16 == 0 { 3 } else { random.below(3) }, seed % 2 == 1);
        let original = &originals[which];
        let bytes = if deep { rewired(original, &mut random) } else { changed(original, &mut random) };
        let bindings = if which == 3 { &Bindings::default() } else { &bindings };
        imported[usize::from(deep)] += u64::from(survives(bytes, bindings, seed));
    }
    // Some changes hit names or weights only. If none imports, the tests look at nothing.
    assert!(imported.iter().all(|n| n * 100 > rounds), "{imported:?} of {rounds}");
}
