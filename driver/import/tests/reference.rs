//! Networks built from configs compute what Hugging Face's transformers compute for them: `data/reference/make.py`.

mod common;

use common::tiny::{apart, floats, ids, lengths, model, numbers, program, reference, references, row, run};
use prism_dialects::interp::{Data, Tensor};
use prism_dialects::{Module, TensorType};

/// Norms and softmax are in single precision there, and so are the tables of rotary embeddings.
const CLOSE: f64 = 5e-6;

fn names() -> Vec<String> {
    let files = std::fs::read_dir(references()).expect("a folder");
    let mut names: Vec<String> = files
        .filter_map(|f| f.expect("readable").file_name().into_string().ok()?.strip_suffix(".json").map(str::to_string))
        .collect();
    names.sort();
    assert!(names.len() >= 23, "{names:?}");
    names
}

#[test]
fn every_architecture_computes_what_transformers_compute() {
    for name in names().iter().filter(|n| *n != "bert") {
        let made = reference(name);
        let tokens = ids(&made["input_ids"]);
        let results = run(&program(&made["config"], &lengths(tokens.len() as u64, 0)), &[row(&tokens)]);
        let error = apart(floats(&results[0]), &numbers(&made["logits"]));
        assert!(error < CLOSE, "{name}: {error}");
    }
}

#[test]
fn bert_computes_what_transformers_compute() {
    let made = reference("bert");
    let tokens = ids(&made["input_ids"]);
    let module = program(&made["config"], &lengths(tokens.len() as u64, 0));
    let results = run(&module, &[row(&tokens), row(&ids(&made["token_type_ids"]))]);
    for (result, name) in results.iter().zip(["last_hidden_state", "pooler_output"]) {
        let error = apart(floats(result), &numbers(&made[name]));
        assert!(error < CLOSE, "{name}: {error}");
    }
}

/// The last tokens of a cache, as many as `wanted` has: what falls out of a window is the caller's to drop.
fn trimmed(cache: &Tensor, wanted: &TensorType) -> Tensor {
    let [heads, all, channels] = [1, 2, 3].map(|i| cache.ty.dims[i] as usize);
    let kept = wanted.dims[2] as usize;
    let numbers = floats(cache);
    let head = |h: usize| &numbers[(h * all + all - kept) * channels..(h + 1) * all * channels];
    Tensor { ty: wanted.clone(), data: Data::Float((0..heads).flat_map(head).copied().collect()) }
}

/// Arguments of a step: tokens, their positions, and the cache that a run before left.
fn step_args(step: &Module, tokens: &[i64], past: usize, caches: &[Tensor]) -> Vec<Tensor> {
    let body = &step.bodies[0];
    let positions: Vec<i64> = (past..past + tokens.len()).map(|p| p as i64).collect();
    let wanted = body.args.iter().skip(2).map(|v| body.ty(*v).tensor().expect("a tensor"));
    let caches = caches.iter().zip(wanted).map(|(c, ty)| trimmed(c, ty));
    [row(tokens), row(&positions)].into_iter().chain(caches).collect()
}

/// A step with a cache gives what a prompt gives at its last positions, whichever way the cache came about.
#[test]
fn steps_continue_prompts() {
    // The base of `dynamic` grows with the length, so that the keys of a shorter prompt are others; BERT keeps no cache.
    for name in names().iter().filter(|n| !matches!(n.as_str(), "bert" | "llama-dynamic")) {
        let made = reference(name);
        let tokens = ids(&made["input_ids"]);
        let whole = run(&program(&made["config"], &lengths(8, 0)), &[row(&tokens)]);
        let width = floats(&whole[0]).len() / 8;
        for (past, new) in [(7, 1), (5, 3)] {
            // Longrope has other frequencies up to 4 tokens; these prompts are longer.
            let prompt = run(&program(&made["config"], &lengths(past as u64, 0)), &[row(&tokens[..past])]);
            let step = program(&made["config"], &lengths(new, past as u64));
            let results = run(&step, &step_args(&step, &tokens[past..], past, &prompt[1..]));
            let error = apart(floats(&results[0]), &floats(&whole[0])[past * width..]);
            assert!(error < 1e-9, "{name}, {new} after {past}: {error}");
            // And the caches are those of the prompt, as far as they reach back.
            assert_eq!(results.len(), whole.len(), "{name}");
            for (kept, all) in results.iter().zip(&whole).skip(1) {
                let error = apart(floats(kept), floats(&trimmed(all, &kept.ty)));
                assert!(error < 1e-9, "{name}, cache: {error}");
            }
        }
    }
}

/// Two steps after one another: the cache that a step leaves is the one that the next takes.
#[test]
fn steps_continue_steps() {
    for name in ["llama", "gemma2", "deepseek-v3", "gpt2"] {
        let made = reference(name);
        let tokens = ids(&made["input_ids"]);
        let whole = run(&program(&made["config"], &lengths(8, 0)), &[row(&tokens)]);
        let mut caches = run(&program(&made["config"], &lengths(6, 0)), &[row(&tokens[..6])]).split_off(1);
        for past in [6, 7] {
            let step = program(&made["config"], &lengths(1, past as u64));
            let mut results = run(&step, &step_args(&step, &tokens[past..=past], past, &caches));
            caches = results.split_off(1);
            let width = floats(&results[0]).len();
            let error = apart(floats(&results[0]), &floats(&whole[0])[past * width..(past + 1) * width]);
            assert!(error < 1e-9, "{name} at {past}: {error}");
        }
    }
}

