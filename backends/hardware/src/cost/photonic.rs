//! Matrix products in photonic units: a price for every way to run one.

use super::loops::{Loops, Roles, loops};
use super::transfer::{Stream, bytes};
use super::{Cost, Ends, LIGHT, MatmulWork, Stationary};
use crate::target::Target;
use crate::target::photonic::{Conversions, Level, Part, Photonic, PhotonicClass};
use crate::units::{Bits, Bytes, Cycles, Time};
use std::sync::Arc;

/// The loop of a product, in closed form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tiling {
    /// Outputs made at the same time: rows * columns * cores * tiles, on each group of wavelengths.
    pub lanes: u128,
    /// Times that all lanes are filled: cycles over inner blocks.
    pub passes: u128,
    /// Clock periods.
    pub cycles: u128,
    /// Blocks along n, k and m.
    pub blocks: [u128; 3],
    /// Blocks of weights written.
    pub programs: u128,
    /// Blocks that the unit holds at once; 0 where it holds none.
    pub resident: u128,
    /// What the devices do.
    pub events: super::Events,
    /// Time of the cycles.
    pub compute: Time,
    /// Time of writing weights.
    pub program: Time,
    /// Time of fetching what streams from off chip.
    pub fetch: Time,
    /// Numbers of the result.
    pub outputs: u128,
    /// Multiply-accumulates.
    pub macs: u128,
    /// Multiply-accumulates over those of full cores in all cycles; 0 when there is no work.
    pub utilisation: f64,
}

/// One way to compute a product with light. Where conversions are billed once, operands are light and weights already:
/// see [`Target::encode`], [`Target::program`] and [`Target::detect`]. Where they are billed per use they are in `cost`.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotonicRealisation {
    /// The unit, whose name is also its resource.
    pub unit: Arc<str>,
    /// The operand on its row side: held as weights, or the one whose light the columns share.
    pub stationary: Stationary,
    /// What is fetched from off chip, or left there, block by block while the product runs.
    pub ends: Ends,
    /// Groups of wavelengths at work.
    pub groups: u64,
    /// What the product costs.
    pub cost: Cost,
    /// The loop it runs.
    pub tiling: Tiling,
}

impl Target {
    /// Every way to compute `work` with light: each photonic unit that can, with either operand held. One with `arrays` stores what it
    /// holds: whether that operand is made of weights alone, and there is room for it, is for the caller to see to. What `ends` says
    /// lies off chip is fetched or stored block by block while the product runs; units that bill conversions once convert
    /// whole tensors and are offered only when everything is on chip.
    pub fn photonic(&self, work: &MatmulWork, ends: Ends) -> Vec<PhotonicRealisation> {
        let fits = |u: &&Photonic| {
            (u.takes_results() || !work.dynamic) && (ends == Ends::default() || u.conversions == Conversions::PerUse)
        };
        let mut all = Vec::with_capacity(2 * self.photonic.len());
        for unit in self.photonic.iter().filter(fits) {
            let orders = [Stationary::Rhs, Stationary::Lhs];
            let claims = orders.map(|held| overclaim(unit, work, held));
            let least = claims[0].min(claims[1]);
            let offered = |(held, claim): (Stationary, f64)| match unit.dynamic_rows.filter(|_| work.dynamic) {
                Some(fixed) => held == fixed,
                // Only one order holds weights, where they must be there before.
                None => claim <= least * OVERCLAIM || unit.arrays.is_some(),
            };
            let orders = orders.into_iter().zip(claims).filter(|order| offered(*order)).map(|(held, _)| held);
            all.extend(orders.filter_map(|held| self.photonic_on(unit, work, held, ends)));
        }
        all
    }

