//! The problem as the steps of a certificate leave it, and why each step is allowed.

use super::Step;
use super::exact::Unit;
use super::flaw::Flaw;
use crate::extraction::Problem;
use std::collections::BTreeSet;

/// A node that is still there.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// Its position in the original class.
    pub(super) node: u32,
    /// What it costs, rounded down.
    pub(super) cost: i128,
    /// What it still reads: positions in [`State::class`], ascending.
    pub(super) reads: Vec<u32>,
}

/// Classes, what may make them, and which are needed.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// The original class of each, ascending.
    pub(super) class: Vec<u32>,
    /// What is left of their nodes.
    pub(super) ways: Vec<Vec<Way>>,
    /// Whether every solution that counts has them.
    pub(super) needed: Vec<bool>,
}

impl State {
    /// All of `problem`.
    pub(super) fn new(problem: &Problem, unit: Unit) -> State {
        let way = |(node, n): (u32, &crate::extraction::Node)| {
            let mut reads: Vec<u32> = n.children.iter().map(|c| c.0).collect();
            reads.sort_unstable();
            reads.dedup();
            Way { node, cost: unit.down(n.cost), reads }
        };
        let mut needed = vec![false; problem.classes.len()];
        for root in &problem.roots {
            if let Some(needed) = needed.get_mut(root.index()) {
                *needed = true;
            }
        }
        State {
            class: (0u32..).take(problem.classes.len()).collect(),
            ways: problem.classes.iter().map(|c| (0u32..).zip(&c.nodes).map(way).collect()).collect(),
            needed,
        }
    }

    /// Where an original class is.
    pub(super) fn place(&self, class: u32) -> Result<usize, Flaw> {
        self.class.binary_search(&class).map_err(|_| Flaw::Missing(class))
    }

    /// The classes `members` with what they read of each other. Leaving out other demands makes nothing dearer.
    pub(super) fn part(&self, members: &[u32]) -> Result<State, Flaw> {
        if !members.is_sorted_by(|a, b| a < b) {
            return Err("the classes of a part are not in order".into());
        }
        let places: Vec<usize> = members.iter().map(|c| self.place(*c)).collect::<Result<_, _>>()?;
        let new = |old: &u32| places.binary_search(&(*old as usize)).ok().and_then(|p| u32::try_from(p).ok());
        let moved = |w: &Way| Way { reads: w.reads.iter().filter_map(new).collect(), ..*w };
        Ok(State {
            class: members.to_vec(),
            ways: places.iter().map(|p| self.ways[*p].iter().map(moved).collect()).collect(),
            needed: places.iter().map(|p| self.needed[*p]).collect(),
        })
    }

    /// Whether a needed class has no way left: no solution is.
    pub(super) fn is_impossible(&self) -> bool {
        self.ways.iter().zip(&self.needed).any(|(ways, needed)| *needed && ways.is_empty())
    }

    /// Does a step if it is allowed.
    pub(super) fn apply(&mut self, step: &Step) -> Result<(), Flaw> {
        match step {
            Step::Underivable => self.drop_underivable(),
            Step::SelfSupporting { group, nodes } => return self.drop_self_supporting(group, nodes),
            Step::Dominated(list) => return list.iter().try_for_each(|(c, n, by)| self.drop_dominated(*c, *n, *by)),
            Step::Forced => self.force(),
            Step::Implied(list) => return self.force_implied(list),
            Step::Relaxed(list) => return list.iter().try_for_each(|(c, n, k)| self.relax(*c, *n, *k)),
        }
        Ok(())
    }

    /// Where a node is. Limits may have taken more than the search took: then it is nowhere, and so much the better.
    fn way(&self, class: u32, node: u32) -> Result<Option<(usize, usize)>, Flaw> {
        let place = self.place(class)?;
        Ok(self.ways[place].iter().position(|w| w.node == node).map(|at| (place, at)))
    }

    /// Which classes of `inside` can be made without a cycle and without `banned`; all others are at hand.
    fn derivable(&self, inside: &[usize], banned: Option<usize>) -> Vec<bool> {
        let mut readers: Vec<Vec<(u32, u32)>> = vec![Vec::new(); inside.len()];
        let mut missing: Vec<Vec<usize>> = Vec::with_capacity(inside.len());
        let mut ready = Vec::new();
        for (c, &place) in inside.iter().enumerate() {
            let mut counts = Vec::new();
            for (at, way) in self.ways[place].iter().enumerate() {
                let within = way.reads.iter().filter_map(|k| inside.binary_search(&(*k as usize)).ok());
                let mut count = 0;
                for k in within {
                    readers[k].push((c as u32, at as u32));
                    count += 1;
                }
                counts.push(count);
                if count == 0 && banned != Some(place) {
                    ready.push(c);
                }
            }
            missing.push(counts);
        }
        let mut made = vec![false; inside.len()];
        while let Some(c) = ready.pop() {
            if std::mem::replace(&mut made[c], true) {
                continue;
            }
            for &(reader, at) in &readers[c] {
                let left = &mut missing[reader as usize][at as usize];
                *left -= 1;
                if *left == 0 && banned != Some(inside[reader as usize]) {
                    ready.push(reader as usize);
                }
            }
        }
        made
    }

