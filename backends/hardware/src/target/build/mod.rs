//! From the tables of a file to the parts of a machine.

mod laser;
mod part;
mod photonic;

use super::check::{self, Names};
use super::legacy::Legacy;
use super::machine::*;
use super::read::{At, Reader, Section};
use super::{Free, Target, causes};
use crate::cost::{Component, MemoryName, Resource};
use crate::units::{Area, Bits, EnergyPer, Power};
use prism_support::codes::{E0504, E0505};
use toml::de::DeTable;

/// Reads the whole machine; `None` when a problem was noted that leaves no machine.
pub(crate) fn target<'t>(reader: &Reader<'t>, table: &'t DeTable<'t>) -> Option<Target> {
    let root = reader.root(table)?;
    let name = reader.name(&root, "name");
    let description = reader.text(&root, "description");
    let source = reader.text(&root, "source");
    let number = reader.table(&root, "precision").and_then(|s| bits(reader, &s, "number"));
    let mut names = Names::default();
    let memories: Vec<_> = reader.tables(&root, "memory").iter().map(|s| memory(reader, s, &mut names)).collect();
    let links: Vec<_> = reader.tables(&root, "link").iter().map(|s| link(reader, s, &mut names)).collect();
    let placed = reader.table(&root, "placement").map(|s| placed(reader, &s));
    let electronic: Vec<_> =
        reader.tables(&root, "electronic").iter().map(|s| electronic(reader, s, &mut names)).collect();
    let photonic: Vec<_> =
        reader.tables(&root, "photonic").iter().map(|s| photonic::photonic(reader, s, &mut names)).collect();
    let accounting = accounting(reader, &root);

    // These look at names alone, so a wrong quantity somewhere hides none of their problems.
    check::link_ends(reader, &mut names);
    let placement = check::placement(reader, placed, &names);
    let ways = check::units(reader, placement.as_ref(), &names);
    check::links_in_use(reader, placement.as_ref(), &names);

    let mut electronic = electronic.into_iter().collect::<Option<Vec<_>>>()?;
    let mut photonic = photonic.into_iter().collect::<Option<Vec<_>>>()?;
    let mut ways = ways?.into_iter();
    for unit in &mut electronic {
        (unit.inward, unit.outward) = ways.next()?;
    }
    for unit in &mut photonic {
        (unit.inward, unit.outward) = ways.next()?;
    }
    if electronic.is_empty() && photonic.is_empty() {
        reader
            .problem(&E0504, root.span.clone(), "the target has no unit".into())
            .allowed("at least one `[[electronic]]` or `[[photonic]]`");
        return None;
    }
    let target = Target {
        name: name?.value,
        description: description?,
        source: source?,
        number: number?,
        placement: placement?,
        memories: memories.into_iter().collect::<Option<Vec<_>>>()?,
        links: links.into_iter().collect::<Option<Vec<_>>>()?,
        electronic,
        photonic,
        legacy: accounting?.0,
        free: accounting?.1,
        changes: Vec::new(),
        stated: Vec::new(),
        file: (String::new(), String::new()),
        named_ops: Vec::new(),
    };
    causes::check(reader, &root, &target);
    Some(target)
}

/// What figures leave out or get wrong on purpose.
fn accounting<'t>(reader: &Reader<'t>, root: &Section<'t>) -> Option<(Legacy, Free)> {
    match sub(reader, root, "accounting") {
        None => Some((Legacy::default(), Free::default())),
        Some(section) => {
            let section = section?;
            let (legacy, free) = (legacy(reader, &section), free(reader, &section));
            Some((legacy?, free?))
        }
    }
}

fn legacy<'t>(reader: &Reader<'t>, accounting: &Section<'t>) -> Option<Legacy> {
    match sub(reader, accounting, "legacy") {
        None => Some(Legacy::default()),
        Some(s) => s.and_then(|s| Legacy::read(reader, &s)),
    }
}

fn free<'t>(reader: &Reader<'t>, accounting: &Section<'t>) -> Option<Free> {
    let words = photonic::optional(reader, accounting, "free", || reader.words(accounting, "free"))?;
    let has = |word: &str| words.iter().flatten().any(|w| w == word);
    Some(Free { light: has("light"), non_gemm: has("non-gemm") })
}

