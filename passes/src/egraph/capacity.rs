//! What only so much of a plan can take: blocks of weights that units store.

use super::extract::{Encoded, class_name};
use super::rules::hold::ARRAYS;
use prism_dialects::{Attr, Attrs, Body, Op};
use prism_hardware::Target;
use prism_solve::extraction::{self, Capacity, Class, ClassId, Limits, Node, NodeIndex, Problem, Solution};
use prism_support::codes::E0709;
use prism_support::{Diagnostic, Diagnostics, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Attribute of a function: by unit, the blocks that weights `taken` and those there `are`.
pub const HELD: &str = "stack.held";

/// The blocks that each unit stores, by name, as `saturate` wrote them.
fn arrays(body: &Body) -> BTreeMap<&str, u64> {
    let units = body.attrs.get(ARRAYS).and_then(Attr::as_dict);
    let blocks = |n: &Attr| n.as_int().and_then(|n| u64::try_from(n).ok());
    units.into_iter().flatten().filter_map(|(unit, n)| Some((unit.as_str(), blocks(n)?))).collect()
}

fn called(unit: &str) -> String {
    format!("arrays of {unit}")
}

/// The capacities of a segment.
pub(super) fn of(body: &Body) -> Vec<Capacity> {
    arrays(body).into_iter().map(|(unit, most)| Capacity { name: called(unit), most }).collect()
}

/// The unit and the blocks of it that an operation takes.
fn taken(op: &Op) -> Option<(&str, u64)> {
    let unit = op.attr("unit").filter(|_| op.name() == "ptu.hold")?.as_str()?;
    Some((unit, u64::try_from(op.attr("blocks")?.as_int()?).ok()?))
}

/// What an operation takes of each capacity of `problem`.
pub(super) fn takes(op: &Op, problem: &Problem) -> Vec<u64> {
    let Some((unit, blocks)) = taken(op) else { return Vec::new() };
    let of = |c: &Capacity| if c.name == called(unit) { blocks } else { 0 };
    problem.capacities.iter().map(of).collect()
}

/// By unit the blocks that the operations of an assignment take.
fn sums(body: &Body) -> BTreeMap<&str, u64> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (unit, blocks) in body.ops.iter().filter_map(taken) {
        let sum = sums.entry(unit).or_default();
        *sum = sum.saturating_add(blocks);
    }
    sums
}

/// By unit the blocks that an assignment takes and those there are, recounted from its operations; `None` where no unit says.
pub fn held(body: &Body) -> Option<Attr> {
    let (arrays, mut sums) = (arrays(body), sums(body));
    for unit in arrays.keys() {
        sums.entry(unit).or_default();
    }
    let count = |n: u64| Attr::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let entry = |(unit, taken): (&str, u64)| {
        let there = arrays.get(unit).copied().unwrap_or(0);
        let fields = [("taken".to_string(), count(taken)), ("are".to_string(), count(there))];
        (unit.to_string(), Attr::dict(Attrs::from(fields)))
    };
    let units: Attrs = sums.into_iter().map(entry).collect();
    (!units.is_empty()).then_some(Attr::dict(units))
}

/// Refuses an assignment whose weights take more blocks than `target` says there are: text that was edited may hold more.
///
/// # Errors
/// [`E0709`] for each unit.
pub fn check(body: &Body, target: &Target) -> Result<()> {
    let mut problems = Diagnostics::new();
    for (unit, taken) in sums(body) {
        let there = target.photonic_unit(unit).and_then(|u| u.arrays).unwrap_or(0);
        if taken > there {
            problems.push(
                Diagnostic::error(
                    &E0709,
                    format!("weights of `@{}` do not fit into the arrays of `{unit}`", body.name),
                )
                .found(format!("{taken} blocks"))
                .allowed(format!("at most {there}")),
            );
        }
    }
    problems.into_result(())
}

/// The least choice that keeps the capacities.
///
/// # Errors
/// [`E0709`] where there is none, with what would do.
pub(super) fn solve(body: &Body, encoded: &Encoded) -> Result<Solution> {
    extraction::solve(&encoded.problem, &Limits::default()).map_err(|found| explained(body, encoded, found))
}

/// What was found, where that is that nothing fits as something to type.
fn explained(body: &Body, encoded: &Encoded, found: Diagnostics) -> Diagnostics {
    match found.0.first() {
        Some(d) if d.code.name == E0709.name => nearest(body, encoded, found),
        _ => found,
    }
}

