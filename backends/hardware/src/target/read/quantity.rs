//! Reading quantities: each has a unit and a source, and may have a range.

use super::{Reader, Section};
use crate::target::Stated;
use crate::target::fields::{FieldDoc, FieldKind, Presence};
use crate::target::interval::End;
use crate::target::words::{BARE, is_number, kind_name, noun};
use crate::units::Quantity;
use prism_support::codes::{E0502, E0503, E0504, E0505};
use prism_support::suggest;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// The fields of a quantity that is written as a table.
const FIELDS: [&str; 4] = ["value", "min", "max", "source"];

type Value<'t> = &'t Spanned<DeValue<'t>>;

/// A quantity as it is written: plain, or as a table of [`FIELDS`].
struct Written<'t> {
    value: Value<'t>,
    min: Option<Value<'t>>,
    max: Option<Value<'t>>,
    source: Option<String>,
}

impl<'t> Reader<'t> {
    /// A quantity with its unit, plain or as `{ value = "...", min = "...", max = "...", source = "..." }`.
    /// `None` when it is absent without a default, or wrong (and then noted).
    pub(crate) fn quantity<T: Quantity>(&self, section: &Section<'t>, name: &str) -> Option<T> {
        let Some((doc, value)) = self.value(section, name) else {
            let Presence::Default(default) = Self::doc(section, name)?.presence else { return None };
            return T::parse(default).ok();
        };
        let what = format!("`{name}` of {}", section.label);
        let written = self.written(&what, doc, value)?;
        let at = written.value.span().start;
        let (quantity, text) = self.one::<T>(&what, doc, written.value)?;
        let min = written.min.and_then(|v| self.end(&what, doc, v, (&quantity, text), End::Min));
        let max = written.max.and_then(|v| self.end(&what, doc, v, (&quantity, text), End::Max));
        match written.source.or_else(|| section.source.clone()) {
            Some(source) => self.stated.borrow_mut().push(Stated {
                path: doc.path,
                field: format!("{}: {name}", section.label),
                value: text.into(),
                min: min.as_ref().map(|(_, text)| (*text).into()),
                max: max.as_ref().map(|(_, text)| (*text).into()),
                source,
                at,
            }),
            None => self.no_source(section, name),
        }
        let end = match self.ends.get(&at) {
            Some(End::Min) => min,
            Some(End::Max) => max,
            None => None,
        };
        Some(end.map_or(quantity, |(end, _)| end))
    }

    fn written(&self, what: &str, doc: &FieldDoc, value: Value<'t>) -> Option<Written<'t>> {
        let Some(table) = value.get_ref().as_table() else {
            return Some(Written { value, min: None, max: None, source: None });
        };
        for key in table.keys().filter(|k| !FIELDS.contains(&k.get_ref().as_ref())) {
            self.problem(&E0503, key.span(), format!("{what} has no field `{}`", key.get_ref()))
                .found(format!("`{}`", key.get_ref()))
                .allowed(FIELDS.join(", "))
                .hint_if(suggest::did_you_mean(key.get_ref(), FIELDS));
        }
        let source = table.get("source").and_then(|s| s.get_ref().as_str()).map(str::to_string);
        let Some(inner) = table.get("value") else {
            self.problem(&E0504, value.span(), format!("{what} lacks `value`")).allowed(doc.kind.expected());
            return None;
        };
        Some(Written { value: inner, min: table.get("min"), max: table.get("max"), source })
    }

    /// One text as a quantity in the field's range.
    fn one<T: Quantity>(&self, what: &str, doc: &FieldDoc, value: Value<'t>) -> Option<(T, &'t str)> {
        let DeValue::String(text) = value.get_ref() else {
            let found = if is_number(value.get_ref()) { BARE } else { kind_name(value.get_ref()) };
            self.wrong_unit(what, value.span(), (found.into(), T::EXPECTED), None);
            return None;
        };
        let quantity = match T::parse(text) {
            Ok(quantity) => quantity,
            Err(e) => {
                self.wrong_unit(what, value.span(), (e.found, e.expected), e.hint);
                return None;
            }
        };
        if !doc.range.contains(quantity.si()) {
            self.problem(&E0505, value.span(), format!("{what} is out of range"))
                .found(text.to_string())
                .allowed(doc.range.text());
            return None;
        }
        let (least, most) = T::PLAUSIBLE;
        let size = quantity.si().abs();
        if size.is_finite() && size != 0.0 && !(least..=most).contains(&size) {
            self.problem(&E0505, value.span(), format!("{what} is a figure that no machine has"))
                .found(text.to_string())
                .allowed(format!("0, or {least:e} to {most:e} in SI units"))
                .hint("look at the prefix and the exponent");
            return None;
        }
        Some((quantity, text.trim()))
    }

    /// One end of the range of a quantity whose value is read.
    fn end<T: Quantity>(
        &self,
        what: &str,
        doc: &FieldDoc,
        value: Value<'t>,
        (quantity, stated): (&T, &str),
        end: End,
    ) -> Option<(T, &'t str)> {
        let what = format!("`{}` of {what}", end.word());
        let (limit, text) = self.one::<T>(&what, doc, value)?;
        let problem = |code, headline: &str, allowed: String| {
            self.problem(code, value.span(), format!("{what} {headline}")).found(text).allowed(allowed);
            None
        };
        let (is, of) = (limit.si(), quantity.si());
        if is.is_finite() && of.is_finite() && basis(text) != basis(stated) {
            return problem(&E0502, "counts something else than the value", format!("a unit as that of `{stated}`"));
        }
        if doc.kind == FieldKind::Bits && is.fract() != 0.0 {
            return problem(&E0505, "must be a whole number of bits", "a whole number of bits".into());
        }
        match end {
            End::Min if is > of => problem(&E0505, "is above the value", format!("at most {stated}")),
            End::Max if is < of => problem(&E0505, "is below the value", format!("at least {stated}")),
            _ => Some((limit, text)),
        }
    }

    fn wrong_unit(&self, what: &str, span: Range<usize>, (found, expected): (String, &str), hint: Option<String>) {
        let headline = match found.as_str() {
            BARE => format!("{what} needs a unit"),
            _ => format!("{what} is not {}", noun(expected)),
        };
        self.problem(&E0502, span, headline).found(found).allowed(expected).hint_if(hint);
    }

    /// Notes, once per table, that nobody knows where its numbers come from.
    fn no_source(&self, section: &Section<'_>, name: &str) {
        let headline = format!("{} lacks `source`", section.label);
        if self.log.has(&headline) {
            return;
        }
        self.problem(&E0504, section.span.clone(), headline)
            .allowed("a text in quotes that says where the quantities of this table come from")
            .note(format!("`{name}` is a quantity, and every quantity has a source"))
            .hint(format!(
                "add `source = \"...\"` to the table, or write `{name} = {{ value = \"...\", source = \"...\" }}`"
            ));
    }
}

/// What a unit counts where the dimension leaves a choice: per bit or per number, clock periods or seconds.
fn basis(text: &str) -> &str {
    match text.rsplit_once('/') {
        Some((_, per)) => per,
        None if text.ends_with("cycle") || text.ends_with("cycles") => "cycles",
        None => "",
    }
}
