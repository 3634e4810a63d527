//! The value of a whole body: what a program computes, whatever its level.

use super::{Tensor, evaluate};
use crate::attr::Attr;
use crate::body::{Body, Holder, Op, ValueId};
use crate::types::TensorType;

/// Looks up a weight by name; the type is what the program takes it to be.
pub type Params<'a> = &'a dyn Fn(&str, &TensorType) -> Result<Tensor, String>;

/// Runs a `func.func` body at level `nn` or `assigned`: values of its results, in order.
///
/// # Errors
/// When the arguments do not fit, a weight is not found, or an operation has no value; names the operation by location.
pub fn run(body: &Body, args: &[Tensor], params: Params<'_>) -> Result<Vec<Tensor>, String> {
    if body.holder != Holder::Func {
        return Err(format!("`{}` is a segment of alternatives; run its classes", body.name));
    }
    let mut values = arguments(body, args)?;
    let mut uses = body.use_counts();
    for op in &body.ops {
        let operands: Option<Vec<&Tensor>> = op.operands.iter().map(|v| known(&values, *v)).collect();
        let operands = operands.ok_or_else(|| at(op, "an operand is used before it is made"))?;
        let (result, made) = value(body, op, &operands, params).map_err(|why| at(op, &why))?;
        // A value is dropped after its last use, so that deep models fit.
        for v in &op.operands {
            let left = uses.get(v.index()).copied().unwrap_or(0).saturating_sub(1);
            if let Some(count) = uses.get_mut(v.index()) {
                *count = left;
            }
            if left == 0
                && let Some(slot) = values.get_mut(v.index())
            {
                *slot = None;
            }
        }
        if let Some(slot) = values.get_mut(result.index()) {
            *slot = Some(made);
        }
    }
    let results = body.results.iter().map(|v| known(&values, *v).cloned());
    results.collect::<Option<_>>().ok_or_else(|| format!("a result of `{}` is never made", body.name))
}

/// The values that are there before any operation runs.
pub(super) fn arguments(body: &Body, args: &[Tensor]) -> Result<Vec<Option<Tensor>>, String> {
    if args.len() != body.args.len() {
        return Err(format!("`{}` takes {} arguments, {} given", body.name, body.args.len(), args.len()));
    }
    let mut values = vec![None; body.types.len()];
    for (i, (value, given)) in body.args.iter().zip(args).enumerate() {
        given.check().map_err(|why| format!("argument {i} of `{}`: {why}", body.name))?;
        match tensor_of(body, *value) {
            Some(ty) if *ty == given.ty => {}
            wanted => {
                let wanted = wanted.map_or_else(|| "no tensor".to_string(), TensorType::to_string);
                return Err(format!("argument {i} of `{}` is a {}, {wanted} expected", body.name, given.ty));
            }
        }
        if let Some(slot) = values.get_mut(value.index()) {
            *slot = Some(given.clone());
        }
    }
    Ok(values)
}

pub(super) fn known(values: &[Option<Tensor>], value: ValueId) -> Option<&Tensor> {
    values.get(value.index()).and_then(Option::as_ref)
}

pub(super) fn tensor_of(body: &Body, value: ValueId) -> Option<&TensorType> {
    body.types.get(value.index()).and_then(|ty| ty.tensor())
}

/// The result of `op` and its value.
pub(super) fn value(
    body: &Body,
    op: &Op,
    operands: &[&Tensor],
    params: Params<'_>,
) -> Result<(ValueId, Tensor), String> {
    let result = op.result().ok_or("it does not have one result")?;
    let ty = tensor_of(body, result).ok_or("its result is no tensor")?;
    let made = if is_param(op) {
        let name = op.attr("name").and_then(Attr::as_str).unwrap_or("");
        params(name, ty)?
    } else {
        evaluate(op.def, operands, &op.attrs, ty)?
    };
    if made.ty != *ty {
        return Err(format!("its value is a {}, its result a {ty}", made.ty));
    }
    made.check()?;
    Ok((result, made))
}

pub(super) fn is_param(op: &Op) -> bool {
    matches!(op.name(), "nn.param" | "mem.param")
}

/// A message about `op`, by the user's name for it.
pub(super) fn at(op: &Op, why: &str) -> String {
    format!("{} ({}): {why}", op.loc, op.name())
}
