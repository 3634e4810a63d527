//! Small models with weights that follow from their names, run by the interpreter.

use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::{Elem, Module, TensorType};
use prism_import::{Bindings, HfModel, Precision};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of references.
pub(crate) fn references() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference")
}

/// A reference: its config, what goes in, and what another library computes for it.
pub(crate) fn reference(name: &str) -> Value {
    let text = std::fs::read_to_string(references().join(format!("{name}.json"))).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

pub(crate) fn ids(value: &Value) -> Vec<i64> {
    value.as_array().expect("a list").iter().map(|x| x.as_i64().expect("a whole number")).collect()
}

pub(crate) fn model(config: &Value) -> HfModel {
    HfModel::parse(config.to_string().into_bytes(), Path::new("tiny.json")).expect("a config")
}

pub(crate) fn lengths(seq: u64, past: u64) -> Bindings {
    Bindings { seq: Some(seq), past: (past > 0).then_some(past), ..Bindings::default() }
}

pub(crate) fn program(config: &Value, bindings: &Bindings) -> Module {
    model(config).import(bindings, &Precision::default()).expect("imports")
}

/// FNV-1a of the name, then SplitMix64 at each place, as `make.py` has it.
fn filled(name: &str, dims: &[u64]) -> Vec<f64> {
    let fnv = |seed: u64, byte: &u8| (seed ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let seed = name.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    let unit = |i: u64| {
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15u64.wrapping_mul(i + 1));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 40) as f64 / f64::from(1 << 23) - 1.0
    };
    let scaled = |x: f64| if dims.len() == 1 { 0.5 + 0.5 * x } else { 0.3 * x };
    (0..dims.iter().product()).map(unit).map(scaled).collect()
}

/// The weight of that name; for all experts where it has a `*`.
pub(crate) fn weight(name: &str, ty: &TensorType) -> Result<Tensor, String> {
    let data = match name.split_once('*') {
        Some((before, after)) => {
            let each = |e: u64| filled(&format!("{before}{e}{after}"), &ty.dims[1..]);
            (0..ty.dims[0]).flat_map(each).collect()
        }
        None => filled(name, &ty.dims),
    };
    Ok(Tensor { ty: ty.clone(), data: Data::Float(data) })
}

/// Token ids and the like: [1, n].
pub(crate) fn row(ids: &[i64]) -> Tensor {
    Tensor { ty: TensorType::new([1, ids.len() as u64], Elem::I64), data: Data::Int(ids.to_vec()) }
}

pub(crate) fn run(module: &Module, args: &[Tensor]) -> Vec<Tensor> {
    prism_dialects::verify::check_module(module).expect("verifies");
    interp::run(&module.bodies[0], args, &weight).expect("runs")
}

pub(crate) fn floats(tensor: &Tensor) -> &[f64] {
    match &tensor.data {
        Data::Float(v) => v,
        Data::Int(_) => panic!("numbers expected"),
    }
}

/// The largest difference; both must be as long, and not all zero.
#[track_caller]
pub(crate) fn apart(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    assert!(expected.iter().any(|x| x.abs() > 0.1), "numbers that are all small prove nothing");
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
