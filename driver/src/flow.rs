//! Passes run as the flags of `compile`, `opt` and `repro` say.

use crate::console::Console;
use crate::machine::Machine;
use crate::phases::Phases;
use clap::{Args, ValueEnum};
use prism_dialects::Module;
use prism_dialects::mlir::{Ir, PrintOptions, Session};
use prism_passes::manager::{Manager, Observers, Outcome, Pipeline, Records, Sink, When};
use prism_support::Result;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Longest constant, in numbers, that `--print-ir-*` and `--diff` show whole.
const SHOWN_NUMBERS: usize = 16;

/// Form of `--timing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TimingForm {
    /// A table, passes indented.
    Tree,
    /// One JSON object.
    Json,
}

/// Form of `--stats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatsForm {
    /// A table.
    Text,
    /// One JSON array.
    Json,
}

/// Flags that show what passes do. All of it goes to stderr.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Seeing")]
pub struct Show {
    /// Print the IR before passes: all, change, failure, or names
    #[arg(long, value_name = "PASSES", hide_short_help = true)]
    print_ir_before: Vec<String>,
    /// Print the IR after passes: all, change, failure, or names
    #[arg(long, value_name = "PASSES")]
    print_ir_after: Vec<String>,
    /// Print what each pass changed
    #[arg(long)]
    diff: bool,
    /// Write numbered IR files, each of which can be resumed
    #[arg(long, value_name = "DIR")]
    dump_dir: Option<PathBuf>,
    /// Print where the time went: tree, json
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "tree", hide_possible_values = true)]
    timing: Option<TimingForm>,
    /// Print what passes counted: text, json
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "text", hide_possible_values = true)]
    stats: Option<StatsForm>,
    /// Print locations with the IR
    #[arg(long, hide_short_help = true)]
    pub locations: bool,
    /// Shorten constants of more than N numbers in printed IR [default: 16 in prints, none in output]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub elide: Option<usize>,
    #[arg(long, hide = true)]
    mlir_print_ir_before_all: bool,
    #[arg(long, hide = true)]
    mlir_print_ir_after_all: bool,
    #[arg(long, hide = true)]
    mlir_timing: bool,
}

impl Show {
    fn when(lists: &[String], all: bool) -> Vec<When> {
        let given = lists.iter().flat_map(|l| When::parse_list(l));
        given.chain(all.then_some(When::All)).collect()
    }

    /// How the output of a command looks: whole, unless `--elide` says otherwise.
    pub fn output(&self, locations: bool) -> PrintOptions {
        PrintOptions { locations: locations || self.locations, elide: self.elide }
    }

    /// What to show and keep while passes run.
    fn observers<'a>(&self, sink: &'a mut dyn Sink, colour: bool) -> Observers<'a> {
        Observers {
            print_before: Show::when(&self.print_ir_before, self.mlir_print_ir_before_all),
            print_after: Show::when(&self.print_ir_after, self.mlir_print_ir_after_all),
            diff: self.diff,
            colour,
            print: PrintOptions { locations: self.locations, elide: self.elide.or(Some(SHOWN_NUMBERS)) },
            dump_dir: self.dump_dir.clone(),
            sink: Some(sink),
        }
    }

    /// Prints `--stats` and `--timing`.
    pub fn records(&self, records: &Records, phases: &Phases, console: &Console) {
        match self.stats {
            Some(StatsForm::Text) => console.note(&records.stats_text()),
            Some(StatsForm::Json) => console.note(&format!("{:#}\n", records.stats_json())),
            None => {}
        }
        match self.timing.or(self.mlir_timing.then_some(TimingForm::Tree)) {
            Some(TimingForm::Tree) => console.note(&format!("{}{}", phases.text(), records.timing_text())),
            Some(TimingForm::Json) => {
                let all = json!({ "command": phases.json(), "passes": records.timing_json() });
                console.note(&format!("{all:#}\n"));
            }
            None => {}
        }
    }
}

/// Prints of passes, as they come.
struct Stderr;

impl Sink for Stderr {
    fn show(&mut self, text: &str) {
        // Best effort: there is nowhere to say that it failed.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

/// A program on its way in.
pub enum Program<'s> {
    /// From an importer.
    Plain(Module),
    /// From MLIR text.
    Ir(Ir<'s>),
}

/// How to run passes.
pub struct Run<'a> {
    /// The machine, for passes that ask for one.
    pub machine: Option<&'a Machine>,
    /// Seed of everything random.
    pub seed: u64,
    /// What to show.
    pub show: &'a Show,
    /// Where a failing pass leaves its reproducer.
    pub repro_dir: Option<PathBuf>,
}

impl Run<'_> {
    /// Runs a pipeline; its warnings go to the console.
    ///
    /// # Errors
    /// What the pass manager reports.
    pub fn passes<'s>(
        &self,
        session: &'s Session,
        pipeline: Pipeline,
        program: Program<'s>,
        console: &mut Console,
    ) -> Result<Outcome<'s>> {
        let mut sink = Stderr;
        let observers = self.show.observers(&mut sink, console.stderr_colour);
        let mut manager = Manager::new(session, pipeline, observers).seed(self.seed);
        manager = manager.repro_dir(self.repro_dir.clone());
        if let Some(machine) = self.machine {
            manager = manager.target(&machine.target, &machine.toml);
        }
        let mut outcome = match program {
            Program::Plain(module) => manager.run_plain(module),
            Program::Ir(ir) => manager.run(ir),
        }?;
        console.warn(std::mem::take(&mut outcome.warnings));
        Ok(outcome)
    }
}
