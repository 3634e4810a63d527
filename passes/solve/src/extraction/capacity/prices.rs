//! The best prices of a case.

use super::super::work::Work;
use super::lines::{Line, highest};
use super::room::{Case, Met, Room};
use super::{Leaf, PROVEN, fill};
use crate::certificate::{Kept, Reduced};

/// Rounds over all capacities, where there are several.
const ROUNDS: usize = 3;
/// Most prices of one capacity that are looked at in a row.
const LOOKS: usize = 16;
/// A look that is nearer than this to what the lines say shows the highest point.
const NEAR: f64 = 1e-12;

/// The best that is known of a case.
struct Known {
    prices: Vec<f64>,
    bound: f64,
    proof: Reduced,
}

/// A case looked at: its prices, its bound, what fits, and what to decide next.
pub(super) fn leaf(room: &mut Room<'_>, case: Case, of: Option<&Leaf>) -> Leaf {
    let work = room.work(&case);
    let rows = room.problem.capacities.len();
    let mut usable = Vec::with_capacity(rows);
    for at in 0..rows {
        match room.usable(&work, at) {
            Some(most) => usable.push(most),
            None => return closed(case, Kept::Full { capacity: u32::try_from(at).unwrap_or(u32::MAX) }),
        }
    }
    let before = room.solves();
    let start = of.map_or_else(|| vec![0.0; rows], |leaf| leaf.prices.clone());
    let mut known = Known { prices: start.clone(), bound: f64::NEG_INFINITY, proof: Reduced::default() };
    if !look(room, &case, &usable, &start, &mut known) {
        return closed(case, Kept::Priced { prices: known.prices, proof: known.proof });
    }
    for _ in 0..if rows > 1 { ROUNDS } else { 1 } {
        let before = known.bound;
        for row in 0..rows {
            climb(room, &case, &usable, row, &mut known);
        }
        if known.bound <= before + NEAR * before.abs() {
            break;
        }
    }
    let open =
        odd_one(room, &work, &case, &usable, &known.prices).or_else(|| disagree(room, &case, &usable, &known.prices));
    // A case in which nothing new was met holds nothing new that fits.
    if known.bound < room.best_cost() * (1.0 - PROVEN) && (of.is_none() || room.solves() > before + 1) {
        fill::fill(room, &case, &usable, &known.prices);
    }
    let kept = Kept::Priced { prices: known.prices.clone(), proof: known.proof };
    Leaf { case, prices: known.prices, bound: known.bound, kept, open }
}

/// A case that holds nothing.
fn closed(case: Case, kept: Kept) -> Leaf {
    Leaf { case, prices: Vec::new(), bound: f64::INFINITY, kept, open: None }
}

/// Solves a case at some prices; whether there is a choice.
fn look(room: &mut Room<'_>, case: &Case, usable: &[u64], prices: &[f64], known: &mut Known) -> bool {
    let found = room.solve(room.at(case, prices));
    let all: f64 = prices.iter().zip(usable).map(|(price, most)| price * *most as f64).sum();
    let bound = found.bound - all;
    if bound > known.bound || found.met.is_none() {
        *known = Known { prices: prices.to_vec(), bound, proof: found.proof };
    }
    found.met.is_some()
}

/// The line of a choice over the price of one capacity, those of the others being as they are.
fn line(met: &Met, usable: &[u64], prices: &[f64], row: usize) -> Line {
    let mut line = (met.cost, 0.0);
    for (at, ((taken, most), price)) in met.taken.iter().zip(usable).zip(prices).enumerate() {
        let over = *taken as f64 - *most as f64;
        if at == row {
            line.1 = over;
        } else {
            line.0 += price * over;
        }
    }
    line
}

