//! THE list of rewrite rules: each a value with a name, a kind, a condition in words and its code.

mod co_execute;
mod expand;
mod fuse;
pub mod hold;
mod light;
mod merge;
mod realise;
mod scale;
mod slices;
mod transpose;
mod views;
mod wavelengths;

use super::graph::Graph;
use super::language::Node;
use super::places::Places;
use super::readers::Readers;
use egg::Id;
use prism_dialects::Loc;
use prism_hardware::Target;

pub(super) use slices::Precision;

/// What a rule preserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Both sides are equal, bit for bit.
    Exact,
    /// Both sides are equal over the reals; floats may round differently.
    Reassociating,
    /// A way in which a machine makes a view of a tensor.
    Realisation,
}

impl Kind {
    /// As shown by `prism list rules`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Exact => "exact",
            Kind::Reassociating => "reassociating",
            Kind::Realisation => "realisation",
        }
    }
}

/// When a rule runs: algebra to saturation first, realisation after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// On maths terms, before any view exists.
    Algebra,
    /// On views.
    Realise,
}

/// What a rule may look at besides the graph.
pub struct Machine<'a> {
    /// The target, in the realise phase.
    pub target: Option<&'a Target>,
    /// Least effective bits of the results; views with fewer are not made.
    pub min_bits: u32,
    /// Effective bits of the results, and of floats that integers and booleans are made from.
    pub level: u32,
    /// Where tensors lie.
    pub places: Places,
    /// How often tensors are read.
    pub readers: Readers,
}

/// A rewrite rule.
pub struct Rule {
    /// Its name: in locations, statistics and options.
    pub name: &'static str,
    /// What it preserves.
    pub kind: Kind,
    /// When it runs.
    pub phase: Phase,
    /// What it does and where it comes from.
    pub doc: &'static str,
    /// When it applies, in words.
    pub condition: &'static str,
    /// Operations whose classes it is tried on.
    pub roots: fn() -> Vec<&'static str>,
    /// Classes that equal the class of `node`, a node of one of `roots`.
    pub apply: fn(&mut Graph, &Machine<'_>, Id, &Node, &Loc) -> Vec<Id>,
}

/// All rules, algebra first.
pub static RULES: &[&Rule] = &[
    &transpose::INTO_MATMUL,
    &merge::SHARED_INPUT,
    &scale::OPERAND,
    &expand::COMPOSITE,
    &expand::ATTENTION,
    &expand::GROUP_HEADS,
    &fuse::FUSE,
    &realise::KERNEL,
    &realise::PHOTONIC,
    &realise::GEMM,
    &wavelengths::GROUP_WAVELENGTHS,
    &co_execute::CO_EXECUTE,
    &slices::BIT_SLICES,
    &views::LEAF,
    &views::PREPARE,
    &views::SELECT,
    &views::LOAD,
    &views::STORE,
    &views::APPEND,
    &light::ENCODE,
    &light::PROGRAM,
    &hold::HOLD,
    &light::DETECT,
    &light::RELAY,
    &light::ROUTE,
    &views::WEAKEN,
    &views::GATHER_ROWS,
];

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|r| r.name == name)
}
