//! A product that electrons and light share: its parts are the product, run at the same time, and cost what they cost alone.

use crate::common::{Machine, after, arguments, machine, parse, session, weight};
use prism_dialects::interp::run_classes;
use prism_dialects::{Attr, Body, Op};

crate::trials!("co_execution": parts_are_the_product, parts_run_at_the_same_time, time_alone_is_gained);

/// Products in every order in which operands are stored, with the axis along which parts follow one another.
const STORED: &[(&str, i64)] = &[
    (
        r#"(%x: tensor<64x64xf32>) -> tensor<64x96xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<64x96xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<64x64xf32>, tensor<64x96xf32>) -> tensor<64x96xf32>
  return %y : tensor<64x96xf32>"#,
        1,
    ),
    (
        r#"(%x: tensor<64x64xf32>) -> tensor<64x96xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<96x64xf32>
  %y = "nn.matmul"(%x, %w) {transpose_rhs = true} : (tensor<64x64xf32>, tensor<96x64xf32>) -> tensor<64x96xf32>
  return %y : tensor<64x96xf32>"#,
        1,
    ),
    (
        r#"(%x: tensor<64x64xf32>) -> tensor<96x64xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<96x64xf32>
  %y = "nn.matmul"(%w, %x) : (tensor<96x64xf32>, tensor<64x64xf32>) -> tensor<96x64xf32>
  return %y : tensor<96x64xf32>"#,
        0,
    ),
    (
        r#"(%x: tensor<64x64xf32>) -> tensor<96x64xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<64x96xf32>
  %y = "nn.matmul"(%w, %x) {transpose_lhs = true} : (tensor<64x96xf32>, tensor<64x64xf32>) -> tensor<96x64xf32>
  return %y : tensor<96x64xf32>"#,
        0,
    ),
    (
        r#"(%x: tensor<2x32x64xf32>) -> tensor<2x32x96xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<2x64x96xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<2x32x64xf32>, tensor<2x64x96xf32>) -> tensor<2x32x96xf32>
  return %y : tensor<2x32x96xf32>"#,
        2,
    ),
];

/// Two layers, the second of which reads the first.
const LAYERS: &str = r#"(%x: tensor<512x768xf32>) -> tensor<512x768xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<768x3072xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<3072x768xf32>
  %h = "nn.matmul"(%x, %w) : (tensor<512x768xf32>, tensor<768x3072xf32>) -> tensor<512x3072xf32>
  %a = "nn.relu"(%h) : (tensor<512x3072xf32>) -> tensor<512x3072xf32>
  %y = "nn.matmul"(%a, %v) : (tensor<512x3072xf32>, tensor<3072x768xf32>) -> tensor<512x768xf32>
  return %y : tensor<512x768xf32>"#;

/// Machines with both kinds of units.
const SHARING: [&str; 4] = ["lightcode", "edge-demo", "lt-mzi-4bit", "lt-mzi-8bit"];

/// What passes make of a program on a machine.
fn made(machine: &Machine, passes: &str, program: &str) -> Body {
    let session = session();
    let module = parse(&session, &format!("func.func @main{program}\n}}"));
    after(&session, machine, passes, &module).bodies.remove(0)
}

fn joins(body: &Body) -> Vec<&Op> {
    body.ops.iter().filter(|op| op.name() == "mem.join").collect()
}

fn parts_are_the_product() {
    for (program, axis) in STORED {
        let body = made(&machine("edge-demo"), "saturate{check=true}", program);
        let joins = joins(&body);
        assert!(!joins.is_empty(), "not offered for {program}");
        assert!(joins.iter().all(|op| op.attr("axis") == Some(&Attr::Int(*axis))), "{program}");
        // A part is rounded as the whole is: not at all.
        if let Err(why) = run_classes(&body, &arguments(&body, 3), &weight, 0.0) {
            panic!("{program}: {why}");
        }
    }
}

/// A task's operation, start and end.
fn timed(op: &Op) -> Option<(String, f64, f64)> {
    let of = |name: &str| op.attr(name).and_then(Attr::as_float);
    let start = of("start_s")?;
    Some((op.attr("op")?.as_str()?.to_string(), start, start + of("latency_s")?))
}

fn parts_run_at_the_same_time() {
    for name in SHARING {
        let machine = machine(name);
        let assigned = made(&machine, "saturate,extract{objective=latency},tile", LAYERS);
        assert_eq!(joins(&assigned).len(), 2, "{name}");
        let plan = made(&machine, "saturate,extract{objective=latency},tile,schedule", LAYERS);
        let tasks: Vec<(String, f64, f64)> = plan.ops.iter().filter_map(timed).collect();
        let of = |ops: &[&str]| -> Vec<&(String, f64, f64)> { tasks.iter().filter(|t| ops.contains(&&*t.0)).collect() };
        assert!(of(&["mem.join"]).is_empty(), "{name}: a join is no task");
        let electrons = of(&["elec.kernel"]);
        for (light, from, to) in of(&["ptu.gemm", "ptu.matmul"]) {
            let overlap = |t: &&(String, f64, f64)| t.2.min(*to) - t.1.max(*from);
            let most = electrons.iter().map(overlap).fold(0.0, f64::max);
            assert!(most > 0.5 * (to - from), "{name}: electrons wait while `{light}` runs: {tasks:?}");
        }
        let schedule = plan.attrs["plan.schedule"].as_dict().expect("a schedule");
        let seconds = |key: &str| schedule[key].as_float().expect("seconds");
        let alone = made(&machine, "saturate{without=[co-execute]},extract{objective=latency},tile,schedule", LAYERS);
        let alone =
            alone.attrs["plan.schedule"].as_dict().expect("a schedule")["makespan_s"].as_float().expect("seconds");
        assert!(seconds("bound_s") <= seconds("makespan_s"), "{name}");
        assert!(seconds("makespan_s") < 0.98 * alone, "{name}: {} s, {alone} s without", seconds("makespan_s"));
    }
}

fn time_alone_is_gained() {
    for name in SHARING {
        let energy = |without: &str| {
            let chosen = made(&machine(name), &format!("saturate{without},extract"), LAYERS);
            assert!(joins(&chosen).is_empty(), "{name}");
            chosen.attrs["stack.extraction"].as_dict().expect("facts")["cost"].as_float().expect("joules")
        };
        assert_eq!(energy(""), energy("{without=[co-execute]}"), "{name}");
    }
}
