//! The problems of one file, each at its place, in the order of the file.

use prism_support::{Code, Diagnostic, Diagnostics, Place};
use std::cell::RefCell;
use std::ops::Range;

/// Problems after which no more are noted; each holds the text of the file.
const MAX_PROBLEMS: usize = 100;

/// Collects problems.
pub(crate) struct Log<'t> {
    name: &'t str,
    text: &'t str,
    problems: RefCell<Diagnostics>,
}

impl<'t> Log<'t> {
    pub(crate) fn new(name: &'t str, text: &'t str) -> Self {
        Log { name, text, problems: RefCell::default() }
    }

    /// Begins a problem at `span`, shown on its first line.
    pub(crate) fn problem(&self, code: &'static Code, span: Range<usize>, headline: String) -> Problem<'_, 't> {
        let line_end = self.text.get(span.clone()).and_then(|t| t.find('\n')).map_or(span.end, |n| span.start + n);
        let place = Place::Text { name: self.name.into(), text: self.text.into(), span: span.start..line_end };
        Problem { log: self, diagnostic: Some(Diagnostic::error(code, headline).at(place)) }
    }

    /// Whether a problem with that headline was noted.
    pub(crate) fn has(&self, headline: &str) -> bool {
        self.problems.borrow().0.iter().any(|d| d.headline == headline)
    }

    /// What was noted, in the order of the file rather than of the reader.
    pub(crate) fn into_problems(self) -> Diagnostics {
        let mut problems = self.problems.into_inner();
        problems.0.sort_by_key(|d| match &d.place {
            Some(Place::Text { span, .. }) => span.start,
            _ => 0,
        });
        // The TOML parser may say the same of each of several open brackets.
        problems.0.dedup();
        problems
    }
}

/// A problem being described; noted when dropped.
pub(crate) struct Problem<'r, 't> {
    log: &'r Log<'t>,
    diagnostic: Option<Diagnostic>,
}

impl Problem<'_, '_> {
    fn with(mut self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        self.diagnostic = self.diagnostic.take().map(change);
        self
    }

    pub(crate) fn found(self, found: impl Into<String>) -> Self {
        self.with(|d| d.found(found))
    }

    pub(crate) fn allowed(self, allowed: impl Into<String>) -> Self {
        self.with(|d| d.allowed(allowed))
    }

    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        self.with(|d| d.note(note))
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        self.with(|d| d.hint(hint))
    }

    pub(crate) fn hint_if(self, hint: Option<String>) -> Self {
        self.with(|d| d.hint_if(hint))
    }
}

impl Drop for Problem<'_, '_> {
    fn drop(&mut self) {
        let mut problems = self.log.problems.borrow_mut();
        if let Some(diagnostic) = self.diagnostic.take().filter(|_| problems.0.len() < MAX_PROBLEMS) {
            problems.push(diagnostic);
        }
    }
}
