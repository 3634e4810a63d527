//! The e-graph as bounds walk it, and least values over all derivations.

use super::problem::{Class, Node, Problem};
use crate::extraction::ClassId;
use crate::schedule::Resource;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One way to make a class.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    /// Start to result, seconds.
    pub(super) latency: f64,
    /// Resource and time held, seconds; ascending, no zeros.
    pub(super) uses: Vec<(u32, f64)>,
    /// Classes read: ascending, without repeats.
    pub(super) children: Vec<u32>,
    /// Joules.
    pub(super) energy: f64,
    /// Its index in the original class.
    pub(super) node: u32,
}

/// Classes and their ways, as far as they can be made. The last class is the goal: it reads all roots and takes no time.
#[derive(Clone, Debug, Default)]
pub(super) struct Net {
    /// The ways to make each class; none for classes that cannot be made.
    pub(super) ways: Vec<Vec<Way>>,
    /// The class that has to be made.
    pub(super) goal: usize,
    /// Units of each resource.
    pub(super) capacity: Vec<f64>,
}

/// What a class is worth to those who read it, over its best derivation.
#[derive(Clone, Debug)]
pub(super) struct Least {
    /// The least value of each class; infinite where it cannot be made.
    pub(super) value: Vec<f64>,
    /// Classes in the order in which they were settled, children of the best way first.
    pub(super) order: Vec<u32>,
}

impl Net {
    /// The net of a valid problem, with one class more than it: the goal.
    pub(super) fn new(problem: &Problem) -> Net {
        let mut ways: Vec<Vec<Way>> = Vec::with_capacity(problem.classes.len() + 1);
        for class in &problem.classes {
            let way = |(node, n): (u32, &super::problem::Node)| {
                let mut children: Vec<u32> = n.children.iter().map(|k| k.0).collect();
                children.sort_unstable();
                children.dedup();
                let mut uses: Vec<(u32, f64)> = n.uses.iter().copied().filter(|u| u.1 > 0.0).collect();
                uses.sort_unstable_by_key(|u| u.0);
                Way { latency: n.latency, uses, children, energy: n.energy, node }
            };
            ways.push((0u32..).zip(&class.nodes).map(way).collect());
        }
        let mut roots: Vec<u32> = problem.roots.iter().map(|r| r.0).collect();
        roots.sort_unstable();
        roots.dedup();
        ways.push(vec![Way { latency: 0.0, uses: Vec::new(), children: roots, energy: 0.0, node: 0 }]);
        let goal = ways.len() - 1;
        let capacity = problem.resources.iter().map(|r| f64::from(r.capacity)).collect();
        let mut net = Net { ways, goal, capacity };
        net.keep_derivable();
        net
    }

    /// The net as a problem of times alone.
    pub(super) fn problem(&self) -> Problem {
        let node = |w: &Way| Node {
            latency: w.latency,
            uses: w.uses.clone(),
            children: w.children.iter().copied().map(ClassId).collect(),
            ..Node::default()
        };
        Problem {
            resources: self.resources(),
            classes: self.ways.iter().map(|ways| Class { nodes: ways.iter().map(node).collect() }).collect(),
            roots: u32::try_from(self.goal).into_iter().map(ClassId).collect(),
            ..Problem::default()
        }
    }

    /// Its resources, without their names.
    pub(super) fn resources(&self) -> Vec<Resource> {
        self.capacity.iter().map(|c| Resource { name: String::new(), capacity: *c as u32 }).collect()
    }

    /// Number of classes.
    pub(super) fn len(&self) -> usize {
        self.ways.len()
    }

    /// Number of ways.
    pub(super) fn way_count(&self) -> usize {
        self.ways.iter().map(Vec::len).sum()
    }

    /// Drops ways that read what cannot be made.
    pub(super) fn keep_derivable(&mut self) {
        let least = self.least(|_, _, most| most, |_, v| v);
        let possible = |k: &u32| least.value[*k as usize].is_finite();
        self.ways.iter_mut().for_each(|ways| ways.retain(|w| w.children.iter().all(possible)));
    }

    /// The net with the ways that `keep(class, way)` says.
    pub(super) fn restricted(&self, keep: impl Fn(usize, usize) -> bool) -> Net {
        let of = |(c, ways): (usize, &Vec<Way>)| {
            ways.iter().enumerate().filter(|(w, _)| keep(c, *w)).map(|(_, way)| way.clone()).collect()
        };
        let ways = self.ways.iter().enumerate().map(of).collect();
        Net { ways, goal: self.goal, capacity: self.capacity.clone() }
    }

