//! The stages of a compilation, and the passes that lead from each to the next.

use prism_dialects::Level;

/// A point at which a compilation can start and stop: `--from STAGE`, `--to STAGE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// As imported: `nn`, one operation per node of the model.
    Import,
    /// `nn`, cleaned up.
    Nn,
    /// The stacked graph, saturated.
    Stack,
    /// One realisation chosen and tiled for each operation.
    Assigned,
    /// Placed and timed.
    Plan,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Stage; 5] = [Stage::Import, Stage::Nn, Stage::Stack, Stage::Assigned, Stage::Plan];

    /// As written in options and file names.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Import => "import",
            Stage::Nn => "nn",
            Stage::Stack => "stack",
            Stage::Assigned => "assigned",
            Stage::Plan => "plan",
        }
    }

    /// The stage of that name.
    pub fn parse(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The level of a program at this stage.
    pub fn level(self) -> Level {
        match self {
            Stage::Import | Stage::Nn => Level::Nn,
            Stage::Stack => Level::Stack,
            Stage::Assigned => Level::Assigned,
            Stage::Plan => Level::Plan,
        }
    }
}

/// The passes that lead to a stage from the one before it.
#[derive(Clone, Copy, Debug)]
pub struct StagePipeline {
    /// Where they lead.
    pub to: Stage,
    /// What for.
    pub purpose: &'static str,
    /// The passes, in order.
    pub passes: &'static [&'static str],
}

/// All of them, in order of stage.
pub static STAGES: &[StagePipeline] = &[
    StagePipeline {
        to: Stage::Nn,
        purpose: "Exporters leave shape arithmetic, repeated constants and unused nodes behind, and spell out norms, activations \
                  and attention: remove the ones and recognise the others before the e-graph has to carry them. What is read after \
                  that is one layer, not each.",
        passes: &["fold-constants", "cse", "recognise", "dce", "outline-layers"],
    },
    StagePipeline {
        to: Stage::Stack,
        purpose: "Add every way the target can realise each operation, over the whole program: what one layer leaves on chip \
                  the next may take.",
        passes: &["inline-calls", "saturate"],
    },
    StagePipeline {
        to: Stage::Assigned,
        purpose: "Choose the best realisation of each operation, and write out the tiling that its price stands for.",
        passes: &["extract", "tile"],
    },
    StagePipeline { to: Stage::Plan, purpose: "Give each task its unit and time.", passes: &["schedule"] },
];

/// A pass that a compilation runs only when it is asked to.
#[derive(Clone, Copy, Debug)]
pub struct OnRequest {
    /// The pass.
    pub pass: &'static str,
    /// The flag of `compile` that asks for it.
    pub flag: &'static str,
    /// The stage that it belongs to.
    pub at: Stage,
    /// The pass of that stage that it runs before.
    pub before: &'static str,
}

/// All of them.
pub static ON_REQUEST: &[OnRequest] =
    &[OnRequest { pass: "last-logits", flag: "--logits last", at: Stage::Nn, before: "outline-layers" }];

/// The pipeline text that leads from one stage to another; empty where `to` is not after `from`.
pub fn between(from: Stage, to: Stage) -> String {
    let stages = STAGES.iter().filter(|s| s.to > from && s.to <= to);
    let passes: Vec<&str> = stages.flat_map(|s| s.passes.iter().copied()).collect();
    passes.join(",")
}
