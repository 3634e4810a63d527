//! `prism opt`: passes on IR.

use crate::bug;
use crate::console::Console;
use crate::flow::{Program, Run, Show};
use crate::input::Input;
use crate::machine;
use crate::phases::Phases;
use prism_dialects::mlir::Session;
use prism_dialects::verify;
use prism_passes::manager::{Outcome, Pipeline};
use prism_support::{Result, files};
use std::path::PathBuf;

/// Arguments of `prism opt`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism opt model.mlir -p 'cse,saturate{max-nodes=100000}' --diff")]
pub struct Args {
    /// MLIR file; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "print_pipeline")]
    file: Option<String>,
    /// Passes in order, with options: 'cse,saturate{iterations=8}'
    #[arg(
        short = 'p',
        long,
        alias = "pass-pipeline",
        value_name = "PASSES",
        default_value = "",
        hide_default_value = true
    )]
    passes: String,
    /// Machine: a name of `prism list targets`, or a TOML file
    #[arg(short, long, value_name = "NAME|FILE", default_value = machine::DEFAULT, env = "PRISM_TARGET", hide_env_values = true)]
    target: String,
    /// Where the IR goes instead of standard output; a file keeps locations
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Print the passes as they would be run, and stop
    #[arg(long)]
    print_pipeline: bool,
    /// Verify the program and print nothing
    #[arg(long, conflicts_with_all = ["passes", "output", "print_pipeline"])]
    verify_only: bool,
    #[command(flatten)]
    show: Show,
}

/// Runs the passes and prints the program.
///
/// # Errors
/// When the input cannot be read or does not verify, the pipeline is wrong, or a pass fails.
pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let mut phases = Phases::default();
    let session = phases.time("MLIR context", Session::new)?;
    let pipeline = phases.time("pipeline", || Pipeline::parse(&args.passes, &session))?;
    if args.print_pipeline {
        return console.data(&format!("{pipeline}\n"));
    }
    let name = args.file.as_deref().unwrap_or("-");
    let input = phases.time("read", || Input::open(name))?;
    let text = input.mlir()?;
    let ir = phases.time("parse", || session.parse(name, text))?;
    if args.verify_only {
        ir.verify()?;
        return verify::check_module(&ir.read()?);
    }
    let needs_target = pipeline.steps.iter().any(|s| s.info().is_some_and(|i| i.needs_target));
    let machine = if needs_target { Some(machine::open(&args.target)?) } else { None };
    let run = Run {
        machine: machine.as_ref(),
        seed: args.seed,
        show: &args.show,
        repro_dir: Some(PathBuf::from(bug::FOLDER)),
    };
    let Outcome { ir, records, .. } =
        phases.time("passes", || run.passes(&session, pipeline, Program::Ir(ir), console))?;
    // What goes to a file may be gone on from: without locations the user's names would be lost.
    let file = args.output.as_ref().filter(|path| path.as_os_str() != "-");
    let options = args.show.output(file.is_some());
    phases.time("print", || match file {
        Some(path) => files::write_atomic_with(path, |out| ir.write_text(options, out)),
        None => console.data_with(|out| ir.write_text(options, out)),
    })?;
    args.show.records(&records, &phases, console);
    Ok(())
}
