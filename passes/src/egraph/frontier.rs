//! Plans from the fastest to the one that takes least.

use super::goal::{Goal, Timed};
use prism_dialects::Attr;
use prism_solve::latency::{Envelope, Limits, NEAR, Plan, ROUNDING, frontier};
use prism_support::Result;
use prism_support::codes::E0802;

/// Plans, none of which is worse than another in both makespan and energy, and what no plan can be below.
pub(super) struct Front {
    /// With the makespans that they have once tasks wait for room, fastest first.
    pub(super) plans: Vec<Plan>,
    envelope: Envelope,
    count: usize,
}

impl Timed<'_> {
    /// The plans that are asked for beside the chosen one; `None` where none are.
    pub(super) fn front(&self, goal: &Goal) -> Result<Option<Front>> {
        if goal.pareto == 0 {
            return Ok(None);
        }
        let (found, envelope) = frontier(&self.problem, goal.pareto, &Limits::default())?;
        let envelope = match self.keeps(0.0)? {
            Some(kept) => envelope.and(&kept),
            None => envelope,
        };
        let found = self.keeping(found, &|problem| Ok(frontier(problem, goal.pareto, &Limits::default())?.0))?;
        let mut plans = Vec::with_capacity(found.len());
        for plan in found {
            match self.judged(plan) {
                Err(found) if found.0.iter().all(|d| d.code.name == E0802.name) => {}
                judged => plans.push(judged?),
            }
        }
        Ok(Some(Front { plans, envelope, count: goal.pareto }))
    }
}

/// Whether one plan is no worse than another in either, up to what makes no difference.
fn covers(one: &Plan, other: &Plan) -> bool {
    one.makespan <= other.makespan * (1.0 + NEAR) && one.energy <= other.energy * (1.0 + NEAR)
}

impl Front {
    /// The plan that takes as little as `least` and is shortest, where that is shorter than `than`.
    pub(super) fn as_little(&self, least: f64, than: f64) -> Option<&Plan> {
        let as_little = self.plans.iter().filter(|p| p.energy <= least * (1.0 + ROUNDING) && p.makespan < than);
        as_little.min_by(|a, b| a.makespan.total_cmp(&b.makespan))
    }

    /// The frontier as an attribute, the chosen plan one of it unless another one is better in both.
    pub(super) fn points(mut self, chosen: &Plan) -> Attr {
        // What is proven least is a row even where a faster plan takes next to nothing more.
        let better = |p: &Plan| p.makespan <= chosen.makespan && p.energy <= chosen.energy * (1.0 + ROUNDING);
        if !self.plans.iter().any(|p| better(p) && !covers(chosen, p)) {
            self.plans.retain(|p| !covers(chosen, p));
            self.plans.push(chosen.clone());
        }
        self.plans.sort_by(|a, b| a.makespan.total_cmp(&b.makespan).then(a.energy.total_cmp(&b.energy)));
        let mut kept: Vec<Plan> = Vec::with_capacity(self.plans.len());
        for plan in self.plans {
            // Waiting for room may make a plan longer than one that takes less.
            if kept.last().is_none_or(|k| plan.energy < k.energy) {
                kept.push(plan);
            }
        }
        while kept.len() > self.count.max(2) {
            let inner = 1..kept.len() - 1;
            let others = inner.filter(|i| kept[*i].choice != chosen.choice);
            // The one that says least: its neighbours are nearest to each other.
            let apart = |i: &usize| kept[i + 1].makespan - kept[i - 1].makespan;
            let Some(least) = others.min_by(|a, b| apart(a).total_cmp(&apart(b))) else { break };
            kept.remove(least);
        }
        let point = |plan: &Plan| {
            let values = [
                ("energy_j", plan.energy),
                ("makespan_s", plan.makespan),
                ("energy_bound_j", self.envelope.least_energy(plan.makespan).min(plan.energy)),
                ("makespan_bound_s", self.envelope.least_makespan(plan.energy).min(plan.makespan)),
            ];
            Attr::dict(values.iter().map(|(k, v)| (k.to_string(), Attr::float(*v))).collect())
        };
        Attr::List(kept.iter().map(point).collect())
    }
}
