//! Files as [`Bytes`] without reading them.

use bytes::Bytes;
use std::fs::File;
use std::io;
use std::path::Path;

/// The content of a file, mapped into memory: only the pages that are looked at are read.
///
/// # Errors
/// Those of opening and mapping; a folder is refused.
pub(crate) fn bytes_of(path: &Path) -> io::Result<Bytes> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    // Pipes and devices have no length to map.
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    // An empty mapping is an error on some systems.
    if metadata.len() == 0 {
        return Ok(Bytes::new());
    }
    // SAFETY: the mapping is private and read-only. Another process that shortens the file meanwhile can make reads
    // fail with a signal, and one that writes to it can change bytes under us; neither breaks a rule that our code
    // relies on, because every byte is checked where it is read and no reference outlives the mapping.
    let map = unsafe { memmap2::Mmap::map(&file)? };
    Ok(Bytes::from_owner(map))
}
