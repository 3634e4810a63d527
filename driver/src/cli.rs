//! The command line: its shape, its help, and its errors in the same look as all others.

use crate::commands::Command;
use crate::console::{Colour, Console, Format};
use crate::values;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use prism_support::codes::E0101;
use prism_support::{Diagnostic, Result, suggest};
use std::ffi::OsString;

/// A compiler for machines that compute with light and electrons.
#[derive(Debug, Parser)]
#[command(name = "prism", bin_name = "prism", version, disable_help_subcommand = true, styles = STYLES)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags of every command.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Colour the output
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: Colour,
    /// Print errors and requested data only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print for people (text) or programs (json), errors too
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value = "text", hide_possible_values = true)]
    pub format: Format,
}

const STYLES: clap::builder::Styles = clap::builder::Styles::styled()
    .header(anstyle::Style::new().bold())
    .usage(anstyle::Style::new().bold())
    .literal(anstyle::AnsiColor::Cyan.on_default())
    .placeholder(anstyle::Style::new().dimmed());

/// What a command line asks for.
pub enum Parsed {
    /// Text to print, such as help.
    Show(String),
    /// A command to run.
    Run(Box<Command>),
}

/// Commands by what they are for, in the order of the help.
const GROUPS: &[(&str, &[&str])] = &[
    ("Models", &["compile", "inspect"]),
    ("Machines", &["cost", "validate"]),
    ("Passes", &["opt", "egraph", "repro"]),
    ("Reference", &["list", "explain"]),
    ("Set-up", &["doctor", "completions"]),
];

/// What `prism` alone prints.
const WELCOME: &str = "\
Prism compiles models for machines that compute with light and electrons.

  prism compile MODEL --seq 1024    best assignment of an ONNX model, report and trace
  prism inspect MODEL               what is in a model, and what is missing to compile it
  prism doctor                      is everything installed?

All commands: prism -h
";

/// The definition with its grouped help.
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    let mut groups = String::new();
    for (title, names) in GROUPS {
        groups.push_str(&format!("{title}:\n"));
        for name in *names {
            let about = command.find_subcommand(name).and_then(|c| c.get_about()).map(ToString::to_string);
            groups.push_str(&format!("  {name:<13}{}\n", about.unwrap_or_default()));
        }
        groups.push('\n');
    }
    let template = format!(
        "{{about}}\n\n{{usage-heading}} prism COMMAND [ARGUMENTS] [FLAGS]\n\n{groups}{{options}}\n\n\
         `prism COMMAND -h` shows the flags of a command, `--help` all about them.\n"
    );
    Cli::command().help_template(template)
}

/// Reads a command line, program name first.
pub fn parse(args: &[OsString]) -> (Result<Parsed>, Console) {
    let matches = command().try_get_matches_from(args);
    match matches.and_then(|m| Cli::from_arg_matches(&m)) {
        Ok(Cli { global, command }) => {
            let console = Console::new(global.format, global.quiet, global.color);
            let parsed = match command {
                Some(command) => Parsed::Run(Box::new(command)),
                None => Parsed::Show(WELCOME.into()),
            };
            (Ok(parsed), console)
        }
        Err(e) => {
            let console = spelled_out(args);
            let shown = matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            let text = || if console.colour { e.render().ansi().to_string() } else { e.render().to_string() };
            let result = if shown { Ok(Parsed::Show(text())) } else { Err(wrong_usage(&e, args).into()) };
            (result, console)
        }
    }
}

/// The console for a command line that does not parse: the global flags that can be recognised count.
fn spelled_out(args: &[OsString]) -> Console {
    let words: Vec<&str> = args.iter().filter_map(|a| a.to_str()).collect();
    let value = |flag: &str| {
        let joined = words.iter().find_map(|w| w.strip_prefix(flag)?.strip_prefix('='));
        joined.or_else(|| words.iter().position(|w| *w == flag).and_then(|i| words.get(i + 1).copied()))
    };
    let format = if value("--format") == Some("json") { Format::Json } else { Format::Text };
    let colour = match value("--color") {
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        _ => Colour::Auto,
    };
    Console::new(format, false, colour)
}

