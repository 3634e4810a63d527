//! What linear receivers, interference between symbols and closed eyes cost: an array of micro-rings.
//!
//! UBC's text gives most parameters, not all. Of ten ways to fill the gaps, all tried with its figures in view, the shipped
//! machine is the one that assumes least. Where a figure depends on a gap its row says so and has a wider tolerance.

use super::Sheet;
use crate::validate::{Basis, Label, Measure, Row, Subject};

const UBC: &str = "UBC, Shining light on silicon photonic DNN accelerators (Mukherjee, Lis, Shekhar)";

fn array(n: u64) -> Subject {
    let array = Subject::shipped("ubc-mrr").set("photonic.array.rows", n).set("photonic.array.inner", n);
    array.set("photonic.array.wavelengths", n)
}

/// Binary, without margins: what ideal devices would need.
fn ideal(n: u64) -> Subject {
    let array = array(n).set("photonic.array.precision", "1 bit").set("photonic.array.laser.snr", 7);
    let array =
        array.set("photonic.array.loss.margin.loss", "0 dB").set("photonic.array.loss.eye-closure.loss", "0 dB");
    array.set("photonic.array.part.tia.energy", "75 fJ").set("photonic.array.part.transmitter.energy", "154 fJ")
}

fn three_bits(n: u64) -> Subject {
    let array = array(n).set("photonic.array.precision", "3 bit").set("photonic.array.laser.snr", 30);
    let array = array.set("photonic.array.loss.eye-closure.loss", "10 dB");
    array.set("photonic.array.part.tia.energy", "0.6 pJ").set("photonic.array.part.transmitter.energy", "330 fJ")
}

pub(super) fn rows() -> Vec<Row> {
    let source = format!("{UBC}; what its text leaves open was filled with its figures in view");
    let mut sheet = Sheet::new("signal-integrity", Label::Spreadsheet, 0.15, &source);
    energies(&mut sheet);
    ratios(&mut sheet);
    sheet.rows.iter_mut().for_each(|row| row.basis = Basis::Filled);
    sheet.rows
}

fn energies(sheet: &mut Sheet) {
    let parts: [(&str, &'static [&'static str], &str); 4] = [
        ("receiver", &["tia", "adc"], "0.32"),
        ("transmitter", &["transmitter"], "0.057"),
        ("heater", &["heater"], "0.08"),
        ("laser", &["laser"], "5.4"),
    ];
    for (name, parts, printed) in parts {
        let words = ("8 x 8, 4 bit, 5 GHz", name, "pJ/MAC");
        sheet.row(format!("ubc.8x8.{name}"), words, printed, array(8), Measure::PowerPerMac(parts));
    }
    let total = Measure::PowerPerMac(&[]);
    sheet.row("ubc.16x16.total", ("16 x 16, 4 bit, 5 GHz", "total", "pJ/MAC"), "3.0", array(16), total.clone());
    let row = sheet.row("ubc.128x128.total", ("128 x 128, 4 bit, 5 GHz", "total", "pJ/MAC"), "0.9", array(128), total);
    row.tolerance = 0.35;
    row.source.push_str(
        "; whether light passes two banks of rings or three is not stated: the third, of 127 rings, adds 34 %, and two are \
         assumed",
    );
}

fn ratios(sheet: &mut Sheet) {
    let mut row = |id: &str, words: (&str, &str), printed: &str, above: Subject, below: Subject| {
        let row = sheet.row(id, (words.0, words.1, "x"), printed, above, Measure::PowerPerMac(&[]));
        row.over = Some(below);
        sheet.rows.len() - 1
    };
    let words = ("16 x 16, 4 bit", "energy at 2 GHz over that at 5 GHz");
    row("ubc.16x16.clock", words, "2.4", array(16).set("photonic.array.clock", "2 GHz"), array(16));
    for (name, snr, words, printed) in [
        ("half-snr", 10, "energy over that at half the signal over noise", "1.88"),
        ("quarter-snr", 5, "energy over that at a quarter of it", "3.39"),
    ] {
        let less = array(16).set("photonic.array.laser.snr", snr);
        row(&format!("ubc.16x16.{name}"), ("16 x 16, 4 bit, 5 GHz", words), printed, array(16), less);
    }
    let words = ("16 x 16, 5 GHz", "energy at 4 bit over that at 3 bit");
    let bits = row("ubc.16x16.bits", words, "3.1", array(16), three_bits(16));
    let words = ("64 x 64, 4 bit, 5 GHz", "energy over that of ideal devices");
    let full = row("ubc.64x64.ideal", words, "44", array(64), ideal(64));
    let words = ("16 x 16, 4 bit, 5 GHz", "energy over that of ideal devices at 64 x 64");
    let limited = row("ubc.16x16.ideal", words, "100", array(16), ideal(64));
    let mut note = |at: usize, tolerance: f64, text: &str| {
        if let Some(row) = sheet.rows.get_mut(at) {
            row.tolerance = tolerance;
            row.source.push_str(&format!("; {text}"));
        }
    };
    note(
        bits,
        0.15,
        "converters of 3 bit are not stated, 0.6 pJ and 330 fJ are assumed; signal over noise 1.5 times that of 4 bit",
    );
    note(
        full,
        0.5,
        "a bias of the modulators of 3 dB is in its table and not in its totals: left out here, it would double the light; \
         the parameters of ideal devices are not stated, and binary ones without margins are assumed",
    );
    note(limited, 0.15, "published as more than 100; ideal devices as in the row of 64 x 64");
}
