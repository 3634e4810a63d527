//! Operators that change the shape.

use super::{Converted, axes_of, axis_of, leaves, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::{Attr, MIXED_RUNS, TensorType};

/// `Reshape`: 0 keeps an extent (unless `allowzero`), -1 is what is left.
pub(super) fn reshape(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let wanted = cx.ints(node.operand(1)?, "the shape")?;
    let dims = reshaped(cx.ty(x), &wanted, node.flag("allowzero", false)?)?;
    Ok(vec![cx.reshape(x, dims)?])
}

fn reshaped(from: &TensorType, wanted: &[i64], allow_zero: bool) -> Result<Vec<u64>, Fault> {
    let wrong = |allowed: &str| shape("shape", format!("{wanted:?} for {from}"), allowed);
    let mut open = None;
    let mut dims = Vec::with_capacity(wanted.len());
    for (i, d) in wanted.iter().enumerate() {
        dims.push(match *d {
            0 if !allow_zero => *from.dims.get(i).ok_or_else(|| wrong("0 only where there is an extent to keep"))?,
            -1 if open.is_none() => {
                open = Some(i);
                1
            }
            d => u64::try_from(d).map_err(|_| wrong("extents that are not negative, and -1 at most once"))?,
        });
    }
    let Some(open) = open else { return Ok(dims) };
    let rest = dims.iter().try_fold(1u64, |n, d| n.checked_mul(*d)).filter(|n| *n > 0);
    let rest = rest.ok_or_else(|| wrong("other extents that are not 0 beside -1"))?;
    let left = from.numel();
    if !left.is_multiple_of(rest) {
        return Err(wrong("extents whose product divides the number of elements"));
    }
    dims[open] = left / rest;
    Ok(dims)
}

/// `Flatten`: to a matrix, the axes before `axis` becoming its rows.
pub(super) fn flatten(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let dims = cx.ty(x).dims.clone();
    let axis = node.int("axis")?.unwrap_or(1);
    // One past the last axis is allowed here.
    let at = if axis == whole(dims.len()) { dims.len() } else { axis_of(axis, dims.len(), "attribute `axis`")? };
    let product = |part: &[u64]| part.iter().fold(1u64, |n, d| n.saturating_mul(*d));
    let (rows, columns) = dims.split_at(at);
    Ok(vec![cx.reshape(x, vec![product(rows), product(columns)])?])
}

/// Axes as an operand, or as an attribute up to opset 12.
fn given_axes(cx: &mut Lower<'_>, node: &Node<'_>) -> Result<Option<Vec<i64>>, Fault> {
    match node.maybe(1) {
        Some(axes) => Ok(Some(cx.ints(axes, "the axes")?)),
        None => Ok(node.ints("axes")?.map(<[i64]>::to_vec)),
    }
}

/// `Squeeze`: without the given axes of extent 1, or without all of them.
pub(super) fn squeeze(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let dims = cx.ty(x).dims.clone();
    let dropped = match given_axes(cx, node)? {
        Some(axes) => axes_of(&axes, dims.len(), "axes")?,
        None => (0..dims.len()).filter(|i| dims[*i] == 1).collect(),
    };
    if let Some(i) = dropped.iter().find(|i| dims[**i] != 1) {
        return Err(shape(format!("axis {i}"), format!("extent {}", dims[*i]), "extent 1"));
    }
    let kept = dims.iter().enumerate().filter(|(i, _)| !dropped.contains(i)).map(|(_, d)| *d);
    Ok(vec![cx.reshape(x, kept.collect())?])
}

/// `Unsqueeze`: with new axes of extent 1, counted in the result.
pub(super) fn unsqueeze(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let axes = given_axes(cx, node)?.ok_or_else(|| shape("axes", "none", "the axes that are new"))?;
    let dims = cx.ty(x).dims.clone();
    let rank = dims.len().saturating_add(axes.len());
    let new = axes_of(&axes, rank, "axes")?;
    let mut old = dims.into_iter();
    let (mut out, mut next) = (Vec::with_capacity(rank), new.iter().peekable());
    for i in 0..rank {
        let is_new = next.next_if(|n| **n == i).is_some();
        out.push(if is_new { 1 } else { old.next().unwrap_or(1) });
    }
    Ok(vec![cx.reshape(x, out)?])
}

/// `Expand`: broadcast with a shape; both may have extents of 1.
pub(super) fn expand(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let wanted = cx.ints(node.operand(1)?, "the shape")?;
    let dims = expanded(cx.ty(x), &wanted)?;
    Ok(vec![cx.broadcast(x, dims)?])
}

fn expanded(from: &TensorType, wanted: &[i64]) -> Result<Vec<u64>, Fault> {
    let wrong = || shape("shape", format!("{wanted:?} for {from}"), "a shape that broadcasts with it");
    let wanted: Vec<u64> = wanted.iter().map(|d| u64::try_from(*d).ok()).collect::<Option<_>>().ok_or_else(wrong)?;
    let rank = wanted.len().max(from.rank());
    let at = |d: &[u64], i: usize| (i + d.len()).checked_sub(rank).and_then(|j| d.get(j)).copied().unwrap_or(1);
    let both = (0..rank).map(|i| match (at(&from.dims, i), at(&wanted, i)) {
        (a, b) if a == b => Some(a),
        (1, b) => Some(b),
        (a, 1) => Some(a),
        _ => None,
    });
    both.collect::<Option<Vec<u64>>>().ok_or_else(wrong)
}

/// `Tile`: each axis repeated as a whole. An axis is split off for the repeats, broadcast, and merged.
pub(super) fn tile(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let repeats = cx.ints(node.operand(1)?, "the repeats")?;
    let dims = cx.ty(x).dims.clone();
    let repeats: Option<Vec<u64>> = repeats.iter().map(|n| u64::try_from(*n).ok()).collect();
    let repeats = repeats.filter(|r| r.len() == dims.len());
    let repeats = repeats.ok_or_else(|| shape("repeats", "another list", format!("{} counts", dims.len())))?;
    let split = dims.iter().flat_map(|d| [1, *d]).collect();
    let repeated = dims.iter().zip(&repeats).flat_map(|(d, n)| [*n, *d]).collect();
    let merged = dims.iter().zip(&repeats).map(|(d, n)| d.saturating_mul(*n)).collect();
    let apart = cx.reshape(x, split)?;
    let wide = cx.broadcast(apart, repeated)?;
    Ok(vec![cx.reshape(wide, merged)?])
}

/// `Transpose`: axes reversed where no permutation is given.
pub(super) fn transpose(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let rank = cx.ty(x).rank();
    let reversed = || (0..rank).rev().map(whole).collect();
    let perm: Vec<i64> = node.ints("perm")?.map_or_else(reversed, <[i64]>::to_vec);
    if perm.len() == rank && perm.iter().enumerate().all(|(i, p)| whole(i) == *p) {
        return Ok(vec![x]);
    }
    Ok(vec![cx.op_with("nn.transpose", &[x], attrs([("perm", Attr::Ints(perm))]))?])
}

/// `Concat` along an axis.
pub(super) fn concat(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let operands = node.all()?;
    let axis = node.int("axis")?.ok_or_else(|| shape("attribute `axis`", "absent", "an axis"))?;
    let axis = axis_of(axis, cx.ty(node.operand(0)?).rank(), "attribute `axis`")?;
    Ok(vec![joined(cx, &operands, axis)?])
}

/// Operands one after another along an axis. One operation takes few runs of different types: more are nested.
pub(super) fn joined(cx: &mut Lower<'_>, operands: &[Val], axis: usize) -> Result<Val, Fault> {
    let (mut group, mut runs) = (Vec::<Val>::new(), 0);
    for operand in operands {
        if runs == MIXED_RUNS && group.last().is_some_and(|last| cx.ty(*last) != cx.ty(*operand)) {
            group = vec![beside(cx, &group, axis)?];
            runs = 1;
        }
        runs += usize::from(group.last().is_none_or(|last| cx.ty(*last) != cx.ty(*operand)));
        group.push(*operand);
    }
    beside(cx, &group, axis)
}

fn beside(cx: &mut Lower<'_>, operands: &[Val], axis: usize) -> Result<Val, Fault> {
    match operands {
        [one] => Ok(*one),
        several => cx.op_with("nn.concat", several, attrs([("axis", Attr::Int(whole(axis)))])),
    }
}

/// `Trilu`: the upper or lower triangle of the last two axes, zero elsewhere.
pub(super) fn trilu(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let ty = cx.ty(x).clone();
    if ty.rank() < 2 {
        return Err(shape("operand", ty.to_string(), "at least two axes"));
    }
    let diagonal = node.maybe(1).map(|k| cx.ints(k, "the diagonal")).transpose()?;
    let diagonal = diagonal.and_then(|k| k.first().copied()).unwrap_or(0);
    let (row, column) = (leaves::positions(cx, &ty.dims, -2)?, leaves::positions(cx, &ty.dims, -1)?);
    let offset = cx.vector(vec![diagonal]);
    let edge = cx.op("nn.add", &[row, offset])?;
    let test = if node.flag("upper", true)? { "nn.greater_equal" } else { "nn.less_equal" };
    let inside = cx.op(test, &[column, edge])?;
    if ty.elem == prism_dialects::Elem::I1 {
        return Ok(vec![cx.op("nn.and", &[x, inside])?]);
    }
    let zero = cx.scalar(0.0, ty.elem);
    Ok(vec![cx.op("nn.where", &[inside, x, zero])?])
}

#[cfg(test)]
mod tests {
    use super::{expanded, reshaped};
    use prism_dialects::{Elem, TensorType};

    #[test]
    fn reshape_follows_onnx() {
        let t = TensorType::new([2, 3, 4], Elem::F32);
        assert_eq!(reshaped(&t, &[0, -1], false).ok(), Some(vec![2, 12]));
        assert_eq!(reshaped(&t, &[-1], false).ok(), Some(vec![24]));
        for wrong in [&[5, -1][..], &[-1, -1], &[-2, 12], &[2, 3, 4, 0], &[i64::MAX, i64::MAX, -1]] {
            assert!(reshaped(&t, wrong, false).is_err(), "{wrong:?}");
        }
        assert!(reshaped(&t, &[0, -1], true).is_err());
        let none = TensorType::new([0, 4], Elem::F32);
        assert_eq!(reshaped(&none, &[0, 7], true).ok(), Some(vec![0, 7]));
    }

    #[test]
    fn expand_broadcasts_both_ways() {
        let t = TensorType::new([3, 1], Elem::F32);
        assert_eq!(expanded(&t, &[2, 1, 6]).ok(), Some(vec![2, 3, 6]));
        assert_eq!(expanded(&t, &[1]).ok(), Some(vec![3, 1]));
        assert!(expanded(&t, &[2, 1]).is_err() && expanded(&t, &[-1, 3, 1]).is_err());
    }
}
