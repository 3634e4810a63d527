//! A stretch of the chain as a problem of its own: all ways to get from one class to a later one.

use super::net::{Net, Set, Way};

/// Classes that are derived from the start of a stretch and may be needed for its end, renumbered; what is at hand when
/// the stretch begins is left out. The goal is the class at its end.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// The classes.
    pub(super) net: Net,
    /// The class of the whole net that each stands for.
    pub(super) origin: Vec<u32>,
}

/// A segment as numbers: equal for equal segments, whatever they stand for.
pub(super) type Key = Vec<u64>;

impl Segment {
    /// Between the class `from` (the beginning of everything if `None`) and `to`. `inside` says which classes every
    /// derivation of which passes through `from`. Ways that do not matter to the makespan are left out.
    pub(super) fn new(net: &Net, from: Option<u32>, to: u32, inside: &dyn Fn(u32) -> bool) -> Segment {
        let mut segment = Segment::cut(net, to, &|c| Some(c) != from && inside(c), inside);
        segment.simplify();
        segment
    }

    /// The same with all ways, and with the classes outside that are its `own`: those are at hand, but take energy, which
    /// others do not.
    pub(super) fn with_outer(
        net: &Net,
        from: Option<u32>,
        to: u32,
        own: &dyn Fn(u32) -> bool,
        inside: &dyn Fn(u32) -> bool,
    ) -> Segment {
        let mut segment = Segment::cut(net, to, &|c| Some(c) != from && (inside(c) || own(c)), inside);
        for (ways, _) in segment.net.ways.iter_mut().zip(&segment.origin).filter(|(_, c)| !own(**c)) {
            ways.iter_mut().for_each(|w| w.energy = 0.0);
        }
        drop_self_supporting(&mut segment.net);
        segment.drop_unreachable();
        segment
    }

    /// The classes that `to` may need of those that are in the `scope`; only those `inside` take time.
    fn cut(net: &Net, to: u32, scope: &dyn Fn(u32) -> bool, inside: &dyn Fn(u32) -> bool) -> Segment {
        let mut id = std::collections::BTreeMap::from([(to, 0u32)]);
        let mut origin = vec![to];
        let mut at = 0;
        let mut ways: Vec<Vec<Way>> = Vec::new();
        while let Some(&c) = origin.get(at) {
            at += 1;
            let mut own = Vec::new();
            for way in &net.ways[c as usize] {
                let mut children = Vec::with_capacity(way.children.len());
                for &k in way.children.iter().filter(|k| scope(**k)) {
                    let new = *id.entry(k).or_insert_with(|| {
                        origin.push(k);
                        origin.len() as u32 - 1
                    });
                    children.push(new);
                }
                children.sort_unstable();
                let timed = c == to || inside(c);
                let (latency, uses) = if timed { (way.latency, way.uses.clone()) } else { (0.0, Vec::new()) };
                own.push(Way { latency, uses, children, ..way.clone() });
            }
            ways.push(own);
        }
        Segment { net: Net { ways, goal: 0, capacity: net.capacity.clone() }, origin }
    }

    /// Drops ways that need their own class, and ways that another one can replace in every plan.
    fn simplify(&mut self) {
        loop {
            let before = self.net.way_count();
            drop_self_supporting(&mut self.net);
            for c in 0..self.net.len() {
                self.drop_replaceable(c);
            }
            self.drop_unreachable();
            if self.net.way_count() == before {
                return;
            }
        }
    }

    fn drop_replaceable(&mut self, c: usize) {
        let users = self.net.users();
        let only_here = |k: u32| users[k as usize].iter().all(|u| u.0 as usize == c);
        let ways = &self.net.ways[c];
        let mut dropped = vec![false; ways.len()];
        for (i, way) in ways.iter().enumerate() {
            let better = |(j, other): (usize, &Way)| {
                j != i && !dropped[j] && replaces(&self.net, other, way, &only_here) && {
                    // Of two that can replace each other the first stays.
                    j < i || !replaces(&self.net, way, other, &only_here)
                }
            };
            dropped[i] = ways.iter().enumerate().any(better);
        }
        let mut dropped = dropped.into_iter();
        self.net.ways[c].retain(|_| dropped.next() != Some(true));
    }

