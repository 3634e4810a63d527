//! `prism egraph why`, `why-not`, `view`: differences are those of whole plans, and reasons are the machine's.

use crate::common::{after, machine, machine_of, machines, parse, session, shown};
use crate::prism::{COMMAND, run, run_in, this_binary};
use prism_dialects::Module;
use prism_passes::egraph::explain::{Explainer, Way};
use prism_passes::egraph::extract::{Measure, Question, encode};
use prism_passes::testing::random_module;
use prism_solve::extraction::{Limits, solve};
use serde_json::Value;

crate::trials!(
    "explain": kernels_cost_what_machines_without_light_do, no_way_is_below_the_chosen_one, a_limit_decides_too, reasons_for_what_is_not_there,
    halves_are_priced_together, slips_are_refused, pages_show_what_they_say, what_is_exported_is_solved_alike
);

const ENERGY: Question = Question { measure: Measure::Energy, max_makespan: None, max_energy: None };

/// A product and an activation.
const PROGRAM: &str = r#"func.func @main(%x: tensor<64x256xf32>) -> tensor<64x128xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<256x128xf32> loc("w")
  %y = "nn.matmul"(%x, %w) : (tensor<64x256xf32>, tensor<256x128xf32>) -> tensor<64x128xf32> loc("proj.a<b>&c")
  %z = "nn.relu"(%y) : (tensor<64x128xf32>) -> tensor<64x128xf32> loc("act")
  return %z : tensor<64x128xf32>
}"#;

fn is_kernel(way: &Way) -> bool {
    way.op.starts_with("elec.")
}

fn least(module: &Module) -> f64 {
    shown(solve(&encode(&module.bodies[0], "energy").problem, &Limits::default())).cost
}

/// The best plan that makes the product by a kernel is the best of a search that knows no light.
fn kernels_cost_what_machines_without_light_do() {
    let session = session();
    let module = parse(&session, PROGRAM);
    let mut compared = 0;
    for on in machines() {
        let stack = after(&session, &on, "saturate", &module);
        let why = shown(shown(Explainer::of(&stack.bodies[0], &on.target, ENERGY)).why("proj.a<b>&c"));
        let kernels = why.parts[0].ways.iter().filter(|w| is_kernel(w)).filter_map(Way::plan);
        let by_kernel = kernels.map(|t| t.value).fold(f64::INFINITY, f64::min);
        let lights = why.parts[0].ways.iter().filter(|w| !is_kernel(w)).count();
        if by_kernel.is_finite() && lights > 0 {
            let without = "saturate{without=[photonic-matmul,photonic-gemm,encode,program,detect]}";
            let dark = least(&after(&session, &on, without, &module));
            assert!((by_kernel / dark - 1.0).abs() < 1e-9, "{}: {by_kernel} and {dark}", on.name);
            compared += 1;
        }
    }
    assert!(compared >= 3, "{compared} machines have both");
}

fn no_way_is_below_the_chosen_one() {
    let session = session();
    let (mut ways, mut chosen) = (0, 0);
    for (seed, name) in (7000..7012).zip(["lightcode", "edge-demo", "lt-b-4bit", "npu"].into_iter().cycle()) {
        let on = machine(name);
        let stack = after(&session, &on, "saturate", &random_module(seed, 16));
        let explainer = shown(Explainer::of(&stack.bodies[0], &on.target, ENERGY));
        let best = least(&stack);
        assert!((explainer.best.value - best).abs() <= 1e-12 * best, "{} and {best}", explainer.best.value);
        let names: Vec<String> = stack.bodies[0].ops.iter().map(|op| op.loc.first().to_string()).collect();
        for name in names.iter().filter(|n| *n != "?").take(6) {
            let Ok(why) = explainer.why(name) else { continue };
            for way in why.parts.iter().flat_map(|part| &part.ways) {
                let Some(total) = way.plan() else { continue };
                assert!(total.proven && total.value >= best * (1.0 - 1e-12), "{name} on {}: {}", on.name, way.what);
                let parts: f64 = total.by_component.values().sum();
                assert!((parts - total.value).abs() <= 1e-9 * total.value, "{parts} and {}", total.value);
                ways += 1;
                chosen += usize::from(way.chosen);
            }
        }
    }
    assert!(ways > 60 && chosen > 20, "{ways} ways, {chosen} chosen");
}

/// What is chosen, and by how much, is that of the objective and the limits.
fn a_limit_decides_too() {
    let session = session();
    let on = machine("edge-demo");
    let stack = after(&session, &on, "saturate", &parse(&session, PROGRAM));
    let ask = |question| shown(shown(Explainer::of(&stack.bodies[0], &on.target, question)).why("proj.a<b>&c"));
    let fastest = ask(Question { measure: Measure::Latency, ..ENERGY });
    let slow = fastest.parts[0].ways.iter().filter(|w| is_kernel(w)).filter_map(Way::plan);
    let quick = fastest.parts[0].ways.iter().find(|w| w.chosen).and_then(Way::plan).expect("a plan").value;
    let slow = slow.map(|t| t.value).fold(f64::INFINITY, f64::min);
    assert!(quick < slow, "{quick} {slow}");
    let limited = ask(Question { max_makespan: Some(0.9 * slow), ..ENERGY });
    let kernels: Vec<_> = limited.parts[0].ways.iter().filter(|w| is_kernel(w)).collect();
    assert!(!kernels.is_empty() && kernels.iter().all(|w| w.plan().is_none()), "{kernels:?}");
}

