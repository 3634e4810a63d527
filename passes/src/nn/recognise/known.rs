//! What values are as functions of their indices: what masks and positions are made of.
//!
//! Every value is asked whether it is one number, positions along axes, or one number where a column is at most so far right
//! of a row and another elsewhere. What is none of these is unknown.

use super::constants::constant;
use super::numbers::ints;
use super::program::Program;
use crate::nn::fold_constants::{ELEMENTWISE, rounded};
use prism_dialects::interp::{Data, Tensor, evaluate};
use prism_dialects::{Attr, Elem, Op, TensorType, ValueId};

/// One number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Float(f64),
    Int(i64),
}

/// What is known of a value as a function of its indices.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    /// The same number everywhere.
    Splat(Scalar),
    /// The sum of indices times factors, and a constant.
    Line {
        /// Axis and factor, by axis; no factor is 0.
        terms: Vec<(usize, i64)>,
        constant: i64,
    },
    /// `inside` where the index along `column` is at most that along `row` plus `offset`; `column` is the later axis.
    Step { row: usize, column: usize, offset: i64, inside: Scalar, outside: Scalar },
    /// Anything else.
    Unknown,
}

/// What is known of `value`. Remembered, so that a program is looked through once.
pub(super) fn known(p: &Program<'_>, value: ValueId) -> Known {
    // A long chain is followed on a list, not by recursion.
    let mut todo = vec![value];
    while let Some(v) = todo.last().copied() {
        if p.known.borrow().contains_key(&v) {
            todo.pop();
            continue;
        }
        let operands: &[ValueId] = p.op(v).filter(|op| is_followed(op.name())).map_or(&[], |op| &op.operands);
        let missing: Vec<ValueId> = operands.iter().copied().filter(|o| !p.known.borrow().contains_key(o)).collect();
        if missing.is_empty() {
            let found = found(p, v).unwrap_or(Known::Unknown);
            p.known.borrow_mut().insert(v, found);
            todo.pop();
        } else {
            todo.extend(missing);
        }
    }
    p.known.borrow().get(&value).cloned().unwrap_or(Known::Unknown)
}

/// Operations whose result may be known when their operands are.
fn is_followed(name: &str) -> bool {
    let moving = ["nn.reshape", "nn.broadcast", "nn.transpose", "nn.slice", "nn.cumsum"];
    ELEMENTWISE.contains(&name) || moving.contains(&name)
}

fn found(p: &Program<'_>, value: ValueId) -> Option<Known> {
    let op = p.op(value)?;
    let ty = p.result(op)?;
    let of = |i: usize| op.operands.get(i).and_then(|v| p.known.borrow().get(v).cloned()).unwrap_or(Known::Unknown);
    let from = || op.operands.first().map(|v| p.ty(*v));
    let made = match op.name() {
        "nn.constant" => constant(op.attr("value")?.as_dense()?)?,
        "nn.iota" => {
            let int = |name| op.attr(name).and_then(Attr::as_int);
            Known::Line { terms: vec![(0, int("step")?)], constant: int("start")? }
        }
        "nn.causal_mask" => causal(op, &ty)?,
        "nn.reshape" => moved(of(0), |axis| reshaped_axis(&from()?, &ty, axis))?,
        "nn.broadcast" => {
            let missing = ty.rank() - from()?.rank();
            moved(of(0), |axis| Some(axis + missing))?
        }
        "nn.transpose" => {
            let perm = ints(op, "perm");
            moved(of(0), |axis| perm.iter().position(|q| usize::try_from(*q) == Ok(axis)))?
        }
        "nn.slice" => sliced(of(0), ints(op, "starts"), ints(op, "steps"))?,
        "nn.cumsum" => running(op, of(0))?,
        name if ELEMENTWISE.contains(&name) => {
            let operands: Vec<Known> = (0..op.operands.len()).map(|i| aligned(p, op.operands[i], of(i), &ty)).collect();
            each(op, &operands, &ty)?
        }
        _ => return None,
    };
    settled(made, &ty)
}

