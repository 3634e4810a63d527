//! What a model holds: `prism inspect`.

use super::OnnxModel;
use super::convert::{convert, refusals};
use super::fault::Unsupported;
use super::interface::Port;
use super::lower::MAX_CONSTANT;
use super::ops::full_name;
use super::tensor::{byte_size, is_external, tensor_type};
use crate::bindings::{Bindings, flag_for};
use crate::dims::Dim;
use crate::work::{Bound, bound_of};
use serde::Serialize;
use std::collections::BTreeMap;

/// A model as `prism inspect` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// Tool that wrote the file, with its version.
    pub producer: String,
    /// Version of the file format.
    pub ir_version: i64,
    /// Version of the standard operator set.
    pub opset: i64,
    /// Inputs, in order.
    pub inputs: Vec<PortInfo>,
    /// Outputs, in order.
    pub outputs: Vec<PortInfo>,
    /// Symbolic dimensions of the inputs.
    pub symbols: Vec<SymbolInfo>,
    /// Number of nodes of each ONNX operator; other domains as `domain::Operator`.
    pub operators: BTreeMap<String, u64>,
    /// The weights.
    pub parameters: Parameters,
    /// Everything that Prism does not support, most frequent first.
    pub unsupported: Vec<Unsupported>,
    /// What depends on the dimensions; absent while some are unbound or the graph has errors.
    pub bound: Option<Bound>,
    /// Why `bound` is absent: one line per problem.
    pub problems: Vec<String>,
}

/// An input or output.
#[derive(Clone, Debug, Serialize)]
pub struct PortInfo {
    /// Its name.
    pub name: String,
    /// Its extents, as numbers or expressions; absent when the rank is unknown.
    pub dims: Option<Vec<String>>,
    /// Its element type, such as `f32`, or what ONNX calls one that is not supported.
    pub element: String,
}

/// A symbolic dimension.
#[derive(Clone, Debug, Serialize)]
pub struct SymbolInfo {
    /// Its name.
    pub name: String,
    /// The flag that binds it.
    pub flag: String,
    /// How many inputs have it.
    pub inputs: usize,
    /// Its value, if it is bound.
    pub value: Option<u64>,
}

/// The weights of a model: initializers in another file or above 64 elements.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Parameters {
    /// Number of tensors.
    pub tensors: u64,
    /// Number of elements.
    pub count: u64,
    /// Size, bytes.
    pub bytes: u64,
}

/// Looks at everything; needs neither supported operators nor bound dimensions.
pub(super) fn inspect(model: &OnnxModel, bindings: &Bindings) -> Inspection {
    let mut refused = refusals(model);
    let symbols = model.interface.symbols();
    let resolved = bindings.resolve(&symbols, &model.path);
    let mut known = prism_support::Diagnostics::new();
    let partial = bindings.values(&symbols, &model.path, &mut known);
    let mut problems: Vec<String> = Vec::new();
    let mut bound = None;
    match resolved {
        Err(unbound) => problems.extend(unbound.0.iter().map(|d| d.headline.clone())),
        Ok(_) if !refused.is_empty() => {}
        Ok(values) => {
            let (body, more, wrong) = convert(model, &values);
            problems.extend(wrong.0.iter().map(|d| d.headline.clone()));
            if wrong.0.is_empty() && more.is_empty() {
                bound = Some(bound_of(&body));
            }
            refused = more;
        }
    }
    if !refused.is_empty() {
        problems.push(refused.error(&model.path).headline);
    }
    let symbol = |(name, places): (&String, &Vec<String>)| SymbolInfo {
        name: name.clone(),
        flag: flag_for(name),
        inputs: places.len(),
        value: partial.get(name).copied(),
    };
    Inspection {
        producer: [&*model.model.producer_name, &*model.model.producer_version].join(" ").trim().to_string(),
        ir_version: model.model.ir_version,
        opset: model.opset,
        inputs: model.interface.inputs.iter().map(|(_, port)| port_info(port)).collect(),
        outputs: model.interface.outputs.iter().map(port_info).collect(),
        symbols: symbols.places.iter().map(symbol).collect(),
        operators: operators(model),
        parameters: parameters(model),
        unsupported: refused.groups(),
        bound,
        problems,
    }
}

fn port_info(port: &Port) -> PortInfo {
    let dims = port.dims.as_ref().map(|dims| dims.iter().map(Dim::to_string).collect());
    let element = port.elem.as_ref().map_or_else(Clone::clone, |e| e.name().to_string());
    PortInfo { name: port.name.clone(), dims, element }
}

fn operators(model: &OnnxModel) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for node in &model.graph.node {
        *out.entry(full_name(node).into_owned()).or_insert(0) += 1;
    }
    out
}

fn parameters(model: &OnnxModel) -> Parameters {
    let mut out = Parameters::default();
    for tensor in &model.graph.initializer {
        let Ok(ty) = tensor_type(tensor) else { continue };
        if is_external(tensor) || ty.numel() > MAX_CONSTANT {
            out.tensors += 1;
            out.count = out.count.saturating_add(ty.numel());
            out.bytes = out.bytes.saturating_add(byte_size(&ty));
        }
    }
    out
}
