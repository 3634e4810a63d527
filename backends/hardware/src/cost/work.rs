//! What is to be computed, as sizes alone.

use crate::target::Location;

/// Shape and width of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSize {
    /// Extents of the axes; none for a scalar.
    pub dims: Vec<u64>,
    /// Width of a number.
    pub bits: u32,
}

impl TensorSize {
    /// A tensor of these extents.
    pub fn new(dims: impl Into<Vec<u64>>, bits: u32) -> Self {
        TensorSize { dims: dims.into(), bits }
    }

    /// How many numbers; saturates.
    pub fn numbers(&self) -> u128 {
        self.dims.iter().fold(1u128, |product, d| product.saturating_mul(u128::from(*d)))
    }

    /// How many rows, a row being the last axis; saturates.
    pub fn rows(&self) -> u128 {
        let outer = self.dims.len().saturating_sub(1);
        self.dims.iter().take(outer).fold(1u128, |product, d| product.saturating_mul(u128::from(*d)))
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work<'a> {
    /// Its `nn` name without the prefix, such as `softmax`.
    pub op: &'a str,
    /// Its operands in order.
    pub inputs: Vec<TensorSize>,
    /// Its result.
    pub output: TensorSize,
    /// Multiply-accumulates, where it has them.
    pub macs: u64,
}

/// One of the operations of a fused kernel, which does them one after another and passes results on inside the unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The operation.
    pub work: Work<'a>,
    /// For each operand, whether an earlier member makes it; the others come from outside.
    pub inside: Vec<bool>,
    /// Whether it needs whole rows of what is made inside, rather than one number after another.
    pub by_row: bool,
}

/// Which operand of a product a unit holds on its row side; the other one streams by on the column side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stationary {
    /// The left operand.
    Lhs,
    /// The right operand.
    Rhs,
}

impl Stationary {
    /// `lhs` or `rhs`.
    pub fn word(self) -> &'static str {
        match self {
            Stationary::Lhs => "lhs",
            Stationary::Rhs => "rhs",
        }
    }
}

/// Where the ends of a product lie; off chip they stream block by block while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ends {
    /// The left operand: in the working memory, or at that place.
    pub lhs: Option<Location>,
    /// The right operand.
    pub rhs: Option<Location>,
    /// Whether the result is left off chip.
    pub result: bool,
}

impl Ends {
    /// The right operand alone is fetched, from where weights lie.
    pub const WEIGHTS: Ends = Ends { lhs: None, rhs: Some(Location::Parameters), result: false };

    /// The same without that operand: it is in the unit.
    pub fn without(self, held: Stationary) -> Ends {
        match held {
            Stationary::Lhs => Ends { lhs: None, ..self },
            Stationary::Rhs => Ends { rhs: None, ..self },
        }
    }
}

/// One matrix product: `batch` times `[m, k] x [k, n]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatmulWork {
    /// Products of the same shape.
    pub batch: u64,
    /// Rows of the left operand.
    pub m: u64,
    /// Inner dimension.
    pub k: u64,
    /// Columns of the right operand.
    pub n: u64,
    /// Whether both operands are results rather than one of them weights.
    pub dynamic: bool,
    /// Whether the left operand may have negative numbers.
    pub lhs_signed: bool,
    /// Whether the right operand may have negative numbers.
    pub rhs_signed: bool,
    /// Products (columns, in a mesh) at the same time, each on a group of wavelengths of its own.
    pub groups: u64,
    /// Slices of each number: fields of its bits, each of which is a row or column of its own. They come from off chip together.
    pub slices: u64,
}

impl MatmulWork {
    /// A product of any numbers by weights.
    pub fn new(batch: u64, m: u64, k: u64, n: u64) -> Self {
        MatmulWork { batch, m, k, n, dynamic: false, lhs_signed: true, rhs_signed: true, groups: 1, slices: 1 }
    }

    /// Numbers of the result; saturates.
    pub fn outputs(&self) -> u128 {
        u128::from(self.batch).saturating_mul(u128::from(self.m)).saturating_mul(u128::from(self.n))
    }

    /// Multiply-accumulates; saturates.
    pub fn macs(&self) -> u128 {
        self.outputs().saturating_mul(u128::from(self.k))
    }

    /// Numbers of the left operand.
    pub fn lhs_numbers(&self) -> f64 {
        self.batch as f64 * self.m as f64 * self.k as f64
    }

    /// Numbers of the right operand.
    pub fn rhs_numbers(&self) -> f64 {
        self.batch as f64 * self.k as f64 * self.n as f64
    }
}