/// What is needed at least of each capacity of which there is too little, as something to type.
fn nearest(body: &Body, encoded: &Encoded, found: Diagnostics) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for (at, (unit, most)) in arrays(body).into_iter().enumerate() {
        let Some((needed, sure, taker)) = least(encoded, at).filter(|(needed, ..)| *needed > most) else { continue };
        let what = format!("no plan of `@{}` fits its weights into the arrays of `{unit}`", body.name);
        let least = if sure { "at least" } else { "as far as is known" };
        let mut d = Diagnostic::error(&E0709, what)
            .found(format!("{needed} blocks needed {least}"))
            .allowed(format!("at most {most}"));
        if let Some(class) = taker {
            d = d.note(format!("only that unit makes what needs {}", class_name(body, encoded, class)));
        }
        problems.push(d.hint(format!("`--set photonic.{unit}.arrays={needed}` is the nearest that can be met")));
    }
    if problems.has_errors() { problems } else { found }
}

/// The least that a choice takes of a capacity, whether that is proven, and the class that takes most of it.
fn least(encoded: &Encoded, at: usize) -> Option<(u64, bool, Option<ClassId>)> {
    let problem = &encoded.problem;
    let node = |n: &Node| Node::new(n.takes(at) as f64, n.children.clone());
    let class = |c: &Class| Class { nodes: c.nodes.iter().map(node).collect() };
    let free = Problem {
        classes: problem.classes.iter().map(class).collect(),
        roots: problem.roots.clone(),
        capacities: Vec::new(),
    };
    let solution = extraction::solve(&free, &Limits::default()).ok()?;
    let needed = problem.taken(&solution.choice).get(at).copied()?;
    let takes = |(c, n): (u32, &Option<NodeIndex>)| {
        let node = problem.classes.get(c as usize)?.nodes.get((*n)?.index())?;
        Some((node.takes(at), ClassId(c))).filter(|(takes, _)| *takes > 0)
    };
    let most =
        (0u32..).zip(&solution.choice).filter_map(takes).max_by_key(|(takes, c)| (*takes, std::cmp::Reverse(c.0)));
    Some((needed, solution.proven, most.map(|(_, c)| c)))
}

/// The nodes of a choice that take room.
fn taking(encoded: &Encoded, choice: &[Option<NodeIndex>]) -> BTreeSet<(usize, usize)> {
    let classes = encoded.problem.classes.iter().zip(choice).enumerate();
    let taking = classes.filter_map(|(c, (class, chosen))| {
        let at = (*chosen)?.index();
        class.nodes.get(at)?.takes.iter().any(|t| *t > 0).then_some((c, at))
    });
    taking.collect()
}

/// The e-graph with those taking nodes alone.
fn restricted(encoded: &Encoded, taken: &BTreeSet<(usize, usize)>) -> Encoded {
    let mut less = encoded.clone();
    for (c, (class, ops)) in less.problem.classes.iter_mut().zip(&mut less.ops).enumerate() {
        let stays = |(n, node): (usize, &Node)| node.takes.iter().all(|t| *t == 0) || taken.contains(&(c, n));
        let stays: Vec<bool> = class.nodes.iter().enumerate().map(stays).collect();
        let mut keep = stays.iter();
        class.nodes.retain(|_| keep.next().copied().unwrap_or(true));
        let mut keep = stays.iter();
        ops.retain(|_| keep.next().copied().unwrap_or(true));
    }
    less
}

/// The choice of an e-graph with fewer nodes as one of the whole.
pub(super) fn lifted(less: &Encoded, whole: &Encoded, choice: &[Option<NodeIndex>]) -> Vec<Option<NodeIndex>> {
    let place = |(class, chosen): (usize, &Option<NodeIndex>)| {
        let op = less.ops.get(class)?.get((*chosen)?.index())?;
        let at = whole.ops.get(class)?.iter().position(|o| o == op)?;
        u32::try_from(at).ok().map(NodeIndex)
    };
    choice.iter().enumerate().map(place).collect()
}

/// Solves for what is looked at on the way to plans that are compared by other means.
const ON_THE_WAY: u64 = 60;

/// Weights that are worth holding.
#[derive(Default)]
pub(super) struct Study {
    /// E-graphs with nodes that fit together alone: those of the least energy, and those of the least sum of latencies. Each once.
    pub(super) sets: Vec<Encoded>,
    /// No choice that keeps the capacities takes less, joules.
    pub(super) least_energy: f64,
}

impl Study {
    /// Of the e-graph `encoded`, with energies and with latencies as its costs.
    pub(super) fn of(body: &Body, encoded: &Encoded, [energy, latency]: [&Encoded; 2]) -> Result<Study> {
        let limits = Limits { priced: ON_THE_WAY, ..Limits::default() };
        let solve = |e: &Encoded| extraction::solve(&e.problem, &limits).map_err(|found| explained(body, e, found));
        let (least, soonest) = (solve(energy)?, solve(latency)?);
        let mut choices = vec![taking(encoded, &least.choice)];
        let other = taking(encoded, &soonest.choice);
        if !choices.contains(&other) {
            choices.push(other);
        }
        let sets = choices.iter().map(|taken| restricted(encoded, taken)).collect();
        Ok(Study { sets, least_energy: least.bound })
    }
}
