//! `extract`: the best assignment in the stacked graph, with its bound.

use super::capacity;
use super::coverage;
use super::goal::{Goal, Timed};
use crate::manager::{Change, CounterDef, OptionDef, OptionKind, PassCx, PassInfo};
use crate::plan::kernels::computed;
use prism_dialects::{Attr, Attrs, Body, Holder, Level, Module, Op, Type, ValueId};
use prism_hardware::Target;
use prism_solve::extraction::{self, Class, ClassId, Node, NodeIndex, Problem, Solution};
pub use prism_solve::latency::{MEASURES, Measure, Question};
use prism_solve::serialized::Serialized;
use prism_support::codes::{E0402, E0802, W0702};
use prism_support::{Diagnostic, Result};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};

/// The pass.
pub static PASS: PassInfo = PassInfo {
    name: "extract",
    page: include_str!("extract.md"),
    from: &[Level::Stack],
    to: Change::To(Level::Assigned),
    options: &[
        OptionDef {
            name: "objective",
            kind: OptionKind::Text,
            default: "energy",
            doc: "what is least: `energy`, the sum of dynamic energy, exactly; `latency`, the makespan; `total-energy`, \
                  with what idle parts draw; `edp`, that times the makespan; or a product such as `energy^2*latency`",
        },
        OptionDef {
            name: "max-latency",
            kind: OptionKind::Float { min: 0.0, max: f64::MAX },
            default: "0.0",
            doc: "longest makespan allowed, seconds; 0 for any",
        },
        OptionDef {
            name: "max-energy",
            kind: OptionKind::Float { min: 0.0, max: f64::MAX },
            default: "0.0",
            doc: "most dynamic energy allowed, joules; 0 for any",
        },
        OptionDef {
            name: "pareto",
            kind: OptionKind::Int { min: 0, max: 1_000 },
            default: "0",
            doc: "plans between the fastest and the one that takes least, written to the function as `stack.pareto`",
        },
        OptionDef {
            name: "strategy",
            kind: OptionKind::Choice(&["exact", "greedy", "greedy-dag"]),
            default: "exact",
            doc: "`exact` proves its answer; `greedy` and `greedy-dag` are baselines, shown with the exact bound",
        },
        OptionDef {
            name: "verify",
            kind: OptionKind::Bool,
            default: "false",
            doc: "solve the whole segment again as a mixed-integer program (HiGHS) and require the same cost",
        },
    ],
    counters: &[
        CounterDef { name: "classes", doc: "e-classes of the problem" },
        CounterDef { name: "nodes", doc: "e-nodes of the problem that a machine can do" },
        CounterDef { name: "chosen", doc: "operations of the answer" },
        CounterDef { name: "on-light", doc: "products done by light" },
        CounterDef { name: "undecided", doc: "classes left after simplification" },
    ],
    needs_target: false,
    run,
};

/// An extraction problem with the way back to the IR.
#[derive(Clone)]
pub struct Encoded {
    /// Classes, nodes, costs, roots.
    pub problem: Problem,
    /// For each class and node, the operation it stands for; `None` for an argument.
    pub(super) ops: Vec<Vec<Option<usize>>>,
    /// The value that stands for each class.
    pub(super) values: Vec<ValueId>,
}

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let mut out = Vec::with_capacity(module.bodies.len());
    for body in &module.bodies {
        out.push(extract_body(body, cx)?);
    }
    module.bodies = out;
    Ok(())
}

