//! E-graphs from files in the JSON of [egraph-serialize](https://github.com/egraphs-good/egraph-serialize), format of 0.2 and 0.3.

use crate::extraction::{Class, ClassId, Node, Problem};
use prism_support::codes::{E0706, W0706};
use prism_support::{Diagnostic, Diagnostics, Place, Result, suggest};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::Path;

/// An e-graph with the names that its file gives.
#[derive(Clone, Debug, Default)]
pub struct Serialized {
    /// Classes, nodes, costs and roots, in order of the file.
    pub problem: Problem,
    /// The name of each class.
    pub classes: Vec<String>,
    /// The name and the operation of each node of each class.
    pub nodes: Vec<Vec<(String, String)>>,
    /// Warnings: keys that were not read.
    pub warnings: Diagnostics,
}

#[derive(Deserialize)]
struct File {
    nodes: Entries,
    root_eclasses: Option<Vec<String>>,
    #[serde(default, rename = "class_data")]
    _class_data: IgnoredAny,
}

/// A node. Missing cost means one.
struct Entry {
    op: String,
    children: Vec<String>,
    eclass: String,
    cost: f64,
    /// Keys that say nothing here.
    unknown: Vec<String>,
}

/// The keys of a node; the form has `subsumed` too, which does not concern a choice.
const KEYS: [&str; 5] = ["op", "children", "eclass", "cost", "subsumed"];

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a node, as an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entry, A::Error> {
                let (mut eclass, mut cost) = (None, 1.0);
                let (mut op, mut children, mut unknown) = (String::new(), Vec::new(), Vec::new());
                while let Some(key) = map.next_key::<String>()? {
                    let named = |e: A::Error| A::Error::custom(format!("`{key}`: {e}"));
                    match key.as_str() {
                        "op" => op = map.next_value().map_err(named)?,
                        "children" => children = map.next_value().map_err(named)?,
                        "eclass" => eclass = Some(map.next_value().map_err(named)?),
                        "cost" => cost = map.next_value().map_err(named)?,
                        _ => {
                            map.next_value::<IgnoredAny>().map_err(named)?;
                            unknown.extend((!KEYS.contains(&key.as_str())).then_some(key));
                        }
                    }
                }
                let eclass = eclass.ok_or_else(|| A::Error::missing_field("eclass"))?;
                Ok(Entry { op, children, eclass, cost, unknown })
            }
        }
        from.deserialize_map(Keys)
    }
}

/// Nodes in order of the file, a name that is given twice included.
struct Entries(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("nodes by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entries, A::Error> {
                let mut all = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let entry = map.next_value().map_err(|e| A::Error::custom(format!("node `{name}`: {e}")))?;
                    all.push((name, entry));
                }
                Ok(Entries(all))
            }
        }
        from.deserialize_map(Each)
    }
}

impl Serialized {
    /// The e-graph in `json`, which is what the file `name` holds.
    ///
    /// # Errors
    /// `E0706` with all that is wrong: text that is no such JSON, nodes of one name, children that are no nodes, costs that are negative or
    /// infinite, roots that are missing or no class. `E0702` as [`Problem::validate`].
    pub fn read(name: &Path, json: &[u8]) -> Result<Serialized> {
        let file: File = serde_json::from_slice(json).map_err(|e| {
            Diagnostic::error(&E0706, "this is no e-graph")
                .in_file(name)
                .found(e.to_string())
                .allowed("the JSON of egraph-serialize: `nodes` and `root_eclasses`")
        })?;
        let mut problems = Diagnostics::new();
        let (entries, at) = (&file.nodes.0, places(&file.nodes.0, name, &mut problems));
        let mut out = Serialized::default();
        let mut class_of: HashMap<&str, u32> = HashMap::new();
        for (_, entry) in entries {
            class_of.entry(&entry.eclass).or_insert_with(|| out.class(&entry.eclass));
        }
        for (node, entry) in entries {
            let children = children(node, entry, &at, name, &mut problems);
            let children =
                children.iter().filter_map(|child| class_of.get(child.eclass.as_str()).copied().map(ClassId));
            if !entry.cost.is_finite() || entry.cost < 0.0 {
                problems.push(bad(
                    name,
                    node,
                    "has an unusable cost",
                    &entry.cost.to_string(),
                    "a finite cost, zero or more",
                ));
            }
            let node_of = Node { cost: entry.cost, children: children.collect() };
            if let Some(class) = class_of.get(entry.eclass.as_str()).map(|c| *c as usize) {
                out.problem.classes[class].nodes.push(node_of);
                out.nodes[class].push((node.clone(), entry.op.clone()));
            }
        }
        out.problem.roots = roots(file.root_eclasses.as_deref(), &class_of, name, &mut problems);
        out.warnings = Diagnostics(not_read(entries, name));
        let out = problems.into_result(out)?;
        out.problem.validate(&|c| out.classes.get(c.index()).cloned().unwrap_or_default())?;
        Ok(out)
    }

