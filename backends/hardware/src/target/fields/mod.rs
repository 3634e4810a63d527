//! The field registry: every field of a target file, once.
//!
//! The reader takes names, units, ranges and defaults from here; so do `explain` and the generated reference.

mod digital;
mod general;
mod photonic;
mod schema;

pub use schema::json_schema;

use crate::units::{
    Area, Bandwidth, Bits, Bytes, Current, Decibel, Duration, Energy, EnergyPer, Fraction, Frequency, MacEnergy,
    OpticalPower, Power, Quantity, Rate, Responsivity, Time,
};
use std::sync::LazyLock;

/// What kind of value a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// A name: letters, digits, `_` and `-`.
    Name,
    /// A list of operation names.
    Names,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A list of some of a few words.
    Words(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Count,
    /// [`Bits`].
    Bits,
    /// [`Bytes`].
    Bytes,
    /// [`Bandwidth`].
    Bandwidth,
    /// [`Rate`].
    Rate,
    /// [`Frequency`].
    Frequency,
    /// [`Time`].
    Time,
    /// [`Duration`].
    Duration,
    /// [`Energy`].
    Energy,
    /// [`EnergyPer`].
    EnergyPer,
    /// [`MacEnergy`].
    MacEnergy,
    /// [`Power`], at the plug.
    Power,
    /// [`OpticalPower`].
    OpticalPower,
    /// [`Decibel`].
    Decibel,
    /// [`Fraction`].
    Fraction,
    /// [`Current`].
    Current,
    /// [`Responsivity`].
    Responsivity,
    /// [`Area`].
    Area,
    /// A number without a unit.
    Number,
    /// A formula over the sizes of a unit, such as `rows * tiles`: [`super::formula`].
    Formula,
    /// A table.
    Table,
    /// Any number of tables, each under a `[[header]]`.
    Tables,
}

impl FieldKind {
    /// What the value must be, with an example where it has a unit.
    pub fn expected(self) -> String {
        match self {
            FieldKind::Text => "a text in quotes".into(),
            FieldKind::Name => "a name in quotes: letters, digits, `_` and `-`, at most 64".into(),
            FieldKind::Names => "a list of names such as [\"add\", \"sub\"]".into(),
            FieldKind::Choice(words) => format!("one of {}", quoted(words)),
            FieldKind::Words(words) => format!("a list of some of {}", quoted(words)),
            FieldKind::Flag => "true or false".into(),
            FieldKind::Count => "a whole number".into(),
            FieldKind::Bits => Bits::EXPECTED.into(),
            FieldKind::Bytes => Bytes::EXPECTED.into(),
            FieldKind::Bandwidth => Bandwidth::EXPECTED.into(),
            FieldKind::Rate => Rate::EXPECTED.into(),
            FieldKind::Frequency => Frequency::EXPECTED.into(),
            FieldKind::Time => Time::EXPECTED.into(),
            FieldKind::Duration => Duration::EXPECTED.into(),
            FieldKind::Energy => Energy::EXPECTED.into(),
            FieldKind::EnergyPer => EnergyPer::EXPECTED.into(),
            FieldKind::MacEnergy => MacEnergy::EXPECTED.into(),
            FieldKind::Power => Power::EXPECTED.into(),
            FieldKind::OpticalPower => OpticalPower::EXPECTED.into(),
            FieldKind::Decibel => Decibel::EXPECTED.into(),
            FieldKind::Fraction => Fraction::EXPECTED.into(),
            FieldKind::Current => Current::EXPECTED.into(),
            FieldKind::Responsivity => Responsivity::EXPECTED.into(),
            FieldKind::Area => Area::EXPECTED.into(),
            FieldKind::Number => "a number without a unit".into(),
            FieldKind::Formula => "a formula in quotes such as \"rows * inner * (tiles + 1) * cores\"".into(),
            FieldKind::Table => "a table".into(),
            FieldKind::Tables => "tables, each under its own `[[header]]`".into(),
        }
    }

    /// Whether the value is a physical quantity, which has a unit and a source.
    pub fn is_quantity(self) -> bool {
        use FieldKind as K;
        let plain = matches!(self, K::Text | K::Name | K::Names | K::Choice(_) | K::Words(_) | K::Flag | K::Count);
        !(plain || matches!(self, K::Number | K::Formula | K::Table | K::Tables))
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ")
}

/// Which values are accepted, in SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// Any finite value.
    Any,
    /// Zero or more.
    NotNegative,
    /// More than zero.
    Positive,
    /// Both ends included.
    Within(f64, f64),
}

