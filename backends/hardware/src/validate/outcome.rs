//! Rows with their results.

use super::{Machines, Row, scale};
use serde::Serialize;

/// A row with what it gave, in the order in which it is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// [`Row::id`].
    pub id: String,
    /// [`Row::group`].
    pub group: &'static str,
    /// [`Row::case`].
    pub case: String,
    /// [`Row::figure`].
    pub figure: String,
    /// Our figure; none when it cannot be computed, which fails.
    pub ours: Option<f64>,
    /// [`Row::unit`].
    pub unit: &'static str,
    /// [`Row::published`].
    pub published: Option<f64>,
    /// [`Row::tolerance`].
    pub tolerance: f64,
    /// (ours - published) / published; the difference itself where zero is published.
    pub error: Option<f64>,
    /// Whether the error is within the tolerance, or the published figure within the interval.
    pub pass: bool,
    /// What kind of figure the published one is.
    pub label: &'static str,
    /// [`Row::source`].
    pub source: String,
    /// Ours without the slips of the publication; none where no slip is on.
    pub ours_without_legacy: Option<f64>,
    /// The slips that are on.
    pub legacy: &'static [&'static str],
    /// What the ranges of the machine's parameters allow, where it has such.
    pub interval: Option<[f64; 2]>,
    /// What agreement is worth.
    pub basis: &'static str,
}

impl Outcome {
    /// Whether the interval is so wide that lying in it confirms nothing: its ends are ten times apart.
    pub fn is_wide(&self) -> bool {
        self.interval.is_some_and(|[low, high]| low <= 0.0 || high >= 10.0 * low)
    }
}

/// Computes rows on the shipped machines.
pub fn run(rows: &[Row]) -> Vec<Outcome> {
    run_with(rows, &Machines::new(&Machines::shipped))
}

/// Computes rows on other machines.
pub fn run_with(rows: &[Row], machines: &Machines<'_>) -> Vec<Outcome> {
    rows.iter().map(|row| outcome(row, machines)).collect()
}

fn outcome(row: &Row, machines: &Machines<'_>) -> Outcome {
    let legacy = row.subject.as_ref().map_or(&[][..], |s| s.legacy);
    let ours = compute(row, machines, true);
    let error = ours.zip(row.published).map(|(ours, published)| error(ours, published));
    let interval = if row.in_interval { interval(row, machines) } else { None };
    let pass = match (ours, row.published) {
        (None, _) => false,
        (_, None) => true,
        (_, Some(published)) if row.in_interval => {
            interval.is_some_and(|[low, high]| (low..=high).contains(&published))
        }
        _ => error.is_some_and(|e| e.abs() <= row.tolerance),
    };
    Outcome {
        id: row.id.clone(),
        group: row.group,
        case: row.case.clone(),
        figure: row.figure.clone(),
        ours,
        unit: row.unit,
        published: row.published,
        tolerance: row.tolerance,
        error,
        pass,
        label: row.label.word(),
        source: row.source.clone(),
        ours_without_legacy: if legacy.is_empty() { None } else { compute(row, machines, false) },
        legacy,
        interval,
        basis: row.basis.word(),
    }
}

fn error(ours: f64, published: f64) -> f64 {
    if published == 0.0 { ours } else { (ours - published) / published.abs() }
}

/// The figure at the ends of the ranges that the machine states.
fn interval(row: &Row, machines: &Machines<'_>) -> Option<[f64; 2]> {
    let scale = scale(row.unit)?;
    let target = machines.get(row.subject.as_ref()?, true)?;
    let (low, high) = target.interval(|t| row.measure.of(t).map_or(f64::NAN, |value| value * scale))?;
    Some([low, high])
}

fn compute(row: &Row, machines: &Machines<'_>, slips: bool) -> Option<f64> {
    let on = |subject| row.measure.of(&machines.get(subject, slips)?);
    let value = match (&row.subject, &row.over, &row.measure) {
        (Some(subject), None, _) => on(subject)?,
        (Some(subject), Some(over), _) => on(subject)? / on(over)?,
        (None, _, super::Measure::Value(value)) => *value,
        (None, ..) => return None,
    };
    Some(value * scale(row.unit)?).filter(|v| v.is_finite())
}
