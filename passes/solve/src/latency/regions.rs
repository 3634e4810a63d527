//! Classes that every choice makes, with the classes that only they need.

use super::net::{Net, Set, Way};
use crate::extraction::{self, ClassId, Limits};
use std::collections::BTreeMap;

/// Parts of a net. Each class is in one part at most, so what parts take adds up.
pub(super) struct Regions {
    /// The classes of each part.
    pub(super) all: Vec<Vec<u32>>,
    /// For each class, its part and its position there.
    place: Vec<Option<(u32, u32)>>,
    /// Whether every choice makes a class.
    must: Vec<bool>,
}

/// A part as numbers: equal for parts that are equal in costs.
type Key = Vec<u64>;

/// Classes that a part may have: larger ones are not of a few operations.
const LARGEST: usize = 200;

impl Regions {
    /// The parts around the classes in `must`, which every choice makes. A class belongs to the last of them that every path from
    /// the goal to it passes through; and parts that need the same class are one, as long as they stay small.
    pub(super) fn new(net: &Net, must: &Set) -> Regions {
        let (order, above) = dominators(net);
        let is_must: Vec<bool> = (0..net.len()).map(|c| c == net.goal || must.has(c)).collect();
        let mut owner: Vec<u32> = (0..net.len() as u32).collect();
        let mut size = vec![0usize; net.len()];
        for &c in &order {
            if !is_must[c as usize] {
                owner[c as usize] = owner[above[c as usize] as usize];
            }
            size[owner[c as usize] as usize] += 1;
        }
        for (_, k, others) in shared(net, &order, &owner, &is_must) {
            let mut all = others;
            all.push(owner[k as usize]);
            all.iter_mut().for_each(|o| *o = top(&owner, *o));
            all.sort_unstable();
            all.dedup();
            let sum: usize = all.iter().map(|o| size[*o as usize]).sum();
            if let ([first, rest @ ..], true) = (all.as_slice(), sum <= LARGEST) {
                rest.iter().for_each(|o| owner[*o as usize] = *first);
                size[*first as usize] = sum;
            }
        }
        let mut part = BTreeMap::new();
        let mut all: Vec<Vec<u32>> = Vec::new();
        let mut place = vec![None; net.len()];
        for &c in &order {
            let at = *part.entry(top(&owner, c)).or_insert_with(|| {
                all.push(Vec::new());
                all.len() - 1
            });
            place[c as usize] = Some((at as u32, all[at].len() as u32));
            all[at].push(c);
        }
        Regions { all, place, must: is_must }
    }

    /// The least sum of `cost` over the classes of a part in any choice; classes of others are at hand. `known` are the answers
    /// for parts that are equal.
    pub(super) fn least(
        &self,
        net: &Net,
        part: &[u32],
        cost: &dyn Fn(&Way) -> f64,
        known: &mut BTreeMap<Key, f64>,
    ) -> f64 {
        let mut key = Key::new();
        let (mut classes, mut roots) = (Vec::with_capacity(part.len()), Vec::new());
        for (at, &c) in (0u32..).zip(part) {
            let home = self.place[c as usize].map(|p| p.0);
            let inside = |k: &u32| self.place[*k as usize].filter(|p| Some(p.0) == home).map(|p| ClassId(p.1));
            let mut nodes = Vec::new();
            for way in &net.ways[c as usize] {
                let children: Vec<ClassId> = way.children.iter().filter_map(inside).collect();
                key.push(cost(way).to_bits());
                key.extend(children.iter().map(|k| u64::from(k.0)));
                key.push(u64::MAX);
                nodes.push(extraction::Node::new(cost(way), children));
            }
            if self.must[c as usize] {
                roots.push(ClassId(at));
            }
            key.push(u64::MAX - u64::from(self.must[c as usize]) - 1);
            classes.push(extraction::Class { nodes });
        }
        let problem = extraction::Problem { classes, roots, capacities: Vec::new() };
        let solve = || extraction::solve(&problem, &Limits::default()).map_or(0.0, |s| s.bound);
        *known.entry(key).or_insert_with(solve)
    }
}

/// The first of the parts that are one with a part.
fn top(owner: &[u32], mut of: u32) -> u32 {
    while owner[of as usize] != of {
        of = owner[of as usize];
    }
    of
}

/// Classes that are made for several parts: how many, the class, and the parts; those of few parts first.
fn shared(net: &Net, order: &[u32], owner: &[u32], must: &[bool]) -> Vec<(usize, u32, Vec<u32>)> {
    let users = net.users();
    let of = |c: &u32| {
        let mut parts: Vec<u32> = users[*c as usize].iter().map(|u| owner[u.0 as usize]).collect();
        parts.sort_unstable();
        parts.dedup();
        (parts.len(), *c, parts)
    };
    let mut all: Vec<_> = order.iter().filter(|c| !must[**c as usize]).map(of).filter(|s| s.0 > 1).collect();
    all.sort();
    all
}

/// The classes that the goal may need, each behind what it is reached from, and for each the last class that all paths from
/// the goal to it pass through (K. D. Cooper, T. J. Harvey, K. Kennedy, "A simple, fast dominance algorithm", 2001).
fn dominators(net: &Net) -> (Vec<u32>, Vec<u32>) {
    let mut post = Vec::new();
    let mut seen = vec![false; net.len()];
    let children = |c: usize| net.ways[c].iter().flat_map(|w| w.children.iter().copied()).collect::<Vec<u32>>();
    seen[net.goal] = true;
    let mut stack = vec![(net.goal as u32, children(net.goal))];
    while let Some((c, left)) = stack.last_mut() {
        match left.pop() {
            Some(k) if !std::mem::replace(&mut seen[k as usize], true) => stack.push((k, children(k as usize))),
            Some(_) => {}
            None => {
                post.push(*c);
                stack.pop();
            }
        }
    }
    post.reverse();
    let mut place = vec![u32::MAX; net.len()];
    (0u32..).zip(&post).for_each(|(i, c)| place[*c as usize] = i);
    let users = net.users();
    let mut above = vec![u32::MAX; net.len()];
    above[net.goal] = net.goal as u32;
    let mut changed = true;
    while changed {
        changed = false;
        for &c in post.iter().skip(1) {
            let known = users[c as usize].iter().map(|u| u.0).filter(|u| above[*u as usize] != u32::MAX);
            let meet = |mut a: u32, mut b: u32| {
                while a != b {
                    match place[a as usize] > place[b as usize] {
                        true => a = above[a as usize],
                        false => b = above[b as usize],
                    }
                }
                a
            };
            let Some(new) = known.reduce(meet) else { continue };
            changed |= std::mem::replace(&mut above[c as usize], new) != new;
        }
    }
    (post, above)
}
