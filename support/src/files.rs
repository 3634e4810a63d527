//! Output files that are whole or absent.

use crate::codes::E0103;
use crate::{Diagnostic, Diagnostics, Result};
use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path`: to a temporary name beside it, then renamed. The folder must be there: one that is not is more often a slip than a
/// wish. [`write_in`] makes it.
///
/// A link is followed: what it names is written. A device or pipe is written in place, since a rename would replace it
/// by a file; it cannot be whole or absent.
///
/// # Errors
/// [`E0103`] with the operating system's reason; the temporary file is removed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic_with(path, |out| out.write_all(bytes))
}

/// The same with what `write` writes, which need not be in memory as a whole. It may come in small pieces.
///
/// # Errors
/// Those of [`write_atomic`] and of `write`.
pub fn write_atomic_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_inner(path, write).map_err(|reason| unwritable(path, &reason))
}

/// The same into `folder`, which is made where it is missing: one that outputs have for themselves.
///
/// # Errors
/// [`E0103`] as of [`write_atomic`].
pub fn write_in(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    write_in_with(folder, name, |out| out.write_all(bytes))
}

/// The same with what `write` writes.
///
/// # Errors
/// [`E0103`] as of [`write_atomic`].
pub fn write_in_with(folder: &Path, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let path = folder.join(name);
    let written = match path.parent() {
        Some(parent) => fs::create_dir_all(parent).and_then(|()| write_inner(&path, write)),
        None => write_inner(&path, write),
    };
    written.map_err(|reason| unwritable(&path, &reason))
}

fn unwritable(path: &Path, reason: &io::Error) -> Diagnostics {
    let problem = Diagnostic::error(&E0103, format!("cannot write `{}`", path.display()));
    let missing = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    match missing.filter(|_| reason.kind() == io::ErrorKind::NotFound) {
        Some(folder) => problem
            .found(format!("no folder `{}`", folder.display()))
            .allowed("a file in a folder that exists")
            .hint(format!("`mkdir -p {}` makes it", folder.display())),
        None => problem
            .found(reason.to_string())
            .hint("choose another place, or check that the folder exists and is writable"),
    }
    .into()
}

fn write_inner(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let fill = |file: fs::File| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    };
    let path = &followed(path)?;
    if fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return fill(fs::OpenOptions::new().write(true).open(path)?);
    }
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.part", std::process::id()));
    let written = fs::File::create(&temporary).and_then(fill).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort: the error that matters is the one above.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// The path behind links, whether or not anything is there yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    /// As many links as Linux follows.
    const MOST: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..MOST {
        match fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

/// The bytes of a file that is at most `most` bytes long; a longer one, or a device without an end, is not read whole.
///
/// # Errors
/// What the system says, or that it is too large.
pub fn read_at_most(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    at_most(fs::File::open(path)?, most)
}

/// The bytes of a stream, as [`read_at_most`].
///
/// # Errors
/// What the system says, or that it is too large.
pub fn at_most(stream: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {most} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{write_atomic, write_in};
    use std::os::unix::fs::{FileTypeExt, symlink};

    #[test]
    fn links_are_followed() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let (link, real) = (dir.path().join("link"), dir.path().join("real"));
        symlink("real", &link).expect("link");
        for text in ["new", "again"] {
            write_atomic(&link, text.as_bytes()).expect("written");
            assert!(link.is_symlink());
            assert_eq!(std::fs::read_to_string(&real).expect("read"), text);
        }
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        symlink(&b, &a).expect("link");
        symlink(&a, &b).expect("link");
        assert!(write_atomic(&a, b"x").is_err());
    }

    #[test]
    fn a_pipe_stays_a_pipe() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe)
        });
        write_atomic(&pipe, b"through").expect("written");
        assert_eq!(reader.join().expect("reader").expect("read"), b"through");
        assert!(std::fs::metadata(&pipe).expect("there").file_type().is_fifo());
    }

    #[test]
    fn a_folder_is_made_for_outputs_of_its_own_alone() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let folder = dir.path().join("none").join("such");
        let refused = write_atomic(&folder.join("a"), b"x").expect_err("no folder");
        assert!(refused.0[0].found.as_deref().is_some_and(|f| f.starts_with("no folder")), "{refused:?}");
        assert!(!dir.path().join("none").exists());
        write_in(&folder, "a", b"x").expect("written");
        assert_eq!(std::fs::read(folder.join("a")).expect("read"), b"x");
    }

    #[test]
    fn leaves_nothing_behind_on_failure() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let blocked = dir.path().join("taken");
        std::fs::create_dir(&blocked).expect("folder");
        assert!(write_atomic(&blocked, b"x").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).expect("list").count(), 1);
    }
}
