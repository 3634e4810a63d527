//! Hugging Face configs: a network built from its `config.json`, for any lengths and widths.
//!
//! [`registry`] is the list of architectures. A reader of [`families`] turns the fields of a config into plain data (`spec.rs`), which
//! [`blocks`] build as `nn`: in the operations that recognition makes of exports, with the module paths and names of
//! weights that Hugging Face uses. Weight files beside the config are compared with it by their headers.

mod blocks;
mod checkpoint;
mod families;
mod fields;
mod graph;
mod inspect;
pub(crate) mod json;
mod lengths;
mod network;
mod precision;
mod registry;
mod rope;
mod safetensors;
mod spec;

pub use inspect::ConfigInspection;
pub use precision::Precision;
pub use registry::supported_architectures;

use crate::bindings::Bindings;
use checkpoint::{Checkpoint, Wanted};
use fields::{Faults, Fields};
use graph::{Graph, Lengths, Sequence, Types};
use json::{Json, Object};
use network::Network;
use prism_dialects::{Attr, Attrs, Body, Elem, Module};
use prism_support::codes::{E0101, E0102, E0201, E0208, E0210, W0202};
use prism_support::{Diagnostic, Diagnostics, Result};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Name of the config in a folder.
pub const CONFIG: &str = "config.json";

/// Longest config, bytes.
const MAX_CONFIG: u64 = 4 << 20;

/// A model known by its config.
pub struct HfModel {
    path: PathBuf,
    /// Whether the config says its `model_type`.
    named: bool,
    architecture: &'static str,
    network: Box<dyn Network>,
    faults: Faults,
    dtype: Elem,
    checkpoint: Option<Checkpoint>,
    source: Vec<u8>,
}

