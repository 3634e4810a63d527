//! Why nothing that keeps the capacities of a problem costs less than a bound.
//!
//! A choice that keeps a capacity C at a price p for each of its units costs at least what the least choice costs with p times
//! what each node takes added to its cost, less p C: the part that is added and not paid is p (C - taken), which is not
//! negative (Lagrangian relaxation). The least choice at those prices has a proof of its own, in which capacities play no
//! part. Prices may be any that are not negative; poor ones make the bound low.

use super::Reduced;
use super::check::{Checker, Least};
use super::flaw::Flaw;
use super::state::State;
use crate::extraction::{Node, Problem};

/// What a node costs with what it takes at these prices: added up as `f64`, and lowered by more than rounding can have raised it. What is
/// compared in a search is compared so in its certificate.
pub(crate) fn priced(node: &Node, prices: &[f64]) -> f64 {
    let more: f64 = node.takes.iter().zip(prices).map(|(takes, price)| *takes as f64 * price.max(0.0)).sum();
    if more == 0.0 {
        return node.cost;
    }
    (node.cost + more) * (1.0 - 4.0 * (node.takes.len() + 1) as f64 * f64::EPSILON)
}

/// A reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// What the least choice costs at these prices.
    Priced {
        /// The price of a unit of each capacity.
        prices: Vec<f64>,
        /// Why nothing costs less at these prices.
        proof: Reduced,
    },
    /// What needed classes take at least of that capacity is more than there is.
    Full {
        /// The capacity, by its position.
        capacity: u32,
    },
    /// Two cases: the class is made by the node, or the node is not chosen.
    Cases {
        /// The class.
        class: u32,
        /// The node.
        node: u32,
        /// The first case.
        with: Box<Kept>,
        /// The second.
        without: Box<Kept>,
    },
}

impl Kept {
    /// Prices of some case, for each unit that is taken.
    pub fn prices(&self) -> Option<&[f64]> {
        match self {
            Kept::Priced { prices, .. } => Some(prices),
            Kept::Full { .. } => None,
            Kept::Cases { with, without, .. } => without.prices().or_else(|| with.prices()),
        }
    }

    /// Steps, joins and cases, in all.
    pub fn size(&self) -> u64 {
        match self {
            Kept::Priced { proof, .. } => 1 + proof.size(),
            Kept::Full { .. } => 1,
            Kept::Cases { with, without, .. } => 1 + with.size() + without.size(),
        }
    }
}

/// What is taken of one capacity.
struct Row<'p> {
    problem: &'p Problem,
    capacity: usize,
    most: u64,
}

