//! Which plans fit into the working memory.

use super::goal::Timed;
use prism_solve::latency::{self, Limits, Measure, Plan, Problem, Question, ask, frontier};
use prism_support::Result;
use prism_support::codes::E0802;

/// A plan that is longer, or takes more, than one without room to wait for by this factor is not taken before others were tried.
const ROOM: f64 = 1.02;
/// Plans between the fastest and the one that takes least that are tried then.
const BETWEEN: usize = 16;

impl Timed<'_> {
    /// The plans that fit into the working memory. Where they are far from what plans without that come to, those between the fastest and
    /// the one that takes least are tried too: among the best ones, all may use the memory in the same way.
    pub(super) fn fitting_or_between(&self, question: &Question, plans: Vec<Plan>) -> Result<Vec<Plan>> {
        let least = |plans: &[Plan]| {
            let kept = plans.iter().filter(|p| question.excess(p.energy, p.makespan) == 0.0);
            kept.map(|p| question.value(p)).fold(f64::INFINITY, f64::min)
        };
        let hoped = least(&plans);
        let fit = self.fitting(question, plans);
        if fit.as_ref().is_ok_and(|fit| least(fit) <= hoped * ROOM) {
            return fit;
        }
        let both = Question { measure: Measure::Product { energy: 1.0, latency: 1.0 }, ..*question };
        let between = |problem: &Problem| {
            let mut plans = frontier(problem, BETWEEN, &Limits::default())?.0;
            plans.extend(ask(problem, &both, &Limits::default())?.plans);
            Ok(plans)
        };
        let mut more = self.keeping(between(&self.problem)?, &between)?;
        question.sort(&mut more);
        match (fit, self.fitting(question, more)) {
            (Ok(mut fit), more) => {
                fit.extend(more.unwrap_or_default());
                Ok(fit)
            }
            (Err(_), Ok(more)) if !more.is_empty() => Ok(more),
            (none, _) => none,
        }
    }

    /// The plans that fit into the working memory, until none that follows can be better.
    fn fitting(&self, question: &Question, plans: Vec<Plan>) -> Result<Vec<Plan>> {
        let mut fit: Vec<Plan> = Vec::new();
        let mut refused = None;
        for plan in plans {
            let best = fit.iter().filter(|p| question.excess(p.energy, p.makespan) == 0.0).map(|p| question.value(p));
            if best.fold(f64::INFINITY, f64::min) <= question.value(&plan) * (1.0 - latency::NEAR) {
                break;
            }
            match self.judged(plan) {
                Ok(plan) => fit.push(plan),
                Err(found) if found.0.iter().all(|d| d.code.name == E0802.name) => refused = Some(found),
                Err(found) => return Err(found),
            }
        }
        match refused {
            Some(found) if fit.is_empty() => Err(found),
            _ => Ok(fit),
        }
    }
}
