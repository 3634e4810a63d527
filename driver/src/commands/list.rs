//! `prism list`: names and what they stand for.

use crate::catalogue::{Kind, listing};
use crate::console::Console;
use crate::table::table;
use prism_support::Result;
use serde_json::{Map, Value};

/// Arguments of `prism list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism list passes\n`prism explain NAME` tells more about each.")]
pub struct Args {
    /// What to list
    #[arg(value_name = "KIND", value_enum)]
    kind: Kind,
}

/// Prints the list.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(args: &Args, console: &Console) -> Result<()> {
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
