//! Attention.

use super::build::{Build, attrs};
use super::{Case, case};
use prism_dialects::{Attr, Attrs, Elem, Numbers, TensorType, ValueId};

/// Heads, queries, keys, channels.
const DIMS: (u64, u64, u64, u64) = (2, 3, 3, 4);

/// Queries, keys and values.
struct Inputs {
    b: Build,
    q: ValueId,
    k: ValueId,
    v: ValueId,
}

fn inputs(elem: Elem, (h, m, n, d): (u64, u64, u64, u64), shared: u64) -> Inputs {
    let mut b = Build::new(elem);
    let (q, k, v) = (b.arg(&[1, h, m, d]), b.arg(&[1, h / shared, n, d]), b.arg(&[1, h / shared, n, d]));
    Inputs { b, q, k, v }
}

pub(super) const SWAP: &[i64] = &[0, 1, 3, 2];

/// q k'.
pub(super) fn products(b: &mut Build, q: ValueId, k: ValueId) -> ValueId {
    let t = b.transpose(k, SWAP);
    b.op("nn.matmul", &[q, t])
}

/// softmax(s) v.
pub(super) fn weighed(b: &mut Build, s: ValueId, v: ValueId) -> ValueId {
    let p = b.softmax(s, 3);
    b.op("nn.matmul", &[p, v])
}

fn causal(b: &mut Build, m: u64, n: u64, fill: f64) -> ValueId {
    let ty = TensorType::new([1, 1, m, n], b.elem);
    b.to("nn.causal_mask", &[], attrs([("fill", Attr::float(fill))]), ty)
}

/// A program around queries, keys and values of one shape.
pub(super) fn around(f: impl FnOnce(&mut Build, ValueId, ValueId, ValueId) -> ValueId) -> Build {
    let Inputs { mut b, q, k, v } = inputs(Elem::F32, DIMS, 1);
    let y = f(&mut b, q, k, v);
    b.result(y)
}

/// Each head repeated.
fn repeated(b: &mut Build, x: ValueId, times: u64) -> ValueId {
    let [one, g, n, d] = b.dims(x)[..] else { panic!("four axes") };
    let apart = b.reshape(x, &[one, g, 1, n, d]);
    let wide = b.broadcast(apart, &[one, g, times, n, d]);
    b.reshape(wide, &[one, g * times, n, d])
}

const WHOLE: &[(&str, usize)] = &[("nn.attention", 1), ("nn.matmul", 0), ("nn.softmax", 0)];

fn attribute(case: &Case, name: &str) -> Option<Attr> {
    let (after, _) = super::recognised(&case.body);
    after.ops.iter().find(|op| op.name() == "nn.attention").and_then(|op| op.attr(name)).cloned()
}

pub(super) fn cases() -> Vec<Case> {
    [scales(), masks(), shapes(), precisions()].into_iter().flatten().collect()
}

fn scales() -> Vec<Case> {
    let half = 0.5;
    let mut out = Vec::new();
    let mut add = |what: &'static str, scale: f64, f: fn(&mut Build, ValueId, ValueId, ValueId) -> ValueId| {
        let case = case("attention", what, around(f), WHOLE);
        let Some(Attr::Float(found)) = attribute(&case, "scale") else { panic!("{what}: no scale") };
        assert!((found.0 - scale).abs() < 1e-6, "{what}: {found:?}");
        out.push(case);
    };
    add("no scale", 1.0, |b, q, k, v| {
        let s = products(b, q, k);
        weighed(b, s, v)
    });
    add("scores times", half, |b, q, k, v| {
        let s = products(b, q, k);
        let s = b.by("nn.mul", s, 0.5);
        weighed(b, s, v)
    });
    add("scores divided", half, |b, q, k, v| {
        let s = products(b, q, k);
        let s = b.by("nn.div", s, 2.0);
        weighed(b, s, v)
    });
    add("q times", half, |b, q, k, v| {
        let q = b.by("nn.mul", q, 0.5);
        let s = products(b, q, k);
        weighed(b, s, v)
    });
    add("k divided before the transpose", half, |b, q, k, v| {
        let k = b.by("nn.div", k, 2.0);
        let s = products(b, q, k);
        weighed(b, s, v)
    });
    add("the root of the scale on either side", half, |b, q, k, v| {
        let q = b.by("nn.mul", q, 0.5f64.sqrt());
        let t = b.transpose(k, SWAP);
        let t = b.by("nn.mul", t, 0.5f64.sqrt());
        let s = b.op("nn.matmul", &[q, t]);
        weighed(b, s, v)
    });
    add("everywhere", 0.125, |b, q, k, v| {
        let (q, k) = (b.by("nn.mul", q, 0.5), b.by("nn.mul", k, 0.5));
        let s = products(b, q, k);
        let s = b.by("nn.mul", s, 0.5);
        weighed(b, s, v)
    });
    add("capped", half, |b, q, k, v| {
        let s = products(b, q, k);
        let s = b.by("nn.mul", s, 0.5);
        let s = b.by("nn.div", s, 3.0);
        let s = b.op("nn.tanh", &[s]);
        let s = b.by("nn.mul", s, 3.0);
        weighed(b, s, v)
    });
    assert_eq!(out.last().and_then(|case| attribute(case, "softcap")), Some(Attr::float(3.0)));
    out
}

