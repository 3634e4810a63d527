//! The report on one screen.

use super::{Ceiling, Placement, Report, Roofline, Saturation};
use crate::bars::{BOLD, DIM, measured, percent, table};
use crate::console::Console;
use prism_hardware::{Bytes, Energy, Time};
use std::fmt::Write;

/// Layers and components shown.
const LAYERS: usize = 5;
const COMPONENTS: usize = 7;
/// A difference worth a line, as a share of the figure.
const NOTICEABLE: f64 = 0.005;

/// The summary that `compile` prints, with the files it wrote.
pub fn summary(report: &Report, files: &[String], console: &Console) -> String {
    let mut out = format!(
        "{}  objective {}, strategy {}\n\n",
        console.paint(BOLD, &format!("{} on {}", report.model, report.target)),
        report.objective,
        report.strategy
    );
    let r = report;
    let makespan = figure(&Time(r.makespan_s), r.bound.makespan_s.map(|b| Time(b).to_string()), r.gap.makespan);
    let energy = figure(&Energy(r.energy_j), r.bound.energy_j.map(|b| Energy(b).to_string()), r.gap.energy);
    let _ =
        writeln!(out, "  makespan   {makespan}  {}", sure(false, r.meets_bound.makespan, r.bound.makespan_s.is_some()));
    if let Some(by) = &r.optimality_model.makespan_bound_by {
        let _ = writeln!(out, "             {}", console.paint(DIM, &format!("bound by {by}")));
    }
    if let Some(other) = other_assignments(r) {
        let _ = writeln!(out, "             {}", console.paint(DIM, &other));
    }
    let _ = writeln!(
        out,
        "  energy     {energy}  {}",
        sure(r.proven.energy, r.meets_bound.energy, r.bound.energy_j.is_some())
    );
    if let Some(least) = without_limits(r) {
        let _ = writeln!(out, "             {}", console.paint(DIM, &least));
    }
    if r.idle_energy_j.always_on > 0.0 {
        let (gated, on) = (Energy(r.total_energy_j.gated), Energy(r.total_energy_j.always_on));
        let _ = writeln!(out, "  in all     {gated} with idle parts gated, {on} with all of them always on");
        if r.objective == "energy" && r.idle_energy_j.gated > r.energy_j {
            let text =
                "idle parts take more than the work: a faster plan may take less in all (`--objective total-energy`)";
            let _ = writeln!(out, "             {}", console.paint(DIM, text));
        }
    }
    if let Some(v) = r.objective_value.as_ref().filter(|_| !["energy", "latency"].contains(&r.objective.as_str())) {
        let (value, bound) = (measured(v.value, &v.unit), measured(v.bound, &v.unit));
        let _ = writeln!(out, "  objective  {value}, no plan below {bound}, gap {}", percent(v.gap));
    }
    if let Some(verified) = &r.optimality_model.verified {
        let _ = writeln!(out, "  verified   {verified}");
    }
    let _ = writeln!(out, "  products   {}", products(&r.placement));
    let mut causes: Vec<(&String, f64)> = r.energy_by_cause_j.iter().map(|(k, v)| (k, *v)).collect();
    causes.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let all = r.total_energy_j.gated;
    if all > 0.0 {
        let shares: Vec<String> = causes.iter().map(|(k, v)| format!("{k} {}", percent(v / all))).collect();
        let _ = writeln!(out, "  spent on   {}", shares.join(", "));
    }
    if let Some(text) = ceilings(&r.roofline) {
        let _ = writeln!(out, "  ceilings   {text}");
    }
    if let Some(m) = &r.memory {
        let (peak, capacity) = (Bytes(m.peak_bytes as f64), Bytes(m.capacity_bytes as f64));
        let _ = writeln!(out, "  memory     {peak} of {capacity} in {} at most", m.name);
    }
    for a in &r.arrays {
        let _ = writeln!(out, "  arrays     {} of {} blocks of {} hold weights", a.taken_blocks, a.blocks, a.unit);
    }
    let components: Vec<(String, f64)> = r.energy_by_component_j.iter().map(|(k, v)| (k.clone(), *v)).collect();
    out.push_str(&table("energy by component", components, r.energy_j, COMPONENTS, console));
    let layers = r.energy_by_layer_j.iter().map(|(k, v)| (k.clone(), v.as_f64().unwrap_or(0.0)));
    out.push_str(&table("top layers by energy", layers.collect(), r.energy_j, LAYERS, console));
    out.push('\n');
    for s in &r.saturation {
        let _ = writeln!(out, "  saturation {}", saturation(s));
    }
    if !files.is_empty() {
        let _ = writeln!(out, "  wrote      {}", files.join(", "));
    }
    out
}

