//! Activations and gates.

use super::build::Build;
use super::{Case, Miss, case, miss};
use prism_dialects::{Elem, ValueId};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, SQRT_2};

fn around(elem: Elem, f: impl FnOnce(&mut Build, ValueId) -> ValueId) -> Build {
    let mut b = Build::new(elem);
    let x = b.arg(&[2, 3]);
    let y = f(&mut b, x);
    b.result(y)
}

/// 1 + e^-x.
fn grown(b: &mut Build, x: ValueId) -> ValueId {
    let minus = b.op("nn.neg", &[x]);
    let e = b.op("nn.exp", &[minus]);
    b.by("nn.add", e, 1.0)
}

const BENDS: [&str; 6] = ["erf-mul", "erf-div", "tanh-pow", "tanh-mul", "tanh-factored", "tanh-folded"];

/// What is in the gate of a GELU of `x`; constants as given.
fn bent(b: &mut Build, x: ValueId, bend: &str, (steep, share): (f64, f64)) -> ValueId {
    match bend {
        "erf-mul" => {
            let u = b.by("nn.mul", x, FRAC_1_SQRT_2);
            b.op("nn.erf", &[u])
        }
        "erf-div" => {
            let u = b.by("nn.div", x, SQRT_2);
            b.op("nn.erf", &[u])
        }
        "tanh-pow" | "tanh-mul" => {
            let cube = if bend == "tanh-pow" {
                b.by("nn.pow", x, 3.0)
            } else {
                let square = b.mul(x, x);
                b.mul(square, x)
            };
            let part = b.by("nn.mul", cube, share);
            let sum = b.add(part, x);
            let u = b.by("nn.mul", sum, steep);
            b.op("nn.tanh", &[u])
        }
        "tanh-factored" => {
            // sqrt(2 / pi) x (1 + 0.044715 x x).
            let front = b.by("nn.mul", x, steep);
            let part = b.by("nn.mul", x, share);
            let part = b.mul(part, x);
            let sum = b.by("nn.add", part, 1.0);
            let u = b.mul(front, sum);
            b.op("nn.tanh", &[u])
        }
        _ => {
            let cube = b.by("nn.pow", x, 3.0);
            let part = b.by("nn.mul", cube, steep * share);
            let line = b.by("nn.mul", x, steep);
            let u = b.add(line, part);
            b.op("nn.tanh", &[u])
        }
    }
}

const ORDERS: [&str; 7] =
    ["half-x first", "half last", "div by 2", "half in front", "half at the gate", "half inside", "gate first"];

/// x / 2 (1 + f), in some order.
fn halved(b: &mut Build, x: ValueId, f: ValueId, order: &str) -> ValueId {
    if order == "half inside" {
        let f = b.by("nn.mul", f, 0.5);
        let gate = b.by("nn.add", f, 0.5);
        return b.mul(x, gate);
    }
    let gate = b.by("nn.add", f, 1.0);
    match order {
        "half-x first" => {
            let half = b.by("nn.mul", x, 0.5);
            b.mul(half, gate)
        }
        "half last" => {
            let y = b.mul(x, gate);
            b.by("nn.mul", y, 0.5)
        }
        "div by 2" => {
            let y = b.mul(gate, x);
            b.by("nn.div", y, 2.0)
        }
        "half in front" => {
            let half = b.number(0.5);
            let y = b.mul(x, gate);
            b.mul(half, y)
        }
        "half at the gate" => {
            let half = b.by("nn.mul", gate, 0.5);
            b.mul(half, x)
        }
        _ => {
            let half = b.by("nn.div", x, 2.0);
            b.mul(gate, half)
        }
    }
}

fn constants() -> (f64, f64) {
    (FRAC_2_PI.sqrt(), 0.044_715)
}

