//! Light that a dynamic crossbar of N x N x N needs, with the parameters of Lightening-Transformer.

use super::{LT, Sheet};
use crate::validate::{Basis, Label, Measure, Row, Subject};

/// N, device loss and split in dB, electrical power in mW at 4, 6 and 8 bit, launched power in mW at 4 bit, fJ/MAC at 4 bit
/// with 12 and with N wavelengths, and whether SiN (120 mW) carries the launched light at 4 and 8 bit.
type Line = (u64, [&'static str; 8], [bool; 2]);

const LINES: [Line; 7] = [
    (4, ["4.02", "12.04", "10.2", "40.9", "163", "2.0", "10.6", "31.9"], [true, true]),
    (8, ["4.12", "18.06", "41.8", "167", "669", "8.4", "10.9", "16.3"], [true, false]),
    (12, ["4.22", "21.58", "96.3", "385", "1540", "19.3", "11.1", "11.1"], [true, false]),
    (16, ["4.22", "24.08", "171", "685", "2738", "34", "11.1", "8.4"], [true, false]),
    (32, ["4.32", "30.10", "701", "2802", "11208", "140", "11.4", "4.3"], [false, false]),
    (64, ["4.42", "36.12", "2867", "11469", "45874", "573", "11.7", "2.2"], [false, false]),
    (128, ["4.52", "42.14", "11736", "46943", "187772", "2347", "11.9", "1.1"], [false, false]),
];

fn core(n: u64, inner: u64, bits: u32) -> Subject {
    let lt = Subject::shipped("lt-b-4bit").set("photonic.ptc.rows", n).set("photonic.ptc.columns", n);
    let lt = lt.set("photonic.ptc.inner", inner).set("photonic.ptc.wavelengths", inner);
    lt.set("photonic.ptc.precision", format!("{bits} bit"))
}

pub(super) fn rows() -> Vec<Row> {
    let source = format!("link budget worked out from the parameters of {LT}");
    let mut sheet = Sheet::new("link-budget", Label::Spreadsheet, 0.005, &source);
    for (n, printed, _) in LINES {
        let case = format!("{n} x {n}");
        let [loss, split, at4, at6, at8, launched, mac12, mac] = printed;
        let mut row = |name: &str, figure: &str, unit, printed, subject, measure| {
            sheet.row(format!("lt.link-budget.{n}.{name}"), (&case, figure, unit), printed, subject, measure);
        };
        row("device-loss", "device loss", "dB", loss, core(n, n, 4), Measure::Loss);
        row("split", "split", "dB", split, core(n, n, 4), Measure::Split);
        for (bits, printed) in [(4, at4), (6, at6), (8, at8)] {
            let figure = format!("electrical power, {bits} bit");
            row(&format!("electrical-{bits}bit"), &figure, "mW", printed, core(n, n, bits), Measure::LaserPower);
        }
        row("launched-4bit", "launched light, 4 bit", "mW", launched, core(n, n, 4), Measure::Launched);
        row("energy-12", "light, 4 bit, 12 wavelengths", "fJ/MAC", mac12, core(n, 12, 4), Measure::LaserPerMac);
        row("energy", "light, 4 bit, N wavelengths", "fJ/MAC", mac, core(n, n, 4), Measure::LaserPerMac);
    }
    let source = format!(
        "{source}, against 120 mW in a SiN waveguide (UBC, Shining light on silicon photonic DNN accelerators)"
    );
    let mut flags = Sheet::new("link-budget", Label::Identity, 0.0, &source);
    for (n, _, carried) in LINES {
        for (bits, carried) in [(4, carried[0]), (8, carried[1])] {
            flags.row(
                format!("lt.link-budget.{n}.over-limit-{bits}bit"),
                (&format!("{n} x {n}"), &format!("over the limit of the waveguide, {bits} bit"), ""),
                if carried { "0" } else { "1" },
                core(n, n, bits),
                Measure::OverLimit,
            );
        }
    }
    sheet.rows.extend(flags.rows);
    sheet.rows.iter_mut().for_each(|row| row.basis = Basis::Equations);
    sheet.rows
}
