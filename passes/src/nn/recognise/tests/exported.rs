//! Attention with what exporters put around it: guards, folded axes, heads repeated in other ways.

use super::attention::{around, products, weighed};
use super::build::{Build, attrs};
use super::{Case, Miss, case, miss};
use prism_dialects::{Attr, Elem, Numbers, TensorType, ValueId};

const WHOLE: &[(&str, usize)] = &[("nn.attention", 1), ("nn.matmul", 0), ("nn.softmax", 0), ("nn.equal", 0)];

fn is_guarded(case: &Case) -> bool {
    let (after, _) = super::recognised(&case.body);
    let op = after.ops.iter().find(|op| op.name() == "nn.attention").unwrap_or_else(|| panic!("{}", case.what));
    op.attr("guarded").is_some()
}

/// 0 in the place of what is no number in softmax(s), then the product with v.
fn guarded(b: &mut Build, s: ValueId, v: ValueId, negated: bool) -> ValueId {
    let p = b.softmax(s, 3);
    let is_number = b.op("nn.equal", &[p, p]);
    let zero = b.number(0.0);
    let p = if negated {
        let is_none = b.op("nn.not", &[is_number]);
        b.op("nn.where", &[is_none, zero, p])
    } else {
        b.op("nn.where", &[is_number, p, zero])
    };
    b.op("nn.matmul", &[p, v])
}

/// 0 where a key is seen; numbers that hide it elsewhere.
fn hidden(b: &mut Build, seen: ValueId, fill: f64) -> ValueId {
    let (zero, fill) = (b.number(0.0), b.number(fill));
    b.op("nn.where", &[seen, zero, fill])
}

pub(super) fn cases() -> Vec<Case> {
    [guards(), layouts(), batches(), one_axis()].into_iter().flatten().collect()
}

fn guards() -> Vec<Case> {
    let mut out = Vec::new();
    let mut add = |what: &str, stays: bool, f: &dyn Fn(&mut Build, ValueId, ValueId, ValueId) -> ValueId| {
        let case = case("attention", what, around(f), WHOLE);
        assert_eq!(is_guarded(&case), stays, "{what}");
        out.push(case);
    };
    add("guarded without a mask", false, &|b, q, k, v| {
        let s = products(b, q, k);
        guarded(b, s, v, true)
    });
    add("guarded and causal", false, &|b, q, k, v| {
        let s = products(b, q, k);
        let ty = TensorType::new([1, 1, 3, 3], b.elem);
        let mask = b.to("nn.causal_mask", &[], attrs([("fill", Attr::float(f64::NEG_INFINITY))]), ty);
        let s = b.add(s, mask);
        guarded(b, s, v, true)
    });
    for (what, fill, stays) in [("infinitely", f64::NEG_INFINITY, true), ("by a number", f64::from(f32::MIN), false)] {
        // No key at all is seen: an absolute value is not below 0.
        add(&format!("everything hidden {what}, guarded"), stays, &|b, q, k, v| {
            let s = products(b, q, k);
            let x = b.arg(&[1, 1, 3, 3]);
            let (x, zero) = (b.op("nn.abs", &[x]), b.number(0.0));
            let seen = b.op("nn.less", &[x, zero]);
            let fill = b.number(fill);
            let s = b.op("nn.where", &[seen, s, fill]);
            guarded(b, s, v, false)
        });
    }
    add("some of it hidden by a sum, guarded", true, &|b, q, k, v| {
        let s = products(b, q, k);
        let x = b.arg(&[1, 1, 3, 3]);
        let zero = b.number(0.0);
        let seen = b.op("nn.less", &[x, zero]);
        let mask = hidden(b, seen, f64::NEG_INFINITY);
        let s = b.add(s, mask);
        guarded(b, s, v, true)
    });
    out
}

/// Keys swapped with heads and batch folded into one axis, the root of the scale on both sides.
fn folded(b: &mut Build, q: ValueId, k: ValueId, (h, n, d): (u64, u64, u64)) -> ValueId {
    let flat = b.reshape(k, &[h, n, d]);
    let flat = b.transpose(flat, &[0, 2, 1]);
    let t = b.reshape(flat, &[1, h, d, n]);
    let (q, t) = (b.by("nn.mul", q, 0.25f64.sqrt()), b.by("nn.mul", t, 0.25f64.sqrt()));
    b.op("nn.matmul", &[q, t])
}