impl Row<'_> {
    fn of(&self, class: u32, node: u32) -> u64 {
        let class = self.problem.classes.get(class as usize);
        class.and_then(|c| c.nodes.get(node as usize)).map_or(0, |n| n.takes(self.capacity))
    }

    /// What each class that is left may take: by place, whether it is needed, and by its ways.
    fn each<'s>(&'s self, state: &'s State) -> impl Iterator<Item = (bool, Vec<u64>)> + 's {
        let rows = state.class.iter().zip(&state.ways).zip(&state.needed);
        rows.map(|((class, ways), needed)| (*needed, ways.iter().map(|w| self.of(*class, w.node)).collect()))
    }

    /// The most that a choice can take without taking too much: what it takes beside what all take is a multiple of the
    /// greatest common divisor of the amounts.
    fn usable(&self, state: &State) -> u128 {
        let (mut fixed, mut divisor) = (0u128, 0u64);
        for (needed, amounts) in self.each(state) {
            match amounts.as_slice() {
                [one] if needed => fixed += u128::from(*one),
                many => divisor = many.iter().fold(divisor, |d, amount| gcd(d, *amount)),
            }
        }
        let most = u128::from(self.most);
        match most.checked_sub(fixed) {
            None => most,
            Some(_) if divisor == 0 => fixed,
            Some(left) => most - left % u128::from(divisor),
        }
    }

    /// Drops nodes that take more than needed ones leave: no choice that keeps the capacity has one.
    fn drop_too_large(&self, state: &mut State) {
        let is_fixed = |(needed, amounts): &(bool, Vec<u64>)| *needed && amounts.len() == 1;
        let fixed: Vec<bool> = self.each(state).map(|each| is_fixed(&each)).collect();
        let taken: u128 = self.each(state).filter(is_fixed).flat_map(|(_, amounts)| amounts).map(u128::from).sum();
        let Some(left) = u128::from(self.most).checked_sub(taken) else { return };
        for ((class, ways), fixed) in state.class.iter().zip(&mut state.ways).zip(&fixed) {
            ways.retain(|w| *fixed || u128::from(self.of(*class, w.node)) <= left);
        }
    }

    /// What needed classes take at least.
    fn least(&self, state: &State) -> u128 {
        let needed = self.each(state).filter(|(needed, _)| *needed);
        needed.map(|(_, amounts)| u128::from(amounts.into_iter().min().unwrap_or(0))).sum()
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Checker {
    /// What no choice that keeps the capacities costs less than.
    pub(super) fn kept(&mut self, problem: &Problem, state: State, kept: &Kept) -> Result<Least, Flaw> {
        match kept {
            Kept::Priced { prices, proof } => self.priced(problem, state, prices, proof),
            Kept::Full { capacity } => {
                let at = *capacity as usize;
                let row = row(problem, at).ok_or_else(|| Flaw::Other(format!("there is no capacity number {at}")))?;
                let least = row.least(&state);
                match least > u128::from(row.most) {
                    true => Ok(None),
                    false => Err(Flaw::Other(format!("what is needed takes {least} of {}, which fits", row.most))),
                }
            }
            Kept::Cases { class, node, with, without } => {
                let place = state.place(*class)?;
                let (mut yes, mut no) = (state.clone(), state);
                yes.ways[place].retain(|w| w.node == *node);
                yes.needed[place] = true;
                no.ways[place].retain(|w| w.node != *node);
                let (yes, no) = (self.kept(problem, yes, with)?, self.kept(problem, no, without)?);
                Ok(match (yes, no) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (one, other) => one.or(other),
                })
            }
        }
    }

    fn priced(&mut self, problem: &Problem, mut state: State, prices: &[f64], proof: &Reduced) -> Result<Least, Flaw> {
        if prices.len() != problem.capacities.len() {
            let (given, all) = (prices.len(), problem.capacities.len());
            return Err(Flaw::Other(format!("{given} prices for {all} capacities")));
        }
        for at in 0..problem.capacities.len() {
            if let Some(row) = row(problem, at) {
                row.drop_too_large(&mut state);
            }
        }
        let mut all = 0i128;
        for (at, price) in prices.iter().enumerate() {
            let price = self.unit.up(*price);
            let Some(row) = row(problem, at).filter(|_| price > 0) else { continue };
            let usable = i128::try_from(row.usable(&state)).ok().and_then(|usable| usable.checked_mul(price));
            all = usable.and_then(|u| all.checked_add(u)).ok_or("the prices are too large to add up")?;
        }
        for (class, ways) in state.class.iter().zip(&mut state.ways) {
            let nodes = problem.classes.get(*class as usize).map(|c| c.nodes.as_slice()).unwrap_or_default();
            for way in ways {
                let node = nodes.get(way.node as usize);
                way.cost = node.map_or(0, |node| self.unit.down(priced(node, prices)));
            }
        }
        let step = self.step;
        // Prices make costs that are no multiples of anything.
        self.step = step.filter(|_| all == 0);
        let least = self.reduced(state, proof);
        self.step = step;
        Ok(least?.map(|least| least - all))
    }
}

fn row(problem: &Problem, capacity: usize) -> Option<Row<'_>> {
    problem.capacities.get(capacity).map(|c| Row { problem, capacity, most: c.most })
}
