//! Tables of the elimination and how two of them are joined.
//!
//! A factor stands for a set of classes about which all choices have been made in every way worth
//! keeping. An entry is one such way: what it provides to classes outside, what it requires from them,
//! and its cost. Providing more, requiring less and costing less is always at least as good, so only
//! entries that no other one beats are kept; this is what keeps the tables small where an e-graph has
//! small cuts.

/// A set of classes of a factor's scope, by position.
pub(super) type Bits = u128;

/// Most classes in one scope.
pub(super) const SCOPE: usize = 128;

/// One way to decide the classes of a factor.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Sum of the costs of the nodes chosen.
    pub(super) cost: f64,
    /// Sum of their reduced costs: a lower bound on what this way costs above the dual bound.
    pub(super) reduced: f64,
    /// Own classes of the scope that are made.
    pub(super) provides: Bits,
    /// Foreign classes that have to be made.
    pub(super) requires: Bits,
    /// For each of the factor's `cyclic` classes, the required ones that it is made from.
    pub(super) depends: Box<[Bits]>,
    /// How it came about.
    pub(super) trace: u32,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Factor {
    /// The classes through which it meets other factors, ascending.
    pub(super) scope: Vec<u32>,
    /// Which of them it decides itself.
    pub(super) own: Bits,
    /// Positions of own classes that could be on a cycle with a foreign class of the scope.
    pub(super) cyclic: Vec<u8>,
    /// The ways, cheapest first.
    pub(super) entries: Vec<Entry>,
}

/// The choices behind every entry, as a forest.
#[derive(Debug)]
pub(super) struct Traces(Vec<Trace>);

#[derive(Clone, Copy, Debug)]
enum Trace {
    Nothing,
    Pick(u32, u32),
    Join(u32, u32),
}

impl Traces {
    /// The trace of choosing nothing.
    pub(super) const NOTHING: u32 = 0;

    /// Only [`Traces::NOTHING`].
    pub(super) fn new() -> Self {
        Traces(vec![Trace::Nothing])
    }

    fn push(&mut self, trace: Trace) -> u32 {
        self.0.push(trace);
        (self.0.len() - 1) as u32
    }

    /// The trace of choosing one node.
    pub(super) fn pick(&mut self, class: u32, node: u32) -> u32 {
        self.push(Trace::Pick(class, node))
    }

    fn join(&mut self, a: u32, b: u32) -> u32 {
        match (a, b) {
            (Self::NOTHING, x) | (x, Self::NOTHING) => x,
            (a, b) => self.push(Trace::Join(a, b)),
        }
    }

    /// The nodes chosen, as (class, node).
    pub(super) fn picks(&self, root: u32) -> Vec<(u32, u32)> {
        let (mut stack, mut picks) = (vec![root], Vec::new());
        while let Some(at) = stack.pop() {
            match self.0[at as usize] {
                Trace::Nothing => {}
                Trace::Pick(class, node) => picks.push((class, node)),
                Trace::Join(a, b) => stack.extend([a, b]),
            }
        }
        picks
    }
}

/// Iterates over the positions in a set.
pub(super) fn positions(mut bits: Bits) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros() as usize;
        (bits != 0).then(|| {
            bits &= bits - 1;
            at
        })
    })
}

/// What a join may cost.
pub(super) struct Budget {
    /// Most entries of the result.
    pub(super) entries: usize,
    /// Pairs that may still be looked at.
    pub(super) joins: u64,
    /// Entries whose reduced cost is above this cannot be part of a better solution than the one at hand.
    pub(super) gap: f64,
}

/// Two factors on the common scope of both.
struct Pair<'a> {
    a: Side<'a>,
    b: Side<'a>,
    drop: Bits,
    own: Bits,
    cyclic: Vec<u8>,
}

/// One of them: masks in positions of the union, and where each class's dependences are.
struct Side<'a> {
    factor: &'a Factor,
    own: Bits,
    masks: Vec<(Bits, Bits)>,
    depends: Vec<Vec<Bits>>,
    slot: [u8; SCOPE],
}

