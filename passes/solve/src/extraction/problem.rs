//! The extraction problem and its answer, as plain data.

use prism_support::codes::E0702;
use prism_support::{Diagnostic, Diagnostics, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

/// An e-class, by its position in [`Problem::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u32);

/// An e-node of a class, by its position in [`Class::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeIndex(pub u32);

impl ClassId {
    /// The position in a table with one row per class.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl NodeIndex {
    /// The position within the class.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One way to make a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Its own cost, without that of its children: finite and not negative, in any one unit.
    pub cost: f64,
    /// The classes it reads. Naming one twice means the same as once.
    pub children: Vec<ClassId>,
    /// What it takes of each of [`Problem::capacities`], in their order; nothing of those that are left out.
    pub takes: Vec<u64>,
}

impl Node {
    /// A node that takes no room.
    pub fn new(cost: f64, children: Vec<ClassId>) -> Node {
        Node { cost, children, takes: Vec::new() }
    }

    /// What it takes of that capacity.
    pub fn takes(&self, capacity: usize) -> u64 {
        self.takes.get(capacity).copied().unwrap_or(0)
    }
}

/// Something of which there is only so much, such as blocks of weights that a unit stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// What it is called in messages, such as "arrays of mesh".
    pub name: String,
    /// The most that the nodes of a choice may take of it together.
    pub most: u64,
}

/// Values that are equal, made in different ways.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Class {
    /// The ways to make it.
    pub nodes: Vec<Node>,
}

/// An e-graph with costs: pick one node for each class that the roots need, without a cycle, so that
/// the sum of the picked nodes' costs, each counted once, is least.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// All classes.
    pub classes: Vec<Class>,
    /// What has to be made.
    pub roots: Vec<ClassId>,
    /// What the picked nodes together must not take more of than there is.
    pub capacities: Vec<Capacity>,
}

/// How much work [`solve`](super::solve) may spend before it returns its best answer with a bound.
///
/// Only counts, no clock: the same input gives the same answer on every machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Most entries in one table of the elimination.
    pub table_entries: usize,
    /// Most pairs of entries that the elimination of one sub-problem may look at.
    pub table_joins: u64,
    /// Most sub-problems of branch and bound, over the whole run.
    pub branch_nodes: u64,
    /// Most e-nodes of those sub-problems, added up: keeps a large graph from taking long for each.
    pub branch_work: u64,
    /// Most iterations of linear relaxations, each times the factors of its program, over the whole run.
    pub relaxation: u64,
    /// Most times that the e-graph is solved at other prices of its capacities, over all cases.
    pub priced: u64,
    /// Most e-nodes of those solves, added up, beyond the first few.
    pub priced_work: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            table_entries: 2_000,
            table_joins: 10_000_000,
            branch_nodes: 2_000,
            branch_work: 1_200_000,
            relaxation: 3_000_000_000,
            priced: 5_000,
            priced_work: 400_000,
        }
    }
}

/// What the search did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Classes and nodes left after simplification, before any branching.
    pub reduced: (usize, usize),
    /// Independent parts those fell into.
    pub components: usize,
    /// Entries of the largest table.
    pub largest_table: usize,
    /// Pairs of table entries looked at.
    pub joins: u64,
    /// Sub-problems of branch and bound.
    pub branches: u64,
    /// Solves at other prices of the capacities.
    pub priced: u64,
    /// Wall-clock time. The only field that may differ between runs.
    pub time: Duration,
}

/// A choice of one node per used class.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The node of each class; `None` for classes that the roots do not need.
    pub choice: Vec<Option<NodeIndex>>,
    /// Sum of the chosen nodes' costs, each once.
    pub cost: f64,
    /// No solution costs less. Equals `cost` when proven.
    pub bound: f64,
    /// Whether the search ended with `bound == cost` (for [`milp`](super::milp): within its tolerance).
    pub proven: bool,
    /// Which method found it.
    pub method: &'static str,
    /// What the search did.
    pub stats: Stats,
}

impl Problem {
    /// The nodes of a choice.
    pub fn chosen<'a>(&'a self, choice: &'a [Option<NodeIndex>]) -> impl Iterator<Item = &'a Node> {
        self.classes.iter().zip(choice).filter_map(|(class, node)| class.nodes.get((*node)?.index()))
    }

