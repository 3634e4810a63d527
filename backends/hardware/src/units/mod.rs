//! Quantities that carry their physical dimension, in SI units inside.
//!
//! Arithmetic exists only where it makes physical sense: power x time is an energy, bytes over bandwidth is a
//! time, energy + time does not compile. Text has a unit always: `"3.18 pJ"`, `"200 Gb/s"`; a bare number is an
//! error that names the expected dimension.

mod light;
mod parse;
mod print;
mod rates;

pub use light::{Current, Decibel, Fraction, OpticalPower, Responsivity};
pub use parse::{Quantity, UnitError};
pub use rates::{Bandwidth, Basis, Duration, EnergyPer, MacEnergy, Rate};

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// Declares one dimension: a newtype over `f64` with the arithmetic every dimension has.
macro_rules! dimension {
    ($(#[$doc:meta])* $name:ident, $unit:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl $name {
            /// None of it.
            pub const ZERO: Self = $name(0.0);

            /// The bare number, in the unit that gives this method its name.
            pub fn $unit(self) -> f64 {
                self.0
            }

            /// The larger of both; a NaN loses.
            pub fn max(self, other: Self) -> Self {
                $name(self.0.max(other.0))
            }

            /// The smaller of both; a NaN loses.
            pub fn min(self, other: Self) -> Self {
                $name(self.0.min(other.0))
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                $name(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                $name(self.0 - other.0)
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }

        impl Mul<f64> for $name {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                $name(self.0 * factor)
            }
        }

        impl Div<f64> for $name {
            type Output = Self;
            fn div(self, divisor: f64) -> Self {
                $name(self.0 / divisor)
            }
        }

        impl Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                items.fold(Self::ZERO, Add::add)
            }
        }
    };
}

dimension! {
    /// Energy in joules.
    Energy, joules
}
dimension! {
    /// Time in seconds.
    Time, seconds
}
dimension! {
    /// Events per second, in hertz.
    Frequency, hertz
}
dimension! {
    /// Electrical power in watts, at the plug. Light is [`OpticalPower`], another type.
    Power, watts
}
dimension! {
    /// Area of a chip in square metres.
    Area, square_metres
}
dimension! {
    /// An amount of data in bytes; may be fractional where numbers are narrower than a byte.
    Bytes, bytes
}
dimension! {
    /// A width in bits.
    Bits, bits
}
dimension! {
    /// Periods of some clock; a time only together with a [`Frequency`].
    Cycles, cycles
}

impl Mul<Time> for Power {
    type Output = Energy;
    fn mul(self, time: Time) -> Energy {
        Energy(self.0 * time.0)
    }
}

impl Mul<Power> for Time {
    type Output = Energy;
    fn mul(self, power: Power) -> Energy {
        power * self
    }
}

impl Div<Time> for Energy {
    type Output = Power;
    fn div(self, time: Time) -> Power {
        Power(self.0 / time.0)
    }
}

impl Div<Frequency> for Cycles {
    type Output = Time;
    fn div(self, clock: Frequency) -> Time {
        Time(self.0 / clock.0)
    }
}

impl Mul<Time> for Frequency {
    type Output = Cycles;
    fn mul(self, time: Time) -> Cycles {
        Cycles(self.0 * time.0)
    }
}

impl Div<Frequency> for Power {
    type Output = Energy;
    /// Energy of one period.
    fn div(self, clock: Frequency) -> Energy {
        Energy(self.0 / clock.0)
    }
}

impl Mul<Frequency> for Energy {
    type Output = Power;
    fn mul(self, clock: Frequency) -> Power {
        Power(self.0 * clock.0)
    }
}

impl From<Bits> for Bytes {
    fn from(bits: Bits) -> Bytes {
        Bytes(bits.0 / 8.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bandwidth, Bits, Bytes, Cycles, Energy, Frequency, Power, Time};

    #[test]
    fn arithmetic_follows_physics() {
        assert_eq!(Power(15.0) * Time(2.0), Energy(30.0));
        assert_eq!(Energy(30.0) / Time(2.0), Power(15.0));
        assert_eq!(Cycles(8.0) / Frequency(2.0), Time(4.0));
        assert_eq!(Bytes(50.0) / Bandwidth::Limited(25.0), Time(2.0));
        assert_eq!(Bytes(50.0) / Bandwidth::Unlimited, Time::ZERO);
        assert_eq!(Bytes::from(Bits(12.0)), Bytes(1.5));
        assert_eq!([Energy(1.0), Energy(2.0)].into_iter().sum::<Energy>(), Energy(3.0));
    }
}
