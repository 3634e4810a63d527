//! Steps against closed forms: every count, then cycles, latency, energy and bytes.

use crate::ports::Port;
use crate::price::Price;
use crate::shape::{Counts, Shape};
use prism_hardware::cost::{Event, loops};
use prism_hardware::target::PhotonicClass;
use prism_hardware::units::Bits;
use prism_hardware::{MatmulWork, PhotonicRealisation, Stationary, Target};
use std::collections::BTreeMap;

/// Largest difference that needs no reason.
const AGREED: f64 = 0.01;

/// Conventions of the closed forms.
const COLUMNS: &str = "column light counts 1/tiles, though the last row blocks do not fill the tiles";
const CORES: &str = "a reading joins all cores of a tile, though the inner blocks of an output do not fill them";
const PIECES: &str = "readings do not end where a row that exceeds the buffer is cut, and pieces are not whole blocks";
const SPREAD: &str = "the last outputs, fewer than tiles, are spread over tiles that each read their part";
const FILLS: &str = "a row block that does not find its tile is loaded once, though several tiles work on it";
const PARTIALS: &str = "partial results per core of a tile are a fraction";
const DARK: &str = "the last blocks of weights are shared by all cores without being written again";
const TIME: &str = "a unit that holds weights adds up in time, though other vectors pass between";
const START: &str = "work does not wait for the first row blocks";
const WHOLE: &str = "the last row block is fetched as a whole one";
const UNEVEN: &str = "readings that come in uneven times are spread evenly";
const READING: &str = "converters read on while weights are written";
const DRAIN: &str = "reading the last outputs takes no time";

/// A convention that may make a count differ: whether it can here, and between which counts then.
struct Excuse {
    reason: &'static str,
    holds: bool,
    low: f64,
    high: f64,
}

fn excuse(reason: &'static str, holds: bool, low: f64, high: f64) -> Excuse {
    Excuse { reason, holds, low, high }
}

/// What was found in all products of a class.
#[derive(Default)]
pub(crate) struct Tally {
    products: usize,
    excused: usize,
    /// How often each convention shows by more than [`AGREED`], and the largest factor.
    reasons: BTreeMap<&'static str, (usize, f64)>,
    /// Largest difference of the products that need no excuse, per quantity.
    largest: BTreeMap<&'static str, f64>,
}

/// Sizes that excuses speak of.
struct Facts<'a> {
    shape: &'a Shape<'a>,
    /// Numbers of one reading of all outputs.
    results: f64,
    pieces: f64,
    tiles: u64,
    cores: u64,
    holds: bool,
}

impl<'a> Facts<'a> {
    fn new(shape: &'a Shape<'a>) -> Self {
        let holds = matches!(shape.unit.class, PhotonicClass::Mesh | PhotonicClass::Bank);
        Facts {
            shape,
            results: (shape.n * shape.m * shape.h * shape.s) as f64,
            pieces: if holds { 1.0 } else { shape.pieces().len() as f64 },
            tiles: shape.unit.tiles,
            cores: shape.unit.cores,
            holds,
        }
    }

    /// Row blocks that do not fill the tiles.
    fn ragged_rows(&self) -> bool {
        self.shape.row_blocks() % self.tiles != 0
    }

    /// What is dealt to the cores of a tile does not fill them: column blocks of a homodyne unit, else inner blocks.
    fn ragged_cores(&self) -> bool {
        let dealt = match self.shape.unit.class {
            PhotonicClass::Homodyne => self.shape.column_blocks(),
            _ => self.shape.inner_blocks(),
        };
        dealt % self.cores != 0
    }

    /// Whether all readings are of whole blocks and come in equal times.
    fn even(&self) -> bool {
        let (s, u) = (self.shape, self.shape.unit);
        let whole = s.n % u.rows == 0 && s.m % u.columns == 0;
        let together = if u.class == PhotonicClass::Crossbar { u.accumulate * self.cores } else { u.accumulate };
        whole && !self.ragged_cores() && !self.ragged_rows() && s.inner_blocks() % together == 0
    }