    /// The ways of [`Target::photonic`] with products of the batch (columns, in a mesh) side by side on groups of wavelengths,
    /// where that takes less time than one after another.
    pub fn photonic_grouped(&self, work: &MatmulWork, ends: Ends) -> Vec<PhotonicRealisation> {
        let grouped = |alone: PhotonicRealisation| {
            let unit = self.photonic_unit(&alone.unit)?;
            let most = if unit.class == PhotonicClass::Mesh { u64::MAX } else { work.batch };
            let groups = unit.groups.min(most);
            let work = MatmulWork { groups, ..*work };
            let together = self.photonic_on(unit, &work, alone.stationary, ends).filter(|_| groups > 1)?;
            (together.cost.latency < alone.cost.latency).then_some(together)
        };
        self.photonic(work, ends).into_iter().filter_map(grouped).collect()
    }

    /// `work` on one unit, with `held` on its row side.
    /// `None` only when a link is missing, which reading a file refuses.
    pub fn photonic_on(
        &self,
        unit: &Photonic,
        work: &MatmulWork,
        held: Stationary,
        ends: Ends,
    ) -> Option<PhotonicRealisation> {
        let l = loops(unit, work, held, self.number, self.legacy);
        let ends = if unit.arrays.is_some() { ends.without(held) } else { ends };
        let mut cost = Cost::default();
        let (mut compute, mut program) = (Time::ZERO, Time::ZERO);
        if !self.free.light {
            compute = Cycles(l.cycles as f64) / unit.clock;
            program = writing(unit, &l);
            self.devices(unit, &l, unit.more_light(work.groups), &mut cost);
        }
        let mut time = compute + program;
        if unit.conversions == Conversions::Once {
            time = time.max(self.further_passes(unit, work, held, &mut cost));
        }
        let mut latency = Time::ZERO;
        if unit.conversions == Conversions::PerUse {
            // Nothing is read while weights are written.
            time = if self.free.light { time } else { readout(unit, &l, compute) + program };
            time = time.max(self.memories(unit, &l, &mut cost)?);
            latency = self.links.get(unit.inward)?.latency + self.links.get(unit.outward)?.latency;
        }
        let (fetch, first) = self.fetches(unit, work, held, &l, ends, &mut cost);
        latency += first;
        time = time.max(fetch);
        cost.occupy(&unit.resource, time);
        cost.latency = latency + time;
        let cost = self.through_ports(cost, Some(&unit.resource));
        let tiling = tiling(unit, work, &l, (compute, program, fetch));
        let groups = work.groups.clamp(1, unit.groups);
        Some(PhotonicRealisation { unit: unit.name.clone(), stationary: held, ends, groups, cost, tiling })
    }

    /// Energy of parts, light and multiply-accumulates.
    fn devices(&self, unit: &Photonic, l: &Loops, more_light: f64, cost: &mut Cost) {
        use super::Event as E;
        let once = unit.conversions == Conversions::Once;
        for part in &unit.parts {
            let converts = part.on.iter().any(|e| e.is_encoding() || *e == E::Read);
            if !(once && converts) {
                cost.spend(&part.component, part.energy * l.events.on(&part.on));
            }
        }
        cost.spend(&LIGHT, unit.mac.0 * l.events.of(E::Mac));
        if let Some(laser) = &unit.laser {
            let lit = l.events.of(E::CoreCycle);
            let slots = lit * [unit.rows, unit.columns, unit.inner].iter().map(|n| *n as f64).product::<f64>();
            let lanes = l.events.of(E::Mac) * l.sign_passes as f64;
            let useful = if slots > 0.0 { (lanes / slots).min(1.0) } else { 0.0 };
            let energy = laser.core_power / unit.clock * (lit * more_light);
            cost.spend(&laser.component, energy * useful);
            cost.spend(&laser.padding, energy * (1.0 - useful));
        }
    }