fn masks() -> Vec<Case> {
    let mut out = Vec::new();
    let mut add = |what: &'static str, operands: usize, is_causal: bool, body: Build| {
        let case = case("attention", what, body, WHOLE);
        let (after, _) = super::recognised(&case.body);
        let op = after.ops.iter().find(|op| op.name() == "nn.attention").unwrap_or_else(|| panic!("{what}: not found"));
        assert_eq!((op.operands.len(), op.attr("causal").is_some()), (operands, is_causal), "{what}");
        out.push(case);
    };
    add(
        "causal, added",
        3,
        true,
        around(|b, q, k, v| {
            let s = products(b, q, k);
            let mask = causal(b, 3, 3, f64::from(f32::MIN));
            let s = b.add(s, mask);
            weighed(b, s, v)
        }),
    );
    add(
        "causal, chosen",
        3,
        true,
        around(|b, q, k, v| {
            let s = products(b, q, k);
            let mask = b.to("nn.causal_mask", &[], Attrs::new(), TensorType::new([3, 3], Elem::I1));
            let fill = b.number(f64::NEG_INFINITY);
            let s = b.op("nn.where", &[mask, s, fill]);
            weighed(b, s, v)
        }),
    );
    add(
        "hides by 10000 only",
        4,
        false,
        around(|b, q, k, v| {
            let s = products(b, q, k);
            let mask = causal(b, 3, 3, -1e4);
            let s = b.add(mask, s);
            weighed(b, s, v)
        }),
    );
    add(
        "a window",
        4,
        false,
        around(|b, q, k, v| {
            let s = products(b, q, k);
            let mask = super::masks::window(b, 3, 3);
            let s = b.add(s, mask);
            weighed(b, s, v)
        }),
    );
    add(
        "numbers",
        4,
        false,
        around(|b, q, k, v| {
            let s = products(b, q, k);
            let mask = b.arg(&[1, 1, 1, 3]);
            let s = b.add(s, mask);
            weighed(b, s, v)
        }),
    );
    add(
        "numbers that are 0",
        3,
        false,
        around(|b, q, k, v| {
            let s = products(b, q, k);
            let s = b.by("nn.add", s, 0.0);
            weighed(b, s, v)
        }),
    );
    add(
        "two of numbers, and causal",
        4,
        true,
        around(|b, q, k, v| {
            let s = products(b, q, k);
            let s = b.by("nn.mul", s, 0.5);
            let (bias, padding) = (b.arg(&[1, 2, 3, 3]), b.arg(&[1, 1, 1, 3]));
            let s = b.add(bias, s);
            let s = b.add(s, padding);
            let mask = causal(b, 3, 3, f64::NEG_INFINITY);
            let s = b.add(s, mask);
            weighed(b, s, v)
        }),
    );
    for (what, kept) in [("booleans", true), ("booleans the other way round", false)] {
        add(
            what,
            4,
            false,
            around(|b, q, k, v| {
                let s = products(b, q, k);
                let x = b.arg(&[1, 1, 1, 3]);
                let zero = b.number(0.0);
                let mask = b.op("nn.less", &[x, zero]);
                let fill = b.number(-1e9);
                let s = b.op("nn.where", &if kept { [mask, s, fill] } else { [mask, fill, s] });
                weighed(b, s, v)
            }),
        );
    }
    // One query of a longer past sees everything, whatever mask is written.
    let Inputs { mut b, q, k, v } = inputs(Elem::F32, (2, 1, 5, 4), 1);
    let s = products(&mut b, q, k);
    let keys = b.iota(0, 5);
    let last = b.constant(TensorType::new([1, 1], Elem::I64), Numbers::Int(vec![4]));
    let seen = b.op("nn.less_equal", &[keys, last]);
    let (zero, fill) = (b.number(0.0), b.number(-1e9));
    let mask = b.op("nn.where", &[seen, zero, fill]);
    let s = b.add(s, mask);
    let y = weighed(&mut b, s, v);
    add("one query", 3, false, b.result(y));
    // Three queries after two keys of the past.
    let Inputs { mut b, q, k, v } = inputs(Elem::F32, (2, 3, 5, 4), 1);
    let s = products(&mut b, q, k);
    let mask = causal(&mut b, 3, 5, -1e30);
    let s = b.add(s, mask);
    let y = weighed(&mut b, s, v);
    add("causal with a past", 3, true, b.result(y));
    out
}

