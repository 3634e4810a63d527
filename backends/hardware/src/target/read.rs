//! Reading TOML against the field registry: every problem is noted with its place, and reading goes on.

mod quantity;

use super::fields::{self, FieldDoc, FieldKind, Presence, SCHEMA};
use super::interval::Ends;
use super::problem::{Log, Problem};
use super::words::{is_name, kind_name, noun};
use super::{Stated, Target};
use prism_support::codes::{E0501, E0502, E0503, E0504, E0505};
use prism_support::{Code, suggest};
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and the bytes of the file it stands at.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// One table of the file.
pub(crate) struct Section<'t> {
    /// Path in the registry; empty for the file itself.
    path: &'static str,
    /// What to call it: ``memory `hbm` ``.
    pub(crate) label: String,
    table: &'t DeTable<'t>,
    /// Its header.
    pub(crate) span: Range<usize>,
    /// Its own `source`, or that of the table around it.
    source: Option<String>,
}

/// Collects what the file says and what is wrong with it.
pub(crate) struct Reader<'t> {
    name: &'t str,
    log: Log<'t>,
    stated: RefCell<Vec<Stated>>,
    named: RefCell<Vec<At<String>>>,
    ends: &'t Ends,
}

impl<'t> Reader<'t> {
    /// A reader of `text` that takes the quantities in `ends` at an end of their range.
    pub(crate) fn new(name: &'t str, text: &'t str, ends: &'t Ends) -> Self {
        Reader { name, log: Log::new(name, text), stated: RefCell::default(), named: RefCell::default(), ends }
    }

    /// Ends reading. What the file states and names goes into `target`.
    pub(crate) fn finish(self, target: Option<Target>) -> prism_support::Result<Target> {
        let problems = self.log.into_problems();
        debug_assert!(target.is_some() || problems.has_errors(), "a refusal always has a reason");
        match target {
            Some(mut target) => {
                target.stated = self.stated.into_inner();
                target.named_ops = self.named.into_inner();
                problems.into_result(target)
            }
            None => Err(problems),
        }
    }

    /// Notes a problem at `span`, shown on its first line.
    pub(crate) fn problem(&self, code: &'static Code, span: Range<usize>, headline: String) -> Problem<'_, 't> {
        self.log.problem(code, span, headline)
    }

    /// Notes that the text is not TOML.
    pub(crate) fn syntax(&self, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        let headline = format!("`{}` is not valid TOML", self.name);
        self.problem(&E0501, span, headline).found(error.message().trim().replace('\n', "; "));
    }

