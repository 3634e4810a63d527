//! Photonic units: sizes, devices with their events, light source, internal memories.

use super::machine::Gating;
use crate::cost::{Cause, Component, Event, Resource, Stationary};
use crate::units::{
    Area, Bits, Bytes, Current, Decibel, Energy, EnergyPer, Fraction, Frequency, MacEnergy, OpticalPower, Power,
    Responsivity, Time,
};
use std::sync::Arc;

/// How a photonic unit multiplies; the classes of photonic accelerators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotonicClass {
    /// A: coherent mesh, weights in phases.
    Mesh,
    /// B: bank of weights, one block at a time per core.
    Bank,
    /// C: dynamic crossbar, both operands modulated every cycle.
    Crossbar,
    /// D: both operands streamed in time, integration over the inner dimension on a detector.
    Homodyne,
}

impl PhotonicClass {
    /// As in a target file.
    pub fn word(self) -> &'static str {
        match self {
            PhotonicClass::Mesh => "mesh",
            PhotonicClass::Bank => "bank",
            PhotonicClass::Crossbar => "crossbar",
            PhotonicClass::Homodyne => "homodyne",
        }
    }

    /// The class of that word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Mesh, Self::Bank, Self::Crossbar, Self::Homodyne];
        all.into_iter().find(|c| c.word() == word)
    }

    /// Whether it holds one operand as weights that are programmed.
    pub fn programs(self) -> bool {
        matches!(self, PhotonicClass::Mesh | PhotonicClass::Bank)
    }
}

/// How often conversions are billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversions {
    /// As often as the loop needs them; they are part of the product.
    PerUse,
    /// Once per number of a tensor; they are operations of their own.
    Once,
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
    /// Symbols per second of a modulator.
    pub clock: Frequency,
    /// Tiles.
    pub tiles: u64,
    /// Cores of a tile.
    pub cores: u64,
    /// Outputs of a core along the held operand.
    pub rows: u64,
    /// Outputs of a core along the streamed operand.
    pub columns: u64,
    /// Columns that a matrix product can use.
    pub gemm_columns: u64,
    /// Products that a core adds up per cycle.
    pub inner: u64,
    /// Wavelengths on one waveguide.
    pub wavelengths: u64,
    /// Groups of wavelengths that carry products of their own at the same time.
    pub groups: u64,
    /// Light that a group needs more while others are lit.
    pub group_penalty: Decibel,
    /// Most wavelengths that fit.
    pub channel_limit: Option<u64>,
    /// Whether results are dealt to lanes one by one.
    pub flat: bool,
    /// Effective bits of light.
    pub precision: Bits,
    /// Bits of the converters behind the detectors.
    pub readout_bits: Bits,
    /// Whether both operands may be results.
    pub dynamic: bool,
    /// The operand on the row side in products of two results, where the dataflow fixes it.
    pub dynamic_rows: Option<Stationary>,
    /// Passes for a streamed operand with negative numbers.
    pub signed_passes: u64,
    /// Cycles that a detector adds up.
    pub accumulate: u64,
    /// How often conversions are billed.
    pub conversions: Conversions,
    /// Columns of a core share the light of the row side.
    pub share_rows: bool,
    /// Tiles share the light of the column side.
    pub share_columns: bool,
    /// Cores of a tile add their photocurrents before they are read.
    pub share_readout: bool,
    /// Blocks of weights that it stores, where they are written before the model runs.
    pub arrays: Option<u64>,
    /// Time to write a block of weights.
    pub program_time: Time,
    /// Whether reading a block stands between it and the next.
    pub serial_readout: bool,
    /// Energy of a multiply-accumulate beside that of the parts.
    pub mac: MacEnergy,
    /// Devices.
    pub parts: Vec<Part>,
    /// Light source.
    pub laser: Option<Laser>,
    /// Memories inside.
    pub storages: Vec<Storage>,
    /// Index of the link from the working memory.
    pub(crate) inward: usize,
    /// Index of the link to the working memory.
    pub(crate) outward: usize,
}

impl Photonic {
    /// Cores of all tiles.
    pub fn all_cores(&self) -> u64 {
        self.tiles.saturating_mul(self.cores)
    }

    /// Multiply-accumulates per cycle when every core is full, on all groups of wavelengths.
    pub fn peak_macs(&self) -> f64 {
        let extents = [self.tiles, self.cores, self.rows, self.columns, self.inner, self.groups];
        extents.iter().map(|n| *n as f64).product()
    }

    /// How much more light a group needs where so many are lit, for the crosstalk between them.
    pub fn more_light(&self, groups: u64) -> f64 {
        if groups > 1 { self.group_penalty.ratio() } else { 1.0 }
    }

