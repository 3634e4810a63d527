//! What one field says about another: names that must exist or be unique, links that must be there.

use super::build::Placed;
use super::machine::{Hop, Placement};
use super::path::{self, Broken, Ends, MemoryEnd};
use super::read::{At, Reader};
use crate::cost::COMPONENTS;
use prism_support::codes::{E0504, E0505};
use prism_support::suggest;
use std::ops::Range;

/// The names of memories, links and units, in the order of the file; `None` where there is no usable one.
#[derive(Default)]
pub(crate) struct Names {
    memories: Vec<Option<MemoryEnd>>,
    units: Vec<Option<At<String>>>,
    links: Vec<Option<Ends>>,
    /// The same links with the places of both ends and of the whole.
    mentions: Vec<(At<String>, At<String>, Range<usize>)>,
    taken: Vec<String>,
}

impl Names {
    /// Takes the name of a memory; `None` when it is absent or taken.
    pub(crate) fn memory(&mut self, reader: &Reader<'_>, name: Option<At<String>>, writable: bool) -> Option<String> {
        let free = name.filter(|name| unique(reader, name, &mut self.taken, "memory or unit"));
        if let Some(name) = free.as_ref().filter(|n| COMPONENTS.contains(&n.value.as_str())) {
            reader
                .problem(&E0505, name.span.clone(), format!("a memory cannot be called `{}`", name.value))
                .note("reports use that name for an energy component of the units")
                .found(name.value.clone());
        }
        self.memories.push(free.as_ref().map(|n| MemoryEnd { name: n.value.clone(), writable }));
        free.map(|n| n.value)
    }

    /// Takes the name of a unit, whose header is at `span`; `None` when it is absent or taken.
    pub(crate) fn unit(&mut self, reader: &Reader<'_>, span: Range<usize>, name: Option<At<String>>) -> Option<String> {
        let free = name.filter(|name| unique(reader, name, &mut self.taken, "memory or unit"));
        self.units.push(free.as_ref().map(|n| At { value: n.value.clone(), span }));
        free.map(|n| n.value)
    }

    /// Remembers a link; `None` when an end is absent.
    pub(crate) fn link(
        &mut self,
        span: Range<usize>,
        from: Option<At<String>>,
        to: Option<At<String>>,
    ) -> Option<Ends> {
        let (Some(from), Some(to)) = (from, to) else {
            self.links.push(None);
            return None;
        };
        let ends = Ends { from: from.value.clone(), to: to.value.clone() };
        self.links.push(Some(ends.clone()));
        self.mentions.push((from, to, span));
        Some(ends)
    }

    fn memory_names(&self) -> Vec<&str> {
        self.memories.iter().flatten().map(|m| m.name.as_str()).collect()
    }

