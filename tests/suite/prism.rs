//! Running the `prism` command as a user does: another process, its streams, its exit code.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that gives this binary another role than running tests.
pub(crate) const ROLE: &str = "PRISM_TESTS_ROLE";
/// The role of the `prism` command.
pub(crate) const COMMAND: &str = "prism";

/// The root of the repository: commands run there, so that paths in messages are the same everywhere.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

/// Whether expectations are to be rewritten.
pub(crate) fn blessing() -> bool {
    std::env::var("PRISM_BLESS").is_ok_and(|v| !v.is_empty() && v != "0")
}

/// What a command gave.
pub(crate) struct Ran {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
}

/// This binary in another role.
pub(crate) fn this_binary(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.current_dir(root()).env(ROLE, role);
    // What a user's environment may set and snapshots must not show.
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "PRISM_BLESS"] {
        command.env_remove(name);
    }
    command
}

/// Runs `prism` with these arguments in `folder`.
pub(crate) fn run_in(folder: &Path, args: &[&str]) -> Ran {
    let output = this_binary(COMMAND).current_dir(folder).args(args).output().expect("this binary starts");
    Ran {
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
        code: output.status.code(),
    }
}

/// Runs `prism` in `folder` with at most `kib` KiB of data: what it allocates and its variables, not the pages of its code, which the
/// system shares and counts as it likes. An allocation beyond that ends it.
pub(crate) fn run_within(kib: u64, folder: &Path, args: &[&str]) -> std::process::Output {
    let script = format!("ulimit -d {kib} && exec \"$0\" \"$@\"");
    let this = std::env::current_exe().expect("this binary");
    let mut command = Command::new("sh");
    command.current_dir(folder).env(ROLE, COMMAND).args(["-c", &script]).arg(this).args(args);
    command.output().expect("a shell starts")
}

/// Runs `prism` at the root of the repository.
pub(crate) fn run(args: &[&str]) -> Ran {
    run_in(&root(), args)
}
