//! Shape rules of `nn`: the result type of each operation from its operands, or why there is none.
//!
//! The importer, the verifier and the e-graph's analysis all use these.

mod attention;
mod experts;
mod indexing;

pub(super) use attention::{attention, rope, swiglu, verify_causal_mask};
pub(super) use experts::{moe_combine, moe_dispatch};
pub(super) use indexing::{arg_max, gather, gather_elements, gather_nd, scatter_elements, scatter_nd, top_k};

use crate::define::{MIXED_RUNS, OpView, Problem};
use crate::types::{Elem, MAX_ELEMENTS, TensorType, Type};

type Inferred = Result<TensorType, Problem>;
type Verified = Result<(), Problem>;

fn need(ok: bool, problem: impl FnOnce() -> Problem) -> Verified {
    if ok { Ok(()) } else { Err(problem()) }
}

fn float_operand(op: &OpView<'_>, index: usize) -> Inferred {
    let t = op.tensor(index);
    need(t.elem.is_float(), || Problem::new("element type", t.to_string(), "a floating-point tensor"))?;
    Ok(t)
}

/// Refuses tensors beyond [`MAX_ELEMENTS`].
fn sized(t: TensorType) -> Inferred {
    let fits = t.checked_numel().is_some_and(|n| n <= MAX_ELEMENTS);
    need(fits, || Problem::new("size", t.to_string(), format!("at most {MAX_ELEMENTS} elements")))?;
    Ok(t)
}