fn reasons_for_what_is_not_there() {
    let session = session();
    let on = machine("edge-demo");
    let stack = after(&session, &on, "saturate", &parse(&session, PROGRAM));
    let explainer = shown(Explainer::of(&stack.bodies[0], &on.target, ENERGY));
    let absent = |name: &str, word: &str| shown(explainer.why_not(name, word)).absent.join("\n");
    assert!(absent("act", "light").contains("nn.relu"));
    assert!(absent("act", "mesh").contains("light makes products"));
    assert!(absent("act", "merge-shared-input").contains("applies where"));
    assert_eq!(absent("proj.a<b>&c", "light"), "");
    // Results that are to have more bits than light has: the bits that were asked for, not those of the views.
    let stack = after(&session, &on, "saturate{min-bits=16}", &parse(&session, PROGRAM));
    let explainer = shown(Explainer::of(&stack.bodies[0], &on.target, ENERGY));
    for word in ["light", "mesh", "bit-slices"] {
        let absent = shown(explainer.why_not("proj.a<b>&c", word)).absent.join("\n");
        assert!(absent.contains("`mesh` has 8 effective bits, and 16 were asked for"), "{word}: {absent}");
        assert_eq!(absent.contains("applies where"), word == "bit-slices", "{absent}");
    }
    // The weight bears the name of the product, which is what is meant.
    let dark = machine("cpu-only");
    let named = parse(&session, &PROGRAM.replace("loc(\"w\")", "loc(\"act\")").replace("proj.a<b>&c", "act"));
    let stack = after(&session, &dark, "saturate", &named);
    let explainer = shown(Explainer::of(&stack.bodies[0], &dark.target, ENERGY));
    assert_eq!(shown(explainer.why_not("act", "light")).absent, ["`cpu-only` has no photonic unit"]);
    assert_eq!(shown(explainer.why("act")).parts.last().map(|p| p.maths.clone()), Some(vec!["nn.param"]));
    // A machine whose processor lacks the kernel says so.
    let toml = on.toml.replace("\"matmul\"", "\"conv\"");
    let lacking = machine_of("edge-demo without products", toml);
    let stack = after(&session, &lacking, "saturate", &parse(&session, PROGRAM));
    let explainer = shown(Explainer::of(&stack.bodies[0], &lacking.target, ENERGY));
    let why_not = shown(explainer.why_not("proj.a<b>&c", "cpu"));
    assert!(why_not.absent.join("\n").contains("`cpu` has no kernel for nn.matmul"), "{:?}", why_not.absent);
}

/// A joined product takes what its halves take, and ways that go by the same words are told apart.
fn halves_are_priced_together() {
    let session = session();
    let wide = PROGRAM.replace("64x256", "512x768").replace("256x128", "768x3072").replace("64x128", "512x3072");
    let mut joined = 0;
    for name in ["lightcode", "edge-demo"] {
        let on = machine(name);
        let stack = after(&session, &on, "saturate", &parse(&session, &wide));
        let fastest = Question { measure: Measure::Latency, ..ENERGY };
        let why = shown(shown(Explainer::of(&stack.bodies[0], &on.target, fastest)).why("proj.a<b>&c"));
        let own =
            |op: &str| why.parts[0].ways.iter().filter(|w| w.op.starts_with(op)).map(|w| w.own_j).collect::<Vec<_>>();
        for of_both in own("mem.join") {
            let (light, kernel) = (own("ptu."), own("elec.kernel"));
            let least = light.iter().chain(&kernel).copied().fold(f64::INFINITY, f64::min);
            let most = light.iter().chain(&kernel).copied().fold(0.0, f64::max);
            assert!(of_both > 0.9 * least && of_both < most, "{name}: {of_both}, {light:?}, {kernel:?}");
            joined += 1;
        }
    }
    assert!(joined > 0);
    let gather = r#"func.func @main(%i: tensor<1x4xi64>) -> tensor<1x4x64xf32> {
  %t = "nn.param"() {name = "t"} : () -> tensor<512x64xf32>
  %y = "nn.gather"(%t, %i) {axis = 0 : i64} : (tensor<512x64xf32>, tensor<1x4xi64>) -> tensor<1x4x64xf32> loc("rows")
  return %y : tensor<1x4x64xf32>
}"#;
    let on = machine("lightcode");
    let stack = after(&session, &on, "saturate", &parse(&session, gather));
    let why = shown(shown(Explainer::of(&stack.bodies[0], &on.target, ENERGY)).why("rows"));
    let mut words: Vec<&str> = why.parts[0].ways.iter().map(|w| w.what.as_str()).collect();
    words.sort_unstable();
    assert_eq!(words, ["kernel gather on `cpu`, reading off chip", "kernel gather on `cpu`, reading on chip"]);
}