/// A table that may be absent: `None` when it is, `Some(None)` when it is there and no table.
fn sub<'t>(reader: &Reader<'t>, section: &Section<'t>, name: &str) -> Option<Option<Section<'t>>> {
    reader.has(section, name).then(|| reader.table(section, name))
}

/// A width, which must be a whole number of bits.
fn bits<'t>(reader: &Reader<'t>, section: &Section<'t>, field: &str) -> Option<Bits> {
    let bits = reader.quantity::<Bits>(section, field)?;
    if bits.0.fract() != 0.0 {
        let span = reader.span_of(section, field);
        reader
            .problem(&E0505, span, format!("`{field}` of {} must be a whole number of bits", section.label))
            .found(bits.to_string());
        return None;
    }
    Some(bits)
}

/// The memories that placement names.
pub(crate) struct Placed {
    pub(crate) parameters: Option<At<String>>,
    pub(crate) inputs: Option<At<String>>,
    pub(crate) results: Option<At<String>>,
    pub(crate) working: Option<At<String>>,
    pub(crate) weights: Option<String>,
}

fn placed<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Placed {
    Placed {
        parameters: reader.name(section, "parameters"),
        inputs: reader.name(section, "inputs"),
        results: reader.name(section, "results"),
        working: reader.name(section, "working"),
        weights: reader.choice(section, "weights"),
    }
}

fn memory<'t>(reader: &Reader<'t>, section: &Section<'t>, names: &mut Names) -> Option<Memory> {
    let name = reader.name(section, "name");
    let read = reader.quantity::<EnergyPer>(section, "read");
    let writable = reader.has(section, "write");
    let write = reader.quantity::<EnergyPer>(section, "write");
    let capacity = photonic::optional(reader, section, "capacity", || reader.quantity(section, "capacity"));
    let bandwidth = reader.quantity(section, "bandwidth");
    let leakage = reader.quantity(section, "leakage");
    let area = reader.quantity(section, "area");
    let name = names.memory(reader, name, writable)?;
    Some(Memory {
        component: Component::new(&name),
        name: MemoryName::new(&name),
        read: read?,
        write,
        capacity: capacity?,
        bandwidth: bandwidth?,
        port: Resource::new(&name),
        leakage: leakage?,
        area: area?,
    })
}

fn link<'t>(reader: &Reader<'t>, section: &Section<'t>, names: &mut Names) -> Option<Link> {
    let from = reader.name(section, "from");
    let to = reader.name(section, "to");
    let latency = reader.quantity(section, "latency");
    let bandwidth = reader.quantity(section, "bandwidth");
    let clock = photonic::optional(reader, section, "clock", || reader.quantity(section, "clock"));
    let energy = reader.quantity(section, "energy");
    let component = reader.name(section, "component");
    let ends = names.link(section.span.clone(), from, to)?;
    Some(Link {
        resource: Resource::new(&format!("{}->{}", ends.from, ends.to)),
        from: ends.from,
        to: ends.to,
        latency: latency?,
        bandwidth: bandwidth?,
        clock: clock?,
        energy: energy?,
        component: Component::new(&component?.value),
    })
}

fn electronic<'t>(reader: &Reader<'t>, section: &Section<'t>, names: &mut Names) -> Option<Electronic> {
    let name = reader.name(section, "name");
    let clock = reader.quantity(section, "clock");
    let cores = reader.count(section, "cores");
    let sizes = [("cores", cores.unwrap_or(1) as f64)];
    let parts: Vec<_> = reader.tables(section, "part").iter().map(|s| static_part(reader, s, &sizes)).collect();
    let mut kernel_names = Vec::new();
    let kernels: Vec<_> =
        reader.tables(section, "kernel").iter().map(|s| kernel(reader, s, &mut kernel_names)).collect();
    let name = names.unit(reader, section.span.clone(), name)?;
    Some(Electronic {
        resource: Resource::new(&name),
        name: name.into(),
        clock: clock?,
        cores: u32::try_from(cores?).ok()?,
        kernels: kernels.into_iter().collect::<Option<Vec<_>>>()?,
        parts: parts.into_iter().collect::<Option<Vec<_>>>()?,
        inward: 0,
        outward: 0,
    })
}

