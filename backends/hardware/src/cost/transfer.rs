//! Moving tensors: between memories, and between the working memory and units.

use super::{Cost, Event};
use crate::target::photonic::{Conversions, Photonic};
use crate::target::{Hop, Link, Location, Memory, Target};
use crate::units::{Bits, Bytes, Cycles, Time};

/// Bytes of `numbers` numbers.
pub(crate) fn bytes(numbers: f64, bits: Bits) -> Bytes {
    Bytes::from(bits) * numbers
}

pub(crate) fn width(bits: u32) -> Bits {
    Bits(f64::from(bits))
}

/// A tensor on its way between memories.
pub(crate) struct Stream {
    /// Numbers where they start; a mesh stores whole blocks.
    pub(crate) stored: f64,
    /// Numbers that arrive.
    pub(crate) numbers: f64,
    /// Width of one.
    pub(crate) bits: Bits,
    /// Bytes of one round and how many rounds there are, where they come in rounds.
    pub(crate) rounds: Option<(Bytes, f64)>,
}

impl Target {
    /// Brings `numbers` numbers of `bits` from where they lie to the working memory.
    ///
    /// Links on the way stream: latencies add up, the slowest link sets the pace.
    pub fn load(&self, numbers: u128, bits: u32, from: Location) -> Cost {
        self.transfer(self.placement.way(from), numbers as f64, width(bits))
    }

    /// Brings `numbers` numbers of `bits` from the working memory to where results are left.
    pub fn store(&self, numbers: u128, bits: u32) -> Cost {
        self.transfer(&self.placement.store, numbers as f64, width(bits))
    }

    fn transfer(&self, way: &[Hop], numbers: f64, bits: Bits) -> Cost {
        let mut cost = Cost::default();
        let pace = self.stream(way, &Stream { stored: numbers, numbers, bits, rounds: None }, &mut cost);
        cost.latency = self.latency_of(way) + pace;
        self.through_ports(cost, None)
    }

    /// Writes `numbers` numbers of `bits` of the working memory elsewhere in it.
    pub fn rewrite(&self, numbers: u128, bits: u32) -> Cost {
        let mut cost = Cost::default();
        if let Some(working) = self.memories.get(self.placement.working) {
            cost.read(working, numbers as f64, width(bits));
            cost.write(working, numbers as f64, width(bits));
        }
        self.through_ports(cost, None)
    }

    /// Sum of the latencies of the links on a way.
    pub(crate) fn latency_of(&self, way: &[Hop]) -> Time {
        way.iter().filter_map(|hop| self.links.get(hop.link)).map(|link| link.latency).sum()
    }

    /// Numbers over a way, all links at work at the same time; the time of the slowest, latencies left out. On a link with a
    /// clock each round takes whole periods.
    pub(crate) fn stream(&self, way: &[Hop], what: &Stream, cost: &mut Cost) -> Time {
        let mut slowest = Time::ZERO;
        for hop in way {
            let ends = (self.memories.get(hop.from), self.links.get(hop.link), self.memories.get(hop.to));
            let (Some(source), Some(link), Some(to)) = ends else { continue };
            cost.read(source, what.stored, what.bits);
            let continuous = cost.cross(link, what.stored, what.bits);
            cost.write(to, what.numbers, what.bits);
            let time = match (link.clock, what.rounds) {
                (None, _) => continuous,
                (Some(clock), None) => Cycles((clock * continuous).0.ceil()) / clock,
                (Some(clock), Some((round, rounds))) => {
                    Cycles((clock * (round / link.bandwidth)).0.ceil()) / clock * rounds
                }
            };
            cost.occupy(&link.resource, (time - continuous).max(Time::ZERO));
            slowest = slowest.max(time.max(continuous));
        }
        slowest
    }

