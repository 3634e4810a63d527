//! What extraction is asked for when time matters: the plan that answers it best, and how good any could be.

use super::capacity::{Study, lifted};
use super::extract::Encoded;
use super::unmet::unmet;
use crate::manager::PassCx;
use crate::plan::binding::over_choices;
use crate::plan::schedule;
use prism_dialects::{Attr, Attrs, Body, Op};
use prism_hardware::cost::Waiting;
use prism_hardware::{Energy, Target, Time};
use prism_solve::extraction::{ClassId, Solution, Stats, solve};
use prism_solve::latency::{
    self, Answer, Bound, Class, Envelope, Keeping, Limits, MEASURES, Measure, Node, Plan, Problem, Question, ask,
};
use prism_solve::schedule::Resource;
use prism_support::codes::E0603;
use prism_support::{Diagnostic, Diagnostics, Result};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// What the options ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    /// The measure and its limits.
    pub(super) question: Question,
    /// Plans of the frontier of energy and makespan; 0 for none.
    pub(super) pareto: usize,
}

impl Goal {
    /// That question, without a frontier.
    pub(super) fn new(question: Question) -> Goal {
        Goal { question, pareto: 0 }
    }

    /// # Errors
    /// [`E0603`] when the measure is none.
    pub(super) fn of(cx: &PassCx<'_>) -> Result<Goal> {
        let measure = cx.text("objective").parse::<Measure>().map_err(|found| {
            Diagnostic::error(&E0603, "option `objective` of pass `extract` has a wrong value")
                .found(found)
                .allowed(MEASURES)
        })?;
        let limit = |name: &str| Some(cx.float(name)).filter(|v| *v > 0.0);
        let question = Question { measure, max_makespan: limit("max-latency"), max_energy: limit("max-energy") };
        Ok(Goal { question, pareto: cx.count_of("pareto") })
    }

    /// Whether least energy is all that is asked for.
    pub(super) fn is_energy(&self) -> bool {
        let q = &self.question;
        q.measure == Measure::Energy && q.max_makespan.is_none() && q.max_energy.is_none()
    }
}

/// An assignment as a whole, to see what it comes to.
pub(super) type Rebuild<'a> = &'a dyn Fn(&Solution) -> Body;

/// An e-graph with times on a machine.
pub(super) struct Timed<'a> {
    body: &'a Body,
    target: &'a Target,
    encoded: &'a Encoded,
    pub(super) problem: Problem,
    /// What capacities do, once somebody asks.
    study: OnceCell<Study>,
    /// What plans that keep the capacities cannot be below; `None` where they keep nothing from being fast.
    keeping: OnceCell<Option<Keeping>>,
    names: Vec<String>,
    rebuild: Rebuild<'a>,
}

impl<'a> Timed<'a> {
    /// The e-graph of `encoded`, whose classes are called `names`.
    pub(super) fn new(
        body: &'a Body,
        target: &'a Target,
        encoded: &'a Encoded,
        names: Vec<String>,
        rebuild: Rebuild<'a>,
    ) -> Self {
        let problem = timed(body, target, encoded);
        Timed { body, target, encoded, problem, study: OnceCell::new(), keeping: OnceCell::new(), names, rebuild }
    }

    /// Facts about the fastest plan that any choice could have.
    pub(super) fn fastest(&self) -> Result<Attrs> {
        let mut fastest = latency::bound(&self.problem, &Limits::default())?;
        let kept = self.raised(&mut fastest)?;
        Ok(self.fastest_facts(&fastest, kept))
    }

    /// The best assignment, with facts about what it is worth.
    ///
    /// # Errors
    /// `E0704` when no plan that keeps the limits was found; `E0802` when none fits into the memory.
    pub(super) fn decide(&self, goal: &Goal, only: Option<Solution>) -> Result<(Solution, Attrs)> {
        let question = &goal.question;
        let mut answer = ask(&self.problem, question, &Limits::default())?;
        let kept = self.raised(&mut answer.fastest)?;
        if !self.encoded.problem.capacities.is_empty() {
            self.raise(question, &mut answer)?;
        }
        let is_free = only.is_none();
        let mut plans = match only {
            Some(one) => vec![self.judged(self.plan_of(one))?],
            None => {
                let mut plans = self
                    .keeping(answer.plans.clone(), &|problem| Ok(ask(problem, question, &Limits::default())?.plans))?;
                if !self.encoded.problem.capacities.is_empty() {
                    question.sort(&mut plans);
                }
                self.fitting_or_between(question, plans)?
            }
        };
        let front = self.front(goal)?;
        // What was found between the fastest plan and the one that takes least answers too.
        plans.extend(front.iter().filter(|_| is_free).flat_map(|f| f.plans.clone()));
        question.sort(&mut plans);
        let Some(best) = plans.first() else { return Err(Diagnostics::new()) };
        if question.excess(best.energy, best.makespan) > 0.0 {
            return Err(unmet(&self.body.name, question, &answer, &plans).into());
        }
        let value = question.value(best);
        let bound = answer.bound.min(value);
        let mut facts = self.fastest_facts(&answer.fastest, kept);
        facts.extend(self.facts_within(&answer, best));
        facts.extend(front.map(|f| ("pareto".to_string(), f.points(best))));
        let solution = Solution {
            choice: best.choice.clone(),
            cost: value,
            bound,
            // Bounds on makespans have no certificate.
            proven: false,
            method: best.strategy,
            stats: Stats::default(),
        };
        Ok((solution, facts))
    }