    /// What a choice takes of each capacity.
    pub fn taken(&self, choice: &[Option<NodeIndex>]) -> Vec<u64> {
        let of = |at: usize| self.chosen(choice).fold(0u64, |sum, n| sum.saturating_add(n.takes(at)));
        (0..self.capacities.len()).map(of).collect()
    }

    /// The same with capacities left aside.
    #[cfg(feature = "highs")]
    pub(super) fn uncapped(&self) -> Problem {
        let node = |n: &Node| Node::new(n.cost, n.children.clone());
        let class = |c: &Class| Class { nodes: c.nodes.iter().map(node).collect() };
        Problem { classes: self.classes.iter().map(class).collect(), roots: self.roots.clone(), capacities: Vec::new() }
    }

    /// Whether that much fits.
    pub fn fits(&self, taken: &[u64]) -> bool {
        self.capacities.iter().zip(taken).all(|(capacity, taken)| *taken <= capacity.most)
    }

    /// All problems of the input, with classes called as `name` says.
    ///
    /// # Errors
    /// `E0702`: no roots, amounts of no capacity, a root or child that does not exist, a cost that is negative or not finite, a
    /// class without nodes that a root needs, costs too large to add up, or a root that cannot be made without a cycle.
    pub fn validate(&self, name: &dyn Fn(ClassId) -> String) -> Result<()> {
        let mut problems = Diagnostics::new();
        if u32::try_from(self.classes.len()).is_err() {
            problems.push(Diagnostic::error(&E0702, "the e-graph has more classes than Prism accepts"));
            return Err(problems);
        }
        self.check_fields(name, &mut problems);
        if !problems.has_errors() {
            self.check_total(&mut problems);
            self.check_derivable(name, &mut problems);
        }
        problems.into_result(())
    }

    fn check_fields(&self, name: &dyn Fn(ClassId) -> String, problems: &mut Diagnostics) {
        if self.roots.is_empty() {
            problems.push(
                Diagnostic::error(&E0702, "the e-graph has no root")
                    .found("no roots")
                    .allowed("at least one class that has to be made"),
            );
        }
        let many = |id: ClassId| id.index() >= self.classes.len();
        let allowed = format!("a class from 0 to {}", self.classes.len().saturating_sub(1));
        for root in self.roots.iter().filter(|r| many(**r)) {
            problems.push(
                Diagnostic::error(&E0702, "a root is not in the e-graph")
                    .found(format!("class {}", root.0))
                    .allowed(allowed.clone()),
            );
        }
        for (id, class) in (0u32..).map(ClassId).zip(&self.classes) {
            for (at, node) in class.nodes.iter().enumerate() {
                if !node.cost.is_finite() || node.cost < 0.0 {
                    problems.push(
                        Diagnostic::error(&E0702, format!("node {at} of class `{}` has an unusable cost", name(id)))
                            .found(node.cost.to_string())
                            .allowed("a finite cost, zero or more"),
                    );
                }
                if node.takes.len() > self.capacities.len() {
                    problems.push(
                        Diagnostic::error(
                            &E0702,
                            format!("node {at} of class `{}` takes of what there is not", name(id)),
                        )
                        .found(format!("{} amounts", node.takes.len()))
                        .allowed(format!("one for each of {} capacities", self.capacities.len())),
                    );
                }
                if let Some(child) = node.children.iter().find(|c| many(**c)) {
                    problems.push(
                        Diagnostic::error(&E0702, format!("node {at} of class `{}` reads a missing class", name(id)))
                            .found(format!("class {}", child.0))
                            .allowed(allowed.clone()),
                    );
                }
            }
        }
    }

    /// Costs whose sum is not a number could not be compared.
    fn check_total(&self, problems: &mut Diagnostics) {
        let dearest = |class: &Class| class.nodes.iter().map(|n| n.cost).fold(0.0, f64::max);
        if !self.classes.iter().map(dearest).sum::<f64>().is_finite() {
            problems.push(
                Diagnostic::error(&E0702, "the costs of the e-graph are too large to add up")
                    .allowed(format!("costs that sum to less than {:e}", f64::MAX))
                    .hint("state them in a larger unit"),
            );
        }
    }