    /// Whether both operands of a product may be results: weights that are there before the run are none.
    pub fn takes_results(&self) -> bool {
        self.dynamic && self.arrays.is_none()
    }

    /// Blocks of rows x inner that so many matrices of weights take: `n` along the row side, `k` along the inner dimension.
    pub fn blocks(&self, batch: u64, n: u64, k: u64) -> u64 {
        let along = |extent: u64, of: u64| extent.div_ceil(of.max(1));
        along(n, self.rows).saturating_mul(along(k, self.inner)).saturating_mul(batch)
    }

    /// Whether a part hands results over to the next product.
    pub fn relays(&self) -> bool {
        self.parts.iter().any(|part| part.on.contains(&Event::Relay))
    }

    /// The memory of that level.
    pub fn storage(&self, level: Level) -> Option<&Storage> {
        self.storages.iter().find(|s| s.level == level)
    }
}

/// Devices of one kind, at the unit's clock and bits.
#[derive(Clone, Debug)]
pub struct Part {
    /// Name.
    pub name: Arc<str>,
    /// What its energy is booked under.
    pub component: Component,
    /// What its energy is spent for.
    pub cause: Cause,
    /// Positions in the unit.
    pub count: f64,
    /// At which events a position works.
    pub on: Vec<Event>,
    /// Energy of a position per event, power over one clock period included.
    pub energy: Energy,
    /// Power of all positions at work, `energy` per clock period.
    pub power: Power,
    /// The share of it that is drawn whether or not there is work: what the file gives as `power`.
    pub standing: Power,
    /// Area of all devices.
    pub area: Area,
    /// Whether the slip `area_without_input_modulators` forgets that area.
    pub area_slip: bool,
    /// How it is switched off.
    pub gating: Gating,
    /// Whether it is a converter: its energy follows a law, or it has a throughput of its own.
    pub converter: bool,
    /// Events per second of all positions together, where that is a limit.
    pub throughput: Option<Frequency>,
    /// The clock it is built for.
    pub max_rate: Option<Frequency>,
    /// Converters in front of it named for the resource that they are: `phu.dac`.
    pub resource: Resource,
}

/// The memories inside a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// In front of converters and behind adders.
    Register,
    /// Between cores.
    Network,
    /// Operand buffer of a tile.
    Buffer,
}

impl Level {
    /// As in a target file.
    pub fn word(self) -> &'static str {
        match self {
            Level::Register => "register",
            Level::Network => "network",
            Level::Buffer => "buffer",
        }
    }
}

/// A memory inside a unit.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Which.
    pub level: Level,
    /// Energy component.
    pub component: Component,
    /// Energy of an access.
    pub energy: EnergyPer,
    /// What one buffer holds.
    pub capacity: Option<Bytes>,
    /// Power of all of them.
    pub leakage: Power,
    /// Area of all of them.
    pub area: Area,
}

/// What a detector needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Detection {
    /// So much light.
    Sensitivity(OpticalPower),
    /// 2 snr i / R: UBC ("Shining light on silicon photonic DNN accelerators"), equation 3.
    Noise {
        /// Input-referred rms noise current i.
        current: Current,
        /// Responsivity R.
        responsivity: Responsivity,
        /// Signal over noise, amplitudes.
        snr: f64,
    },
}

/// What the detector's need is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// One of 2^b levels.
    PerLevel,
    /// One of 2^b - 1 steps.
    Steps,
    /// All of them.
    FullScale,
}

/// One kind of loss on the way from source to detector.
#[derive(Clone, Debug)]
pub struct Loss {
    /// What loses light.
    pub element: Arc<str>,
    /// Loss of one times how many.
    pub loss: Decibel,
}

/// A light source with its link budget.
#[derive(Clone, Debug)]
pub struct Laser {
    /// Energy component.
    pub component: Component,
    /// The same for light on padding: lanes of a core that have nothing to do.
    pub padding: Component,
    /// Light out over electricity in.
    pub wall_plug: Fraction,
    /// What a detector needs.
    pub detection: Detection,
    /// What that is for.
    pub convention: Convention,
    /// Bits of the link budget.
    pub bits: Bits,
    /// Detectors that share the light of one core.
    pub fan_out: f64,
    /// Extinction ratio; `None` when infinite.
    pub extinction: Option<Decibel>,
    /// Optical frequency.
    pub frequency: Frequency,
    /// Losses and margins.
    pub losses: Vec<Loss>,
    /// Waveguides that the light of a core is launched into.
    pub waveguides: f64,
    /// Most light in one of them.
    pub waveguide_limit: Option<OpticalPower>,
    /// Area of all sources.
    pub area: Area,
    /// How it is switched off.
    pub gating: Gating,
    /// Electrical power for one core: [`Laser::launched`] over the efficiency.
    pub core_power: Power,
}
