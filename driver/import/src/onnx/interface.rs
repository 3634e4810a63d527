//! Inputs and outputs of the graph: their types, their symbolic dimensions, and these bound.

use super::fault::{Refused, remedy};
use super::lower::MAX_RANK;
use super::needs;
use super::proto::{Dimension, Graph, ValueInfo};
use super::tensor::{MAX_STORED, element_type};
use super::wiring::{Maker, Wiring, short};
use crate::bindings::Symbols;
use crate::dims::Dim;
use prism_dialects::{Elem, TensorType};
use prism_support::codes::{E0206, E0208};
use prism_support::{Diagnostic, Diagnostics};
use std::collections::BTreeMap;
use std::path::Path;

/// Extents that a message shows of a shape.
const SHOWN: usize = 8;

/// An input or output as the file declares it.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// Its name.
    pub(crate) name: String,
    /// Its extents; `None` when not even the rank is declared.
    pub(crate) dims: Option<Vec<Dim>>,
    /// Its element type, or what ONNX calls the one that is not supported.
    pub(crate) elem: Result<Elem, String>,
}

impl Port {
    fn of(info: &ValueInfo) -> Port {
        let tensor = info.r#type.as_ref().and_then(|t| t.tensor_type.as_ref());
        let elem = match tensor {
            Some(t) => element_type(t.elem_type),
            None => Err("which is no tensor".into()),
        };
        let shape = tensor.and_then(|t| t.shape.as_ref());
        let dims = shape.map(|s| s.dim.iter().enumerate().map(|(i, d)| dim_of(d, &info.name, i)).collect());
        Port { name: info.name.clone(), dims, elem }
    }

    /// As shown: `` `past_k_0` (1 x 12 x past x 64)``.
    pub(crate) fn shown(&self) -> String {
        let dims = self.dims.as_deref().unwrap_or(&[]);
        let mut shown: Vec<String> = dims.iter().take(SHOWN).map(|d| short(&d.to_string())).collect();
        if dims.len() > SHOWN {
            shown.push("...".into());
        }
        format!("`{}` ({})", short(&self.name), shown.join(" x "))
    }
}

/// An extent without number and name is a symbol named after its place, such as `tokens.1`.
fn dim_of(dim: &Dimension, port: &str, axis: usize) -> Dim {
    match (&dim.dim_param, dim.dim_value) {
        (Some(text), _) if !text.trim().is_empty() => Dim::parse(text),
        (_, Some(n)) => Dim::Number(n),
        _ => Dim::Symbol(format!("{port}.{axis}")),
    }
}

/// Inputs that are no initializers, and outputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interface {
    /// Inputs, with the value each is.
    pub(crate) inputs: Vec<(usize, Port)>,
    /// Outputs.
    pub(crate) outputs: Vec<Port>,
}

impl Interface {
    /// Of a graph.
    pub(crate) fn of(graph: &Graph, wiring: &Wiring) -> Interface {
        let made = wiring.makers.iter().enumerate();
        let inputs = made.filter_map(|(value, maker)| match maker {
            Maker::Input(i) => Some((value, Port::of(graph.input.get(*i)?))),
            _ => None,
        });
        Interface { inputs: inputs.collect(), outputs: graph.output.iter().map(Port::of).collect() }
    }

    /// Notes inputs that are no tensors of a supported type and known rank.
    pub(crate) fn refuse(&self, refused: &mut Refused) {
        for (_, port) in &self.inputs {
            if let Err(name) = &port.elem {
                refused.add(format!("input of element type {name}"), needs::ELEMENT, &port.name);
            } else if port.dims.is_none() {
                refused.add("input of unknown rank".into(), needs::RANK, &port.name);
            } else if port.dims.as_ref().is_some_and(|d| d.len() > MAX_RANK) {
                refused.add(format!("input with more than {MAX_RANK} axes"), needs::RANK, &port.name);
            }
        }
    }

    /// The symbols in the shapes of inputs.
    pub(crate) fn symbols(&self) -> Symbols {
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, port) in &self.inputs {
            let shown = port.shown();
            for dim in port.dims.iter().flatten() {
                dim.symbols(&mut |symbol| {
                    let known = places.entry(symbol.to_string()).or_default();
                    if known.last() != Some(&shown) {
                        known.push(shown.clone());
                    }
                });
            }
        }
        let first = self.inputs.first().map(|(_, port)| port);
        let fixed_batch = first.and_then(|port| match port.dims.as_ref()?.first()? {
            Dim::Number(n) => Some((port.shown(), *n)),
            _ => None,
        });
        Symbols { places, fixed_batch }
    }
}

/// The type of an input under these bindings. Notes a problem and yields nothing where it has none.
pub(crate) fn bound(
    port: &Port,
    values: &BTreeMap<String, u64>,
    file: &Path,
    problems: &mut Diagnostics,
) -> Option<TensorType> {
    let elem = port.elem.clone().ok()?;
    let mut dims = Vec::new();
    for (axis, dim) in port.dims.as_ref()?.iter().enumerate() {
        let extent = dim.value(values).and_then(|n| u64::try_from(n).ok());
        let Some(extent) = extent.filter(|n| *n > 0 || matches!(dim, Dim::Number(0))) else {
            let found = dim.value(values).map_or_else(|| "no number".to_string(), |n| n.to_string());
            let headline = format!("axis {axis} of input {} has no valid extent", port.shown());
            let d = Diagnostic::error(&E0206, headline).in_file(file);
            problems.push(
                d.found(format!("`{dim}` = {found}"))
                    .allowed("a positive number")
                    .hint("bind larger dimensions with `--seq`, `--past` or `--dim`"),
            );
            return None;
        };
        dims.push(extent);
    }
    let ty = TensorType::new(dims, elem);
    if ty.checked_numel().is_none_or(|n| n > MAX_STORED) {
        let d = Diagnostic::error(&E0208, format!("input `{}` is too large", port.name)).in_file(file);
        problems.push(d.found(ty.to_string()).allowed(format!("at most {MAX_STORED} elements")).hint(remedy(&E0208)));
        return None;
    }
    Some(ty)
}

/// Compares an output with its declaration. Declared symbols and zeros say nothing: exporters write 0 for unknown.
pub(crate) fn check_output(port: &Port, found: &TensorType, file: &Path, problems: &mut Diagnostics) {
    let Some(dims) = &port.dims else { return };
    let agrees = |(dim, extent): (&Dim, &u64)| match dim {
        Dim::Number(n) => *n == 0 || u64::try_from(*n) == Ok(*extent),
        _ => true,
    };
    let same_elem = port.elem.as_ref().map_or(true, |e| *e == found.elem);
    if same_elem && dims.len() == found.rank() && dims.iter().zip(&found.dims).all(agrees) {
        return;
    }
    let elem = port.elem.as_ref().map_or("another type", |e| e.name());
    let d = Diagnostic::error(&E0206, format!("output `{}` is not what the file declares", port.name)).in_file(file);
    let d = d.found(found.to_string()).allowed(format!("{} of {elem}", port.shown()));
    problems.push(d.hint(remedy(&E0206)));
}