    fn drop_unreachable(&mut self) {
        let mut id = vec![u32::MAX; self.net.len()];
        let mut kept = vec![0usize];
        id[0] = 0;
        let mut at = 0;
        while let Some(&c) = kept.get(at) {
            at += 1;
            for &k in self.net.ways[c].iter().flat_map(|w| &w.children) {
                if id[k as usize] == u32::MAX {
                    id[k as usize] = kept.len() as u32;
                    kept.push(k as usize);
                }
            }
        }
        let mut ways = Vec::with_capacity(kept.len());
        for &c in &kept {
            let mut own = std::mem::take(&mut self.net.ways[c]);
            for way in &mut own {
                way.children.iter_mut().for_each(|k| *k = id[*k as usize]);
                way.children.sort_unstable();
            }
            ways.push(own);
        }
        self.origin = kept.iter().map(|c| self.origin[*c]).collect();
        self.net.ways = ways;
    }

    /// What the segment is, without what it stands for.
    pub(super) fn key(&self) -> Key {
        let mut key = Key::new();
        for ways in &self.net.ways {
            key.push(ways.len() as u64);
            for way in ways {
                key.push(way.latency.to_bits());
                key.push(way.energy.to_bits());
                key.push(way.uses.len() as u64);
                key.extend(way.uses.iter().flat_map(|u| [u64::from(u.0), u.1.to_bits()]));
                key.push(way.children.len() as u64);
                key.extend(way.children.iter().map(|k| u64::from(*k)));
            }
        }
        key
    }
}

/// Whether any plan with `old` is as good with `new` of the same class instead: it takes and holds no more, and its children are
/// those of `old` or equal to some that hold nothing or that nothing else reads.
fn replaces(net: &Net, new: &Way, old: &Way, only_here: &dyn Fn(u32) -> bool) -> bool {
    let held = |way: &Way, r: u32| way.uses.iter().find(|u| u.0 == r).map_or(0.0, |u| u.1);
    if new.latency > old.latency || new.uses.iter().any(|u| u.1 > held(old, u.0)) {
        return false;
    }
    let mut taken: Vec<u32> = Vec::new();
    new.children.iter().filter(|k| old.children.binary_search(k).is_err()).all(|&k| {
        let ways = &net.ways[k as usize];
        let free = ways.iter().all(|w| w.uses.is_empty());
        let equal = |o: &&u32| {
            new.children.binary_search(o).is_err()
                && same(ways, &net.ways[**o as usize])
                && (free || (only_here(**o) && !taken.contains(o)))
        };
        let found = old.children.iter().find(equal).copied();
        taken.extend(found);
        found.is_some()
    })
}

/// Whether two classes are made in the same ways from the same classes.
fn same(a: &[Way], b: &[Way]) -> bool {
    let equal = |(x, y): (&Way, &Way)| x.latency == y.latency && x.uses == y.uses && x.children == y.children;
    a.len() == b.len() && a.iter().zip(b).all(equal)
}

/// Classes up to which those that every choice makes are looked for.
const CLASSES: usize = 20_000;

/// Drops ways that need their own class; gives the classes that every choice makes, or none where there are too many classes
/// to look for them.
pub(super) fn drop_self_supporting(net: &mut Net) -> Set {
    if net.len() > CLASSES {
        return Set::new(net.len());
    }
    let all = needed(net);
    for (c, ways) in net.ways.iter_mut().enumerate() {
        ways.retain(|w| !w.children.iter().any(|k| all[*k as usize].has(c)));
    }
    all[net.goal].clone()
}

/// The classes that every derivation of each class contains, itself included.
pub(super) fn needed(net: &Net) -> Vec<Set> {
    let n = net.len();
    let order = net.least(|_, way, most| most + way.latency, |_, v| v).order;
    let mut needed = vec![Set::full(n); n];
    loop {
        let mut changed = false;
        for &c in &order {
            let c = c as usize;
            let mut common = Set::full(n);
            for way in &net.ways[c] {
                let mut all = Set::new(n);
                way.children.iter().for_each(|k| all.add_all(&needed[*k as usize]));
                common.keep(&all);
            }
            common.add(c);
            if common != needed[c] {
                needed[c] = common;
                changed = true;
            }
        }
        if !changed {
            return needed;
        }
    }
}
