//! The closed forms of the cost core against models that step through time, one per class of unit.
//!
//! The models know the sizes of a unit and the figures of its devices. They deal blocks to cores, light them period by
//! period, count what is converted, added up, read and moved, and wait for ports and converters. Nothing of the closed forms
//! is used but to compare. Where a closed form follows a published convention that no machine could keep, the difference
//! has a stated condition and a bound; both are checked, counted and printed.

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod crossbar;
mod excuses;
mod holding;
mod homodyne;
mod machine;
mod ports;
mod price;
mod shape;
mod systolic;

use common::Random;
use compare::Tally;
use machine::Kind;
use ports::Port;
use prism_hardware::Ends;
use shape::Shape;

/// Products per class, each on a machine of its own.
const PRODUCTS: usize = 1000;

/// Steps through random products of a class and compares; at most `share` of them may be excused.
fn class(kind: Kind, seed: u64, share: f64) {
    let mut random = Random(seed);
    let mut tally = Tally::default();
    for _ in 0..PRODUCTS {
        let target = machine::machine(kind, &mut random);
        let (work, held) = machine::product(kind, &target, &mut random);
        let unit = &target.photonic[0];
        let shape = Shape::new(unit, &work, held, target.number_bits());
        let fetched = !work.dynamic && kind != Kind::Flat;
        let port = if fetched { Port::new(&target, &shape) } else { Port::idle() };
        let counts = ports::run(&target, &shape, &port);
        let price = price::price(&target, &shape, &counts, fetched);
        let ends = if fetched { Ends::WEIGHTS } else { Ends::default() };
        let closed = target.photonic_on(unit, &work, held, ends).expect("a linked unit");
        tally.compare(&target, &work, &shape, &port, &counts, &price, &closed);
    }
    tally.report(&format!("{kind:?}"), share);
}

#[test]
fn crossbars() {
    class(Kind::Crossbar, 1, 0.4);
}

#[test]
fn banks() {
    class(Kind::Bank, 2, 0.2);
}

#[test]
fn meshes() {
    class(Kind::Mesh, 3, 0.1);
}

#[test]
fn homodyne_blocks() {
    class(Kind::Homodyne, 4, 0.42);
}

#[test]
fn homodyne_lanes() {
    class(Kind::Flat, 5, 0.0);
}
