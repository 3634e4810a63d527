//! Least time and least energy of one stretch against each other.

use super::net::{Net, Way};
use super::relax::relax;
use crate::extraction;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A corner of the convex hull of what a stretch can take.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Corner {
    /// Seconds.
    pub(super) time: f64,
    /// Joules.
    pub(super) energy: f64,
    /// The ways that each class may have there; absent for a corner that only bounds.
    pub(super) ways: Option<Vec<Vec<u32>>>,
}

/// The lower left hull of the time for the goal of `net`, and the energy for it and the other `roots`, over all choices:
/// fastest corner first. No choice lies below or left of it. `effort` as in [`branch`](super::branch::branch).
pub(super) fn hull(net: &Net, roots: &[u32], effort: &mut u64) -> Vec<Corner> {
    let groups = groups(net);
    let (open, nodes, corners) = (BinaryHeap::new(), Vec::new(), Vec::new());
    let mut search = Search { net, roots, groups, open, nodes, corners, scale: (1.0, 1.0) };
    search.push(vec![None; net.len()], (0.0, 0.0), effort);
    if let Some(Some(root)) = search.nodes.first() {
        search.scale = (root.time.max(f64::MIN_POSITIVE), root.energy.max(f64::MIN_POSITIVE));
    }
    while let Some(Reverse((_, at))) = search.open.pop() {
        let Some(node) = search.nodes[at].take() else { continue };
        if above(&search.corners, node.time, node.energy) {
            continue;
        }
        let Some(class) = node.branch.filter(|_| *effort > 0) else {
            search.corner(node);
            continue;
        };
        for group in 0..search.groups[class].len() as u32 {
            let mut child = node.decided.clone();
            child[class] = Some(group);
            search.push(child, (node.time, node.energy), effort);
        }
    }
    search.corners
}

/// A sub-problem: what is decided, and what it takes at least.
struct Node {
    decided: Vec<Option<u32>>,
    time: f64,
    energy: f64,
    /// The class to decide next.
    branch: Option<usize>,
}

struct Search<'a> {
    net: &'a Net,
    /// What has to be made beside the goal, however late.
    roots: &'a [u32],
    /// For each class, its ways by what they do to time.
    groups: Vec<Vec<Vec<u32>>>,
    open: BinaryHeap<Reverse<(u64, usize)>>,
    nodes: Vec<Option<Node>>,
    corners: Vec<Corner>,
    /// Time and energy of the root, so that one can be weighed against the other.
    scale: (f64, f64),
}

impl Search<'_> {
    fn allowed(&self, decided: &[Option<u32>], c: usize, w: usize) -> bool {
        decided[c].and_then(|g| self.groups[c].get(g as usize)).is_none_or(|ways| ways.contains(&(w as u32)))
    }

    fn push(&mut self, decided: Vec<Option<u32>>, parent: (f64, f64), effort: &mut u64) {
        let restricted = self.net.restricted(|c, w| self.allowed(&decided, c, w));
        let relaxed = relax(&restricted);
        *effort = effort.saturating_sub(self.net.way_count() as u64 * (1 + relaxed.needed.len() as u64));
        if !relaxed.bound.is_finite() {
            return;
        }
        let needed = || relaxed.needed.iter().map(|c| *c as usize);
        let least = |c: usize| restricted.ways[c].iter().map(|w| w.energy).fold(f64::INFINITY, f64::min);
        let short = |c: &usize| self.net.ways[*c].iter().map(|w| w.latency).fold(f64::INFINITY, f64::min);
        let open = needed().filter(|c| decided[*c].is_none() && self.groups[*c].len() > 1);
        let branch = open.max_by(|a, b| short(a).total_cmp(&short(b)).then(b.cmp(a)));
        let mut all = relaxed.all[self.net.goal].clone();
        self.roots.iter().for_each(|r| all.add_all(&relaxed.all[*r as usize]));
        let sum: f64 = all.iter().filter(|c| *c < self.net.len()).map(least).sum();
        // Where nothing is open that matters to time, the least energy is known.
        let exact = branch.is_none().then(|| least_energy(&restricted, self.roots)).flatten();
        let energy = exact.unwrap_or(sum);
        let (time, energy) = (relaxed.bound.max(parent.0), energy.max(parent.1));
        if !above(&self.corners, time, energy) {
            let key = time / self.scale.0 + energy / self.scale.1;
            self.open.push(Reverse((key.to_bits(), self.nodes.len())));
            self.nodes.push(Some(Node { decided, time, energy, branch }));
        }
    }

    fn corner(&mut self, node: Node) {
        let ways = (0..self.net.len()).map(|c| {
            (0..self.net.ways[c].len()).filter(|w| self.allowed(&node.decided, c, *w)).map(|w| w as u32).collect()
        });
        let ways = node.branch.is_none().then(|| ways.collect());
        self.corners.push(Corner { time: node.time, energy: node.energy, ways });
        self.corners = lower_left(std::mem::take(&mut self.corners));
    }
}

/// The ways of each class that take as long, hold as much, and read as many classes that take time.
fn groups(net: &Net) -> Vec<Vec<Vec<u32>>> {
    let end = net.least(|_, way, most| most + way.latency, |_, v| v).value;
    let of = |ways: &Vec<Way>| {
        let mut groups: BTreeMap<Vec<u64>, Vec<u32>> = BTreeMap::new();
        for (w, way) in (0u32..).zip(ways) {
            let timed = way.children.iter().filter(|k| end[**k as usize] > 0.0).count();
            let mut key = vec![way.latency.to_bits(), timed as u64];
            key.extend(way.uses.iter().flat_map(|u| [u64::from(u.0), u.1.to_bits()]));
            groups.entry(key).or_default().push(w);
        }
        groups.into_values().collect()
    };
    net.ways.iter().map(of).collect()
}

/// The least energy of a choice that makes the goal and the other roots.
fn least_energy(net: &Net, roots: &[u32]) -> Option<f64> {
    let node = |w: &Way| extraction::Node::new(w.energy, w.children.iter().copied().map(extraction::ClassId).collect());
    let class = |ways: &Vec<Way>| extraction::Class { nodes: ways.iter().map(node).collect() };
    let roots = roots.iter().copied().chain([net.goal as u32]).map(extraction::ClassId).collect();
    let problem = extraction::Problem { classes: net.ways.iter().map(class).collect(), roots, capacities: Vec::new() };
    extraction::solve(&problem, &extraction::Limits::default()).ok().map(|s| s.bound)
}

/// Whether a point is on or above the hull, or right of it.
fn above(corners: &[Corner], time: f64, energy: f64) -> bool {
    let right = corners.partition_point(|c| c.time <= time);
    let Some(left) = right.checked_sub(1).and_then(|i| corners.get(i)) else { return false };
    let line = match corners.get(right) {
        None => left.energy,
        Some(next) => left.energy + (next.energy - left.energy) * (time - left.time) / (next.time - left.time),
    };
    energy >= line
}

/// The corners of the lower left convex hull of points, fastest first.
pub(super) fn lower_left(mut points: Vec<Corner>) -> Vec<Corner> {
    points.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.energy.total_cmp(&b.energy)));
    let mut hull: Vec<Corner> = Vec::new();
    for point in points {
        if hull.last().is_some_and(|last| point.energy >= last.energy) {
            continue;
        }
        while let [.., a, b] = hull.as_slice() {
            let turns = (b.energy - a.energy) * (point.time - a.time) < (point.energy - a.energy) * (b.time - a.time);
            if turns {
                break;
            }
            hull.pop();
        }
        hull.push(point);
    }
    hull
}