fn layouts() -> Vec<Case> {
    let none_left = [WHOLE, &[("nn.transpose", 0), ("nn.reshape", 0), ("nn.broadcast", 0)]].concat();
    let mut out = Vec::new();
    let body = around(|b, q, k, v| {
        let s = folded(b, q, k, (2, 3, 4));
        weighed(b, s, v)
    });
    out.push(case("attention", "keys swapped with axes folded", body, &none_left));
    // Repeated heads, folded before they were ever unfolded.
    let mut b = Build::new(Elem::F32);
    let (q, k, v) = (b.arg(&[1, 4, 3, 4]), b.arg(&[1, 2, 3, 4]), b.arg(&[1, 2, 3, 4]));
    let repeat = |b: &mut Build, x: ValueId| {
        let apart = b.reshape(x, &[1, 2, 1, 3, 4]);
        b.broadcast(apart, &[1, 2, 2, 3, 4])
    };
    let (wide_k, wide_v) = (repeat(&mut b, k), repeat(&mut b, v));
    let s = folded(&mut b, q, wide_k, (4, 3, 4));
    let v = b.reshape(wide_v, &[1, 4, 3, 4]);
    let y = weighed(&mut b, s, v);
    out.push(case("attention", "repeated keys swapped with axes folded", b.result(y), &none_left));
    // A bias that is scaled with the products, and a mask that is not.
    let body = around(|b, q, k, v| {
        let s = products(b, q, k);
        let bias = b.arg(&[1, 2, 1, 3]);
        let s = b.add(s, bias);
        let s = b.by("nn.mul", s, 0.5);
        let mask = b.arg(&[1, 1, 3, 3]);
        let s = b.add(s, mask);
        weighed(b, s, v)
    });
    out.push(case("attention", "a bias before the scale", body, WHOLE));
    // All of the scores in wider numbers than the values, as of GPT-J in half precision.
    let mut b = Build::new(Elem::F16);
    let [q, k, v] = [b.arg(&[1, 4, 3, 4]), b.arg(&[1, 2, 3, 4]), b.arg(&[1, 2, 3, 4])];
    let [k, v] = [k, v].map(|x| {
        let wide = repeat(&mut b, x);
        b.reshape(wide, &[1, 4, 3, 4])
    });
    let (q, k) = (b.cast(q, Elem::F32), b.cast(k, Elem::F32));
    b.elem = Elem::F32;
    let s = products(&mut b, q, k);
    let s = b.by("nn.div", s, 2.0);
    let p = b.softmax(s, 3);
    let p = b.cast(p, Elem::F16);
    let y = b.op("nn.matmul", &[p, v]);
    out.push(case("attention", "scores in single precision", b.result(y), WHOLE));
    // One head for all, broadcast.
    let mut b = Build::new(Elem::F32);
    let (q, k, v) = (b.arg(&[1, 4, 3, 4]), b.arg(&[1, 1, 3, 4]), b.arg(&[1, 1, 3, 4]));
    let (k, v) = (b.broadcast(k, &[1, 4, 3, 4]), b.broadcast(v, &[1, 4, 3, 4]));
    let s = products(&mut b, q, k);
    let y = weighed(&mut b, s, v);
    out.push(case("attention", "one head broadcast to all", b.result(y), &none_left));
    out
}

/// Masks and positions that are constants, repeated for each sequence of a batch.
fn batches() -> Vec<Case> {
    let of = |b: &mut Build, dims: &[u64], elem: Elem, at: &dyn Fn(u64, u64, u64) -> i64| {
        let [sequences, _, rows, columns] = *dims else { panic!("four axes") };
        let each = (0..sequences).flat_map(|s| (0..rows).flat_map(move |i| (0..columns).map(move |j| (s, i, j))));
        let numbers = each.map(|(s, i, j)| at(s, i, j)).collect();
        b.constant(TensorType::new(dims, elem), Numbers::Int(numbers))
    };
    let masked = |b: &mut Build, seen: ValueId| {
        let (q, k, v) = (b.arg(&[2, 2, 3, 4]), b.arg(&[2, 2, 3, 4]), b.arg(&[2, 2, 3, 4]));
        let s = products(b, q, k);
        let mask = hidden(b, seen, f64::from(f32::MIN));
        let s = b.add(s, mask);
        guarded(b, s, v, true)
    };
    let mut out = Vec::new();
    let mut b = Build::new(Elem::F32);
    let seen = of(&mut b, &[2, 1, 3, 3], Elem::I1, &|_, i, j| i64::from(j <= i));
    let y = masked(&mut b, seen);
    out.push(case("attention", "a constant mask for each sequence", b.result(y), WHOLE));
    let mut b = Build::new(Elem::F32);
    let keys = of(&mut b, &[2, 1, 1, 3], Elem::I64, &|_, _, j| j as i64);
    let queries = of(&mut b, &[2, 1, 3, 1], Elem::I64, &|_, i, _| i as i64);
    let seen = b.op("nn.less_equal", &[keys, queries]);
    let y = masked(&mut b, seen);
    out.push(case("attention", "positions for each sequence", b.result(y), WHOLE));
    for case in &out {
        let (after, _) = super::recognised(&case.body);
        let op = after.ops.iter().find(|op| op.name() == "nn.attention").expect("found");
        assert_eq!((op.operands.len(), op.attr("causal").is_some()), (3, true), "{}", case.what);
        assert_eq!(op.attr("guarded"), None, "{}", case.what);
    }
    // Sequences that see differently have a mask.
    let mut b = Build::new(Elem::F32);
    let seen = of(&mut b, &[2, 1, 3, 3], Elem::I1, &|s, i, j| i64::from(j <= i || s == 1));
    let y = masked(&mut b, seen);
    let other = case("attention", "a mask of each sequence's own", b.result(y), &[("nn.attention", 1)]);
    let (after, _) = super::recognised(&other.body);
    let op = after.ops.iter().find(|op| op.name() == "nn.attention").expect("found");
    assert_eq!((op.operands.len(), op.attr("causal")), (4, None));
    out.push(other);
    out
}

