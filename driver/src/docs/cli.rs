//! The command line.

use crate::cli;
use clap::Command;

/// The page: the long help of every command that help shows.
pub(super) fn page() -> String {
    let mut root = cli::command().term_width(100).max_term_width(100);
    root.build();
    let mut out = String::from("# Command line\n");
    out.push_str(&section("prism", &mut root));
    for command in root.get_subcommands_mut().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        let name = format!("prism {}", command.get_name());
        out.push_str(&section(&name, command));
    }
    out
}

fn section(name: &str, command: &mut Command) -> String {
    let help = command.render_long_help().to_string();
    // Help fills lines up to the width with spaces in places.
    let lines = help.trim_end().lines().map(|l| format!("{}\n", l.trim_end()));
    format!("\n## `{name}`\n\n```text\n{}```\n", lines.collect::<String>())
}