    /// The ways that read each class, as (class, way).
    pub(super) fn users(&self) -> Vec<Vec<(u32, u32)>> {
        let mut users = vec![Vec::new(); self.len()];
        for (c, ways) in (0u32..).zip(&self.ways) {
            for (w, way) in (0u32..).zip(ways) {
                way.children.iter().for_each(|k| users[*k as usize].push((c, w)));
            }
        }
        users
    }

    /// The least value of each class over all derivations without a cycle.
    ///
    /// A way is worth `made(class, way, most)`, where `most` is the most that any of its children is worth to it (0
    /// without children) and the result is no less; a class is worth `seen(class, value)` to its readers, no less than
    /// its value. Classes are settled cheapest first (D. E. Knuth, Information Processing Letters 6, 1977).
    pub(super) fn least(&self, made: impl Fn(usize, &Way, f64) -> f64, seen: impl Fn(usize, f64) -> f64) -> Least {
        let users = self.users();
        self.least_with(&users, made, seen)
    }

    /// [`Net::least`] with the users at hand.
    pub(super) fn least_with(
        &self,
        users: &[Vec<(u32, u32)>],
        made: impl Fn(usize, &Way, f64) -> f64,
        seen: impl Fn(usize, f64) -> f64,
    ) -> Least {
        let n = self.len();
        let mut value = vec![f64::INFINITY; n];
        let mut order = Vec::with_capacity(n);
        let mut waits: Vec<Vec<u32>> = Vec::with_capacity(n);
        let mut most: Vec<Vec<f64>> = Vec::with_capacity(n);
        let mut ready = BinaryHeap::new();
        for (c, ways) in self.ways.iter().enumerate() {
            waits.push(ways.iter().map(|w| w.children.len() as u32).collect());
            most.push(vec![0.0; ways.len()]);
            for way in ways.iter().filter(|w| w.children.is_empty()) {
                ready.push(Reverse((key(made(c, way, 0.0)), c)));
            }
        }
        while let Some(Reverse((at, c))) = ready.pop() {
            if value[c].is_finite() {
                continue;
            }
            value[c] = f64::from_bits(at);
            order.push(c as u32);
            let worth = seen(c, value[c]);
            for &(user, w) in &users[c] {
                let (user, w) = (user as usize, w as usize);
                if value[user].is_finite() {
                    continue;
                }
                most[user][w] = f64::max(most[user][w], worth);
                waits[user][w] -= 1;
                if waits[user][w] == 0 {
                    ready.push(Reverse((key(made(user, &self.ways[user][w], most[user][w])), user)));
                }
            }
        }
        Least { value, order }
    }

    /// The least time from the end of each class to the end of the goal, at least `floor`; infinite where the goal never needs
    /// it.
    pub(super) fn tails(&self, floor: &[f64]) -> Vec<f64> {
        let mut tail = vec![f64::INFINITY; self.len()];
        let mut open = BinaryHeap::from([Reverse((0u64, self.goal))]);
        while let Some(Reverse((at, c))) = open.pop() {
            if tail[c].is_finite() {
                continue;
            }
            tail[c] = f64::from_bits(at).max(floor[c]);
            for way in &self.ways[c] {
                let behind = tail[c] + way.latency;
                open.extend(way.children.iter().map(|k| Reverse((behind.to_bits(), *k as usize))));
            }
        }
        tail
    }
}

/// A value as a key: the bits of a float that is not negative are in its own order.
fn key(x: f64) -> u64 {
    (x + 0.0).to_bits()
}

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Set(Vec<u64>);

impl Set {
    /// The empty set, with room for numbers below `n`.
    pub(super) fn new(n: usize) -> Set {
        Set(vec![0; n.div_ceil(64)])
    }

    /// All numbers below `n`, and perhaps a few more.
    pub(super) fn full(n: usize) -> Set {
        Set(vec![u64::MAX; n.div_ceil(64)])
    }

    pub(super) fn has(&self, i: usize) -> bool {
        self.0.get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1)
    }

    pub(super) fn add(&mut self, i: usize) {
        if let Some(word) = self.0.get_mut(i / 64) {
            *word |= 1 << (i % 64);
        }
    }

    pub(super) fn add_all(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    pub(super) fn keep(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                (word != 0).then(|| {
                    word &= word - 1;
                    at * 64 + bit
                })
            })
        })
    }
}
