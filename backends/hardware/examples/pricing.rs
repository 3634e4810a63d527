//! How many realisations of products are priced per second of processor time. One thread is timed by the clock on the wall,
//! so on a busy computer the figures are lower bounds.
//!
//! Beside each machine runs a fixed loop of arithmetic, so that figures of two computers can be compared by their ratio.

use prism_hardware::{Ends, MatmulWork, Target};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Machines to price on: one of each class, and one with conversions billed once.
const MACHINES: [&str; 6] = ["lt-b-4bit", "lt-l-8bit", "lt-mrr-4bit", "lt-mzi-4bit", "lightcode", "edge-demo"];

/// Time that one machine is measured for.
const TIME: Duration = Duration::from_secs(1);

/// Products that are priced in turn.
const PRODUCTS: usize = 4096;

/// Realisations per second that a search for mappings counts on.
const ASKED: f64 = 300_000.0;

/// SplitMix64 (Steele, Lea, Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn products() -> Vec<(MatmulWork, Ends)> {
    let mut state = 7;
    let mut extent = |most: u64| 1 + next(&mut state) % most;
    let one = |_| {
        let work = MatmulWork::new(extent(16), extent(2048), extent(4096), extent(4096));
        let dynamic = extent(4) == 1;
        let ends = if dynamic || extent(2) == 1 { Ends::default() } else { Ends::WEIGHTS };
        (MatmulWork { dynamic, lhs_signed: extent(2) == 1, ..work }, ends)
    };
    (0..PRODUCTS).map(one).collect()
}

/// Runs `round`, which returns how much it did, until [`TIME`] has passed; returns how much was done per second.
fn per_second(mut round: impl FnMut() -> usize) -> f64 {
    let (start, mut done) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        done += round();
    }
    done as f64 / start.elapsed().as_secs_f64()
}

/// Steps of a generator per second: what this computer does of plain arithmetic.
fn calibration() -> f64 {
    let mut state = 1;
    per_second(|| {
        for _ in 0..1_000_000 {
            black_box(next(&mut state));
        }
        1_000_000
    })
}

fn main() -> ExitCode {
    let products = products();
    let steps = calibration();
    let mut slow = false;
    println!("calibration: {:.0} million steps/s", steps / 1e6);
    for name in MACHINES {
        let Some(Ok(target)) = Target::shipped(name) else { continue };
        let price = |(work, ends): &(MatmulWork, Ends)| black_box(target.photonic(black_box(work), *ends)).len();
        let rate = per_second(|| products.iter().map(price).sum());
        slow |= rate < ASKED;
        let enough = if rate >= ASKED { "" } else { "  below what is asked" };
        println!("{name:<12} {rate:>10.0} realisations/s  {:>6.0} steps each{enough}", steps / rate);
    }
    if slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
