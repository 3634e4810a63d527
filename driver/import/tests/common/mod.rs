//! Shared by the tests: example models, NumPy files, small graphs built in memory.
#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod tiny;

use bytes::Bytes;
use prism_dialects::interp::{Data, Tensor};
use prism_dialects::{Elem, Module, TensorType};
use prism_import::proto::{self, attribute_type};
use prism_import::{Bindings, HfModel, OnnxModel};
use prism_support::Diagnostics;
use prost::Message;
use std::path::{Path, PathBuf};

/// A file of `examples/models`.
pub(crate) fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/models").join(name)
}

/// A config of `examples/models/configs`.
pub(crate) fn config(name: &str) -> HfModel {
    HfModel::open(&example(&format!("configs/{name}.json"))).expect("a config")
}

/// An example model with its dimensions bound.
pub(crate) fn imported(name: &str, bindings: &Bindings) -> Module {
    OnnxModel::open(&example(name)).expect("opens").import(bindings).expect("imports")
}

/// An array of `examples/models` (NumPy format 1.0, C order, `<f4` or `<i8`).
pub(crate) fn numpy(name: &str) -> Tensor {
    let bytes = std::fs::read(example(name)).expect("readable");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + length]).expect("text");
    let between = |a: &str, b: &str| header.split(a).nth(1).and_then(|r| r.split(b).next()).expect("field");
    let dims: Vec<u64> = between("'shape': (", ")").split(',').filter_map(|d| d.trim().parse().ok()).collect();
    let data = &bytes[10 + length..];
    match between("'descr': '", "'") {
        "<f4" => {
            let read = |c: &[u8]| f64::from(f32::from_le_bytes([c[0], c[1], c[2], c[3]]));
            let numbers = data.chunks_exact(4).map(read).collect();
            Tensor { ty: TensorType::new(dims, Elem::F32), data: Data::Float(numbers) }
        }
        "<i8" => {
            let read = |c: &[u8]| i64::from_le_bytes(c.try_into().expect("eight bytes"));
            Tensor { ty: TensorType::new(dims, Elem::I64), data: Data::Int(data.chunks_exact(8).map(read).collect()) }
        }
        other => panic!("dtype {other}"),
    }
}

/// A graph under construction.
pub(crate) struct Build {
    pub(crate) model: proto::Model,
}

/// An extent for [`Build`]: a number or an expression.
pub(crate) fn dim(text: &str) -> proto::Dimension {
    match text.parse() {
        Ok(n) => proto::Dimension { dim_value: Some(n), dim_param: None },
        Err(_) if text.is_empty() => proto::Dimension::default(),
        Err(_) => proto::Dimension { dim_value: None, dim_param: Some(text.into()) },
    }
}

/// ONNX's numbers for element types.
pub(crate) const FLOAT: i32 = 1;
pub(crate) const INT64: i32 = 7;
pub(crate) const BOOL: i32 = 9;

impl Build {
    /// An empty graph of that opset.
    pub(crate) fn new(opset: i64) -> Build {
        let graph = proto::Graph { name: "g".into(), ..Default::default() };
        let set = proto::OperatorSet { domain: String::new(), version: opset };
        let model = proto::Model {
            ir_version: 9,
            producer_name: "test".into(),
            graph: Some(graph),
            opset_import: vec![set],
            ..Default::default()
        };
        Build { model }
    }

    pub(crate) fn graph(&mut self) -> &mut proto::Graph {
        self.model.graph.as_mut().expect("graph")
    }

    fn port(name: &str, elem_type: i32, dims: &[&str]) -> proto::ValueInfo {
        let shape = proto::Shape { dim: dims.iter().map(|d| dim(d)).collect() };
        let tensor_type = proto::TensorType { elem_type, shape: Some(shape) };
        proto::ValueInfo { name: name.into(), r#type: Some(proto::Type { tensor_type: Some(tensor_type) }) }
    }

    pub(crate) fn input(mut self, name: &str, elem: i32, dims: &[&str]) -> Build {
        self.graph().input.push(Build::port(name, elem, dims));
        self
    }

    pub(crate) fn output(mut self, name: &str) -> Build {
        self.graph().output.push(proto::ValueInfo { name: name.into(), r#type: None });
        self
    }

    pub(crate) fn typed_output(mut self, name: &str, elem: i32, dims: &[&str]) -> Build {
        self.graph().output.push(Build::port(name, elem, dims));
        self
    }

    pub(crate) fn ints(mut self, name: &str, dims: &[i64], numbers: &[i64]) -> Build {
        let raw: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.graph().initializer.push(tensor(name, INT64, dims, raw));
        self
    }

    pub(crate) fn floats(mut self, name: &str, dims: &[i64], numbers: &[f32]) -> Build {
        let raw: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.graph().initializer.push(tensor(name, FLOAT, dims, raw));
        self
    }

    pub(crate) fn weight(mut self, tensor: proto::Tensor) -> Build {
        self.graph().initializer.push(tensor);
        self
    }

    pub(crate) fn node(
        mut self,
        op: &str,
        inputs: &[&str],
        outputs: &[&str],
        attribute: Vec<proto::Attribute>,
    ) -> Build {
        let list = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
        let name = format!("n{}", self.graph().node.len());
        let (input, output) = (list(inputs), list(outputs));
        self.graph().node.push(proto::Node {
            input,
            output,
            name,
            op_type: op.into(),
            attribute,
            ..Default::default()
        });
        self
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.model.encode_to_vec().into()
    }

    pub(crate) fn import(&self, bindings: &Bindings) -> Result<Module, Diagnostics> {
        OnnxModel::parse(self.bytes(), Path::new("test.onnx")).and_then(|m| m.import(bindings))
    }

    /// The codes of what is wrong with it, and all the text.
    pub(crate) fn problems(&self, bindings: &Bindings) -> (Vec<&'static str>, String) {
        match self.import(bindings) {
            Ok(_) => (Vec::new(), String::new()),
            Err(d) => (d.0.iter().map(|d| d.code.name).collect(), format!("{d:?}")),
        }
    }
}

pub(crate) fn tensor(name: &str, data_type: i32, dims: &[i64], raw: Vec<u8>) -> proto::Tensor {
    proto::Tensor {
        name: name.into(),
        data_type,
        dims: dims.to_vec(),
        raw_data: Some(raw.into()),
        ..Default::default()
    }
}

/// A tensor whose data is in another file.
pub(crate) fn external(name: &str, data_type: i32, dims: &[i64], location: &str) -> proto::Tensor {
    let entry = proto::Entry { key: "location".into(), value: location.to_string().into() };
    let external_data = vec![entry];
    proto::Tensor {
        name: name.into(),
        data_type,
        dims: dims.to_vec(),
        external_data,
        data_location: 1,
        ..Default::default()
    }
}

pub(crate) fn int(name: &str, i: i64) -> proto::Attribute {
    proto::Attribute { name: name.into(), i, r#type: attribute_type::INT, ..Default::default() }
}

pub(crate) fn float(name: &str, f: f32) -> proto::Attribute {
    proto::Attribute { name: name.into(), f, r#type: attribute_type::FLOAT, ..Default::default() }
}

pub(crate) fn ints(name: &str, ints: &[i64]) -> proto::Attribute {
    proto::Attribute { name: name.into(), ints: ints.to_vec(), r#type: attribute_type::INTS, ..Default::default() }
}

pub(crate) fn value(name: &str, t: proto::Tensor) -> proto::Attribute {
    proto::Attribute { name: name.into(), t: Some(t), r#type: attribute_type::TENSOR, ..Default::default() }
}
