//! Rewrite rules.

use super::markdown::{code_list, table};
use prism_passes::egraph::rules::{Phase, RULES};

/// The page.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# Rewrite rules\n\nHow to write one: [the rules for rules](../../passes/src/egraph/README.md).\n",
    );
    for (phase, title) in [(Phase::Algebra, "Algebra, on maths terms"), (Phase::Realise, "Realisation, on views")] {
        let rows = RULES.iter().filter(|r| r.phase == phase).map(|r| {
            let roots = (r.roots)();
            [
                format!("`{}`", r.name),
                r.kind.name().to_string(),
                r.doc.to_string(),
                r.condition.to_string(),
                code_list(roots),
            ]
        });
        out.push_str(&format!("\n## {title}\n\n{}", table(["rule", "kind", "does", "when", "tried on"], rows)));
    }
    out
}
