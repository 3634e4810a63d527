//! What one field says about another: names that must exist or be unique, links that must be there.

use super::build::{Placed, ReadLink};
use super::machine::{Electronic, Hop, Link, Memory, Photonic, Placement};
use super::path::{self, Broken};
use super::read::{At, Reader, Section};
use crate::cost::COMPONENTS;
use crate::units::Bits;
use prism_support::codes::{E0504, E0505};
use prism_support::suggest;
use std::ops::Range;

/// The names of memories and units, which links and placement refer to.
#[derive(Default)]
pub(crate) struct Names {
    memories: Vec<String>,
    all: Vec<String>,
}

impl Names {
    /// Takes the name of a memory; `None` when it is taken.
    pub(crate) fn memory(&mut self, reader: &Reader<'_>, name: At<String>) -> Option<String> {
        if COMPONENTS.contains(&name.value.as_str()) {
            reader
                .problem(&E0505, name.span.clone(), format!("a memory cannot be called `{}`", name.value))
                .note("reports use that name for an energy component of the units")
                .found(name.value.clone());
        }
        self.memories.push(name.value.clone());
        self.unit(reader, name)
    }

    /// Takes the name of a unit; `None` when it is taken.
    pub(crate) fn unit(&mut self, reader: &Reader<'_>, name: At<String>) -> Option<String> {
        unique(reader, &name, &mut self.all, "memory or unit").then_some(name.value)
    }
}

/// Notes a name that is taken already, and takes it.
pub(crate) fn unique(reader: &Reader<'_>, name: &At<String>, taken: &mut Vec<String>, what: &str) -> bool {
    let fresh = !taken.contains(&name.value);
    if fresh {
        taken.push(name.value.clone());
    } else {
        reader
            .problem(&E0505, name.span.clone(), format!("the name `{}` is taken by another {what}", name.value))
            .found(name.value.clone());
    }
    fresh
}

/// A width must be a whole number of bits.
pub(crate) fn whole_bits<'t>(reader: &Reader<'t>, section: &Section<'t>, bits: Option<Bits>, table: &str, field: &str) {
    if let Some(bits) = bits.filter(|b| b.0.fract() != 0.0) {
        let span = reader.span_of(section, table);
        reader
            .problem(&E0505, span, format!("`{field}` of {} must be a whole number of bits", section.label))
            .found(bits.to_string());
    }
}

fn must_be_one_of(reader: &Reader<'_>, name: &At<String>, known: &[String], what: &str) {
    if !known.contains(&name.value) {
        reader
            .problem(&E0505, name.span.clone(), format!("there is no {what} called `{}`", name.value))
            .found(name.value.clone())
            .allowed(known.join(", "))
            .hint_if(suggest::did_you_mean(&name.value, known.iter().map(String::as_str)));
    }
}

/// Both ends of each link exist, and no two links join the same ends.
pub(crate) fn link_ends(reader: &Reader<'_>, links: &[(Range<usize>, Option<ReadLink>)], names: &Names) {
    let mut taken: Vec<String> = Vec::new();
    for (span, link) in links {
        let Some(link) = link else { continue };
        must_be_one_of(reader, &link.from, &names.all, "memory or unit");
        must_be_one_of(reader, &link.to, &names.all, "memory or unit");
        let ends = At { value: link.link.resource.to_string(), span: span.clone() };
        unique(reader, &ends, &mut taken, "link");
    }
}

/// Placement names memories.
pub(crate) fn placed_in_memory(reader: &Reader<'_>, placed: &Placed, names: &Names) {
    for name in [&placed.parameters, &placed.inputs, &placed.results, &placed.working].into_iter().flatten() {
        must_be_one_of(reader, name, &names.memories, "memory");
    }
}

/// Finds the ways that placement needs.
pub(crate) fn placement(reader: &Reader<'_>, placed: Placed, memories: &[Memory], links: &[Link]) -> Option<Placement> {
    let index = |name: &At<String>| memories.iter().position(|m| m.name.as_str() == name.value);
    let Placed { parameters, inputs, results, working } = placed;
    let (parameters, inputs, results, working) = (parameters?, inputs?, results?, working?);
    let home = index(&working)?;
    let way = |what: &str, at: &At<String>, from: usize, to: usize| -> Option<Vec<Hop>> {
        match path::between(memories, links, from, to) {
            Ok(hops) => Some(hops),
            Err(broken) => {
                broken_way(reader, what, at, broken);
                None
            }
        }
    };
    let at = (index(&parameters)?, index(&inputs)?, index(&results)?);
    let load_parameters = way("parameters cannot be loaded", &parameters, at.0, home);
    let load_inputs = way("inputs cannot be loaded", &inputs, at.1, home);
    let store = way("results cannot be stored", &results, home, at.2);
    let load_results = way("results cannot be loaded again", &results, at.2, home);
    if memories.get(home).is_some_and(|m| m.write.is_none()) {
        broken_way(reader, "units cannot write their results", &working, Broken::NotWritable(working.value.clone()));
    }
    Some(Placement {
        parameters: at.0,
        inputs: at.1,
        results: at.2,
        working: home,
        load_parameters: load_parameters?,
        load_inputs: load_inputs?,
        load_results: load_results?,
        store: store?,
    })
}

fn broken_way(reader: &Reader<'_>, what: &str, at: &At<String>, broken: Broken) {
    let (found, hint) = match broken {
        Broken::NoLink { from, to } => (
            format!("no link from `{from}` to `{to}`"),
            format!("add a `[[link]]` with from = \"{from}\", to = \"{to}\""),
        ),
        Broken::NotWritable(name) => (
            format!("memory `{name}` has no `write` energy"),
            format!("give memory `{name}` its `write` energy, or choose another memory"),
        ),
    };
    reader.problem(&E0505, at.span.clone(), format!("{what} in `{}`", at.value)).found(found).hint(hint);
}

/// A unit that is linked to the working memory.
pub(crate) trait Connected {
    fn name(&self) -> &str;
    fn set_links(&mut self, inward: usize, outward: usize);
}

impl Connected for Electronic {
    fn name(&self) -> &str {
        &self.name
    }
    fn set_links(&mut self, inward: usize, outward: usize) {
        (self.inward, self.outward) = (inward, outward);
    }
}

impl Connected for Photonic {
    fn name(&self) -> &str {
        &self.name
    }
    fn set_links(&mut self, inward: usize, outward: usize) {
        (self.inward, self.outward) = (inward, outward);
    }
}

/// Finds the links between a unit and the working memory.
pub(crate) fn connect<U: Connected>(reader: &Reader<'_>, unit: At<U>, working: &str, links: &[Link]) -> Option<U> {
    let At { value: mut unit, span } = unit;
    let find = |from: &str, to: &str| {
        let found = links.iter().position(|l| l.from == from && l.to == to);
        if found.is_none() {
            reader
                .problem(&E0504, span.clone(), format!("unit `{}` has no link `{from}->{to}`", unit.name()))
                .note("a unit reads its operands from the working memory and writes its results there")
                .hint(format!("add a `[[link]]` with from = \"{from}\", to = \"{to}\""));
        }
        found
    };
    let inward = find(working, unit.name());
    let outward = find(unit.name(), working);
    unit.set_links(inward?, outward?);
    Some(unit)
}
