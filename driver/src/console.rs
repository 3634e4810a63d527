//! The two streams: data on stdout, everything else on stderr; colour where it is wanted.

use anstyle::Style;
use prism_support::codes::E0103;
use prism_support::{Diagnostic, Diagnostics, Result, Severity, render};
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, as `NO_COLOR`, `CLICOLOR_FORCE` and `TERM` say.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs; diagnostics too.
    Json,
}

/// Where text goes.
#[derive(Debug, Default)]
pub struct Console {
    /// What programs or people get.
    pub format: Format,
    /// Only errors and requested data.
    pub quiet: bool,
    /// Colour on stdout.
    pub colour: bool,
    /// Colour on stderr.
    pub stderr_colour: bool,
    /// Diagnostics of a JSON run, printed as one object at the end.
    kept: Diagnostics,
}

impl Console {
    /// A console as the global flags and the environment say.
    pub fn new(format: Format, quiet: bool, colour: Colour) -> Console {
        let wanted = |terminal: bool| match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => automatic(&|name| std::env::var(name).ok(), terminal),
        };
        Console {
            format,
            quiet,
            colour: wanted(std::io::stdout().is_terminal()),
            stderr_colour: wanted(std::io::stderr().is_terminal()),
            kept: Diagnostics::new(),
        }
    }

    /// A console that shows no warning.
    pub fn silent() -> Console {
        Console { quiet: true, ..Console::default() }
    }

    /// Whether programs read what is printed.
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Data, on stdout. A reader that has gone is no error: `prism list ops | head -1`.
    ///
    /// # Errors
    /// [`E0103`] when stdout cannot be written for another reason, such as a full disk.
    pub fn data(&self, text: &str) -> Result<()> {
        self.data_with(|out| out.write_all(text.as_bytes()))
    }

    /// The same with what `write` writes, which need not be in memory as a whole. It may come in small pieces.
    ///
    /// # Errors
    /// As [`Console::data`].
    pub fn data_with(&self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => {
                Err(Diagnostic::error(&E0103, "cannot write to standard output").found(e.to_string()).into())
            }
            _ => Ok(()),
        }
    }

    /// Anything else, on stderr. Best effort: there is nowhere to say that it failed.
    pub fn note(&self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Warnings: shown now, or kept for the JSON object at the end.
    pub fn warn(&mut self, warnings: Diagnostics) {
        if self.json() {
            self.kept.0.extend(warnings.0);
        } else if !self.quiet {
            self.note(&render::text_all(&warnings, self.stderr_colour));
        }
    }

    /// Shows what is left to show and gives the exit code.
    pub fn finish(&mut self, result: Result<()>) -> u8 {
        let problems = result.err().unwrap_or_default();
        let code = if problems.has_errors() { problems.exit_code() } else { 0 };
        if self.json() {
            self.kept.0.extend(problems.0);
            if !self.kept.0.is_empty() {
                let all: Vec<_> = self.kept.0.iter().map(render::json).collect();
                self.note(&format!("{:#}\n", serde_json::json!({ "diagnostics": all })));
            }
        } else if !problems.0.is_empty() {
            let quiet = |d: &Diagnostic| !self.quiet || d.severity == Severity::Error;
            let shown = Diagnostics(problems.0.into_iter().filter(quiet).collect());
            self.note(&render::text_all(&shown, self.stderr_colour));
        }
        code
    }

    /// `text` in `style`, if stdout is coloured.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

/// Whether to colour a stream: <https://no-color.org>, <https://bixense.com/clicolors>.
fn automatic(variable: &dyn Fn(&str) -> Option<String>, terminal: bool) -> bool {
    let set = |name: &str| variable(name).is_some_and(|v| !v.is_empty());
    if set("NO_COLOR") {
        return false;
    }
    if variable("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0") {
        return true;
    }
    terminal && variable("TERM").is_none_or(|t| t != "dumb")
}

#[cfg(test)]
mod tests {
    use super::automatic;

    #[test]
    fn the_environment_decides_on_colour_in_the_usual_order() {
        let with = |pairs: &'static [(&str, &str)], terminal| {
            automatic(&|name| pairs.iter().find(|p| p.0 == name).map(|p| p.1.to_string()), terminal)
        };
        assert!(with(&[], true) && !with(&[], false));
        assert!(!with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true));
        assert!(with(&[("NO_COLOR", ""), ("CLICOLOR_FORCE", "1")], false));
        assert!(!with(&[("TERM", "dumb")], true) && !with(&[("CLICOLOR_FORCE", "0")], false));
    }
}
