//! What makes the cores wait: the port to the memory off chip, the link from the working memory, converters.

use crate::shape::{Counts, Shape};
use prism_hardware::cost::Event;
use prism_hardware::target::PhotonicClass;
use prism_hardware::{Bandwidth, Target};

/// When each slice (product, row block, inner block) of the row side is on chip, in clock periods of the unit.
///
/// The tiles fetch a row block each, in rounds; the port serves them in turn, each getting its share of every period of the
/// memory clock. A slice is there at the end of the period in which its last byte came.
pub(crate) struct Port {
    arrivals: Vec<f64>,
    /// When the last one is there.
    pub(crate) end: f64,
    /// How long a round of whole row blocks takes.
    pub(crate) whole_round: f64,
}

impl Port {
    pub(crate) fn new(target: &Target, shape: &Shape<'_>) -> Port {
        let memories = (target.placement.parameters, target.placement.working);
        let name = |index: usize| target.memories[index].name.as_str();
        let joins = |l: &&prism_hardware::target::Link| l.from == name(memories.0) && l.to == name(memories.1);
        let link = target.links.iter().find(joins).expect("a link from the memory of weights");
        let Bandwidth::Limited(rate) = link.bandwidth else { panic!("a limited link") };
        let unit = shape.unit;
        let share = rate / unit.tiles.min(shape.row_blocks()).max(1) as f64 / unit.clock.0;
        let period = link.clock.map(|f| unit.clock.0 / f.0);
        let (mut now, mut arrivals) = (0.0, Vec::new());
        for _ in 0..shape.h {
            for group in 0..shape.row_blocks().div_ceil(unit.tiles) {
                let start: f64 = now;
                for i in group * unit.tiles..((group + 1) * unit.tiles).min(shape.row_blocks()) {
                    now = now.max(fetch_block(shape, i, (start, share, period), &mut arrivals));
                }
            }
        }
        let whole = (unit.rows * shape.k) as f64 * shape.bits / 8.0 / share;
        Port { arrivals, end: now, whole_round: period.map_or(whole, |p| (whole / p).ceil() * p) }
    }

    /// Everything is on chip from the start.
    pub(crate) fn idle() -> Port {
        Port { arrivals: Vec::new(), end: 0.0, whole_round: 0.0 }
    }

    pub(crate) fn arrival(&self, shape: &Shape<'_>, [h, i, kk]: [u64; 3]) -> f64 {
        let index = (h * shape.row_blocks() + i) * shape.inner_blocks() + kk;
        self.arrivals.get(index as usize).copied().unwrap_or(0.0)
    }
}

/// One tile's row block, period by period; returns when it is complete.
fn fetch_block(
    shape: &Shape<'_>,
    i: u64,
    (start, share, period): (f64, f64, Option<f64>),
    arrivals: &mut Vec<f64>,
) -> f64 {
    let (mut needed, mut got, mut now) = (0.0, 0.0, start);
    for kk in 0..shape.inner_blocks() {
        needed += (shape.rows(i) * shape.inner(kk)) as f64 * shape.bits / 8.0;
        match period {
            None => now = start + needed / share,
            Some(period) => {
                while got < needed * (1.0 - 1e-12) {
                    now += period;
                    got += share * period;
                }
            }
        }
        arrivals.push(now);
    }
    now
}

/// Numbers per period from the working memory and back to it; `None` without a limit.
pub(crate) fn link_rates(target: &Target, shape: &Shape<'_>) -> (Option<f64>, Option<f64>) {
    let working = target.memories[target.placement.working].name.as_str();
    let rate = |from: &str, to: &str| {
        let link = target.links.iter().find(|l| l.from == from && l.to == to)?;
        match link.bandwidth {
            Bandwidth::Limited(rate) => Some(rate * 8.0 / shape.bits / shape.unit.clock.0),
            Bandwidth::Unlimited => None,
        }
    };
    (rate(working, &shape.unit.name), rate(&shape.unit.name, working))
}

