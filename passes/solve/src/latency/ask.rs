//! Answers to questions about energy and makespan.

use super::bound::{Bound, Limits, Stretches, rounding};
use super::envelope::Envelope;
use super::front::Trade;
use super::loads::{Mix, Reach};
use super::local;
use super::problem::{Choice, Node, Problem};
use super::question::{Measure, Question};
use super::search::{NEAR, Plan, Search, alike, guide};
use prism_support::Result;
use std::collections::BTreeSet;

/// The best plans that were found, and how good they can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Plans, best first, as [`Question::sort`] says. No two choose the same. Where [`Question::excess`] of the first is
    /// not 0, none that keeps the limits was found.
    pub plans: Vec<Plan>,
    /// No plan that keeps the limits has less of the measure; infinite where it is proven that there is none.
    pub bound: f64,
    /// What no makespan can be below, limits or not.
    pub fastest: Bound,
    /// What no energy can be below, limits or not, joules.
    pub least_energy: f64,
    /// What no plan that keeps the limits can be below in either.
    pub within: Within,
}

/// What no plan that keeps some limits can be below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Within {
    /// Seconds.
    pub makespan: f64,
    /// Joules.
    pub energy: f64,
}

/// Steps of a trade up to this, relative, stay within [`NEAR`] of the fastest plan, its schedule included.
const HALF: f64 = NEAR / 2.0;
/// Plans of a trade that are looked at for one that is given.
const LOOKED_AT: usize = 3;
/// Plans of the local search that are given: they are much alike.
const KEPT: usize = 16;
/// Plans that are looked at evenly along a trade, and then around the best.
const EVENLY: usize = 9;
const AROUND: usize = 10;
/// Prices of time at which loads are weighed against energy.
const PRICES: usize = 8;

/// The best plan for a question, with bounds.
///
/// Plans come from several sources: least energy; least sum of latencies; both by the greedy baselines; the best plan of
/// every stretch; what is best against the weights of the bound; where energy matters, steps along the hull of time and
/// energy; and from the best of these on, changing classes of one sort together, by halves and one by one, as long
/// as that helps. So the answer is never worse than any of them.
///
/// # Errors
/// `E0702` as [`Problem::validate`]; classes are called by number.
pub fn ask(problem: &Problem, question: &Question, limits: &Limits) -> Result<Answer> {
    let mut study = Study::new(problem, limits)?;
    let (bound, within) = study.answer(question)?;
    local::improve(&mut study.search, question, bound)?;
    let mut plans = study.search.plans;
    question.sort(&mut plans);
    let mut alike = 0..KEPT;
    plans.retain(|p| p.strategy != local::NAME || alike.next().is_some());
    let least = plans.first().filter(|p| question.excess(p.energy, p.makespan) == 0.0).map(|p| question.value(p));
    let bound = bound.min(least.unwrap_or(f64::INFINITY));
    Ok(Answer { plans, bound, fastest: study.fastest, least_energy: study.least_energy, within })
}

/// Up to `count` plans, none of which is worse than another in both makespan and energy, fastest first; and what no plan can
/// be below.
///
/// # Errors
/// `E0702` as [`Problem::validate`]; classes are called by number.
pub fn frontier(problem: &Problem, count: usize, limits: &Limits) -> Result<(Vec<Plan>, Envelope)> {
    let mut study = Study::new(problem, limits)?;
    let (trade, envelope) = study.trade(&|n| n.energy)?;
    for at in evenly(trade.len(), count.saturating_mul(LOOKED_AT)).into_iter().chain([trade.near(HALF)]) {
        study.search.guided("trade", &trade.guide(problem, at), &|n| n.energy)?;
    }
    let mut plans = study.search.plans;
    plans.sort_by(|a, b| a.makespan.total_cmp(&b.makespan).then(a.energy.total_cmp(&b.energy)));
    let plans = undominated(plans);
    let keep = telling(&plans, count);
    let kept = plans.into_iter().enumerate().filter(|(i, _)| keep.contains(i)).map(|(_, plan)| plan);
    Ok((kept.collect(), envelope))
}

