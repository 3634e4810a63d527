//! In which sense a result is best: what was compared, and what the model leaves out.

use super::facts::Facts;
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
    /// Whether the plan keeps to the bytes that the working memory holds.
    pub capacity_enforced: bool,
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
            capacity_enforced: facts.memory.is_some(),
            resident_share: facts.places.as_ref().map(|p| p.resident_share),
            spilled: facts.places.as_ref().map_or(0, |p| p.spilled),
            order: "list schedule without barriers, after the assignment is chosen",
            sharing: "each conversion and transfer is paid once, however many read its result",
            gating: "idle parts are not part of what is minimised; the report shows them gated and always on",
            makespan_bound_over: "every schedule of this assignment",
            makespan_bound_by: facts.schedule.as_ref().map(|s| s.binding.clone()),
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
                "energy" => "dynamic energy",
                _ => "sum of latencies, which knows no overlap,",
            };
            let verb = if e.proven { "is proven least" } else { "is not proven least" };
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
    format!(
        "{choice} A conversion or transfer is paid once, however many read its result. {room} What idle parts draw is not \
         part of what is least. The bound on the makespan holds for every schedule of this \
         assignment; another assignment may be faster."
    )
}
