//! The conventions of the closed forms that no machine could keep: when each shows, and by how much at most.

use crate::ports::{Port, link_rates, memory_rate};
use crate::shape::{Counts, Shape};
use prism_hardware::cost::{Event, Loops, loops};
use prism_hardware::target::PhotonicClass;
use prism_hardware::units::Bits;
use prism_hardware::{MatmulWork, Stationary, Target};

/// Conventions of the closed forms.
const COLUMNS: &str = "column light counts 1/tiles, though the last row blocks do not fill the tiles";
const CORES: &str = "a reading joins all cores of a tile, though the inner blocks of an output do not fill them";
const PIECES: &str = "readings do not end where a row that exceeds the buffer is cut, and pieces are not whole blocks";
const SPREAD: &str = "the last outputs, fewer than tiles, are spread over tiles that each read their part";
const FILLS: &str = "a row block that does not find its tile is loaded once, though several tiles work on it";
const PARTIALS: &str = "partial results per core of a tile are a fraction";
const DARK: &str = "the last blocks of weights are shared by all cores without being written again";
const START: &str = "work does not wait for the first row blocks";
const WHOLE: &str = "the last row block is fetched as a whole one";
const UNEVEN: &str = "readings that come in uneven times are spread evenly";
const ARRIVING: &str = "operands come evenly from the working memory";
const SHARED: &str = "the working memory moves its numbers evenly";
const READING: &str = "converters read on while weights are written";
const DRAIN: &str = "reading the last outputs takes no time";

/// A convention that may make a count differ: whether it can here, and between which counts then.
pub(crate) struct Excuse {
    pub(crate) reason: &'static str,
    pub(crate) holds: bool,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

fn excuse(reason: &'static str, holds: bool, low: f64, high: f64) -> Excuse {
    Excuse { reason, holds, low, high }
}

/// Sizes that excuses speak of.
pub(crate) struct Facts<'a> {
    pub(crate) shape: &'a Shape<'a>,
    /// The closed form, of which only what it counts is read.
    pub(crate) closed: Loops,
    /// Numbers per period that the unit takes from the working memory.
    inward: Option<f64>,
    /// Numbers per period that the working memory moves.
    memory: Option<f64>,
    /// Numbers of one reading of all outputs.
    results: f64,
    pieces: f64,
    tiles: u64,
    cores: u64,
    holds: bool,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(target: &Target, shape: &'a Shape<'a>, work: &MatmulWork, held: Stationary) -> Self {
        let holds = matches!(shape.unit.class, PhotonicClass::Mesh | PhotonicClass::Bank);
        Facts {
            shape,
            closed: loops(shape.unit, work, held, Bits(shape.bits), target.legacy),
            inward: link_rates(target, shape).0,
            memory: memory_rate(target, shape),
            results: (shape.n * shape.m * shape.h * shape.s) as f64,
            pieces: if holds { 1.0 } else { shape.pieces().len() as f64 },
            tiles: shape.unit.tiles,
            cores: shape.unit.cores,
            holds,
        }
    }

    /// Row blocks that do not fill the tiles.
    fn ragged_rows(&self) -> bool {
        !self.shape.row_blocks().is_multiple_of(self.tiles)
    }

    /// What is dealt to the cores of a tile does not fill them: column blocks of a homodyne unit, else inner blocks.
    fn ragged_cores(&self) -> bool {
        let dealt = match self.shape.unit.class {
            PhotonicClass::Homodyne => self.shape.column_blocks(),
            _ => self.shape.inner_blocks(),
        };
        !dealt.is_multiple_of(self.cores)
    }

    /// Whether all readings are of whole blocks and come in equal times.
    fn even(&self) -> bool {
        let (s, u) = (self.shape, self.shape.unit);
        let whole = s.n % u.rows == 0 && s.m % u.columns == 0;
        let together = if u.class == PhotonicClass::Crossbar { u.accumulate * self.cores } else { u.accumulate };
        whole && !self.ragged_cores() && !self.ragged_rows() && s.inner_blocks() % together == 0
    }

