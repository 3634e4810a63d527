//! The reader on damaged files: an error or a machine, never a panic, and a machine can always be priced.

use prism_hardware::target::SHIPPED;
use prism_hardware::{Location, MatmulWork, Target, TensorSize, Work};

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-320",
    "9223372036854775807",
    "18446744073709551616",
    "0xffff",
    "nan",
    "inf",
    "1e999",
    "",
];
const PIECES: [&str; 14] =
    ["[", "]", "{", "}", "\"", "'", "=", "\n", "[[memory]]", "[a.b.c]", "\"\"\"", "é", "\u{0}", "= { value = 1 }"];

fn mutate(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    match random.below(6) {
        0 => {
            let at = random.below(bytes.len());
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            let drop = random.below(text.lines().count());
            let kept = text.lines().enumerate().filter(|(i, _)| *i != drop).map(|(_, l)| l);
            return kept.collect::<Vec<_>>().join("\n");
        }
        2 => {
            let mut lines: Vec<_> = text.lines().collect();
            let (a, b) = (random.below(lines.len()), random.below(lines.len()));
            if a.max(b) < lines.len() {
                lines.swap(a, b);
            }
            return lines.join("\n");
        }
        3 => {
            let digits: Vec<_> = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(i, _)| i).collect();
            if let Some(&at) = digits.get(random.below(digits.len())) {
                let end = text[at..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |n| at + n);
                return format!("{}{}{}", &text[..at], NUMBERS[random.below(NUMBERS.len())], &text[end..]);
            }
        }
        4 => bytes.truncate(random.below(bytes.len())),
        _ => {
            let at = random.below(bytes.len());
            bytes.splice(at..at, PIECES[random.below(PIECES.len())].bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Prices something of everything, with extents that overflow any product.
fn price(target: &Target) {
    let huge = TensorSize::new([u64::MAX, u64::MAX, u64::MAX], u32::MAX);
    for op in target.ops() {
        for size in [huge.clone(), TensorSize::new([], 1), TensorSize::new([0, 5], 8)] {
            let work = Work { op, inputs: vec![size.clone(), size.clone()], output: size, macs: u64::MAX };
            for realisation in target.electronic(&work) {
                let cost = &realisation.cost;
                assert!(cost.latency.0 >= 0.0 && cost.total_energy().0 >= 0.0, "{op}: {cost:?}");
            }
            target.gather_rows(&work, Location::Parameters);
        }
    }
    let most = u64::MAX;
    let work = MatmulWork { batch: most, m: most, k: most, n: most, lhs_bits: 32, rhs_bits: 32 };
    for realisation in target.photonic(&work) {
        assert!(realisation.cost.latency.0 > 0.0 && realisation.tiling.utilisation <= 1.0);
        assert!(target.detect(&realisation.unit, u128::MAX).is_some());
    }
    target.store(u128::MAX, u32::MAX);
}

/// Damaged files per shipped target; a long run sets `PRISM_FUZZ_ROUNDS`.
fn rounds() -> usize {
    std::env::var("PRISM_FUZZ_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

#[test]
fn damaged_files_never_panic() {
    let (mut accepted, mut refused) = (0, 0);
    for (name, text) in SHIPPED {
        let mut random = Random(0x5eed);
        for _ in 0..rounds() {
            let mut damaged = mutate(text, &mut random);
            for _ in 0..random.below(3) {
                damaged = mutate(&damaged, &mut random);
            }
            match Target::parse(name, &damaged) {
                Ok(target) => {
                    price(&target);
                    accepted += 1;
                }
                Err(problems) => {
                    assert!(problems.has_errors(), "{name}: refused without a reason:\n{damaged}");
                    prism_support::render::text_all(&problems, true);
                    refused += 1;
                }
            }
        }
    }
    let least = rounds() / 4;
    assert!(accepted > least && refused > least, "{accepted} accepted, {refused} refused: the mutations are one-sided");
}
