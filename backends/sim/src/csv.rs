//! A run as a table, one row per task.

use crate::layer::layer_of;
use crate::plan::{Name, Plan, PlanTask};
use crate::simulation::Simulation;
use crate::sum::sum;
use std::collections::BTreeSet;

/// Amounts of a task by name.
type Entries = fn(&PlanTask) -> &[(Name, f64)];

/// Comma-separated values (RFC 4180) with a header: `task, name, layer, op, kernel, unit, start_s, end_s,
/// energy_j, result_bytes`, then one column per energy component (`energy_j:dac`), memory
/// (`moved_bytes:dram`) and resource held (`busy_s:ptu`), by name. Numbers come back exactly.
pub fn tasks(plan: &Plan, simulation: &Simulation) -> String {
    let groups: [(&str, Entries); 3] =
        [("energy_j", |t| &t.energy_j), ("moved_bytes", |t| &t.moved_bytes), ("busy_s", |t| &t.busy_s)];
    let names = |list: Entries| -> BTreeSet<&Name> { plan.tasks.iter().flat_map(list).map(|e| &e.0).collect() };
    let columns: Vec<_> = groups.iter().flat_map(|g| names(g.1).into_iter().map(move |n| (g, n))).collect();
    let mut out = String::from("task,name,layer,op,kernel,unit,start_s,end_s,energy_j,result_bytes");
    for ((group, _), name) in &columns {
        out.push(',');
        out.push_str(&field(&format!("{group}:{name}")));
    }
    out.push('\n');
    let times = simulation.start_s.iter().zip(&simulation.end_s);
    for (index, (task, (start, end))) in plan.tasks.iter().zip(times).enumerate() {
        let texts = [&*task.name, layer_of(&task.name), &task.op, &task.kernel, &task.unit].map(field);
        let energy = sum(task.energy_j.iter().map(|e| e.1));
        out.push_str(&format!("{index},{},{start:?},{end:?},{energy:?},{}", texts.join(","), task.result_bytes));
        for ((_, entries), name) in &columns {
            let amount = sum(entries(task).iter().filter(|e| e.0 == **name).map(|e| e.1));
            out.push_str(&if amount == 0.0 { ",0".into() } else { format!(",{amount:?}") });
        }
        out.push('\n');
    }
    out
}

fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into() }
}
