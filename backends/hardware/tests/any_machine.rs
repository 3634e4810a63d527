//! Laws that hold on any machine: every shipped one with its numbers changed at random.

mod common;

use common::Random;
use prism_hardware::cost::UnitUse;
use prism_hardware::target::SHIPPED;
use prism_hardware::{Cost, Ends, Energy, Location, MatmulWork, Power, Stationary, Target, TensorSize, Time, Work};
use std::collections::BTreeMap;

/// Machines made of each shipped one.
const VARIANTS: usize = 12;

/// Counts that a file may change without contradicting itself.
const SIZES: [&str; 10] =
    ["tiles", "cores", "rows", "columns", "inner", "wavelengths", "accumulate", "signed_passes", "arrays", "each"];

/// `text` with sizes drawn anew and quantities scaled by 1/8 to 8, one number in three.
fn varied(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out.push_str(&varied_line(line, random));
        out.push('\n');
    }
    out
}

fn varied_line(line: &str, random: &mut Random) -> String {
    let key = line.split(" = ").next().unwrap_or("");
    if line.starts_with('#') || ["source", "name", "count", "ops", "schema"].contains(&key) || random.below(3) > 0 {
        return line.into();
    }
    if SIZES.contains(&key) {
        let most = if key == "signed_passes" { 3 } else { 20 };
        return format!("{key} = {}", 1 + random.below(most));
    }
    // A value with a range must stay in it, and a width is whole.
    if line.contains(" bit\"") || line.contains("min = ") || line.contains("max = ") {
        return line.into();
    }
    // The first number of a quantity, `"1.2 dB"` or `{ per_mac = "0.5 pJ", ... }`.
    let Some(start) = line.find(" = \"").map(|at| at + 4) else { return line.into() };
    let rest = line.get(start..).unwrap_or("");
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(rest.len());
    let Ok(number) = rest.get(..end).unwrap_or("").parse::<f64>() else { return line.into() };
    let factor = [0.125, 0.5, 0.9, 1.5, 3.0, 8.0][random.below(6)];
    format!("{}{}{}", &line[..start], number * factor, &rest[end..])
}

/// Every valid machine that is asked of, with its name; most changed files must be valid.
fn machines(seed: u64) -> Vec<Target> {
    let mut random = Random(seed);
    let mut all = Vec::new();
    for (name, text) in SHIPPED {
        let changed = (0..VARIANTS).map(|_| varied(text, &mut random));
        let valid: Vec<_> = changed.filter_map(|text| Target::parse(name, &text).ok()).collect();
        assert!(valid.len() > VARIANTS / 2, "{name}: {} of {VARIANTS} are valid", valid.len());
        all.extend(valid);
    }
    all
}

/// A product whose extents are often small, so that blocks are not full.
fn product(random: &mut Random) -> MatmulWork {
    let mut extent = || {
        let most = [3, 40, 1500][random.below(3)];
        1 + random.below(most) as u64
    };
    let work = MatmulWork::new(1, extent(), extent(), extent());
    MatmulWork {
        batch: [1, 1, 3, 12][random.below(4)],
        dynamic: random.below(2) == 0,
        lhs_signed: random.below(2) == 0,
        rhs_signed: random.below(2) == 0,
        ..work
    }
}

fn ends(random: &mut Random) -> Ends {
    let mut place = || [None, Some(Location::Parameters), Some(Location::Inputs)][random.below(3)];
    Ends { lhs: place(), rhs: place(), result: random.below(2) == 0 }
}

/// Sums in the order of size, which is the most exact one.
fn exact_sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.iter().sum()
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

fn is_sound(target: &Target, cost: &Cost) {
    let fits = |x: f64| x.is_finite() && x >= 0.0;
    assert!(cost.energy.iter().all(|(_, e)| fits(e.0)), "{}: {cost:?}", target.name);
    assert!(cost.moved.iter().all(|(_, b)| fits(b.0)) && fits(cost.latency.0), "{}: {cost:?}", target.name);
    let sum = exact_sum(cost.energy.iter().map(|(_, e)| e.0));
    assert!(same(cost.total_energy().0, sum), "{}: {sum:e} is not {:?}", target.name, cost.total_energy());
    let resources = target.resources();
    for (resource, time) in &cost.busy {
        assert!(resources.iter().any(|r| r.resource == *resource), "{resource} is not a resource");
        assert!(fits(time.0) && *time <= cost.latency * (1.0 + 1e-12), "{}: {resource} {cost:?}", target.name);
    }
    let causes = target.causes();
    assert!(cost.energy.iter().all(|(c, _)| causes.contains_key(c.as_str())), "{}: {cost:?}", target.name);
}

