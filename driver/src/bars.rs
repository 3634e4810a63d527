//! A sum and its parts as text: the largest parts with their shares and bars.

use crate::console::Console;
use anstyle::Style;
use prism_hardware::{Energy, Time};
use std::fmt::Write;

/// Titles.
pub const BOLD: Style = Style::new().bold();
/// Remarks.
pub const DIM: Style = Style::new().dimmed();

/// Widest bar, characters.
const BAR: usize = 24;
/// Longest name in a table, characters.
const NAME: usize = 30;

/// A share with three significant digits, such as `62.1 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0 %".into(),
        p if p >= 99.95 => format!("{p:.0} %"),
        p if p >= 9.995 => format!("{p:.1} %"),
        p if p >= 0.01 => format!("{p:.2} %"),
        _ => "<0.01 %".into(),
    }
}

/// A value of a measure in its unit: with a prefix where it begins with joules, such as `45.85 µJ s`, and a power of ten where the unit is one
/// that no prefix reads well in front of.
pub fn measured(value: f64, unit: &str) -> String {
    match unit.split_once(' ').unwrap_or((unit, "")) {
        ("J", rest) => format!("{} {rest}", Energy(value)).trim_end().to_string(),
        ("s", "") => Time(value).to_string(),
        _ => format!("{} {unit}", number(value)),
    }
}

/// A number of four significant digits, with a power of ten where it is far from one.
fn number(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-3..1e5).contains(&size) => rounded_to(value, 4).to_string(),
        _ => format!("{value:.3e}"),
    }
}

fn rounded_to(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// A number as it is, with a power of ten where digits alone could not be read.
pub fn exact(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-6..1e16).contains(&size) => value.to_string(),
        _ => format!("{value:e}"),
    }
}

/// The largest rows of a split of `total`, with what they leave.
pub fn table(title: &str, mut rows: Vec<(String, f64)>, total: f64, most: usize, console: &Console) -> String {
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
    rounded_to(x, 9)
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
    use super::{bar, exact, measured, percent, shortened};

    #[test]
    fn values_read_well_in_every_unit() {
        assert_eq!(measured(4.584_6e-5, "J s"), "45.85 µJ s");
        assert_eq!(measured(34.403, "J s"), "34.4 J s");
        assert_eq!(measured(1.234_56e-7, "J^2 s"), "1.235e-7 J^2 s");
        assert_eq!(measured(12.345_6, "J^2 s"), "12.35 J^2 s");
        assert_eq!([1e300, 2.5, 0.0, 3e-12].map(exact), ["1e300", "2.5", "0", "3e-12"]);
    }

    #[test]
    fn shares_read_well_at_every_size() {
        let shown: Vec<String> = [0.0, 1.0, 0.6213, 0.04567, 0.000123, 1e-7].into_iter().map(percent).collect();
        assert_eq!(shown, ["0 %", "100 %", "62.1 %", "4.57 %", "0.01 %", "<0.01 %"]);
        assert_eq!(bar(1.0).chars().count(), 24);
        assert_eq!((bar(0.0), bar(1.0 / 192.0)), (String::new(), "▏".to_string()));
        assert_eq!(shortened(&"a.".repeat(40)).chars().count(), 30);
    }
}