fn shapes() -> Vec<Case> {
    let mut out = Vec::new();
    let Inputs { mut b, q, k, v } = inputs(Elem::F32, (4, 3, 3, 4), 2);
    let (many, more) = (repeated(&mut b, k, 2), repeated(&mut b, v, 2));
    let s = products(&mut b, q, many);
    let mask = causal(&mut b, 3, 3, -1e30);
    let s = b.add(s, mask);
    let y = weighed(&mut b, s, more);
    let all = [("nn.attention", 1), ("nn.broadcast", 0), ("nn.reshape", 0), ("nn.transpose", 0)];
    out.push(case("attention", "grouped queries", b.result(y), &all));
    let Inputs { mut b, q, k, v } = inputs(Elem::F32, (4, 3, 3, 4), 4);
    let s = products(&mut b, q, k);
    let y = weighed(&mut b, s, v);
    out.push(case("attention", "one head of keys, by broadcasting", b.result(y), WHOLE));
    // Keys as they come out of a projection, swapped at once.
    let mut b = Build::new(Elem::F32);
    let (q, k, v) = (b.arg(&[1, 2, 3, 4]), b.arg(&[1, 3, 2, 4]), b.arg(&[1, 2, 3, 4]));
    let t = b.transpose(k, &[0, 2, 3, 1]);
    let s = b.op("nn.matmul", &[q, t]);
    let y = weighed(&mut b, s, v);
    out.push(case("attention", "keys transposed at once", b.result(y), &[("nn.attention", 1), ("nn.transpose", 1)]));
    let mut b = Build::new(Elem::F32);
    let (q, t, v) = (b.arg(&[1, 2, 3, 4]), b.arg(&[1, 2, 4, 3]), b.arg(&[1, 2, 3, 4]));
    let s = b.op("nn.matmul", &[q, t]);
    let y = weighed(&mut b, s, v);
    out.push(case("attention", "keys stored transposed", b.result(y), &[("nn.attention", 1), ("nn.transpose", 1)]));
    let body = around(|b, q, k, v| {
        let s = b.with("nn.matmul", &[q, k], attrs([("transpose_rhs", Attr::Bool(true))]));
        weighed(b, s, v)
    });
    out.push(case("attention", "a product that swaps", body, WHOLE));
    let mut b = Build::new(Elem::F32);
    let (q, k, v) = (b.arg(&[6, 3, 4]), b.arg(&[6, 5, 4]), b.arg(&[6, 5, 2]));
    let t = b.transpose(k, &[0, 2, 1]);
    let s = b.op("nn.matmul", &[q, t]);
    let p = b.softmax(s, 2);
    let y = b.op("nn.matmul", &[p, v]);
    out.push(case("attention", "heads and batch in one axis", b.result(y), WHOLE));
    // Weights that are a result too.
    let body = around(|b, q, k, v| {
        let s = products(b, q, k);
        weighed(b, s, v)
    });
    out.push(case("attention", "three axes more", body, WHOLE));
    let Inputs { mut b, q, k, v } = inputs(Elem::F32, DIMS, 1);
    let s = products(&mut b, q, k);
    let p = b.softmax(s, 3);
    let y = b.op("nn.matmul", &[p, v]);
    out.push(case(
        "attention",
        "its weights are a result",
        b.result(y).result(p),
        &[("nn.attention", 1), ("nn.softmax", 1)],
    ));
    out
}

/// Half precision with a softmax in single.
fn precisions() -> Vec<Case> {
    let mut out = Vec::new();
    for late in [true, false] {
        let Inputs { mut b, q, k, v } = inputs(Elem::F16, DIMS, 1);
        let mut s = products(&mut b, q, k);
        if late {
            s = b.by("nn.mul", s, 0.5);
            let mask = causal(&mut b, 3, 3, -65504.0);
            s = b.add(s, mask);
        }
        s = b.cast(s, Elem::F32);
        b.elem = Elem::F32;
        if !late {
            s = b.by("nn.mul", s, 0.5);
            let mask = causal(&mut b, 3, 3, f64::from(f32::MIN));
            s = b.add(s, mask);
        }
        let p = b.softmax(s, 3);
        let p = b.cast(p, Elem::F16);
        let y = b.op("nn.matmul", &[p, v]);
        let case = case("attention", format!("masked before the cast: {late}"), b.result(y), WHOLE);
        assert_eq!(attribute(&case, "softmax_elem"), Some(Attr::str("f32")));
        assert_eq!(attribute(&case, "causal"), Some(Attr::Bool(true)));
        out.push(case);
    }
    out
}