const GPT2: [&str; 3] = ["examples/models/gpt2_prefill.onnx", "--seq", "16"];

fn slips_are_refused() {
    let refused = |args: &[&str], words: &[&str]| {
        let ran = run(&[&["egraph"][..], args, &GPT2[..]].concat());
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
        words.iter().for_each(|word| assert!(ran.stderr.contains(word), "{args:?}: {}", ran.stderr));
    };
    let model = GPT2[0];
    // The model stands first, then what is asked about.
    let ran = run(&["egraph", "why", model, "mlp.c_fc", "--seq", "16"]);
    assert!(ran.stderr.contains("12 names with it, such as transformer.h.0.mlp.c_fc"), "{}", ran.stderr);
    let ran = run(&["egraph", "why", model, "transformer.h.0.mlp.c_fcc", "--seq", "16"]);
    assert!(ran.stderr.contains("did you mean `transformer.h.0.mlp.c_fc`"), "{}", ran.stderr);
    let ran = run(&["egraph", "why-not", model, "transformer.h.0.mlp.c_fc", "lihgt", "--seq", "16"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("did you mean `light`"), "{}", ran.stderr);
    // Several tensors bear the name: what is asked about is the product, not the changes of shape beside it.
    let ran = run(&["egraph", "why-not", model, "transformer.h.0.mlp.c_fc", "ptu.gemm", "--seq", "16"]);
    let once = "`phu` bills conversions once per tensor: light makes products there by `ptu.matmul`";
    assert!(ran.stdout.contains(once) && !ran.stdout.contains("reshape"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("applies where"), "{}", ran.stdout);
    refused(&["why"], &["OP"]);
    let folder = tempfile::tempdir().expect("a folder");
    let planned = folder.path().join("plan.mlir");
    let ran = run(&["compile", model, "--seq", "16", "--to", "assigned"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    std::fs::write(&planned, ran.stdout).expect("written");
    let ran = run(&["egraph", "why", planned.to_str().expect("UTF-8"), "transformer.h.0.mlp.c_fc"]);
    assert!(ran.code != Some(0) && ran.stderr.contains("has no alternatives any more"), "{}", ran.stderr);
}

fn pages_show_what_they_say() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.mlir"), PROGRAM).expect("written");
    let view = |page: &str, more: &[&str]| {
        let args = ["egraph", "view", "a.mlir", "--target", "edge-demo", "-o", page, "--format", "json"];
        let ran = run_in(folder.path(), &[&args[..], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let said: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        (said, std::fs::read_to_string(folder.path().join(page)).expect("a page"))
    };
    let (said, page) = view("all.html", &[]);
    assert_eq!(said["shown"], said["in_plan"], "{said}");
    assert_eq!(page, view("again.html", &[]).1, "the same page for the same program");
    let boxes = page.matches("<rect").count();
    assert!(boxes >= 9 && page.matches("<tr id=").count() == boxes);
    assert!(page.contains("proj.a&lt;b&gt;&amp;c") && !page.contains("proj.a<b>"), "names are text");
    for outside in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let (said, page) = view("few.html", &["act", "--most", "3"]);
    assert_eq!(said["shown"], 3);
    let facts = format!("Showing 3 of {} e-classes of the plan, about act", said["in_plan"]);
    assert!(page.contains(&facts), "{facts}");
    assert!(page.contains("not shown"), "what is read and left out is counted");
}

/// The e-graph as a file has the same least cost as in the compilation.
fn what_is_exported_is_solved_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |args: &[&str]| {
        let ran = run(&[args, &["--format", "json"]].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        serde_json::from_str::<Value>(&ran.stdout).expect("JSON")
    };
    let file = folder.path().join("gpt2.json");
    let file = file.to_str().expect("UTF-8");
    for target in ["lightcode", "edge-demo"] {
        let ran = run(&[&["egraph", "export", "-t", target, "-o", file][..], &GPT2[..]].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let solved = of(&["egraph", "solve", file]);
        let input = std::fs::File::open(file).expect("exported");
        let piped = this_binary(COMMAND).args(["egraph", "solve", "-", "--format", "json"]).stdin(input).output();
        let piped: Value = serde_json::from_slice(&piped.expect("this binary starts").stdout).expect("JSON");
        assert_eq!(piped["choices"], solved["choices"]);
        let report = of(&[&["compile", "-t", target, "--emit", "report=-"][..], &GPT2[..]].concat());
        let (cost, energy) = (solved["cost"].as_f64().expect("a cost"), report["energy_j"].as_f64().expect("joules"));
        assert!((cost / energy - 1.0).abs() < 1e-12 && solved["proven"] == true, "{target}: {cost} and {energy}");
    }
}
