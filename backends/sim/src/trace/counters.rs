//! Counter tracks: power by group of components, bytes on chip, traffic by memory.

use super::COUNTERS;
use super::clock::{PER_NANOSECOND, PER_SECOND, Tick, micros, tick};
use super::json::Json;
use crate::plan::{Name, Plan};
use crate::profile::{Edge, sweep};
use crate::simulation::Simulation;
use std::collections::BTreeMap;

/// Contributions to each series of a counter.
type Series<'a> = BTreeMap<&'a str, Vec<Edge<Tick>>>;

/// Writes all counters.
pub(super) fn write(json: &mut Json, plan: &Plan, simulation: &Simulation, spans: &[(Tick, Tick)]) {
    let mut power = Series::new();
    let mut traffic = Series::new();
    for (task, &span) in plan.tasks.iter().zip(spans) {
        for (name, joules) in &task.energy_j {
            spread(&mut power, group(name), span, *joules);
        }
        for (memory, bytes) in &task.moved_bytes {
            spread(&mut traffic, memory, span, *bytes);
        }
    }
    counter(json, "power (W)", power);
    let mut on_chip = Series::new();
    for step in simulation.on_chip_bytes.steps.windows(2) {
        let (from, to) = (tick(step[0].0), tick(step[1].0));
        if to > from && step[0].1 > 0.0 {
            on_chip.entry("bytes").or_default().extend(Edge::pair(from, to, step[0].1));
        }
    }
    counter(json, "on chip (bytes)", on_chip);
    counter(json, "traffic (bytes/s)", traffic);
}

/// The group of a component: `sram.read` and `sram.write` are both `sram`.
fn group(component: &Name) -> &str {
    component.split('.').next().unwrap_or(component)
}

/// `amount` over the span of a task as drawn, so that the counter summed over time is what was spent.
fn spread<'a>(series: &mut Series<'a>, name: &'a str, (start, end): (Tick, Tick), amount: f64) {
    if amount > 0.0 {
        let ticks = if end > start { end - start } else { PER_NANOSECOND };
        let rate = amount / (ticks as f64 / PER_SECOND);
        series.entry(name).or_default().extend(Edge::pair(start, start.saturating_add(ticks), rate));
    }
}

/// One event per moment at which the counter changes, always with all its series: a viewer that stacks
/// them takes a missing one for 0.
fn counter(json: &mut Json, name: &str, series: Series<'_>) {
    let mut changes: BTreeMap<Tick, Vec<(usize, String)>> = BTreeMap::new();
    let mut shown: Vec<(&str, String)> = Vec::new();
    for (position, (series, edges)) in series.into_iter().enumerate() {
        shown.push((series, "0".into()));
        for (at, value) in sweep(edges, Tick::cmp) {
            changes.entry(at).or_default().push((position, short(value)));
        }
    }
    for (at, changed) in changes {
        for (position, value) in changed {
            shown[position].1 = value;
        }
        json.line().object(|json| {
            json.key("ph").text("C");
            json.key("name").text(name);
            json.key("pid").whole(COUNTERS.into());
            json.key("ts").raw(&micros(at));
            json.key("args").object(|json| {
                for (series, value) in &shown {
                    json.key(series).raw(value);
                }
            });
        });
    }
}

/// Twelve significant digits: a thousand times finer than the promise that power adds up to energy, and
/// half the bytes of an exact number.
fn short(value: f64) -> String {
    const WHOLE: f64 = 1e15;
    if value.fract() == 0.0 && (0.0..WHOLE).contains(&value) {
        return format!("{value:.0}");
    }
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    serde_json::Number::from_f64(rounded).map_or("0".into(), |n| n.to_string())
}
