//! `report.json`: the result of a compilation. Its names are a contract: `docs/schema/report.schema.json`.
//!
//! No wall-clock time and nothing of the machine that Prism runs on: same input, same bytes.

mod breakdown;
mod facts;
pub mod frontier;
mod optimality;
mod summary;
#[cfg(test)]
pub(crate) mod tests;

pub use breakdown::{Ceiling, Gated, Roofline, Share, Waiting};
pub use facts::{Arrays, Extraction, Facts, Fastest, Memory, Places, Point, Saturation, Schedule};
pub use optimality::Optimality;
pub use summary::summary;

use prism_hardware::Target;
use prism_passes::egraph::extract::Measure;
use prism_sim::{Plan, Simulation};
use prism_support::codes::E0801;
use prism_support::{Diagnostic, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Version of the schema.
pub const VERSION: u32 = 2;

/// Largest relative difference between extracted and simulated energy: rounding of sums in different orders.
const CONSERVATION: f64 = 1e-9;
/// Largest relative difference at which a makespan equals its bound.
const EQUAL: f64 = 1e-9;

/// What figures cannot be below.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// Seconds; over what, says `optimality_model.makespan_bound_over`. Absent when the schedule came without one.
    pub makespan_s: Option<f64>,
    /// No assignment among the alternatives explored has a shorter schedule, seconds; absent when none was chosen.
    pub fastest_s: Option<f64>,
    /// No assignment among the alternatives explored that keeps the limits takes less, joules; absent when none was chosen.
    pub energy_j: Option<f64>,
    /// No assignment takes less, within the limits or not, joules; absent when none was chosen.
    pub least_energy_j: Option<f64>,
}

/// (value - bound) / value; absent where the bound is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// Of the makespan.
    pub makespan: Option<f64>,
    /// Of the makespan, from the shortest over all assignments.
    pub fastest: Option<f64>,
    /// Of the energy.
    pub energy: Option<f64>,
}

/// What was minimised, in its own unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectiveValue {
    /// Such as `J`, `s` or `J s`.
    pub unit: String,
    /// What the plan has.
    pub value: f64,
    /// No plan from the alternatives explored has less, under the limits that were set.
    pub bound: f64,
    /// (value - bound) / value.
    pub gap: f64,
}

/// Whether a figure is proven least: a certificate of it was checked in exact arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Proven {
    /// The energy.
    pub energy: bool,
}

/// Whether a figure equals its bound up to rounding, over what the bound is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeetsBound {
    /// The makespan.
    pub makespan: bool,
    /// The energy.
    pub energy: bool,
}

/// Where the matrix products run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Placement {
    /// Products that light makes, or a part of.
    pub light: u64,
    /// Products that electronics make, or a part of.
    pub electronic: u64,
    /// Products that both make a part of: they are among those of light and among those of electronics.
    pub both: u64,
    /// Products of either kind that had a realisation by light.
    pub candidates: u64,
}

/// The report, in the order in which it is written.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// The version of Prism.
    pub prism_version: &'static str,
    /// The command line, without what does not change the result.
    pub command: String,
    /// The model's name.
    pub model: String,
    /// The machine's name.
    pub target: String,
    /// What is least, as in `--objective`; `none` when the assignment did not come from `extract`.
    pub objective: String,
    /// How it was looked for.
    pub strategy: String,
    /// Simulated makespan, seconds.
    pub makespan_s: f64,
    /// Simulated dynamic energy, joules.
    pub energy_j: f64,
    /// What was minimised; absent when the assignment did not come from `extract`.
    pub objective_value: Option<ObjectiveValue>,
    /// What figures cannot be below.
    pub bound: Bound,
    /// How far both are from that.
    pub gap: Gap,
    /// Whether they are least.
    pub proven: Proven,
    /// Which figures equal their bounds.
    pub meets_bound: MeetsBound,
    /// In which sense.
    pub optimality_model: Optimality,
    /// How the accuracy of the model's results is known: `measured`, `cited` or `unknown`.
    pub accuracy: &'static str,
    /// Where the products run.
    pub placement: Placement,
    /// Dynamic energy and what parts draw while they wait: joules in all.
    pub total_energy_j: Gated,
    /// What parts draw beyond the dynamic energy: leakage, idle parts, waking them.
    pub idle_energy_j: Gated,
    /// That by component.
    pub idle_energy_by_component_j: Waiting,
    /// Joules by component.
    pub energy_by_component_j: BTreeMap<String, f64>,
    /// Joules by what they are spent for, `idle` with parts gated.
    pub energy_by_cause_j: BTreeMap<String, f64>,
    /// Joules by layer, in order of first appearance.
    pub energy_by_layer_j: Map<String, Value>,
    /// Joules by layer, component and cause.
    pub energy_by_layer_component_cause: Vec<Share>,
    /// Products against what each resource allows.
    pub roofline: Roofline,
    /// What the working memory holds at most; absent where it has no end.
    pub memory: Option<Memory>,
    /// What weights take of the blocks that units store; absent where no unit says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrays: Vec<Arrays>,
    /// Why the machine cannot be built as its file says; empty where it can.
    pub infeasible: Vec<String>,
    /// Time for which each resource is held, seconds, added over its slots.
    pub time_by_unit_s: Map<String, Value>,
    /// How each segment was saturated.
    pub saturation: Vec<Saturation>,
    /// Seed of everything random.
    pub seed: u64,
    /// SHA-256 of each input.
    pub inputs: BTreeMap<String, String>,
}