impl HfModel {
    /// Opens a config, or the folder that holds one. Weight files beside `config.json` are looked at, by their headers.
    ///
    /// # Errors
    /// `E0102` when it cannot be read, those of [`HfModel::parse`], `E0214` for weight files that are damaged.
    pub fn open(path: &Path) -> Result<HfModel> {
        let path = if path.is_dir() { path.join(CONFIG) } else { path.to_path_buf() };
        let unreadable = |e: std::io::Error| {
            let d = Diagnostic::error(&E0102, format!("cannot read `{}`", path.display()));
            d.found(e.to_string()).hint("check the path")
        };
        let mut bytes = Vec::new();
        File::open(&path).and_then(|f| f.take(MAX_CONFIG + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
        let mut model = HfModel::parse(bytes, &path)?;
        // Other names may be several in one folder, whose weights are nobody's.
        if path.file_name().is_some_and(|name| name == CONFIG) {
            let folder = path.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new("."));
            model.checkpoint = Checkpoint::beside(folder)?;
        }
        Ok(model)
    }

    /// Reads a config from bytes; `path` is for messages. What is wrong with its fields is told when it is imported.
    ///
    /// # Errors
    /// `E0208` when it is too long, `E0210` when it is no JSON, `E0201` when it is no config, `E0212` for an unknown architecture.
    pub fn parse(bytes: Vec<u8>, path: &Path) -> Result<HfModel> {
        if bytes.len() as u64 > MAX_CONFIG {
            let d = Diagnostic::error(&E0208, format!("`{}` is larger than Prism accepts", path.display()));
            return Err(d.allowed(format!("at most {MAX_CONFIG} bytes")).into());
        }
        let json = Json::parse(&bytes).map_err(|e| {
            Diagnostic::error(&E0210, format!("`{}` is not JSON", path.display())).in_file(path).found(e)
        })?;
        let config = json.object().ok_or_else(|| {
            Diagnostic::error(&E0201, format!("`{}` is not the config of a model", path.display()))
                .in_file(path)
                .found(json.to_string())
                .allowed("a JSON object, as Hugging Face's transformers write it")
        })?;
        let architecture = registry::find(config, path).map_err(|d| *d)?;
        let faults = Faults::of(path);
        let (network, dtype) = read(architecture, config, &faults);
        let named = json::entry(config, "model_type").is_some();
        let (path, architecture) = (path.to_path_buf(), architecture.model_type);
        Ok(HfModel { path, named, architecture, network, faults, dtype, checkpoint: None, source: bytes })
    }

    /// Warns of a config that does not name its architecture: which one was assumed, and why.
    pub fn assumed(&self) -> Option<Diagnostic> {
        let missing =
            || Diagnostic::warning(&W0202, format!("`{}` does not say its `model_type`", self.path.display()));
        (!self.named).then(|| {
            let found = format!("`architectures`, by which it is read as `{}`", self.architecture);
            missing().found(found).hint(format!("add \"model_type\": \"{}\"", self.architecture))
        })
    }

    /// The `nn` program of the model for these lengths and widths: one function `main`.
    ///
    /// A prompt (`--seq N`) takes `input_ids` and gives `logits`, then the cache of each layer. A step (`--past N`) also takes
    /// `position_ids` and the cache; it has one new token, or `--seq` of them.
    ///
    /// # Errors
    /// Everything that is wrong with the config (`E0211`, `E0213`), its lengths and widths (`E0101`, `E0205`) and its weight
    /// files (`E0215`) at once; `E0208` for tensors that are too large.
    pub fn import(&self, bindings: &Bindings, precision: &Precision) -> Result<Module> {
        let mut problems = self.faults.all(precision.weight_bits.is_some());
        let lengths = problems.absorb(lengths::of(self, bindings));
        let types = precision.types(self.dtype, &Default::default(), &mut problems);
        let types = if problems.has_errors() { types } else { self.stored(types, precision, &mut problems) };
        let Some(lengths) = lengths.filter(|_| !problems.has_errors()) else {
            return problems.into_result(Module::default());
        };
        let body = self.build(&types, lengths).map_err(|d| d.in_file(&self.path))?;
        let attrs = Attrs::from([
            ("nn.model".to_string(), Attr::str(self.name())),
            ("nn.dims".to_string(), Attr::dict(lengths::attrs(lengths))),
        ]);
        Ok(Module { attrs, bodies: vec![body] })
    }

    /// The program for a batch of sequences with lengths of their own: new tokens of each, and tokens in its cache, 0 in all for
    /// prompts. New tokens lie one after another, `input_ids` and `position_ids` being [1, all of them]; nothing is
    /// padded. Each sequence has its own attention, over its own cache (`past_k_3_0` of layer 3 and sequence 0). Logits are
    /// those of the last token of each.
    ///
    /// # Errors
    /// As [`HfModel::import`], and [`E0101`] for an architecture whose sequences must be of one length.
    pub fn import_ragged(&self, sequences: &[(u64, u64)], precision: &Precision) -> Result<Module> {
        let mut problems = self.faults.all(precision.weight_bits.is_some());
        if !self.network.has_cache() {
            let d = Diagnostic::error(&E0101, format!("`{}` takes sequences of one length", self.path.display()));
            let found =
                format!("{} sequences of different lengths in a `{}`, an encoder", sequences.len(), self.architecture);
            problems.push(d.found(found).allowed("one length, or a decoder, whose sequences have caches of their own"));
        }
        let mut start = 0u64;
        let placed = sequences.iter().map(|(seq, past)| {
            let at = Sequence { start, seq: *seq, past: *past };
            start = start.saturating_add(*seq);
            at
        });
        let placed: Vec<Sequence> = placed.collect();
        let past = placed.iter().map(|s| s.past).max().unwrap_or(0);
        let longest = placed.iter().map(|s| s.seq.saturating_add(s.past)).max();
        let lengths = Lengths { batch: 1, seq: start, past, longest };
        lengths::too_long(self, lengths).into_iter().for_each(|d| problems.push(d));
        let types = precision.types(self.dtype, &Default::default(), &mut problems);
        let types = if problems.has_errors() { types } else { self.stored(types, precision, &mut problems) };
        if problems.has_errors() {
            return Err(problems);
        }
        let mut g = Graph::new(&types, placed);
        self.network.build(&mut g, lengths).map_err(|d| d.in_file(&self.path))?;
        let attrs = Attrs::from([("nn.model".to_string(), Attr::str(self.name()))]);
        Ok(Module { attrs, bodies: vec![g.finish()] })
    }

    /// What the model holds, and what it costs as far as its lengths are given.
    pub fn inspect(&self, bindings: &Bindings, precision: &Precision) -> ConfigInspection {
        inspect::inspect(self, bindings, precision)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the program depends on, in order: the config, and the headers of weight files.
    pub fn sources(&self) -> [&[u8]; 2] {
        [&self.source, self.checkpoint.as_ref().map_or(&[], |c| &c.read)]
    }

    /// A name for the model: that of its folder where the file is called `config.json`.
    pub fn name(&self) -> String {
        let of = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned());
        let plain = self.path.file_name().is_some_and(|n| n == CONFIG);
        let folder = self.path.parent().filter(|_| plain).and_then(of);
        folder.or_else(|| of(&self.path)).unwrap_or_else(|| self.architecture.to_string())
    }

    fn build(&self, types: &Types, lengths: Lengths) -> std::result::Result<Body, Box<Diagnostic>> {
        let mut g = Graph::new(types, Vec::new());
        self.network.build(&mut g, lengths)?;
        Ok(g.finish())
    }

    /// The weights that a program of this model names.
    fn wanted(&self, types: &Types) -> std::result::Result<Vec<Wanted>, Box<Diagnostic>> {
        let body = self.build(types, Lengths { batch: 1, seq: 1, past: 0, longest: None })?;
        let params = body.ops.iter().filter(|op| op.name() == "nn.param");
        let each = params.filter_map(|op| {
            let dims = body.ty(op.result()?).tensor()?.dims.clone();
            Some(Wanted { name: op.attr("name")?.as_str()?.to_string(), dims })
        });
        Ok(each.collect())
    }

    /// `types` with those of weights that are stored in another one.
    fn stored(&self, types: Types, precision: &Precision, problems: &mut Diagnostics) -> Types {
        let Some(checkpoint) = &self.checkpoint else { return types };
        let wanted = match self.wanted(&types) {
            Ok(wanted) => wanted,
            Err(d) => {
                problems.push(d.in_file(&self.path));
                return types;
            }
        };
        let widened = precision.weight_bits.is_some();
        let found = problems.absorb(checkpoint.types(&wanted, types.compute, widened));
        Types { stored: found.unwrap_or_default(), ..types }
    }
}

/// Reads the fields of a config.
fn read(architecture: &registry::Architecture, config: &Object, faults: &Faults) -> (Box<dyn Network>, Elem) {
    let fields = Fields::new(config, faults);
    if let Some(method) = fields.object("quantization_config") {
        let method = method.word("quant_method").unwrap_or("an unknown method");
        faults.stored_otherwise(format!("`quantization_config`: weights are stored by {method}"));
    }
    let dtype = precision::dtype(&fields);
    ((architecture.read)(&fields), dtype)
}
