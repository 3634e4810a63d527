//! Photonic units from their tables.

use super::{bits, sub};
use crate::cost::{Cause, Component, Event, Law, Resource, Stationary};
use crate::target::check::Names;
use crate::target::formula;
use crate::target::machine::Gating;
use crate::target::photonic::{
    Convention, Conversions, Detection, Laser, Level, Loss, Part, Photonic, PhotonicClass, Storage,
};
use crate::target::read::{Reader, Section};
use crate::units::{Bits, Energy, Frequency, Power};
use prism_support::codes::{E0504, E0505};

/// What parts need to know of their unit.
struct Around<'a> {
    name: &'a str,
    clock: Frequency,
    precision: Bits,
    readout_bits: Bits,
    sizes: [(&'static str, f64); 6],
}

/// A count by its formula over the sizes of the unit; notes what is wrong with it.
pub(super) fn count<'t>(
    reader: &Reader<'t>,
    section: &Section<'t>,
    field: &str,
    sizes: formula::Sizes<'_>,
) -> Option<f64> {
    let text = reader.formula(section, field)?;
    match formula::evaluate(&text.value, sizes) {
        Ok(value) => Some(value),
        Err(found) => {
            let names: Vec<&str> = sizes.iter().map(|(name, _)| *name).collect();
            reader
                .problem(&E0505, text.span, format!("`{field}` of {} is not a formula for a count", section.label))
                .found(found)
                .allowed(format!("numbers, {}, + - * /, ceil(), log2(), sqrt(), max(,), min(,)", names.join(", ")));
            None
        }
    }
}

pub(super) fn photonic<'t>(reader: &Reader<'t>, section: &Section<'t>, names: &mut Names) -> Option<Photonic> {
    let name = reader.name(section, "name");
    let class = reader.choice(section, "class").and_then(|c| PhotonicClass::parse(&c));
    let clock = reader.quantity(section, "clock");
    let whole = |field| reader.count(section, field);
    let (tiles, cores, rows, columns) = (whole("tiles"), whole("cores"), whole("rows"), whole("columns"));
    let (inner, wavelengths) = (whole("inner"), whole("wavelengths"));
    let gemm_columns = optional(reader, section, "gemm_columns", || whole("gemm_columns"));
    let channel_limit = optional(reader, section, "channel_limit", || whole("channel_limit"));
    let (signed_passes, accumulate) = (whole("signed_passes"), whole("accumulate"));
    let outputs = reader.choice(section, "outputs");
    let conversions = reader.choice(section, "conversions");
    let dynamic_rows = reader.choice(section, "dynamic_rows");
    let readout = reader.choice(section, "readout");
    let precision = bits(reader, section, "precision");
    let readout_bits = optional(reader, section, "readout_bits", || bits(reader, section, "readout_bits"));
    let flag = |field| reader.flag(section, field);
    let (dynamic, relay) = (flag("dynamic"), flag("relay"));
    let (share_rows, share_columns, share_readout) = (flag("share_rows"), flag("share_columns"), flag("share_readout"));
    let program_time = reader.quantity(section, "program_time");
    let mac = reader.quantity(section, "mac");
    let size = |n: Option<u64>| n.unwrap_or(1) as f64;
    let around = Around {
        name: name.as_ref().map_or("", |n| n.value.as_str()),
        clock: clock.unwrap_or(Frequency(1.0)),
        precision: precision.unwrap_or(Bits(1.0)),
        readout_bits: readout_bits.flatten().or(precision).unwrap_or(Bits(1.0)),
        sizes: [
            ("tiles", size(tiles)),
            ("cores", size(cores)),
            ("rows", size(rows)),
            ("columns", size(columns)),
            ("inner", size(inner)),
            ("wavelengths", size(wavelengths)),
        ],
    };
    let parts: Vec<_> = reader.tables(section, "part").iter().map(|s| part(reader, s, &around)).collect();
    let losses: Vec<_> = reader.tables(section, "loss").iter().map(|s| loss(reader, s, &around)).collect();
    let storages: Vec<_> = reader.tables(section, "storage").iter().map(|s| storage(reader, s, &around)).collect();
    let losses = losses.into_iter().collect::<Option<Vec<_>>>();
    let laser = match sub(reader, section, "laser") {
        None => Some(None),
        Some(s) => s.and_then(|s| laser(reader, &s, &around, losses)).map(Some),
    };
    twice(reader, section, &storages);
    let readout_bits = around.readout_bits;
    let name = names.unit(reader, section.span.clone(), name)?;
    Some(Photonic {
        resource: Resource::new(&name),
        name: name.into(),
        class: class?,
        clock: clock?,
        tiles: tiles?,
        cores: cores?,
        rows: rows?,
        columns: columns?,
        gemm_columns: gemm_columns?.or(columns)?.min(columns?),
        inner: inner?,
        wavelengths: wavelengths?,
        channel_limit: channel_limit?,
        flat: outputs? == "flat",
        precision: precision?,
        readout_bits,
        dynamic: dynamic?,
        dynamic_rows: match dynamic_rows?.as_str() {
            "lhs" => Some(Stationary::Lhs),
            "rhs" => Some(Stationary::Rhs),
            _ => None,
        },
        signed_passes: signed_passes?,
        accumulate: accumulate?,
        conversions: if conversions? == "once" { Conversions::Once } else { Conversions::PerUse },
        share_rows: share_rows?,
        share_columns: share_columns?,
        share_readout: share_readout?,
        program_time: program_time?,
        serial_readout: readout? == "serial",
        mac: mac?,
        relay: relay?,
        parts: parts.into_iter().collect::<Option<Vec<_>>>()?,
        laser: laser?,
        storages: storages.into_iter().collect::<Option<Vec<_>>>()?,
        inward: 0,
        outward: 0,
    })
}

