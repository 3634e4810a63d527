//! `prism egraph export`: the e-graph of a program in the form that `solve` and other tools read.

use super::asked::Subject;
use crate::console::Console;
use prism_support::{Result, files};
use std::path::PathBuf;

/// Arguments of `prism egraph export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism egraph export gpt2_prefill.onnx --seq 1024 -o gpt2.json")]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Where the JSON goes instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes what `extract` chooses from, with the energy of each node in joules.
///
/// # Errors
/// Those of `compile`, and `E0103` when the file cannot be written.
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    let saturated = args.subject.saturate(console)?;
    let json = format!("{}\n", args.subject.serialized(&saturated)?.json());
    match args.output.as_ref().filter(|path| path.as_os_str() != "-") {
        Some(path) => files::write_atomic(path, json.as_bytes()),
        None => console.data(&json),
    }
}
