//! Steps against closed forms: every count, then cycles, latency, energy and bytes.

use crate::excuses::{Excuse, Facts};
use crate::ports::Port;
use crate::price::Price;
use crate::shape::{Counts, Shape};
use prism_hardware::cost::Event;
use prism_hardware::{MatmulWork, PhotonicRealisation, Target};
use std::collections::BTreeMap;

/// Largest difference that needs no reason.
const AGREED: f64 = 0.01;

/// What was found in all products of a class.
#[derive(Default)]
pub(crate) struct Tally {
    products: usize,
    excused: usize,
    /// How many of them by quantity.
    by_quantity: BTreeMap<&'static str, usize>,
    /// How often each convention shows by more than [`AGREED`], and the largest factor.
    reasons: BTreeMap<&'static str, (usize, f64)>,
    /// Largest difference of the products that need no excuse, per quantity.
    largest: BTreeMap<&'static str, f64>,
}

/// The conventions that explain why `stepped` is not `closed`; panics when none does.
fn reasons(what: &str, stepped: f64, closed: f64, excuses: &[Excuse], context: &str) -> Vec<&'static str> {
    if (stepped - closed).abs() <= 1e-9 * closed.abs() {
        return Vec::new();
    }
    let valid: Vec<&Excuse> = excuses.iter().filter(|e| e.holds).collect();
    let low = valid.iter().map(|e| e.low).fold(closed, f64::min);
    // Each convention that holds may add its own.
    let high = closed + valid.iter().map(|e| (e.high - closed).max(0.0)).sum::<f64>();
    let slack = 1e-9 * closed.abs().max(1.0);
    let explained = !valid.is_empty() && stepped >= low - slack && stepped <= high + slack;
    assert!(explained, "{what}: {stepped} in steps, {closed} in closed form, {low} to {high} excused\n{context}");
    // The one that can explain most.
    let reach = |e: &&Excuse| if stepped > closed { e.high - closed } else { closed - e.low };
    let main = valid.iter().max_by(|a, b| reach(a).total_cmp(&reach(b)));
    main.map(|e| e.reason).into_iter().collect()
}

impl Tally {
    #[expect(clippy::too_many_arguments, reason = "both sides of a comparison and what they are of")]
    pub(crate) fn compare(
        &mut self,
        target: &Target,
        work: &MatmulWork,
        shape: &Shape<'_>,
        port: &Port,
        counts: &Counts,
        price: &Price,
        closed: &PhotonicRealisation,
    ) {
        let context = format!("{work:?} held {:?} on {:?}", closed.stationary, short(shape));
        let facts = Facts::new(target, shape, work, closed.stationary);
        let counted = compare_counts(&facts, counts, &context);
        let cycles = closed.tiling.cycles as f64;
        let of_cycles = reasons("cycles", counts.cycles as f64, cycles, &facts.cycles(cycles), &context);
        let latency = closed.cost.latency.0 * shape.unit.clock.0;
        let latencies = facts.latency(counts, port, latency, cycles);
        let of_latency = reasons("latency", counts.time, latency, &latencies, &context);
        let bytes = |name: usize| closed.cost.moved_in(target.memories[name].name.as_str()).0;
        let (home, working) = (bytes(target.placement.parameters), bytes(target.placement.working));
        self.judge(
            [
                ("cycles", counts.cycles as f64, cycles, &of_cycles),
                ("latency", counts.time, latency, &of_latency),
                ("energy", price.energy, closed.cost.total_energy().0, &counted),
                ("bytes off chip", price.off_chip, home, &Vec::new()),
                ("bytes on chip", price.working, working, &counted),
            ],
            &context,
        );
    }

