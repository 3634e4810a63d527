//! Activations, and gates made of them.

use super::numbers::{Cubic, is_rounded, polynomial};
use super::program::{Found, Program, Term, attrs, orders, two};
use super::{Kind, Pattern};
use prism_dialects::{Attr, Attrs, Elem, Op, ValueId};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

pub(super) static SIGMOID: Pattern = Pattern {
    name: "sigmoid",
    makes: "nn.sigmoid",
    kind: Kind::Reassociating,
    doc: "The logistic function.",
    forms: "1 / (1 + e^-x), divided or as a reciprocal",
    roots: &["nn.div", "nn.reciprocal"],
    apply: sigmoid,
};

pub(super) static SILU: Pattern = Pattern {
    name: "silu",
    makes: "nn.silu",
    kind: Kind::Reassociating,
    doc: "Sigmoid linear unit.",
    forms: "x * sigmoid(x) in either order, or x / (1 + e^-x)",
    roots: &["nn.mul", "nn.div"],
    apply: silu,
};

pub(super) static GELU: Pattern = Pattern {
    name: "gelu",
    makes: "nn.gelu",
    kind: Kind::Reassociating,
    doc: "Gaussian error linear unit, exact or by tanh. Its constants must be those of its definition, rounded to the element type.",
    forms: "products in any order of 1/2, x and 1 + erf(x / sqrt 2), or 1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)), that polynomial \
            written in any way",
    roots: &["nn.mul", "nn.div"],
    apply: gelu,
};

pub(super) static SWIGLU: Pattern = Pattern {
    name: "swiglu",
    makes: "nn.swiglu",
    kind: Kind::Exact,
    doc: "A gate of SiLU times what it lets through.",
    forms: "silu(gate) * up in either order, both of the shape of the result",
    roots: &["nn.mul"],
    apply: swiglu,
};

pub(super) static CASTS: Pattern = Pattern {
    name: "activation-casts",
    makes: "",
    kind: Kind::Reassociating,
    doc: "An activation that is computed in wider numbers than it reads and writes: kernels do so in any case.",
    forms: "cast(gelu(cast(x))) or cast(silu(cast(x))), x and the result being of one narrower float type",
    roots: &["nn.cast"],
    apply: casts,
};

fn on(name: &'static str, operands: &[ValueId]) -> Found {
    Found { name, operands: operands.iter().map(|v| Term::Value(*v)).collect(), attrs: Attrs::new() }
}

/// -x of a value that is its negative.
fn negated(p: &Program<'_>, value: ValueId) -> Option<ValueId> {
    let times = |(x, by)| p.is(by, -1.0).then_some(x);
    p.one(value, "nn.neg").or_else(|| p.either(value, "nn.mul").find_map(times))
}

/// x of a value that is 1 + e^-x.
fn grown(p: &Program<'_>, value: ValueId) -> Option<ValueId> {
    p.either(value, "nn.add").find_map(|(e, one)| {
        let e = p.one(e, "nn.exp").filter(|_| p.is(one, 1.0))?;
        negated(p, e)
    })
}

fn sigmoid(p: &Program<'_>, op: &Op) -> Option<Found> {
    let under = match op.operands.as_slice() {
        [x] => *x,
        [one, x] if p.is(*one, 1.0) => *x,
        _ => return None,
    };
    Some(on("nn.sigmoid", &[grown(p, under)?]))
}

fn silu(p: &Program<'_>, op: &Op) -> Option<Found> {
    let x = match op.name() {
        "nn.div" => two(op).filter(|(x, by)| grown(p, *by) == Some(*x))?.0,
        _ => orders(op).find(|(x, gate)| p.one(*gate, "nn.sigmoid") == Some(*x))?.0,
    };
    Some(on("nn.silu", &[x]))
}

fn swiglu(p: &Program<'_>, op: &Op) -> Option<Found> {
    let ty = p.result(op)?;
    orders(op).find_map(|(gate, up)| {
        let x = p.one(gate, "nn.silu")?;
        (p.ty(gate) == ty && p.ty(up) == ty).then(|| on("nn.swiglu", &[x, up]))
    })
}

