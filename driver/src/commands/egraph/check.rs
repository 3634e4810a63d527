//! `prism egraph check`: whether a certificate proves a choice least.

use crate::bars::exact;
use crate::console::Console;
use prism_solve::certificate::{Certificate, Names, check_named};
use prism_solve::extraction::{ClassId, check_choice_named};
use prism_support::codes::E0705;
use prism_support::{Diagnostic, Diagnostics, Result};
use serde_json::json;
use std::path::Path;

/// Arguments of `prism egraph check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism egraph check egraph.json proof.json")]
pub(super) struct Args {
    /// E-graph as JSON of egraph-serialize; `-` is standard input
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
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    let graph = super::open(&args.file, console)?;
    let certificate: Certificate = serde_json::from_slice(&super::bytes(&args.certificate)?).map_err(|e| {
        Diagnostic::error(&E0705, "this is no certificate")
            .in_file(Path::new(&args.certificate))
            .found(prism_support::plain::of_json(&e.to_string()))
            .allowed("JSON with `choice`, `step` and `proof`")
            .hint("`prism egraph solve FILE --certificate PROOF` writes one")
    })?;
    // What the e-graph does not have keeps the number by which the certificate calls it.
    let class = |class: ClassId| graph.classes.get(class.index()).cloned().unwrap_or(format!("number {}", class.0));
    let node = |class: ClassId, node: u32| {
        let nodes = graph.nodes.get(class.index());
        nodes.and_then(|nodes| nodes.get(node as usize)).map_or(format!("number {node}"), |(name, _)| name.clone())
    };
    let of_file = |found| refused(found, args);
    let cost = check_choice_named(&graph.problem, &certificate.choice, &class).map_err(of_file)?;
    let names = Names { class: &class, node: &node };
    let checked = check_named(&graph.problem, &certificate, &names).map_err(of_file)?;
    if console.json() {
        let value = json!({ "cost": cost, "bound": checked.bound, "proven": checked.proven });
        return console.data(&format!("{value:#}\n"));
    }
    let sure = if checked.proven { "proven least" } else { "not proven least" };
    console.data(&format!("cost {}, bound {}: {sure}\n", exact(cost), exact(checked.bound)))
}

/// What is wrong with the certificate, as of its file: a choice that is none makes it one that does not hold.
fn refused(found: Diagnostics, args: &Args) -> Diagnostics {
    let hint = format!("`prism egraph solve {} --certificate {}` writes one that holds", args.file, args.certificate);
    let allowed = format!("a certificate of the e-graph in `{}`", args.file);
    let named = |d: Diagnostic| {
        let allowed = d.allowed.clone().unwrap_or_else(|| allowed.clone());
        Diagnostic { code: &E0705, ..d }.in_file(Path::new(&args.certificate)).allowed(allowed).hint(hint.clone())
    };
    Diagnostics(found.0.into_iter().map(named).collect())
}
