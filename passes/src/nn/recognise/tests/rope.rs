//! Rotary embedding.

use super::build::{Build, attrs};
use super::{Case, Miss, case, miss};
use prism_dialects::{Attr, Elem, Numbers, TensorType, ValueId};

const HEADS: [u64; 4] = [1, 2, 3, 8];

/// A program of x and two tables whose last axis has `width` channels.
fn around(width: u64, f: impl FnOnce(&mut Build, ValueId, ValueId, ValueId) -> ValueId) -> Build {
    let mut b = Build::new(Elem::F32);
    let (x, cos, sin) = (b.arg(&HEADS), b.arg(&[1, 1, 3, width]), b.arg(&[1, 1, 3, width]));
    let y = f(&mut b, x, cos, sin);
    b.result(y)
}

/// (-b, a) of the halves (a, b).
fn turned(b: &mut Build, x: ValueId) -> ValueId {
    let n = *b.dims(x).last().expect("an axis") as i64;
    let (first, second) = (b.channels(x, 0, n / 2, 1), b.channels(x, n / 2, n / 2, 1));
    let minus = b.op("nn.neg", &[second]);
    b.concat(&[minus, first])
}

fn summed(b: &mut Build, x: ValueId, cos: ValueId, turned: ValueId, sin: ValueId) -> ValueId {
    let (along, across) = (b.mul(x, cos), b.mul(turned, sin));
    b.add(along, across)
}

/// Channels 0, 2, ... or 1, 3, ... of `x`, with an axis of 1 behind them where asked for.
fn every_other(b: &mut Build, x: ValueId, start: i64, how: &str) -> ValueId {
    let n = HEADS[3] as i64;
    let pairs = [1, 2, 3, n as u64 / 2, 2];
    match how {
        "slices" => b.channels(x, start, n / 2, 2),
        "pairs" => {
            let apart = b.reshape(x, &pairs);
            let one = b.channels(apart, start, 1, 1);
            b.reshape(one, &pairs[..4])
        }
        "pairs kept" => {
            let apart = b.reshape(x, &pairs);
            b.channels(apart, start, 1, 1)
        }
        _ => {
            let apart = b.reshape(x, &pairs);
            let index = b.constant(TensorType::new([], Elem::I64), Numbers::Int(vec![start]));
            b.with("nn.gather", &[apart, index], attrs([("axis", Attr::Int(4))]))
        }
    }
}

/// Two tensors of channels as neighbours.
fn woven(b: &mut Build, first: ValueId, second: ValueId) -> ValueId {
    let mut dims = HEADS.to_vec();
    let n = dims.pop().expect("an axis");
    dims.extend([n / 2, 1]);
    let (first, second) = (spread(b, first, &dims), spread(b, second, &dims));
    let pairs = b.concat(&[first, second]);
    b.reshape(pairs, &HEADS)
}

fn spread(b: &mut Build, x: ValueId, dims: &[u64]) -> ValueId {
    if b.dims(x) == dims { x } else { b.reshape(x, dims) }
}

/// (a cos - b sin, b cos + a sin).
fn rotated(b: &mut Build, (x, y): (ValueId, ValueId), cos: ValueId, sin: ValueId) -> (ValueId, ValueId) {
    let (x_cos, y_sin) = (b.mul(x, cos), b.mul(sin, y));
    let (y_cos, x_sin) = (b.mul(y, cos), b.mul(x, sin));
    (b.op("nn.sub", &[x_cos, y_sin]), b.add(x_sin, y_cos))
}

const WAYS: [&str; 4] = ["slices", "pairs", "pairs kept", "gather"];