/// Finds the best price of one capacity.
fn climb(room: &mut Room<'_>, case: &Case, usable: &[u64], row: usize, known: &mut Known) {
    let (mut asked, mut last) = (false, None);
    for _ in 0..LOOKS {
        if room.is_spent() || known.bound >= room.best_cost() * (1.0 - PROVEN) {
            return;
        }
        let lines: Vec<Line> = room.of_case(case).map(|m| line(m, usable, &known.prices, row)).collect();
        let Some((price, value)) = highest(&lines) else {
            // Nothing of this case that fits is known.
            let (least, sure) = room.least(row, case);
            let fits = least.zip(usable.get(row)).is_some_and(|(least, most)| least <= *most);
            if asked || (!fits && sure) {
                // The higher the price, the higher the bound, without end: one that says enough will do.
                return dear(room, case, usable, row, known);
            }
            asked = true;
            continue;
        };
        if value <= known.bound + NEAR * value.abs() {
            return;
        }
        if last == Some(price) {
            return;
        }
        last = Some(price);
        let mut prices = known.prices.clone();
        prices[row] = price;
        let before = room.met.len();
        look(room, case, usable, &prices, known);
        let new = room.met.get(before).map(|m| line(m, usable, &prices, row));
        // Nothing below the lines: this is the highest point.
        if new.is_none_or(|(cost, over)| cost + price * over >= value - NEAR * value.abs()) {
            return;
        }
    }
}

/// A price so high that a case in which nothing fits is worth nothing.
fn dear(room: &mut Room<'_>, case: &Case, usable: &[u64], row: usize, known: &mut Known) {
    let best = room.best_cost();
    if !best.is_finite() {
        return;
    }
    let mut prices = known.prices.clone();
    prices[row] = 2.0 * best.max(prices[row]);
    look(room, case, usable, &prices, known);
}

/// A taker that takes no multiple of what those do that are worth having at these prices: once all such are decided, less room can be
/// used, and the bound rises. Those come first that are not worth having: they are decided at once.
fn odd_one(room: &Room<'_>, work: &Work, case: &Case, usable: &[u64], prices: &[f64]) -> Option<usize> {
    let free: Vec<usize> = (0..room.takers.len()).filter(|t| room.is_free(work, *t)).collect();
    let (over, under) = sides(room, case, usable, prices);
    let takes = |t: usize, row: usize| room.takers.get(t).and_then(|t| t.takes.get(row)).copied().unwrap_or(0);
    let is_worth = |t: &usize| [over, under].iter().flatten().any(|m| m.takers.contains(t));
    let worth: Vec<usize> = free.iter().copied().filter(is_worth).collect();
    (0..room.problem.capacities.len()).find_map(|row| {
        // The divisor of most of what they take: one of them alone may be odd.
        let divisor = worth.iter().map(|t| takes(*t, row)).filter(|d| *d > 0).max_by_key(|d| {
            let fits = worth.iter().filter(|t| takes(**t, row).is_multiple_of(*d)).count();
            (fits, *d)
        })?;
        let odd = free.iter().copied().filter(|t| !takes(*t, row).is_multiple_of(divisor));
        odd.min_by_key(|t| (worth.contains(t), std::cmp::Reverse(takes(*t, row)), *t))
    })
}

/// The taker that takes most of those on which the choices that cost least at these prices disagree: one that fits and one that does not.
fn disagree(room: &Room<'_>, case: &Case, usable: &[u64], prices: &[f64]) -> Option<usize> {
    let (over, under) = sides(room, case, usable, prices);
    let (over, under) = (over?, under?);
    let apart = over.takers.symmetric_difference(&under.takers);
    let decided = |t: &usize| case.with.contains(t) || case.without.contains(t);
    let size = |t: &usize| room.takers.get(*t).map_or(0, |t| t.takes.iter().sum::<u64>());
    apart.filter(|t| !decided(t)).max_by_key(|t| (size(t), std::cmp::Reverse(**t))).copied()
}

/// Of the choices met in a case the one that costs least at these prices and takes too much, and the same of those that fit.
pub(super) fn sides<'m>(
    room: &'m Room<'_>,
    case: &'m Case,
    usable: &[u64],
    prices: &[f64],
) -> (Option<&'m Met>, Option<&'m Met>) {
    let value = |m: &Met| m.cost + m.taken.iter().zip(prices).map(|(taken, price)| *taken as f64 * price).sum::<f64>();
    let fits = |m: &Met| m.taken.iter().zip(usable).all(|(taken, most)| taken <= most);
    let least =
        |fitting: bool| room.of_case(case).filter(|m| fits(m) == fitting).min_by(|a, b| value(a).total_cmp(&value(b)));
    (least(false), least(true))
}
