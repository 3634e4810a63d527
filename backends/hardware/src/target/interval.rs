//! How far a figure of a machine may lie from its value when its quantities may lie anywhere in their ranges.

use super::Target;
use std::collections::{BTreeMap, BTreeSet};

/// One end of the range of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `min`.
    Min,
    /// `max`.
    Max,
}

impl End {
    /// As in a target file.
    pub(crate) fn word(self) -> &'static str {
        match self {
            End::Min => "min",
            End::Max => "max",
        }
    }
}

/// The quantities that are read at an end of their range instead of at their value, by where they stand in the file.
pub(crate) type Ends = BTreeMap<usize, End>;

impl Target {
    /// The lowest and the highest value of `figure` over the ranges that the file states; `None` when it states none,
    /// or when `figure` is not finite somewhere.
    ///
    /// Each quantity is put at both its ends, the others at their values, to see in which direction it moves the
    /// figure; then all are put at the ends that lower it, and all at those that raise it. Exact for a figure that is
    /// monotone in each quantity; for others it is the widest of all machines that were looked at.
    pub fn interval(&self, figure: impl Fn(&Target) -> f64) -> Option<(f64, f64)> {
        let ranged: BTreeSet<usize> =
            self.stated.iter().filter(|s| s.min.is_some() || s.max.is_some()).map(|s| s.at).collect();
        if ranged.is_empty() {
            return None;
        }
        let plain = self.at_ends(&Ends::new())?;
        let number = (plain.number != self.number).then_some(self.number);
        let of = |ends: &Ends| -> Option<f64> {
            let target = self.at_ends(ends)?;
            let value = figure(&Target { number: number.unwrap_or(target.number), ..target });
            value.is_finite().then_some(value)
        };
        let mut seen = vec![of(&Ends::new())?];
        let (mut lowering, mut raising) = (Ends::new(), Ends::new());
        for at in ranged {
            let (at_min, at_max) = (of(&Ends::from([(at, End::Min)]))?, of(&Ends::from([(at, End::Max)]))?);
            let falls = at_max < at_min;
            lowering.insert(at, if falls { End::Max } else { End::Min });
            raising.insert(at, if falls { End::Min } else { End::Max });
            seen.extend([at_min, at_max]);
        }
        seen.extend([of(&lowering)?, of(&raising)?]);
        Some(seen.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v))))
    }

    /// The same file with these quantities at an end of their range, and what was set since it was read.
    fn at_ends(&self, ends: &Ends) -> Option<Target> {
        let target = Target::read(&self.file.0, &self.file.1, ends).ok()?;
        Some(Target { legacy: self.legacy, free: self.free, changes: self.changes.clone(), ..target })
    }
}