    fn fastest_facts(&self, bound: &Bound, kept: bool) -> Attrs {
        let resource = |r: u32| self.problem.resources.get(r as usize).map_or("?".into(), |r| r.name.clone());
        let names = |c: ClassId| self.names.get(c.index()).cloned();
        let capacities = || self.encoded.problem.capacities.iter().map(|c| c.name.as_str()).collect::<Vec<_>>();
        let by = match kept {
            true => format!("what fits into the {}", capacities().join(" and ")),
            false => over_choices(&bound.binding, &resource, &names),
        };
        Attrs::from([("fastest_s".to_string(), Attr::float(bound.makespan)), ("fastest_by".to_string(), Attr::str(by))])
    }

    /// Facts about what plans that keep the limits can be, and about the plan.
    fn facts_within(&self, answer: &Answer, plan: &Plan) -> Attrs {
        let facts = [
            ("energy_j", plan.energy),
            ("energy_bound_j", answer.within.energy.min(plan.energy)),
            ("least_energy_j", answer.least_energy.min(plan.energy)),
            ("within_s", answer.within.makespan.min(plan.makespan)),
        ];
        facts.iter().map(|(name, value)| (name.to_string(), Attr::float(*value))).collect()
    }

    /// Of the plans of the whole e-graph those that keep the capacities, where there are any; and then those that `search` finds in
    /// e-graphs with nodes that fit together alone. What plans can be no better than is known from the whole.
    pub(super) fn keeping(
        &self,
        plans: Vec<Plan>,
        search: &dyn Fn(&Problem) -> Result<Vec<Plan>>,
    ) -> Result<Vec<Plan>> {
        let rows = &self.encoded.problem;
        if rows.capacities.is_empty() {
            return Ok(plans);
        }
        let mut keep: Vec<Plan> = plans.into_iter().filter(|p| rows.fits(&rows.taken(&p.choice))).collect();
        for less in &self.study()?.sets {
            let found = search(&timed(self.body, self.target, less))?;
            keep.extend(found.into_iter().map(|p| Plan { choice: lifted(less, self.encoded, &p.choice), ..p }));
        }
        Ok(keep)
    }

    /// What capacities do to plans.
    fn study(&self) -> Result<&Study> {
        if let Some(study) = self.study.get() {
            return Ok(study);
        }
        let (energy, latency) = (self.at(&|n| n.energy), self.at(&|n| n.latency));
        let study = Study::of(self.body, self.encoded, [&energy, &latency])?;
        Ok(self.study.get_or_init(|| study))
    }

    /// The e-graph at other costs.
    fn at(&self, cost: &dyn Fn(&Node) -> f64) -> Encoded {
        let mut out = self.encoded.clone();
        for (class, timed) in out.problem.classes.iter_mut().zip(&self.problem.classes) {
            class.nodes.iter_mut().zip(&timed.nodes).for_each(|(node, timed)| node.cost = cost(timed));
        }
        out
    }

    /// Raises a bound on makespans by what capacities do to it; says whether they do.
    fn raised(&self, fastest: &mut Bound) -> Result<bool> {
        let Some(kept) = self.kept()? else { return Ok(false) };
        let raised = kept.fastest > fastest.makespan * (1.0 + latency::NEAR);
        fastest.makespan = fastest.makespan.max(kept.fastest);
        Ok(raised)
    }

    fn kept(&self) -> Result<Option<&Keeping>> {
        let rows = &self.encoded.problem;
        if let (None, false) = (self.keeping.get(), rows.capacities.is_empty()) {
            let keeping = Keeping::new(&self.problem, rows, &Limits::default())?;
            return Ok(self.keeping.get_or_init(|| keeping).as_ref());
        }
        Ok(self.keeping.get().and_then(Option::as_ref))
    }

    /// What no plan that keeps the capacities can be below, with an energy of which `least` is the least.
    fn keeps_above(&self, energy: &dyn Fn(&Node) -> f64, least: f64, fastest: f64) -> Result<Envelope> {
        let known = Envelope::above(least, fastest);
        Ok(match self.kept()? {
            Some(kept) => known.and(&kept.envelope(energy)?),
            None => known,
        })
    }