/// What the command line knows.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// [`Report::command`].
    pub command: String,
    /// [`Report::model`].
    pub model: String,
    /// [`Report::target`].
    pub target: String,
    /// [`Report::seed`].
    pub seed: u64,
    /// [`Report::inputs`].
    pub inputs: BTreeMap<String, String>,
}

impl Report {
    /// The report of a plan that has run.
    ///
    /// # Errors
    /// [`E0801`] when the plan breaks a law: simulated energy is not the extracted one, or the makespan is below its
    /// bound.
    pub fn new(context: Context, target: &Target, facts: &Facts, plan: &Plan, run: &Simulation) -> Result<Report> {
        let energy_j = run.energy.dynamic_j;
        let waiting = breakdown::idle(target, run, plan);
        let shares = breakdown::shares(target, plan, &waiting);
        let (gated, always_on) = waiting.totals();
        let idle = Gated { gated: gated.0, always_on: always_on.0 };
        let extraction = facts.extraction.as_ref();
        let by_energy = extraction.filter(|e| e.objective == "energy");
        if let Some(extracted) = extraction.and_then(|e| e.energy_j).or(by_energy.map(|e| e.cost)) {
            conserved(extracted, energy_j)?;
        }
        let fastest_s = extraction.and_then(|e| e.fastest.as_ref()).map(|f| f.bound_s);
        let over_all = extraction.is_some_and(|e| e.objective == "latency");
        let within_s = extraction.and_then(|e| e.within_s);
        let schedule_s = facts.schedule.as_ref().map(|s| s.bound_s);
        for bound in [schedule_s, fastest_s, within_s].into_iter().flatten() {
            above_bound(bound, run.makespan_s)?;
        }
        let least_j = extraction.and_then(|e| e.energy_bound_j).or(by_energy.map(|e| e.bound));
        let bound = Bound {
            makespan_s: if over_all { within_s.or(fastest_s).or(schedule_s) } else { schedule_s },
            fastest_s,
            energy_j: least_j.map(|e| e.min(energy_j)),
            least_energy_j: extraction.and_then(Extraction::least_j).map(|e| e.min(energy_j)),
        };
        let gap = Gap {
            makespan: bound.makespan_s.map(|b| gap(run.makespan_s, b)),
            fastest: fastest_s.map(|b| gap(run.makespan_s, b)),
            // Both as the solver added them up: its bound equals its cost where that is proven.
            energy: by_energy.map(|e| gap(e.cost, e.bound)).or(bound.energy_j.map(|b| gap(energy_j, b))),
        };
        let by_gap = |gap: Option<f64>| gap.is_some_and(|g| g <= EQUAL);
        let proven = Proven { energy: by_energy.is_some_and(|e| e.proven) };
        let meets_bound = MeetsBound { makespan: by_gap(gap.makespan), energy: by_gap(gap.energy) };
        let named = |get: fn(&Extraction) -> &String, or: &str| extraction.map_or(or.into(), |e| get(e).clone());
        Ok(Report {
            version: VERSION,
            prism_version: env!("CARGO_PKG_VERSION"),
            command: context.command,
            model: context.model,
            target: context.target,
            objective: named(|e| &e.objective, "none"),
            strategy: named(|e| &e.strategy, "none"),
            makespan_s: run.makespan_s,
            energy_j,
            objective_value: extraction
                .and_then(|e| objective_value(e, energy_j, energy_j + idle.gated, run.makespan_s)),
            bound,
            gap,
            proven,
            meets_bound,
            optimality_model: Optimality::of(facts),
            accuracy: "unknown",
            placement: placement(extraction, plan),
            total_energy_j: Gated { gated: energy_j + idle.gated, always_on: energy_j + idle.always_on },
            idle_energy_j: idle,
            idle_energy_by_component_j: Waiting::from(&waiting),
            energy_by_cause_j: breakdown::by_cause(&shares),
            energy_by_layer_component_cause: shares,
            roofline: breakdown::roofline(target, plan, run),
            memory: facts.memory.clone(),
            arrays: facts.arrays.clone(),
            infeasible: target.infeasible().iter().map(|i| format!("{}: {}", i.headline, i.found)).collect(),
            energy_by_component_j: run.energy.by_component_j.iter().map(|(k, v)| (k.to_string(), *v)).collect(),
            energy_by_layer_j: run.energy.by_layer_j.iter().map(|(k, v)| (k.to_string(), Value::from(*v))).collect(),
            time_by_unit_s: run.busy_s.iter().map(|(k, v)| (k.to_string(), Value::from(*v))).collect(),
            saturation: facts.saturation.iter().cloned().collect(),
            seed: context.seed,
            inputs: context.inputs,
        })
    }

