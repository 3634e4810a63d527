//! The fields of a config, read one by one; everything that is wrong with them is kept and told at once.

use super::json::{Json, Object, entry};
use prism_support::codes::{E0211, E0213};
use prism_support::{Diagnostic, Diagnostics, suggest};
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Extents of tensors: up to 2^28.
pub(crate) const EXTENT: RangeInclusive<u64> = 1..=1 << 28;
/// Number of layers.
pub(crate) const LAYERS: RangeInclusive<u64> = 1..=1024;
/// Number of heads, experts and the like.
pub(crate) const MANY: RangeInclusive<u64> = 1..=1 << 16;

/// How many unsupported things an error lists.
const MAX_NOTES: usize = 30;

/// What is wrong with a config.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    file: PathBuf,
    problems: RefCell<Vec<Diagnostic>>,
    /// Fields that have been told to be wrong or missing.
    told: RefCell<Vec<String>>,
    unsupported: RefCell<Vec<String>>,
    /// What is only unsupported while the weights are taken as they are stored.
    stored: RefCell<Vec<String>>,
}

impl Faults {
    /// Nothing wrong yet.
    pub(crate) fn of(file: &Path) -> Faults {
        Faults { file: file.to_path_buf(), ..Faults::default() }
    }

    fn shown(&self) -> String {
        self.file.display().to_string()
    }

    /// Whether the field has been told to be wrong; from now on it has.
    fn has_told(&self, field: &str) -> bool {
        let mut told = self.told.borrow_mut();
        let known = told.iter().any(|t| t == field);
        if !known {
            told.push(field.to_string());
        }
        known
    }

    /// A field whose value is not accepted; told once for each field.
    pub(crate) fn wrong(&self, field: &str, found: impl Into<String>, allowed: impl Into<String>) {
        if self.has_told(field) {
            return;
        }
        let headline = format!("`{field}` of `{}` is out of range", self.shown());
        let d = Diagnostic::error(&E0211, headline).in_file(&self.file);
        self.problems.borrow_mut().push(d.found(found).allowed(allowed));
    }

    /// Something that changes what the model computes and that Prism does not build.
    pub(crate) fn unsupported(&self, what: impl Into<String>) {
        let what = what.into();
        let mut all = self.unsupported.borrow_mut();
        if !all.contains(&what) {
            all.push(what);
        }
    }

    /// The same, unless the weights are given a width of their own.
    pub(crate) fn stored_otherwise(&self, what: impl Into<String>) {
        self.stored.borrow_mut().push(what.into());
    }

    /// All of it; `widened` when the weights have a width of their own.
    pub(crate) fn all(&self, widened: bool) -> Diagnostics {
        let mut out = Diagnostics(self.problems.borrow().clone());
        let mut notes = self.unsupported.borrow().clone();
        let stored = if widened { Vec::new() } else { self.stored.borrow().clone() };
        let only_stored = notes.is_empty();
        notes.extend(stored);
        if notes.is_empty() {
            return out;
        }
        let (n, things) = (notes.len(), if notes.len() == 1 { "thing" } else { "things" });
        let headline = format!("`{}` asks for {n} {things} that Prism does not build", self.shown());
        let mut d = Diagnostic::error(&E0213, headline).in_file(&self.file);
        d.notes.extend(notes.into_iter().take(MAX_NOTES));
        if n > MAX_NOTES {
            d = d.note(format!("and {} more", n - MAX_NOTES));
        }
        let hint = "add `--weight-bits 16` to compile the model with its weights widened to 16 bits";
        out.push(d.hint_if(only_stored.then(|| hint.to_string())));
        out
    }
}

/// An object of a config.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'c> {
    object: &'c Object,
    /// The field that it is, with its dot; empty for the config itself.
    within: &'c str,
    /// What is wrong so far.
    pub(crate) faults: &'c Faults,
}

