//! `prism docs`: the reference pages, written or checked. For work on Prism itself, so help does not show it.

use crate::docs;
use prism_support::Result;
use std::path::PathBuf;

/// Arguments of `prism docs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the pages
    #[arg(value_name = "DIR", default_value = "docs/reference")]
    folder: PathBuf,
    /// Change nothing; fail when the pages there are not what the code says
    #[arg(long)]
    check: bool,
}

/// Writes or checks the pages.
///
/// # Errors
/// Of a check, one for every stale page; otherwise when a page cannot be written.
pub fn run(args: &Args) -> Result<()> {
    if args.check { docs::check(&args.folder) } else { docs::write(&args.folder) }
}
