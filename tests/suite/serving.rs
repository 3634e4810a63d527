//! Serving numbers are sums of what `compile` gives for each pass through the model.

use crate::prism::{root, run_in};
use serde_json::Value;
use std::path::Path;

crate::trials!("serving": a_request_is_its_passes, few_steps_stand_for_many, requests_that_fit_no_model, ragged_batches);

fn json(folder: &Path, words: &[&str], file: &str) -> Value {
    let ran = run_in(folder, words);
    assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.stderr);
    serde_json::from_slice(&std::fs::read(folder.join("prism-out").join(file)).expect(file)).expect("JSON")
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

fn model(name: &str) -> String {
    root().join("examples/models").join(name).display().to_string()
}

fn served(folder: &Path, prompt: &str, generate: &str, more: &[&str]) -> Value {
    let (prefill, decode) = (model("gpt2_prefill.onnx"), model("gpt2_decode.onnx"));
    let words =
        ["compile", &prefill, "--decode-model", &decode, "--prompt", prompt, "--generate", generate, "-t", "lt-b-4bit"];
    json(folder, &[&words[..], more].concat(), "serving.json")
}

fn a_request_is_its_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    let s = served(folder.path(), "16", "4", &["--every-step"]);
    let of = |words: &[&str]| json(folder.path(), words, "report.json");
    let prefill = of(&["compile", &model("gpt2_prefill.onnx"), "--seq", "16", "--logits", "last", "-t", "lt-b-4bit"]);
    assert_eq!(number(&s, "/time_to_first_token_s"), number(&prefill, "/makespan_s"));
    let mut energy = number(&prefill, "/total_energy_j/gated");
    let mut time = 0.0;
    for past in ["16", "17", "18"] {
        let step = of(&["compile", &model("gpt2_decode.onnx"), "--past", past, "-t", "lt-b-4bit"]);
        energy += number(&step, "/total_energy_j/gated");
        time += number(&step, "/makespan_s");
    }
    let close = |what: &str, ours: f64, sum: f64| assert!((ours / sum - 1.0).abs() < 1e-12, "{what}: {ours} {sum}");
    close("time per token", number(&s, "/time_per_token_s"), time / 3.0);
    close("energy per token", number(&s, "/energy_per_token_j/gated"), energy / 4.0);
    close("rate", number(&s, "/tokens_per_s"), 4.0 / (time + number(&prefill, "/makespan_s")));
    let rows = std::fs::read_to_string(folder.path().join("prism-out/steps.csv")).expect("steps.csv");
    assert_eq!(rows.lines().count(), 4, "{rows}");
}

fn few_steps_stand_for_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let [some, all] = [&[][..], &["--every-step"]].map(|more| served(folder.path(), "40", "12", more));
    for what in ["/time_per_token_s", "/energy_per_token_j/dynamic", "/energy_per_token_j/always_on"] {
        let (some, all) = (number(&some, what), number(&all, what));
        assert!((some / all - 1.0).abs() < 1e-3, "{what}: {some} with lines, {all} step by step");
    }
    let compiled = |s: &Value| s.pointer("/decode/compiled").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(compiled(&all), 11);
}

fn requests_that_fit_no_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let prefill = model("gpt2_prefill.onnx");
    for (words, about) in [
        (&["--prompt", "0"][..], "--prompt 0"),
        (&["--prompt", "16", "--generate", "0"], "--generate 0"),
        (&["--prompt", "16", "--generate", "2"], "--decode-model"),
        (&["--prompt", "16,17"], "prompts of one length"),
        (&["--prompt", "16,17", "--batch", "3"], "contradicts"),
        (&["--prompt", "16", "--seq", "4"], "follow from"),
        (&["--generate", "4"], "--prompt"),
    ] {
        let ran = run_in(folder.path(), &[&["compile", &prefill], words].concat());
        assert_eq!(ran.code, Some(2), "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(about), "{words:?}: {}", ran.stderr);
        assert!(!folder.path().join("prism-out").exists(), "{words:?}");
    }
}

/// Prompts of lengths of their own are no padded batch: work and caches are those of each.
fn ragged_batches() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = model("configs/qwen2-7b.json");
    let served = |prompt: &str, more: &[&str]| {
        let words = ["compile", &config, "--prompt", prompt, "--generate", "3", "-t", "a100"];
        json(folder.path(), &[&words[..], more].concat(), "serving.json")
    };
    let of = |s: &Value, what: &str| number(s, what);
    let (ragged, short, long) = (served("64,256", &[]), served("64,64", &[]), served("256,256", &[]));
    for what in ["/prefill/energy_j", "/decode/total/energy_j", "/time_to_first_token_s"] {
        let (ragged, short, long) = (of(&ragged, what), of(&short, what), of(&long, what));
        assert!(short < ragged && ragged < long, "{what}: {short} {ragged} {long}");
    }
    // Weights are read once for both: two prompts alone cost far more than both together.
    let alone = |length: &str| of(&served(length, &[]), "/decode/total/energy_j");
    let together = of(&ragged, "/decode/total/energy_j");
    assert!(together < 0.6 * (alone("64") + alone("256")), "{together}");
    // A length list of equal lengths is a batch.
    let batch = served("64", &["--batch", "2"]);
    assert_eq!(of(&batch, "/decode/total/energy_j"), of(&short, "/decode/total/energy_j"));
    // Learned positions, and caches of latent vectors, are no other.
    for name in ["gpt2", "deepseek-v2-lite"] {
        let config = model(&format!("configs/{name}.json"));
        let served = |prompt: &str| {
            json(
                folder.path(),
                &["compile", &config, "--prompt", prompt, "--generate", "2", "-t", "a100"],
                "serving.json",
            )
        };
        let [ragged, short, long] = ["16,64", "16,16", "64,64"].map(|p| of(&served(p), "/decode/total/energy_j"));
        assert!(short < ragged && ragged < long, "{name}: {short} {ragged} {long}");
    }
    // What has no such graph says so.
    let config = model("configs/bert-base-uncased.json");
    let ran = run_in(folder.path(), &["compile", &config, "--prompt", "16,17"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("sequences of one length"), "{}", ran.stderr);
}