fn extract_body(body: &Body, cx: &mut PassCx<'_>) -> Result<Body> {
    check(body, cx.target().ok())?;
    let goal = Goal::of(cx)?;
    let encoded = encode(body, "energy");
    let name = |c: ClassId| class_name(body, &encoded, c);
    coverage::makes_results(body, &encoded.problem, &name)?;
    let best = capacity::solve(body, &encoded)?;
    let verified = match cx.flag("verify") {
        true => Some(extraction::agree(&encoded.problem, &best, &body.name)?),
        false => None,
    };
    let (solution, more) = match goal.is_energy() || keeps_limits(body, &encoded, &best, &goal, cx)? {
        true => least_energy(body, &encoded, best, &goal, cx)?,
        false => {
            let only = match cx.text("strategy") {
                "greedy" => Some(extraction::greedy(&encode(body, "latency").problem)?),
                "greedy-dag" => Some(extraction::greedy_dag(&encode(body, "latency").problem)?),
                _ => None,
            };
            let rebuild = |s: &Solution| rebuild(body, &encoded, s);
            let timed = Timed::new(body, cx.target()?, &encoded, names(body, &encoded), &rebuild);
            timed.decide(&goal, only)?
        }
    };
    let mut chosen = rebuild(body, &encoded, &solution);
    let mut facts = facts(&goal.question.measure.to_string(), cx.text("strategy"), &solution, &encoded);
    facts.extend(more);
    let pareto = facts.remove("pareto");
    facts.insert("candidates".into(), Attr::Int(candidates(body, &encoded, &solution) as i64));
    let joined = joined(body, &encoded, &solution);
    facts.extend((joined > 0).then(|| ("joined".to_string(), Attr::Int(joined as i64))));
    // Energies add up, makespans do not: whatever is asked for, it is the least energy that can be solved in another way.
    facts.extend(verified.map(|v| ("verified".to_string(), Attr::str(format!("the least energy: {v}")))));
    chosen.attrs.insert("stack.extraction".into(), Attr::dict(facts));
    chosen.attrs.extend(pareto.map(|p| ("stack.pareto".to_string(), p)));
    chosen.attrs.extend(capacity::held(&chosen).map(|held| (capacity::HELD.to_string(), held)));
    cx.count("classes", encoded.problem.classes.len() as u64);
    cx.count("nodes", encoded.problem.classes.iter().map(|c| c.nodes.len() as u64).sum());
    cx.count("chosen", chosen.ops.len() as u64);
    cx.count("on-light", chosen.ops.iter().filter(|op| on_light(op)).count() as u64);
    cx.count("undecided", solution.stats.reduced.0 as u64);
    Ok(chosen)
}

/// Refuses a segment that was priced on another machine than `target`, and one without views of its results.
pub(super) fn check(body: &Body, target: Option<&Target>) -> Result<()> {
    if let Some(target) = target {
        super::price::check_target(body, target)?;
    }
    let Some(maths) = body.results.iter().find(|r| body.ty(**r).view().is_none()) else { return Ok(()) };
    Err(Diagnostic::error(&E0402, format!("segment `{}` returns maths, which no machine holds", body.name))
        .found(body.ty(*maths).to_string())
        .allowed("views of tensors")
        .hint("run `saturate{phase=realise}` before `extract`")
        .into())
}

/// Whether the assignment of least energy is asked for under limits, and keeps them: then it is the answer, with its proof.
fn keeps_limits(body: &Body, encoded: &Encoded, best: &Solution, goal: &Goal, cx: &mut PassCx<'_>) -> Result<bool> {
    if goal.question.measure != Measure::Energy || !best.proven || cx.text("strategy") != "exact" {
        return Ok(false);
    }
    let rebuild = |s: &Solution| rebuild(body, encoded, s);
    let timed = Timed::new(body, cx.target()?, encoded, names(body, encoded), &rebuild);
    match timed.judged(timed.plan_of(best.clone())) {
        Ok(plan) => Ok(goal.question.excess(plan.energy, plan.makespan) == 0.0),
        // It has no room: others may have.
        Err(found) if found.0.iter().all(|d| d.code.name == E0802.name) => Ok(false),
        Err(found) => Err(found),
    }
}

