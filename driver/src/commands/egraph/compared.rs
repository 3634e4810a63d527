//! Two plans beside each other: what the one costs more, where, and what would make it the better one.

use crate::bars::{measured, percent};
use crate::table::section;
use prism_hardware::{Energy, Time};
use prism_passes::egraph::explain::{Explainer, Part, Total, Way, Worth};
use prism_passes::egraph::extract::Measure;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Rows of a table of differences.
const ROWS: usize = 6;
/// Changes that are named.
const CHANGES: usize = 3;
/// Differences of less than this, relative to the whole, are rounding.
const SAME: f64 = 1e-9;

/// The best plan, and the best with another way.
pub(super) struct Compared<'a> {
    best: &'a Total,
    other: &'a Total,
}

/// A component whose energy, were it another, would make both plans equal.
struct Change<'a> {
    component: &'a str,
    /// What its energy would have to be, as a multiple of what it is.
    factor: f64,
}

impl<'a> Compared<'a> {
    /// `None` where no plan goes that way.
    pub(super) fn of(best: &'a Total, way: &'a Way) -> Option<Compared<'a>> {
        Some(Compared { best, other: way.plan()? })
    }

    /// What would have to change for the other plan to come to as little, all else being equal: the energy of one component, by the
    /// least factor first. Where a plan needs more of what becomes cheaper, or less of what becomes dearer.
    fn changes(&self) -> Vec<Change<'_>> {
        let more = self.other.energy_j - self.best.energy_j;
        let mut out: Vec<Change<'_>> = differences(&self.best.by_component, &self.other.by_component)
            .into_iter()
            .map(|(component, of_best, of_other)| Change { component, factor: 1.0 - more / (of_other - of_best) })
            .filter(|change| change.factor > 0.0 && change.factor.is_finite())
            .collect();
        out.sort_by(|a, b| a.factor.ln().abs().total_cmp(&b.factor.ln().abs()));
        out.truncate(CHANGES);
        out
    }

    pub(super) fn json(&self) -> Value {
        let sums = |t: &Total| json!({ "value": t.value, "proven": t.proven, "energy_j": t.energy_j, "makespan_s": t.makespan_s });
        let change = |c: &Change<'_>| json!({ "component": c.component, "factor": c.factor });
        json!({
            "best": sums(self.best),
            "other": sums(self.other),
            "energy_by_component_j": pairs(&self.best.by_component, &self.other.by_component),
            "busy_s": pairs(&self.best.busy_s, &self.other.busy_s),
            "equal_if_energy_of": self.changes().iter().map(change).collect::<Vec<_>>(),
        })
    }

    /// Whether the plans come to different values.
    pub(super) fn differs(&self) -> bool {
        (self.other.value - self.best.value).abs() > SAME * self.best.value.abs()
    }

    /// The differences as tables; `way` is what the other plan does.
    pub(super) fn text(&self, way: &str, measure: Measure) -> String {
        let mut out = String::new();
        let energy = differences(&self.best.by_component, &self.other.by_component);
        let energy = rows(energy, self.best.energy_j, &|e| Energy(e).to_string());
        let columns = |what| [what, "chosen", "other", "difference"];
        section(&mut out, &format!("Energy of the plan, beside that with {way}"), &columns("component"), &energy);
        let busy = differences(&self.best.busy_s, &self.other.busy_s);
        let busy = rows(busy, self.best.makespan_s.unwrap_or(f64::INFINITY), &|t| Time(t).to_string());
        section(&mut out, "Time that resources are held", &columns("resource"), &busy);
        let changes = self.changes();
        if measure == Measure::Energy && self.other.energy_j > self.best.energy_j && !changes.is_empty() {
            let lines = changes.iter().map(|c| {
                let way = if c.factor < 1.0 { "below" } else { "above" };
                format!("the energy of `{}` were {way} {:.3} times what it is", c.component, c.factor)
            });
            let _ = writeln!(out, "\nIt would take less than the chosen plan if, all else being equal,");
            let _ = writeln!(out, "  {}", lines.collect::<Vec<_>>().join(", or\n  "));
        }
        out
    }
}

