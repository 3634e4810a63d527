//! Energy and bytes of what a run counted, from the figures of the devices alone.

use crate::shape::{Counts, Shape};
use prism_hardware::Target;
use prism_hardware::cost::Event;
use prism_hardware::target::photonic::{Conversions, Level};
use prism_hardware::units::Bits;

/// Joules, and bytes that the memory of weights and the working memory read and write.
pub(crate) struct Price {
    pub(crate) energy: f64,
    pub(crate) off_chip: f64,
    pub(crate) working: f64,
}

fn times(counts: &Counts, shape: &Shape<'_>, event: Event) -> f64 {
    let count = match event {
        Event::CoreCycle => counts.core_cycle,
        Event::RowEncode => counts.row_encode,
        Event::ColumnEncode => counts.column_encode,
        Event::Program => counts.program,
        Event::Hold => counts.hold,
        Event::Detect => counts.detect,
        Event::Read => counts.read,
        Event::Relay => 0,
        Event::Output => counts.output,
        Event::Mac => counts.hold / shape.s,
    };
    count as f64
}

pub(crate) fn price(target: &Target, shape: &Shape<'_>, counts: &Counts, fetched: bool) -> Price {
    let (unit, bits) = (shape.unit, Bits(shape.bits));
    let once = unit.conversions == Conversions::Once;
    let of = |event: &Event| times(counts, shape, *event);
    let mut energy = unit.mac.0.0 * of(&Event::Mac);
    for part in &unit.parts {
        let converts = part.on.iter().any(|e| e.is_encoding() || *e == Event::Read);
        let events: f64 = part.on.iter().map(of).sum();
        // What a unit converts once is billed with the tensors; the product bills what further passes convert again.
        let further = (shape.s - 1) as f64;
        let again = |e: &Event| match e {
            Event::ColumnEncode => further * (shape.m * shape.k * shape.h) as f64,
            Event::Read => further * counts.output as f64,
            _ => 0.0,
        };
        let billed = if once && converts { part.on.iter().map(again).sum() } else { events };
        energy += part.energy.0 * billed;
    }
    if let Some(laser) = &unit.laser {
        energy += laser.core_power.0 / unit.clock.0 * of(&Event::CoreCycle);
    }
    if once {
        return Price { energy, off_chip: 0.0, working: 0.0 };
    }
    let levels =
        [(Level::Register, counts.register()), (Level::Network, counts.read), (Level::Buffer, counts.buffer())];
    for (level, accesses) in levels {
        energy += unit.storage(level).map_or(0.0, |s| s.energy.of(accesses as f64, bits).0);
    }
    let memory = |index: usize| &target.memories[index];
    let (working, home) = (memory(target.placement.working), memory(target.placement.parameters));
    let arriving = if fetched { (shape.n * shape.k * shape.h) as f64 } else { 0.0 };
    let stored = if fetched { counts.stored as f64 } else { 0.0 };
    let written = counts.put as f64 + arriving;
    energy += working.read.of(counts.working_read() as f64, bits).0 + home.read.of(stored, bits).0;
    energy += working.write.map_or(0.0, |w| w.of(written, bits).0);
    let byte = shape.bits / 8.0;
    Price { energy, off_chip: stored * byte, working: (counts.working_read() as f64 + written) * byte }
}
