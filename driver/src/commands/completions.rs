//! `prism completions`: scripts that complete commands and flags in a shell.

use crate::cli;
use crate::console::Console;
use prism_support::Result;

/// Arguments of `prism completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism completions bash > ~/.local/share/bash-completion/completions/prism")]
pub struct Args {
    /// Shell to complete in
    #[arg(value_name = "SHELL", value_enum)]
    shell: clap_complete::Shell,
}

/// Prints the script.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(args: &Args, console: &Console) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "prism", &mut script);
    console.data(&String::from_utf8_lossy(&script))
}
