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

/// Runs `work`; of a panic in it, the message to show. What happened is kept in `folder`.
///
/// # Errors
/// That message.
pub fn guarded<T>(args: &[OsString], folder: &Path, work: impl FnOnce() -> T) -> Result<T, String> {
    // After a panic nothing of the run is used again.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| message(args, folder))
}

fn message(args: &[OsString], folder: &Path) -> String {
    let said = LAST.lock().ok().and_then(|last| last.clone()).unwrap_or_default();
    let headline: String = said.lines().take(2).collect::<Vec<_>>().join(" ");
    let command: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let text = format!("prism {}\n{}\n{said}\n", env!("CARGO_PKG_VERSION"), command.join(" "));
    let kept = keep(folder, &text);
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

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_becomes_a_message_and_a_file() {
        let dir = tempfile::tempdir().expect("folder");
        let args = ["prism".into(), "list".into()];
        assert_eq!(guarded(&args, dir.path(), || 7), Ok(7));
        let message = guarded(&args, dir.path(), || -> u8 { panic!("a slip") }).expect_err("a panic");
        assert!(message.contains("bug in Prism") && message.contains("crash.txt"), "{message}");
        let kept = std::fs::read_to_string(dir.path().join("crash.txt")).expect("kept");
        assert!(kept.contains("prism list"), "{kept}");
    }
}