const NO_SLOT: u8 = u8::MAX;

/// An entry of the join before it has a trace of its own.
type Candidate = (Entry, u32);

/// The factor for both, with `dropped` classes (that no other factor mentions) forgotten.
/// `component` numbers the strongly connected components. `None` if the budget does not allow it.
pub(super) fn join(
    a: &Factor,
    b: &Factor,
    dropped: &[u32],
    component: &[u32],
    budget: &mut Budget,
    traces: &mut Traces,
) -> Option<Factor> {
    let mut scope: Vec<u32> = a.scope.iter().chain(&b.scope).copied().collect();
    scope.sort_unstable();
    scope.dedup();
    if scope.len() > SCOPE {
        return None;
    }
    let drop = mask(&scope, dropped);
    let (a, b) = (Side::new(a, &scope), Side::new(b, &scope));
    let own = a.own | b.own;
    let cyclic = cyclic_positions(&scope, own & !drop, own, component);
    let pair = Pair { a, b, drop, own, cyclic };
    let found = pair.candidates(budget)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(found.len());
    let kept: Vec<usize> = (0..scope.len()).filter(|p| drop >> p & 1 == 0).collect();
    for (mut entry, other) in found {
        entry.trace = traces.join(entry.trace, other);
        entry.provides = squeeze(entry.provides, &kept);
        entry.requires = squeeze(entry.requires, &kept);
        entry.depends.iter_mut().for_each(|d| *d = squeeze(*d, &kept));
        entries.push(entry);
    }
    let place = |p: usize| kept.partition_point(|k| *k < p) as u8;
    Some(Factor {
        own: squeeze(own & !drop, &kept),
        cyclic: pair.cyclic.iter().map(|p| place(*p as usize)).collect(),
        scope: kept.iter().map(|p| scope[*p]).collect(),
        entries,
    })
}

/// Positions of the classes `members` in `scope`; both ascending.
fn mask(scope: &[u32], members: &[u32]) -> Bits {
    members.iter().filter_map(|c| scope.binary_search(c).ok()).fold(0, |bits, p| bits | 1 << p)
}

/// The positions of `own` that share a strongly connected component with a position outside `inside`.
pub(super) fn cyclic_positions(scope: &[u32], own: Bits, inside: Bits, component: &[u32]) -> Vec<u8> {
    let of = |p: usize| component[scope[p] as usize];
    let mut foreign: Vec<u32> = (0..scope.len()).filter(|p| inside >> p & 1 == 0).map(of).collect();
    foreign.sort_unstable();
    positions(own).filter(|p| foreign.binary_search(&of(*p)).is_ok()).map(|p| p as u8).collect()
}

/// Renumbers the positions `kept` from zero.
fn squeeze(bits: Bits, kept: &[usize]) -> Bits {
    if bits == 0 {
        return 0;
    }
    kept.iter().enumerate().fold(0, |out, (new, old)| out | (bits >> old & 1) << new)
}

impl<'a> Side<'a> {
    fn new(factor: &'a Factor, scope: &[u32]) -> Self {
        let to: Vec<usize> = factor.scope.iter().filter_map(|c| scope.binary_search(c).ok()).collect();
        let spread = |bits: Bits| positions(bits).fold(0, |out: Bits, p| out | 1 << to[p]);
        let mut slot = [NO_SLOT; SCOPE];
        (0u8..).zip(&factor.cyclic).for_each(|(i, p)| slot[to[*p as usize]] = i);
        Side {
            own: spread(factor.own),
            masks: factor.entries.iter().map(|e| (spread(e.provides), spread(e.requires))).collect(),
            depends: factor.entries.iter().map(|e| e.depends.iter().map(|d| spread(*d)).collect()).collect(),
            slot,
            factor,
        }
    }

    fn depends(&self, entry: usize, position: usize) -> Bits {
        match self.slot[position] {
            NO_SLOT => 0,
            slot => self.depends[entry].get(slot as usize).copied().unwrap_or(0),
        }
    }
}

