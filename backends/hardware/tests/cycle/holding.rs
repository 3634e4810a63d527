//! A mesh or a bank: blocks of weights are written into all cores, then all vectors pass by.
//!
//! Tiles hold different row blocks, the cores of a tile different inner blocks of one. Blocks that do not fill all cores
//! this way are dealt one after another; in the last round some cores stay dark.

use crate::ports::Clock;
use crate::shape::{Counts, Shape};
use prism_hardware::target::PhotonicClass;
use std::collections::{BTreeMap, BTreeSet};

/// A block of weights in a core.
#[derive(Clone, Copy)]
struct Held {
    tile: u64,
    core: u64,
    /// Product, row block, inner block.
    h: u64,
    i: u64,
    kk: u64,
}

/// The rounds in which blocks are written.
fn deal(shape: &Shape<'_>) -> Vec<Vec<Held>> {
    let (tiles, cores) = (shape.unit.tiles, shape.unit.cores);
    let (full_i, full_k) = (shape.row_blocks() / tiles * tiles, shape.inner_blocks() / cores * cores);
    let (mut rounds, mut rest) = (BTreeMap::<[u64; 3], Vec<Held>>::new(), Vec::new());
    for h in 0..shape.h {
        for i in 0..shape.row_blocks() {
            for kk in 0..shape.inner_blocks() {
                let held = Held { tile: i % tiles, core: kk % cores, h, i, kk };
                if i < full_i && kk < full_k {
                    rounds.entry([h, i / tiles, kk / cores]).or_default().push(held);
                } else {
                    rest.push(held);
                }
            }
        }
    }
    let mut rounds: Vec<_> = rounds.into_values().collect();
    for chunk in rest.chunks((tiles * cores) as usize) {
        let place = |(q, held): (usize, &Held)| Held { tile: q as u64 / cores, core: q as u64 % cores, ..*held };
        rounds.push(chunk.iter().enumerate().map(place).collect());
    }
    // In the order in which the weights are on chip.
    rounds.sort_by_key(|round| round.iter().map(|b| [b.h, b.i, b.kk]).max());
    rounds
}

/// Numbers written for a block: all of a mesh, which decomposes whole blocks; the weights that exist of a bank.
fn written(shape: &Shape<'_>, held: &Held) -> u64 {
    match shape.unit.class {
        PhotonicClass::Mesh => shape.unit.rows * shape.unit.inner,
        _ => shape.rows(held.i) * shape.inner(held.kk),
    }
}

/// The first block of each output in each tile: where photocurrents, or readings, of the tile come together.
fn outputs(round: &[Held]) -> Vec<Held> {
    let mut firsts: Vec<Held> = Vec::new();
    for held in round {
        if !firsts.iter().any(|f| [f.tile, f.h, f.i] == [held.tile, held.h, held.i]) {
            firsts.push(*held);
        }
    }
    firsts
}

/// One block column of vectors passes all cores; returns how many conversions are due.
fn pass(shape: &Shape<'_>, round: &[Held], j: u64, counts: &mut Counts) -> u64 {
    let columns = shape.columns(j);
    let mut conversions = 0;
    for (index, held) in round.iter().enumerate() {
        let (rows, inner) = (shape.rows(held.i), shape.inner(held.kk));
        counts.light(rows, columns, inner);
        let same = |o: &Held| [o.core, o.h, o.kk] == [held.core, held.h, held.kk];
        if !(shape.unit.share_columns && round[..index].iter().any(same)) {
            counts.column_encode += columns * inner;
        }
        conversions += if shape.unit.share_readout { 0 } else { rows * columns };
    }
    for held in outputs(round) {
        let numbers = shape.rows(held.i) * columns;
        conversions += if shape.unit.share_readout { numbers } else { 0 };
        counts.partial += numbers;
    }
    conversions
}

pub(crate) fn run(shape: &Shape<'_>, clock: &mut Clock<'_>) -> Counts {
    let mut counts = Counts::default();
    // The partial results of a row block stay in the buffer of a tile, or go to the working memory and come back.
    let spills = shape.buffer_numbers().is_some_and(|numbers| (shape.unit.rows * shape.m) as f64 > numbers);
    let mut seen: BTreeSet<(u64, u64)> = BTreeSet::new();
    for round in deal(shape) {
        for held in &round {
            let numbers = written(shape, held);
            clock.wait_for(shape, [held.h, held.i, held.kk]);
            counts.program += numbers;
            counts.stored += numbers;
            counts.rows_in += numbers;
            counts.row_read += numbers;
        }
        clock.pause(shape.unit.program_time.0 * shape.unit.clock.0);
        for j in 0..shape.column_blocks() {
            for number in 0..shape.s {
                let conversions = pass(shape, &round, j, &mut counts);
                let outputs = outputs(&round);
                for (index, held) in outputs.iter().enumerate() {
                    let numbers = shape.rows(held.i) * shape.columns(j);
                    let other = outputs[..index].iter().any(|o| [o.h, o.i] == [held.h, held.i]);
                    let first = number == 0 && !other && !seen.contains(&(held.h, held.i));
                    match spills {
                        false => counts.trip += numbers,
                        true => {
                            counts.put_back(numbers);
                            counts.take_back(if first { 0 } else { numbers });
                        }
                    }
                }
                clock.tick(conversions, &mut counts);
            }
        }
        seen.extend(round.iter().map(|held| (held.h, held.i)));
    }
    counts.output = shape.n * shape.m * shape.h;
    counts.put += if spills { 0 } else { counts.output };
    counts.time = clock.end(&counts);
    counts
}
