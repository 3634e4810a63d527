//! Kernels of electronic units.

use super::transfer::{Stream, width};
use super::{COMPUTE, Cost, TensorSize, Work};
use crate::target::{Electronic, Kernel, Location, SystolicArray, Target, TimeTerms, Traffic};
use crate::units::{Cycles, Energy, Frequency, Time};
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

impl Kernel {
    /// Multiply-accumulates per second at `clock` (hertz) of one core when nothing but them takes time; 0 when they take none.
    pub(crate) fn peak_macs(&self, clock: f64) -> f64 {
        let linear = self.time.per_mac.at(Frequency(clock)).0;
        let array =
            self.array.map_or(0.0, |a| 1.0 / (clock * (a.rows as f64) * (a.columns as f64) * (a.arrays as f64)));
        let each = linear + array;
        if each > 0.0 { 1.0 / each } else { 0.0 }
    }
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

/// Time on one core; the larger of both fits where an axis is long. A systolic array adds its own.
fn compute_time(kernel: &Kernel, clock: Frequency, work: &Work<'_>, amounts: &Amounts) -> Time {
    let linear = amounts.time(&kernel.time, clock);
    let time = match &kernel.large {
        Some(large) if work.inputs.iter().flat_map(|t| &t.dims).any(|d| *d > large.when_dim_above) => {
            linear.max(amounts.time(&large.time, clock))
        }
        _ => linear,
    };
    match &kernel.array {
        Some(array) => time + Cycles(systolic_cycles(array, work) as f64) / clock,
        None => time,
    }
}

/// Weights held: each block of rows x columns weights is loaded in `rows` cycles, unless the next block is loaded while
/// this one is used, and lets all M vectors pass in M + rows + columns - 2 (Samajdar et al., SCALE-Sim, ISPASS 2020, weight
/// stationary); blocks are dealt to the arrays.
fn systolic_cycles(array: &SystolicArray, work: &Work<'_>) -> u128 {
    let outputs = work.output.numbers();
    if outputs == 0 {
        return 0;
    }
    let k = u128::from(work.macs) / outputs;
    let n = work.output.dims.last().copied().map_or(1, u128::from).max(1);
    // One weight for all leading axes, or one for each product of a batch.
    let weights = work.inputs.get(1).map_or(1, TensorSize::numbers);
    let batch = (weights / (k.saturating_mul(n)).max(1)).max(1);
    let m = (outputs / n / batch).max(1);
    let blocks = k.max(1).div_ceil(array.rows.max(1).into()).saturating_mul(n.div_ceil(array.columns.max(1).into()));
    let rounds = blocks.saturating_mul(batch).div_ceil(array.arrays.max(1).into());
    let load = if array.double_buffered { 0 } else { u128::from(array.rows) };
    rounds.saturating_mul(load + m + u128::from(array.rows) + u128::from(array.columns) - 2)
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
        self.on_chip(work).into_iter().map(|r| self.ported(r)).collect()
    }

    /// The same, memories being as fast as they must.
    fn on_chip(&self, work: &Work<'_>) -> Vec<Realisation> {
        let realise = |(unit, kernel): (&Electronic, &Kernel)| match self.is_free(work) {
            true => Some(Realisation { unit: unit.name.clone(), kernel: kernel.name.clone(), cost: Cost::default() }),
            false => self.realise(unit, kernel, work),
        };
        self.kernels_for(work.op).filter_map(realise).collect()
    }

    /// A realisation with what memories make of it.
    fn ported(&self, r: Realisation) -> Realisation {
        let unit = self.electronic_unit(&r.unit).map(|u| &u.resource);
        Realisation { cost: self.through_ports(r.cost, unit), ..r }
    }

    /// Whether the file says that such work costs nothing.
    fn is_free(&self, work: &Work<'_>) -> bool {
        self.free.non_gemm && work.op != "matmul" && work.macs == 0
    }

    /// The same with the operands that lie at some `from`, and the result if `leave`, streamed from and to off chip while
    /// the kernel runs: it takes the longer of computing and moving.
    pub fn electronic_streamed(&self, work: &Work<'_>, from: &[Option<Location>], leave: bool) -> Vec<Realisation> {
        let mut found = self.on_chip(work);
        if self.is_free(work) {
            return found;
        }
        for realisation in &mut found {
            let cost = &mut realisation.cost;
            let (mut time, mut first) = (Time::ZERO, Time::ZERO);
            let kernel = self.kernels_for(work.op).find(|(_, k)| k.name == realisation.kernel).map(|(_, k)| k);
            // Another name for what lies off chip moves nothing.
            if kernel.is_some_and(|k| k.traffic == Traffic::None) && leave {
                continue;
            }
            for (i, (operand, from)) in work.inputs.iter().zip(from).enumerate() {
                let picked = TensorSize { bits: operand.bits, ..work.output.clone() };
                let selected = i == 0 && kernel.is_some_and(|k| k.traffic == Traffic::Selected);
                if let Some(from) = from {
                    let tensor = if selected { &picked } else { operand };
                    let way = self.placement.way(*from);
                    time += self.stream_wide(way, tensor, cost);
                    first = first.max(self.latency_of(way));
                }
            }
            if leave {
                time += self.stream_wide(&self.placement.store, &work.output, cost);
                first += self.latency_of(&self.placement.store);
            }
            if let Some((_, taken)) = cost.busy.iter_mut().find(|(r, _)| r.as_str() == &*realisation.unit) {
                // A core that waits for data is taken while it waits.
                *taken = (*taken).max(time);
            }
            cost.latency = cost.latency.max(time) + first;
        }
        found.into_iter().map(|r| self.ported(r)).collect()
    }

    /// A tensor over a way, at its own width.
    fn stream_wide(&self, way: &[crate::target::Hop], tensor: &TensorSize, cost: &mut Cost) -> Time {
        let numbers = tensor.numbers() as f64;
        self.stream(way, &Stream { stored: numbers, numbers, bits: width(tensor.bits), rounds: None }, cost)
    }

    /// Every way to pick rows of an operand that stays off chip: only the picked rows are loaded, then the kernel
    /// runs on them. The first operand of `work` lies at `table`; the others are in the working memory.
    /// Empty when no kernel for the operation reads selected numbers alone.
    pub fn gather_rows(&self, work: &Work<'_>, table: Location) -> Vec<Realisation> {
        let bits = work.inputs.first().map_or(self.number_bits(), |t| t.bits);
        let load = self.load(work.output.numbers(), bits, table);
        let kernels = self.kernels_for(work.op).filter(|(_, k)| k.traffic == Traffic::Selected);
        let found = kernels.filter_map(|(unit, kernel)| self.realise(unit, kernel, work));
        let priced = found.map(|r| Realisation { cost: load.clone().then(&self.ported(r.clone()).cost), ..r });
        priced.map(|r| if self.is_free(work) { Realisation { cost: Cost::default(), ..r } } else { r }).collect()
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
            cost.read(working, numbers as f64, width(operand.bits));
            arriving += cost.cross(inward, numbers as f64, width(operand.bits));
            any_in |= numbers > 0;
        }
        let outputs = if kernel.traffic == Traffic::None { 0 } else { work.output.numbers() };
        let leaving = cost.cross(outward, outputs as f64, width(work.output.bits));
        cost.write(working, outputs as f64, width(work.output.bits));
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
