//! Arguments of `prism compile`.

use crate::flow::Show;
use crate::goal::Goal;
use crate::space::{Logits, Space};
use clap::ValueEnum;
use prism_dialects::Level;
use std::path::PathBuf;

/// How the assignment is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Strategy {
    /// With a proof.
    Exact,
    /// Each class by itself.
    Greedy,
    /// Each class by itself, shared parts counted once.
    GreedyDag,
}

/// Arguments of `prism compile`.
#[derive(Debug, clap::Args)]
#[command(
    next_help_heading = "Goal",
    after_help = "Examples:\n  prism compile gpt2_prefill.onnx --seq 1024\n  \
                  prism compile gpt2_decode.onnx --past 1023 --emit report,csv -o decode\n  \
                  prism compile llama-2-7b.json --past 4095 --batch 8\n  \
                  prism compile gpt2_prefill.onnx --seq 1024 --to stack > stack.mlir"
)]
pub struct Args {
    #[command(flatten)]
    pub(super) space: Space,
    #[command(flatten)]
    pub(super) goal: Goal,
    /// How it is looked for: exact, greedy, greedy-dag
    #[arg(long, value_name = "HOW", default_value = "exact", hide_possible_values = true)]
    pub(super) strategy: Strategy,
    /// Solve the assignment by a second exact method too, which must agree
    #[arg(long, hide_short_help = true)]
    pub(super) verify_extraction: bool,
    /// Serve: tokens of the prompt, or of each prompt of a ragged batch
    #[arg(long, value_name = "N[,N...]", allow_negative_numbers = true, value_delimiter = ',', help_heading = "Serving", conflicts_with_all = ["from", "to", "emit"])]
    pub(super) prompt: Vec<u64>,
    /// Tokens generated for each prompt [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Serving", requires = "prompt")]
    pub(super) generate: Option<u64>,
    /// Graph of a decoding step, where MODEL is one for prompts
    #[arg(long, value_name = "FILE", help_heading = "Serving", requires = "prompt")]
    pub(super) decode_model: Option<String>,
    /// Compile every decoding step, and draw no lines between them
    #[arg(long, help_heading = "Serving", requires = "prompt", hide_short_help = true)]
    pub(super) every_step: bool,
    /// Stage that the MLIR is at: import, nn, stack, assigned, plan [default: by its operations]
    #[arg(long, value_name = "STAGE", help_heading = "Stages and output")]
    pub(super) from: Option<String>,
    /// Stop at this stage and print the IR: import, nn, stack, assigned, plan
    #[arg(long, value_name = "STAGE", help_heading = "Stages and output")]
    pub(super) to: Option<String>,
    /// What to write: ir, report, trace, csv, plan [default: report,trace; ir with --to]
    #[arg(long, value_name = "KIND[=PATH]", help_heading = "Stages and output")]
    pub(super) emit: Vec<String>,
    /// Output folder [default: prism-out; standard output with --to]
    #[arg(short, long, value_name = "DIR", help_heading = "Stages and output")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) show: Show,
}

impl Args {
    /// What was said of it, where that is not what would be done anyway.
    pub(super) fn logits_given(&self) -> Option<Logits> {
        let default = if self.prompt.is_empty() { Logits::All } else { Logits::Last };
        self.space.logits.filter(|given| *given != default)
    }

    /// Whether prompts differ in length. Their graph has the logits of last positions alone.
    pub(super) fn is_ragged(&self) -> bool {
        self.prompt.windows(2).any(|w| w[0] != w[1])
    }

    /// Which positions get logits: a server wants those of the last.
    pub(super) fn logits(&self) -> Logits {
        if self.is_ragged() {
            return Logits::All;
        }
        self.space.logits.unwrap_or(if self.prompt.is_empty() { Logits::All } else { Logits::Last })
    }

    /// Flags that were given and act on a stage that a program of this level is past.
    pub(super) fn without_effect(&self, level: Level) -> Vec<&'static str> {
        let past_stack = level > Level::Stack;
        let mut late = self.space.without_effect(level, self.logits());
        late.extend((past_stack && self.strategy != Strategy::Exact).then_some("--strategy"));
        late.extend((past_stack && self.verify_extraction).then_some("--verify-extraction"));
        late.extend(self.goal.given().into_iter().filter(|(_, given)| past_stack && *given).map(|(flag, _)| flag));
        late
    }
}