    pub(crate) fn columns(&self, closed: f64) -> Vec<Excuse> {
        let (i_n, tiles) = (self.shape.row_blocks(), self.tiles);
        let apart = (i_n % tiles) as f64;
        let shared = self.shape.unit.share_columns && tiles > 1;
        match self.shape.unit.class {
            // Each of the row blocks that are left over encodes for itself.
            PhotonicClass::Crossbar => {
                let most = closed * (1.0 + apart * (tiles - 1) as f64 / i_n as f64);
                vec![excuse(COLUMNS, shared && self.ragged_rows(), closed, most)]
            }
            _ => {
                let holds = shared && (self.ragged_rows() || self.ragged_cores());
                vec![excuse(COLUMNS, holds, closed, closed * tiles as f64)]
            }
        }
    }

    pub(crate) fn reads(&self, closed: f64) -> Vec<Excuse> {
        let unit = self.shape.unit;
        let homodyne = unit.class == PhotonicClass::Homodyne;
        let together = self.cores * if unit.share_readout || self.holds { 1 } else { unit.accumulate };
        let ragged = !homodyne && self.cores > 1 && !self.shape.inner_blocks().is_multiple_of(together);
        let each = if unit.share_readout { 1 } else { self.cores } as f64;
        let blocks = self.shape.row_blocks() % self.tiles * self.shape.column_blocks() * self.shape.h;
        let left = blocks * self.pieces as u64 % self.tiles;
        let spread = left as f64 * (unit.rows * unit.columns * self.tiles * self.shape.s) as f64 * each;
        vec![
            excuse(CORES, ragged, closed, closed + self.results * each),
            excuse(PIECES, self.pieces > 1.0, closed, closed + self.results * self.pieces * each),
            excuse(SPREAD, !self.holds && !homodyne && left > 0, closed, closed + spread),
        ]
    }

    pub(crate) fn partials(&self, closed: f64) -> Vec<Excuse> {
        let fraction = self.holds && self.cores > 1 && self.ragged_cores();
        let mut all = self.reads(closed);
        all.push(excuse(PARTIALS, fraction, closed, closed + self.results));
        all
    }

    pub(crate) fn rows_in(&self, closed: f64) -> Vec<Excuse> {
        let often = match self.shape.unit.class {
            PhotonicClass::Homodyne => self.shape.column_blocks() as f64,
            _ => 1.0 + (self.shape.row_blocks() % self.tiles * self.tiles) as f64 / self.shape.row_blocks() as f64,
        };
        let holds = !self.holds && (self.ragged_rows() || (self.ragged_cores() && often > 1.0));
        vec![excuse(FILLS, holds, closed, closed * often)]
    }

    pub(crate) fn cycles(&self, closed: f64) -> Vec<Excuse> {
        let blocks = self.shape.row_blocks() * self.shape.inner_blocks() * self.shape.h;
        let all = self.tiles * self.cores;
        let most = (blocks.div_ceil(all) * self.shape.column_blocks() * self.shape.s) as f64;
        // The last period of each pass may be shared with the next one.
        let passes = (self.shape.s - 1) as f64;
        let pieces = self.shape.inner_blocks() as f64 * passes.max(1.0);
        vec![
            excuse(DARK, self.holds && !blocks.is_multiple_of(all), closed, most),
            excuse(SPREAD, !self.holds && passes > 0.0, closed - passes, closed),
            excuse(PIECES, self.pieces > 1.0, closed - passes, closed + pieces),
        ]
    }

    /// Results and their parts on the way between tiles and the working memory.
    pub(crate) fn trips(&self, closed: f64) -> Vec<Excuse> {
        let most = (2.0 * self.pieces - 1.0) * self.results;
        vec![
            excuse(PIECES, self.pieces > 1.0, closed, most.max(closed)),
            excuse(PARTIALS, self.holds && self.ragged_cores(), closed, closed + 2.0 * self.results),
        ]
    }

