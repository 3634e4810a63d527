//! What a run shows and keeps of the program between passes: prints, diffs, dumps.

use super::diff;
use super::repro::file_name;
use super::spec::{FLAG, Pipeline};
use prism_dialects::mlir::PrintOptions;
use prism_support::codes::E0104;
use prism_support::suggest::did_you_mean;
use prism_support::{Diagnostic, Diagnostics, Result, files};
use std::path::{Path, PathBuf};

/// Where shown text goes: the caller decides the stream.
pub trait Sink {
    /// Shows some lines, each ending in a newline.
    fn show(&mut self, text: &str);
}

impl Sink for String {
    fn show(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl<F: FnMut(&str)> Sink for F {
    fn show(&mut self, text: &str) {
        self(text);
    }
}

/// When to print the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// At the pass of this name.
    Pass(String),
    /// At every pass.
    All,
    /// At passes that change the printed program.
    Change,
    /// At the pass that fails.
    Failure,
}

impl When {
    /// Reads `all`, `change`, `failure` or names of passes, joined by commas. Names are checked against the pipeline when
    /// the run starts.
    pub fn parse_list(text: &str) -> Vec<When> {
        let words = text.split(',').map(str::trim).filter(|w| !w.is_empty());
        let when = words.map(|w| match w {
            "all" => When::All,
            "change" => When::Change,
            "failure" => When::Failure,
            name => When::Pass(name.into()),
        });
        when.collect()
    }
}

/// What to show and keep.
#[derive(Default)]
pub struct Observers<'a> {
    /// `--print-ir-before`.
    pub print_before: Vec<When>,
    /// `--print-ir-after`.
    pub print_after: Vec<When>,
    /// `--diff`: what each pass changed.
    pub diff: bool,
    /// Colour the diffs.
    pub colour: bool,
    /// How prints and diffs look. Dumps always have locations and whole constants.
    pub print: PrintOptions,
    /// `--dump-dir`: `NN.PASS.mlir` after each pass, `pipeline.txt` with the passes that remain for each, `target.toml`.
    pub dump_dir: Option<PathBuf>,
    /// Where prints and diffs go; without one they are dropped.
    pub sink: Option<&'a mut dyn Sink>,
}

fn at_pass(when: &[When], pass: &str) -> bool {
    when.iter().any(|w| *w == When::All || matches!(w, When::Pass(name) if name == pass))
}

impl Observers<'_> {
    /// Refuses names of passes that the pipeline does not have.
    pub(super) fn check(&self, pipeline: &Pipeline) -> Result<()> {
        let names: Vec<&str> = pipeline.steps.iter().map(|s| s.name()).collect();
        let mut problems = Diagnostics::new();
        for (flag, list) in [("--print-ir-before", &self.print_before), ("--print-ir-after", &self.print_after)] {
            for when in list {
                let When::Pass(name) = when else { continue };
                if !names.contains(&name.as_str()) {
                    let d = Diagnostic::error(&E0104, format!("`{flag}` names `{name}`, which {FLAG} does not run"))
                        .found(name.clone())
                        .allowed(format!("all, change, failure, or one of: {}", names.join(", ")));
                    problems.push(d.hint_if(did_you_mean(name, names.iter().copied())));
                }
            }
        }
        problems.into_result(())
    }

    /// Whether the program's text is asked for around `pass`.
    pub(super) fn wants(&self, pass: &str) -> bool {
        let changes = self.print_before.contains(&When::Change) || self.print_after.contains(&When::Change);
        self.diff || changes || at_pass(&self.print_before, pass) || at_pass(&self.print_after, pass)
    }

    fn title(&mut self, text: &str) {
        self.show(&format!("// ----- {text} -----\n"));
    }

    fn show(&mut self, text: &str) {
        if let Some(sink) = &mut self.sink {
            sink.show(text);
        }
    }

    /// Before a pass runs.
    pub(super) fn before(&mut self, pass: &str, text: &str) {
        if at_pass(&self.print_before, pass) {
            self.title(&format!("IR before `{pass}`"));
            self.show(text);
        }
    }

    /// After a pass has run.
    pub(super) fn after(&mut self, pass: &str, before: &str, after: &str) {
        let changed = before != after;
        if changed && self.print_before.contains(&When::Change) && !at_pass(&self.print_before, pass) {
            self.title(&format!("IR before `{pass}`"));
            self.show(before);
        }
        if at_pass(&self.print_after, pass) || (changed && self.print_after.contains(&When::Change)) {
            self.title(&format!("IR after `{pass}`"));
            self.show(after);
        }
        if self.diff {
            let text = diff::unified(before, after, self.colour);
            self.title(&format!("{} by `{pass}`", if changed { "changed" } else { "nothing changed" }));
            self.show(&text);
        }
    }

    /// A pass has failed: the program it was given, and what it left where that can be printed.
    pub(super) fn failure(&mut self, pass: &str, before: &str, left: Option<&str>) {
        if self.print_before.contains(&When::Failure) {
            self.title(&format!("IR before `{pass}`, which failed"));
            self.show(before);
        }
        if self.print_after.contains(&When::Failure) {
            self.title(&format!("IR that `{pass}` left when it failed"));
            self.show(left.unwrap_or("// not well formed enough to print\n"));
        }
    }
}

/// A folder of numbered programs, one per step.
pub(super) struct Dump {
    folder: PathBuf,
}

/// File name of the program after `done` steps.
fn dump_name(pipeline: &Pipeline, done: usize) -> String {
    let last = done.checked_sub(1).and_then(|i| pipeline.steps.get(i));
    format!("{done:02}.{}.mlir", last.map_or("import".to_string(), |s| file_name(s.name())))
}

impl Dump {
    /// Writes `pipeline.txt`, one line per program: its file name, a tab, the passes that remain; and the target.
    pub(super) fn start(folder: &Path, pipeline: &Pipeline, target_toml: Option<&str>) -> Result<Dump> {
        let lines = (0..=pipeline.steps.len()).map(|i| format!("{}\t{}\n", dump_name(pipeline, i), pipeline.rest(i)));
        files::write_in(folder, "pipeline.txt", lines.collect::<String>().as_bytes())?;
        if let Some(toml) = target_toml {
            files::write_in(folder, "target.toml", toml.as_bytes())?;
        }
        Ok(Dump { folder: folder.to_path_buf() })
    }

    /// Writes the program after `done` steps.
    pub(super) fn program(&self, pipeline: &Pipeline, done: usize, text: &str) -> Result<()> {
        files::write_in(&self.folder, &dump_name(pipeline, done), text.as_bytes())
    }
}
