//! How early the goal of a segment can be made, whatever is chosen among the ways that are left.
//!
//! Three things push a start back, each in the best case over what is open: the longest unavoidable path; for each
//! resource the work of classes that have to be made before, with the least time before and after it (Jackson's
//! bound); and both once more behind every class that has to be made, so that delays add up along a segment.

use super::net::{Least, Net, Set, Way};
use super::segment::needed;
use crate::schedule::{Job, strongest};

/// What is known about all choices of a net.
#[derive(Clone, Debug)]
pub(super) struct Relaxed {
    /// No choice makes the goal earlier; infinite when there is none.
    pub(super) bound: f64,
    /// The classes that every choice makes.
    pub(super) needed: Vec<u32>,
    /// The classes that every derivation of each class contains.
    pub(super) all: Vec<Set>,
    /// The resource whose work makes the goal late, `None` if it is a path.
    pub(super) binding: Option<u32>,
}

/// The bound for `net`.
pub(super) fn relax(net: &Net) -> Relaxed {
    let users = net.users();
    let least = net.least_with(&users, |_, way, most| most + way.latency, |_, v| v);
    if !least.value[net.goal].is_finite() {
        return Relaxed { bound: f64::INFINITY, needed: Vec::new(), all: Vec::new(), binding: None };
    }
    let all = needed(net);
    let must: Vec<u32> = least.order.iter().copied().filter(|c| all[net.goal].has(*c as usize)).collect();
    let mut heads = Heads::new(net, &users, least, &all, &must);
    heads.push_back();
    let (bound, binding) = (heads.end[net.goal], heads.binding);
    Relaxed { bound, needed: must, all, binding }
}

struct Heads<'a> {
    net: &'a Net,
    order: Vec<u32>,
    all: &'a [Set],
    /// For each class that has to be made: what it surely holds, and how long each class behind it comes after it.
    work: Vec<Option<Work>>,
    /// Earliest start and end of each class.
    start: Vec<f64>,
    end: Vec<f64>,
    binding: Option<u32>,
}

/// What a class that has to be made surely does to resources.
struct Work {
    /// Resource, least time held per unit, least time from letting go to the end.
    holds: Vec<(u32, f64, f64)>,
    /// Least time from the end of the class to the start of each class behind it.
    until: Vec<f64>,
}

impl<'a> Heads<'a> {
    fn new(net: &'a Net, users: &[Vec<(u32, u32)>], least: Least, all: &'a [Set], must: &[u32]) -> Self {
        let mut work: Vec<Option<Work>> = (0..net.len()).map(|_| None).collect();
        for &c in must {
            let holds = holds(net, &net.ways[c as usize]);
            if !holds.is_empty() {
                work[c as usize] = Some(Work { holds, until: until(net, users, all, c as usize) });
            }
        }
        let start = vec![0.0; net.len()];
        Heads { net, order: least.order, all, work, start, end: least.value, binding: None }
    }

    /// Raises starts and ends, class by class, each behind those it is made from.
    fn push_back(&mut self) {
        for at in 0..self.order.len() {
            let c = self.order[at] as usize;
            let ready = |w: &Way| w.children.iter().map(|k| self.end[*k as usize]).fold(0.0, f64::max);
            let path = self.net.ways[c].iter().map(&ready).fold(f64::INFINITY, f64::min);
            let mut start = path;
            let mut binding = None;
            if self.all[self.net.goal].has(c) {
                for r in 0..self.net.capacity.len() as u32 {
                    let least = self.behind(c, r);
                    if least > start {
                        start = least;
                        binding = Some(r);
                    }
                }
            }
            self.start[c] = start;
            let end = self.net.ways[c].iter().map(|w| ready(w).max(start) + w.latency).fold(f64::INFINITY, f64::min);
            self.end[c] = self.end[c].max(end);
            if binding.is_some() {
                self.binding = binding;
            }
        }
    }

    /// The earliest start of class `c` by the work on `r` of what it is made from.
    fn behind(&self, c: usize, r: u32) -> f64 {
        let mut jobs = Vec::new();
        for k in self.all[c].iter().filter(|k| *k != c && *k < self.work.len()) {
            let Some(work) = &self.work[k] else { continue };
            if let Some(&(_, load, rest)) = work.holds.iter().find(|h| h.0 == r) {
                jobs.push(Job { head: self.start[k], load, tail: rest + work.until[c] });
            }
        }
        if jobs.len() < 2 { 0.0 } else { strongest(&jobs).sum() }
    }
}

/// What every one of `ways` holds, and how long it runs on after letting go.
fn holds(net: &Net, ways: &[Way]) -> Vec<(u32, f64, f64)> {
    let Some((first, rest)) = ways.split_first() else { return Vec::new() };
    let held = |w: &Way, r: u32| w.uses.iter().find(|u| u.0 == r).map_or(0.0, |u| u.1);
    let of = |&(r, time): &(u32, f64)| {
        let least = rest.iter().map(|w| held(w, r)).fold(time, f64::min);
        let after = ways.iter().map(|w| w.latency - held(w, r)).fold(f64::INFINITY, f64::min);
        (least > 0.0).then(|| (r, least / net.capacity[r as usize], after.max(0.0)))
    };
    first.uses.iter().filter_map(of).collect()
}

/// The least time from the end of class `from` to the start of every class that is always derived from it.
fn until(net: &Net, users: &[Vec<(u32, u32)>], all: &[Set], from: usize) -> Vec<f64> {
    // Other children are at hand: `seen` is not asked for them, so they count 0 only if they are settled first, at 0.
    let made = |c: usize, way: &Way, most: f64| {
        if c == from || !all[c].has(from) { 0.0 } else { most + way.latency }
    };
    let ends = net.least_with(users, made, |c, v| if all[c].has(from) { v } else { 0.0 }).value;
    let start = |ways: &Vec<Way>| {
        let ready = |w: &Way| w.children.iter().map(|k| ends[*k as usize]).fold(0.0, f64::max);
        ways.iter().map(ready).fold(f64::INFINITY, f64::min)
    };
    net.ways.iter().map(start).collect()
}