    fn memory_index(&self, name: &str) -> Option<usize> {
        self.memories.iter().position(|m| m.as_ref().is_some_and(|m| m.name == name))
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

fn must_be_one_of(reader: &Reader<'_>, name: &At<String>, known: &[&str], what: &str) -> bool {
    let found = known.contains(&name.value.as_str());
    if !found {
        reader
            .problem(&E0505, name.span.clone(), format!("there is no {what} called `{}`", name.value))
            .found(name.value.clone())
            .allowed(known.join(", "))
            .hint_if(suggest::did_you_mean(&name.value, known.iter().copied()));
    }
    found
}

/// Each link joins two things that exist, and no two links join the same. Other links no longer count, so that what
/// was misspelt is not reported as missing too.
pub(crate) fn link_ends(reader: &Reader<'_>, names: &mut Names) {
    let mut known = names.memory_names();
    known.extend(names.units.iter().flatten().map(|u| u.value.as_str()));
    let mut taken: Vec<String> = Vec::new();
    let mut strangers = Vec::new();
    for (from, to, span) in &names.mentions {
        let exist = [from, to].map(|end| must_be_one_of(reader, end, &known, "memory or unit"));
        if exist != [true, true] {
            strangers.push(Ends { from: from.value.clone(), to: to.value.clone() });
        }
        let ends = At { value: format!("{}->{}", from.value, to.value), span: span.clone() };
        unique(reader, &ends, &mut taken, "link");
    }
    for link in &mut names.links {
        if link.as_ref().is_some_and(|l| strangers.contains(l)) {
            *link = None;
        }
    }
}

/// Each link is one that something moves over.
pub(crate) fn links_in_use(reader: &Reader<'_>, placement: Option<&Placement>, names: &Names) {
    let Some(placement) = placement else { return };
    let is_working = |i: Option<usize>| i.is_none_or(|i| i == placement.working);
    for (from, to, span) in &names.mentions {
        let used = match (names.memory_index(&from.value), names.memory_index(&to.value)) {
            (Some(a), Some(b)) => a.abs_diff(b) == 1,
            (None, None) => false,
            (a, b) => is_working(a) && is_working(b),
        };
        let ends = Ends { from: from.value.clone(), to: to.value.clone() };
        if !used && names.links.iter().flatten().any(|l| *l == ends) {
            let name = format!("`{}->{}`", ends.from, ends.to);
            reader
                .problem(&E0505, span.clone(), format!("nothing ever moves over link {name}"))
                .found(name)
                .allowed("links between neighbouring memories, and between the working memory and a unit");
        }
    }
}

/// Finds the memories that placement names and the ways between them.
pub(crate) fn placement(reader: &Reader<'_>, placed: Option<Placed>, names: &Names) -> Option<Placement> {
    let known = names.memory_names();
    let find = |at: Option<At<String>>| {
        let at = at?;
        must_be_one_of(reader, &at, &known, "memory").then_some(())?;
        Some((names.memory_index(&at.value)?, at))
    };
    let Placed { parameters, inputs, results, working, weights } = placed?;
    let (parameters, inputs, results, working) = (find(parameters), find(inputs), find(results), find(working));
    let (home, working) = working?;
    if names.memories.get(home).is_some_and(|m| m.as_ref().is_some_and(|m| !m.writable)) {
        broken_way(reader, "units cannot write their results to", &working, Broken::NotWritable(working.value.clone()));
    }
    let way = |what: &str, place: &Option<(usize, At<String>)>, inward: bool| -> Option<Vec<Hop>> {
        let (index, at) = place.as_ref()?;
        let (from, to) = if inward { (*index, home) } else { (home, *index) };
        let found = path::between(&names.memories, &names.links, from, to);
        found.map_err(|broken| broken_way(reader, what, at, broken)).ok()
    };
    let load_parameters = way("parameters cannot be loaded from", &parameters, true);
    let load_inputs = way("inputs cannot be loaded from", &inputs, true);
    let store = way("results cannot be stored in", &results, false);
    let load_results = store.as_ref().and_then(|_| way("results cannot be loaded again from", &results, true));
    Some(Placement {
        parameters: parameters?.0,
        inputs: inputs?.0,
        results: results?.0,
        working: home,
        streams_weights: weights? == "streamed",
        load_parameters: load_parameters?,
        load_inputs: load_inputs?,
        load_results: load_results?,
        store: store?,
    })
}

fn broken_way(reader: &Reader<'_>, what: &str, at: &At<String>, broken: Broken) {
    let (found, hint) = match broken {
        Broken::NoLink(Ends { from, to }) => (
            format!("no link from `{from}` to `{to}`"),
            format!("add a `[[link]]` with from = \"{from}\", to = \"{to}\""),
        ),
        Broken::NotWritable(name) => (
            format!("memory `{name}` has no `write` energy"),
            format!("give memory `{name}` its `write` energy, or choose another memory"),
        ),
        Broken::Unreadable => return,
    };
    reader.problem(&E0505, at.span.clone(), format!("{what} `{}`", at.value)).found(found).hint(hint);
}

/// Finds, for each unit in the order of the file, its links from and to the working memory.
pub(crate) fn units(reader: &Reader<'_>, placement: Option<&Placement>, names: &Names) -> Option<Vec<(usize, usize)>> {
    let working = names.memories.get(placement?.working)?.as_ref()?.name.as_str();
    let find = |unit: &At<String>, from: &str, to: &str| {
        let joins = |l: &Option<Ends>| l.as_ref().is_some_and(|l| l.from == from && l.to == to);
        let found = names.links.iter().position(joins);
        if found.is_none() && names.links.iter().all(Option::is_some) {
            reader
                .problem(&E0504, unit.span.clone(), format!("unit `{}` has no link `{from}->{to}`", unit.value))
                .note("a unit reads its operands from the working memory and writes its results there")
                .hint(format!("add a `[[link]]` with from = \"{from}\", to = \"{to}\""));
        }
        found
    };
    let connect = |unit: &Option<At<String>>| {
        let unit = unit.as_ref()?;
        let inward = find(unit, working, &unit.value);
        let outward = find(unit, &unit.value, working);
        inward.zip(outward)
    };
    // All of them are looked at before any missing link ends the reading.
    names.units.iter().map(connect).collect::<Vec<_>>().into_iter().collect()
}