/// A command line that the parser refuses, as one of our diagnostics.
fn wrong_usage(error: &clap::Error, args: &[OsString]) -> Diagnostic {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(s)) => Some(s.clone()),
        Some(ContextValue::Strings(s)) if !s.is_empty() => Some(s.join(", ")),
        Some(ContextValue::StyledStr(s)) => Some(s.to_string()),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let subcommand = text(ContextKind::InvalidSubcommand);
    let mut d = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let given = subcommand.unwrap_or_default();
            let names = siblings(args);
            let d = Diagnostic::error(&E0101, format!("`{given}` is not a command")).allowed(names.join(", "));
            return d.hint_if(suggest::did_you_mean(&given, names.iter().map(String::as_str)));
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            return Diagnostic::error(&E0101, "what to do is missing").allowed(siblings(args).join(", "));
        }
        ErrorKind::UnknownArgument => Diagnostic::error(&E0101, format!("unexpected argument `{argument}`")),
        ErrorKind::MissingRequiredArgument => Diagnostic::error(&E0101, format!("{argument} is missing")),
        ErrorKind::InvalidValue if value.is_empty() => Diagnostic::error(&E0101, format!("`{argument}` needs a value")),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            Diagnostic::error(&E0101, format!("`{argument}` does not accept `{value}`"))
        }
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg).unwrap_or_default();
            let headline = format!("`{argument}` cannot be combined with `{other}`");
            Diagnostic::error(&E0101, if other == argument { format!("`{argument}` is given twice") } else { headline })
        }
        _ => Diagnostic::error(&E0101, first_line(error)),
    };
    if let Some(valid) = text(ContextKind::ValidValue) {
        d = d.allowed(valid);
    } else if let Some(cause) = std::error::Error::source(error) {
        d = values::explained(d, &value, cause);
    }
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedValue].into_iter().find_map(text);
    let help = || {
        let known = |word: &&str| GROUPS.iter().any(|g| g.1.contains(word));
        let word = args.iter().skip(1).filter_map(|a| a.to_str()).find(known);
        format!("`prism {}-h` shows what it takes", word.map(|w| format!("{w} ")).unwrap_or_default())
    };
    match similar {
        Some(similar) => d.hint(format!("did you mean `{similar}`?")),
        None if d.hint.is_some() => d,
        None => d.hint(help()),
    }
}

/// The commands among which one was to be named: those of the command that the line names, if it has any.
fn siblings(args: &[OsString]) -> Vec<String> {
    let all = Cli::command();
    let named = args.iter().skip(1).filter_map(|a| a.to_str()).find_map(|word| all.find_subcommand(word));
    let own = named.filter(|c| c.has_subcommands());
    match own {
        Some(command) => command.get_subcommands().map(|c| c.get_name().to_string()).collect(),
        None => GROUPS.iter().flat_map(|g| g.1.iter().map(ToString::to_string)).collect(),
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    text.lines().next().unwrap_or("").trim_start_matches("error: ").to_string()
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, Parsed, command, parse};
    use std::ffi::OsString;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn refused(line: &str) -> prism_support::Diagnostic {
        match parse(&words(line)).0 {
            Err(mut problems) => problems.0.remove(0),
            Ok(_) => panic!("`{line}` is accepted"),
        }
    }

    #[test]
    fn the_definition_is_sound_and_every_command_is_in_a_group() {
        command().debug_assert();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|g| g.1.iter().copied()).collect();
        let shown = command();
        let shown = shown.get_subcommands().filter(|c| !c.is_hide_set());
        let mut all: Vec<String> = shown.map(|c| c.get_name().to_string()).collect();
        all.retain(|name| !grouped.contains(&name.as_str()));
        assert!(all.is_empty(), "{all:?} are in no group");
    }

    #[test]
    fn help_fits_one_screen() {
        let Ok(Parsed::Show(help)) = parse(&words("prism -h")).0 else { panic!("no help") };
        assert!(help.lines().count() <= 34 && help.contains("Models:\n  compile "), "{help}");
        assert!(help.lines().all(|l| l.chars().count() <= 100), "{help}");
    }

    #[test]
    fn slips_are_named_with_what_was_meant() {
        assert_eq!(refused("prism compil m.onnx").hint.as_deref(), Some("did you mean `compile`?"));
        let flag = refused("prism compile m.onnx --objectiv energy");
        assert!(flag.headline.contains("--objectiv") && flag.hint.is_some_and(|h| h.contains("--objective")));
        let value = refused("prism compile m.onnx --seq many");
        assert!(value.headline.contains("--seq") && value.headline.contains("`many`"), "{}", value.headline);
        for (line, found, allowed) in [
            ("compile m --objective foo", "`foo`", "energy, latency"),
            ("compile m --min-bits 65", "`65`", "a whole number from 1 to 64"),
            ("compile m --prompt 64,x", "`x`", "a whole number, zero or more"),
            ("compile m --seq 99999999999999999999", "`99999999999999999999`", "a whole number below 2^64"),
            ("compile m --seq -4", "`-4`", "a whole number, zero or more"),
            ("compile m --max-latency -3ms", "`-3ms`", "more than 0, a time such as"),
            ("compile m --max-energy 3ms", "a time (`ms`)", "an energy such as"),
        ] {
            let d = refused(&format!("prism {line}"));
            assert_eq!(d.found.as_deref(), Some(found), "{line}");
            assert!(d.allowed.as_deref().is_some_and(|a| a.starts_with(allowed)) && d.hint.is_some(), "{line}: {d:?}");
        }
        let inner = refused("prism egraph slove g.json");
        assert_eq!(
            (inner.allowed.as_deref(), inner.hint.as_deref()),
            (Some("solve, check, export, why, why-not, view"), Some("did you mean `solve`?"))
        );
        assert_eq!(refused("prism egraph").allowed.as_deref(), Some("solve, check, export, why, why-not, view"));
        let missing = refused("prism compile");
        assert!(missing.headline.contains("MODEL"), "{}", missing.headline);
    }
}
