//! The value of every class of a segment, and whether its alternatives agree: finds unsound unions.

use super::run::{Params, arguments, at, is_param, known, tensor_of, value};
use super::{Data, Tensor};
use crate::body::{Body, Holder, Op, ValueId};
use std::collections::{BTreeMap, BTreeSet};

/// At most this many disagreements are told.
const TOLD: usize = 8;

/// Evaluates all alternatives of an `ml_program.subgraph` body that can be evaluated, and compares those of each class.
///
/// Conversions make cycles, so nothing here follows an order of the text: an operation is evaluated as soon as its operands
/// are known, a class is known as soon as one alternative is. A disagreement stays where it is made, because every
/// other class goes on with one value of this one.
///
/// Numbers agree when they differ by no more than `tolerance` times the largest magnitude in either tensor; integers
/// must be equal. Returns the value of each class; a value that no class holds is a class of one.
///
/// # Errors
/// All alternatives that disagree, by location and operation; operations that fail; results without a value.
pub fn run_classes(
    body: &Body,
    args: &[Tensor],
    params: Params<'_>,
    tolerance: f64,
) -> Result<BTreeMap<ValueId, Tensor>, String> {
    if body.holder != Holder::Subgraph {
        return Err(format!("`{}` is a function, not a segment", body.name));
    }
    let mut values = arguments(body, args)?;
    let Spread { mut problems, witnesses } = spread(body, &mut values, params);
    for (class, witness) in witnesses {
        if let Some(class) = body.ops.get(class) {
            compare(body, class, witness, &values, tolerance, &mut problems);
        }
    }
    for result in &body.results {
        if known(&values, *result).is_none() {
            let ty = tensor_of(body, *result).map_or_else(|| "an event".to_string(), ToString::to_string);
            problems.push(format!("result {} ({ty}) has no alternative that can be evaluated", result.0));
        }
    }
    if !problems.is_empty() {
        let more = problems.len().saturating_sub(TOLD);
        problems.truncate(TOLD);
        let rest = if more > 0 { format!("\nand {more} more") } else { String::new() };
        return Err(format!("{}{rest}", problems.join("\n")));
    }
    let held: BTreeSet<ValueId> =
        body.ops.iter().filter(|op| is_class(op)).flat_map(|op| op.operands.clone()).collect();
    let each = values.into_iter().zip(0u32..).filter_map(|(v, i)| Some((ValueId(i), v?)));
    Ok(each.filter(|(id, _)| !held.contains(id)).collect())
}

fn is_class(op: &Op) -> bool {
    op.name() == "stack.class"
}

/// What came of evaluating everything.
struct Spread {
    /// Operations that failed.
    problems: Vec<String>,
    /// For each class, by index of its operation, the alternative that gave it its value. Conversions that start from
    /// the class itself agree with that one by construction, so it is the one to compare with.
    witnesses: BTreeMap<usize, ValueId>,
}

/// Evaluates all that can be, lowest operation first among those that are ready.
fn spread(body: &Body, values: &mut [Option<Tensor>], params: Params<'_>) -> Spread {
    let users = users(body);
    let mut ready: BTreeSet<usize> = (0..body.ops.len()).collect();
    let mut problems = Vec::new();
    let mut witnesses = BTreeMap::new();
    while let Some(index) = ready.pop_first() {
        let Some(op) = body.ops.get(index) else { continue };
        if op.results.iter().any(|r| known(values, *r).is_some()) {
            continue;
        }
        let made = match attempt(body, op, values, params) {
            None => continue,
            Some(Ok(made)) => made,
            Some(Err(why)) => {
                problems.push(at(op, &why));
                continue;
            }
        };
        if is_class(op)
            && let Some(witness) = op.operands.iter().find(|v| known(values, **v).is_some())
        {
            witnesses.insert(index, *witness);
        }
        if let Some(slot) = values.get_mut(made.0.index()) {
            *slot = Some(made.1);
        }
        ready.extend(users.get(made.0.index()).into_iter().flatten());
    }
    Spread { problems, witnesses }
}

/// For each value, the operations that use it.
fn users(body: &Body) -> Vec<Vec<usize>> {
    let mut users = vec![Vec::new(); body.types.len()];
    for (i, op) in body.ops.iter().enumerate() {
        for v in &op.operands {
            if let Some(of_value) = users.get_mut(v.index()) {
                of_value.push(i);
            }
        }
    }
    users
}

/// The value of `op`; `None` while operands are unknown, or when it has none of its own.
fn attempt(
    body: &Body,
    op: &Op,
    values: &[Option<Tensor>],
    params: Params<'_>,
) -> Option<Result<(ValueId, Tensor), String>> {
    let same = if is_class(op) {
        op.operands.iter().find_map(|v| known(values, *v))
    } else if op.name() == "stack.view" {
        // The view of a tensor holds the tensor's numbers: this ties realisations to the maths.
        op.operands.first().and_then(|v| known(values, *v))
    } else {
        let operands: Vec<&Tensor> = op.operands.iter().map(|v| known(values, *v)).collect::<Option<_>>()?;
        let has_value = is_param(op) || op.def.interp.is_some();
        return has_value.then(|| value(body, op, &operands, params));
    };
    let result = op.result()?;
    let ty = tensor_of(body, result)?;
    let same = same?;
    if same.ty == *ty { Some(Ok((result, same.clone()))) } else { Some(Err(format!("{} is not {ty}", same.ty))) }
}

/// Compares the known alternatives of a class with the one that gave it its value.
fn compare(
    body: &Body,
    class: &Op,
    witness: ValueId,
    values: &[Option<Tensor>],
    tolerance: f64,
    problems: &mut Vec<String>,
) {
    let Some(reference) = known(values, witness) else { return };
    for (other, tensor) in class.operands.iter().filter_map(|v| Some((*v, known(values, *v)?))) {
        if let Some(difference) = difference(reference, tensor, tolerance) {
            let (one, two) = (maker(body, witness), maker(body, other));
            problems.push(at(class, &format!("alternatives {one} and {two} disagree: {difference}")));
        }
    }
}

/// The operation that makes a value, as shown to the user.
fn maker(body: &Body, value: ValueId) -> String {
    match body.ops.iter().find(|op| op.results.contains(&value)) {
        Some(op) => {
            let rule = op.loc.rule.as_ref().map_or_else(String::new, |r| format!(" by rule {r}"));
            format!("`{}` at {}{rule}", op.name(), op.loc)
        }
        None => format!("argument {}", value.0),
    }
}

/// Where two tensors differ by more than the tolerance.
pub fn difference(a: &Tensor, b: &Tensor, tolerance: f64) -> Option<String> {
    if a.ty != b.ty {
        return Some(format!("{} and {}", a.ty, b.ty));
    }
    match (&a.data, &b.data) {
        (Data::Float(x), Data::Float(y)) => {
            let finite = x.iter().chain(y).map(|v| v.abs()).filter(|v| v.is_finite());
            let allowed = tolerance * finite.fold(0.0, f64::max);
            let agree = |p: f64, q: f64| p == q || (p.is_nan() && q.is_nan()) || (p - q).abs() <= allowed;
            let at = x.iter().zip(y).position(|(p, q)| !agree(*p, *q))?;
            Some(format!("element {at} is {} and {}", x.get(at)?, y.get(at)?))
        }
        (Data::Int(x), Data::Int(y)) => {
            let at = x.iter().zip(y).position(|(p, q)| p != q)?;
            Some(format!("element {at} is {} and {}", x.get(at)?, y.get(at)?))
        }
        _ => Some("numbers of different kinds".into()),
    }
}
