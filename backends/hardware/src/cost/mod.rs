//! What work costs on a [`crate::Target`]: the one truth for extraction, schedule, simulation and report.
//!
//! A [`Cost`] is a vector: energy by component, exclusive time by resource, latency, bytes by memory. Queries:
//! [`Target::electronic`], [`Target::electronic_fused`], [`Target::photonic`], [`Target::encode`], [`Target::program`], [`Target::detect`],
//! [`Target::load`], [`Target::store`], [`Target::gather_rows`].
//!
//! [`Target::electronic`]: crate::Target::electronic
//! [`Target::electronic_fused`]: crate::Target::electronic_fused
//! [`Target::photonic`]: crate::Target::photonic
//! [`Target::encode`]: crate::Target::encode
//! [`Target::program`]: crate::Target::program
//! [`Target::detect`]: crate::Target::detect
//! [`Target::load`]: crate::Target::load
//! [`Target::store`]: crate::Target::store
//! [`Target::gather_rows`]: crate::Target::gather_rows

mod chip;
mod electronic;
mod event;
mod gemm;
mod laser;
mod law;
mod lint;
mod loops;
mod photonic;
mod resources;
mod transfer;
mod waiting;
mod work;

pub use chip::{StaticEnergy, UnitUse};
pub use electronic::Realisation;
pub use event::{CAUSES, Cause, EVENTS, Event, Events};
pub use gemm::Gemm;
pub use law::{LAWS, Law};
pub use lint::Infeasible;
pub use loops::{Loops, Traffic, loops};
pub use photonic::{PhotonicRealisation, Tiling};
pub use resources::{ResourceInfo, ResourceKind};
pub use waiting::Waiting;
pub use work::{Ends, MatmulWork, Member, Stationary, TensorSize, Work};

use crate::units::{Bytes, Energy, Time};
use std::fmt;
use std::sync::{Arc, LazyLock};

/// Declares a name that is cheap to clone and compare.
macro_rules! interned {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub(crate) fn new(name: &str) -> Self {
                $name(name.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

interned! {
    /// What energy is booked under: `compute` (electronic kernels), `light` (multiply-accumulates in light), the name of a
    /// memory, or the component that a link, a part or a laser names.
    Component
}
interned! {
    /// What is used exclusively: a core of a unit (`cpu`), a photonic unit (`phu`), a bank of converters
    /// (`phu.dac`), a link of limited bandwidth (`dram->hbm`).
    Resource
}
interned! {
    /// A memory of the target.
    MemoryName
}

/// Components that are not named by the file.
pub(crate) const COMPONENTS: [&str; 2] = ["compute", "light"];

/// Energy of electronic kernels.
pub(crate) static COMPUTE: LazyLock<Component> = LazyLock::new(|| Component::new("compute"));

/// Energy of photonic products, conversions left out.
pub(crate) static LIGHT: LazyLock<Component> = LazyLock::new(|| Component::new("light"));

/// What some work costs. No entry is zero, and no name stands twice in a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// Energy by component.
    pub energy: Vec<(Component, Energy)>,
    /// Time for which one slot of a resource is taken; never longer than `latency`.
    pub busy: Vec<(Resource, Time)>,
    /// From start to result.
    pub latency: Time,
    /// Bytes read from plus bytes written to each memory.
    pub moved: Vec<(MemoryName, Bytes)>,
}

impl Cost {
    /// Sum over the components, in their order.
    pub fn total_energy(&self) -> Energy {
        self.energy.iter().map(|(_, e)| *e).sum()
    }

    /// Energy of one component; zero when it has no part in it.
    pub fn energy_of(&self, component: &str) -> Energy {
        self.energy.iter().find(|(c, _)| c.as_str() == component).map_or(Energy::ZERO, |(_, e)| *e)
    }

    /// Time for which a resource is taken; zero when it has no part in it.
    pub fn busy_on(&self, resource: &str) -> Time {
        self.busy.iter().find(|(r, _)| r.as_str() == resource).map_or(Time::ZERO, |(_, t)| *t)
    }

    /// Bytes that a memory reads and writes.
    pub fn moved_in(&self, memory: &str) -> Bytes {
        self.moved.iter().find(|(m, _)| m.as_str() == memory).map_or(Bytes::ZERO, |(_, b)| *b)
    }

    /// This, then `next`: everything adds up, latency too.
    pub fn then(mut self, next: &Cost) -> Cost {
        for (component, energy) in &next.energy {
            self.spend(component, *energy);
        }
        for (resource, time) in &next.busy {
            self.occupy(resource, *time);
        }
        for (memory, bytes) in &next.moved {
            self.carry(memory, *bytes);
        }
        self.latency += next.latency;
        self.settle();
        self
    }

    /// Nothing is taken for longer than the work runs, though sums of the same times in another order may differ in their
    /// last bits.
    pub(crate) fn settle(&mut self) {
        let rounded = self.latency * (1.0 + 1e-12);
        let taken = self.busy.iter().map(|(_, busy)| *busy).filter(|busy| *busy <= rounded);
        self.latency = taken.fold(self.latency, Time::max);
    }

    pub(crate) fn spend(&mut self, component: &Component, energy: Energy) {
        book(&mut self.energy, component, energy);
    }

    pub(crate) fn occupy(&mut self, resource: &Resource, time: Time) {
        book(&mut self.busy, resource, time);
    }

    pub(crate) fn carry(&mut self, memory: &MemoryName, bytes: Bytes) {
        book(&mut self.moved, memory, bytes);
    }
}

/// Adds `amount` under `name`; zero leaves no entry.
fn book<N: Clone + PartialEq, Q: Copy + Default + PartialEq + std::ops::AddAssign>(
    entries: &mut Vec<(N, Q)>,
    name: &N,
    amount: Q,
) {
    if amount == Q::default() {
        return;
    }
    match entries.iter_mut().find(|(n, _)| n == name) {
        Some((_, sum)) => *sum += amount,
        None => entries.push((name.clone(), amount)),
    }
}