#[test]
fn a_cost_is_the_sum_of_its_parts_and_never_negative() {
    let mut random = Random(11);
    for target in machines(1) {
        for _ in 0..8 {
            let work = product(&mut random);
            for r in target.photonic(&work, ends(&mut random)) {
                is_sound(&target, &r.cost);
                let unit = target.photonic_unit(&r.unit).expect("its unit");
                assert!(r.tiling.cycles as f64 * unit.peak_macs() >= work.macs() as f64, "{}: {work:?}", target.name);
                assert!(r.tiling.utilisation > 0.0 && r.tiling.utilisation <= 1.0);
                assert!(r.cost.latency >= r.tiling.compute.max(r.tiling.program), "{}: {work:?}", target.name);
            }
            for gemm in target.gemm(&work, Stationary::Rhs) {
                is_sound(&target, &gemm.cost);
                assert_eq!(gemm.macs, work.macs());
            }
            let size = TensorSize::new([work.m, work.n], 8);
            for op in target.ops() {
                let inputs = vec![size.clone(), size.clone()];
                for r in target.electronic(&Work { op, inputs, output: size.clone(), macs: work.m }) {
                    is_sound(&target, &r.cost);
                }
            }
        }
    }
}

#[test]
fn power_and_area_are_finite_and_reasons_are_given() {
    let mut infeasible = 0;
    for target in machines(2) {
        let fits = |x: f64| x.is_finite() && x > 0.0;
        assert!(target.power().values().all(|p| fits(p.0)) && target.area().values().all(|a| fits(a.0)));
        assert!(target.peak_macs_per_second().is_finite());
        for reason in target.infeasible() {
            infeasible += 1;
            assert!(prism_hardware::target::explain(reason.field).is_some(), "{}", reason.field);
            assert!(!reason.headline.is_empty() && !reason.found.is_empty() && !reason.allowed.is_empty());
        }
    }
    assert!(infeasible > 10, "only {infeasible} reasons: the machines are too tame");
}

/// More work never costs less, in every extent. A crossbar whose cores each read for themselves is left out for k: more
/// products let a core add up for longer before it reads, so that fewer cores, and fewer readings, may do.
#[test]
fn more_work_never_costs_less() {
    let mut random = Random(13);
    for target in machines(3) {
        for _ in 0..12 {
            let work = product(&mut random);
            let (ends, more) = (ends(&mut random), 1 + random.below(40) as u64);
            for (unit, held) in target.photonic.iter().flat_map(|u| [(u, Stationary::Lhs), (u, Stationary::Rhs)]) {
                let larger = [
                    MatmulWork { batch: work.batch + more, ..work },
                    MatmulWork { m: work.m + more, ..work },
                    MatmulWork { n: work.n + more, ..work },
                    MatmulWork { k: work.k + more, ..work },
                ];
                let in_turn = !unit.share_readout && unit.accumulate > 1 && unit.cores > 1;
                let less = target.photonic_on(unit, &work, held, ends).expect("linked");
                for larger in larger.iter().filter(|l| l.k == work.k || !in_turn) {
                    let larger = target.photonic_on(unit, larger, held, ends).expect("linked");
                    assert!(larger.tiling.cycles >= less.tiling.cycles, "{}: {work:?}", target.name);
                    let (a, b) = (&larger.cost, &less.cost);
                    let grows = |a: f64, b: f64| a >= b * (1.0 - 1e-12);
                    assert!(grows(a.latency.0, b.latency.0), "{}: {work:?} {held:?}\n{a:?}\n{b:?}", target.name);
                    let (e, f) = (a.total_energy().0, b.total_energy().0);
                    assert!(grows(e, f), "{}: {work:?} {held:?} {e:e} {f:e}\n{a:?}\n{b:?}", target.name);
                }
            }
        }
    }
}