    /// Reports each class that stops a root from being made: an empty one, or one of a cycle without exit.
    fn check_derivable(&self, name: &dyn Fn(ClassId) -> String, problems: &mut Diagnostics) {
        let derivable = self.derivable();
        let mut seen = vec![false; self.classes.len()];
        let mut work: Vec<ClassId> =
            self.roots.iter().copied().filter(|r| !derivable.get(r.index()).copied().unwrap_or(true)).collect();
        work.sort_unstable();
        work.dedup();
        let roots = work.clone();
        let mut empty = Vec::new();
        while let Some(id) = work.pop() {
            if std::mem::replace(&mut seen[id.index()], true) {
                continue;
            }
            let nodes = &self.classes[id.index()].nodes;
            if nodes.is_empty() {
                empty.push(id);
            }
            work.extend(nodes.iter().flat_map(|n| &n.children).copied().filter(|c| !derivable[c.index()]));
        }
        empty.sort_unstable();
        let missing: Vec<String> = empty.iter().take(3).map(|c| format!("`{}`", name(*c))).collect();
        let allowed = "a choice of nodes without a cycle";
        if let ([root, others @ ..], false) = (&roots[..], empty.is_empty()) {
            let others = if others.is_empty() { String::new() } else { format!(", and {} others,", others.len()) };
            problems.push(
                Diagnostic::error(&E0702, format!("class `{}`{others} cannot be made", name(*root)))
                    .found(format!(
                        "it needs classes without nodes: {}{}",
                        missing.join(", "),
                        match empty.len() - missing.len() {
                            0 => String::new(),
                            more => format!(" and {more} more"),
                        }
                    ))
                    .allowed(allowed),
            );
            return;
        }
        problems.0.extend(roots.iter().map(|root| {
            let cycle = cycle_told(&self.cycle(*root, &derivable), name);
            Diagnostic::error(&E0702, format!("class `{}` cannot be made", name(*root)))
                .found(format!("every choice of nodes for it runs into a cycle, such as {cycle}"))
                .allowed(allowed)
                .hint("one of these needs a node that reads none of the others")
        }));
    }

    /// A cycle that making a class which is not derivable runs into.
    fn cycle(&self, from: ClassId, derivable: &[bool]) -> Vec<ClassId> {
        let next = |id: ClassId| {
            let node = self.classes.get(id.index())?.nodes.first()?;
            node.children.iter().copied().find(|c| !derivable.get(c.index()).copied().unwrap_or(true))
        };
        let (mut seen, mut path, mut at) = (BTreeMap::new(), Vec::new(), from);
        while let Entry::Vacant(first) = seen.entry(at) {
            first.insert(path.len());
            path.push(at);
            let Some(next) = next(at) else { break };
            at = next;
        }
        path.split_off(seen.get(&at).copied().unwrap_or(0))
    }

    /// Which classes can be made at all without a cycle.
    pub(super) fn derivable(&self) -> Vec<bool> {
        let mut users: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.classes.len()];
        let mut missing: Vec<Vec<usize>> = Vec::with_capacity(self.classes.len());
        let mut done = vec![false; self.classes.len()];
        let mut ready = Vec::new();
        for (c, class) in self.classes.iter().enumerate() {
            missing.push(class.nodes.iter().map(|n| n.children.len()).collect());
            for (n, node) in class.nodes.iter().enumerate() {
                node.children.iter().for_each(|k| users[k.index()].push((c, n)));
                if node.children.is_empty() {
                    ready.push(c);
                }
            }
        }
        while let Some(c) = ready.pop() {
            if std::mem::replace(&mut done[c], true) {
                continue;
            }
            for &(user, n) in &users[c] {
                missing[user][n] -= 1;
                if missing[user][n] == 0 {
                    ready.push(user);
                }
            }
        }
        done
    }
}

/// A cycle in words, the middle of a long one left out.
fn cycle_told(cycle: &[ClassId], name: &dyn Fn(ClassId) -> String) -> String {
    let called = |c: &ClassId| format!("`{}`", name(*c));
    let names: Vec<String> = cycle.iter().take(5).map(called).collect();
    let back = cycle.first().map(called).unwrap_or_default();
    let more = match cycle.len().saturating_sub(names.len()) {
        0 => String::new(),
        more => format!("{more} more, of which the last one reads "),
    };
    format!("{}, which reads {more}{back}", names.join(", which reads "))
}
