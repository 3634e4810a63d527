//! Fields of a target file, set from outside: `photonic.ptc.accumulate=1`.
//!
//! The text itself is edited, at the value or behind the header of its table, so that comments, order and line numbers
//! stay and a problem is shown where it is. Tables of a list are named by what tells them apart: `name`, `from->to`,
//! `element` or `level`.

use super::fields::{self, FieldDoc, FieldKind};
use prism_support::codes::{E0101, E0104, E0503};
use prism_support::{Diagnostic, Diagnostics, Place, Result, suggest};
use std::ops::Range;
use toml::Value;
use toml::de::{DeTable, DeValue};

/// What a quantity that was set says of its source.
const SOURCE: &str = "set from outside the file";

/// One field and its new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    path: String,
    value: String,
}

impl Override {
    /// A field by its path, such as `photonic.ptc.laser.wall_plug`, and its value: TOML, or a text without its quotes.
    pub fn new(path: &str, value: &str) -> Override {
        Override { path: path.trim().into(), value: value.trim().into() }
    }

    /// Reads `PATH=VALUE`.
    ///
    /// # Errors
    /// `E0101` without a path, an `=` or a value.
    pub fn parse(given: &str) -> Result<Override> {
        match given.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Override::new(path, value))
            }
            _ => Err(Diagnostic::error(&E0101, format!("`{given}` does not set a field"))
                .allowed("PATH=VALUE, such as photonic.ptc.accumulate=1 or memory.sram.capacity='4 MiB'")
                .into()),
        }
    }
}

impl std::fmt::Display for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.path, self.value)
    }
}

/// The text of a target file with fields set, one after another. A text that is not TOML comes back as it is, since
/// reading it says what is wrong.
///
/// # Errors
/// `E0503` for a path that is no field, `E0104` for a part of the machine that it does not have.
pub fn apply(text: &str, overrides: &[Override]) -> Result<String> {
    let mut problems = Diagnostics::new();
    let mut text = text.to_string();
    for one in overrides {
        if let Some(edited) = problems.absorb(edit(&text, one)) {
            text = edited;
        }
    }
    problems.into_result(text)
}

/// What is wrong with an edited text, as the user sees it: where a line is not that of `file` but was set, the field and the value as they were
/// given.
pub fn as_given(found: Diagnostics, file: &str, set: &[Override]) -> Diagnostics {
    let given = |d: Diagnostic| {
        let Some(Place::Text { text, span, .. }) = &d.place else { return d };
        let before = text.get(..span.start).unwrap_or("");
        let line = text.lines().nth(before.matches('\n').count()).unwrap_or("");
        if file.lines().any(|own| own == line) {
            return d;
        }
        let name = line.split('=').next().unwrap_or("").trim();
        let meant =
            |one: &&Override| one.path.rsplit('.').next() == Some(name) && line.contains(one.value.trim_matches('"'));
        let Some(one) = set.iter().rev().find(meant) else { return d };
        let text = one.to_string();
        let span = text.len() - one.value.len()..text.len();
        d.at(Place::Text { name: "--set".into(), text, span })
    };
    Diagnostics(found.0.into_iter().map(given).collect())
}

/// Where a value goes.
struct Spot {
    /// What is there: the old value, or nothing behind the header of the table.
    at: Range<usize>,
    /// What stands in front of the value.
    before: String,
    /// And behind it.
    after: &'static str,
}

fn edit(text: &str, one: &Override) -> Result<String> {
    let (file, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Ok(text.into());
    }
    let mut walk = Walk { text, given: &one.path, from: 0, schema: String::new(), insert: None };
    let (doc, spot) = walk.find(file.get_ref())?;
    let mut edited = text.to_string();
    edited.replace_range(spot.at, &format!("{}{}{}", spot.before, written(doc, &one.value), spot.after));
    Ok(edited)
}

