//! An elimination followed in whole numbers: tables are joined two by two, in the order that the certificate gives.
//!
//! A way of a table decides its classes: it makes some, needs some of other tables, and costs. Of two ways, one that costs no more,
//! makes all that the other makes and needs no more stands in for the other. Cycles are looked for among classes of one
//! group; looking for fewer can only make the result lower.

use super::flaw::Flaw;
use super::state::State;

/// A set of classes by their position in a scope.
type Set = u128;
/// Most classes in a scope.
const WIDTH: usize = 128;
/// Ways at which those that others stand in for are left out early.
const MANY: usize = 20_000;

/// One way to decide the classes of a table.
#[derive(Clone)]
struct Way {
    cost: i128,
    above: i128,
    makes: Set,
    needs: Set,
    /// What each watched class is made from, of classes of other tables and its own group.
    from: Vec<Set>,
}

/// The ways worth keeping.
#[derive(Clone)]
struct Table {
    /// The classes that other tables mention, ascending.
    scope: Vec<u32>,
    /// Those that it decides.
    own: Set,
    /// Own classes with a class of their group that another table decides.
    watched: Vec<usize>,
    ways: Vec<Way>,
}

/// The tables of a part, each at the position of a class.
pub(super) struct Tables<'a> {
    tables: Vec<Option<Table>>,
    /// How many tables mention a class.
    mentions: Vec<u32>,
    groups: &'a [u32],
    /// Ways that cost this much or more above the bound do not count.
    limit: i128,
    /// Pairs of ways that may still be looked at.
    work: u64,
}

fn places(mut set: Set) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = set.trailing_zeros() as usize;
        (set != 0).then(|| {
            set &= set - 1;
            place
        })
    })
}

fn set_of(scope: &[u32], classes: impl Iterator<Item = u32>) -> Set {
    classes.filter_map(|c| scope.binary_search(&c).ok()).fold(0, |set, p| set | 1 << p)
}

impl<'a> Tables<'a> {
    /// One table for each class. `above` says what ways cost above a bound, and `limit` what such ways may together.
    pub(super) fn new(
        state: &State,
        groups: &'a [u32],
        above: Option<&[Vec<i128>]>,
        limit: i128,
        work: u64,
    ) -> Result<Self, Flaw> {
        if groups.len() != state.class.len() {
            return Err("the groups are not those of the part's classes".into());
        }
        let mut tables = Vec::with_capacity(groups.len());
        let mut mentions = vec![0; groups.len()];
        for place in 0..groups.len() {
            let table = Table::new(state, place, groups, above.and_then(|a| a.get(place)).map(Vec::as_slice))?;
            table.scope.iter().for_each(|c| mentions[*c as usize] += 1);
            tables.push(Some(table));
        }
        Ok(Tables { tables, mentions, groups, limit, work })
    }

    /// Joins the tables at `a` and `b`; the result is at `a`.
    pub(super) fn join(&mut self, a: usize, b: usize) -> Result<(), Flaw> {
        let mut take = |at: usize| self.tables.get_mut(at).and_then(Option::take).ok_or("a table is joined twice");
        let (one, other) = (take(a)?, take(b)?);
        let pairs = (one.ways.len() as u64).saturating_mul(other.ways.len() as u64);
        self.work = self.work.checked_sub(pairs).ok_or("the elimination takes too much work to follow")?;
        one.scope.iter().chain(&other.scope).for_each(|c| self.mentions[*c as usize] -= 1);
        let mentions = &self.mentions;
        let joined = one.join(&other, self.groups, self.limit, &|c| mentions[c as usize] == 0)?;
        joined.scope.iter().for_each(|c| self.mentions[*c as usize] += 1);
        self.tables[a] = Some(joined);
        Ok(())
    }

    /// What is left of the work.
    pub(super) fn work_left(&self) -> u64 {
        self.work
    }

