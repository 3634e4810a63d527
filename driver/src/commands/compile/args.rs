//! Arguments of `prism compile`.

use super::goal::Goal;
use crate::flow::Show;
use crate::input::Dimensions;
use crate::machine;
use clap::ValueEnum;
use prism_dialects::Level;
use std::path::PathBuf;

/// Which positions get logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Logits {
    /// Every position, as exported.
    All,
    /// The last one, as a server does.
    Last,
}

/// What costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Freed {
    /// What photonic units do themselves.
    Light,
    /// Kernels other than products.
    NonGemm,
}

/// What is on chip whatever the machine says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kept {
    /// Nothing.
    None,
    /// The cache of keys and values.
    Kv,
    /// That and every result.
    All,
}

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
    /// ONNX model, Hugging Face config or its folder, or MLIR text of any level; `-` is standard input
    #[arg(value_name = "MODEL", help_heading = "Arguments")]
    pub(super) model: String,
    /// Machine: a name of `prism list targets`, or a TOML file
    #[arg(short, long, value_name = "NAME|FILE", default_value = machine::DEFAULT, env = "PRISM_TARGET", hide_env_values = true)]
    pub(super) target: String,
    #[command(flatten)]
    pub(super) goal: Goal,
    /// How it is looked for: exact, greedy, greedy-dag
    #[arg(long, value_name = "HOW", default_value = "exact", hide_possible_values = true)]
    pub(super) strategy: Strategy,
    /// Solve the assignment by a second exact method too, which must agree
    #[arg(long, hide_short_help = true)]
    pub(super) verify_extraction: bool,
    /// Least effective bits of the results; photonic units with fewer are not used
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64), hide_short_help = true)]
    pub(super) min_bits: Option<u32>,
    /// Rules of `prism list rules` to leave out, to see what they are worth
    #[arg(long, value_name = "RULE", value_delimiter = ',', hide_short_help = true)]
    pub(super) without: Vec<String>,
    /// Logits of every position, or of the last alone: all, last [default: all; last with --prompt]
    #[arg(long, value_name = "WHICH", hide_possible_values = true)]
    logits: Option<Logits>,
    /// Set a field of the machine, such as photonic.ptc.accumulate=1
    #[arg(long, value_name = "PATH=VALUE", help_heading = "Machine")]
    pub(super) set: Vec<String>,
    /// What costs nothing, to see a ceiling: light, non-gemm
    #[arg(long, value_name = "WHAT", value_delimiter = ',', help_heading = "Machine", hide_possible_values = true)]
    pub(super) free: Vec<Freed>,
    /// What is on chip whatever the machine says: none, kv, all
    #[arg(long, value_name = "WHAT", default_value = "none", help_heading = "Machine", hide_possible_values = true)]
    pub(super) on_chip: Kept,
    /// Compile for a machine that cannot be built as its file says
    #[arg(long, help_heading = "Machine")]
    pub(super) allow_infeasible: bool,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0, hide_short_help = true)]
    pub(super) seed: u64,
    #[command(flatten)]
    pub(super) dimensions: Dimensions,
    /// Serve: tokens of the prompt, or of each prompt of a ragged batch
    #[arg(long, value_name = "N[,N...]", value_delimiter = ',', help_heading = "Serving", conflicts_with_all = ["from", "to", "emit"])]
    pub(super) prompt: Vec<u64>,
    /// Tokens generated for each prompt [default: 1]
    #[arg(long, value_name = "N", help_heading = "Serving", requires = "prompt")]
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
        self.logits.filter(|given| *given != default)
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
        self.logits.unwrap_or(if self.prompt.is_empty() { Logits::All } else { Logits::Last })
    }

    /// Flags that were given and act on a stage that a program of this level is past.
    pub(super) fn without_effect(&self, level: Level) -> Vec<&'static str> {
        let [past_nn, past_stack] = [level > Level::Nn, level > Level::Stack];
        let given = [
            ("--logits", past_nn && self.logits() != Logits::All),
            ("--on-chip", past_nn && self.on_chip != Kept::None),
            ("--min-bits", past_nn && self.min_bits.is_some()),
            ("--without", past_nn && !self.without.is_empty()),
            ("--strategy", past_stack && self.strategy != Strategy::Exact),
            ("--verify-extraction", past_stack && self.verify_extraction),
        ];
        let goal = self.goal.given().map(|(flag, given)| (flag, past_stack && given));
        given.into_iter().chain(goal).filter(|(_, late)| *late).map(|(flag, _)| flag).collect()
    }
}
