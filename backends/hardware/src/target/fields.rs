//! The field registry: every field of a target file, once.
//!
//! The reader takes names, units, ranges and defaults from here; so do `explain` and the generated reference.

use crate::units::{Bandwidth, Bits, Bytes, Duration, Energy, EnergyPer, Frequency, MacEnergy, Quantity, Rate, Time};

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
            FieldKind::Table => "a table".into(),
            FieldKind::Tables => "tables, each under its own `[[header]]`".into(),
        }
    }

    /// Whether the value is a physical quantity, which has a unit and a source.
    pub fn is_quantity(self) -> bool {
        use FieldKind as K;
        !matches!(self, K::Text | K::Name | K::Names | K::Choice(_) | K::Flag | K::Count | K::Table | K::Tables)
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

    const fn optional(mut self) -> Self {
        self.presence = Presence::Optional;
        self
    }

    const fn default(mut self, value: &'static str) -> Self {
        self.presence = Presence::Default(value);
        self
    }

    const fn range(mut self, range: Range) -> Self {
        self.range = range;
        self
    }
}

const fn field(path: &'static str, kind: FieldKind, doc: &'static str) -> FieldDoc {
    FieldDoc { path, kind, presence: Presence::Required, range: Range::NotNegative, doc }
}

/// The only version of the schema so far.
pub const SCHEMA: u64 = 1;

const SOURCE_DOC: &str =
    "Where the quantities of this table come from: paper and section, data sheet, or how they were derived.";

/// Every field, tables before what they hold.
pub fn fields() -> &'static [FieldDoc] {
    FIELDS
}

/// The field of that dotted path; a leading `target.` is accepted.
pub fn find(path: &str) -> Option<&'static FieldDoc> {
    let path = path.strip_prefix("target.").unwrap_or(path);
    FIELDS.iter().find(|f| f.path == path)
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
    if field.kind.is_quantity() || field.kind == FieldKind::Count {
        page.push_str(&format!("range: {}\n", field.range.text()));
    }
    let inner: Vec<_> = FIELDS.iter().filter(|f| f.parent() == field.path).collect();
    if !inner.is_empty() {
        page.push_str("\nfields:\n");
        for f in inner {
            page.push_str(&format!("  {:<16}{}\n", f.name(), f.doc.lines().next().unwrap_or("")));
        }
    }
    Some(page)
}

use FieldKind as K;

