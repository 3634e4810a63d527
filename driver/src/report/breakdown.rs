//! Where the energy goes: by layer, component and cause; what idle parts draw; what limits the speed.

use prism_hardware::cost::{Cause, StaticEnergy, UnitUse};
use prism_hardware::target::photonic::{Conversions, Photonic};
use prism_hardware::{Energy, Event, Target, Time};
use prism_sim::{Plan, PlanTask, Simulation, Sum, layer_of};
use serde::Serialize;
use std::collections::BTreeMap;

/// Energy of one component in one layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The layer; [`MACHINE`] for what parts draw while they wait.
    pub layer: String,
    /// The component.
    pub component: String,
    /// What it is spent for: `convert`, `move`, `hold`, `compute`, `laser`, `padding` or `idle`.
    pub cause: &'static str,
    /// Joules.
    pub energy_j: f64,
}

/// The layer of energy that no task takes.
pub(super) const MACHINE: &str = "(machine)";

/// What parts draw while they wait, joules by component.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Waiting {
    /// Parts are gated as the target says.
    pub gated: BTreeMap<String, f64>,
    /// Every part is on all the time.
    pub always_on: BTreeMap<String, f64>,
}

impl From<&StaticEnergy> for Waiting {
    fn from(energy: &StaticEnergy) -> Waiting {
        let joules = |all: &BTreeMap<String, Energy>| all.iter().map(|(k, e)| (k.clone(), e.0)).collect();
        Waiting { gated: joules(&energy.gated), always_on: joules(&energy.always_on) }
    }
}

/// A total with parts switched off as the target says, and with all of them on all the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Gated {
    /// Parts are gated as the target says.
    pub gated: f64,
    /// Every part is on all the time.
    pub always_on: f64,
}

/// What a resource allows at most, for the products of this plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ceiling {
    /// A unit, a bank of converters such as `ptc.dac`, or a link such as `dram->sram`.
    pub name: String,
    /// `compute`, full cores in every cycle; `mapping`, these products as they are cut, with programming, passes and waiting;
    /// `converter`; or `memory`.
    pub kind: &'static str,
    /// Multiply-accumulates per second if nothing else limited them.
    pub macs_per_s: f64,
    /// Those that the resource works for, over the makespan: a unit's own products, what all products move over a link.
    pub achieved_macs_per_s: f64,
}

/// Products as a whole against their ceilings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Roofline {
    /// Multiply-accumulates of all products.
    pub macs: f64,
    /// Those over the makespan.
    pub achieved_macs_per_s: f64,
    /// Ceilings, lowest first.
    pub ceilings: Vec<Ceiling>,
}

/// Every share of the energy with idle parts gated: layers in the order of the plan, components by name, what parts draw
/// while they wait at the end.
pub(super) fn shares(target: &Target, plan: &Plan, idle: &StaticEnergy) -> Vec<Share> {
    let causes = target.causes();
    let mut order: Vec<String> = Vec::new();
    let mut sums: BTreeMap<(usize, &str), Sum> = BTreeMap::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for task in &plan.tasks {
        let layer = layer_of(&task.name).to_string();
        let at = *index.entry(layer.clone()).or_insert_with(|| {
            order.push(layer);
            order.len() - 1
        });
        for (component, energy) in &task.energy_j {
            sums.entry((at, component)).or_default().add(*energy);
        }
    }
    let share = |((layer, component), sum): ((usize, &str), Sum)| Share {
        layer: order.get(layer).cloned().unwrap_or_default(),
        component: component.to_string(),
        cause: causes.get(component).map_or("compute", |c| c.word()),
        energy_j: sum.value(),
    };
    let waiting = idle.gated.iter().map(|(component, energy)| Share {
        layer: MACHINE.into(),
        component: component.clone(),
        cause: Cause::Idle.word(),
        energy_j: energy.0,
    });
    sums.into_iter().map(share).chain(waiting).collect()
}

/// Joules by cause.
pub(super) fn by_cause(shares: &[Share]) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for share in shares {
        sums.entry(share.cause.to_string()).or_default().add(share.energy_j);
    }
    sums.into_iter().map(|(cause, sum)| (cause, sum.value())).collect()
}

