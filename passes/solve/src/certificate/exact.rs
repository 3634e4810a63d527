//! Costs as whole multiples of a power of two.

/// The unit is so small that the answer's cost is about two to this power.
const BITS: i32 = 70;
/// Costs above two to this power of units count as that much: no better answer pays them, and sums must not overflow.
const CAP: u32 = 90;
/// The smallest number that an `f64` can say is two to this power.
const SMALLEST: i32 = -1074;

/// A unit of cost: a power of two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit(i32);

/// `x` as a whole number times a power of two, for finite `x` of no negative sign.
fn parts(x: f64) -> (i128, i32) {
    let bits = x.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    let fraction = i128::from(bits & ((1 << 52) - 1));
    match exponent {
        0 => (fraction, SMALLEST),
        e => (fraction | 1 << 52, e + SMALLEST - 1),
    }
}

impl Unit {
    /// The unit for an answer that costs `cost`.
    pub(super) fn for_cost(cost: f64) -> Unit {
        let (mantissa, exponent) = parts(if cost.is_finite() && cost > 0.0 { cost } else { 1.0 });
        let log = exponent + mantissa.max(1).ilog2() as i32;
        Unit((log - BITS).max(SMALLEST))
    }

    /// `x` in units and whether that is exact; rounded down.
    fn floor(self, x: f64) -> (i128, bool) {
        // What is not a number counts as zero, too.
        if x.is_nan() || x <= 0.0 {
            return (0, x == 0.0);
        }
        let cap = 1i128 << CAP;
        let (mantissa, exponent) = parts(x.min(f64::MAX));
        let shift = exponent - self.0;
        if shift >= 0 {
            let fits = mantissa == 0 || shift + (mantissa.ilog2() as i32) < CAP as i32;
            return if fits { (mantissa << shift, true) } else { (cap, false) };
        }
        let down = -shift;
        if down > 100 { (0, mantissa == 0) } else { (mantissa >> down, mantissa & ((1 << down) - 1) == 0) }
    }

    /// Rounded down; numbers below zero count as zero.
    pub(super) fn down(self, x: f64) -> i128 {
        self.floor(x).0
    }

    /// Rounded up.
    pub(super) fn up(self, x: f64) -> i128 {
        let (units, exact) = self.floor(x);
        if exact { units } else { units + 1 }
    }

    /// `x` where it is a whole number of units.
    pub(super) fn exactly(self, x: f64) -> Option<i128> {
        let (units, exact) = self.floor(x);
        exact.then_some(units)
    }

    /// The largest number not above so many units.
    pub(super) fn number(self, units: i128) -> f64 {
        let (half, rest) = (self.0 / 2, self.0 - self.0 / 2);
        let near = units as f64 * 2f64.powi(half) * 2f64.powi(rest);
        if units > 0 && self.up(near) > units { near.next_down() } else { near }
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn numbers_of_an_answers_size_are_exact() {
        let unit = Unit::for_cost(0.3);
        for x in [0.3, 0.1, 0.299_999_999_9, 1e-3, 0.0] {
            assert_eq!(unit.down(x), unit.up(x), "{x}");
            assert_eq!(unit.number(unit.down(x)), x);
        }
    }

    #[test]
    fn others_are_rounded_apart() {
        let unit = Unit::for_cost(1.0);
        let tiny = 1.1e-30;
        assert_eq!((unit.down(tiny), unit.up(tiny)), (0, 1));
        assert_eq!(unit.exactly(tiny), None);
        assert_eq!(unit.down(f64::MAX), 1 << 90);
        assert!(unit.number((1 << 90) - 1) < 2f64.powi(20));
    }

    #[test]
    fn the_smallest_and_the_largest_costs_have_a_unit() {
        for cost in [f64::MIN_POSITIVE, 5e-324, 1e300, f64::MAX] {
            let unit = Unit::for_cost(cost);
            assert_eq!(unit.number(unit.down(cost)), cost, "{cost}");
        }
    }
}
