//! What parts draw while they wait, told apart by task, so that it can be part of what is minimised.

use crate::target::{Gating, Target};
use crate::units::{Energy, Power, Time};
use std::collections::BTreeMap;

/// The energy in all of a run as a sum: what is drawn as long as it lasts, and what each task adds.
///
/// It is that of [`Target::static_energy`] with parts gated, wherever parts are billed no more than they can draw while
/// they are on, and never more than that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// Drawn from the beginning to the end, whatever is done.
    pub power: Power,
    /// For each component, the share of what a task is billed for it that is in [`Waiting::power`] already.
    included: BTreeMap<String, f64>,
    /// For each unit, what a task that holds it adds.
    units: BTreeMap<String, Added>,
}

/// What a task adds on a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Added {
    /// While it holds a core.
    working: Power,
    /// Once, for waking it.
    waking: Energy,
}

impl Target {
    /// How the energy in all comes about.
    pub fn waiting(&self) -> Waiting {
        let power = self.power();
        let mut out = Waiting::default();
        for item in self.items().iter().filter(|i| i.standing != Power::ZERO) {
            let name = item.component.to_string();
            let share = item.standing / power.get(&name).copied().unwrap_or(item.standing);
            let (always, billed) = match item.gating {
                None => (1.0, 0.0),
                Some((Gating::None, _)) => (1.0, 1.0),
                Some((Gating::Gated { wake, residual }, unit)) => {
                    let added = out.units.entry(unit.to_string()).or_default();
                    added.waking += item.standing * wake;
                    if item.at_events {
                        (residual.0, residual.0)
                    } else {
                        added.working += item.standing * ((1.0 - residual.0) / self.cores(unit));
                        (residual.0, 1.0)
                    }
                }
            };
            out.power += item.standing * always;
            if billed > 0.0 {
                *out.included.entry(format!("{name}.padding")).or_default() += share * billed;
                *out.included.entry(name).or_default() += share * billed;
            }
        }
        out
    }

    /// Cores of a unit that work side by side, one task each.
    fn cores(&self, unit: &str) -> f64 {
        self.electronic_unit(unit).map_or(1, |u| u.cores).max(1) as f64
    }
}

impl Waiting {
    /// What a task adds to the energy in all, when it is billed `energy` by component, runs on `unit` (a unit, or one of its
    /// converters such as `phu.dac`) and holds resources for the times `busy`.
    pub fn added<'a>(
        &self,
        energy: impl Iterator<Item = (&'a str, Energy)>,
        unit: &str,
        busy: impl Iterator<Item = (&'a str, Time)>,
    ) -> Energy {
        let own = |(component, e): (&str, Energy)| e * (1.0 - self.included.get(component).copied().unwrap_or(0.0));
        let mut sum: Energy = energy.map(own).sum();
        for (resource, time) in busy {
            sum += self.units.get(resource).map_or(Energy::ZERO, |u| u.working * time);
        }
        let woken = self.units.iter().find(|(name, _)| {
            unit.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        sum + woken.map_or(Energy::ZERO, |(_, u)| u.waking)
    }
}