/// A causal mask that was recognised before.
fn causal(op: &Op, ty: &TensorType) -> Option<Known> {
    let [.., m, n] = ty.dims.as_slice() else { return None };
    let offset = i64::try_from(*n).ok()? - i64::try_from(*m).ok()?;
    let (inside, outside) = match op.attr("fill").and_then(Attr::as_float) {
        Some(fill) => (Scalar::Float(0.0), Scalar::Float(fill)),
        None => (Scalar::Int(1), Scalar::Int(0)),
    };
    Some(Known::Step { row: ty.rank() - 2, column: ty.rank() - 1, offset, inside, outside })
}

/// A step that takes no step within the tensor is one number; so is a line along axes of one element.
fn settled(known: Known, ty: &TensorType) -> Option<Known> {
    let extent = |axis: usize| ty.dims.get(axis).and_then(|d| i64::try_from(*d).ok());
    Some(match known {
        Known::Step { row, column, offset, inside, outside } => {
            let (rows, columns) = (extent(row)?, extent(column)?);
            if inside == outside || columns - 1 <= offset {
                Known::Splat(inside)
            } else if rows - 1 + offset < 0 {
                Known::Splat(outside)
            } else {
                Known::Step { row, column, offset, inside, outside }
            }
        }
        Known::Line { mut terms, constant } => {
            terms.retain(|(axis, factor)| *factor != 0 && extent(*axis) != Some(1));
            terms.sort_unstable();
            match (terms.is_empty(), ty.elem.is_float()) {
                (true, true) => Known::Splat(Scalar::Float(constant as f64)),
                (true, false) => Known::Splat(Scalar::Int(constant)),
                _ => Known::Line { terms, constant },
            }
        }
        other => other,
    })
}

/// The same function of axes that have moved; none where an axis is lost.
fn moved(known: Known, to: impl Fn(usize) -> Option<usize>) -> Option<Known> {
    Some(match known {
        Known::Line { terms, constant } => {
            let terms = terms.iter().map(|(axis, factor)| Some((to(*axis)?, *factor))).collect::<Option<_>>()?;
            Known::Line { terms, constant }
        }
        Known::Step { row, column, offset, inside, outside } => {
            oriented(to(row)?, to(column)?, offset, inside, outside)?
        }
        other => other,
    })
}

/// A step with the later axis as its column: `column <= row + offset` fails where `row <= column - offset - 1`.
fn oriented(row: usize, column: usize, offset: i64, inside: Scalar, outside: Scalar) -> Option<Known> {
    if row < column {
        return Some(Known::Step { row, column, offset, inside, outside });
    }
    let offset = offset.checked_neg()?.checked_sub(1)?;
    Some(Known::Step { row: column, column: row, offset, inside: outside, outside: inside })
}

/// Where an axis goes in a reshape that only adds and removes axes of extent 1.
fn reshaped_axis(from: &TensorType, to: &TensorType, axis: usize) -> Option<usize> {
    let long = |t: &TensorType| -> Vec<usize> { (0..t.rank()).filter(|i| t.dims[*i] != 1).collect() };
    let (old, new) = (long(from), long(to));
    let same = old.len() == new.len() && old.iter().zip(&new).all(|(a, b)| from.dims[*a] == to.dims[*b]);
    let at = old.iter().position(|i| *i == axis)?;
    same.then(|| new.get(at).copied()).flatten()
}

/// The part from `starts` on, at distances `steps`.
fn sliced(known: Known, starts: &[i64], steps: &[i64]) -> Option<Known> {
    let (start, step) = (|axis: usize| starts.get(axis).copied(), |axis: usize| steps.get(axis).copied());
    Some(match known {
        Known::Line { terms, constant } => {
            let mut out = Vec::new();
            let mut from = constant;
            for (axis, factor) in terms {
                from = from.checked_add(factor.checked_mul(start(axis)?)?)?;
                out.push((axis, factor.checked_mul(step(axis)?)?));
            }
            Known::Line { terms: out, constant: from }
        }
        Known::Step { row, column, offset, inside, outside } => {
            let offset = offset.checked_add(start(row)?)?.checked_sub(start(column)?)?;
            let plain = step(row)? == 1 && step(column)? == 1;
            plain.then_some(Known::Step { row, column, offset, inside, outside })?
        }
        other => other,
    })
}