    /// The least cost of what is left; `None` if nothing within the limit is.
    pub(super) fn least(&self) -> Option<i128> {
        self.tables.iter().flatten().map(|t| t.ways.iter().map(|w| w.cost).min()).sum()
    }
}

impl Table {
    /// The table of one class: each way to make it, and not to make it unless it is needed.
    fn new(state: &State, place: usize, groups: &[u32], above: Option<&[i128]>) -> Result<Table, Flaw> {
        let class = place as u32;
        let ways = &state.ways[place];
        let mut scope: Vec<u32> = ways.iter().flat_map(|w| &w.reads).copied().chain([class]).collect();
        scope.sort_unstable();
        scope.dedup();
        if scope.len() > WIDTH {
            return Err(Flaw::TooWide(state.class[place]));
        }
        let own = set_of(&scope, [class].into_iter());
        let group = groups[place];
        let same = set_of(&scope, scope.iter().copied().filter(|c| groups[*c as usize] == group));
        let watched: Vec<usize> = if same == own { Vec::new() } else { places(own).collect() };
        let from = |needs: Set| watched.iter().map(|_| needs & same).collect();
        let mut list = Vec::with_capacity(ways.len() + 1);
        if !state.needed[place] {
            list.push(Way { cost: 0, above: 0, makes: 0, needs: 0, from: from(0) });
        }
        for (at, way) in ways.iter().enumerate() {
            let needs = set_of(&scope, way.reads.iter().copied());
            let above = above.and_then(|a| a.get(at)).copied().unwrap_or(0);
            list.push(Way { cost: way.cost, above, makes: own, needs, from: from(needs) });
        }
        Ok(Table { scope, own, watched, ways: list })
    }

    /// The table in a wider scope.
    fn widened(&self, scope: &[u32]) -> Table {
        let to: Vec<usize> = self.scope.iter().filter_map(|c| scope.binary_search(c).ok()).collect();
        let wide = |set: Set| places(set).filter_map(|p| to.get(p)).fold(0, |out: Set, p| out | 1 << p);
        let way = |w: &Way| Way {
            makes: wide(w.makes),
            needs: wide(w.needs),
            from: w.from.iter().map(|f| wide(*f)).collect(),
            ..*w
        };
        Table {
            scope: scope.to_vec(),
            own: wide(self.own),
            watched: self.watched.iter().map(|p| to[*p]).collect(),
            ways: self.ways.iter().map(way).collect(),
        }
    }

    /// Both tables as one, without the classes that `unmentioned` says no third table mentions.
    fn join(
        &self,
        other: &Table,
        groups: &[u32],
        limit: i128,
        unmentioned: &dyn Fn(u32) -> bool,
    ) -> Result<Table, Flaw> {
        let mut scope: Vec<u32> = self.scope.iter().chain(&other.scope).copied().collect();
        scope.sort_unstable();
        scope.dedup();
        if scope.len() > WIDTH {
            return Err("two tables mention too many classes together".into());
        }
        let (a, b) = (self.widened(&scope), other.widened(&scope));
        let own = a.own | b.own;
        let kept: Vec<usize> = (0..scope.len()).filter(|p| !unmentioned(scope[*p])).collect();
        let kept_set: Set = kept.iter().fold(0, |set, p| set | 1 << p);
        let foreign: Vec<u32> = places(!own & mask(scope.len())).map(|p| groups[scope[p] as usize]).collect();
        let watched: Vec<usize> =
            places(own & kept_set).filter(|p| foreign.contains(&groups[scope[*p] as usize])).collect();
        let pair = Pair { a: &a, b: &b, own, watched: &watched, a_slots: a.slots(), b_slots: b.slots() };
        let mut ways = pair.ways(limit, kept_set);
        let small = |set: Set| kept.iter().enumerate().fold(0, |out, (new, old)| out | (set >> old & 1) << new);
        for way in &mut ways {
            (way.makes, way.needs) = (small(way.makes), small(way.needs));
            way.from.iter_mut().for_each(|f| *f = small(*f));
        }
        let place = |p: &usize| kept.partition_point(|k| k < p);
        Ok(Table {
            own: small(own & kept_set),
            watched: watched.iter().map(place).collect(),
            scope: kept.iter().map(|p| scope[*p]).collect(),
            ways,
        })
    }

