//! Weights held in arrays: what is held is the product, takes no more blocks than there are, and more blocks never cost more.

use crate::common::{Machine, after, arguments, machine, machine_of, parse, run, session, shown, weight};
use crate::prism::{root, run as command};
use prism_dialects::interp::run_classes;
use prism_dialects::mlir::Session;
use prism_dialects::{Attr, Body, Module};
use prism_import::{Bindings, OnnxModel};
use prism_passes::egraph::explain::Explainer;
use prism_passes::egraph::extract::{Measure, Question};
use std::fs;

crate::trials!(
    "arrays": what_is_held_is_the_product, a_weight_is_held_once_for_each_way_it_is_read, gpt2_costs_less_with_more_arrays,
    all_that_fits_is_as_if_there_were_no_end, time_keeps_them_too, too_few_say_how_many_would_do,
    fields_are_checked, questions_are_answered, reports_say_what_is_taken, baselines_keep_them, what_was_edited_is_refused
);

/// Products in every order in which operands are stored, each with the blocks of 12 x 12 that its weight takes.
const STORED: &[(&str, i64)] = &[
    (
        r#"(%x: tensor<64x60xf32>) -> tensor<64x96xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<60x96xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<64x60xf32>, tensor<60x96xf32>) -> tensor<64x96xf32>
  return %y : tensor<64x96xf32>"#,
        5 * 8,
    ),
    (
        r#"(%x: tensor<64x60xf32>) -> tensor<64x97xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<97x60xf32>
  %y = "nn.matmul"(%x, %w) {transpose_rhs = true} : (tensor<64x60xf32>, tensor<97x60xf32>) -> tensor<64x97xf32>
  return %y : tensor<64x97xf32>"#,
        5 * 9,
    ),
    (
        r#"(%x: tensor<60x64xf32>) -> tensor<96x64xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<96x60xf32>
  %y = "nn.matmul"(%w, %x) : (tensor<96x60xf32>, tensor<60x64xf32>) -> tensor<96x64xf32>
  return %y : tensor<96x64xf32>"#,
        5 * 8,
    ),
    (
        r#"(%x: tensor<60x64xf32>) -> tensor<96x64xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<60x96xf32>
  %y = "nn.matmul"(%w, %x) {transpose_lhs = true} : (tensor<60x96xf32>, tensor<60x64xf32>) -> tensor<96x64xf32>
  return %y : tensor<96x64xf32>"#,
        5 * 8,
    ),
    (
        r#"(%x: tensor<2x32x60xf32>) -> tensor<2x32x96xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<2x60x96xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<2x32x60xf32>, tensor<2x60x96xf32>) -> tensor<2x32x96xf32>
  return %y : tensor<2x32x96xf32>"#,
        2 * 5 * 8,
    ),
];

/// Layers of 2048, 2048 and 1024 blocks.
const LAYERS: &str = r#"(%x: tensor<8x384xf32>) -> tensor<8x384xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<384x768xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<768x384xf32>
  %u = "nn.param"() {name = "u"} : () -> tensor<384x384xf32>
  %h = "nn.matmul"(%x, %w) : (tensor<8x384xf32>, tensor<384x768xf32>) -> tensor<8x768xf32>
  %a = "nn.relu"(%h) : (tensor<8x768xf32>) -> tensor<8x768xf32>
  %y = "nn.matmul"(%a, %v) : (tensor<8x768xf32>, tensor<768x384xf32>) -> tensor<8x384xf32>
  %b = "nn.relu"(%y) : (tensor<8x384xf32>) -> tensor<8x384xf32>
  %z = "nn.matmul"(%b, %u) : (tensor<8x384xf32>, tensor<384x384xf32>) -> tensor<8x384xf32>
  return %z : tensor<8x384xf32>"#;

/// Meshes that store so many blocks.
fn meshes(arrays: u64) -> Machine {
    let toml = machine("lt-mzi-4bit").toml;
    machine_of("lt-mzi-4bit", toml.replace("program_time", &format!("arrays = {arrays}\nprogram_time")))
}

