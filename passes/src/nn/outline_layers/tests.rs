//! Random programs of repeated layers, and programs that only look like them.

use super::{asserted, outline, same};
use crate::nn::inline_calls::inline;
use prism_dialects::call::CALL;
use prism_dialects::{Attr, Attrs, Body, Elem, Holder, Loc, Module, TensorType, Type, ValueId, registry, verify};
use std::collections::BTreeSet;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

fn ty(width: u64) -> Type {
    Type::Tensor(TensorType::new([4, width], Elem::F32))
}

fn weight(body: &mut Body, name: String, width: u64) -> ValueId {
    let attrs = Attrs::from([("name".to_string(), Attr::str(name.as_str()))]);
    body.push(registry::op("nn.param"), &[], attrs, ty(width), Loc::name(name))
}

fn step(body: &mut Body, op: &'static str, operands: &[ValueId], name: &str) -> ValueId {
    let result = body.ty(operands[0]).clone();
    body.push(registry::op(op), operands, Attrs::new(), result, Loc::name(name))
}

/// What one layer does: operations, each on the stream, a shared table or an earlier result.
struct Layer(Vec<(&'static str, usize, usize)>);

const BINARY: [&str; 4] = ["nn.add", "nn.mul", "nn.sub", "nn.max"];

fn layer(random: &mut Random, operations: usize) -> Layer {
    let mut steps: Vec<_> =
        (0..operations).map(|i| (BINARY[random.below(4)], random.below(i + 3), random.below(i + 3))).collect();
    // A weight that nothing reads would go.
    steps[0].2 = 2;
    Layer(steps)
}

/// Appends a layer: sources are the stream, a shared table, a weight of its own, then its own results; the last of these is
/// the next stream.
fn append(body: &mut Body, layer: &Layer, nth: usize, stream: ValueId, shared: ValueId, width: u64) -> ValueId {
    let own = weight(body, format!("model.layers.{nth}.scale"), width);
    let mut sources = vec![stream, shared, own];
    for (i, (op, a, b)) in layer.0.iter().enumerate() {
        let made = step(body, op, &[sources[*a], sources[*b]], &format!("model.layers.{nth}.part{i}"));
        sources.push(made);
    }
    let end = *sources.last().unwrap_or(&stream);
    step(body, "nn.add", &[stream, end], &format!("model.layers.{nth}"))
}

/// A program of so many layers for each kind, in order.
fn program(kinds: &[(&Layer, usize)], width: u64) -> Body {
    let mut body = Body::new("main", Holder::Func);
    let x = body.arg(ty(width), Loc::name("x"));
    let y = body.arg(ty(width), Loc::name("y"));
    let mut stream = step(&mut body, "nn.exp", &[x], "embed");
    let shared = step(&mut body, "nn.tanh", &[y], "table");
    let mut nth = 0;
    for (layer, times) in kinds {
        for _ in 0..*times {
            stream = append(&mut body, layer, nth, stream, shared, width);
            nth += 1;
        }
    }
    stream = step(&mut body, "nn.sqrt", &[stream], "head");
    body.results = vec![stream];
    body
}

/// The functions with how often each is called, and the module; asserts that written out it is what it was.
fn outlined(body: &Body) -> (Vec<usize>, Module) {
    let mut taken = BTreeSet::from(["main".to_string()]);
    let (mut main, mut functions, mut calls) = (body.clone(), Vec::new(), Vec::new());
    while let Some((function, caller, times)) = outline(&main, 8, &mut taken) {
        functions.push(function);
        calls.push(times);
        main = caller;
    }
    let mut bodies = vec![main];
    bodies.extend(functions);
    let module = Module { attrs: Attrs::new(), bodies };
    verify::check_module(&module).expect("verifies");
    assert!(asserted(&module, std::slice::from_ref(body)).is_ok());
    (calls, module)
}

/// Names of weights and first names of operations, in order.
fn names(body: &Body) -> (Vec<String>, Vec<String>) {
    let weights = body.ops.iter().filter_map(|op| op.attr("name").and_then(Attr::as_str).map(str::to_string));
    let work = body.ops.iter().filter(|op| !op.operands.is_empty()).map(|op| op.loc.first().to_string());
    (weights.collect(), work.collect())
}

#[test]
fn layers_become_calls_and_written_out_again_are_what_they_were() {
    let mut random = Random(1);
    for _ in 0..200 {
        let (operations, times) = (8 + random.below(20), 2 + random.below(12));
        let body = program(&[(&layer(&mut random, operations), times)], 8);
        let (calls, mut module) = outlined(&body);
        assert_eq!(calls, [times], "{operations} operations");
        inline(&mut module);
        let [again] = module.bodies.as_slice() else { panic!("one function is left") };
        assert_eq!(same::difference(&body, again), None);
        assert_eq!(names(&body), names(again));
    }
}

#[test]
fn kinds_of_layers_become_functions_of_their_own() {
    let mut random = Random(2);
    let (dense, expert) = (layer(&mut random, 12), layer(&mut random, 17));
    let (mut calls, module) = outlined(&program(&[(&dense, 3), (&expert, 9)], 8));
    calls.sort_unstable();
    assert_eq!(calls, [3, 9]);
    let of_main = module.bodies[0].ops.iter().filter(|op| op.name() == CALL).count();
    assert_eq!(of_main, 12);
}

#[test]
fn alternating_layers_become_one_function_of_two() {
    let mut random = Random(3);
    let (local, global) = (layer(&mut random, 10), layer(&mut random, 10));
    let pairs: Vec<(&Layer, usize)> = (0..5).flat_map(|_| [(&local, 1), (&global, 1)]).collect();
    let (calls, _) = outlined(&program(&pairs, 8));
    assert_eq!(calls, [5]);
}

#[test]
fn what_the_first_layer_makes_for_all_is_an_argument() {
    // The table in another shape, made inside the first layer and read by all.
    let mut random = Random(4);
    let layer = layer(&mut random, 12);
    let mut body = Body::new("main", Holder::Func);
    let x = body.arg(ty(8), Loc::name("x"));
    let y = body.arg(ty(8), Loc::name("y"));
    let mut stream = step(&mut body, "nn.exp", &[x], "embed");
    let mut shared = y;
    for nth in 0..6 {
        let before = step(&mut body, "nn.neg", &[stream], &format!("model.layers.{nth}.norm"));
        if nth == 0 {
            shared = step(&mut body, "nn.tanh", &[y], "model.layers.0.table");
        }
        stream = append(&mut body, &layer, nth, before, shared, 8);
    }
    body.results = vec![stream];
    let (calls, _) = outlined(&body);
    assert_eq!(calls, [6]);
}

#[test]
fn near_misses_stay_what_they_are() {
    let mut random = Random(5);
    let one = layer(&mut random, 12);
    // One constant differs in one layer.
    let mut other = Layer(one.0.clone());
    other.0[5].0 = if other.0[5].0 == "nn.add" { "nn.mul" } else { "nn.add" };
    let (calls, _) = outlined(&program(&[(&one, 4), (&other, 1)], 8));
    assert_eq!(calls, [4]);
    // The same operations wired in another way.
    let mut rewired = Layer(one.0.clone());
    rewired.0[11].1 = if rewired.0[11].1 == 4 { 5 } else { 4 };
    let (calls, _) = outlined(&program(&[(&one, 3), (&rewired, 1)], 8));
    assert_eq!(calls, [3]);
    // A single layer is no repetition.
    assert!(outlined(&program(&[(&one, 1)], 8)).0.is_empty());
}

#[test]
fn layers_of_different_sizes_are_looked_at_once() {
    let mut random = Random(6);
    let layer = layer(&mut random, 12);
    let mut body = Body::new("main", Holder::Func);
    for nth in 0..200 {
        let width = nth as u64 + 1;
        let x = body.arg(ty(width), Loc::name("x"));
        let y = body.arg(ty(width), Loc::name("y"));
        let end = append(&mut body, &layer, nth, x, y, width);
        body.results.push(end);
    }
    assert!(outlined(&body).0.is_empty());
}
