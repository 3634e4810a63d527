//! What is asked for: a measure to make least, and limits to keep.

use super::search::{NEAR, Plan};
use std::fmt;
use std::str::FromStr;

/// What is to be least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Joules of the nodes.
    Energy,
    /// The makespan.
    Latency,
    /// The energy in all, that of waiting parts included, to the power `energy`, times the makespan to the power `latency`.
    Product {
        /// Exponent of the energy, not negative.
        energy: f64,
        /// Exponent of the makespan, not negative.
        latency: f64,
    },
}

/// The measures that have a name of their own.
const NAMED: [(&str, Measure); 4] = [
    ("energy", Measure::Energy),
    ("latency", Measure::Latency),
    ("total-energy", Measure::Product { energy: 1.0, latency: 0.0 }),
    ("edp", Measure::Product { energy: 1.0, latency: 1.0 }),
];

/// What a measure may be called.
pub const MEASURES: &str = "energy, latency, total-energy, edp, or a product such as energy^2*latency";

/// Largest exponent: beyond it powers of small numbers are no numbers.
const LARGEST: f64 = 8.0;

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = NAMED.iter().find(|(_, m)| m == self) {
            return f.write_str(name);
        }
        let Measure::Product { energy, latency } = self else { return Ok(()) };
        let factor = |name: &str, power: f64| if power == 1.0 { name.into() } else { format!("{name}^{power}") };
        write!(f, "{}*{}", factor("energy", *energy), factor("latency", *latency))
    }
}

impl FromStr for Measure {
    type Err = String;

    /// One of [`MEASURES`]; `Err` says what is wrong with it.
    fn from_str(text: &str) -> Result<Measure, String> {
        let text = text.trim();
        if let Some((_, measure)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(*measure);
        }
        let (mut energy, mut latency) = (None, None);
        for factor in text.split('*') {
            let (name, power) = factor.split_once('^').unwrap_or((factor, "1"));
            let power: f64 = power.trim().parse().map_err(|_| format!("`{power}`, which is no number"))?;
            if !(power > 0.0 && power <= LARGEST) {
                return Err(format!("the exponent {power}, which is not above 0 and up to {LARGEST}"));
            }
            let slot = match name.trim() {
                "energy" => &mut energy,
                "latency" => &mut latency,
                other => return Err(format!("`{other}`")),
            };
            if slot.replace(power).is_some() {
                return Err(format!("`{}` twice", name.trim()));
            }
        }
        match (energy, latency) {
            (Some(energy), Some(latency)) => Ok(Measure::Product { energy, latency }),
            _ => Err(format!("`{text}`, which is no product of energy and latency")),
        }
    }
}

impl Measure {
    /// Its unit.
    pub fn unit(&self) -> String {
        let factor = |name: &str, power: f64| match power {
            0.0 => String::new(),
            1.0 => name.into(),
            power => format!("{name}^{power}"),
        };
        match self {
            Measure::Energy => "J".into(),
            Measure::Latency => "s".into(),
            Measure::Product { energy, latency } => {
                format!("{} {}", factor("J", *energy), factor("s", *latency)).trim().into()
            }
        }
    }

    /// The measure of an energy (joules; in all for a product) and a makespan (seconds).
    pub fn of(&self, energy: f64, makespan: f64) -> f64 {
        match self {
            Measure::Energy => energy,
            Measure::Latency => makespan,
            Measure::Product { energy: a, latency: b } => energy.powf(*a) * makespan.powf(*b),
        }
    }
}

/// A measure and limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// What is to be least.
    pub measure: Measure,
    /// The longest makespan allowed, seconds.
    pub max_makespan: Option<f64>,
    /// The most that the nodes may take, joules.
    pub max_energy: Option<f64>,
}

/// Values that differ by less, relative, are the same sum in another order; a limit is met if it is passed by no more.
pub const ROUNDING: f64 = 1e-12;

impl Question {
    /// Whether there are limits.
    pub fn is_limited(&self) -> bool {
        self.max_makespan.is_some() || self.max_energy.is_some()
    }

    /// By how much a plan passes the limits, relative; 0 where it keeps them.
    pub fn excess(&self, energy: f64, makespan: f64) -> f64 {
        let over = |value: f64, limit: Option<f64>| match limit {
            Some(limit) if value > limit * (1.0 + ROUNDING) => value / limit.max(f64::MIN_POSITIVE) - 1.0,
            _ => 0.0,
        };
        over(makespan, self.max_makespan) + over(energy, self.max_energy)
    }

    /// What a plan comes to.
    pub fn value(&self, plan: &Plan) -> f64 {
        match self.measure {
            Measure::Product { .. } => self.measure.of(plan.in_all, plan.makespan),
            measure => measure.of(plan.energy, plan.makespan),
        }
    }

    /// Values that differ by less, relative, count as equal: the least energy is proven, so that only rounding does.
    fn same(&self) -> f64 {
        match self.measure {
            Measure::Energy => ROUNDING,
            _ => NEAR,
        }
    }

    /// What decides between plans of equal value.
    fn second(&self, plan: &Plan) -> f64 {
        match self.measure {
            Measure::Energy => plan.makespan,
            _ => plan.energy,
        }
    }

    /// Whether `new` answers the question better than `old`; values within `near` of each other count as equal.
    pub(super) fn is_better(&self, new: &Plan, old: &Plan, near: f64) -> bool {
        let excess = |p: &Plan| self.excess(p.energy, p.makespan);
        let (ours, theirs) = (excess(new), excess(old));
        if ours != theirs {
            return ours < theirs;
        }
        let (value, least) = (self.value(new), self.value(old));
        value < least * (1.0 - near) || (value <= least && self.second(new) < self.second(old))
    }

    /// Puts the best plan first: of those that keep the limits and come as near to the least value as counts as equal, the one that
    /// is best in the second place; then by excess and value.
    pub fn sort(&self, plans: &mut [Plan]) {
        let excess = |p: &Plan| self.excess(p.energy, p.makespan);
        plans.sort_by(|a, b| excess(a).total_cmp(&excess(b)).then(self.value(a).total_cmp(&self.value(b))));
        let Some(first) = plans.first() else { return };
        let (least, over) = (self.value(first), excess(first));
        let same = least * (1.0 + self.same());
        let near = plans.partition_point(|p| excess(p) == over && self.value(p) <= same);
        let value = |p: &Plan| self.value(p);
        plans[..near].sort_by(|a, b| self.second(a).total_cmp(&self.second(b)).then(value(a).total_cmp(&value(b))));
    }
}

#[cfg(test)]
mod tests {
    use super::Measure;

    #[test]
    fn measures_are_read_and_shown() {
        for (text, shown, unit) in [
            ("energy", "energy", "J"),
            ("latency", "latency", "s"),
            ("edp", "edp", "J s"),
            ("total-energy", "total-energy", "J"),
            ("energy*latency", "edp", "J s"),
            (" energy ^ 2 * latency", "energy^2*latency", "J^2 s"),
            ("latency^0.5*energy", "energy*latency^0.5", "J s^0.5"),
        ] {
            let measure: Measure = text.parse().expect(text);
            assert_eq!((measure.to_string().as_str(), measure.unit().as_str()), (shown, unit));
            assert_eq!(shown.parse(), Ok(measure));
        }
        for wrong in
            ["", "power", "energy^2", "energy^x*latency", "energy^0*latency", "energy^9*latency", "energy*energy"]
        {
            assert!(wrong.parse::<Measure>().is_err(), "{wrong}");
        }
    }
}