/// What a part draws while it is on, whatever it does, is drawn once: in what work was billed, or as the rest. Switching off
/// what idles never costs, as long as nothing was billed for more than full power while its unit worked and waking takes
/// no time.
#[test]
fn switching_off_never_costs_and_power_is_drawn_once() {
    let mut random = Random(17);
    let mut compared = 0;
    for target in machines(4) {
        let Some(unit) = target.photonic.first() else { continue };
        let work = product(&mut random);
        let cost = target.photonic_on(unit, &work, Stationary::Rhs, Ends::default()).expect("linked").cost;
        let makespan = cost.latency * (1.0 + random.below(5) as f64);
        let dynamic: BTreeMap<String, Energy> = cost.energy.iter().map(|(c, e)| (c.to_string(), *e)).collect();
        let used = UnitUse { busy: cost.latency, uses: 0 };
        let found = target.static_energy(makespan, &dynamic, &BTreeMap::from([(unit.name.to_string(), used)]));
        let fits = |e: &Energy| e.0.is_finite() && e.0 >= 0.0;
        assert!(found.gated.values().all(fits) && found.always_on.values().all(fits));
        for (name, power) in target.power().iter().filter(|(name, _)| *name != "light") {
            // Units may share a component; what the others have draws power beside it.
            let parts = target.photonic.iter().flat_map(|u| &u.parts).filter(|p| p.component.as_str() == name);
            let standing = parts.fold(Power::ZERO, |sum, p| sum + p.standing);
            let billed = dynamic.get(name).copied().unwrap_or(Energy::ZERO);
            if standing == Power::ZERO || billed > *power * cost.latency {
                continue;
            }
            compared += 1;
            let always = found.always_on.get(name).copied().unwrap_or(Energy::ZERO);
            let gated = found.gated.get(name).copied().unwrap_or(Energy::ZERO);
            let drawn = (standing * makespan).0;
            let once = always.0 + billed.0 * (standing / *power);
            assert!((once - drawn).abs() <= 1e-9 * drawn, "{}: {name} {once:e} {drawn:e}", target.name);
            assert!(gated.0 <= always.0 * (1.0 + 1e-9), "{}: {name} {gated:?} {always:?}", target.name);
        }
    }
    assert!(compared > 200, "only {compared} parts were compared");
}

/// What tasks add and what is drawn all the time is the energy in all.
#[test]
fn waiting_parts_are_told_apart_by_task() {
    let mut random = Random(11);
    let (mut equal, mut compared) = (0, 0);
    for target in machines(200) {
        let waiting = target.waiting();
        let (mut dynamic, mut used) = (BTreeMap::new(), BTreeMap::<String, UnitUse>::new());
        let (mut length, mut added) = (Time::ZERO, Energy::ZERO);
        for unit in target.photonic.iter().cycle().take(3) {
            let work = product(&mut random);
            let cost = target.photonic_on(unit, &work, Stationary::Rhs, Ends::default()).expect("linked").cost;
            let busy = || cost.busy.iter().map(|(r, t)| (r.as_str(), *t));
            added += waiting.added(cost.energy.iter().map(|(c, e)| (c.as_str(), *e)), &unit.name, busy());
            for (component, energy) in &cost.energy {
                *dynamic.entry(component.to_string()).or_insert(Energy::ZERO) += *energy;
            }
            let use_ = used.entry(unit.name.to_string()).or_default();
            use_.uses += 1;
            use_.busy += busy().find(|(r, _)| *r == &*unit.name).map_or(Time::ZERO, |(_, t)| t);
            length += cost.latency;
        }
        let makespan = length * (1.0 + random.below(5) as f64);
        let billed: Energy = dynamic.values().copied().sum();
        let in_all = (billed + target.static_energy(makespan, &dynamic, &used).totals().0).0;
        let told = (waiting.power * makespan + added).0;
        assert!(told <= in_all * (1.0 + 1e-9), "{}: {told:e} J told apart, {in_all:e} J in all", target.name);
        compared += 1;
        equal += usize::from(told >= in_all * (1.0 - 1e-9));
    }
    assert!(equal * 2 > compared, "equal on {equal} of {compared} machines");
    println!("equal on {equal} of {compared} machines");
}

/// A product without numbers lights nothing and converts nothing; operands that it has may still be moved.
#[test]
fn nothing_takes_no_light() {
    for target in machines(5) {
        for work in [MatmulWork::new(0, 5, 5, 5), MatmulWork::new(1, 0, 5, 5), MatmulWork::new(1, 5, 0, 5)] {
            for unit in &target.photonic {
                let found = target.photonic_on(unit, &work, Stationary::Rhs, Ends::default()).expect("linked");
                assert_eq!(found.tiling.cycles, 0, "{}: {work:?}", target.name);
                let lit = unit.laser.iter().map(|l| found.cost.energy_of(l.component.as_str()).0).sum::<f64>();
                assert!(lit == 0.0, "{}: {work:?} {:?}", target.name, found.cost.energy);
                assert!(found.tiling.compute == Time::ZERO && found.tiling.utilisation == 0.0);
            }
        }
    }
}
