//! Matrix products in photonic units.

use super::{Cost, LIGHT, MatmulWork};
use crate::target::{Photonic, PhotonicClass, Target};
use crate::units::Cycles;
use std::sync::Arc;

/// Which operand of a product the unit holds; the other one streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stationary {
    /// The left operand.
    Lhs,
    /// The right operand.
    Rhs,
}

impl Stationary {
    /// `lhs` or `rhs`.
    pub fn word(self) -> &'static str {
        match self {
            Stationary::Lhs => "lhs",
            Stationary::Rhs => "rhs",
        }
    }
}

/// The unrolled loop of a product, in closed form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tiling {
    /// Output numbers made at the same time: multiplex * cores.
    pub lanes: u64,
    /// Times that all lanes are filled: ceil(ceil(outputs / multiplex) / cores).
    pub passes: u128,
    /// Clock periods: passes * K.
    pub cycles: u128,
    /// Numbers of the result.
    pub outputs: u128,
    /// Multiply-accumulates.
    pub macs: u128,
    /// Multiply-accumulates over lanes * cycles; 0 when there is no work.
    pub utilisation: f64,
}

/// One way to compute a product with light. Its operands are light and weights already; see [`Target::encode`],
/// [`Target::program`] and [`Target::detect`] for the ways in and out.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotonicRealisation {
    /// The unit, whose name is also its resource.
    pub unit: Arc<str>,
    /// The operand that it holds.
    pub stationary: Stationary,
    /// What the product costs, conversions left out.
    pub cost: Cost,
    /// The loop it runs.
    pub tiling: Tiling,
}

impl Target {
    /// Every way to compute `work` with light: each photonic unit, with either operand held.
    pub fn photonic(&self, work: &MatmulWork) -> Vec<PhotonicRealisation> {
        let orders = [Stationary::Rhs, Stationary::Lhs];
        self.photonic.iter().flat_map(|unit| orders.map(|held| realise(unit, held, work))).collect()
    }
}

fn realise(unit: &Photonic, stationary: Stationary, work: &MatmulWork) -> PhotonicRealisation {
    let tiling = match unit.class {
        // Both operands stream, so the loop is the same whichever one is called held.
        PhotonicClass::Homodyne => homodyne(unit, work),
    };
    let time = Cycles(tiling.cycles as f64) / unit.clock;
    let mut cost = Cost { latency: time, ..Cost::default() };
    cost.spend(&LIGHT, unit.mac.0 * (tiling.macs as f64));
    cost.occupy(&unit.resource, time);
    PhotonicRealisation { unit: unit.name.clone(), stationary, cost, tiling }
}

/// LightCode, arXiv 2509.16443, cost model of the PHU: ceil(ceil(N / multiplex) / cores) * K cycles for N outputs.
fn homodyne(unit: &Photonic, work: &MatmulWork) -> Tiling {
    let outputs = work.outputs();
    let per_core = outputs.div_ceil(u128::from(unit.multiplex.max(1)));
    let passes = per_core.div_ceil(u128::from(unit.cores.max(1)));
    let cycles = passes.saturating_mul(u128::from(work.k));
    let lanes = u64::from(unit.multiplex).saturating_mul(u64::from(unit.cores));
    let slots = (cycles as f64) * (lanes as f64);
    let macs = work.macs();
    let utilisation = if slots > 0.0 { ((macs as f64) / slots).min(1.0) } else { 0.0 };
    Tiling { lanes, passes, cycles, outputs, macs, utilisation }
}
