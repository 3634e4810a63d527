//! A diagnostic as text for people and as JSON for programs.

use crate::diag::{Diagnostic, Diagnostics, Place, Severity};
use crate::plain::short;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

/// At most this many diagnostics are printed; the rest are counted.
pub const CAP: usize = 20;

/// One diagnostic as text, several lines, ending in a newline. `colour` turns ANSI escapes on.
pub fn text(diagnostic: &Diagnostic, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(short(&diagnostic.headline)).id(diagnostic.code.name);
    let mut group = Group::with_title(title);
    let mut facts: Vec<(Level<'_>, String)> = Vec::new();
    match &diagnostic.place {
        Some(Place::Text { name, text, span }) => {
            let start = floor_boundary(text, span.start);
            let end = floor_boundary(text, span.end).max(start);
            let label = short(&diagnostic.found.clone().unwrap_or_default());
            let note = AnnotationKind::Primary.span(start..end).label(label);
            group = group.element(Snippet::source(text.as_str()).path(name.as_str()).annotation(note));
        }
        Some(Place::File(path)) => facts.push((Level::NOTE.with_name("in"), path.display().to_string())),
        Some(Place::Item { file, name }) => {
            facts.push((Level::NOTE.with_name("at"), format!("{name}, in {}", file.display())));
        }
        Some(Place::Op { name, op }) => facts.push((Level::NOTE.with_name("at"), format!("{name} ({op})"))),
        None => {}
    }
    if !matches!(diagnostic.place, Some(Place::Text { .. })) {
        facts.extend(diagnostic.found.iter().map(|f| (Level::NOTE.with_name("found"), f.clone())));
    }
    facts.extend(diagnostic.allowed.iter().map(|a| (Level::NOTE.with_name("allowed"), a.clone())));
    facts.extend(diagnostic.notes.iter().map(|n| (Level::NOTE, n.clone())));
    facts.extend(diagnostic.hint.iter().map(|h| (Level::HELP.with_name("hint"), h.clone())));
    for (level, fact) in facts {
        group = group.element(level.message(short(&fact)));
    }
    let mut out = renderer.render(&[group]).to_string();
    out.push('\n');
    out
}

/// All diagnostics as text, at most [`CAP`] of them, then a count of the rest.
pub fn text_all(diagnostics: &Diagnostics, colour: bool) -> String {
    let mut out = String::new();
    for d in diagnostics.0.iter().take(CAP) {
        out.push_str(&text(d, colour));
    }
    if diagnostics.0.len() > CAP {
        out.push_str(&format!("... and {} more\n", diagnostics.0.len() - CAP));
    }
    out
}

/// One diagnostic as JSON: `severity, code, headline, place, found, allowed, notes, hint, rendered`.
pub fn json(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.place.as_ref().map(|p| match p {
        Place::File(path) => json!({ "file": path.display().to_string() }),
        Place::Item { file, name } => json!({ "file": file.display().to_string(), "name": name }),
        Place::Op { name, op } => json!({ "name": name, "op": op }),
        Place::Text { name, text, span } => {
            let start = floor_boundary(text, span.start);
            let (line, column) = line_column(text, start);
            json!({ "file": name, "line": line, "column": column, "start": span.start, "end": span.end })
        }
    });
    json!({
        "severity": diagnostic.severity.word(),
        "code": diagnostic.code.name,
        "headline": diagnostic.headline,
        "place": place,
        "found": diagnostic.found,
        "allowed": diagnostic.allowed,
        "notes": diagnostic.notes,
        "hint": diagnostic.hint,
        "rendered": text(diagnostic, false),
    })
}

/// 1-based line and column (in characters) of a byte offset.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..floor_boundary(text, offset)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{json, text};
    use crate::codes::{E0205, E0502};
    use crate::{Diagnostic, Place};

    #[test]
    fn a_text_place_shows_the_line() {
        let toml = "clock = 3.2\n".to_string();
        let d = Diagnostic::error(&E0502, "`clock` needs a unit")
            .at(Place::Text { name: "cpu.toml".into(), text: toml, span: 8..11 })
            .found("a bare number")
            .allowed("a frequency such as \"3.2 GHz\"");
        let shown = text(&d, false);
        assert!(shown.contains("clock = 3.2") && shown.contains("cpu.toml:1:9"), "{shown}");
        assert!(shown.contains("allowed: a frequency"), "{shown}");
        assert_eq!(json(&d)["place"]["column"], 9);
    }

    #[test]
    fn spans_outside_the_text_do_not_panic() {
        let d = Diagnostic::error(&E0205, "x").at(Place::Text { name: "t".into(), text: "é".into(), span: 1..900 });
        assert!(!text(&d, true).is_empty());
    }
}
