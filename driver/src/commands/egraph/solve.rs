//! `prism egraph solve`: the least choice of any e-graph.

use crate::bars::exact;
use crate::console::Console;
use crate::table::{grouped, section};
use prism_solve::extraction::{Limits, Solution, Verified, agree, solve_certified};
use prism_solve::serialized::Serialized;
use prism_support::codes::E0103;
use prism_support::plain::line;
use prism_support::{Diagnostic, Result, files};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Choices shown as text.
const SHOWN: usize = 12;

/// Arguments of `prism egraph solve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism egraph solve egraph.json --certificate proof.json")]
pub(super) struct Args {
    /// E-graph as JSON of egraph-serialize; `-` is standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Write the certificate here; `prism egraph check` reads it
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Most cases of branch and bound; what is reached by then is the answer
    #[arg(long, value_name = "N", default_value_t = Limits::default().branch_nodes)]
    cases: u64,
    /// Solve it as a mixed-integer program (HiGHS) too, for up to 300 s; what both prove must cost the same
    #[arg(long)]
    verify: bool,
}

/// Solves and prints.
///
/// # Errors
/// `E0102` and `E0706` for what is no e-graph, `E0702` for one from which nothing can be extracted, `E0604` when two methods disagree.
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    let graph = super::open(&args.file, console)?;
    let defaults = Limits::default();
    // What a case may work is in proportion, so that allowing more cases allows more of everything.
    let each = |limit: u64| limit.saturating_mul(args.cases) / defaults.branch_nodes.max(1);
    let limits = Limits {
        branch_nodes: args.cases,
        branch_work: each(defaults.branch_work),
        relaxation: each(defaults.relaxation),
        priced_work: each(defaults.priced_work),
        priced: each(defaults.priced),
        ..defaults
    };
    let (solution, certificate) =
        solve_certified(&graph.problem, &limits).map_err(|e| super::of_file(e, &args.file))?;
    let verified = if args.verify { Some(agree(&graph.problem, &solution, &args.file)?) } else { None };
    if let Some(path) = &args.certificate {
        let text = serde_json::to_vec(&certificate)
            .map_err(|e| Diagnostic::error(&E0103, "the certificate cannot be written").found(e.to_string()))?;
        files::write_atomic(path, &text)?;
    }
    if console.json() {
        return console.data(&format!("{:#}\n", json(&graph, &solution, verified)));
    }
    let mut out = text(&graph, &solution, verified);
    if let Some(path) = &args.certificate {
        let _ = writeln!(out, "  certificate in {} ({} steps)", path.display(), grouped(certificate.size()));
    }
    console.data(&out)
}

/// The chosen nodes: class, node, operation, cost.
fn chosen<'a>(graph: &'a Serialized, solution: &'a Solution) -> impl Iterator<Item = (&'a str, &'a str, &'a str, f64)> {
    graph.classes.iter().zip(&solution.choice).enumerate().filter_map(|(class, (name, choice))| {
        let at = (*choice)?.index();
        let (node, op) = graph.nodes.get(class)?.get(at)?;
        let cost = graph.problem.classes.get(class)?.nodes.get(at)?.cost;
        Some((name.as_str(), node.as_str(), op.as_str(), cost))
    })
}

fn size(graph: &Serialized) -> (usize, usize) {
    (graph.nodes.iter().map(Vec::len).sum(), graph.classes.len())
}

fn gap(solution: &Solution) -> f64 {
    if solution.cost > 0.0 { 1.0 - solution.bound / solution.cost } else { 0.0 }
}

fn json(graph: &Serialized, solution: &Solution, verified: Option<Verified>) -> Value {
    let choices: Map<String, Value> = chosen(graph, solution).map(|(c, n, _, _)| (c.to_string(), json!(n))).collect();
    let (nodes, classes) = size(graph);
    json!({
        "cost": solution.cost,
        "bound": solution.bound,
        "gap": gap(solution),
        "proven": solution.proven,
        "method": solution.method,
        "verified": verified.map(|v| v.to_string()),
        "nodes": nodes,
        "classes": classes,
        "roots": graph.problem.roots.len(),
        "undecided_classes": solution.stats.reduced.0,
        "cases": solution.stats.branches,
        "choices": choices,
    })
}

fn text(graph: &Serialized, solution: &Solution, verified: Option<Verified>) -> String {
    let (nodes, classes) = size(graph);
    let count = |n: usize, one: &str, many: &str| format!("{} {}", grouped(n as u64), if n == 1 { one } else { many });
    let mut out = format!(
        "{} in {}, {}\n",
        count(nodes, "e-node", "e-nodes"),
        count(classes, "e-class", "e-classes"),
        count(graph.problem.roots.len(), "root", "roots")
    );
    let cases = match solution.stats.branches {
        0 => String::new(),
        1 => ", 1 case".into(),
        n => format!(", {} cases", grouped(n)),
    };
    let sure = match solution.proven {
        true => "proven least: the certificate was checked".to_string(),
        false => format!("not proven, gap {:.2} %; the certificate of the bound was checked", 100.0 * gap(solution)),
    };
    let _ = writeln!(out, "  cost   {}  by {}{cases}", exact(solution.cost), solution.method);
    let _ = writeln!(out, "  bound  {}  {sure}", exact(solution.bound));
    if let Some(verified) = verified {
        let _ = writeln!(out, "  verified: {verified}");
    }
    let mut rows: Vec<_> = chosen(graph, solution).collect();
    let all = rows.len();
    rows.sort_by(|a, b| b.3.total_cmp(&a.3));
    rows.truncate(SHOWN);
    let cells =
        |(class, node, op, cost): &(&str, &str, &str, f64)| vec![exact(*cost), line(op), line(node), line(class)];
    let title = match all > SHOWN {
        true => format!("The {SHOWN} dearest of {} chosen e-nodes (`--format json` has all)", grouped(all as u64)),
        false => "Chosen e-nodes".to_string(),
    };
    section(&mut out, &title, &["cost", "op", "node", "class"], &rows.iter().map(cells).collect::<Vec<_>>());
    out
}
