//! `prism list`: names and what they stand for.

use crate::catalogue::{Kind, listing};
use crate::console::Console;
use crate::table::table;
use prism_support::codes::E0101;
use prism_support::{Diagnostic, Result};
use serde_json::{Map, Value};

/// Arguments of `prism list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism list passes\n`prism explain NAME` tells more about each.")]
pub struct Args {
    /// What to list
    #[arg(value_name = "KIND", value_enum)]
    kind: Kind,

    /// With `dialects`: their IRDL, for upstream's `mlir-opt --irdl-file`
    #[arg(long)]
    irdl: bool,
}

/// Prints the list.
///
/// # Errors
/// `E0101` for `--irdl` with another kind than dialects; else when stdout cannot be written.
pub fn run(args: &Args, console: &Console) -> Result<()> {
    if args.irdl {
        return match args.kind {
            Kind::Dialects => console.data(&prism_dialects::irdl::text()),
            _ => Err(Diagnostic::error(&E0101, "only dialects have IRDL")
                .hint("type `prism list dialects --irdl`")
                .into()),
        };
    }
    let listing = listing(args.kind);
    if console.json() {
        let object = |row: Vec<String>| {
            let entries = listing.columns.iter().zip(row).map(|(c, v)| ((*c).to_string(), Value::from(v)));
            Value::Object(entries.collect::<Map<_, _>>())
        };
        let all = Value::Array(listing.rows.into_iter().map(object).collect());
        return console.data(&format!("{all:#}\n"));
    }
    console.data(&table(listing.columns, &listing.rows))
}
