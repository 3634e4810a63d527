//! Which format a file is in, from its content.

use crate::onnx::wire;

/// The format of a model file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// ONNX, protobuf.
    Onnx,
    /// MLIR text.
    Mlir,
    /// JSON text.
    Json,
    /// Nothing that Prism knows as a model; what it looks like instead.
    Unknown(&'static str),
}

/// First bytes of formats that people take for a model file, and what to call them.
const SIGNATURES: [(&[u8], &str); 13] = [
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras)"),
    (b"PK\x03\x04", "a zip archive (PyTorch or Keras checkpoint)"),
    (b"\x1f\x8b", "gzip data"),
    (b"GGUF", "a GGUF file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x02", "a Python pickle (PyTorch checkpoint)"),
    (b"\x80\x03", "a Python pickle (PyTorch checkpoint)"),
    (b"\x80\x04", "a Python pickle (PyTorch checkpoint)"),
    (b"\x7fELF", "a program (ELF)"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"ML\xefR", "MLIR bytecode"),
    (b"BC\xc0\xde", "LLVM bitcode"),
];

/// How many bytes are looked at for telling text from binary data.
const PROBE: usize = 4096;

/// The format of a file with this content.
pub fn detect(bytes: &[u8]) -> Format {
    if bytes.is_empty() {
        return Format::Unknown("an empty file");
    }
    if let Some((_, name)) = SIGNATURES.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Format::Unknown(name);
    }
    if bytes.get(4..8) == Some(b"TFL3") {
        return Format::Unknown("a TensorFlow Lite model");
    }
    // safetensors: length of the header in eight bytes, then the header, which is JSON.
    if bytes.get(8) == Some(&b'{') && bytes.get(4..8) == Some(&[0; 4]) {
        return Format::Unknown("a safetensors file: weights without a graph");
    }
    if let Some(text) = text(bytes) {
        return text_format(text);
    }
    if wire::starts_like_a_model(bytes) { Format::Onnx } else { Format::Unknown("binary data of another kind") }
}

/// The first bytes as text, if they are text.
fn text(bytes: &[u8]) -> Option<&str> {
    let probe = bytes.get(..PROBE).unwrap_or(bytes);
    let text = match std::str::from_utf8(probe) {
        Ok(text) => text,
        // The probe may end inside a character.
        Err(e) if e.error_len().is_none() && probe.len() == PROBE => {
            std::str::from_utf8(&probe[..e.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).then_some(text)
}

fn text_format(text: &str) -> Format {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let Some(first) = lines.clone().next() else { return Format::Unknown("blank text") };
    let mlir = |l: &str| {
        // The name of an alias follows at once; a heading or a comment of another language has a space.
        let alias = |mark| {
            l.strip_prefix(mark).is_some_and(|name: &str| name.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        };
        alias('#')
            || alias('!')
            || ["module", "func.func", "\"builtin.module\"", "\"func.func\"", "{-#", "irdl.", "ml_program."]
                .iter()
                .any(|start| l.starts_with(start))
    };
    if lines.find(|l| !l.starts_with("//")).is_some_and(mlir) {
        return Format::Mlir;
    }
    match first.chars().next() {
        Some('{' | '[') => Format::Json,
        Some('<') => Format::Unknown("an XML or HTML text"),
        _ if first.starts_with("version https://git-lfs") => Format::Unknown("a Git LFS pointer: run `git lfs pull`"),
        // A file of comments only is MLIR without operations.
        _ if first.starts_with("//") => Format::Mlir,
        _ => Format::Unknown("text of another kind"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, detect};

    #[test]
    fn formats_are_told_apart_by_content() {
        assert_eq!(detect(b"\x08\x0a\x12\x07pytorch"), Format::Onnx);
        assert_eq!(detect(b"// a model\nmodule {\n}\n"), Format::Mlir);
        assert_eq!(detect(b"func.func @main() { return }"), Format::Mlir);
        assert_eq!(detect(b" {\"model_type\": \"gpt2\"}"), Format::Json);
        assert_eq!(detect(b"#map = affine_map<() -> ()>\nmodule {\n}\n"), Format::Mlir);
        for other in [
            b"# Model\n\nmodule",
            &b""[..],
            b"PK\x03\x04....",
            b"\x40\0\0\0\0\0\0\0{\"a\":1}",
            b"hello",
            b"\xff\xfe\0",
            b"\n\n",
        ] {
            assert!(matches!(detect(other), Format::Unknown(_)), "{other:?}");
        }
    }
}
