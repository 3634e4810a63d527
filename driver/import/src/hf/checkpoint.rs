//! The weights beside a config: whether they are those that the config asks for, and which types they have.

use super::safetensors::{self, Header, Stored, short};
use prism_dialects::Elem;
use prism_support::codes::{E0102, E0208, E0214, E0215};
use prism_support::{Diagnostic, Diagnostics, Result};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest index, bytes.
const MAX_INDEX: u64 = 64 << 20;
/// How many weights an error lists.
const MAX_NOTES: usize = 20;
/// Modules that checkpoints may leave out in front of names, or have where others do not.
const OUTER: [&str; 3] = ["model.", "transformer.", "bert."];
/// Names of norms' weights in old checkpoints.
const OLD: [(&str, &str); 2] = [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")];

/// The tensors of a model's weight files.
#[derive(Debug, Default)]
pub(super) struct Checkpoint {
    /// The file, or the index of all files.
    pub(super) file: PathBuf,
    /// Number of files.
    pub(super) files: usize,
    tensors: Header,
    /// Bytes of what was read, in order: index and headers.
    pub(super) read: Vec<u8>,
}

/// A weight that a program names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) dims: Vec<u64>,
}

impl Checkpoint {
    /// The weights in `folder`; `None` where there are none.
    ///
    /// # Errors
    /// `E0102` when a file cannot be read, `E0214` for damaged ones.
    pub(super) fn beside(folder: &Path) -> Result<Option<Checkpoint>> {
        let (single, index) = (folder.join("model.safetensors"), folder.join("model.safetensors.index.json"));
        if single.is_file() {
            let (tensors, read) = safetensors::open(&single).map_err(|e| damaged(&single, e))?;
            return Ok(Some(Checkpoint { file: single, files: 1, tensors, read }));
        }
        if index.is_file() { Checkpoint::indexed(folder, index).map(Some) } else { Ok(None) }
    }

    fn indexed(folder: &Path, index: PathBuf) -> Result<Checkpoint> {
        let mut read = Vec::new();
        let open = File::open(&index).and_then(|f| f.take(MAX_INDEX + 1).read_to_end(&mut read));
        open.map_err(|e| {
            let d = Diagnostic::error(&E0102, format!("cannot read `{}`", index.display()));
            d.found(e.to_string())
        })?;
        if read.len() as u64 > MAX_INDEX {
            let d = Diagnostic::error(&E0208, format!("`{}` is larger than Prism accepts", index.display()));
            return Err(d.allowed(format!("at most {MAX_INDEX} bytes")).into());
        }
        let map = safetensors::index(&read).map_err(|e| damaged(&index, e))?;
        let mut files: BTreeMap<&str, Header> = map.values().map(|f| (f.as_str(), Header::new())).collect();
        let mut problems = Diagnostics::new();
        for (name, header) in &mut files {
            let path = folder.join(name);
            match safetensors::open(&path) {
                Ok((found, bytes)) => {
                    *header = found;
                    read.extend(bytes);
                }
                Err(e) => problems.push(damaged(&path, e)),
            }
        }
        let mut problems = problems.into_result(()).err().unwrap_or_default();
        let mut tensors = Header::new();
        for (name, file) in &map {
            match files.get(file.as_str()).and_then(|h| h.get(name)) {
                Some(t) => drop(tensors.insert(name.clone(), t.clone())),
                None if problems.0.is_empty() => {
                    let found = format!("no `{}` in `{}`", short(name), short(file));
                    problems.push(damaged(&index, (found, "tensors where the index says".into())));
                    break;
                }
                None => {}
            }
        }
        let files = files.len();
        problems.into_result(Checkpoint { file: index, files, tensors, read })
    }

    /// Number of tensors.
    pub(super) fn len(&self) -> usize {
        self.tensors.len()
    }

    fn find(&self, name: &str) -> Option<&Stored> {
        let find = |name: &str| {
            let with = |outer: &&str| self.tensors.get(&format!("{outer}{name}"));
            let without = |outer: &&str| self.tensors.get(name.strip_prefix(*outer)?);
            self.tensors.get(name).or_else(|| OUTER.iter().find_map(|o| without(o).or_else(|| with(o))))
        };
        let old = || OLD.iter().find_map(|(new, old)| find(&format!("{}{old}", name.strip_suffix(new)?)));
        find(name).or_else(old)
    }

    /// The element type of each wanted weight that is not `usual`, by name. A name with `*` stands for the weights of all experts,
    /// in order.
    ///
    /// # Errors
    /// One `E0215` with every weight that is missing, has another shape, or a type that is not computed with; types are left
    /// alone where `widened`.
    pub(super) fn types(&self, wanted: &[Wanted], usual: Elem, widened: bool) -> Result<BTreeMap<String, Elem>> {
        let mut notes = Vec::new();
        let mut out = BTreeMap::new();
        for want in wanted {
            let mut note = |name: &str, dims: &[u64]| match self.look(name, dims, widened) {
                Ok(elem) => {
                    if elem.is_some_and(|e| e != usual) {
                        out.extend(elem.map(|e| (want.name.clone(), e)));
                    }
                }
                Err(wrong) => notes.push(wrong),
            };
            match (want.name.split_once('*'), want.dims.split_first()) {
                (Some((before, after)), Some((experts, dims))) => {
                    (0..*experts).for_each(|e| note(&format!("{before}{e}{after}"), dims));
                }
                _ => note(&want.name, &want.dims),
            }
        }
        if notes.is_empty() {
            return Ok(out);
        }
        let (n, weights) = (notes.len(), if notes.len() == 1 { "weight" } else { "weights" });
        let headline = format!("{n} {weights} of `{}` do not fit the config", self.file.display());
        let mut d = Diagnostic::error(&E0215, headline).in_file(&self.file);
        d.notes.extend(notes.into_iter().take(MAX_NOTES));
        if n > MAX_NOTES {
            d = d.note(format!("and {} more", n - MAX_NOTES));
        }
        Err(d.hint("take config and weights from the same model").into())
    }

    /// The element type of a weight, if it is to be taken from here.
    fn look(&self, name: &str, dims: &[u64], widened: bool) -> std::result::Result<Option<Elem>, String> {
        let shape = |dims: &[u64]| dims.iter().map(u64::to_string).collect::<Vec<_>>().join(" x ");
        let Some(found) = self.find(name) else {
            return Err(format!("`{name}` is missing; {} is asked for", shape(dims)));
        };
        if found.dims != dims {
            return Err(format!("`{name}` is {}; {} is asked for", shape(&found.dims), shape(dims)));
        }
        let elem = match found.dtype.as_str() {
            "F16" => Elem::F16,
            "BF16" => Elem::BF16,
            "F32" => Elem::F32,
            "F64" => Elem::F64,
            _ if widened => return Ok(None),
            other => return Err(format!("`{name}` is of {other}; F16, BF16, F32 or F64 is computed with")),
        };
        Ok((!widened).then_some(elem))
    }
}

fn damaged(file: &Path, (found, allowed): (String, String)) -> Diagnostic {
    let headline = format!("`{}` cannot be read as safetensors", file.display());
    let d = Diagnostic::error(&E0214, headline).in_file(file).found(found).allowed(allowed);
    d.hint("download the weights again, or move the file away to compile from the config alone")
}
