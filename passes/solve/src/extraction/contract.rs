//! Elimination: joins the factors of a component two by two until one entry is left, the optimum.
//!
//! This is min-plus bucket elimination (Dechter, Artificial Intelligence 113, 1999) over choices instead
//! of all assignments. The time is governed by the cuts of the e-graph: a chain of layers is linear.

use super::factor::{self, Bits, Budget, Entry, Factor, SCOPE, Traces, cyclic_positions};
use super::work::{Picks, Work};
use std::collections::BTreeSet;

/// How an elimination ended.
pub(super) enum Outcome {
    /// The best choice and its cost.
    Best(f64, Picks),
    /// No choice is better than the one at hand (or there is none at all).
    Nothing,
    /// The budget ended; deciding this class would have helped most.
    Stuck(u32),
}

/// What an elimination may look at, and what it did.
pub(super) struct Effort {
    /// See [`Budget`].
    pub(super) budget: Budget,
    /// Entries of the largest table.
    pub(super) largest: usize,
}

/// Users of a class are tried in pairs only where it has at most this many; more are joined to its maker.
const CLOSE_USERS: usize = 8;

/// Classes of a strongly connected component up to which they are taken for views of one tensor.
const VIEWS: usize = 12;

/// The order in which tables were joined, by a class of `work` each, and the groups among which cycles were watched for.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// Pairs; the joined table goes by the first.
    pub(super) order: Vec<(u32, u32)>,
    /// The strongly connected component of each class.
    pub(super) groups: Vec<u32>,
}

/// Solves a connected component. `reduced[c][n]` is the reduced cost of node `n` of class `c`.
pub(super) fn contract(work: &Work, reduced: &[Vec<f64>], effort: &mut Effort) -> (Outcome, Trail) {
    let mut network = match Network::new(work, reduced) {
        Ok(network) => network,
        Err(class) => return (Outcome::Stuck(class), Trail::default()),
    };
    let mut order = Vec::new();
    while let Some((score, f, g)) = network.queue.pop_first() {
        if network.factors[f].is_none() || network.factors[g].is_none() {
            continue;
        }
        let now = network.score(f, g);
        if now != score {
            network.queue.insert((now, f, g));
            continue;
        }
        // A scope that is too wide now may be narrow enough once one of the two has been joined elsewhere,
        // which queues the pair again.
        if network.too_wide(f, g) {
            continue;
        }
        order.push((f as u32, g as u32));
        if let Err(class) = network.merge(f, g, effort) {
            return (Outcome::Stuck(class), Trail::default());
        }
    }
    let groups = network.component.clone();
    (network.finish(), Trail { order, groups })
}

/// How soon to join two factors: views of one tensor first, as together they have few ways worth keeping;
/// then by how often the larger table could double, less the classes forgotten; then by number of pairs.
type Score = (u8, i32, u64);

struct Network {
    factors: Vec<Option<Factor>>,
    /// The factors that mention a class.
    users: Vec<BTreeSet<usize>>,
    queue: BTreeSet<(Score, usize, usize)>,
    component: Vec<u32>,
    /// Classes of each strongly connected component.
    members: Vec<usize>,
    traces: Traces,
}

impl Network {
    fn new(work: &Work, reduced: &[Vec<f64>]) -> Result<Self, u32> {
        let mut network = Network {
            factors: Vec::with_capacity(work.len()),
            users: vec![BTreeSet::new(); work.len()],
            queue: BTreeSet::new(),
            component: work.components(),
            members: vec![0; work.len()],
            traces: Traces::new(),
        };
        network.component.iter().for_each(|s| network.members[*s as usize] += 1);
        for (c, reduced) in reduced.iter().enumerate() {
            let factor = initial(work, c, reduced, &network.component, &mut network.traces).ok_or(c as u32)?;
            factor.scope.iter().for_each(|k| _ = network.users[*k as usize].insert(c));
            network.factors.push(Some(factor));
        }
        for f in 0..work.len() {
            network.enqueue(f, |g| g > f);
        }
        Ok(network)
    }

    /// Queues the pairs of `f` with its neighbours `g` for which `wanted(g)`.
    fn enqueue(&mut self, f: usize, wanted: impl Fn(usize) -> bool) {
        let Some(factor) = &self.factors[f] else { return };
        let mut near = BTreeSet::new();
        for (p, &class) in factor.scope.iter().enumerate() {
            let users = &self.users[class as usize];
            let few = users.len() <= CLOSE_USERS || factor.own >> p & 1 == 1;
            let owns = |g: &usize| self.factors[*g].as_ref().is_some_and(|g| owner(g, class));
            near.extend(users.iter().copied().filter(|g| *g != f && wanted(*g) && (few || owns(g))));
        }
        for g in near {
            self.queue.insert((self.score(f.min(g), f.max(g)), f.min(g), f.max(g)));
        }
    }

    /// The classes that only `f` and `g` mention.
    fn dropped(&self, f: &Factor, g: &Factor, ids: (usize, usize)) -> Vec<u32> {
        let private = |class: &u32| {
            let users = &self.users[*class as usize];
            users.len() <= 2 && users.iter().all(|u| *u == ids.0 || *u == ids.1)
        };
        let new = g.scope.iter().filter(|c| f.scope.binary_search(c).is_err());
        let mut dropped: Vec<u32> = f.scope.iter().chain(new).copied().filter(private).collect();
        dropped.sort_unstable();
        dropped
    }

