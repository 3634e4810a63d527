//! `plan` IR as the simulator's data. Everything comes from the IR: a plan that was dumped and read again gives the same.

use prism_dialects::{Attr, Attrs, Body, Level, Loc, Module, Op};
use prism_sim::{Kind, Name, Plan, PlanTask, Resource};
use prism_support::codes::{E0402, E0801};
use prism_support::{Diagnostic, Diagnostics, Place, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The one function of a program.
///
/// # Errors
/// [`E0402`] when it has none or several.
pub fn only_body(module: &Module) -> Result<&Body> {
    match module.bodies.as_slice() {
        [body] => Ok(body),
        bodies => {
            let names: Vec<String> = bodies.iter().take(8).map(|b| format!("@{}", b.name)).collect();
            Err(Diagnostic::error(&E0402, "a plan is made of one function")
                .found(format!("{} functions: {}", bodies.len(), names.join(", ")))
                .allowed("one function, with what it calls written out")
                .into())
        }
    }
}

/// The plan that a module of level `plan` describes.
///
/// # Errors
/// [`E0402`] for other levels or several functions, [`E0801`] for attributes of the plan that are missing or of another
/// kind.
pub fn export(module: &Module) -> Result<Plan> {
    let body = only_body(module)?;
    // A plan without work has no task to say that it is one.
    if module.level() != Level::Plan && !body.attrs.contains_key("plan.schedule") {
        let d = Diagnostic::error(&E0402, format!("`@{}` is not a plan", body.name));
        return Err(d.found(format!("level {}", module.level())).allowed("level plan").into());
    }
    Export { body, names: BTreeSet::new(), problems: Diagnostics::new() }.plan()
}

struct Export<'a> {
    body: &'a Body,
    /// Names that many tasks share.
    names: BTreeSet<Name>,
    problems: Diagnostics,
}

impl Export<'_> {
    fn plan(mut self) -> Result<Plan> {
        // For each event, the task that it is the end of.
        let mut task_of: Vec<Option<u32>> = vec![None; self.body.types.len()];
        let mut tasks = Vec::with_capacity(self.body.ops.len());
        for op in self.body.ops.iter().filter(|op| op.name() == "plan.task") {
            let after = op.operands.iter().filter_map(|v| task_of.get(v.index()).copied().flatten()).collect();
            tasks.push(self.task(op, after));
            if let Some(slot) = op.result().and_then(|r| task_of.get_mut(r.index())) {
                *slot = u32::try_from(tasks.len() - 1).ok();
            }
        }
        let resources = self.resources();
        let schedule = self.body.attrs.get("plan.schedule").and_then(Attr::as_dict);
        let makespan_s = schedule.and_then(|s| s.get("makespan_s")).and_then(Attr::as_float);
        let makespan_s = makespan_s.unwrap_or_else(|| {
            self.missing("plan.schedule.makespan_s", "a float (0.5 : f64)");
            0.0
        });
        self.problems.into_result(Plan { resources, tasks, makespan_s, static_power_w: Vec::new() })
    }

    fn name(&mut self, text: &str) -> Name {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let name: Name = Arc::from(text);
        self.names.insert(name.clone());
        name
    }

    fn text(&mut self, attrs: &Attrs, key: &str) -> Name {
        let text = attrs.get(key).and_then(Attr::as_str).unwrap_or("");
        self.name(text)
    }

    fn amounts(&mut self, attrs: &Attrs, key: &str) -> Vec<(Name, f64)> {
        let Some(entries) = attrs.get(key).and_then(Attr::as_dict) else { return Vec::new() };
        let number = |v: &Attr| v.as_float().or(v.as_int().map(|i| i as f64));
        entries.iter().filter_map(|(k, v)| Some((self.name(k), number(v)?))).collect()
    }

    fn task(&mut self, op: &Op, after: Vec<u32>) -> PlanTask {
        let float = |key: &str| op.attr(key).and_then(Attr::as_float).unwrap_or(0.0);
        PlanTask {
            name: self.name(shown(&op.loc, op)),
            op: self.text(&op.attrs, "op"),
            kernel: self.text(&op.attrs, "kernel"),
            unit: self.text(&op.attrs, "unit"),
            after,
            waits: op.attr("waits").and_then(Attr::as_int).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
            start_s: float("start_s"),
            latency_s: float("latency_s"),
            busy_s: self.amounts(&op.attrs, "busy_s"),
            energy_j: self.amounts(&op.attrs, "energy_j"),
            moved_bytes: self.amounts(&op.attrs, "moved_bytes"),
            result_bytes: op
                .attr("result_bytes")
                .and_then(Attr::as_int)
                .and_then(|n| u64::try_from(n).ok())
                .unwrap_or(0),
            tiling: self.amounts(&op.attrs, "tiling"),
        }
    }

    fn resources(&mut self) -> Vec<Resource> {
        let Some(list) = self.body.attrs.get("plan.resources").and_then(Attr::as_list) else {
            self.missing("plan.resources", "a list of {name, kind, capacity}");
            return Vec::new();
        };
        let mut out = Vec::with_capacity(list.len());
        for (i, entry) in list.iter().enumerate() {
            let field = |key: &str| entry.as_dict().and_then(|e| e.get(key));
            let (name, kind) = (field("name").and_then(Attr::as_str), field("kind").and_then(Attr::as_str));
            let kind = match kind {
                Some("electronic" | "photonic") => Some(Kind::Unit),
                Some("link" | "memory") => Some(Kind::Path),
                Some("converter") => Some(Kind::Converter),
                _ => None,
            };
            let capacity = match field("capacity") {
                None => Some(None),
                Some(n) => n.as_int().and_then(|n| u32::try_from(n).ok()).map(Some),
            };
            match (name, kind, capacity) {
                (Some(name), Some(kind), Some(capacity)) => {
                    let name = self.name(name);
                    out.push(Resource { name, capacity, kind });
                }
                _ => self.missing(
                    &format!("entry {i} of `plan.resources`"),
                    "{name = \"...\", kind = \"electronic\", \"photonic\", \"converter\", \"link\" or \"memory\", capacity = N : i64}",
                ),
            }
        }
        out
    }

    fn missing(&mut self, what: &str, allowed: &str) {
        let place = Place::Op { name: format!("@{}", self.body.name), op: "func.func".into() };
        let d = Diagnostic::error(&E0801, format!("the plan lacks {what}, or it is of another kind"));
        self.problems.push(d.at(place).allowed(allowed).hint("`prism compile --to plan` writes it"));
    }
}

