//! Causal masks.

use super::build::{Build, attrs, ints};
use super::{Case, Miss, case, miss};
use prism_dialects::{Attr, Attrs, Elem, F64, Numbers, TensorType, ValueId};

/// Positions of `m` queries, the last of `n`, in a column, and of `n` keys.
fn positions(b: &mut Build, m: u64, n: u64) -> (ValueId, ValueId) {
    let queries = b.iota((n - m) as i64, m);
    let queries = b.reshape(queries, &[m, 1]);
    (queries, b.iota(0, n))
}

fn whole(b: &mut Build, n: i64) -> ValueId {
    b.constant(TensorType::new([], Elem::I64), Numbers::Int(vec![n]))
}

/// 0 where `seen` holds, else `fill`.
fn filled(b: &mut Build, seen: ValueId, fill: f64) -> ValueId {
    let (zero, fill) = (b.number(0.0), b.number(fill));
    b.op("nn.where", &[seen, zero, fill])
}

/// Whether key j comes no later than query i, in some way.
fn seen(b: &mut Build, (m, n): (u64, u64), way: &str) -> ValueId {
    let (queries, keys) = positions(b, m, n);
    match way {
        "less equal" => b.op("nn.less_equal", &[keys, queries]),
        "greater equal" => b.op("nn.greater_equal", &[queries, keys]),
        "not greater" => {
            let after = b.op("nn.greater", &[keys, queries]);
            b.op("nn.not", &[after])
        }
        "less than the next" => {
            let one = whole(b, 1);
            let next = b.op("nn.add", &[queries, one]);
            b.op("nn.less", &[keys, next])
        }
        "difference" => {
            let (d, zero) = (b.op("nn.sub", &[keys, queries]), whole(b, 0));
            b.op("nn.less_equal", &[d, zero])
        }
        "twice as far" => {
            let two = whole(b, 2);
            let (k, q) = (b.mul(keys, two), b.mul(queries, two));
            b.op("nn.less_equal", &[k, q])
        }
        "floats" => {
            let (k, q) = (b.cast(keys, Elem::F32), b.cast(queries, Elem::F32));
            b.op("nn.less_equal", &[k, q])
        }
        "running sums" => {
            let ones = b.constant(TensorType::new([n], Elem::I64), Numbers::Int(vec![1]));
            let sums = b.with("nn.cumsum", &[ones], attrs([("axis", Attr::Int(0))]));
            let one = whole(b, 1);
            let at = b.op("nn.sub", &[sums, one]);
            b.op("nn.less_equal", &[at, queries])
        }
        "transposed" => {
            let column = b.reshape(keys, &[n, 1]);
            let row = b.iota((n - m) as i64, m);
            let t = b.op("nn.less_equal", &[column, row]);
            b.transpose(t, &[1, 0])
        }
        "and true" => {
            let all = b.constant(TensorType::new([m, n], Elem::I1), Numbers::Int(vec![1]));
            let seen = b.op("nn.less_equal", &[keys, queries]);
            b.op("nn.and", &[all, seen])
        }
        "cut from a larger one" => {
            let (q, k) = positions(b, 2 * n, 2 * n);
            let all = b.op("nn.less_equal", &[k, q]);
            let cut = [
                ("starts", ints(&[(n - m) as i64, 0])),
                ("sizes", ints(&[m as i64, n as i64])),
                ("steps", ints(&[1, 1])),
            ];
            b.with("nn.slice", &[all], attrs(cut))
        }
        _ => {
            // A lower triangle of ones.
            let numbers = (0..m).flat_map(|i| (0..n).map(move |j| i64::from(j + m <= i + n))).collect();
            b.constant(TensorType::new([m, n], Elem::I1), Numbers::Int(numbers))
        }
    }
}

const WAYS: [&str; 12] = [
    "less equal",
    "greater equal",
    "not greater",
    "less than the next",
    "difference",
    "twice as far",
    "floats",
    "running sums",
    "transposed",
    "and true",
    "cut from a larger one",
    "constant",
];

/// Keys of the last two positions.
pub(super) fn window(b: &mut Build, m: u64, n: u64) -> ValueId {
    let (queries, keys) = positions(b, m, n);
    let two = whole(b, 2);
    let from = b.op("nn.sub", &[queries, two]);
    let (late, early) = (b.op("nn.less", &[from, keys]), b.op("nn.less_equal", &[keys, queries]));
    let seen = b.op("nn.and", &[late, early]);
    filled(b, seen, f64::from(f32::MIN))
}

/// Half of a window is a causal mask; the window is none.
#[test]
fn windows_are_not_causal() {
    for (m, n) in [(4, 4), (3, 5)] {
        let body = around(m, n, |b| window(b, m, n)).done();
        let (after, _) = super::recognised(&body);
        let made_by = |name: &str| after.ops.iter().filter(|op| op.name() == name).collect::<Vec<_>>();
        assert_eq!((made_by("nn.causal_mask").len(), made_by("nn.where").len()), (1, 1), "{}", super::show(&after));
        assert!(after.ty(made_by("nn.causal_mask")[0].results[0]).tensor().is_some_and(|t| t.elem == Elem::I1));
    }
}

/// A program that adds the mask to a tensor.
fn around(m: u64, n: u64, f: impl FnOnce(&mut Build) -> ValueId) -> Build {
    let mut b = Build::new(Elem::F32);
    let x = b.arg(&[2, m, n]);
    let mask = f(&mut b);
    let y = b.add(x, mask);
    b.result(y)
}