/// A value as it is written: what is not TOML is a text, and a quantity says where it comes from.
fn written(doc: &FieldDoc, value: &str) -> String {
    let value = value.parse::<Value>().unwrap_or_else(|_| Value::String(value.into()));
    match value {
        Value::String(text) if doc.kind.is_quantity() => {
            format!("{{ value = {}, source = \"{SOURCE}\" }}", Value::String(text))
        }
        other => other.to_string(),
    }
}

/// The way along a path through the schema and, as far as it goes, through the file.
struct Walk<'a> {
    text: &'a str,
    given: &'a str,
    /// Bytes of the path that are behind us.
    from: usize,
    /// The same as a path of the schema.
    schema: String,
    /// Where something can be added to the innermost table that the file has; the path from there on.
    insert: Option<(Range<usize>, usize)>,
}

impl<'a> Walk<'a> {
    fn find(&mut self, root: &DeTable<'_>) -> Result<(&'static FieldDoc, Spot)> {
        let mut table = Some(root);
        self.insert = Some((0..0, 0));
        loop {
            let start = self.from;
            let doc = self.field()?;
            let entry = table.and_then(|t| t.get(doc.name()));
            let rest = self.given.get(self.from..).unwrap_or("");
            match doc.kind {
                FieldKind::Tables => table = Some(self.element(doc, entry.and_then(|e| e.get_ref().as_array()))?),
                FieldKind::Table if rest.is_empty() => return Err(self.is_table(doc).into()),
                FieldKind::Table => {
                    table = entry.and_then(|e| e.get_ref().as_table());
                    self.enter(entry.filter(|_| table.is_some()).map(|e| e.span()));
                }
                _ if !rest.is_empty() => {
                    return Err(self.error(&E0503, start, format!("`{}` has no fields", doc.path)).into());
                }
                _ => return Ok((doc, self.spot(entry.map(|e| e.span())))),
            }
        }
    }

