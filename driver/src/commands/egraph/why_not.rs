//! `prism egraph why-not`: why an operation is not realised in a way that one had expected.

use super::asked::Subject;
use super::compared::{self, Compared};
use crate::bars::BOLD;
use crate::console::Console;
use prism_passes::egraph::explain::{Explainer, Part, WhyNot};
use prism_support::Result;
use serde_json::{Value, json};
use std::fmt::Write;

/// Arguments of `prism egraph why-not`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism egraph why-not gpt2_prefill.onnx transformer.h.0.mlp.c_fc kernel --seq 1024")]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Operation: the name of a node of the model, or a part of it that no other has
    #[arg(value_name = "OP", help_heading = "Arguments")]
    op: String,
    /// Way to do it: light, kernel, fused, a unit of the machine, an operation such as ptu.matmul, or a rule
    #[arg(value_name = "REALISATION", help_heading = "Arguments")]
    realisation: String,
}

/// Prints what the best plan with that realisation comes to and what would have to change, or why there is none.
///
/// # Errors
/// Those of `compile`, and `E0104` for an operation or a realisation that there is not.
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    let saturated = args.subject.saturate(console)?;
    let explainer = args.subject.explainer(&saturated)?;
    let why_not = explainer.why_not(&args.op, &args.realisation)?;
    let left_out = args.subject.space.without.contains(&args.realisation);
    if console.json() {
        return console.data(&format!("{:#}\n", json(&why_not, left_out, &explainer)));
    }
    console.data(&text(&why_not, left_out, &explainer, console))
}

fn json(why_not: &WhyNot, left_out: bool, explainer: &Explainer<'_>) -> Value {
    let part = |part: &Part| {
        let way = why_not.asked(part);
        let mut out = compared::part_json(part, explainer);
        out["asked"] = json!(way.map(|way| &way.what));
        out["comparison"] = json!(way.and_then(|way| Compared::of(&explainer.best, way)).map(|c| c.json()));
        out
    };
    let parts: Vec<Value> = why_not.why.parts.iter().map(part).collect();
    json!({ "name": why_not.why.name, "objective": explainer.measure().to_string(), "realisation": why_not.word,
            "left_out": left_out, "absent": why_not.absent, "parts": parts })
}

fn text(why_not: &WhyNot, left_out: bool, explainer: &Explainer<'_>, console: &Console) -> String {
    let (name, word) = (&why_not.why.name, &why_not.word);
    let mut out = String::new();
    for part in &why_not.why.parts {
        let Some(way) = why_not.asked(part) else { continue };
        let _ = writeln!(out, "{}  {}", console.paint(BOLD, name), compared::described(part));
        if way.chosen {
            let _ = writeln!(out, "  it is: {} is chosen\n", way.what);
            continue;
        }
        out.push_str(&compared::headline(part, way, "asked for", explainer));
        if let Some(compared) = Compared::of(&explainer.best, way) {
            out.push_str(&compared.text(&way.what, explainer.measure()));
        }
        out.push('\n');
    }
    if out.is_empty() {
        let _ = writeln!(out, "{}  no alternative of it is `{word}`", console.paint(BOLD, name));
        if left_out {
            let _ = writeln!(out, "  rule `{word}` was left out by `--without`");
        }
        why_not.absent.iter().for_each(|line| _ = writeln!(out, "  {line}"));
        for part in why_not.why.parts.iter().filter(|part| part.ways.len() > 1) {
            out.push_str(&compared::ways(part, explainer));
        }
    }
    out
}
