//! The reader on damaged files: an error or a machine, never a panic, and a machine can always be priced.

mod common;

use common::Random;
use prism_hardware::cost::UnitUse;
use prism_hardware::target::SHIPPED;
use prism_hardware::{Ends, Location, MatmulWork, Stationary, Target, TensorSize, Time, Work, zoo};
use std::collections::BTreeMap;

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
    target.store(u128::MAX, u32::MAX);
    products(target);
    whole(target);
}

/// Products of no size, of one, of odd sizes and of sizes that overflow, in every order and from everywhere.
fn products(target: &Target) {
    let most = u64::MAX;
    let places = [None, Some(Location::Parameters), Some(Location::Inputs), Some(Location::Results)];
    for [batch, m, k, n] in [[most; 4], [1, 13, 25, 37], [1; 4], [0; 4], [1, most, 1, 1], [1, 1, most, 1], [1, 0, 5, 5]]
    {
        for dynamic in [false, true] {
            let work = MatmulWork { dynamic, ..MatmulWork::new(batch, m, k, n) };
            for (lhs, rhs) in places.iter().flat_map(|lhs| places.iter().map(move |rhs| (*lhs, *rhs))) {
                for realisation in target.photonic(&work, Ends { lhs, rhs, result: lhs == rhs }) {
                    let (cost, tiling) = (&realisation.cost, &realisation.tiling);
                    assert!(cost.latency.0 >= 0.0 && (0.0..=1.0).contains(&tiling.utilisation), "{tiling:?}");
                    assert!(target.detect(&realisation.unit, u128::MAX).is_some());
                    assert!(target.encode(&realisation.unit, u128::MAX).is_some());
                    assert!(target.program(&realisation.unit, u128::MAX).is_some());
                }
            }
            for held in [Stationary::Lhs, Stationary::Rhs] {
                assert!(target.gemm(&work, held).iter().all(|g| (0.0..=1.0).contains(&g.utilisation)));
            }
        }
    }
}

/// What is asked of a machine as a whole.
fn whole(target: &Target) {
    let makespan = Time(1e-3);
    let used = target.photonic.iter().map(|u| (u.name.to_string(), UnitUse { busy: Time(2e-3), uses: u64::MAX }));
    let used: BTreeMap<_, _> = used.collect();
    let (power, area) = (target.power(), target.area());
    assert!(power.values().all(|p| p.0 >= 0.0) && area.values().all(|a| a.0 >= 0.0));
    let dynamic = power.iter().map(|(name, power)| (name.clone(), *power * makespan)).collect();
    target.static_energy(makespan, &dynamic, &used).totals();
    target.static_energy(Time::ZERO, &BTreeMap::new(), &BTreeMap::new()).totals();
    for reason in target.infeasible() {
        assert!(!reason.found.is_empty() && !reason.allowed.is_empty(), "{}", reason.headline);
    }
    assert!(target.causes().len() >= target.memories.len());
    target.peak_macs_per_second();
    for model in &zoo::MODELS {
        zoo::price(target, model, model.tokens);
        zoo::price(target, model, u64::MAX);
    }
}

/// Damaged files per shipped target; a long run sets `PRISM_FUZZ_ROUNDS`.
fn rounds() -> usize {
    std::env::var("PRISM_FUZZ_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

#[test]
fn damaged_files_never_panic() {
    for (name, text) in SHIPPED {
        let (mut accepted, mut refused) = (0, 0);
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
        let least = rounds() / 20;
        assert!(accepted > least && refused > least, "{name}: {accepted} accepted, {refused} refused");
    }
}
