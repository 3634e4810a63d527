//! Figures that nobody published: what a machine's own simulator would print, and ours beside it.

use super::models::id_of;
use super::{Sheet, case_of, slips_of};
use crate::target::{SHIPPED, Target};
use crate::validate::{Label, Measure, Part, Row, Subject};
use crate::zoo::MODELS;

/// Machines of Lightening-Transformer whose parts are listed too.
const LISTED: [&str; 6] = ["lt-l-4bit", "lt-l-8bit", "lt-mrr-4bit", "lt-mrr-8bit", "lt-mzi-4bit", "lt-mzi-8bit"];

/// Rows for what `known` does not hold.
pub(super) fn rows(known: &[Row]) -> Vec<Row> {
    let mut sheet = Sheet::new("open", Label::Simulator, 0.01, "no published figure is known");
    for (target, text) in SHIPPED {
        sheet.label = label_of(target);
        // Every shipped machine reads: a test meets one that does not first.
        let Ok(machine) = Target::parse(target, text) else { continue };
        if machine.photonic.is_empty() {
            continue;
        }
        if target.starts_with("lt-") {
            models(&mut sheet, target);
        }
        chip(&mut sheet, target, &machine);
    }
    sheet.rows.retain(|row| known.iter().all(|k| k.id != row.id));
    sheet.rows
}

/// What a published figure of the machine would be.
fn label_of(target: &str) -> Label {
    match target {
        "lightmatter-2025" | "pace-2025" => Label::Silicon,
        "deap" | "oc" | "ubc-mrr" => Label::Spreadsheet,
        _ => Label::Simulator,
    }
}

fn models(sheet: &mut Sheet, target: &'static str) {
    for model in &MODELS {
        let case = format!("{}, {} tokens, {}", model.name, model.tokens, case_of(target));
        for (name, unit, part) in [("energy", "mJ", Part::Energy), ("latency", "ms", Part::Latency)] {
            let id = format!("lt.model.{}.{target}.{name}", id_of(model, model.tokens));
            let subject = Subject::shipped(target).slips(slips_of(target));
            sheet.row(id, (&case, name, unit), "", subject, Measure::Model(model, model.tokens, part));
        }
    }
}

fn chip(sheet: &mut Sheet, target: &'static str, machine: &Target) {
    let family = if target.starts_with("lt-") { "lt" } else { "chip" };
    let id = |what: &str, part: &str| format!("{family}.{what}.{target}.{part}");
    let on = || Subject::shipped(target);
    let case = case_of(target);
    sheet.row(id("peak", "total"), (&case, "peak", "TOPS"), "", on(), Measure::Peak);
    let (power, area) = (machine.power(), machine.area());
    if !power.is_empty() {
        sheet.row(id("power", "total"), (&case, "power", "mW"), "", on(), Measure::Power(&[]));
    }
    if !area.is_empty() {
        sheet.row(id("area", "total"), (&case, "area", "mm2"), "", on(), Measure::Area(&[]));
    }
    if !LISTED.contains(&target) {
        return;
    }
    for part in power.keys() {
        let words = (&*case, &*format!("power of {part}"), "mW");
        sheet.row(id("power", part), words, "", on(), Measure::PowerOf(part.clone()));
    }
    for part in area.keys() {
        let words = (&*case, &*format!("area of {part}"), "mm2");
        sheet.row(id("area", part), words, "", on(), Measure::AreaOf(part.clone()));
    }
}