pub(super) fn cases() -> Vec<Case> {
    let one: &[(&'static str, usize)] = &[("nn.rope", 1), ("nn.neg", 0), ("nn.concat", 0), ("nn.mul", 0)];
    let mut out = vec![
        case(
            "rope",
            "halves",
            around(8, |b, x, cos, sin| {
                let t = turned(b, x);
                summed(b, x, cos, t, sin)
            }),
            one,
        ),
        case(
            "rope",
            "everything in the other order",
            around(8, |b, x, cos, sin| {
                let t = turned(b, x);
                let (across, along) = (b.mul(sin, t), b.mul(cos, x));
                b.add(across, along)
            }),
            one,
        ),
        case(
            "rope-pairs",
            "halves",
            around(4, |b, x, cos, sin| {
                let halves = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
                let (first, second) = rotated(b, halves, cos, sin);
                b.concat(&[first, second])
            }),
            one,
        ),
        case(
            "rope-pairs",
            "tables cut from larger ones",
            around(8, |b, x, cos, sin| {
                let (cos, sin) = (b.channels(cos, 0, 4, 1), b.channels(sin, 0, 4, 1));
                let halves = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
                let (first, second) = rotated(b, halves, cos, sin);
                b.concat(&[first, second])
            }),
            one,
        ),
    ];
    let near = |body: Build, pattern, what: String| {
        let case = case(pattern, what, body, one);
        let (after, _) = super::recognised(&case.body);
        assert!(after.ops.iter().any(|op| op.attr("interleaved").is_some()), "{}", case.what);
        case
    };
    for way in WAYS {
        let body = around(8, |b, x, cos, sin| {
            let (even, odd) = (every_other(b, x, 0, way), every_other(b, x, 1, way));
            let minus = b.op("nn.neg", &[odd]);
            let t = woven(b, minus, even);
            summed(b, x, cos, t, sin)
        });
        out.push(near(body, "rope", format!("neighbours by {way}")));
        let body = around(4, |b, x, cos, sin| {
            let pairs = (every_other(b, x, 0, way), every_other(b, x, 1, way));
            let wide = |b: &mut Build, t| if way == "pairs kept" { b.reshape(t, &[1, 1, 3, 4, 1]) } else { t };
            let (cos, sin) = (wide(b, cos), wide(b, sin));
            let (first, second) = rotated(b, pairs, cos, sin);
            woven(b, first, second)
        });
        out.push(near(body, "rope-pairs", format!("neighbours by {way}")));
    }
    for near in [false, true] {
        let body = around(if near { 2 } else { 4 }, |b, x, cos, sin| {
            let (first, rest) = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let front = if near {
                let halves = (b.channels(first, 0, 2, 1), b.channels(first, 2, 2, 1));
                let (a, c) = rotated(b, halves, cos, sin);
                b.concat(&[a, c])
            } else {
                let t = turned(b, first);
                summed(b, first, cos, t, sin)
            };
            b.concat(&[front, rest])
        });
        out.push(case("rope-partial", format!("tables by pair: {near}"), body, one));
    }
    out
}

pub(super) fn misses() -> Vec<Miss> {
    const ROPE: &[&str] = &["nn.rope"];
    let wide = |why, f: fn(&mut Build, ValueId, ValueId, ValueId) -> ValueId| miss(why, around(8, f), ROPE);
    let half = |why, f: fn(&mut Build, ValueId, ValueId, ValueId) -> ValueId| miss(why, around(4, f), ROPE);
    vec![
        wide("no sign", |b, x, cos, sin| {
            let (first, second) = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let t = b.concat(&[second, first]);
            summed(b, x, cos, t, sin)
        }),
        wide("halves swapped", |b, x, cos, sin| {
            let (first, second) = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let minus = b.op("nn.neg", &[first]);
            let t = b.concat(&[minus, second]);
            summed(b, x, cos, t, sin)
        }),
        wide("the sign at the other half", |b, x, cos, sin| {
            let (first, second) = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let minus = b.op("nn.neg", &[first]);
            let t = b.concat(&[second, minus]);
            summed(b, x, cos, t, sin)
        }),
        wide("parts that are no halves", |b, x, cos, sin| {
            let (first, second) = (b.channels(x, 0, 2, 1), b.channels(x, 2, 6, 1));
            let minus = b.op("nn.neg", &[second]);
            let t = b.concat(&[minus, first]);
            summed(b, x, cos, t, sin)
        }),
        wide("another tensor is turned", |b, x, cos, sin| {
            let y = b.op("nn.exp", &[x]);
            let t = turned(b, y);
            summed(b, x, cos, t, sin)
        }),
        wide("a difference", |b, x, cos, sin| {
            let t = turned(b, x);
            let (along, across) = (b.mul(x, cos), b.mul(t, sin));
            b.op("nn.sub", &[along, across])
        }),
        wide("halves turned as neighbours", |b, x, cos, sin| {
            let (first, second) = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let minus = b.op("nn.neg", &[second]);
            let t = woven(b, minus, first);
            summed(b, x, cos, t, sin)
        }),
        half("signs the other way round", |b, x, cos, sin| {
            let (first, second) = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let (f_cos, s_sin) = (b.mul(first, cos), b.mul(second, sin));
            let (s_cos, f_sin) = (b.mul(second, cos), b.mul(first, sin));
            let (a, c) = (b.add(f_cos, s_sin), b.op("nn.sub", &[s_cos, f_sin]));
            b.concat(&[a, c])
        }),
        half("tables swapped in one of the two", |b, x, cos, sin| {
            let (first, second) = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let (f_cos, s_sin) = (b.mul(first, cos), b.mul(second, sin));
            let (s_sin2, f_cos2) = (b.mul(second, sin), b.mul(first, cos));
            let (a, c) = (b.op("nn.sub", &[f_cos, s_sin]), b.add(s_sin2, f_cos2));
            b.concat(&[a, c])
        }),
        half("results in the other order", |b, x, cos, sin| {
            let halves = (b.channels(x, 0, 4, 1), b.channels(x, 4, 4, 1));
            let (first, second) = rotated(b, halves, cos, sin);
            b.concat(&[second, first])
        }),
    ]
}
