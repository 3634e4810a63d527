//! Moving tensors: between memories, and between the working memory and units.

use super::Cost;
use crate::target::{Converter, Link, Location, Memory, Photonic, Target};
use crate::units::{Bits, Bytes, Time};

/// Bytes of `numbers` numbers.
pub(crate) fn bytes(numbers: u128, bits: Bits) -> Bytes {
    Bytes::from(bits) * (numbers as f64)
}

pub(crate) fn width(bits: u32) -> Bits {
    Bits(f64::from(bits))
}

impl Target {
    /// Brings `numbers` numbers of `bits` from where they lie to the working memory.
    ///
    /// Links on the way stream: latencies add up, the slowest link sets the pace.
    pub fn load(&self, numbers: u128, bits: u32, from: Location) -> Cost {
        let way = match from {
            Location::Parameters => &self.placement.load_parameters,
            Location::Inputs => &self.placement.load_inputs,
            Location::Results => &self.placement.load_results,
        };
        self.transfer(way, numbers, width(bits))
    }

    /// Brings `numbers` numbers of `bits` from the working memory to where results are left.
    pub fn store(&self, numbers: u128, bits: u32) -> Cost {
        self.transfer(&self.placement.store, numbers, width(bits))
    }

    fn transfer(&self, way: &[crate::target::Hop], numbers: u128, bits: Bits) -> Cost {
        let mut cost = Cost::default();
        let mut pace = Time::ZERO;
        for hop in way {
            let ends = (self.memories.get(hop.from), self.links.get(hop.link), self.memories.get(hop.to));
            let (Some(from), Some(link), Some(to)) = ends else { continue };
            cost.read(from, numbers, bits);
            pace = pace.max(cost.cross(link, numbers, bits));
            cost.write(to, numbers, bits);
            cost.latency += link.latency;
        }
        cost.latency += pace;
        cost
    }

    /// Turns `numbers` numbers of the working memory into light for `unit`; `None` when it is no photonic unit.
    pub fn encode(&self, unit: &str, numbers: u128) -> Option<Cost> {
        let unit = self.photonic_unit(unit)?;
        self.convert_in(unit, &unit.encode, numbers)
    }

    /// Brings `numbers` numbers of the working memory into `unit` as the operand that it holds; `None` when it is no
    /// photonic unit.
    pub fn program(&self, unit: &str, numbers: u128) -> Option<Cost> {
        let unit = self.photonic_unit(unit)?;
        self.convert_in(unit, &unit.program, numbers)
    }

    /// Turns light of `unit` into `numbers` numbers in the working memory; `None` when it is no photonic unit.
    pub fn detect(&self, unit: &str, numbers: u128) -> Option<Cost> {
        let unit = self.photonic_unit(unit)?;
        let link = self.links.get(unit.outward)?;
        let mut cost = Cost::default();
        let converted = cost.convert(&unit.detect, numbers, unit.precision);
        let crossed = cost.cross(link, numbers, self.number);
        cost.write(self.memories.get(self.placement.working)?, numbers, self.number);
        cost.latency = link.latency + converted.max(crossed);
        Some(cost)
    }

    fn convert_in(&self, unit: &Photonic, converter: &Converter, numbers: u128) -> Option<Cost> {
        let link = self.links.get(unit.inward)?;
        let mut cost = Cost::default();
        cost.read(self.memories.get(self.placement.working)?, numbers, self.number);
        let crossed = cost.cross(link, numbers, self.number);
        let converted = cost.convert(converter, numbers, unit.precision);
        cost.latency = link.latency + crossed.max(converted);
        Some(cost)
    }
}

impl Cost {
    pub(crate) fn read(&mut self, memory: &Memory, numbers: u128, bits: Bits) {
        self.spend(&memory.component, memory.read.of(numbers as f64, bits));
        self.carry(&memory.name, bytes(numbers, bits));
    }

    /// Reading a file refuses machines that would write to a memory without `write`.
    pub(crate) fn write(&mut self, memory: &Memory, numbers: u128, bits: Bits) {
        if let Some(energy) = memory.write {
            self.spend(&memory.component, energy.of(numbers as f64, bits));
            self.carry(&memory.name, bytes(numbers, bits));
        }
    }

    /// Passes a link; returns how long it takes beyond the latency.
    pub(crate) fn cross(&mut self, link: &Link, numbers: u128, bits: Bits) -> Time {
        self.spend(&link.component, link.energy.of(numbers as f64, bits));
        let time = bytes(numbers, bits) / link.bandwidth;
        self.occupy(&link.resource, time);
        time
    }

    fn convert(&mut self, converter: &Converter, numbers: u128, bits: Bits) -> Time {
        self.spend(&converter.component, converter.energy.of(numbers as f64, bits));
        let time = converter.rate.time_for(numbers as f64);
        self.occupy(&converter.resource, time);
        time
    }
}