    /// Turns `numbers` numbers of the working memory into light for `unit`; `None` when it is no photonic unit. Free where
    /// the unit bills conversions per use, as part of the product.
    pub fn encode(&self, unit: &str, numbers: u128) -> Option<Cost> {
        self.convert_in(unit, &[Event::ColumnEncode], numbers as f64)
    }

    /// Brings `numbers` numbers of the working memory into `unit` as the operand that it holds, as [`Target::encode`].
    pub fn program(&self, unit: &str, numbers: u128) -> Option<Cost> {
        self.convert_in(unit, &[Event::RowEncode, Event::Program], numbers as f64)
    }

    /// Turns light of `unit` into `numbers` numbers in the working memory, as [`Target::encode`].
    pub fn detect(&self, unit: &str, numbers: u128) -> Option<Cost> {
        let unit = self.photonic_unit(unit)?;
        let mut cost = Cost::default();
        if unit.conversions == Conversions::PerUse {
            return Some(cost);
        }
        let link = self.links.get(unit.outward)?;
        let converted = self.convert(unit, &[Event::Read], numbers as f64, &mut cost);
        let crossed = cost.cross(link, numbers as f64, self.number);
        cost.write(self.memories.get(self.placement.working)?, numbers as f64, self.number);
        cost.latency = link.latency + converted.max(crossed);
        Some(self.through_ports(cost, None))
    }

    /// Hands `numbers` numbers of a result of `unit` over to its next product; `None` where no part does that.
    pub fn relay(&self, unit: &str, numbers: u128) -> Option<Cost> {
        let unit = self.photonic_unit(unit).filter(|unit| unit.relays())?;
        let mut cost = Cost::default();
        cost.latency = self.convert(unit, &[Event::Relay], numbers as f64, &mut cost);
        Some(self.through_ports(cost, None))
    }

    fn convert_in(&self, unit: &str, events: &[Event], numbers: f64) -> Option<Cost> {
        let unit = self.photonic_unit(unit)?;
        let mut cost = Cost::default();
        if unit.conversions == Conversions::PerUse {
            return Some(cost);
        }
        let link = self.links.get(unit.inward)?;
        cost.read(self.memories.get(self.placement.working)?, numbers, self.number);
        let crossed = cost.cross(link, numbers, self.number);
        let converted = self.convert(unit, events, numbers, &mut cost);
        cost.latency = link.latency + crossed.max(converted);
        Some(self.through_ports(cost, None))
    }

    /// The parts of `unit` that work on one of `events`, once for each of `numbers`; returns how long they take.
    pub(crate) fn convert(&self, unit: &Photonic, events: &[Event], numbers: f64, cost: &mut Cost) -> Time {
        let mut slowest = Time::ZERO;
        let parts = unit.parts.iter().filter(|p| !self.free.light && p.on.iter().any(|e| events.contains(e)));
        for part in parts {
            cost.spend(&part.component, part.energy * numbers);
            if let Some(rate) = part.throughput {
                let time = Cycles(numbers) / rate;
                cost.occupy(&part.resource, time);
                slowest = slowest.max(time);
            }
        }
        slowest
    }
}

impl Cost {
    pub(crate) fn read(&mut self, memory: &Memory, numbers: f64, bits: Bits) {
        self.spend(&memory.component, memory.read.of(numbers, bits));
        self.carry(&memory.name, bytes(numbers, bits));
    }

    /// Reading a file refuses machines that would write to a memory without `write`.
    pub(crate) fn write(&mut self, memory: &Memory, numbers: f64, bits: Bits) {
        if let Some(energy) = memory.write {
            self.spend(&memory.component, energy.of(numbers, bits));
            self.carry(&memory.name, bytes(numbers, bits));
        }
    }

    /// Passes a link; returns how long it takes beyond the latency.
    pub(crate) fn cross(&mut self, link: &Link, numbers: f64, bits: Bits) -> Time {
        self.spend(&link.component, link.energy.of(numbers, bits));
        let time = bytes(numbers, bits) / link.bandwidth;
        self.occupy(&link.resource, time);
        time
    }
}
