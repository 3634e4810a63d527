//! Photonic units from their tables.

use super::{bits, laser, sub};
use crate::cost::{Cause, Component, Event, Law, Resource, Stationary};
use crate::target::check::{self, Names};
use crate::target::formula;
use crate::target::machine::Gating;
use crate::target::photonic::{Conversions, Laser, Level, Loss, Part, Photonic, PhotonicClass, Storage};
use crate::target::read::{Reader, Section};
use crate::units::{Bits, Energy, Frequency, Power, Time};
use prism_support::codes::{E0504, E0505};

/// What parts need to know of their unit.
pub(super) struct Around<'a> {
    name: &'a str,
    pub(super) clock: Frequency,
    pub(super) precision: Bits,
    readout_bits: Bits,
    program_time: Time,
    pub(super) sizes: [(&'static str, f64); 7],
}

impl<'a> Around<'a> {
    /// Stands in for what is wrong, which is reported apart.
    fn new(
        (name, clock, program_time): (&'a str, Option<Frequency>, Option<Time>),
        [precision, readout_bits]: [Option<Bits>; 2],
        extents: &Extents,
    ) -> Around<'a> {
        Around {
            name,
            clock: clock.unwrap_or(Frequency(1.0)),
            precision: precision.unwrap_or(Bits(1.0)),
            readout_bits: readout_bits.or(precision).unwrap_or(Bits(1.0)),
            program_time: program_time.unwrap_or(Time::ZERO),
            sizes: extents.sizes(),
        }
    }
}

/// A count of at least `least` by its formula over the sizes of the unit; notes what is wrong with it.
pub(super) fn count<'t>(
    reader: &Reader<'t>,
    section: &Section<'t>,
    field: &str,
    least: f64,
    sizes: formula::Sizes<'_>,
) -> Option<f64> {
    let text = reader.formula(section, field)?;
    match formula::evaluate(&text.value, sizes) {
        Ok(value) if value >= least => Some(value),
        Ok(value) => {
            reader
                .problem(&E0505, text.span, format!("`{field}` of {} is out of range", section.label))
                .found(format!("{value}, from `{}`", text.value))
                .allowed(format!("at least {least}"));
            None
        }
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

/// The extents of a unit.
struct Extents {
    tiles: Option<u64>,
    cores: Option<u64>,
    rows: Option<u64>,
    columns: Option<u64>,
    inner: Option<u64>,
    wavelengths: Option<u64>,
    groups: Option<u64>,
}

impl Extents {
    fn read<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Extents {
        let whole = |field| reader.count(section, field);
        Extents {
            tiles: whole("tiles"),
            cores: whole("cores"),
            rows: whole("rows"),
            columns: whole("columns"),
            inner: whole("inner"),
            wavelengths: whole("wavelengths"),
            groups: whole("groups"),
        }
    }

    /// As formulas name them; 1 for one that is wrong, which is reported apart.
    fn sizes(&self) -> [(&'static str, f64); 7] {
        let size = |n: Option<u64>| n.unwrap_or(1) as f64;
        [
            ("tiles", size(self.tiles)),
            ("cores", size(self.cores)),
            ("rows", size(self.rows)),
            ("columns", size(self.columns)),
            ("inner", size(self.inner)),
            ("wavelengths", size(self.wavelengths)),
            ("groups", size(self.groups)),
        ]
    }
}

/// What a unit is made of.
struct Contents {
    parts: Vec<Part>,
    laser: Option<Laser>,
    storages: Vec<Storage>,
}

impl Contents {
    fn read<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Contents> {
        let mut taken = Vec::new();
        let parts: Vec<_> =
            reader.tables(section, "part").iter().map(|s| part(reader, s, around, &mut taken)).collect();
        let losses: Vec<_> = reader.tables(section, "loss").iter().map(|s| loss(reader, s, around)).collect();
        let storages: Vec<_> = reader.tables(section, "storage").iter().map(|s| storage(reader, s, around)).collect();
        let losses = losses.into_iter().collect::<Option<Vec<_>>>();
        let laser = match sub(reader, section, "laser") {
            None => Some(None),
            Some(s) => s.and_then(|s| laser::laser(reader, &s, around, losses)).map(Some),
        };
        twice(reader, section, &storages);
        let (parts, storages) = (parts.into_iter().collect::<Option<_>>(), storages.into_iter().collect::<Option<_>>());
        Some(Contents { parts: parts?, laser: laser?, storages: storages? })
    }
}

pub(super) fn photonic<'t>(reader: &Reader<'t>, section: &Section<'t>, names: &mut Names) -> Option<Photonic> {
    let name = reader.name(section, "name");
    let class = reader.choice(section, "class").and_then(|c| PhotonicClass::parse(&c));
    let clock = reader.quantity(section, "clock");
    let extents = Extents::read(reader, section);
    let whole = |field| reader.count(section, field);
    let gemm_columns = optional(reader, section, "gemm_columns", || whole("gemm_columns"));
    let group_penalty = reader.quantity(section, "group_penalty");
    let channel_limit = optional(reader, section, "channel_limit", || whole("channel_limit"));
    let (signed_passes, accumulate) = (whole("signed_passes"), whole("accumulate"));
    let [outputs, conversions, dynamic_rows, readout] =
        ["outputs", "conversions", "dynamic_rows", "readout"].map(|field| reader.choice(section, field));
    let precision = bits(reader, section, "precision");
    let readout_bits = optional(reader, section, "readout_bits", || bits(reader, section, "readout_bits"));
    let [dynamic, relay, share_rows, share_columns, share_readout] =
        ["dynamic", "relay", "share_rows", "share_columns", "share_readout"].map(|field| reader.flag(section, field));
    let program_time = reader.quantity(section, "program_time");
    let arrays = optional(reader, section, "arrays", || whole("arrays"));
    let mac = reader.quantity(section, "mac");
    let own = name.as_ref().map_or("", |n| n.value.as_str());
    let around = Around::new((own, clock, program_time), [precision, readout_bits.flatten()], &extents);
    let contents = Contents::read(reader, section, &around);
    let readout_bits = around.readout_bits;
    let name = names.unit(reader, section.span.clone(), name)?;
    let Contents { parts, laser, storages } = contents?;
    let columns = extents.columns?;
    let conversions = if conversions? == "once" { Conversions::Once } else { Conversions::PerUse };
    let arrays = stored(reader, section, arrays?, (class?, conversions), &extents)?;
    Some(Photonic {
        arrays,
        resource: Resource::new(&name),
        name: name.into(),
        class: class?,
        clock: clock?,
        tiles: extents.tiles?,
        cores: extents.cores?,
        rows: extents.rows?,
        columns,
        gemm_columns: gemm_columns?.unwrap_or(columns).min(columns),
        inner: extents.inner?,
        wavelengths: extents.wavelengths?,
        groups: extents.groups?,
        group_penalty: group_penalty?,
        channel_limit: channel_limit?,
        flat: outputs? == "flat",
        precision: precision?,
        readout_bits,
        dynamic: dynamic?,
        dynamic_rows: rows_of_results(&dynamic_rows?),
        signed_passes: signed_passes?,
        accumulate: accumulate?,
        conversions,
        share_rows: share_rows?,
        share_columns: share_columns?,
        share_readout: share_readout?,
        program_time: program_time?,
        serial_readout: readout? == "serial",
        mac: mac?,
        relay: relay?,
        parts,
        laser,
        storages,
        inward: 0,
        outward: 0,
    })
}

/// The blocks that a unit stores: one that holds weights at all, which converts them for the product that they are held for, and has one
/// for each core and group of wavelengths that works at the same time.
fn stored<'t>(
    reader: &Reader<'t>,
    section: &Section<'t>,
    arrays: Option<u64>,
    (class, conversions): (PhotonicClass, Conversions),
    extents: &Extents,
) -> Option<Option<u64>> {
    let Some(blocks) = arrays else { return Some(None) };
    let refuse =
        |what: &str| reader.problem(&E0505, section.span.clone(), format!("`arrays` of {} {what}", section.label));
    if !class.programs() {
        refuse("is for units that hold weights")
            .found(format!("class = \"{}\"", class.word()))
            .allowed("`mesh` or `bank`");
        return None;
    }
    if conversions == Conversions::Once {
        refuse("is for units that convert per use")
            .found("conversions = \"once\"")
            .allowed("conversions = \"per-use\"");
        return None;
    }
    let groups = if class == PhotonicClass::Mesh { 1 } else { extents.groups? };
    let least = extents.tiles?.saturating_mul(extents.cores?).saturating_mul(groups);
    if blocks < least {
        refuse("is out of range").found(blocks.to_string()).allowed(format!("at least {least}, one for each core"));
        return None;
    }
    Some(Some(blocks))
}

fn rows_of_results(word: &str) -> Option<Stationary> {
    match word {
        "lhs" => Some(Stationary::Lhs),
        "rhs" => Some(Stationary::Rhs),
        _ => None,
    }
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

fn part<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>, taken: &mut Vec<String>) -> Option<Part> {
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

fn loss<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Loss> {
    let element = reader.name(section, "element");
    let loss = reader.quantity::<crate::units::Decibel>(section, "loss");
    let count = count(reader, section, "count", 0.0, &around.sizes);
    Some(Loss { element: element?.value.into(), loss: crate::units::Decibel(loss?.0 * count?) })
}

fn storage<'t>(reader: &Reader<'t>, section: &Section<'t>, around: &Around<'_>) -> Option<Storage> {
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
