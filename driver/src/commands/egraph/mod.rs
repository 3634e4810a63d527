//! `prism egraph`: least choices of e-graphs, their proofs, and why a choice is what it is.

mod check;
mod solve;

use crate::console::Console;
use clap::Subcommand;
use prism_solve::serialized::Serialized;
use prism_support::codes::E0102;
use prism_support::{Diagnostic, Result, files};
use std::path::Path;

/// Arguments of `prism egraph`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    what: What,
}

/// What to do with an e-graph.
#[derive(Debug, Subcommand)]
enum What {
    /// Choose a node for each class so that the whole costs least
    Solve(solve::Args),
    /// Check that a certificate proves a choice least
    Check(check::Args),
}

/// Runs the command.
///
/// # Errors
/// What it reports.
pub fn run(args: &Args, console: &Console) -> Result<()> {
    match &args.what {
        What::Solve(args) => solve::run(args, console),
        What::Check(args) => check::run(args, console),
    }
}

/// Most bytes of an e-graph or a certificate.
const LARGEST: usize = 1 << 30;

/// The bytes of a file that is not too large.
fn bytes(name: &str) -> Result<Vec<u8>> {
    let path = Path::new(name);
    files::read_at_most(path, LARGEST).map_err(|e| {
        Diagnostic::error(&E0102, format!("cannot read `{name}`")).in_file(path).found(e.to_string()).into()
    })
}

/// The e-graph of a file.
fn open(name: &str) -> Result<Serialized> {
    Serialized::read(Path::new(name), &bytes(name)?)
}
