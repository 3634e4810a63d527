//! Element by element: unary, binary, comparison, logic, select, cast.

use super::{Value, Walk, broadcast_strides, check, finish, flag, pick};
use crate::attr::Attrs;
use crate::define::OpDef;
use crate::interp::{Data, Tensor};
use crate::types::{Elem, TensorType};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI};

/// The operation that `def` names, on each element.
pub(in crate::nn) fn unary(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let data = match &x.data {
        Data::Float(v) => {
            let f = float_function(def.short(), flag(attrs, "tanh"))?;
            Data::Float(v.iter().map(|x| f(*x)).collect())
        }
        Data::Int(v) => {
            let each = v.iter().map(|x| whole_function(def.short(), *x));
            Data::Int(each.collect::<Result<_, _>>()?)
        }
    };
    finish(ty, data)
}

fn float_function(name: &str, tanh_form: bool) -> Result<fn(f64) -> f64, String> {
    Ok(match name {
        "neg" => |x| -x,
        "abs" => f64::abs,
        "exp" => f64::exp,
        "log" => f64::ln,
        "sqrt" => f64::sqrt,
        "rsqrt" => |x| 1.0 / x.sqrt(),
        "reciprocal" => |x| 1.0 / x,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tanh" => f64::tanh,
        "sigmoid" => sigmoid,
        "erf" => erf,
        "relu" => |x| larger(x, 0.0),
        "silu" => |x| x * sigmoid(x),
        "gelu" if tanh_form => gelu_tanh,
        "gelu" => |x| 0.5 * x * (1.0 + erf(x * FRAC_1_SQRT_2)),
        "floor" => f64::floor,
        "ceil" => f64::ceil,
        "round" => f64::round_ties_even,
        other => return Err(format!("`nn.{other}` has no meaning on floats")),
    })
}

fn whole_function(name: &str, x: i64) -> Result<i64, String> {
    let made = match name {
        "neg" => x.checked_neg(),
        "abs" => x.checked_abs(),
        "not" => Some(i64::from(x == 0)),
        other => return Err(format!("`nn.{other}` has no meaning on integers")),
    };
    made.ok_or_else(|| format!("`nn.{name}` of {x} overflows"))
}

