//! Operators that pick parts.

use super::{Converted, axis_of, whole};
use crate::onnx::fault::{Fault, shape};
use crate::onnx::lower::{Lower, Val, attrs};
use crate::onnx::node::Node;
use prism_dialects::Attr;

/// A part of a tensor: per axis the first index, the number of elements and the distance between them.
struct Part {
    starts: Vec<i64>,
    sizes: Vec<i64>,
    steps: Vec<i64>,
}

impl Part {
    fn whole_of(dims: &[u64]) -> Part {
        let rank = dims.len();
        Part { starts: vec![0; rank], sizes: dims.iter().map(|d| whole(*d)).collect(), steps: vec![1; rank] }
    }

    fn of(self, cx: &mut Lower<'_>, x: Val) -> Result<Val, Fault> {
        let unchanged = Part::whole_of(&cx.ty(x).dims);
        if self.starts == unchanged.starts && self.sizes == unchanged.sizes && self.steps == unchanged.steps {
            return Ok(x);
        }
        let parts = [("starts", self.starts), ("sizes", self.sizes), ("steps", self.steps)];
        cx.op_with("nn.slice", &[x], attrs(parts.map(|(name, list)| (name, Attr::Ints(list)))))
    }
}

/// Elements start, start + step, ... of one axis, `size` of them; all of the others.
pub(super) fn part(cx: &mut Lower<'_>, x: Val, axis: usize, [start, size, step]: [i64; 3]) -> Result<Val, Fault> {
    let mut part = Part::whole_of(&cx.ty(x).dims);
    let lists = [&mut part.starts, &mut part.sizes, &mut part.steps];
    // The distance of a single element is free: 1 is what other slices have.
    for (list, n) in lists.into_iter().zip([start, size, if size > 1 { step } else { 1 }]) {
        if let Some(here) = list.get_mut(axis) {
            *here = n;
        }
    }
    part.of(cx, x)
}

/// First index and number of elements of a slice of an axis: negative bounds count from the end, bounds outside are
/// clamped (ONNX, `Slice`).
fn clamped(extent: i64, start: i64, end: i64, step: i64) -> (i64, i64) {
    if extent == 0 {
        return (0, 0);
    }
    let from_front = |n: i64| if n < 0 { n.saturating_add(extent) } else { n };
    let (low, high) = if step > 0 { (0, extent) } else { (-1, extent - 1) };
    let start = from_front(start).clamp(0, high);
    let end = from_front(end).clamp(low, high);
    let span = i128::from(end) - i128::from(start);
    let step = i128::from(step);
    let size = ((span + step - step.signum()) / step).max(0);
    // An empty part may start anywhere.
    if size == 0 { (0, 0) } else { (start, i64::try_from(size).unwrap_or(0)) }
}

/// `Slice` with bounds that are known.
pub(super) fn slice(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let dims = cx.ty(x).dims.clone();
    let starts = cx.ints(node.operand(1)?, "the starts")?;
    let ends = cx.ints(node.operand(2)?, "the ends")?;
    let axes = match node.maybe(3) {
        Some(axes) => cx.ints(axes, "the axes")?,
        None => (0..starts.len()).map(whole).collect(),
    };
    let steps = match node.maybe(4) {
        Some(steps) => cx.ints(steps, "the steps")?,
        None => vec![1; starts.len()],
    };
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        let found = format!("{}, {}, {}, {}", starts.len(), ends.len(), axes.len(), steps.len());
        return Err(shape("numbers of starts, ends, axes and steps", found, "equal numbers"));
    }
    super::axes_of(&axes, dims.len(), "axes")?;
    let mut part = Part::whole_of(&dims);
    for (i, axis) in axes.iter().enumerate() {
        let axis = axis_of(*axis, dims.len(), "axes")?;
        if steps[i] == 0 {
            return Err(shape("step", "0", "a step that is not 0"));
        }
        (part.starts[axis], part.sizes[axis]) = clamped(whole(dims[axis]), starts[i], ends[i], steps[i]);
        // The distance of a single element is free: 1 is what other slices have.
        part.steps[axis] = if part.sizes[axis] > 1 { steps[i] } else { 1 };
    }
    Ok(vec![part.of(cx, x)?])
}

