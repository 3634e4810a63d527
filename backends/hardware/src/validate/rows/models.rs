//! Energy and latency of whole transformers on Lightening-Transformer.

use super::{LT, LT_SLIPS, Sheet, case_of};
use crate::validate::{Label, Measure, Part, Row, Subject};
use crate::zoo;

/// Model, tokens, millijoules and milliseconds at 4 bit, the same at 8 bit.
const MODELS: [(&str, u64, [&str; 4]); 4] = [
    ("deit-t", 197, ["0.3843", "0.01935", "1.2055", "0.01944"]),
    ("deit-s", 197, ["1.4206", "0.06999", "4.4525", "0.07016"]),
    ("bert-b", 128, ["3.9517", "0.16745", "11.767", "0.16746"]),
    ("bert-b", 384, ["9.3239", "0.51611", "30.535", "0.51613"]),
];

/// Millijoules of DeiT-T by kind of product at 4 and 8 bit.
const SPLIT: [(&str, &str, &str); 7] = [
    ("qkv", "0.0824", "0.2544"),
    ("attn", "0.0426", "0.1524"),
    ("proj", "0.0275", "0.0848"),
    ("ffn1", "0.1099", "0.3392"),
    ("ffn2", "0.1088", "0.3383"),
    ("embed", "0.0090", "0.0282"),
    ("head", "0.0035", "0.0077"),
];

/// A model as ids call it: with its tokens, unless they are the usual ones.
pub(super) fn id_of(model: &zoo::Model, tokens: u64) -> String {
    if tokens == model.tokens { model.name.into() } else { format!("{}-{tokens}", model.name) }
}

pub(super) fn rows() -> Vec<Row> {
    let mut sheet = Sheet::new("models", Label::Simulator, 0.01, LT);
    for (name, tokens, [energy4, time4, energy8, time8]) in MODELS {
        let Some(model) = zoo::find(name) else { continue };
        for (target, energy, time) in [("lt-b-4bit", energy4, time4), ("lt-b-8bit", energy8, time8)] {
            let case = format!("{name}, {tokens} tokens, {}", case_of(target));
            let id = |what: &str| format!("lt.model.{}.{target}.{what}", id_of(model, tokens));
            let on = || Subject::shipped(target).slips(LT_SLIPS);
            let measure = |part| Measure::Model(model, tokens, part);
            sheet.row(id("energy"), (&case, "energy", "mJ"), energy, on(), measure(Part::Energy));
            sheet.row(id("latency"), (&case, "latency", "ms"), time, on(), measure(Part::Latency));
        }
    }
    let Some(model) = zoo::find("deit-t") else { return sheet.rows };
    for (kind, at4, at8) in SPLIT {
        for (target, printed) in [("lt-b-4bit", at4), ("lt-b-8bit", at8)] {
            let case = format!("deit-t, 197 tokens, {}", case_of(target));
            let id = format!("lt.model.deit-t.{target}.{kind}");
            let on = Subject::shipped(target);
            let on = if kind == "attn" { on.slips(super::ATTENTION_SLIPS) } else { on };
            let measure = Measure::Model(model, 197, Part::Kind(kind));
            sheet.row(id, (&case, &format!("energy of {kind}"), "mJ"), printed, on, measure);
        }
    }
    sheet.rows
}
