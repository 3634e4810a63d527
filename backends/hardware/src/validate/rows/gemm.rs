//! Single products on Lightening-Transformer and on its baselines.

use super::{ATTENTION_SLIPS, LT, Sheet, case_of};
use crate::cost::{Event, MatmulWork, Stationary};
use crate::validate::{Label, Measure, Part, Row, Subject};

/// M, K, N; cycles; microseconds; nanojoules at 4 and 8 bit; pJ/MAC at 4 and 8 bit.
type Line = ((u64, u64, u64), [&'static str; 6]);

const LT_B: [Line; 5] = [
    ((12, 12, 12), ["1", "0.002", "3.098", "6.695", "1.79", "3.87"]),
    ((96, 96, 96), ["64", "0.0128", "365.7", "1020.9", "0.413", "1.154"]),
    ((197, 192, 576), ["1632", "0.3264", "6870.5", "21198.4", "0.315", "0.973"]),
    ((128, 4096, 4096), ["160826", "32.165", "764031", "2271795", "0.356", "1.058"]),
    ((1, 4096, 4096), ["14621", "7.74", "304831", "676779", "18.17", "40.34"]),
];

/// What a column of the split of 197 x 192 x 576 holds, with nanojoules at 4 and 8 bit.
const SPLIT: [(&str, Part, &str, &str); 13] = [
    ("laser", Part::Components(&["laser", "laser.padding"]), "251.36", "4021.73"),
    ("dac-weights", Part::On("dac", Event::RowEncode), "839.31", "6714.51"),
    ("dac-activations", Part::On("dac", Event::ColumnEncode), "202.63", "1621.03"),
    ("modulator-weights", Part::On("modulator", Event::RowEncode), "1052.84", "1052.84"),
    ("modulator-activations", Part::On("modulator", Event::ColumnEncode), "254.18", "254.18"),
    ("detector", Part::Components(&["detector"]), "798.84", "798.84"),
    ("tia", Part::Components(&["tia"]), "204.25", "204.25"),
    ("adc", Part::Components(&["adc"]), "251.91", "503.82"),
    ("adder", Part::Components(&["adder"]), "3.10", "3.10"),
    ("register", Part::Components(&["register"]), "267.82", "535.64"),
    ("buffer", Part::Components(&["buffer"]), "692.74", "1385.48"),
    ("sram", Part::Components(&["sram"]), "326.26", "652.52"),
    ("dram", Part::Components(&["dram"]), "1725.24", "3450.47"),
];

/// Cycles have no tolerance.
const EXACT: f64 = 0.0;

pub(super) fn rows() -> Vec<Row> {
    let mut sheet = Sheet::new("gemm", Label::Simulator, 0.005, LT);
    let mut exact = Sheet::new("gemm", Label::Simulator, EXACT, LT);
    for ((m, k, n), [cycles, time, at4, at8, mac4, mac8]) in LT_B {
        let work = MatmulWork::new(1, m, k, n);
        let size = format!("{m}x{k}x{n}");
        exact.gemm(&size, "lt-b-4bit", work, Part::Cycles, cycles);
        sheet.gemm(&size, "lt-b-4bit", work, Part::Latency, time);
        for (target, nj, mac) in [("lt-b-4bit", at4, mac4), ("lt-b-8bit", at8, mac8)] {
            sheet.gemm(&size, target, work, Part::Energy, nj);
            sheet.gemm(&size, target, work, Part::PerMac, mac);
        }
    }
    let decode = MatmulWork::new(1, 1, 4096, 4096);
    sheet.gemm("1x4096x4096", "lt-b-8bit", decode, Part::Latency, "15.48");
    split(&mut sheet);
    attention(&mut sheet, &mut exact);
    baselines(&mut sheet, &mut exact);
    exact.rows.extend(sheet.rows);
    exact.rows
}

impl Sheet {
    fn gemm(&mut self, size: &str, target: &'static str, work: MatmulWork, part: Part, printed: &str) -> &mut Row {
        let (name, unit) = match part {
            Part::Cycles => ("cycles", "cycles"),
            Part::Latency => ("latency", "us"),
            Part::PerMac => ("energy-per-mac", "pJ/MAC"),
            _ => ("energy", "nJ"),
        };
        let words = (&*format!("{size}, {}", case_of(target)), &*name.replace('-', " "), unit);
        let id = format!("lt.gemm.{size}.{target}.{name}");
        self.row(id, words, printed, Subject::shipped(target), Measure::Gemm(work, Stationary::Rhs, part))
    }
}

fn split(sheet: &mut Sheet) {
    let work = MatmulWork::new(1, 197, 192, 576);
    for (target, eight) in [("lt-b-4bit", false), ("lt-b-8bit", true)] {
        for (name, part, at4, at8) in SPLIT {
            let row = sheet.gemm("197x192x576", target, work, part, if eight { at8 } else { at4 });
            row.id = format!("lt.gemm.197x192x576.{target}.{name}");
            row.figure = name.replace('-', " ");
        }
    }
}

/// Products of two results: Q K^T with K held, S V with S held.
fn attention(sheet: &mut Sheet, exact: &mut Sheet) {
    let product = |heads, tokens, width| {
        let qk = MatmulWork { dynamic: true, ..MatmulWork::new(heads, tokens, width, tokens) };
        let sv = MatmulWork { dynamic: true, lhs_signed: false, ..MatmulWork::new(heads, tokens, tokens, width) };
        [("qk", qk, Stationary::Rhs), ("sv", sv, Stationary::Lhs)]
    };
    let small = [["1770.8", "6268.3"], ["1779.0", "6428.6"]];
    for ((name, work, held), printed) in product(3, 197, 64).into_iter().zip(small) {
        let size = format!("{name}-3x197x64");
        slipping(exact.gemm(&size, "lt-b-4bit", work, Part::Cycles, "651"), held);
        slipping(sheet.gemm(&size, "lt-b-4bit", work, Part::Latency, "0.1302"), held);
        for (target, printed) in [("lt-b-4bit", printed[0]), ("lt-b-8bit", printed[1])] {
            slipping(sheet.gemm(&size, target, work, Part::Energy, printed), held);
        }
    }
    for ((name, work, held), printed) in product(12, 1024, 64).into_iter().zip(["186.98", "187.68"]) {
        let size = format!("{name}-12x1024x64");
        slipping(exact.gemm(&size, "lt-b-4bit", work, Part::Cycles, "66564"), held);
        let row = sheet.gemm(&size, "lt-b-4bit", work, Part::Energy, printed);
        slipping(row, held);
        row.unit = "uJ";
    }
}

fn slipping(row: &mut Row, held: Stationary) {
    if let Measure::Gemm(_, side, _) = &mut row.measure {
        *side = held;
    }
    if let Some(subject) = &mut row.subject {
        subject.legacy = ATTENTION_SLIPS;
    }
}

fn baselines(sheet: &mut Sheet, exact: &mut Sheet) {
    let qkv = MatmulWork::new(1, 197, 192, 576);
    exact.gemm("197x192x576", "lt-mrr-4bit", qkv, Part::Cycles, "21614");
    sheet.gemm("197x192x576", "lt-mrr-4bit", qkv, Part::Latency, "4.323");
    sheet.gemm("197x192x576", "lt-mrr-4bit", qkv, Part::Energy, "27698.7");
    exact.gemm("197x192x576", "lt-mzi-4bit", qkv, Part::Cycles, "18912");
    sheet.gemm("197x192x576", "lt-mzi-4bit", qkv, Part::Latency, "195.78");
    sheet.gemm("197x192x576", "lt-mzi-4bit", qkv, Part::Energy, "45847.5");
    let decode = MatmulWork::new(1, 1, 4096, 4096);
    exact.gemm("1x4096x4096", "lt-mrr-4bit", decode, Part::Cycles, "16710");
    let row = sheet.gemm("1x4096x4096", "lt-mrr-4bit", decode, Part::Latency, "3.342");
    if let Some(subject) = &mut row.subject {
        subject.legacy = &["no_weight_time"];
    }
    let row = sheet.gemm("1x4096x4096", "lt-mzi-4bit", decode, Part::Latency, "29.24");
    row.unit = "ms";
}