/// The running sum of one number is a line.
fn running(op: &Op, known: Known) -> Option<Known> {
    let (Known::Splat(Scalar::Int(each)), None) = (known, op.attr("reverse")) else { return None };
    let axis = usize::try_from(op.attr("axis").and_then(Attr::as_int)?).ok()?;
    let exclusive = op.attr("exclusive").and_then(Attr::as_bool).unwrap_or(false);
    Some(Known::Line { terms: vec![(axis, each)], constant: if exclusive { 0 } else { each } })
}

/// An operand as a function of the indices of the result that it broadcasts to.
fn aligned(p: &Program<'_>, value: ValueId, known: Known, ty: &TensorType) -> Known {
    let missing = ty.rank().saturating_sub(p.ty(value).rank());
    moved(known, |axis| Some(axis + missing)).unwrap_or(Known::Unknown)
}

/// An operation applied to every element.
fn each(op: &Op, operands: &[Known], ty: &TensorType) -> Option<Known> {
    let elem = ty.elem;
    if let Some(line) = lines(op, operands, ty) {
        return Some(line);
    }
    // Where the steps are at one place, the operation is on two sets of numbers.
    let mut place = None;
    for known in operands {
        match known {
            Known::Splat(_) => {}
            Known::Step { row, column, offset, .. } => {
                if *place.get_or_insert((*row, *column, *offset)) != (*row, *column, *offset) {
                    return None;
                }
            }
            Known::Line { .. } | Known::Unknown => return None,
        }
    }
    let side = |inside: bool| {
        let numbers = operands.iter().map(|known| match known {
            Known::Splat(x) => *x,
            Known::Step { inside: a, outside: b, .. } => {
                if inside {
                    *a
                } else {
                    *b
                }
            }
            _ => Scalar::Int(0),
        });
        scalar(op, &numbers.collect::<Vec<_>>(), elem)
    };
    match place {
        None => Some(Known::Splat(side(true)?)),
        Some((row, column, offset)) => {
            Some(Known::Step { row, column, offset, inside: side(true)?, outside: side(false)? })
        }
    }
}

/// The operation on single numbers.
fn scalar(op: &Op, numbers: &[Scalar], elem: Elem) -> Option<Scalar> {
    let tensors = numbers.iter().enumerate().map(|(i, x)| {
        // The condition of a choice is boolean, as are operands of logic; comparisons take any integers.
        let logic = matches!(op.name(), "nn.and" | "nn.or" | "nn.xor" | "nn.not");
        let boolean = logic || (op.name() == "nn.where" && (i == 0 || elem == Elem::I1));
        let (data, elem) = match x {
            Scalar::Float(x) => (Data::Float(vec![*x]), if elem.is_float() { elem } else { Elem::F64 }),
            Scalar::Int(n) => (Data::Int(vec![*n]), if boolean { Elem::I1 } else { Elem::I64 }),
        };
        Tensor { ty: TensorType::new([], elem), data }
    });
    let tensors: Vec<Tensor> = tensors.collect();
    let args: Vec<&Tensor> = tensors.iter().collect();
    let elem = if elem.is_float() || elem == Elem::I1 { elem } else { Elem::I64 };
    match evaluate(op.def, &args, &op.attrs, &TensorType::new([], elem)).ok()?.data {
        Data::Float(v) => v.first().map(|x| Scalar::Float(rounded(*x, elem))),
        Data::Int(v) => v.first().map(|n| Scalar::Int(*n)),
    }
}

