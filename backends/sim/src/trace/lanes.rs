//! Tracks: one per resource, and more lanes where its tasks overlap.

use super::clock::{Tick, duration, tick};
use super::{Slice, process_of};
use crate::plan::{Name, Plan};
use crate::simulation::Simulation;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// A row of the trace; its slices do not overlap.
pub(super) struct Track {
    pub(super) pid: u32,
    pub(super) tid: u32,
    pub(super) name: String,
    pub(super) slices: Vec<Slice>,
}

/// All tracks, in the order of the plan's resources. A resource that nothing uses has none.
pub(super) fn tracks(plan: &Plan, simulation: &Simulation, spans: &[(Tick, Tick)]) -> Vec<Track> {
    let mut by_resource: BTreeMap<&Name, Vec<Slice>> = BTreeMap::new();
    for (index, (task, &(start, end))) in plan.tasks.iter().zip(spans).enumerate() {
        // A unit's track shows how long the unit is taken; what its result still needs to arrive is `latency_s`.
        let held = task.busy_s.iter().find(|(name, held)| *name == task.unit && *held > 0.0).map(|(_, held)| *held);
        let end = held.map_or(end, |held| tick(simulation.start_s[index] + held));
        by_resource.entry(&task.unit).or_default().push(Slice { start, end, shown: 0, task: index, main: true });
        for (name, held) in task.busy_s.iter().filter(|(name, held)| *name != task.unit && *held > 0.0) {
            let end = tick(simulation.start_s[index] + held);
            by_resource.entry(name).or_default().push(Slice { start, end, shown: 0, task: index, main: false });
        }
    }
    let mut tracks = Vec::new();
    for resource in &plan.resources {
        let Some(slices) = by_resource.remove(&resource.name) else { continue };
        for (lane, slices) in lanes(slices).into_iter().enumerate() {
            let name = if lane == 0 { resource.name.to_string() } else { format!("{} ({})", resource.name, lane + 1) };
            // Thread ids are unique over all processes: some viewers ignore the process.
            let tid = u32::try_from(tracks.len()).unwrap_or(u32::MAX).saturating_add(1);
            tracks.push(Track { pid: process_of(resource.kind), tid, name, slices });
        }
    }
    tracks
}

/// Spreads slices over the fewest lanes in which none overlap, each on the first lane that is free.
fn lanes(mut slices: Vec<Slice>) -> Vec<Vec<Slice>> {
    slices.sort_by_key(|s| (s.start, s.end, s.task));
    let mut lanes: Vec<Vec<Slice>> = Vec::new();
    let mut busy: BinaryHeap<Reverse<(Tick, usize)>> = BinaryHeap::new();
    let mut free: BTreeSet<usize> = BTreeSet::new();
    for slice in slices {
        while let Some(&Reverse((end, lane))) = busy.peek()
            && end <= slice.start
        {
            busy.pop();
            free.insert(lane);
        }
        let lane = free.pop_first().unwrap_or(lanes.len());
        if lane == lanes.len() {
            lanes.push(Vec::new());
        }
        lanes[lane].push(slice);
        busy.push(Reverse((slice.end.max(slice.start), lane)));
    }
    for lane in &mut lanes {
        for at in 0..lane.len() {
            let next = lane.get(at + 1).map(|s| s.start);
            lane[at].shown = duration(lane[at].start, lane[at].end, next);
        }
    }
    lanes
}
