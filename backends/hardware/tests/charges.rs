//! What is charged when: bandwidths of memories, passes, fetches, parts that only write weights, parts that are switched off.

use prism_hardware::cost::{StaticEnergy, UnitUse};
use prism_hardware::target::SHIPPED;
use prism_hardware::target::overrides::{Override, apply};
use prism_hardware::{Cost, Ends, Energy, Location, MatmulWork, Stationary, Target, Time};
use std::collections::BTreeMap;

/// A shipped machine with fields set, as `--set` does.
fn machine(name: &str, set: &[(&str, &str)]) -> Target {
    let (_, text) = SHIPPED.iter().find(|(known, _)| *known == name).expect("a shipped target");
    let set: Vec<Override> = set.iter().map(|(path, value)| Override::new(path, value)).collect();
    match apply(text, &set).and_then(|text| Target::parse(name, &text)) {
        Ok(target) => target,
        Err(problems) => panic!("{}", prism_support::render::text_all(&problems, false)),
    }
}

fn by_light(target: &Target, work: &MatmulWork, held: Stationary, ends: Ends) -> Cost {
    target.photonic_on(&target.photonic[0], work, held, ends).expect("a linked unit").cost
}

fn equal(what: &str, ours: f64, expected: f64) {
    assert!((ours - expected).abs() <= 1e-9 * expected.abs(), "{what}: {ours:e}, expected {expected:e}");
}

#[test]
fn a_memory_of_limited_bandwidth_is_held_and_waited_for() {
    let work = MatmulWork { dynamic: true, ..MatmulWork::new(1, 96, 96, 96) };
    let fast = by_light(&machine("lt-b-4bit", &[]), &work, Stationary::Rhs, Ends::default());
    let slow = machine("lt-b-4bit", &[("memory.sram.bandwidth", "10 GB/s")]);
    let slowed = by_light(&slow, &work, Stationary::Rhs, Ends::default());
    let needed = fast.moved_in("sram").0 / 10e9;
    equal("held", slowed.busy_on("sram").0, needed);
    equal("latency", slowed.latency.0, needed);
    equal("the unit waits", slowed.busy_on("ptc").0, needed);
    assert!(fast.latency.0 < needed && fast.total_energy() == slowed.total_energy());
    let load = |target: &Target| target.load(1_000_000, 4, Location::Parameters).latency.0;
    equal("a load", load(&slow), 500_000.0 / 10e9);
    assert!(load(&machine("lt-b-4bit", &[])) < load(&slow));
}

#[test]
fn further_passes_convert_again_where_tensors_are_converted_once() {
    let once = machine("lightcode", &[]);
    let twice = machine("lightcode", &[("photonic.phu.signed_passes", "2")]);
    let work = MatmulWork::new(1, 64, 128, 32);
    let cost = |target: &Target, work: &MatmulWork| by_light(target, work, Stationary::Rhs, Ends::default());
    let (one, two) = (cost(&once, &work), cost(&twice, &work));
    let encode = once.encode("phu", 64 * 128).expect("a unit").energy_of("dac");
    let detect = once.detect("phu", 64 * 32).expect("a unit").energy_of("adc");
    equal("encoded again", (two.energy_of("dac") - one.energy_of("dac")).0, encode.0);
    equal("read again", (two.energy_of("adc") - one.energy_of("adc")).0, detect.0);
    assert!(two.latency > one.latency);
    let positive = MatmulWork { lhs_signed: false, ..work };
    assert_eq!(cost(&twice, &positive), cost(&once, &positive));
}

#[test]
fn a_column_side_that_does_not_fit_is_fetched_for_each_round_of_row_blocks() {
    // 4 tiles of 12 rows: 96 row blocks are 24 rounds. 4096 x 4096 numbers of 4 bit are 8 MiB.
    let target = machine("lt-b-4bit", &[]);
    let work = MatmulWork::new(1, 1152, 4096, 4096);
    let from = Ends { rhs: Some(Location::Parameters), ..Ends::default() };
    let moved = |held| by_light(&target, &work, held, from).moved_in("dram").0;
    let weights = 4096.0 * 4096.0 / 2.0;
    equal("on the column side", moved(Stationary::Lhs), 24.0 * weights);
    equal("on the row side", moved(Stationary::Rhs), weights);
    let roomy = machine("lt-b-4bit", &[("memory.sram.capacity", "16 MiB")]);
    equal("with room", by_light(&roomy, &work, Stationary::Lhs, from).moved_in("dram").0, weights);
}

