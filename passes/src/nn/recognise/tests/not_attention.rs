//! What is nearly an attention.

use super::attention::{SWAP, around, products, weighed};
use super::build::Build;
use super::{Miss, miss};
use prism_dialects::{Attr, Attrs, Elem, TensorType, ValueId};

pub(super) fn misses() -> Vec<Miss> {
    const ATTENTION: &[&str] = &["nn.attention"];
    let shaped = |why, f: fn(&mut Build, ValueId, ValueId, ValueId) -> ValueId| miss(why, around(f), ATTENTION);
    vec![
        shaped("the softmax is along queries", |b, q, k, v| {
            let s = products(b, q, k);
            let p = b.softmax(s, 2);
            b.op("nn.matmul", &[p, v])
        }),
        shaped("no softmax", |b, q, k, v| {
            let s = products(b, q, k);
            let p = b.op("nn.sigmoid", &[s]);
            b.op("nn.matmul", &[p, v])
        }),
        shaped("scaled after it was capped", |b, q, k, v| {
            let s = products(b, q, k);
            let s = b.by("nn.div", s, 3.0);
            let s = b.op("nn.tanh", &[s]);
            let s = b.by("nn.mul", s, 3.0);
            let mask = b.arg(&[1, 1, 1, 3]);
            let s = b.add(s, mask);
            let s = b.by("nn.mul", s, 0.5);
            weighed(b, s, v)
        }),
        shaped("turned round after it was made causal", |b, q, k, v| {
            let s = products(b, q, k);
            let ty = TensorType::new([3, 3], Elem::F32);
            let fill = Attrs::from([("fill".to_string(), Attr::float(-1e9))]);
            let mask = b.to("nn.causal_mask", &[], fill, ty);
            let s = b.add(s, mask);
            let s = b.by("nn.mul", s, -0.5);
            weighed(b, s, v)
        }),
        shaped("a choice after a sum", |b, q, k, v| {
            let s = products(b, q, k);
            let x = b.arg(&[1, 1, 1, 3]);
            let s = b.add(s, x);
            let zero = b.number(0.0);
            let mask = b.op("nn.less", &[x, zero]);
            let fill = b.number(-1e9);
            let s = b.op("nn.where", &[mask, s, fill]);
            weighed(b, s, v)
        }),
        shaped("a sum after a choice", |b, q, k, v| {
            let s = products(b, q, k);
            let x = b.arg(&[1, 1, 1, 3]);
            let zero = b.number(0.0);
            let mask = b.op("nn.less", &[x, zero]);
            let fill = b.number(-1e9);
            let s = b.op("nn.where", &[mask, s, fill]);
            let s = b.add(s, x);
            weighed(b, s, v)
        }),
        shaped("a mask that makes more heads", |b, q, k, v| {
            let s = products(b, q, k);
            let mask = b.arg(&[5, 1, 1, 3]);
            let s = b.add(s, mask);
            let p = b.softmax(s, 3);
            b.op("nn.matmul", &[p, v])
        }),
        shaped("weights on the right", |b, q, k, v| {
            let s = products(b, q, k);
            let p = b.softmax(s, 3);
            let t = b.transpose(v, SWAP);
            b.op("nn.matmul", &[t, p])
        }),
        shaped("a scale for each query", |b, q, k, v| {
            let s = products(b, q, k);
            let by = b.arg(&[1, 1, 3, 1]);
            let s = b.mul(s, by);
            weighed(b, s, v)
        }),
        shaped("scores that are no products", |b, q, _, v| {
            let s = b.reduce("nn.reduce_sum", q, &[3], true);
            let s = b.broadcast(s, &[1, 2, 3, 3]);
            weighed(b, s, v)
        }),
    ]
}
