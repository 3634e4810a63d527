//! Wall-clock and processor time of the steps of a run.

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::time::Instant;

/// How long something took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    /// Wall-clock time, seconds.
    pub wall_s: f64,
    /// Processor time of the whole process, solver threads included, seconds.
    pub cpu_s: f64,
}

impl Span {
    /// Both together.
    pub fn plus(self, other: Span) -> Span {
        Span { wall_s: self.wall_s + other.wall_s, cpu_s: self.cpu_s + other.cpu_s }
    }

    pub(super) fn json(self) -> Value {
        json!({ "wall_s": self.wall_s, "cpu_s": self.cpu_s })
    }
}

/// Times of a run outside its passes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// The whole run.
    pub total: Span,
    /// From MLIR to plain programs, with the check of what was read.
    pub read: Span,
    /// From plain programs to MLIR, with MLIR's verifier.
    pub write: Span,
    /// Printing, diffs, dumps.
    pub observe: Span,
}

/// A running clock.
pub(super) struct Stopwatch {
    wall: Instant,
    cpu_s: f64,
}

fn cpu_s() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    // Whole seconds and nanoseconds of one process fit a double exactly enough for a report.
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

impl Stopwatch {
    pub(super) fn start() -> Stopwatch {
        Stopwatch { wall: Instant::now(), cpu_s: cpu_s() }
    }

    pub(super) fn stop(&self) -> Span {
        Span { wall_s: self.wall.elapsed().as_secs_f64(), cpu_s: cpu_s() - self.cpu_s }
    }
}

/// Runs `work` and adds its time to `into`.
pub(super) fn timed<T>(into: &mut Span, work: impl FnOnce() -> T) -> T {
    let watch = Stopwatch::start();
    let out = work();
    *into = into.plus(watch.stop());
    out
}
