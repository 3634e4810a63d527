//! Albireo's table of powers and areas, from the parts that CiMLoop lists.

use super::Sheet;
use crate::validate::{Label, Measure, Row, Subject};

const SOURCE: &str = "Albireo (Shiflett et al., ISCA 2021), table III, with the parts of CiMLoop's model of it";

/// Component and watts.
type Powers = &'static [(&'static str, &'static str)];

/// Machine, its watts by component, total watts, pJ/MAC, TOPS, TOPS/W; an empty text where the table has none.
const MACHINES: [(&str, Powers, [&str; 4]); 3] = [
    (
        "albireo-conservative",
        &[
            ("ring", "7.52"),
            ("modulator", "3.45"),
            ("laser", "2.36"),
            ("dac", "7.93"),
            ("adc", "1.31"),
            ("tia", "0.14"),
            ("cache", "0.03"),
        ],
        ["22.7", "3.74", "12.15", "0.53"],
    ),
    (
        "albireo-moderate",
        &[
            ("ring", "0.94"),
            ("modulator", "0.43"),
            ("laser", "0.09"),
            ("dac", "3.98"),
            ("adc", "0.65"),
            ("tia", "0.07"),
            ("cache", "0.03"),
        ],
        ["6.19", "", "", ""],
    ),
    (
        "albireo-aggressive",
        &[
            ("ring", "0.38"),
            ("modulator", "0.17"),
            ("laser", "0.12"),
            ("dac", "0.80"),
            ("adc", "0.13"),
            ("tia", "0.01"),
            ("cache", "0.03"),
        ],
        ["1.64", "0.169", "19.44", "11.9"],
    ),
];

/// Component and its share of the area in per cent.
const AREA: [(&str, &[&str], &str); 10] = [
    ("awg", &["awg"], "72"),
    ("star-coupler", &["star-coupler"], "17"),
    ("laser", &["laser"], "6"),
    ("modulator", &["modulator"], "3.7"),
    ("ring", &["ring"], "0.8"),
    ("adc", &["adc"], "0.4"),
    ("cache", &["cache"], "0.2"),
    ("detector", &["detector"], "0.2"),
    ("tia", &["tia"], "0.1"),
    ("dac", &["dac"], "0.03"),
];

pub(super) fn rows() -> Vec<Row> {
    let mut sheet = Sheet::new("albireo", Label::Simulator, 0.02, SOURCE);
    for (target, powers, [total, mac, peak, efficiency]) in MACHINES {
        let mut row = |id: String, words: (&str, &'static str), printed: &str, measure| {
            sheet.row(id, (target, words.0, words.1), printed, Subject::shipped(target), measure);
        };
        for (part, printed) in powers {
            let id = format!("chip.power.{target}.{part}");
            row(id, (&format!("power of {part}"), "W"), printed, Measure::PowerOf((*part).into()));
        }
        row(format!("chip.power.{target}.total"), ("power", "W"), total, Measure::Power(&[]));
        if !mac.is_empty() {
            row(format!("chip.energy.{target}.mac"), ("energy at full load", "pJ/MAC"), mac, Measure::PowerPerMac(&[]));
            row(format!("chip.peak.{target}.total"), ("peak", "TOPS"), peak, Measure::Peak);
            row(
                format!("chip.peak.{target}.per-watt"),
                ("peak per watt", "TOPS/W"),
                efficiency,
                Measure::PeakPerWatt(&[]),
            );
        }
    }
    area(&mut sheet);
    sheet.rows
}

fn area(sheet: &mut Sheet) {
    let target = "albireo-conservative";
    let on = || Subject::shipped(target);
    sheet.row(format!("chip.area.{target}.total"), (target, "area", "mm2"), "124.6", on(), Measure::Area(&[]));
    for (part, parts, printed) in AREA {
        let words = (target, &*format!("share of {part} in the area"), "%");
        let id = format!("chip.area.{target}.{part}");
        let row = sheet.row(id, words, printed, on(), Measure::AreaShare(parts));
        if part == "dac" {
            row.tolerance = 0.3;
            row.source
                .push_str("; its area counts the 243 converters of the weights, its power those of the 63 inputs too");
        }
    }
}
