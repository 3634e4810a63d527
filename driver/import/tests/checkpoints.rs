//! Weight files beside a config: compared by their headers, and the source of element types.

use prism_dialects::{Attr, Elem};
use prism_import::{Bindings, HfModel, Precision};
use prism_support::Diagnostics;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const CONFIG: &str = r#"{"model_type": "llama", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
    "num_attention_heads": 4, "torch_dtype": "bfloat16", "tie_word_embeddings": true}"#;

const MIXTRAL: &str = r#"{"model_type": "mixtral", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48,
    "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 4, "num_local_experts": 3, "num_experts_per_tok": 2}"#;

type Tensors = BTreeMap<String, (&'static str, Vec<u64>)>;

/// The weights that a config names, as the model itself would store them.
fn wanted(config: &str, dtype: &'static str) -> Tensors {
    let model = HfModel::parse(config.into(), Path::new("config.json")).expect("a config");
    let seq = Bindings { seq: Some(1), ..Bindings::default() };
    let body = model.import(&seq, &Precision::default()).expect("imports").bodies.remove(0);
    let mut out = Tensors::new();
    for op in body.ops.iter().filter(|op| op.name() == "nn.param") {
        let name = op.attr("name").and_then(Attr::as_str).expect("a name");
        let dims = body.ty(op.results[0]).tensor().expect("a tensor").dims.clone();
        match name.split_once('*') {
            Some((a, b)) => {
                (0..dims[0]).for_each(|e| drop(out.insert(format!("{a}{e}{b}"), (dtype, dims[1..].to_vec()))))
            }
            None => drop(out.insert(name.to_string(), (dtype, dims))),
        }
    }
    out
}

fn write(path: &Path, tensors: &Tensors) {
    let mut at = 0u64;
    let entries: Vec<String> = tensors
        .iter()
        .map(|(name, (dtype, dims))| {
            let width = match *dtype {
                "F32" => 4,
                "I8" | "F8_E4M3" => 1,
                _ => 2,
            };
            let start = at;
            at += dims.iter().product::<u64>() * width;
            format!(r#""{name}": {{"dtype": "{dtype}", "shape": {dims:?}, "data_offsets": [{start}, {at}]}}"#)
        })
        .collect();
    let header = format!("{{{}}}", entries.join(", "));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.into_bytes());
    bytes.resize(bytes.len() + at as usize, 0);
    fs::write(path, bytes).expect("written");
}

/// A folder with a config and weights.
fn folder(config: &str, tensors: &Tensors) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("config.json"), config).expect("written");
    write(&dir.path().join("model.safetensors"), tensors);
    dir
}

fn imported(dir: &TempDir, precision: &Precision) -> Result<prism_dialects::Module, Diagnostics> {
    let seq = Bindings { seq: Some(4), ..Bindings::default() };
    HfModel::open(dir.path())?.import(&seq, precision)
}

fn notes(dir: &TempDir) -> Vec<String> {
    let problems = imported(dir, &Precision::default()).expect_err("refused");
    assert_eq!(problems.0.len(), 1, "{problems:?}");
    assert_eq!(problems.0[0].code.name, "E0215");
    problems.0[0].notes.clone()
}

#[test]
fn fitting_weights_are_accepted_under_the_names_that_checkpoints_have() {
    for config in [CONFIG, MIXTRAL] {
        let right = wanted(config, "BF16");
        imported(&folder(config, &right), &Precision::default()).expect("fits");
        // Saved from the model without its head.
        let bare = right.iter().map(|(n, t)| (n.trim_start_matches("model.").to_string(), t.clone())).collect();
        imported(&folder(config, &bare), &Precision::default()).expect("fits");
    }
    let bert = r#"{"model_type": "bert", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
        "num_attention_heads": 4, "max_position_embeddings": 16, "type_vocab_size": 2}"#;
    let old = |n: &String| n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
    let old = wanted(bert, "F32").iter().map(|(n, t)| (old(n), t.clone())).collect();
    imported(&folder(bert, &old), &Precision::default()).expect("fits");
    assert!(wanted(MIXTRAL, "BF16").contains_key("model.layers.0.block_sparse_moe.experts.2.w2.weight"));
}

#[test]
fn all_that_does_not_fit_is_one_list() {
    let mut wrong = wanted(CONFIG, "BF16");
    wrong.remove("model.norm.weight");
    wrong.insert("model.layers.0.mlp.up_proj.weight".into(), ("BF16", vec![32, 48]));
    wrong.insert("model.layers.0.self_attn.q_proj.weight".into(), ("I8", vec![32, 32]));
    wrong.insert("something.else".into(), ("I8", vec![3]));
    assert_eq!(
        notes(&folder(CONFIG, &wrong)),
        [
            "`model.layers.0.self_attn.q_proj.weight` is of I8; F16, BF16, F32 or F64 is computed with",
            "`model.layers.0.mlp.up_proj.weight` is 32 x 48; 48 x 32 is asked for",
            "`model.norm.weight` is missing; 32 is asked for",
        ]
    );
    let mut wrong = wanted(MIXTRAL, "BF16");
    wrong.remove("model.layers.0.block_sparse_moe.experts.1.w3.weight");
    assert_eq!(
        notes(&folder(MIXTRAL, &wrong)),
        ["`model.layers.0.block_sparse_moe.experts.1.w3.weight` is missing; 48 x 32 is asked for"]
    );
    let none =
        notes(&folder(&MIXTRAL.replace("\"num_local_experts\": 3", "\"num_local_experts\": 30"), &Tensors::new()));
    assert_eq!((none.len(), none[20].as_str()), (21, "and 80 more"));
}

