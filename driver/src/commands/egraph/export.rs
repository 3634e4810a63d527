//! `prism egraph export`: the e-graph of a program in the form that `solve` and other tools read.

use super::asked::Subject;
use crate::console::Console;
use prism_support::codes::E0101;
use prism_support::{Diagnostic, Result, files};
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
/// Those of `compile`, `E0101` for what is no sum over nodes, such as a makespan, and `E0103` when the file cannot be written.
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    if let Some((flag, value)) = args.subject.asked.flags().first() {
        return Err(Diagnostic::error(&E0101, format!("`{flag} {value}` does not fit an e-graph as JSON"))
            .found("something else than the energy of each node")
            .allowed("energy without limits, as the form has one cost for each node and costs that add up")
            .hint("leave it out; `prism compile` and `prism egraph why` know it")
            .into());
    }
    let saturated = args.subject.saturate(console)?;
    let json = format!("{}\n", args.subject.serialized(&saturated)?.json());
    match args.output.as_ref().filter(|path| path.as_os_str() != "-") {
        Some(path) => files::write_atomic(path, json.as_bytes()),
        None => console.data(&json),
    }
}
