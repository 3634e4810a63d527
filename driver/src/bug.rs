//! When Prism itself is at fault: a panic becomes a message, a file to send, and exit code 101.

use std::backtrace::Backtrace;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Exit code of a bug.
pub const EXIT: u8 = 101;

/// Where reproducers go.
pub const FOLDER: &str = "prism-repro";

/// What the last panic said and where it was. The pass manager catches panics of passes and reports them with the
/// program that caused them, so the hook only keeps it.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics quiet and remembers them.
pub fn watch() {
    std::panic::set_hook(Box::new(|info| {
        let said = format!("{info}\n{}", Backtrace::force_capture());
        if let Ok(mut last) = LAST.lock() {
            *last = Some(said);
        }
    }));
}

/// Whether anything panicked, even if the panic was handled.
pub fn seen() -> bool {
    LAST.lock().is_ok_and(|last| last.is_some())
}

/// Runs `work`; of a panic in it, the message to show.
///
/// # Errors
/// That message.
pub fn guarded<T>(args: &[OsString], work: impl FnOnce() -> T) -> Result<T, String> {
    // After a panic nothing of the run is used again.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| message(args))
}

fn message(args: &[OsString]) -> String {
    let said = LAST.lock().ok().and_then(|last| last.clone()).unwrap_or_default();
    let headline: String = said.lines().take(2).collect::<Vec<_>>().join(" ");
    let command: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let text = format!("prism {}\n{}\n{said}\n", env!("CARGO_PKG_VERSION"), command.join(" "));
    let kept = keep(Path::new(FOLDER), &text);
    let place = kept.map_or_else(|why| format!("no file: {why}"), |path| path.display().to_string());
    format!(
        "error: this is a bug in Prism, whatever the input\n  found: {headline}\n  \
         what happened, to be reported with the input: {place}\n"
    )
}

fn keep(folder: &Path, text: &str) -> std::io::Result<PathBuf> {
    let path = folder.join("crash.txt");
    std::fs::create_dir_all(folder)?;
    std::fs::write(&path, text)?;
    Ok(path)
}