    /// Rounds in which blocks of weights are written.
    fn rounds(&self) -> f64 {
        let shape = self.shape;
        (shape.row_blocks() * shape.inner_blocks() * shape.h).div_ceil(self.tiles * self.cores) as f64
    }

    /// What the closed form leaves out of the latency, in clock periods.
    pub(crate) fn latency(&self, counts: &Counts, port: &Port, closed: f64, cycles: f64) -> Vec<Excuse> {
        let shape = self.shape;
        let more_cycles = (counts.cycles as f64 - cycles).max(0.0);
        let passes = (shape.s - 1) as f64;
        let fetched = port.end > 0.0;
        // The first blocks, and the last ones, which begin when everything is on chip.
        let round = match shape.unit.class {
            PhotonicClass::Crossbar => 0,
            PhotonicClass::Homodyne => 2 * shape.inner_blocks() * shape.s,
            _ => 2 * shape.column_blocks() * shape.s,
        };
        let start = port.whole_round * (1 + self.cores.div_ceil(shape.inner_blocks())) as f64 + round as f64;
        let whole = port.whole_round * shape.h as f64;
        let mut all = vec![
            excuse(DARK, self.holds && more_cycles > 0.0, closed, closed + more_cycles),
            excuse(PIECES, !self.holds && more_cycles > 0.0, closed, closed + more_cycles),
            excuse(SPREAD, !self.holds && passes > 0.0, closed - passes, closed),
            excuse(START, fetched, closed, closed + start),
            excuse(WHOLE, fetched && !shape.n.is_multiple_of(shape.unit.rows), closed - whole, closed),
        ];
        if let Some(rate) = self.inward {
            // What a row block of each tile and a column block of each core bring before anything is lit; and what is more.
            let first = (shape.unit.rows + shape.unit.columns * self.cores) * self.tiles * shape.k;
            let reads = self.closed.traffic.rows_in + self.closed.traffic.columns_in;
            let more = (counts.working_read() as f64 - reads).max(0.0);
            all.push(excuse(ARRIVING, true, closed, closed + (first as f64 + more) / rate));
        }
        if let Some(rate) = self.memory {
            // The last reads and writes come together, and counts that are excused move more or less.
            let t = &self.closed.traffic;
            let ours = t.rows_in + t.columns_in + t.results;
            let apart = (counts.working_read() as f64 + counts.put as f64 - ours).abs();
            let last = (shape.unit.rows + shape.unit.columns) * shape.k * self.tiles * self.cores;
            all.push(excuse(SHARED, true, closed - apart / rate, closed + (apart + last as f64) / rate));
        }
        all.extend(self.converters(counts, closed, cycles));
        all
    }

    /// The same where converters are slower than the clock.
    fn converters(&self, counts: &Counts, closed: f64, cycles: f64) -> Vec<Excuse> {
        let unit = self.shape.unit;
        let slow = unit.parts.iter().filter(|p| p.on.contains(&Event::Read)).filter_map(|p| p.throughput);
        let Some(rate) = slow.map(|f| f.0 / unit.clock.0).min_by(f64::total_cmp) else { return Vec::new() };
        let programs = unit.program_time.0 * unit.clock.0 * self.rounds();
        let reading = counts.read as f64 / rate;
        let at_once = (unit.rows * unit.columns * self.tiles * self.cores) as f64;
        let uneven = !unit.serial_readout && !self.even();
        let mut all = vec![
            excuse(UNEVEN, uneven, closed, closed + reading.min(cycles)),
            excuse(DRAIN, true, closed, closed + at_once / rate),
            excuse(READING, self.holds && programs > 0.0, closed - reading.min(programs), closed),
        ];
        // More readings than the closed form counts take more time.
        let more = self.reads(0.0).into_iter().filter(|e| e.holds);
        all.extend(more.map(|e| excuse(e.reason, true, closed, closed + reading)));
        all
    }
}
