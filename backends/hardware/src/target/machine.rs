//! The parts of a machine.

use crate::cost::{Component, MemoryName, Resource};
use crate::units::{Bandwidth, Bits, Bytes, Duration, Energy, EnergyPer, Frequency, MacEnergy, Rate, Time};
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
    /// Links from `parameters` to `working`.
    pub(crate) load_parameters: Vec<Hop>,
    /// Links from `inputs` to `working`.
    pub(crate) load_inputs: Vec<Hop>,
    /// Links from `results` to `working`.
    pub(crate) load_results: Vec<Hop>,
    /// Links from `working` to `results`.
    pub(crate) store: Vec<Hop>,
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
    /// Index of the link from the working memory.
    pub(crate) inward: usize,
    /// Index of the link to the working memory.
    pub(crate) outward: usize,
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

/// How a photonic unit multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotonicClass {
    /// Both operands streamed in time, interference on a detector, integration over the inner dimension.
    Homodyne,
}

/// A photonic unit.
#[derive(Clone, Debug)]
pub struct Photonic {
    /// Name.
    pub name: Arc<str>,
    /// The unit as a resource; one product takes all of it.
    pub resource: Resource,
    /// How it multiplies.
    pub class: PhotonicClass,
    /// Symbols per second of a lane.
    pub clock: Frequency,
    /// Cores.
    pub cores: u32,
    /// Lanes of a core.
    pub multiplex: u32,
    /// Effective bits of light.
    pub precision: Bits,
    /// Energy of a multiply-accumulate.
    pub mac: MacEnergy,
    /// Whether its light may enter it again.
    pub relay: bool,
    /// Streamed operand to light.
    pub encode: Converter,
    /// Held operand into the unit.
    pub program: Converter,
    /// Light to numbers.
    pub detect: Converter,
    /// Index of the link from the working memory.
    pub(crate) inward: usize,
    /// Index of the link to the working memory.
    pub(crate) outward: usize,
}

/// A bank of converters between numbers and light.
#[derive(Clone, Debug)]
pub struct Converter {
    /// Energy of a conversion.
    pub energy: EnergyPer,
    /// Numbers per second.
    pub rate: Rate,
    /// `dac` or `adc`.
    pub component: Component,
    /// Such as `phu.dac`; busy only when the rate is limited.
    pub resource: Resource,
}
