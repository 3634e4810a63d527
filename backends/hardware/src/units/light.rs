//! Quantities of light and of its detection. Optical power becomes electrical power only through an efficiency.

use super::{Power, Quantity};
use std::ops::{Div, Mul};

/// Power of light in watts. Not [`Power`]: what the plug gives is [`OpticalPower::wall_plug`].
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct OpticalPower(pub f64);

impl OpticalPower {
    /// Electrical power of a source that makes this light at `efficiency`.
    pub fn wall_plug(self, efficiency: Fraction) -> Power {
        Power(self.0 / efficiency.0)
    }

    /// The larger of both.
    pub fn max(self, other: Self) -> Self {
        OpticalPower(self.0.max(other.0))
    }
}

impl Mul<f64> for OpticalPower {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        OpticalPower(self.0 * factor)
    }
}

impl Div<f64> for OpticalPower {
    type Output = Self;
    fn div(self, divisor: f64) -> Self {
        OpticalPower(self.0 / divisor)
    }
}

/// A ratio of powers in decibels: losses, margins, extinction.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Decibel(pub f64);

impl Decibel {
    /// The ratio: 3 dB is about 2.
    pub fn ratio(self) -> f64 {
        10f64.powf(self.0 / 10.0)
    }
}

/// A share of a whole: `"20 %"` or `"0.2"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Fraction(pub f64);

/// Electrical current in amperes.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Current(pub f64);

/// Photocurrent per optical power, amperes per watt.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Responsivity(pub f64);

impl Div<Responsivity> for Current {
    type Output = OpticalPower;
    /// The light that makes this current.
    fn div(self, responsivity: Responsivity) -> OpticalPower {
        OpticalPower(self.0 / responsivity.0)
    }
}

impl Quantity for OpticalPower {
    const EXPECTED: &'static str = "an optical power such as \"-25 dBm\" or \"19.3 mW\"";
    const PLAUSIBLE: (f64, f64) = (1e-24, 1e6);
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        if unit == "dBm" {
            return Some(OpticalPower(1e-3 * 10f64.powf(number / 10.0)));
        }
        Power::from_parts(number, unit).map(|p| OpticalPower(p.0))
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Decibel {
    const EXPECTED: &'static str = "a ratio such as \"1.2 dB\"";
    const PLAUSIBLE: (f64, f64) = (1e-9, 200.0);
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        (unit == "dB").then_some(Decibel(number))
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Fraction {
    const EXPECTED: &'static str = "a share such as \"20 %\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        (unit == "%").then_some(Fraction(number / 100.0))
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Current {
    const EXPECTED: &'static str = "a current such as \"1.3 uA\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        super::parse::scaled(number, unit, "A").map(Current)
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Responsivity {
    const EXPECTED: &'static str = "a responsivity such as \"1.2 A/W\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        (unit == "A/W").then_some(Responsivity(number))
    }
    fn si(&self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Current, Decibel, Fraction, OpticalPower, Responsivity};
    use crate::units::{Power, Quantity};

    #[test]
    fn light_reads_and_turns_into_plug_power_by_efficiency_alone() {
        let sensitivity = OpticalPower::parse("-25 dBm").expect("read");
        assert!((sensitivity.0 - 3.162_277_660_168_379e-6).abs() < 1e-18);
        assert_eq!(OpticalPower::parse("0 dBm").expect("read").wall_plug(Fraction(0.2)), Power(5e-3));
        assert_eq!(Fraction::parse("20 %"), Ok(Fraction(0.2)));
        assert!((Decibel(3.0).ratio() - 1.995_262_314_968_88).abs() < 1e-12);
        let light = Current::parse("2 uA").expect("read") / Responsivity(1.0);
        assert_eq!(light, OpticalPower(2e-6));
        assert!(Fraction::parse("0.2").is_err() && Decibel::parse("3").is_err() && Decibel::parse("3 dBm").is_err());
    }
}