/// The user's name for a task; the operation where there is none.
fn shown<'a>(loc: &'a Loc, op: &'a Op) -> &'a str {
    match loc.names.first() {
        Some(name) => name,
        None => op.attr("op").and_then(Attr::as_str).unwrap_or("?"),
    }
}

#[cfg(test)]
mod tests {
    use super::export;
    use prism_dialects::{Attr, Attrs, Body, Holder, Loc, Module, Type, registry};

    fn dict<const N: usize>(entries: [(&str, Attr); N]) -> Attr {
        Attr::dict(entries.into_iter().map(|(k, v)| (k.to_string(), v)).collect())
    }

    fn task(energy: f64, start: f64) -> Attrs {
        let task = dict([
            ("op", Attr::str("elec.kernel")),
            ("kernel", Attr::str("nn.add")),
            ("unit", Attr::str("cpu")),
            ("start_s", Attr::float(start)),
            ("latency_s", Attr::float(2.0)),
            ("busy_s", dict([("cpu", Attr::float(2.0))])),
            ("energy_j", dict([("compute", Attr::float(energy))])),
            ("moved_bytes", dict([])),
            ("result_bytes", Attr::Int(4)),
        ]);
        task.as_dict().cloned().unwrap_or_default()
    }

    fn plan() -> Module {
        let mut body = Body::new("main", Holder::Func);
        let def = registry::op("plan.task");
        let first = body.push(def, &[], task(1.0, 0.0), Type::Event, Loc::name("a.0.x"));
        let second = body.push(def, &[first], task(2.5, 2.0), Type::Event, Loc::default());
        body.results = vec![second];
        let cpu = dict([("name", Attr::str("cpu")), ("kind", Attr::str("electronic")), ("capacity", Attr::Int(1))]);
        body.attrs.insert("plan.resources".into(), Attr::List(vec![cpu]));
        body.attrs.insert("plan.schedule".into(), dict([("makespan_s", Attr::float(4.0))]));
        Module { attrs: Attrs::new(), bodies: vec![body] }
    }

    #[test]
    fn tasks_and_resources_come_over_whole() {
        let plan = export(&plan()).expect("a plan");
        assert_eq!(plan.tasks[1].after, [0]);
        assert_eq!((&*plan.tasks[0].name, &*plan.tasks[1].name), ("a.0.x", "elec.kernel"));
        let run = prism_sim::simulate(&plan).expect("runs");
        assert_eq!((run.makespan_s, run.energy.dynamic_j), (4.0, 3.5));
    }

    #[test]
    fn a_plan_that_says_too_little_names_everything_that_lacks() {
        let mut module = plan();
        module.bodies[0].attrs.clear();
        let problems = export(&module).expect_err("nothing said");
        assert_eq!(problems.0.iter().map(|d| d.code.name).collect::<Vec<_>>(), ["E0801", "E0801"]);
        module.bodies.clear();
        assert_eq!(export(&module).expect_err("no function").0[0].code.name, "E0402");
    }
}
