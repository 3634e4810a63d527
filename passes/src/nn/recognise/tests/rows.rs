//! Norms and softmax.

use super::build::Build;
use super::{Case, case};
use prism_dialects::{Elem, ValueId};

pub(super) const X: &[u64] = &[2, 3, 8];

const ROOTS: [&str; 6] = ["sqrt-reciprocal", "sqrt-div", "rsqrt", "one-over-sqrt", "power", "root-power"];
const SQUARES: [&str; 2] = ["pow", "mul"];
const MEANS: [&str; 4] = ["mean", "mean-reshape", "sum-div", "sum-mul"];

/// Mean of the squares of `y` over the last axis.
pub(super) fn mean_square(b: &mut Build, y: ValueId, square: &str, mean: &str) -> ValueId {
    let squares = if square == "pow" { b.by("nn.pow", y, 2.0) } else { b.mul(y, y) };
    mean_of(b, squares, mean)
}

pub(super) fn mean_of(b: &mut Build, y: ValueId, mean: &str) -> ValueId {
    let mut kept = b.dims(y);
    let n = kept.pop().expect("an axis");
    let last = kept.len() as i64;
    kept.push(1);
    match mean {
        "mean" => b.reduce("nn.reduce_mean", y, &[last], true),
        "mean-reshape" => {
            let m = b.reduce("nn.reduce_mean", y, &[last], false);
            b.reshape(m, &kept)
        }
        "sum-div" => {
            let s = b.reduce("nn.reduce_sum", y, &[last], true);
            b.by("nn.div", s, n as f64)
        }
        _ => {
            let s = b.reduce("nn.reduce_sum", y, &[last], true);
            b.by("nn.mul", s, 1.0 / n as f64)
        }
    }
}

/// `above` divided by the root of `t`.
pub(super) fn over_root(b: &mut Build, above: ValueId, t: ValueId, root: &str) -> ValueId {
    match root {
        "sqrt-reciprocal" => {
            let r = b.op("nn.sqrt", &[t]);
            let r = b.op("nn.reciprocal", &[r]);
            b.mul(above, r)
        }
        "sqrt-div" => {
            let r = b.op("nn.sqrt", &[t]);
            b.op("nn.div", &[above, r])
        }
        "rsqrt" => {
            let r = b.op("nn.rsqrt", &[t]);
            b.mul(r, above)
        }
        "one-over-sqrt" => {
            let r = b.op("nn.sqrt", &[t]);
            let one = b.number(1.0);
            let r = b.op("nn.div", &[one, r]);
            b.mul(above, r)
        }
        "power" => {
            let r = b.by("nn.pow", t, -0.5);
            b.mul(above, r)
        }
        _ => {
            let r = b.by("nn.pow", t, 0.5);
            b.op("nn.div", &[above, r])
        }
    }
}

pub(super) fn rms(b: &mut Build, x: ValueId, square: &str, mean: &str, root: &str) -> ValueId {
    let m = mean_square(b, x, square, mean);
    let t = b.by("nn.add", m, 1e-6);
    over_root(b, x, t, root)
}

fn layer(b: &mut Build, x: ValueId, square: &str, root: &str) -> ValueId {
    let m = mean_of(b, x, "mean");
    let d = b.op("nn.sub", &[x, m]);
    let v = mean_square(b, d, square, "mean");
    let t = b.by("nn.add", v, 1e-5);
    over_root(b, d, t, root)
}

/// One program around an argument.
pub(super) fn around(f: impl FnOnce(&mut Build, ValueId) -> ValueId) -> Build {
    let mut b = Build::new(Elem::F32);
    let x = b.arg(X);
    let y = f(&mut b, x);
    b.result(y)
}

