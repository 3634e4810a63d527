//! Constants as functions of their indices.

use super::known::{Known, Scalar};
use prism_dialects::{Dense, Numbers};

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
    if u64::try_from(value.numbers.len()) != Ok(n) {
        return None;
    }
    let strides = Strides::of(value)?;
    let long: Vec<usize> = (0..value.ty.rank()).filter(|i| value.ty.dims[*i] != 1).collect();
    // Axes along which nothing changes, such as those of a batch, do not matter.
    let mut varying = long.into_iter().filter(|axis| strides.varies(&value.numbers, *axis));
    match (varying.next(), varying.next(), varying.next()) {
        (None, ..) => at(0).map(Known::Splat),
        (Some(axis), None, _) => progression(&strides.along(&value.numbers, axis)?, axis),
        (Some(row), Some(column), None) => {
            step(&|i, j| at(strides.at(row, i) + strides.at(column, j)), &strides, row, column)
        }
        _ => None,
    }
}

/// Where the numbers of a constant are.
struct Strides {
    extents: Vec<usize>,
    strides: Vec<usize>,
}

impl Strides {
    fn of(value: &Dense) -> Option<Strides> {
        let extents: Vec<usize> = value.ty.dims.iter().map(|d| usize::try_from(*d).ok()).collect::<Option<_>>()?;
        let mut strides = vec![1; extents.len()];
        for i in (1..extents.len()).rev() {
            strides[i - 1] = strides[i] * extents[i];
        }
        Some(Strides { extents, strides })
    }

    /// Offset of index `i` of an axis.
    fn at(&self, axis: usize, i: usize) -> usize {
        self.strides[axis] * i
    }

    /// Whether a number differs from that at index 0 of an axis.
    fn varies(&self, numbers: &Numbers, axis: usize) -> bool {
        let (inner, extent) = (self.strides[axis], self.extents[axis]);
        let first = |i: usize| i - i / inner % extent * inner;
        match numbers {
            // Zeros of either sign are one number.
            Numbers::Float(v) => v.iter().enumerate().any(|(i, x)| v[first(i)].0 != x.0),
            Numbers::Int(v) => v.iter().enumerate().any(|(i, x)| v[first(i)] != *x),
        }
    }

    /// The numbers along one axis, whole ones.
    fn along(&self, numbers: &Numbers, axis: usize) -> Option<Vec<i64>> {
        let whole = |x: f64| (x.fract() == 0.0 && x.abs() < 1e15).then_some(x as i64);
        let each = (0..self.extents[axis]).map(|i| match numbers {
            Numbers::Int(v) => v.get(self.at(axis, i)).copied(),
            Numbers::Float(v) => v.get(self.at(axis, i)).and_then(|x| whole(x.0)),
        });
        each.collect()
    }
}

/// Whole numbers at one distance.
fn progression(whole: &[i64], axis: usize) -> Option<Known> {
    let (start, step) = (*whole.first()?, whole.get(1)?.checked_sub(*whole.first()?)?);
    let even = whole.windows(2).all(|w| w[1].checked_sub(w[0]) == Some(step));
    even.then(|| Known::Line { terms: vec![(axis, step)], constant: start })
}

/// Two numbers, apart along a diagonal.
fn step(at: &dyn Fn(usize, usize) -> Option<Scalar>, strides: &Strides, row: usize, column: usize) -> Option<Known> {
    let (rows, columns) = (strides.extents[row], strides.extents[column]);
    let (inside, outside) = (at(rows - 1, 0)?, at(0, columns - 1)?);
    // How many of the first row are inside; none where the step begins below it.
    let first = (0..columns).take_while(|j| at(0, *j) == Some(inside)).count();
    let below = (0..rows).take_while(|i| at(*i, 0) == Some(outside)).count();
    let offset = i64::try_from(first).ok()? - 1 - if first == 0 { i64::try_from(below).ok()? - 1 } else { 0 };
    let fits = (0..rows).all(|i| {
        (0..columns).all(|j| {
            let is_inside = j as i64 <= i as i64 + offset;
            at(i, j) == Some(if is_inside { inside } else { outside })
        })
    });
    (fits && inside != outside).then_some(Known::Step { row, column, offset, inside, outside })
}
