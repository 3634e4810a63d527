//! Every pass keeps what a program computes: random programs are run before and after.

use crate::common::{after, arguments, machine, machine_of, machines, run, session, shown, text, weight};
use prism_dialects::interp::{Tensor, run as interpret, run_classes};
use prism_dialects::{Level, Module};
use prism_passes::manager::Change;
use prism_passes::pipelines::{ON_REQUEST, Stage};
use prism_passes::registry::PASSES;
use prism_passes::testing::{random_module, same};

crate::trials!("semantics": passes_on_tensors, layers, exported_layers, alternatives_agree, chosen_programs, hand_written_programs);

/// Random programs that have values: a gather may point outside of its table.
fn programs(seeds: std::ops::Range<u64>, ops: usize) -> Vec<(u64, Module, Vec<Tensor>)> {
    let wanted = seeds.end - seeds.start;
    let with_values = |seed| {
        let module = random_module(seed, ops);
        let values = values(&module, seed).ok()?;
        Some((seed, module, values))
    };
    let out: Vec<_> = seeds.filter_map(with_values).collect();
    assert!(out.len() as u64 * 2 > wanted, "most random programs have no values");
    out
}

fn values(module: &Module, seed: u64) -> Result<Vec<Tensor>, String> {
    let body = module.bodies.first().ok_or("no function")?;
    interpret(body, &arguments(body, seed), &weight)
}

fn assert_same(before: &[Tensor], module: &Module, seed: u64, what: &str) {
    let found = values(module, seed).unwrap_or_else(|why| panic!("{what}, seed {seed}: {why}"));
    assert_eq!(before.len(), found.len(), "{what}, seed {seed}");
    for (i, (a, b)) in before.iter().zip(&found).enumerate() {
        assert!(same(a, b), "{what}, seed {seed}, result {i}: {a:?} became {b:?}");
    }
}

fn passes_on_tensors() {
    let session = session();
    let machine = machine("cpu-only");
    let programs = programs(0..120, 30);
    // A pass that runs on request may change what a program computes: that is what it is asked for.
    let on_request = |name: &str| ON_REQUEST.iter().any(|p| p.pass == name);
    // Random programs have no layers: see `layers`.
    let layered = |name: &str| ["outline-layers", "inline-calls"].contains(&name);
    let kept = PASSES.iter().filter(|p| p.from.contains(&Level::Nn) && p.to == Change::Keeps);
    let kept = kept.filter(|p| !on_request(p.name) && !layered(p.name));
    let names: Vec<&str> = kept.map(|p| p.name).collect();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        // Shows that the programs give the pass something to do.
        let mut changed = 0;
        for (seed, module, before) in &programs {
            let new = after(&session, &machine, name, module);
            assert_same(before, &new, *seed, name);
            changed += usize::from(text(&session, &new) != text(&session, module));
        }
        assert!(changed * 4 > programs.len(), "`{name}` changed {changed} of {} programs", programs.len());
    }
}

/// Models of two layers: outlined and written out again they give the same numbers.
fn layers() {
    let session = session();
    let machine = machine("cpu-only");
    for file in ["gpt2_tiny.onnx", "llama_tiny.onnx"] {
        let path = crate::prism::root().join("examples/models").join(file);
        let model = shown(prism_import::OnnxModel::open(&path));
        let module = shown(model.import(&prism_import::Bindings::default()));
        let flat = after(&session, &machine, "fold-constants,cse,dce", &module);
        let tokens = |module: &Module| {
            let body = &module.bodies[0];
            let of = |a: &prism_dialects::ValueId| {
                let ty = body.ty(*a).tensor().expect("a tensor").clone();
                let data = (0..ty.numel() as i64).map(|i| i * 37 % 512).collect();
                Tensor { ty, data: prism_dialects::interp::Data::Int(data) }
            };
            let args: Vec<Tensor> = body.args.iter().map(of).collect();
            interpret(body, &args, &weight).unwrap_or_else(|why| panic!("{file}: {why}"))
        };
        let before = tokens(&flat);
        let outlined = after(&session, &machine, "outline-layers", &flat);
        let calls = outlined.bodies[0].ops.iter().filter(|op| op.name() == "func.call").count();
        assert_eq!((calls, outlined.bodies.len()), (2, 2), "{file}");
        let again = after(&session, &machine, "inline-calls", &outlined);
        let after = tokens(&again);
        assert!(before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| same(a, b)), "{file}");
    }
}

