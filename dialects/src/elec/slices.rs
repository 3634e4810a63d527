//! Bit slices: a number as a sum of narrower ones, and the sum of products of them.

use super::bits;
use crate::attr::Attrs;
use crate::cost_attr::{check_cost, priced};
use crate::define::{AttrKind, Kind, OpDef, OpView, Problem};
use crate::interp::{Data, Tensor};
use crate::level::Level;
use crate::types::{TensorType, Type, View};

/// Bits of a sum of `slices` slices of `bits` bits each, of which one is the sign.
pub fn sliced_bits(slices: u64, bits: u32) -> u64 {
    u64::from(bits) + slices.saturating_sub(1).saturating_mul(u64::from(bits).saturating_sub(1))
}

/// The operations.
pub(super) fn ops() -> [OpDef; 2] {
    let slices = OpDef::new(
        "elec.slices",
        Level::Assigned,
        Kind::Stored,
        "The numbers in slices of fewer bits, the highest bits first, one slice of all behind the other along an axis. A slice is a field of \
         the bits of a number, read where the number lies: it takes neither time nor energy.",
    )
    .operand("x", Kind::Stored)
    .attr("axis", AttrKind::Int, "the axis along which slices follow one another, from 0")
    .attr("count", AttrKind::Int, "how many slices a number has")
    .attr("bits", AttrKind::Int, "bits of a slice, of which one is the sign")
    .verify(verify_slices)
    .interp(slices);
    let add = OpDef::new(
        "elec.shift_add",
        Level::Assigned,
        Kind::Stored,
        "Products of all pairs of slices, as blocks of rows and columns, shifted and added up: the product of what the slices are of.",
    )
    .operand("partial", Kind::Stored)
    .attr("rows", AttrKind::Int, "slices of the left operand: blocks along the axis before the last")
    .attr("columns", AttrKind::Int, "slices of the right operand: blocks along the last axis");
    [slices, priced(add).verify(verify_shift_add).interp(shift_add)]
}

/// An attribute that counts something.
fn count(op: &OpView<'_>, name: &str) -> Result<u64, Problem> {
    let found = op.int(name).unwrap_or(0);
    u64::try_from(found)
        .ok()
        .filter(|n| (1..=64).contains(n))
        .ok_or_else(|| Problem::new(format!("attribute `{name}`"), found.to_string(), "1 to 64"))
}

fn verify_slices(op: &OpView<'_>) -> Result<(), Problem> {
    let (times, wide, mut tensor) = (count(op, "count")?, count(op, "bits")?, op.tensor(0));
    let axis = op.int("axis").unwrap_or(-1);
    let dim = usize::try_from(axis).ok().and_then(|axis| tensor.dims.get_mut(axis));
    let Some(dim) = dim else {
        let allowed = format!("an axis of {}", op.tensor(0));
        return Err(Problem::new("attribute `axis`", axis.to_string(), allowed));
    };
    *dim = dim.saturating_mul(times);
    let (Some(from), Some(to)) = (op.operands.first(), op.results.first()) else { return Ok(()) };
    let place = from.view().unwrap_or(View::Digital);
    match to.view() == Some(place) && to.tensor() == Some(&tensor) && u64::from(bits(to)) == wide {
        true => Ok(()),
        false => {
            let expected = Type::viewed(place, tensor, u32::try_from(wide).unwrap_or(u32::MAX));
            Err(Problem::new("result", to.to_string(), expected.to_string()))
        }
    }
}

/// Blocks add up to no more bits than the slices have together.
fn verify_shift_add(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    let (rows, columns) = (count(op, "rows")?, count(op, "columns")?);
    let (Some(from), Some(to)) = (op.operands.first(), op.results.first()) else { return Ok(()) };
    let partial = op.tensor(0);
    if to.tensor().and_then(|sum| blocks(sum, [rows, columns])).as_ref() != Some(&partial) {
        let allowed = format!("{partial} with its last axes {rows} and {columns} times shorter");
        return Err(Problem::new("result", to.to_string(), allowed));
    }
    let most = sliced_bits(rows.min(columns), bits(from));
    match u64::from(bits(to)) > most {
        true => {
            Err(Problem::new("effective bits", bits(to).to_string(), format!("at most {most}, as its slices have")))
        }
        false => Ok(()),
    }
}

/// The type of `rows` times `columns` blocks like `sum`; `None` without two axes.
fn blocks(sum: &TensorType, [rows, columns]: [u64; 2]) -> Option<TensorType> {
    let mut out = sum.clone();
    let [.., m, n] = out.dims.as_mut_slice() else { return None };
    (*m, *n) = (m.checked_mul(rows)?, n.checked_mul(columns)?);
    Some(out)
}

fn floats(x: &Tensor) -> Result<&[f64], String> {
    x.check()?;
    match &x.data {
        Data::Float(v) => Ok(v),
        Data::Int(_) => Err(format!("slices of {}", x.ty)),
    }
}

fn int(attrs: &Attrs, name: &str) -> Result<usize, String> {
    let found = attrs.get(name).and_then(crate::attr::Attr::as_int);
    found.and_then(|n| usize::try_from(n).ok()).ok_or_else(|| format!("attribute `{name}` is missing"))
}

/// Each slice holds what the ones before it leave, in steps that are `bits - 1` bits below theirs; the last holds all that is left, so
/// that slices add up to the numbers exactly.
fn slices(_: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let [x] = args else { return Err(format!("{} operands, one expected", args.len())) };
    let (axis, count, bits) = (int(attrs, "axis")?, int(attrs, "count")?, int(attrs, "bits")?);
    let mut rest = floats(x)?.to_vec();
    let largest = rest.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let scale = if largest > 0.0 && largest.is_finite() { largest.log2().floor().exp2() * 2.0 } else { 1.0 };
    let inner: usize = x.ty.dims.iter().skip(axis).map(|d| *d as usize).product();
    let mut out = vec![0.0; rest.len() * count];
    for k in 0..count {
        let step = scale * (-((bits as f64 - 1.0) * (k as f64 + 1.0))).exp2();
        for (i, left) in rest.iter_mut().enumerate() {
            let part = if k + 1 == count || !left.is_finite() { *left } else { (*left / step).trunc() * step };
            *left = if left.is_finite() { *left - part } else { 0.0 };
            let at = (i / inner.max(1)) * inner * count + k * inner + i % inner.max(1);
            *out.get_mut(at).ok_or("slices of a tensor without them")? = part;
        }
    }
    let made = Tensor { ty: ty.clone(), data: Data::Float(out) };
    made.check()?;
    Ok(made)
}

fn shift_add(_: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let [partial] = args else { return Err(format!("{} operands, one expected", args.len())) };
    let (rows, columns) = (int(attrs, "rows")?, int(attrs, "columns")?);
    let [.., m, n] = ty.dims.as_slice() else { return Err(format!("{ty} has no rows and columns")) };
    let (m, n) = (*m as usize, *n as usize);
    let numbers = floats(partial)?;
    let block = m * n * rows * columns;
    let mut out = vec![0.0; numbers.len() / (rows * columns).max(1)];
    for (i, sum) in out.iter_mut().enumerate() {
        let (batch, row, column) = (i / (m * n), i / n % m, i % n);
        let pairs = (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c)));
        let at = |(r, c): (usize, usize)| batch * block + (r * m + row) * (n * columns) + c * n + column;
        *sum = pairs.map(|pair| numbers.get(at(pair)).copied().unwrap_or(f64::NAN)).sum();
    }
    let made = Tensor { ty: ty.clone(), data: Data::Float(out) };
    made.check()?;
    Ok(made)
}