pub(super) fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for elem in [Elem::F32, Elem::F16, Elem::BF16, Elem::F64] {
        for bend in BENDS {
            for order in ORDERS {
                let body = around(elem, |b, x| {
                    let f = bent(b, x, bend, constants());
                    halved(b, x, f, order)
                });
                let all = [("nn.gelu", 1), ("nn.mul", 0), ("nn.erf", 0), ("nn.tanh", 0)];
                out.push(case("gelu", format!("{}, {bend}, {order}", elem.name()), body, &all));
            }
        }
    }
    // The gate of a product: x is a product itself.
    let body = around(Elem::F32, |b, x| {
        let y = b.op("nn.exp", &[x]);
        let xy = b.mul(x, y);
        let f = bent(b, xy, "tanh-mul", constants());
        halved(b, xy, f, "half-x first")
    });
    out.push(case("gelu", "of a product", body, &[("nn.gelu", 1), ("nn.mul", 1)]));
    out.push(case(
        "sigmoid",
        "reciprocal",
        around(Elem::F32, |b, x| {
            let g = grown(b, x);
            b.op("nn.reciprocal", &[g])
        }),
        &[("nn.sigmoid", 1), ("nn.exp", 0)],
    ));
    out.push(case(
        "sigmoid",
        "division",
        around(Elem::F32, |b, x| {
            let g = grown(b, x);
            let one = b.number(1.0);
            b.op("nn.div", &[one, g])
        }),
        &[("nn.sigmoid", 1), ("nn.exp", 0)],
    ));
    out.extend(silus());
    out
}

