//! The `prism` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    prism_driver::main(std::env::args_os())
}
