//! E-graphs from files in the JSON of [egraph-serialize](https://github.com/egraphs-good/egraph-serialize), format of 0.2 and 0.3.

mod form;
mod named;

use crate::extraction::{Capacity, Class, ClassId, Node, Problem};
use form::{Entries, File, Room};
use named::Named;
use prism_support::codes::E0706;
use prism_support::plain::of_json;
use prism_support::{Diagnostic, Diagnostics, Result};
use serde_json::{Map, Value, json};
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

impl Serialized {
    /// The e-graph in `json`, which is what the file `name` holds.
    ///
    /// # Errors
    /// `E0706` with all that is wrong: text that is no such JSON, nodes of one name, children that are no nodes, costs that are negative or
    /// infinite, amounts of no capacity, roots that are missing or no class. `E0702` as [`Problem::validate`]. With the warnings.
    pub fn read(name: &Path, json: &[u8]) -> Result<Serialized> {
        let file = parsed(name, json)?;
        let (read, warnings) = (Serialized::of(name, &file), Diagnostics(named::not_read(&file, name)));
        match read {
            Ok(read) => Ok(Serialized { warnings, ..read }),
            Err(problems) => Err(Diagnostics(problems.0.into_iter().chain(warnings.0).collect())),
        }
    }

    fn of(name: &Path, file: &File) -> Result<Serialized> {
        let Some(Entries(entries)) = &file.nodes else {
            let none = Diagnostic::error(&E0706, "the e-graph has no `nodes`").in_file(name);
            let none = none.found(file.said()).allowed("an object with nodes by name");
            return Err(none.hint_if(named::slip_of("nodes", &file.unknown)).into());
        };
        let (mut out, mut problems) = (Serialized::default(), Diagnostics::new());
        let graph = Named::new(name, entries, &mut problems);
        graph.classes().for_each(|class| out.class(class));
        for (node, entry) in entries {
            graph.check_numbers(node, entry, file.capacities.len(), &mut problems);
            let children = graph.children(node, entry, &mut problems);
            let node_of = Node { cost: entry.cost.unwrap_or(1.0) + 0.0, children, takes: entry.takes.clone() };
            if let Some(class) = graph.class(&entry.eclass) {
                out.problem.classes[class.index()].nodes.push(node_of);
                out.nodes[class.index()].push((node.clone(), entry.op.clone()));
            }
        }
        let capacity = |room: &Room| Capacity { name: room.name.clone(), most: room.most };
        out.problem.capacities = file.capacities.iter().map(capacity).collect();
        out.problem.roots = graph.roots(file, &mut problems);
        let out = problems.into_result(out)?;
        let called = |c: ClassId| out.classes.get(c.index()).cloned().unwrap_or_default();
        let of_file = |d: Diagnostic| if d.place.is_none() { d.in_file(name) } else { d };
        let valid = out.problem.validate(&called);
        valid.map_err(|problems| Diagnostics(problems.0.into_iter().map(of_file).collect()))?;
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
                let class = self.classes.get(c);
                let mut entry = json!({ "op": op, "children": children, "eclass": class, "cost": node.cost });
                if !node.takes.is_empty() {
                    entry["takes"] = json!(node.takes);
                }
                nodes.insert(node_name.clone(), entry);
            }
        }
        let roots: Vec<_> = self.problem.roots.iter().filter_map(|r| self.classes.get(r.index())).collect();
        let mut out = json!({ "nodes": nodes, "root_eclasses": roots });
        if !self.problem.capacities.is_empty() {
            let capacity = |c: &Capacity| json!({ "name": c.name, "most": c.most });
            out["capacities"] = self.problem.capacities.iter().map(capacity).collect();
        }
        out
    }

    fn class(&mut self, name: &str) {
        self.classes.push(name.to_string());
        self.problem.classes.push(Class::default());
        self.nodes.push(Vec::new());
    }
}