fn static_part<'t>(reader: &Reader<'t>, section: &Section<'t>, sizes: super::formula::Sizes<'_>) -> Option<StaticPart> {
    let name = reader.name(section, "name");
    let count = photonic::count(reader, section, "count", 0.0, sizes);
    let power = reader.quantity::<Power>(section, "power");
    let area = reader.quantity::<Area>(section, "area");
    let gating = part::gating(reader, section);
    let count = count?;
    Some(StaticPart { name: Component::new(&name?.value), power: power? * count, area: area? * count, gating: gating? })
}

fn systolic<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<SystolicArray> {
    let [rows, columns, arrays] = ["rows", "columns", "arrays"].map(|field| reader.count(section, field));
    let double_buffered = reader.flag(section, "double_buffered");
    Some(SystolicArray { rows: rows?, columns: columns?, arrays: arrays?, double_buffered: double_buffered? })
}

fn kernel<'t>(reader: &Reader<'t>, section: &Section<'t>, taken: &mut Vec<String>) -> Option<Kernel> {
    let name = reader.name(section, "name");
    let ops = reader.names(section, "ops");
    let traffic = traffic(reader, section, ops.as_deref());
    let time = reader.table(section, "time").and_then(|s| time_terms(reader, &s));
    let energy = reader.table(section, "energy").and_then(|s| energy_terms(reader, &s));
    let large = match reader.table(section, "large") {
        None => Some(None),
        Some(s) => large_fit(reader, &s).map(Some),
    };
    let array = match sub(reader, section, "array") {
        None => Some(None),
        Some(s) => s.and_then(|s| systolic(reader, &s)).map(Some),
    };
    let name = name?;
    check::unique(reader, &name, taken, "kernel of this unit");
    Some(Kernel {
        name: name.value.into(),
        ops: ops?.into_iter().map(|op| op.value).collect(),
        traffic: traffic?,
        time: time?,
        energy: energy?,
        large: large?,
        array: array?,
    })
}

/// What crosses; where the file does not say, by what the operations do.
fn traffic<'t>(reader: &Reader<'t>, section: &Section<'t>, ops: Option<&[At<String>]>) -> Option<Traffic> {
    let word = reader.choice(section, "traffic")?;
    let all = |of: &[&str]| ops.is_some_and(|ops| ops.iter().all(|op| of.contains(&op.value.as_str())));
    Some(match word.as_str() {
        _ if !reader.has(section, "traffic") && all(&["gather", "gather_nd", "slice"]) => Traffic::Selected,
        _ if !reader.has(section, "traffic") && all(&["reshape"]) => Traffic::None,
        "none" => Traffic::None,
        "selected" => Traffic::Selected,
        _ => Traffic::Operands,
    })
}

fn large_fit<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<LargeFit> {
    let above = reader.count(section, "when_dim_above");
    let time = reader.table(section, "time").and_then(|s| time_terms(reader, &s));
    Some(LargeFit { when_dim_above: above?, time: time? })
}

fn time_terms<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<TimeTerms> {
    let fixed = reader.quantity(section, "fixed");
    let per_output = reader.quantity(section, "per_output");
    let per_input = reader.quantity(section, "per_input");
    let per_row = reader.quantity(section, "per_row");
    let per_mac = reader.quantity(section, "per_mac");
    Some(TimeTerms {
        fixed: fixed?,
        per_output: per_output?,
        per_input: per_input?,
        per_row: per_row?,
        per_mac: per_mac?,
    })
}

fn energy_terms<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<EnergyTerms> {
    let fixed = reader.quantity(section, "fixed");
    let per_output = reader.quantity(section, "per_output");
    let per_input = reader.quantity(section, "per_input");
    let per_row = reader.quantity(section, "per_row");
    let per_mac = reader.quantity(section, "per_mac");
    Some(EnergyTerms {
        fixed: fixed?,
        per_output: per_output?,
        per_input: per_input?,
        per_row: per_row?,
        per_mac: per_mac?,
    })
}
