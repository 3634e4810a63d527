//! The loops of a product in each class of photonic unit, in closed form: cycles, events, traffic.
//!
//! Notation: the row side is the held operand with n vectors of length k, the column side the streamed one with m; h
//! products of that shape. Blocks: i_n = ceil(n / rows), i_k = ceil(k / inner), i_m = ceil(m / columns).
//! T tiles of C cores. s passes for a streamed operand with negative numbers. g groups of wavelengths, each with a product of its
//! own; in a mesh, with columns of its own. A unit with `arrays` holds its weights from before the run.
//! Source: Lightening-Transformer (arXiv 2305.19533) and its artifact for classes A to C; LightCode (arXiv 2509.16443)
//! and LightML (ISCA 2025) for class D.

use super::{Event, Events, MatmulWork, Stationary};
use crate::target::legacy::Legacy;
use crate::target::photonic::{Level, Photonic, PhotonicClass};
use crate::units::Bits;

/// A product as one unit runs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loops {
    /// i_n.
    pub row_blocks: u128,
    /// i_k.
    pub inner_blocks: u128,
    /// i_m.
    pub column_blocks: u128,
    /// Clock periods, programming left out.
    pub cycles: u128,
    /// Blocks of weights written, each of rows x inner; 0 where nothing is programmed, or was before the run.
    pub programs: u128,
    /// Times that all cores are written one after another: ceil(programs / (T C)).
    pub program_rounds: u128,
    /// Blocks that the unit holds at once: T C, in a bank T C g; 0 where nothing is programmed.
    pub resident: u128,
    /// s.
    pub sign_passes: u128,
    /// What the devices do.
    pub events: Events,
    /// What the memories do.
    pub traffic: Traffic,
}

/// Accesses to memories, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Registers: in front of converters and behind adders, reads and writes.
    pub register: f64,
    /// Partial results between cores.
    pub network: f64,
    /// Operand buffers of the tiles, reads and writes.
    pub buffer: f64,
    /// Numbers of the held operand read from the working memory.
    pub rows_in: f64,
    /// Numbers of the streamed operand read from the working memory.
    pub columns_in: f64,
    /// Numbers of the result and of its parts, to and from the working memory.
    pub results: f64,
    /// Numbers of the held operand as they lie off chip; a mesh stores whole blocks.
    pub stored: f64,
}

/// Sizes of a product with its roles assigned.
#[derive(Clone, Copy)]
pub(crate) struct Roles {
    pub(crate) n: u128,
    pub(crate) m: u128,
    pub(crate) k: u128,
    pub(crate) h: u128,
    /// Passes of the streamed operand.
    pub(crate) s: u128,
    /// Groups of wavelengths at work.
    pub(crate) g: u128,
}

impl Roles {
    pub(crate) fn of(unit: &Photonic, work: &MatmulWork, held: Stationary) -> Roles {
        let (n, m, negative) = match held {
            Stationary::Rhs => (work.n, work.m, work.lhs_signed),
            Stationary::Lhs => (work.m, work.n, work.rhs_signed),
        };
        let s = if negative { unit.signed_passes } else { 1 };
        Roles {
            n: n.into(),
            m: m.into(),
            k: work.k.into(),
            h: work.batch.into(),
            s: s.into(),
            g: work.groups.clamp(1, unit.groups).into(),
        }
    }
}

fn product<const N: usize>(factors: [u128; N]) -> u128 {
    factors.into_iter().fold(1u128, u128::saturating_mul)
}

fn blocks(extent: u128, of: u64) -> u128 {
    extent.div_ceil(u128::from(of.max(1)))
}

/// The loops of `work` on `unit` with `held` on the row side; numbers are `bits` wide in memory.
pub fn loops(unit: &Photonic, work: &MatmulWork, held: Stationary, bits: Bits, legacy: Legacy) -> Loops {
    let r = Roles::of(unit, work, held);
    let (row_blocks, inner_blocks) = (blocks(r.n, unit.rows), blocks(r.k, unit.inner));
    let column_blocks = blocks(r.m, unit.gemm_columns);
    let mut out = Loops {
        row_blocks,
        inner_blocks,
        column_blocks,
        cycles: cycles(unit, r, [row_blocks, inner_blocks, column_blocks]),
        programs: 0,
        program_rounds: 0,
        resident: 0,
        sign_passes: r.s,
        events: Events::default(),
        traffic: Traffic::default(),
    };
    if writes(unit) {
        out.programs = product([row_blocks, inner_blocks, r.h]);
        // All wavelengths pass a mesh; each group has a bank of its own.
        let banks = if unit.class == PhotonicClass::Mesh { 1 } else { r.g };
        out.resident = u128::from(unit.all_cores()).saturating_mul(banks);
        out.program_rounds = out.programs.div_ceil(out.resident.max(1));
    }
    let partials = count_events(unit, r, &mut out);
    count_traffic(unit, r, partials, work, bits, legacy, &mut out);
    out
}

/// Whether a product writes the weights that it holds: they are not there from before the run.
fn writes(unit: &Photonic) -> bool {
    unit.class.programs() && unit.arrays.is_none()
}

