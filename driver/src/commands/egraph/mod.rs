//! `prism egraph`: least choices of e-graphs, their proofs, and why a choice is what it is.

mod asked;
mod check;
mod compared;
mod export;
mod page;
mod solve;
mod view;
mod why;
mod why_not;

use crate::console::Console;
use clap::Subcommand;
use prism_solve::serialized::Serialized;
use prism_support::codes::E0102;
use prism_support::{Diagnostic, Diagnostics, Result, files};
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
    /// Check what a certificate proves of a choice: that it is least, or a bound alone; either exits with 0
    Check(check::Args),
    /// Write the e-graph of a program as JSON of egraph-serialize
    Export(Box<export::Args>),
    /// Say why an operation is realised as it is: runner-up, difference, what would have to change
    Why(Box<why::Args>),
    /// Say why an operation is not realised in some way
    WhyNot(Box<why_not::Args>),
    /// Write a page that shows a part of a saturated program: chosen nodes and their best rivals
    View(Box<view::Args>),
}

/// Runs the command.
///
/// # Errors
/// What it reports.
pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    match &args.what {
        What::Solve(args) => solve::run(args, console),
        What::Check(args) => check::run(args, console),
        What::Export(args) => export::run(args, console),
        What::Why(args) => why::run(args, console),
        What::WhyNot(args) => why_not::run(args, console),
        What::View(args) => view::run(args, console),
    }
}

/// Most bytes of an e-graph or a certificate.
const LARGEST: usize = 1 << 30;

/// The bytes of a file that is not too large.
fn bytes(name: &str) -> Result<Vec<u8>> {
    let path = Path::new(name);
    let read = match name {
        "-" => files::at_most(std::io::stdin().lock(), LARGEST),
        _ => files::read_at_most(path, LARGEST),
    };
    read.map_err(|e| {
        Diagnostic::error(&E0102, format!("cannot read `{name}`")).in_file(path).found(e.to_string()).into()
    })
}

/// Problems of an e-graph with the file that holds it.
fn of_file(problems: Diagnostics, name: &str) -> Diagnostics {
    let placed = |d: Diagnostic| if d.place.is_none() { d.in_file(Path::new(name)) } else { d };
    Diagnostics(problems.0.into_iter().map(placed).collect())
}

/// The e-graph of a file.
fn open(name: &str, console: &mut Console) -> Result<Serialized> {
    let mut graph = Serialized::read(Path::new(name), &bytes(name)?)?;
    console.warn(std::mem::take(&mut graph.warnings));
    Ok(graph)
}
