//! Quantities over simulated time as step functions.

use crate::sum::{Sum, sum};
use std::cmp::Ordering;

/// A quantity that jumps at some moments and is constant between them, plus impulses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// `(time in seconds, value from then on)`, in order of time. The value before the first is 0, and so is the last.
    pub steps: Vec<(f64, f64)>,
    /// `(time in seconds, amount)` of what happened in no time at all.
    pub impulses: Vec<(f64, f64)>,
}

impl Profile {
    /// The quantity summed over time, impulses included: power gives energy, bytes per second give bytes.
    pub fn integral(&self) -> f64 {
        let stretches = self.steps.windows(2).map(|w| w[0].1 * (w[1].0 - w[0].0));
        sum(stretches.chain(self.impulses.iter().map(|i| i.1)))
    }

    /// The largest value, impulses aside.
    pub fn peak(&self) -> f64 {
        self.steps.iter().map(|s| s.1).fold(0.0, f64::max)
    }

    /// The value at a time.
    pub fn at(&self, time_s: f64) -> f64 {
        let after = self.steps.partition_point(|s| s.0 <= time_s);
        after.checked_sub(1).map_or(0.0, |i| self.steps[i].1)
    }
}

/// Contributions to a profile: rectangles and impulses.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProfileBuilder {
    edges: Vec<Edge<f64>>,
    impulses: Vec<(f64, f64)>,
}

impl ProfileBuilder {
    /// `amount` spread evenly over `[start, end)`; an impulse when that is no time, or so short that the
    /// rate is not a number.
    pub(crate) fn spread(&mut self, start: f64, end: f64, amount: f64) {
        if amount == 0.0 {
            return;
        }
        let rate = amount / (end - start);
        if end > start && rate.is_finite() {
            self.hold(start, end, rate);
        } else {
            self.impulses.push((start, amount));
        }
    }

    /// `value` during `[start, end)`.
    pub(crate) fn hold(&mut self, start: f64, end: f64, value: f64) {
        if end > start && value != 0.0 {
            self.edges.extend(Edge::pair(start, end, value));
        }
    }

    pub(crate) fn finish(mut self) -> Profile {
        self.impulses.sort_by(|a, b| a.0.total_cmp(&b.0));
        Profile { steps: sweep(self.edges, f64::total_cmp), impulses: self.impulses }
    }
}

/// Where a rectangle begins or ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge<T> {
    time: T,
    /// Added from then on; negative where a rectangle ends.
    change: f64,
}

impl<T> Edge<T> {
    pub(crate) fn pair(start: T, end: T, value: f64) -> [Self; 2] {
        [Edge { time: start, change: value }, Edge { time: end, change: -value }]
    }
}

/// Adds up rectangles of positive height: `(time, value from then on)`, one entry per time at which it changes.
pub(crate) fn sweep<T: Copy>(mut edges: Vec<Edge<T>>, order: impl Fn(&T, &T) -> Ordering) -> Vec<(T, f64)> {
    edges.sort_by(|a, b| order(&a.time, &b.time));
    let mut steps: Vec<(T, f64)> = Vec::new();
    let mut value = Sum::default();
    let mut open = 0_i64;
    let mut edges = edges.into_iter().peekable();
    while let Some(edge) = edges.next() {
        value.add(edge.change);
        open += if edge.change > 0.0 { 1 } else { -1 };
        if open == 0 {
            // Nothing is left, so neither may a rounding error be: it would be billed for the whole gap.
            value = Sum::default();
        }
        if edges.peek().is_some_and(|next| order(&next.time, &edge.time) == Ordering::Equal) {
            continue;
        }
        let now = value.value().max(0.0);
        if steps.last().map_or(0.0, |s| s.1) != now {
            steps.push((edge.time, now));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::ProfileBuilder;

    #[test]
    fn rectangles_add_up_and_leave_nothing_behind() {
        let mut builder = ProfileBuilder::default();
        builder.spread(0.0, 2.0, 0.2);
        builder.spread(1.0, 3.0, 0.6);
        builder.spread(5.0, 5.0, 7.0);
        let profile = builder.finish();
        let rounded: Vec<_> = profile.steps.iter().map(|s| (s.0, (s.1 * 10.0).round())).collect();
        assert_eq!(rounded, [(0.0, 1.0), (1.0, 4.0), (2.0, 3.0), (3.0, 0.0)]);
        assert_eq!(profile.steps.last(), Some(&(3.0, 0.0)));
        assert_eq!(profile.impulses, [(5.0, 7.0)]);
        assert!((profile.integral() - 7.8).abs() < 1e-12);
        assert_eq!((profile.at(-1.0), profile.at(9.0), profile.at(1.0)), (0.0, 0.0, profile.peak()));
    }

    #[test]
    fn a_rate_beyond_the_floats_is_an_impulse() {
        let mut builder = ProfileBuilder::default();
        builder.spread(0.0, 5e-324, 1e30);
        assert_eq!(builder.finish().impulses, [(0.0, 1e30)]);
    }
}
