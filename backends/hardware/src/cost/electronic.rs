//! Kernels of electronic units.

use super::transfer::width;
use super::{COMPUTE, Cost, TensorSize, Work};
use crate::target::{Electronic, Kernel, Location, Target, TimeTerms, Traffic};
use crate::units::{Energy, Frequency, Time};
use std::sync::Arc;

/// One way to compute an operation electronically.
#[derive(Clone, Debug, PartialEq)]
pub struct Realisation {
    /// The unit, whose name is also the resource of its cores.
    pub unit: Arc<str>,
    /// The kernel of that unit.
    pub kernel: Arc<str>,
    /// What it costs, its operand traffic included.
    pub cost: Cost,
}

/// The amounts that a linear model multiplies.
struct Amounts {
    outputs: f64,
    inputs: f64,
    rows: f64,
    macs: f64,
}

impl Amounts {
    fn of(work: &Work<'_>) -> Self {
        let inputs = work.inputs.iter().fold(0u128, |sum, t| sum.saturating_add(t.numbers()));
        Amounts {
            outputs: work.output.numbers() as f64,
            inputs: inputs as f64,
            rows: work.inputs.first().unwrap_or(&work.output).rows() as f64,
            macs: work.macs as f64,
        }
    }

    fn time(&self, t: &TimeTerms, clock: Frequency) -> Time {
        let term = |duration: crate::units::Duration, amount: f64| duration.at(clock) * amount;
        term(t.fixed, 1.0)
            + term(t.per_output, self.outputs)
            + term(t.per_input, self.inputs)
            + term(t.per_row, self.rows)
            + term(t.per_mac, self.macs)
    }

    fn energy(&self, kernel: &Kernel) -> Energy {
        let e = &kernel.energy;
        e.fixed
            + e.per_output * self.outputs
            + e.per_input * self.inputs
            + e.per_row * self.rows
            + e.per_mac * self.macs
    }
}

/// Time on one core; the larger of both fits where an axis is long.
fn compute_time(kernel: &Kernel, clock: Frequency, work: &Work<'_>, amounts: &Amounts) -> Time {
    let time = amounts.time(&kernel.time, clock);
    match &kernel.large {
        Some(large) if work.inputs.iter().flat_map(|t| &t.dims).any(|d| *d > large.when_dim_above) => {
            time.max(amounts.time(&large.time, clock))
        }
        _ => time,
    }
}

/// Numbers of operand `i` that cross into the unit.
fn crossing(kernel: &Kernel, work: &Work<'_>, i: usize, operand: &TensorSize) -> u128 {
    match kernel.traffic {
        Traffic::None => 0,
        Traffic::Selected if i == 0 => work.output.numbers(),
        Traffic::Selected | Traffic::Operands => operand.numbers(),
    }
}

impl Target {
    /// Every way to compute `work` electronically, its operands being in the working memory. Empty when no unit has
    /// a kernel for it; [`Target::lacking`] then says so.
    pub fn electronic(&self, work: &Work<'_>) -> Vec<Realisation> {
        self.kernels_for(work.op).filter_map(|(unit, kernel)| self.realise(unit, kernel, work)).collect()
    }

    /// Every way to pick rows of an operand that stays off chip: only the picked rows are loaded, then the kernel
    /// runs on them. The first operand of `work` lies at `table`; the others are in the working memory.
    /// Empty when no kernel for the operation reads selected numbers alone.
    pub fn gather_rows(&self, work: &Work<'_>, table: Location) -> Vec<Realisation> {
        let bits = work.inputs.first().map_or(self.number_bits(), |t| t.bits);
        let load = self.load(work.output.numbers(), bits, table);
        let kernels = self.kernels_for(work.op).filter(|(_, k)| k.traffic == Traffic::Selected);
        let found = kernels.filter_map(|(unit, kernel)| self.realise(unit, kernel, work));
        found.map(|r| Realisation { cost: load.clone().then(&r.cost), ..r }).collect()
    }

    /// What is missing to compute `work` electronically.
    pub fn lacking(&self, work: &Work<'_>) -> String {
        let units: Vec<_> = self.electronic.iter().map(|u| format!("`{}`", u.name)).collect();
        match units.len() {
            0 => format!("target `{}` has no electronic unit, so nothing computes `{}`", self.name, work.op),
            _ => format!("no kernel for `{}` in {} of target `{}`", work.op, units.join(", "), self.name),
        }
    }

    fn kernels_for<'s>(&'s self, op: &'s str) -> impl Iterator<Item = (&'s Electronic, &'s Kernel)> {
        let kernels = self.electronic.iter().flat_map(|u| u.kernels.iter().map(move |k| (u, k)));
        kernels.filter(move |(_, k)| k.ops.iter().any(|o| o == op))
    }

    /// Reading, computing and writing stream: the slowest of the three sets the pace, and a core that waits for
    /// data is taken while it waits. `None` only when the unit is not linked, which reading a file refuses.
    fn realise(&self, unit: &Electronic, kernel: &Kernel, work: &Work<'_>) -> Option<Realisation> {
        let (inward, outward) = (self.links.get(unit.inward)?, self.links.get(unit.outward)?);
        let working = self.memories.get(self.placement.working)?;
        let amounts = Amounts::of(work);
        let mut cost = Cost::default();
        cost.spend(&COMPUTE, amounts.energy(kernel));
        let (mut arriving, mut any_in) = (Time::ZERO, false);
        for (i, operand) in work.inputs.iter().enumerate() {
            let numbers = crossing(kernel, work, i, operand);
            cost.read(working, numbers, width(operand.bits));
            arriving += cost.cross(inward, numbers, width(operand.bits));
            any_in |= numbers > 0;
        }
        let outputs = if kernel.traffic == Traffic::None { 0 } else { work.output.numbers() };
        let leaving = cost.cross(outward, outputs, width(work.output.bits));
        cost.write(working, outputs, width(work.output.bits));
        let taken = compute_time(kernel, unit.clock, work, &amounts).max(arriving).max(leaving);
        cost.occupy(&unit.resource, taken);
        cost.latency = taken;
        if any_in {
            cost.latency += inward.latency;
        }
        if outputs > 0 {
            cost.latency += outward.latency;
        }
        Some(Realisation { unit: unit.name.clone(), kernel: kernel.name.clone(), cost })
    }
}
