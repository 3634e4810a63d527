//! Do the passes of a pipeline fit together? Checked before anything runs.

use super::info::{Change, PassInfo};
use super::spec::{Pipeline, Step};
use crate::registry;
use prism_dialects::Level;
use prism_support::codes::E0602;
use prism_support::{Diagnostic, Diagnostics, Result};
use std::collections::VecDeque;

impl Pipeline {
    /// Follows the level through the pipeline from `start`, or from whatever the first pass of Prism expects; returns
    /// the level at the end. MLIR's passes keep the level.
    ///
    /// # Errors
    /// One [`E0602`] per pass that expects another level.
    pub fn check_levels(&self, start: Option<Level>) -> Result<Option<Level>> {
        let mut problems = Diagnostics::new();
        let mut level = start;
        let mut changed_by: Option<&Step> = None;
        for step in &self.steps {
            let Some(info) = step.info() else { continue };
            if let Some(at) = level.filter(|l| !info.from.contains(l)) {
                problems.push(self.misfit(step, info, at, changed_by));
            }
            // After a misfit go on as if it had fitted, so that every other one is found too.
            let before = level.filter(|l| info.from.contains(l)).or(info.from.first().copied());
            level = before.map(|l| info.level_after(l)).or(level);
            if matches!(info.to, Change::To(_)) {
                changed_by = Some(step);
            }
        }
        problems.into_result(level)
    }

    fn misfit(&self, step: &Step, info: &'static PassInfo, at: Level, changed_by: Option<&Step>) -> Diagnostic {
        let expected: Vec<&str> = info.from.iter().map(|l| l.name()).collect();
        let expected = expected.join(" or ");
        let subject = if changed_by.is_some() { "pipeline" } else { "program" };
        let after = changed_by.map(|s| format!(" after `{}`", s.name())).unwrap_or_default();
        let headline = format!("`{}` expects level {expected}, but the {subject} is at level {at}{after}", info.name);
        let hint = match (passes_between(at, info.from), changed_by) {
            (Some(path), _) => Some(format!("put {path} before it")),
            (None, Some(by)) => Some(format!("move it before `{}`", by.name())),
            (None, None) => None,
        };
        Diagnostic::error(&E0602, headline)
            .at(self.place(step))
            .found(format!("level {at}"))
            .allowed(format!("level {expected}"))
            .hint_if(hint)
    }
}

/// The fewest passes that lead from `at` to one of `to`, as `` `saturate`, `extract` ``.
fn passes_between(at: Level, to: &[Level]) -> Option<String> {
    let mut queue: VecDeque<(Level, Vec<&str>)> = VecDeque::from([(at, Vec::new())]);
    let mut seen = vec![at];
    while let Some((level, path)) = queue.pop_front() {
        if to.contains(&level) {
            let names: Vec<String> = path.iter().map(|p| format!("`{p}`")).collect();
            return Some(names.join(", "));
        }
        for pass in registry::PASSES.iter().filter(|p| p.from.contains(&level)) {
            let next = pass.level_after(level);
            if !seen.contains(&next) {
                seen.push(next);
                queue.push_back((next, path.iter().copied().chain([pass.name]).collect()));
            }
        }
    }
    None
}
