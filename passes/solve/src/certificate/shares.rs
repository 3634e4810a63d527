//! What dual values say, in whole numbers.

use super::Shares;
use super::exact::Unit;
use super::flaw::Flaw;
use super::state::{State, Way, seconds};

/// A bound and what each way costs above it.
pub(super) struct Above {
    /// No solution costs less.
    pub(super) bound: i128,
    /// A solution costs at least the bound and what each of its ways costs here, none of which is negative.
    pub(super) ways: Vec<Vec<i128>>,
}

/// What `shares` prove about `state`.
///
/// A way costs its class what it costs itself and what the class pays for its children and for what is made with them, less what the
/// class is paid. Summed over a solution, payments between its classes cancel; payments by classes that are not in it make the sum lower. So the
/// solution costs no less than the demands and that sum, for any payments that are not negative.
pub(super) fn above(state: &State, shares: &Shares, unit: Unit) -> Result<Above, Flaw> {
    let known = state.implied(&shares.implied)?;
    let mut paid = vec![0i128; state.class.len()];
    let mut pays: Vec<Vec<(u32, i128)>> = vec![Vec::new(); state.class.len()];
    for &(class, child, payment) in &shares.payments {
        let (from, to) = (state.place(class)?, state.place(child)?);
        let payment = unit.down(payment);
        paid[to] += payment;
        pays[from].push((to as u32, payment));
    }
    pays.iter_mut().for_each(|list| list.sort_unstable());
    let mut bound = 0;
    for &(class, demand) in &shares.demand {
        let place = state.place(class)?;
        if !state.needed[place] {
            return Err(Flaw::NotNeeded(class));
        }
        let demand = unit.down(demand);
        paid[place] += demand;
        bound += demand;
    }
    let mut ways = Vec::with_capacity(state.class.len());
    for (place, list) in state.ways.iter().enumerate() {
        // The same child may be named more than once: all of it counts.
        let payment = |k: &u32| {
            let first = pays[place].partition_point(|(to, _)| to < k);
            pays[place][first..].iter().take_while(|(to, _)| to == k).map(|p| p.1).sum::<i128>()
        };
        let needs = |w: &Way| {
            let mut all = w.reads.clone();
            all.extend(w.reads.iter().flat_map(|r| seconds(&known, *r)));
            all.sort_unstable();
            all.dedup();
            all
        };
        let price = |w: &Way| match known.is_empty() {
            true => w.cost + w.reads.iter().map(payment).sum::<i128>() - paid[place],
            false => w.cost + needs(w).iter().map(payment).sum::<i128>() - paid[place],
        };
        let prices: Vec<i128> = list.iter().map(price).collect();
        // Rounding may have made a class pay more than its cheapest way is worth.
        let least = prices.iter().copied().min().unwrap_or(0).min(0);
        bound += least;
        ways.push(prices.iter().map(|p| p - least).collect());
    }
    Ok(Above { bound, ways })
}
