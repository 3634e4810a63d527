//! Detectors that add up in time: a core keeps its outputs until the whole inner dimension has passed.

use crate::ports::Clock;
use crate::shape::{Counts, Shape};
use std::collections::BTreeMap;
use std::ops::Range;

/// A block of outputs on a core.
#[derive(Clone, Copy)]
struct Placed {
    tile: u64,
    core: u64,
    h: u64,
    i: u64,
    j: u64,
}

/// Some blocks of outputs side by side, for a piece of the inner dimension.
struct Round {
    placed: Vec<Placed>,
    piece: Range<u64>,
}

/// Tiles take different row blocks of the same columns, cores different columns. What does not fill all cores this
/// way is dealt one after another.
fn deal(shape: &Shape<'_>) -> Vec<Round> {
    let (tiles, cores) = (shape.unit.tiles, shape.unit.cores);
    let (full_i, full_j) = (shape.row_blocks() / tiles * tiles, shape.column_blocks() / cores * cores);
    let pieces = shape.pieces();
    let (mut groups, mut rest) = (BTreeMap::<[u64; 4], Vec<Placed>>::new(), Vec::new());
    for h in 0..shape.h {
        for j in 0..shape.column_blocks() {
            for i in 0..shape.row_blocks() {
                let placed = Placed { tile: i % tiles, core: j % cores, h, i, j };
                if i < full_i && j < full_j {
                    for p in 0..pieces.len() as u64 {
                        groups.entry([h, i / tiles, p, j / cores]).or_default().push(placed);
                    }
                } else {
                    rest.push(placed);
                }
            }
        }
    }
    // Side by side with the same columns, or else tile after tile with the same rows.
    rest.sort_by_key(|p| if p.i < full_i { [p.h, p.i / tiles, p.j, p.i] } else { [p.h, p.i / tiles, p.i, p.j] });
    let piece = |key: &[u64; 4]| pieces[key[2] as usize].clone();
    let mut rounds: Vec<_> = groups.into_iter().map(|(key, placed)| Round { piece: piece(&key), placed }).collect();
    for (piece, chunk) in pieces.iter().flat_map(|p| rest.chunks((tiles * cores) as usize).map(move |c| (p, c))) {
        let place =
            |(q, placed): (usize, &Placed)| Placed { tile: q as u64 % tiles, core: q as u64 / tiles, ..*placed };
        rounds.push(Round { placed: chunk.iter().enumerate().map(place).collect(), piece: piece.clone() });
    }
    // In the order in which the row side is on chip.
    rounds.sort_by_key(|round| round.placed.iter().map(|p| [p.h, p.i]).max());
    rounds
}

/// One period of a round; returns the numbers that are on its detectors.
fn period(shape: &Shape<'_>, placed: &[Placed], kk: u64, counts: &mut Counts) -> u64 {
    let mut on_detectors = 0;
    for (index, p) in placed.iter().enumerate() {
        let (rows, columns, inner) = (shape.rows(p.i), shape.columns(p.j), shape.inner(kk));
        counts.light(rows, columns, inner);
        counts.row_encode += rows * inner * if shape.unit.share_rows { 1 } else { columns };
        counts.row_read += rows * inner;
        let same = |o: &Placed| [o.core, o.h, o.j] == [p.core, p.h, p.j];
        if !(shape.unit.share_columns && placed[..index].iter().any(same)) {
            counts.column_encode += columns * inner;
        }
        on_detectors += rows * columns;
    }
    on_detectors
}

pub(crate) fn run(shape: &Shape<'_>, clock: &mut Clock<'_>) -> Counts {
    let mut counts = Counts { stored: shape.n * shape.k * shape.h, ..Counts::default() };
    // What the buffer of each tile holds: product, row block, first inner block of the piece.
    let mut buffers: Vec<Vec<[u64; 3]>> = (0..shape.unit.tiles).map(|_| Vec::new()).collect();
    for round in deal(shape) {
        let numbers: u64 = round.placed.iter().map(|p| shape.rows(p.i) * shape.columns(p.j)).sum();
        let piece = &round.piece;
        fill(shape, &round.placed, piece, &mut buffers, &mut counts);
        if piece.start > 0 {
            counts.take_back(numbers);
        }
        for _ in 0..shape.s {
            for kk in piece.clone() {
                round.placed.iter().for_each(|p| clock.wait_for(shape, [p.h, p.i, kk]));
                let on_detectors = period(shape, &round.placed, kk, &mut counts);
                let full = (kk - piece.start + 1) % shape.unit.accumulate == 0;
                let due = if full || kk + 1 == piece.end { on_detectors } else { 0 };
                counts.partial += due;
                clock.tick(due, &mut counts);
            }
        }
        counts.put_back(numbers);
        counts.output += if piece.end == shape.inner_blocks() { numbers } else { 0 };
    }
    counts.time = clock.end(&counts);
    counts
}

fn fill(shape: &Shape<'_>, placed: &[Placed], piece: &Range<u64>, buffers: &mut [Vec<[u64; 3]>], counts: &mut Counts) {
    let mut now: Vec<Vec<[u64; 3]>> = buffers.iter().map(|_| Vec::new()).collect();
    for p in placed {
        let (key, tile) = ([p.h, p.i, piece.start], p.tile as usize);
        if now[tile].contains(&key) {
            continue;
        }
        if !buffers[tile].contains(&key) {
            let inner: u64 = piece.clone().map(|kk| shape.inner(kk)).sum();
            counts.rows_in += shape.rows(p.i) * inner;
        }
        now[tile].push(key);
    }
    buffers.clone_from_slice(&now);
}

/// Outputs one by one on lanes, each with light of its own on both sides.
pub(crate) fn run_flat(shape: &Shape<'_>, clock: &mut Clock<'_>) -> Counts {
    let mut counts = Counts::default();
    let lanes = shape.unit.rows * shape.unit.columns;
    let mut left = shape.n * shape.m * shape.h;
    while left > 0 {
        let mut on_lanes = Vec::new();
        for _ in 0..shape.unit.all_cores() {
            let taken = left.min(lanes);
            left -= taken;
            on_lanes.extend((taken > 0).then_some(taken));
        }
        for _ in 0..shape.s {
            for kk in 0..shape.inner_blocks() {
                on_lanes.iter().for_each(|n| counts.light(*n, 1, shape.inner(kk)));
                let due = if kk + 1 == shape.inner_blocks() || (kk + 1) % shape.unit.accumulate == 0 {
                    on_lanes.iter().sum()
                } else {
                    0
                };
                counts.partial += due;
                clock.tick(due, &mut counts);
            }
        }
        counts.output += on_lanes.iter().sum::<u64>();
    }
    counts.time = clock.end(&counts);
    counts
}