/// Exported models at full size: one function, a call for each layer, and text that can be read.
fn exported_layers() {
    let session = session();
    let machine = machine("cpu-only");
    for (file, layers, past) in [
        ("gpt2_prefill.onnx", 12, false),
        ("gpt2_decode.onnx", 12, true),
        ("llama2_7b_prefill.onnx", 32, false),
        ("llama2_7b_decode.onnx", 32, true),
        ("qwen2_7b_prefill.onnx", 28, false),
    ] {
        let path = crate::prism::root().join("examples/models").join(file);
        let (seq, past) = if past { (None, Some(127)) } else { (Some(128), None) };
        let bindings = prism_import::Bindings { seq, past, ..Default::default() };
        let module = shown(shown(prism_import::OnnxModel::open(&path)).import(&bindings));
        let outlined = after(&session, &machine, &prism_passes::pipelines::between(Stage::Import, Stage::Nn), &module);
        let [main, layer] = outlined.bodies.as_slice() else { panic!("{file}: {} functions", outlined.bodies.len()) };
        let calls: Vec<_> = main.ops.iter().filter(|op| op.name() == "func.call").collect();
        assert_eq!(calls.len(), layers, "{file}");
        let products = |body: &prism_dialects::Body| body.ops.iter().filter(|op| op.name() == "nn.matmul").count();
        // The head, and nothing else, is a product of its own.
        assert_eq!(products(main), 1, "{file}");
        assert!(products(layer) >= 4, "{file}: {} products in a layer", products(layer));
        let prefixes: Vec<&str> = calls.iter().map(|op| op.loc.first()).collect();
        assert!(prefixes[3].ends_with(".3"), "{file}: {prefixes:?}");
        let lines = text(&session, &outlined).lines().count();
        assert!(lines < 400, "{file}: {lines} lines");
    }
}

fn alternatives_agree() {
    let session = session();
    let mut classes = 0;
    for machine in machines() {
        for (seed, module, before) in programs(1000..1040, 14) {
            let stack = after(&session, &machine, "saturate", &module);
            let body = &stack.bodies[0];
            let place = format!("{}, seed {seed}", machine.name);
            let known = run_classes(body, &arguments(body, seed), &weight, 0.0);
            let known = known.unwrap_or_else(|why| panic!("{place}: {why}"));
            classes += known.len();
            for (i, (result, tensor)) in body.results.iter().zip(&before).enumerate() {
                assert!(same(&known[result], tensor), "{place}, result {i}");
            }
        }
    }
    assert!(classes > 1000, "{classes} classes");
}

fn chosen_programs() {
    let session = session();
    let mut on_light = 0;
    let lightcode = machine("lightcode").toml;
    let cheap = "energy = { per_mac = \"0.1 pJ\" }";
    assert!(lightcode.contains(cheap));
    // Small products go to light only where electronics are dear.
    let dear =
        machine_of("lightcode with dear electronics", lightcode.replace(cheap, "energy = { per_mac = \"1 uJ\" }"));
    // With hardly any room on chip everything streams.
    let crossbar = machine("lt-b-4bit").toml;
    let room = "capacity = \"2 MiB\"";
    assert!(crossbar.contains(room));
    let cramped = machine_of("lt-b-4bit with little memory", crossbar.replace(room, "capacity = \"256 B\""));
    for machine in machines().into_iter().chain([dear, cramped]) {
        for (seed, module, before) in programs(2000..2040, 24) {
            for strategy in ["exact", "greedy", "greedy-dag"] {
                let passes = format!("saturate,extract{{strategy={strategy}}},tile");
                let chosen = after(&session, &machine, &passes, &module);
                assert_same(&before, &chosen, seed, &format!("{} on {}", passes, machine.name));
                on_light +=
                    chosen.bodies[0].ops.iter().filter(|op| matches!(op.name(), "ptu.matmul" | "ptu.gemm")).count();
            }
        }
    }
    assert!(on_light > 20, "{on_light} products on light: too few to mean anything");
}

/// The programs of the file tests, which are about something, as the random ones are not.
fn hand_written_programs() {
    let session = session();
    let machine = machine("lightcode");
    let mut seen = 0;
    for path in crate::filetests::files() {
        let text = std::fs::read_to_string(&path).expect("a test file");
        let Ok(ir) = session.parse("test.mlir", &text) else { continue };
        let Ok(module) = ir.read() else { continue };
        let Ok(before) = values(&module, 1) else { continue };
        if module.level() != Level::Nn || module.bodies.len() != 1 || before.is_empty() {
            continue;
        }
        for passes in ["fold-constants,cse,dce", "saturate,extract,tile"] {
            let what = format!("{} after {passes}", path.display());
            let new = run(&session, &machine, passes, &module);
            let new = new.unwrap_or_else(|d| panic!("{what}: {d}")).plain.expect("ours");
            let found = values(&new, 1).unwrap_or_else(|why| panic!("{what}: {why}"));
            for (a, b) in before.iter().zip(&found) {
                // Constants are rounded to their element type, here single precision, where the interpreter is not.
                let difference = prism_dialects::interp::difference(a, b, 1e-6);
                assert_eq!(difference, None, "{what}");
            }
        }
        seen += 1;
    }
    assert!(seen >= 10, "{seen} files");
}
