//! Reads e-graphs in the egraph-serialize format, for tests and measurements.

use prism_solve::extraction::{Class, ClassId, Node, Problem};
use serde_json::Value;
use std::collections::BTreeMap;

/// The problem in `text`: a child names a node but means its class, a missing cost is 1.
pub(crate) fn gym(text: &str) -> Problem {
    let json: Value = serde_json::from_str(text).expect("JSON");
    let nodes = json["nodes"].as_object().expect("nodes");
    let class_of = |node: &str| nodes[node]["eclass"].as_str().expect("eclass").to_owned();
    let mut ids: BTreeMap<String, u32> = BTreeMap::new();
    for node in nodes.keys() {
        let next = ids.len() as u32;
        ids.entry(class_of(node)).or_insert(next);
    }
    let mut problem = Problem { classes: vec![Class::default(); ids.len()], roots: Vec::new() };
    for (name, node) in nodes {
        let children = node["children"].as_array().map(Vec::as_slice).unwrap_or_default();
        problem.classes[ids[&class_of(name)] as usize].nodes.push(Node {
            cost: node["cost"].as_f64().unwrap_or(1.0),
            children: children.iter().map(|k| ClassId(ids[&class_of(k.as_str().expect("child"))])).collect(),
        });
    }
    let roots = json["root_eclasses"].as_array().expect("roots");
    problem.roots = roots.iter().map(|r| ClassId(ids[r.as_str().expect("root")])).collect();
    problem
}
