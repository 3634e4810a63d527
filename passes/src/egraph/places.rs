//! Which tensors stay on chip, and which lie off chip and stream through it.
//!
//! A working memory with a capacity cannot hold everything. Before anything is priced the program is walked once in its own
//! order; whenever the results alive pass the budget, the largest of them is put off chip for good. What is off chip is read
//! and written block by block while its makers and readers run, so it takes no room. `schedule` then keeps to an order that
//! fits. The choice is made before extraction, so extraction is exact for this choice; the report says so.

use super::graph::Graph;
use super::language::{Head, Node};
use super::price;
use egg::Id;
use prism_dialects::{Attr, Attrs, Body, Level, TensorType, ValueId};
use prism_hardware::{Location, Target};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// Attribute of a body whose results were said to fit on chip whatever the machine says.
pub const UNBOUNDED: &str = "stack.unbounded";

/// Attribute of a body that says what was decided: `resident_share`, and how many results were `spilled`.
pub const PLACES: &str = "stack.places";

/// What the command line says stays on chip whatever the machine says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnChip {
    /// Nothing.
    #[default]
    None,
    /// The cache of keys and values: inputs that a result extends, and those results.
    Kv,
    /// That and every result, as if the working memory had no end.
    All,
}

impl OnChip {
    /// The option of that word.
    pub fn parse(word: &str) -> OnChip {
        match word {
            "kv" => OnChip::Kv,
            "all" => OnChip::All,
            _ => OnChip::None,
        }
    }
}

/// Where tensors lie, by class of maths.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Bytes of the working memory that results may take; `None` when it has no end.
    budget: Option<f64>,
    /// Results that lie off chip.
    spilled: FxHashSet<Id>,
    /// Inputs that are on chip already, and results that stay there.
    kept: FxHashSet<Id>,
    /// Results that extend an input which nothing else extends: they may grow in place.
    extended: FxHashSet<Id>,
}

impl Places {
    /// The places of the tensors of `body`, whose values have the classes `values`. `share` of the working memory may be
    /// taken by results.
    pub fn of(
        body: &Body,
        values: &[Option<Id>],
        graph: &Graph,
        target: &Target,
        on_chip: OnChip,
        share: f64,
    ) -> Places {
        let capacity = target.memories.get(target.placement.working).and_then(|m| m.capacity);
        let limited = capacity.filter(|c| c.0.is_finite() && on_chip != OnChip::All);
        let budget = limited.map(|c| c.0 * share);
        let class = |v: &ValueId| values.get(v.index()).copied().flatten().map(|id| graph.egraph.find(id));
        let extended = extended(body).iter().filter_map(class).collect();
        let mut places = Places { budget, extended, ..Places::default() };
        if on_chip != OnChip::None {
            places.kept = caches(body).iter().filter_map(class).collect();
        }
        if let Some(budget) = budget {
            places.spilled = spilled(body, target, budget).iter().filter_map(class).collect();
        }
        places
    }

    /// What was decided, where the working memory has an end.
    pub fn facts(&self, share: f64) -> Option<Attr> {
        self.budget?;
        let spilled = self.spilled.difference(&self.kept).count();
        Some(Attr::dict(Attrs::from([
            ("resident_share".to_string(), Attr::float(share)),
            ("spilled".to_string(), Attr::Int(i64::try_from(spilled).unwrap_or(i64::MAX))),
        ])))
    }

    /// Whether a result lies off chip.
    pub fn is_spilled(&self, graph: &Graph, target: &Target, class: Id) -> bool {
        let class = graph.egraph.find(class);
        let large = || self.is_large(target, &graph.tensor(class));
        !self.kept.contains(&class) && (self.spilled.contains(&class) || large()) && !is_picked(graph, class)
    }

    /// Whether an input is on chip already, or a result stays there.
    pub fn is_kept(&self, graph: &Graph, class: Id) -> bool {
        self.kept.contains(&graph.egraph.find(class))
    }

    /// Whether a result extends an input that nothing else extends.
    pub fn is_extended(&self, graph: &Graph, class: Id) -> bool {
        self.extended.contains(&graph.egraph.find(class))
    }

    /// Whether a tensor has no room on chip as a whole.
    pub fn is_large(&self, target: &Target, tensor: &TensorType) -> bool {
        self.budget.is_some_and(|budget| price::bytes(target, tensor) > budget)
    }

    /// Where an operand lies when it is not brought on chip as a whole; `None` when it is. A product streams weights where
    /// the target says so, whatever their size.
    pub fn streamed(&self, graph: &Graph, target: &Target, class: Id, by_product: bool) -> Option<Location> {
        let large = self.is_large(target, &graph.tensor(class));
        if lies_with_weights(graph, class) {
            let streams = target.placement.streams_weights && by_product;
            return (large || streams).then_some(Location::Parameters);
        }
        if graph.egraph[class].iter().any(|n| matches!(n.head, Head::Arg(_))) {
            return (large && !self.is_kept(graph, class)).then_some(Location::Inputs);
        }
        self.is_spilled(graph, target, class).then_some(Location::Results)
    }
}

