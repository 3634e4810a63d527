//! In which sense a result is best: what was compared, and what the model leaves out.

use super::facts::Facts;
use crate::bars::percent;
use prism_hardware::Time;
use serde::Serialize;

/// The model of optimality, in words and in fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Optimality {
    /// All of it in a few sentences.
    pub text: String,
    /// What the choice was made from.
    pub alternatives: Alternatives,
    /// How the choice was made; absent when the assignment did not come from `extract`.
    pub method: Option<String>,
    /// What a second method says of the answer, and of which; absent when it was not asked.
    pub verified: Option<String>,
    /// Whether the plan keeps to the bytes that the working memory holds.
    pub capacity_enforced: bool,
    /// Whether the choice keeps to the blocks of weights that units store; absent where no unit says how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrays_enforced: Option<bool>,
    /// Share of the working memory that results were given before the choice; absent where it has no end.
    pub resident_share: Option<f64>,
    /// Results that lie off chip for want of room, decided before the choice and not part of it.
    pub spilled: u64,
    /// How the order of tasks came about.
    pub order: &'static str,
    /// How a value with several readers is billed.
    pub sharing: &'static str,
    /// Whether idle parts are switched off, and what that costs.
    pub gating: &'static str,
    /// What the bound on the makespan is over.
    pub makespan_bound_over: &'static str,
    /// The path or resource that the makespan cannot go below.
    pub makespan_bound_by: Option<String>,
    /// What no assignment can be faster than.
    pub fastest_by: Option<String>,
}

/// What the choice was made from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternatives {
    /// Whether saturation found everything that the rules can find.
    pub complete: bool,
    /// Why saturation stopped, by segment.
    pub stop: Vec<String>,
    /// E-classes that a machine can hold.
    pub classes: u64,
    /// E-nodes that a machine can do.
    pub nodes: u64,
}

impl Optimality {
    /// The model behind a program's facts.
    pub fn of(facts: &Facts) -> Optimality {
        let stop: Vec<String> = facts.saturation.iter().map(|s| s.stop.clone()).collect();
        let complete = !stop.is_empty() && stop.iter().all(|s| s == "saturated");
        let extraction = facts.extraction.as_ref();
        let objective = extraction.map_or("none", |e| e.objective.as_str());
        let fastest = extraction.and_then(|e| e.fastest.as_ref());
        let alternatives = Alternatives {
            complete,
            stop,
            classes: extraction.map_or(0, |e| e.classes),
            nodes: extraction.map_or(0, |e| e.nodes),
        };
        Optimality {
            text: text(facts, &alternatives),
            alternatives,
            method: extraction.map(|e| e.method.clone()),
            verified: extraction.and_then(|e| e.verified.clone()),
            capacity_enforced: facts.memory.is_some(),
            arrays_enforced: (!facts.arrays.is_empty()).then_some(true),
            resident_share: facts.places.as_ref().map(|p| p.resident_share),
            spilled: facts.places.as_ref().map_or(0, |p| p.spilled),
            order: match objective {
                "energy" | "none" => "list schedule without barriers, after the assignment is chosen",
                _ => "list schedules without barriers, by which assignments are compared",
            },
            sharing: "each conversion and transfer is paid once, however many read its result",
            gating: match objective {
                "energy" | "latency" | "none" => {
                    "idle parts are not part of what is minimised; the report shows them gated and always on"
                }
                _ => "what idle parts draw, gated as the machine says, is part of what is minimised",
            },
            makespan_bound_over: match objective {
                "latency" => "every assignment among the alternatives that keeps the limits, and every schedule of it",
                _ => "every schedule of this assignment",
            },
            makespan_bound_by: match fastest.filter(|_| objective == "latency") {
                Some(_) if extraction.is_some_and(|e| e.kept_from().is_some()) => {
                    Some("the limit on energy: what is faster takes more".into())
                }
                Some(fastest) => Some(fastest.binding.clone()),
                None => facts.schedule.as_ref().map(|s| s.binding.clone()),
            },
            fastest_by: fastest.map(|f| f.binding.clone()),
        }
    }
}

fn text(facts: &Facts, alternatives: &Alternatives) -> String {
    let choice = match &facts.extraction {
        None => "The assignment was given, not chosen.".to_string(),
        Some(e) => {
            let space = if alternatives.complete {
                "all alternatives that the rules can find"
            } else {
                "the alternatives explored"
            };
            let measure = match e.objective.as_str() {
                "energy" => "dynamic energy".to_string(),
                "latency" => "makespan".to_string(),
                "total-energy" => "energy in all, with what idle parts draw,".to_string(),
                other => format!("measure {other}, where energy is that in all, with what idle parts draw,"),
            };
            let gap = if e.cost > 0.0 { (1.0 - e.bound / e.cost).max(0.0) } else { 0.0 };
            let verb = match (e.proven, e.objective.as_str()) {
                (true, _) => "is proven least".to_string(),
                (false, "energy") => "is not proven least".to_string(),
                _ => format!("is within {} of a bound", percent(gap)),
            };
            format!("The {measure} {verb} over {space} ({} in {} classes).", alternatives.nodes, alternatives.classes)
        }
    };
    let room = match &facts.places {
        None => "The working memory has no end.".to_string(),
        Some(p) => format!(
            "Which results lie off chip for want of room ({} of them) was decided before the choice and is not part of it.",
            p.spilled
        ),
    };
    let arrays: String = facts
        .arrays
        .iter()
        .map(|a| {
            format!(
                " Weights that `{}` holds from before the run take {} of its {} blocks; every choice that was compared keeps to them.",
                a.unit, a.taken_blocks, a.blocks
            )
        })
        .collect();
    let objective = facts.extraction.as_ref().map_or("none", |e| e.objective.as_str());
    let idle = match objective {
        "energy" | "latency" | "none" => " What idle parts draw is not part of what is least.",
        _ => "",
    };
    let fastest = facts.extraction.as_ref().and_then(|e| e.fastest.as_ref());
    let makespan = match (objective, fastest) {
        ("latency", Some(_)) => {
            "The bound on the makespan holds for every assignment that keeps the limits and every schedule of it."
                .to_string()
        }
        (_, Some(fastest)) => format!(
            "The bound on the makespan holds for every schedule of this assignment; another assignment may be faster, but \
             none is below {}.",
            Time(fastest.bound_s)
        ),
        _ => {
            "The bound on the makespan holds for every schedule of this assignment; another may be faster.".to_string()
        }
    };
    format!(
        "{choice} A conversion or transfer is paid once, however many read its result. {room}{arrays}{idle} {makespan}"
    )
}
