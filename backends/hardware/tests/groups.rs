//! Groups of wavelengths: products of a batch at the same time, with the devices and the light that all of them need.

use prism_hardware::target::SHIPPED;
use prism_hardware::target::overrides::{Override, apply};
use prism_hardware::{Ends, MatmulWork, PhotonicRealisation, Stationary, Target};

/// A shipped machine with four groups of wavelengths and more set, as `--set` does.
fn machine(name: &str, more: &[(&str, &str)]) -> Target {
    let (_, text) = SHIPPED.iter().find(|(known, _)| *known == name).expect("a shipped target");
    let unit = Target::parse(name, text).expect("it is valid").photonic[0].name.to_string();
    let own = [("wavelengths", "1024"), ("groups", "4")];
    let set = own.iter().chain(more).map(|(field, value)| Override::new(&format!("photonic.{unit}.{field}"), value));
    let set: Vec<Override> = set.collect();
    match apply(text, &set).and_then(|text| Target::parse(name, &text)) {
        Ok(target) => target,
        Err(problems) => panic!("{}", prism_support::render::text_all(&problems, false)),
    }
}

fn done(target: &Target, work: &MatmulWork) -> PhotonicRealisation {
    target.photonic_on(&target.photonic[0], work, Stationary::Rhs, Ends::default()).expect("a linked unit")
}

/// Of each class one: mesh, bank, crossbar, homodyne in blocks and homodyne number by number.
const EACH: [&str; 5] = ["lt-mzi-4bit", "lt-mrr-4bit", "lt-b-4bit", "lightml", "lightcode"];

#[test]
fn heads_side_by_side_take_the_cycles_of_one_and_the_devices_of_all() {
    for name in EACH {
        let target = machine(name, &[]);
        let heads = |batch, groups| MatmulWork { groups, ..MatmulWork::new(batch, 192, 192, 192) };
        let (alone, together, share) =
            (done(&target, &heads(12, 1)), done(&target, &heads(12, 4)), done(&target, &heads(3, 1)));
        assert_eq!((alone.groups, together.groups), (1, 4), "{name}");
        assert_eq!(together.tiling.events, alone.tiling.events, "{name}: devices do what they did");
        if name == "lt-mzi-4bit" {
            // All groups pass one mesh, which is set as often as before.
            assert_eq!(together.tiling.programs, alone.tiling.programs, "{name}");
            assert_eq!(together.tiling.program, alone.tiling.program, "{name}");
            assert_eq!(together.tiling.cycles, alone.tiling.cycles / 4, "{name}: a quarter of the columns");
        } else {
            assert_eq!(together.tiling.cycles, share.tiling.cycles, "{name}: as a quarter of the batch");
            assert_eq!(together.tiling.program, share.tiling.program, "{name}");
        }
        let (a, b) = (alone.cost.total_energy().0, together.cost.total_energy().0);
        assert!((a - b).abs() <= 1e-9 * a, "{name}: {a:e} J alone, {b:e} J together");
    }
}

#[test]
fn crosstalk_takes_more_light() {
    let target = machine("lt-b-4bit", &[("group_penalty", "3 dB")]);
    let light = |groups| {
        let cost = done(&target, &MatmulWork { groups, ..MatmulWork::new(12, 192, 192, 192) }).cost;
        (cost.energy_of("laser") + cost.energy_of("laser.padding")).0
    };
    let more = light(4) / light(1);
    assert!((more - 10f64.powf(0.3)).abs() < 1e-9, "{more}");
}

#[test]
fn only_what_is_faster_is_offered() {
    let target = machine("lt-b-4bit", &[]);
    let offered = |batch| target.photonic_grouped(&MatmulWork::new(batch, 192, 192, 192), Ends::default());
    assert!(offered(1).is_empty(), "one product has no group to be beside");
    assert!(offered(3).iter().all(|r| r.groups == 3) && !offered(3).is_empty(), "no group is empty");
    assert!(offered(12).iter().all(|r| r.groups == 4) && !offered(12).is_empty());
    // One block for each of as many cores: nothing waits.
    assert!(target.photonic_grouped(&MatmulWork::new(4, 12, 12, 12), Ends::default()).is_empty());
    let (_, text) = SHIPPED.iter().find(|(name, _)| *name == "lt-b-4bit").expect("a shipped target");
    let shipped = Target::parse("lt-b-4bit", text).expect("it is valid");
    assert!(shipped.photonic_grouped(&MatmulWork::new(12, 192, 192, 192), Ends::default()).is_empty());
}

#[test]
fn groups_need_wavelengths_and_light() {
    let few = machine("lightcode", &[("wavelengths", "2")]).infeasible();
    assert!(few.iter().any(|i| i.field == "photonic.groups" && i.found == "4 groups"), "{few:?}");
    assert!(machine("lightcode", &[]).infeasible().is_empty());
    let launched = |groups: &str| {
        let set = [("groups", groups), ("laser.waveguide_limit", "1 uW")];
        let found = machine("lt-b-4bit", &set).infeasible();
        let found = found.iter().find(|i| i.field == "photonic.laser.waveguide_limit").expect("too much light");
        found.found.split(' ').next().expect("a number").parse::<f64>().expect("a number")
    };
    assert!((launched("4") / launched("1") - 4.0).abs() < 0.01);
}