/// The same machine whose electronics make no products.
fn light_alone(arrays: u64) -> Machine {
    let toml = meshes(arrays).toml.replace("ops = [\"matmul\"]", "ops = [\"nothing\"]");
    machine_of("lt-mzi-4bit", toml)
}

fn made(machine: &Machine, passes: &str, program: &str) -> Body {
    let session = session();
    let module = parse(&session, &format!("func.func @main{program}\n}}"));
    after(&session, machine, passes, &module).bodies.remove(0)
}

/// Blocks that a program takes, recounted from what it holds.
fn taken(body: &Body) -> i64 {
    let holds = body.ops.iter().filter(|op| op.name() == "ptu.hold");
    holds.map(|op| op.attr("blocks").and_then(Attr::as_int).expect("blocks")).sum()
}

fn fact(body: &Body, name: &str) -> f64 {
    let facts = body.attrs["stack.extraction"].as_dict().expect("facts");
    facts[name].as_float().unwrap_or_else(|| panic!("no `{name}`"))
}

fn decode(session: &Session, machine: &Machine) -> Module {
    let model = shown(OnnxModel::open(&root().join("examples/models/gpt2_decode.onnx")));
    let module = shown(model.import(&Bindings { past: Some(127), ..Bindings::default() }));
    after(session, machine, "fold-constants,cse,dce,saturate", &module)
}

fn what_is_held_is_the_product() {
    for (program, blocks) in STORED {
        let body = made(&meshes(1_000), "saturate{check=true}", program);
        let gemms = body.ops.iter().filter(|op| op.name() == "ptu.gemm").count();
        assert!(gemms > 0, "not offered for {program}");
        if let Err(why) = run_classes(&body, &arguments(&body, 3), &weight, 0.0) {
            panic!("{program}: {why}");
        }
        let chosen = made(&light_alone(1_000), "saturate{without=[co-execute]},extract,tile", program);
        assert_eq!(taken(&chosen), *blocks, "{program}");
    }
}

/// Two products that read a weight alike hold it once; read both ways round it takes blocks of both.
fn a_weight_is_held_once_for_each_way_it_is_read() {
    let program = |flag: &str| {
        format!(
            r#"(%x: tensor<64x60xf32>) -> tensor<64x60xf32> {{
  %w = "nn.param"() {{name = "w"}} : () -> tensor<60x60xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<64x60xf32>, tensor<60x60xf32>) -> tensor<64x60xf32>
  %a = "nn.relu"(%y) : (tensor<64x60xf32>) -> tensor<64x60xf32>
  %z = "nn.matmul"(%a, %w) {flag} : (tensor<64x60xf32>, tensor<60x60xf32>) -> tensor<64x60xf32>
  return %z : tensor<64x60xf32>"#
        )
    };
    for (flag, blocks) in [("", 25), ("{transpose_rhs = true}", 50)] {
        let chosen = made(&light_alone(50), "saturate,extract,tile,schedule", &program(flag));
        assert!(chosen.attrs.contains_key("stack.held"));
        let chosen = made(&light_alone(50), "saturate,extract", &program(flag));
        assert_eq!(taken(&chosen), blocks, "{flag}");
    }
}

fn gpt2_costs_less_with_more_arrays() {
    let session = session();
    let mut last = f64::INFINITY;
    let mut on_light = Vec::new();
    for arrays in [8u64, 4_096, 250_000, 857_920] {
        let on = meshes(arrays);
        let chosen = after(&session, &on, "extract", &decode(&session, &on)).bodies.remove(0);
        let (cost, bound) = (fact(&chosen, "cost"), fact(&chosen, "bound"));
        assert!(bound <= cost && cost - bound < 0.01 * cost, "{arrays}: {cost}, {bound}");
        assert!(taken(&chosen) <= arrays as i64, "{arrays}: {}", taken(&chosen));
        assert!(cost <= last * (1.0 + 1e-12), "{arrays}: {cost} after {last}");
        last = cost;
        on_light.push(chosen.ops.iter().filter(|op| op.name() == "ptu.gemm").count());
    }
    // None, one projection, some, and all 49 products of weights.
    assert!(on_light.is_sorted() && (on_light[0], on_light[1], on_light[3]) == (0, 1, 49), "{on_light:?}");
}