#[test]
fn types_are_those_of_the_file() {
    let mut mixed = wanted(CONFIG, "BF16");
    mixed.insert("model.norm.weight".into(), ("F32", vec![32]));
    let dir = folder(CONFIG, &mixed);
    let elem = |precision: &Precision, weight: &str| {
        let body = imported(&dir, precision).expect("fits").bodies.remove(0);
        let named = |op: &&prism_dialects::Op| op.attr("name").and_then(Attr::as_str) == Some(weight);
        let op = body.ops.iter().find(named).expect("a weight");
        body.ty(op.results[0]).tensor().expect("a tensor").elem
    };
    let stored = Precision::default();
    assert_eq!(elem(&stored, "model.norm.weight"), Elem::F32);
    assert_eq!(elem(&stored, "model.embed_tokens.weight"), Elem::BF16);
    prism_dialects::verify::check_module(&imported(&dir, &stored).expect("fits")).expect("verifies");
    let wide = Precision { weight_bits: Some(32), kv_bits: None };
    assert_eq!(elem(&wide, "model.embed_tokens.weight"), Elem::F32);
    // Whatever they are stored in, if a width is asked for.
    let eight = folder(CONFIG, &wanted(CONFIG, "F8_E4M3"));
    imported(&eight, &wide).expect("widened");
    assert!(notes(&eight)[0].contains("is of F8_E4M3"));
    // The program depends on the file, and says so.
    let model = HfModel::open(dir.path()).expect("opens");
    assert!(
        model.sources()[1].len() > 100 && model.name() == dir.path().file_name().expect("a name").to_string_lossy()
    );
}

#[test]
fn weights_may_be_in_several_files() {
    let all = wanted(CONFIG, "BF16");
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    fs::write(at("config.json"), CONFIG).expect("written");
    let split =
        |keep: bool| all.iter().filter(move |(n, _)| n.contains("mlp") == keep).map(|(n, t)| (n.clone(), t.clone()));
    write(&at("model-1.safetensors"), &split(true).collect());
    write(&at("model-2.safetensors"), &split(false).collect());
    let shard = |n: &String| if n.contains("mlp") { "model-1.safetensors" } else { "model-2.safetensors" };
    let index = |shard: &dyn Fn(&String) -> &'static str| {
        let map: Vec<String> = all.keys().map(|n| format!("\"{n}\": \"{}\"", shard(n))).collect();
        fs::write(at("model.safetensors.index.json"), format!("{{\"weight_map\": {{{}}}}}", map.join(", ")))
            .expect("written");
    };
    index(&shard);
    imported(&dir, &Precision::default()).expect("fits");
    let code = |dir: &TempDir| {
        let problems = imported(dir, &Precision::default()).expect_err("refused");
        (problems.0[0].code.name, problems.0[0].found.clone().unwrap_or_default())
    };
    index(&|_| "model-1.safetensors");
    assert!(matches!(code(&dir), ("E0214", found) if found.contains("in `model-1.safetensors`")));
    index(&|_| "../model.safetensors");
    assert!(matches!(code(&dir), ("E0214", found) if found.contains("as the file of")));
    index(&|n| if n.contains("mlp") { "model-1.safetensors" } else { "model-3.safetensors" });
    assert!(matches!(code(&dir), ("E0214", found) if found.contains("No such file")));
    fs::write(at("model.safetensors.index.json"), "{").expect("written");
    assert_eq!(code(&dir).0, "E0214");
}

#[test]
fn damaged_files_are_refused() {
    let dir = folder(CONFIG, &wanted(CONFIG, "BF16"));
    let path = dir.path().join("model.safetensors");
    let whole = fs::read(&path).expect("readable");
    for cut in [0, 7, 20, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).expect("written");
        let problems = imported(&dir, &Precision::default()).expect_err("refused");
        assert_eq!(problems.0[0].code.name, "E0214", "{cut} bytes");
    }
    // A config of another name has no weights beside it.
    fs::rename(dir.path().join("config.json"), dir.path().join("llama.json")).expect("renamed");
    let model = HfModel::open(&dir.path().join("llama.json")).expect("opens");
    assert!(model.sources()[1].is_empty());
    let missing = HfModel::open(dir.path()).err().expect("refused");
    assert_eq!(missing.0[0].code.name, "E0102");
}
