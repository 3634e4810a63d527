//! The `prism` command: what is typed, what is read, what is shown.
//!
//! - [`cli`]: the command line. [`commands`]: one file per command.
//! - [`console`]: streams, colour, diagnostics. [`bug`]: what happens when Prism itself is at fault.
//! - [`input`], [`machine`]: models and targets from the command line. [`flow`]: passes run as the flags say.
//! - [`space`]: a model on a machine, with every way to do it. [`goal`]: what is to be least.
//! - [`bars`], [`table`]: text that lines up.
//! - [`costing`]: the price of a product or a model.
//! - [`plan_export`]: `plan` IR as the simulator's data. [`report`]: the report and its summary.
//!   [`serving`]: what prompts and tokens cost. [`emit`]: what is written.
//! - [`catalogue`], [`pages`]: everything that has a name, and its page.
//! - [`docs`]: the reference pages, from the same tables.

pub mod bars;
pub mod bug;
pub mod catalogue;
pub mod cli;
pub mod commands;
pub mod console;
pub mod costing;
pub mod docs;
pub mod emit;
pub mod flow;
pub mod goal;
pub mod input;
pub mod machine;
mod machine_info;
pub mod pages;
pub mod phases;
pub mod plan_export;
pub mod program_info;
pub mod report;
pub mod serving;
pub mod space;
pub mod table;
pub mod values;

use cli::Parsed;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Runs a command line, program name first; returns the process's exit code: 0 done, 1 input rejected, 2 wrong usage or
/// environment, 101 a bug of Prism.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    bug::watch();
    let (parsed, mut console) = cli::parse(&args);
    let result = bug::guarded(&args, Path::new(bug::FOLDER), || match parsed {
        Ok(Parsed::Show(text)) => console.data(&text),
        Ok(Parsed::Run(command)) => commands::run(&command, &mut console),
        Err(problems) => Err(problems),
    });
    let code = match result {
        Ok(result) => console.finish(result),
        Err(bug) => {
            console.note(&bug);
            bug::EXIT
        }
    };
    if bug::seen() { ExitCode::from(bug::EXIT) } else { ExitCode::from(code) }
}