/// Clock periods: work dealt to all cores, padding of the last blocks included.
fn cycles(unit: &Photonic, r: Roles, [i_n, i_k, i_m]: [u128; 3]) -> u128 {
    let cores = u128::from(unit.all_cores().max(1));
    let (h, i_m) = match unit.class {
        PhotonicClass::Mesh => (r.h, i_m.div_ceil(r.g)),
        _ => (r.h.div_ceil(r.g), i_m),
    };
    let once = match unit.class {
        PhotonicClass::Homodyne if unit.flat => {
            let lanes = unit.rows.saturating_mul(unit.columns);
            product([blocks(product([r.n, r.m, h]), lanes).div_ceil(cores), i_k])
        }
        PhotonicClass::Homodyne => product([product([i_n, i_m, h]).div_ceil(cores), i_k]),
        // A block that is stored is stored in one core, past which all columns go.
        _ if unit.arrays.is_some() => product([product([i_n, i_k, h]).div_ceil(cores), i_m]),
        _ => product([i_n, i_k, i_m, h]).div_ceil(cores),
    };
    once.saturating_mul(r.s)
}

/// Fills in the events; returns how many partial results leave the adders of a tile.
fn count_events(unit: &Photonic, r: Roles, out: &mut Loops) -> f64 {
    let [n, m, k, h, s] = [r.n, r.m, r.k, r.h, r.s].map(|x| x as f64);
    let [i_n, i_k, i_m] = [out.row_blocks, out.inner_blocks, out.column_blocks].map(|x| x as f64);
    let (tiles, cores) = (unit.tiles as f64, unit.cores as f64);
    let results = n * m * h;
    // In classes A and B all m vectors pass by between two blocks of one output, so nothing adds up in time.
    let accumulate = if unit.class.programs() { 1 } else { unit.accumulate };
    let depth = (accumulate as f64).min((k / (cores * unit.inner as f64)).ceil()).max(1.0);
    // Cycles of one output that are read together: analog accumulation in time, then across the cores of a tile.
    let (reads, partials) = match unit.class {
        PhotonicClass::Homodyne => {
            let reads = (i_k / unit.accumulate as f64).ceil();
            (reads, reads)
        }
        PhotonicClass::Crossbar => {
            let per_core = (i_k / depth).ceil();
            let summed = (per_core / cores).ceil();
            (if unit.share_readout { summed } else { per_core }, summed)
        }
        _ => {
            let per_core = (i_k / depth).ceil();
            let reads = if unit.share_readout { (per_core / cores).ceil() } else { per_core };
            (reads, if unit.share_readout { reads } else { per_core / cores })
        }
    };
    let flat = unit.class == PhotonicClass::Homodyne && unit.flat;
    let row_uses = if flat || !unit.share_rows { m } else { i_m };
    let column_uses = if flat { n } else { i_n } / if unit.share_columns { tiles } else { 1.0 };
    let mut set = |event, count| out.events.set(event, count);
    set(
        Event::CoreCycle,
        if flat { (results / (unit.rows * unit.columns) as f64).ceil() } else { i_n * i_m * h } * i_k * s,
    );
    set(Event::ColumnEncode, column_uses * k * m * h * s);
    set(Event::Detect, results * i_k * s);
    set(Event::Read, results * reads * s);
    set(Event::Output, results);
    set(Event::Mac, results * k);
    // A held weight serves all columns of a core at the same time.
    set(Event::Hold, if unit.class.programs() { n * k * i_m * h * s } else { results * k * s });
    match unit.class {
        _ if unit.arrays.is_some() => {}
        PhotonicClass::Mesh => set(Event::Program, i_n * i_k * h * (unit.rows * unit.inner) as f64),
        PhotonicClass::Bank => set(Event::Program, n * k * h),
        PhotonicClass::Crossbar | PhotonicClass::Homodyne => set(Event::RowEncode, n * k * row_uses * h * s),
    }
    results * partials * s
}

/// Fills in the accesses to memories. Classes A and B hold weights and pass all m vectors by; C and D finish an output
/// before the next. Both cut what does not fit into a tile's buffer.
fn count_traffic(
    unit: &Photonic,
    r: Roles,
    partials: f64,
    work: &MatmulWork,
    bits: Bits,
    legacy: Legacy,
    out: &mut Loops,
) {
    let [n, m, k, h, s] = [r.n, r.m, r.k, r.h, r.s].map(|x| x as f64);
    let i_k = out.inner_blocks as f64;
    let results = n * m * h;
    let events = &out.events;
    let columns = events.of(Event::ColumnEncode);
    let rows = events.of(Event::RowEncode) + events.of(Event::Program);
    let held = match unit.class {
        _ if unit.arrays.is_some() => 0.0,
        PhotonicClass::Mesh => rows,
        _ => n * k * h,
    };
    let capacity = unit.storage(Level::Buffer).and_then(|b| b.capacity);
    let fills = |numbers: f64| capacity.map_or(0.0, |c| unit.rows as f64 * numbers * bits.0 / 8.0 / c.0);
    let (row_reads, in_buffer, in_working) = if unit.class.programs() {
        let parts = s * i_k / unit.cores as f64;
        let spilled = (2.0 * parts - 1.0).max(1.0);
        if fills(m) > 1.0 { (held, spilled, spilled) } else { (held, parts, 1.0) }
    } else {
        let reload = fills(k).max(1.0);
        let reload = if legacy.attention_fractional_reload && work.dynamic { reload } else { reload.ceil() };
        let reads = if unit.flat { rows } else { held * out.column_blocks as f64 * s };
        (reads, 2.0 * reload - 1.0, 2.0 * reload - 1.0)
    };
    let slip = legacy.attention_buffer_slip && work.dynamic && unit.class == PhotonicClass::Crossbar;
    let read_in = if slip { 0.0 } else { 1.0 };
    out.traffic = Traffic {
        register: 2.0 * rows + 2.0 * columns + 2.0 * partials,
        network: events.of(Event::Read),
        buffer: row_reads + held + 2.0 * columns + results * in_buffer,
        rows_in: held * read_in,
        columns_in: columns * read_in,
        results: results * in_working,
        stored: held,
    };
}
