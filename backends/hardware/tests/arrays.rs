//! Units that hold weights from before the run: nothing is written or fetched, and a block is in one core.

use prism_hardware::target::SHIPPED;
use prism_hardware::{Ends, Event, MatmulWork, Stationary, Target};

fn machine(name: &str, change: (&str, &str)) -> Target {
    let text = SHIPPED.iter().find(|(known, _)| *known == name).expect("a shipped target").1;
    assert!(text.contains(change.0), "{name} has no `{}`", change.0);
    Target::parse("machine.toml", &text.replacen(change.0, change.1, 1)).expect("a target")
}

fn storing(name: &str) -> Target {
    machine(name, ("[[photonic]]", "[[photonic]]\narrays = 1000000"))
}

#[test]
fn a_product_pays_for_what_streams_alone() {
    for name in ["lt-mzi-4bit", "lt-mrr-8bit"] {
        let (writes, stores) = (Target::shipped(name).expect("shipped").expect("a target"), storing(name));
        for (m, k, n) in [(1, 768, 3072), (128, 768, 768), (7, 13, 5)] {
            let work = MatmulWork::new(1, m, k, n);
            let on = |target: &Target| {
                target.photonic_on(&target.photonic[0], &work, Stationary::Rhs, Ends::WEIGHTS).expect("a way")
            };
            let (written, held) = (on(&writes), on(&stores));
            assert_eq!(held.ends, Ends::default(), "{name}");
            assert_eq!((held.tiling.programs, held.tiling.program.0, held.tiling.fetch.0), (0, 0.0, 0.0));
            assert_eq!(held.tiling.events.of(Event::Program), 0.0);
            assert!(written.tiling.events.of(Event::Program) > 0.0);
            let less = held.cost.total_energy().0 < written.cost.total_energy().0;
            assert!(less && held.cost.moved_in("dram").0 == 0.0, "{name}: {m} {k} {n}");
        }
    }
}

#[test]
fn a_block_works_in_the_core_that_holds_it() {
    let target = storing("lt-mzi-4bit");
    let unit = &target.photonic[0];
    let cores = u128::from(unit.all_cores());
    for (m, k, n) in [(128u64, 768u64, 3072u64), (100, 12, 12), (3, 25, 60)] {
        let work = MatmulWork::new(1, m, k, n);
        let held = target.photonic_on(unit, &work, Stationary::Rhs, Ends::default()).expect("a way");
        let blocks = u128::from(unit.blocks(1, n, k));
        assert_eq!(held.tiling.blocks[0] * held.tiling.blocks[1], blocks);
        let passes = if unit.signed_passes > 1 { u128::from(unit.signed_passes) } else { 1 };
        assert_eq!(held.tiling.cycles, blocks.div_ceil(cores) * held.tiling.blocks[2] * passes);
    }
}

#[test]
fn products_of_two_results_are_not_offered() {
    let dynamic = MatmulWork { dynamic: true, ..MatmulWork::new(12, 64, 64, 64) };
    assert!(
        !Target::shipped("lt-mrr-8bit")
            .expect("shipped")
            .expect("a target")
            .photonic(&dynamic, Ends::default())
            .is_empty()
    );
    assert!(storing("lt-mrr-8bit").photonic(&dynamic, Ends::default()).is_empty());
}

#[test]
fn arrays_are_for_units_that_hold_weights_and_one_for_each_core() {
    let refused = |name: &str, change: (&str, &str)| {
        let text = SHIPPED.iter().find(|(known, _)| *known == name).expect("a shipped target").1;
        let found = Target::parse("machine.toml", &text.replacen(change.0, change.1, 1)).expect_err("a refusal").0;
        assert_eq!(found.len(), 1);
        (found[0].code.name, found[0].headline.clone(), found[0].allowed.clone().unwrap_or_default())
    };
    let few = refused("lt-mzi-4bit", ("[[photonic]]", "[[photonic]]\narrays = 7"));
    assert_eq!(few.0, "E0505");
    assert_eq!(few.2, "at least 8, one for each core");
    let crossbar = refused("lt-b-4bit", ("class = \"crossbar\"", "class = \"crossbar\"\narrays = 100"));
    assert_eq!(crossbar.2, "`mesh` or `bank`");
    let once = refused("lt-mzi-4bit", ("[[photonic]]", "[[photonic]]\narrays = 8\nconversions = \"once\""));
    assert_eq!(once.2, "conversions = \"per-use\"");
}
