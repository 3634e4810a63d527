//! `prism repro`: a failure again, from its reproducer.

use crate::console::Console;
use crate::flow::{Program, Run, Show};
use crate::machine::{self, Machine};
use crate::phases::Phases;
use prism_dialects::mlir::Session;
use prism_passes::manager::{Pipeline, repro};
use prism_support::Result;
use std::path::PathBuf;

/// Arguments of `prism repro`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Reproducer that a failing pass left, such as prism-repro/extract.mlir
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    show: Show,
}

/// Replays the failure: the same errors, or word that it is gone.
///
/// # Errors
/// Those of the replayed passes, and when the reproducer cannot be read.
pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let mut phases = Phases::default();
    let repro = repro::load(&args.file)?;
    let version = env!("CARGO_PKG_VERSION");
    if repro.version != version && !console.quiet {
        console.note(&format!("written by Prism {}, replayed by {version}\n", repro.version));
    }
    let target = repro.target.as_ref().map(|path| machine::open(&path.display().to_string()));
    let machine: Option<Machine> = target.transpose()?;
    let session = phases.time("MLIR context", Session::new)?;
    let pipeline = Pipeline::parse(&repro.pipeline, &session)?;
    let ir = phases.time("parse", || session.parse(&args.file.display().to_string(), &repro.ir))?;
    let steps = pipeline.to_string();
    let run = Run { machine: machine.as_ref(), seed: repro.seed, show: &args.show, repro_dir: None };
    let outcome = phases.time("passes", || run.passes(&session, pipeline, Program::Ir(ir), console))?;
    args.show.records(&outcome.records, &phases, console);
    console.data(&format!("`{steps}` ran through: the failure does not happen any more\n"))
}
