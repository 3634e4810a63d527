//! Files from the command line: read once, told apart by content.

use bytes::Bytes;
use clap::Args;
use prism_dialects::Level;
use prism_import::{Bindings, CONFIG, Format, HfModel, OnnxModel, Precision, detect};
use prism_support::codes::{E0101, E0102, E0201, E0202, E0302};
use prism_support::{Diagnostic, Diagnostics, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Most bytes read from standard input or another pipe.
const MAX_STREAM: u64 = 1 << 30;
/// Bytes that tell a format.
const PROBE: u64 = 4096;

/// Values of symbolic dimensions.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Dimensions")]
pub struct Dimensions {
    /// Length of the input sequence, tokens
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seq: Option<u64>,
    /// Length of the KV cache before the step, tokens
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub past: Option<u64>,
    /// Number of sequences
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub batch: Option<u64>,
    /// Value of any other symbolic dimension; may be repeated
    #[arg(long, value_name = "NAME=N")]
    pub dim: Vec<String>,
    /// Width of a config's weights and of what is computed with them: 16, 32, 64 [default: as stored]
    #[arg(long, value_name = "N", help_heading = "Precision")]
    pub weight_bits: Option<u32>,
    /// Width of a config's cache of keys and values: 16, 32, 64 [default: that of the weights]
    #[arg(long, value_name = "N", help_heading = "Precision")]
    pub kv_bits: Option<u32>,
}

impl Dimensions {
    /// As the importer takes them.
    ///
    /// # Errors
    /// `E0101` for a `--dim` that is not `NAME=N`.
    pub fn bindings(&self) -> Result<Bindings> {
        let dims = self.dim.iter().map(|d| Bindings::parse_dim(d)).collect::<Result<Vec<_>>>()?;
        Ok(Bindings { seq: self.seq, past: self.past, batch: self.batch, dims })
    }

    /// Widths of the numbers of a config.
    pub fn precision(&self) -> Precision {
        Precision { weight_bits: self.weight_bits, kv_bits: self.kv_bits }
    }

    /// Refuses widths for what has types of its own.
    ///
    /// # Errors
    /// `E0101`.
    pub fn no_precision(&self, name: &str) -> Result<()> {
        let flags = self.precision().flags();
        if flags.is_empty() {
            return Ok(());
        }
        Err(Diagnostic::error(&E0101, format!("`{}` does not fit `{name}`", flags.join(" ")))
            .found("a graph whose tensors have their types")
            .allowed("widths with a Hugging Face config")
            .into())
    }

    /// Whether any is given.
    pub fn any(&self) -> bool {
        self.seq.is_some() || self.past.is_some() || self.batch.is_some() || !self.dim.is_empty()
    }

    /// The flags as they would be typed.
    pub fn flags(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (flag, value) in [("--seq", self.seq), ("--past", self.past), ("--batch", self.batch)] {
            out.extend(value.into_iter().flat_map(|n| [flag.to_string(), n.to_string()]));
        }
        out.extend(self.dim.iter().flat_map(|d| ["--dim".to_string(), d.clone()]));
        out.extend(self.precision().flags());
        out
    }
}

/// What a file holds.
pub enum Content {
    /// An ONNX model.
    Onnx(Box<OnnxModel>),
    /// A Hugging Face config.
    Config(Box<HfModel>),
    /// MLIR text.
    Mlir(String),
    /// Another text, such as a target file.
    Text(String),
}

/// A file, or standard input.
pub struct Input {
    /// As typed; `-` is standard input.
    pub name: String,
    /// What it holds.
    pub content: Content,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Input {
    /// Reads the file `name`; `-` is standard input. Text that is no MLIR is accepted as such; a folder stands for its config.
    ///
    /// # Errors
    /// `E0102` when it cannot be read, `E0201` for formats that Prism does not know, and those of the ONNX reader.
    pub fn open(name: &str) -> Result<Input> {
        let given = name.to_string();
        if name == "-" {
            return Input::stream(name, std::io::stdin().lock());
        }
        let path = Path::new(name);
        let mut file = File::open(path).map_err(|e| unreadable(name, &e))?;
        let metadata = file.metadata().map_err(|e| unreadable(name, &e))?;
        if metadata.is_dir() {
            if path.join(CONFIG).is_file() {
                return Input::config(name, HfModel::open(path)?);
            }
            let d = unreadable(name, &std::io::Error::other(format!("a folder without `{CONFIG}`")));
            return Err(d.allowed(format!("a file, or a folder with `{CONFIG}`")).into());
        }
        if !metadata.is_file() {
            // A pipe is read once, and cannot be mapped.
            return Input::stream(name, file);
        }
        let mut head = Vec::new();
        file.by_ref().take(PROBE).read_to_end(&mut head).map_err(|e| unreadable(name, &e))?;
        if detect(&head) == Format::Onnx {
            // Mapped, not read: weights inside the file stay on disk but for the hash of the whole.
            let model = OnnxModel::open(path)?;
            let sha256 = hash_file(path).map_err(|e| unreadable(name, &e))?;
            return Ok(Input { name: given, content: Content::Onnx(Box::new(model)), sha256 });
        }
        if detect(&head) == Format::Json {
            return Input::config(name, HfModel::open(path)?);
        }
        refuse_unknown(name, &head)?;
        let limit = prism_dialects::scan::MAX_TEXT_BYTES as u64;
        let mut bytes = head;
        file.take(limit).read_to_end(&mut bytes).map_err(|e| unreadable(name, &e))?;
        let sha256 = hex(&Sha256::digest(&bytes));
        Ok(Input { content: content(name, bytes)?, name: given, sha256 })
    }

    fn config(name: &str, model: HfModel) -> Result<Input> {
        let mut hasher = Sha256::new();
        model.sources().iter().for_each(|part| hasher.update(part));
        let sha256 = hex(&hasher.finalize());
        Ok(Input { name: name.to_string(), content: Content::Config(Box::new(model)), sha256 })
    }

    fn stream(name: &str, from: impl Read) -> Result<Input> {
        let mut from = from.take(MAX_STREAM);
        let mut bytes = Vec::new();
        from.by_ref().take(PROBE).read_to_end(&mut bytes).map_err(|e| unreadable(name, &e))?;
        // Before an endless stream fills the memory.
        refuse_unknown(name, &bytes)?;
        from.read_to_end(&mut bytes).map_err(|e| unreadable(name, &e))?;
        if bytes.len() as u64 >= MAX_STREAM {
            let d = Diagnostic::error(&E0202, format!("{} is too large", called(name)));
            return Err(d.allowed(format!("fewer than {MAX_STREAM} bytes")).hint("give the file by its path").into());
        }
        let sha256 = hex(&Sha256::digest(&bytes));
        Ok(Input { name: name.to_string(), content: content(name, bytes)?, sha256 })
    }

    /// What was assumed of it, as a warning.
    pub fn assumed(&self) -> Diagnostics {
        let assumed = match &self.content {
            Content::Config(model) => model.assumed(),
            _ => None,
        };
        Diagnostics(assumed.into_iter().collect())
    }

    /// The MLIR text.
    ///
    /// # Errors
    /// `E0201` for anything else.
    pub fn mlir(&self) -> Result<&str> {
        match &self.content {
            Content::Mlir(text) => Ok(text),
            Content::Onnx(_) => Err(not_mlir(&self.name, "an ONNX model")
                .hint(format!("`prism compile {} --to import` turns it into MLIR", self.name))
                .into()),
            Content::Config(_) => Err(not_mlir(&self.name, "the config of a model")
                .hint(format!("`prism compile {} --seq 128 --to import` turns it into MLIR", self.name))
                .into()),
            Content::Text(_) => Err(not_mlir(&self.name, "text of another kind").into()),
        }
    }
}

fn not_mlir(name: &str, found: &str) -> Diagnostic {
    Diagnostic::error(&E0201, format!("`{name}` is not MLIR text"))
        .found(found)
        .allowed("MLIR text in Prism's dialects")
}

fn content(name: &str, bytes: Vec<u8>) -> Result<Content> {
    match detect(&bytes) {
        Format::Onnx => {
            return OnnxModel::parse(Bytes::from(bytes), Path::new(name)).map(|m| Content::Onnx(Box::new(m)));
        }
        Format::Json => {
            return HfModel::parse(bytes, Path::new(name)).map(|m| Content::Config(Box::new(m)));
        }
        Format::Mlir => {}
        Format::Unknown(_) => refuse_unknown(name, &bytes)?,
    }
    let too_long = bytes.len() >= prism_dialects::scan::MAX_TEXT_BYTES;
    if too_long {
        let d = Diagnostic::error(&E0302, format!("`{name}` is too large for a text"));
        return Err(d.allowed(format!("fewer than {} bytes", prism_dialects::scan::MAX_TEXT_BYTES)).into());
    }
    let mlir = detect(&bytes) == Format::Mlir && !is_toml(&bytes);
    let text = String::from_utf8(bytes).map_err(|e| {
        Diagnostic::error(&E0201, format!("`{name}` is not text"))
            .found(format!("a byte that is not UTF-8 at offset {}", e.utf8_error().valid_up_to()))
    })?;
    Ok(if mlir { Content::Mlir(text) } else { Content::Text(text) })
}

/// Whether text that starts with `#` is TOML with a comment, not MLIR with an alias: its first other line is a table or
/// `key = value`.
fn is_toml(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes.get(..PROBE as usize).unwrap_or(bytes));
    let line = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'));
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    line.is_some_and(|l| l.starts_with('[') || l.split_once('=').is_some_and(|(key, _)| key.trim().chars().all(bare)))
}

/// Refuses binary data of other kinds. Other text may still be a target file.
fn refuse_unknown(name: &str, head: &[u8]) -> Result<()> {
    match detect(head) {
        Format::Unknown(what) if std::str::from_utf8(head).is_err() || head.is_empty() || head.contains(&0) => {
            Err(not_a_model(name, what).into())
        }
        _ => Ok(()),
    }
}

/// The error for a file that is no model.
pub fn not_a_model(name: &str, found: &str) -> Diagnostic {
    Diagnostic::error(&E0201, format!("`{name}` is not a model"))
        .found(found)
        .allowed("ONNX (protobuf), config.json of Hugging Face, or MLIR text in Prism's dialects")
        .hint("export the model with `torch.onnx.export(..., dynamo=True)`")
}

fn unreadable(name: &str, reason: &std::io::Error) -> Diagnostic {
    Diagnostic::error(&E0102, format!("cannot read {}", called(name))).found(reason.to_string())
}

fn called(name: &str) -> String {
    if name == "-" { "standard input".into() } else { format!("`{name}`") }
}

fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// SHA-256 of a text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// The error for dimensions given to a program whose dimensions are numbers.
pub fn nothing_to_bind(name: &str, level: Level) -> Diagnostic {
    Diagnostic::error(&E0101, format!("`{name}` has no dimension to bind"))
        .found(format!("MLIR of level {level}, whose dimensions are numbers"))
        .allowed("`--seq`, `--past`, `--batch`, `--dim` with an ONNX model or a config")
}

#[cfg(test)]
mod tests {
    use super::{Content, Input, is_toml, sha256};

    #[test]
    fn formats_are_told_by_content_and_hashed() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("a.txt");
        std::fs::write(&path, "module {\n}\n").expect("written");
        let input = Input::open(path.to_str().expect("UTF-8")).expect("read");
        assert!(matches!(input.content, Content::Mlir(_)));
        assert_eq!(input.sha256, sha256("module {\n}\n"));
        assert!(is_toml(b"# a machine\nschema = 1\n") && !is_toml(b"#map = affine_map<() -> ()>\nmodule {\n}\n"));
        for (bytes, code) in [(&b""[..], "E0201"), (b"GGUF\0\0", "E0201"), (b"\x08\x0a\xff\xff\xff", "E0202")] {
            std::fs::write(&path, bytes).expect("written");
            let problems = Input::open(path.to_str().expect("UTF-8")).err().expect("refused");
            assert_eq!(problems.0[0].code.name, code, "{bytes:?}");
        }
        assert_eq!(Input::open("/no/such/file").err().map(|p| p.0[0].code.name), Some("E0102"));
    }
}
