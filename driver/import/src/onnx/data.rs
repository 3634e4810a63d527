//! Tensor data in files beside the model: opened only when a value is needed.

use super::map::bytes_of;
use super::proto;
use super::tensor::{byte_size, external, from_raw, is_external, numbers, tensor_type};
use bytes::Bytes;
use prism_dialects::{Dense, Numbers, TensorType};
use prism_support::Diagnostic;
use prism_support::codes::E0209;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The data files of a model.
pub(crate) struct External<'m> {
    model: &'m Path,
    open: BTreeMap<PathBuf, Result<Bytes, String>>,
}

impl<'m> External<'m> {
    /// Of the model in that file; nothing is opened yet.
    pub(crate) fn of(model: &'m Path) -> External<'m> {
        External { model, open: BTreeMap::new() }
    }

    /// The bytes of a tensor.
    ///
    /// # Errors
    /// Why they cannot be had.
    pub(crate) fn bytes(&mut self, tensor: &proto::Tensor, ty: &TensorType) -> Result<Bytes, String> {
        let location = external(tensor, "location").ok_or("external data without a location")?;
        let relative = Path::new(location);
        // A model must not make us read files elsewhere.
        if location.is_empty() || !relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
        {
            return Err(format!("data file `{location}`, which is outside the folder of the model"));
        }
        let path = self.model.parent().unwrap_or(Path::new("")).join(relative);
        let opened = self
            .open
            .entry(path)
            .or_insert_with_key(|path| bytes_of(path).map_err(|e| format!("data file `{}`: {e}", path.display())));
        let file = opened.as_ref().map_err(Clone::clone)?;
        let offset = external(tensor, "offset").unwrap_or("0");
        let start: usize = offset.parse().map_err(|_| format!("offset `{offset}` of external data"))?;
        let size = usize::try_from(byte_size(ty)).map_err(|_| format!("{ty}"))?;
        let end = start.checked_add(size).filter(|end| *end <= file.len());
        let end = end.ok_or_else(|| format!("data file `{location}` of {} bytes, too short", file.len()))?;
        Ok(file.slice(start..end))
    }

    /// The numbers of a tensor.
    ///
    /// # Errors
    /// Why they cannot be had.
    pub(crate) fn numbers(&mut self, tensor: &proto::Tensor, ty: &TensorType) -> Result<Numbers, String> {
        Ok(from_raw(&self.bytes(tensor, ty)?, ty.elem))
    }
}

/// The numbers of a weight, from the model file or the data file beside it, for running a model.
///
/// # Errors
/// `E0209` when they cannot be had: no such weight, no such file, data too short.
pub fn weight_data(model: &super::OnnxModel, name: &str) -> prism_support::Result<Dense> {
    let missing = |found: String| {
        let headline = format!("the values of weight `{name}` are not at hand");
        Diagnostic::error(&E0209, headline)
            .in_file(&model.path)
            .found(found)
            .allowed("values inside the model file, or in the data file it names")
    };
    let tensor = model.graph.initializer.iter().find(|t| t.name == name);
    let tensor = tensor.ok_or_else(|| missing("no weight of that name".into()))?;
    let ty = tensor_type(tensor).map_err(|_| missing("a type that is not supported".into()))?;
    let numbers = match is_external(tensor) {
        true => External::of(&model.path).numbers(tensor, &ty),
        false => numbers(tensor, &ty),
    };
    Ok(Dense { numbers: numbers.map_err(missing)?, ty })
}
