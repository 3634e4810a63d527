//! What a bound on the makespan rests on, in words.

use prism_hardware::Time;
use prism_solve::extraction::ClassId;
use prism_solve::{latency, schedule};

/// What a bound over choices and schedules rests on. `resource` and `class` name things; no class is the end.
pub(crate) fn over_choices(
    binding: &latency::Binding,
    resource: &dyn Fn(u32) -> String,
    class: &dyn Fn(ClassId) -> Option<String>,
) -> String {
    match binding {
        latency::Binding::Stretches { count, longest: (from, to), resource: by } => {
            let from = from.map_or(Some("the beginning".to_string()), class).unwrap_or_else(|| "the end".into());
            let to = class(*to).unwrap_or_else(|| "the end".into());
            let by = by.map_or("a path".to_string(), |r| format!("resource {}", resource(r)));
            let place = if from == to { format!("within {to}") } else { format!("from {from} to {to}") };
            match count {
                0 | 1 => format!("{by} {place}"),
                count => format!("{count} stretches one after the other, the longest {place} by {by}"),
            }
        }
        latency::Binding::Resource(r) => format!("resource {}", resource(*r)),
        latency::Binding::Mix(weights) => {
            let share = |(r, weight): &(u32, f64)| format!("{} ({:.0} %)", resource(*r), 100.0 * weight);
            format!("resources {} together", weights.iter().map(share).collect::<Vec<_>>().join(", "))
        }
    }
}

/// What a bound over the schedules of one assignment rests on. `task` names tasks.
pub(crate) fn over_schedules(
    binding: &schedule::Binding,
    resource: &dyn Fn(u32) -> String,
    task: &dyn Fn(u32) -> String,
) -> String {
    match binding {
        schedule::Binding::Path(tasks) => {
            let [first, last] = [tasks.first(), tasks.last()].map(|t| t.map_or("?".into(), |t| task(*t)));
            format!("path of {} tasks from {first} to {last}", tasks.len())
        }
        schedule::Binding::Resource { resource: r, head, load, tail } => {
            let [head, load, tail] = [*head, *load, *tail].map(Time);
            format!("resource {}: {load} of work, {head} before it and {tail} after it", resource(*r))
        }
    }
}
