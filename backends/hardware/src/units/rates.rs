//! Quantities with an alternative in them: limited or not, per number or per bit, seconds or cycles.

use super::{Bits, Bytes, Cycles, Energy, Frequency, Time};
use std::ops::Div;

/// Bytes per second, or no limit at all (as in models that give a transfer a latency only).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bandwidth {
    /// Any amount passes at once.
    Unlimited,
    /// Bytes per second.
    Limited(f64),
}

impl Div<Bandwidth> for Bytes {
    type Output = Time;
    /// Time to pass; zero without a limit.
    fn div(self, bandwidth: Bandwidth) -> Time {
        match bandwidth {
            Bandwidth::Unlimited => Time::ZERO,
            Bandwidth::Limited(rate) => Time(self.0 / rate),
        }
    }
}

/// Numbers per second, or no limit at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// Any amount at once.
    Unlimited,
    /// Numbers per second, all lanes together.
    Limited(Frequency),
}

impl Rate {
    /// Time for so many numbers; zero without a limit.
    pub fn time_for(self, numbers: f64) -> Time {
        match self {
            Rate::Unlimited => Time::ZERO,
            Rate::Limited(rate) => Cycles(numbers) / rate,
        }
    }
}

/// What an energy per amount of data counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Numbers, however wide.
    Number,
    /// Words of so many bits: 1 for `/bit`, 8 for `/byte`, 16 for `/16bit`.
    Bits(u16),
}

/// Energy per number, bit or byte: `"12 pJ/number"`, `"3.9 pJ/bit"`, `"62.4 pJ/byte"`, `"62.4 pJ/16bit"`.
///
/// The basis is part of the text because published figures differ by a factor of two to eight in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnergyPer {
    /// Of one of them.
    pub energy: Energy,
    /// What is counted.
    pub basis: Basis,
}

impl EnergyPer {
    /// Energy for `numbers` numbers of `bits` each.
    pub fn of(self, numbers: f64, bits: Bits) -> Energy {
        match self.basis {
            Basis::Number => self.energy * numbers,
            Basis::Bits(word) => self.energy * (numbers * bits.0 / f64::from(word)),
        }
    }
}

/// Energy per multiply-accumulate: `"0.04 pJ/MAC"`. One MAC is two operations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MacEnergy(pub Energy);

/// A time given outright or in periods of the unit's clock: `"57.3 ps"`, `"1 cycle"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Duration {
    /// Seconds.
    Time(Time),
    /// Clock periods.
    Cycles(Cycles),
}

impl Duration {
    /// None.
    pub const ZERO: Self = Duration::Time(Time::ZERO);

    /// In seconds under `clock`.
    pub fn at(self, clock: Frequency) -> Time {
        match self {
            Duration::Time(time) => time,
            Duration::Cycles(cycles) => cycles / clock,
        }
    }
}
