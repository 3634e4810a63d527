//! Limits that no plan keeps: which, the nearest that can be kept, and whether any plan can.

use prism_hardware::units::{Energy, Quantity, Time};
use prism_solve::latency::{Answer, Plan, Question};
use prism_support::Diagnostic;
use prism_support::codes::E0704;
use std::fmt::Display;

/// Fewest and most significant digits at which a limit and what misses it are told apart.
const DIGITS: (usize, usize) = (4, 14);

/// Says that none of `plans`, nearest first, keeps the limits of a question about the graph `name`.
pub(super) fn unmet(name: &str, question: &Question, answer: &Answer, plans: &[Plan]) -> Diagnostic {
    let near = plans.first().map_or((0.0, 0.0), |p| (p.makespan, p.energy));
    let beyond = question.excess(answer.least_energy, answer.fastest.makespan) > 0.0;
    let latency = question.max_makespan.map(|l| Missed::of("latency", [l, near.0, answer.fastest.makespan], Time));
    let energy = question.max_energy.map(|l| Missed::of("energy", [l, near.1, answer.least_energy], Energy));
    let limits: Vec<Missed> = latency.into_iter().chain(energy).collect();
    let missed = |part: &dyn Fn(&Missed) -> String, by: &str| {
        limits.iter().filter(|m| m.is_missed).map(part).collect::<Vec<_>>().join(by)
    };
    let all = |part: &dyn Fn(&Missed) -> String, by: &str| limits.iter().map(part).collect::<Vec<_>>().join(by);
    Diagnostic::error(
        &E0704,
        format!("no plan of `@{name}` keeps the limit on {}", missed(&|m| m.what.to_string(), " and ")),
    )
    .found(all(&|m| m.found.clone(), "; "))
    .allowed(all(&|m| m.allowed.clone(), " and "))
    .note(match answer.bound.is_infinite() || beyond {
        true => "no plan can",
        false => "whether a plan can is not known",
    })
    .hint(format!("`{}` can be met", missed(&|m| format!("--max-{} {}", m.what, m.enough), " ")))
}

/// A limit and what is known of it.
struct Missed {
    what: &'static str,
    is_missed: bool,
    found: String,
    allowed: String,
    /// The nearest limit that is kept, as it is given.
    enough: String,
}

impl Missed {
    /// Of a limit, what the nearest plan takes and what none is below.
    fn of<Q: Quantity + Display>(
        what: &'static str,
        [limit, near, least]: [f64; 3],
        quantity: impl Fn(f64) -> Q,
    ) -> Missed {
        let shown = |value: f64, digits: usize| format!("{:.digits$}", quantity(value));
        let apart = |d: &usize| [near, least].iter().all(|v| *v == limit || shown(*v, *d) != shown(limit, *d));
        let digits = (DIGITS.0..DIGITS.1).find(apart).unwrap_or(DIGITS.1);
        // Rounded up where showing it rounds down.
        let unit = 10.0_f64.powi(1 - digits as i32);
        let ups = [0.0, 0.5, 1.0, 2.0].map(|by| shown(near * (1.0 + by * unit), digits));
        let enough = ups.iter().find(|text| Q::parse(text).is_ok_and(|q| q.si() >= near)).or(ups.last());
        Missed {
            what,
            is_missed: near > limit,
            found: format!(
                "{} is the nearest known, and no assignment is below {}",
                shown(near, digits),
                shown(least, digits)
            ),
            allowed: format!("at most {}", shown(limit, digits)),
            enough: enough.cloned().unwrap_or_default().replace(' ', ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Missed;
    use prism_hardware::units::Energy;

    #[test]
    fn a_limit_and_what_misses_it_are_told_apart() {
        let far = Missed::of("energy", [0.017, 0.017_338_02, 0.017_338], Energy);
        assert_eq!((far.allowed.as_str(), far.enough.as_str()), ("at most 17 mJ", "17.34mJ"));
        let near = Missed::of("energy", [0.017_338, 0.017_338_02, 0.017_338_01], Energy);
        assert_eq!(near.allowed, "at most 17.338 mJ");
        assert_eq!(near.found, "17.33802 mJ is the nearest known, and no assignment is below 17.33801 mJ");
        assert_eq!(near.enough, "17.33802mJ");
        // What is shown rounded down would not be kept.
        assert_eq!(Missed::of("energy", [0.01, 0.123_44, 0.1], Energy).enough, "123.5mJ");
    }
}
