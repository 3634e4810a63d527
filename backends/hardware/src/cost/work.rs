//! What is to be computed, as sizes alone.

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
    /// Width of the left operand's numbers.
    pub lhs_bits: u32,
    /// Width of the right operand's numbers.
    pub rhs_bits: u32,
}

impl MatmulWork {
    /// Numbers of the result; saturates.
    pub fn outputs(&self) -> u128 {
        u128::from(self.batch).saturating_mul(u128::from(self.m)).saturating_mul(u128::from(self.n))
    }

    /// Multiply-accumulates; saturates.
    pub fn macs(&self) -> u128 {
        self.outputs().saturating_mul(u128::from(self.k))
    }
}