/// Numbers per period that the working memory reads and writes, both together; `None` without a limit.
pub(crate) fn memory_rate(target: &Target, shape: &Shape<'_>) -> Option<f64> {
    match target.memories[target.placement.working].bandwidth {
        Bandwidth::Limited(rate) => Some(rate * 8.0 / shape.bits / shape.unit.clock.0),
        Bandwidth::Unlimited => None,
    }
}

/// The time of the unit, with its waiting.
pub(crate) struct Clock<'a> {
    pub(crate) now: f64,
    pub(crate) port: &'a Port,
    /// Converters behind the detectors: conversions per period, when they are free.
    bank: Option<(f64, f64)>,
    serial: bool,
    /// Numbers per period from the working memory.
    inward: Option<f64>,
    outward: Option<f64>,
    /// Numbers per period that the working memory moves, and those that come from off chip.
    memory: Option<(f64, f64)>,
}

impl<'a> Clock<'a> {
    pub(crate) fn new(target: &Target, shape: &Shape<'_>, port: &'a Port) -> Self {
        let unit = shape.unit;
        let slow = unit.parts.iter().filter(|p| p.on.contains(&Event::Read)).filter_map(|p| p.throughput);
        let slowest = slow.map(|f| f.0 / unit.clock.0).min_by(f64::total_cmp);
        let (inward, outward) = link_rates(target, shape);
        let fetched = if port.end > 0.0 { (shape.n * shape.k * shape.h) as f64 } else { 0.0 };
        let memory = memory_rate(target, shape).map(|rate| (rate, fetched));
        let bank = slowest.map(|rate| (rate, 0.0));
        Clock { now: 0.0, port, bank, serial: unit.serial_readout, inward, outward, memory }
    }

    /// Waits for a slice of the row side.
    pub(crate) fn wait_for(&mut self, shape: &Shape<'_>, slice: [u64; 3]) {
        self.now = self.now.max(self.port.arrival(shape, slice));
    }

    /// Waits for so long with all cores dark.
    pub(crate) fn pause(&mut self, periods: f64) {
        self.now += periods;
    }

    /// One period in which light is on; at its end so many conversions are due.
    ///
    /// Converters that overlap hold one reading: the next waits until they are free. Serial ones stop the cores.
    pub(crate) fn tick(&mut self, conversions: u64, counts: &mut Counts) {
        counts.cycles += 1;
        counts.read += conversions;
        if let Some(inward) = self.inward {
            self.now = self.now.max(counts.working_read() as f64 / inward - 1.0);
        }
        if let Some((rate, _)) = self.memory {
            self.now = self.now.max((counts.working_read() + counts.put) as f64 / rate - 1.0);
        }
        self.now += 1.0;
        self.convert(conversions);
    }

    /// So many readings are due.
    pub(crate) fn convert(&mut self, conversions: u64) {
        if let (Some((rate, free)), true) = (&mut self.bank, conversions > 0) {
            let needed = conversions as f64 / *rate;
            if self.serial {
                self.now += needed;
            } else {
                self.now = self.now.max(*free);
                *free = self.now + needed;
            }
        }
    }

    /// When everything is done: converters and links too.
    pub(crate) fn end(&self, counts: &Counts) -> f64 {
        let leaving = self.outward.map_or(0.0, |rate| counts.put as f64 / rate);
        let bank = self.bank.map_or(0.0, |(_, free)| free);
        let moved = (counts.working_read() + counts.put) as f64;
        let memory = self.memory.map_or(0.0, |(rate, fetched)| (moved + fetched) / rate);
        self.now.max(bank).max(leaving).max(memory).max(self.port.end)
    }
}

/// Runs a product on the class that the unit has.
pub(crate) fn run(target: &Target, shape: &Shape<'_>, port: &Port) -> Counts {
    let mut clock = Clock::new(target, shape, port);
    match shape.unit.class {
        PhotonicClass::Crossbar => crate::crossbar::run(shape, &mut clock),
        PhotonicClass::Homodyne if shape.unit.flat => crate::homodyne::run_flat(shape, &mut clock),
        PhotonicClass::Homodyne => crate::homodyne::run(shape, &mut clock),
        PhotonicClass::Mesh | PhotonicClass::Bank => crate::holding::run(shape, &mut clock),
    }
}
