//! Follows a certificate on the original problem.

use super::exact::Unit;
use super::flaw::{Flaw, Names};
use super::shares::{Above, above};
use super::state::State;
use super::tables::Tables;
use super::{Certificate, Proof, Reduced, Shares};
use crate::extraction::{self, Problem};
use prism_support::codes::E0705;
use prism_support::{Diagnostic, Result};

/// Pairs of table entries that a check may look at.
const WORK: u64 = 200_000_000;
/// An answer within this of its bound, as one part in so many, is proven: the search adds costs up as `f64`, in which answers
/// that differ by less are equal.
const PROVEN: i128 = 1_000_000_000_000;

/// What a certificate proves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// No solution costs less. Rounded down.
    pub bound: f64,
    /// Whether the certificate's own choice costs as much, but for rounding.
    pub proven: bool,
}

/// What `certificate` proves about `problem`, whose costs are finite and not negative (see [`Problem::validate`]).
///
/// # Errors
/// `E0705`, naming the first thing that is wrong: a choice that is none, or a step that does not hold. Classes are called by number.
pub fn check(problem: &Problem, certificate: &Certificate) -> Result<Checked> {
    check_named(problem, certificate, &Names::NUMBERS)
}

/// The same with names of classes and nodes for messages.
///
/// # Errors
/// As of [`check`].
pub fn check_named(problem: &Problem, certificate: &Certificate, names: &Names<'_>) -> Result<Checked> {
    let cost = extraction::check_choice_named(problem, &certificate.choice, names.class)?;
    follow(problem, certificate, cost).map_err(|flaw| {
        Diagnostic::error(&E0705, "the certificate does not prove what it says").found(flaw.told(names)).into()
    })
}

/// What is proven of a choice that costs `cost`.
fn follow(problem: &Problem, certificate: &Certificate, cost: f64) -> std::result::Result<Checked, Flaw> {
    let unit = Unit::for_cost(cost);
    let mut checker = Checker { unit, step: None, work: WORK };
    checker.step = checker.common_step(problem, certificate.step);
    let mut bound = checker.reduced(State::new(problem, unit), &certificate.proof)?;
    if let Some(kept) = &certificate.kept {
        let kept = checker.kept(problem, State::new(problem, unit), kept)?;
        bound = bound.zip(kept).map(|(free, kept)| free.max(kept));
    }
    let chosen = problem.classes.iter().zip(&certificate.choice).filter_map(|(c, n)| c.nodes.get((*n)?.index()));
    let price: i128 = chosen.map(|n| unit.up(n.cost)).sum();
    match bound {
        Some(bound) if bound <= price => {
            Ok(Checked { bound: unit.number(bound), proven: price - bound <= price / PROVEN })
        }
        _ => Err("nothing costs as little as the choice that it gives".into()),
    }
}

pub(super) struct Checker {
    pub(super) unit: Unit,
    /// All costs are multiples of this.
    pub(super) step: Option<i128>,
    work: u64,
}

/// A lower bound; `None` where there is no solution.
pub(super) type Least = Option<i128>;

impl Checker {
    /// `step` in units if all costs are multiples of it.
    fn common_step(&self, problem: &Problem, step: f64) -> Option<i128> {
        let step = self.unit.exactly(step).filter(|s| *s > 0)?;
        let mut costs = problem.classes.iter().flat_map(|c| &c.nodes).map(|n| self.unit.exactly(n.cost));
        costs.all(|c| c.is_some_and(|c| c % step == 0)).then_some(step)
    }

    /// The next multiple of the step: every cost is one.
    fn round_up(&self, bound: i128) -> i128 {
        self.step.map_or(bound, |step| bound + (step - bound.rem_euclid(step)) % step)
    }

    pub(super) fn reduced(&mut self, mut state: State, proof: &Reduced) -> std::result::Result<Least, Flaw> {
        for step in &proof.steps {
            state.apply(step)?;
        }
        if state.is_impossible() {
            return Ok(None);
        }
        let mut in_parts = vec![false; state.class.len()];
        let mut sum = 0;
        for (members, proof) in &proof.parts {
            for class in members {
                let place = state.place(*class)?;
                if std::mem::replace(&mut in_parts[place], true) {
                    return Err(Flaw::Twice(*class));
                }
            }
            match self.part(&state.part(members)?, proof)? {
                Some(least) => sum += least,
                None => return Ok(None),
            }
        }
        Ok(Some(sum + state.rest(&in_parts)))
    }

    fn part(&mut self, state: &State, proof: &Proof) -> std::result::Result<Least, Flaw> {
        match proof {
            Proof::Shares(shares) => Ok(Some(self.round_up(above(state, shares, self.unit)?.bound))),
            Proof::Joined { within, groups, order } => self.joined(state, within.as_ref(), groups, order),
            Proof::Fixed { shares, limit, rest } => {
                let (limit, above) = (self.unit.down(*limit), above(state, shares, self.unit)?);
                let mut left = state.clone();
                for (ways, above_bound) in left.ways.iter_mut().zip(&above.ways) {
                    let mut costs = above_bound.iter();
                    ways.retain(|_| costs.next().is_some_and(|c| self.round_up(above.bound + c) < limit));
                }
                Ok(Some(
                    self.reduced(left, &rest.0)?
                        .map_or(limit, |least| least.min(limit))
                        .max(self.round_up(above.bound)),
                ))
            }
            Proof::Cases { class, node, with, without } => {
                let place = state.place(*class)?;
                let (mut yes, mut no) = (state.clone(), state.clone());
                match node {
                    Some(node) => {
                        yes.ways[place].retain(|w| w.node == *node);
                        no.ways[place].retain(|w| w.node != *node);
                    }
                    None => {
                        yes.needed[place] = true;
                        no.ways[place].clear();
                    }
                }
                let (yes, no) = (self.reduced(yes, &with.0)?, self.reduced(no, &without.0)?);
                Ok(match (yes, no) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (one, other) => one.or(other),
                })
            }
        }
    }

    fn joined(
        &mut self,
        state: &State,
        within: Option<&(Shares, f64)>,
        groups: &[u32],
        order: &[(u32, u32)],
    ) -> std::result::Result<Least, Flaw> {
        let within = match within {
            Some((shares, limit)) => Some((above(state, shares, self.unit)?, self.unit.down(*limit))),
            None => None,
        };
        let room = within.as_ref().map(|(above, limit)| self.room(above, *limit));
        let ways = within.as_ref().map(|(above, _)| above.ways.as_slice());
        let mut tables = Tables::new(state, groups, ways, room.unwrap_or(i128::MAX), self.work)?;
        for (a, b) in order {
            tables.join(state.place(*a)?, state.place(*b)?)?;
        }
        self.work = tables.work_left();
        let least = tables.least();
        Ok(match within {
            Some((above, limit)) => Some(least.unwrap_or(limit).min(limit).max(self.round_up(above.bound))),
            None => least,
        })
    }

    /// What ways together may cost above the bound if the whole is to cost less than `limit`.
    fn room(&self, above: &Above, limit: i128) -> i128 {
        let step = self.step.unwrap_or(1);
        // What rounds up to the limit or more does not count.
        (limit - 1).div_euclid(step) * step + 1 - above.bound
    }
}
