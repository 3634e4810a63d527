//! What passes left in the IR for the report: attributes of the function, so that a resumed compilation knows them too.

use prism_dialects::{Attr, Attrs, Body};
use prism_hardware::Target;
use prism_passes::egraph::capacity::HELD;
use prism_support::codes::E0801;
use prism_support::{Diagnostic, Diagnostics, Result};
use serde::Serialize;

/// How a segment was saturated: `stack.saturation`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Saturation {
    /// The segment.
    pub segment: String,
    /// Why it stopped; anything but `saturated` means that the optimum is over a part of the space.
    pub stop: String,
    /// E-nodes at the end.
    pub enodes: u64,
    /// E-classes at the end.
    pub eclasses: u64,
    /// Rounds of rules.
    pub iterations: u64,
}

/// How the assignment was chosen: `stack.extraction`.
#[derive(Clone, Debug, PartialEq)]
pub struct Extraction {
    /// What is least, as in `--objective`.
    pub objective: String,
    /// As in `--strategy`.
    pub strategy: String,
    /// The method that found the answer.
    pub method: String,
    /// The objective's value, in its own unit.
    pub cost: f64,
    /// No choice, and no schedule of one, has less.
    pub bound: f64,
    /// Whether cost equals bound by proof.
    pub proven: bool,
    /// E-classes of the problem.
    pub classes: u64,
    /// E-nodes of the problem that a machine can do.
    pub nodes: u64,
    /// Products of the answer that had a realisation by light.
    pub candidates: Option<u64>,
    /// Products of the answer that electrons and light make at the same time; each is a product of both in the plan.
    pub joined: Option<u64>,
    /// What a second method says, and of what, where it was asked for.
    pub verified: Option<String>,
    /// Joules of the choice, where energy was not the objective.
    pub energy_j: Option<f64>,
    /// No choice within the limits takes less, joules, where something else was asked for than least energy.
    pub energy_bound_j: Option<f64>,
    /// The same of all choices, within the limits or not.
    pub least_energy_j: Option<f64>,
    /// No plan within the limits is shorter, seconds.
    pub within_s: Option<f64>,
    /// The makespan of all choices and schedules.
    pub fastest: Option<Fastest>,
}

impl Extraction {
    /// What no choice takes less than, within the limits or not, joules.
    pub fn least_j(&self) -> Option<f64> {
        self.least_energy_j.or_else(|| (self.objective == "energy").then_some(self.bound))
    }

    /// What no plan within the limits can be faster than, where it is the limits that keep it from being faster.
    pub fn kept_from(&self) -> Option<f64> {
        let fastest = self.fastest.as_ref().map_or(0.0, |f| f.bound_s);
        self.within_s.filter(|s| *s > fastest * (1.0 + 1e-6))
    }
}

/// What no plan from the same alternatives can be faster than.
#[derive(Clone, Debug, PartialEq)]
pub struct Fastest {
    /// Seconds.
    pub bound_s: f64,
    /// The stretches or resources that bind.
    pub binding: String,
}

/// A plan between the fastest and the one that takes least: `stack.pareto`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Seconds.
    pub makespan_s: f64,
    /// Joules.
    pub energy_j: f64,
    /// No plan that takes no more energy is shorter, seconds.
    pub makespan_bound_s: f64,
    /// No plan that is no longer takes less, joules.
    pub energy_bound_j: f64,
}

/// How well the plan is scheduled: `plan.schedule`.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// No schedule of these tasks is shorter, seconds.
    pub bound_s: f64,
    /// The path or resource that binds.
    pub binding: String,
}

/// What the working memory holds: `plan.memory`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Memory {
    /// The memory.
    pub name: String,
    /// What it can hold, bytes.
    pub capacity_bytes: u64,
    /// The most that results take of it at any time, bytes.
    pub peak_bytes: u64,
}

/// What weights take of the blocks that a unit stores: `stack.held`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arrays {
    /// The unit.
    pub unit: String,
    /// The blocks that weights take.
    pub taken_blocks: u64,
    /// The blocks there are.
    pub blocks: u64,
}

/// What `saturate` decided about room in the working memory: `stack.places`.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    /// Share of it that results may take.
    pub resident_share: f64,
    /// Results that lie off chip.
    pub spilled: u64,
}

/// Everything that passes said about one function. What is absent was not done by Prism's passes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Of `saturate`.
    pub saturation: Option<Saturation>,
    /// Of `saturate`, where the working memory has an end.
    pub places: Option<Places>,
    /// Of `extract`.
    pub extraction: Option<Extraction>,
    /// Of `extract`, where it was asked for: fastest first.
    pub pareto: Vec<Point>,
    /// Of `schedule`.
    pub schedule: Option<Schedule>,
    /// Of `schedule`, where the working memory has an end.
    pub memory: Option<Memory>,
    /// Of `extract`, for units that store weights.
    pub arrays: Vec<Arrays>,
}

fn text(attrs: &Attrs, key: &str) -> Option<String> {
    attrs.get(key).and_then(Attr::as_str).map(str::to_string)
}

fn float(attrs: &Attrs, key: &str) -> Option<f64> {
    attrs.get(key).and_then(Attr::as_float)
}

fn count(attrs: &Attrs, key: &str) -> Option<u64> {
    attrs.get(key).and_then(Attr::as_int).and_then(|n| u64::try_from(n).ok())
}

