//! What a pass says about itself. One `pub static PASS: PassInfo` per pass file; [`crate::registry`] lists them.

use super::cx::PassCx;
use prism_dialects::{Level, Module};
use prism_support::Result;

/// A pass: its manual page, where it fits, its options and counters, and its code.
#[derive(Debug)]
pub struct PassInfo {
    /// Name in pipelines, kebab-case, such as `fold-constants`.
    pub name: &'static str,
    /// Manual page. The first line is the summary; then the IR before and after, when it runs and why there, method
    /// and source, limits.
    pub page: &'static str,
    /// Levels it accepts.
    pub from: &'static [Level],
    /// What it does to the level.
    pub to: Change,
    /// Its options, in the order in which they are printed.
    pub options: &'static [OptionDef],
    /// What it counts.
    pub counters: &'static [CounterDef],
    /// Whether it asks for the target. Checked before anything runs.
    pub needs_target: bool,
    /// The code. On `Err` the module may be left half changed.
    pub run: RunFn,
}

/// The code of a pass.
pub type RunFn = fn(&mut Module, &mut PassCx<'_>) -> Result<()>;

impl PassInfo {
    /// First line of the page.
    pub fn summary(&self) -> &'static str {
        self.page.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("")
    }

    /// The option of that name.
    pub fn option(&self, name: &str) -> Option<&'static OptionDef> {
        self.options.iter().find(|o| o.name == name)
    }

    /// The level after this pass, from the level before it.
    pub fn level_after(&self, before: Level) -> Level {
        match self.to {
            Change::Keeps => before,
            Change::To(level) => level,
        }
    }
}

/// What a pass does to the level of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Stays at the level it was given.
    Keeps,
    /// Leaves a program of that level, and nothing of the old one.
    To(Level),
}

/// An option of a pass.
#[derive(Clone, Copy, Debug)]
pub struct OptionDef {
    /// Name, kebab-case.
    pub name: &'static str,
    /// What it may be.
    pub kind: OptionKind,
    /// The value where none is given, as it would be written; empty for an empty text or list.
    pub default: &'static str,
    /// What it does, with its unit.
    pub doc: &'static str,
}

/// What an option may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// A whole number, both ends included.
    Int {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A finite number, both ends included.
    Float {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any text; `"..."` where it has spaces, commas, brackets, braces or quotes.
    Text,
    /// `[a,b]`; one item needs no brackets.
    List,
}

impl OptionKind {
    /// As shown in docs and messages.
    pub fn words(&self) -> String {
        match self {
            OptionKind::Int { min: i64::MIN, max: i64::MAX } => "a whole number".into(),
            OptionKind::Int { min, max: i64::MAX } => format!("a whole number from {min} on"),
            OptionKind::Int { min, max } => format!("a whole number from {min} to {max}"),
            OptionKind::Float { min, max } if max.is_infinite() && min.is_infinite() => "a number".into(),
            OptionKind::Float { min, max } if max.is_infinite() => format!("a number from {min} on"),
            OptionKind::Float { min, max } => format!("a number from {min} to {max}"),
            OptionKind::Bool => "true or false".into(),
            OptionKind::Choice(words) => words.join(", "),
            OptionKind::Text => "text".into(),
            OptionKind::List => "a list such as [a,b]".into(),
        }
    }
}

/// A counter of a pass.
#[derive(Clone, Copy, Debug)]
pub struct CounterDef {
    /// Name, kebab-case.
    pub name: &'static str,
    /// What it counts.
    pub doc: &'static str,
}
