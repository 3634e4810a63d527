//! Passes of MLIR by name.

use super::parse::Knows;

/// A pass or nested pipeline of MLIR, such as `canonicalize`, `inline{max-iterations=2}` or `func.func(canonicalize,cse)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamPass {
    /// As written, on one line.
    pub text: String,
    /// As MLIR runs it: inside `builtin.module(...)`, and inside `func.func(...)` where it is a pass on functions.
    pub anchored: String,
}

impl UpstreamPass {
    /// The pass of that text; `None` where MLIR does not know it.
    pub(super) fn new(text: &str, knows: Knows<'_>) -> Option<UpstreamPass> {
        // MLIR takes any word for the name of an operation that may turn up; without a dialect it is a slip.
        let anchor = text.split_once('(').map(|(op, _)| op.trim());
        if anchor.is_some_and(|op| op != "any" && !op.contains('.')) || !knows(text) {
            return None;
        }
        let own_anchor = text.starts_with("builtin.module(");
        // Nested in a module once more, a pass on functions is refused, and one on modules or on anything is not.
        let anchored = if own_anchor {
            text.to_string()
        } else if knows(&format!("builtin.module({text})")) {
            format!("builtin.module({text})")
        } else {
            format!("builtin.module(func.func({text}))")
        };
        Some(UpstreamPass { text: text.to_string(), anchored })
    }
}

/// The text on one line, ends trimmed: it has to fit into a comment line of a reproducer.
pub(super) fn normal(text: &str) -> String {
    text.trim().replace(|c: char| c.is_control(), " ")
}
