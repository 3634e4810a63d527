//! Power and area of Lightening-Transformer and of its baselines.

use super::{LT, Sheet, case_of};
use crate::validate::{Label, Measure, Row, Subject};

/// A column of the published tables and the components of ours that it holds.
type Column = (&'static str, &'static [&'static str]);

const TOTAL: Column = ("total", &[]);
const LASER: Column = ("laser", &["laser"]);
const DAC: Column = ("dac", &["dac"]);
const MODULATOR: Column = ("modulator", &["modulator"]);
const ADC: Column = ("adc", &["adc"]);
const TIA: Column = ("tia", &["tia"]);
const DETECTOR: Column = ("detector", &["detector"]);
const ADDER: Column = ("adder", &["adder"]);
const MEMORY: Column = ("memory", &["sram", "buffer", "register"]);
const COMB: Column = ("micro-comb", &["micro-comb"]);
const CORE: Column = ("photonic-core", &["photonic-core"]);
/// In the mesh the modulators of the inputs belong to the core.
const CORE_WITH_INPUTS: Column = ("photonic-core", &["photonic-core", "modulator"]);

/// Milliwatts.
const POWER: [(&str, [(Column, &str); 9]); 2] = [
    (
        "lt-b-4bit",
        [
            (TOTAL, "14752.6"),
            (LASER, "770.1"),
            (DAC, "3214.3"),
            (MODULATOR, "4032.0"),
            (ADC, "2131.2"),
            (TIA, "1728"),
            (DETECTOR, "2534.4"),
            (ADDER, "26.2"),
            (MEMORY, "316.4"),
        ],
    ),
    (
        "lt-b-8bit",
        [
            (TOTAL, "50935.2"),
            (LASER, "12321.5"),
            (DAC, "25714.3"),
            (MODULATOR, "4032.0"),
            (ADC, "4262.4"),
            (TIA, "1728"),
            (DETECTOR, "2534.4"),
            (ADDER, "26.2"),
            (MEMORY, "316.4"),
        ],
    ),
];

/// Square millimetres.
const AREA: [(&str, &[(Column, &str)]); 3] = [
    (
        "lt-b-4bit",
        &[
            (TOTAL, "60.30"),
            (LASER, "0.72"),
            (DAC, "15.84"),
            (MODULATOR, "7.59"),
            (ADC, "1.64"),
            (TIA, "0.029"),
            (CORE, "11.32"),
            (ADDER, "0.051"),
            (MEMORY, "14.70"),
            (COMB, "8.41"),
        ],
    ),
    (
        "lt-mrr-4bit",
        &[
            (TOTAL, "61.67"),
            (LASER, "0.84"),
            (DAC, "24.02"),
            (ADC, "0.48"),
            (TIA, "0.008"),
            (CORE, "0.34"),
            (ADDER, "0.09"),
            (MEMORY, "26.08"),
            (COMB, "9.81"),
        ],
    ),
    (
        "lt-mzi-4bit",
        &[
            (LASER, "0.48"),
            (DAC, "25.34"),
            (ADC, "0.27"),
            (TIA, "0.005"),
            (CORE_WITH_INPUTS, "20.01"),
            (ADDER, "0.05"),
            (MEMORY, "14.90"),
        ],
    ),
];

pub(super) fn rows() -> Vec<Row> {
    let mut power = Sheet::new("power", Label::Simulator, 0.005, LT);
    for (target, columns) in POWER {
        for ((name, parts), printed) in columns {
            let id = format!("lt.power.{target}.{name}");
            power.row(id, (&case_of(target), name, "mW"), printed, Subject::shipped(target), Measure::Power(parts));
        }
    }
    let mut area = Sheet::new("area", Label::Simulator, 0.01, LT);
    for (target, columns) in AREA {
        for ((name, parts), printed) in columns {
            let id = format!("lt.area.{target}.{name}");
            area.row(id, (&case_of(target), name, "mm2"), printed, Subject::shipped(target), Measure::Area(parts));
        }
    }
    mesh_total(&mut area);
    power.rows.extend(area.rows);
    power.rows
}

/// The published total of the mesh leaves out modulators that its columns hold.
fn mesh_total(area: &mut Sheet) {
    let (target, case) = ("lt-mzi-4bit", case_of("lt-mzi-4bit"));
    let mesh = || Subject::shipped(target);
    let slip = mesh().slips(&["area_without_input_modulators"]);
    let words = (case.as_str(), "total", "mm2");
    area.row("lt.area.lt-mzi-4bit.total", words, "60.57", slip, Measure::Area(&[]));
    let words = (case.as_str(), "total with its input modulators", "mm2");
    let whole = area.row("lt.area.lt-mzi-4bit.total-whole", words, "61.07", mesh(), Measure::Area(&[]));
    whole.label = Label::Spreadsheet;
    whole.source = format!("sum of the columns of {LT}");
}
