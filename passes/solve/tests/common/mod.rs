//! Reads e-graphs in the egraph-serialize format, for tests and measurements.

use prism_solve::extraction::{Class, ClassId, Node, Problem};
use prism_solve::serialized::Serialized;
use serde_json::Value;
use std::path::Path;

/// The problem in `text`.
pub(crate) fn gym(text: &str) -> Problem {
    let json: Value = serde_json::from_str(text).expect("JSON");
    if let Some(classes) = json["classes"].as_array() {
        return compact(classes, &json["roots"]);
    }
    Serialized::read(Path::new("graph.json"), text.as_bytes()).expect("an e-graph").problem
}

/// The problem in the compact form that `tests/data/README.md` describes.
fn compact(classes: &[Value], roots: &Value) -> Problem {
    let array = |v: &Value| v.as_array().expect("a list").clone();
    let id = |v: &Value| ClassId(u32::try_from(v.as_u64().expect("a number")).expect("a class"));
    let node = |v: &Value| {
        let fields = array(v);
        Node::new(fields[0].as_f64().expect("a cost"), fields[1..].iter().map(id).collect())
    };
    let class = |v: &Value| Class { nodes: array(v).iter().map(node).collect() };
    Problem {
        classes: classes.iter().map(class).collect(),
        roots: array(roots).iter().map(id).collect(),
        ..Problem::default()
    }
}

/// A chain of `layers` dense layers with a residual stream. Each tensor has a digital, a light and an
/// off-chip view with conversions both ways, and a relay through memory; each product eight near-equal
/// realisations. `heads` equal branches run side by side in a layer and are joined in one domain.
pub(crate) fn dense_chain(layers: usize, heads: usize, seed: u64) -> Problem {
    let mut chain = Chain { problem: Problem::default(), random: seed };
    let mut x = chain.tensor(&[(0, 0.0, vec![])]);
    for _ in 0..layers {
        let outputs: Vec<[u32; 3]> = (0..heads).map(|_| chain.dense(x)).collect();
        let all = |view: usize| outputs.iter().map(|y| y[view]).collect::<Vec<u32>>();
        let joined = chain.tensor(&[(0, 0.1, all(0)), (1, 0.1, all(1))]);
        let (low, high) = (chain.cost(1.0), chain.cost(1.5));
        let sum = chain.tensor(&[(0, low, vec![x[0], joined[0]]), (1, high, vec![x[1], joined[1]])]);
        x = sum;
    }
    chain.problem.roots = vec![ClassId(x[0])];
    chain.problem
}

struct Chain {
    problem: Problem,
    random: u64,
}

impl Chain {
    /// About `about`, a few percent up or down.
    fn cost(&mut self, about: f64) -> f64 {
        self.random = self.random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        about * (1.0 + 0.05 * ((self.random >> 33) as f64 / f64::from(1u32 << 31) - 0.5))
    }

    fn class(&mut self, nodes: &[(f64, Vec<u32>)]) -> u32 {
        let node = |(cost, children): &(f64, Vec<u32>)| Node {
            takes: Vec::new(),
            cost: *cost,
            children: children.iter().map(|c| ClassId(*c)).collect(),
        };
        self.problem.classes.push(Class { nodes: nodes.iter().map(node).collect() });
        self.problem.classes.len() as u32 - 1
    }

    /// Digital, light and off-chip views, made as listed (view, cost, children) or converted.
    fn tensor(&mut self, made: &[(usize, f64, Vec<u32>)]) -> [u32; 3] {
        let e = self.problem.classes.len() as u32;
        let (encode, detect, load, store) = (self.cost(0.5), self.cost(0.5), self.cost(0.3), self.cost(0.3));
        let views = [vec![(detect, vec![e + 1]), (load, vec![e + 2])], vec![(encode, vec![e])], vec![(store, vec![e])]];
        for (view, mut nodes) in views.into_iter().enumerate() {
            nodes.extend(made.iter().filter(|m| m.0 == view).map(|m| (m.1, m.2.clone())));
            self.class(&nodes);
        }
        [e, e + 1, e + 2]
    }

    /// A product with a weight and an activation.
    fn dense(&mut self, x: [u32; 3]) -> [u32; 3] {
        let weight = self.class(&[(0.0, vec![])]);
        let (load, program) = (self.cost(1.0), self.cost(1.2));
        let (chip, mesh) = (self.class(&[(load, vec![weight])]), self.class(&[(program, vec![weight])]));
        let mut ways = Vec::new();
        for _ in 0..4 {
            ways.push((1, self.cost(3.0), vec![x[1], mesh]));
            ways.push((0, self.cost(4.0), vec![x[0], chip]));
        }
        ways.push((0, self.cost(3.5), vec![x[1], mesh]));
        ways.push((0, self.cost(3.6), vec![x[0], weight]));
        let y = self.tensor(&ways);
        let (digital, light) = (self.cost(0.5), self.cost(0.8));
        self.tensor(&[(0, digital, vec![y[0]]), (1, light, vec![y[1]])])
    }
}
