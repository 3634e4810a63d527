//! Looks over MLIR text before the parser sees it.

use prism_support::codes::E0302;
use prism_support::{Diagnostic, Result};

/// Most bytes of MLIR text that are handed to the parser.
pub const MAX_TEXT_BYTES: usize = 256 << 20;

/// Refuses text that would bring the parser down.
///
/// # Errors
/// [`E0302`].
pub fn check_text(name: &str, text: &str) -> Result<()> {
    if text.len() <= MAX_TEXT_BYTES {
        return Ok(());
    }
    let d = Diagnostic::error(&E0302, format!("`{name}` is too large"));
    Err(d.found(format!("{} bytes", text.len())).allowed(format!("{MAX_TEXT_BYTES} bytes")).into())
}