/// `Split`: by given sizes, or into equal parts of which the last may be smaller.
pub(super) fn split(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let x = node.operand(0)?;
    let dims = cx.ty(x).dims.clone();
    let axis = axis_of(node.int("axis")?.unwrap_or(0), dims.len(), "attribute `axis`")?;
    let (extent, parts) = (whole(dims[axis]), node.proto.output.len());
    // Sizes are an operand, or an attribute up to opset 12.
    let sizes = match (node.maybe(1), node.ints("split")?) {
        (Some(sizes), _) => cx.ints(sizes, "the sizes")?,
        (None, Some(sizes)) => sizes.to_vec(),
        (None, None) if node.int("num_outputs")?.is_some_and(|n| n != whole(parts)) => {
            return Err(shape("attribute `num_outputs`", "another number", format!("{parts}, as there are results")));
        }
        (None, None) => equal_parts(extent, whole(parts), node.opset)?,
    };
    let total = sizes.iter().try_fold(0i64, |n, s| n.checked_add(*s).filter(|_| *s >= 0));
    if total != Some(extent) || sizes.len() != parts {
        let found = format!("sizes {sizes:?} for {parts} results");
        return Err(shape("split", found, format!("{parts} sizes that add up to {extent}")));
    }
    let mut start = 0;
    let mut out = Vec::with_capacity(parts);
    for size in sizes {
        out.push(part(cx, x, axis, [if size == 0 { 0 } else { start }, size, 1])?);
        start += size;
    }
    Ok(out)
}

fn equal_parts(extent: i64, parts: i64, opset: i64) -> Result<Vec<i64>, Fault> {
    let wrong = |allowed: &str| shape("split", format!("{extent} into {parts} parts"), allowed);
    // More parts than elements would make empty ones.
    if parts < 1 || parts > extent.max(1) {
        return Err(wrong("at least one part, and no more than elements"));
    }
    // Unequal parts came with opset 18.
    if extent % parts != 0 && opset < 18 {
        return Err(wrong("equal parts"));
    }
    let size = extent / parts + i64::from(extent % parts != 0);
    let sizes = (0..parts).map(|i| size.min(extent - (i * size).min(extent)));
    Ok(sizes.collect())
}

/// `Gather` along an axis.
pub(super) fn gather(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (table, indices) = (node.operand(0)?, node.operand(1)?);
    let axis = axis_of(node.int("axis")?.unwrap_or(0), cx.ty(table).rank(), "attribute `axis`")?;
    Ok(vec![cx.op_with("nn.gather", &[table, indices], attrs([("axis", Attr::Int(whole(axis)))]))?])
}

/// `GatherND`.
pub(super) fn gather_nd(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let (table, indices) = (node.operand(0)?, node.operand(1)?);
    let batch = node.int("batch_dims")?.unwrap_or(0);
    Ok(vec![cx.op_with("nn.gather_nd", &[table, indices], attrs([("batch_dims", Attr::Int(batch))]))?])
}

#[cfg(test)]
mod tests {
    use super::{clamped, equal_parts};

    #[test]
    fn slices_clamp_as_onnx_says() {
        let cases = [
            ((5, 1, 3, 1), (1, 2)),
            ((5, 0, i64::MAX, 1), (0, 5)),
            ((5, -2, i64::MAX, 1), (3, 2)),
            ((5, 1, -1, 1), (1, 3)),
            ((5, i64::MAX, i64::MIN, -1), (4, 5)),
            ((5, -1, -6, -2), (4, 3)),
            ((5, 3, 1, 1), (0, 0)),
            ((5, 7, 9, 1), (0, 0)),
            ((5, 0, 5, 2), (0, 3)),
            ((0, 0, 5, 1), (0, 0)),
            ((0, 3, -9, -1), (0, 0)),
            ((5, i64::MIN, i64::MAX, i64::MAX), (0, 1)),
            ((5, i64::MIN, 2, -1), (0, 0)),
        ];
        for ((d, start, end, step), want) in cases {
            assert_eq!(clamped(d, start, end, step), want, "{d} [{start}:{end}:{step}]");
        }
    }

    #[test]
    fn splits_may_leave_a_smaller_last_part_since_opset_18() {
        assert_eq!(equal_parts(7, 3, 18).ok(), Some(vec![3, 3, 1]));
        assert_eq!(equal_parts(6, 3, 13).ok(), Some(vec![2, 2, 2]));
        assert!(equal_parts(7, 3, 13).is_err() && equal_parts(3, 0, 20).is_err());
        assert!(equal_parts(3, 4, 20).is_err());
    }
}