    fn columns(&self, closed: f64) -> Vec<Excuse> {
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

    fn reads(&self, closed: f64) -> Vec<Excuse> {
        let unit = self.shape.unit;
        let homodyne = unit.class == PhotonicClass::Homodyne;
        let together = self.cores * if unit.share_readout { 1 } else { unit.accumulate };
        let ragged = !homodyne && self.cores > 1 && self.shape.inner_blocks() % together != 0;
        let each = if unit.share_readout { 1 } else { self.cores } as f64;
        let blocks = self.shape.row_blocks() % self.tiles * self.shape.column_blocks() * self.shape.h;
        let left = blocks * self.pieces as u64 % self.tiles;
        let spread = left as f64 * (unit.rows * unit.columns * self.tiles * self.shape.s) as f64 * each;
        let most = closed * unit.accumulate as f64;
        vec![
            excuse(CORES, ragged, closed, closed + self.results * each),
            excuse(PIECES, self.pieces > 1.0, closed, closed + self.results * self.pieces * each),
            excuse(SPREAD, !self.holds && !homodyne && left > 0, closed, closed + spread),
            excuse(TIME, self.holds && unit.accumulate > 1, closed, most),
        ]
    }

    fn partials(&self, closed: f64) -> Vec<Excuse> {
        let unit = self.shape.unit;
        let fraction = self.holds && self.cores > 1 && self.ragged_cores();
        let mut all = self.reads(closed);
        all.push(excuse(PARTIALS, fraction, closed, closed + self.results));
        all.iter_mut().filter(|e| e.reason == TIME).for_each(|e| e.high = closed * unit.accumulate as f64 + self.results);
        all
    }

    fn rows_in(&self, closed: f64) -> Vec<Excuse> {
        let often = match self.shape.unit.class {
            PhotonicClass::Homodyne => self.shape.column_blocks() as f64,
            _ => 1.0 + (self.shape.row_blocks() % self.tiles * self.tiles) as f64 / self.shape.row_blocks() as f64,
        };
        let holds = !self.holds && (self.ragged_rows() || (self.ragged_cores() && often > 1.0));
        vec![excuse(FILLS, holds, closed, closed * often)]
    }

    fn cycles(&self, closed: f64) -> Vec<Excuse> {
        let blocks = self.shape.row_blocks() * self.shape.inner_blocks() * self.shape.h;
        let all = self.tiles * self.cores;
        let most = (blocks.div_ceil(all) * self.shape.column_blocks() * self.shape.s) as f64;
        // The last period of each pass may be shared with the next one.
        let passes = (self.shape.s - 1) as f64;
        let pieces = self.shape.inner_blocks() as f64 * passes.max(1.0);
        vec![
            excuse(DARK, self.holds && blocks % all != 0, closed, most),
            excuse(SPREAD, !self.holds && passes > 0.0, closed - passes, closed),
            excuse(PIECES, self.pieces > 1.0, closed - passes, closed + pieces),
        ]
    }
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
    valid.iter().map(|e| e.reason).collect()
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
        let facts = Facts::new(shape);
        let flat = shape.unit.flat;
        let counted = compare_counts(target, work, &facts, counts, closed.stationary, flat, &context);
        let cycles = closed.tiling.cycles as f64;
        let of_cycles = reasons("cycles", counts.cycles as f64, cycles, &facts.cycles(cycles), &context);
        let latency = closed.cost.latency.0 * shape.unit.clock.0;
        let latencies = latency_excuses(&facts, counts, port, latency, cycles);
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
        u.class, u.tiles, u.cores, u.rows, u.columns, u.inner, u.accumulate, u.share_rows, u.share_columns, u.share_readout, shape.s
    )
}