/// The assignment of least energy, and what is known about its makespan where the machine is.
fn least_energy(
    body: &Body,
    encoded: &Encoded,
    best: Solution,
    goal: &Goal,
    cx: &mut PassCx<'_>,
) -> Result<(Solution, Attrs)> {
    let mut solution = match cx.text("strategy") {
        "greedy" => bounded(extraction::greedy(&encoded.problem)?, &best),
        "greedy-dag" => bounded(extraction::greedy_dag(&encoded.problem)?, &best),
        _ => best,
    };
    let mut more = Attrs::new();
    if let Ok(target) = cx.target() {
        let rebuild = |s: &Solution| rebuild(body, encoded, s);
        let timed = Timed::new(body, target, encoded, names(body, encoded), &rebuild);
        more = timed.fastest()?;
        if let Some(front) = timed.front(goal)? {
            let mut chosen = timed.judged(timed.plan_of(solution.clone()))?;
            if let Some(plan) = front.as_little(chosen.energy, chosen.makespan).filter(|_| solution.proven) {
                // As little, and sooner.
                chosen = plan.clone();
                solution.choice.clone_from(&chosen.choice);
            }
            more.insert("pareto".into(), front.points(&chosen));
        }
    }
    if !solution.proven && cx.text("strategy") == "exact" {
        cx.warn(
            Diagnostic::warning(&W0702, format!("the energy of `{}` is not proven least", body.name))
                .found(format!("{:.6e}, and no answer below {:.6e}", solution.cost, solution.bound)),
        );
    }
    Ok((solution, more))
}

/// The user's name for what makes each class.
pub(super) fn names(body: &Body, encoded: &Encoded) -> Vec<String> {
    let made_by = body.definitions();
    let op = |v: &ValueId| made_by[v.index()].and_then(|i| body.ops.get(i as usize));
    encoded.values.iter().map(|v| op(v).map_or("an argument".into(), |op| op.loc.first().to_string())).collect()
}

/// A baseline's answer with the bound of the exact method, so that its gap says how good it is.
fn bounded(baseline: Solution, best: &Solution) -> Solution {
    let proven = best.proven && baseline.cost <= best.bound * (1.0 + 1e-12);
    Solution { bound: best.bound.min(baseline.cost), proven, ..baseline }
}

/// Products of the answer that a photonic unit does, or could do: the class of the kernel has a readout to detect too, or the
/// product that a fused kernel begins with has, by the user's name for it.
fn candidates(body: &Body, encoded: &Encoded, solution: &Solution) -> usize {
    let light = |op: &Op| matches!(op.name(), "ptu.detect" | "ptu.gemm" | "elec.shift_add");
    let by_light: BTreeSet<&str> = body.ops.iter().filter(|op| light(op)).map(|op| op.loc.first()).collect();
    let is_candidate = |(ops, chosen): (&Vec<Option<usize>>, &Option<NodeIndex>)| {
        let Some(chosen) = chosen.and_then(|n| ops.get(n.index()).copied().flatten()) else { return false };
        let chosen = &body.ops[chosen];
        let by_kernel = computed(chosen).split('+').any(|op| op == "nn.matmul");
        let elsewhere = match chosen.name() {
            "elec.fused" => chosen.loc.names.iter().any(|name| by_light.contains(&**name)),
            _ => ops.iter().flatten().any(|i| light(&body.ops[*i])),
        };
        on_light(chosen) || (by_kernel && elsewhere)
    };
    encoded.ops.iter().zip(&solution.choice).filter(|pair| is_candidate(*pair)).count()
}

/// How many products of the answer are made by electrons and light at the same time. Their parts are products of their own in the plan,
/// where joining takes nothing and leaves no task.
fn joined(body: &Body, encoded: &Encoded, solution: &Solution) -> usize {
    let chosen =
        encoded.ops.iter().zip(&solution.choice).filter_map(|(ops, chosen)| *ops.get(chosen.as_ref()?.index())?);
    chosen.filter(|op| body.ops.get(*op).is_some_and(|op| op.name() == "mem.join")).count()
}

/// Whether light does it.
fn on_light(op: &Op) -> bool {
    matches!(op.name(), "ptu.matmul" | "ptu.gemm")
}