static FIELDS: &[FieldDoc] = &[
    field("schema", K::Count, "Version of the target schema; this Prism reads version 1."),
    field("name", K::Name, "Name of the machine, as reports print it."),
    field("description", K::Text, "What the machine is, in a sentence or two."),
    field("source", K::Text, "Where the machine as a whole is described. Each table states its own source too."),
    field("precision", K::Table, "Widths of numbers."),
    field("precision.number", K::Bits, "Width in the working memory of a number that is converted to or from light.").range(Range::Within(1.0, 1024.0)),
    field("precision.source", K::Text, SOURCE_DOC).optional(),
    field("placement", K::Table, "Which memory holds what before and after the program runs, and where it works."),
    field("placement.parameters", K::Name, "Memory in which weights lie at the start."),
    field("placement.inputs", K::Name, "Memory in which inputs lie at the start."),
    field("placement.results", K::Name, "Memory in which results are left at the end."),
    field("placement.working", K::Name, "On-chip memory that every unit reads its operands from and writes its results to."),
    field("placement.source", K::Text, "Where this placement is described.").optional(),
    field("memory", K::Tables, "The memories, from the outermost (furthest from the units) to the innermost."),
    field("memory.name", K::Name, "Name; also the name of its energy component."),
    field("memory.read", K::EnergyPer, "Energy to read."),
    field("memory.write", K::EnergyPer, "Energy to write. Without it nothing is ever written there.").optional(),
    field("memory.capacity", K::Bytes, "How much it holds; without it, as much as is asked for.").optional().range(Range::Positive),
    field("memory.source", K::Text, SOURCE_DOC).optional(),
    field(
        "link",
        K::Tables,
        "One-way connections between neighbouring memories, and between the working memory and each unit.\n\
         A transfer costs: read energy of the one end, energy of the link, write energy of the other end;\n\
         time = latency + bytes / bandwidth.",
    ),
    field("link.from", K::Name, "Memory or unit at the start."),
    field("link.to", K::Name, "Memory or unit at the end."),
    field("link.latency", K::Time, "Time until the first number arrives."),
    field("link.bandwidth", K::Bandwidth, "Data per second.").range(Range::Positive),
    field("link.energy", K::EnergyPer, "Energy of the link itself, beside both ends.").default("0 pJ/number"),
    field("link.component", K::Name, "Name of the energy component that the link's own energy is booked under.").default("link"),
    field("link.source", K::Text, SOURCE_DOC).optional(),
    field("electronic", K::Tables, "Electronic units."),
    field("electronic.name", K::Name, "Name of the unit."),
    field("electronic.clock", K::Frequency, "Clock that kernels given in cycles run at.").range(Range::Positive),
    field("electronic.cores", K::Count, "Cores. A kernel takes one of them; several kernels run side by side.")
        .range(Range::Within(1.0, 65536.0)),
    field("electronic.source", K::Text, SOURCE_DOC).optional(),
    field(
        "electronic.kernel",
        K::Tables,
        "What the unit can compute. Time and energy are linear:\n\
         fixed + per_output * numbers out + per_input * numbers in + per_row * rows + per_mac * multiply-accumulates.",
    ),
    field("electronic.kernel.name", K::Name, "Name of the kernel, unique in its unit."),
    field("electronic.kernel.ops", K::Names, "Operations it realises, by their `nn` names without the prefix."),
    field(
        "electronic.kernel.traffic",
        K::Choice(&["operands", "selected", "none"]),
        "What crosses between the working memory and the unit: all operands and the result; of the first operand only\n\
         as many numbers as the result has (gather, slice); or nothing (the result is the operand under another shape).",
    )
    .default("operands"),
    field("electronic.kernel.source", K::Text, SOURCE_DOC).optional(),
    field("electronic.kernel.time", K::Table, "Terms of the time on one core, in seconds or cycles."),
    field("electronic.kernel.time.fixed", K::Duration, "Time however much work.").default("0 s"),
    field("electronic.kernel.time.per_output", K::Duration, "Time per number of the result.").default("0 s"),
    field("electronic.kernel.time.per_input", K::Duration, "Time per number of all operands.").default("0 s"),
    field("electronic.kernel.time.per_row", K::Duration, "Time per row (last axis) of the first operand.").default("0 s"),
    field("electronic.kernel.time.per_mac", K::Duration, "Time per multiply-accumulate.").default("0 s"),
    field("electronic.kernel.energy", K::Table, "Terms of the energy spent in the unit."),
    field("electronic.kernel.energy.fixed", K::Energy, "Energy however much work.").default("0 J"),
    field("electronic.kernel.energy.per_output", K::Energy, "Energy per number of the result.").default("0 J"),
    field("electronic.kernel.energy.per_input", K::Energy, "Energy per number of all operands.").default("0 J"),
    field("electronic.kernel.energy.per_row", K::Energy, "Energy per row (last axis) of the first operand.").default("0 J"),
    field("electronic.kernel.energy.per_mac", K::Energy, "Energy per multiply-accumulate.").default("0 J"),
    field(
        "electronic.kernel.large",
        K::Table,
        "Another fit of the time for operands with a long axis. The larger of both times counts, because a fit\n\
         with a negative offset means nothing for little work.",
    )
    .optional(),
    field("electronic.kernel.large.when_dim_above", K::Count, "It applies when an axis of an operand is longer than this.")
        .range(Range::Within(1.0, 9e15)),
    field("electronic.kernel.large.source", K::Text, SOURCE_DOC).optional(),
    field("electronic.kernel.large.time", K::Table, "Terms of the time, as in the kernel itself."),
    field("electronic.kernel.large.time.fixed", K::Duration, "Time however much work; may be negative.")
        .default("0 s")
        .range(Range::Any),
    field("electronic.kernel.large.time.per_output", K::Duration, "Time per number of the result.").default("0 s"),
    field("electronic.kernel.large.time.per_input", K::Duration, "Time per number of all operands.").default("0 s"),
    field("electronic.kernel.large.time.per_row", K::Duration, "Time per row (last axis) of the first operand.").default("0 s"),
    field("electronic.kernel.large.time.per_mac", K::Duration, "Time per multiply-accumulate.").default("0 s"),
    field("photonic", K::Tables, "Photonic units, which compute matrix products.").optional(),
    field("photonic.name", K::Name, "Name of the unit."),
    field(
        "photonic.class",
        K::Choice(&["homodyne"]),
        "How the unit multiplies. `homodyne`: both operands are streamed in time as light, their interference on a\n\
         detector is the product, and the detector integrates over the inner dimension. One lane makes one output number;\n\
         cycles = ceil(ceil(outputs / multiplex) / cores) * K.",
    ),
    field("photonic.clock", K::Frequency, "Symbols per second of one lane.").range(Range::Positive),
    field("photonic.cores", K::Count, "Cores; one product is spread over all of them.").range(Range::Within(1.0, 65536.0)),
    field("photonic.multiplex", K::Count, "Lanes of one core: output numbers made at the same time.")
        .range(Range::Within(1.0, 1e6)),
    field("photonic.precision", K::Bits, "Effective bits of a number as light.").range(Range::Within(1.0, 64.0)),
    field("photonic.mac", K::MacEnergy, "Energy of one multiply-accumulate in the unit, conversions left out."),
    field("photonic.relay", K::Flag, "Whether light that leaves the unit may enter it again without detection.").default("false"),
    field("photonic.source", K::Text, SOURCE_DOC).optional(),
    field("photonic.encode", K::Table, "Turning a streamed operand into light: DAC and modulator."),
    field("photonic.encode.energy", K::EnergyPer, "Energy of one conversion."),
    field("photonic.encode.rate", K::Rate, "Numbers per second, all converters together.").default("unlimited").range(Range::Positive),
    field("photonic.encode.source", K::Text, SOURCE_DOC).optional(),
    field(
        "photonic.program",
        K::Table,
        "Bringing the operand that the unit holds into it. Without this table it is streamed like the other one.",
    )
    .optional(),
    field("photonic.program.energy", K::EnergyPer, "Energy of one conversion."),
    field("photonic.program.rate", K::Rate, "Numbers per second, all converters together.").default("unlimited").range(Range::Positive),
    field("photonic.program.source", K::Text, SOURCE_DOC).optional(),
    field("photonic.detect", K::Table, "Turning light into numbers: detector and ADC."),
    field("photonic.detect.energy", K::EnergyPer, "Energy of one conversion."),
    field("photonic.detect.rate", K::Rate, "Numbers per second, all converters together.").default("unlimited").range(Range::Positive),
    field("photonic.detect.source", K::Text, SOURCE_DOC).optional(),
];

