//! What IRDL cannot say: attribute kinds, undeclared attributes, shape rules, dominance of plain bodies.

use crate::body::{Body, Holder, Module};
use crate::define::{Arity, MIXED_RUNS, OpView, Problem};
use crate::types::{MAX_ELEMENTS, Type};
use prism_support::codes::E0401;
use prism_support::{Diagnostic, Diagnostics, Place, Result};

/// Checks one operation against its table row, its shape rule and its own verifier.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_op(op: &OpView<'_>) -> std::result::Result<(), Problem> {
    check_slots("operand", &op.def.operands, op.operands)?;
    check_slots("result", &op.def.results, op.results)?;
    check_attrs(op)?;
    for t in op.results.iter().filter_map(Type::tensor) {
        if t.checked_numel().is_none_or(|n| n > MAX_ELEMENTS) {
            return Err(Problem::new("result", t.to_string(), format!("at most {MAX_ELEMENTS} elements")));
        }
    }
    if let Some(infer) = op.def.infer {
        let inferred = infer(op)?;
        if op.results.first().and_then(Type::tensor).is_some_and(|t| *t != inferred) {
            return Err(Problem::new("result type", op.results[0].to_string(), inferred.to_string()));
        }
    }
    op.def.verify.map_or(Ok(()), |verify| verify(op))
}

fn check_slots(what: &str, slots: &[crate::define::Slot], types: &[Type]) -> std::result::Result<(), Problem> {
    let least = slots.iter().filter(|s| s.arity == Arity::One).count();
    let open = slots.last().is_some_and(|s| matches!(s.arity, Arity::Variadic | Arity::Mixed));
    if types.len() < least || (!open && types.len() > slots.len()) {
        let allowed = if open { format!("at least {least}") } else { format!("{least} to {}", slots.len()) };
        return Err(Problem::new(format!("number of {what}s"), types.len().to_string(), allowed));
    }
    let runs = crate::define::runs(types).len();
    if slots.last().is_some_and(|s| s.arity == Arity::Mixed) && runs > MIXED_RUNS {
        let found = format!("{runs} runs of different types");
        return Err(Problem::new(format!("{what}s"), found, format!("at most {MIXED_RUNS} runs")));
    }
    for (i, ty) in types.iter().enumerate() {
        let Some(slot) = slots.get(i).or(slots.last()) else { continue };
        if !slot.kind.accepts(ty) {
            return Err(Problem::new(format!("{what} `{}`", slot.name), ty.to_string(), slot.kind.words()));
        }
    }
    Ok(())
}

fn check_attrs(op: &OpView<'_>) -> std::result::Result<(), Problem> {
    for (name, value) in op.attrs {
        let Some(def) = op.def.attrs.iter().find(|d| d.name == name) else {
            let names: Vec<&str> = op.def.attrs.iter().map(|d| d.name).collect();
            let allowed = if names.is_empty() { "none".into() } else { names.join(", ") };
            return Err(Problem::new(
                "attributes",
                format!("`{name}`, which `{}` does not have", op.def.name),
                allowed,
            ));
        };
        if !def.kind.accepts(value) {
            return Err(Problem::new(format!("attribute `{name}`"), value.to_string(), def.kind.words()));
        }
    }
    match op.def.attrs.iter().find(|d| d.required && !op.attrs.contains_key(d.name)) {
        Some(def) => Err(Problem::new(format!("attribute `{}`", def.name), "absent", def.kind.words())),
        None => Ok(()),
    }
}

/// Checks every operation of a module and the structure of its bodies; reports all problems.
///
/// # Errors
/// One [`E0401`] per broken operation or body.
pub fn check_module(module: &Module) -> Result<()> {
    let mut problems = Diagnostics::new();
    for body in &module.bodies {
        check_body(body, &mut problems);
    }
    crate::call::check(module, &mut problems);
    problems.into_result(())
}

fn check_body(body: &Body, problems: &mut Diagnostics) {
    let mut made = vec![false; body.types.len()];
    for a in &body.args {
        made[a.index()] = true;
    }
    for op in &body.ops {
        let operands: Vec<Type> = op.operands.iter().map(|v| body.ty(*v).clone()).collect();
        let results: Vec<Type> = op.results.iter().map(|v| body.ty(*v).clone()).collect();
        let view = OpView { def: op.def, operands: &operands, results: &results, attrs: &op.attrs };
        let mut complain = |p: Problem| {
            let place = Place::Op { name: op.loc.first().to_string(), op: op.name().to_string() };
            let headline = format!("`{}` does not verify: {}", op.name(), p.what);
            problems.push(Diagnostic::error(&E0401, headline).at(place).found(p.found).allowed(p.allowed));
        };
        if let Err(p) = check_op(&view) {
            complain(p);
        }
        let early = body.holder == Holder::Func && op.operands.iter().any(|v| !made[v.index()]);
        if early {
            complain(Problem::new("an operand", "used before it is made", "operands made earlier"));
        }
        for r in &op.results {
            made[r.index()] = true;
        }
    }
    if body.holder == Holder::Subgraph {
        check_classes(body, problems);
    }
}

/// An alternative belongs to one class and nothing else uses it.
fn check_classes(body: &Body, problems: &mut Diagnostics) {
    let uses = body.use_counts();
    for op in body.ops.iter().filter(|op| op.name() == "stack.class") {
        if let Some(i) = op.operands.iter().position(|v| uses[v.index()] != 1) {
            let place = Place::Op { name: op.loc.first().to_string(), op: op.name().to_string() };
            let d = Diagnostic::error(&E0401, format!("alternative {i} of a class is used elsewhere too"))
                .at(place)
                .found(format!("{} uses", uses[op.operands[i].index()]))
                .allowed("use the class instead: its alternatives belong to it alone");
            problems.push(d);
        }
    }
}
