//! What commands print, byte by byte: help, lists, pages, a compilation, and the errors that users meet most.

use crate::prism::{Ran, root, run_in};
use libtest_mimic::Trial;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Name of the snapshot and the command line.
type Case = (&'static str, &'static [&'static str]);

/// Commands that succeed.
const GOOD: &[Case] = &[
    ("welcome", &[]),
    ("help", &["-h"]),
    ("help-compile", &["compile", "-h"]),
    ("help-opt", &["opt", "-h"]),
    ("help-cost", &["cost", "-h"]),
    ("help-validate", &["validate", "-h"]),
    ("version", &["--version"]),
    ("compile", &["compile", "models/gpt2_tiny.onnx", "-o", "out"]),
    ("compile-to-stack", &["compile", "small.mlir", "--to", "stack"]),
    ("lookup-beyond-table", &["compile", "models/gpt2_prefill.onnx", "--seq", "1025", "-o", "out"]),
    ("inspect", &["inspect", "models/gpt2_tiny.onnx"]),
    ("inspect-config", &["inspect", "models/configs/mixtral-8x7b.json", "--past", "1023"]),
    ("inspect-folder", &["inspect", "tiny", "--weight-bits", "32"]),
    ("compile-config", &["compile", "models/configs/qwen3-8b.json", "--past", "1023", "--kv-bits", "32", "-o", "out"]),
    ("cost-gemm", &["cost", "--gemm", "197x192x576", "-t", "lt-b-4bit"]),
    ("cost-gemm-json", &["cost", "--gemm", "197x192x576", "-t", "lt-b-4bit", "--format", "json"]),
    ("cost-set", &["cost", "--gemm", "128x64x64", "-t", "lt-mrr-4bit", "--set", "photonic.ptc.program_time=2 us"]),
    ("cost-electronic", &["cost", "--gemm", "128x64x64", "-t", "cpu-only", "--dynamic", "--batch", "4"]),
    ("cost-model", &["cost", "--model", "deit-t", "-t", "lt-b-4bit"]),
    ("cost-model-json", &["cost", "--model", "bert-b", "--tokens", "64", "-t", "lt-b-4bit", "--format", "json"]),
    ("cost-slips", &["cost", "--model", "deit-t", "-t", "lt-mzi-4bit", "--legacy", "qkv_counted_twice,no_weight_time"]),
    ("cost-infeasible", &["cost", "--gemm", "12x12x12", "-t", "lt-b-8bit"]),
    ("validate", &["validate", "power", "lt.area.lt-mzi-4bit"]),
    ("validate-json", &["validate", "lt.gemm.qk-3x197x64.lt-b-8bit", "lt.power.lt-l-4bit.adc", "--format", "json"]),
    ("validate-interval", &["validate", "chip.power.lightmatter-2025.total"]),
    ("list-passes", &["list", "passes"]),
    ("list-dialects", &["list", "dialects"]),
    ("list-ops", &["list", "ops"]),
    ("list-targets", &["list", "targets"]),
    ("list-rules", &["list", "rules"]),
    ("explain-pass", &["explain", "cse"]),
    ("explain-operation", &["explain", "nn.matmul"]),
    ("explain-rule", &["explain", "merge-shared-input"]),
    ("explain-code", &["explain", "E0502"]),
    ("explain-field", &["explain", "target.link.bandwidth"]),
    ("egraph-solve", &["egraph", "solve", "graph.json", "--verify", "--certificate", "proof.json"]),
    ("egraph-slip", &["egraph", "solve", "slip.json"]),
    ("more-bits-than-numbers", &["compile", "small.mlir", "--min-bits", "33", "-o", "out"]),
    ("config-without-type", &["inspect", "untyped.json", "--seq", "64"]),
    ("compile-verified", &["compile", "small.mlir", "--objective", "edp", "--verify-extraction", "-o", "out"]),
    ("egraph-solve-json", &["egraph", "solve", "graph.json", "--format", "json"]),
    ("egraph-check", &["egraph", "check", "graph.json", "proof-of-graph.json"]),
    ("opt-diff", &["opt", "small.mlir", "-p", "cse,dce", "--diff"]),
    ("opt-stats", &["opt", "small.mlir", "-p", "cse,saturate,extract", "--stats", "-o", "chosen.mlir"]),
    ("print-pipeline", &["opt", "--print-pipeline", "-p", "cse, saturate { iterations = 64, max-nodes=1000 }"]),
];

/// Commands that fail.
const BAD: &[Case] = &[
    ("no-such-command", &["compil", "models/gpt2_tiny.onnx"]),
    ("no-such-flag", &["compile", "models/gpt2_tiny.onnx", "--objectiv", "energy"]),
    ("egraph-bad", &["egraph", "solve", "bad-graph.json"]),
    ("egraph-cycle", &["egraph", "solve", "cycle.json"]),
    ("egraph-slip-of-roots", &["egraph", "solve", "slip-of-roots.json"]),
    ("egraph-spoilt-proof", &["egraph", "check", "graph.json", "spoilt-proof.json"]),
    ("egraph-other-proof", &["egraph", "check", "graph.json", "other-proof.json"]),
    ("egraph-unmade-proof", &["egraph", "check", "graph.json", "unmade-proof.json"]),
    ("egraph-no-folder", &["egraph", "solve", "graph.json", "--certificate", "none/such/proof.json"]),
    ("egraph-export-latency", &["egraph", "export", "small.mlir", "--objective", "latency"]),
    ("no-such-objective", &["compile", "small.mlir", "--objective", "edb"]),
    ("bits-out-of-range", &["compile", "small.mlir", "--min-bits", "65"]),
    ("latency-negative", &["compile", "small.mlir", "--max-latency", "-3ms"]),
    ("set-no-such-unit", &["compile", "small.mlir", "--set", "memory.sram.capacity=1KB"]),
    ("serve-too-slow", &["compile", "models/gpt2_prefill.onnx", "--prompt", "8", "--max-latency", "1us"]),
    ("markdown", &["compile", "notes.md"]),
    ("no-such-file", &["compile", "gpt3.onnx"]),
    ("unbound-config", &["compile", "models/configs/llama-2-7b.json", "--batch", "2"]),
    ("quantised-config", &["compile", "models/configs/deepseek-v3.json", "--seq", "64"]),
    ("wrong-config", &["compile", "wrong.json", "--seq", "64", "--weight-bits", "4"]),
    ("unknown-architecture", &["compile", "falcon.json", "--seq", "64"]),
    ("no-config", &["inspect", "models"]),
    ("unfit-weights", &["compile", "tiny", "--seq", "64"]),
    ("bits-of-onnx", &["compile", "models/gpt2_tiny.onnx", "--kv-bits", "16"]),
    ("unbound-dimension", &["compile", "models/gpt2_prefill.onnx"]),
    ("binding-without-symbol", &["compile", "models/gpt2_tiny.onnx", "--past", "7"]),
    ("no-such-target", &["compile", "models/gpt2_tiny.onnx", "-t", "lightcod"]),
    ("bare-number", &["compile", "models/gpt2_tiny.onnx", "-t", "bare.toml"]),
    ("broken-toml", &["compile", "models/gpt2_tiny.onnx", "-t", "broken.toml"]),
    ("cost-of-nothing", &["cost", "-t", "lt-b-4bit"]),
    ("cost-negative", &["cost", "--gemm", "-1x8x8"]),
    ("cost-zero", &["cost", "--gemm", "8x0x8"]),
    ("cost-huge", &["cost", "--gemm", "1000000000000000000000000000000x8x8"]),
    ("cost-too-much-work", &["cost", "--gemm", "1000000000x1000000000x1000000000"]),
    ("cost-two-dimensions", &["cost", "--gemm", "8x8"]),
    ("cost-no-such-model", &["cost", "--model", "diet-t"]),
    ("cost-no-such-unit", &["cost", "--gemm", "8x8x8", "-t", "lt-b-4bit", "--unit", "ptcc"]),
    ("cost-impossible", &["cost", "--gemm", "8x8x8", "-t", "lt-mzi-4bit", "--dynamic", "--unit", "ptc"]),
    (
        "cost-wrong-settings",
        &[
            "cost",
            "--gemm",
            "8x8x8",
            "-t",
            "lt-b-4bit",
            "--set",
            "photonic.ptc.acumulate=1",
            "--set",
            "memory.rams.read=1 pJ/bit",
        ],
    ),
    ("cost-unit-missing", &["cost", "--gemm", "8x8x8", "-t", "lt-b-4bit", "--set", "memory.sram.capacity=4"]),
    ("cost-no-such-slip", &["cost", "--gemm", "8x8x8", "--legacy", "no_weight_tim"]),
    ("validate-no-such-name", &["validate", "gem", "lt.powr"]),
    ("truncated-onnx", &["compile", "truncated.onnx"]),
    ("empty-onnx", &["inspect", "empty.onnx"]),
    ("unwritable", &["compile", "models/gpt2_tiny.onnx", "-o", "taken/out"]),
    ("no-such-pass", &["opt", "small.mlir", "-p", "cse,saturat"]),
    ("no-such-option", &["opt", "small.mlir", "-p", "saturate{iteration=3}"]),
    ("option-out-of-range", &["opt", "small.mlir", "-p", "saturate{iterations=0,phase=both}"]),
    ("pipeline-syntax", &["opt", "small.mlir", "-p", "cse,saturate{iterations=3"]),
    ("passes-out-of-order", &["opt", "small.mlir", "-p", "extract,saturate"]),
    ("no-such-operation", &["opt", "unknown.mlir", "-p", "cse"]),
    ("bad-mlir", &["opt", "bad.mlir"]),
    ("wrong-shape", &["opt", "shape.mlir", "-p", "cse"]),
    ("wrong-shape-json", &["opt", "shape.mlir", "-p", "cse", "--format", "json"]),
    ("deep-mlir", &["opt", "deep.mlir"]),
    ("no-such-name", &["explain", "nn.matmull"]),
    ("no-such-stage", &["compile", "small.mlir", "--to", "stak"]),
    ("backwards", &["compile", "small.mlir", "--from", "plan", "--to", "nn"]),
    ("prices-of-another-target", &["compile", "priced.mlir", "-t", "cpu-only"]),
    ("no-realisation", &["compile", "small.mlir", "-t", "lame.toml"]),
];

/// One test per command.
pub(crate) fn trials() -> Vec<Trial> {
    let good = GOOD.iter().map(|case| (case, true));
    let all = good.chain(BAD.iter().map(|case| (case, false)));
    let trial = |(case, good): (&'static Case, bool)| {
        Trial::test(format!("cli::{}", case.0), move || {
            check(case, good);
            Ok(())
        })
    };
    all.map(trial).collect()
}

const SMALL: &str = r#"func.func @main(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x16xf32> loc("fc.weight")
  %a = "nn.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32> loc("fc")
  %b = "nn.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32> loc("fc.copy")
  %c = "nn.add"(%a, %b) : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32> loc("sum")
  return %c : tensor<4x16xf32>
}
"#;

/// Fills a folder with what the commands read.
fn inputs(folder: &Path) {
    let models = root().join("examples/models");
    symlink(&models, folder.join("models")).expect("a link");
    let lightcode = fs::read_to_string(root().join("examples/targets/lightcode.toml")).expect("a target");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    let edit = |from: &str, to: &str| {
        assert!(lightcode.contains(from), "{from}");
        lightcode.replace(from, to)
    };
    write("small.mlir", SMALL);
    let priced = "-> tensor<4x16xf32> attributes {stack.target = \"lightcode\"} {";
    write("priced.mlir", &SMALL.replacen("-> tensor<4x16xf32> {", priced, 1));
    write("unknown.mlir", &SMALL.replacen("nn.matmul", "nn.matmull", 1));
    write(
        "shape.mlir",
        &SMALL
            .replace("tensor<8x16xf32> loc", "tensor<9x16xf32> loc")
            .replace(", tensor<8x16xf32>)", ", tensor<9x16xf32>)"),
    );
    write("bad.mlir", &SMALL.replacen("return", "retrun", 1));
    write("deep.mlir", &format!("module attributes {{a = {}{}}} {{}}\n", "[".repeat(5000), "]".repeat(5000)));
    write("bare.toml", &edit("clock = \"3.208 GHz\"", "clock = 3.208"));
    write("broken.toml", &edit("[precision]", "[precision"));
    write("lame.toml", &edit("ops = [\"add\"]", "ops = [\"gather\"]").replace("\"gather\", \"slice\"", "\"slice\""));
    write("taken", "a file where a folder is asked for\n");
    write("empty.onnx", "");
    let tiny = fs::read(models.join("gpt2_tiny.onnx")).expect("a model");
    fs::write(folder.join("truncated.onnx"), &tiny[..tiny.len() / 2]).expect("written");
    configs(folder);
    egraphs(folder);
}

/// `x` is made of `y` in two ways; `y` has two ways that cost the same.
const GRAPH: &str = r#"{"nodes": {
  "a": {"op": "Mul", "children": ["c", "c"], "eclass": "x", "cost": 4.0},
  "b": {"op": "Shift", "children": ["c"], "eclass": "x", "cost": 1.5},
  "c": {"op": "Var", "children": [], "eclass": "y", "cost": 1.0},
  "d": {"op": "Copy", "children": ["b"], "eclass": "y", "cost": 0.25}}, "root_eclasses": ["x"]}"#;