pub(super) fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    let rms_norm: &[(&'static str, usize)] = &[("nn.rms_norm", 1), ("nn.layer_norm", 0), ("nn.mul", 0), ("nn.div", 0)];
    for root in ROOTS {
        for square in SQUARES {
            for mean in MEANS {
                let body = around(|b, x| rms(b, x, square, mean, root));
                out.push(case("rms-norm", format!("{square}, {mean}, {root}"), body, rms_norm));
            }
            let body = around(|b, x| layer(b, x, square, root));
            out.push(case(
                "layer-norm",
                format!("{square}, {root}"),
                body,
                &[("nn.layer_norm", 1), ("nn.rms_norm", 0)],
            ));
        }
    }
    let body = around(|b, x| {
        let m = mean_square(b, x, "pow", "mean");
        over_root(b, x, m, "rsqrt")
    });
    out.push(case("rms-norm", "no epsilon", body, rms_norm));
    out.extend(scales());
    out.extend(narrow());
    for kept in [true, false] {
        let body = around(|b, x| {
            let fit = |b: &mut Build, v| if kept { v } else { b.reshape(v, &[2, 3, 1]) };
            let top = b.reduce("nn.reduce_max", x, &[2], kept);
            let top = fit(b, top);
            let below = b.op("nn.sub", &[x, top]);
            let e = b.op("nn.exp", &[below]);
            let sum = b.reduce("nn.reduce_sum", e, &[2], kept);
            let sum = fit(b, sum);
            b.op("nn.div", &[e, sum])
        });
        out.push(case("softmax", format!("axes kept: {kept}"), body, &[("nn.softmax", 1), ("nn.exp", 0)]));
    }
    out
}

/// Scales and biases.
fn scales() -> Vec<Case> {
    let one_norm: &[(&'static str, usize)] = &[("nn.rms_norm", 1), ("nn.mul", 0), ("nn.constant", 0)];
    let mut out = Vec::new();
    for (what, front) in [("weight first", true), ("weight last", false)] {
        let body = around(|b, x| {
            let n = rms(b, x, "pow", "mean", "rsqrt");
            let w = b.weight("w", &[8]);
            if front { b.mul(w, n) } else { b.mul(n, w) }
        });
        out.push(case("norm-scale", what, body, one_norm));
    }
    let body = around(|b, x| {
        let n = rms(b, x, "mul", "mean", "rsqrt");
        let w = b.weight("w", &[8]);
        let w = b.by("nn.add", w, 1.0);
        b.mul(n, w)
    });
    out.push(case("norm-scale", "1 + weight", body, &[("nn.rms_norm", 1), ("nn.mul", 0), ("nn.add", 1)]));
    let body = around(|b, x| {
        let n = rms(b, x, "pow", "mean", "rsqrt");
        let w = b.weight("w", &[1, 1, 8]);
        b.mul(n, w)
    });
    out.push(case(
        "norm-scale",
        "axes of extent 1 in front",
        body,
        &[("nn.rms_norm", 1), ("nn.mul", 0), ("nn.reshape", 1)],
    ));
    let body = around(|b, x| {
        let n = rms(b, x, "pow", "mean", "rsqrt");
        let w = b.weight("w", &[8]);
        let w = b.broadcast(w, X);
        b.mul(n, w)
    });
    out.push(case("norm-scale", "broadcast before", body, one_norm));
    let body = around(|b, x| {
        let n = rms(b, x, "pow", "mean", "rsqrt");
        let (w, v) = (b.weight("w", &[8]), b.weight("v", &[8]));
        let once = b.mul(n, w);
        b.mul(once, v)
    });
    out.push(case("norm-scale", "only the first of two", body, &[("nn.rms_norm", 1), ("nn.mul", 1)]));
    for scaled in [true, false] {
        let body = around(|b, x| {
            let mut n = layer(b, x, "pow", "sqrt-div");
            if scaled {
                let w = b.weight("w", &[8]);
                n = b.mul(n, w);
            }
            let v = b.weight("v", &[8]);
            b.add(v, n)
        });
        let all: &[(&'static str, usize)] = &[("nn.layer_norm", 1), ("nn.add", 0), ("nn.mul", 0)];
        out.push(case("norm-bias", format!("scaled: {scaled}"), body, all));
    }
    out
}

/// Models of half precision that normalise in single.
fn narrow() -> Vec<Case> {
    let mut out = Vec::new();
    for elem in [Elem::F16, Elem::BF16] {
        for weight in ["after", "before", "one plus", "none"] {
            let mut b = Build::new(elem);
            let x = b.arg(X);
            let wide = b.cast(x, Elem::F32);
            b.elem = Elem::F32;
            let mut n = rms(&mut b, wide, "pow", "mean", "rsqrt");
            b.elem = elem;
            let w = b.weight("w", &[8]);
            if weight == "before" || weight == "one plus" {
                let mut s = b.cast(w, Elem::F32);
                b.elem = Elem::F32;
                if weight == "one plus" {
                    s = b.by("nn.add", s, 1.0);
                }
                n = b.mul(n, s);
            }
            let mut y = b.cast(n, elem);
            b.elem = elem;
            if weight == "after" {
                y = b.mul(w, y);
            }
            // What is left of casts is that of the scale.
            let casts = if weight == "one plus" { 2 } else { 0 };
            let makes = [("nn.rms_norm", 1), ("nn.cast", casts), ("nn.mul", 0)];
            out.push(case("norm-casts", format!("{}, weight {weight}", elem.name()), b.result(y), &makes));
        }
    }
    let mut b = Build::new(Elem::F16);
    let x = b.arg(X);
    let wide = b.cast(x, Elem::F32);
    b.elem = Elem::F32;
    let n = layer(&mut b, wide, "pow", "sqrt-div");
    let (w, v) = (b.weight("w", &[8]), b.weight("v", &[8]));
    let n = b.mul(n, w);
    let n = b.add(n, v);
    let y = b.cast(n, Elem::F16);
    out.push(case("norm-casts", "scale and bias", b.result(y), &[("nn.layer_norm", 1), ("nn.cast", 2), ("nn.add", 0)]));
    out
}
