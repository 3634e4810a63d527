//! Values on small tensors: what each operation means, so that rules and passes can be checked by running.
//!
//! Floats are computed in `f64` whatever the element type, so that exact rules agree to rounding and
//! a difference means a wrong rule, not a wrong order of additions.

use crate::attr::{Dense, Numbers};
use crate::types::TensorType;

/// The numbers of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Floating point.
    Float(Vec<f64>),
    /// Integers and booleans (0 or 1).
    Int(Vec<i64>),
}

/// A tensor with its numbers in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its type.
    pub ty: TensorType,
    /// Its numbers: exactly as many as the type has elements.
    pub data: Data,
}

/// No interpreted tensor may have more elements than this.
pub const MAX_INTERP_ELEMENTS: u64 = 1 << 24;

impl Tensor {
    /// A tensor of a constant, splats written out.
    ///
    /// # Errors
    /// When it is larger than [`MAX_INTERP_ELEMENTS`] or the numbers do not fit the type.
    pub fn from_dense(dense: &Dense) -> Result<Tensor, String> {
        let n = dense.ty.checked_numel().filter(|n| *n <= MAX_INTERP_ELEMENTS);
        let n = n.ok_or_else(|| format!("{} is too large to interpret", dense.ty))? as usize;
        fn spread<T: Copy, U>(v: &[T], n: usize, f: impl Fn(T) -> U) -> Result<Vec<U>, String> {
            match v {
                [one] => Ok((0..n).map(|_| f(*one)).collect()),
                _ if v.len() == n => Ok(v.iter().map(|x| f(*x)).collect()),
                _ => Err(format!("{} numbers for {n} elements", v.len())),
            }
        }
        let data = match &dense.numbers {
            Numbers::Float(v) => Data::Float(spread(v, n, |x| x.0)?),
            Numbers::Int(v) => Data::Int(spread(v, n, |x| x)?),
        };
        Ok(Tensor { ty: dense.ty.clone(), data })
    }

    /// As a constant.
    pub fn to_dense(&self) -> Dense {
        let numbers = match &self.data {
            Data::Float(v) => Numbers::Float(v.iter().map(|x| crate::attr::F64(*x)).collect()),
            Data::Int(v) => Numbers::Int(v.clone()),
        };
        Dense { ty: self.ty.clone(), numbers }
    }
}

/// Conversions change where a tensor is, not its numbers (at full width and without noise).
pub(crate) fn identity(args: &[&Tensor], _: &crate::attr::Attrs, _: &TensorType) -> Result<Tensor, String> {
    args.first().map(|t| (*t).clone()).ok_or_else(|| "no operand".into())
}

/// The operation named by attribute `op`, with attributes `params`.
pub(crate) fn computed(args: &[&Tensor], attrs: &crate::attr::Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let (def, params) = crate::elec::computed(attrs).map_err(|p| format!("{}: {}", p.what, p.found))?;
    let meaning = def.interp.ok_or_else(|| format!("`{}` has no value of its own", def.name))?;
    meaning(args, &params, ty)
}

/// The product of light (operand 0) and weights (operand 1), in the order that `stationary` says.
pub(crate) fn photonic_matmul(args: &[&Tensor], attrs: &crate::attr::Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let [light, weights] = args else { return Err(format!("{} operands", args.len())) };
    let held_lhs = attrs.get("stationary").and_then(|a| a.as_str()) == Some("lhs");
    let ordered = if held_lhs { [*weights, *light] } else { [*light, *weights] };
    let meaning = crate::registry::op("nn.matmul").interp.ok_or("`nn.matmul` has no meaning")?;
    meaning(&ordered, attrs, ty)
}
