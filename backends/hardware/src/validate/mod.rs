//! Published figures beside what the shipped machines give: what `prism validate` prints.
//!
//! [`rows`] is the one list; each group of it stands in a file of its own. A [`Row`] says what is published and where,
//! on which machine it is computed, with which fields changed and which slips of the publication switched on.

mod machines;
mod measure;
mod outcome;
pub mod rows;

pub use machines::{Machines, Subject};
pub use measure::{Measure, Part, scale};
pub use outcome::{Outcome, run, run_with};
pub use rows::rows;

/// A group of rows, with its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// As on the command line.
    pub name: &'static str,
    /// Above its table.
    pub title: &'static str,
}

const fn group(name: &'static str, title: &'static str) -> Group {
    Group { name, title }
}

/// The groups, in the order of the list.
pub const GROUPS: [Group; 12] = [
    group("link-budget", "Link budget of a dynamic crossbar of N x N x N"),
    group("power", "Power of the chip at full load"),
    group("area", "Area of the chip"),
    group("models", "Whole transformers on Lightening-Transformer"),
    group("baselines", "Baselines and ablations of Lightening-Transformer"),
    group("gemm", "Single products"),
    group("llm", "Language models by Lightening-Transformer's equations"),
    group("albireo", "Albireo"),
    group("rederived", "Designs that a third party derived again"),
    group("signal-integrity", "Realistic signal integrity"),
    group("chips", "Peaks of published chips, and chips that were measured"),
    group("open", "Figures that nobody published"),
];

/// What kind of figure a published one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Measured on a chip.
    Silicon,
    /// Printed by a simulator.
    Simulator,
    /// Worked out from parameters.
    Spreadsheet,
    /// Follows from what the words mean.
    Identity,
}

impl Label {
    /// In lower case.
    pub fn word(self) -> &'static str {
        match self {
            Label::Silicon => "silicon",
            Label::Simulator => "simulator",
            Label::Spreadsheet => "spreadsheet",
            Label::Identity => "identity",
        }
    }
}

/// What the agreement of a row is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The machine's parameters were published apart from the figure.
    Predicted,
    /// The publication leaves parameters open, and they were chosen with its figures in view.
    Filled,
    /// The publication does not print the figure: it was worked out from its equations and parameters.
    Equations,
    /// Published numbers alone, no machine.
    Arithmetic,
    /// A parameter was derived from the figure: the row guards against change alone.
    Guard,
}

impl Basis {
    /// In lower case.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Predicted => "predicted",
            Basis::Filled => "filled",
            Basis::Equations => "equations",
            Basis::Arithmetic => "arithmetic",
            Basis::Guard => "guard",
        }
    }
}

/// A published figure and how ours is computed.
#[derive(Clone, Debug)]
pub struct Row {
    /// Unique, such as `lt.gemm.197x192x576.lt-b-4bit.cycles`.
    pub id: String,
    /// One of [`GROUPS`].
    pub group: &'static str,
    /// What it is about, such as `LT-B, 4 bit`.
    pub case: String,
    /// What it is, such as `energy`.
    pub figure: String,
    /// Unit of the figures, one of those of [`scale`].
    pub unit: &'static str,
    /// The published figure; none where nobody published one.
    pub published: Option<f64>,
    /// Largest relative difference; half a unit of the last printed digit where that is more.
    pub tolerance: f64,
    /// What kind of figure it is.
    pub label: Label,
    /// What agreement is worth.
    pub basis: Basis,
    /// Where it is published.
    pub source: String,
    /// The machine; none for an identity of numbers alone.
    pub subject: Option<Subject>,
    /// The machine that the figure is divided by, where it is a ratio.
    pub over: Option<Subject>,
    /// What is computed.
    pub measure: Measure,
    /// Whether the published figure has to lie in the interval that the ranges of the machine's parameters give.
    pub in_interval: bool,
}

impl Row {
    /// Whether `name` means this row: the group, the shipped machine, the id or its first words.
    pub fn is_called(&self, name: &str) -> bool {
        let machine = |s: &Option<Subject>| s.as_ref().is_some_and(|s| s.target == name);
        let id = self.id.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        id || self.group == name || machine(&self.subject) || machine(&self.over)
    }
}

/// Everything that [`Row::is_called`] knows, without the parts of ids that one row alone has.
pub fn names(rows: &[Row]) -> Vec<String> {
    let mut names: Vec<String> = GROUPS.iter().map(|g| g.name.to_string()).collect();
    for row in rows {
        names.extend(row.subject.iter().map(|s| s.target.to_string()));
        let ends = row.id.match_indices('.').map(|(at, _)| at);
        names.extend(ends.filter_map(|at| row.id.get(..at)).map(str::to_string));
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}
