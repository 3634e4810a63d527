//! Rounds of rules: algebra until nothing is new, realisations until nothing is asked for.

use super::graph::Graph;
use super::language::Node;
use super::rules::{Machine, Rule};
use egg::Id;
use prism_dialects::Loc;
use std::collections::BTreeMap;

/// Why a phase stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No rule found anything new.
    Saturated,
    /// The rounds ran out.
    Iterations,
    /// The nodes ran out.
    Nodes,
}

impl Stop {
    /// As in the report.
    pub fn name(self) -> &'static str {
        match self {
            Stop::Saturated => "saturated",
            Stop::Iterations => "iteration limit",
            Stop::Nodes => "node limit",
        }
    }
}

/// E-nodes that algebra may add to the smallest program, so that the growth limit leaves small programs alone.
const SLACK: usize = 1000;

/// Limits of one phase.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rounds.
    pub iterations: usize,
    /// E-nodes.
    pub nodes: usize,
    /// E-nodes as a multiple of those at the start, beyond [`SLACK`].
    pub growth: usize,
}

/// What happened in one phase.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why it stopped.
    pub stop: Stop,
    /// Rounds run.
    pub iterations: usize,
    /// Unions made.
    pub unions: u64,
    /// New equalities by rule, by name.
    pub by_rule: BTreeMap<&'static str, u64>,
}

/// Runs the algebra rules until nothing changes or a limit is met. Limits are checked at every match, not once a round.
pub fn rewrite(graph: &mut Graph, machine: &Machine<'_>, rules: &[&Rule], limits: Limits) -> Outcome {
    let mut out = Outcome { stop: Stop::Iterations, iterations: 0, unions: 0, by_rule: BTreeMap::new() };
    let most = limits.nodes.min(graph.size().saturating_mul(limits.growth).saturating_add(SLACK));
    while out.iterations < limits.iterations {
        out.iterations += 1;
        let before = out.unions;
        let size = graph.egraph.total_number_of_nodes();
        for rule in rules {
            if !apply_everywhere(graph, machine, rule, most, &mut out) {
                out.stop = Stop::Nodes;
                graph.egraph.rebuild();
                return out;
            }
        }
        graph.egraph.rebuild();
        if out.unions == before && graph.egraph.total_number_of_nodes() == size {
            out.stop = Stop::Saturated;
            return out;
        }
    }
    out
}

/// Tries one rule on all its matches; false when the node limit is met.
fn apply_everywhere(
    graph: &mut Graph,
    machine: &Machine<'_>,
    rule: &Rule,
    max_nodes: usize,
    out: &mut Outcome,
) -> bool {
    for def in (rule.roots)().into_iter().filter_map(prism_dialects::registry::find) {
        for class in graph.classes_of(def) {
            for node in graph.nodes_of(class, def.name) {
                let loc = graph.loc(class).by_rule(rule.name);
                if !join(graph, machine, rule, (class, &node), &loc, out) {
                    return false;
                }
                if graph.egraph.total_number_of_nodes() > max_nodes {
                    return false;
                }
            }
        }
    }
    true
}

/// Realises every view that is asked for, and the views that those ask for, until none is left. A view's realisations
/// depend on its maths class alone, which these rules do not change: once per view is enough, in one round. It ends by
/// itself, with nodes in proportion to the maths; stopping before would leave tensors that nothing makes.
pub fn realise(graph: &mut Graph, machine: &Machine<'_>, rules: &[&Rule]) -> Outcome {
    let mut out = Outcome { stop: Stop::Saturated, iterations: 1, unions: 0, by_rule: BTreeMap::new() };
    while let Some((class, node)) = graph.next_asked() {
        // What a view costs is booked under the tensor it is a view of.
        let loc = graph.loc(node.children[0]);
        for rule in rules {
            graph.realising = Some(rule.name);
            if !join(graph, machine, rule, (class, &node), &loc, &mut out) {
                return out;
            }
        }
    }
    graph.realising = None;
    graph.egraph.rebuild();
    out
}

/// Joins to `class` what `rule` finds equal to it, starting from `node`, and what it finds equal besides; false where that was found
/// to be wrong.
fn join(
    graph: &mut Graph,
    machine: &Machine<'_>,
    rule: &Rule,
    (class, node): (Id, &Node),
    loc: &Loc,
    out: &mut Outcome,
) -> bool {
    let found = (rule.apply)(graph, machine, class, node, loc);
    let besides = std::mem::take(&mut graph.besides);
    for pair in found.into_iter().map(|equal| (class, equal)).chain(besides) {
        if let Some(mut check) = graph.check.take() {
            let agree = check.agree(graph, rule, pair, loc);
            graph.check = Some(check);
            if !agree {
                return false;
            }
        }
        if graph.egraph.union(pair.0, pair.1) {
            out.unions += 1;
            *out.by_rule.entry(rule.name).or_default() += 1;
        }
    }
    true
}
