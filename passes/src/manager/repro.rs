//! Reproducers: everything that replays a failed pass, in one MLIR file with a header and the target beside it.
//!
//! ```text
//! // prism-repro: version=0.1.0
//! // prism-repro: passes=saturate{iterations=8},extract
//! // prism-repro: seed=0
//! // prism-repro: target=saturate.target.toml
//! module { ... }
//! ```

use prism_support::codes::{E0101, E0102};
use prism_support::{Diagnostic, Result, files};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const MARK: &str = "// prism-repro: ";

/// What to replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Repro {
    /// The program before the failing pass, with locations.
    pub ir: String,
    /// The failing pass and those after it, as pipeline text.
    pub pipeline: String,
    /// Seed of the run.
    pub seed: u64,
    /// Prism's version that wrote it.
    pub version: String,
    /// The copy of the target file.
    pub target: Option<PathBuf>,
}

/// A reproducer to be written.
pub(super) struct Draft<'a> {
    /// The failing pass.
    pub(super) pass: &'a str,
    pub(super) ir: &'a str,
    pub(super) pipeline: &'a str,
    pub(super) seed: u64,
    pub(super) target_toml: Option<&'a str>,
}

/// A file name made of a pass's name or text: letters, digits, `.`, `-` and `_`.
pub(super) fn file_name(step: &str) -> String {
    let clean = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
    let name: String = step.chars().map(clean).take(60).collect();
    name.trim_matches(|c| c == '_' || c == '.').to_string()
}

/// Writes `FOLDER/PASS.mlir` and, with a target, `FOLDER/PASS.target.toml`; returns the path of the first.
pub(super) fn write(folder: &Path, draft: &Draft<'_>) -> Result<PathBuf> {
    let name = file_name(draft.pass);
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(text, "{MARK}{key}={value}");
    };
    line("version", env!("CARGO_PKG_VERSION"));
    line("passes", draft.pipeline);
    line("seed", &draft.seed.to_string());
    if let Some(toml) = draft.target_toml {
        let target = format!("{name}.target.toml");
        files::write_in(folder, &target, toml.as_bytes())?;
        line("target", &target);
    }
    text.push_str(draft.ir);
    let file = format!("{name}.mlir");
    files::write_in(folder, &file, text.as_bytes())?;
    Ok(folder.join(file))
}

/// Reads a reproducer back.
///
/// # Errors
/// [`E0102`] when the file cannot be read, [`E0101`] when it is not a reproducer.
pub fn load(path: &Path) -> Result<Repro> {
    let refused =
        |why: String| Diagnostic::error(&E0102, format!("cannot read `{}`", path.display())).in_file(path).found(why);
    let bytes = files::read_at_most(path, prism_dialects::scan::MAX_TEXT_BYTES).map_err(|e| refused(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|e| refused(e.to_string()))?;
    let mut repro = Repro { ir: String::new(), pipeline: String::new(), seed: 0, version: String::new(), target: None };
    let mut has_passes = false;
    let mut rest = text.as_str();
    while let Some(header) = rest.strip_prefix(MARK) {
        let (line, after) = header.split_once('\n').unwrap_or((header, ""));
        rest = after;
        let line = line.trim_end_matches('\r');
        match line.split_once('=') {
            Some(("version", v)) => repro.version = v.into(),
            Some(("passes", v)) => {
                repro.pipeline = v.into();
                has_passes = true;
            }
            Some(("seed", v)) => repro.seed = v.parse().map_err(|_| not_one(path, line))?,
            Some(("target", v)) => repro.target = Some(path.with_file_name(v)),
            _ => return Err(not_one(path, line).into()),
        }
    }
    if !has_passes {
        return Err(not_one(path, text.lines().next().unwrap_or("an empty file")).into());
    }
    repro.ir = rest.to_string();
    Ok(repro)
}

fn not_one(path: &Path, line: &str) -> Diagnostic {
    let found: String = line.chars().take(80).collect();
    Diagnostic::error(&E0101, format!("`{}` is not a reproducer", path.display()))
        .in_file(path)
        .found(found)
        .allowed(format!("header lines `{MARK}KEY=VALUE` with version, passes, seed and target, then MLIR"))
        .hint("for any other MLIR file use `prism opt FILE -p PASSES`")
}