    /// The same as JSON. Nodes that read a class without nodes are left out: nothing can make them, and a child has to name a node.
    pub fn json(&self) -> Value {
        let name = |class: usize, at: usize| self.nodes.get(class)?.get(at).map(|(name, _)| name.as_str());
        let mut nodes = Map::new();
        for (c, class) in self.problem.classes.iter().enumerate() {
            for (at, node) in class.nodes.iter().enumerate() {
                let children: Option<Vec<&str>> = node.children.iter().map(|k| name(k.index(), 0)).collect();
                let (Some(children), Some((node_name, op))) = (children, self.nodes.get(c).and_then(|n| n.get(at)))
                else {
                    continue;
                };
                let entry = json!({ "op": op, "children": children, "eclass": self.classes.get(c), "cost": node.cost });
                nodes.insert(node_name.clone(), entry);
            }
        }
        let roots: Vec<_> = self.problem.roots.iter().filter_map(|r| self.classes.get(r.index())).collect();
        json!({ "nodes": nodes, "root_eclasses": roots })
    }

    fn class(&mut self, name: &str) -> u32 {
        let id = u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        self.classes.push(name.to_string());
        self.problem.classes.push(Class::default());
        self.nodes.push(Vec::new());
        id
    }
}

fn bad(file: &Path, node: &str, what: &str, found: &str, allowed: &str) -> Diagnostic {
    let place = Place::Item { file: file.to_path_buf(), name: format!("node `{node}`") };
    Diagnostic::error(&E0706, format!("node `{node}` {what}")).at(place).found(found).allowed(allowed)
}

/// Nodes by name.
fn places<'a>(entries: &'a [(String, Entry)], file: &Path, problems: &mut Diagnostics) -> HashMap<&'a str, &'a Entry> {
    let mut at: HashMap<&str, &Entry> = HashMap::with_capacity(entries.len());
    for (name, entry) in entries {
        if at.insert(name, entry).is_some() {
            problems.push(bad(file, name, "is there twice", "two nodes of one name", "a name for each node"));
        }
    }
    at
}

/// The nodes that a node names as its children.
fn children<'a>(
    node: &str,
    entry: &Entry,
    at: &HashMap<&str, &'a Entry>,
    file: &Path,
    problems: &mut Diagnostics,
) -> Vec<&'a Entry> {
    let mut found = Vec::with_capacity(entry.children.len());
    for child in &entry.children {
        match at.get(child.as_str()) {
            Some(child) => found.push(*child),
            None => {
                let what = "reads a node that is not there";
                problems.push(bad(file, node, what, &format!("child `{child}`"), "names of nodes (not of classes)"));
            }
        }
    }
    found
}

/// Keys of nodes that mean nothing, each once with the first node that has it: a cost that is misspelt would be one.
fn not_read(entries: &[(String, Entry)], file: &Path) -> Vec<Diagnostic> {
    let mut keys: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (node, entry) in entries {
        entry.unknown.iter().for_each(|key| keys.entry(key).or_insert((node, 0)).1 += 1);
    }
    let warning = |(key, (node, count)): (&str, (&str, usize))| {
        let more = if count > 1 { format!(", and of {} more", count - 1) } else { String::new() };
        Diagnostic::warning(&W0706, format!("`{key}` of node `{node}`{more} is not read"))
            .in_file(file)
            .found(format!("`{key}`"))
            .allowed(KEYS.join(", "))
            .hint_if(suggest::did_you_mean(key, KEYS))
    };
    keys.into_iter().map(warning).collect()
}

