//! The link budget: from what a detector needs back to the plug.

use crate::target::photonic::{Convention, Detection, Laser};
use crate::units::{Decibel, Frequency, OpticalPower};

/// Planck's constant, J s (SI, exact).
const PLANCK: f64 = 6.626_070_15e-34;

impl Laser {
    /// Light that each detector needs at full scale.
    ///
    /// The larger of two: the receiver's need S, for all 2^b levels where it is stated per level (Lightening-Transformer,
    /// link budget; UBC, equation 3: S = 2 SNR i / R); and the shot-noise floor 2^(2b+1) h nu f (SCATTER, arXiv 2407.05510).
    pub fn detected(&self, clock: Frequency) -> OpticalPower {
        let bits = self.bits.0;
        let need = match self.detection {
            Detection::Sensitivity(power) => power,
            Detection::Noise { current, responsivity, snr } => current / responsivity * (2.0 * snr),
        };
        let scale = match self.convention {
            Convention::PerLevel => bits.exp2(),
            Convention::Steps => bits.exp2() - 1.0,
            Convention::FullScale => 1.0,
        };
        (need * scale).max(self.shot_floor(clock))
    }

    /// Light below which photon statistics alone hide a level: 2^(2b+1) photons per symbol.
    pub fn shot_floor(&self, clock: Frequency) -> OpticalPower {
        OpticalPower((2.0 * self.bits.0 + 1.0).exp2() * PLANCK * self.frequency.0 * clock.0)
    }

    /// Losses and margins together.
    pub fn loss(&self) -> Decibel {
        Decibel(self.losses.iter().map(|l| l.loss.0).sum())
    }

    /// The split between the detectors that share the light of a core.
    pub fn split(&self) -> Decibel {
        Decibel(10.0 * self.fan_out.log10())
    }

    /// Light launched for one core.
    pub fn launched(&self, clock: Frequency) -> OpticalPower {
        let finite = self.extinction.map_or(1.0, |er| 1.0 / (1.0 - Decibel(-er.0).ratio()));
        self.detected(clock) * (self.loss().ratio() * self.fan_out * finite)
    }
}