/// Every count of a run; returns the conventions that show in any.
fn compare_counts(
    target: &Target,
    work: &MatmulWork,
    facts: &Facts<'_>,
    counts: &Counts,
    held: Stationary,
    flat: bool,
    context: &str,
) -> Vec<&'static str> {
    let shape = facts.shape;
    let l = loops(shape.unit, work, held, Bits(shape.bits), target.legacy);
    let of = |event| l.events.of(event);
    let t = &l.traffic;
    let mut rows = vec![
        ("core cycles", counts.core_cycle as f64, of(Event::CoreCycle), vec![]),
        ("holds", counts.hold as f64, of(Event::Hold), vec![]),
        ("detections", counts.detect as f64, of(Event::Detect), vec![]),
        ("outputs", counts.output as f64, of(Event::Output), vec![]),
        ("readings", counts.read as f64, of(Event::Read), facts.reads(of(Event::Read))),
    ];
    if !flat {
        let partials = t.register / 2.0 - of(Event::RowEncode) - of(Event::Program) - of(Event::ColumnEncode);
        let trips = t.buffer - t.rows_in - counts.row_read as f64 - 2.0 * t.columns_in;
        let back = ((t.results - of(Event::Output)) / 2.0).max(0.0);
        let cut = |closed: f64| {
            let most = (2.0 * facts.pieces - 1.0) * facts.results;
            let fraction = facts.holds && facts.ragged_cores();
            vec![
                excuse(PIECES, facts.pieces > 1.0, closed, most.max(closed)),
                excuse(PARTIALS, fraction, closed, closed + 2.0 * facts.results),
            ]
        };
        rows.extend([
            ("row encodings", counts.row_encode as f64, of(Event::RowEncode), vec![]),
            ("programmed weights", counts.program as f64, of(Event::Program), vec![]),
            ("column encodings", counts.column_encode as f64, of(Event::ColumnEncode), facts.columns(of(Event::ColumnEncode))),
            ("partial results", counts.partial as f64, partials, facts.partials(partials)),
            ("rows loaded", counts.rows_in as f64, t.rows_in, facts.rows_in(t.rows_in)),
            ("trips of results", counts.trip as f64, trips, cut(trips)),
            ("results read back", counts.back as f64, back, cut(back)),
            ("results written", counts.put as f64, of(Event::Output) + back, cut(of(Event::Output) + back)),
        ]);
    }
    let mut found: Vec<_> = rows.iter().flat_map(|(what, a, b, e)| reasons(what, *a, *b, e, context)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What the closed form leaves out of the latency, in clock periods.
fn latency_excuses(facts: &Facts<'_>, counts: &Counts, port: &Port, closed: f64, cycles: f64) -> Vec<Excuse> {
    let shape = facts.shape;
    let more_cycles = (counts.cycles as f64 - cycles).max(0.0);
    let passes = (shape.s - 1) as f64;
    let slowest = shape.unit.parts.iter().filter(|p| p.on.contains(&Event::Read)).filter_map(|p| p.throughput);
    let rate = slowest.map(|f| f.0 / shape.unit.clock.0).fold(f64::INFINITY, f64::min);
    let at_once = (shape.unit.rows * shape.unit.columns * facts.tiles * facts.cores) as f64;
    let programs = shape.unit.program_time.0 * shape.unit.clock.0 * rounds(facts);
    let serial = shape.unit.serial_readout;
    let more_reads = (counts.read as f64 / rate).max(0.0);
    let mut all = vec![
        excuse(DARK, facts.holds && more_cycles > 0.0, closed, closed + more_cycles),
        excuse(PIECES, !facts.holds && more_cycles > 0.0, closed, closed + more_cycles),
        excuse(SPREAD, !facts.holds && passes > 0.0, closed - passes, closed),
        excuse(START, port.end > 0.0, closed, closed + port.longest_round * (1 + facts.cores.div_ceil(shape.inner_blocks())) as f64),
        excuse(WHOLE, port.end > 0.0 && shape.n % shape.unit.rows != 0, closed - port.longest_round, closed),
        excuse(UNEVEN, !serial && rate.is_finite() && !facts.even(), closed, closed + more_reads.min(cycles)),
        excuse(DRAIN, rate.is_finite(), closed, closed + at_once / rate),
        excuse(READING, facts.holds && rate.is_finite() && programs > 0.0, closed, closed + more_reads.min(programs)),
    ];
    if rate.is_finite() {
        // More readings than the closed form counts, where converters limit.
        let ours = facts.reads(0.0);
        all.extend(ours.iter().filter(|e| e.holds).map(|e| excuse(e.reason, true, closed, closed + more_reads)));
    }
    all
}

/// Rounds in which blocks of weights are written.
fn rounds(facts: &Facts<'_>) -> f64 {
    let shape = facts.shape;
    (shape.row_blocks() * shape.inner_blocks() * shape.h).div_ceil(facts.tiles * facts.cores) as f64
}
