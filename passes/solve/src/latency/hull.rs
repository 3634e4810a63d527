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

/// What an extraction costs, in ways looked at for each way of the stretch.
pub(super) const EXTRACTION: u64 = 24;

/// The ways of each class that are left.
type Left = Vec<Vec<u32>>;

/// The lower left hull of the time for the goal of `net`, and the energy for it and the other `roots`, over all choices:
/// fastest corner first. No choice lies below or left of it. None makes the goal before `floor`, which is known. `effort` as in
/// [`branch`](super::branch::branch).
///
/// Of each sub-problem the least energy is extracted: the least of every class that has to be made is far below it where one needs
/// what is dear. First everything is decided that ways do to time of themselves. Then what they wait for, with a third of the effort at
/// least: each sub-problem of the first round is looked at again, so that the hull only rises.
pub(super) fn hull(net: &Net, roots: &[u32], floor: f64, effort: &mut u64) -> Vec<Corner> {
    let timed = net.least(|_, way, most| most + way.latency, |_, v| v).value;
    let (open, shelved, corners) = (BinaryHeap::new(), Vec::new(), Vec::new());
    let mut search = Search { net, roots, timed, nodes: Vec::new(), open, shelved, corners, scale: (1.0, 1.0) };
    let all = net.ways.iter().map(|w| (0..w.len() as u32).collect()).collect();
    let mut later = *effort / 3;
    *effort -= later;
    search.push(all, (floor, 0.0), effort);
    if let Some(Some(root)) = search.nodes.first() {
        search.scale = (root.time.max(f64::MIN_POSITIVE), root.energy.max(f64::MIN_POSITIVE));
    }
    search.run(false, effort);
    later += *effort;
    if search.reopen() {
        search.run(true, &mut later);
    }
    *effort = later;
    search.corners
}

/// A sub-problem: which ways are left, and what it takes at least.
struct Node {
    left: Left,
    time: f64,
    energy: f64,
    /// The class to decide next.
    branch: Option<Branch>,
}

/// A class whose ways differ.
struct Branch {
    class: usize,
    groups: Left,
    /// Whether they differ in what they wait for alone.
    finely: bool,
}

impl Node {
    fn decides(&self, finely: bool) -> Option<&Branch> {
        self.branch.as_ref().filter(|b| finely || !b.finely)
    }
}

struct Search<'a> {
    net: &'a Net,
    /// What has to be made beside the goal, however late.
    roots: &'a [u32],
    /// When each class can be there at the earliest: what is there from the beginning is nothing to wait for.
    timed: Vec<f64>,
    open: BinaryHeap<Reverse<(u64, usize)>>,
    nodes: Vec<Option<Node>>,
    /// Sub-problems of the first round that were not split there.
    shelved: Vec<usize>,
    corners: Vec<Corner>,
    /// Time and energy of the root, so that one can be weighed against the other.
    scale: (f64, f64),
}

impl Search<'_> {
    /// Splits sub-problems until what is left says where corners are; `finely`, also by what ways wait for.
    fn run(&mut self, finely: bool, effort: &mut u64) {
        while let Some(Reverse((_, at))) = self.open.pop() {
            let Some(node) = self.nodes[at].take() else { continue };
            let above = above(&self.corners, node.time, node.energy);
            let branch = node.decides(finely).filter(|_| *effort > 0 && !above);
            if let Some(Branch { class, groups, .. }) = branch {
                for group in groups {
                    let mut child = node.left.clone();
                    child[*class].clone_from(group);
                    self.push(child, (node.time, node.energy), effort);
                }
                continue;
            }
            if !above {
                self.corner(&node);
            }
            if !finely {
                self.shelved.push(at);
                self.nodes[at] = Some(node);
            }
        }
    }

    /// Begins the second round, unless there is nothing more to decide.
    fn reopen(&mut self) -> bool {
        let open = |at: &usize| self.nodes[*at].as_ref().is_some_and(|node| node.branch.is_some());
        if !self.shelved.iter().any(open) {
            return false;
        }
        self.corners.clear();
        for at in std::mem::take(&mut self.shelved) {
            self.open(at);
        }
        true
    }

    fn open(&mut self, at: usize) {
        if let Some(node) = &self.nodes[at] {
            let key = node.time / self.scale.0 + node.energy / self.scale.1;
            self.open.push(Reverse((key.to_bits(), at)));
        }
    }

    fn push(&mut self, left: Left, parent: (f64, f64), effort: &mut u64) {
        let restricted = self.net.restricted(|c, w| left[c].binary_search(&(w as u32)).is_ok());
        let relaxed = relax(&restricted);
        *effort = effort.saturating_sub(self.net.way_count() as u64 * (1 + relaxed.needed.len() as u64 + EXTRACTION));
        if !relaxed.bound.is_finite() {
            return;
        }
        let least = |c: usize| restricted.ways[c].iter().map(|w| w.energy).fold(f64::INFINITY, f64::min);
        let branch = self.undecided(&left, &relaxed.needed);
        let energy = least_energy(&restricted, self.roots).unwrap_or_else(|| {
            let mut all = relaxed.all[self.net.goal].clone();
            self.roots.iter().for_each(|r| all.add_all(&relaxed.all[*r as usize]));
            all.iter().filter(|c| *c < self.net.len()).map(least).sum()
        });
        let (time, energy) = (relaxed.bound.max(parent.0), energy.max(parent.1));
        self.nodes.push(Some(Node { left, time, energy, branch }));
        self.open(self.nodes.len() - 1);
    }

    /// The class to decide next: of those that have to be made, the longest whose ways differ in what they do to time; where
    /// there is none, in what they wait for.
    fn undecided(&self, left: &Left, needed: &[u32]) -> Option<Branch> {
        let short = |c: &usize| self.net.ways[*c].iter().map(|w| w.latency).fold(f64::INFINITY, f64::min);
        [false, true].into_iter().find_map(|finely| {
            let open = needed.iter().map(|c| *c as usize).filter(|c| left[*c].len() > 1);
            let open = open.filter(|c| self.groups(*c, &left[*c], finely).len() > 1);
            let class = open.max_by(|a, b| short(a).total_cmp(&short(b)).then(b.cmp(a)))?;
            Some(Branch { class, groups: self.groups(class, &left[class], finely), finely })
        })
    }

    /// Ways of a class that take as long, hold as much, and read as many classes that take time; `finely`, the same ones.
    fn groups(&self, class: usize, ways: &[u32], finely: bool) -> Left {
        let mut groups: BTreeMap<Vec<u64>, Vec<u32>> = BTreeMap::new();
        for &w in ways {
            let way = &self.net.ways[class][w as usize];
            let timed = || way.children.iter().filter(|k| self.timed[**k as usize] > 0.0);
            let mut key = vec![way.latency.to_bits(), timed().count() as u64];
            key.extend(way.uses.iter().flat_map(|u| [u64::from(u.0), u.1.to_bits()]));
            if finely {
                key.extend(timed().map(|k| u64::from(*k)));
            }
            groups.entry(key).or_default().push(w);
        }
        groups.into_values().collect()
    }

    fn corner(&mut self, node: &Node) {
        let ways = node.decides(false).is_none().then(|| node.left.clone());
        self.corners.push(Corner { time: node.time, energy: node.energy, ways });
        self.corners = lower_left(std::mem::take(&mut self.corners));
    }
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