/// What parts draw beyond the energy of the tasks.
pub(super) fn idle(target: &Target, run: &Simulation, plan: &Plan) -> StaticEnergy {
    let dynamic = run.energy.by_component_j.iter().map(|(k, v)| (k.to_string(), Energy(*v))).collect();
    let mut used: BTreeMap<String, UnitUse> = BTreeMap::new();
    let photonic = target.photonic.iter().map(|u| (&*u.name, 1));
    for (unit, cores) in photonic.chain(target.electronic.iter().map(|u| (&*u.name, u.cores))) {
        let busy = Time(run.busy_s.get(unit).copied().unwrap_or(0.0) / cores.max(1) as f64);
        // Converters of a unit, such as `phu.dac`, wake it too.
        let own = |name: &str| name.strip_prefix(unit).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let uses = plan.tasks.iter().filter(|t| own(&t.unit)).count() as u64;
        used.insert(unit.to_string(), UnitUse { busy, uses });
    }
    target.static_energy(Time(run.makespan_s), &dynamic, &used)
}

/// A number of a task's closed form.
fn counted(task: &PlanTask, key: &str) -> f64 {
    task.tiling.iter().find(|(k, _)| &**k == key).map_or(0.0, |(_, v)| *v)
}

/// The products of the plan against what each resource allows.
pub(super) fn roofline(target: &Target, plan: &Plan, run: &Simulation) -> Roofline {
    let products = || plan.tasks.iter().filter(|t| t.is_product());
    let macs: f64 = products().map(|t| counted(t, "macs")).sum();
    if macs <= 0.0 || run.makespan_s <= 0.0 {
        return Roofline::default();
    }
    let mut ceilings = Vec::new();
    for unit in target.photonic.iter().filter(|_| !target.free.light) {
        let own: Vec<&PlanTask> = products().filter(|t| t.unit == unit.name).collect();
        unit_ceilings(unit, &own, run.makespan_s, &mut ceilings);
    }
    let units = plan.resources.iter().filter(|r| r.kind == prism_sim::Kind::Unit);
    for (unit, cores) in units.map(|r| (&r.name, f64::from(r.capacity.unwrap_or(1)))) {
        let own = || products().filter(|t| t.unit == *unit);
        let macs: f64 = own().map(|t| counted(t, "macs")).sum();
        let held: f64 = own().flat_map(|t| &t.busy_s).filter(|(name, _)| name == unit).map(|(_, s)| *s).sum();
        if macs > 0.0 && held > 0.0 {
            let (macs_per_s, achieved_macs_per_s) = (macs / held * cores, macs / run.makespan_s);
            ceilings.push(Ceiling { name: unit.to_string(), kind: "mapping", macs_per_s, achieved_macs_per_s });
        }
    }
    // A resource that all of this work holds for so long does no more than this.
    for resource in plan.resources.iter().filter(|r| r.kind == prism_sim::Kind::Path && r.capacity.is_some()) {
        let held = run.busy_s.get(&resource.name).copied().unwrap_or(0.0);
        if held > 0.0 {
            let macs_per_s = macs / held * f64::from(resource.capacity.unwrap_or(1));
            let (name, achieved_macs_per_s) = (resource.name.to_string(), macs / run.makespan_s);
            ceilings.push(Ceiling { name, kind: "memory", macs_per_s, achieved_macs_per_s });
        }
    }
    ceilings.sort_by(|a, b| a.macs_per_s.total_cmp(&b.macs_per_s).then_with(|| a.name.cmp(&b.name)));
    Roofline { macs, achieved_macs_per_s: macs / run.makespan_s, ceilings }
}

fn unit_ceilings(unit: &Photonic, products: &[&PlanTask], makespan_s: f64, out: &mut Vec<Ceiling>) {
    let sum = |key: &str| products.iter().map(|t| counted(t, key)).sum::<f64>();
    let macs = sum("macs");
    if macs <= 0.0 {
        return;
    }
    let peak = unit.peak_macs() * unit.clock.0;
    let achieved_macs_per_s = macs / makespan_s;
    out.push(Ceiling { name: unit.name.to_string(), kind: "compute", macs_per_s: peak, achieved_macs_per_s });
    let events = |on: &[Event]| -> f64 {
        let of = |e: &Event| match e {
            Event::RowEncode => sum("row_encodes"),
            Event::ColumnEncode => sum("column_encodes"),
            Event::Program => sum("weight_writes"),
            Event::Read => sum("reads"),
            _ => 0.0,
        };
        on.iter().map(of).sum()
    };
    if unit.conversions == Conversions::Once {
        return;
    }
    for part in unit.parts.iter().filter(|p| p.converter) {
        let (count, rate) = (events(&part.on), part.throughput.map_or(part.count * unit.clock.0, |f| f.0));
        if count > 0.0 && rate > 0.0 {
            let name = part.resource.to_string();
            out.push(Ceiling { name, kind: "converter", macs_per_s: macs * rate / count, achieved_macs_per_s });
        }
    }
}
