//! Whether two bodies compute the same from the same weights, operation by operation, names of operations left out.

use prism_dialects::{Body, Op};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// What differs, if anything does: arguments, results by all that makes them, or how many operations there are.
pub(super) fn difference(a: &Body, b: &Body) -> Option<String> {
    let types = |body: &Body| body.args.iter().map(|v| body.ty(*v).to_string()).collect::<Vec<_>>();
    if types(a) != types(b) {
        return Some("other arguments".into());
    }
    let work = |body: &Body| body.ops.iter().filter(|op| !op.operands.is_empty()).count();
    if work(a) != work(b) {
        return Some(format!("{} operations, {} before", work(b), work(a)));
    }
    let (of_a, of_b) = (results(a), results(b));
    if of_a.len() != of_b.len() {
        return Some("another number of results".into());
    }
    of_a.iter().zip(&of_b).position(|(x, y)| x != y).map(|i| format!("result {i} is made in another way"))
}

/// A number for each result, which everything that makes it goes into.
fn results(body: &Body) -> Vec<u128> {
    let mut values = vec![0u128; body.types.len()];
    for (i, a) in body.args.iter().enumerate() {
        values[a.index()] = i as u128 + 1;
    }
    for op in &body.ops {
        let made = made(body, op, &values);
        for (nth, r) in op.results.iter().enumerate() {
            values[r.index()] = made.wrapping_add(nth as u128);
        }
    }
    body.results.iter().map(|r| values[r.index()]).collect()
}

fn made(body: &Body, op: &Op, values: &[u128]) -> u128 {
    let half = |seed: u64| {
        let mut h = FxHasher::default();
        seed.hash(&mut h);
        op.name().hash(&mut h);
        op.attrs.hash(&mut h);
        op.operands.iter().for_each(|v| values[v.index()].hash(&mut h));
        op.results.iter().for_each(|r| body.ty(*r).hash(&mut h));
        h.finish()
    };
    u128::from(half(0x9e37_79b9)) << 64 | u128::from(half(0x7f4a_7c15).rotate_left(29))
}
