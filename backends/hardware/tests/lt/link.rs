//! The link budget of a dynamic crossbar of N x N with these devices, and what a waveguide carries.
//!
//! Loss = modulator 1.2 + 2 x 0.93 + 0.1 ceil(log2 N) + 0.76 dB, split 20 log10 N; the table is that formula with
//! sensitivity -25 dBm x 2^b and an efficiency of 0.2.

use crate::{edited, near, printed};
use prism_hardware::Target;

/// LT-B with cores of n x n and so many wavelengths, at so many bits.
fn crossbar(n: u64, wavelengths: u64, bits: u64) -> Target {
    let size = |field: &str, value: u64| format!("\n{field} = {value}\n");
    edited(
        "lt-b-4bit",
        &[
            ("\nrows = 12\n", &size("rows", n)),
            ("\ncolumns = 12\n", &size("columns", n)),
            ("\ninner = 12\n", &size("inner", wavelengths)),
            ("\nwavelengths = 12\n", &size("wavelengths", wavelengths)),
            ("\nprecision = \"4 bit\"\n", &format!("\nprecision = \"{bits} bit\"\n")),
        ],
    )
}

/// Electrical milliwatts of the laser of one core.
fn laser(target: &Target) -> f64 {
    target.photonic[0].laser.as_ref().expect("a laser").core_power.0 * 1e3
}

type Row = (u64, &'static str, &'static str, [&'static str; 4], &'static str, &'static str);

/// N; device loss and split in dB; laser at 4 b, launched at 4 b, laser at 6 b, at 8 b in mW; fJ/MAC with 12 and N wavelengths.
const TABLE: [Row; 7] = [
    (4, "4.02", "12.04", ["10.2", "2.0", "40.9", "163"], "10.6", "31.9"),
    (8, "4.12", "18.06", ["41.8", "8.4", "167", "669"], "10.9", "16.3"),
    (12, "4.22", "21.58", ["96.3", "19.3", "385", "1540"], "11.1", "11.1"),
    (16, "4.22", "24.08", ["171", "34", "685", "2738"], "11.1", "8.4"),
    (32, "4.32", "30.10", ["701", "140", "2802", "11208"], "11.4", "4.3"),
    (64, "4.42", "36.12", ["2867", "573", "11469", "45874"], "11.7", "2.2"),
    (128, "4.52", "42.14", ["11736", "2347", "46943", "187772"], "11.9", "1.1"),
];

#[test]
fn the_link_budget_by_size() {
    for (n, loss, split, power, twelve, many) in TABLE {
        let target = crossbar(n, 12, 4);
        let unit = &target.photonic[0];
        let source = unit.laser.as_ref().expect("a laser");
        let what = format!("{n} x {n}");
        printed(&what, source.loss().0, loss, 0.0);
        printed(&what, source.split().0, split, 0.0);
        let found = [
            laser(&target),
            source.launched(unit.clock).0 * 1e3,
            laser(&crossbar(n, 12, 6)),
            laser(&crossbar(n, 12, 8)),
        ];
        for (found, expected) in found.into_iter().zip(power) {
            printed(&what, found, expected, 0.001);
        }
        let per_mac =
            |wavelengths: u64| laser(&crossbar(n, wavelengths, 4)) * 1e12 / ((n * n * wavelengths) as f64 * 5e9);
        printed(&what, per_mac(12), twelve, 0.001);
        printed(&what, per_mac(n), many, 0.001);
    }
}

/// Light for 2^b levels of a detector rules as long as photons are many: the shot-noise floor is far below.
#[test]
fn the_shot_noise_floor_is_far_below() {
    for (bits, milliwatts) in [(4, 0.24), (6, 3.8), (8, 60.0)] {
        let target = crossbar(12, 12, bits);
        let unit = &target.photonic[0];
        let source = unit.laser.as_ref().expect("a laser");
        // SCATTER's figure leaves the losses out: N N 2^(2b+1) h nu f over the efficiency.
        let floor = source.shot_floor(unit.clock).0 * 144.0 / 0.2 * 1e3;
        near(&format!("{bits} bit"), floor, milliwatts, 0.02);
        assert!(source.detected(unit.clock).0 > 9.0 * source.shot_floor(unit.clock).0);
    }
}

/// The limit of 120 mW is passed at 32 x 32 and 4 bit, and by the base chip at 8 bit; 200 mW let 32 x 32 pass.
#[test]
fn what_a_waveguide_cannot_carry_is_flagged() {
    let flagged = |target: &Target| {
        let found = target.infeasible();
        assert!(found.iter().all(|f| f.field == "photonic.laser.waveguide_limit"), "{found:?}");
        !found.is_empty()
    };
    let at_4_bit: Vec<bool> = TABLE.iter().map(|(n, ..)| flagged(&crossbar(*n, 12, 4))).collect();
    assert_eq!(at_4_bit, [false, false, false, false, true, true, true]);
    let at_8_bit: Vec<bool> = TABLE.iter().map(|(n, ..)| flagged(&crossbar(*n, 12, 8))).collect();
    assert_eq!(at_8_bit, [false, true, true, true, true, true, true]);

    let wide = |n: u64| {
        let size = |field: &str| format!("\n{field} = {n}\n");
        let edits = [("\nrows = 12\n", size("rows")), ("\ncolumns = 12\n", size("columns"))];
        let edits: Vec<_> = edits.iter().map(|(from, to)| (*from, to.as_str())).collect();
        edited("lt-b-4bit", &[&edits[..], &[("\"120 mW\"", "\"200 mW\"")]].concat())
    };
    assert!(!flagged(&wide(32)) && flagged(&wide(64)));

    let found = edited("lt-b-8bit", &[]).infeasible();
    assert_eq!(found.len(), 1);
    assert!(found[0].found.starts_with("308 mW launched"), "{}", found[0].found);
    assert_eq!(found[0].allowed, "at most 120 mW");
    // Two waveguides per core, and a third, share the light.
    let spread = |n: u64| edited("lt-b-8bit", &[("fan_out = ", &format!("waveguides = \"{n}\"\nfan_out = "))]);
    assert!(flagged(&spread(2)) && !flagged(&spread(3)));
}

#[test]
fn what_is_too_fast_or_too_wide_is_flagged() {
    let fields = |target: &Target| target.infeasible().iter().map(|f| f.field).collect::<Vec<_>>();
    let fast = edited("lt-b-4bit", &[("\nclock = \"5 GHz\"\n", "\nclock = \"12 GHz\"\n")]);
    assert_eq!(fields(&fast), ["photonic.part.max_rate"], "the ADC alone is built for 10 GHz");
    let faster = edited("lt-b-4bit", &[("\nclock = \"5 GHz\"\n", "\nclock = \"15 GHz\"\n")]);
    assert_eq!(fields(&faster), ["photonic.part.max_rate"; 2]);
    let wide = edited("lt-b-4bit", &[("\nwavelengths = 12\n", "\nwavelengths = 12\nchannel_limit = 11\n")]);
    assert_eq!(fields(&wide), ["photonic.channel_limit"]);
}

/// A finite extinction ratio costs 1 / (1 - 10^(-ER / 10)).
#[test]
fn finite_extinction_costs_light() {
    let finite = edited("lt-b-4bit", &[("wall_plug = ", "extinction = \"6 dB\"\nwall_plug = ")]);
    near("6 dB", laser(&finite) / laser(&edited("lt-b-4bit", &[])), 1.0 / (1.0 - 10f64.powf(-0.6)), 1e-12);
}