/// The positions of up to `count` plans that say most about a frontier: both ends, then always the plan without which most
/// of what lies above the frontier would seem to lie below it.
fn telling(plans: &[Plan], count: usize) -> BTreeSet<usize> {
    let mut kept: BTreeSet<usize> = [0, plans.len().saturating_sub(1)].into_iter().take(count).collect();
    while kept.len() < count.min(plans.len()) {
        let hidden = |i: &usize| {
            let left = kept.range(..*i).next_back().and_then(|l| plans.get(*l));
            let right = kept.range(*i..).next().and_then(|r| plans.get(*r));
            let plan = &plans[*i];
            left.map_or(0.0, |l| l.energy - plan.energy) * right.map_or(0.0, |r| r.makespan - plan.makespan)
        };
        let next = (0..plans.len()).filter(|i| !kept.contains(i));
        let Some(next) = next.max_by(|a, b| hidden(a).total_cmp(&hidden(b)).then(b.cmp(a))) else { break };
        kept.insert(next);
    }
    kept
}

/// Of plans, shortest first, those that take noticeably less than all that are not noticeably longer.
fn undominated(plans: Vec<Plan>) -> Vec<Plan> {
    let mut kept: Vec<Plan> = Vec::new();
    for plan in plans {
        while kept.last().is_some_and(|k| plan.energy < k.energy && plan.makespan <= k.makespan * (1.0 + NEAR)) {
            kept.pop();
        }
        if kept.last().is_none_or(|k| plan.energy < k.energy * (1.0 - NEAR)) {
            kept.push(plan);
        }
    }
    kept
}

/// `count` positions from 0 to `all - 1`, both included, as evenly as can be.
fn evenly(all: usize, count: usize) -> Vec<usize> {
    let last = all.saturating_sub(1);
    let mut at: Vec<usize> = (0..count).map(|i| i * last / count.saturating_sub(1).max(1)).collect();
    at.dedup();
    at
}

/// What is known about a problem whatever is asked.
struct Study<'a> {
    search: Search<'a>,
    walk: Stretches,
    fastest: Bound,
    least_energy: f64,
    limits: &'a Limits,
}

impl<'a> Study<'a> {
    fn new(problem: &'a Problem, limits: &'a Limits) -> Result<Self> {
        problem.validate(&|c| c.0.to_string())?;
        let mut search = Search { problem, plans: Vec::new(), tasks: limits.tasks };
        let least_energy = search.baselines()?;
        let mut walk = Stretches::new(problem, limits.effort);
        walk.solve();
        let guide = guide(problem, &walk);
        search.guided("stretches", &guide, &|n| n.energy)?;
        search.guided("stretches", &alike(problem, &guide), &|n| n.energy)?;
        let known: Vec<Choice> = search.plans.iter().map(|p| p.choice.clone()).collect();
        let mut extractions = limits.extractions;
        let (mut fastest, found) = walk.bound(problem, &known, search.shortest(), &mut extractions)?;
        for choice in found {
            search.add("loads", choice)?;
        }
        fastest.makespan = fastest.makespan.min(search.shortest());
        Ok(Study { search, walk, fastest, least_energy, limits })
    }

    /// Looks for plans; gives bounds under the limits: on the measure, and on either.
    fn answer(&mut self, question: &Question) -> Result<(f64, Within)> {
        let to = question.max_makespan.unwrap_or(f64::INFINITY);
        let mut within = Within { makespan: self.fastest.makespan, energy: self.least_energy };
        if !question.is_limited() {
            match question.measure {
                Measure::Latency => {
                    // As fast, and with the least energy that stretches as fast can take.
                    let limits = Limits { trade_effort: self.limits.effort, ..self.limits.clone() };
                    let trade = Trade::new(&self.walk, self.search.problem, &|n| n.energy, &limits);
                    for at in [0, trade.near(HALF)] {
                        self.search.guided("trade", &trade.guide(self.search.problem, at), &|n| n.energy)?;
                    }
                    return Ok((within.makespan, within));
                }
                Measure::Energy => return Ok((within.energy, within)),
                Measure::Product { .. } => {}
            }
        }
        let mut bound = f64::INFINITY;
        if question.max_energy.is_some() || !matches!(question.measure, Measure::Product { .. }) {
            let (trade, envelope) = self.trade(&|n| n.energy)?;
            self.walk_along(&trade, question, &|n| n.energy)?;
            let limit = question.max_energy.unwrap_or(f64::INFINITY);
            within.makespan = within.makespan.max(envelope.least_makespan(limit));
            within.energy = within.energy.max(envelope.least_energy(to));
            bound = match question.measure {
                _ if within.makespan > to => f64::INFINITY,
                Measure::Energy => within.energy,
                _ => within.makespan,
            };
        }
        if let Measure::Product { .. } = question.measure
            && within.makespan <= to
        {
            let (trade, envelope) = self.trade(&|n| n.charged)?;
            self.walk_along(&trade, question, &|n| n.charged)?;
            bound = envelope.least_product(question.measure, self.search.problem.standing_w, within.makespan, to);
        }
        Ok((bound, within))
    }

