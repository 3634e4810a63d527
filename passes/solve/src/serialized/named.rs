//! What a file names: nodes, classes and keys, with what is said where a name is none.

use super::form::{Entry, File, Keyed, Room};
use crate::extraction::ClassId;
use prism_support::codes::{E0706, W0706};
use prism_support::{Diagnostic, Diagnostics, Place, suggest};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Problems with a hint: looking for near names takes as long as there are names, and no more are shown.
const HINTS: usize = 20;

/// The nodes and classes of a file by name.
pub(super) struct Named<'a> {
    file: &'a Path,
    entries: &'a [(String, Entry)],
    nodes: HashMap<&'a str, &'a Entry>,
    class_of: HashMap<&'a str, ClassId>,
    order: Vec<&'a str>,
}

impl<'a> Named<'a> {
    /// Of `entries`, whose names are to be different.
    pub(super) fn new(file: &'a Path, entries: &'a [(String, Entry)], problems: &mut Diagnostics) -> Self {
        let mut out = Named { file, entries, nodes: HashMap::new(), class_of: HashMap::new(), order: Vec::new() };
        for (name, entry) in entries {
            if out.nodes.insert(name, entry).is_some() {
                problems.push(out.bad(name, "is there twice", "two nodes of one name", "a name for each node"));
            }
            let next = ClassId(u32::try_from(out.order.len()).unwrap_or(u32::MAX));
            if *out.class_of.entry(&entry.eclass).or_insert(next) == next {
                out.order.push(&entry.eclass);
            }
        }
        out
    }