impl Facts {
    /// The facts of a function; a fact that lacks a part is absent.
    pub fn of(body: &Body) -> Facts {
        let dict = |key: &str| body.attrs.get(key).and_then(Attr::as_dict);
        Facts {
            saturation: dict("stack.saturation").and_then(|a| saturation(&body.name, a)),
            places: dict("stack.places").and_then(|a| {
                Some(Places { resident_share: float(a, "resident_share")?, spilled: count(a, "spilled")? })
            }),
            extraction: dict("stack.extraction").and_then(extraction),
            pareto: body.attrs.get("stack.pareto").and_then(Attr::as_list).map(points).unwrap_or_default(),
            schedule: dict("plan.schedule")
                .and_then(|a| Some(Schedule { bound_s: float(a, "bound_s")?, binding: text(a, "binding")? })),
            memory: dict("plan.memory").and_then(|a| {
                let (capacity_bytes, peak_bytes) = (count(a, "capacity_bytes")?, count(a, "peak_bytes")?);
                Some(Memory { name: text(a, "name")?, capacity_bytes, peak_bytes })
            }),
            arrays: dict(HELD).map(arrays).unwrap_or_default(),
        }
    }
}

impl Facts {
    /// Refuses facts that cannot be: text that was edited says what it likes.
    ///
    /// # Errors
    /// [`E0801`] for each.
    pub fn check(&self, target: &Target) -> Result<()> {
        let mut problems = Diagnostics::new();
        let mut wrong = |what: &str, found: String, allowed: String| {
            let d = Diagnostic::error(&E0801, format!("{what} cannot be right"));
            problems.push(d.found(found).allowed(allowed).note("the IR was edited after Prism wrote it"));
        };
        if let Some(s) = self.schedule.as_ref().filter(|s| !(s.bound_s.is_finite() && s.bound_s >= 0.0)) {
            wrong("`plan.schedule.bound_s`", format!("{} s", s.bound_s), "a finite time, not negative".into());
        }
        if let Some(e) = &self.extraction {
            let least = |v: Option<f64>| v.is_none_or(|v| v.is_finite() && v >= 0.0);
            let fastest = e.fastest.as_ref().map(|f| f.bound_s);
            let more = [e.energy_j, e.energy_bound_j, e.least_energy_j, e.within_s, fastest];
            let sound = e.cost.is_finite() && e.bound >= 0.0 && e.bound <= e.cost * (1.0 + 1e-9);
            if !more.into_iter().all(least) {
                let allowed = "finite energies and times, not negative".into();
                wrong("`stack.extraction`", format!("{more:?}"), allowed);
            }
            if !sound {
                let found = format!("cost {}, bound {}", e.cost, e.bound);
                wrong("`stack.extraction`", found, "a bound from 0 to the cost".into());
            }
        }
        if let Some(m) = &self.memory {
            let memory = target.memories.iter().find(|t| t.name.as_str() == m.name);
            let capacity = memory.and_then(|t| t.capacity).map_or(0, |c| c.0 as u64);
            if m.capacity_bytes != capacity || m.peak_bytes > capacity {
                let found = format!("{} of {} bytes in `{}`", m.peak_bytes, m.capacity_bytes, m.name);
                wrong("`plan.memory`", found, format!("at most the {capacity} bytes of that memory"));
            }
        }
        for a in &self.arrays {
            let blocks = target.photonic_unit(&a.unit).and_then(|u| u.arrays).unwrap_or(0);
            if a.blocks != blocks || a.taken_blocks > blocks {
                let found = format!("{} of {} blocks in `{}`", a.taken_blocks, a.blocks, a.unit);
                wrong("`stack.held`", found, format!("at most the {blocks} blocks of that unit"));
            }
        }
        problems.into_result(())
    }
}

fn arrays(units: &Attrs) -> Vec<Arrays> {
    let unit = |(unit, a): (&String, &Attr)| {
        let a = a.as_dict()?;
        Some(Arrays { unit: unit.clone(), taken_blocks: count(a, "taken")?, blocks: count(a, "are")? })
    };
    units.iter().filter_map(unit).collect()
}

fn saturation(segment: &str, a: &Attrs) -> Option<Saturation> {
    Some(Saturation {
        segment: segment.to_string(),
        stop: text(a, "stop")?,
        enodes: count(a, "enodes")?,
        eclasses: count(a, "eclasses")?,
        iterations: count(a, "iterations")?,
    })
}

fn extraction(a: &Attrs) -> Option<Extraction> {
    Some(Extraction {
        objective: text(a, "objective")?,
        strategy: text(a, "strategy")?,
        method: text(a, "method")?,
        cost: float(a, "cost")?,
        bound: float(a, "bound")?,
        proven: a.get("proven").and_then(Attr::as_bool)?,
        classes: count(a, "classes")?,
        nodes: count(a, "nodes")?,
        candidates: count(a, "candidates"),
        joined: count(a, "joined"),
        verified: text(a, "verified"),
        energy_j: float(a, "energy_j"),
        energy_bound_j: float(a, "energy_bound_j"),
        least_energy_j: float(a, "least_energy_j"),
        within_s: float(a, "within_s"),
        fastest: float(a, "fastest_s")
            .zip(text(a, "fastest_by"))
            .map(|(bound_s, binding)| Fastest { bound_s, binding }),
    })
}

/// Points; those that lack a part or are no numbers are left out.
fn points(list: &[Attr]) -> Vec<Point> {
    let point = |a: &Attr| {
        let at = |key: &str| a.as_dict().and_then(|a| float(a, key)).filter(|v| v.is_finite() && *v >= 0.0);
        Some(Point {
            makespan_s: at("makespan_s")?,
            energy_j: at("energy_j")?,
            makespan_bound_s: at("makespan_bound_s")?,
            energy_bound_j: at("energy_bound_j")?,
        })
    };
    list.iter().filter_map(point).collect()
}