pub(super) fn sigmoid(x: f64) -> f64 {
    // e^-|x| cannot overflow.
    let e = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// sqrt(2 / pi) (x + 0.044715 x^3) through tanh: Hendrycks and Gimpel, arXiv 1606.08415, section 2.
fn gelu_tanh(x: f64) -> f64 {
    0.5 * x * (1.0 + (FRAC_2_PI.sqrt() * (x + 0.044715 * x * x * x)).tanh())
}

/// erf x = 2 / sqrt(pi) e^(-x^2) sum over n of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): DLMF 7.6.2.
///
/// All terms have one sign, so nothing cancels. From |x| = 6 on, erf differs from 1 by less than half a unit in the
/// last place.
fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.abs() >= 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > sum.abs() * f64::EPSILON / 4.0 {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// Maximum in which a NaN wins, as in NumPy.
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Minimum in which a NaN wins, as in NumPy.
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// `t` as it reads when broadcast to `dims`.
fn spread(t: &Tensor, dims: &[u64]) -> Result<Data, String> {
    if t.ty.dims == dims {
        return Ok(t.data.clone());
    }
    pick(&t.data, Walk::new(dims, broadcast_strides(&t.ty.dims, dims.len()), 0))
}

/// The operation that `def` names, on each pair of elements: arithmetic, comparison, logic.
pub(in crate::nn) fn binary(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [a, b] = args else { return Err("two operands expected".into()) };
    let name = def.short();
    let data = match (spread(a, &ty.dims)?, spread(b, &ty.dims)?) {
        (Data::Float(a), Data::Float(b)) => {
            let pairs = a.iter().zip(&b);
            match float_comparison(name) {
                Some(holds) => Data::Int(pairs.map(|(a, b)| i64::from(holds(a, b))).collect()),
                None => {
                    let f = float_pair(name)?;
                    Data::Float(pairs.map(|(a, b)| f(*a, *b)).collect())
                }
            }
        }
        (Data::Int(a), Data::Int(b)) => {
            let each = a.iter().zip(&b).map(|(a, b)| whole_pair(name, *a, *b));
            Data::Int(each.collect::<Result<_, _>>()?)
        }
        _ => return Err("operands of different kinds".into()),
    };
    finish(ty, data)
}

fn float_comparison(name: &str) -> Option<fn(&f64, &f64) -> bool> {
    Some(match name {
        "equal" => |a, b| a == b,
        "less" => |a, b| a < b,
        "less_equal" => |a, b| a <= b,
        "greater" => |a, b| a > b,
        "greater_equal" => |a, b| a >= b,
        _ => return None,
    })
}

fn float_pair(name: &str) -> Result<fn(f64, f64) -> f64, String> {
    Ok(match name {
        "add" => |a, b| a + b,
        "sub" => |a, b| a - b,
        "mul" => |a, b| a * b,
        "div" => |a, b| a / b,
        "pow" => f64::powf,
        "max" => larger,
        "min" => smaller,
        "mod" => |a, b| a - b * (a / b).floor(),
        other => return Err(format!("`nn.{other}` has no meaning on floats")),
    })
}

fn whole_pair(name: &str, a: i64, b: i64) -> Result<i64, String> {
    if matches!(name, "div" | "mod") && b == 0 {
        return Err(format!("`nn.{name}` of {a} by zero"));
    }
    let made = match name {
        "add" => a.checked_add(b),
        "sub" => a.checked_sub(b),
        "mul" => a.checked_mul(b),
        "div" => a.checked_div(b),
        "pow" => return whole_power(a, b),
        "max" => Some(a.max(b)),
        "min" => Some(a.min(b)),
        "mod" => floored_remainder(a, b),
        "equal" => Some(i64::from(a == b)),
        "less" => Some(i64::from(a < b)),
        "less_equal" => Some(i64::from(a <= b)),
        "greater" => Some(i64::from(a > b)),
        "greater_equal" => Some(i64::from(a >= b)),
        "and" => Some(i64::from(a != 0 && b != 0)),
        "or" => Some(i64::from(a != 0 || b != 0)),
        "xor" => Some(i64::from((a != 0) != (b != 0))),
        other => return Err(format!("`nn.{other}` has no meaning on integers")),
    };
    made.ok_or_else(|| format!("`nn.{name}` of {a} and {b} overflows"))
}

/// The remainder that has the sign of the divisor; the divisor is not 0.
fn floored_remainder(a: i64, b: i64) -> Option<i64> {
    // i64::MIN by -1 overflows in the division although its remainder is 0.
    let r = a.checked_rem(b).unwrap_or(0);
    if r != 0 && (r < 0) != (b < 0) { r.checked_add(b) } else { Some(r) }
}

fn whole_power(a: i64, b: i64) -> Result<i64, String> {
    let exponent = u64::try_from(b).map_err(|_| format!("`nn.pow` of integer {a} by negative {b}"))?;
    let made = match (a, u32::try_from(exponent)) {
        (0 | 1, Err(_)) => Some(a),
        (-1, Err(_)) => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        (_, Err(_)) => None,
        (_, Ok(e)) => a.checked_pow(e),
    };
    made.ok_or_else(|| format!("`nn.pow` of {a} and {b} overflows"))
}

/// `nn.where`.
pub(in crate::nn) fn select(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [c, a, b] = args else { return Err("three operands expected".into()) };
    let Data::Int(c) = spread(c, &ty.dims)? else { return Err("condition is not boolean".into()) };
    fn choose<T: Copy>(c: &[i64], a: &[T], b: &[T]) -> Vec<T> {
        c.iter().zip(a.iter().zip(b)).map(|(c, (a, b))| if *c != 0 { *a } else { *b }).collect()
    }
    let data = match (spread(a, &ty.dims)?, spread(b, &ty.dims)?) {
        (Data::Float(a), Data::Float(b)) => Data::Float(choose(&c, &a, &b)),
        (Data::Int(a), Data::Int(b)) => Data::Int(choose(&c, &a, &b)),
        _ => return Err("operands of different kinds".into()),
    };
    finish(ty, data)
}

/// The same numbers in another element type; anything but 0 is true.
pub(in crate::nn) fn cast(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x] = args else { return Err("one operand expected".into()) };
    let data = match (&x.data, ty.elem) {
        (Data::Float(v), Elem::I1) => Data::Int(v.iter().map(|x| i64::from(*x != 0.0)).collect()),
        (Data::Int(v), Elem::I1) => Data::Int(v.iter().map(|x| i64::from(*x != 0)).collect()),
        (Data::Float(v), elem) if !elem.is_float() => Data::Int(v.iter().map(|x| whole(*x)).collect::<Result<_, _>>()?),
        (Data::Int(v), elem) if elem.is_float() => Data::Float(v.iter().map(|x| *x as f64).collect()),
        (same, _) => same.clone(),
    };
    finish(ty, data)
}

fn whole(x: f64) -> Result<i64, String> {
    // -2^63 and 2^63 are exact in f64; i64::MAX is not.
    let (low, high) = (-9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0);
    let t = x.trunc();
    if t >= low && t < high { Ok(t as i64) } else { Err(format!("{x} has no integer form")) }
}

#[cfg(test)]
mod tests {
    use super::{erf, floored_remainder, whole, whole_power};

    /// Abramowitz and Stegun, table 7.1.
    #[test]
    fn erf_agrees_with_the_tables() {
        for (x, want) in [(0.0, 0.0), (0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)] {
            assert!((erf(x) - want).abs() < 1e-10 && (erf(-x) + want).abs() < 1e-10, "{x}");
        }
        assert!((erf(5.999) - 1.0).abs() < 1e-15 && erf(f64::NAN).is_nan() && erf(f64::NEG_INFINITY) == -1.0);
    }

    #[test]
    fn integers_do_not_wrap() {
        assert_eq!(floored_remainder(-7, 3), Some(2));
        assert_eq!(floored_remainder(7, -3), Some(-2));
        assert_eq!(floored_remainder(i64::MIN, -1), Some(0));
        assert_eq!(whole_power(-1, i64::MAX), Ok(-1));
        assert!(whole_power(2, 63).is_err() && whole_power(2, -1).is_err());
        assert!(whole(9_223_372_036_854_775_808.0).is_err() && whole(f64::NAN).is_err());
        assert_eq!(whole(-1.9), Ok(-1));
    }
}