/// The file. Editors on some systems put a byte order mark first, which says nothing of UTF-8.
fn parsed(name: &Path, json: &[u8]) -> Result<File> {
    serde_json::from_slice(json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json)).map_err(|e| {
        Diagnostic::error(&E0706, "this is no e-graph")
            .in_file(name)
            .found(of_json(&e.to_string()))
            .allowed(
                "the JSON of egraph-serialize: `nodes` by name, each with `op` and `eclass` as text, `children` as a list of names of nodes and \
                 `cost` as a number, and `root_eclasses` as a list of names of classes",
            )
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::Serialized;
    use std::path::Path;

    fn read_all(json: &str) -> prism_support::Result<Serialized> {
        Serialized::read(Path::new("graph.json"), json.as_bytes())
    }

    fn read(json: &str) -> Result<Serialized, Vec<String>> {
        let said = |e: prism_support::Diagnostics| {
            e.0.iter()
                .map(|d| format!("{} {} {}", d.code.name, d.headline, d.found.clone().unwrap_or_default()))
                .collect()
        };
        read_all(json).map_err(said)
    }

    #[test]
    fn children_name_nodes_and_mean_classes() {
        let graph = read(
            r#"{"nodes": {"a": {"op": "f", "children": ["b"], "eclass": "x", "cost": 2.5, "subsumed": false},
                "b": {"eclass": "y", "children": []}, "c": {"eclass": "y", "cost": -0.0}},
                "root_eclasses": ["x"], "class_data": {"x": {"type": "T"}}}"#,
        );
        let graph = graph.expect("an e-graph");
        assert_eq!(graph.classes, ["x", "y"]);
        assert_eq!(graph.problem.classes[0].nodes[0].children[0].0, 1);
        assert_eq!(graph.problem.classes[1].nodes.iter().map(|n| n.cost).collect::<Vec<_>>(), [1.0, 0.0]);
        assert!(graph.problem.classes[1].nodes[1].cost.is_sign_positive(), "no cost is shown as -0");
        assert_eq!(graph.nodes[1][1].0, "c");
    }

    #[test]
    fn capacities_are_read_and_written() {
        let graph = read(
            r#"{"nodes": {"a": {"eclass": "x", "takes": [3]}, "b": {"eclass": "x", "cost": 2.0}},
                "root_eclasses": ["x"], "capacities": [{"name": "room", "most": 2}]}"#,
        );
        let graph = graph.expect("an e-graph");
        assert_eq!((graph.problem.capacities[0].most, graph.problem.classes[0].nodes[0].takes(0)), (2, 3));
        let again = read(&graph.json().to_string()).expect("the same");
        assert_eq!(again.problem, graph.problem);
        let said = read(r#"{"nodes": {"a": {"eclass": "x", "takes": [3]}}, "root_eclasses": ["x"]}"#);
        assert!(said.expect_err("no capacity")[0].contains("takes of what there is not"));
    }

    #[test]
    fn keys_that_are_not_read_are_warned_of() {
        let graph = read(
            r#"{"nodes": {"a": {"eclass": "x", "csot": 2.5}, "b": {"eclass": "x", "csot": 0.5, "subsumed": true}},
                "root_eclasses": ["x"]}"#,
        );
        let warnings = graph.expect("an e-graph").warnings.0;
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert_eq!(warnings[0].headline, "`csot` of node `a`, and of 1 more, is not read");
        assert_eq!(warnings[0].hint.as_deref(), Some("did you mean `cost`?"));
    }

    #[test]
    fn keys_of_the_whole_and_of_capacities_are_warned_of() {
        let said = |json: &str| -> Vec<(String, Option<String>)> {
            let (Ok(Serialized { warnings: found, .. }) | Err(found)) = read_all(json);
            found.0.into_iter().map(|d| (d.headline, d.hint)).collect()
        };
        let graph = |more: &str| format!(r#"{{"nodes": {{"a": {{"eclass": "x"}}}}, {more}}}"#);
        let slip = said(&graph(
            r#""root_eclasses": ["x"], "clas_data": {}, "capacities": [{"name": "r", "most": 1, "mots": 2}]"#,
        ));
        let hint = |key: &str| Some(format!("did you mean `{key}`?"));
        assert_eq!(slip[0], ("`clas_data` of the e-graph is not read".to_string(), hint("class_data")));
        assert_eq!(slip[1], ("`mots` of capacity `r` is not read".to_string(), hint("most")));
        let none = said(&graph(r#""root_eclases": ["x"]"#));
        assert_eq!(none[1], ("`root_eclases` of the e-graph is not read".to_string(), hint("root_eclasses")));
        let renamed = "`root_eclases` is not read; name it `root_eclasses`";
        assert_eq!(none[0], ("the e-graph has no root".to_string(), Some(renamed.to_string())));
        let known = graph(r#""root_eclasses": ["x"], "class_data": {}, "comment": "", "classes": {"x": "T"}"#);
        assert_eq!(said(&known), []);
        let subsumed = said(r#"{"nodes": {"a": {"eclass": "x", "subsumed": true}}, "root_eclasses": ["x"]}"#);
        assert_eq!(subsumed[0].0, "`subsumed` of node `a` is not read");
    }

    #[test]
    fn names_that_are_none_are_told_with_what_may_be_meant() {
        let hint = |json: &str| read_all(json).expect_err(json).0[0].hint.clone().unwrap_or_default();
        let graph = |child: &str, root: &str| {
            format!(
                r#"{{"nodes": {{"add": {{"eclass": "x", "children": ["{child}"]}}, "one": {{"eclass": "y"}}}}, "root_eclasses": [{root}]}}"#
            )
        };
        assert_eq!(hint(&graph("y", r#""x""#)), "`y` is a class; name a node of it, such as `one`");
        assert_eq!(hint(&graph("onee", r#""x""#)), "did you mean `one`?");
        assert_eq!(hint(&graph("one", r#""add""#)), "`add` is a node; its class is `x`");
        assert_eq!(hint(&graph("one", "")), "no other class reads `x`: `\"root_eclasses\": [\"x\"]` asks for it");
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
            ("", "the text ends"),
            ("[]", "a list, where an object with `nodes`"),
            ("{}", "no `nodes`"),
            (r#"{"nodes": {}}"#, "no `root_eclasses`"),
            (r#"{"nodes": {}, "root_eclasses": []}"#, "an empty `root_eclasses`"),
            (r#"{"nodes": {"a": {"children": []}}}"#, "node `a`: `eclass` is missing"),
            (r#"{"nodes": {"a": {"eclass": "x", "eclass": "y"}}}"#, "node `a`: `eclass` is given twice"),
            (r#"{"nodes": {}, "nodes": {}}"#, "`nodes` is given twice"),
            (r#"{"nodes": {"a": {"eclass": "x", "cost": null}}}"#, "node `a`: `cost`: null, where a number belongs"),
            (r#"{"nodes": {"a": {"eclass": "x", "children": ["a"]}}, "root_eclasses": ["x"]}"#, "runs into a cycle"),
            (r#"{"nodes": {"a": {"eclass": "x", "cost": NaN}}, "root_eclasses": ["x"]}"#, "node `a`: `cost`: expected"),
        ] {
            let said = read(json).expect_err(json);
            assert!(said[0].contains(why), "{json}: {said:?}");
        }
    }
}
