//! `prism egraph why`: why an operation is realised as it is.

use super::asked::Subject;
use super::compared::{self, Compared};
use crate::bars::BOLD;
use crate::console::Console;
use prism_passes::egraph::explain::{Explainer, Part, Way, Why};
use prism_support::Result;
use serde_json::{Value, json};
use std::fmt::Write;

/// Arguments of `prism egraph why`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism egraph why gpt2_prefill.onnx transformer.h.0.mlp.c_fc --seq 1024")]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Operation: the name of a node of the model, or a part of it that no other has
    #[arg(value_name = "OP", help_heading = "Arguments")]
    op: String,
}

/// Prints what the operation was chosen to be, the runner-up, what that costs more, and what would have to change.
///
/// # Errors
/// Those of `compile`, and `E0104` for an operation that there is not.
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    let saturated = args.subject.saturate(console)?;
    let explainer = args.subject.explainer(&saturated)?;
    let why = explainer.why(&args.op)?;
    if console.json() {
        return console.data(&format!("{:#}\n", json(&why, &explainer)));
    }
    console.data(&text(&why, &explainer, console))
}

fn json(why: &Why, explainer: &Explainer<'_>) -> Value {
    let part = |part: &Part| {
        let (rival, dearer) = rivals(part, explainer);
        let compared = dearer.and_then(|way| Compared::of(&explainer.best, way));
        let mut out = compared::part_json(part, explainer);
        out["runner_up"] = json!(rival.map(|way| &way.what));
        out["compared_with"] = json!(dearer.map(|way| &way.what));
        out["comparison"] = json!(compared.map(|c| c.json()));
        out
    };
    json!({ "name": why.name, "objective": explainer.measure().to_string(),
            "parts": why.parts.iter().map(part).collect::<Vec<_>>() })
}

/// The runner-up, and the first way after what is chosen that comes to more: runners-up may come to the same.
fn rivals<'p>(part: &'p Part, explainer: &Explainer<'_>) -> (Option<&'p Way>, Option<&'p Way>) {
    let dearer = part.others().find(|way| Compared::of(&explainer.best, way).is_some_and(|c| c.differs()));
    (part.others().next(), dearer)
}

fn text(why: &Why, explainer: &Explainer<'_>, console: &Console) -> String {
    let mut out = String::new();
    // What there is one way for is shown only where there is nothing else.
    let decided = |part: &&Part| part.ways.len() > 1;
    let (mut shown, hidden): (Vec<&Part>, Vec<&Part>) = why.parts.iter().partition(decided);
    if shown.is_empty() {
        shown.clone_from(&hidden);
    }
    for part in &shown {
        let inside = if part.original { "" } else { "inside " };
        let title = console.paint(BOLD, &format!("{inside}{}", why.name));
        let _ = writeln!(out, "{title}  {}", compared::described(part));
        let (rival, dearer) = rivals(part, explainer);
        match rival {
            Some(way) => out.push_str(&compared::headline(part, way, "runner-up", explainer)),
            None => _ = writeln!(out, "  {}", compared::no_rival(part)),
        }
        out.push_str(&compared::ways(part, explainer));
        if let Some(way) = dearer {
            let compared = Compared::of(&explainer.best, way);
            out.push_str(&compared.map(|c| c.text(&way.what, explainer.measure())).unwrap_or_default());
        }
        out.push('\n');
    }
    if shown.len() < why.parts.len() {
        let names: Vec<String> = hidden.iter().map(|part| part.maths.join(" = ")).collect();
        let _ = writeln!(out, "There is one way to make the others: {}", names.join(", "));
    }
    out
}
