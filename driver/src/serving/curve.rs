//! Costs of decoding steps as a curve over the length of the cache: compiled at some lengths, straight lines between them.

use prism_support::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What one pass through the model costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Step {
    /// Simulated makespan, seconds.
    pub makespan_s: f64,
    /// What no schedule of its assignment can beat, seconds.
    pub bound_s: f64,
    /// Dynamic energy, joules.
    pub energy_j: f64,
    /// With what idle parts draw when gated, joules.
    pub energy_gated_j: f64,
    /// With what they draw when always on, joules.
    pub energy_always_on_j: f64,
}

impl Step {
    fn fields(&self) -> [f64; 5] {
        [self.makespan_s, self.bound_s, self.energy_j, self.energy_gated_j, self.energy_always_on_j]
    }

    fn of(f: [f64; 5]) -> Step {
        Step { makespan_s: f[0], bound_s: f[1], energy_j: f[2], energy_gated_j: f[3], energy_always_on_j: f[4] }
    }

    /// This and `other`, one after the other.
    pub fn then(&self, other: &Step) -> Step {
        let (a, b) = (self.fields(), other.fields());
        Step::of(std::array::from_fn(|i| a[i] + b[i]))
    }

    /// `share` of the way from this to `other`.
    fn towards(&self, other: &Step, share: f64) -> Step {
        let (a, b) = (self.fields(), other.fields());
        Step::of(std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share))
    }

    /// Largest relative difference of a field.
    fn off(&self, other: &Step) -> f64 {
        let pairs = self.fields().into_iter().zip(other.fields());
        pairs.map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() / a.abs().max(b.abs()) }).fold(0.0, f64::max)
    }
}

/// Steps by length of the cache.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Those that were compiled.
    pub compiled: BTreeMap<u64, Step>,
    /// Largest relative difference between a compiled step and the line that would have stood for it, where that line was
    /// believed.
    pub largest_difference: f64,
}

impl Curve {
    /// The curve from `first` to `last`, both included. An interval is halved until its middle lies within `tolerance` of the
    /// line between its ends; with a tolerance of 0 every step is compiled.
    ///
    /// # Errors
    /// What `cost` reports.
    pub fn new((first, last): (u64, u64), tolerance: f64, cost: &mut dyn FnMut(u64) -> Result<Step>) -> Result<Curve> {
        let mut curve = Curve::default();
        for at in [first, last] {
            curve.compile(at, cost)?;
        }
        // Left halves first, so that steps are compiled in a fixed order.
        let mut open = vec![(first, last)];
        while let Some((low, high)) = open.pop() {
            if high - low < 2 {
                continue;
            }
            let middle = low + (high - low) / 2;
            let line = curve.at(middle);
            curve.compile(middle, cost)?;
            let off = curve.at(middle).off(&line);
            if off > tolerance || tolerance == 0.0 {
                open.extend([(middle, high), (low, middle)]);
            } else {
                curve.largest_difference = curve.largest_difference.max(off);
            }
        }
        Ok(curve)
    }

    fn compile(&mut self, at: u64, cost: &mut dyn FnMut(u64) -> Result<Step>) -> Result<()> {
        if let Entry::Vacant(slot) = self.compiled.entry(at) {
            slot.insert(cost(at)?);
        }
        Ok(())
    }

    /// The step at that length: compiled, or on the line between its neighbours.
    pub fn at(&self, length: u64) -> Step {
        let below = self.compiled.range(..=length).next_back();
        let above = self.compiled.range(length..).next();
        match (below, above) {
            (Some((low, a)), Some((high, b))) if low < high => {
                a.towards(b, (length - low) as f64 / (high - low) as f64)
            }
            (Some((_, step)), _) | (None, Some((_, step))) => *step,
            (None, None) => Step::default(),
        }
    }

    /// All steps from `first` to `last` one after another.
    pub fn sum(&self, first: u64, last: u64) -> Step {
        (first..=last).fold(Step::default(), |sum, length| sum.then(&self.at(length)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Curve, Step};

    fn step(x: f64) -> Step {
        Step { makespan_s: x, bound_s: x, energy_j: x, energy_gated_j: x, energy_always_on_j: x }
    }

    /// What the curve gives, how many steps it compiled, and the true sum.
    fn summed(tolerance: f64, cost: fn(u64) -> f64) -> (f64, usize, f64) {
        let curve = Curve::new((10, 200), tolerance, &mut |at| Ok(step(cost(at)))).expect("costs");
        (curve.sum(10, 200).energy_j, curve.compiled.len(), (10..=200).map(cost).sum())
    }

    #[test]
    fn a_line_needs_three_steps_and_a_bend_more() {
        let (ours, compiled, all) = summed(1e-3, |at| 5.0 + at as f64);
        assert!((ours - all).abs() < 1e-9 && compiled == 3, "{ours} {all} {compiled}");
        let (ours, compiled, all) = summed(1e-3, |at| if at < 77 { 100.0 } else { 100.0 + (at - 77) as f64 });
        assert!((ours / all - 1.0).abs() < 1e-3 && (4..40).contains(&compiled), "{ours} {all} {compiled}");
    }

    #[test]
    fn no_tolerance_compiles_every_step() {
        let (ours, compiled, all) = summed(0.0, |at| (at % 7) as f64 + 1.0);
        assert_eq!((ours, compiled), (all, 191));
    }

    #[test]
    fn one_step_is_one_step() {
        let curve = Curve::new((5, 5), 1e-3, &mut |at| Ok(step(at as f64))).expect("costs");
        assert_eq!((curve.compiled.len(), curve.sum(5, 5).energy_j), (1, 5.0));
    }
}