    fn score(&self, f: usize, g: usize) -> Score {
        let (Some(a), Some(b)) = (&self.factors[f], &self.factors[g]) else { return (2, i32::MAX, u64::MAX) };
        let views = self.component[f] == self.component[g] && self.members[self.component[f] as usize] <= VIEWS;
        let (n, m) = (a.entries.len() as u64, b.entries.len() as u64);
        let dropped = i32::try_from(self.dropped(a, b, (f, g)).len()).unwrap_or(i32::MAX);
        let doublings = n.min(m).max(1).ilog2() as i32;
        (u8::from(!views), doublings - dropped, n.saturating_mul(m))
    }

    fn too_wide(&self, f: usize, g: usize) -> bool {
        let (Some(a), Some(b)) = (&self.factors[f], &self.factors[g]) else { return false };
        let shared = a.scope.iter().filter(|c| b.scope.binary_search(c).is_ok()).count();
        a.scope.len() + b.scope.len() - shared > SCOPE
    }

    fn merge(&mut self, f: usize, g: usize, effort: &mut Effort) -> Result<(), u32> {
        let (Some(a), Some(b)) = (self.factors[f].take(), self.factors[g].take()) else { return Ok(()) };
        let dropped = self.dropped(&a, &b, (f, g));
        let joined = factor::join(&a, &b, &dropped, &self.component, &mut effort.budget, &mut self.traces)
            .ok_or_else(|| self.busiest(&a, &b))?;
        effort.largest = effort.largest.max(joined.entries.len());
        for class in a.scope.iter().chain(&b.scope) {
            let users = &mut self.users[*class as usize];
            users.remove(&f);
            users.remove(&g);
        }
        for class in &joined.scope {
            self.users[*class as usize].insert(f);
        }
        self.factors[f] = Some(joined);
        self.enqueue(f, |_| true);
        Ok(())
    }

    /// The class of both scopes that most factors mention.
    fn busiest(&self, a: &Factor, b: &Factor) -> u32 {
        let count = |c: u32| self.users[c as usize].len();
        a.scope.iter().chain(&b.scope).copied().max_by_key(|c| (count(*c), std::cmp::Reverse(*c))).unwrap_or(0)
    }

    /// The best entries of what is left, unless factors that were too wide to join still meet.
    fn finish(self) -> Outcome {
        if self.factors.iter().flatten().any(|f| f.entries.is_empty()) {
            return Outcome::Nothing;
        }
        let open = self.factors.iter().flatten().flat_map(|f| &f.scope).copied();
        let users = |c: &u32| (self.users[*c as usize].len(), std::cmp::Reverse(*c));
        if let Some(class) = open.max_by_key(users) {
            return Outcome::Stuck(class);
        }
        let (mut cost, mut picks) = (0.0, Vec::new());
        for factor in self.factors.iter().flatten() {
            if let Some(best) = factor.entries.first() {
                cost += best.cost;
                picks.extend(self.traces.picks(best.trace));
            }
        }
        Outcome::Best(cost, picks)
    }
}

/// Whether `factor` decides `class`.
fn owner(factor: &Factor, class: u32) -> bool {
    factor.scope.binary_search(&class).is_ok_and(|p| factor.own >> p & 1 == 1)
}

/// The factor of one class: each node is a way, and so is not making it, unless it is forced.
fn initial(work: &Work, c: usize, reduced: &[f64], component: &[u32], traces: &mut Traces) -> Option<Factor> {
    let class = c as u32;
    let mut scope: Vec<u32> = work.nodes[c].iter().flat_map(|n| &n.children).copied().collect();
    scope.push(class);
    scope.sort_unstable();
    scope.dedup();
    if scope.len() > SCOPE {
        return None;
    }
    let at = |k: &u32| scope.binary_search(k).ok();
    let own: Bits = 1 << at(&class)?;
    let cyclic = cyclic_positions(&scope, own, own, component);
    let same: Bits = scope
        .iter()
        .enumerate()
        .filter(|(_, k)| component[**k as usize] == component[c])
        .fold(0, |m, (p, _)| m | 1 << p);
    let mut entries = Vec::with_capacity(work.nodes[c].len() + 1);
    let depends = |bits: Bits| vec![bits; cyclic.len()].into_boxed_slice();
    if !work.forced[c] {
        let trace = Traces::NOTHING;
        entries.push(Entry { cost: 0.0, reduced: 0.0, provides: 0, requires: 0, depends: depends(0), trace });
    }
    for (node, &reduced) in work.nodes[c].iter().zip(reduced) {
        let requires: Bits = node.children.iter().filter_map(at).fold(0, |m, p| m | 1 << p);
        let trace = traces.pick(work.origin[c], node.origin);
        let depends = depends(requires & same);
        entries.push(Entry { cost: node.cost, reduced, provides: own, requires, depends, trace });
    }
    Some(Factor { scope, own, cyclic, entries })
}
