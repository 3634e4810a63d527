//! Values of pass options: from text, checked against their definition, and back to text.

use super::info::{OptionDef, OptionKind, PassInfo};
use std::fmt;

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// Of an `Int`.
    Int(i64),
    /// Of a `Float`.
    Float(f64),
    /// Of a `Bool`.
    Bool(bool),
    /// Of a `Choice` or `Text`.
    Text(String),
    /// Of a `List`.
    List(Vec<String>),
}

/// An option's value as written: one text, or the items between brackets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    One(String),
    Many(Vec<String>),
}

impl OptionValue {
    /// Reads what was written for an option of that kind; `None` where the kind does not allow it.
    pub(super) fn read(kind: &OptionKind, written: &Written) -> Option<OptionValue> {
        let one = match written {
            Written::Many(items) => {
                return (*kind == OptionKind::List).then(|| OptionValue::List(items.clone()));
            }
            Written::One(text) => text,
        };
        match kind {
            OptionKind::Int { min, max } => {
                one.parse().ok().filter(|v| (*min..=*max).contains(v)).map(OptionValue::Int)
            }
            OptionKind::Float { min, max } => {
                one.parse().ok().filter(|v: &f64| v.is_finite() && min <= v && v <= max).map(OptionValue::Float)
            }
            OptionKind::Bool => one.parse().ok().map(OptionValue::Bool),
            OptionKind::Choice(words) => words.contains(&one.as_str()).then(|| OptionValue::Text(one.clone())),
            OptionKind::Text => Some(OptionValue::Text(one.clone())),
            OptionKind::List => Some(OptionValue::List(vec![one.clone()])),
        }
    }

    /// The default of an option; `None` where the definition itself is wrong, which a test of the registry finds.
    pub fn default_of(def: &OptionDef) -> Option<OptionValue> {
        let written = match (&def.kind, def.default) {
            (OptionKind::List, "") => Written::Many(Vec::new()),
            (OptionKind::List, items) => Written::Many(items.split(',').map(|i| i.trim().to_string()).collect()),
            (_, one) => Written::One(one.to_string()),
        };
        OptionValue::read(&def.kind, &written)
    }
}

/// Whether `c` may stand in a value without quotes.
pub(super) fn is_bare(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !",=(){}[]\"\\".contains(c)
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if !text.is_empty() && text.chars().all(is_bare) {
        return f.write_str(text);
    }
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

impl fmt::Display for OptionValue {
    /// As it would be written in a pipeline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionValue::Int(v) => write!(f, "{v}"),
            OptionValue::Float(v) => write!(f, "{v:?}"),
            OptionValue::Bool(v) => write!(f, "{v}"),
            OptionValue::Text(v) => write_text(f, v),
            OptionValue::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    f.write_str(if i > 0 { "," } else { "" })?;
                    write_text(f, item)?;
                }
                f.write_str("]")
            }
        }
    }
}

/// A value for every option of a pass, in order of definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    values: Vec<OptionValue>,
}

impl Options {
    /// All defaults.
    pub fn defaults(info: &PassInfo) -> Options {
        let values = info.options.iter().map(|def| {
            // A default that its own kind refuses is a slip in the pass file; the registry's test names it.
            OptionValue::default_of(def).unwrap_or(OptionValue::Text(def.default.into()))
        });
        Options { values: values.collect() }
    }

    /// Sets the option at `index`.
    pub(super) fn set(&mut self, index: usize, value: OptionValue) {
        if let Some(slot) = self.values.get_mut(index) {
            *slot = value;
        }
    }

    /// The value of the option of that name.
    pub fn get(&self, info: &PassInfo, name: &str) -> Option<&OptionValue> {
        info.options.iter().position(|o| o.name == name).and_then(|i| self.values.get(i))
    }

    /// Those that are not the default, as `{a=1,b=[x]}`; empty when all are.
    pub(super) fn text(&self, info: &PassInfo) -> String {
        let changed = info.options.iter().zip(&self.values);
        let parts: Vec<String> = changed
            .filter(|(def, value)| OptionValue::default_of(def).as_ref() != Some(value))
            .map(|(def, value)| format!("{}={value}", def.name))
            .collect();
        if parts.is_empty() { String::new() } else { format!("{{{}}}", parts.join(",")) }
    }
}
