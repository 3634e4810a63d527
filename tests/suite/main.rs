//! All tests that need MLIR, in one binary: each such binary links it statically, which costs more than most tests.
//!
//! The binary has other roles than running tests, which it takes on when a test starts it again: it is the `prism`
//! command, so that what is tested is what was just built, and it is the process in which damaged MLIR text may crash.

mod arrays;
mod cli;
mod co_execution;
mod common;
mod conditions;
mod configs;
mod conservation;
mod depth;
mod edited;
mod explain;
mod extraction;
mod filetests;
mod mutation;
mod objectives;
mod prism;
mod realisations;
mod recognition;
mod registry;
mod roundtrip;
mod rules;
mod semantics;
mod serving;
mod switches;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

/// The tests of a module: functions that panic when they fail.
macro_rules! trials {
    ($module:literal: $($name:ident),* $(,)?) => {
        /// The tests of this module.
        pub(crate) fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$(libtest_mimic::Trial::test(concat!($module, "::", stringify!($name)), || { $name(); Ok(()) })),*]
        }
    };
}
pub(crate) use trials;

fn main() -> ExitCode {
    match std::env::var(prism::ROLE).as_deref() {
        Ok(prism::COMMAND) => return prism_driver::main(std::env::args_os()),
        Ok(mutation::CHILD) => return mutation::child(),
        _ => {}
    }
    if prism::blessing() {
        // SAFETY: no other thread runs yet.
        unsafe { std::env::set_var("INSTA_UPDATE", "always") };
    }
    let tests: Vec<Vec<Trial>> = vec![
        arrays::trials(),
        cli::trials(),
        co_execution::trials(),
        conditions::trials(),
        configs::trials(),
        conservation::trials(),
        depth::trials(),
        edited::trials(),
        explain::trials(),
        extraction::trials(),
        filetests::trials(),
        mutation::trials(),
        realisations::trials(),
        recognition::trials(),
        objectives::trials(),
        registry::trials(),
        roundtrip::trials(),
        rules::trials(),
        semantics::trials(),
        serving::trials(),
        switches::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().flatten().collect()).exit_code()
}