fn roots(
    names: Option<&[String]>,
    class_of: &HashMap<&str, u32>,
    file: &Path,
    problems: &mut Diagnostics,
) -> Vec<ClassId> {
    let found = if names.is_some() { "an empty `root_eclasses`" } else { "no `root_eclasses`" };
    let names = names.unwrap_or_default();
    if names.is_empty() {
        let none = Diagnostic::error(&E0706, "the e-graph has no root").in_file(file).found(found);
        problems.push(none.allowed("at least one class that has to be made"));
    }
    let mut roots = Vec::with_capacity(names.len());
    for name in names {
        match class_of.get(name.as_str()) {
            Some(class) => roots.push(ClassId(*class)),
            None => problems.push(
                Diagnostic::error(&E0706, format!("root `{name}` has no nodes"))
                    .in_file(file)
                    .allowed("a class that the `eclass` of some node names")
                    .hint_if(suggest::did_you_mean(name, class_of.keys().copied().collect::<BTreeSet<_>>())),
            ),
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::Serialized;
    use std::path::Path;

    fn read(json: &str) -> Result<Serialized, Vec<String>> {
        let said = |e: prism_support::Diagnostics| {
            e.0.iter()
                .map(|d| format!("{} {} {}", d.code.name, d.headline, d.found.clone().unwrap_or_default()))
                .collect()
        };
        Serialized::read(Path::new("graph.json"), json.as_bytes()).map_err(said)
    }

    #[test]
    fn children_name_nodes_and_mean_classes() {
        let graph = read(
            r#"{"nodes": {"a": {"op": "f", "children": ["b"], "eclass": "x", "cost": 2.5, "subsumed": false},
                "b": {"eclass": "y", "children": []}, "c": {"eclass": "y", "cost": 0.0}},
                "root_eclasses": ["x"], "class_data": {"x": {"type": "T"}}}"#,
        );
        let graph = graph.expect("an e-graph");
        assert_eq!(graph.classes, ["x", "y"]);
        assert_eq!(graph.problem.classes[0].nodes[0].children[0].0, 1);
        assert_eq!(graph.problem.classes[1].nodes.iter().map(|n| n.cost).collect::<Vec<_>>(), [1.0, 0.0]);
        assert_eq!(graph.nodes[1][1].0, "c");
    }

    #[test]
    fn keys_that_are_not_read_are_warned_of() {
        let graph = read(
            r#"{"nodes": {"a": {"eclass": "x", "csot": 2.5}, "b": {"eclass": "x", "csot": 0.5, "subsumed": true}},
                "root_eclasses": ["x"]}"#,
        );
        let warnings = graph.expect("an e-graph").warnings.0;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert_eq!(warnings[0].headline, "`csot` of node `a`, and of 1 more is not read");
        assert_eq!(warnings[0].hint.as_deref(), Some("did you mean `cost`?"));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let said = read(
            r#"{"nodes": {"a": {"children": ["b", "zz"], "eclass": "x", "cost": -1.0},
                "a": {"eclass": "x"}, "b": {"eclass": "y"}}, "root_eclasses": ["x", "w"]}"#,
        );
        let said = said.expect_err("wrong");
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said.iter().all(|s| s.starts_with("E0706")), "{said:?}");
    }

    #[test]
    fn what_is_no_egraph_is_refused_with_the_reason() {
        for (json, why) in [
            ("", "EOF"),
            ("[]", "struct File"),
            ("{}", "nodes"),
            (r#"{"nodes": {}}"#, "no `root_eclasses`"),
            (r#"{"nodes": {}, "root_eclasses": []}"#, "an empty `root_eclasses`"),
            (r#"{"nodes": {"a": {"children": []}}}"#, "node `a`: missing field `eclass`"),
            (r#"{"nodes": {"a": {"eclass": "x", "cost": null}}}"#, "node `a`: `cost`: invalid type: null"),
            (r#"{"nodes": {"a": {"eclass": "x", "children": ["a"]}}, "root_eclasses": ["x"]}"#, "runs into a cycle"),
            (r#"{"nodes": {"a": {"eclass": "x", "cost": NaN}}, "root_eclasses": ["x"]}"#, "node `a`: `cost`: expected"),
        ] {
            let said = read(json).expect_err(json);
            assert!(said[0].contains(why), "{json}: {said:?}");
        }
    }
}