    /// The next word of the path.
    fn word(&mut self) -> &'a str {
        let rest = self.given.get(self.from..).unwrap_or("");
        let word = rest.split('.').next().unwrap_or("");
        self.from = (self.from + word.len() + 1).min(self.given.len());
        word
    }

    fn field(&mut self) -> Result<&'static FieldDoc> {
        let start = self.from;
        let word = self.word();
        let known = fields::fields().iter().filter(|f| f.parent() == self.schema);
        if let Some(doc) = known.clone().find(|f| f.name() == word) {
            self.schema = doc.path.into();
            return Ok(doc);
        }
        let names: Vec<&str> = known.map(FieldDoc::name).collect();
        let of = if self.schema.is_empty() { "a target".to_string() } else { format!("`{}`", self.schema) };
        let error = self.error(&E0503, start, format!("{of} has no field `{word}`"));
        Err(error.allowed(names.join(", ")).hint_if(suggest::did_you_mean(word, names.iter().copied())).into())
    }

    /// The table of a list that the next word names.
    fn element<'t>(&mut self, doc: &FieldDoc, list: Option<&'t toml::de::DeArray<'t>>) -> Result<&'t DeTable<'t>> {
        let start = self.from;
        let word = self.word();
        let tables = list.into_iter().flat_map(|l| l.iter()).filter_map(|e| Some((e.get_ref().as_table()?, e.span())));
        let tables: Vec<(String, &DeTable<'_>, Range<usize>)> = tables.map(|(t, s)| (label(t), t, s)).collect();
        if let Some((_, table, span)) = tables.iter().find(|(label, ..)| label == word) {
            self.enter(Some(span.clone()));
            return Ok(table);
        }
        let names: Vec<&str> = tables.iter().map(|(label, ..)| label.as_str()).collect();
        let headline = match word {
            "" => format!("`{}` is a list, and the path does not say which", doc.path),
            _ => format!("the target has no {} called `{word}`", doc.path.replace('.', " ")),
        };
        let near =
            suggest::nearest(word, names.iter().copied()).or(names.first().copied().filter(|_| names.len() == 1));
        let before = self.given.get(..start).unwrap_or("").trim_end_matches('.');
        let hint = near.map(|n| format!("write `{before}.{n}`"));
        Err(self.error(&E0104, start, headline).allowed(names.join(", ")).hint_if(hint).into())
    }

    /// Goes into a table of the file; `None` for one that it does not have.
    fn enter(&mut self, span: Option<Range<usize>>) {
        let Some(span) = span else { return };
        let own = self.text.get(span.clone()).unwrap_or("");
        if own.starts_with('{') {
            self.insert = Some((span, self.from));
        } else if own.starts_with('[') {
            let line = self.text.get(span.end..).and_then(|t| t.find('\n')).map_or(self.text.len(), |n| span.end + n);
            self.insert = Some((line..line, self.from));
        }
    }

    /// Over the value, or behind the header of the innermost table that there is.
    fn spot(&self, value: Option<Range<usize>>) -> Spot {
        if let Some(at) = value {
            return Spot { at, before: String::new(), after: "" };
        }
        let (table, from) = self.insert.clone().unwrap_or((0..0, 0));
        let key = self.given.get(from..).unwrap_or(self.given);
        if table.is_empty() && table.start == 0 {
            return Spot { at: 0..0, before: format!("{key} = "), after: "\n" };
        }
        if table.is_empty() {
            return Spot { at: table, before: format!("\n{key} = "), after: "" };
        }
        let inner = self.text.get(table.start + 1..table.end - 1).unwrap_or("");
        let after = if inner.trim().is_empty() { "" } else { "," };
        Spot { at: table.start + 1..table.start + 1, before: format!(" {key} = "), after }
    }

    fn is_table(&self, doc: &FieldDoc) -> Diagnostic {
        let inner: Vec<&str> = fields::fields().iter().filter(|f| f.parent() == doc.path).map(FieldDoc::name).collect();
        let hint = inner.first().map(|f| format!("write `{}.{f}`", self.given));
        self.error(&E0503, 0, format!("`{}` is a table, and the path does not say which field of it", self.given))
            .allowed(inner.join(", "))
            .hint_if(hint)
    }

    /// A problem with the path from `start` to where we are.
    fn error(&self, code: &'static prism_support::Code, start: usize, headline: String) -> Diagnostic {
        let end = if self.from < self.given.len() { self.from.saturating_sub(1) } else { self.from };
        let span = start..end.max(start);
        Diagnostic::error(code, headline).at(Place::Text { name: "--set".into(), text: self.given.into(), span })
    }
}

