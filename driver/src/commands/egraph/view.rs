//! `prism egraph view`: a saturated segment as a page of its own.

use super::asked::Subject;
use super::page;
use crate::console::Console;
use crate::table::grouped;
use prism_support::{Result, files};
use std::path::{Path, PathBuf};

/// Steps from an operation that are shown where nothing is said.
const STEPS: usize = 4;

/// Where the page goes where nothing is said.
const FOLDER: &str = "prism-out";
const PAGE: &str = "egraph.html";

/// Arguments of `prism egraph view`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism egraph view gpt2_prefill.onnx transformer.h.0.mlp.c_fc --seq 1024 -o c_fc.html")]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Operation in the middle [default: the results]
    #[arg(value_name = "OP", help_heading = "Arguments")]
    op: Option<String>,
    /// Most steps from it [default: 4; any number from the results]
    #[arg(long, value_name = "N", help_heading = "View")]
    steps: Option<usize>,
    /// Most e-classes of the plan that are shown
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=500), help_heading = "View")]
    most: u16,
    /// Page to write [default: prism-out/egraph.html]
    #[arg(short, long, value_name = "FILE", help_heading = "View")]
    output: Option<PathBuf>,
}

/// Writes the page.
///
/// # Errors
/// Those of `compile`, `E0104` for an operation that there is not, `E0103` when the page cannot be written.
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    let saturated = args.subject.saturate(console)?;
    let explainer = args.subject.explainer(&saturated)?;
    let steps = args.steps.unwrap_or(if args.op.is_some() { STEPS } else { usize::MAX });
    let around = explainer.around(args.op.as_deref(), steps, usize::from(args.most))?;
    let title = format!("{} on {}", args.subject.space.model, saturated.target());
    let html = page::html(&around, &title, args.op.as_deref(), explainer.best.value, explainer.measure());
    let path = match &args.output {
        Some(path) => files::write_atomic(path, html.as_bytes()).map(|()| path.clone())?,
        None => files::write_in(Path::new(FOLDER), PAGE, html.as_bytes()).map(|()| Path::new(FOLDER).join(PAGE))?,
    };
    let shown = around.classes.iter().filter(|c| c.chosen.is_some()).count();
    let path = path.display().to_string();
    if console.json() {
        let value = serde_json::json!({ "page": path, "shown": shown, "in_plan": around.in_plan, "classes": around.in_all,
            "nodes": around.nodes });
        return console.data(&format!("{value:#}\n"));
    }
    let of = grouped(around.in_plan as u64);
    console.data(&format!("{path}: {shown} of {of} e-classes of the plan; open it in a browser\n"))
}
