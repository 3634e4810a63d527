//! Peaks of published chips, and what chips that were built draw.

use super::Sheet;
use crate::cost::{MatmulWork, Stationary};
use crate::validate::{Basis, Label, Measure, Part, Row, Subject};

const LIGHTMATTER: &str = "Ahmed et al., Nature 640, 368 (2025), from secondary notes";
const PACE: &str = "Hua et al. (PACE), Nature 640, 361 (2025), from secondary notes";
const AWGR: &str = "AWGR processor (2025), as PhotonicBench's card of it says";
const TEMPO: &str = "TeMPO (arXiv 2402.07393), abstract";
const HITOP: &str = "HITOP (arXiv 2401.18050), abstract";
const LIGHTML: &str = "LightML (ISCA 2025), from secondary notes";

/// Identities are exact but for the digits that are printed.
const EXACT: f64 = 1e-9;

pub(super) fn rows() -> Vec<Row> {
    let mut sheet = Sheet::new("chips", Label::Identity, EXACT, "");
    peaks(&mut sheet);
    numbers(&mut sheet);
    lightml(&mut sheet);
    measured(&mut sheet);
    sheet.rows
}

fn peaks(sheet: &mut Sheet) {
    let fast = Subject::shipped("lightmatter-2025").set("photonic.ptc.clock", "2 GHz");
    let shipped = Subject::shipped;
    for (id, case, printed, subject, source) in [
        ("lt.peak.lt-b-4bit.total", "lt-b-4bit", "138.24", shipped("lt-b-4bit"), super::LT),
        ("lt.peak.lt-l-4bit.total", "lt-l-4bit", "276.48", shipped("lt-l-4bit"), super::LT),
        ("chip.peak.lightmatter-2025.total", "lightmatter-2025", "65.5", shipped("lightmatter-2025"), LIGHTMATTER),
        ("chip.peak.lightmatter-2025.design", "lightmatter-2025 at 2 GHz", "262", fast, LIGHTMATTER),
        ("chip.peak.pace-2025.total", "pace-2025", "8.19", shipped("pace-2025"), PACE),
        ("chip.peak.lightml.total", "lightml", "393", shipped("lightml"), LIGHTML),
    ] {
        sheet.row(id, (case, "peak", "TOPS"), printed, subject, Measure::Peak).source = source.into();
    }
    let words = ("lightcode", "peak", "TMAC/s");
    let row = sheet.row("chip.peak.lightcode.macs", words, "0.19", shipped("lightcode"), Measure::PeakMacs);
    row.source = "LightCode (arXiv 2509.16443): 20 lanes at 9.7 GHz".into();
    for (target, printed) in [("lt-b-4bit", "9.37"), ("lt-b-8bit", "2.71")] {
        let id = format!("lt.peak.{target}.per-watt");
        let words = (target, "peak per watt", "TOPS/W");
        sheet.row(id, words, printed, shipped(target), Measure::PeakPerWatt(&[])).source = super::LT.into();
    }
}

/// Identities of chips that no machine stands for: id, case, figure, unit, as printed, in SI units, source.
const IDENTITIES: &[(&str, &str, &str, &str, &str, f64, &str)] = &[
    ("awgr.peak", "AWGR: 2 16^3 at 32 GBd", "peak", "TOPS", "262", 2.0 * 4096.0 * 32e9, AWGR),
    ("awgr.power", "AWGR: 262 TOPS at 273 fJ", "power", "W", "71.5", 262e12 * 273e-15, AWGR),
    ("tempo.power", "TeMPO: 368.6 TOPS at 22.3 TOPS/W", "power", "W", "16.5", 368.6 / 22.3, TEMPO),
    ("tempo.area", "TeMPO: 368.6 TOPS at 1.2 TOPS/mm2", "area", "mm2", "307", 368.6 / 1.2 * 1e-6, TEMPO),
    ("hitop.per-watt", "HITOP: 25 fJ per operation", "peak per watt", "TOPS/W", "40", 1.0 / 25e-15, HITOP),
    ("pace.power", "PACE: 8.19 TOPS at 4.21 TOPS/W", "power without lasers", "W", "1.945", 8.19 / 4.21, PACE),
    ("pace.power-lit", "PACE: 8.19 TOPS at 2.38 TOPS/W", "power", "W", "3.44", 8.19 / 2.38, PACE),
    (
        "lightmatter.per-watt",
        "Lightmatter: 65.5 TOPS at 78 + 1.6 W",
        "peak per watt",
        "TOPS/W",
        "0.82",
        65.5e12 / 79.6,
        LIGHTMATTER,
    ),
    (
        "lightml.per-watt",
        "LightML: 325 TOPS at 2.97 + 16 W of HBM",
        "peak per watt",
        "TOPS/W",
        "17.1",
        325e12 / 18.97,
        LIGHTML,
    ),
];

