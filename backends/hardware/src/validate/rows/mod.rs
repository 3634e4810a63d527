//! The list of rows, a file for each group.

mod albireo;
mod baselines;
mod chip;
mod chips;
mod gemm;
mod link_budget;
mod llm;
mod models;
mod open;
mod rederived;
mod signal;

use super::{Basis, Label, Measure, Row, Subject};

/// Every row, in the order of the groups.
pub fn rows() -> Vec<Row> {
    let mut all = link_budget::rows();
    all.extend(chip::rows());
    all.extend(models::rows());
    all.extend(baselines::rows());
    all.extend(gemm::rows());
    all.extend(llm::rows());
    all.extend(albireo::rows());
    all.extend(rederived::rows());
    all.extend(signal::rows());
    all.extend(chips::rows());
    let open = open::rows(&all);
    all.extend(open);
    all
}

/// Where the figures of Lightening-Transformer come from.
const LT: &str = "Lightening-Transformer (arXiv 2305.19533), its public simulator";

/// The slips that its simulator makes in whole models on crossbars.
const LT_SLIPS: &[&str] = &[
    "attention_buffer_slip",
    "attention_fractional_reload",
    "one_block_non_gemm",
    "four_bit_non_gemm",
    "seconds_added_to_milliseconds",
];

/// In attention products alone.
const ATTENTION_SLIPS: &[&str] = &["attention_buffer_slip", "attention_fractional_reload"];

/// On banks.
const MRR_SLIPS: &[&str] =
    &["one_block_non_gemm", "four_bit_non_gemm", "seconds_added_to_milliseconds", "no_weight_time"];

/// On meshes.
const MZI_SLIPS: &[&str] = &[
    "one_block_non_gemm",
    "four_bit_non_gemm",
    "seconds_added_to_milliseconds",
    "qkv_counted_twice",
    "no_weight_time",
];

/// On meshes, but for the repeated product.
const MZI_SLIPS_ONCE: &[&str] =
    &["one_block_non_gemm", "four_bit_non_gemm", "seconds_added_to_milliseconds", "no_weight_time"];

/// The slips of a machine of Lightening-Transformer in whole models.
fn slips_of(target: &str) -> &'static [&'static str] {
    match target {
        t if t.starts_with("lt-mrr") => MRR_SLIPS,
        t if t.starts_with("lt-mzi") => MZI_SLIPS,
        t if t.starts_with("lt-") => LT_SLIPS,
        _ => &[],
    }
}

/// A machine of Lightening-Transformer as people call it: `LT-B, 4 bit`.
fn case_of(target: &str) -> String {
    match target.strip_suffix("bit").and_then(|t| t.rsplit_once('-')) {
        Some((name, bits)) => format!("{}, {bits} bit", name.to_uppercase()),
        None => target.to_string(),
    }
}

/// Rows that share a group, a source and a tolerance.
struct Sheet {
    group: &'static str,
    label: Label,
    tolerance: f64,
    source: String,
    rows: Vec<Row>,
}

impl Sheet {
    fn new(group: &'static str, label: Label, tolerance: f64, source: &str) -> Sheet {
        Sheet { group, label, tolerance, source: source.into(), rows: Vec::new() }
    }

    /// Adds a row: what it is called, what it says, and the figure as it is printed, from which follows how far it is
    /// rounded; an empty text where nothing is published.
    fn row(
        &mut self,
        id: impl Into<String>,
        (case, figure, unit): (&str, &str, &'static str),
        printed: &str,
        subject: impl Into<Option<Subject>>,
        measure: Measure,
    ) -> &mut Row {
        let published = printed.parse::<f64>().ok();
        let rounding = published.filter(|p| *p != 0.0).map_or(0.0, |p| half_digit(printed) / p.abs());
        let subject = subject.into();
        let row = Row {
            id: id.into(),
            group: self.group,
            case: case.into(),
            figure: figure.into(),
            unit,
            published,
            // A hair more than half a digit, for the division's own rounding.
            tolerance: if self.tolerance == 0.0 { 0.0 } else { self.tolerance.max(rounding * (1.0 + 1e-9)) },
            label: self.label,
            basis: if subject.is_some() { Basis::Predicted } else { Basis::Arithmetic },
            source: self.source.clone(),
            subject,
            over: None,
            measure,
            in_interval: false,
        };
        let at = self.rows.len();
        self.rows.push(row);
        &mut self.rows[at]
    }
}

/// Half a unit of the last digit of a printed number.
fn half_digit(printed: &str) -> f64 {
    let decimals = printed.split_once('.').map_or(0, |(_, tail)| tail.len());
    0.5 * 10f64.powi(-i32::try_from(decimals).unwrap_or(0))
}
