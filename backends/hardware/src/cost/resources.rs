//! What can be taken exclusively on a machine.

use super::{Cost, Resource};
use crate::target::Target;
use crate::target::photonic::Conversions;
use crate::units::{Bandwidth, Time};

/// What kind of thing a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceKind {
    /// Cores of an electronic unit.
    Electronic,
    /// A photonic unit.
    Photonic,
    /// A bank of converters.
    Converter,
    /// A link.
    Link,
    /// A memory of limited bandwidth.
    Memory,
}

/// A resource and how many can use it at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceInfo {
    /// Its name.
    pub resource: Resource,
    /// Slots; each entry of [`super::Cost::busy`] takes one.
    pub capacity: u32,
    /// What it is.
    pub kind: ResourceKind,
}

impl Target {
    /// Every resource that a cost of this machine may name, in the order of the file: units, converters of limited
    /// rate, links and memories of limited bandwidth. A photonic unit has one slot, since one product takes all its cores.
    pub fn resources(&self) -> Vec<ResourceInfo> {
        let info = |resource: &Resource, capacity, kind| ResourceInfo { resource: resource.clone(), capacity, kind };
        let mut all: Vec<_> =
            self.electronic.iter().map(|u| info(&u.resource, u.cores, ResourceKind::Electronic)).collect();
        all.extend(self.photonic.iter().map(|u| info(&u.resource, 1, ResourceKind::Photonic)));
        let once = self.photonic.iter().filter(|u| u.conversions == Conversions::Once);
        let limited = once.flat_map(|u| &u.parts).filter(|p| p.throughput.is_some());
        all.extend(limited.map(|p| info(&p.resource, 1, ResourceKind::Converter)));
        let limited = self.links.iter().filter(|l| l.bandwidth != Bandwidth::Unlimited);
        all.extend(limited.map(|l| info(&l.resource, 1, ResourceKind::Link)));
        let limited = self.memories.iter().filter(|m| m.bandwidth != Bandwidth::Unlimited);
        all.extend(limited.map(|m| info(&m.port, 1, ResourceKind::Memory)));
        all
    }

    /// `cost` with what the bandwidths of memories make of it: each is taken for as long as its bytes need, and the work,
    /// and `unit` if it does it, take at least that long.
    pub(crate) fn through_ports(&self, mut cost: Cost, unit: Option<&Resource>) -> Cost {
        let mut longest = Time::ZERO;
        for memory in self.memories.iter().filter(|m| m.bandwidth != Bandwidth::Unlimited) {
            let time = cost.moved_in(memory.name.as_str()) / memory.bandwidth;
            cost.occupy(&memory.port, time);
            longest = longest.max(time);
        }
        if longest > cost.latency {
            cost.latency = longest;
        }
        if let Some((_, busy)) = unit.and_then(|unit| cost.busy.iter_mut().find(|(r, _)| r == unit)) {
            *busy = busy.max(longest);
        }
        cost.settle();
        cost
    }
}