/// Products with batch and heads in one axis, as of `torch.baddbmm`, and masks before and after they are taken apart.
fn one_axis() -> Vec<Case> {
    let mut out = Vec::new();
    for (what, position, elem) in [
        ("a bias of each head", [4u64, 1, 3], Elem::F32),
        ("a bias of all heads", [1, 1, 3], Elem::F32),
        ("the softmax in single precision", [4, 3, 3], Elem::F16),
    ] {
        let mut b = Build::new(elem);
        let parts = [b.arg(&[2, 2, 3, 4]), b.arg(&[2, 2, 3, 4]), b.arg(&[2, 2, 3, 4])];
        let [q, k, v] = parts.map(|x| b.reshape(x, &[4, 3, 4]));
        let bias = b.arg(&position);
        let t = b.transpose(k, &[0, 2, 1]);
        let s = b.op("nn.matmul", &[q, t]);
        let s = b.by("nn.mul", s, 0.5);
        let s = b.add(bias, s);
        let s = b.reshape(s, &[2, 2, 3, 3]);
        let ty = TensorType::new([1, 1, 3, 3], elem);
        let fill = crate::nn::fold_constants::rounded(-60000.0, elem);
        let mask = b.to("nn.causal_mask", &[], attrs([("fill", Attr::float(fill))]), ty);
        let mut s = b.add(s, mask);
        if elem == Elem::F16 {
            s = b.cast(s, Elem::F32);
        }
        let mut p = b.softmax(s, 3);
        if elem == Elem::F16 {
            p = b.cast(p, elem);
        }
        let p = b.reshape(p, &[4, 3, 3]);
        let y = b.op("nn.matmul", &[p, v]);
        let left = [("nn.attention", 1), ("nn.matmul", 0), ("nn.softmax", 0), ("nn.transpose", 0)];
        out.push(case("attention", what, b.result(y), &left));
    }
    out
}

pub(super) fn misses() -> Vec<Miss> {
    const ATTENTION: &[&str] = &["nn.attention"];
    let shaped = |why, f: fn(&mut Build, ValueId, ValueId, ValueId) -> ValueId| miss(why, around(f), ATTENTION);
    vec![
        shaped("a guard that puts 1", |b, q, k, v| {
            let s = products(b, q, k);
            let p = b.softmax(s, 3);
            let is_number = b.op("nn.equal", &[p, p]);
            let one = b.number(1.0);
            let p = b.op("nn.where", &[is_number, p, one]);
            b.op("nn.matmul", &[p, v])
        }),
        shaped("a guard that looks at the scores", |b, q, k, v| {
            let s = products(b, q, k);
            let p = b.softmax(s, 3);
            let is_number = b.op("nn.equal", &[s, p]);
            let zero = b.number(0.0);
            let p = b.op("nn.where", &[is_number, p, zero]);
            b.op("nn.matmul", &[p, v])
        }),
        shaped("rows that become columns between the products", |b, q, k, v| {
            let (q, k) = (b.reshape(q, &[6, 4]), b.reshape(k, &[6, 4]));
            let t = b.transpose(k, &[1, 0]);
            let s = b.op("nn.matmul", &[q, t]);
            let s = b.reshape(s, &[1, 4, 3, 3]);
            let p = b.softmax(s, 3);
            let v = b.reshape(v, &[1, 2, 3, 4]);
            let v = b.broadcast(v, &[2, 2, 3, 4]);
            let v = b.reshape(v, &[1, 4, 3, 4]);
            b.op("nn.matmul", &[p, v])
        }),
        shaped("a guard the wrong way round", |b, q, k, v| {
            let s = products(b, q, k);
            let p = b.softmax(s, 3);
            let is_number = b.op("nn.equal", &[p, p]);
            let zero = b.number(0.0);
            let p = b.op("nn.where", &[is_number, zero, p]);
            b.op("nn.matmul", &[p, v])
        }),
    ]
}
