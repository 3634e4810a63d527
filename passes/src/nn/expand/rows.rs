//! Norms and activations. The order of operations is that of the interpreter, so that only rounded constants and powers differ.

use super::{Build, Composite, attrs, number, plain, reshaped};
use prism_dialects::{Attr, TensorType};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

/// Mean over the axes from `axis` on, kept with extent 1.
fn mean<B: Build>(build: &mut B, x: B::Value, axis: i64) -> Option<B::Value> {
    let rank = i64::try_from(build.tensor(x).rank()).ok()?;
    let over = attrs([("axes", Attr::Ints((axis..rank).collect())), ("keepdims", Attr::Bool(true))]);
    build.op("nn.reduce_mean", &[x], over, None)
}

/// x / sqrt(mean(x^2) + epsilon), then times the scale.
fn normalised<B: Build>(build: &mut B, of: &Composite<'_, B::Value>, x: B::Value) -> Option<B::Value> {
    let squares = plain(build, "nn.mul", &[x, x])?;
    let mut spread = mean(build, squares, of.int("axis")?)?;
    let epsilon = of.float("epsilon")?;
    if epsilon != 0.0 {
        let epsilon = number(build, epsilon, of.ty.elem)?;
        spread = plain(build, "nn.add", &[spread, epsilon])?;
    }
    let root = plain(build, "nn.sqrt", &[spread])?;
    let by = plain(build, "nn.reciprocal", &[root])?;
    let unit = plain(build, "nn.mul", &[x, by])?;
    plain(build, "nn.mul", &[unit, of.operand(1)?])
}

pub(super) fn rms_norm<B: Build>(build: &mut B, of: &Composite<'_, B::Value>) -> Option<B::Value> {
    normalised(build, of, of.operand(0)?)
}

pub(super) fn layer_norm<B: Build>(build: &mut B, of: &Composite<'_, B::Value>) -> Option<B::Value> {
    let x = of.operand(0)?;
    let middle = mean(build, x, of.int("axis")?)?;
    let centred = plain(build, "nn.sub", &[x, middle])?;
    let scaled = normalised(build, of, centred)?;
    match of.operand(2) {
        Some(bias) => plain(build, "nn.add", &[scaled, bias]),
        None => Some(scaled),
    }
}

/// x / 2 * (1 + erf(x / sqrt 2)), or x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
pub(super) fn gelu<B: Build>(build: &mut B, of: &Composite<'_, B::Value>) -> Option<B::Value> {
    let (x, elem) = (of.operand(0)?, of.ty.elem);
    let bent = if of.flag("tanh") {
        let three = number(build, 3.0, elem)?;
        let cube = plain(build, "nn.pow", &[x, three])?;
        let share = number(build, 0.044_715, elem)?;
        let share = plain(build, "nn.mul", &[cube, share])?;
        let sum = plain(build, "nn.add", &[x, share])?;
        let steep = number(build, FRAC_2_PI.sqrt(), elem)?;
        let steep = plain(build, "nn.mul", &[sum, steep])?;
        plain(build, "nn.tanh", &[steep])?
    } else {
        let narrow = number(build, FRAC_1_SQRT_2, elem)?;
        let narrow = plain(build, "nn.mul", &[x, narrow])?;
        plain(build, "nn.erf", &[narrow])?
    };
    let (half, one) = (number(build, 0.5, elem)?, number(build, 1.0, elem)?);
    let half = plain(build, "nn.mul", &[x, half])?;
    let up = plain(build, "nn.add", &[bent, one])?;
    plain(build, "nn.mul", &[half, up])
}

/// `size` channels of the last axis of `x`, from `start` on.
pub(super) fn channels<B: Build>(build: &mut B, x: B::Value, start: u64, size: u64) -> Option<B::Value> {
    let TensorType { dims, .. } = build.tensor(x);
    let (last, outer) = dims.split_last()?;
    if start == 0 && size == *last {
        return Some(x);
    }
    let int = |n: u64| i64::try_from(n).ok();
    let starts = outer.iter().map(|_| Some(0)).chain([int(start)]).collect::<Option<Vec<_>>>()?;
    let sizes = outer.iter().map(|d| int(*d)).chain([int(size)]).collect::<Option<Vec<_>>>()?;
    let steps = vec![1; dims.len()];
    let cut = attrs([("starts", Attr::Ints(starts)), ("sizes", Attr::Ints(sizes)), ("steps", Attr::Ints(steps))]);
    build.op("nn.slice", &[x], cut, None)
}

/// Two tensors one after the other along the last axis.
pub(super) fn beside<B: Build>(build: &mut B, a: B::Value, b: B::Value) -> Option<B::Value> {
    let axis = i64::try_from(build.tensor(a).rank().checked_sub(1)?).ok()?;
    build.op("nn.concat", &[a, b], attrs([("axis", Attr::Int(axis))]), None)
}

/// `x` with its last axis of 2 n channels as n pairs.
pub(super) fn paired<B: Build>(build: &mut B, x: B::Value) -> Option<B::Value> {
    let mut dims = build.tensor(x).dims;
    let last = dims.pop()?;
    dims.extend([last / 2, 2]);
    reshaped(build, x, dims)
}