/// What the makespan could be with another assignment, where that is noticeably less and not the bound itself.
fn other_assignments(r: &Report) -> Option<String> {
    let fastest = r.bound.fastest_s?;
    let noticeable = r.gap.fastest? > r.gap.makespan.unwrap_or(0.0) + NOTICEABLE;
    let how = if r.objective == "latency" { "without the limits" } else { "`--objective latency`" };
    noticeable.then(|| format!("no assignment is faster than {} ({how})", Time(fastest)))
}

/// What the energy could be without limits, where that is noticeably less than within them.
fn without_limits(r: &Report) -> Option<String> {
    let (least, within) = (r.bound.least_energy_j?, r.bound.energy_j?);
    let noticeable = within - least > NOTICEABLE * r.energy_j;
    noticeable.then(|| format!("no assignment takes less than {} without the limits", Energy(least)))
}

/// Where products are made, each once.
fn products(p: &Placement) -> String {
    let both = if p.both > 0 { format!(", {} on both at once", p.both) } else { String::new() };
    let (light, electronic) = (p.light - p.both, p.electronic - p.both);
    format!("{light} on light, {electronic} on electronics{both}; {} could go to light", p.candidates)
}

/// The three lowest ceilings and what was reached below each, which is of what that resource works for alone; and what all products reach.
fn ceilings(roofline: &Roofline) -> Option<String> {
    let shown = |c: &Ceiling| format!("{} {} of {}", ceiling(c), rate(c.achieved_macs_per_s), rate(c.macs_per_s));
    let lowest: Vec<String> = roofline.ceilings.iter().take(3).map(shown).collect();
    let reached = rate(roofline.achieved_macs_per_s);
    (!lowest.is_empty()).then(|| format!("{} TMAC/s reached; {reached} in all", lowest.join(", ")))
}

/// The name of a ceiling; a unit has two.
fn ceiling(c: &Ceiling) -> String {
    if c.kind == "mapping" { format!("{} as cut", c.name) } else { c.name.clone() }
}

/// In units of 10^12 per second.
fn rate(macs_per_s: f64) -> String {
    format!("{:.3}", macs_per_s / 1e12)
}

fn figure(value: &dyn std::fmt::Display, bound: Option<String>, gap: Option<f64>) -> String {
    let bound = bound.map(|b| format!("bound {b:<9}")).unwrap_or_default();
    let gap = gap.map(|g| format!("gap {:<7}", percent(g))).unwrap_or_default();
    format!("{:<10} {bound:<16} {gap:<11}", value.to_string())
}

/// How sure it is that nothing is less.
fn sure(proven: bool, meets_bound: bool, bounded: bool) -> &'static str {
    match (proven, meets_bound, bounded) {
        (true, ..) => "proven least",
        (_, true, _) => "meets its bound",
        (_, _, true) => "above its bound",
        (_, _, false) => "no bound",
    }
}

fn saturation(s: &Saturation) -> String {
    format!("{} after {} rounds: {} e-nodes in {} e-classes", s.stop, s.iterations, s.enodes, s.eclasses)
}
