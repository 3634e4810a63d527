//! One matrix product on a machine, everything charged: what `prism cost --gemm` prints.

use super::{Cost, Ends, MatmulWork, PhotonicRealisation, Stationary, TensorSize, Tiling, Work};
use crate::target::photonic::{Conversions, Photonic};
use crate::target::{Location, Target};
use std::sync::Arc;

/// A product with its price.
#[derive(Clone, Debug, PartialEq)]
pub struct Gemm {
    /// The unit that does it.
    pub unit: Arc<str>,
    /// Everything: operands, conversions, product, result. Latency is that of all of it.
    pub cost: Cost,
    /// Clock periods of the unit.
    pub cycles: u128,
    /// Multiply-accumulates.
    pub macs: u128,
    /// Multiply-accumulates over those of full cores in all cycles.
    pub utilisation: f64,
    /// The operand on the row side and the loop, when light does it.
    pub photonic: Option<(Stationary, Tiling)>,
}

impl Target {
    /// `work` with activations in the working memory and, unless it is dynamic, weights off chip: on each unit that can,
    /// photonic ones first, in the order of the file.
    pub fn gemm(&self, work: &MatmulWork, held: Stationary) -> Vec<Gemm> {
        let able = self.photonic.iter().filter(|u| u.dynamic || !work.dynamic);
        let mut all: Vec<Gemm> = able.filter_map(|unit| self.gemm_by_light(unit, work, held)).collect();
        all.extend(self.gemm_by_electronics(work));
        all
    }

    /// `work` on one photonic unit.
    pub fn gemm_by_light(&self, unit: &Photonic, work: &MatmulWork, held: Stationary) -> Option<Gemm> {
        let once = unit.conversions == Conversions::Once;
        let ends = if work.dynamic || once { Ends::default() } else { Ends::WEIGHTS };
        let PhotonicRealisation { cost, tiling, .. } = self.photonic_on(unit, work, held, ends)?;
        let cost = if once { self.with_conversions(unit, work, held, &cost)? } else { cost };
        Some(Gemm {
            unit: unit.name.clone(),
            cost,
            cycles: tiling.cycles,
            macs: tiling.macs,
            utilisation: tiling.utilisation,
            photonic: Some((held, tiling)),
        })
    }

    /// A product with the conversions that are billed apart from it, one after another.
    fn with_conversions(&self, unit: &Photonic, work: &MatmulWork, held: Stationary, product: &Cost) -> Option<Cost> {
        let numbers = |x: f64| x as u128;
        let (lhs, rhs) = (numbers(work.lhs_numbers()), numbers(work.rhs_numbers()));
        let (rows, columns) = if held == Stationary::Rhs { (rhs, lhs) } else { (lhs, rhs) };
        let mut cost = Cost::default();
        if !work.dynamic {
            cost = self.load(rhs, self.number_bits(), Location::Parameters);
        }
        let cost = cost.then(&self.encode(&unit.name, columns)?).then(&self.program(&unit.name, rows)?);
        Some(cost.then(product).then(&self.detect(&unit.name, work.outputs())?))
    }

    fn gemm_by_electronics(&self, work: &MatmulWork) -> Vec<Gemm> {
        let bits = self.number_bits();
        let tensor = |rows: u64, columns: u64| TensorSize::new([work.batch, rows, columns], bits);
        let macs = u64::try_from(work.macs()).unwrap_or(u64::MAX);
        let inputs = vec![tensor(work.m, work.k), tensor(work.k, work.n)];
        let from = [None, (!work.dynamic).then_some(Location::Parameters)];
        let work = Work { op: "matmul", inputs, output: tensor(work.m, work.n), macs };
        let found = self.electronic_streamed(&work, &from, false);
        found.into_iter().map(|r| self.electronic_gemm(r, &work)).collect()
    }

    fn electronic_gemm(&self, r: super::Realisation, work: &Work<'_>) -> Gemm {
        let unit = self.electronic_unit(&r.unit);
        let clock = unit.map_or(1.0, |u| u.clock.0);
        let cycles = (r.cost.latency.0 * clock).ceil().max(0.0);
        // The kernel's own multiply-accumulates per second are what all its time would give, fixed and moving parts left out.
        let peak = unit.and_then(|u| u.kernels.iter().find(|k| k.name == r.kernel)).map_or(0.0, |k| k.peak_macs(clock));
        let slots = r.cost.latency.0 * peak;
        let utilisation = if slots > 0.0 { (work.macs as f64 / slots).min(1.0) } else { 0.0 };
        Gemm { unit: r.unit, cost: r.cost, cycles: cycles as u128, macs: work.macs.into(), utilisation, photonic: None }
    }
}