/// A config without experts: those have room for so many rows of a batch, not of a sequence.
fn dense(config: &serde_json::Value) -> serde_json::Value {
    let mut config = config.clone();
    if config.get("first_k_dense_replace").is_some() {
        config["first_k_dense_replace"] = config["num_hidden_layers"].clone();
    }
    config
}

/// Architectures with one sequence as if it were alone in a batch. The base of `dynamic` grows with the longest sequence,
/// and all have it; an encoder keeps nothing.
fn alone_in_batches() -> impl Iterator<Item = String> {
    let apart = |n: &String| n != "llama-dynamic" && n != "bert" && !n.contains("moe") && !n.starts_with("mixtral");
    names().into_iter().filter(apart)
}

/// Sequences of lengths of their own, one after another: each as if it were alone, in prompts and in the steps after them.
#[test]
fn ragged_batches_are_sequences_alone() {
    for name in alone_in_batches() {
        let made = reference(&name);
        let (config, tokens) = (dense(&made["config"]), ids(&made["input_ids"]));
        let model = model(&config);
        let ragged = |lengths: &[(u64, u64)]| {
            model.import_ragged(lengths, &Default::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
        };
        // Longrope has other frequencies up to 4 tokens.
        let all = tokens.len();
        let prompts = [&tokens[..all - 3], &tokens[..all - 1]];
        let of = |tokens: &[i64]| (tokens.len() as u64, 0);
        let together = run(&ragged(&prompts.map(of)), &[row(&prompts.concat())]);
        let alone = prompts.map(|tokens| run(&program(&config, &lengths(tokens.len() as u64, 0)), &[row(tokens)]));
        let same = |together: &[Tensor], alone: &[Vec<Tensor>; 2], what: &str| {
            let width = floats(&together[0]).len() / 2;
            for (nth, alone) in alone.iter().enumerate() {
                let logits = floats(&alone[0]);
                let last = &logits[logits.len() - width..];
                let error = apart(&floats(&together[0])[nth * width..(nth + 1) * width], last);
                assert!(error < CLOSE, "{name}, {what} {nth}: {error}");
            }
        };
        same(&together, &alone, "prompt");
        // A step of each, with the caches that the prompts left.
        let next = [tokens[all - 3], tokens[all - 1]];
        let past = prompts.map(|tokens| tokens.len());
        let step = ragged(&past.map(|past| (1, past as u64)));
        let body = &step.bodies[0];
        let wanted = body.args.iter().skip(2).map(|v| body.ty(*v).tensor().expect("a tensor"));
        let caches = together[1..].iter().zip(wanted).map(|(cache, ty)| trimmed(cache, ty));
        let args: Vec<Tensor> = [row(&next), row(&past.map(|p| p as i64))].into_iter().chain(caches).collect();
        assert_eq!(args.len(), body.args.len(), "{name}");
        let together = run(&step, &args);
        let alone = [0, 1].map(|i| {
            let step = program(&config, &lengths(1, past[i] as u64));
            run(&step, &step_args(&step, &next[i..=i], past[i], &alone[i][1..]))
        });
        same(&together, &alone, "step");
    }
}

/// What each sequence leaves in a ragged batch is what it leaves alone: those of layer 0, of the first sequence, then of the second.
#[test]
fn caches_of_ragged_batches_are_those_of_sequences() {
    for name in alone_in_batches() {
        let made = reference(&name);
        let (config, tokens) = (dense(&made["config"]), ids(&made["input_ids"]));
        let prompts = [&tokens[..tokens.len() - 2], &tokens[..]];
        let of = |tokens: &[i64]| (tokens.len() as u64, 0);
        let module = model(&config).import_ragged(&prompts.map(of), &Default::default()).expect("imports");
        let together = run(&module, &[row(&prompts.concat())]);
        let alone = prompts.map(|tokens| run(&program(&config, &lengths(tokens.len() as u64, 0)), &[row(tokens)]));
        let kinds = if name.starts_with("deepseek") { 1 } else { 2 };
        assert_eq!(together.len() - 1, 2 * (alone[0].len() - 1), "{name}");
        for (sequence, alone) in alone.iter().enumerate() {
            for kind in 0..kinds {
                let found = &together[1 + sequence * kinds + kind];
                assert!(apart(floats(found), floats(&alone[1 + kind])) < CLOSE, "{name}, {sequence}, {kind}");
            }
        }
    }
}

/// What cannot be ragged says why, and how.
#[test]
fn ragged_batches_that_are_refused() {
    let message = |name: &str, lengths: &[(u64, u64)]| {
        let refused = model(&reference(name)["config"]).import_ragged(lengths, &Default::default());
        format!("{:?}", refused.expect_err("refused"))
    };
    let encoder = message("bert", &[(3, 0), (4, 0)]);
    assert!(encoder.contains("takes sequences of one length") && encoder.contains("an encoder"), "{encoder}");
    let long = message("gpt2", &[(3, 0), (4000, 0)]);
    assert!(long.contains("no positions for so many tokens") && long.contains("4000 tokens"), "{long}");
}
