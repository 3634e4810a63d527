//! A dynamic crossbar, period by period: every core takes a job, a block of rows x columns x inner, from a queue.
//!
//! Tiles work on different row blocks with the same columns, so that they can share the light of those; the cores of a tile
//! take the inner blocks of one output in turn, so that their photocurrents can be added. Row blocks that do not fill all
//! tiles are dealt output by output, and the last outputs that do not, inner block by inner block.

use crate::ports::Clock;
use crate::shape::{Counts, Shape};
use std::collections::BTreeMap;

/// One core for one period.
#[derive(Clone, Copy)]
struct Job {
    /// Product, row block, column block, inner block.
    h: u64,
    i: u64,
    j: u64,
    kk: u64,
    /// Which block of outputs, in which piece of the inner dimension and which pass.
    task: u64,
    /// Piece, and whether the job is the first and the last of its block of outputs in that piece, over all passes.
    piece: u64,
    first: bool,
    last: bool,
}

/// Light that falls on detectors which were not read yet.
struct Charge {
    tile: usize,
    /// The core, where each reads for itself.
    core: Option<usize>,
    task: u64,
    numbers: u64,
    periods: u64,
    touched: u64,
}

/// The jobs of one block of outputs in one piece.
fn block(
    shape: &Shape<'_>,
    [h, i, j]: [u64; 3],
    (piece, range): (u64, std::ops::Range<u64>),
    tasks: &mut u64,
) -> Vec<Job> {
    let mut jobs = Vec::new();
    for pass in 0..shape.s {
        *tasks += 1;
        for kk in range.clone() {
            let first = pass == 0 && kk == range.start;
            let last = pass + 1 == shape.s && kk + 1 == range.end;
            jobs.push(Job { h, i, j, kk, task: *tasks, piece, first, last });
        }
    }
    jobs
}

/// A queue per tile, and one for whichever tile has nothing left.
fn deal(shape: &Shape<'_>) -> (Vec<Vec<Job>>, Vec<Job>) {
    let (tiles, mut tasks) = (shape.unit.tiles, 0);
    let mut queues: Vec<Vec<Job>> = (0..tiles).map(|_| Vec::new()).collect();
    let mut single = Vec::new();
    let pieces = shape.pieces();
    let full = shape.row_blocks() / tiles * tiles;
    for h in 0..shape.h {
        for i in 0..shape.row_blocks() {
            for (p, range) in pieces.iter().enumerate() {
                for j in 0..shape.column_blocks() {
                    let jobs = block(shape, [h, i, j], (p as u64, range.clone()), &mut tasks);
                    if i < full { queues[(i % tiles) as usize].extend(jobs) } else { single.push(jobs) }
                }
            }
        }
    }
    let even = single.len() / tiles as usize * tiles as usize;
    let rest = single.split_off(even).concat();
    for jobs in single {
        if let Some(shortest) = queues.iter_mut().min_by_key(|queue| queue.len()) {
            shortest.extend(jobs);
        }
    }
    (queues, rest)
}

struct Machine<'a, 'b> {
    shape: &'a Shape<'b>,
    counts: Counts,
    charges: Vec<Charge>,
    /// Readings of each block of outputs in each tile, with how many numbers one has.
    readings: BTreeMap<(usize, u64), (u64, u64)>,
    /// The row slices in the buffer of each tile: product, row block and piece, then which inner blocks.
    buffers: Vec<(Option<[u64; 3]>, Vec<u64>)>,
}