    /// Energy of the memories and links that a product uses on chip; the time that the links need.
    fn memories(&self, unit: &Photonic, l: &Loops, cost: &mut Cost) -> Option<Time> {
        let bits = self.number;
        let t = &l.traffic;
        for (level, accesses) in [(Level::Register, t.register), (Level::Network, t.network), (Level::Buffer, t.buffer)]
        {
            if let Some(storage) = unit.storage(level) {
                cost.spend(&storage.component, storage.energy.of(accesses, bits));
            }
        }
        let working = self.memories.get(self.placement.working)?;
        // Of 2r - 1 passes of a partial result r write it and r - 1 read it back.
        let outputs = l.events.of(super::Event::Output);
        let back = ((t.results - outputs) / 2.0).max(0.0);
        let inward = t.rows_in + t.columns_in + back;
        cost.read(working, inward, bits);
        cost.write(working, outputs + back, bits);
        let arriving = cost.cross(self.links.get(unit.inward)?, inward, bits);
        let leaving = cost.cross(self.links.get(unit.outward)?, outputs + back, bits);
        Some(arriving.max(leaving))
    }

    /// The passes after the first of a streamed operand with negative numbers, on a unit that converts once: its tensors are
    /// encoded and detected by operations of their own, which know of one pass. Returns the time that converters need.
    fn further_passes(&self, unit: &Photonic, work: &MatmulWork, held: Stationary, cost: &mut Cost) -> Time {
        use super::Event as E;
        let further = (Roles::of(unit, work, held).s - 1) as f64;
        if further == 0.0 {
            return Time::ZERO;
        }
        let streamed = if held == Stationary::Rhs { work.lhs_numbers() } else { work.rhs_numbers() };
        let encoding = self.convert(unit, &[E::ColumnEncode], streamed * further, cost);
        let reading = self.convert(unit, &[E::Read], work.outputs() as f64 * further, cost);
        encoding.max(reading)
    }

    /// What streams from and to off chip while the product runs: the time it needs, and the latencies of the links on
    /// its way, which are paid once.
    fn fetches(
        &self,
        unit: &Photonic,
        work: &MatmulWork,
        held: Stationary,
        l: &Loops,
        ends: Ends,
        cost: &mut Cost,
    ) -> (Time, Time) {
        let (mut time, mut first) = (Time::ZERO, Time::ZERO);
        let bits = slice(self.number, work);
        for (from, side, numbers) in
            [(ends.lhs, Stationary::Lhs, work.lhs_numbers()), (ends.rhs, Stationary::Rhs, work.rhs_numbers())]
        {
            let Some(from) = from else { continue };
            let what = if side == held {
                let stored = l.traffic.stored.max(numbers);
                Stream { stored, numbers, bits, rounds: Some(self.row_fetch(unit, work, held, l)) }
            } else {
                let numbers = numbers * self.column_fetches(unit, l, bytes(numbers, bits));
                Stream { stored: numbers, numbers, bits, rounds: None }
            };
            let way = self.placement.way(from);
            time += self.stream(way, &what, cost);
            first = first.max(self.latency_of(way));
        }
        if ends.result {
            let numbers = work.outputs() as f64;
            let what = Stream { stored: numbers, numbers, bits: self.number, rounds: None };
            time += self.stream(&self.placement.store, &what, cost);
            first += self.latency_of(&self.placement.store);
        }
        if self.legacy.no_weight_time { (Time::ZERO, first) } else { (time, first) }
    }

    /// How often a streamed column side of that size is fetched: once where half of the working memory holds it, the
    /// other half being for what it meets; else for each round of row blocks, as all columns pass each of them.
    fn column_fetches(&self, unit: &Photonic, l: &Loops, size: Bytes) -> f64 {
        let capacity = self.memories.get(self.placement.working).and_then(|m| m.capacity);
        match capacity {
            Some(room) if size > room * 0.5 => l.row_blocks.div_ceil(u128::from(unit.tiles.max(1))).max(1) as f64,
            _ => 1.0,
        }
    }

