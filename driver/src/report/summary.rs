//! The report on one screen.

use super::{Report, Saturation};
use crate::console::Console;
use anstyle::Style;
use prism_hardware::{Energy, Time};
use std::fmt::Write;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Widest bar, characters.
const BAR: usize = 24;
/// Layers and components shown.
const LAYERS: usize = 5;
const COMPONENTS: usize = 8;
/// Longest name in a table, characters.
const NAME: usize = 30;

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
    let _ = writeln!(out, "  makespan   {makespan}  {}", proven(r.proven.makespan, r.bound.makespan_s.is_some()));
    if let Some(by) = &r.optimality_model.makespan_bound_by {
        let _ = writeln!(out, "             {}", console.paint(DIM, &format!("bound by {by}")));
    }
    let _ = writeln!(out, "  energy     {energy}  {}", proven(r.proven.energy, r.bound.energy_j.is_some()));
    let p = &r.placement;
    let _ = writeln!(
        out,
        "  products   {} on light, {} on electronics; {} could go to light",
        p.light, p.electronic, p.candidates
    );
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

fn figure(value: &dyn std::fmt::Display, bound: Option<String>, gap: Option<f64>) -> String {
    let bound = bound.map(|b| format!("bound {b:<9}")).unwrap_or_default();
    let gap = gap.map(|g| format!("gap {:<7}", percent(g))).unwrap_or_default();
    format!("{:<10} {bound:<16} {gap:<11}", value.to_string())
}

fn proven(proven: bool, bounded: bool) -> &'static str {
    match (proven, bounded) {
        (true, _) => "proven least",
        (false, true) => "not proven least",
        (false, false) => "no bound",
    }
}

fn saturation(s: &Saturation) -> String {
    format!("{} after {} rounds: {} e-nodes in {} e-classes", s.stop, s.iterations, s.enodes, s.eclasses)
}

/// A share with three significant digits, such as `62.1 %`.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0 %".into(),
        p if p >= 99.95 => format!("{p:.0} %"),
        p if p >= 9.995 => format!("{p:.1} %"),
        p if p >= 0.01 => format!("{p:.2} %"),
        _ => "<0.01 %".into(),
    }
}

/// The largest rows of a split of `total`, with what they leave.
fn table(title: &str, mut rows: Vec<(String, f64)>, total: f64, most: usize, console: &Console) -> String {
    // Rounded: layers that are equal but for the order of additions come in the order of their names.
    rows.sort_by(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then_with(|| natural(&a.0).cmp(&natural(&b.0))));
    let all = rows.len();
    if all > most {
        let rest: f64 = rows.drain(most..).map(|(_, v)| v).sum();
        rows.push((format!("{} more", all - most), rest));
    }
    let rows: Vec<(String, f64)> = rows.into_iter().map(|(name, v)| (shortened(&name), v)).collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut out = format!("\n{}\n", console.paint(BOLD, title));
    for (name, joules) in rows {
        let share = if total > 0.0 { joules / total } else { 0.0 };
        let (joules, percent) = (Energy(joules).to_string(), percent(share));
        let row = format!("  {name:<width$}  {joules:>9}  {percent:>7}  {}", bar(share));
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out
}

fn rounded(x: f64) -> f64 {
    format!("{x:.8e}").parse().unwrap_or(x)
}

/// A name as its parts, so that `h.2` comes before `h.10`.
fn natural(name: &str) -> Vec<(u64, &str)> {
    name.split('.').map(|part| (part.parse().unwrap_or(u64::MAX), part)).collect()
}

/// The end of a long name says more than its start.
fn shortened(name: &str) -> String {
    let chars = name.chars().count();
    if chars <= NAME {
        return name.to_string();
    }
    let tail: String = name.chars().skip(chars - NAME + 3).collect();
    format!("...{tail}")
}

/// A bar of eighths of a character.
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    // At most 8 * BAR, far from the ends of usize.
    let eighths = (share.clamp(0.0, 1.0) * (8 * BAR) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::{bar, percent, shortened};

    #[test]
    fn shares_read_well_at_every_size() {
        let shown: Vec<String> = [0.0, 1.0, 0.6213, 0.04567, 0.000123, 1e-7].into_iter().map(percent).collect();
        assert_eq!(shown, ["0 %", "100 %", "62.1 %", "4.57 %", "0.01 %", "<0.01 %"]);
        assert_eq!(bar(1.0).chars().count(), 24);
        assert_eq!((bar(0.0), bar(1.0 / 192.0)), (String::new(), "▏".to_string()));
        assert_eq!(shortened(&"a.".repeat(40)).chars().count(), 30);
    }
}
