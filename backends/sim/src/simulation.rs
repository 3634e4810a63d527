//! What a run gives: times, and where energy and bytes went.

use crate::engine::{Times, run};
use crate::graph::Graph;
use crate::layer::layer_of;
use crate::plan::{Name, Plan};
use crate::profile::{Profile, ProfileBuilder};
use crate::sum::Sum;
use crate::validate::{SLACK, validate};
use indexmap::IndexMap;
use prism_support::codes::E0801;
use prism_support::{Diagnostic, Result};
use std::collections::BTreeMap;

/// Joules, added up in plan order with compensation, in several ways that each give the same total.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Energy {
    /// Dynamic energy of all tasks.
    pub dynamic_j: f64,
    /// Dynamic energy by component.
    pub by_component_j: BTreeMap<Name, f64>,
    /// Dynamic energy by [layer](layer_of), in order of first appearance in the plan.
    pub by_layer_j: IndexMap<Name, f64>,
    /// Dynamic energy by operation, such as `ptu.matmul`.
    pub by_op_j: BTreeMap<Name, f64>,
    /// Static energy by component: static power times makespan. Not in the dynamic figures.
    pub static_j: BTreeMap<Name, f64>,
}

/// A task that ran later than planned: the plan promised what its units cannot do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Late {
    /// Position in [`Plan::tasks`].
    pub task: u32,
    /// How much later it started, seconds.
    pub by_s: f64,
}

/// A plan that has run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simulation {
    /// End of the last task, seconds.
    pub makespan_s: f64,
    /// Start of each task, seconds.
    pub start_s: Vec<f64>,
    /// End of each task, seconds.
    pub end_s: Vec<f64>,
    /// The task that was latest against its planned start, if any was by more than rounding.
    pub late: Option<Late>,
    /// Time held by resource, seconds, added over its units, in the order of the plan's resources.
    pub busy_s: IndexMap<Name, f64>,
    /// Where the energy went.
    pub energy: Energy,
    /// Dynamic power by component, watts: each task's energy spread evenly over its latency.
    pub power_w: BTreeMap<Name, Profile>,
    /// Bytes of results on chip: from the end of a task to the end of its last reader, or to the end of
    /// everything when nothing reads it.
    pub on_chip_bytes: Profile,
    /// Traffic by memory, bytes per second, spread evenly over each task's latency.
    pub traffic: BTreeMap<Name, Profile>,
    /// Bytes moved by memory.
    pub moved_bytes: BTreeMap<Name, f64>,
}

/// Runs a plan event by event: a task starts when the results that it reads are there and the resources
/// that it holds are free, in the plan's order on each resource. Same plan, same bits.
///
/// # Errors
/// [`E0801`], all defects at once, each naming the task: numbers that are negative or not finite, units,
/// resources or tasks that do not exist, cycles, starts before a predecessor's end.
pub fn simulate(plan: &Plan) -> Result<Simulation> {
    let graph = validate(plan)?;
    let times = run(&graph).map_err(|stuck| {
        let task = &plan.tasks[stuck];
        Diagnostic::error(&E0801, format!("`{}` can never start", task.name)).found("it waits for its units forever")
    })?;
    let mut simulation = Simulation {
        makespan_s: times.end.iter().copied().fold(0.0, f64::max),
        late: lateness(plan, &times),
        ..Simulation::default()
    };
    simulation.count(&graph);
    simulation.profile(&graph, &times);
    simulation.start_s = times.start;
    simulation.end_s = times.end;
    Ok(simulation)
}

fn lateness(plan: &Plan, times: &Times) -> Option<Late> {
    let late = plan.tasks.iter().zip(&times.start).enumerate().map(|(i, (task, start))| (i, start - task.start_s));
    let (task, by_s) = late.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    (by_s > SLACK * plan.makespan_s).then_some(Late { task: task as u32, by_s })
}

impl Simulation {
    /// Totals that do not depend on when things happened, and static energy.
    fn count(&mut self, graph: &Graph<'_>) {
        let plan = graph.plan;
        let mut total = Sum::default();
        let mut component: BTreeMap<Name, Sum> = BTreeMap::new();
        let mut layer: IndexMap<&str, Sum> = IndexMap::new();
        let mut op: BTreeMap<Name, Sum> = BTreeMap::new();
        let mut moved: BTreeMap<Name, Sum> = BTreeMap::new();
        let mut busy = vec![Sum::default(); plan.resources.len()];
        for (task, holds) in plan.tasks.iter().zip(&graph.holds) {
            let of_layer = layer.entry(layer_of(&task.name)).or_default();
            let of_op = op.entry(task.op.clone()).or_default();
            for (name, joules) in &task.energy_j {
                for sum in [&mut total, &mut *of_layer, &mut *of_op, component.entry(name.clone()).or_default()] {
                    sum.add(*joules);
                }
            }
            for (memory, bytes) in &task.moved_bytes {
                moved.entry(memory.clone()).or_default().add(*bytes);
            }
            holds.iter().for_each(|&(resource, held)| busy[resource].add(held));
        }
        let values = |sums: BTreeMap<Name, Sum>| sums.into_iter().map(|(name, sum)| (name, sum.value())).collect();
        self.energy.dynamic_j = total.value();
        self.energy.by_component_j = values(component);
        self.energy.by_layer_j = layer.into_iter().map(|(name, sum)| (name.into(), sum.value())).collect();
        self.energy.by_op_j = values(op);
        self.moved_bytes = values(moved);
        self.busy_s = plan.resources.iter().zip(busy).map(|(r, sum)| (r.name.clone(), sum.value())).collect();
        for (name, watts) in &plan.static_power_w {
            *self.energy.static_j.entry(name.clone()).or_default() += watts * self.makespan_s;
        }
    }

    /// What happened over time.
    fn profile(&mut self, graph: &Graph<'_>, times: &Times) {
        let mut power: BTreeMap<Name, ProfileBuilder> = BTreeMap::new();
        let mut traffic: BTreeMap<Name, ProfileBuilder> = BTreeMap::new();
        let mut on_chip = ProfileBuilder::default();
        for (index, task) in graph.plan.tasks.iter().enumerate() {
            let (start, end) = (times.start[index], times.end[index]);
            for (name, joules) in &task.energy_j {
                power.entry(name.clone()).or_default().spread(start, end, *joules);
            }
            for (memory, bytes) in &task.moved_bytes {
                traffic.entry(memory.clone()).or_default().spread(start, end, *bytes);
            }
            let reads = |r: &&usize| graph.plan.tasks[**r].reads().iter().any(|&b| b as usize == index);
            let last = graph.readers[index].iter().filter(reads).map(|&r| times.end[r]).reduce(f64::max);
            on_chip.hold(end, last.unwrap_or(self.makespan_s), task.result_bytes as f64);
        }
        let finish = |all: BTreeMap<Name, ProfileBuilder>| all.into_iter().map(|(n, b)| (n, b.finish())).collect();
        self.power_w = finish(power);
        self.traffic = finish(traffic);
        self.on_chip_bytes = on_chip.finish();
    }
}
