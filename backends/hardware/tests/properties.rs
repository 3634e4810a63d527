//! Laws that hold for any quantity and any work.

use prism_hardware::target::{FieldKind, Presence, SHIPPED, fields};
use prism_hardware::units::Quantity;
use prism_hardware::{
    Bandwidth, Bytes, Cost, Ends, Energy, Frequency, Location, MatmulWork, Power, ResourceKind, Target, TensorSize,
    Time, Work,
};
use proptest::prelude::*;

fn targets() -> Vec<Target> {
    SHIPPED.iter().map(|(name, text)| Target::parse(name, text).expect("a shipped target")).collect()
}

fn any_quantity() -> impl Strategy<Value = f64> {
    (1.0..10.0f64, -14..17i32).prop_map(|(mantissa, exponent)| mantissa * 10f64.powi(exponent))
}

fn tensor() -> impl Strategy<Value = TensorSize> {
    let bits = prop_oneof![Just(1u32), Just(8), Just(16), Just(32), Just(64)];
    (prop::collection::vec(0..5000u64, 0..4), bits).prop_map(|(dims, bits)| TensorSize { dims, bits })
}

/// Prints at 17 digits, reads back, and compares to rounding of the prefix.
fn round_trips<Q: Quantity + std::fmt::Display>(quantity: &Q) {
    let text = format!("{quantity:.17}");
    let back = Q::parse(&text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    assert!((back.si() - quantity.si()).abs() <= 1e-15 * quantity.si().abs(), "{text}");
    let short = Q::parse(&quantity.to_string()).expect("its own text");
    assert!((short.si() - quantity.si()).abs() <= 6e-4 * quantity.si().abs(), "{quantity}");
}

/// No resource is taken for longer than the work lasts, every name is known, nothing is negative.
fn is_sound(target: &Target, cost: &Cost) {
    let sum = cost.energy.iter().fold(0.0, |sum, (_, e)| sum + e.0);
    assert_eq!(cost.total_energy().0, sum);
    let resources = target.resources();
    for (resource, time) in &cost.busy {
        assert!(resources.iter().any(|r| r.resource == *resource), "{resource} is not a resource");
        assert!(time.0 > 0.0 && *time <= cost.latency, "{resource}: {time} of {}", cost.latency);
    }
    for (component, energy) in &cost.energy {
        assert!(energy.0 > 0.0, "{component}");
        assert_eq!(cost.energy.iter().filter(|(c, _)| c == component).count(), 1, "{component} twice");
    }
    for (memory, bytes) in &cost.moved {
        assert!(target.memories.iter().any(|m| m.name == *memory) && bytes.0 > 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn quantities_survive_printing(value in any_quantity()) {
        round_trips(&Energy(value));
        round_trips(&Time(value));
        round_trips(&Power(value));
        if value >= 1.0 {
            round_trips(&Frequency(value));
            round_trips(&Bytes(value));
            round_trips(&Bandwidth::Limited(value));
        }
    }

    #[test]
    fn costs_of_random_work_are_sound(a in tensor(), b in tensor(), output in tensor(), macs in 0..1u64 << 50) {
        for target in targets() {
            for op in target.ops() {
                let work = Work { op, inputs: vec![a.clone(), b.clone()], output: output.clone(), macs };
                for r in target.electronic(&work).iter().chain(&target.gather_rows(&work, Location::Inputs)) {
                    is_sound(&target, &r.cost);
                }
            }
            for from in [Location::Parameters, Location::Inputs, Location::Results] {
                is_sound(&target, &target.load(a.numbers(), a.bits, from));
            }
            is_sound(&target, &target.store(a.numbers(), a.bits));
        }
    }

    #[test]
    fn products_in_light_fill_their_lanes(batch in 1..40u64, m in 1..3000u64, k in 1..3000u64, n in 1..3000u64) {
        let work = MatmulWork::new(batch, m, k, n);
        for target in targets() {
            for r in target.photonic(&work, Ends::default()) {
                is_sound(&target, &r.cost);
                let unit = target.photonic_unit(&r.unit).expect("its unit");
                prop_assert!(r.tiling.cycles as f64 * unit.peak_macs() >= work.macs() as f64);
                prop_assert!(r.tiling.utilisation > 0.0 && r.tiling.utilisation <= 1.0);
                for cost in [target.encode(&r.unit, work.outputs()), target.program(&r.unit, work.outputs()), target.detect(&r.unit, work.outputs())] {
                    is_sound(&target, &cost.expect("a photonic unit"));
                }
            }
        }
    }
}

#[test]
fn finite_bandwidth_takes_time_and_the_link() {
    let target = Target::shipped("edge-demo").expect("shipped").expect("valid");
    // 512 million numbers of 16 bits over 51.2 GB/s take 20 ms, behind a latency of 80 ns.
    let load = target.load(512_000_000, 16, Location::Parameters);
    assert_eq!(load.busy_on("lpddr->buffer"), Time(0.02));
    assert_eq!(load.latency, Time(0.02) + Time(80e-9));
    assert_eq!(load.moved_in("lpddr"), Bytes(1.024e9));
    // 4 pJ/bit to read, 1.2 pJ/byte to write.
    assert!((load.energy_of("lpddr").0 - 8.192e9 * 4e-12).abs() < 1e-12);
    assert!((load.energy_of("buffer").0 - 1.024e9 * 1.2e-12).abs() < 1e-12);
    assert_eq!(target.store(512_000_000, 16).busy_on("buffer->lpddr"), Time(0.02));
    // 64 million conversions: 1 ms at 64 GHz; as bytes also 1 ms at 256 GB/s.
    let encode = target.encode("mesh", 64_000_000).expect("a photonic unit");
    assert_eq!(encode.busy_on("mesh.dac"), Time(1e-3));
    assert_eq!(encode.busy_on("buffer->mesh"), Time(1e-3));
    assert_eq!(encode.latency, Time(1e-3) + Time(5e-9));
    let program = target.program("mesh", 64_000_000).expect("a photonic unit");
    assert_eq!(program.busy_on("mesh.program"), Time(2e-3));
    assert_eq!((target.number_bits(), target.light_bits("mesh"), target.light_bits("cpu")), (32, Some(8), None));
    let cores: Vec<_> = target.resources().into_iter().filter(|r| r.kind == ResourceKind::Electronic).collect();
    assert_eq!((cores.len(), cores[0].capacity, cores[0].resource.as_str()), (1, 2, "cpu"));
}

#[test]
fn a_core_that_waits_for_data_is_taken() {
    let target = Target::shipped("edge-demo").expect("shipped").expect("valid");
    let x = TensorSize::new([64_000_000], 16);
    let work = Work { op: "add", inputs: vec![x.clone(), x.clone()], output: x, macs: 0 };
    let cost = &target.electronic(&work)[0].cost;
    // 256 MB of operands at 64 GB/s take 4 ms, as long as computing: 8 million cycles at 2 GHz and 50 ns.
    assert_eq!(cost.busy_on("buffer->cpu"), Time(0.004));
    assert_eq!(cost.busy_on("cpu"), Time(0.004).max(Time(0.004) + Time(50e-9)));
}

#[test]
fn defaults_of_the_registry_are_values_of_their_fields() {
    fn check<Q: Quantity>(path: &str, default: &str) {
        assert!(Q::parse(default).is_ok(), "{path}: {default}");
    }
    use prism_hardware::units::{
        Area, Bandwidth, Decibel, Duration, EnergyPer, Fraction, MacEnergy, Rate, Responsivity,
    };
    for f in fields() {
        let Presence::Default(default) = f.presence else { continue };
        match f.kind {
            FieldKind::Duration => check::<Duration>(f.path, default),
            FieldKind::Energy => check::<Energy>(f.path, default),
            FieldKind::EnergyPer => check::<EnergyPer>(f.path, default),
            FieldKind::Rate => check::<Rate>(f.path, default),
            FieldKind::Frequency => check::<Frequency>(f.path, default),
            FieldKind::Time => check::<Time>(f.path, default),
            FieldKind::Power => check::<Power>(f.path, default),
            FieldKind::Area => check::<Area>(f.path, default),
            FieldKind::Fraction => check::<Fraction>(f.path, default),
            FieldKind::Bandwidth => check::<Bandwidth>(f.path, default),
            FieldKind::MacEnergy => check::<MacEnergy>(f.path, default),
            FieldKind::Decibel => check::<Decibel>(f.path, default),
            FieldKind::Responsivity => check::<Responsivity>(f.path, default),
            FieldKind::Count => assert!(default.parse().is_ok_and(|n: u64| f.range.contains(n as f64)), "{}", f.path),
            FieldKind::Formula => assert!(!default.is_empty(), "{}", f.path),
            FieldKind::Choice(words) => assert!(words.contains(&default), "{}", f.path),
            FieldKind::Flag => assert!(["true", "false"].contains(&default), "{}", f.path),
            FieldKind::Name => assert!(!default.is_empty(), "{}", f.path),
            other => panic!("{}: a default for {other:?} is not read", f.path),
        }
    }
}
