//! How a mismatch is shown.

use similar::TextDiff;

/// What is expected against what was found, as a unified diff.
pub fn unified(expected: &str, found: &str) -> String {
    TextDiff::from_lines(expected, found).unified_diff().context_radius(3).header("expected", "found").to_string()
}

/// The command that accepts what was found for the test of that name.
pub fn bless_command(test: &str) -> String {
    format!("PRISM_BLESS=1 cargo test -p prism-tests --test all -- --exact {test}")
}
