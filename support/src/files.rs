//! Output files that are whole or absent.

use crate::codes::E0103;
use crate::{Diagnostic, Result};
use std::fs;
use std::io::Write;
use std::path::Path;

/// Writes `bytes` to `path`: to a temporary name beside it, then renamed. Creates missing parent folders.
///
/// # Errors
/// [`E0103`] with the operating system's reason; the temporary file is removed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write_inner(path, bytes).map_err(|reason| {
        Diagnostic::error(&E0103, format!("cannot write `{}`", path.display()))
            .found(reason.to_string())
            .hint("choose another place with `-o`, or check that the folder exists and is writable")
            .into()
    })
}

fn write_inner(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    if path.is_dir() {
        return Err(std::io::Error::other("it is a folder"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.part", std::process::id()));
    let written = fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort: the error that matters is the one above.
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::write_atomic;

    #[test]
    fn leaves_nothing_behind_on_failure() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let blocked = dir.path().join("taken");
        std::fs::create_dir(&blocked).expect("folder");
        assert!(write_atomic(&blocked, b"x").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).expect("list").count(), 1);
    }
}
