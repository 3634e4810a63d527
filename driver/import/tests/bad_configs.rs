//! Configs and weight files that are wrong: everything is told at once, in the user's terms.

mod common;

use common::config;
use prism_import::{Bindings, HfModel, Precision};
use prism_support::{Diagnostic, Diagnostics};
use serde_json::{Value, json};
use std::path::Path;

fn llama(changes: Value) -> Value {
    let mut config = json!({
        "model_type": "llama", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128,
    });
    change(&mut config, changes);
    config
}

fn change(config: &mut Value, changes: Value) {
    for (name, value) in changes.as_object().expect("an object") {
        let config = config.as_object_mut().expect("an object");
        if value == "absent" { drop(config.remove(name)) } else { drop(config.insert(name.clone(), value.clone())) }
    }
}

/// A published config with some fields changed.
fn published(name: &str, changes: Value) -> Value {
    let text = std::fs::read_to_string(config(name).path()).expect("readable");
    let mut config: Value = serde_json::from_str(&text).expect("JSON");
    change(&mut config, changes);
    config
}

fn imported(text: &str, bindings: &Bindings, precision: &Precision) -> Result<(), Diagnostics> {
    let model = HfModel::parse(text.as_bytes().to_vec(), Path::new("config.json"))?;
    model.import(bindings, precision).map(|module| {
        prism_dialects::verify::check_module(&module).expect("verifies");
    })
}

fn seq(n: u64) -> Bindings {
    Bindings { seq: Some(n), ..Bindings::default() }
}

/// What is said about each problem: code, headline, found, allowed, notes, hint.
fn told(result: Result<(), Diagnostics>) -> Vec<String> {
    let one = |d: &Diagnostic| {
        let part = |p: &Option<String>| p.clone().unwrap_or_default();
        let notes = d.notes.join(", ");
        format!(
            "{} {} | {} | {} | {notes} | {}",
            d.code.name,
            d.headline,
            part(&d.found),
            part(&d.allowed),
            part(&d.hint)
        )
    };
    result.err().map(|d| d.0.iter().map(one).collect()).unwrap_or_default()
}

fn problems(config: &Value) -> Vec<String> {
    told(imported(&config.to_string(), &seq(8), &Precision::default()))
}

#[track_caller]
fn says(config: &Value, expected: &[&str]) {
    let found = problems(config);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        let all = expected.split(" .. ").all(|part| found.contains(part));
        assert!(all, "{found}\nlacks\n{expected}");
    }
}

#[test]
fn the_small_config_is_right() {
    assert_eq!(problems(&llama(json!({}))), [""; 0]);
}

#[test]
fn what_is_no_config_is_refused() {
    let text = |text: &str| told(imported(text, &seq(8), &Precision::default())).remove(0);
    assert!(text("{\"model_type\": \"llama\",").starts_with("E0210 `config.json` is not JSON | the text ends"));
    assert!(text("{\"model_type\": \"llama\", \"model_type\": \"gpt2\"}").contains("`model_type` is there twice"));
    assert!(text("[1, 2]").starts_with("E0201"));
    assert!(text("{\"a\": 1}").contains("JSON without `model_type`"));
    assert!(text("{\"model_type\": 3}").starts_with("E0201"));
    assert!(text(&format!("{{\"a\": {}", "[".repeat(10_000))).starts_with("E0210"));
    assert!(text(&" ".repeat(5 << 20)).starts_with("E0208"));
    let unknown = text("{\"model_type\": \"mistrl\"}");
    assert!(unknown.starts_with("E0212") && unknown.ends_with("did you mean `mistral`?"), "{unknown}");
}

#[test]
fn all_wrong_fields_are_told_at_once() {
    let config = llama(json!({
        "vocab_size": 0, "hidden_size": "wide", "num_hidden_layers": -3, "intermediate_size": "absent",
        "intermediate_sizes": 48, "rms_norm_eps": -1.0, "tie_word_embeddings": "yes",
    }));
    says(
        &config,
        &[
            "E0211 `hidden_size` of `config.json` is out of range | \"wide\" | a whole number from 1 to 268435456",
            "`vocab_size` .. | 0 |",
            "`num_hidden_layers` .. | -3 | a whole number from 1 to 1024",
            "has no `intermediate_size` .. did you mean `intermediate_sizes`?",
            "`tie_word_embeddings` .. | \"yes\" | true or false",
            "`rms_norm_eps` .. | -1.0 | a number from 0.0 to 1.0",
        ],
    );
    says(&llama(json!({"num_hidden_layers": 1e9 as u64})), &["`num_hidden_layers` .. | 1000000000 |"]);
    says(&llama(json!({"hidden_size": 32.5})), &["`hidden_size` .. | 32.5 |"]);
    says(&llama(json!({"hidden_size": null})), &["has no `hidden_size`"]);
    says(&published("gpt2", json!({"n_head": 7})), &["`n_head` .. | 7 | a divisor of the width 768"]);
    says(&published("bert-base-uncased", json!({"type_vocab_size": "absent"})), &["has no `type_vocab_size`"]);
}

