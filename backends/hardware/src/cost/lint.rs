//! What physics does not allow, each with the field that says so.

use super::transfer::bytes;
use crate::target::Target;
use crate::target::photonic::Photonic;

/// A reason why a machine cannot be built as its file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Infeasible {
    /// The field, such as `photonic.laser.waveguide_limit`.
    pub field: &'static str,
    /// What is wrong, with the unit's name.
    pub headline: String,
    /// What the file leads to.
    pub found: String,
    /// What is possible.
    pub allowed: String,
}

impl Target {
    /// Everything that makes the machine infeasible, in the order of the file.
    pub fn infeasible(&self) -> Vec<Infeasible> {
        self.photonic.iter().flat_map(|unit| of_unit(unit).into_iter().chain(self.room(unit))).collect()
    }

    /// Where the working memory holds less than the blocks that a unit works on at one time.
    fn room(&self, unit: &Photonic) -> Option<Infeasible> {
        let working = self.memories.get(self.placement.working)?;
        let capacity = working.capacity?;
        let of = |sizes: [u64; 3]| sizes.iter().map(|n| *n as f64).product::<f64>();
        let rows = of([unit.rows, unit.inner, unit.all_cores()]);
        let columns = of([unit.columns, unit.inner, unit.cores]);
        let needed = bytes(rows + columns, self.number);
        (needed > capacity).then(|| Infeasible {
            field: "memory.capacity",
            headline: format!("`{}` does not hold what `{}` works on at one time", working.name, unit.name),
            found: format!("{needed} in blocks of {} x {} x {} for all cores", unit.rows, unit.columns, unit.inner),
            allowed: format!("at most {capacity}"),
        })
    }
}

fn of_unit(unit: &Photonic) -> Vec<Infeasible> {
    let mut found = Vec::new();
    let budget = unit.laser.as_ref().and_then(|l| Some((l, l.waveguide_limit?)));
    if let Some((laser, limit)) = budget {
        let groups = unit.groups as f64 * unit.more_light(unit.groups);
        let launched = laser.launched(unit.clock) * groups / laser.waveguides;
        if launched > limit {
            found.push(Infeasible {
                field: "photonic.laser.waveguide_limit",
                headline: format!("a waveguide of `{}` cannot carry the light that its detectors need", unit.name),
                found: format!(
                    "{launched} launched: {} on a detector, {:.2} dB of loss, {:.2} dB of split",
                    laser.detected(unit.clock),
                    laser.loss().0,
                    laser.split().0
                ),
                allowed: format!("at most {limit}"),
            });
        }
    }
    for (part, rate) in unit.parts.iter().filter_map(|p| Some((p, p.max_rate?))).filter(|(_, r)| *r < unit.clock) {
        found.push(Infeasible {
            field: "photonic.part.max_rate",
            headline: format!("part `{}` of `{}` is slower than the clock", part.name, unit.name),
            found: format!("a clock of {}", unit.clock),
            allowed: format!("at most {rate}"),
        });
    }
    if unit.groups > unit.wavelengths {
        found.push(Infeasible {
            field: "photonic.groups",
            headline: format!("`{}` has more groups of wavelengths than wavelengths", unit.name),
            found: format!("{} groups", unit.groups),
            allowed: format!("at most {}, as `wavelengths` says", unit.wavelengths),
        });
    }
    if let Some(limit) = unit.channel_limit.filter(|limit| *limit < unit.wavelengths) {
        found.push(Infeasible {
            field: "photonic.channel_limit",
            headline: format!("a waveguide of `{}` carries more wavelengths than its spectral range holds", unit.name),
            found: format!("{} wavelengths", unit.wavelengths),
            allowed: format!("at most {limit}"),
        });
    }
    found
}