/// NumPy broadcasting of two shapes.
pub(crate) fn broadcast_dims(a: &[u64], b: &[u64]) -> Option<Vec<u64>> {
    let rank = a.len().max(b.len());
    let at = |d: &[u64], i: usize| (i + d.len()).checked_sub(rank).and_then(|j| d.get(j)).copied().unwrap_or(1);
    (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

fn broadcast_pair(a: &TensorType, b: &TensorType) -> Result<Vec<u64>, Problem> {
    broadcast_dims(&a.dims, &b.dims)
        .ok_or_else(|| Problem::new("shapes", format!("{a} and {b}"), "shapes that broadcast: equal extents, or 1"))
}

pub(in crate::nn) fn unary_float(op: &OpView<'_>) -> Inferred {
    float_operand(op, 0)
}

pub(in crate::nn) fn unary_any(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(0);
    need(t.elem != Elem::I1, || Problem::new("element type", t.to_string(), "numbers"))?;
    Ok(t)
}

pub(in crate::nn) fn unary_bool(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(0);
    need(t.elem == Elem::I1, || Problem::new("element type", t.to_string(), "booleans (i1)"))?;
    Ok(t)
}

fn same_elem(op: &OpView<'_>) -> Result<(TensorType, TensorType), Problem> {
    let (a, b) = (op.tensor(0), op.tensor(1));
    need(a.elem == b.elem, || Problem::new("element types", format!("{a} and {b}"), "the same element type"))?;
    Ok((a, b))
}

pub(in crate::nn) fn binary(op: &OpView<'_>) -> Inferred {
    let (a, b) = same_elem(op)?;
    need(a.elem != Elem::I1, || Problem::new("element type", a.to_string(), "numbers"))?;
    sized(TensorType::new(broadcast_pair(&a, &b)?, a.elem))
}

pub(in crate::nn) fn compare(op: &OpView<'_>) -> Inferred {
    let (a, b) = same_elem(op)?;
    sized(TensorType::new(broadcast_pair(&a, &b)?, Elem::I1))
}

pub(in crate::nn) fn logic(op: &OpView<'_>) -> Inferred {
    let (a, b) = same_elem(op)?;
    need(a.elem == Elem::I1, || Problem::new("element type", a.to_string(), "booleans (i1)"))?;
    sized(TensorType::new(broadcast_pair(&a, &b)?, Elem::I1))
}

pub(in crate::nn) fn select(op: &OpView<'_>) -> Inferred {
    let (c, a, b) = (op.tensor(0), op.tensor(1), op.tensor(2));
    need(c.elem == Elem::I1, || Problem::new("condition", c.to_string(), "booleans (i1)"))?;
    need(a.elem == b.elem, || Problem::new("element types", format!("{a} and {b}"), "the same element type"))?;
    let value = TensorType::new(broadcast_pair(&a, &b)?, a.elem);
    sized(TensorType::new(broadcast_pair(&c, &value)?, a.elem))
}

/// Rows, columns and leading axes of a matmul operand, its flag applied.
fn matrix(t: &TensorType, transposed: bool, which: &str) -> Result<(Vec<u64>, u64, u64), Problem> {
    match t.dims.as_slice() {
        [lead @ .., r, c] if transposed => Ok((lead.to_vec(), *c, *r)),
        [lead @ .., r, c] => Ok((lead.to_vec(), *r, *c)),
        _ => Err(Problem::new(which, t.to_string(), "at least two axes")),
    }
}

/// Extents of a matrix product: leading axes, M, K, N.
pub(crate) fn matmul_extents(op: &OpView<'_>) -> Result<(Vec<u64>, u64, u64, u64), Problem> {
    let (a, b) = same_elem(op)?;
    need(a.elem != Elem::I1, || Problem::new("element type", a.to_string(), "numbers"))?;
    let (lead_a, m, k) = matrix(&a, op.flag("transpose_lhs"), "lhs")?;
    let (lead_b, k2, n) = matrix(&b, op.flag("transpose_rhs"), "rhs")?;
    need(k == k2, || Problem::new("contracted extent", format!("{k} of {a} and {k2} of {b}"), "equal extents"))?;
    let lead = broadcast_dims(&lead_a, &lead_b)
        .ok_or_else(|| Problem::new("leading axes", format!("{a} and {b}"), "axes that broadcast"))?;
    Ok((lead, m, k, n))
}

pub(in crate::nn) fn matmul(op: &OpView<'_>) -> Inferred {
    let (mut dims, m, _, n) = matmul_extents(op)?;
    dims.extend([m, n]);
    sized(TensorType::new(dims, op.tensor(0).elem))
}

fn axis(op: &OpView<'_>, t: &TensorType) -> Result<usize, Problem> {
    let axis = op.int("axis").unwrap_or(-1);
    usize::try_from(axis).ok().filter(|a| *a < t.rank()).ok_or_else(|| {
        Problem::new("attribute `axis`", axis.to_string(), format!("0 to {} for {t}", t.rank().saturating_sub(1)))
    })
}

pub(in crate::nn) fn axis_any(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(0);
    axis(op, &t)?;
    Ok(t)
}

pub(in crate::nn) fn axis_float(op: &OpView<'_>) -> Inferred {
    let t = float_operand(op, 0)?;
    axis(op, &t)?;
    Ok(t)
}

pub(in crate::nn) fn norm(op: &OpView<'_>) -> Inferred {
    let t = float_operand(op, 0)?;
    let from = axis(op, &t)?;
    for index in 1..op.operands.len() {
        let s = op.tensor(index);
        let fits = s.elem == t.elem && s.dims == t.dims[from..];
        let want = TensorType::new(&t.dims[from..], t.elem);
        need(fits, || Problem::new("scale or bias", s.to_string(), want.to_string()))?;
    }
    let epsilon = op.float("epsilon").unwrap_or(0.0);
    need(epsilon.is_finite() && epsilon >= 0.0, || {
        Problem::new("attribute `epsilon`", epsilon.to_string(), "a finite number that is not negative")
    })?;
    Ok(t)
}

pub(in crate::nn) fn reduce(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(0);
    need(t.elem != Elem::I1, || Problem::new("element type", t.to_string(), "numbers"))?;
    let axes = op.ints("axes");
    let ascending = axes.windows(2).all(|w| w[0] < w[1]);
    let inside = axes.iter().all(|a| usize::try_from(*a).is_ok_and(|a| a < t.rank()));
    need(ascending && inside, || {
        Problem::new("attribute `axes`", format!("{axes:?}"), format!("ascending axes of {t}"))
    })?;
    let keep = op.flag("keepdims");
    let reduced = |i: usize| axes.iter().any(|a| usize::try_from(*a) == Ok(i));
    let dims = t.dims.iter().enumerate().filter_map(|(i, d)| match (reduced(i), keep) {
        (false, _) => Some(*d),
        (true, true) => Some(1),
        (true, false) => None,
    });
    Ok(TensorType::new(dims.collect::<Vec<_>>(), t.elem))
}

pub(in crate::nn) fn transpose(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(0);
    let perm = op.ints("perm");
    let mut sorted: Vec<i64> = perm.to_vec();
    sorted.sort_unstable();
    let is_permutation =
        sorted.len() == t.rank() && sorted.iter().enumerate().all(|(i, p)| usize::try_from(*p) == Ok(i));
    need(is_permutation, || {
        Problem::new("attribute `perm`", format!("{perm:?}"), format!("a permutation of the {} axes of {t}", t.rank()))
    })?;
    let dims = perm.iter().filter_map(|p| usize::try_from(*p).ok()).map(|p| t.dims[p]);
    Ok(TensorType::new(dims.collect::<Vec<_>>(), t.elem))
}

pub(in crate::nn) fn slice(op: &OpView<'_>) -> Inferred {
    let t = op.tensor(0);
    let (starts, sizes, steps) = (op.ints("starts"), op.ints("sizes"), op.ints("steps"));
    let complete = [starts, sizes, steps].iter().all(|v| v.len() == t.rank());
    need(complete, || {
        let found = format!("{} starts, {} sizes, {} steps", starts.len(), sizes.len(), steps.len());
        Problem::new("slice attributes", found, format!("{} of each, for {t}", t.rank()))
    })?;
    for (i, d) in t.dims.iter().enumerate() {
        let (start, size, step) = (i128::from(starts[i]), i128::from(sizes[i]), i128::from(steps[i]));
        let last = start + (size - 1).max(0) * step;
        let inside = |x: i128| (0..i128::from(*d)).contains(&x);
        let ok = size >= 0 && step != 0 && (size == 0 || (inside(start) && inside(last)));
        need(ok, || {
            let found = format!("start {start}, size {size}, step {step} on axis {i}");
            Problem::new("slice", found, format!("elements inside {t}, step not 0"))
        })?;
    }
    let dims = sizes.iter().filter_map(|s| u64::try_from(*s).ok());
    Ok(TensorType::new(dims.collect::<Vec<_>>(), t.elem))
}

pub(in crate::nn) fn concat(op: &OpView<'_>) -> Inferred {
    need(!op.operands.is_empty(), || Problem::new("operands", "none", "at least one"))?;
    let runs = crate::define::runs(op.operands).len();
    need(runs <= MIXED_RUNS, || {
        Problem::new(
            "operands",
            format!("{runs} runs of different types"),
            format!("at most {MIXED_RUNS}; nest concats"),
        )
    })?;
    let mut out = op.tensor(0);
    let axis = axis(op, &out)?;
    for index in 1..op.operands.len() {
        let t = op.tensor(index);
        let others_agree = t.rank() == out.rank()
            && t.elem == out.elem
            && t.dims.iter().zip(&out.dims).enumerate().all(|(i, (a, b))| i == axis || a == b);
        need(others_agree, || {
            Problem::new(format!("operand {index}"), t.to_string(), format!("like {out} except on axis {axis}"))
        })?;
        out.dims[axis] = out.dims[axis].saturating_add(t.dims[axis]);
    }
    sized(out)
}

fn result(op: &OpView<'_>) -> TensorType {
    op.results.first().and_then(Type::tensor).cloned().unwrap_or_else(|| TensorType::new([], Elem::F32))
}

pub(in crate::nn) fn verify_param(op: &OpView<'_>) -> Verified {
    let name = op.attrs.get("name").and_then(crate::attr::Attr::as_str).unwrap_or("");
    need(!name.is_empty(), || Problem::new("attribute `name`", "an empty string", "the weight's name"))?;
    sized(result(op)).map(|_| ())
}

pub(in crate::nn) fn verify_constant(op: &OpView<'_>) -> Verified {
    let (t, value) = (result(op), op.attrs.get("value").and_then(crate::attr::Attr::as_dense));
    let Some(dense) = value else { return Ok(()) };
    need(dense.ty == t, || Problem::new("attribute `value`", dense.ty.to_string(), t.to_string()))?;
    let n = dense.numbers.len() as u64;
    let is_float = matches!(dense.numbers, crate::attr::Numbers::Float(_));
    need(n == 1 || Some(n) == t.checked_numel(), || {
        Problem::new("attribute `value`", format!("{n} numbers"), format!("one, or one per element of {t}"))
    })?;
    need(is_float == t.elem.is_float(), || Problem::new("attribute `value`", "numbers of another kind", t.to_string()))
}

pub(in crate::nn) fn verify_iota(op: &OpView<'_>) -> Verified {
    let t = result(op);
    let ok = t.rank() == 1 && t.elem != Elem::I1;
    need(ok, || Problem::new("result", t.to_string(), "a vector of numbers"))
}

pub(in crate::nn) fn verify_cast(op: &OpView<'_>) -> Verified {
    let (from, to) = (op.tensor(0), result(op));
    need(from.dims == to.dims, || Problem::new("result", to.to_string(), format!("the shape of {from}")))
}

pub(in crate::nn) fn verify_reshape(op: &OpView<'_>) -> Verified {
    let (from, to) = (op.tensor(0), result(op));
    let ok = from.elem == to.elem && from.checked_numel().is_some() && from.checked_numel() == to.checked_numel();
    need(ok, || Problem::new("result", to.to_string(), format!("as many elements as {from}, of its type")))
}

pub(in crate::nn) fn verify_broadcast(op: &OpView<'_>) -> Verified {
    let (from, to) = (op.tensor(0), result(op));
    let ok = from.elem == to.elem && broadcast_dims(&from.dims, &to.dims).as_ref() == Some(&to.dims);
    need(ok, || Problem::new("result", to.to_string(), format!("a shape that {from} broadcasts to")))?;
    sized(to).map(|_| ())
}