    /// Where each watched class stands in [`Way::from`].
    fn slots(&self) -> [Option<usize>; WIDTH] {
        let mut slots = [None; WIDTH];
        self.watched.iter().enumerate().for_each(|(slot, p)| slots[*p] = Some(slot));
        slots
    }
}

fn mask(width: usize) -> Set {
    if width >= WIDTH { Set::MAX } else { (1 << width) - 1 }
}

/// Two tables in one scope.
struct Pair<'a> {
    a: &'a Table,
    b: &'a Table,
    own: Set,
    watched: &'a [usize],
    a_slots: [Option<usize>; WIDTH],
    b_slots: [Option<usize>; WIDTH],
}

impl Pair<'_> {
    fn ways(&self, limit: i128, kept: Set) -> Vec<Way> {
        let mut out = Vec::new();
        let mut room = MANY;
        for a in &self.a.ways {
            for b in &self.b.ways {
                let unmet = (a.needs & self.b.own & !b.makes) | (b.needs & self.a.own & !a.makes);
                if unmet != 0 || a.above + b.above >= limit {
                    continue;
                }
                let Some(from) = self.from(a, b) else { continue };
                let (cost, above) = (a.cost + b.cost, a.above + b.above);
                let (makes, needs) = ((a.makes | b.makes) & kept, (a.needs | b.needs) & !self.own);
                out.push(Way { cost, above, makes, needs, from });
            }
            if out.len() > room {
                out = worth_keeping(out, self.watched);
                room = MANY.max(2 * out.len());
            }
        }
        worth_keeping(out, self.watched)
    }

    /// What each watched class is made from by the two ways together; `None` if something is made from itself.
    fn from(&self, a: &Way, b: &Way) -> Option<Vec<Set>> {
        let step = |p: usize| {
            let of = |slots: &[Option<usize>; WIDTH], way: &Way| slots[p].and_then(|s| way.from.get(s)).copied();
            of(&self.a_slots, a).or_else(|| of(&self.b_slots, b)).unwrap_or(0)
        };
        let origins = |p: usize| {
            let (mut reached, mut seen): (Set, Set) = (step(p), 0);
            loop {
                let open = reached & self.own & !seen;
                if open == 0 {
                    return reached;
                }
                let next = open.trailing_zeros() as usize;
                seen |= 1 << next;
                reached |= step(next);
            }
        };
        // A new cycle passes from one table to the other and back.
        let (to_b, to_a) = (a.needs & self.b.own, b.needs & self.a.own);
        let closes = |p: usize| origins(p) >> p & 1 == 1;
        if to_a != 0 && to_b != 0 && places(to_a | to_b).any(closes) {
            return None;
        }
        Some(self.watched.iter().map(|p| origins(*p) & !self.own).collect())
    }
}

/// The ways that no other one stands in for, cheapest first.
fn worth_keeping(mut ways: Vec<Way>, watched: &[usize]) -> Vec<Way> {
    ways.sort_by_key(|w| (w.cost, w.needs.count_ones(), std::cmp::Reverse(w.makes.count_ones())));
    let mut kept: Vec<Way> = Vec::new();
    for way in ways {
        let stands_in = |k: &Way| {
            let origins = || watched.iter().zip(k.from.iter().zip(&way.from));
            way.makes & !k.makes == 0
                && k.needs & !way.needs == 0
                && origins().filter(|(p, _)| way.makes >> **p & 1 == 1).all(|(_, (k, w))| k & !w == 0)
        };
        if !kept.iter().any(stands_in) {
            kept.push(way);
        }
    }
    kept
}
