//! The bound on all choices and schedules.

use super::branch::{Solved, branch};
use super::chain::Chain;
use super::kinds::each_kind;
use super::loads;
use super::net::Net;
use super::problem::{Choice, Problem};
use super::segment::Segment;
use crate::extraction::ClassId;
use prism_support::Result;
use std::rc::Rc;

/// What makes the bound as high as it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// Stretches that every choice goes through one after the other.
    Stretches {
        /// How many.
        count: u32,
        /// The longest: where it begins (`None` for the beginning of everything) and ends.
        longest: (Option<ClassId>, ClassId),
        /// The resource that makes it so long; `None` if it is a path.
        resource: Option<u32>,
    },
    /// The work that no choice can take from one resource, by position in [`Problem::resources`].
    Resource(u32),
    /// What no choice can take from several resources at once, with the weight of each.
    Mix(Vec<(u32, f64)>),
}

/// A time below which no choice and no schedule can finish.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// Lower bound on the makespan, seconds.
    pub makespan: f64,
    /// Where it comes from.
    pub binding: Binding,
}

/// A bound that is higher by less than this, relative, is no other reason.
const SAME: f64 = 1e-4;

impl Bound {
    fn raised(self, makespan: f64, binding: Binding) -> Bound {
        let same = makespan <= self.makespan * (1.0 + SAME);
        Bound { makespan, binding: if same { self.binding } else { binding } }
    }

    /// The weights of the resources whose loads give the bound; `None` if it is not loads.
    pub(super) fn weights(&self, resources: usize) -> Option<Vec<f64>> {
        let mut weights = vec![0.0; resources];
        match &self.binding {
            Binding::Stretches { .. } => return None,
            Binding::Resource(r) => *weights.get_mut(*r as usize)? = 1.0,
            Binding::Mix(all) => {
                for (r, weight) in all {
                    *weights.get_mut(*r as usize)? = *weight;
                }
            }
        }
        Some(weights)
    }
}

/// How much work a bound or a search may be. Only counts, no clock: the same input gives the same answer everywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Branch and bound over choices, in ways looked at.
    pub effort: u64,
    /// The same where time is traded for energy.
    pub trade_effort: u64,
    /// Exact extractions.
    pub extractions: u32,
    /// List schedules, in tasks.
    pub tasks: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { effort: 12_000_000, trade_effort: 96_000_000, extractions: 24, tasks: 400_000 }
    }
}

/// A lower bound on the makespan of every schedule of every choice.
///
/// The largest of three. Every choice makes some classes one after the other; the stretches between them follow each
/// other, and each is bounded by branch and bound over its own choices. The classes that every choice makes hold each
/// resource for some time, with a least time before and after. And whatever is chosen, some weighted mean of the times for which
/// resources are held is no less than its least value over all choices.
///
/// # Errors
/// `E0702` as [`Problem::validate`]; classes are called by number.
pub fn bound(problem: &Problem, limits: &Limits) -> Result<Bound> {
    problem.validate(&|c| c.0.to_string())?;
    let mut walk = Stretches::new(problem, limits.effort);
    walk.solve();
    let mut extractions = limits.extractions;
    Ok(walk.bound(problem, &[], f64::INFINITY, &mut extractions)?.0)
}

/// A stretch between two cuts.
pub(super) struct Stretch {
    /// Positions of the cuts on the chain; `None` for the beginning.
    pub(super) from: Option<usize>,
    pub(super) to: usize,
    /// Its classes.
    pub(super) segment: Segment,
    /// Its answer, shared with all stretches that are equal.
    pub(super) solved: Rc<Solved>,
}

/// The stretches of a problem.
pub(super) struct Stretches {
    pub(super) net: Net,
    pub(super) chain: Chain,
    pub(super) all: Vec<Stretch>,
    effort: u64,
}

impl Stretches {
    pub(super) fn new(problem: &Problem, effort: u64) -> Self {
        let net = Net::new(problem);
        let chain = Chain::new(&net);
        Stretches { net, chain, all: Vec::new(), effort }
    }

    /// Solves each kind of stretch once.
    pub(super) fn solve(&mut self) {
        let cut = self.chain.stretches(&self.net, false);
        let keys = cut.iter().map(|(_, _, s)| (s.key(), s.net.way_count())).collect();
        let solved = each_kind(keys, self.effort, |i, share| branch(&cut[i].2.net, share));
        let stretch = |((from, to, segment), solved)| Stretch { from, to, segment, solved };
        self.all = cut.into_iter().zip(solved).map(stretch).collect();
    }

    /// Whether a class that the end of a stretch may need can only be made within it.
    pub(super) fn is_inside(&self, stretch: &Stretch, class: u32) -> bool {
        stretch.from.is_none_or(|f| self.chain.classes[f] != class) && self.chain.is_behind(stretch.from, class)
    }

    /// The bound, given choices that are known and the best makespan known, and the choices met on the way.
    pub(super) fn bound(
        &self,
        problem: &Problem,
        known: &[Choice],
        best: f64,
        extractions: &mut u32,
    ) -> Result<(Bound, Vec<Choice>)> {
        let mut bound = self.one_after_the_other();
        let reach = loads::Reach::new(self);
        if let Some((resource, makespan)) = loads::unavoidable(&self.net, &reach)
            && makespan > bound.makespan
        {
            bound = bound.raised(makespan, Binding::Resource(resource));
        }
        let mut mix = loads::Mix::new(problem, &self.net, &reach, bound.makespan, known);
        let found = mix.climb(best, extractions)?;
        if found.0 > bound.makespan {
            let weights: Vec<(u32, f64)> = (0u32..).zip(found.1).filter(|w| w.1 > 0.005).collect();
            let binding = match weights.as_slice() {
                [(one, _)] => Binding::Resource(*one),
                _ => Binding::Mix(weights),
            };
            bound = bound.raised(found.0, binding);
        }
        Ok((bound, mix.found))
    }

    fn one_after_the_other(&self) -> Bound {
        let total: f64 = self.all.iter().map(|s| s.solved.bound).sum();
        let count = self.all.iter().filter(|s| s.solved.bound > 0.0).count();
        let longest = self.all.iter().max_by(|a, b| a.solved.bound.total_cmp(&b.solved.bound));
        let class = |at: usize| ClassId(self.chain.classes[at]);
        let binding = match longest {
            Some(s) => Binding::Stretches {
                count: count as u32,
                longest: (s.from.map(class), class(s.to)),
                resource: s.solved.binding,
            },
            None => Binding::Mix(Vec::new()),
        };
        Bound { makespan: total * (1.0 - rounding(self.net.len())), binding }
    }
}

/// Relative error that a sum over `classes` classes may carry, and a schedule's own times too: one rounding per addition,
/// each at most half an epsilon.
pub(super) fn rounding(classes: usize) -> f64 {
    4.0 * (classes as f64 + 8.0) * f64::EPSILON
}
