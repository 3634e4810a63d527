//! Parts, losses and memories of photonic units from their tables.

use super::photonic::{Around, count, optional};
use super::{bits, sub};
use crate::cost::{Cause, Component, Event, Law, Resource};
use crate::target::check;
use crate::target::machine::Gating;
use crate::target::photonic::{Level, Loss, Part, Storage};
use crate::target::read::{Reader, Section};
use crate::units::{Bits, Energy, Frequency, Power, Time};
use prism_support::codes::E0504;

pub(super) fn part<'t>(
    reader: &Reader<'t>,
    section: &Section<'t>,
    around: &Around<'_>,
    taken: &mut Vec<String>,
) -> Option<Part> {
    let name = reader.name(section, "name").filter(|name| check::unique(reader, name, taken, "part of this unit"));
    let component = optional(reader, section, "component", || reader.name(section, "component"));
    let cause = optional(reader, section, "cause", || reader.choice(section, "cause"));
    let on = match reader.has(section, "on") {
        true => reader.words(section, "on"),
        false => Some(Vec::new()),
    };
    // What does not exist cannot work.
    let least = if on.as_ref().is_some_and(|on| !on.is_empty()) { 1.0 } else { 0.0 };
    let count = count(reader, section, "count", least, &around.sizes);
    let each = reader.count(section, "each");
    let energy = reader.quantity::<Energy>(section, "energy");
    let power = reader.quantity::<Power>(section, "power");
    let area = reader.quantity::<crate::units::Area>(section, "area");
    let throughput = optional(reader, section, "throughput", || reader.quantity::<Frequency>(section, "throughput"));
    let max_rate = optional(reader, section, "max_rate", || reader.quantity(section, "max_rate"));
    let law = law(reader, section, around);
    let gating = gating(reader, section);
    let on: Vec<Event> = on?.iter().filter_map(|word| Event::parse(word)).collect();
    let own_bits = optional(reader, section, "bits", || bits(reader, section, "bits"))?;
    let reads = on.contains(&Event::Read) && !on.iter().any(|e| e.is_encoding());
    let converted = own_bits.unwrap_or(if reads { around.readout_bits } else { around.precision });
    let (law, reference) = law?;
    let (count, each) = (count?, each? as f64);
    // A part that is slower than the clock works at its own pace.
    let throughput = throughput?;
    let rate = throughput.filter(|rate| *rate < around.clock).unwrap_or(around.clock);
    let (energy, power) = law.scale(energy?, power?, reference, (converted, rate));
    let per_event = (energy + power / rate) * each;
    let name = name?.value;
    let area_slip = reader.flag(section, "area_slip");
    let standing = power * (each * count);
    let default = if on.contains(&Event::Hold) { Cause::Hold } else { Cause::Convert };
    Some(Part {
        component: Component::new(component?.as_ref().map_or(&name, |c| &c.value)),
        cause: cause?.and_then(|c| Cause::parse(&c)).unwrap_or(default),
        resource: Resource::new(&format!("{}.{name}", around.name)),
        name: name.into(),
        count,
        energy: per_event,
        power: (per_event * at_most(&on, rate, around.program_time) * count).max(standing),
        standing,
        area: area? * (count * each),
        area_slip: area_slip?,
        gating: gating?,
        on,
        converter: law != Law::Measured || throughput.is_some(),
        throughput: throughput.map(|f| f * count),
        max_rate: max_rate?,
    })
}

/// How often a position works at most: a part that only writes weights does so once in the time that writing takes.
fn at_most(on: &[Event], rate: Frequency, program_time: Time) -> Frequency {
    let writes = !on.is_empty() && on.iter().all(|e| *e == Event::Program);
    match writes && program_time > Time::ZERO {
        true => rate.min(Frequency(1.0 / program_time.0)),
        false => rate,
    }
}

/// The law of a converter, with the bits and clock at which its figures hold.
fn law<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<(Law, (Bits, Frequency))> {
    let word = reader.choice(section, "law");
    let law_bits = optional(reader, section, "law_bits", || bits(reader, section, "law_bits"));
    let law_rate = optional(reader, section, "law_rate", || reader.quantity(section, "law_rate"));
    let law = Law::parse(&word?)?;
    let (law_bits, law_rate) = (law_bits?, law_rate?);
    let mut whole = true;
    for (field, missing) in [("law_bits", law_bits.is_none()), ("law_rate", law_rate.is_none())] {
        if missing && law.needs(field) {
            reader
                .problem(&E0504, section.span.clone(), format!("{} lacks `{field}`", section.label))
                .note(format!("law `{}` scales from the bits and clock at which `power` holds", law.word()));
            whole = false;
        }
    }
    whole.then_some(())?;
    Some((law, (law_bits.unwrap_or(around.precision), law_rate.unwrap_or(around.clock))))
}

/// How the table's part is switched off.
pub(super) fn gating<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<Gating> {
    match sub(reader, section, "gating") {
        None => Some(Gating::None),
        Some(s) => {
            let s = s?;
            let (wake, residual) = (reader.quantity(&s, "wake"), reader.quantity(&s, "residual"));
            Some(Gating::Gated { wake: wake?, residual: residual? })
        }
    }
}

pub(super) fn loss<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Loss> {
    let element = reader.name(section, "element");
    let loss = reader.quantity::<crate::units::Decibel>(section, "loss");
    let count = count(reader, section, "count", 0.0, &around.sizes);
    Some(Loss { element: element?.value.into(), loss: crate::units::Decibel(loss?.0 * count?) })
}

pub(super) fn storage<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Storage> {
    let level = reader.choice(section, "level");
    let component = optional(reader, section, "component", || reader.name(section, "component"));
    let energy = reader.quantity(section, "energy");
    let capacity = optional(reader, section, "capacity", || reader.quantity(section, "capacity"));
    let count = count(reader, section, "count", 0.0, &around.sizes);
    let leakage = reader.quantity::<Power>(section, "leakage");
    let area = reader.quantity::<crate::units::Area>(section, "area");
    let level = match level?.as_str() {
        "register" => Level::Register,
        "network" => Level::Network,
        _ => Level::Buffer,
    };
    let count = count?;
    Some(Storage {
        level,
        component: Component::new(component?.as_ref().map_or(level.word(), |c| &c.value)),
        energy: energy?,
        capacity: capacity?,
        leakage: leakage? * count,
        area: area? * count,
    })
}