fn numbers(sheet: &mut Sheet) {
    for (id, case, figure, unit, printed, value, source) in IDENTITIES.iter().copied() {
        let id = format!("chip.identity.{id}");
        sheet.row(id, (case, figure, unit), printed, None, Measure::Value(value)).source = source.into();
    }
    let homodyne = "homodyne processor on thin-film lithium niobate (arXiv 2604.18496), abstract";
    for (name, baud, printed) in [("slow", 20.0, "1000"), ("fast", 128.0, "6000")] {
        let words = (&*format!("256 x 100 homodyne cells at {baud} GBd"), "peak", "TOPS");
        let value = Measure::Value(2.0 * 256.0 * 100.0 * baud * 1e9);
        let row = sheet.row(format!("chip.identity.homodyne.{name}"), words, printed, None, value);
        row.tolerance = 0.1;
        row.source = format!("{homodyne}; printed as 1000 to 6000, one digit");
    }
}

/// Its unit powers are derived from its totals, so only readout is predicted.
fn lightml(sheet: &mut Sheet) {
    let on = || Subject::shipped("lightml");
    let work = MatmulWork { dynamic: true, ..MatmulWork::new(1, 128, 1024, 128) };
    let words = ("lightml, blocks of 128 x 1024 x 128", "rate with readout", "TOPS");
    let measure = Measure::Gemm(work, Stationary::Rhs, Part::Rate);
    let row = sheet.row("chip.peak.lightml.sustained", words, "325", on(), measure);
    row.tolerance = 0.02;
    row.label = Label::Simulator;
    row.source = format!("{LIGHTML}: 16 rounds of readout between blocks, not stated to overlap");
    for (part, printed) in
        [("laser", "0.12"), ("modulator", "0.81"), ("detector", "0.022"), ("adc", "1.93"), ("buffer", "0.084")]
    {
        let words = ("lightml", &*format!("power of {part}"), "W");
        let row = sheet.row(format!("chip.power.lightml.{part}"), words, printed, on(), Measure::PowerOf(part.into()));
        row.source = format!("{LIGHTML}; the unit power is derived from it");
        row.basis = Basis::Guard;
    }
    let words = ("lightml", "power without HBM", "W");
    let row = sheet.row("chip.power.lightml.total", words, "2.97", on(), Measure::Power(&[]));
    row.source = format!("{LIGHTML}; unit powers are derived from it");
    row.basis = Basis::Guard;
}

/// Chips on a bench.
fn measured(sheet: &mut Sheet) {
    let words = ("lightmatter-2025", "power", "W");
    let on = Subject::shipped("lightmatter-2025");
    let row = sheet.row("chip.power.lightmatter-2025.total", words, "78", on, Measure::Power(&[]));
    row.label = Label::Silicon;
    row.in_interval = true;
    row.source = format!(
        "{LIGHTMATTER}: 78 W and 1.6 W of light; converters at the range of published designs and no digital dies, so the \
         interval is too wide to confirm much"
    );
    let unpublished = "no unit power of this chip is published: each part has the range of published designs, so the interval is \
                       too wide to confirm much";
    let pace = || Subject::shipped("pace-2025");
    for (id, figure, printed, parts) in [
        ("chip.power.pace-2025.total", "power", "3.44", &[] as &[_]),
        (
            "chip.power.pace-2025.electronics",
            "power without lasers",
            "1.945",
            &["dac", "modulator", "tia", "adc", "weight-hold"],
        ),
    ] {
        let row = sheet.row(id, ("pace-2025", figure, "W"), printed, pace(), Measure::Power(parts));
        row.label = Label::Silicon;
        row.in_interval = true;
        row.source = format!("{PACE}; {unpublished}");
    }
}