impl Pair<'_> {
    /// All pairs of entries that fit, without those that another one beats.
    fn candidates(&self, budget: &mut Budget) -> Option<Vec<Candidate>> {
        let pairs = (self.a.masks.len() as u64).saturating_mul(self.b.masks.len() as u64);
        budget.joins = budget.joins.checked_sub(pairs)?;
        let mut found: Vec<Candidate> = Vec::new();
        let mut room = 4 * budget.entries.max(1024);
        for (i, &(a_provides, a_requires)) in self.a.masks.iter().enumerate() {
            let a = &self.a.factor.entries[i];
            for (j, &(b_provides, b_requires)) in self.b.masks.iter().enumerate() {
                let unmet = (a_requires & self.b.own & !b_provides) | (b_requires & self.a.own & !a_provides);
                let b = &self.b.factor.entries[j];
                if unmet != 0 || a.reduced + b.reduced > budget.gap {
                    continue;
                }
                let Some(depends) = self.depends(i, j, a_requires, b_requires) else { continue };
                let entry = Entry {
                    cost: a.cost + b.cost,
                    reduced: a.reduced + b.reduced,
                    provides: (a_provides | b_provides) & !self.drop,
                    requires: (a_requires | b_requires) & !self.own,
                    depends,
                    trace: a.trace,
                };
                found.push((entry, b.trace));
            }
            if found.len() > room {
                found = undominated(found, &self.cyclic);
                room = room.max(2 * found.len());
                if found.len() > 4 * budget.entries {
                    return None;
                }
            }
        }
        found = undominated(found, &self.cyclic);
        (found.len() <= budget.entries).then_some(found)
    }

    /// What each class that may still close a cycle is made from, through both sides; `None` on a cycle.
    fn depends(&self, i: usize, j: usize, a_requires: Bits, b_requires: Bits) -> Option<Box<[Bits]>> {
        let (to_b, to_a) = (a_requires & self.b.own, b_requires & self.a.own);
        let of = |p: usize| {
            if self.a.own >> p & 1 == 1 { self.a.depends(i, p) } else { self.b.depends(j, p) }
        };
        if to_a != 0 && to_b != 0 {
            for p in positions(to_a | to_b) {
                if self.closure(p, &of) >> p & 1 == 1 {
                    return None;
                }
            }
        }
        Some(self.cyclic.iter().map(|p| self.closure(*p as usize, &of) & !self.own).collect())
    }

    /// Everything that the class at `start` is made from, itself included if it is on a cycle.
    fn closure(&self, start: usize, of: &dyn Fn(usize) -> Bits) -> Bits {
        let (mut reached, mut seen) = (of(start), 0);
        while let next @ 1.. = reached & self.own & !seen {
            let p = next.trailing_zeros() as usize;
            seen |= 1 << p;
            reached |= of(p);
        }
        reached
    }
}

/// The candidates that no other one beats, cheapest first; of equals the earliest.
fn undominated(mut found: Vec<Candidate>, cyclic: &[u8]) -> Vec<Candidate> {
    let size = |e: &Entry| e.requires.count_ones() as i32 - e.provides.count_ones() as i32;
    found.sort_by(|(a, _), (b, _)| a.cost.total_cmp(&b.cost).then_with(|| size(a).cmp(&size(b))));
    let mut kept: Vec<Candidate> = Vec::new();
    for (entry, trace) in found {
        if !kept.iter().any(|(k, _)| beats(k, &entry, cyclic)) {
            kept.push((entry, trace));
        }
    }
    kept
}

/// Whether `a`, which costs no more, can stand in for `b` everywhere.
fn beats(a: &Entry, b: &Entry, cyclic: &[u8]) -> bool {
    let provided = |p: &u8| b.provides >> p & 1 == 1;
    let slots = || cyclic.iter().zip(a.depends.iter().zip(&b.depends));
    b.provides & !a.provides == 0
        && a.requires & !b.requires == 0
        && slots().filter(|(p, _)| provided(p)).all(|(_, (a, b))| a & !b == 0)
}
