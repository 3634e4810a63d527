//! Values on small tensors: what each operation means, so that rules and passes can be checked by running.
//!
//! Floats are computed in `f64` whatever the element type, so that exact rules agree to rounding and
//! a difference means a wrong rule, not a wrong order of additions.

mod classes;
mod run;

pub use classes::{difference, run_classes};
pub use run::{Params, run};

use crate::attr::{Attr, Attrs, Dense, Numbers};
use crate::define::OpDef;
use crate::types::{Elem, TensorType};

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

    /// Whether the numbers are those of a tensor of this type: as many, of its kind, integers in its range.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(&self) -> Result<(), String> {
        let (len, fits) = match &self.data {
            Data::Float(v) => (v.len(), self.ty.elem.is_float()),
            Data::Int(v) => (v.len(), !self.ty.elem.is_float()),
        };
        if !fits {
            return Err(format!("numbers of another kind than {}", self.ty));
        }
        if self.ty.checked_numel() != u64::try_from(len).ok() {
            return Err(format!("{len} numbers for {}", self.ty));
        }
        let Data::Int(v) = &self.data else { return Ok(()) };
        let (low, high) = range(self.ty.elem);
        match v.iter().find(|x| **x < low || **x > high) {
            Some(x) => Err(format!("{x} does not fit {}: {low} to {high}", self.ty.elem.name())),
            None => Ok(()),
        }
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

/// Smallest and largest number of an integer element type.
fn range(elem: Elem) -> (i64, i64) {
    match elem {
        Elem::I1 => (0, 1),
        Elem::U8 => (0, 255),
        Elem::I8 => (i8::MIN.into(), i8::MAX.into()),
        Elem::I16 => (i16::MIN.into(), i16::MAX.into()),
        Elem::I32 => (i32::MIN.into(), i32::MAX.into()),
        Elem::I64 | Elem::F16 | Elem::BF16 | Elem::F32 | Elem::F64 => (i64::MIN, i64::MAX),
    }
}

/// Conversions change where a tensor is, not its numbers (at full width and without noise).
pub(crate) fn identity(_: &'static OpDef, args: &[&Tensor], _: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let [x] = args else { return Err(format!("{} operands, one expected", args.len())) };
    x.check()?;
    if x.ty == *ty { Ok((*x).clone()) } else { Err(format!("{} does not turn into {ty}", x.ty)) }
}

/// The operation named by attribute `op`, with attributes `params`.
pub(crate) fn computed(_: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let (def, params) = crate::elec::computed(attrs).map_err(|p| format!("{}: {}", p.what, p.found))?;
    evaluate(def, args, &params, ty)
}

/// The product of light (operand 0) and weights (operand 1), in the order that `stationary` says.
pub(crate) fn photonic_matmul(
    op: &'static OpDef,
    args: &[&Tensor],
    attrs: &Attrs,
    ty: &TensorType,
) -> Result<Tensor, String> {
    let [light, weights] = args else { return Err(format!("{} operands, two expected", args.len())) };
    let ordered = match attrs.get("stationary").and_then(Attr::as_str) {
        Some("lhs") => [*weights, *light],
        Some("rhs") => [*light, *weights],
        other => return Err(format!("attribute `stationary` is {other:?}")),
    };
    matmul(op, &ordered, attrs, ty)
}

/// `nn.concat` of the operands.
pub(crate) fn concat(_: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    as_maths("nn.concat", args, attrs, ty)
}

/// `nn.gather` of the operands.
pub(crate) fn gather(_: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    as_maths("nn.gather", args, attrs, ty)
}

/// `nn.matmul` of the operands as they are.
pub(crate) fn matmul(_: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    as_maths("nn.matmul", args, attrs, ty)
}

/// The operation of that name, with those attributes that it knows.
fn as_maths(name: &'static str, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let maths = crate::registry::op(name);
    let of_maths = |name: &str| maths.attrs.iter().any(|a| a.name == name);
    let attrs = attrs.iter().filter(|(name, _)| of_maths(name)).map(|(k, v)| (k.clone(), v.clone())).collect();
    evaluate(maths, args, &attrs, ty)
}

/// The value of one operation.
///
/// # Errors
/// When it has no value of its own (a weight, an argument, a task), or its operands, attributes or numbers do not do.
pub fn evaluate(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let meaning = def.interp.ok_or_else(|| format!("`{}` has no value of its own", def.name))?;
    meaning(def, args, attrs, ty)
}
