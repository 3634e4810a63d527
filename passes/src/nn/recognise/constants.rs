//! Constants as functions of their indices.

use super::known::{Known, Scalar};
use prism_dialects::{Dense, F64, Numbers};

/// A constant as a function of its indices.
pub(super) fn constant(value: &Dense) -> Option<Known> {
    let n = value.ty.numel();
    let at = |i: usize| match &value.numbers {
        Numbers::Float(v) => v.get(i).map(|x| Scalar::Float(x.0)),
        Numbers::Int(v) => v.get(i).map(|x| Scalar::Int(*x)),
    };
    if value.numbers.len() == 1 {
        return at(0).map(Known::Splat);
    }
    let long: Vec<usize> = (0..value.ty.rank()).filter(|i| value.ty.dims[*i] != 1).collect();
    if u64::try_from(value.numbers.len()) != Ok(n) {
        return None;
    }
    match long.as_slice() {
        [axis] => progression(value, *axis),
        [row, column] => step(&at, value, *row, *column),
        _ => None,
    }
}

/// Whole numbers at one distance.
fn progression(value: &Dense, axis: usize) -> Option<Known> {
    let whole: Vec<i64> = match &value.numbers {
        Numbers::Int(v) => v.clone(),
        Numbers::Float(v) => {
            let each = v.iter().map(|F64(x)| (x.fract() == 0.0 && x.abs() < 1e15).then_some(*x as i64));
            each.collect::<Option<_>>()?
        }
    };
    let (start, step) = (*whole.first()?, whole.get(1)?.checked_sub(*whole.first()?)?);
    let even = whole.windows(2).all(|w| w[1].checked_sub(w[0]) == Some(step));
    even.then(|| Known::Line { terms: vec![(axis, step)], constant: start })
}

/// Two numbers, apart along a diagonal.
fn step(at: &dyn Fn(usize) -> Option<Scalar>, value: &Dense, row: usize, column: usize) -> Option<Known> {
    let (rows, columns) = (usize::try_from(value.ty.dims[row]).ok()?, usize::try_from(value.ty.dims[column]).ok()?);
    let (inside, outside) = (at((rows - 1) * columns)?, at(columns - 1)?);
    // How many of the first row are inside; none where the step begins below it.
    let first = (0..columns).take_while(|j| at(*j) == Some(inside)).count();
    let below = (0..rows).take_while(|i| at(i * columns) == Some(outside)).count();
    let offset = i64::try_from(first).ok()? - 1 - if first == 0 { i64::try_from(below).ok()? - 1 } else { 0 };
    let fits = (0..rows).all(|i| {
        (0..columns).all(|j| {
            let is_inside = j as i64 <= i as i64 + offset;
            at(i * columns + j) == Some(if is_inside { inside } else { outside })
        })
    });
    (fits && inside != outside).then_some(Known::Step { row, column, offset, inside, outside })
}
