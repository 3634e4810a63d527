//! Classes that every choice makes one after the other, and what lies between them.
//!
//! A class is on the chain if every derivation of the goal passes through it along its critical branch. Whatever is
//! derived from such a class starts after it, whatever it is derived from has ended before it; so a plan is at
//! least as long as the stretches between the classes of the chain, one after the other.

use super::net::Net;
use super::segment::Segment;

/// The chain, and for each class the stretch of it in which it has to be made.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// The classes, each derived from the one before; the last is the goal.
    pub(super) classes: Vec<u32>,
    /// Earliest end of each class of the net, resources ignored.
    pub(super) end: Vec<f64>,
    /// How many classes of the chain every derivation of a class passes through, itself not counted.
    pub(super) after: Vec<u32>,
    /// Position of the first class of the chain that may be derived from a class, or is it; `u32::MAX` where none is.
    pub(super) before: Vec<u32>,
}

/// A class whose stretch is longer than this many times its own work does not stand in the way of a cut.
const ROOMY: f64 = 64.0;
/// Work across a cut that is ignored, as a share of the longest unavoidable path.
const NEGLIGIBLE: f64 = 1e-7;

impl Chain {
    /// The chain of a net whose goal can be made.
    pub(super) fn new(net: &Net) -> Chain {
        let end = net.least(|_, way, most| most + way.latency, |_, v| v).value;
        let mut classes = separators(net, &end);
        classes.retain(|c| end[*c as usize] > 0.0);
        if classes.last() != Some(&(net.goal as u32)) {
            classes.push(net.goal as u32);
        }
        let mut place = vec![u32::MAX; net.len()];
        (0u32..).zip(&classes).for_each(|(i, c)| place[*c as usize] = i);
        let seen = |c: usize, v: f64| if place[c] == u32::MAX { v } else { f64::from(place[c]) + 1.0 };
        let passed = net.least(|_, _, most| most, seen).value;
        let after = passed.iter().map(|v| if v.is_finite() { *v as u32 } else { 0 }).collect();
        let before = before(net, &classes);
        Chain { classes, end, after, before }
    }

    /// The stretches between positions that next to nothing can run across: where each begins on the chain (`None` for the beginning of
    /// everything), where it ends, and what lies between. What is derived from nothing on the chain may run before all of it, unless the
    /// net is itself `within` a stretch: then it follows what that begins with.
    pub(super) fn stretches(&self, net: &Net, within: bool) -> Vec<(Option<usize>, usize, Segment)> {
        let mut all = Vec::new();
        let mut from: Option<usize> = None;
        for to in self.cuts(net, within) {
            let start = from.map(|f| self.classes[f]);
            all.push((from, to, Segment::new(net, start, self.classes[to], &|c| self.is_behind(from, c))));
            from = Some(to);
        }
        all
    }

    /// Whether every derivation of a class passes through a cut.
    pub(super) fn is_behind(&self, cut: Option<usize>, class: u32) -> bool {
        self.after[class as usize] >= cut.map_or(0, |f| f as u32 + 1)
    }

    /// Positions on the chain that next to nothing can run across: there a plan falls into parts, one after the other.
    fn cuts(&self, net: &Net, within: bool) -> Vec<usize> {
        let last = self.classes.len() - 1;
        let mut across = vec![0.0; self.classes.len() + 1];
        for (c, ways) in net.ways.iter().enumerate() {
            let (from, to) = (self.after[c] as usize, self.before[c] as usize);
            if (from == 0 && !within) || to > last || to <= from {
                continue;
            }
            let before = from.checked_sub(1).map_or(0.0, |at| self.end[self.classes[at] as usize]);
            let holds =
                |w: &super::net::Way| w.uses.iter().map(|u| u.1 / net.capacity[u.0 as usize]).fold(0.0, f64::max);
            let work = ways.iter().map(holds).fold(0.0, f64::max);
            if self.end[self.classes[to] as usize] - before > ROOMY * work {
                continue;
            }
            // Derived from `from - 1`, needed by `to`: it can run across what is strictly between.
            across[from] += work;
            across[to] -= work;
        }
        let negligible = NEGLIGIBLE * self.end[net.goal];
        let mut open = 0.0;
        let mut cuts = Vec::new();
        for (at, change) in across.iter().enumerate().take(last + 1) {
            open += change;
            if open <= negligible || at == last {
                cuts.push(at);
            }
        }
        cuts
    }
}

/// The classes that all paths from the goal to a leaf pass through, leaf first, where a path descends from each way to
/// the child that is ready last.
fn separators(net: &Net, end: &[f64]) -> Vec<u32> {
    let critical = |w: &super::net::Way| {
        let later = |a: &u32, b: &u32| end[*a as usize].total_cmp(&end[*b as usize]).then(b.cmp(a));
        w.children.iter().copied().max_by(later)
    };
    let next: Vec<Vec<Option<u32>>> = net.ways.iter().map(|ways| ways.iter().map(critical).collect()).collect();
    let best = |c: usize| {
        let ends = |w: &super::net::Way| w.latency + w.children.iter().map(|k| end[*k as usize]).fold(0.0, f64::max);
        let ways = &net.ways[c];
        (0..ways.len()).min_by(|a, b| ends(&ways[*a]).total_cmp(&ends(&ways[*b])))
    };
    let mut place = vec![usize::MAX; net.len()];
    let mut path = Vec::new();
    let mut at = Some(net.goal);
    while let Some(c) = at.filter(|c| place[*c] == usize::MAX) {
        place[c] = path.len();
        path.push(c);
        at = best(c).and_then(|w| next[c][w]).map(|k| k as usize);
    }
    // Everything that can be reached without passing a later class of the path, class by class of the path.
    let mut seen = vec![false; net.len()];
    let (mut reach, mut out) = (0, Vec::new());
    for (i, &c) in path.iter().enumerate() {
        if reach == i {
            out.push(c as u32);
        }
        let mut todo = vec![c];
        while let Some(c) = todo.pop() {
            for child in &next[c] {
                match child.map(|k| k as usize) {
                    None => reach = path.len(),
                    Some(k) if place[k] != usize::MAX => reach = reach.max(place[k]),
                    Some(k) if !std::mem::replace(&mut seen[k], true) => todo.push(k),
                    Some(_) => {}
                }
            }
        }
    }
    out.reverse();
    out
}

/// The first class of the chain that may be derived from each class, or is it.
fn before(net: &Net, classes: &[u32]) -> Vec<u32> {
    let mut before = vec![u32::MAX; net.len()];
    for (i, &u) in (0u32..).zip(classes) {
        let mut todo = vec![u as usize];
        while let Some(c) = todo.pop() {
            if before[c] == u32::MAX {
                before[c] = i;
                todo.extend(net.ways[c].iter().flat_map(|w| &w.children).map(|k| *k as usize));
            }
        }
    }
    before
}