#[test]
fn impossible_heads_are_refused() {
    says(
        &llama(json!({"num_attention_heads": 5, "num_key_value_heads": 5})),
        &["`num_attention_heads` .. | 5 | a divisor of the width 32"],
    );
    says(
        &llama(json!({"num_key_value_heads": 3})),
        &["`num_key_value_heads` .. | 3 | a divisor of the 4 attention heads"],
    );
    // With a size of their own, heads need not share the width.
    assert_eq!(problems(&llama(json!({"num_attention_heads": 6, "head_dim": 10}))), [""; 0]);
    says(&llama(json!({"head_dim": 7})), &["`head_dim` .. 7 rotated channels of 7 | an even number"]);
    says(&llama(json!({"head_dim": 8, "partial_rotary_factor": 0.01})), &["`head_dim` .. 0 rotated channels of 8"]);
}

#[test]
fn what_changes_the_maths_is_one_list() {
    let config = llama(json!({
        "hidden_act": "xielu", "rope_scaling": {"rope_type": "mrope", "factor": 2.0},
        "quantization_config": {"quant_method": "gptq", "bits": 4}, "torch_dtype": "float8_e4m3fn",
    }));
    says(
        &config,
        &["E0213 `config.json` asks for 4 things that Prism does not build .. \
        `hidden_act` is \"xielu\"; Prism builds silu, .. `rope_scaling.rope_type` is \"mrope\"; .. \
        `quantization_config`: weights are stored by gptq .. `torch_dtype` is \"float8_e4m3fn\""],
    );
    // How weights are stored does not matter once they have a width of their own.
    let stored = llama(json!({"quantization_config": {"quant_method": "fp8"}, "torch_dtype": "float8_e4m3fn"}));
    assert!(
        problems(&stored)[0]
            .ends_with("add `--weight-bits 16` to compile the model with its weights widened to 16 bits")
    );
    let wide = Precision { weight_bits: Some(16), kv_bits: None };
    assert_eq!(told(imported(&stored.to_string(), &seq(8), &wide)), [""; 0]);
    says(
        &published("bert-base-uncased", json!({"position_embedding_type": "relative_key", "is_decoder": true})),
        &["2 things .. `is_decoder` is true; Prism builds false .. `position_embedding_type`"],
    );
    says(&published("gemma-2-9b", json!({"use_bidirectional_attention": true})), &["`use_bidirectional_attention`"]);
    says(
        &published(
            "deepseek-v2-lite",
            json!({"topk_method": "noaux_tc", "scoring_func": "sigmoid", "norm_topk_prob": true, "moe_layer_freq": 2}),
        ),
        &["4 things"],
    );
    let layers = json!({"num_hidden_layers": 2, "layer_types": ["full_attention", "chunked_attention"]});
    says(&published("qwen2-7b", layers), &["`layer_types` is \"chunked_attention\""]);
    says(
        &published("qwen2-7b", json!({"layer_types": ["full_attention"]})),
        &["`layer_types` .. 1 items | 28, one for each layer"],
    );
    // What changes nothing that is computed is nobody's business.
    assert_eq!(
        problems(&llama(json!({"my_notes": {"a": [1]}, "attention_dropout": 0.1, "pretraining_tp": 4}))),
        [""; 0]
    );
}