fn facts(objective: &str, strategy: &str, solution: &Solution, encoded: &Encoded) -> Attrs {
    let nodes: usize = encoded.problem.classes.iter().map(|c| c.nodes.len()).sum();
    Attrs::from([
        ("objective".to_string(), Attr::str(objective)),
        ("strategy".to_string(), Attr::str(strategy)),
        ("method".to_string(), Attr::str(solution.method)),
        ("cost".to_string(), Attr::float(solution.cost)),
        ("bound".to_string(), Attr::float(solution.bound)),
        ("proven".to_string(), Attr::Bool(solution.proven)),
        ("classes".to_string(), Attr::Int(encoded.problem.classes.len() as i64)),
        ("nodes".to_string(), Attr::Int(nodes as i64)),
    ])
}

/// Whether a machine can do it: maths and promises of views are not implementable.
fn implementable(op: &Op) -> bool {
    op.def.level == Level::Assigned
}

/// The extraction problem of a segment.
pub fn encode(body: &Body, objective: &str) -> Encoded {
    let made_by = body.definitions();
    let op_of = |v: ValueId| made_by[v.index()].map(|i| i as usize);
    // The class that a value belongs to: the class that holds it as an alternative, or itself.
    let mut class_value: Vec<Option<ValueId>> = vec![None; body.types.len()];
    for op in body.ops.iter().filter(|op| op.name() == "stack.class") {
        for v in &op.operands {
            class_value[v.index()] = op.result();
        }
    }
    let mut ids: Vec<Option<ClassId>> = vec![None; body.types.len()];
    let mut values = Vec::new();
    for (i, ty) in body.types.iter().enumerate() {
        if class_value[i].is_none() && matches!(**ty, Type::View { .. }) {
            ids[i] = u32::try_from(values.len()).ok().map(ClassId);
            values.push(ValueId(u32::try_from(i).unwrap_or(u32::MAX)));
        }
    }
    let class_of = |v: ValueId| ids[class_value[v.index()].unwrap_or(v).index()];
    let capacities = capacity::of(body);
    let mut encoded = Encoded { problem: Problem { capacities, ..Problem::default() }, ops: Vec::new(), values };
    for value in &encoded.values {
        let alternatives: SmallVec<[Option<usize>; 4]> = match op_of(*value) {
            Some(i) if body.ops[i].name() == "stack.class" => body.ops[i].operands.iter().map(|v| op_of(*v)).collect(),
            one => SmallVec::from_iter([one]),
        };
        let mut class = Class::default();
        let mut ops = Vec::new();
        for alternative in alternatives {
            let op = alternative.map(|i| &body.ops[i]);
            if op.is_some_and(|op| !implementable(op)) {
                continue;
            }
            let children = op.map(|op| op.operands.iter().filter_map(|v| class_of(*v)).collect()).unwrap_or_default();
            let takes = op.map(|op| capacity::takes(op, &encoded.problem)).unwrap_or_default();
            class.nodes.push(Node { cost: op.map_or(0.0, |op| price(op, objective)), children, takes });
            ops.push(alternative);
        }
        encoded.problem.classes.push(class);
        encoded.ops.push(ops);
    }
    encoded.problem.roots = body.results.iter().filter_map(|r| class_of(*r)).collect();
    encoded
}

/// The extraction problem of a segment with names, priced in joules: each class by its number, the user's name for its tensor and its type.
pub fn serialized(body: &Body) -> Serialized {
    let encoded = encode(body, "energy");
    let values = encoded.values.iter().zip(names(body, &encoded)).enumerate();
    let classes = values.map(|(c, (value, name))| format!("{c} {name} {}", body.ty(*value))).collect();
    let op = |op: &Option<usize>| op.and_then(|i| body.ops.get(i)).map_or("argument", Op::name).to_string();
    let node = |(c, ops): (usize, &Vec<Option<usize>>)| {
        ops.iter().enumerate().map(|(n, o)| (format!("{c}.{n}"), op(o))).collect()
    };
    let nodes = encoded.ops.iter().enumerate().map(node).collect();
    Serialized { problem: encoded.problem, classes, nodes, ..Serialized::default() }
}