    /// How the row side is fetched: bytes of one round, in which every tile fetches a row block over its share of the
    /// link, and the number of rounds. Fewer row blocks than tiles share it among themselves.
    fn row_fetch(&self, unit: &Photonic, work: &MatmulWork, held: Stationary, l: &Loops) -> (Bytes, f64) {
        let tiles = u128::from(unit.tiles.max(1)).min(l.row_blocks.max(1));
        let side = if held == Stationary::Rhs { work.n } else { work.m };
        let rows = unit.rows.min(side);
        let round = bytes((rows as f64) * (work.k as f64) * (tiles as f64), slice(self.number, work));
        (round, l.row_blocks.div_ceil(tiles).saturating_mul(u128::from(work.batch)) as f64)
    }
}

/// Width at which a slice of a number lies off chip: the slices share the bits of the number.
fn slice(number: Bits, work: &MatmulWork) -> Bits {
    Bits(number.0 / work.slices.max(1) as f64)
}

/// How much more one order may overclaim sharing than the other and still be offered.
const OVERCLAIM: f64 = 1.01;

/// How much less often the column side is encoded in the closed form than it can be. Lightening-Transformer divides by the
/// number of tiles T; i row blocks on T tiles share over ceil(i / T) rounds. Of two orders the one that claims a sharing that
/// does not take place would win by that claim alone.
fn overclaim(unit: &Photonic, work: &MatmulWork, held: Stationary) -> f64 {
    let rows = if held == Stationary::Rhs { work.n } else { work.m };
    let blocks = rows.div_ceil(unit.rows.max(1));
    if !unit.share_columns || blocks == 0 {
        return 1.0;
    }
    let tiles = unit.tiles.max(1);
    blocks.div_ceil(tiles) as f64 * tiles as f64 / blocks as f64
}

/// Whether a part works only while weights are written.
fn writes(part: &Part) -> bool {
    !part.on.is_empty() && part.on.iter().all(|e| *e == super::Event::Program)
}

/// The time of writing weights: rounds of all cores, or what the converters in front of them can do.
fn writing(unit: &Photonic, l: &Loops) -> Time {
    let limited = unit.parts.iter().filter(|p| writes(p)).filter_map(|p| Some((p, p.throughput?)));
    let rounds = unit.program_time * (l.program_rounds as f64);
    limited.fold(rounds, |time, (part, rate)| time.max(Cycles(l.events.on(&part.on)) / rate))
}

/// The time of a product with what its converters can do in it.
fn readout(unit: &Photonic, l: &Loops, time: Time) -> Time {
    let limited = unit.parts.iter().filter(|p| !writes(p)).filter_map(|p| Some((p, p.throughput?)));
    limited.fold(time, |sum, (part, rate)| {
        let needed = Cycles(l.events.on(&part.on)) / rate;
        let reads = part.on.contains(&super::Event::Read);
        if unit.serial_readout && reads { sum + needed } else { sum.max(needed) }
    })
}

fn tiling(unit: &Photonic, work: &MatmulWork, l: &Loops, (compute, program, fetch): (Time, Time, Time)) -> Tiling {
    let groups = work.groups.clamp(1, unit.groups);
    let lanes = [unit.rows, unit.columns, unit.tiles, unit.cores, groups].map(u128::from);
    // All pairs of slices make one product of numbers.
    let (made, pairs) = (work.macs(), u128::from(work.slices.max(1)).saturating_pow(2));
    let slots = (l.cycles as f64) * unit.peak_macs();
    Tiling {
        lanes: lanes.into_iter().fold(1, u128::saturating_mul),
        passes: l.cycles.checked_div(l.inner_blocks).unwrap_or(0),
        cycles: l.cycles,
        blocks: [l.row_blocks, l.inner_blocks, l.column_blocks],
        programs: l.programs,
        resident: l.resident,
        events: l.events,
        compute,
        program,
        fetch,
        outputs: work.outputs(),
        macs: made / pairs,
        utilisation: if slots > 0.0 { (made as f64 / slots).min(1.0) } else { 0.0 },
    }
}