#[test]
fn scaled_positions_are_checked() {
    let scaled = |o: Value| problems(&llama(json!({ "rope_scaling": o })));
    for fine in [
        json!({"type": "linear", "factor": 2}),
        json!({"rope_type": "dynamic", "factor": 2.0}),
        json!({"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}),
        json!({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}),
        json!({"type": "longrope", "short_factor": [1, 1, 1, 1.5], "long_factor": [2, 3, 4, 5]}),
        json!({"rope_type": "default", "rope_theta": 1e6}),
    ] {
        assert_eq!(scaled(fine.clone()), [""; 0], "{fine}");
    }
    for (wrong, expected) in [
        (json!({"type": "linear"}), "has no `rope_scaling.factor`"),
        (json!({"type": "linear", "factor": 0}), "`rope_scaling.factor`"),
        (json!({"type": "llama3", "factor": 8.0, "low_freq_factor": 1, "high_freq_factor": 1}), "another number than"),
        (
            json!({"type": "longrope", "short_factor": [1.0], "long_factor": [1, 1, 1, 1]}),
            "1 numbers | 4, one for each pair",
        ),
        (
            json!({"type": "longrope", "short_factor": [1, 1, 1, -1], "long_factor": [1, 1, 1, 1]}),
            "a list of positive numbers",
        ),
        (json!({"type": "longrope", "long_factor": [1, 1, 1, 1]}), "absent | 4 positive numbers"),
        (json!("linear"), "an object"),
        (json!({"type": 3}), "a text"),
        (json!({"type": "linear", "factor": 2, "rope_theta": 0.5}), "`rope_scaling.rope_theta`"),
    ] {
        let found = scaled(wrong.clone());
        assert_eq!(found.len(), 1, "{wrong}: {found:#?}");
        assert!(found[0].contains(expected), "{}", found[0]);
    }
}

#[test]
fn routing_must_be_possible() {
    says(
        &published("mixtral-8x7b", json!({"num_experts_per_tok": 9})),
        &["`num_experts_per_tok` .. | 9 | at most the 8 experts"],
    );
    says(&published("mixtral-8x7b", json!({"num_local_experts": 0})), &["`num_local_experts` .. | 0 |"]);
    let v3 = |changes| {
        let mut config = published("deepseek-v3", json!({"quantization_config": null}));
        change(&mut config, changes);
        config
    };
    assert_eq!(problems(&v3(json!({}))), [""; 0]);
    says(&v3(json!({"n_group": 7})), &["`n_group` .. | 7 | a divisor of the 256 experts"]);
    says(&v3(json!({"n_group": 256})), &["`n_group` .. with at least 2 in a group"]);
    says(&v3(json!({"topk_group": 9})), &["`topk_group` .. | 9 | at most the 8 groups"]);
    says(
        &v3(json!({"num_experts_per_tok": 129})),
        &["`num_experts_per_tok` .. | 129 | at most the 128 experts of 4 groups"],
    );
    says(&v3(json!({"qk_rope_head_dim": 63})), &["`qk_rope_head_dim` .. 63 rotated channels"]);
    says(&v3(json!({"kv_lora_rank": "absent", "v_head_dim": -1})), &["has no `kv_lora_rank`", "`v_head_dim`"]);
}

#[test]
fn lengths_and_widths_are_checked_with_the_fields() {
    let at =
        |bindings: Bindings, precision: Precision| told(imported(&llama(json!({})).to_string(), &bindings, &precision));
    let none = Precision::default();
    let found = at(Bindings::default(), none);
    assert!(found[0].starts_with("E0205 dimension `seq` of `config.json` has no value"), "{found:?}");
    let wrong = Bindings { seq: Some(0), batch: Some(1 << 40), dims: vec![("sq".into(), 3)], ..Bindings::default() };
    let found = at(wrong, Precision { weight_bits: Some(8), kv_bits: Some(4) });
    let starts = [
        "E0101 `--batch 1099511627776`",
        "E0101 `--seq 0`",
        "E0101 `--dim sq=3` binds nothing",
        "E0101 `--weight-bits 8`",
        "E0101 `--kv-bits 4`",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for start in starts {
        assert!(found.iter().any(|f| f.starts_with(start)), "{start}: {found:#?}");
    }
    assert!(found.iter().any(|f| f.contains("8 bits | 16, 32 or 64 bits")), "{found:#?}");
    let twice = Bindings { seq: Some(3), dims: vec![("seq".into(), 4)], ..Bindings::default() };
    assert!(at(twice, none)[0].contains("given twice | `--seq 3` and `--dim seq=4`"));
    assert_eq!(at(Bindings { dims: vec![("past".into(), 4)], ..Bindings::default() }, none), [""; 0]);
    // Positions that are learned end; rotated ones do not.
    let gpt2 =
        |seq, past| told(config("gpt2").import(&Bindings { seq, past, ..Bindings::default() }, &none).map(|_| ()));
    assert_eq!(gpt2(Some(1024), None), [""; 0]);
    assert!(gpt2(Some(1025), None)[0].contains("1025 tokens | at most 1024 tokens"));
    assert!(gpt2(None, Some(1024))[0].contains("1025 tokens"));
    assert_eq!(at(seq(100_000), none), [""; 0]);
    let bert =
        config("bert-base-uncased").import(&Bindings { past: Some(3), ..Bindings::default() }, &none).map(|_| ());
    assert!(told(bert)[0].contains("an encoder, which keeps no cache"));
}

#[test]
fn what_is_too_large_is_named() {
    let long = Bindings { batch: Some(1 << 20), seq: Some(1 << 20), ..Bindings::default() };
    let found = told(imported(&llama(json!({})).to_string(), &long, &Precision::default()));
    assert!(found[0].starts_with("E0208") && found[0].contains("at most 68719476736 elements"), "{found:?}");
    let wide = llama(json!({"vocab_size": 1 << 28, "hidden_size": 1 << 20, "head_dim": 8}));
    assert!(problems(&wide)[0].starts_with("E0208 weight `model.embed_tokens.weight` is too large"));
}
