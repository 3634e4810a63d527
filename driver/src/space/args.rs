//! Flags that decide what there is to choose from: the model, the machine, and the rules.

use crate::input::Dimensions;
use crate::machine;
use clap::ValueEnum;

/// Which positions get logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Logits {
    /// Every position, as exported.
    All,
    /// The last one, as a server does.
    Last,
}

/// What costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Freed {
    /// What photonic units do themselves.
    Light,
    /// Kernels other than products.
    NonGemm,
}

/// What is on chip whatever the machine says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kept {
    /// Nothing.
    None,
    /// The cache of keys and values.
    Kv,
    /// That and every result.
    All,
}

/// Where a flag stands in help that comes after those that say what is to be least.
const LATER: usize = 500;

/// A model on a machine.
#[derive(Clone, Debug, clap::Args)]
pub struct Space {
    /// ONNX model, Hugging Face config or its folder, or MLIR text of any level; `-` is standard input
    #[arg(value_name = "MODEL", help_heading = "Arguments")]
    pub model: String,
    /// Machine: a name of `prism list targets`, or a TOML file
    #[arg(short, long, value_name = "NAME|FILE", default_value = machine::DEFAULT, env = "PRISM_TARGET", hide_env_values = true)]
    pub target: String,
    /// Least effective bits of the results, up to those of the program's own numbers; photonic units with fewer make products from bit
    /// slices, or are not used
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=64), hide_short_help = true, display_order = LATER)]
    pub min_bits: Option<u32>,
    /// Rules of `prism list rules` to leave out, to see what they are worth
    #[arg(long, value_name = "RULE", value_delimiter = ',', hide_short_help = true, display_order = LATER)]
    pub without: Vec<String>,
    /// Logits of every position, or of the last alone: all, last [default: all; last with --prompt]
    #[arg(long, value_name = "WHICH", hide_possible_values = true, display_order = LATER)]
    pub logits: Option<Logits>,
    /// Set a field of the machine, such as photonic.ptc.accumulate=1
    #[arg(long, value_name = "PATH=VALUE", help_heading = "Machine")]
    pub set: Vec<String>,
    /// What costs nothing, to see a ceiling: light, non-gemm
    #[arg(long, value_name = "WHAT", value_delimiter = ',', help_heading = "Machine", hide_possible_values = true)]
    pub free: Vec<Freed>,
    /// What is on chip whatever the machine says: none, kv, all
    #[arg(long, value_name = "WHAT", default_value = "none", help_heading = "Machine", hide_possible_values = true)]
    pub on_chip: Kept,
    /// Compile for a machine that cannot be built as its file says
    #[arg(long, help_heading = "Machine")]
    pub allow_infeasible: bool,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0, hide_short_help = true, display_order = LATER)]
    pub seed: u64,
    /// Values of symbolic dimensions, and widths.
    #[command(flatten)]
    pub dimensions: Dimensions,
}

/// A choice of a flag as it is typed.
pub fn word(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|v| v.get_name().to_string()).unwrap_or_default()
}