    fn judge(&mut self, quantities: [(&'static str, f64, f64, &Vec<&'static str>); 5], context: &str) {
        self.products += 1;
        let mut excused = BTreeMap::new();
        for (what, stepped, closed, why) in quantities {
            let off = if closed == 0.0 { stepped.abs() } else { (stepped / closed - 1.0).abs() };
            if off <= AGREED {
                let largest = self.largest.entry(what).or_default();
                *largest = largest.max(off);
                continue;
            }
            assert!(!why.is_empty(), "{what}: {stepped:e} in steps, {closed:e} in closed form, no reason\n{context}");
            *self.by_quantity.entry(what).or_default() += 1;
            for reason in why {
                let most = excused.entry(*reason).or_insert(off);
                *most = f64::max(*most, off);
            }
        }
        self.excused += usize::from(!excused.is_empty());
        for (reason, off) in excused {
            let (times, most) = self.reasons.entry(reason).or_default();
            (*times, *most) = (*times + 1, most.max(off));
        }
    }

    /// Prints what was found; fails when more than `share` of the products needed an excuse.
    pub(crate) fn report(&self, class: &str, share: f64) {
        let largest: Vec<_> = self.largest.iter().map(|(what, most)| format!("{what} {:.2} %", most * 100.0)).collect();
        println!("{class}: {} products, {} excused; the others: {}", self.products, self.excused, largest.join(", "));
        println!("    excused by quantity: {:?}", self.by_quantity);
        for (reason, (times, most)) in &self.reasons {
            println!("    {times:>4} up to {:>5.1} %: {reason}", most * 100.0);
        }
        assert!(self.excused as f64 <= share * self.products as f64, "{class}: {} are too many excuses", self.excused);
    }
}

/// The sizes of a unit, for a message.
fn short(shape: &Shape<'_>) -> String {
    let u = shape.unit;
    format!(
        "{:?} {} tiles x {} cores of {} x {} x {}, accumulate {}, share {} {} {}, s {}",
        u.class,
        u.tiles,
        u.cores,
        u.rows,
        u.columns,
        u.inner,
        u.accumulate,
        u.share_rows,
        u.share_columns,
        u.share_readout,
        shape.s
    )
}

/// Every count of a run; returns the conventions that show in any.
fn compare_counts(facts: &Facts<'_>, counts: &Counts, context: &str) -> Vec<&'static str> {
    let l = &facts.closed;
    let of = |event| l.events.of(event);
    let t = &l.traffic;
    let mut rows = vec![
        ("core cycles", counts.core_cycle as f64, of(Event::CoreCycle), vec![]),
        ("holds", counts.hold as f64, of(Event::Hold), vec![]),
        ("detections", counts.detect as f64, of(Event::Detect), vec![]),
        ("outputs", counts.output as f64, of(Event::Output), vec![]),
        ("readings", counts.read as f64, of(Event::Read), facts.reads(of(Event::Read))),
    ];
    if !facts.shape.unit.flat {
        let partials = t.register / 2.0 - of(Event::RowEncode) - of(Event::Program) - of(Event::ColumnEncode);
        let trips = t.buffer - t.rows_in - counts.row_read as f64 - 2.0 * t.columns_in;
        let back = ((t.results - of(Event::Output)) / 2.0).max(0.0);
        rows.extend([
            ("row encodings", counts.row_encode as f64, of(Event::RowEncode), vec![]),
            ("programmed weights", counts.program as f64, of(Event::Program), vec![]),
            (
                "column encodings",
                counts.column_encode as f64,
                of(Event::ColumnEncode),
                facts.columns(of(Event::ColumnEncode)),
            ),
            ("partial results", counts.partial as f64, partials, facts.partials(partials)),
            ("rows loaded", counts.rows_in as f64, t.rows_in, facts.rows_in(t.rows_in)),
            ("trips of results", counts.trip as f64, trips, facts.trips(trips)),
            ("results read back", counts.back as f64, back, facts.trips(back)),
            ("results written", counts.put as f64, of(Event::Output) + back, facts.trips(of(Event::Output) + back)),
        ]);
    }
    let mut found = Vec::new();
    for (what, stepped, closed, excuses) in &rows {
        let why = reasons(what, *stepped, *closed, excuses, context);
        // A count that is hardly off makes no energy differ.
        found.extend(why.into_iter().filter(|_| (stepped - closed).abs() > AGREED * closed));
    }
    found.sort_unstable();
    found.dedup();
    found
}
