//! Rewrite rules.

use super::markdown::{code_list, table};
use prism_passes::egraph::rules::{Phase, RULES};
use prism_passes::nn::recognise::PATTERNS;

/// The page.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# Rewrite rules\n\nHow to write one: [the rules for rules](../../passes/src/egraph/README.md).\n",
    );
    let rows = PATTERNS.iter().map(|p| {
        let makes = if p.makes.is_empty() { "what it completes".into() } else { format!("`{}`", p.makes) };
        [format!("`{}`", p.name), p.kind.name().to_string(), p.doc.to_string(), p.forms.to_string(), makes]
    });
    out.push_str(&format!(
        "\n## Recognition, in the tensor program\n\n{}",
        table(["rule", "kind", "does", "finds", "makes"], rows)
    ));
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
