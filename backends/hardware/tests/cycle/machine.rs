//! Random machines, as edits of shipped files, and random products.

use crate::common::Random;
use prism_hardware::target::SHIPPED;
use prism_hardware::{MatmulWork, Target};

/// What a unit is, among those that are stepped through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mesh,
    Bank,
    Crossbar,
    Homodyne,
    Flat,
}

fn one<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[random.below(of.len())]
}

/// The text of a shipped machine with fields of its unit replaced or added.
fn edited(name: &str, fields: &[(&str, String)], conversions: Option<&str>) -> String {
    let shipped = SHIPPED.iter().find(|(known, _)| *known == name).expect("a shipped target").1;
    let (head, unit) = shipped.split_once("[[photonic]]\n").expect("a photonic unit");
    let (table, parts) = unit.split_once("\n\n").expect("parts");
    let changed = |line: &&str| !fields.iter().any(|(field, _)| line.starts_with(&format!("{field} = ")));
    let mut lines: Vec<String> = table.lines().filter(changed).map(str::to_string).collect();
    lines.extend(fields.iter().map(|(field, value)| format!("{field} = {value}")));
    let parts = match conversions {
        Some(rate) => parts.replace("name = \"tia\"\n", &format!("name = \"tia\"\nthroughput = \"{rate}\"\n")),
        None => parts.to_string(),
    };
    format!("{head}[[photonic]]\n{}\n\n{parts}", lines.join("\n"))
}

/// A machine of that kind. Most have one or two tiles and cores, as the shares of products that fill them are then known.
pub(crate) fn machine(kind: Kind, random: &mut Random) -> Target {
    let eight = random.below(2) == 0;
    let base = match kind {
        Kind::Mesh => ["lt-mzi-4bit", "lt-mzi-8bit"],
        Kind::Bank => ["lt-mrr-4bit", "lt-mrr-8bit"],
        Kind::Crossbar | Kind::Homodyne => ["lt-b-4bit", "lt-b-8bit"],
        Kind::Flat => ["lightcode"; 2],
    }[usize::from(eight)];
    let holds = matches!(kind, Kind::Mesh | Kind::Bank);
    let mut fields: Vec<(&str, String)> = vec![
        ("tiles", one(random, &[1, 1, 1, 2, 2, 4, 7]).to_string()),
        ("cores", one(random, &[1, 1, 1, 2, 2, 3, 4]).to_string()),
        ("rows", (2 + random.below(14)).to_string()),
        ("columns", if holds { 1 } else { 2 + random.below(14) }.to_string()),
        ("inner", (2 + random.below(14)).to_string()),
        ("accumulate", if holds { one(random, &[1, 1, 1, 1, 1, 1, 1, 1, 2]) } else { 1 + random.below(9) }.to_string()),
        ("share_rows", (random.below(4) > 0).to_string()),
        ("share_columns", (random.below(2) > 0).to_string()),
        ("share_readout", (random.below(2) > 0).to_string()),
        ("signed_passes", if kind == Kind::Bank { 2 } else { one(random, &[1, 1, 1, 2]) }.to_string()),
        ("readout", one(random, &["\"overlapped\"", "\"serial\""]).to_string()),
        ("clock", one(random, &["\"2 GHz\"", "\"5 GHz\"", "\"9 GHz\""]).to_string()),
    ];
    if kind == Kind::Homodyne {
        fields.push(("class", "\"homodyne\"".into()));
    }
    if kind == Kind::Flat {
        fields.retain(|(field, _)| !["inner", "share_columns", "columns"].contains(field));
    }
    let conversions = one(random, &[None, None, None, Some("1 GHz"), Some("300 MHz")]);
    let mut text = edited(base, &fields, conversions);
    if random.below(4) == 0 {
        text = text.replace("capacity = \"4 KiB\"", "capacity = \"512 B\"");
    }
    match Target::parse(base, &text) {
        Ok(target) => target,
        Err(problems) => panic!("{}\n{text}", prism_support::render::text_all(&problems, false)),
    }
}

/// A product that takes some thousand jobs on `target`, with weights or both operands on chip.
pub(crate) fn product(kind: Kind, target: &Target, random: &mut Random) -> MatmulWork {
    let unit = &target.photonic[0];
    let mut extent = |block: u64, most: u64| 1 + random.below((block * most) as usize) as u64;
    let work = match kind {
        Kind::Mesh | Kind::Bank => MatmulWork::new(1, extent(1, 12), extent(unit.inner, 40), extent(unit.rows, 40)),
        Kind::Flat => MatmulWork::new(1, extent(1, 60), extent(1, 60), extent(1, 60)),
        _ => MatmulWork::new(1, extent(unit.columns, 12), extent(unit.inner, 40), extent(unit.rows, 24)),
    };
    let dynamic = kind != Kind::Mesh && random.below(2) == 0;
    MatmulWork { batch: one(random, &[1, 1, 1, 2, 3]), dynamic, lhs_signed: random.below(2) == 0, ..work }
}
