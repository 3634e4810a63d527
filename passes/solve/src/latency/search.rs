//! Choices that may be good, and what they come to.

use super::bound::Stretches;
use super::problem::{Choice, Class, Node, Problem};
use crate::extraction::{self, NodeIndex};
use crate::schedule;
use prism_support::Result;

/// Values that differ by less than this, relative, are equally good: a millionth of the time is not worth energy.
pub const NEAR: f64 = 1e-6;

/// A choice with what it comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The node of each class.
    pub choice: Choice,
    /// Makespan of its list schedule, seconds.
    pub makespan: f64,
    /// What its nodes take, joules.
    pub energy: f64,
    /// That and what waiting parts draw, joules.
    pub in_all: f64,
    /// Where it comes from.
    pub strategy: &'static str,
}

/// The nodes that a class may have; `None` for any.
pub(super) type Guide = Vec<Option<Vec<u32>>>;

/// For each class, the node that the best plan of its stretch has.
pub(super) fn guide(problem: &Problem, walk: &Stretches) -> Guide {
    let mut guide = vec![None; problem.classes.len()];
    for stretch in &walk.all {
        let Some((_, ways)) = &stretch.solved.best else { continue };
        for (c, way) in ways.iter().enumerate() {
            let node = way.and_then(|w| stretch.segment.net.ways[c].get(w as usize)).map(|w| w.node);
            if let (Some(node), Some(slot)) = (node, guide.get_mut(stretch.segment.origin[c] as usize)) {
                *slot = Some(vec![node]);
            }
        }
    }
    guide
}

/// The same with all nodes that take as long and hold as much: of those the cheapest will do.
pub(super) fn alike(problem: &Problem, guide: &Guide) -> Guide {
    let all = |(class, nodes): (&Class, &Option<Vec<u32>>)| {
        let one = class.nodes.get(*nodes.as_ref()?.first()? as usize)?;
        let equal = |n: &(u32, &Node)| n.1.latency == one.latency && n.1.uses == one.uses;
        Some((0u32..).zip(&class.nodes).filter(equal).map(|n| n.0).collect())
    };
    problem.classes.iter().zip(guide).map(all).collect()
}

/// The plans found so far.
pub(super) struct Search<'a> {
    pub(super) problem: &'a Problem,
    pub(super) plans: Vec<Plan>,
    /// Tasks that may still be scheduled.
    pub(super) tasks: u64,
}

impl Search<'_> {
    /// The first plan that no other comes before.
    pub(super) fn first(&self, before: &dyn Fn(&Plan, &Plan) -> bool) -> Option<usize> {
        (0..self.plans.len()).reduce(|a, b| if before(&self.plans[b], &self.plans[a]) { b } else { a })
    }

    /// The shortest makespan so far.
    pub(super) fn shortest(&self) -> f64 {
        self.plans.iter().map(|p| p.makespan).fold(f64::INFINITY, f64::min)
    }

    /// The choices of least energy and of least sum of latencies, exactly and by the greedy baselines; gives the bound on the
    /// energy.
    pub(super) fn baselines(&mut self) -> Result<f64> {
        let mut bounds = Vec::new();
        let by_energy: fn(&Node) -> f64 = |n| n.energy;
        let by_latency: fn(&Node) -> f64 = |n| n.latency;
        for (cost, names) in [
            (by_energy, ["energy", "greedy energy", "greedy-dag energy"]),
            (by_latency, ["latencies", "greedy latencies", "greedy-dag latencies"]),
        ] {
            let priced = self.problem.priced(&cost);
            let exact = extraction::solve(&priced, &extraction::Limits::default())?;
            bounds.push(exact.bound);
            self.add(names[0], exact.choice)?;
            self.add(names[1], extraction::greedy(&priced)?.choice)?;
            self.add(names[2], extraction::greedy_dag(&priced)?.choice)?;
        }
        Ok(bounds.first().copied().unwrap_or(0.0))
    }

    /// Adds the plan of least cost that keeps to a guide, if there is one.
    pub(super) fn guided(
        &mut self,
        strategy: &'static str,
        guide: &Guide,
        cost: &dyn Fn(&Node) -> f64,
    ) -> Result<Option<usize>> {
        match complete(self.problem, guide, cost) {
            Some(choice) => self.add(strategy, choice).map(Some),
            None => Ok(None),
        }
    }

    /// The position of the plan with a choice: a new one, or the one that is known.
    pub(super) fn add(&mut self, strategy: &'static str, choice: Choice) -> Result<usize> {
        if let Some(known) = self.plans.iter().position(|p| p.choice == choice) {
            return Ok(known);
        }
        let timed = self.problem.timed(&choice);
        self.tasks = self.tasks.saturating_sub(timed.tasks.len() as u64);
        let makespan = schedule::list_schedule(&timed)?.makespan;
        let energy = self.problem.energy(&choice);
        let in_all = self.problem.sum(&choice, &|n| n.charged) + self.problem.standing_w * makespan;
        self.plans.push(Plan { choice, makespan, energy, in_all, strategy });
        Ok(self.plans.len() - 1)
    }
}

/// The cheapest choice that keeps to the nodes of `guide`; `None` if there is none.
pub(super) fn complete(problem: &Problem, guide: &Guide, cost: &dyn Fn(&Node) -> f64) -> Option<Choice> {
    let mut priced = problem.priced(cost);
    for (class, nodes) in priced.classes.iter_mut().zip(guide) {
        if let Some(nodes) = nodes {
            class.nodes = nodes.iter().filter_map(|n| class.nodes.get(*n as usize)).cloned().collect();
        }
    }
    let solution = extraction::solve(&priced, &extraction::Limits::default()).ok()?;
    let back = |(node, guide): (Option<NodeIndex>, &Option<Vec<u32>>)| match (node, guide) {
        (Some(node), Some(nodes)) => nodes.get(node.index()).copied().map(NodeIndex),
        (node, _) => node,
    };
    Some(solution.choice.into_iter().zip(guide).map(back).collect())
}
