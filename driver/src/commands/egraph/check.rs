//! `prism egraph check`: whether a certificate proves a choice least.

use crate::console::Console;
use prism_solve::certificate::{Certificate, check};
use prism_solve::extraction::check_choice;
use prism_support::codes::E0705;
use prism_support::{Diagnostic, Result};
use serde_json::json;
use std::path::Path;

/// Arguments of `prism egraph check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism egraph check egraph.json proof.json")]
pub(super) struct Args {
    /// E-graph as JSON of egraph-serialize
    #[arg(value_name = "FILE")]
    file: String,
    /// Certificate that `prism egraph solve --certificate` wrote
    #[arg(value_name = "CERTIFICATE")]
    certificate: String,
}

/// Follows the certificate in whole numbers and prints what it proves.
///
/// # Errors
/// `E0705` when the file is no certificate, or one that does not hold for this e-graph.
pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let graph = super::open(&args.file)?;
    let certificate: Certificate = serde_json::from_slice(&super::bytes(&args.certificate)?).map_err(|e| {
        Diagnostic::error(&E0705, "this is no certificate")
            .in_file(Path::new(&args.certificate))
            .found(e.to_string())
            .hint("`prism egraph solve FILE --certificate PROOF` writes one")
    })?;
    let checked = check(&graph.problem, &certificate)?;
    let cost = check_choice(&graph.problem, &certificate.choice)?;
    if console.json() {
        let value = json!({ "cost": cost, "bound": checked.bound, "proven": checked.proven });
        return console.data(&format!("{value:#}\n"));
    }
    let sure = if checked.proven { "proven least" } else { "not proven least" };
    console.data(&format!("cost {cost}, bound {}: {sure}\n", checked.bound))
}
