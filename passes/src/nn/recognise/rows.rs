//! Norms and softmax.
//!
//! A norm is found in steps, each at the operation that ends it: the division by the root, then the scale, the bias, and
//! the casts of a model that normalises in wider numbers than it stores.

use super::numbers::is_rounded;
use super::program::{Found, Program, Term, attrs, orders, two};
use super::{Kind, Pattern};
use prism_dialects::{Attr, Op, TensorType, ValueId};

const NORMS: [&str; 2] = ["nn.rms_norm", "nn.layer_norm"];

pub(super) static LAYER_NORM: Pattern = Pattern {
    name: "layer-norm",
    makes: "nn.layer_norm",
    kind: Kind::Reassociating,
    doc: "Layer normalisation without scale and bias, which `norm-scale` and `norm-bias` add.",
    forms: "(x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon); the mean over the last axes; the root as `rms-norm` takes it",
    roots: &["nn.mul", "nn.div"],
    apply: layer_norm,
};

pub(super) static RMS_NORM: Pattern = Pattern {
    name: "rms-norm",
    makes: "nn.rms_norm",
    kind: Kind::Reassociating,
    doc: "Root mean square normalisation without its scale, which `norm-scale` adds.",
    forms: "x / sqrt(mean(x^2) + epsilon), the square as a power or a product, the mean over the last axes or as a sum over their \
            extent; divided by the root, or times its reciprocal or a power of -1/2; epsilon may be absent",
    roots: &["nn.mul", "nn.div"],
    apply: rms_norm,
};

pub(super) static SCALE: Pattern = Pattern {
    name: "norm-scale",
    makes: "",
    kind: Kind::Exact,
    doc: "The scale of a norm that has none yet: a weight, or a sum such as 1 + weight.",
    forms: "norm(x) * scale in either order, the scale being of the shape of the normalised axes",
    roots: &["nn.mul"],
    apply: scale,
};

pub(super) static BIAS: Pattern = Pattern {
    name: "norm-bias",
    makes: "",
    kind: Kind::Exact,
    doc: "The bias of a layer normalisation that has none yet.",
    forms: "norm(x) + bias in either order, the bias being of the shape of the normalised axes",
    roots: &["nn.add"],
    apply: bias,
};

pub(super) static CASTS: Pattern = Pattern {
    name: "norm-casts",
    makes: "",
    kind: Kind::Reassociating,
    doc: "A norm that is computed in wider numbers than it reads and writes: kernels do so in any case. Its scale is rounded to the \
          narrower type.",
    forms: "cast(norm(cast(x))), x and the result being of one narrower float type",
    roots: &["nn.cast"],
    apply: casts,
};

pub(super) static SOFTMAX: Pattern = Pattern {
    name: "softmax",
    makes: "nn.softmax",
    kind: Kind::Exact,
    doc: "Softmax along one axis.",
    forms: "e / sum(e) with e = exp(x - max(x)), sum and maximum along the same axis",
    roots: &["nn.div"],
    apply: softmax,
};

/// t of a value that is sqrt(t).
fn root(p: &Program<'_>, value: ValueId) -> Option<ValueId> {
    let value = p.unspread(p.uncast(value));
    let power = || p.two(value, "nn.pow").filter(|(_, e)| p.is(*e, 0.5)).map(|(t, _)| t);
    p.one(value, "nn.sqrt").or_else(power)
}

/// t of a value that is 1 / sqrt(t).
fn inverse_root(p: &Program<'_>, value: ValueId) -> Option<ValueId> {
    let value = p.unspread(p.uncast(value));
    let op = p.op(value)?;
    match op.name() {
        "nn.rsqrt" => op.operands.first().copied(),
        "nn.reciprocal" => root(p, *op.operands.first()?),
        "nn.div" => two(op).filter(|(one, _)| p.is(*one, 1.0)).and_then(|(_, r)| root(p, r)),
        "nn.pow" => two(op).filter(|(_, e)| p.is(*e, -0.5)).map(|(t, _)| t),
        _ => None,
    }
}

/// The operand and first axis of a reduction of that name over the last axes, whose result keeps them with extent 1.
fn reduced(p: &Program<'_>, value: ValueId, name: &str) -> Option<(ValueId, usize)> {
    let kept = p.ty(value);
    let op = p.made_by(value, name).or_else(|| p.made_by(p.one(value, "nn.reshape")?, name))?;
    let x = *op.operands.first()?;
    let from = p.ty(x);
    let axes = op.attr("axes").and_then(Attr::as_ints)?;
    let first = usize::try_from(*axes.first()?).ok()?;
    let last = axes.iter().zip(first..).all(|(a, i)| usize::try_from(*a) == Ok(i)) && first + axes.len() == from.rank();
    let dims: Vec<u64> = from.dims.iter().enumerate().map(|(i, d)| if i < first { *d } else { 1 }).collect();
    (last && dims == kept.dims).then_some((x, first))
}

