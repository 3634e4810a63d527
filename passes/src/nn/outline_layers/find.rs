//! Where a program repeats itself: by the form of its operations, not by their names.

use super::flat::{Flat, Maker};
use rustc_hash::FxHashMap;

/// Periods that are looked at closely, at most.
const CANDIDATES: usize = 32;

/// A stretch of operations that are instances of one segment, as positions in [`Flat::order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Where the first instance starts.
    pub(super) start: usize,
    /// Operations of one.
    pub(super) period: usize,
    /// How many there are.
    pub(super) times: usize,
}

/// Runs of at least `least` operations per instance, those that save most operations first.
pub(super) fn runs(flat: &Flat<'_>, least: usize, free: &[bool]) -> Vec<Run> {
    let mut found: Vec<(usize, Run)> = Vec::new();
    for period in periods(flat, least, free) {
        for (start, length) in stretches(flat, period, free) {
            if length >= 2 * period {
                let run = cut(flat, start, length, period);
                found.push(((run.times - 1) * period, run));
            }
        }
    }
    found.retain(|(_, run)| run.times >= 2);
    // Of equal savings the shorter segment first.
    found.sort_by(|(a, x), (b, y)| b.cmp(a).then(x.period.cmp(&y.period)).then(x.start.cmp(&y.start)));
    found.into_iter().map(|(_, run)| run).take(CANDIDATES).collect()
}

/// Distances between neighbours that look alike, the most frequent ones, shortest first. Alike are operations of one form, and
/// rows of operations: within a layer a form may come back often, a row of them does not.
fn periods(flat: &Flat<'_>, least: usize, free: &[bool]) -> Vec<usize> {
    let mut counts: FxHashMap<usize, usize> = FxHashMap::default();
    for length in [1, least, 4 * least] {
        let mut last: FxHashMap<u128, usize> = FxHashMap::default();
        for (position, row) in rows(&flat.forms, length).into_iter().enumerate().filter(|(p, _)| free[*p]) {
            if let Some(before) = last.insert(row, position) {
                *counts.entry(position - before).or_default() += 1;
            }
        }
    }
    let mut all: Vec<(usize, usize)> = counts.into_iter().filter(|(distance, _)| *distance >= least).collect();
    all.sort_by_key(|(distance, count)| (std::cmp::Reverse(count * distance), *distance));
    let mut periods: Vec<usize> = all.into_iter().take(CANDIDATES).map(|(distance, _)| distance).collect();
    periods.sort_unstable();
    periods
}

/// A number for each row of `length` forms, in time that does not grow with the length.
fn rows(forms: &[u128], length: usize) -> Vec<u128> {
    const BASE: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    if forms.len() < length {
        return Vec::new();
    }
    let out = (1..length).fold(1u128, |power, _| power.wrapping_mul(BASE));
    let mut row = forms[..length].iter().fold(0u128, |row, form| row.wrapping_mul(BASE).wrapping_add(*form));
    let mut all = vec![row];
    for (gone, come) in forms.iter().zip(&forms[length..]) {
        row = row.wrapping_sub(gone.wrapping_mul(out)).wrapping_mul(BASE).wrapping_add(*come);
        all.push(row);
    }
    all
}

/// Start and length of each stretch in which every operation has the form of that one period later.
fn stretches(flat: &Flat<'_>, period: usize, free: &[bool]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = None;
    for position in 0..flat.forms.len() {
        let next = position + period;
        let same = next < flat.forms.len() && free[position] && free[next] && flat.forms[position] == flat.forms[next];
        match (same, start) {
            (true, None) => start = Some(position),
            (false, Some(from)) => {
                out.push((from, position - from + period));
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// Where to cut a stretch so that fewest values pass from one instance to the next: between layers that is the residual
/// stream alone. Of equal cuts the one with more instances, then one where the user's names change, then the first.
fn cut(flat: &Flat<'_>, start: usize, length: usize, period: usize) -> Run {
    let passing = passing(flat, start, length, period);
    let times = |offset: usize| (length - offset) / period;
    let key = |offset: usize| {
        // Looked at one period later: before the first instance something else may come.
        let at = offset + period;
        let renamed = flat.number(start + at) != flat.number(start + at - 1);
        (passing.get(at).copied().unwrap_or(usize::MAX), std::cmp::Reverse(times(offset)), !renamed, offset)
    };
    let offset = (0..period).min_by_key(|offset| key(*offset)).unwrap_or(0);
    Run { start: start + offset, period, times: times(offset) }
}

/// For each position of a stretch, how many values made less than a period before it are used at it or later.
fn passing(flat: &Flat<'_>, start: usize, length: usize, period: usize) -> Vec<usize> {
    let mut change = vec![0isize; length + 2];
    for p in 0..length {
        let last = flat.last_use(start + p);
        if last > start + p {
            let until = (last - start).min(p + period).min(length);
            change[p + 1] += 1;
            change[until + 1] -= 1;
        }
    }
    let mut sum = 0isize;
    let counts = change.into_iter().map(|c| {
        sum += c;
        usize::try_from(sum).unwrap_or(0)
    });
    counts.collect()
}

/// The positions of one more instance before a run whose operations have others between them: the first layer often holds what
/// all layers share, such as a mask in another shape, made once. `None` where there is none, or where what stands between
/// needs the instance and so cannot be moved in front of it.
pub(super) fn before(flat: &Flat<'_>, run: &Run, free: &[bool]) -> Option<Vec<usize>> {
    let mut positions = Vec::with_capacity(run.period);
    let mut at = run.start;
    for template in (run.start..run.start + run.period).rev() {
        let lowest = run.start.saturating_sub(2 * run.period);
        let matched = (lowest..at).rev().find(|p| flat.forms[*p] == flat.forms[template])?;
        positions.push(matched);
        at = matched;
    }
    positions.reverse();
    let first = *positions.first()?;
    let own = |p: usize| positions.binary_search(&p).is_ok();
    let mut moved = vec![false; run.start - first];
    for p in first..run.start {
        let needs = |v: &prism_dialects::ValueId| match flat.makers[v.index()] {
            Maker::Op(made, _) => made >= first && !moved[made - first],
            _ => false,
        };
        if !free[p] || (!own(p) && flat.op(p).operands.iter().any(needs)) {
            return None;
        }
        moved[p - first] = !own(p);
    }
    Some(positions)
}