/// What an operation adds to the objective: joules, or seconds.
fn price(op: &Op, objective: &str) -> f64 {
    let Some(cost) = op.attr("cost").and_then(Attr::as_dict) else { return 0.0 };
    match objective {
        "latency" => cost.get("latency_s").and_then(Attr::as_float).unwrap_or(0.0),
        _ => cost.get("energy_j").and_then(Attr::as_dict).map_or(0.0, |e| e.values().filter_map(Attr::as_float).sum()),
    }
}

pub(super) fn class_name(body: &Body, encoded: &Encoded, class: ClassId) -> String {
    let value = encoded.values.get(class.index()).copied();
    let ty = value.map(|v| body.ty(v).to_string()).unwrap_or_default();
    let made_by = body.definitions();
    let op = value.and_then(|v| made_by[v.index()]).and_then(|i| body.ops.get(i as usize));
    format!("{} of {}", ty, op.map_or("an argument", |op| op.loc.first()))
}

/// The chosen operations as a function, operands before users.
pub(super) fn rebuild(body: &Body, encoded: &Encoded, solution: &Solution) -> Body {
    let mut out = Body::new(body.name.clone(), Holder::Func);
    out.attrs = body.attrs.clone();
    let mut values: Vec<Option<ValueId>> = vec![None; body.types.len()];
    for (a, loc) in body.args.iter().zip(&body.arg_locs) {
        values[a.index()] = Some(out.arg(body.shared_ty(*a), loc.clone()));
    }
    let mut made: Vec<Option<ValueId>> = vec![None; encoded.values.len()];
    let mut stack: Vec<(ClassId, bool)> = encoded.problem.roots.iter().rev().map(|r| (*r, false)).collect();
    while let Some((class, ready)) = stack.pop() {
        let at = class.index();
        let Some(NodeIndex(node)) = solution.choice[at].filter(|_| made[at].is_none()) else { continue };
        let children = &encoded.problem.classes[at].nodes[node as usize].children;
        if !ready {
            stack.push((class, true));
            stack.extend(children.iter().rev().map(|c| (*c, false)));
            continue;
        }
        made[at] = match encoded.ops[at][node as usize] {
            None => values[encoded.values[at].index()],
            Some(i) => {
                let op = &body.ops[i];
                let mut views = children.iter().filter_map(|c| made[c.index()]);
                let maths = |v: &ValueId| values[v.index()];
                let is_view = |v: &ValueId| body.ty(*v).view().is_some();
                let operands: Vec<ValueId> =
                    op.operands.iter().filter_map(|v| if is_view(v) { views.next() } else { maths(v) }).collect();
                let ty = body.shared_ty(encoded.values[at]);
                Some(out.push(op.def, &operands, op.attrs.clone(), ty, op.loc.clone()))
            }
        };
    }
    out.results = encoded.problem.roots.iter().filter_map(|r| made[r.index()]).collect();
    store_early(&mut out);
    out
}

/// Puts each store right behind what makes its operand: a result that waits for the end to be stored takes room till then.
fn store_early(body: &mut Body) {
    let is_store = |op: &Op| op.name() == "mem.store";
    let (stores, others): (Vec<Op>, Vec<Op>) = std::mem::take(&mut body.ops).into_iter().partition(is_store);
    let mut waiting: BTreeMap<ValueId, Vec<Op>> = BTreeMap::new();
    for store in stores {
        match store.operands.first().copied().filter(|v| !body.args.contains(v)) {
            Some(v) => waiting.entry(v).or_default().push(store),
            None => body.ops.push(store),
        }
    }
    let mut todo: Vec<Op> = others.into_iter().rev().collect();
    while let Some(op) = todo.pop() {
        for result in &op.results {
            todo.extend(waiting.remove(result).into_iter().flatten());
        }
        body.ops.push(op);
    }
}