/// The operand and first axis of a mean over the last axes, kept with extent 1.
fn mean(p: &Program<'_>, value: ValueId) -> Option<(ValueId, usize)> {
    let value = p.uncast(value);
    if let Some(found) = reduced(p, value, "nn.reduce_mean") {
        return Some(found);
    }
    let count = |(x, axis): (ValueId, usize)| p.ty(x).dims[axis..].iter().map(|d| *d as f64).product::<f64>();
    let divided = || {
        let (sum, n) = p.two(value, "nn.div")?;
        reduced(p, sum, "nn.reduce_sum").filter(|found| p.is(n, count(*found)))
    };
    let times = |(sum, part): (ValueId, ValueId)| {
        let (share, elem) = (p.splat(part)?, p.ty(part).elem);
        let found = reduced(p, sum, "nn.reduce_sum")?;
        let n = count(found);
        // A share of one more or less may not round to the same number.
        let apart = !is_rounded(share, 1.0 / (n - 1.0), elem, 1) && !is_rounded(share, 1.0 / (n + 1.0), elem, 1);
        (is_rounded(share, 1.0 / n, elem, 1) && apart).then_some(found)
    };
    divided().or_else(|| p.either(value, "nn.mul").find_map(times))
}

fn square(p: &Program<'_>, value: ValueId) -> Option<ValueId> {
    let product = p.two(value, "nn.mul").filter(|(a, b)| a == b).map(|(a, _)| a);
    product.or_else(|| p.two(value, "nn.pow").filter(|(_, e)| p.is(*e, 2.0)).map(|(x, _)| x))
}

/// A division by the root of a mean square.
struct Normalised {
    /// What is divided.
    above: ValueId,
    /// What is squared.
    squared: ValueId,
    axis: usize,
    epsilon: f64,
}

impl Normalised {
    fn of(p: &Program<'_>, op: &Op) -> Option<Normalised> {
        let under = |(above, by): (ValueId, ValueId)| {
            let t = if op.name() == "nn.div" { root(p, by) } else { inverse_root(p, by) }?;
            Normalised::with(p, above, t)
        };
        match op.name() {
            "nn.div" => under(two(op)?),
            _ => orders(op).find_map(under),
        }
    }

    /// `above` over the root of `t`, if that is a mean square.
    fn with(p: &Program<'_>, above: ValueId, t: ValueId) -> Option<Normalised> {
        let t = p.uncast(t);
        let shifted = |(m, e)| Some((m, p.splat(e).filter(|e| e.is_finite() && *e >= 0.0)?));
        let (m, epsilon) = p.either(t, "nn.add").find_map(shifted).unwrap_or((t, 0.0));
        let (squares, axis) = mean(p, m)?;
        let squared = p.uncast(square(p, p.uncast(squares))?);
        (p.uncast(above) == squared).then_some(Normalised { above, squared, axis, epsilon })
    }

    fn found(&self, p: &Program<'_>, name: &'static str, x: ValueId) -> Option<Found> {
        let ty = p.ty(x);
        let ones = Term::splat(1.0, TensorType::new(ty.dims.get(self.axis..)?, ty.elem));
        let given = [("axis", Attr::Int(i64::try_from(self.axis).ok()?)), ("epsilon", Attr::float(self.epsilon))];
        Some(Found { name, operands: vec![Term::Value(x), ones], attrs: attrs(given) })
    }
}

fn rms_norm(p: &Program<'_>, op: &Op) -> Option<Found> {
    let n = Normalised::of(p, op)?;
    n.found(p, "nn.rms_norm", n.above)
}

fn layer_norm(p: &Program<'_>, op: &Op) -> Option<Found> {
    let n = Normalised::of(p, op)?;
    let (x, middle) = p.two(n.squared, "nn.sub")?;
    let (of, axis) = mean(p, p.unspread(middle))?;
    if p.uncast(of) != p.uncast(x) || axis != n.axis {
        return None;
    }
    // Where the difference was cast, so was x for all that matters: to the type of the result.
    let x = if p.ty(x) == p.ty(n.above) { x } else { return None };
    n.found(p, "nn.layer_norm", x)
}

