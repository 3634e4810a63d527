//! Classes that every way to make another one makes too, however far below it they lie.
//!
//! [`super::reduce`] forces what all nodes of a forced class read. Alternatives that read different views of one tensor have no child
//! in common, but all need the tensor: `detect(readout(light(x)))` and `kernel(x)` both need `x`. So what a class needs is found from
//! below: itself, and what all its nodes need. Forced, such a class cuts the graph into parts that are solved on their own.

use super::work::Work;

use std::collections::{HashSet, VecDeque};

/// Most classes that are known to be needed by one class, nearest first: what lies below them is known from them.
const NEAREST: usize = 64;

/// Marks as forced what the forced classes need. Returns why, as pairs of classes of `work`: the first needs the second, as each of its
/// nodes reads it or a class of which an earlier pair says so.
pub(super) fn force_implied(work: &mut Work, component: &[u32]) -> Vec<(u32, u32)> {
    let needs = Needs::of(work, component);
    let mut used: VecDeque<(u32, u32)> = VecDeque::new();
    let mut todo: Vec<u32> = (0u32..).zip(&work.forced).filter(|(_, forced)| **forced).map(|(c, _)| c).collect();
    let before = work.forced.clone();
    while let Some(c) = todo.pop() {
        for &k in &needs.of[c as usize] {
            if !std::mem::replace(&mut work.forced[k as usize], true) {
                used.push_back((c, k));
                todo.push(k);
            }
        }
    }
    needs.reasons(work, &before, used)
}

/// What each class needs.
pub(super) struct Needs {
    /// Beside itself, ascending; classes that were forced before are left out.
    of: Vec<Vec<u32>>,
    /// When each class was looked at: children first but for cycles.
    position: Vec<u32>,
}

impl Needs {
    pub(super) fn of(work: &Work, component: &[u32]) -> Needs {
        let mut order: Vec<u32> = (0u32..).take(work.len()).collect();
        order.sort_by_key(|c| component[*c as usize]);
        let mut needs = Needs { of: vec![Vec::new(); work.len()], position: vec![0; work.len()] };
        // How far above the leaves each class is.
        let mut level = vec![0u32; work.len()];
        for (at, &c) in (0u32..).zip(&order) {
            let nodes = &work.nodes[c as usize];
            needs.position[c as usize] = at;
            level[c as usize] =
                nodes.iter().flat_map(|n| &n.children).map(|k| level[*k as usize] + 1).max().unwrap_or(0);
            let mut common: Option<Vec<u32>> = None;
            for node in nodes {
                let below = needs.below(&node.children, &work.forced);
                common = Some(match common {
                    None => below,
                    Some(mut so_far) => {
                        so_far.retain(|k| below.binary_search(k).is_ok());
                        so_far
                    }
                });
                if common.as_ref().is_some_and(Vec::is_empty) {
                    break;
                }
            }
            let mut common = common.unwrap_or_default();
            if common.len() > NEAREST {
                common.sort_by_key(|k| (std::cmp::Reverse(level[*k as usize]), *k));
                common.truncate(NEAREST);
                common.sort_unstable();
            }
            needs.of[c as usize] = common;
        }
        needs
    }

    /// The children that are not forced, and what they need, ascending.
    pub(super) fn below(&self, children: &[u32], forced: &[bool]) -> Vec<u32> {
        let mut all: Vec<u32> = Vec::new();
        for k in children.iter().filter(|k| !forced[**k as usize]) {
            all.push(*k);
            all.extend(&self.of[*k as usize]);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether `class` needs `other`.
    pub(super) fn has(&self, class: u32, other: u32) -> bool {
        self.of[class as usize].binary_search(&other).is_ok()
    }

    /// The pairs `used` and those that they follow from, each after those. `forced` says what was forced when needs were found.
    pub(super) fn reasons(&self, work: &Work, forced: &[bool], mut used: VecDeque<(u32, u32)>) -> Vec<(u32, u32)> {
        let mut seen: HashSet<(u32, u32)> = used.iter().copied().collect();
        let mut out = Vec::new();
        while let Some((c, k)) = used.pop_front() {
            out.push((c, k));
            for node in work.nodes[c as usize].iter().filter(|n| n.children.binary_search(&k).is_err()) {
                let needs = |child: &&u32| !forced[**child as usize] && self.has(**child, k);
                // The one looked at before this class: on a cycle, needs of the others were not known then.
                let by = node.children.iter().filter(needs).min_by_key(|child| self.position[**child as usize]);
                if let Some(by) = by
                    && seen.insert((*by, k))
                {
                    used.push_back((*by, k));
                }
            }
        }
        out.sort_by_key(|(c, k)| (self.position[*c as usize], *k));
        out
    }
}
