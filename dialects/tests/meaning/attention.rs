//! Rotary embedding, attention, and what belongs to them.

use super::{attrs, bools, f, fails, gives, typed};
use prism_dialects::{Attr, Elem, TensorType};

#[test]
fn swiglu() {
    // silu(0) = 0, silu(2) = 1.7615941559557646.
    let (gate, up) = (f(&[2], &[0.0, 2.0]), f(&[2], &[7.0, 10.0]));
    gives("nn.swiglu", &[&gate, &up], &[], &f(&[2], &[0.0, 17.615941559557646]));
    fails("nn.swiglu", &[&gate, &f(&[1], &[1.0])], &[], "operands");
}

/// A quarter turn takes (a, b) to (-b, a); no turn leaves it.
#[test]
fn rope_turns_pairs() {
    let x = f(&[2, 1, 4], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let (cos, sin) = (f(&[1, 2], &[0.0, 1.0]), f(&[1, 2], &[1.0, 0.0]));
    gives("nn.rope", &[&x, &cos, &sin], &[], &f(&[2, 1, 4], &[-3.0, 2.0, 1.0, 4.0, -7.0, 6.0, 5.0, 8.0]));
    let near = ("interleaved", Attr::Bool(true));
    gives(
        "nn.rope",
        &[&x, &cos, &sin],
        std::slice::from_ref(&near),
        &f(&[2, 1, 4], &[-2.0, 1.0, 3.0, 4.0, -6.0, 5.0, 7.0, 8.0]),
    );
    // A table with a number for each channel, its halves equal.
    let (cos, sin) = (f(&[4], &[0.0, 1.0, 0.0, 1.0]), f(&[4], &[1.0, 0.0, 1.0, 0.0]));
    gives("nn.rope", &[&x, &cos, &sin], &[], &f(&[2, 1, 4], &[-3.0, 2.0, 1.0, 4.0, -7.0, 6.0, 5.0, 8.0]));
    // The last two channels pass.
    let some = [("channels", Attr::Int(2))];
    let (cos, sin) = (f(&[2, 1, 1], &[0.0, 0.5]), f(&[2, 1, 1], &[1.0, 0.0]));
    gives("nn.rope", &[&x, &cos, &sin], &some, &f(&[2, 1, 4], &[-2.0, 1.0, 3.0, 4.0, 2.5, 3.0, 7.0, 8.0]));
    fails("nn.rope", &[&x, &f(&[3], &[0.0; 3]), &f(&[3], &[0.0; 3])], &[], "cos");
    fails("nn.rope", &[&f(&[3], &[0.0; 3]), &cos, &sin], &[], "rotated channels");
    fails("nn.rope", &[&x, &f(&[3, 1, 4], &[0.0; 12]), &f(&[3, 1, 4], &[0.0; 12])], &[], "cos");
}

#[test]
fn causal_masks_hide_what_comes_after() {
    let square = TensorType::new([1, 2, 2], Elem::F32);
    let fill = [("fill", Attr::float(-9.0))];
    assert_eq!(typed("nn.causal_mask", &[], &fill, square), Ok(f(&[1, 2, 2], &[0.0, -9.0, 0.0, 0.0])));
    // Two queries behind one key of the past.
    let long = TensorType::new([2, 3], Elem::I1);
    assert_eq!(typed("nn.causal_mask", &[], &[], long), Ok(bools(&[2, 3], &[1, 1, 0, 1, 1, 1])));
    assert!(typed("nn.causal_mask", &[], &[], TensorType::new([3, 2], Elem::I1)).is_err());
    assert!(typed("nn.causal_mask", &[], &[], TensorType::new([2, 2], Elem::F32)).is_err());
}

/// One query whose products with two keys are 0 and ln 3: weights 1/4 and 3/4.
#[test]
fn attention_weighs_values() {
    let ln3 = 3f64.ln();
    let scale = |s: f64| ("scale", Attr::float(s));
    let (q, k, v) = (f(&[1, 1], &[2.0]), f(&[2, 1], &[0.0, ln3]), f(&[2, 1], &[4.0, 8.0]));
    gives("nn.attention", &[&q, &k, &v], &[scale(0.5)], &f(&[1, 1], &[7.0]));
    let hide = f(&[2], &[0.0, f64::NEG_INFINITY]);
    gives("nn.attention", &[&q, &k, &v, &hide], &[scale(0.5)], &f(&[1, 1], &[4.0]));
    let (only, fill) = (bools(&[1, 2], &[0, 1]), ("fill", Attr::float(f64::NEG_INFINITY)));
    gives("nn.attention", &[&q, &k, &v, &only], &[scale(0.5), fill.clone()], &f(&[1, 1], &[8.0]));
    // Where all are hidden, what is filled in is equal everywhere.
    let (none, least) = (bools(&[1, 1], &[0]), ("fill", Attr::float(-1e9)));
    gives("nn.attention", &[&q, &k, &v, &none], &[scale(0.5), least], &f(&[1, 1], &[6.0]));
    // tanh(large) = 1: scores 0 and ln 3.
    let steep = f(&[2, 1], &[0.0, 1e9]);
    gives("nn.attention", &[&q, &steep, &v], &[scale(1.0), ("softcap", Attr::float(ln3))], &f(&[1, 1], &[7.0]));
    fails("nn.attention", &[&q, &k, &v, &none], &[scale(1.0)], "fill");
    fails("nn.attention", &[&q, &k, &v], &[scale(1.0), fill], "fill");
    fails("nn.attention", &[&q, &k, &f(&[3, 1], &[0.0; 3])], &[scale(1.0)], "queries");
}

#[test]
fn attention_is_causal_and_shares_heads() {
    // All products are 0: the mean of what is seen.
    let q = f(&[1, 2, 2, 1], &[0.0; 4]);
    let k = f(&[1, 1, 3, 1], &[0.0; 3]);
    let v = f(&[1, 1, 3, 1], &[2.0, 4.0, 9.0]);
    let zero = ("scale", Attr::float(1.0));
    let causal = [zero.clone(), ("causal", Attr::Bool(true))];
    gives("nn.attention", &[&q, &k, &v], &causal, &f(&[1, 2, 2, 1], &[3.0, 5.0, 3.0, 5.0]));
    // Heads 0 and 1 use the first keys and values, heads 2 and 3 the second.
    let q = f(&[4, 1, 1], &[0.0; 4]);
    let (k, v) = (f(&[2, 1, 1], &[0.0; 2]), f(&[2, 1, 1], &[5.0, 7.0]));
    gives("nn.attention", &[&q, &k, &v], std::slice::from_ref(&zero), &f(&[4, 1, 1], &[5.0, 5.0, 7.0, 7.0]));
    let few = f(&[3, 1, 1], &[0.0; 3]);
    fails("nn.attention", &[&few, &k, &v], std::slice::from_ref(&zero), "queries");
    let long = f(&[2, 3, 1], &[0.0; 6]);
    fails("nn.attention", &[&long, &k, &v], &causal, "causal");
    assert_eq!(attrs(&causal).len(), 2);
}
