//! Small graphs compute what another runtime computes for them: `data/onnx/make.py`. Every case runs twice: with its inputs as
//! inputs, and as initializers, where folding computes what it can.

mod common;

use base64::decoded;
use common::tensor;
use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::{Elem, TensorType};
use prism_import::{Bindings, OnnxModel, proto, weight_data};
use prost::Message;
use serde_json::Value;
use std::path::{Path, PathBuf};

mod base64 {
    /// The bytes of a text in base 64 (RFC 4648, section 4).
    pub(super) fn decoded(text: &str) -> Vec<u8> {
        let (mut out, mut bits, mut have) = (Vec::new(), 0u32, 0);
        for c in text.bytes().filter(|c| *c != b'=') {
            let digit = match c {
                b'A'..=b'Z' => c - b'A',
                b'a'..=b'z' => c - b'a' + 26,
                b'0'..=b'9' => c - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                other => panic!("digit {other}"),
            };
            (bits, have) = (bits << 6 | u32::from(digit), have + 6);
            if have >= 8 {
                have -= 8;
                out.push((bits >> have & 0xff) as u8);
            }
        }
        out
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx")
}

/// The cases of all families, with the family's name.
fn cases() -> Vec<(String, Value)> {
    let files = std::fs::read_dir(folder()).expect("a folder").map(|f| f.expect("readable").path());
    let mut files: Vec<PathBuf> = files.filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let read = |path: PathBuf| {
        let family = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        let cases: Vec<Value> = serde_json::from_str(&text).expect("a list");
        cases.into_iter().map(move |case| (family.clone(), case))
    };
    files.into_iter().flat_map(read).collect()
}

fn numbers(list: &Value) -> Vec<f64> {
    let number = |x: &Value| x.as_f64().unwrap_or_else(|| x.as_str().and_then(|t| t.parse().ok()).expect("a number"));
    list.as_array().expect("a list").iter().map(number).collect()
}

fn typed(ty: TensorType, list: &Value) -> Tensor {
    let whole = || list.as_array().expect("a list").iter().map(|n| n.as_i64().expect("an integer")).collect();
    let data = if ty.elem.is_float() { Data::Float(numbers(list)) } else { Data::Int(whole()) };
    Tensor { ty, data }
}

/// Results of a model on these inputs, or what went wrong.
fn results(bytes: Vec<u8>, inputs: &[Value]) -> Result<Vec<Tensor>, String> {
    let model = OnnxModel::parse(bytes.into(), Path::new("case.onnx")).map_err(|e| format!("{e:?}"))?;
    let module = model.import(&Bindings::default()).map_err(|e| format!("{e:?}"))?;
    prism_dialects::verify::check_module(&module).map_err(|e| format!("{e:?}"))?;
    let body = &module.bodies[0];
    let types = body.args.iter().map(|id| body.ty(*id).tensor().expect("a tensor").clone());
    let args: Vec<Tensor> = types.zip(inputs).map(|(ty, list)| typed(ty, list)).collect();
    let weight = |name: &str, _: &TensorType| {
        weight_data(&model, name).map_err(|e| format!("{e:?}")).and_then(|d| Tensor::from_dense(&d))
    };
    interp::run(body, &args, &weight)
}

/// The same graph with its inputs as initializers.
fn folded(bytes: &[u8], inputs: &[Value]) -> Vec<u8> {
    let mut model = proto::Model::decode(bytes).expect("a model");
    let graph = model.graph.as_mut().expect("a graph");
    for (port, list) in std::mem::take(&mut graph.input).into_iter().zip(inputs) {
        let ty = port.r#type.and_then(|t| t.tensor_type).expect("a tensor");
        let dims: Vec<i64> = ty.shape.expect("a shape").dim.iter().map(|d| d.dim_value.expect("a number")).collect();
        let raw = numbers(list).into_iter().flat_map(|x| raw(x, ty.elem_type));
        graph.initializer.push(tensor(&port.name, ty.elem_type, &dims, raw.collect()));
    }
    model.encode_to_vec()
}

fn raw(x: f64, elem: i32) -> Vec<u8> {
    match elem {
        1 => (x as f32).to_le_bytes().to_vec(),
        6 => (x as i32).to_le_bytes().to_vec(),
        7 => (x as i64).to_le_bytes().to_vec(),
        10 => half::f16::from_f64(x).to_le_bytes().to_vec(),
        11 => x.to_le_bytes().to_vec(),
        16 => half::bf16::from_f64(x).to_le_bytes().to_vec(),
        _ => vec![x as i64 as u8],
    }
}

/// What is wrong with the results of a case, if anything.
fn wrong(made: &Result<Vec<Tensor>, String>, case: &Value) -> Option<String> {
    let made = match made {
        Ok(made) => made,
        Err(problem) => return Some(problem.clone()),
    };
    let expected = case["outputs"].as_array().expect("a list");
    if made.len() != expected.len() {
        return Some(format!("{} results", made.len()));
    }
    made.iter().zip(expected).enumerate().find_map(|(i, (made, expected))| {
        let dims: Vec<u64> = expected["dims"].as_array().expect("a list").iter().filter_map(Value::as_u64).collect();
        let (kind, want) = (expected["kind"].as_str().expect("a name"), numbers(&expected["numbers"]));
        if (made.ty.dims.clone(), numpy_name(made.ty.elem)) != (dims, kind) {
            return Some(format!("result {i} is a {}", made.ty));
        }
        let found: Vec<f64> = match &made.data {
            Data::Float(v) => v.clone(),
            Data::Int(v) => v.iter().map(|n| *n as f64).collect(),
        };
        let tolerance = if kind == "float16" { 2e-3 } else { 2e-5 };
        let near = |(a, b): (&f64, &f64)| {
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * b.abs().max(1.0)
        };
        let same = found.len() == want.len() && found.iter().zip(&want).all(near);
        (!same).then(|| format!("result {i}: {found:?}, expected {want:?}"))
    })
}

fn numpy_name(elem: Elem) -> &'static str {
    match elem {
        Elem::F16 => "float16",
        Elem::BF16 => "bfloat16",
        Elem::F32 => "float32",
        Elem::F64 => "float64",
        Elem::I1 => "bool",
        Elem::I8 => "int8",
        Elem::I16 => "int16",
        Elem::I32 => "int32",
        Elem::I64 => "int64",
        Elem::U8 => "uint8",
    }
}

#[test]
fn graphs_compute_what_another_runtime_computes() {
    let (mut bad, mut count) = (Vec::new(), 0);
    for (family, case) in cases() {
        let bytes = decoded(case["model"].as_str().expect("text"));
        let inputs = case["inputs"].as_array().expect("a list").clone();
        count += 1;
        for (way, made) in [("run", results(bytes.clone(), &inputs)), ("folded", results(folded(&bytes, &inputs), &[]))]
        {
            if let Some(problem) = wrong(&made, &case) {
                bad.push(format!("{family} {} {way}: {problem}", case["name"]));
            }
        }
    }
    assert!(bad.is_empty(), "{} of {count}:\n{}", bad.len(), bad.join("\n"));
    assert!(count >= 315, "{count} cases");
}