fn casts(p: &Program<'_>, op: &Op) -> Option<Found> {
    let narrow = p.result(op)?.elem;
    let activation = p.op(*op.operands.first()?).filter(|op| matches!(op.name(), "nn.gelu" | "nn.silu"))?;
    let wide = *activation.operands.first()?;
    let x = p.one(wide, "nn.cast").filter(|x| p.ty(*x).elem == narrow)?;
    let narrower = narrow.is_float() && narrow.bits() < p.ty(wide).elem.bits();
    narrower.then(|| Found { attrs: (*activation.attrs).clone(), ..on(activation.def.name, &[x]) })
}

/// The function that bends a GELU.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bend {
    Erf,
    Tanh,
}

/// a (1 + f(u)).
struct Gate {
    value: ValueId,
    times: f64,
    bend: Bend,
    inner: ValueId,
}

impl Gate {
    fn of(p: &Program<'_>, value: ValueId) -> Option<Gate> {
        p.either(value, "nn.add").find_map(|(bent, one)| {
            let times = p.splat(one)?;
            let scaled = |(bent, by)| p.is(by, times).then_some(bent);
            let bare = if times == 1.0 { Some(bent) } else { p.either(bent, "nn.mul").find_map(scaled) }?;
            let tanh = || Some((Bend::Tanh, p.one(bare, "nn.tanh")?));
            let (bend, inner) = p.one(bare, "nn.erf").map(|u| (Bend::Erf, u)).or_else(tanh)?;
            Some(Gate { value, times, bend, inner })
        })
    }

    /// Whether it is the gate of `x`.
    fn is_of(&self, p: &Program<'_>, x: ValueId) -> bool {
        let Some([zero, one, two, three]): Option<Cubic> = polynomial(p, self.inner, x) else { return false };
        let elem = p.ty(self.inner).elem;
        let steep = FRAC_2_PI.sqrt();
        let close = |found: f64, exact: f64, roundings| is_rounded(found, exact, elem, roundings);
        zero == 0.0
            && two == 0.0
            && match self.bend {
                Bend::Erf => close(one, FRAC_1_SQRT_2, 1) && three == 0.0,
                // The cube has its own constant, and either factor of it may have been rounded too.
                Bend::Tanh => close(one, steep, 1) && close(three / one, 0.044_715, 2),
            }
    }
}

/// Most factors of a product, constants included, that a GELU is looked for in.
const MAX_FACTORS: usize = 16;

/// All values that are multiplied to make `value`, itself and partial products included.
fn factors(p: &Program<'_>, value: ValueId) -> Vec<ValueId> {
    let mut out = vec![value];
    let mut at = 0;
    while let Some(value) = out.get(at).copied().filter(|_| out.len() < MAX_FACTORS) {
        at += 1;
        let parts = p.two(value, "nn.mul").or_else(|| p.two(value, "nn.div").filter(|(_, c)| p.splat(*c).is_some()));
        out.extend(parts.into_iter().flat_map(|(a, b)| [a, b]).filter(|v| p.splat(*v).is_none()));
    }
    out
}

/// The constant c of a value that is c x g; with how often x and g have been met.
fn product(
    p: &Program<'_>,
    value: ValueId,
    (x, g): (ValueId, ValueId),
    met: &mut (u32, u32),
    depth: u32,
) -> Option<f64> {
    if value == x {
        met.0 += 1;
        return Some(1.0);
    }
    if value == g {
        met.1 += 1;
        return Some(1.0);
    }
    if let Some(c) = p.splat(value) {
        return Some(c);
    }
    let depth = depth.checked_sub(1)?;
    if let Some((a, b)) = p.two(value, "nn.mul") {
        return Some(product(p, a, (x, g), met, depth)? * product(p, b, (x, g), met, depth)?);
    }
    let (a, c) = p.two(value, "nn.div")?;
    Some(product(p, a, (x, g), met, depth)? / p.splat(c)?)
}

fn gelu(p: &Program<'_>, op: &Op) -> Option<Found> {
    let value = op.result()?;
    let all = factors(p, value);
    let gate = all.iter().find_map(|v| Gate::of(p, *v))?;
    let x = all.iter().copied().find(|x| *x != gate.value && gate.is_of(p, *x))?;
    let mut met = (0, 0);
    let constant = product(p, value, (x, gate.value), &mut met, 6)?;
    let half = met == (1, 1) && constant * gate.times == 0.5;
    let tanh = || attrs([("tanh", Attr::Bool(true))]);
    let given = if gate.bend == Bend::Tanh { tanh() } else { Attrs::new() };
    half.then(|| Found { attrs: given, ..on("nn.gelu", &[x]) }).filter(|_| p.ty(x).elem != Elem::I1)
}
