//! `prism explain`: the page of anything that has a name.

use crate::catalogue::names;
use crate::console::Console;
use crate::pages;
use prism_support::codes::E0104;
use prism_support::{Diagnostic, Result, suggest};
use serde_json::json;

/// Arguments of `prism explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples: prism explain saturate, nn.matmul, E0502, saturate.max-nodes, target.photonic.clock")]
pub struct Args {
    /// Pass, PASS.OPTION, dialect, operation, rule, stage, target, target.FIELD or code
    #[arg(value_name = "NAME")]
    name: String,
}

/// Prints the page.
///
/// # Errors
/// [`E0104`] for a name that nothing has.
pub fn run(args: &Args, console: &Console) -> Result<()> {
    let found = pages::find(&args.name);
    if found.is_empty() {
        let names = names();
        return Err(Diagnostic::error(&E0104, format!("nothing is called `{}`", args.name))
            .allowed("a pass, PASS.OPTION, dialect, operation, rule, stage, target, target.FIELD or code")
            .hint(
                suggest::did_you_mean(&args.name, names.iter().map(String::as_str))
                    .unwrap_or_else(|| "`prism list KIND` shows names, such as `prism list passes`".into()),
            )
            .into());
    }
    if console.json() {
        let pages: Vec<_> = found.iter().map(|p| json!({ "kind": p.kind, "name": p.name, "page": p.text })).collect();
        return console.data(&format!("{:#}\n", json!(pages)));
    }
    let texts: Vec<&str> = found.iter().map(|p| p.text.as_str()).collect();
    console.data(&texts.join("\n----\n\n"))
}
