//! A product in the terms of a unit, and what a run of it counts.

use prism_hardware::target::photonic::{Level, Photonic};
use prism_hardware::{MatmulWork, Stationary};
use std::ops::Range;

/// A product with its roles: n vectors on the row side, m on the column side, of length k; h products; s passes.
pub(crate) struct Shape<'a> {
    pub(crate) unit: &'a Photonic,
    pub(crate) n: u64,
    pub(crate) m: u64,
    pub(crate) k: u64,
    pub(crate) h: u64,
    pub(crate) s: u64,
    /// Width of a number in memory.
    pub(crate) bits: f64,
}

/// What lies in block `index` of `extent` numbers cut into blocks of `of`.
fn part(extent: u64, of: u64, index: u64) -> u64 {
    extent.saturating_sub(index * of).min(of)
}

impl<'a> Shape<'a> {
    pub(crate) fn new(unit: &'a Photonic, work: &MatmulWork, held: Stationary, bits: u32) -> Self {
        let (n, m, negative) = match held {
            Stationary::Rhs => (work.n, work.m, work.lhs_signed),
            Stationary::Lhs => (work.m, work.n, work.rhs_signed),
        };
        let s = if negative { unit.signed_passes } else { 1 };
        Shape { unit, n, m, k: work.k, h: work.batch, s, bits: bits.into() }
    }

    pub(crate) fn row_blocks(&self) -> u64 {
        self.n.div_ceil(self.unit.rows)
    }

    pub(crate) fn inner_blocks(&self) -> u64 {
        self.k.div_ceil(self.unit.inner)
    }

    pub(crate) fn column_blocks(&self) -> u64 {
        self.m.div_ceil(self.unit.columns)
    }

    /// Rows of block `i` that have something to do.
    pub(crate) fn rows(&self, i: u64) -> u64 {
        part(self.n, self.unit.rows, i)
    }

    pub(crate) fn columns(&self, j: u64) -> u64 {
        part(self.m, self.unit.columns, j)
    }

    pub(crate) fn inner(&self, kk: u64) -> u64 {
        part(self.k, self.unit.inner, kk)
    }

    /// What the buffer of a tile holds, in numbers; `None` where it has no limit.
    pub(crate) fn buffer_numbers(&self) -> Option<f64> {
        let capacity = self.unit.storage(Level::Buffer).and_then(|s| s.capacity)?;
        Some(capacity.0 * 8.0 / self.bits)
    }

    /// The inner blocks cut into pieces of which the buffer holds one for all rows of a block.
    pub(crate) fn pieces(&self) -> Vec<Range<u64>> {
        let all = self.inner_blocks();
        let block = (self.unit.rows * self.unit.inner) as f64;
        let fits = self.buffer_numbers().map_or(all, |numbers| (numbers / block).floor().max(1.0) as u64);
        // A row that fits as a whole, its last block not being full, is not cut.
        let whole = self.buffer_numbers().is_none_or(|numbers| (self.unit.rows * self.k) as f64 <= numbers);
        let fits = if whole { all.max(1) } else { fits };
        (0..all.div_ceil(fits)).map(|p| p * fits..((p + 1) * fits).min(all)).collect()
    }
}

/// What a run counts: numbers, and time in clock periods.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cycles: u64,
    pub(crate) core_cycle: u64,
    pub(crate) row_encode: u64,
    pub(crate) column_encode: u64,
    pub(crate) program: u64,
    pub(crate) hold: u64,
    pub(crate) detect: u64,
    pub(crate) read: u64,
    pub(crate) output: u64,
    /// Partial results behind the adders of the tiles.
    pub(crate) partial: u64,
    /// Numbers of the row side that enter the buffers from the working memory, and that leave them for converters.
    pub(crate) rows_in: u64,
    pub(crate) row_read: u64,
    /// Numbers of results and of their parts that pass a buffer, enter the working memory, and come back from it.
    pub(crate) trip: u64,
    pub(crate) put: u64,
    pub(crate) back: u64,
    /// Numbers as they lie off chip.
    pub(crate) stored: u64,
    /// From start to the last result, in clock periods.
    pub(crate) time: f64,
}

impl Counts {
    /// A lit core for one period: lanes of `rows` x `columns` x `inner` that work.
    pub(crate) fn light(&mut self, rows: u64, columns: u64, inner: u64) {
        self.core_cycle += 1;
        self.detect += rows * columns;
        self.hold += rows * columns * inner;
    }

    /// A partial result that leaves a tile for the working memory.
    pub(crate) fn put_back(&mut self, numbers: u64) {
        self.trip += numbers;
        self.put += numbers;
    }

    /// A partial result that comes back.
    pub(crate) fn take_back(&mut self, numbers: u64) {
        self.trip += numbers;
        self.back += numbers;
    }

    /// Accesses to buffers: both operands are written and read.
    pub(crate) fn buffer(&self) -> u64 {
        self.rows_in + self.row_read + 2 * self.column_encode + self.trip
    }

    /// Numbers from the working memory: what is encoded comes through a buffer each time.
    pub(crate) fn working_read(&self) -> u64 {
        self.rows_in + self.column_encode + self.back
    }

    /// Registers in front of converters and behind adders are written and read.
    pub(crate) fn register(&self) -> u64 {
        2 * (self.row_encode + self.program + self.column_encode + self.partial)
    }
}