/// What both sums have of each thing, where they differ; the largest difference first.
fn differences<'m>(best: &'m BTreeMap<String, f64>, other: &'m BTreeMap<String, f64>) -> Vec<(&'m str, f64, f64)> {
    let keys: BTreeSet<&str> = best.keys().chain(other.keys()).map(String::as_str).collect();
    let of = |map: &BTreeMap<String, f64>, key: &str| map.get(key).copied().unwrap_or(0.0);
    let mut out: Vec<(&str, f64, f64)> = keys.into_iter().map(|k| (k, of(best, k), of(other, k))).collect();
    out.retain(|(_, a, b)| (a - b).abs() > SAME * a.abs().max(b.abs()));
    out.sort_by(|a, b| (b.2 - b.1).abs().total_cmp(&(a.2 - a.1).abs()));
    out
}

fn rows(found: Vec<(&str, f64, f64)>, whole: f64, shown: &dyn Fn(f64) -> String) -> Vec<Vec<String>> {
    let large = found.into_iter().filter(|(_, a, b)| (a - b).abs() > SAME * whole);
    large.take(ROWS).map(|(name, a, b)| vec![name.to_string(), shown(a), shown(b), signed(b - a, shown)]).collect()
}

fn pairs(best: &BTreeMap<String, f64>, other: &BTreeMap<String, f64>) -> Value {
    let entries =
        differences(best, other).into_iter().map(|(k, a, b)| (k.to_string(), json!({ "best": a, "other": b })));
    Value::Object(entries.collect())
}

/// A difference with its sign.
fn signed(value: f64, shown: &dyn Fn(f64) -> String) -> String {
    format!("{}{}", if value < 0.0 { "-" } else { "+" }, shown(value.abs()))
}

/// What a plan comes to in the measure.
pub(super) fn value(value: f64, measure: Measure) -> String {
    measured(value, &measure.unit())
}

/// By how much a plan is above the best.
pub(super) fn more(of: f64, best: f64, measure: Measure) -> String {
    let more = of - best;
    if more.abs() <= SAME * best.abs() {
        return "the same".into();
    }
    let shown = |v: f64| value(v, measure);
    format!("{} ({}{})", signed(more, &shown), if more < 0.0 { "-" } else { "+" }, percent(more.abs() / best.abs()))
}

/// A tensor in a line.
pub(super) fn described(part: &Part) -> String {
    let maths = if part.maths.is_empty() { "an argument".to_string() } else { part.maths.join(" = ") };
    format!("{maths}, {}", part.tensor)
}

/// Word that nothing competes.
pub(super) fn no_rival(part: &Part) -> &'static str {
    match part.ways.iter().any(|way| way.chosen) {
        true if part.ways.len() == 1 => "the only way there is",
        true => "no other way gives a plan",
        false => "the best plan does without it",
    }
}

/// What is chosen, and what the plan with another way comes to.
pub(super) fn headline(part: &Part, way: &Way, called: &str, explainer: &Explainer<'_>) -> String {
    let (best, measure) = (&explainer.best, explainer.measure());
    let chosen: Vec<&str> = part.ways.iter().filter(|w| w.chosen).map(|w| w.what.as_str()).collect();
    let chosen = if chosen.is_empty() { "not made by the best plan".to_string() } else { chosen.join(", and ") };
    let width = called.len().max("chosen".len());
    let mut out = format!("  {:<width$}  {chosen}: {} in all\n", "chosen", value(best.value, measure));
    let worth = match &way.worth {
        Worth::Plan(total) => {
            format!("{} in all, {}", value(total.value, measure), more(total.value, best.value, measure))
        }
        Worth::Bypassed(total) => {
            format!("without the others the best plan does not make it at all: {} in all", value(total.value, measure))
        }
        Worth::Impossible(why) => format!("no plan: {why}"),
    };
    let _ = writeln!(out, "  {called:<width$}  {}: {worth}", way.what);
    let rules = |way: &Way| way.rules.join(", then ");
    let of_chosen = part.ways.iter().find(|w| w.chosen && !w.rules.is_empty());
    let found: Vec<String> = [of_chosen.map(|w| ("chosen", w)), (!way.rules.is_empty()).then_some((called, way))]
        .into_iter()
        .flatten()
        .map(|(what, way)| format!("{what} by {}", rules(way)))
        .collect();
    if !found.is_empty() {
        let _ = writeln!(out, "  {:<width$}  {}", "rules", found.join("; "));
    }
    if let Worth::Plan(total) = &way.worth {
        out.push_str(unexpected(total.value, best.value));
    }
    out
}