fn all_that_fits_is_as_if_there_were_no_end() {
    let session = session();
    let cost = |arrays: u64| {
        let on = meshes(arrays);
        let chosen = after(&session, &on, "extract{verify=true}", &decode(&session, &on)).bodies.remove(0);
        assert_eq!(fact(&chosen, "bound"), fact(&chosen, "cost"));
        (fact(&chosen, "cost"), taken(&chosen))
    };
    let (free, needed) = cost(1_000_000_000);
    assert_eq!(cost(u64::try_from(needed).expect("blocks")), (free, needed));
}

fn time_keeps_them_too() {
    let session = session();
    let module = parse(&session, &format!("func.func @main{}\n}}", LAYERS));
    for objective in ["latency", "edp", "total-energy"] {
        let value = |arrays: u64| {
            let on = meshes(arrays);
            let stack = after(&session, &on, "saturate", &module);
            let chosen = after(&session, &on, &format!("extract{{objective={objective}}}"), &stack);
            assert!(taken(&chosen.bodies[0]) <= arrays as i64, "{objective}: {}", taken(&chosen.bodies[0]));
            let plan = after(&session, &on, "tile,schedule", &chosen).bodies.remove(0);
            assert!(fact(&plan, "bound") <= fact(&plan, "cost"));
            // What is shown of plans that keep the arrays is no weaker than what is known of all plans.
            for (within, of_all) in [("within_s", "fastest_s"), ("energy_bound_j", "least_energy_j")] {
                let [within, of_all] = [within, of_all].map(|name| fact(&plan, name));
                assert!(within >= of_all * (1.0 - 1e-9), "{objective} {arrays}: {within}, {of_all}");
            }
            fact(&plan, "cost")
        };
        let values = [8, 1_000, 4_000, 100_000].map(value);
        assert!(values.is_sorted_by(|a, b| a >= b) && values[3] < 0.9 * values[0], "{objective}: {values:?}");
    }
}

fn too_few_say_how_many_would_do() {
    let session = session();
    let module = parse(&session, &format!("func.func @main{}\n}}", STORED[0].0));
    let refused = run(&session, &light_alone(39), "saturate{without=[co-execute]},extract", &module);
    let found = refused.err().expect("40 blocks do not fit into 39").0.remove(0);
    assert_eq!(found.code.name, "E0709");
    assert_eq!(found.headline, "no plan of `@main` fits its weights into the arrays of `ptc`");
    assert_eq!(found.found.as_deref(), Some("40 blocks needed at least"));
    assert_eq!(found.hint.as_deref(), Some("`--set photonic.ptc.arrays=40` is the nearest that can be met"));
    after(&session, &light_alone(40), "saturate{without=[co-execute]},extract,tile,schedule", &module);
}

