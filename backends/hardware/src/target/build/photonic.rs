//! Photonic units from their tables.

use super::part::{loss, part, storage};
use super::{bits, laser, sub};
use crate::cost::{Event, Resource, Stationary};
use crate::target::check::Names;
use crate::target::formula;
use crate::target::photonic::{Conversions, Laser, Part, Photonic, PhotonicClass, Storage};
use crate::target::read::{Reader, Section};
use crate::units::{Bits, Frequency, Time};
use prism_support::codes::E0505;

/// What parts need to know of their unit.
pub(super) struct Around<'a> {
    pub(super) name: &'a str,
    pub(super) clock: Frequency,
    pub(super) precision: Bits,
    pub(super) readout_bits: Bits,
    pub(super) program_time: Time,
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
    let [dynamic, share_rows, share_columns, share_readout] =
        ["dynamic", "share_rows", "share_columns", "share_readout"].map(|field| reader.flag(section, field));
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
    handed_over(reader, section, &parts, conversions)?;
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

/// Parts that hand results over: only a unit whose conversions are operations of their own can leave two of them out.
fn handed_over<'t>(reader: &Reader<'t>, section: &Section<'t>, parts: &[Part], conversions: Conversions) -> Option<()> {
    let hands_over = parts.iter().find(|part| part.on.contains(&Event::Relay));
    let Some(part) = hands_over.filter(|_| conversions == Conversions::PerUse) else { return Some(()) };
    let headline = format!("part `{}` of {} works on `relay`, which does not happen", part.name, section.label);
    reader
        .problem(&E0505, section.span.clone(), headline)
        .found("conversions = \"per-use\"")
        .allowed("conversions = \"once\"");
    None
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
