//! What each pass did: counters, operation counts, details; as a table and as JSON.

use super::timing::{Span, Timing};
use prism_dialects::Module;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many operations of each name a program has.
pub type OpCounts = BTreeMap<&'static str, u64>;

/// Counts the operations of a module.
pub fn count_ops(module: &Module) -> OpCounts {
    let mut out = OpCounts::new();
    for op in module.bodies.iter().flat_map(|b| &b.ops) {
        *out.entry(op.name()).or_default() += 1;
    }
    out
}

/// What one step of a pipeline did.
#[derive(Clone, Debug)]
pub struct Record {
    /// The pass's name.
    pub pass: String,
    /// The step as it would be written, with its options.
    pub step: String,
    /// Time in the pass itself.
    pub ran: Span,
    /// Time in verifying what it left.
    pub verified: Span,
    /// Its counters, in order of declaration.
    pub counters: Vec<(&'static str, u64)>,
    /// Facts that are more than a number.
    pub details: Vec<(&'static str, Value)>,
    /// Operations before it; `None` where the program has operations of other dialects.
    pub before: Option<OpCounts>,
    /// Operations after it.
    pub after: Option<OpCounts>,
}

impl Record {
    /// Operation counts that differ: name, before, after.
    pub fn changed_counts(&self) -> Vec<(&'static str, u64, u64)> {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return Vec::new() };
        let mut names: Vec<&'static str> = before.keys().chain(after.keys()).copied().collect();
        names.sort_unstable();
        names.dedup();
        let at = |counts: &OpCounts, name| counts.get(name).copied().unwrap_or(0);
        let rows = names.into_iter().map(|n| (n, at(before, n), at(after, n)));
        rows.filter(|(_, b, a)| a != b).collect()
    }

    fn totals(&self) -> Option<(u64, u64)> {
        Some((self.before.as_ref()?.values().sum(), self.after.as_ref()?.values().sum()))
    }
}

/// Everything a run recorded.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// One per step, in order.
    pub steps: Vec<Record>,
    /// Reading from and writing to MLIR, printing, and the run as a whole.
    pub timing: Timing,
}

impl Records {
    /// The table of `--stats`. No times in it: the same input gives the same text.
    pub fn stats_text(&self) -> String {
        let mut out = String::new();
        for record in &self.steps {
            let _ = writeln!(out, "{}", record.step);
            for (name, n) in &record.counters {
                let _ = writeln!(out, "  {name:<24} {n:>10}");
            }
            if let Some((before, after)) = record.totals() {
                let _ = writeln!(out, "  {:<24} {before:>10} -> {after}", "operations");
            }
            for (name, before, after) in record.changed_counts() {
                let _ = writeln!(out, "    {name:<22} {before:>10} -> {after}");
            }
            for (key, value) in &record.details {
                let _ = writeln!(out, "  {key}: {value}");
            }
        }
        out
    }

    /// The same as JSON: `[{pass, step, counters, details, ops_before, ops_after}]`.
    pub fn stats_json(&self) -> Value {
        let rows = self.steps.iter().map(|r| {
            let counters: serde_json::Map<String, Value> =
                r.counters.iter().map(|(k, v)| ((*k).to_string(), json!(v))).collect();
            let details: Vec<Value> = r.details.iter().map(|(k, v)| json!({ "key": k, "value": v })).collect();
            json!({
                "pass": r.pass,
                "step": r.step,
                "counters": counters,
                "details": details,
                "ops_before": r.before,
                "ops_after": r.after,
            })
        });
        Value::Array(rows.collect())
    }

    /// The tree of `--timing`.
    pub fn timing_text(&self) -> String {
        let mut out = format!("{:<32} {:>12} {:>12}\n", "timing", "wall", "cpu");
        let mut row = |indent: usize, name: &str, span: Span| {
            let name = format!("{:indent$}{name}", "");
            let _ = writeln!(out, "{name:<32} {:>9.3} ms {:>9.3} ms", span.wall_s * 1e3, span.cpu_s * 1e3);
        };
        row(0, "total", self.timing.total);
        row(2, "read from MLIR", self.timing.read);
        for record in &self.steps {
            row(2, &record.pass, record.ran.plus(record.verified));
            row(4, "run", record.ran);
            row(4, "verify", record.verified);
        }
        row(2, "write to MLIR", self.timing.write);
        row(2, "observe", self.timing.observe);
        out
    }

    /// The same as JSON, seconds: `{total, read, write, observe, passes: [{pass, run, verify}]}`, each `{wall_s, cpu_s}`.
    pub fn timing_json(&self) -> Value {
        let t = &self.timing;
        let passes =
            self.steps.iter().map(|r| json!({ "pass": r.pass, "run": r.ran.json(), "verify": r.verified.json() }));
        json!({
            "total": t.total.json(),
            "read": t.read.json(),
            "write": t.write.json(),
            "observe": t.observe.json(),
            "passes": passes.collect::<Vec<_>>(),
        })
    }
}
