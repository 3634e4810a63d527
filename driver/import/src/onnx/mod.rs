//! ONNX: opened and checked once, then converted for any values of its symbolic dimensions.

mod convert;
mod data;
pub(crate) mod fault;
mod fold;
mod functions;
mod inspect;
mod interface;
mod lower;
mod map;
mod names;
mod needs;
mod node;
mod ops;
pub mod proto;
mod tensor;
pub(crate) mod wire;
mod wiring;

pub use data::weight_data;
pub use fault::Unsupported;
pub use inspect::{Inspection, Parameters, PortInfo, SymbolInfo};
pub use ops::supported as supported_operators;

use crate::bindings::Bindings;
use crate::detect::{Format, detect};
use bytes::Bytes;
use interface::Interface;
use names::Namer;
use prism_dialects::Module;
use prism_support::codes::{E0102, E0201, E0202, E0203, E0208};
use prism_support::{Diagnostic, Result};
use prost::Message;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use wiring::Wiring;

/// Versions of the standard operator set that Prism reads.
pub const OPSETS: RangeInclusive<i64> = 11..=25;
/// Versions of the file format: from the first with typed attributes to the newest there is.
const IR_VERSIONS: RangeInclusive<i64> = 3..=14;

/// An ONNX model: its graph, with names resolved. Tensor data stays in the mapped file.
pub struct OnnxModel {
    path: PathBuf,
    model: proto::Model,
    graph: proto::Graph,
    opset: i64,
    wiring: Wiring,
    interface: Interface,
    namer: Namer,
}

impl OnnxModel {
    /// Opens a model file. Its tensor data is mapped, not read.
    ///
    /// # Errors
    /// `E0102` when it cannot be read, and those of [`OnnxModel::parse`].
    pub fn open(path: &Path) -> Result<OnnxModel> {
        let bytes = map::bytes_of(path).map_err(|e| {
            let d = Diagnostic::error(&E0102, format!("cannot read `{}`", path.display()));
            d.found(e.to_string()).hint("check the path")
        })?;
        OnnxModel::parse(bytes, path)
    }

    /// Reads a model from bytes; `path` is for messages and for finding external data beside it.
    ///
    /// # Errors
    /// `E0201` for other formats, `E0202` for a damaged file, `E0203` for versions out of range, `E0207` for a graph
    /// or function whose names do not resolve or that has a cycle, `E0208` when it is too large.
    pub fn parse(bytes: Bytes, path: &Path) -> Result<OnnxModel> {
        let mut model = decode(bytes, path)?;
        let opset = check_versions(&model, path)?;
        let Some(mut graph) = model.graph.take() else {
            return Err(damaged(path, "no graph", "a model with a graph").into());
        };
        functions::inline(&mut model, &mut graph, opset, path)?;
        let wiring = Wiring::of(&graph, path)?;
        let interface = Interface::of(&graph, &wiring);
        let namer = Namer::new(&graph, &wiring);
        Ok(OnnxModel { path: path.to_path_buf(), model, graph, opset, wiring, interface, namer })
    }

    /// The `nn` program of the model with its dimensions bound: one function `main` over the graph's inputs.
    ///
    /// # Errors
    /// `E0205` for unbound dimensions, `E0101` for flags that do not fit, one `E0204` with everything that is not
    /// supported, `E0206` to `E0209` for each node that is wrong.
    pub fn import(&self, bindings: &Bindings) -> Result<Module> {
        convert::import(self, bindings)
    }

    /// What the model holds, and what it costs as far as its dimensions are bound.
    pub fn inspect(&self, bindings: &Bindings) -> Inspection {
        inspect::inspect(self, bindings)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Version of the standard operator set.
    pub fn opset(&self) -> i64 {
        self.opset
    }
}

fn damaged(path: &Path, found: impl Into<String>, allowed: impl Into<String>) -> Diagnostic {
    let headline = format!("`{}` is a damaged ONNX file", path.display());
    let d = Diagnostic::error(&E0202, headline).in_file(path).found(found).allowed(allowed);
    d.hint("export or download the model again")
}

fn decode(bytes: Bytes, path: &Path) -> Result<proto::Model> {
    let format = detect(&bytes);
    if format != Format::Onnx {
        return Err(not_onnx(format, path).into());
    }
    wire::check(&bytes).map_err(|damage| match damage {
        wire::Damage::Broken { at, found, allowed } => damaged(path, format!("at byte {at}: {found}"), allowed),
        wire::Damage::TooLarge { found, allowed } => {
            let headline = format!("`{}` is larger than Prism accepts", path.display());
            Diagnostic::error(&E0208, headline).in_file(path).found(found).allowed(allowed)
        }
    })?;
    Ok(proto::Model::decode(bytes).map_err(|e| damaged(path, e.to_string(), "messages as in onnx.proto"))?)
}

fn not_onnx(format: Format, path: &Path) -> Diagnostic {
    let found = match format {
        Format::Onnx => "ONNX",
        Format::Mlir => "MLIR text",
        Format::Json => "JSON",
        Format::Unknown(what) => what,
    };
    Diagnostic::error(&E0201, format!("`{}` is not an ONNX model", path.display()))
        .in_file(path)
        .found(found)
        .allowed("ONNX (protobuf), or `nn` as MLIR text")
        .hint("export the model with `torch.onnx.export(..., dynamo=True)`")
}

/// The version of the standard operator set.
fn check_versions(model: &proto::Model, path: &Path) -> Result<i64> {
    let error = |what: &str, found: String, allowed: String| {
        let headline = format!("{what} of `{}` is not supported", path.display());
        Diagnostic::error(&E0203, headline).in_file(path).found(found).allowed(allowed)
    };
    if !IR_VERSIONS.contains(&model.ir_version) {
        let allowed = format!("{} to {}", IR_VERSIONS.start(), IR_VERSIONS.end());
        return Err(error("the IR version", model.ir_version.to_string(), allowed).into());
    }
    let mut standard = model.opset_import.iter().filter(|o| ops::is_standard(&o.domain)).map(|o| o.version);
    let allowed = format!("opset {} to {}", OPSETS.start(), OPSETS.end());
    let hint = "export the model again with `opset_version=20`";
    match (standard.next(), standard.next()) {
        (Some(version), None) if OPSETS.contains(&version) => Ok(version),
        (Some(a), Some(b)) => {
            Err(error("the operator set", format!("both opset {a} and {b}"), allowed).hint(hint).into())
        }
        (Some(version), None) => Err(error("the operator set", format!("opset {version}"), allowed).hint(hint).into()),
        (None, _) => Err(error("the operator set", "none declared".into(), allowed).hint(hint).into()),
    }
}