    fn drop_underivable(&mut self) {
        let all: Vec<usize> = (0..self.class.len()).collect();
        let made = self.derivable(&all, None);
        for (ways, made_itself) in self.ways.iter_mut().zip(&made) {
            ways.retain(|w| *made_itself && w.reads.iter().all(|k| made[*k as usize]));
        }
    }

    /// A solution has an order in which everything comes after what it reads; a node that cannot come before its own
    /// class is in no solution.
    fn drop_self_supporting(&mut self, group: &[u32], nodes: &[(u32, u32)]) -> Result<(), Flaw> {
        let mut inside: Vec<usize> = group.iter().map(|c| self.place(*c)).collect::<Result<_, _>>()?;
        inside.sort_unstable();
        inside.dedup();
        for run in nodes.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(class, _)) = run.first() else { continue };
            let place = self.place(class)?;
            let made = self.derivable(&inside, Some(place));
            for &(_, node) in run {
                let Some((_, at)) = self.way(class, node)? else { continue };
                let stuck = |k: &u32| inside.binary_search(&(*k as usize)).is_ok_and(|i| !made[i]);
                if !self.ways[place][at].reads.iter().any(stuck) {
                    return Err(Flaw::SelfReliant(class, node));
                }
                self.ways[place].remove(at);
            }
        }
        Ok(())
    }

    /// Wherever the node is chosen the other one does as well: it costs no more and closes no other cycle.
    fn drop_dominated(&mut self, class: u32, node: u32, by: u32) -> Result<(), Flaw> {
        let (Some((place, at)), Some((_, better))) = (self.way(class, node)?, self.way(class, by)?) else {
            return Ok(());
        };
        let (way, other) = (&self.ways[place][at], &self.ways[place][better]);
        let reads_all = other.reads.iter().all(|k| way.reads.binary_search(k).is_ok());
        if at == better || other.cost > way.cost || !reads_all {
            return Err(Flaw::NoStandIn(class, node, by));
        }
        self.ways[place].remove(at);
        Ok(())
    }

    fn relax(&mut self, class: u32, node: u32, child: u32) -> Result<(), Flaw> {
        let child = self.place(child)?;
        if let Some((place, at)) = self.way(class, node)? {
            self.ways[place][at].reads.retain(|k| *k as usize != child);
        }
        Ok(())
    }

    fn force(&mut self) {
        for (ways, needed) in self.ways.iter().zip(&mut self.needed) {
            *needed |= ways.iter().any(|w| w.cost == 0 && w.reads.is_empty());
        }
        let mut todo: Vec<usize> = (0..self.class.len()).filter(|c| self.needed[*c]).collect();
        while let Some(c) = todo.pop() {
            let Some((first, rest)) = self.ways[c].split_first() else { continue };
            for &k in &first.reads {
                let by_all = rest.iter().all(|w| w.reads.binary_search(&k).is_ok());
                if by_all && !std::mem::replace(&mut self.needed[k as usize], true) {
                    todo.push(k as usize);
                }
            }
        }
    }

    /// Whatever makes a class makes what all its nodes need.
    fn force_implied(&mut self, pairs: &[(u32, u32)]) -> Result<(), Flaw> {
        let known = self.implied(pairs)?;
        let mut todo: Vec<u32> = known.iter().map(|(c, _)| *c).filter(|c| self.needed[*c as usize]).collect();
        while let Some(c) = todo.pop() {
            for k in seconds(&known, c) {
                if !std::mem::replace(&mut self.needed[k as usize], true) {
                    todo.push(k);
                }
            }
        }
        Ok(())
    }

    /// `pairs` by position, if each holds: the second is made whenever the first is.
    pub(super) fn implied(&self, pairs: &[(u32, u32)]) -> Result<BTreeSet<(u32, u32)>, Flaw> {
        let mut known: BTreeSet<(u32, u32)> = BTreeSet::new();
        for (class, other) in pairs {
            let (c, k) = (self.place(*class)?, self.place(*other)? as u32);
            let needs = |w: &Way| w.reads.iter().any(|r| *r == k || known.contains(&(*r, k)));
            if !self.ways[c].iter().all(needs) {
                return Err(Flaw::NotImplied(*class, *other));
            }
            known.insert((c as u32, k));
        }
        Ok(known)
    }

    /// What needed classes outside `parts` cost at least.
    pub(super) fn rest(&self, in_parts: &[bool]) -> i128 {
        let outside =
            self.ways.iter().zip(&self.needed).zip(in_parts).filter(|((_, needed), inside)| **needed && !**inside);
        outside.filter_map(|((ways, _), _)| ways.iter().map(|w| w.cost).min()).sum()
    }
}

/// What `known` says is made with `first`.
pub(super) fn seconds(known: &BTreeSet<(u32, u32)>, first: u32) -> impl Iterator<Item = u32> {
    known.range((first, 0)..=(first, u32::MAX)).map(|(_, k)| *k)
}
