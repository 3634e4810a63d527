//! Pass `last-logits`; its page is `last_logits.md`.

use crate::manager::{Change, CounterDef, PassCx, PassInfo};
use prism_dialects::{Attr, Attrs, Body, Level, Module, Op, TensorType, Type, registry};
use prism_support::Result;

/// Computes the logits of the last position alone.
pub static PASS: PassInfo = PassInfo {
    name: "last-logits",
    page: include_str!("last_logits.md"),
    from: &[Level::Nn],
    to: Change::Keeps,
    options: &[],
    counters: &[CounterDef { name: "narrowed", doc: "output projections that now see the last position alone" }],
    needs_target: false,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    for body in &mut module.bodies {
        let heads: Vec<usize> = (0..body.ops.len()).filter(|i| is_head(body, *i)).collect();
        cx.count("narrowed", heads.len() as u64);
        // From the end, so that inserting does not move what is still to do.
        for head in heads.into_iter().rev() {
            narrow(body, head);
        }
    }
    Ok(())
}

/// Whether the operation is an output projection over several positions: a product `[.., s, d] x [d, v]` by weights whose
/// only use is to be a result.
fn is_head(body: &Body, i: usize) -> bool {
    let op = &body.ops[i];
    let (Some(result), "nn.matmul") = (op.result(), op.name()) else { return false };
    let tensor = |n: usize| op.operands.get(n).and_then(|v| body.ty(*v).tensor());
    let (Some(lhs), Some(rhs), Some(out)) = (tensor(0), tensor(1), body.ty(result).tensor()) else { return false };
    let plain = op.attr("transpose_lhs").and_then(Attr::as_bool) != Some(true);
    let used = body.ops.iter().any(|o| o.operands.contains(&result));
    let several = out.rank() >= 2 && out.dims[out.rank() - 2] > 1 && lhs.rank() == out.rank();
    body.results.contains(&result) && !used && plain && several && rhs.rank() == 2 && by_weights(body, op)
}

/// Whether the right operand is a weight, or a weight in another shape.
fn by_weights(body: &Body, op: &Op) -> bool {
    let mut value = op.operands.get(1).copied();
    while let Some(v) = value {
        let Some(maker) = body.ops.iter().find(|o| o.results.contains(&v)) else { return false };
        match maker.name() {
            "nn.param" => return true,
            "nn.transpose" | "nn.reshape" | "nn.cast" => value = maker.operands.first().copied(),
            _ => return false,
        }
    }
    false
}

fn narrow(body: &mut Body, head: usize) {
    let op = &body.ops[head];
    let (Some(result), Some(lhs)) = (op.result(), op.operands.first().copied()) else { return };
    let (Some(from), Some(out)) = (body.ty(lhs).tensor().cloned(), body.ty(result).tensor().cloned()) else { return };
    let loc = op.loc.clone();
    let last = |t: &TensorType| {
        let mut dims = t.dims.clone();
        let axis = dims.len().saturating_sub(2);
        if let Some(d) = dims.get_mut(axis) {
            *d = 1;
        }
        TensorType::new(dims, t.elem)
    };
    let sliced = body.value(Type::Tensor(last(&from)));
    body.types[result.index()] = Type::Tensor(last(&out)).into();
    body.ops[head].operands[0] = sliced;
    let slice = Op {
        def: registry::op("nn.slice"),
        operands: [lhs].into_iter().collect(),
        results: [sliced].into_iter().collect(),
        attrs: slice_attrs(&from, &last(&from)).into(),
        loc,
    };
    body.ops.insert(head, slice);
}

fn slice_attrs(from: &TensorType, to: &TensorType) -> Attrs {
    let starts = from.dims.iter().zip(&to.dims).map(|(a, b)| (a - b) as i64).collect();
    let sizes = to.dims.iter().map(|d| *d as i64).collect();
    let entries = [("starts", starts), ("sizes", sizes), ("steps", vec![1; to.rank()])];
    entries.into_iter().map(|(name, values): (&str, Vec<i64>)| (name.to_string(), Attr::Ints(values))).collect()
}
