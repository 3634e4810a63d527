//! Designs whose power a third party, UBC, derived again from their parts.

use super::Sheet;
use crate::validate::{Basis, Label, Measure, Row, Subject};

const UBC: &str = "UBC, Shining light on silicon photonic DNN accelerators (Mukherjee, Lis, Shekhar), table III";

/// What Lightening-Transformer's light needs, without memory and digital logic.
const LIGHT: &[&str] = &["laser", "dac", "modulator", "adc", "tia", "detector"];

pub(super) fn rows() -> Vec<Row> {
    // What the reviewers of that paper accepted is the worst of its own four, 6.4 %.
    let mut sheet = Sheet::new("rederived", Label::Spreadsheet, 0.065, UBC);
    let inferred = "counts of the machine are inferred from the calculated figure, so this guards against change alone";
    let shared = "channel and kernel size are those of a secondary table of DEAP";
    for (target, reported, calculated, remark) in [
        ("deap", "95000", "92925", shared),
        ("albireo-conservative", "22700", "22820", "parts of CiMLoop's model of Albireo"),
        ("oc", "3653", "3418", inferred),
    ] {
        for (name, figure, printed) in
            [("reported", "power as reported", reported), ("ubc", "power as UBC calculates it", calculated)]
        {
            let id = format!("chip.rederived.{target}.{name}");
            let row = sheet.row(id, (target, figure, "mW"), printed, Subject::shipped(target), Measure::Power(&[]));
            row.source = format!("{UBC}; {remark}");
            row.basis = if target == "oc" { Basis::Guard } else { Basis::Predicted };
        }
    }
    let lt = || Subject::shipped("lt-b-4bit");
    let id = "chip.rederived.lt-b-4bit";
    let words = ("lt-b-4bit", "power as reported", "mW");
    sheet.row(format!("{id}.reported"), words, "14750", lt(), Measure::Power(&[]));
    let words = ("lt-b-4bit", "power as UBC calculates it", "mW");
    sheet.row(format!("{id}.ubc"), words, "14092", lt(), Measure::Power(&[]));
    let other = lt().set("photonic.ptc.part.dac.law", "simphony");
    let words = ("lt-b-4bit, SimPhony's law of converters", "power of light alone, as UBC calculates it", "mW");
    let row = sheet.row(format!("{id}.ubc-light"), words, "14092", other, Measure::Power(LIGHT));
    row.source = format!("{UBC}; that it takes 2^b / (b + 1) for converters, no memory and no adders is inferred");
    sheet.rows
}
