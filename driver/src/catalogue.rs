//! Everything that has a name: what `list` shows and `explain` finds.

use clap::ValueEnum;
use prism_dialects::define::Dialect;
use prism_dialects::registry as dialects;
use prism_hardware::Target;
use prism_hardware::target::{SHIPPED, fields};
use prism_passes::egraph::rules::{Phase, RULES};
use prism_passes::manager::Change;
use prism_passes::nn::recognise::PATTERNS;
use prism_passes::pipelines::{STAGES, Stage};
use prism_passes::{PassInfo, registry};
use prism_support::codes;

/// A kind of named thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Passes, for `opt -p`.
    Passes,
    /// Dialects.
    Dialects,
    /// Operations of the dialects.
    Ops,
    /// Machines that come with Prism.
    Targets,
    /// Rewrite rules: patterns of `recognise`, rules of `saturate`.
    Rules,
    /// Stages of a compilation, for `--from` and `--to`.
    Stages,
    /// Diagnostic codes.
    Errors,
}

/// Things of one kind: names of columns, and rows. The first column is what `explain` takes.
pub struct Listing {
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// One row per thing.
    pub rows: Vec<Vec<String>>,
}

/// All things of a kind, in the order of their registry.
pub fn listing(kind: Kind) -> Listing {
    let (columns, rows): (&'static [&'static str], Vec<Vec<String>>) = match kind {
        Kind::Passes => (&["name", "from", "to", "summary"], registry::PASSES.iter().copied().map(pass_row).collect()),
        Kind::Dialects => (&["name", "ops", "summary"], dialects::DIALECTS.iter().map(dialect_row).collect()),
        Kind::Ops => (&["name", "level", "summary"], dialects::ops().map(op_row).collect()),
        Kind::Targets => (&["name", "photonic", "electronic", "description"], targets()),
        Kind::Rules => (&["name", "phase", "kind", "summary"], rules()),
        Kind::Stages => (&["name", "level", "passes", "summary"], stages()),
        Kind::Errors => (&["code", "exit", "title"], errors()),
    };
    Listing { columns, rows }
}

fn pass_row(p: &PassInfo) -> Vec<String> {
    let to = match p.to {
        Change::Keeps => "same",
        Change::To(level) => level.name(),
    };
    vec![p.name.into(), levels(p), to.into(), p.summary().into()]
}

/// Levels that a pass accepts.
pub fn levels(p: &PassInfo) -> String {
    if p.from == prism_dialects::Level::ALL {
        return "any".into();
    }
    p.from.iter().map(|l| l.name()).collect::<Vec<_>>().join(" ")
}

fn dialect_row(d: &Dialect) -> Vec<String> {
    vec![d.name.into(), d.ops.len().to_string(), d.summary.into()]
}

fn op_row(op: &prism_dialects::OpDef) -> Vec<String> {
    vec![op.name.into(), op.level.name().into(), op.summary().into()]
}

fn targets() -> Vec<Vec<String>> {
    let row = |(name, text): &(&str, &str)| {
        // The machines that come with Prism read well: a test of their crate says so.
        let target = Target::parse(name, text).ok()?;
        let photonic: Vec<&str> = target.photonic.iter().map(|u| &*u.name).collect();
        let electronic: Vec<&str> = target.electronic.iter().map(|u| &*u.name).collect();
        let none_or = |names: Vec<&str>| if names.is_empty() { "none".to_string() } else { names.join(" ") };
        Some(vec![(*name).to_string(), none_or(photonic), none_or(electronic), sentence(&target.description)])
    };
    SHIPPED.iter().filter_map(row).collect()
}

fn rules() -> Vec<Vec<String>> {
    let phase = |p| if p == Phase::Algebra { "algebra" } else { "realise" };
    let row = |r: &&prism_passes::egraph::rules::Rule| {
        vec![r.name.to_string(), phase(r.phase).into(), r.kind.name().into(), sentence(r.doc)]
    };
    let pattern = |p: &&prism_passes::nn::recognise::Pattern| {
        vec![p.name.to_string(), "recognise".into(), p.kind.name().into(), sentence(p.doc)]
    };
    PATTERNS.iter().map(pattern).chain(RULES.iter().map(row)).collect()
}

fn stages() -> Vec<Vec<String>> {
    let row = |stage: Stage| {
        let into = STAGES.iter().find(|s| s.to == stage);
        let passes = into.map_or(String::new(), |s| s.passes.join(","));
        let purpose = into.map_or("As imported: one operation per node of the model.", |s| s.purpose);
        vec![stage.name().to_string(), stage.level().name().into(), passes, sentence(purpose)]
    };
    Stage::ALL.into_iter().map(row).collect()
}

fn errors() -> Vec<Vec<String>> {
    codes::ALL.iter().map(|c| vec![c.name.to_string(), c.exit.to_string(), c.title.into()]).collect()
}

/// The first sentence of a text, on one line.
pub fn sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.find(". ") {
        Some(end) => line[..=end].to_string(),
        None => line,
    }
}

/// Every name that `explain` knows.
pub fn names() -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for kind in Kind::value_variants() {
        out.extend(listing(*kind).rows.into_iter().filter_map(|row| row.into_iter().next()));
    }
    for pass in registry::PASSES {
        out.extend(pass.options.iter().map(|o| format!("{}.{}", pass.name, o.name)));
    }
    out.extend(fields().iter().map(|f| format!("target.{}", f.path)));
    out
}