    /// What no plan that keeps the capacities can be below in energy and makespan; `None` where there are none.
    pub(super) fn keeps(&self, fastest: f64) -> Result<Option<Envelope>> {
        match self.encoded.problem.capacities.is_empty() {
            true => Ok(None),
            false => Ok(Some(self.keeps_above(&|n| n.energy, self.study()?.least_energy, fastest)?)),
        }
    }

    /// Raises the bounds of an answer whose makespan's was raised by what capacities do to them.
    fn raise(&self, question: &Question, answer: &mut Answer) -> Result<()> {
        answer.least_energy = answer.least_energy.max(self.study()?.least_energy);
        let within = &mut answer.within;
        within.makespan = within.makespan.max(answer.fastest.makespan);
        within.energy = within.energy.max(answer.least_energy);
        let to = question.max_makespan.unwrap_or(f64::INFINITY);
        if question.is_limited()
            && let Some(kept) = self.keeps(within.makespan)?
        {
            within.makespan = within.makespan.max(kept.least_makespan(question.max_energy.unwrap_or(f64::INFINITY)));
            within.energy = within.energy.max(kept.least_energy(to));
        }
        let least = match question.measure {
            _ if question.excess(within.energy, within.makespan) > 0.0 => f64::INFINITY,
            Measure::Energy => within.energy,
            Measure::Latency => within.makespan,
            Measure::Product { .. } => {
                let charged = self.at(&|n| n.charged).problem;
                let least = solve(&charged, &prism_solve::extraction::Limits::default())?.bound;
                let kept = self.keeps_above(&|n| n.charged, least, within.makespan)?;
                kept.least_product(question.measure, self.problem.standing_w, within.makespan, to)
            }
        };
        answer.bound = answer.bound.max(least);
        Ok(())
    }

    /// The plan of an assignment.
    pub(super) fn plan_of(&self, solution: Solution) -> Plan {
        let energy = self.problem.energy(&solution.choice);
        Plan { energy, makespan: 0.0, in_all: 0.0, strategy: solution.method, choice: solution.choice }
    }

    /// The plan with the makespan that it has once tasks wait for room.
    pub(super) fn judged(&self, plan: Plan) -> Result<Plan> {
        let solution = Solution {
            choice: plan.choice,
            cost: plan.energy,
            bound: 0.0,
            proven: false,
            method: plan.strategy,
            stats: Stats::default(),
        };
        let makespan = schedule::makespan(&(self.rebuild)(&solution), self.target)?;
        let choice = solution.choice;
        let in_all = self.problem.sum(&choice, &|n| n.charged) + self.problem.standing_w * makespan;
        Ok(Plan { choice, makespan, in_all, ..plan })
    }
}

/// The e-graph of `encoded` with times.
fn timed(body: &Body, target: &Target, encoded: &Encoded) -> Problem {
    let resources: Vec<Resource> =
        target.resources().iter().map(|r| Resource { name: r.resource.to_string(), capacity: r.capacity }).collect();
    let index: BTreeMap<&str, u32> = resources.iter().zip(0u32..).map(|(r, i)| (r.name.as_str(), i)).collect();
    let waiting = target.waiting();
    let classes = encoded.problem.classes.iter().zip(&encoded.ops).map(|(class, ops)| {
        let node = |(n, op): (&prism_solve::extraction::Node, &Option<usize>)| {
            let op = op.and_then(|i| body.ops.get(i));
            node(op, n.children.clone(), &index, &waiting)
        };
        Class { nodes: class.nodes.iter().zip(ops).map(node).collect() }
    });
    let classes = classes.collect();
    Problem { resources, classes, roots: encoded.problem.roots.clone(), standing_w: waiting.power.0 }
}

/// An alternative with its times and energies; an argument, which takes none, where there is no operation.
fn node(op: Option<&Op>, children: Vec<ClassId>, index: &BTreeMap<&str, u32>, waiting: &Waiting) -> Node {
    let Some(op) = op else { return Node { children, ..Node::default() } };
    let energies: Vec<(&str, f64)> = op
        .attr("cost")
        .and_then(Attr::as_dict)
        .and_then(|c| c.get("energy_j"))
        .and_then(Attr::as_dict)
        .into_iter()
        .flatten()
        .filter_map(|(component, e)| Some((component.as_str(), e.as_float()?)))
        .collect();
    let energy = energies.iter().map(|e| e.1).sum();
    // What runs on no unit is no task: it takes no time.
    let Some(unit) = schedule::unit(op) else { return Node { energy, charged: energy, children, ..Node::default() } };
    let busy = schedule::busy(op);
    let billed = energies.iter().map(|(component, e)| (*component, Energy(*e)));
    let charged = waiting.added(billed, &unit, busy.iter().map(|(r, t)| (r.as_str(), Time(*t)))).0.max(0.0);
    let uses = busy.iter().filter_map(|(r, t)| Some((*index.get(r.as_str())?, *t))).collect();
    Node { latency: schedule::latency(op), uses, energy, charged, children }
}
