//! What is nearly a norm.

use super::build::attrs;
use super::rows::{X, around, mean_of, mean_square, over_root, rms};
use super::{Miss, miss};
use prism_dialects::Attr;

const NORMS: &[&str] = &["nn.rms_norm", "nn.layer_norm"];

pub(super) fn misses() -> Vec<Miss> {
    let mut out = vec![
        miss(
            "the mean is over another axis",
            around(|b, x| {
                let s = b.mul(x, x);
                let m = b.reduce("nn.reduce_mean", s, &[1], true);
                let t = b.by("nn.add", m, 1e-6);
                over_root(b, x, t, "rsqrt")
            }),
            NORMS,
        ),
        miss(
            "the mean is over an axis that is not last",
            around(|b, x| {
                let s = b.mul(x, x);
                let m = b.reduce("nn.reduce_mean", s, &[0, 1], true);
                let t = b.by("nn.add", m, 1e-6);
                over_root(b, x, t, "rsqrt")
            }),
            NORMS,
        ),
        miss(
            "epsilon is added to the root",
            around(|b, x| {
                let m = mean_square(b, x, "pow", "mean");
                let r = b.op("nn.sqrt", &[m]);
                let r = b.by("nn.add", r, 1e-6);
                b.op("nn.div", &[x, r])
            }),
            NORMS,
        ),
        miss(
            "a cube is no square",
            around(|b, x| {
                let positive = b.op("nn.abs", &[x]);
                let s = b.by("nn.pow", positive, 3.0);
                let m = mean_of(b, s, "mean");
                let t = b.by("nn.add", m, 1e-6);
                over_root(b, positive, t, "rsqrt")
            }),
            NORMS,
        ),
        miss(
            "a sum is no mean",
            around(|b, x| {
                let s = b.mul(x, x);
                let m = b.reduce("nn.reduce_sum", s, &[2], true);
                let t = b.by("nn.add", m, 1e-6);
                over_root(b, x, t, "rsqrt")
            }),
            NORMS,
        ),
        miss(
            "one less than the extent",
            around(|b, x| {
                let s = b.mul(x, x);
                let m = b.reduce("nn.reduce_sum", s, &[2], true);
                let m = b.by("nn.div", m, 7.0);
                over_root(b, x, m, "rsqrt")
            }),
            NORMS,
        ),
        miss(
            "another tensor is divided",
            around(|b, x| {
                let y = b.op("nn.exp", &[x]);
                let m = mean_square(b, x, "pow", "mean");
                let t = b.by("nn.add", m, 1e-6);
                over_root(b, y, t, "rsqrt")
            }),
            NORMS,
        ),
        miss(
            "a fourth root",
            around(|b, x| {
                let m = mean_square(b, x, "pow", "mean");
                let t = b.by("nn.pow", m, 0.25);
                b.op("nn.div", &[x, t])
            }),
            NORMS,
        ),
        miss(
            "the deviation is unbiased",
            around(|b, x| {
                let m = mean_of(b, x, "mean");
                let d = b.op("nn.sub", &[x, m]);
                let s = b.mul(d, d);
                let s = b.reduce("nn.reduce_sum", s, &[2], true);
                let v = b.by("nn.div", s, 7.0);
                over_root(b, d, v, "sqrt-div")
            }),
            NORMS,
        ),
        miss(
            "the mean of another tensor is subtracted",
            around(|b, x| {
                let y = b.op("nn.exp", &[x]);
                let m = mean_of(b, y, "mean");
                let d = b.op("nn.sub", &[x, m]);
                let v = mean_square(b, d, "pow", "mean");
                over_root(b, d, v, "sqrt-div")
            }),
            &["nn.layer_norm"],
        ),
        miss(
            "the mean is subtracted from",
            around(|b, x| {
                let m = mean_of(b, x, "mean");
                let m = b.broadcast(m, X);
                let d = b.op("nn.sub", &[m, x]);
                let v = mean_square(b, d, "pow", "mean");
                over_root(b, d, v, "sqrt-div")
            }),
            &["nn.layer_norm"],
        ),
        miss(
            "softmax without its own sum",
            around(|b, x| {
                let top = b.reduce("nn.reduce_max", x, &[2], true);
                let below = b.op("nn.sub", &[x, top]);
                let e = b.op("nn.exp", &[below]);
                let sum = b.reduce("nn.reduce_sum", e, &[1], true);
                b.op("nn.div", &[e, sum])
            }),
            &["nn.softmax"],
        ),
    ];
    out.push(miss(
        "a norm that was scaled and shifted takes no second bias",
        around(|b, x| {
            let (w, v) = (b.weight("w", &[8]), b.weight("v", &[8]));
            let given = attrs([("axis", Attr::Int(2)), ("epsilon", Attr::float(0.0))]);
            let n = b.with("nn.rms_norm", &[x, w], given);
            b.add(n, v)
        }),
        &["nn.layer_norm"],
    ));
    out
}

#[test]
fn scales_of_other_shapes_stay_products() {
    for dims in [&[3, 1][..], &[2, 1, 1], &[2, 3, 8], &[1]] {
        let body = around(|b, x| {
            let n = rms(b, x, "pow", "mean", "rsqrt");
            let w = b.weight("w", dims);
            b.mul(n, w)
        });
        let (after, _) = super::recognised(&body.done());
        assert_eq!(super::count(&after, "nn.mul"), 1, "{dims:?}");
    }
}

#[test]
fn a_mean_over_two_axes_is_a_norm_over_two() {
    let both = around(|b, x| {
        let s = b.mul(x, x);
        let m = b.reduce("nn.reduce_mean", s, &[1, 2], true);
        over_root(b, x, m, "rsqrt")
    });
    let (after, _) = super::recognised(&both.done());
    let axis = after.ops.iter().find(|op| op.name() == "nn.rms_norm").and_then(|op| op.attr("axis")).cloned();
    assert_eq!(axis, Some(Attr::Int(1)));
}