    /// The trade between makespan and an energy, and what both cannot be below.
    fn trade(&mut self, energy: &dyn Fn(&Node) -> f64) -> Result<(Trade, Envelope)> {
        let most = self.search.plans.iter().map(|p| p.makespan).fold(0.0, f64::max);
        let (trade, envelope, met) = below(self.search.problem, &self.walk, &self.fastest, most, energy, self.limits)?;
        for (strategy, choice) in met {
            self.search.add(strategy, choice)?;
        }
        Ok((trade, envelope))
    }

    /// Plans along a trade, and more around the best of them.
    fn walk_along(&mut self, trade: &Trade, question: &Question, cost: &dyn Fn(&Node) -> f64) -> Result<()> {
        let problem = self.search.problem;
        let mut seen: Vec<(usize, usize)> = Vec::new();
        for at in evenly(trade.len(), EVENLY) {
            if let Some(plan) = self.search.guided("trade", &trade.guide(problem, at), cost)? {
                seen.push((at, plan));
            }
        }
        for _ in 0..AROUND {
            let plans = &self.search.plans;
            let better = |a: &usize, b: &usize| question.is_better(&plans[seen[*a].1], &plans[seen[*b].1], 0.0);
            let Some(best) = (0..seen.len()).reduce(|a, b| if better(&b, &a) { b } else { a }) else { return Ok(()) };
            let middle = |a: Option<&(usize, usize)>| {
                let (one, other) = (a?.0, seen[best].0);
                (one.abs_diff(other) > 1).then(|| one.midpoint(other))
            };
            let left = middle(best.checked_sub(1).and_then(|i| seen.get(i)));
            let Some(next) = middle(seen.get(best + 1)).or(left) else { return Ok(()) };
            let Some(plan) = self.search.guided("trade", &trade.guide(problem, next), cost)? else { return Ok(()) };
            seen.push((next, plan));
            seen.sort_unstable();
        }
        Ok(())
    }
}

/// Choices, and the strategy that met them.
type Met = Vec<(&'static str, Choice)>;

/// The trade between makespan and an energy, what no plan can be below in both, and the choices met on the way. Of plans that take longer than
/// `most` nothing more is wanted.
pub(super) fn below(
    problem: &Problem,
    walk: &Stretches,
    fastest: &Bound,
    most: f64,
    energy: &dyn Fn(&Node) -> f64,
    limits: &Limits,
) -> Result<(Trade, Envelope, Met)> {
    let trade = Trade::new(walk, problem, energy, limits);
    let exact = crate::extraction::solve(&problem.priced(energy), &crate::extraction::Limits::default())?;
    // Added up in another order, the least energy may come out a little higher.
    let least = exact.bound * (1.0 - rounding(problem.classes.len()));
    let mut envelope = Envelope::new(&trade.corners, fastest.makespan, least);
    let mut met = vec![("energy", exact.choice)];
    let Some(weights) = fastest.weights(problem.resources.len()) else { return Ok((trade, envelope, met)) };
    let mix = Mix::new(problem, &walk.net, &Reach::new(walk), fastest.makespan, &[]);
    let unit = least / fastest.makespan.max(f64::MIN_POSITIVE);
    let lines = if most > fastest.makespan && unit.is_finite() { PRICES } else { 0 };
    for i in 0..lines {
        let price = unit * 4.0_f64.powi(2 - i as i32);
        let (height, choice) = mix.least(&weights, price, energy)?;
        envelope.add(height, price);
        met.push(("loads", choice));
    }
    Ok((trade, envelope, met))
}