/// A value as a line, with whole numbers alone.
fn line(known: &Known) -> Option<(Vec<(usize, i64)>, i64)> {
    match known {
        Known::Line { terms, constant } => Some((terms.clone(), *constant)),
        Known::Splat(Scalar::Int(n)) => Some((Vec::new(), *n)),
        Known::Splat(Scalar::Float(x)) if x.fract() == 0.0 && x.abs() < 1e15 => Some((Vec::new(), *x as i64)),
        _ => None,
    }
}

/// Sums and comparisons of lines; none where both operands are numbers, which need no geometry.
fn lines(op: &Op, operands: &[Known], ty: &TensorType) -> Option<Known> {
    if !operands.iter().any(|k| matches!(k, Known::Line { .. })) {
        return None;
    }
    let (a, rest) = operands.split_first()?;
    let (a_terms, a_constant) = line(a)?;
    match (op.name(), rest) {
        ("nn.cast", []) if ty.elem != Elem::I1 => return Some(Known::Line { terms: a_terms, constant: a_constant }),
        ("nn.neg", []) => return combined((a_terms, a_constant), -1, (Vec::new(), 0), 0),
        _ => {}
    }
    let [b] = rest else { return None };
    let b = line(b)?;
    let a = (a_terms, a_constant);
    match op.name() {
        "nn.add" => combined(a, 1, b, 1),
        "nn.sub" => combined(a, 1, b, -1),
        "nn.mul" if b.0.is_empty() => combined(a, b.1, (Vec::new(), 0), 0),
        "nn.mul" if a.0.is_empty() => combined(b, a.1, (Vec::new(), 0), 0),
        // a <= b where a - b <= 0.
        "nn.less_equal" => at_most(combined(a, 1, b, -1)?, 0, ty),
        "nn.less" => at_most(combined(a, 1, b, -1)?, -1, ty),
        "nn.greater_equal" => at_most(combined(b, 1, a, -1)?, 0, ty),
        "nn.greater" => at_most(combined(b, 1, a, -1)?, -1, ty),
        _ => None,
    }
}

type Line = (Vec<(usize, i64)>, i64);

/// The sum of two lines, each times a factor.
fn combined(a: Line, by_a: i64, b: Line, by_b: i64) -> Option<Known> {
    let mut terms: std::collections::BTreeMap<usize, i64> = std::collections::BTreeMap::new();
    for (axis, factor) in
        a.0.iter().map(|t| (t.0, t.1.checked_mul(by_a))).chain(b.0.iter().map(|t| (t.0, t.1.checked_mul(by_b))))
    {
        let sum = terms.entry(axis).or_default();
        *sum = sum.checked_add(factor?)?;
    }
    let constant = a.1.checked_mul(by_a)?.checked_add(b.1.checked_mul(by_b)?)?;
    Some(Known::Line { terms: terms.into_iter().filter(|(_, f)| *f != 0).collect(), constant })
}

/// Whether a line is at most `bound`: everywhere or nowhere, or a step where it goes up along one axis as it goes down along
/// another.
fn at_most(known: Known, bound: i64, ty: &TensorType) -> Option<Known> {
    let Known::Line { terms, constant } = known else { return None };
    let truth = |holds: bool| Scalar::Int(i64::from(holds));
    let (mut least, mut most) = (constant, constant);
    for (axis, factor) in &terms {
        let last = i64::try_from(*ty.dims.get(*axis)?).ok()?.checked_sub(1)?;
        let end = factor.checked_mul(last)?;
        (least, most) = (least.checked_add(end.min(0))?, most.checked_add(end.max(0))?);
    }
    match terms.as_slice() {
        _ if most <= bound => Some(Known::Splat(truth(true))),
        _ if least > bound => Some(Known::Splat(truth(false))),
        [(p, f), (q, g)] if f.checked_neg() == Some(*g) => {
            // f (i - j) + constant <= bound, with f above 0.
            let ((i, j), f) = if *f > 0 { ((*p, *q), *f) } else { ((*q, *p), *g) };
            let offset = bound.checked_sub(constant)?.div_euclid(f);
            oriented(j, i, offset, truth(true), truth(false))
        }
        _ => None,
    }
}
