//! Pipelines as text: `fold-constants,cse,saturate{iterations=8,rules=[algebra,layout]},func.func(canonicalize)`.
//!
//! ```text
//! pipeline := [ step { "," step } ]
//! step     := PASS [ "{" [ OPTION "=" value { "," OPTION "=" value } ] "}" ]    a pass of Prism
//!           | PASS [ "{" ... "}" ]                                              a pass of MLIR, with MLIR's options
//!           | OP "(" ... ")"                                                    a nested pipeline of MLIR
//! value    := word | "quoted text" | "[" [ item { "," item } ] "]"
//! ```
//!
//! A name that Prism and MLIR share is Prism's; `builtin.module(cse)` reaches MLIR's.

use super::info::PassInfo;
use super::options::Options;
use super::parse::parse;
use super::upstream::UpstreamPass;
use crate::registry;
use prism_dialects::mlir::Session;
use prism_support::{Place, Result};
use std::fmt;
use std::ops::Range;

/// What a pipeline text is called in messages.
pub(super) const FLAG: &str = "--passes";

/// One step of a pipeline.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it runs.
    pub kind: StepKind,
    /// Its name, in the text that the pipeline came from.
    pub(super) span: Range<usize>,
}

/// What a step runs.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// A pass of Prism with a value for each option.
    Own(&'static PassInfo, Options),
    /// A pass or nested pipeline of MLIR.
    Upstream(UpstreamPass),
}

impl Step {
    /// The pass's name; of an MLIR step, its text.
    pub fn name(&self) -> &str {
        match &self.kind {
            StepKind::Own(info, _) => info.name,
            StepKind::Upstream(pass) => &pass.text,
        }
    }

    /// The pass, if it is Prism's.
    pub fn info(&self) -> Option<&'static PassInfo> {
        match &self.kind {
            StepKind::Own(info, _) => Some(info),
            StepKind::Upstream(_) => None,
        }
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Step) -> bool {
        match (&self.kind, &other.kind) {
            (StepKind::Own(a, x), StepKind::Own(b, y)) => a.name == b.name && x == y,
            (StepKind::Upstream(a), StepKind::Upstream(b)) => a == b,
            _ => false,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            StepKind::Own(info, options) => write!(f, "{}{}", info.name, options.text(info)),
            StepKind::Upstream(pass) => f.write_str(&pass.text),
        }
    }
}

/// Passes in order, with their options. Equal when they run the same, however they were written.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    /// The steps.
    pub steps: Vec<Step>,
    /// The text they came from.
    pub(super) source: String,
}

impl PartialEq for Pipeline {
    fn eq(&self, other: &Pipeline) -> bool {
        self.steps == other.steps
    }
}

impl fmt::Display for Pipeline {
    /// Text that parses to the same pipeline: what `--print-pipeline` prints. Options at their default are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.steps.iter().enumerate() {
            f.write_str(if i > 0 { "," } else { "" })?;
            step.fmt(f)?;
        }
        Ok(())
    }
}

impl Pipeline {
    /// Parses a pipeline; empty text is the empty pipeline.
    ///
    /// # Errors
    /// All at once: [`E0601`](prism_support::codes::E0601) where the text is not a pipeline, [`E0104`](prism_support::codes::E0104) for an unknown pass, [`E0603`](prism_support::codes::E0603) for an
    /// option.
    pub fn parse(text: &str, session: &Session) -> Result<Pipeline> {
        parse(text, &registry::find, &|pass| session.knows_upstream(pass))
    }

    /// The step's name as a place in the text.
    pub(super) fn place(&self, step: &Step) -> Place {
        Place::Text { name: FLAG.into(), text: self.source.clone(), span: step.span.clone() }
    }

    /// The text of the steps from `at` on.
    pub fn rest(&self, at: usize) -> String {
        let rest: Vec<String> = self.steps.iter().skip(at).map(Step::to_string).collect();
        rest.join(",")
    }
}
