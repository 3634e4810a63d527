//! How converters follow their bits and clock.

use crate::units::{Bits, Energy, Frequency, Power};

/// A named energy law of a converter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// As given.
    Measured,
    /// DAC, Lightening-Transformer (arXiv 2305.19533): P ~ f 2^b / b.
    Lt,
    /// DAC, SimPhony (arXiv 2411.13715): P ~ f 2^b / (b + 1).
    SimPhony,
    /// Successive approximation ADC: P ~ f b.
    Sar,
    /// Flash ADC: P ~ f (2^b - 1).
    Flash,
    /// Limited by thermal noise: P ~ f 4^b.
    Thermal,
    /// Figure of merit of a DAC: E = 2 FoM b.
    Fom,
    /// Walden's figure of merit of an ADC: E = FoM 2^ENOB.
    Walden,
}

/// The words, in the order of [`Law`].
pub const LAWS: [&str; 8] = ["measured", "lt", "simphony", "sar", "flash", "thermal", "fom", "walden"];

impl Law {
    const ALL: [Law; 8] =
        [Law::Measured, Law::Lt, Law::SimPhony, Law::Sar, Law::Flash, Law::Thermal, Law::Fom, Law::Walden];

    /// As in a target file.
    pub fn word(self) -> &'static str {
        LAWS.get(self as usize).copied().unwrap_or("")
    }

    /// The law of that word.
    pub fn parse(word: &str) -> Option<Law> {
        Law::ALL.into_iter().find(|law| law.word() == word)
    }

    /// Whether the law cannot do without that field.
    pub(crate) fn needs(self, field: &str) -> bool {
        let scales = !matches!(self, Law::Measured | Law::Fom | Law::Walden);
        scales && (field == "law_bits" || field == "law_rate")
    }

    /// The law's dependence on bits alone; a ratio of two of them scales a converter.
    fn shape(self, b: f64) -> f64 {
        match self {
            Law::Measured | Law::Fom | Law::Walden => 1.0,
            Law::Lt => b.exp2() / b,
            Law::SimPhony => b.exp2() / (b + 1.0),
            Law::Sar => b,
            Law::Flash => b.exp2() - 1.0,
            Law::Thermal => (2.0 * b).exp2(),
        }
    }

    /// Energy per conversion and power at `(bits, clock)`, from those at the reference.
    pub(crate) fn scale(
        self,
        energy: Energy,
        power: Power,
        (from_bits, from_clock): (Bits, Frequency),
        (bits, clock): (Bits, Frequency),
    ) -> (Energy, Power) {
        match self {
            Law::Measured => (energy, power),
            Law::Fom => (energy * (2.0 * bits.0), power),
            Law::Walden => (energy * bits.0.exp2(), power),
            _ => {
                let more = self.shape(bits.0) / self.shape(from_bits.0);
                (energy * more, power * (more * (clock / from_clock)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Law;
    use crate::units::{Bits, Energy, Frequency, Power};

    #[test]
    fn the_laws_give_the_published_powers() {
        let at = |law: Law, bits: f64, mw: f64, reference: (f64, f64)| {
            let from = (Bits(reference.0), Frequency(reference.1));
            law.scale(Energy(0.0), Power(mw * 1e-3), from, (Bits(bits), Frequency(5e9))).1.0 * 1e3
        };
        // Photonics reference, section 1.3: 2.232 and 2.009 mW at 4 bit and 5 GHz, from 50 mW at 8 bit and 14 GS/s.
        assert!((at(Law::Lt, 4.0, 50.0, (8.0, 14e9)) - 2.232).abs() < 1e-3);
        assert!((at(Law::SimPhony, 4.0, 50.0, (8.0, 14e9)) - 2.009).abs() < 1e-3);
        assert!((at(Law::Sar, 4.0, 14.8, (8.0, 10e9)) - 3.7).abs() < 1e-12);
        // Section 0: 1.48 pJ at 25 fJ per step is log2(59.2) = 5.9 effective bits.
        let walden =
            Law::Walden.scale(Energy(25e-15), Power(0.0), (Bits(1.0), Frequency(1.0)), (Bits(5.9), Frequency(1.0)));
        assert!((walden.0.0 - 1.48e-12).abs() < 0.02e-12);
    }
}