impl<'c> Fields<'c> {
    /// The fields of a config.
    pub(crate) fn new(object: &'c Object, faults: &'c Faults) -> Fields<'c> {
        Fields { object, within: "", faults }
    }

    /// The value of a field; null is as good as absent.
    pub(crate) fn value(&self, name: &str) -> Option<&'c Json> {
        entry(self.object, name).filter(|v| **v != Json::Null)
    }

    /// Whether the field is there, be it null.
    pub(crate) fn has(&self, name: &str) -> bool {
        entry(self.object, name).is_some()
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.within)
    }

    /// Says that a field has a value that is not accepted.
    pub(crate) fn wrong(&self, name: &str, found: impl Into<String>, allowed: impl Into<String>) {
        self.faults.wrong(&self.path(name), found, allowed);
    }

    /// Says that a field contradicts `others`, unless one of them is wrong by itself.
    pub(crate) fn contradicts(
        &self,
        name: &str,
        others: &[&str],
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        let known = |other: &&str| self.faults.told.borrow().contains(&self.path(other));
        if !others.iter().any(known) {
            self.wrong(name, found, allowed);
        }
    }

    /// Says that the value of a field changes what the model computes and is not built.
    pub(crate) fn unsupported(&self, name: &str, found: &str, allowed: &str) {
        self.faults.unsupported(format!("`{}` is {found}; Prism builds {allowed}", self.path(name)));
    }

    fn missing(&self, name: &str, allowed: &str) {
        if self.faults.has_told(&self.path(name)) {
            return;
        }
        let headline = format!("`{}` has no `{}`", self.faults.shown(), self.path(name));
        let known = self.object.iter().map(|(k, _)| k.as_str()).filter(|k| k.len() < 64);
        let d = Diagnostic::error(&E0211, headline).in_file(&self.faults.file).allowed(allowed);
        self.faults.problems.borrow_mut().push(d.hint_if(suggest::did_you_mean(name, known)));
    }

    /// A whole number in `range`, if the field is there. A stand-in where it is wrong, so that reading goes on.
    pub(crate) fn maybe_count(&self, name: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(name)?;
        let read = value.count().filter(|n| range.contains(n));
        if read.is_none() {
            self.wrong(name, value.to_string(), span(&range));
        }
        Some(read.unwrap_or(*range.start()))
    }

    /// A whole number in `range`, which must be there.
    pub(crate) fn count(&self, name: &str, range: RangeInclusive<u64>) -> u64 {
        self.maybe_count(name, range.clone()).unwrap_or_else(|| {
            self.missing(name, &span(&range));
            *range.start()
        })
    }

    /// A number in `range`, if the field is there.
    pub(crate) fn maybe_number(&self, name: &str, range: RangeInclusive<f64>) -> Option<f64> {
        let value = self.value(name)?;
        let read = value.number().filter(|x| range.contains(x));
        if read.is_none() {
            let (low, high) = (range.start(), range.end());
            self.wrong(name, value.to_string(), format!("a number from {low:?} to {high:?}"));
        }
        Some(read.unwrap_or(*range.end()))
    }

    /// A number in `range`, which must be there.
    pub(crate) fn number(&self, name: &str, range: RangeInclusive<f64>) -> f64 {
        self.maybe_number(name, range.clone()).unwrap_or_else(|| {
            self.missing(name, &format!("a number from {:?} to {:?}", range.start(), range.end()));
            *range.end()
        })
    }

    /// A small positive number that is added under a root.
    pub(crate) fn epsilon(&self, name: &str, default: f64) -> f64 {
        self.maybe_number(name, 0.0..=1.0).unwrap_or(default)
    }

    /// True or false.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        match self.value(name) {
            None => default,
            Some(Json::Bool(value)) => *value,
            Some(other) => {
                self.wrong(name, other.to_string(), "true or false");
                default
            }
        }
    }

    /// A word, if the field is there.
    pub(crate) fn word(&self, name: &str) -> Option<&'c str> {
        let value = self.value(name)?;
        if value.text().is_none() {
            self.wrong(name, value.to_string(), "a text");
        }
        value.text()
    }

    /// The items of a list, each as `read` takes it; `None` where the field is absent or wrong.
    pub(crate) fn list<T>(&self, name: &str, of: &str, read: impl Fn(&'c Json) -> Option<T>) -> Option<Vec<T>> {
        let value = self.value(name)?;
        let items = match value {
            Json::List(items) => items.iter().map(read).collect::<Option<Vec<T>>>(),
            _ => None,
        };
        if items.is_none() {
            self.wrong(name, value.to_string(), format!("a list of {of}"));
        }
        items
    }

    /// The fields of an object in a field, if it is there.
    pub(crate) fn object(&self, name: &'static str) -> Option<Fields<'c>> {
        let value = self.value(name)?;
        let object = value.object();
        if object.is_none() {
            self.wrong(name, value.to_string(), "an object");
        }
        // Names of objects are ours, and few.
        let within = match name {
            "rope_scaling" => "rope_scaling.",
            "rope_parameters" => "rope_parameters.",
            "full_attention" => "rope_parameters.full_attention.",
            "sliding_attention" => "rope_parameters.sliding_attention.",
            _ => "",
        };
        object.map(|object| Fields { object, within, faults: self.faults })
    }
}

fn span(range: &RangeInclusive<u64>) -> String {
    format!("a whole number from {} to {}", range.start(), range.end())
}
