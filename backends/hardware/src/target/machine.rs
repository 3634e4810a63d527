//! The parts of a machine: memories, links, electronic units. Photonic ones are in [`super::photonic`].

use crate::cost::{Component, MemoryName, Resource};
use crate::units::{Area, Bandwidth, Bytes, Duration, Energy, EnergyPer, Fraction, Frequency, Power, Time};
use std::sync::Arc;

/// A memory.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Name.
    pub name: MemoryName,
    /// Energy component of its accesses; has the memory's name.
    pub component: Component,
    /// Energy to read.
    pub read: EnergyPer,
    /// Energy to write; `None` when nothing is written there.
    pub write: Option<EnergyPer>,
    /// How much it holds; `None` when unlimited.
    pub capacity: Option<Bytes>,
    /// Data per second that it reads and writes, both together.
    pub bandwidth: Bandwidth,
    /// What takes that bandwidth while it does; has the memory's name.
    pub port: Resource,
    /// Power drawn as long as the machine is on.
    pub leakage: Power,
    /// Area on the chip.
    pub area: Area,
}

/// A one-way connection between two memories or between a memory and a unit.
#[derive(Clone, Debug)]
pub struct Link {
    /// Start.
    pub from: String,
    /// End.
    pub to: String,
    /// Time until the first number arrives.
    pub latency: Time,
    /// Data per second.
    pub bandwidth: Bandwidth,
    /// A block that a tile fetches takes whole periods of this clock; `None` when time is continuous.
    pub clock: Option<Frequency>,
    /// Energy of the link itself.
    pub energy: EnergyPer,
    /// Component of that energy.
    pub component: Component,
    /// `from->to`.
    pub resource: Resource,
}

/// Where a tensor lies before it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// Where weights lie.
    Parameters,
    /// Where inputs lie.
    Inputs,
    /// Where results are left.
    Results,
}

/// The memories that hold tensors, as indices into [`super::Target::memories`], and the ways between them.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Weights at the start.
    pub parameters: usize,
    /// Inputs at the start.
    pub inputs: usize,
    /// Results at the end.
    pub results: usize,
    /// What units read from and write to.
    pub working: usize,
    /// Whether a product reads a weight off chip block by block while it runs, instead of loading it first.
    pub streams_weights: bool,
    /// Links from `parameters` to `working`.
    pub(crate) load_parameters: Vec<Hop>,
    /// Links from `inputs` to `working`.
    pub(crate) load_inputs: Vec<Hop>,
    /// Links from `results` to `working`.
    pub(crate) load_results: Vec<Hop>,
    /// Links from `working` to `results`.
    pub(crate) store: Vec<Hop>,
}

impl Placement {
    /// The links from where a tensor lies to the working memory.
    pub(crate) fn way(&self, from: Location) -> &[Hop] {
        match from {
            Location::Parameters => &self.load_parameters,
            Location::Inputs => &self.load_inputs,
            Location::Results => &self.load_results,
        }
    }
}

/// One link on the way of a tensor, with the memories at its ends. All are indices into the target's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) from: usize,
    pub(crate) link: usize,
    pub(crate) to: usize,
}

/// An electronic unit.
#[derive(Clone, Debug)]
pub struct Electronic {
    /// Name.
    pub name: Arc<str>,
    /// Its cores as a resource.
    pub resource: Resource,
    /// Clock of kernels that are given in cycles.
    pub clock: Frequency,
    /// Cores; a kernel takes one.
    pub cores: u32,
    /// What it can compute.
    pub kernels: Vec<Kernel>,
    /// What draws power or takes area beside the energy of its kernels.
    pub parts: Vec<StaticPart>,
    /// Index of the link from the working memory.
    pub(crate) inward: usize,
    /// Index of the link to the working memory.
    pub(crate) outward: usize,
}

impl Electronic {
    /// Whether its kernels for that operation, an `nn` name without the prefix, move nothing: the result is the operand
    /// under another shape.
    pub fn renames(&self, op: &str) -> bool {
        let mut own = self.kernels.iter().filter(|k| k.ops.iter().any(|o| o == op)).peekable();
        own.peek().is_some() && own.all(|k| k.traffic == Traffic::None)
    }
}

/// What a unit computes and what it costs.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Name, unique in its unit.
    pub name: Arc<str>,
    /// Operations it realises.
    pub ops: Vec<String>,
    /// What crosses between the unit and the working memory.
    pub traffic: Traffic,
    /// Time on one core.
    pub time: TimeTerms,
    /// Energy in the unit.
    pub energy: EnergyTerms,
    /// Another fit of the time for long axes.
    pub large: Option<LargeFit>,
    /// Systolic array that does the multiply-accumulates.
    pub array: Option<SystolicArray>,
}

/// A systolic array that holds weights: blocks of rows x columns, each for all M rows of the other operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystolicArray {
    /// Inner dimension done at once.
    pub rows: u64,
    /// Outputs done at once.
    pub columns: u64,
    /// Arrays side by side.
    pub arrays: u64,
    /// Whether the next block of weights is loaded while one is used.
    pub double_buffered: bool,
}

/// How a part is switched off while its unit idles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gating {
    /// It never is.
    None,
    /// Off between uses.
    Gated {
        /// Time at full power before each use.
        wake: Time,
        /// Share of the power that it draws when off.
        residual: Fraction,
    },
}

/// A part that draws power while it is on, whatever it does.
#[derive(Clone, Debug)]
pub struct StaticPart {
    /// Name; also its energy component.
    pub name: Component,
    /// Power of all of them while on.
    pub power: Power,
    /// Area of all of them.
    pub area: Area,
    /// How they are switched off.
    pub gating: Gating,
}

/// What crosses between the working memory and a unit for one kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// All operands and the result.
    Operands,
    /// Of the first operand as many numbers as the result has; all of the others; the result.
    Selected,
    /// Nothing.
    None,
}

/// Terms of a linear time.
#[derive(Clone, Copy, Debug)]
pub struct TimeTerms {
    /// However much work.
    pub fixed: Duration,
    /// Per number of the result.
    pub per_output: Duration,
    /// Per number of all operands.
    pub per_input: Duration,
    /// Per row of the first operand.
    pub per_row: Duration,
    /// Per multiply-accumulate.
    pub per_mac: Duration,
}

/// Terms of a linear energy.
#[derive(Clone, Copy, Debug)]
pub struct EnergyTerms {
    /// However much work.
    pub fixed: Energy,
    /// Per number of the result.
    pub per_output: Energy,
    /// Per number of all operands.
    pub per_input: Energy,
    /// Per row of the first operand.
    pub per_row: Energy,
    /// Per multiply-accumulate.
    pub per_mac: Energy,
}

/// A fit of the time for operands with a long axis.
#[derive(Clone, Copy, Debug)]
pub struct LargeFit {
    /// Applies when an axis of an operand is longer.
    pub when_dim_above: u64,
    /// The time; the larger of this and the kernel's own counts.
    pub time: TimeTerms,
}