impl Machine<'_, '_> {
    fn job(&mut self, tile: usize, core: usize, job: &Job, period: u64) {
        let shape = self.shape;
        let (rows, columns, inner) = (shape.rows(job.i), shape.columns(job.j), shape.inner(job.kk));
        self.counts.light(rows, columns, inner);
        self.fill(tile, job, rows * inner);
        let encoded = rows * inner * if shape.unit.share_rows { 1 } else { columns };
        self.counts.row_encode += encoded;
        self.counts.row_read += rows * inner;
        if job.first && job.piece > 0 {
            self.counts.take_back(rows * columns);
        }
        if job.last {
            self.counts.put_back(rows * columns);
            self.counts.output += if job.kk + 1 == shape.inner_blocks() { rows * columns } else { 0 };
        }
        let core = (!shape.unit.share_readout).then_some(core);
        let same = |c: &&mut Charge| c.tile == tile && c.core == core && c.task == job.task;
        match self.charges.iter_mut().find(same) {
            Some(charge) => {
                charge.periods += u64::from(charge.touched != period);
                charge.touched = period;
            }
            None => self.charges.push(Charge {
                tile,
                core,
                task: job.task,
                numbers: rows * columns,
                periods: 1,
                touched: period,
            }),
        }
    }

    /// Brings a slice of the row side into the buffer of a tile, if it is not there.
    fn fill(&mut self, tile: usize, job: &Job, numbers: u64) {
        let (held, slices) = &mut self.buffers[tile];
        let key = Some([job.h, job.i, job.piece]);
        if *held != key {
            *held = key;
            slices.clear();
        }
        if !slices.contains(&job.kk) {
            slices.push(job.kk);
            self.counts.rows_in += numbers;
        }
    }

    /// Columns that are put onto light in this period: once for all tiles, if they share it.
    fn columns(&mut self, lit: &[(usize, usize, Job)]) {
        for (index, (_, core, job)) in lit.iter().enumerate() {
            let same = |(_, c, other): &(usize, usize, Job)| {
                c == core && [other.h, other.j, other.kk] == [job.h, job.j, job.kk]
            };
            if !(self.shape.unit.share_columns && lit[..index].iter().any(same)) {
                self.counts.column_encode += self.shape.columns(job.j) * self.shape.inner(job.kk);
            }
        }
    }

    /// Reads what has been added up long enough or to the end; returns how many conversions that takes.
    fn read(&mut self, period: Option<u64>) -> u64 {
        let depth = self.shape.unit.accumulate;
        let mut conversions = 0;
        let readings = &mut self.readings;
        self.charges.retain(|c| {
            let due = c.periods >= depth || period != Some(c.touched);
            if due {
                conversions += c.numbers;
                readings.entry((c.tile, c.task)).or_insert((0, c.numbers)).0 += 1;
            }
            !due
        });
        conversions
    }
}

pub(crate) fn run(shape: &Shape<'_>, clock: &mut Clock<'_>) -> Counts {
    let (queues, rest) = deal(shape);
    let tiles = shape.unit.tiles as usize;
    let mut machine = Machine {
        shape,
        counts: Counts { stored: shape.n * shape.k * shape.h, ..Counts::default() },
        charges: Vec::new(),
        readings: BTreeMap::new(),
        buffers: (0..tiles).map(|_| (None, Vec::new())).collect(),
    };
    let mut queues: Vec<_> = queues.into_iter().map(Vec::into_iter).collect();
    let mut rest = rest.into_iter();
    for period in 0.. {
        let mut lit = Vec::new();
        for (tile, queue) in queues.iter_mut().enumerate() {
            let jobs = (0..shape.unit.cores as usize)
                .map_while(|core| Some((tile, core, queue.next().or_else(|| rest.next())?)));
            lit.extend(jobs);
        }
        if lit.is_empty() {
            break;
        }
        lit.iter().for_each(|(_, _, job)| clock.wait_for(shape, [job.h, job.i, job.kk]));
        lit.iter().for_each(|(tile, core, job)| machine.job(*tile, *core, job, period));
        machine.columns(&lit);
        let conversions = machine.read(Some(period));
        clock.tick(conversions, &mut machine.counts);
    }
    let mut counts = std::mem::take(&mut machine.counts);
    let left = machine.read(None);
    counts.read += left;
    clock.convert(left);
    // The adders of a tile take one reading of each core at a time.
    let cores = if shape.unit.share_readout { 1 } else { shape.unit.cores };
    counts.partial = machine.readings.values().map(|(times, numbers)| times.div_ceil(cores) * numbers).sum();
    counts.time = clock.end(&counts);
    counts
}