/// The norm that makes a value.
fn norm<'p>(p: &'p Program<'_>, value: ValueId) -> Option<&'p Op> {
    p.op(value).filter(|op| NORMS.contains(&op.name()))
}

/// The norm that makes a value, as long as it has neither scale nor bias.
fn bare<'p>(p: &'p Program<'_>, value: ValueId) -> Option<&'p Op> {
    norm(p, value).filter(|op| op.operands.len() == 2 && p.is(op.operands[1], 1.0))
}

/// A value as scale or bias of a norm: without axes of extent 1 in front, and before it was broadcast.
fn vector(p: &Program<'_>, value: ValueId, norm: &Op) -> Option<Term> {
    let want = p.ty(*norm.operands.get(1)?);
    let value = p.unspread(value);
    let ty = p.ty(value);
    let missing = ty.rank().checked_sub(want.rank())?;
    let fits = ty.elem == want.elem && ty.dims[missing..] == want.dims && ty.dims[..missing].iter().all(|d| *d == 1);
    let wider = p.ty(*norm.operands.first()?).rank() > want.rank();
    let term = match missing {
        0 => Term::Value(value),
        _ => Term::Op("nn.reshape", vec![Term::Value(value)], attrs([]), Some(want)),
    };
    (fits && wider).then_some(term)
}

fn scale(p: &Program<'_>, op: &Op) -> Option<Found> {
    orders(op).find_map(|(value, by)| {
        let norm = bare(p, value)?;
        let operands = vec![Term::Value(norm.operands[0]), vector(p, by, norm)?];
        Some(Found { name: norm.def.name, operands, attrs: (*norm.attrs).clone() })
    })
}

fn bias(p: &Program<'_>, op: &Op) -> Option<Found> {
    orders(op).find_map(|(value, by)| {
        let norm = norm(p, value).filter(|op| op.name() == "nn.layer_norm" && op.operands.len() == 2)?;
        let mut operands: Vec<Term> = norm.operands.iter().map(|v| Term::Value(*v)).collect();
        operands.push(vector(p, by, norm)?);
        Some(Found { name: norm.def.name, operands, attrs: (*norm.attrs).clone() })
    })
}

fn casts(p: &Program<'_>, op: &Op) -> Option<Found> {
    let narrow = p.result(op)?.elem;
    let norm = norm(p, *op.operands.first()?)?;
    let (x, others) = norm.operands.split_first()?;
    let from = p.one(*x, "nn.cast").filter(|v| p.ty(*v).elem == narrow)?;
    if !narrow.is_float() || narrow.bits() >= p.ty(*x).elem.bits() {
        return None;
    }
    let narrowed = |v: &ValueId| match p.one(*v, "nn.cast").filter(|v| p.ty(*v).elem == narrow) {
        Some(before) => Term::Value(before),
        None => {
            let ty = TensorType::new(p.ty(*v).dims, narrow);
            match p.splat(*v) {
                Some(1.0) => Term::splat(1.0, ty),
                _ => Term::Op("nn.cast", vec![Term::Value(*v)], attrs([]), Some(ty)),
            }
        }
    };
    let operands = [Term::Value(from)].into_iter().chain(others.iter().map(narrowed)).collect();
    Some(Found { name: norm.def.name, operands, attrs: (*norm.attrs).clone() })
}

fn softmax(p: &Program<'_>, op: &Op) -> Option<Found> {
    let (e, sum) = two(op)?;
    let along = |value: ValueId, name: &str| {
        let kept = p.ty(value);
        let op = p.made_by(value, name).or_else(|| p.made_by(p.one(value, "nn.reshape")?, name))?;
        let (x, [axis]) = (*op.operands.first()?, op.attr("axes").and_then(Attr::as_ints)?) else { return None };
        let at = usize::try_from(*axis).ok()?;
        let mut dims = p.ty(x).dims;
        *dims.get_mut(at)? = 1;
        (dims == kept.dims).then_some((x, *axis))
    };
    let (summed, axis) = along(p.unspread(sum), "nn.reduce_sum")?;
    let (x, top) = p.two(p.one(e, "nn.exp")?, "nn.sub")?;
    let (of, same) = along(p.unspread(top), "nn.reduce_max")?;
    let fits = summed == e && of == x && same == axis;
    fits.then(|| Found {
        name: "nn.softmax",
        operands: vec![Term::Value(x)],
        attrs: attrs([("axis", Attr::Int(axis))]),
    })
}
