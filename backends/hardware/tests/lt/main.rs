//! Lightening-Transformer's machines against the figures of that work: arXiv 2305.19533, and the formulas of its public
//! simulator (repository zhuhanqing/Lightening-Transformer) evaluated by hand.
//!
//! Every figure comes from the target files; nothing here is specific to a machine but the expectations.

mod chip;
mod link;
mod models;
mod products;

use prism_hardware::target::SHIPPED;
use prism_hardware::{Gemm, MatmulWork, Stationary, Target};

/// The slips of the public simulator in what is counted for whole models on crossbars.
const SLIPS: [&str; 5] = [
    "attention_buffer_slip",
    "attention_fractional_reload",
    "one_block_non_gemm",
    "four_bit_non_gemm",
    "seconds_added_to_milliseconds",
];

/// A shipped machine with some texts of its file replaced; each must occur.
fn edited(name: &str, replacements: &[(&str, &str)]) -> Target {
    let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
    let mut text = shipped.unwrap_or_else(|| panic!("no target `{name}`")).1.to_string();
    for (from, to) in replacements {
        assert!(text.contains(from), "`{from}` is not in `{name}`");
        text = text.replace(from, to);
    }
    match Target::parse(name, &text) {
        Ok(target) => target,
        Err(problems) => panic!("{}", prism_support::render::text_all(&problems, false)),
    }
}

fn machine(name: &str) -> Target {
    edited(name, &[])
}

/// Fails unless `found` is within `tolerance`, a share, of `expected`.
#[track_caller]
fn near(what: &str, found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs() / expected.abs();
    assert!(off <= tolerance, "{what}: {found} is {:.3} % off {expected}", off * 100.0);
}

/// As [`near`], for a figure printed to few digits: half of its last one is allowed in any case.
#[track_caller]
fn printed(what: &str, found: f64, expected: &str, tolerance: f64) {
    let digits = expected.split_once('.').map_or(0, |(_, behind)| behind.len());
    let value: f64 = expected.parse().expect("a number");
    let half = 0.5 * 10f64.powi(-(digits as i32));
    if (found - value).abs() > half * 1.001 {
        near(what, found, value, tolerance);
    }
}

/// `[m, k] x [k, n]` by weights that lie off chip, on the photonic unit.
fn gemm(target: &Target, work: &MatmulWork, held: Stationary) -> Gemm {
    target.gemm(work, held).into_iter().next().expect("a photonic unit")
}

/// Sum over components.
fn sum<'a>(of: impl IntoIterator<Item = &'a f64>) -> f64 {
    of.into_iter().sum()
}