#[cfg(test)]
mod tests {
    use super::{FieldKind, Presence, explain, fields, find};

    #[test]
    fn paths_are_unique_and_their_tables_exist() {
        for (i, f) in fields().iter().enumerate() {
            assert!(fields()[..i].iter().all(|g| g.path != f.path), "{} twice", f.path);
            if !f.parent().is_empty() {
                let parent = find(f.parent()).unwrap_or_else(|| panic!("{} has no table", f.path));
                assert!(matches!(parent.kind, FieldKind::Table | FieldKind::Tables), "{}", f.path);
            }
            assert!(f.doc.ends_with('.'), "{}", f.path);
        }
    }

    #[test]
    fn every_table_with_quantities_has_a_source_field_or_inherits_one() {
        for f in fields().iter().filter(|f| f.kind.is_quantity()) {
            let own = format!("{}.source", f.parent());
            let above = f.parent().rsplit_once('.').map(|(p, _)| format!("{p}.source"));
            assert!(find(&own).is_some() || above.is_some_and(|p| find(&p).is_some()), "{}", f.path);
        }
    }

    #[test]
    fn explains_a_field_and_a_table() {
        let clock = explain("target.photonic.clock").expect("known");
        assert!(clock.contains("a frequency such as") && clock.contains("more than 0"), "{clock}");
        assert!(explain("link").expect("known").contains("bandwidth"));
        assert_eq!(explain("target.photonic.clocks"), None);
        assert_eq!(find("link.energy").map(|f| f.presence), Some(Presence::Default("0 pJ/number")));
    }
}