fn silus() -> Vec<Case> {
    let silu: &[(&'static str, usize)] = &[("nn.silu", 1), ("nn.mul", 0), ("nn.div", 0), ("nn.sigmoid", 0)];
    let mut out = vec![
        case(
            "silu",
            "x first",
            around(Elem::F32, |b, x| {
                let s = b.op("nn.sigmoid", &[x]);
                b.mul(x, s)
            }),
            silu,
        ),
        case(
            "silu",
            "x last",
            around(Elem::F32, |b, x| {
                let s = b.op("nn.sigmoid", &[x]);
                b.mul(s, x)
            }),
            silu,
        ),
        case(
            "silu",
            "division",
            around(Elem::F32, |b, x| {
                let g = grown(b, x);
                b.op("nn.div", &[x, g])
            }),
            silu,
        ),
        case(
            "silu",
            "reciprocal",
            around(Elem::F32, |b, x| {
                let g = grown(b, x);
                let s = b.op("nn.reciprocal", &[g]);
                b.mul(x, s)
            }),
            silu,
        ),
    ];
    for (name, bend) in [("nn.silu", ""), ("nn.gelu", "tanh-pow")] {
        let mut b = Build::new(Elem::F16);
        let x = b.arg(&[2, 3]);
        let wide = b.cast(x, Elem::F32);
        b.elem = Elem::F32;
        let y = if bend.is_empty() {
            let s = b.op("nn.sigmoid", &[wide]);
            b.mul(wide, s)
        } else {
            let f = bent(&mut b, wide, bend, constants());
            halved(&mut b, wide, f, "half-x first")
        };
        let y = b.cast(y, Elem::F16);
        out.push(case("activation-casts", name, b.result(y), &[(name, 1), ("nn.cast", 0)]));
    }
    for gate_first in [true, false] {
        let mut b = Build::new(Elem::F32);
        let (gate, up) = (b.arg(&[2, 3]), b.arg(&[2, 3]));
        let s = b.op("nn.sigmoid", &[gate]);
        let s = b.mul(gate, s);
        let y = if gate_first { b.mul(s, up) } else { b.mul(up, s) };
        out.push(case("swiglu", format!("gate first: {gate_first}"), b.result(y), &[("nn.swiglu", 1), ("nn.silu", 0)]));
    }
    // A gate that is a result too stays one.
    let mut b = Build::new(Elem::F32);
    let (gate, up) = (b.arg(&[2, 3]), b.arg(&[2, 3]));
    let s = b.op("nn.sigmoid", &[gate]);
    let g = b.mul(gate, s);
    let y = b.mul(g, up);
    let body = b.result(y).result(g).result(s);
    out.push(case("swiglu", "its parts are results", body, &[("nn.swiglu", 1), ("nn.silu", 1), ("nn.sigmoid", 1)]));
    out
}

pub(super) fn misses() -> Vec<Miss> {
    const SILU: &[&str] = &["nn.silu", "nn.sigmoid"];
    let gelu = |why, bend: &'static str, given: (f64, f64)| {
        let body = around(Elem::F32, |b, x| {
            let f = bent(b, x, bend, given);
            halved(b, x, f, "half-x first")
        });
        miss(why, body, &["nn.gelu"])
    };
    let (steep, share) = constants();
    let mut out = vec![
        gelu("0.0447", "tanh-pow", (steep, 0.0447)),
        gelu("0.7978", "tanh-mul", (0.7978, share)),
        gelu("0.79788", "tanh-factored", (0.79788, share)),
        gelu("0.797", "tanh-folded", (0.797, share)),
        gelu("a negative share", "tanh-pow", (steep, -share)),
    ];
    let shaped = |why, f: fn(&mut Build, ValueId) -> ValueId, never| miss(why, around(Elem::F32, f), never);
    out.extend([
        shaped(
            "erf of x itself",
            |b, x| {
                let f = b.op("nn.erf", &[x]);
                halved(b, x, f, "half-x first")
            },
            &["nn.gelu"],
        ),
        shaped(
            "a square in the place of the cube",
            |b, x| {
                let square = b.mul(x, x);
                let part = b.by("nn.mul", square, 0.044_715);
                let sum = b.add(part, x);
                let u = b.by("nn.mul", sum, FRAC_2_PI.sqrt());
                let f = b.op("nn.tanh", &[u]);
                halved(b, x, f, "half-x first")
            },
            &["nn.gelu"],
        ),
        shaped(
            "nearly a half",
            |b, x| {
                let f = bent(b, x, "erf-mul", constants());
                let gate = b.by("nn.add", f, 1.0);
                let half = b.by("nn.mul", x, 0.501);
                b.mul(half, gate)
            },
            &["nn.gelu"],
        ),
        shaped(
            "one minus",
            |b, x| {
                let f = bent(b, x, "erf-mul", constants());
                let one = b.number(1.0);
                let gate = b.op("nn.sub", &[one, f]);
                let half = b.by("nn.mul", x, 0.5);
                b.mul(half, gate)
            },
            &["nn.gelu"],
        ),
        shaped(
            "the gate of another tensor",
            |b, x| {
                let y = b.op("nn.exp", &[x]);
                let f = bent(b, y, "tanh-pow", constants());
                halved(b, x, f, "half-x first")
            },
            &["nn.gelu"],
        ),
        shaped(
            "x twice",
            |b, x| {
                let f = bent(b, x, "erf-mul", constants());
                let gate = b.by("nn.add", f, 1.0);
                let half = b.by("nn.mul", x, 0.5);
                let twice = b.mul(half, x);
                b.mul(twice, gate)
            },
            &["nn.gelu"],
        ),
        shaped(
            "sigmoid of 1.702 x",
            |b, x| {
                let u = b.by("nn.mul", x, 1.702);
                let s = b.op("nn.sigmoid", &[u]);
                b.mul(x, s)
            },
            &["nn.silu", "nn.gelu"],
        ),
        shaped(
            "sigmoid of another tensor",
            |b, x| {
                let y = b.op("nn.exp", &[x]);
                let s = b.op("nn.sigmoid", &[y]);
                b.mul(x, s)
            },
            &["nn.silu"],
        ),
        shaped(
            "e^x in the place of e^-x",
            |b, x| {
                let e = b.op("nn.exp", &[x]);
                let g = b.by("nn.add", e, 1.0);
                b.op("nn.div", &[x, g])
            },
            SILU,
        ),
        shaped(
            "two in the place of one",
            |b, x| {
                let minus = b.op("nn.neg", &[x]);
                let e = b.op("nn.exp", &[minus]);
                let g = b.by("nn.add", e, 2.0);
                let s = b.op("nn.reciprocal", &[g]);
                b.mul(x, s)
            },
            SILU,
        ),
    ]);
    let mut b = Build::new(Elem::F32);
    let (gate, up) = (b.arg(&[2, 3]), b.arg(&[3]));
    let s = b.op("nn.silu", &[gate]);
    let y = b.mul(s, up);
    out.push(miss("what is let through is broadcast", b.result(y), &["nn.swiglu"]));
    let mut b = Build::new(Elem::F32);
    let (gate, up) = (b.arg(&[2, 3]), b.arg(&[2, 3]));
    let s = b.op("nn.silu", &[gate]);
    let y = b.add(s, up);
    out.push(miss("a sum is no gate", b.result(y), &["nn.swiglu"]));
    out
}
