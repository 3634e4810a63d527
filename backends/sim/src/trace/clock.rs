//! Simulated seconds as exact decimals of a microsecond.

/// A moment in whole femtoseconds: a cycle of light at 100 GHz has 10,000.
pub(super) type Tick = u128;

/// Femtoseconds per second.
pub(super) const PER_SECOND: f64 = 1e15;
/// Femtoseconds per nanosecond.
pub(super) const PER_NANOSECOND: Tick = 1_000_000;
/// Femtoseconds per microsecond.
const PER_MICROSECOND: Tick = 1_000_000_000;

/// The tick that stands for a time.
///
/// Viewers compute `ts * 1000` in floating point and cut it to whole nanoseconds. Where that would lose a
/// nanosecond (1.001 us becomes 1000.99.. ns) a task would begin inside the one before it, and be dropped.
/// There the tick is moved up by the least power of ten that a viewer sees.
pub(super) fn tick(seconds: f64) -> Tick {
    // Float-to-integer casts saturate, so negative and not-a-number become 0.
    let exact = (seconds * PER_SECOND).round() as Tick;
    if !exact.is_multiple_of(PER_NANOSECOND) {
        return exact;
    }
    let nudges = [0, 1, 10, 100, 1_000, 10_000];
    let seen = |nudge: &Tick| seen_nanoseconds(&micros(exact.saturating_add(*nudge))) == exact / PER_NANOSECOND;
    exact.saturating_add(nudges.into_iter().find(seen).unwrap_or(0))
}

/// What a viewer makes of a time that it reads.
fn seen_nanoseconds(micros: &str) -> Tick {
    micros.parse().map_or(0, |us: f64| (us * 1000.0) as Tick)
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
    use super::{PER_NANOSECOND, micros, seen_nanoseconds, tick};

    #[test]
    fn decimals_are_exact_and_short() {
        assert_eq!(micros(tick(0.17e-9)), "0.00017");
        assert_eq!(micros(tick(1.5)), "1500000");
        assert_eq!(micros(tick(f64::NAN)), "0");
        assert_eq!(micros(1), "0.000000001");
    }

    #[test]
    fn a_viewer_sees_every_nanosecond() {
        let mut lost = 0;
        for nanoseconds in 0..200_000_u32 {
            let exact = u128::from(nanoseconds);
            lost += u32::from(seen_nanoseconds(&micros(exact * PER_NANOSECOND)) != exact);
            assert_eq!(seen_nanoseconds(&micros(tick(f64::from(nanoseconds) * 1e-9))), exact);
        }
        assert!(lost > 0, "without the nudge some would be lost");
    }
}
