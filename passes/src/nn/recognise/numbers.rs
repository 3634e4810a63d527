//! Constants of formulas as programs hold them: rounded.

use super::program::Program;
use prism_dialects::{Attr, Elem, Op, ValueId};

/// Half a unit in the last place of a number near 1. Numbers of double precision often began as single ones.
fn half_ulp(elem: Elem) -> f64 {
    let digits = match elem {
        Elem::BF16 => 8,
        Elem::F16 => 11,
        _ => 24,
    };
    2f64.powi(-digits)
}

/// Whether `found` is what `exact` becomes by that many roundings to the element type.
pub(super) fn is_rounded(found: f64, exact: f64, elem: Elem, roundings: u32) -> bool {
    // Roundings multiply: (1 + u)^n is 1 + n u and a little more.
    let tolerance = f64::from(roundings) * half_ulp(elem) * 1.01;
    (found / exact - 1.0).abs() <= tolerance
}

/// Most operations of a polynomial.
const MAX_DEPTH: u32 = 12;

/// A polynomial: the factors of 1, x, x^2 and x^3.
pub(super) type Cubic = [f64; 4];

/// `value` as a polynomial in `x` of degree 3 at most, however it is written.
pub(super) fn polynomial(p: &Program<'_>, value: ValueId, x: ValueId) -> Option<Cubic> {
    cubic(p, value, x, MAX_DEPTH)
}

fn cubic(p: &Program<'_>, value: ValueId, x: ValueId, depth: u32) -> Option<Cubic> {
    if value == x {
        return Some([0.0, 1.0, 0.0, 0.0]);
    }
    if let Some(c) = p.splat(value) {
        return Some([c, 0.0, 0.0, 0.0]);
    }
    let op = p.op(value)?;
    let depth = depth.checked_sub(1)?;
    let part = |i: usize| cubic(p, *op.operands.get(i)?, x, depth);
    let each = |a: Cubic, b: Cubic, f: fn(f64, f64) -> f64| std::array::from_fn(|i| f(a[i], b[i]));
    match op.name() {
        "nn.add" => Some(each(part(0)?, part(1)?, |a, b| a + b)),
        "nn.sub" => Some(each(part(0)?, part(1)?, |a, b| a - b)),
        "nn.neg" => Some(part(0)?.map(|a| -a)),
        "nn.mul" => product(part(0)?, part(1)?),
        "nn.div" => p.splat(op.operands[1]).and_then(|c| Some(part(0)?.map(|a| a / c))),
        "nn.pow" => power(part(0)?, p.splat(op.operands[1])?),
        _ => None,
    }
}

fn product(a: Cubic, b: Cubic) -> Option<Cubic> {
    let mut out = [0.0; 4];
    for (i, a) in a.iter().enumerate() {
        for (j, b) in b.iter().enumerate().filter(|(_, b)| a * **b != 0.0) {
            *out.get_mut(i + j)? += a * b;
        }
    }
    Some(out)
}

fn power(base: Cubic, exponent: f64) -> Option<Cubic> {
    match exponent {
        2.0 => product(base, base),
        3.0 => product(product(base, base)?, base),
        _ => None,
    }
}

/// An integer attribute list.
pub(super) fn ints<'a>(op: &'a Op, name: &str) -> &'a [i64] {
    op.attr(name).and_then(Attr::as_ints).unwrap_or(&[])
}
