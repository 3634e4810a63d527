//! How long the parts of a command take, for `--timing`. Never in a report.

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Instant;

/// Times of the parts of a command, in order.
#[derive(Debug)]
pub struct Phases {
    start: Instant,
    rows: Vec<(&'static str, f64, f64)>,
}

impl Default for Phases {
    fn default() -> Self {
        Phases { start: Instant::now(), rows: Vec::new() }
    }
}

/// Processor time of the process so far, all threads, seconds.
fn cpu_s() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    // Whole seconds and nanoseconds of one process fit a double exactly enough to show.
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

impl Phases {
    /// Runs `work` as the phase `name`.
    pub fn time<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let (wall, cpu) = (Instant::now(), cpu_s());
        let out = work();
        self.rows.push((name, wall.elapsed().as_secs_f64(), cpu_s() - cpu));
        out
    }

    /// As a table in milliseconds; `total` counts from the start of the process on the processor, from the start of the
    /// command on the wall clock.
    pub fn text(&self) -> String {
        let mut out = format!("{:<32} {:>12} {:>12}\n", "command", "wall", "cpu");
        let mut row = |name: &str, wall: f64, cpu: f64| {
            let _ = writeln!(out, "{name:<32} {:>9.3} ms {:>9.3} ms", wall * 1e3, cpu * 1e3);
        };
        row("total", self.start.elapsed().as_secs_f64(), cpu_s());
        for (name, wall, cpu) in &self.rows {
            row(&format!("  {name}"), *wall, *cpu);
        }
        out
    }

    /// The same as JSON, seconds: `{total, phases: [{name, wall_s, cpu_s}]}`.
    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|(n, w, c)| json!({ "name": n, "wall_s": w, "cpu_s": c }));
        let total = json!({ "wall_s": self.start.elapsed().as_secs_f64(), "cpu_s": cpu_s() });
        json!({ "total": total, "phases": rows.collect::<Vec<_>>() })
    }
}