/// What to say of a runner-up that comes to less than what was chosen. Makespans are searched for and bounded, so that may be.
fn unexpected(other: f64, chosen: f64) -> &'static str {
    match other < chosen * (1.0 - SAME) {
        true => "  note: the search for the best plan, which is no proof where time counts, did not meet this one\n",
        false => "",
    }
}

/// All ways as a table.
pub(super) fn ways(part: &Part, explainer: &Explainer<'_>) -> String {
    let measure = explainer.measure();
    let cells = |way: &Way| {
        let (in_all, more, makespan) = match &way.worth {
            Worth::Plan(t) | Worth::Bypassed(t) => (
                value(t.value, measure),
                if way.chosen { String::new() } else { more(t.value, explainer.best.value, measure) },
                t.makespan_s.map_or("does not fit".into(), |m| Time(m).to_string()),
            ),
            Worth::Impossible(_) => ("no plan".into(), String::new(), String::new()),
        };
        let mark = match (&way.worth, way.chosen) {
            (_, true) => "chosen",
            (Worth::Bypassed(_), _) => "bypassed",
            _ => "",
        };
        vec![mark.into(), way.what.clone(), Energy(way.own_j).to_string(), in_all, more, makespan, way.rules.join(", ")]
    };
    let mut out = String::new();
    let columns = ["", "way", "own energy", "plan", "more", "makespan", "rules"];
    let title = format!("Ways to make it ({}), each with the best plan that does", part.ways.len());
    section(&mut out, &title, &columns, &part.ways.iter().map(cells).collect::<Vec<_>>());
    out
}

/// A tensor and its ways for programs.
pub(super) fn part_json(part: &Part, explainer: &Explainer<'_>) -> Value {
    let way = |way: &Way| {
        let (state, total) = match &way.worth {
            Worth::Plan(t) => ("plan", Some(t)),
            Worth::Bypassed(t) => ("bypassed", Some(t)),
            Worth::Impossible(_) => ("impossible", None),
        };
        json!({
            "what": way.what, "op": way.op, "unit": way.unit, "view": way.view, "rules": way.rules,
            "own_energy_j": way.own_j, "chosen": way.chosen, "state": state,
            "value": total.map(|t| t.value), "more": total.map(|t| t.value - explainer.best.value),
            "energy_j": total.map(|t| t.energy_j), "makespan_s": total.and_then(|t| t.makespan_s),
            "proven": total.map(|t| t.proven),
        })
    };
    json!({ "maths": part.maths, "tensor": part.tensor, "original": part.original,
            "ways": part.ways.iter().map(way).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::Compared;
    use prism_passes::egraph::explain::Total;
    use std::collections::BTreeMap;

    fn total(parts: &[(&str, f64)]) -> Total {
        let by_component: BTreeMap<String, f64> = parts.iter().map(|(k, v)| (k.to_string(), *v)).collect();
        let energy_j = by_component.values().sum();
        Total { value: energy_j, proven: true, energy_j, by_component, busy_s: BTreeMap::new(), makespan_s: None }
    }

    #[test]
    fn at_the_factor_both_plans_come_to_the_same() {
        let best = total(&[("adc", 4.0), ("dac", 1.0), ("sram", 2.0), ("light", 3.0)]);
        let other = total(&[("adc", 1.0), ("compute", 9.0), ("dac", 1.0), ("sram", 2.5)]);
        let compared = Compared { best: &best, other: &other };
        let changes = compared.changes();
        let named: Vec<&str> = changes.iter().map(|c| c.component).collect();
        assert_eq!(named, ["compute", "adc", "light"], "the least change first; `sram` would have to be negative");
        for change in &changes {
            let at = |t: &Total| {
                let of = |(k, v): (&String, &f64)| if k == change.component { v * change.factor } else { *v };
                t.by_component.iter().map(of).sum::<f64>()
            };
            assert!((at(&best) - at(&other)).abs() < 1e-12, "{}", change.component);
        }
    }

    #[test]
    fn a_better_runner_up_is_owned_up_to() {
        assert!(super::unexpected(19.85e-3, 19.89e-3).contains("did not meet"));
        for other in [19.89e-3, 19.89e-3 * (1.0 - 1e-12), 20.1e-3] {
            assert_eq!(super::unexpected(other, 19.89e-3), "");
        }
    }
}
