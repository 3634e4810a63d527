//! The plan as plain data.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A name that many tasks share: a unit, a memory, a component of energy.
pub type Name = Arc<str>;

/// What a resource is; decides the group of tracks in which a trace shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It computes.
    #[default]
    Unit,
    /// It moves data between memories.
    Path,
    /// It turns bits into light or light into bits.
    Converter,
}

/// Something on which tasks run or which they hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The target's name for it, such as `ptu` or `dram -> sram`.
    pub name: Name,
    /// How many tasks can hold it at the same time; `None` when that is not limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// What it is.
    #[serde(default)]
    pub kind: Kind,
}

/// One piece of work on one unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanTask {
    /// The user's name for it, such as `transformer.h.3.attn.c_attn`.
    pub name: Name,
    /// The operation that it does, such as `ptu.matmul`.
    pub op: Name,
    /// The tensor operation behind it, such as `nn.matmul`, or several, joined by `+`; empty for a transfer.
    #[serde(default)]
    pub kernel: Name,
    /// The resource that does it; its track in the trace.
    pub unit: Name,
    /// Positions in [`Plan::tasks`] of the tasks that it waits for, first those whose results it reads.
    #[serde(default)]
    pub after: Vec<u32>,
    /// How many of the last entries of `after` it waits for without reading their results: until there is room for its own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waits: u32,
    /// Planned start, seconds. Only the order of the starts binds the simulator.
    pub start_s: f64,
    /// Start to result, seconds.
    pub latency_s: f64,
    /// Resources that it holds from its start on, seconds each; not longer than the latency.
    #[serde(default)]
    pub busy_s: Vec<(Name, f64)>,
    /// Dynamic energy, joules by component such as `dac` or `sram.read`.
    #[serde(default)]
    pub energy_j: Vec<(Name, f64)>,
    /// Traffic, bytes by memory.
    #[serde(default)]
    pub moved_bytes: Vec<(Name, f64)>,
    /// Bytes that its result takes on chip until its last reader has run.
    #[serde(default)]
    pub result_bytes: u64,
    /// Closed form of the loop that was not unrolled: tiles, passes, cycles. Shown, not used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiling: Vec<(Name, f64)>,
}

impl PlanTask {
    /// Whether a matrix product is what it does, or among it.
    pub fn is_product(&self) -> bool {
        self.kernel.split('+').any(|op| op == "nn.matmul")
    }

    /// The tasks whose results it reads.
    pub fn reads(&self) -> &[u32] {
        let reads = self.after.len().saturating_sub(self.waits as usize);
        self.after.get(..reads).unwrap_or(&self.after)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Tasks placed on units and timed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Everything that a task names as its unit or holds.
    pub resources: Vec<Resource>,
    /// The work.
    pub tasks: Vec<PlanTask>,
    /// Planned end of the last task, seconds.
    pub makespan_s: f64,
    /// Power drawn all the time, watts by component; billed over the makespan, apart from dynamic energy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub static_power_w: Vec<(Name, f64)>,
}