    /// The file itself, as a table. Checks `schema` first, since it decides what the rest means.
    pub(crate) fn root(&self, table: &'t DeTable<'t>) -> Option<Section<'t>> {
        let section = self.open("", "the target".into(), table, 0..0, None);
        let schema = self.count(&section, "schema")?;
        if schema != SCHEMA {
            let span = self.span_of(&section, "schema");
            let newer = (schema > SCHEMA).then(|| format!("use a newer Prism, or write the file for schema {SCHEMA}"));
            self.problem(&E0505, span, format!("schema {schema} is not one that this Prism reads"))
                .found(schema.to_string())
                .allowed(SCHEMA.to_string())
                .hint_if(newer);
            return None;
        }
        Some(section)
    }

    fn open(
        &self,
        path: &'static str,
        label: String,
        table: &'t DeTable<'t>,
        span: Range<usize>,
        inherited: Option<String>,
    ) -> Section<'t> {
        let known: Vec<_> = fields::fields().iter().filter(|f| f.parent() == path).map(FieldDoc::name).collect();
        for key in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
            self.problem(&E0503, key.span(), format!("{label} has no field `{}`", key.get_ref()))
                .found(format!("`{}`", key.get_ref()))
                .allowed(known.join(", "))
                .hint_if(suggest::did_you_mean(key.get_ref(), known.iter().copied()));
        }
        let own = table.get("source").and_then(|v| v.get_ref().as_str()).map(str::trim).filter(|s| !s.is_empty());
        let source = own.map(str::to_string).or(inherited);
        Section { path, label, table, span, source }
    }

    fn doc(section: &Section<'_>, name: &str) -> Option<&'static FieldDoc> {
        fields::fields().iter().find(|f| f.parent() == section.path && f.name() == name)
    }

    /// The bytes of a field's value, or the table's header when it is absent.
    pub(crate) fn span_of(&self, section: &Section<'_>, name: &str) -> Range<usize> {
        section.table.get(name).map_or(section.span.clone(), Spanned::span)
    }

    /// The value of a field; notes when it is required and absent.
    fn value(&self, section: &Section<'t>, name: &str) -> Option<(&'static FieldDoc, &'t Spanned<DeValue<'t>>)> {
        let doc = Self::doc(section, name)?;
        if let Some(value) = section.table.get(name) {
            return Some((doc, value));
        }
        if doc.presence == Presence::Required {
            self.problem(&E0504, section.span.clone(), format!("{} lacks `{name}`", section.label))
                .allowed(doc.kind.expected())
                .note(doc.doc.to_string());
        }
        None
    }

    fn wrong_kind(&self, section: &Section<'_>, doc: &FieldDoc, value: &Spanned<DeValue<'_>>) {
        let code = if doc.kind.is_quantity() { &E0502 } else { &E0505 };
        let headline = format!("`{}` of {} is not {}", doc.name(), section.label, noun(&doc.kind.expected()));
        self.problem(code, value.span(), headline).found(kind_name(value.get_ref())).allowed(doc.kind.expected());
    }

    /// Whether the field is there, right or wrong.
    pub(crate) fn has(&self, section: &Section<'_>, name: &str) -> bool {
        section.table.contains_key(name)
    }

    /// A free text, not empty.
    pub(crate) fn text(&self, section: &Section<'t>, name: &str) -> Option<String> {
        let (doc, value) = self.value(section, name)?;
        match value.get_ref().as_str().map(str::trim) {
            Some("") | None => {
                self.wrong_kind(section, doc, value);
                None
            }
            Some(text) => Some(text.to_string()),
        }
    }

    /// A name.
    pub(crate) fn name(&self, section: &Section<'t>, name: &str) -> Option<At<String>> {
        let Some((doc, value)) = self.value(section, name) else {
            let Presence::Default(default) = Self::doc(section, name)?.presence else { return None };
            return Some(At { value: default.into(), span: section.span.clone() });
        };
        match value.get_ref().as_str() {
            Some(text) if is_name(text) => Some(At { value: text.into(), span: value.span() }),
            _ => {
                self.wrong_kind(section, doc, value);
                None
            }
        }
    }

    /// A list of names, not empty, without repeats.
    pub(crate) fn names(&self, section: &Section<'t>, name: &str) -> Option<Vec<At<String>>> {
        let (doc, value) = self.value(section, name)?;
        let Some(items) = value.get_ref().as_array().filter(|a| !a.is_empty()) else {
            self.wrong_kind(section, doc, value);
            return None;
        };
        let mut names: Vec<At<String>> = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str().filter(|s| is_name(s)) {
                Some(text) if names.iter().any(|n| n.value == text) => {
                    self.problem(
                        &E0505,
                        item.span(),
                        format!("`{text}` stands twice in `{name}` of {}", section.label),
                    );
                }
                Some(text) => names.push(At { value: text.into(), span: item.span() }),
                None => self.wrong_kind(section, doc, item),
            }
        }
        self.named.borrow_mut().extend(names.iter().cloned());
        Some(names)
    }

    /// One of the words that the registry lists.
    pub(crate) fn choice(&self, section: &Section<'t>, name: &str) -> Option<String> {
        let Some((doc, value)) = self.value(section, name) else {
            let Presence::Default(default) = Self::doc(section, name)?.presence else { return None };
            return Some(default.into());
        };
        let FieldKind::Choice(words) = doc.kind else { return None };
        match value.get_ref().as_str() {
            Some(word) if words.contains(&word) => Some(word.into()),
            Some(word) => {
                self.problem(&E0505, value.span(), format!("`{name}` of {} cannot be `{word}`", section.label))
                    .found(format!("\"{word}\""))
                    .allowed(doc.kind.expected())
                    .hint_if(suggest::did_you_mean(word, words.iter().copied()));
                None
            }
            None => {
                self.wrong_kind(section, doc, value);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, section: &Section<'t>, name: &str) -> Option<bool> {
        let Some((doc, value)) = self.value(section, name) else {
            let Presence::Default(default) = Self::doc(section, name)?.presence else { return None };
            return Some(default == "true");
        };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_kind(section, doc, value);
        }
        flag
    }

    /// Some of the words that the registry lists, without repeats.
    pub(crate) fn words(&self, section: &Section<'t>, name: &str) -> Option<Vec<String>> {
        let (doc, value) = self.value(section, name)?;
        let FieldKind::Words(known) = doc.kind else { return None };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_kind(section, doc, value);
            return None;
        };
        let mut words: Vec<String> = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str() {
                Some(word) if known.contains(&word) && !words.iter().any(|w| w == word) => words.push(word.into()),
                Some(word) => {
                    self.problem(&E0505, item.span(), format!("`{name}` of {} cannot hold `{word}`", section.label))
                        .found(format!("\"{word}\""))
                        .allowed(doc.kind.expected())
                        .hint_if(suggest::did_you_mean(word, known.iter().copied()));
                }
                None => self.wrong_kind(section, doc, item),
            }
        }
        Some(words)
    }

    /// The text of a formula.
    pub(crate) fn formula(&self, section: &Section<'t>, name: &str) -> Option<At<String>> {
        let Some((doc, value)) = self.value(section, name) else {
            let Presence::Default(default) = Self::doc(section, name)?.presence else { return None };
            return Some(At { value: default.into(), span: section.span.clone() });
        };
        match value.get_ref() {
            DeValue::String(text) => Some(At { value: text.to_string(), span: value.span() }),
            DeValue::Integer(integer) => Some(At { value: integer.to_string(), span: value.span() }),
            _ => {
                self.wrong_kind(section, doc, value);
                None
            }
        }
    }

    /// A number without a unit, in the range that the registry gives.
    pub(crate) fn number(&self, section: &Section<'t>, name: &str) -> Option<f64> {
        let (doc, value) = self.value(section, name)?;
        let text = match value.get_ref() {
            DeValue::Integer(integer) => integer.as_str().to_string(),
            DeValue::Float(float) => float.as_str().to_string(),
            _ => {
                self.wrong_kind(section, doc, value);
                return None;
            }
        };
        match text.parse::<f64>().ok().filter(|n| n.is_finite() && doc.range.contains(*n)) {
            Some(number) => Some(number),
            None => {
                self.out_of_range(section, doc, value.span(), text);
                None
            }
        }
    }

    /// A whole number in the range that the registry gives.
    pub(crate) fn count(&self, section: &Section<'t>, name: &str) -> Option<u64> {
        let Some((doc, value)) = self.value(section, name) else {
            let Presence::Default(default) = Self::doc(section, name)?.presence else { return None };
            return default.parse().ok();
        };
        let DeValue::Integer(integer) = value.get_ref() else {
            self.wrong_kind(section, doc, value);
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        match number.and_then(|n| u64::try_from(n).ok()).filter(|n| doc.range.contains(*n as f64)) {
            Some(number) => Some(number),
            None => {
                self.out_of_range(section, doc, value.span(), integer.to_string());
                None
            }
        }
    }

    fn out_of_range(&self, section: &Section<'_>, doc: &FieldDoc, span: Range<usize>, found: String) {
        self.problem(&E0505, span, format!("`{}` of {} is out of range", doc.name(), section.label))
            .found(found)
            .allowed(doc.range.text());
    }

    /// A table inside `section`. Its quantities inherit the source of `section`.
    pub(crate) fn table(&self, section: &Section<'t>, name: &str) -> Option<Section<'t>> {
        let (doc, value) = self.value(section, name)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_kind(section, doc, value);
            return None;
        };
        let (label, inherited) = match section.path {
            "" => (format!("`{name}`"), None),
            _ => (format!("`{name}` of {}", section.label), section.source.clone()),
        };
        Some(self.open(doc.path, label, table, value.span(), inherited))
    }

    /// The tables of an array of tables, each called by its `name` or its number.
    pub(crate) fn tables(&self, section: &Section<'t>, name: &str) -> Vec<Section<'t>> {
        let Some((doc, value)) = self.value(section, name) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_kind(section, doc, value);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_kind(section, doc, item);
                continue;
            };
            let text = |key: &str| table.get(key).and_then(|v| v.get_ref().as_str());
            let mut label = match (text("name"), text("from"), text("to")) {
                (Some(own), ..) => format!("{name} `{own}`"),
                (None, Some(from), Some(to)) => format!("{name} `{from}->{to}`"),
                _ => format!("{name} number {}", i.saturating_add(1)),
            };
            if !section.path.is_empty() {
                label = format!("{label} of {}", section.label);
            }
            sections.push(self.open(doc.path, label, table, item.span(), None));
        }
        sections
    }
}
