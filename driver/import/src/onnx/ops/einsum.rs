//! `Einsum`: operands are contracted from left to right, two at a time, each time by one product.

mod equation;

use super::reductions::over;
use super::{Converted, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use equation::{Equation, Label};
use prism_dialects::{Attr, Attrs};

/// A value whose axes have labels.
#[derive(Clone)]
struct Labelled {
    val: Val,
    labels: Vec<Label>,
}

/// `Einsum`.
pub(super) fn einsum(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let text = node.text("equation")?.ok_or_else(|| shape("attribute `equation`", "absent", "an equation"))?;
    let operands = node.all()?;
    let ranks: Vec<usize> = operands.iter().map(|v| cx.ty(*v).rank()).collect();
    let equation = Equation::parse(text, &ranks)?;
    if equation.repeats() {
        return Err(node.unsupported("with a label twice in one operand"));
    }
    let labelled =
        operands.iter().zip(&equation.operands).map(|(val, labels)| Labelled { val: *val, labels: labels.clone() });
    let mut rest: Vec<Labelled> = labelled.collect();
    rest.reverse();
    let Some(mut left) = rest.pop() else { return Ok(Vec::new()) };
    while let Some(right) = rest.pop() {
        let wanted = |l: &Label| equation.result.contains(l) || rest.iter().any(|other| other.labels.contains(l));
        left = pair(cx, left, right, &wanted)?;
    }
    left = summed(cx, left, &|l| equation.result.contains(l))?;
    Ok(vec![arranged(cx, &left, &equation.result)?.val])
}

/// Without the labels that nobody asks for, which are summed over.
fn summed(cx: &mut Lower<'_>, x: Labelled, wanted: &dyn Fn(&Label) -> bool) -> Result<Labelled, Fault> {
    let axes: Vec<usize> = (0..x.labels.len()).filter(|i| !x.labels.get(*i).is_some_and(wanted)).collect();
    if axes.is_empty() {
        return Ok(x);
    }
    let val = cx.op_with("nn.reduce_sum", &[x.val], over(&axes, false))?;
    Ok(Labelled { val, labels: x.labels.into_iter().filter(|l| wanted(l)).collect() })
}

/// With its axes in that order.
fn arranged(cx: &mut Lower<'_>, x: &Labelled, order: &[Label]) -> Result<Labelled, Fault> {
    let place = |l: &Label| x.labels.iter().position(|have| have == l).map(whole);
    let missing = || shape("attribute `equation`", "a label in the result alone", "labels of operands");
    let perm: Vec<i64> = order.iter().map(place).collect::<Option<_>>().ok_or_else(missing)?;
    if perm.iter().enumerate().all(|(i, p)| whole(i) == *p) {
        return Ok(x.clone());
    }
    let val = cx.op_with("nn.transpose", &[x.val], attrs([("perm", Attr::Ints(perm))]))?;
    Ok(Labelled { val, labels: order.to_vec() })
}

fn extent(cx: &Lower<'_>, x: &Labelled, label: &Label) -> u64 {
    let axis = x.labels.iter().position(|l| l == label);
    axis.and_then(|a| cx.ty(x.val).dims.get(a).copied()).unwrap_or(1)
}

fn product(extents: &[u64]) -> u64 {
    extents.iter().fold(1, |n: u64, d| n.saturating_mul(*d))
}

/// How the labels of two operands take part in their product.
struct Roles {
    /// In both, and asked for.
    batch: Vec<Label>,
    /// In both, and summed over.
    inner: Vec<Label>,
    /// In the left operand alone.
    rows: Vec<Label>,
    /// In the right operand alone.
    columns: Vec<Label>,
}

/// One product of two operands.
fn pair(cx: &mut Lower<'_>, a: Labelled, b: Labelled, wanted: &dyn Fn(&Label) -> bool) -> Result<Labelled, Fault> {
    let a = summed(cx, a, &|l| wanted(l) || b.labels.contains(l))?;
    let b = summed(cx, b, &|l| wanted(l) || a.labels.contains(l))?;
    let only = |x: &Labelled, test: &dyn Fn(&Label) -> bool| -> Vec<Label> {
        x.labels.iter().filter(|l| test(l)).copied().collect()
    };
    let shared = |l: &Label| b.labels.contains(l);
    let roles = Roles {
        batch: only(&a, &|l| shared(l) && wanted(l)),
        inner: only(&a, &|l| shared(l) && !wanted(l)),
        rows: only(&a, &|l| !shared(l)),
        columns: only(&b, &|l| !a.labels.contains(l)),
    };
    let labels = [&*roles.batch, &roles.rows, &roles.columns].concat();
    let batch: Vec<u64> = roles.batch.iter().map(|l| extent(cx, &a, l).max(extent(cx, &b, l))).collect();
    let of =
        |cx: &Lower<'_>, x: &Labelled, list: &[Label]| -> Vec<u64> { list.iter().map(|l| extent(cx, x, l)).collect() };
    let (rows, columns) = (of(cx, &a, &roles.rows), of(cx, &b, &roles.columns));
    let made = if roles.inner.is_empty() {
        outer(cx, &a, &b, &roles)?
    } else {
        let (a, b) = (stretched(cx, a, &b, &roles.inner)?, b);
        let b = stretched(cx, b, &a, &roles.inner)?;
        contracted(cx, &a, &b, &roles)?
    };
    let val = cx.reshape(made, [batch, rows, columns].concat())?;
    Ok(Labelled { val, labels })
}

/// Element by element where nothing is summed over.
fn outer(cx: &mut Lower<'_>, a: &Labelled, b: &Labelled, roles: &Roles) -> Result<Val, Fault> {
    let a = arranged(cx, a, &[&*roles.batch, &roles.rows].concat())?;
    let b = arranged(cx, b, &[&*roles.batch, &roles.columns].concat())?;
    let mut dims = cx.ty(a.val).dims.clone();
    dims.extend(roles.columns.iter().map(|_| 1));
    let left = cx.reshape(a.val, dims)?;
    let mut dims = cx.ty(b.val).dims.clone();
    let at = roles.batch.len().min(dims.len());
    dims.splice(at..at, roles.rows.iter().map(|_| 1));
    let right = cx.reshape(b.val, dims)?;
    cx.op("nn.mul", &[left, right])
}

/// `x` with labels of extent 1 repeated where the other operand has more: what is summed over must be the same in both.
fn stretched(cx: &mut Lower<'_>, x: Labelled, other: &Labelled, inner: &[Label]) -> Result<Labelled, Fault> {
    let dims: Vec<u64> = x
        .labels
        .iter()
        .map(|l| {
            let have = extent(cx, &x, l);
            if have == 1 && inner.contains(l) { extent(cx, other, l) } else { have }
        })
        .collect();
    Ok(Labelled { val: cx.broadcast(x.val, dims)?, labels: x.labels })
}

/// A matrix product: batch axes, then rows and what is summed over, each as one axis.
fn contracted(cx: &mut Lower<'_>, a: &Labelled, b: &Labelled, roles: &Roles) -> Result<Val, Fault> {
    let (left, turned) = matrix(cx, a, [&roles.batch, &roles.rows, &roles.inner])?;
    let (right, same) = matrix(cx, b, [&roles.batch, &roles.columns, &roles.inner])?;
    let mut flags = Attrs::new();
    for (name, flag) in [("transpose_lhs", turned), ("transpose_rhs", !same)] {
        if flag {
            flags.extend(attrs([(name, Attr::Bool(true))]));
        }
    }
    cx.op_with("nn.matmul", &[left, right], flags)
}

/// `x` as a matrix for each batch, free axes by inner ones, or the other way round (true) where that is how it lies.
fn matrix(cx: &mut Lower<'_>, x: &Labelled, [batch, free, inner]: [&[Label]; 3]) -> Result<(Val, bool), Fault> {
    let other = [batch, inner, free].concat();
    let turned = x.labels == other;
    let x = if turned { x.clone() } else { arranged(cx, x, &[batch, free, inner].concat())? };
    let extents: Vec<u64> = x.labels.iter().map(|l| extent(cx, &x, l)).collect();
    let first = batch.len() + if turned { inner.len() } else { free.len() };
    let (lead, last) = extents.split_at(first.min(extents.len()));
    let (lead, middle) = lead.split_at(batch.len().min(lead.len()));
    let val = cx.reshape(x.val, [lead, &[product(middle), product(last)]].concat())?;
    Ok((val, turned))
}