pub(super) fn cases() -> Vec<Case> {
    let made: &[(&'static str, usize)] = &[("nn.causal_mask", 1), ("nn.where", 0), ("nn.iota", 0)];
    let mut out = Vec::new();
    for (m, n) in [(4, 4), (3, 5)] {
        for way in WAYS {
            let body = around(m, n, |b| {
                let seen = seen(b, (m, n), way);
                filled(b, seen, f64::from(f32::MIN))
            });
            out.push(case("causal-mask", format!("{way}, {m} by {n}"), body, made));
        }
        let body = around(m, n, |b| {
            // (1 - seen) * fill.
            let seen = seen(b, (m, n), "less equal");
            let numbers = b.cast(seen, Elem::F32);
            let one = b.number(1.0);
            let hidden = b.op("nn.sub", &[one, numbers]);
            b.by("nn.mul", hidden, -1e4)
        });
        out.push(case("causal-mask", format!("arithmetic, {m} by {n}"), body, made));
        let body = around(m, n, |b| {
            let seen = seen(b, (m, n), "less equal");
            let mask = filled(b, seen, f64::NEG_INFINITY);
            b.broadcast(mask, &[2, m, n])
        });
        out.push(case("causal-mask", format!("for a batch, {m} by {n}"), body, made));
        let body = around(m, n, |b| {
            let numbers =
                (0..m).flat_map(|i| (0..n).map(move |j| F64(if j + m <= i + n { 0.0 } else { -1e9 }))).collect();
            b.constant(TensorType::new([1, m, n], Elem::F32), Numbers::Float(numbers))
        });
        out.push(case("causal-mask", format!("written out, {m} by {n}"), body, made));
        // Everything above the diagonal of a tensor that is full of the fill.
        let body = around(m, n, |b| {
            let fill = b.constant(TensorType::new([m, n], Elem::F32), Numbers::Float(vec![F64(-1e30)]));
            let (queries, keys) = positions(b, m, n);
            let above = b.op("nn.greater", &[keys, queries]);
            let zero = b.number(0.0);
            b.op("nn.where", &[above, fill, zero])
        });
        out.push(case("causal-mask", format!("triangle, {m} by {n}"), body, made));
    }
    out
}

pub(super) fn misses() -> Vec<Miss> {
    const MASK: &[&str] = &["nn.causal_mask"];
    let mut out = Vec::new();
    for (m, n) in [(4u64, 4u64), (3, 5)] {
        let mut add = |why, f: &dyn Fn(&mut Build) -> ValueId| {
            out.push(miss(
                why,
                around(m, n, |b| {
                    let seen = f(b);
                    filled(b, seen, f64::from(f32::MIN))
                }),
                MASK,
            ));
        };
        add("a query does not see itself", &|b| {
            let (queries, keys) = positions(b, m, n);
            b.op("nn.less", &[keys, queries])
        });
        add("a query sees the next key", &|b| {
            let (queries, keys) = positions(b, m, n);
            let one = whole(b, 1);
            let next = b.op("nn.add", &[queries, one]);
            b.op("nn.less_equal", &[keys, next])
        });
        add("a query sees what comes after", &|b| {
            let (queries, keys) = positions(b, m, n);
            b.op("nn.greater_equal", &[keys, queries])
        });
        add("every other diagonal", &|b| {
            let (queries, keys) = positions(b, m, n);
            let two = whole(b, 2);
            let twice = b.mul(keys, two);
            b.op("nn.less_equal", &[twice, queries])
        });
        add("a prefix is seen by all", &|b| {
            let seen = |i: u64, j: u64| i64::from(j < n - m + 2 || j + m <= i + n);
            let numbers = (0..m).flat_map(|i| (0..n).map(move |j| seen(i, j))).collect();
            b.constant(TensorType::new([m, n], Elem::I1), Numbers::Int(numbers))
        });
        add("one entry differs", &|b| {
            let seen = |i: u64, j: u64| i64::from(j + m <= i + n && (i, j) != (m - 1, 1));
            let numbers = (0..m).flat_map(|i| (0..n).map(move |j| seen(i, j))).collect();
            b.constant(TensorType::new([m, n], Elem::I1), Numbers::Int(numbers))
        });
        out.push(miss(
            "hides by little",
            around(m, n, |b| {
                let seen = seen(b, (m, n), "less equal");
                filled(b, seen, -1.0)
            }),
            &[],
        ));
    }
    // The first query sees one key, whatever came before.
    out.push(miss(
        "aligned at the top",
        around(3, 5, |b| {
            let (queries, keys) = (b.iota(0, 3), b.iota(0, 5));
            let queries = b.reshape(queries, &[3, 1]);
            let seen = b.op("nn.less_equal", &[keys, queries]);
            filled(b, seen, f64::from(f32::MIN))
        }),
        MASK,
    ));
    // Positions that are an input are unknown.
    let mut b = Build::new(Elem::F32);
    let (x, p) = (b.arg(&[4, 4]), b.arg(&[4, 1]));
    let keys = b.iota(0, 4);
    let keys = b.cast(keys, Elem::F32);
    let visible = b.op("nn.less_equal", &[keys, p]);
    let mask = filled(&mut b, visible, -1e9);
    let y = b.add(x, mask);
    out.push(miss("positions that are not known", b.result(y), MASK));
    // As a condition of ones and zeros it is no mask; as numbers of another kind neither.
    let mut b = Build::new(Elem::F32);
    let x = b.arg(&[4, 4]);
    let s = seen(&mut b, (4, 4), "floats");
    let ones = b.cast(s, Elem::F32);
    let y = b.mul(x, ones);
    let (after, _) = super::recognised(&b.result(y).done());
    assert_eq!((super::count(&after, "nn.causal_mask"), super::count(&after, "nn.mul")), (1, 1), "the condition alone");
    let _: Attrs = attrs([]);
    out
}
