//! What energy and makespan cannot both be below: the region above some lines and right of a makespan.

use super::question::Measure;

/// Lower bounds on the energy that fall with the makespan, and one on the makespan.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Each `(height, slope)` says that the energy is at least `height - slope * makespan`; slopes are not negative.
    lines: Vec<(f64, f64)>,
    /// No makespan is shorter.
    fastest: f64,
}

impl Envelope {
    /// The region above the hull with the given corners (time, energy; fastest first), above `least` and right of `fastest`.
    pub(super) fn new(corners: &[(f64, f64)], fastest: f64, least: f64) -> Envelope {
        let mut lines = vec![(least, 0.0)];
        for pair in corners.windows(2) {
            let slope = (pair[0].1 - pair[1].1) / (pair[1].0 - pair[0].0);
            if slope.is_finite() && slope > 0.0 {
                lines.push((pair[1].1 + slope * pair[1].0, slope));
            }
        }
        lines.extend(corners.last().map(|c| (c.1, 0.0)));
        let first = corners.first().map_or(0.0, |c| c.0);
        Envelope { lines, fastest: fastest.max(first) }
    }

    /// The region moved to so much less of both.
    pub(super) fn less(mut self, makespan: f64, energy: f64) -> Envelope {
        for (height, slope) in &mut self.lines {
            *height -= *slope * makespan + energy;
        }
        self.fastest -= makespan;
        self
    }

    /// What is in both regions.
    #[must_use]
    pub fn and(mut self, other: &Envelope) -> Envelope {
        self.lines.extend(&other.lines);
        self.fastest = self.fastest.max(other.fastest);
        self
    }

    /// What takes at least `energy` and no less than `makespan`.
    pub fn above(energy: f64, makespan: f64) -> Envelope {
        Envelope { lines: vec![(energy, 0.0)], fastest: makespan }
    }

    /// One more line.
    pub(super) fn add(&mut self, height: f64, slope: f64) {
        self.lines.push((height, slope));
    }

    /// No plan of at most this makespan takes less; infinite if there is no such plan.
    pub fn least_energy(&self, makespan: f64) -> f64 {
        if makespan < self.fastest {
            return f64::INFINITY;
        }
        self.lines.iter().map(|(height, slope)| height - slope * makespan).fold(0.0, f64::max)
    }

    /// No plan of at most this energy is shorter; infinite if there is no such plan.
    pub fn least_makespan(&self, energy: f64) -> f64 {
        let time = |(height, slope): &(f64, f64)| match *slope > 0.0 {
            true => (height - energy) / slope,
            false if *height > energy => f64::INFINITY,
            false => 0.0,
        };
        self.lines.iter().map(time).fold(self.fastest, f64::max)
    }

    /// No plan with a makespan from `from` to `to` has less of the measure, where `power` is drawn all the time.
    ///
    /// Along a line a product of powers of two falling or rising lengths is quasi-concave, so its least is at a corner.
    pub fn least_product(&self, measure: Measure, power: f64, from: f64, to: f64) -> f64 {
        let at = from.max(self.fastest);
        if at > to {
            return f64::INFINITY;
        }
        let value = |time: f64| measure.of(self.least_energy(time) + power * time, time);
        let mut best = value(at).min(if to.is_finite() { value(to) } else { f64::INFINITY });
        // The line in force, and where flatter ones take over in turn. By rounding one may take over a little before `at`.
        let height = |l: &(f64, f64)| l.0 - l.1 * at;
        let first = self.lines.iter().max_by(|a, b| height(a).total_cmp(&height(b)).then(b.1.total_cmp(&a.1)));
        let Some(&(mut now)) = first else { return best };
        loop {
            let meets = |l: &(f64, f64)| (now.0 - l.0) / (now.1 - l.1);
            let flatter = self.lines.iter().filter(|l| l.1 < now.1).map(|l| (meets(l), l));
            let next = flatter.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.1.total_cmp(&b.1.1)));
            let Some((time, line)) = next.filter(|(time, _)| *time <= to) else { return best };
            best = best.min(value(time.max(at)));
            now = *line;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Envelope, Measure};

    const EDP: Measure = Measure::Product { energy: 1.0, latency: 1.0 };

    fn envelope() -> Envelope {
        Envelope::new(&[(1.0, 10.0), (2.0, 4.0), (5.0, 1.0)], 1.5, 1.0)
    }

    #[test]
    fn between_corners_it_is_straight() {
        let e = envelope();
        assert_eq!((e.least_energy(1.4), e.least_energy(1.5), e.least_energy(3.0)), (f64::INFINITY, 7.0, 3.0));
        assert_eq!((e.least_energy(5.0), e.least_energy(50.0)), (1.0, 1.0));
        assert_eq!((e.least_makespan(7.0), e.least_makespan(3.0), e.least_makespan(70.0)), (1.5, 3.0, 1.5));
        assert_eq!(e.least_makespan(0.5), f64::INFINITY);
    }

    #[test]
    fn the_least_product_is_at_a_corner_unless_limits_cut_it_off() {
        let e = envelope();
        assert_eq!(e.least_product(EDP, 0.0, 0.0, f64::INFINITY), 5.0);
        assert_eq!(e.least_product(EDP, 0.0, 0.0, 4.0), 8.0);
        assert_eq!(e.least_product(EDP, 0.0, 0.0, 1.0), f64::INFINITY);
        assert_eq!(e.least_product(EDP, 10.0, 0.0, f64::INFINITY), 1.5 * 22.0);
        // Three lines through one point, two of which meet a little before it.
        let three = Envelope {
            lines: vec![(28.0, 0.0), (485.0, 44.8), (148.99999999999798, 11.2), (58.8, 2.8)],
            fastest: 10.0,
        };
        assert!(three.least_product(EDP, 2.0, 0.0, f64::INFINITY) <= 550.0 * (1.0 + 1e-12));
        let fine = (0..10_000).map(|i| 1.5 + f64::from(i) * 1e-3).map(|t| EDP.of(e.least_energy(t) + 0.7 * t, t));
        let least = fine.fold(f64::INFINITY, f64::min);
        assert!((e.least_product(EDP, 0.7, 0.0, f64::INFINITY) - least).abs() < 1e-2);
        assert!(e.least_product(EDP, 0.7, 0.0, f64::INFINITY) <= least + 1e-12);
    }
}
