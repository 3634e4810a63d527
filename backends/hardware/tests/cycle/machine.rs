//! Random machines, as edits of shipped files, and random products.

use crate::common::Random;
use prism_hardware::target::SHIPPED;
use prism_hardware::{MatmulWork, Stationary, Target};

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
        ("clock", one(random, &["\"1 GHz\"", "\"2 GHz\"", "\"5 GHz\""]).to_string()),
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
        // So small that the rows of a crossbar are cut, and that the results of a bank do not fit.
        let small = if holds { "capacity = \"48 B\"" } else { "capacity = \"512 B\"" };
        text = text.replace("capacity = \"4 KiB\"", small);
    }
    if random.below(4) == 0 {
        let inward = format!("to = \"ptc\"\nlatency = \"0 s\"\nbandwidth = \"{} GB/s\"", 20 << random.below(6));
        text = text.replace("to = \"ptc\"\nlatency = \"0 s\"\nbandwidth = \"unlimited\"", &inward);
    }
    match Target::parse(base, &text) {
        Ok(target) => target,
        Err(problems) => panic!("{}\n{text}", prism_support::render::text_all(&problems, false)),
    }
}

/// A product that takes some thousand jobs on `target`, with weights or both operands on chip, and the operand on the row
/// side. Two in three fill tiles and cores with whole blocks, as a mapper would choose them; the others are of any size.
pub(crate) fn product(kind: Kind, target: &Target, random: &mut Random) -> (MatmulWork, Stationary) {
    let unit = &target.photonic[0];
    let fills = random.below(3) > 0;
    let mut extent = |block: u64, most: u64, together: u64| {
        let any = 1 + random.below((block * most) as usize) as u64;
        if fills { any.next_multiple_of(block * together) } else { any }
    };
    let across = if kind == Kind::Homodyne { unit.cores } else { 1 };
    let [n, m, k] = match kind {
        Kind::Mesh | Kind::Bank => {
            [extent(unit.rows, 40 + 8 * unit.tiles, unit.tiles), extent(1, 12, 1), extent(unit.inner, 40, unit.cores)]
        }
        Kind::Flat => [extent(1, 60, 1), extent(1, 60, 1), extent(1, 60, 1)],
        _ => [
            extent(unit.rows, 40 + 8 * unit.tiles, unit.tiles),
            extent(unit.columns, 8, across),
            extent(unit.inner, 24, if kind == Kind::Crossbar { unit.cores } else { 1 }),
        ],
    };
    let batch = one(random, &[1, 1, 1, 2, 3]);
    let dynamic = kind != Kind::Mesh && random.below(2) == 0;
    let signs = MatmulWork { dynamic, lhs_signed: random.below(2) == 0, ..MatmulWork::new(batch, m, k, n) };
    match dynamic && random.below(2) == 0 {
        true => (MatmulWork { m: n, n: m, ..signs }, Stationary::Lhs),
        false => (signs, Stationary::Rhs),
    }
}
