//! Stages and passes.

use super::markdown::{below, code_list, table};
use prism_dialects::Level;
use prism_passes::pipelines::STAGES;
use prism_passes::registry::PASSES;
use prism_passes::{Change, PassInfo};

/// The page.
pub(super) fn page() -> String {
    let mut out =
        String::from("# Passes\n\n## Stages\n\nWhere `prism compile` can start and stop (`--from`, `--to`).\n\n");
    let rows = STAGES
        .iter()
        .map(|s| [format!("`{}`", s.to.name()), code_list(s.passes.iter().copied()), s.purpose.to_string()]);
    out.push_str(&table(["to", "passes", "what for"], rows));
    out.push_str("\nThe first stage, `import`, is the program as read. A pass of MLIR runs by its own name, such as `symbol-dce`.\n");
    for pass in PASSES {
        out.push_str(&section(pass));
    }
    out
}

fn section(pass: &PassInfo) -> String {
    let mut out = format!("\n## `{}`\n\n{}\n", pass.name, below(2, pass.page));
    let from = code_list(pass.from.iter().map(|l: &Level| l.name()));
    let to = match pass.to {
        Change::Keeps => "the same".to_string(),
        Change::To(level) => format!("`{level}`"),
    };
    let target = if pass.needs_target { "needed" } else { "not needed" };
    out.push_str(&format!("Levels before: {from}. Level after: {to}. Target: {target}.\n"));
    if !pass.options.is_empty() {
        let rows = pass.options.iter().map(|o| {
            let default = if o.default.is_empty() { String::new() } else { format!("`{}`", o.default) };
            [format!("`{}`", o.name), o.kind.words(), default, o.doc.to_string()]
        });
        out.push_str(&format!("\n{}", table(["option", "value", "default", "meaning"], rows)));
    }
    if !pass.counters.is_empty() {
        let rows = pass.counters.iter().map(|c| [format!("`{}`", c.name), c.doc.to_string()]);
        out.push_str(&format!("\n{}", table(["counter", "counts"], rows)));
    }
    out
}
