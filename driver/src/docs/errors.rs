//! Diagnostic codes.

use prism_support::codes::ALL;

/// The page.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# Errors and warnings\n\n`prism explain E0501` prints the same. A code never changes its meaning.\n\
         Exit codes: 0 done, 1 input rejected or a check failed, 2 wrong usage or environment, 101 a bug of Prism.\n",
    );
    for code in ALL {
        out.push_str(&format!("\n## {}: {}\n\n", code.name, code.title));
        out.extend(code.page.lines().map(|line| format!("{}\n", line.trim())));
        if code.exit > 0 {
            out.push_str(&format!("\nExit code {}.\n", code.exit));
        }
    }
    out
}