#[test]
fn what_streams_pays_the_latency_of_its_way_once() {
    let late = machine("lt-b-4bit", &[("link.dram->sram.latency", "1 us")]);
    let work = MatmulWork::new(1, 96, 96, 96);
    let cost = |target: &Target| by_light(target, &work, Stationary::Rhs, Ends::WEIGHTS).latency.0;
    equal("latency", cost(&late) - cost(&machine("lt-b-4bit", &[])), 1e-6);
}

#[test]
fn a_part_that_only_writes_weights_works_no_more_often_than_they_are_written() {
    let peak = |time: &str| {
        let target = machine("lt-mzi-4bit", &[("photonic.ptc.program_time", time)]);
        target.photonic[0].parts.iter().find(|p| &*p.name == "phase").expect("a part").power.0
    };
    equal("ten times slower", peak("20 us"), peak("2 us") / 10.0);
    // As fast as the clock, and no faster.
    equal("no time", peak("0 s"), peak("1 ps"));
}

#[test]
fn writing_takes_as_long_as_the_converters_in_front_of_it() {
    let work = MatmulWork::new(1, 1, 1200, 1200);
    let program = |rate: &str| {
        let set = [("photonic.ptc.part.phase.throughput", rate), ("photonic.ptc.program_time", "1 ns")];
        let target = machine("lt-mzi-4bit", &set);
        let found = target.photonic_on(&target.photonic[0], &work, Stationary::Rhs, Ends::WEIGHTS).expect("a unit");
        (found.tiling.program.0, found.tiling.events.of(prism_hardware::Event::Program))
    };
    let (slow, writes) = program("1 MHz");
    let positions = 12.0 * 12.0 * 4.0 * 2.0;
    equal("slow", slow, writes / (1e6 * positions));
    assert!(program("1 THz").0 < slow);
}

/// One part of 1 W in a unit that worked for 1 s of 4 s.
fn idle(gating: &str, billed: f64) -> StaticEnergy {
    let text = SHIPPED.iter().find(|(name, _)| *name == "a100").expect("shipped").1;
    let (head, rest) = text.split_once("[[electronic.part]]\nname = \"idle\"").expect("a part");
    let (_, rest) = rest.split_once("\n[[electronic.kernel]]").expect("kernels");
    let part = format!("[[electronic.part]]\nname = \"idle\"\npower = \"1 W\"\n{gating}source = \"test\"\n");
    let target = Target::parse("idle", &format!("{head}{part}\n[[electronic.kernel]]{rest}")).expect("a valid file");
    let used = BTreeMap::from([("gpu".to_string(), UnitUse { busy: Time(1.0), uses: 2 })]);
    target.static_energy(Time(4.0), &BTreeMap::from([("idle".to_string(), Energy(billed))]), &used)
}

#[test]
fn a_gated_part_draws_what_it_is_not_billed_for_while_its_unit_works() {
    let (gated, on) = idle("gating = { wake = \"100 ms\", residual = \"10 %\" }\n", 0.25).totals();
    // 0.75 J of the second at work, a tenth of the other three, and two times waking.
    equal("gated", gated.0, 0.75 + 0.3 + 0.2);
    equal("on", on.0, 3.75);
    let (gated, on) = idle("", 0.25).totals();
    assert_eq!(gated, on);
}

#[test]
fn free_light_draws_nothing_while_it_waits_either() {
    let free = machine("lt-b-4bit", &[("accounting.free", "[\"light\"]")]);
    let waiting = free.static_energy(Time(1.0), &BTreeMap::new(), &BTreeMap::new());
    let electronic = ["sram", "dram"];
    assert!(waiting.always_on.keys().all(|k| electronic.contains(&k.as_str())), "{:?}", waiting.always_on);
}