/// Whether a tensor is matrices of a weight, picked while the model runs, such as those of the experts that were chosen. They
/// are where the weight is; what reads them follows the indices.
pub fn is_picked(graph: &Graph, class: Id) -> bool {
    let from_weights = |n: &Node| {
        let along = graph.attrs(n).get("axis").and_then(Attr::as_int);
        along == Some(0) && graph.is_offline(n.children[0]) && graph.tensor(n.children[0]).rank() > 2
    };
    graph.nodes_of(class, "nn.gather").iter().any(from_weights)
}

/// Whether a tensor is made of weights alone, or matrices of one.
pub fn lies_with_weights(graph: &Graph, class: Id) -> bool {
    graph.is_offline(class) || is_picked(graph, class)
}

/// The same of the values of a program.
pub fn with_weights(body: &Body) -> Vec<bool> {
    let offline = offline(body);
    let mut out = offline.clone();
    for op in body.ops.iter().filter(|op| op.name() == "nn.gather" && op.attr("axis") == Some(&Attr::Int(0))) {
        let table = op.operands.first().filter(|v| offline[v.index()]).and_then(|v| body.ty(*v).tensor());
        if table.is_some_and(|t| t.rank() > 2) {
            op.results.iter().for_each(|r| out[r.index()] = true);
        }
    }
    out
}

/// Inputs that a result extends along an axis, and those results: caches of keys and values.
fn caches(body: &Body) -> BTreeSet<ValueId> {
    let is_arg = |v: &ValueId| body.args.contains(v);
    let mut found = BTreeSet::new();
    for op in body.ops.iter().filter(|op| op.name() == "nn.concat") {
        let inputs: Vec<ValueId> = op.operands.iter().copied().filter(is_arg).collect();
        let result = op.result().filter(|r| body.results.contains(r));
        if let (false, Some(result)) = (inputs.is_empty(), result) {
            found.extend(inputs);
            found.insert(result);
        }
    }
    if body.args.iter().any(|a| found.contains(a)) {
        return found;
    }
    // A prompt makes its cache: float results beside the last one, which are the numbers the model is run for.
    let others = body.results.iter().filter(|r| body.ty(**r).tensor().is_some_and(|t| t.rank() == 4));
    found.extend(others);
    found
}

/// Results that are an input with something behind it, where the input is not extended twice and not given back itself.
fn extended(body: &Body) -> BTreeSet<ValueId> {
    let mut by_input: std::collections::BTreeMap<ValueId, Vec<ValueId>> = std::collections::BTreeMap::new();
    for op in body.ops.iter().filter(|op| op.name() == "nn.concat") {
        if let ([input, _], Some(result)) = (op.operands.as_slice(), op.result())
            && body.args.contains(input)
        {
            by_input.entry(*input).or_default().push(result);
        }
    }
    let once = by_input.into_iter().filter(|(input, results)| results.len() == 1 && !body.results.contains(input));
    once.flat_map(|(_, results)| results).filter(|r| body.results.contains(r)).collect()
}

/// Results that lie off chip so that those alive at any time take at most `budget` bytes.
fn spilled(body: &Body, target: &Target, budget: f64) -> Vec<ValueId> {
    let offline = with_weights(body);
    let mut last_use = vec![0usize; body.types.len()];
    for (i, op) in body.ops.iter().enumerate() {
        for v in &op.operands {
            last_use[v.index()] = i;
        }
    }
    let mut alive: Vec<(ValueId, f64)> = Vec::new();
    let mut out = Vec::new();
    for (i, op) in body.ops.iter().enumerate() {
        alive.retain(|(v, _)| last_use[v.index()] >= i);
        if let Some(result) = op.result().filter(|r| op.def.level == Level::Nn && !offline[r.index()])
            && let Some(tensor) = body.ty(result).tensor()
        {
            alive.push((result, price::bytes(target, tensor)));
        }
        while alive.iter().map(|(_, b)| b).sum::<f64>() > budget {
            // The largest, and of equal ones the one that is needed last.
            let key = |(v, bytes): &(ValueId, f64)| (*bytes, last_use[v.index()]);
            let largest = (0..alive.len()).max_by(|a, b| {
                let (x, y) = (key(&alive[*a]), key(&alive[*b]));
                x.0.total_cmp(&y.0).then(x.1.cmp(&y.1))
            });
            let Some(largest) = largest else { break };
            out.push(alive.swap_remove(largest).0);
        }
    }
    out
}

/// Values made of weights and constants alone.
pub fn offline(body: &Body) -> Vec<bool> {
    let mut offline = vec![false; body.types.len()];
    for op in &body.ops {
        let all = op.operands.iter().all(|v| offline[v.index()]);
        for r in &op.results {
            offline[r.index()] = all && op.def.level == Level::Nn;
        }
    }
    offline
}