/// What tells a table of a list apart.
fn label(table: &DeTable<'_>) -> String {
    let text = |key: &str| table.get(key).map(|v| v.get_ref()).and_then(DeValue::as_str);
    match (text("from"), text("to")) {
        (Some(from), Some(to)) => format!("{from}->{to}"),
        _ => ["name", "element", "level"].into_iter().find_map(text).unwrap_or("").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Override, apply};
    use crate::target::{SHIPPED, Target};
    use prism_support::codes::{E0101, E0104, E0503};

    fn lt() -> &'static str {
        SHIPPED.iter().find(|(name, _)| *name == "lt-b-4bit").map_or("", |(_, text)| text)
    }

    fn set(changes: &[(&str, &str)]) -> Target {
        let changes: Vec<Override> = changes.iter().map(|(path, value)| Override::new(path, value)).collect();
        let text = apply(lt(), &changes).unwrap_or_else(|p| panic!("{p:?}"));
        Target::parse("edited.toml", &text).unwrap_or_else(|p| panic!("{}", prism_support::render::text_all(&p, false)))
    }

    #[test]
    fn fields_are_set_where_they_stand_and_added_where_they_do_not() {
        let target = set(&[
            ("photonic.ptc.accumulate", "1"),
            ("photonic.ptc.share_readout", "false"),
            ("memory.sram.capacity", "4 MiB"),
            ("link.dram->sram.bandwidth", "\"2 TB/s\""),
            ("photonic.ptc.loss.splitter.loss", "0.2 dB"),
            ("photonic.ptc.laser.gating.wake", "1 ns"),
            ("electronic.digital.kernel.softmax.time.fixed", "3 cycles"),
            ("electronic.digital.kernel.softmax.energy.per_output", "1 pJ"),
            ("accounting.legacy.no_weight_time", "true"),
            ("description", "a \"changed\" one"),
        ]);
        let unit = &target.photonic[0];
        assert!(unit.accumulate == 1 && !unit.share_readout && target.legacy.no_weight_time);
        assert_eq!(target.memories[1].capacity.map(|c| c.0), Some(4.0 * 1024.0 * 1024.0));
        assert_eq!(target.description, "a \"changed\" one");
        let stated = target.stated().iter().find(|s| s.path == "photonic.laser.gating.wake").expect("stated");
        assert_eq!((stated.value.as_str(), stated.source.as_str()), ("1 ns", super::SOURCE));
        // Nothing but those lines changed.
        let text = apply(lt(), &[Override::new("photonic.ptc.tiles", "8")]).expect("set");
        let changed = text.lines().zip(lt().lines()).filter(|(a, b)| a != b).count();
        assert_eq!((changed, text.lines().count()), (1, lt().lines().count()));
    }

    #[test]
    fn what_was_set_is_shown_as_it_was_given() {
        let changes = [Override::new("memory.sram.capacity", "1KB"), Override::new("photonic.ptc.clock", "0 GHz")];
        let text = apply(lt(), &changes).expect("set");
        let found = super::as_given(Target::parse("lt.toml", &text).expect_err("wrong"), lt(), &changes);
        let shown: Vec<String> = found.0.iter().map(|d| format!("{:?}", d.place)).collect();
        assert!(shown.iter().any(|s| s.contains("--set") && s.contains("memory.sram.capacity=1KB")), "{shown:?}");
        assert!(!shown.iter().any(|s| s.contains(super::SOURCE)), "{shown:?}");
        assert_eq!(found.0[0].hint.as_deref(), Some("did you mean `kB`?"));
    }

    #[test]
    fn every_shipped_machine_takes_any_of_its_parts_again() {
        for (name, text) in SHIPPED {
            let target = Target::shipped(name).expect("shipped").expect("reads");
            for unit in &target.photonic {
                let at = |field: &str| format!("photonic.{}.{field}", unit.name);
                let mut changes = vec![Override::new(&at("accumulate"), &unit.accumulate.to_string())];
                changes
                    .extend(unit.parts.iter().map(|p| Override::new(&at(&format!("part.{}.area", p.name)), "1 um2")));
                let text = apply(text, &changes).expect("set");
                assert!(Target::parse(name, &text).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn slips_are_named_with_what_was_meant() {
        let refused = |path: &str| apply(lt(), &[Override::new(path, "1")]).expect_err(path).0.remove(0);
        let field = refused("photonic.ptc.acumulate");
        assert!(
            std::ptr::eq(field.code, &E0503) && field.hint.as_deref() == Some("did you mean `accumulate`?"),
            "{field:?}"
        );
        let unit = refused("photonic.ptd.accumulate");
        assert!(std::ptr::eq(unit.code, &E0104) && unit.hint.as_deref() == Some("write `photonic.ptc`"), "{unit:?}");
        assert_eq!(refused("photonic").hint.as_deref(), Some("write `photonic.ptc`"));
        assert!(refused("photonic.ptc.laser").headline.contains("is a table"));
        assert!(refused("photonic.ptc.accumulate.x").headline.contains("has no fields"));
        assert!(refused("memory.flash.capacity").allowed.is_some_and(|a| a == "dram, sram"));
        for wrong in ["photonic.ptc.accumulate", "=1", "a=", ""] {
            assert!(Override::parse(wrong).is_err_and(|p| std::ptr::eq(p.0[0].code, &E0101)), "{wrong}");
        }
    }
}