/// `Some(None)` when the field is absent, `None` when it is there and wrong.
pub(super) fn optional<'t, T>(
    reader: &Reader<'t>,
    section: &Section<'t>,
    field: &str,
    read: impl FnOnce() -> Option<T>,
) -> Option<Option<T>> {
    if reader.has(section, field) { read().map(Some) } else { Some(None) }
}

/// Two memories of one level would make it unclear which is meant.
fn twice<'t>(reader: &Reader<'t>, section: &Section<'t>, storages: &[Option<Storage>]) {
    for (i, storage) in storages.iter().enumerate() {
        let level = |s: &Option<Storage>| s.as_ref().map(|s| s.level);
        if storage.is_some() && storages.iter().take(i).any(|s| level(s) == level(storage)) {
            let word = storage.as_ref().map_or("", |s| s.level.word());
            reader.problem(
                &E0505,
                section.span.clone(),
                format!("{} has two storages of level `{word}`", section.label),
            );
        }
    }
}

fn part<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Part> {
    let name = reader.name(section, "name");
    let component = optional(reader, section, "component", || reader.name(section, "component"));
    let cause = optional(reader, section, "cause", || reader.choice(section, "cause"));
    let on = match reader.has(section, "on") {
        true => reader.words(section, "on"),
        false => Some(Vec::new()),
    };
    let count = count(reader, section, "count", &around.sizes);
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
    let default = if on.contains(&Event::Hold) { Cause::Hold } else { Cause::Convert };
    Some(Part {
        component: Component::new(component?.as_ref().map_or(&name, |c| &c.value)),
        cause: cause?.and_then(|c| Cause::parse(&c)).unwrap_or(default),
        resource: Resource::new(&format!("{}.{name}", around.name)),
        name: name.into(),
        count,
        on,
        energy: per_event,
        power: per_event * rate * count,
        standing: power * (each * count),
        area: area? * (count * each),
        gating: gating?,
        converter: law != Law::Measured || throughput.is_some(),
        throughput: throughput.map(|f| f * count),
        max_rate: max_rate?,
    })
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

fn loss<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Loss> {
    let element = reader.name(section, "element");
    let loss = reader.quantity::<crate::units::Decibel>(section, "loss");
    let count = count(reader, section, "count", &around.sizes);
    Some(Loss { element: element?.value.into(), loss: crate::units::Decibel(loss?.0 * count?) })
}

fn storage<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Storage> {
    let level = reader.choice(section, "level");
    let component = optional(reader, section, "component", || reader.name(section, "component"));
    let energy = reader.quantity(section, "energy");
    let capacity = optional(reader, section, "capacity", || reader.quantity(section, "capacity"));
    let count = count(reader, section, "count", &around.sizes);
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

fn laser<'t>(
    reader: &Reader<'t>,
    section: &Section<'t>,
    around: &Around<'_>,
    losses: Option<Vec<Loss>>,
) -> Option<Laser> {
    let component = reader.name(section, "component");
    let wall_plug = reader.quantity(section, "wall_plug");
    let detection = detection(reader, section);
    let convention = reader.choice(section, "convention");
    let own_bits = optional(reader, section, "bits", || bits(reader, section, "bits"));
    let fan_out = count(reader, section, "fan_out", &around.sizes);
    let extinction = optional(reader, section, "extinction", || reader.quantity(section, "extinction"));
    let frequency = reader.quantity(section, "frequency");
    let waveguides = count(reader, section, "waveguides", &around.sizes);
    let limit = optional(reader, section, "waveguide_limit", || reader.quantity(section, "waveguide_limit"));
    let sources = count(reader, section, "count", &around.sizes);
    let area = reader.quantity::<crate::units::Area>(section, "area");
    let gating = gating(reader, section);
    let component = component?.value;
    let mut laser = Laser {
        padding: Component::new(&format!("{component}.padding")),
        component: Component::new(&component),
        wall_plug: wall_plug?,
        detection: detection?,
        convention: match convention?.as_str() {
            "steps" => Convention::Steps,
            "full-scale" => Convention::FullScale,
            _ => Convention::PerLevel,
        },
        bits: own_bits?.unwrap_or(around.precision),
        fan_out: fan_out?.max(1.0),
        extinction: extinction?,
        frequency: frequency?,
        losses: losses?,
        waveguides: waveguides?.max(1.0),
        waveguide_limit: limit?,
        area: area? * sources?,
        gating: gating?,
        core_power: Power::ZERO,
    };
    laser.core_power = laser.launched(around.clock).wall_plug(laser.wall_plug);
    Some(laser)
}

fn detection<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<Detection> {
    let word = reader.choice(section, "detection")?;
    let responsivity = reader.quantity(section, "responsivity");
    let needs = |field: &str, known: bool| {
        if !known && !reader.has(section, field) {
            reader
                .problem(&E0504, section.span.clone(), format!("{} lacks `{field}`", section.label))
                .note(format!("`detection = \"{word}\"` needs it"));
        }
    };
    let (current, snr) = (reader.quantity(section, "noise_current"), reader.number(section, "snr"));
    let sensitivity = reader.quantity(section, "sensitivity");
    if word == "sensitivity" {
        needs("sensitivity", sensitivity.is_some());
        return Some(Detection::Sensitivity(sensitivity?));
    }
    needs("noise_current", current.is_some());
    needs("snr", snr.is_some());
    Some(Detection::Noise { current: current?, responsivity: responsivity?, snr: snr? })
}
