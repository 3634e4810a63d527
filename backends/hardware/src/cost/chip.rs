//! The machine as a whole: power at full load, area, and what it draws while it waits.

use super::{Component, LIGHT};
use crate::target::photonic::Photonic;
use crate::target::{Gating, Target};
use crate::units::{Area, Energy, Power, Time};
use std::collections::BTreeMap;

/// Something that draws power or takes area.
pub(super) struct Item<'a> {
    pub(super) component: &'a Component,
    /// At full load.
    power: Power,
    /// Of that, what is drawn without work too.
    pub(super) standing: Power,
    area: Area,
    /// Whether it works at events of its own, which are billed.
    pub(super) at_events: bool,
    /// How it is switched off, and with which unit; `None` for what leaks as long as the machine is on.
    pub(super) gating: Option<(Gating, &'a str)>,
}

/// Energy of parts beyond what products and kernels are billed for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StaticEnergy {
    /// With every part switched off as its `gating` says.
    pub gated: BTreeMap<String, Energy>,
    /// With every part on all the time.
    pub always_on: BTreeMap<String, Energy>,
}

impl StaticEnergy {
    /// Both sums: gated, always on.
    pub fn totals(&self) -> (Energy, Energy) {
        (self.gated.values().copied().sum(), self.always_on.values().copied().sum())
    }
}

/// How a unit was used during a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UnitUse {
    /// Time at work.
    pub busy: Time,
    /// How often it was woken.
    pub uses: u64,
}

impl Target {
    pub(super) fn items(&self) -> Vec<Item<'_>> {
        let mut items = Vec::new();
        for unit in self.photonic.iter().filter(|_| !self.free.light) {
            unit_items(self, unit, &mut items);
        }
        for unit in &self.electronic {
            let gating = |g: Gating| Some((g, &*unit.name));
            items.extend(unit.parts.iter().map(|p| Item {
                component: &p.name,
                power: p.power,
                standing: p.power,
                area: p.area,
                at_events: false,
                gating: gating(p.gating),
            }));
        }
        items.extend(self.memories.iter().map(|m| Item {
            component: &m.component,
            power: m.leakage,
            standing: m.leakage,
            area: m.area,
            at_events: false,
            gating: None,
        }));
        items
    }

    /// Power by component with every part at work in every cycle, memories at their leakage.
    pub fn power(&self) -> BTreeMap<String, Power> {
        let mut sums = BTreeMap::new();
        for item in self.items() {
            *sums.entry(item.component.to_string()).or_insert(Power::ZERO) += item.power;
        }
        for unit in self.photonic.iter().filter(|u| u.mac.0 != Energy::ZERO) {
            *sums.entry(LIGHT.to_string()).or_insert(Power::ZERO) += unit.mac.0 * unit.peak_macs() * unit.clock;
        }
        sums.retain(|_, power| *power != Power::ZERO);
        sums
    }

    /// Area by component.
    pub fn area(&self) -> BTreeMap<String, Area> {
        let mut sums = BTreeMap::new();
        for item in self.items() {
            *sums.entry(item.component.to_string()).or_insert(Area::ZERO) += item.area;
        }
        sums.retain(|_, area| *area != Area::ZERO);
        sums
    }

    /// Multiply-accumulates per second of all photonic units at full load.
    pub fn peak_macs_per_second(&self) -> f64 {
        self.photonic.iter().map(|u| u.peak_macs() * u.clock.0).sum()
    }

    /// What parts draw during a run of length `makespan` beyond the `dynamic` energy that they were billed for, by
    /// component, when units were used as `used` says.
    ///
    /// P is what a part draws while it is on, whatever it does; energies per event are spent only when they happen. A part
    /// that is never switched off draws P all the time, so its static share is P makespan less what it was billed for. A
    /// gated part works while it is billed, or while its unit does if it is never billed; else it draws `residual` of P, and
    /// P for `wake` before each use of its unit, or stays on where that is less. Waking takes no time: it is done ahead.
    pub fn static_energy(
        &self,
        makespan: Time,
        dynamic: &BTreeMap<String, Energy>,
        used: &BTreeMap<String, UnitUse>,
    ) -> StaticEnergy {
        let power = self.power();
        let mut out = StaticEnergy::default();
        for item in self.items().iter().filter(|i| i.standing != Power::ZERO) {
            let name = item.component.to_string();
            let share = item.standing / power.get(&name).copied().unwrap_or(item.standing);
            let of = |component: &str| dynamic.get(component).copied().unwrap_or(Energy::ZERO);
            // Light on padding is light of the same laser.
            let billed = (of(&name) + of(&format!("{name}.padding"))) * share;
            let beyond = |time: Time| (item.standing * time - billed).max(Energy::ZERO);
            let rest = beyond(makespan);
            let (gated, always_on) = match item.gating {
                None => (item.standing * makespan, item.standing * makespan),
                Some((Gating::None, _)) => (rest, rest),
                Some((Gating::Gated { wake, residual }, unit)) => {
                    let used = used.get(unit).copied().unwrap_or_default();
                    let unbilled = if item.at_events { Energy::ZERO } else { beyond(used.busy.min(makespan)) };
                    let waking = item.standing * (wake * used.uses as f64);
                    // What costs more to wake than to leave on is left on.
                    ((unbilled + (rest - unbilled).max(Energy::ZERO) * residual.0 + waking).min(rest), rest)
                }
            };
            for (sums, energy) in [(&mut out.gated, gated), (&mut out.always_on, always_on)] {
                if energy != Energy::ZERO {
                    *sums.entry(name.clone()).or_insert(Energy::ZERO) += energy;
                }
            }
        }
        out
    }
}

fn unit_items<'a>(target: &Target, unit: &'a Photonic, items: &mut Vec<Item<'a>>) {
    let gating = |g: Gating| Some((g, &*unit.name));
    for part in &unit.parts {
        let left_out = target.legacy.area_without_input_modulators && part.area_slip;
        items.push(Item {
            component: &part.component,
            power: part.power,
            standing: part.standing,
            area: if left_out { Area::ZERO } else { part.area },
            at_events: !part.on.is_empty(),
            gating: gating(part.gating),
        });
    }
    if let Some(laser) = &unit.laser {
        let lit = unit.all_cores() as f64 * unit.groups as f64 * unit.more_light(unit.groups);
        let power = laser.core_power * lit;
        items.push(Item {
            component: &laser.component,
            power,
            standing: power,
            area: laser.area,
            at_events: true,
            gating: gating(laser.gating),
        });
    }
    items.extend(unit.storages.iter().map(|s| Item {
        component: &s.component,
        power: s.leakage,
        standing: s.leakage,
        area: s.area,
        at_events: false,
        gating: None,
    }));
}