fn egraphs(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    write("graph.json", GRAPH);
    write("cycle.json", &GRAPH.replace(r#""op": "Var", "children": []"#, r#""op": "Var", "children": ["a"]"#));
    let bad = GRAPH.replace("1.5", "-1.5").replace(r#"["b"]"#, r#"["e"]"#).replace(r#"["x"]}"#, r#"["x", "z"]}"#);
    write("bad-graph.json", &bad);
    // `d` needs its own class, so `b` costs no less than 1.5 and `c` is what is left.
    let proof = r#"{"choice": [1, 0], "step": 0.0, "proof": [{"steps": [{"self-supporting": {"group": [0, 1],
      "nodes": [[1, 1]]}}, {"dominated": [[0, 0, 1]]}, "forced"], "parts": []}]}"#;
    write("proof-of-graph.json", proof);
    write("unmade-proof.json", &proof.replace(r#""choice": [1, 0]"#, r#""choice": [1, null]"#));
    write("other-proof.json", &proof.replace(r#""choice": [1, 0]"#, r#""choice": [1]"#));
    write("slip.json", &GRAPH.replace(r#""cost": 1.5"#, r#""csot": 1.5"#));
    write("slip-of-roots.json", &GRAPH.replace("root_eclasses", "root_eclases"));
    write("spoilt-proof.json", &proof.replace("[[0, 0, 1]]", "[[0, 1, 0]]"));
}

const CONFIG: &str = r#"{"model_type": "llama", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
  "num_attention_heads": 4, "torch_dtype": "bfloat16"}"#;

/// Configs that are wrong, and a folder whose weights are not those of its config.
fn configs(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    let wrong = CONFIG.replace("\"num_attention_heads\": 4", "\"num_attention_heads\": 5, \"num_key_value_heads\": 2");
    let wrong = wrong
        .replace("\"vocab_size\": 64", "\"vocab_sizes\": 64")
        .replace("\"hidden_size\": 32", "\"hidden_size\": -32");
    write("wrong.json", &wrong.replace("48", "48, \"hidden_act\": \"xielu\", \"rope_scaling\": {\"type\": \"cubic\"}"));
    write("untyped.json", &CONFIG.replace(r#""model_type": "llama""#, r#""architectures": ["LlamaForCausalLM"]"#));
    write("notes.md", "# Notes\n\nNo model.\n");
    write("falcon.json", &CONFIG.replace("llama", "lama"));
    fs::create_dir(folder.join("tiny")).expect("a folder");
    write("tiny/config.json", CONFIG);
    let header = r#"{"model.embed_tokens.weight": {"dtype": "BF16", "shape": [64, 32], "data_offsets": [0, 4096]},
      "model.layers.0.self_attn.q_proj.weight": {"dtype": "I8", "shape": [32, 32], "data_offsets": [4096, 5120]},
      "model.norm.weight": {"dtype": "F32", "shape": [16], "data_offsets": [5120, 5184]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + 5184, 0);
    fs::write(folder.join("tiny/model.safetensors"), bytes).expect("written");
}

/// All files below a folder, but for reproducers, which are what a failing pass leaves.
fn files(folder: &Path) -> Vec<String> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_name() == "prism-repro" {
            continue;
        }
        if entry.file_type().expect("a type").is_dir() {
            out.extend(files(&entry.path()));
        } else {
            out.push(entry.path().display().to_string());
        }
    }
    out.sort();
    out
}

fn check((name, args): &Case, good: bool) {
    let folder = tempfile::tempdir().expect("a folder");
    inputs(folder.path());
    let before = files(folder.path());
    let ran = run_in(folder.path(), args);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\b0\.1\.0\b", "VERSION");
    settings.bind(|| insta::assert_snapshot!(*name, shown(args, &ran)));
    if good {
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        return;
    }
    assert!(matches!(ran.code, Some(1 | 2)), "exit code {:?}", ran.code);
    let said = ran.stderr.contains("error[E") || ran.stderr.contains("\"severity\": \"error\"");
    assert!(said, "it fails without saying why:\n{}", ran.stderr);
    assert_eq!(ran.stdout, "", "a command that fails prints no data");
    assert_eq!(files(folder.path()), before, "a command that fails leaves nothing behind");
}

fn shown(args: &[&str], ran: &Ran) -> String {
    let line: Vec<String> =
        args.iter().map(|a| if a.contains([' ', '{']) { format!("'{a}'") } else { a.to_string() }).collect();
    let code = ran.code.map_or("signal".to_string(), |c| c.to_string());
    let mut out = format!("$ prism {}\nexit {code}\n", line.join(" "));
    for (stream, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !text.is_empty() {
            out.push_str(&format!("--- {stream}\n{text}"));
        }
    }
    out
}