fn fields_are_checked() {
    let refused = |target: &str, arrays: &str| {
        let model = "examples/models/gpt2_prefill.onnx";
        let ran =
            command(&["compile", model, "--seq", "64", "--target", target, "--allow-infeasible", "--set", arrays]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        ran.stderr
    };
    assert!(refused("lt-mrr-8bit", "photonic.ptc.arrays=13").contains("at least 14, one for each core"));
    assert!(refused("lt-b-8bit", "photonic.ptc.arrays=1000").contains("`mesh` or `bank`"));
    // A machine whose light makes the products of attention cannot make them of what it holds.
    assert!(refused("lt-mrr-8bit", "photonic.ptc.arrays=100000").contains("`ptc` states `arrays`"));
}

/// Each way is a plan that keeps the arrays: another product goes where this one comes.
fn questions_are_answered() {
    let session = session();
    let on = meshes(4_000);
    let product = "(tensor<8x384xf32>, tensor<384x384xf32>) -> tensor<8x384xf32>";
    let named = LAYERS.replace(product, &format!("{product} loc(\"last\")"));
    let module = parse(&session, &format!("func.func @main{named}\n}}"));
    let stack = after(&session, &on, "saturate{without=[co-execute]}", &module);
    let question = Question { measure: Measure::Energy, max_makespan: None, max_energy: None };
    let explainer = shown(Explainer::of(&stack.bodies[0], &on.target, question));
    let why = shown(explainer.why("last"));
    let ways = &why.parts[0].ways;
    let value = |light: bool| {
        let way = ways.iter().find(|w| (w.op == "ptu.gemm") == light).expect("a way");
        way.plan().expect("a plan").value
    };
    // Room for 2048 and 1024 blocks, not for 2048 twice.
    assert!(ways.iter().all(|w| w.plan().is_none_or(|p| p.value >= explainer.best.value * (1.0 - 1e-12))));
    assert!(value(true) < value(false), "{ways:?}");
    let results = r#"(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %y = "nn.matmul"(%x, %w) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32> loc("scores")
  return %y : tensor<64x64xf32>"#;
    let module = parse(&session, &format!("func.func @main{results}\n}}"));
    let stack = after(&session, &on, "saturate", &module);
    let explainer = shown(Explainer::of(&stack.bodies[0], &on.target, question));
    let absent = shown(explainer.why_not("scores", "light")).absent;
    assert!(absent[0].contains("light holds weights from before the run here"), "{absent:?}");
}

fn reports_say_what_is_taken() {
    let folder = std::env::temp_dir().join(format!("prism-arrays-{}", std::process::id()));
    let out = folder.to_str().expect("a path");
    let ran = command(&[
        "compile",
        "examples/models/gpt2_decode.onnx",
        "--past",
        "127",
        "--target",
        "lt-mzi-4bit",
        "--allow-infeasible",
        "--set",
        "photonic.ptc.arrays=50000",
        "--output",
        out,
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("report.json")).expect("a report")).expect("JSON");
    fs::remove_dir_all(&folder).expect("our folder");
    let arrays = &report["arrays"][0];
    assert_eq!((&arrays["unit"], &arrays["blocks"]), (&"ptc".into(), &50_000.into()));
    let taken = arrays["taken_blocks"].as_u64().expect("blocks");
    assert!(taken > 40_000 && taken <= 50_000, "{taken}");
    assert!(ran.stdout.contains(&format!("{taken} of 50000 blocks of ptc hold weights")), "{}", ran.stdout);
    let model = &report["optimality_model"];
    assert_eq!(model["arrays_enforced"], true);
    assert!(model["text"].as_str().expect("text").contains("every choice that was compared keeps to them"));
}

fn baselines_keep_them() {
    let session = session();
    let on = meshes(50_000);
    let stack = decode(&session, &on);
    for strategy in ["greedy", "greedy-dag"] {
        let chosen = after(&session, &on, &format!("extract{{strategy={strategy}}}"), &stack).bodies.remove(0);
        assert!(taken(&chosen) <= 50_000, "{strategy}: {}", taken(&chosen));
        assert!(fact(&chosen, "bound") <= fact(&chosen, "cost"), "{strategy}");
    }
}

fn what_was_edited_is_refused() {
    let session = session();
    let module = parse(&session, &format!("func.func @main{}\n}}", STORED[0].0));
    let mut chosen = after(&session, &light_alone(40), "saturate{without=[co-execute]},extract", &module);
    for op in chosen.bodies[0].ops.iter_mut().filter(|op| op.name() == "ptu.hold") {
        std::sync::Arc::make_mut(&mut op.attrs).insert("blocks".into(), Attr::Int(41));
    }
    let refused = run(&session, &light_alone(40), "tile,schedule", &chosen).err().expect("41 blocks of 40");
    assert_eq!(refused.0[0].code.name, "E0709");
}
