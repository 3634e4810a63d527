//! A run as a Chrome trace (JSON), which <https://ui.perfetto.dev> opens.
//!
//! Format: "Trace Event Format" (Chromium project): `M` metadata, `X` complete events, `C` counters. All
//! times are simulated machine time in microseconds. What viewers demand and how it is met:
//! - Slices of one track must nest or not touch, or Perfetto drops them: concurrent tasks of one unit go
//!   to further lanes, `ptu (2)`.
//! - Viewers cut or round times to whole nanoseconds, while we write femtoseconds: see `clock.rs`.
//! - A task that takes no time is an `X` with duration 0, shown as a mark; its energy is drawn as a pulse
//!   of one nanosecond in the power counter, so that power summed over time is energy.

mod clock;
mod counters;
mod json;
mod lanes;

use crate::plan::{Kind, Name, Plan, PlanTask};
use crate::simulation::Simulation;
use clock::Tick;
use json::Json;

/// Process that holds the counters.
const COUNTERS: u32 = 1;

/// Processes of a trace in the order in which viewers show them: their id and name.
const PROCESSES: [(u32, &str); 4] = [
    (COUNTERS, "power and memory (simulated)"),
    (process_of(Kind::Unit), "units (simulated)"),
    (process_of(Kind::Path), "memory paths (simulated)"),
    (process_of(Kind::Converter), "converters (simulated)"),
];

const fn process_of(kind: Kind) -> u32 {
    match kind {
        Kind::Unit => 2,
        Kind::Path => 3,
        Kind::Converter => 4,
    }
}

/// One bar on one track.
#[derive(Clone, Copy, Debug)]
struct Slice {
    start: Tick,
    end: Tick,
    /// Duration as drawn: see [`clock::duration`].
    shown: Tick,
    task: usize,
    /// The bar of the unit that runs the task, which carries the figures; else that of a resource held.
    main: bool,
}

/// The trace of a run, in one canonical form: same run, same bytes.
///
/// `simulation` is that of `plan`; tasks that it has no times for are left out.
pub fn perfetto(plan: &Plan, simulation: &Simulation) -> Vec<u8> {
    let mut json = Json::with_capacity(plan.tasks.len() * 700 + 4096);
    json.object(|json| {
        json.key("displayTimeUnit").text("ns");
        json.key("otherData").object(|json| {
            json.key("clock").text("simulated machine time");
            json.key("makespan_s").number(simulation.makespan_s);
            json.key("dynamic_energy_j").number(simulation.energy.dynamic_j);
        });
        json.key("traceEvents").array(|json| events(json, plan, simulation));
    });
    json.finish()
}

fn events(json: &mut Json, plan: &Plan, simulation: &Simulation) {
    let spans = clock::spans(simulation);
    let tracks = lanes::tracks(plan, simulation, &spans);
    for (pid, name) in PROCESSES {
        if pid == COUNTERS || tracks.iter().any(|t| t.pid == pid) {
            metadata(json, "process_name", pid, None, |args| args.key("name").text(name));
            metadata(json, "process_sort_index", pid, None, |args| args.key("sort_index").whole(pid.into()));
        }
    }
    for track in &tracks {
        metadata(json, "thread_name", track.pid, Some(track.tid), |args| args.key("name").text(&track.name));
        let order = u64::from(track.tid);
        metadata(json, "thread_sort_index", track.pid, Some(track.tid), |args| args.key("sort_index").whole(order));
    }
    let mut slices: Vec<_> = tracks.iter().flat_map(|t| t.slices.iter().map(move |s| (t, s))).collect();
    // A mark without duration comes before the bar that begins where it stands, or it would nest in it.
    slices.sort_by_key(|(track, slice)| (slice.start, track.tid, slice.end, slice.task));
    for (track, slice) in slices {
        event(json, &plan.tasks[slice.task], track, slice);
    }
    counters::write(json, plan, simulation, &spans);
}

fn metadata(json: &mut Json, name: &str, pid: u32, tid: Option<u32>, args: impl FnOnce(&mut Json) -> &mut Json) {
    json.line().object(|json| {
        json.key("ph").text("M");
        json.key("name").text(name);
        json.key("pid").whole(pid.into());
        if let Some(tid) = tid {
            json.key("tid").whole(tid.into());
        }
        json.key("args").object(|json| {
            args(json);
        });
    });
}

fn event(json: &mut Json, task: &PlanTask, track: &lanes::Track, slice: &Slice) {
    json.line().object(|json| {
        json.key("ph").text("X");
        json.key("name").text(&task.name);
        json.key("cat").text(&task.op);
        json.key("pid").whole(track.pid.into());
        json.key("tid").whole(track.tid.into());
        json.key("ts").raw(&clock::micros(slice.start));
        json.key("dur").raw(&clock::micros(slice.shown));
        json.key("args").object(|json| {
            if !slice.main {
                json.key("held_by").text(&task.unit);
                // Booked on the main slice: the sum over all slices is the energy of the run.
                json.key("energy_j").number(0.0);
                return;
            }
            json.key("op").text(&task.op);
            if !task.kernel.is_empty() {
                json.key("kernel").text(&task.kernel);
            }
            json.key("latency_s").number(task.latency_s);
            json.key("energy_j").number(crate::sum::sum(task.energy_j.iter().map(|e| e.1)));
            amounts(json, "energy_by_component_j", &task.energy_j);
            amounts(json, "moved_bytes", &task.moved_bytes);
            if task.result_bytes > 0 {
                json.key("result_bytes").whole(task.result_bytes);
            }
            amounts(json, "tiling", &task.tiling);
        });
    });
}

fn amounts(json: &mut Json, key: &str, entries: &[(Name, f64)]) {
    if entries.is_empty() {
        return;
    }
    json.key(key).object(|json| {
        // A key may occur once in an object: entries of one name are added up.
        for (at, (name, _)) in entries.iter().enumerate() {
            if entries[..at].iter().all(|e| e.0 != *name) {
                let same = entries.iter().filter(|e| e.0 == *name).map(|e| e.1);
                json.key(name).number(crate::sum::sum(same));
            }
        }
    });
}
