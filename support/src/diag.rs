//! One diagnostic type for everything a user may be told.
//!
//! A diagnostic names the thing as the user named it, says what was found and what is allowed, and
//! ends with at most one hint that can be typed or edited. Several are kept together in
//! [`Diagnostics`], so that all problems of an input are reported at once.

use crate::codes::Code;
use std::fmt;
use std::path::{Path, PathBuf};

/// How bad it is. Errors stop the command; warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command cannot go on.
    Error,
    /// The result is valid but something about it deserves attention.
    Warning,
}

impl Severity {
    /// Lower-case word, as printed.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Where the problem is, in the user's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file as a whole.
    File(PathBuf),
    /// A byte range of a text (a file, or an argument such as a pipeline).
    Text {
        /// What to call the text: a path, or `--passes`.
        name: String,
        /// The whole text.
        text: String,
        /// Byte range of the exact part; clamped to the text when rendered.
        span: std::ops::Range<usize>,
    },
    /// A named thing inside a file without text lines, such as an ONNX node.
    Item {
        /// The file.
        file: PathBuf,
        /// The user's name for the thing, such as `transformer.h.3.attn (MatMul "node_matmul_6")`.
        name: String,
    },
    /// An operation of the IR, by the user's name for it and the line in the printed IR if known.
    Op {
        /// The location name, such as `transformer.h.3.attn.c_attn`.
        name: String,
        /// The operation, such as `nn.matmul`.
        op: String,
    },
}

/// One message. Build it with [`Diagnostic::error`] or [`Diagnostic::warning`] and the `with`-style
/// methods.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// Which kind; has a page.
    pub code: &'static Code,
    /// One line, no full stop, naming the user's thing.
    pub headline: String,
    /// Where.
    pub place: Option<Place>,
    /// What was found.
    pub found: Option<String>,
    /// What would have been accepted.
    pub allowed: Option<String>,
    /// Further facts, one line each.
    pub notes: Vec<String>,
    /// One thing to do next.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error with its headline.
    pub fn error(code: &'static Code, headline: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, headline)
    }

    /// A warning with its headline.
    pub fn warning(code: &'static Code, headline: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, headline)
    }

    fn new(severity: Severity, code: &'static Code, headline: impl Into<String>) -> Self {
        Diagnostic {
            severity,
            code,
            headline: headline.into(),
            place: None,
            found: None,
            allowed: None,
            notes: Vec::new(),
            hint: None,
        }
    }

    /// Says where.
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says which file, as a whole.
    pub fn in_file(self, path: &Path) -> Self {
        self.at(Place::File(path.to_path_buf()))
    }

    /// Says what was found.
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    /// Says what is allowed.
    pub fn allowed(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the one hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the hint if there is one to give, as for a "did you mean" that may find nothing.
    pub fn hint_if(mut self, hint: Option<String>) -> Self {
        if hint.is_some() {
            self.hint = hint;
        }
        self
    }
}

impl fmt::Display for Diagnostic {
    /// The headline with its code; the full form is [`crate::render::text`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity.word(), self.code.name, self.headline)
    }
}

/// All the problems found in one step. As an `Err` it holds at least one error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds those of `result`, and keeps its value.
    pub fn absorb<T>(&mut self, result: crate::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(mut more) => {
                self.0.append(&mut more.0);
                None
            }
        }
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// `Ok(value)` when nothing collected is an error.
    pub fn into_result<T>(self, value: T) -> crate::Result<T> {
        if self.has_errors() { Err(self) } else { Ok(value) }
    }

    /// The process exit code these call for: 2 when any is about usage or the environment, else 1.
    pub fn exit_code(&self) -> u8 {
        let usage = |d: &&Diagnostic| d.severity == Severity::Error && d.code.exit == 2;
        if self.0.iter().any(|d| usage(&d)) { 2 } else { 1 }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, d) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{d}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