    /// The text of `report.json`.
    pub fn json(&self) -> String {
        // A struct of strings and finite numbers always has a JSON form.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// What was minimised, from the figures of the run. What idle parts draw counts where the measure says so.
fn objective_value(extraction: &Extraction, energy: f64, in_all: f64, makespan: f64) -> Option<ObjectiveValue> {
    let measure: Measure = extraction.objective.parse().ok()?;
    let energy = if matches!(measure, Measure::Product { .. }) { in_all } else { energy };
    let value = measure.of(energy, makespan);
    let bound = extraction.bound.min(value);
    Some(ObjectiveValue { unit: measure.unit(), value, bound, gap: gap(value, bound) })
}

/// (value - bound) / value; 0 for a value of 0.
fn gap(value: f64, bound: f64) -> f64 {
    if value > 0.0 { ((value - bound) / value).max(0.0) } else { 0.0 }
}

fn conserved(extracted: f64, simulated: f64) -> Result<()> {
    let difference = (extracted - simulated).abs();
    if difference <= CONSERVATION * extracted.abs().max(simulated.abs()) {
        return Ok(());
    }
    Err(Diagnostic::error(&E0801, "the plan does not take the energy that was extracted")
        .found(format!("{simulated:.12e} J simulated, {extracted:.12e} J extracted"))
        .allowed(format!("a relative difference of at most {CONSERVATION:e}"))
        .note("either the IR was edited after `extract`, or this is a bug in Prism")
        .into())
}

fn above_bound(bound: f64, makespan: f64) -> Result<()> {
    if bound <= makespan * (1.0 + EQUAL) {
        return Ok(());
    }
    Err(Diagnostic::error(&E0801, "the plan is faster than its own bound")
        .found(format!("{makespan:.12e} s simulated, {bound:.12e} s as bound"))
        .note("either the IR was edited after `schedule`, or this is a bug in Prism")
        .into())
}

fn placement(extraction: Option<&Extraction>, plan: &Plan) -> Placement {
    let count = |op: &str| plan.tasks.iter().filter(|t| *t.op == *op && t.is_product()).count() as u64;
    let (light, electronic) = (count("ptu.matmul") + count("ptu.gemm"), count("elec.kernel") + count("elec.fused"));
    let both = extraction.and_then(|e| e.joined).unwrap_or(0).min(light).min(electronic);
    Placement { light, electronic, both, candidates: extraction.and_then(|e| e.candidates).unwrap_or(light) }
}
