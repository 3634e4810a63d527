//! What each energy component is spent for.

use super::read::{Reader, Section};
use super::{Target, photonic::Photonic};
use crate::cost::{COMPONENTS, Cause, Component};
use prism_support::codes::E0505;
use std::collections::BTreeMap;

/// Every component with its cause, in the order of the file; a component may stand more than once.
fn booked(target: &Target) -> Vec<(Component, Cause)> {
    let mut all: Vec<(Component, Cause)> = target.memories.iter().map(|m| (m.component.clone(), Cause::Move)).collect();
    all.extend(target.links.iter().map(|l| (l.component.clone(), Cause::Move)));
    all.extend(COMPONENTS.iter().map(|c| (Component::new(c), Cause::Compute)));
    for unit in &target.photonic {
        all.extend(of_unit(unit));
    }
    // A part of an electronic unit draws power whatever it does, unless it is what the unit's kernels are booked under.
    let parts = target.electronic.iter().flat_map(|u| &u.parts).map(|p| p.name.clone());
    let waiting: Vec<_> = parts.filter(|name| all.iter().all(|(known, _)| known != name)).collect();
    all.extend(waiting.into_iter().map(|name| (name, Cause::Idle)));
    all
}

fn of_unit(unit: &Photonic) -> Vec<(Component, Cause)> {
    let mut all: Vec<(Component, Cause)> = unit.parts.iter().map(|p| (p.component.clone(), p.cause)).collect();
    all.extend(unit.storages.iter().map(|s| (s.component.clone(), Cause::Move)));
    if let Some(laser) = &unit.laser {
        all.push((laser.component.clone(), Cause::Laser));
        all.push((laser.padding.clone(), Cause::Padding));
    }
    all
}

impl Target {
    /// What each energy component of this machine is spent for.
    pub fn causes(&self) -> BTreeMap<String, Cause> {
        booked(self).into_iter().map(|(component, cause)| (component.to_string(), cause)).collect()
    }
}

/// A component has one cause, or a report could not say what it was spent for.
pub(crate) fn check<'t>(reader: &Reader<'t>, root: &Section<'t>, target: &Target) {
    let mut known: BTreeMap<String, Cause> = BTreeMap::new();
    for (component, cause) in booked(target) {
        match known.get(component.as_str()) {
            Some(first) if *first != cause => {
                reader
                    .problem(&E0505, root.span.clone(), format!("energy component `{component}` has two causes"))
                    .found(format!("`{}` and `{}`", first.word(), cause.word()))
                    .allowed("one cause for all that is booked under a component")
                    .hint("give one of the parts another `component`");
            }
            _ => {
                known.insert(component.to_string(), cause);
            }
        }
    }
}
