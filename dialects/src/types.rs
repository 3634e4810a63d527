//! Types of values: tensors (maths), views of tensors (where and how exactly a tensor exists), events.

use std::fmt;
use std::sync::Arc;

/// Element type of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Elem {
    /// IEEE half.
    F16,
    /// bfloat16.
    BF16,
    /// IEEE single.
    F32,
    /// IEEE double.
    F64,
    /// Boolean.
    I1,
    /// Signed byte.
    I8,
    /// Signed 16 bit.
    I16,
    /// Signed 32 bit.
    I32,
    /// Signed 64 bit.
    I64,
    /// Unsigned byte.
    U8,
}

impl Elem {
    /// All element types.
    pub const ALL: [Elem; 10] =
        [Elem::F16, Elem::BF16, Elem::F32, Elem::F64, Elem::I1, Elem::I8, Elem::I16, Elem::I32, Elem::I64, Elem::U8];

    /// MLIR spelling.
    pub fn name(self) -> &'static str {
        match self {
            Elem::F16 => "f16",
            Elem::BF16 => "bf16",
            Elem::F32 => "f32",
            Elem::F64 => "f64",
            Elem::I1 => "i1",
            Elem::I8 => "i8",
            Elem::I16 => "i16",
            Elem::I32 => "i32",
            Elem::I64 => "i64",
            Elem::U8 => "ui8",
        }
    }

    /// The element type spelled so.
    pub fn parse(name: &str) -> Option<Elem> {
        Elem::ALL.into_iter().find(|e| e.name() == name)
    }

    /// Storage width in bits; booleans are stored as bytes.
    pub fn bits(self) -> u32 {
        match self {
            Elem::I1 | Elem::I8 | Elem::U8 => 8,
            Elem::F16 | Elem::BF16 | Elem::I16 => 16,
            Elem::F32 | Elem::I32 => 32,
            Elem::F64 | Elem::I64 => 64,
        }
    }

    /// Whether it is a floating-point type.
    pub fn is_float(self) -> bool {
        matches!(self, Elem::F16 | Elem::BF16 | Elem::F32 | Elem::F64)
    }
}

/// A tensor of static shape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TensorType {
    /// Extent of each axis, outermost first. Empty for a scalar.
    pub dims: Vec<u64>,
    /// Element type.
    pub elem: Elem,
}

impl TensorType {
    /// A tensor type.
    pub fn new(dims: impl Into<Vec<u64>>, elem: Elem) -> Self {
        TensorType { dims: dims.into(), elem }
    }

    /// Number of elements; `None` where the product passes 64 bits.
    pub fn checked_numel(&self) -> Option<u64> {
        self.dims.iter().try_fold(1u64, |n, &d| n.checked_mul(d))
    }

    /// Number of elements, saturating. Verified IR is below [`MAX_ELEMENTS`].
    pub fn numel(&self) -> u64 {
        self.checked_numel().unwrap_or(u64::MAX)
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.dims.len()
    }
}

/// No tensor may have more elements than this (2^36): counts and bytes then stay exact in `f64`.
pub const MAX_ELEMENTS: u64 = 1 << 36;

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tensor<")?;
        for d in &self.dims {
            write!(f, "{d}x")?;
        }
        write!(f, "{}>", self.elem.name())
    }
}

/// Where, and in which form, a tensor exists. Conversions between views are operations with a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Numbers in on-chip memory: `!elec.digital`.
    Digital,
    /// Light that carries the tensor into a photonic unit: `!ptu.light`.
    Light,
    /// Held in a photonic unit as the stationary operand: `!ptu.weights`.
    Weights,
    /// Light that leaves a photonic unit with a result on it, not yet detected: `!ptu.readout`.
    Readout,
    /// Numbers in off-chip memory: `!mem.offchip`.
    Offchip,
}

impl View {
    /// All views.
    pub const ALL: [View; 5] = [View::Digital, View::Light, View::Weights, View::Readout, View::Offchip];

    /// Dialect and name of the type, as in `!ptu.light`.
    pub fn type_name(self) -> &'static str {
        match self {
            View::Digital => "elec.digital",
            View::Light => "ptu.light",
            View::Weights => "ptu.weights",
            View::Readout => "ptu.readout",
            View::Offchip => "mem.offchip",
        }
    }

    /// Whether it is inside a photonic unit, so that its type names the unit.
    pub fn is_in_unit(self) -> bool {
        matches!(self, View::Light | View::Weights | View::Readout)
    }

    /// The view whose type is spelled so.
    pub fn parse(type_name: &str) -> Option<View> {
        View::ALL.into_iter().find(|v| v.type_name() == type_name)
    }
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Maths: what the numbers are, not where.
    Tensor(TensorType),
    /// A view of a tensor, exact to `bits` effective bits.
    View {
        /// Where it exists.
        view: View,
        /// What it is a view of.
        tensor: TensorType,
        /// Effective bits: an upper bound on the precision that any step on the way had.
        bits: u32,
        /// The photonic unit it is in or belongs to; `None` in memories, which all units share.
        unit: Option<Arc<str>>,
    },
    /// The end of a planned task: `!plan.event`.
    Event,
}

impl Type {
    /// The tensor, whatever the view.
    pub fn tensor(&self) -> Option<&TensorType> {
        match self {
            Type::Tensor(t) | Type::View { tensor: t, .. } => Some(t),
            Type::Event => None,
        }
    }

    /// The view; `None` for maths and events.
    pub fn view(&self) -> Option<View> {
        match self {
            Type::View { view, .. } => Some(*view),
            _ => None,
        }
    }

    /// A view of `tensor` in a memory.
    pub fn viewed(view: View, tensor: TensorType, bits: u32) -> Type {
        Type::View { view, tensor, bits, unit: None }
    }

    /// A view of `tensor` in a photonic unit.
    pub fn in_unit(view: View, tensor: TensorType, bits: u32, unit: impl Into<Arc<str>>) -> Type {
        Type::View { view, tensor, bits, unit: Some(unit.into()) }
    }

    /// The photonic unit, for views that are in one.
    pub fn unit(&self) -> Option<&str> {
        match self {
            Type::View { unit, .. } => unit.as_deref(),
            _ => None,
        }
    }
}

impl From<TensorType> for Type {
    fn from(t: TensorType) -> Self {
        Type::Tensor(t)
    }
}

impl From<TensorType> for Arc<Type> {
    fn from(t: TensorType) -> Self {
        Arc::new(Type::Tensor(t))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Tensor(t) => t.fmt(f),
            Type::View { view, tensor, bits, unit } => {
                write!(f, "!{}<{tensor}, {bits} : i32", view.type_name())?;
                if let Some(unit) = unit {
                    write!(f, ", \"{unit}\"")?;
                }
                f.write_str(">")
            }
            Type::Event => f.write_str("!plan.event"),
        }
    }
}