impl Range {
    /// Whether `value` is in it.
    pub fn contains(self, value: f64) -> bool {
        match self {
            Range::Any => true,
            Range::NotNegative => value >= 0.0,
            Range::Positive => value > 0.0,
            Range::Within(low, high) => (low..=high).contains(&value),
        }
    }

    /// In words.
    pub fn text(self) -> String {
        match self {
            Range::Any => "any value".into(),
            Range::NotNegative => "0 or more".into(),
            Range::Positive => "more than 0".into(),
            Range::Within(low, high) => format!("{low} to {high}"),
        }
    }
}

/// Whether a field may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It may not.
    Required,
    /// It may, with the meaning that the field's doc gives.
    Optional,
    /// It may, and then has this value.
    Default(&'static str),
}

/// One field of a target file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldDoc {
    /// Dotted path, such as `electronic.kernel.time.per_mac`.
    pub path: &'static str,
    /// Kind of value.
    pub kind: FieldKind,
    /// Whether it may be left out.
    pub presence: Presence,
    /// Accepted values.
    pub range: Range,
    /// What it means, with its formula where it has one.
    pub doc: &'static str,
}

impl FieldDoc {
    /// The last part of the path.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The path of the table that holds the field; empty at the top.
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    pub(crate) const fn optional(mut self) -> Self {
        self.presence = Presence::Optional;
        self
    }

    pub(crate) const fn default(mut self, value: &'static str) -> Self {
        self.presence = Presence::Default(value);
        self
    }

    pub(crate) const fn range(mut self, range: Range) -> Self {
        self.range = range;
        self
    }
}

pub(crate) const fn field(path: &'static str, kind: FieldKind, doc: &'static str) -> FieldDoc {
    FieldDoc { path, kind, presence: Presence::Required, range: Range::NotNegative, doc }
}

/// The version of the schema that this Prism reads. Version 1 knew one class of photonic unit.
pub const SCHEMA: u64 = 2;

pub(crate) const SOURCE_DOC: &str =
    "Where the quantities of this table come from: paper and section, data sheet, or how they were derived.";

/// How any quantity may be written.
pub const QUANTITY_DOC: &str = "Plain, or { value = \"...\", min = \"...\", max = \"...\", source = \"...\" }: a range, for the interval of a\n\
     figure, and a source of its own. `min` and `max` are each optional, and enclose the value.";

/// Every field, tables before what they hold.
pub fn fields() -> &'static [FieldDoc] {
    static FIELDS: LazyLock<Vec<FieldDoc>> =
        LazyLock::new(|| [general::FIELDS, digital::FIELDS, photonic::FIELDS].concat());
    &FIELDS
}

/// The field of that dotted path; a leading `target.` is accepted.
pub fn find(path: &str) -> Option<&'static FieldDoc> {
    let path = path.strip_prefix("target.").unwrap_or(path);
    fields().iter().find(|f| f.path == path)
}

/// The page of a field, as `explain target.FIELD` prints it.
pub fn explain(path: &str) -> Option<String> {
    let field = find(path)?;
    let presence = match field.presence {
        Presence::Required => "required".to_string(),
        Presence::Optional => "optional".to_string(),
        Presence::Default(value) => format!("default: {value}"),
    };
    let mut page = format!("target.{}\n\n{}\n\nvalue: {}\n{presence}\n", field.path, field.doc, field.kind.expected());
    if field.kind.is_quantity() || matches!(field.kind, FieldKind::Count | FieldKind::Number) {
        page.push_str(&format!("range: {}\n", field.range.text()));
    }
    if field.kind.is_quantity() {
        page.push_str(&format!("\n{QUANTITY_DOC}\n"));
    }
    let inner: Vec<_> = fields().iter().filter(|f| f.parent() == field.path).collect();
    if !inner.is_empty() {
        page.push_str("\nfields:\n");
        for f in inner {
            page.push_str(&format!("  {:<16}{}\n", f.name(), f.doc.lines().next().unwrap_or("")));
        }
    }
    Some(page)
}