    /// The classes, in order.
    pub(super) fn classes(&self) -> impl Iterator<Item = &'a str> {
        self.order.iter().copied()
    }

    /// A class.
    pub(super) fn class(&self, name: &str) -> Option<ClassId> {
        self.class_of.get(name).copied()
    }

    /// The classes of the nodes that a node names as its children.
    pub(super) fn children(&self, node: &str, entry: &Entry, problems: &mut Diagnostics) -> Vec<ClassId> {
        let mut found = Vec::with_capacity(entry.children.len());
        for child in &entry.children {
            if let Some(class) = self.nodes.get(child.as_str()).and_then(|of| self.class(&of.eclass)) {
                found.push(class);
                continue;
            }
            let what = "reads a node that is not there";
            let found = format!("child `{child}`");
            let none = self.bad(node, what, &found, "names of nodes (not of classes)");
            let hint = (problems.0.len() < HINTS).then(|| self.node_meant(child)).flatten();
            problems.push(none.hint_if(hint));
        }
        found
    }

    /// The classes that have to be made.
    pub(super) fn roots(&self, file: &File, problems: &mut Diagnostics) -> Vec<ClassId> {
        let names = file.roots.as_deref().unwrap_or_default();
        if names.is_empty() {
            let found = if file.roots.is_some() { "an empty `root_eclasses`" } else { "no `root_eclasses`" };
            let none = Diagnostic::error(&E0706, "the e-graph has no root").in_file(self.file).found(found);
            let hint = slip_of("root_eclasses", &file.unknown).or_else(|| self.unread());
            problems.push(none.allowed("at least one class that has to be made").hint_if(hint));
        }
        let mut roots = Vec::with_capacity(names.len());
        for name in names {
            if let Some(class) = self.class(name) {
                roots.push(class);
                continue;
            }
            let none = Diagnostic::error(&E0706, format!("root `{name}` has no nodes")).in_file(self.file);
            let none = none.found(format!("no node whose `eclass` is `{name}`"));
            let hint = (problems.0.len() < HINTS).then(|| self.class_meant(name)).flatten();
            problems.push(none.allowed("a class that the `eclass` of some node names").hint_if(hint));
        }
        roots
    }

    /// Costs and amounts.
    pub(super) fn check_numbers(&self, node: &str, entry: &Entry, capacities: usize, problems: &mut Diagnostics) {
        if let Some(cost) = entry.cost.filter(|cost| !cost.is_finite() || *cost < 0.0) {
            let allowed = "a finite cost, zero or more";
            problems.push(self.bad(node, "has an unusable cost", &cost.to_string(), allowed));
        }
        if entry.takes.len() > capacities {
            let amounts = format!("{} in `takes`", counted(entry.takes.len(), "amount"));
            let allowed = format!("one for each of {} in `capacities`", capacities);
            problems.push(self.bad(node, "takes of what there is not", &amounts, &allowed));
        }
    }

    /// What may be meant by the name of a child that is no node.
    fn node_meant(&self, child: &str) -> Option<String> {
        match self.entries.iter().find(|(_, entry)| entry.eclass == child) {
            Some((node, _)) => Some(format!("`{child}` is a class; name a node of it, such as `{node}`")),
            None => suggest::did_you_mean(child, self.entries.iter().map(|(name, _)| name.as_str())),
        }
    }

    /// What may be meant by the name of a root that is no class.
    fn class_meant(&self, root: &str) -> Option<String> {
        match self.nodes.get(root) {
            Some(node) => Some(format!("`{root}` is a node; its class is `{}`", node.eclass)),
            None => suggest::did_you_mean(root, self.classes()),
        }
    }

    /// A class that no other one reads: it may be the root.
    fn unread(&self) -> Option<String> {
        let mut read: HashSet<&str> = HashSet::new();
        for (_, entry) in self.entries {
            let children = entry.children.iter().filter_map(|child| self.nodes.get(child.as_str()));
            read.extend(children.map(|child| child.eclass.as_str()).filter(|class| *class != entry.eclass));
        }
        let class = self.classes().find(|class| !read.contains(class))?;
        Some(format!("no other class reads `{class}`: `\"root_eclasses\": [\"{class}\"]` asks for it"))
    }

    fn bad(&self, node: &str, what: &str, found: &str, allowed: &str) -> Diagnostic {
        let place = Place::Item { file: self.file.to_path_buf(), name: format!("node `{node}`") };
        Diagnostic::error(&E0706, format!("node `{node}` {what}")).at(place).found(found).allowed(allowed)
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A key that may be a slip of one that is missing.
pub(super) fn slip_of(missing: &str, unknown: &[String]) -> Option<String> {
    let slip = suggest::nearest(missing, unknown.iter().map(String::as_str))?;
    Some(format!("`{slip}` is not read; name it `{missing}`"))
}

/// Keys that mean nothing, each once with the first that has it: a cost that is misspelt would be one.
pub(super) fn not_read(file: &File, name: &Path) -> Vec<Diagnostic> {
    let nodes = || file.nodes.iter().flat_map(|nodes| &nodes.0);
    let of_nodes = nodes().flat_map(|(node, entry)| entry.unknown.iter().map(move |key| (key, node.as_str())));
    let of_rooms = file.capacities.iter().flat_map(|r| r.unknown.iter().map(move |key| (key, r.name.as_str())));
    let top = file.unknown.iter().map(|key| (key, ""));
    let mut out: Vec<Diagnostic> = unknown::<File>("the e-graph", top, name).collect();
    out.extend(unknown::<Room>("capacity", of_rooms, name));
    out.extend(unknown::<Entry>("node", of_nodes, name));
    let mut subsumed = nodes().filter(|(_, entry)| entry.subsumed);
    if let Some((node, _)) = subsumed.next() {
        let more = more(subsumed.count());
        out.push(
            Diagnostic::warning(&W0706, format!("`subsumed` of node `{node}`{more} is not read"))
                .in_file(name)
                .found("`subsumed` that is true")
                .note("such a node is chosen like any other")
                .hint("leave out what must not be chosen"),
        );
    }
    out
}

fn unknown<'a, T: Keyed>(
    what: &str,
    keys: impl Iterator<Item = (&'a String, &'a str)>,
    file: &Path,
) -> impl Iterator<Item = Diagnostic> {
    let mut all: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    keys.for_each(|(key, of)| all.entry(key).or_insert((of, 0)).1 += 1);
    all.into_iter().map(move |(key, (of, count))| {
        let of = if of.is_empty() { String::new() } else { format!(" `{of}`") };
        Diagnostic::warning(&W0706, format!("`{key}` of {what}{of}{} is not read", more(count - 1)))
            .in_file(file)
            .found(format!("`{key}`"))
            .allowed(T::KEYS.join(", "))
            .hint_if(suggest::did_you_mean(key, T::KEYS.iter().copied()))
    })
}

fn more(count: usize) -> String {
    if count > 0 { format!(", and of {count} more,") } else { String::new() }
}
