//! The commands, one file each.

pub mod compile;
pub mod completions;
pub mod cost;
pub mod docs;
pub mod doctor;
pub mod egraph;
pub mod explain;
pub mod inspect;
pub mod list;
pub mod opt;
pub mod repro;
pub mod validate;

use crate::console::Console;
use clap::Subcommand;
use prism_support::Result;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find the best assignment of a model to a machine; write report and trace
    Compile(Box<compile::Args>),
    /// Price a matrix product or a transformer on a machine
    Cost(cost::Args),
    /// Compare the shipped machines with published figures
    Validate(validate::Args),
    /// Run passes on IR
    Opt(opt::Args),
    /// Say why a choice was made, solve e-graphs, check proofs
    Egraph(egraph::Args),
    /// Show what is in a model, program or target file
    Inspect(inspect::Args),
    /// List passes, dialects, ops, targets, rules, stages or errors
    List(list::Args),
    /// Explain a pass, option, operation, rule, target field or error code
    Explain(explain::Args),
    /// Replay a failure from its reproducer
    Repro(repro::Args),
    /// Check that everything Prism needs is installed
    Doctor(doctor::Args),
    /// Print the completion script for a shell
    Completions(completions::Args),
    /// Write or check the reference pages
    #[command(hide = true)]
    Docs(docs::Args),
}

/// Runs a command.
///
/// # Errors
/// What the command reports.
pub fn run(command: &Command, console: &mut Console) -> Result<()> {
    match command {
        Command::Compile(args) => compile::run(args, console),
        Command::Cost(args) => cost::run(args, console),
        Command::Validate(args) => validate::run(args, console),
        Command::Opt(args) => opt::run(args, console),
        Command::Egraph(args) => egraph::run(args, console),
        Command::Inspect(args) => inspect::run(args, console),
        Command::List(args) => list::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Repro(args) => repro::run(args, console),
        Command::Doctor(args) => doctor::run(args, console),
        Command::Completions(args) => completions::run(args, console),
        Command::Docs(args) => docs::run(args),
    }
}
