//! DeiT-T on the baselines of Lightening-Transformer and with its own means taken away.

use super::{LT, LT_SLIPS, MRR_SLIPS, MZI_SLIPS, MZI_SLIPS_ONCE, Sheet, case_of};
use crate::validate::{Label, Measure, Part, Row, Subject};
use crate::zoo::{self, Model};

/// Crossbar without accumulation in time and without anything shared between cores and tiles.
fn crossbar_only(target: &'static str) -> Subject {
    let lt = Subject::shipped(target).slips(LT_SLIPS).set("photonic.ptc.accumulate", 1);
    lt.set("photonic.ptc.share_readout", false).set("photonic.ptc.share_columns", false)
}

/// That, and the row side encoded for every output.
fn broadcast_only(target: &'static str) -> Subject {
    crossbar_only(target).set("photonic.ptc.share_rows", false)
}

pub(super) fn rows() -> Vec<Row> {
    let mut sheet = Sheet::new("baselines", Label::Simulator, 0.01, LT);
    let Some(model) = zoo::find("deit-t") else { return sheet.rows };
    ablations(&mut sheet, model);
    baselines(&mut sheet, model);
    once(&mut sheet, model);
    claims(&mut sheet, model);
    sheet.rows
}

fn ablations(sheet: &mut Sheet, model: &'static Model) {
    let figures = [("lt-b-4bit", "0.6918", "1.8856"), ("lt-b-8bit", "1.9346", "6.7472")];
    for (target, crossbar, broadcast) in figures {
        for (name, printed, subject) in
            [("crossbar-only", crossbar, crossbar_only(target)), ("broadcast-only", broadcast, broadcast_only(target))]
        {
            let case = format!("deit-t, {}, {}", case_of(target), name.replace('-', " "));
            let id = format!("lt.ablation.{name}.{target}.energy");
            sheet.row(id, (&case, "energy", "mJ"), printed, subject, Measure::Model(model, 197, Part::Energy));
        }
    }
    for (name, subject) in
        [("crossbar-only", crossbar_only("lt-b-4bit")), ("broadcast-only", broadcast_only("lt-b-4bit"))]
    {
        let case = format!("deit-t, LT-B, 4 bit, {}", name.replace('-', " "));
        let id = format!("lt.ablation.{name}.lt-b-4bit.latency");
        sheet.row(id, (&case, "latency", "ms"), "0.01935", subject, Measure::Model(model, 197, Part::Latency));
    }
}

fn baselines(sheet: &mut Sheet, model: &'static Model) {
    for (target, slips, part, printed) in [
        ("lt-mrr-4bit", MRR_SLIPS, Part::Energy, "1.5383"),
        ("lt-mrr-8bit", MRR_SLIPS, Part::Energy, "3.1951"),
        ("lt-mrr-4bit", MRR_SLIPS, Part::Latency, "0.24428"),
        ("lt-mzi-4bit", MZI_SLIPS, Part::Energy, "2.8154"),
        ("lt-mzi-8bit", MZI_SLIPS, Part::Energy, "36.821"),
        ("lt-mzi-4bit", MZI_SLIPS, Part::Latency, "12.344"),
    ] {
        let (name, unit) = if part == Part::Energy { ("energy", "mJ") } else { ("latency", "ms") };
        let id = format!("lt.model.deit-t.{target}.{name}");
        let case = format!("deit-t, 197 tokens, {}", case_of(target));
        let subject = Subject::shipped(target).slips(slips);
        sheet.row(id, (&case, name, unit), printed, subject, Measure::Model(model, 197, part));
    }
}

/// The mesh without the product that its published totals count twice.
fn once(sheet: &mut Sheet, model: &'static Model) {
    for (part, name, unit, printed) in
        [(Part::Energy, "energy", "mJ", "2.2653"), (Part::Latency, "latency", "ms", "9.9946")]
    {
        let id = format!("lt.model.deit-t.lt-mzi-4bit.{name}-once");
        let subject = Subject::shipped("lt-mzi-4bit").slips(MZI_SLIPS_ONCE);
        let words = ("deit-t, 197 tokens, LT-MZI, 4 bit", &*format!("{name}, q k v counted once"), unit);
        let row = sheet.row(id, words, printed, subject, Measure::Model(model, 197, part));
        row.label = Label::Spreadsheet;
        row.source = format!("equations of {LT}, without the repeated product");
    }
}

/// What the abstract says: more than 2.6 times less energy and 12 times less latency than earlier photonic machines.
fn claims(sheet: &mut Sheet, model: &'static Model) {
    for (part, name, printed) in [(Part::Energy, "energy", "2.65"), (Part::Latency, "latency", "12.6")] {
        let words = ("deit-t, 8 bit, LT-MRR over LT-B", &*format!("{name}, times"), "x");
        let mrr = Subject::shipped("lt-mrr-8bit").slips(MRR_SLIPS);
        let row = sheet.row(format!("lt.claim.{name}"), words, printed, mrr, Measure::Model(model, 197, part));
        row.over = Some(Subject::shipped("lt-b-8bit").slips(LT_SLIPS));
        row.source = format!("{LT}; its abstract claims more than 2.6 and more than 12");
    }
}
