//! Kernels of electronic units.

use super::transfer::{Stream, width};
use super::{COMPUTE, Cost, Member, TensorSize, Work};
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

/// An operation of a kernel, with the figures that hold for it.
#[derive(Clone, Copy)]
struct Part<'a> {
    kernel: &'a Kernel,
    work: &'a Work<'a>,
    /// For each operand, whether the kernel makes it itself; none where the list ends.
    inside: &'a [bool],
}

impl<'a> Part<'a> {
    fn of(kernel: &'a Kernel, work: &'a Work<'a>) -> Self {
        Part { kernel, work, inside: &[] }
    }

    /// The operands that come from outside, each as what of it crosses into the unit where it is brought there.
    fn outside(self) -> impl Iterator<Item = TensorSize> + use<'a> {
        let is_outside = move |i: &usize| !self.inside.get(*i).copied().unwrap_or(false);
        let operands = self.work.inputs.iter().enumerate().filter(move |(i, _)| is_outside(i));
        operands.map(move |(i, operand)| match self.kernel.traffic {
            Traffic::Selected if i == 0 => TensorSize { bits: operand.bits, ..self.work.output.clone() },
            _ => operand.clone(),
        })
    }
}

impl Target {
    /// Every way to compute `work` electronically, its operands being in the working memory. Empty when no unit has
    /// a kernel for it; [`Target::lacking`] then says so.
    pub fn electronic(&self, work: &Work<'_>) -> Vec<Realisation> {
        self.electronic_streamed(work, &[], false)
    }

    /// Whether the file says that such work costs nothing.
    fn is_free(&self, work: &Work<'_>) -> bool {
        self.free.non_gemm && work.op != "matmul" && work.macs == 0
    }

    /// The same with the operands that lie at some `from`, and the result if `leave`, streamed from and to off chip while
    /// the kernel runs: it takes the longer of computing and moving.
    pub fn electronic_streamed(&self, work: &Work<'_>, from: &[Option<Location>], leave: bool) -> Vec<Realisation> {
        let found = self.kernels_for(work.op);
        found.filter_map(|(unit, kernel)| self.realise(unit, &[Part::of(kernel, work)], from, leave)).collect()
    }

    /// Every way to do the operations of `members`, of which the last makes the result, as one kernel: what they pass on
    /// inside is neither written nor read. `from` is about the operands from outside, member by member.
    ///
    /// A unit can where it has a kernel for each. Rows are never whole inside an array of processing elements, which makes a
    /// product block of columns by block of columns: there, what needs them cannot follow a product.
    pub fn electronic_fused(&self, members: &[Member<'_>], from: &[Option<Location>], leave: bool) -> Vec<Realisation> {
        if members.iter().any(|m| self.is_free(&m.work)) {
            return Vec::new();
        }
        let fused = self.electronic.iter().filter_map(|unit| {
            let part = |m: &'_ Member<'_>| unit.kernels.iter().find(|k| k.ops.iter().any(|o| o == m.work.op));
            let kernels: Vec<&Kernel> = members.iter().map(part).collect::<Option<_>>()?;
            let by_blocks = kernels.iter().position(|k| k.array.is_some()).unwrap_or(members.len());
            let in_blocks = members.iter().skip(by_blocks.saturating_add(1)).any(|m| m.by_row);
            if in_blocks || kernels.iter().any(|k| k.traffic == Traffic::None) {
                return None;
            }
            let parts =
                members.iter().zip(kernels).map(|(m, kernel)| Part { kernel, work: &m.work, inside: &m.inside });
            self.realise(unit, &parts.collect::<Vec<_>>(), from, leave)
        });
        fused.collect()
    }

    /// A kernel that does `parts`, with what memories make of it; `None` only when the unit is not linked, which reading a
    /// file refuses.
    fn realise(
        &self,
        unit: &Electronic,
        parts: &[Part<'_>],
        from: &[Option<Location>],
        leave: bool,
    ) -> Option<Realisation> {
        let last = parts.last()?;
        let mut cost = Cost::default();
        if !self.is_free(last.work) {
            cost = self.on_chip(unit, parts)?;
            // Another name for what lies off chip moves nothing.
            if last.kernel.traffic != Traffic::None || !leave {
                self.stream_ends(unit, parts, (from, leave), &mut cost);
            }
        }
        let cost = self.through_ports(cost, Some(&unit.resource));
        Some(Realisation { unit: unit.name.clone(), kernel: last.kernel.name.clone(), cost })
    }

    /// Adds what moves between off chip and the working memory while a kernel runs.
    fn stream_ends(
        &self,
        unit: &Electronic,
        parts: &[Part<'_>],
        (from, leave): (&[Option<Location>], bool),
        cost: &mut Cost,
    ) {
        let (mut time, mut first) = (Time::ZERO, Time::ZERO);
        for (operand, from) in parts.iter().flat_map(|p| p.outside()).zip(from) {
            if let Some(from) = from {
                let way = self.placement.way(*from);
                time += self.stream_wide(way, &operand, cost);
                first = first.max(self.latency_of(way));
            }
        }
        if let (true, Some(last)) = (leave, parts.last()) {
            time += self.stream_wide(&self.placement.store, &last.work.output, cost);
            first += self.latency_of(&self.placement.store);
        }
        if let Some((_, taken)) = cost.busy.iter_mut().find(|(r, _)| *r == unit.resource) {
            // A core that waits for data is taken while it waits.
            *taken = (*taken).max(time);
        }
        cost.latency = cost.latency.max(time) + first;
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
        let found = kernels.filter_map(|(unit, kernel)| self.realise(unit, &[Part::of(kernel, work)], &[], false));
        let priced = |r: Realisation| match self.is_free(work) {
            true => r,
            false => Realisation { cost: load.clone().then(&r.cost), ..r },
        };
        found.map(priced).collect()
    }

    /// Whether some unit has a kernel for the operation, an `nn` name without the prefix.
    pub fn has_kernel(&self, op: &str) -> bool {
        self.kernels_for(op).next().is_some()
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
    /// data is taken while it waits.
    fn on_chip(&self, unit: &Electronic, parts: &[Part<'_>]) -> Option<Cost> {
        let (inward, outward) = (self.links.get(unit.inward)?, self.links.get(unit.outward)?);
        let (working, last) = (self.memories.get(self.placement.working)?, parts.last()?);
        let mut cost = Cost::default();
        let (mut computing, mut arriving, mut any_in) = (Time::ZERO, Time::ZERO, false);
        for part in parts {
            let amounts = Amounts::of(part.work);
            cost.spend(&COMPUTE, amounts.energy(part.kernel));
            computing += compute_time(part.kernel, unit.clock, part.work, &amounts);
            for operand in part.outside().filter(|_| part.kernel.traffic != Traffic::None) {
                let numbers = operand.numbers();
                cost.read(working, numbers as f64, width(operand.bits));
                arriving += cost.cross(inward, numbers as f64, width(operand.bits));
                any_in |= numbers > 0;
            }
        }
        let outputs = if last.kernel.traffic == Traffic::None { 0 } else { last.work.output.numbers() };
        let leaving = cost.cross(outward, outputs as f64, width(last.work.output.bits));
        cost.write(working, outputs as f64, width(last.work.output.bits));
        let taken = computing.max(arriving).max(leaving);
        cost.occupy(&unit.resource, taken);
        cost.latency = taken;
        if any_in {
            cost.latency += inward.latency;
        }
        if outputs > 0 {
            cost.latency += outward.latency;
        }
        Some(cost)
    }
}
