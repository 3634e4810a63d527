//! Simulated seconds as exact decimals of a microsecond.

use crate::simulation::Simulation;

/// A moment in whole femtoseconds: a cycle of light at 100 GHz has 10,000.
pub(super) type Tick = u128;

/// Femtoseconds per second.
pub(super) const PER_SECOND: f64 = 1e15;
/// Femtoseconds per nanosecond.
pub(super) const PER_NANOSECOND: Tick = 1_000_000;
/// Femtoseconds per microsecond.
const PER_MICROSECOND: Tick = 1_000_000_000;

/// Femtoseconds per half nanosecond.
const PER_HALF: Tick = PER_NANOSECOND / 2;
/// Below a limit that a viewer must not reach, femtoseconds: more than a product in floating point loses.
const MARGIN: Tick = 1_000;

/// The tick that stands for a time.
///
/// Viewers compute `ts * 1000` in floating point and make whole nanoseconds of it: older ones cut, newer
/// ones round. At a whole nanosecond cutting may lose one (1.001 us becomes 1000.99.. ns); at a half one
/// rounding depends on the reader's last bit. There the tick is moved up by the least power of ten that
/// makes all viewers agree, mostly one femtosecond.
pub(super) fn tick(seconds: f64) -> Tick {
    // Float-to-integer casts saturate, so negative and not-a-number become 0.
    let exact = (seconds * PER_SECOND).round() as Tick;
    if !exact.is_multiple_of(PER_HALF) {
        return exact;
    }
    let halves = (exact / PER_HALF) as f64;
    let clear = |nudge: &Tick| {
        let seen = seen_nanoseconds(exact.saturating_add(*nudge)) * 2.0 - halves;
        if exact.is_multiple_of(PER_NANOSECOND) { seen >= 0.0 } else { seen > 8.0 * f64::EPSILON * halves }
    };
    let nudges = [0, 1, 10, 100, 1_000, 10_000];
    exact.saturating_add(nudges.into_iter().find(clear).unwrap_or(0))
}

/// The longest duration, up to the exact one, with which a slice from `start` to `end` stays clear of one at
/// `next` on the same track in a viewer that cuts and in one that rounds, each time for itself.
pub(super) fn duration(start: Tick, end: Tick, next: Option<Tick>) -> Tick {
    let exact = end.saturating_sub(start);
    let Some(next) = next else { return exact };
    let gap = |whole: fn(f64) -> f64| {
        (whole(seen_nanoseconds(next)) - whole(seen_nanoseconds(start))).max(0.0) as Tick * PER_NANOSECOND
    };
    let cut = gap(f64::floor).saturating_add(PER_NANOSECOND - MARGIN);
    let rounded = gap(f64::round).saturating_add(PER_HALF - MARGIN);
    exact.min(cut).min(rounded)
}

/// Start and end of each task as drawn.
pub(super) fn spans(simulation: &Simulation) -> Vec<(Tick, Tick)> {
    simulation.start_s.iter().zip(&simulation.end_s).map(|(&start, &end)| (tick(start), tick(end))).collect()
}

/// The nanoseconds that a viewer computes from what it reads, before it makes them whole.
fn seen_nanoseconds(tick: Tick) -> f64 {
    micros(tick).parse().map_or(0.0, |us: f64| us * 1000.0)
}

/// Microseconds with as many decimals as the tick has.
pub(super) fn micros(tick: Tick) -> String {
    let (whole, fraction) = (tick / PER_MICROSECOND, tick % PER_MICROSECOND);
    if fraction == 0 {
        return whole.to_string();
    }
    format!("{whole}.{fraction:09}").trim_end_matches('0').to_string()
}

#[cfg(test)]
mod tests {
    use super::{PER_NANOSECOND, duration, micros, seen_nanoseconds, tick};

    #[test]
    fn decimals_are_exact_and_short() {
        assert_eq!(micros(tick(0.17e-9)), "0.00017");
        assert_eq!(micros(tick(1.5)), "1500000");
        assert_eq!(micros(tick(f64::NAN)), "0");
        assert_eq!(micros(1), "0.000000001");
    }

    #[test]
    fn a_viewer_that_cuts_sees_every_nanosecond() {
        let mut lost = 0;
        for nanoseconds in 0..200_000_u32 {
            let exact = u128::from(nanoseconds) * PER_NANOSECOND;
            lost += u32::from(seen_nanoseconds(exact).floor() != f64::from(nanoseconds));
            let shown = tick(f64::from(nanoseconds) * 1e-9);
            assert_eq!(seen_nanoseconds(shown).floor(), f64::from(nanoseconds));
            assert!(shown - exact <= 10_000);
        }
        assert!(lost > 0, "without the nudge some would be lost");
    }

    #[test]
    fn neighbours_stay_apart_whether_cut_or_rounded() {
        let mut shortened = 0;
        for step in 0..2_000_u32 {
            let at = |quarters: u32| tick(f64::from(quarters) * 0.25e-9);
            let (start, end) = (at(step * 7), at(step * 7 + 1 + step % 13));
            let shown = duration(start, end, Some(end));
            for whole in [f64::floor, f64::round] {
                let seen = |t| whole(seen_nanoseconds(t));
                assert!(seen(start) + seen(shown) <= seen(end), "step {step}");
            }
            assert!(end - start - shown <= PER_NANOSECOND / 2 + 1_000, "by half a nanosecond at most");
            shortened += u32::from(shown < end - start);
        }
        assert!((100..1_000).contains(&shortened), "{shortened}");
        assert_eq!(duration(5, 900, None), 895);
    }
}
