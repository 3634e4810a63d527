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

/// Sequences of lengths of their own, one after another: each as if it were alone, in prompts and in steps.
#[test]
fn ragged_batches_are_sequences_alone() {
    let mut seen = 0;
    // The base of `dynamic` grows with the longest sequence, and all have it. Experts have room for so many rows of a batch, not
    // of a sequence.
    let apart_in_batch = |n: &String| n != "llama-dynamic" && !n.contains("moe") && !n.starts_with("mixtral");
    for name in names().into_iter().filter(apart_in_batch) {
        let made = reference(&name);
        let tokens = ids(&made["input_ids"]);
        let precision = Default::default();
        let model = model(&made["config"]);
        // Longrope has other frequencies up to 4 tokens.
        let (short, long) = (&tokens[..tokens.len() - 2], &tokens[..]);
        let lengths_of = [(short.len() as u64, 0), (long.len() as u64, 0)];
        let Ok(together) = model.import_ragged(&lengths_of, &precision) else { continue };
        let both: Vec<i64> = short.iter().chain(long).copied().collect();
        let results = run(&together, &[row(&both)]);
        let alone = |tokens: &[i64]| run(&program(&made["config"], &lengths(tokens.len() as u64, 0)), &[row(tokens)]);
        let (of_short, of_long) = (alone(short), alone(long));
        let width = floats(&results[0]).len() / 2;
        for (nth, alone) in [&of_short, &of_long].into_iter().enumerate() {
            let logits = floats(&alone[0]);
            let error = apart(&floats(&results[0])[nth * width..(nth + 1) * width], &logits[logits.len() - width..]);
            assert!(error < CLOSE, "{name}, prompt {nth}: {error}");
        }
        // Caches of layer 0: keys and values of the first sequence, then of the second.
        for (nth, alone) in [(1, &of_short[1]), (2, &of_short[2]), (3, &of_long[1]), (4, &of_long[2])] {
            assert!(apart(floats(&results[nth]), floats(alone)) < CLOSE, "{name}, cache {nth}");
        }
        seen += 1;
    }
    assert!(seen >= 8, "{seen} architectures take ragged batches");
}
