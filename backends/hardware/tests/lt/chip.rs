//! Power and area of the chips.

use crate::{edited, machine, near, printed, sum};
use prism_hardware::Target;
use prism_hardware::target::legacy::Legacy;
use std::collections::BTreeMap;

/// Milliwatts by component.
fn power(target: &Target) -> BTreeMap<String, f64> {
    target.power().into_iter().map(|(name, power)| (name, power.0 * 1e3)).collect()
}

/// Square millimetres by component.
fn area(target: &Target) -> BTreeMap<String, f64> {
    target.area().into_iter().map(|(name, area)| (name, area.0 * 1e6)).collect()
}

/// A component, or all memories of the chip together.
fn of(sums: &BTreeMap<String, f64>, name: &str) -> f64 {
    let names: &[&str] = if name == "memories" { &["sram", "buffer", "register"] } else { &[name] };
    sum(names.iter().filter_map(|n| sums.get(*n)))
}

const PARTS: [&str; 8] = ["laser", "dac", "modulator", "adc", "tia", "detector", "adder", "memories"];

#[test]
fn power_of_the_base_and_the_large_chip() {
    let rows: [(&str, f64, [&str; 8]); 4] = [
        ("lt-b-4bit", 14752.6, ["770.1", "3214.3", "4032.0", "2131.2", "1728", "2534.4", "26.2", "316.4"]),
        ("lt-b-8bit", 50935.2, ["12321.5", "25714.3", "4032.0", "4262.4", "1728", "2534.4", "26.2", "316.4"]),
        ("lt-l-4bit", 28055.8, ["1540.2", "5785.7", "7257.6", "4262.4", "3456", "5068.8", "52.5", "632.6"]),
        ("lt-l-8bit", 95920.9, ["24642.9", "46285.7", "7257.6", "8524.8", "3456", "5068.8", "52.5", "632.6"]),
    ];
    for (name, total, parts) in rows {
        let found = power(&machine(name));
        near(name, sum(found.values()), total, 0.005);
        // The totals are also known to the printed digits.
        assert!((sum(found.values()) - total).abs() < 0.06, "{name}: {}", sum(found.values()));
        for (part, expected) in PARTS.iter().zip(parts) {
            printed(&format!("{name}: {part}"), of(&found, part), expected, 0.005);
        }
        let known = sum(PARTS.iter().map(|p| of(&found, p)).collect::<Vec<_>>().iter());
        near("nothing beside these parts", known, sum(found.values()), 1e-12);
    }
}

#[test]
fn peak_of_the_base_and_the_large_chip() {
    for (name, tops, tops_per_watt) in
        [("lt-b-4bit", 138.24, 9.37), ("lt-b-8bit", 138.24, 2.71), ("lt-l-4bit", 276.48, 9.85)]
    {
        let target = machine(name);
        let found = 2.0 * target.peak_macs_per_second() * 1e-12;
        near(name, found, tops, 1e-9);
        near(name, found / (sum(power(&target).values()) * 1e-3), tops_per_watt, 0.005);
    }
}

/// A law of converters is a named choice: with SimPhony's, P ~ 2^b / (b + 1), the DACs need a tenth less.
#[test]
fn the_law_of_the_converters_is_a_choice_of_the_file() {
    let other = edited("lt-b-4bit", &[("law = \"lt\"", "law = \"simphony\"")]);
    near("2.009 mW each", of(&power(&other), "dac"), 1440.0 * 2.009, 0.001);
    let total = sum(power(&other).values());
    // Without memories and adders: the re-derivation of UBC's table III, 14 092 mW.
    near("re-derivation", total - of(&power(&other), "memories") - of(&power(&other), "adder"), 14092.0, 0.005);
}

#[test]
fn area_of_the_crossbars() {
    let columns = ["laser", "dac", "modulator", "adc", "tia", "photonic-core", "adder", "memories", "micro-comb"];
    let rows: [(&str, &str, [&str; 9]); 2] = [
        ("lt-b-4bit", "60.30", ["0.72", "15.84", "7.59", "1.64", "0.029", "11.32", "0.051", "14.70", "8.41"]),
        ("lt-l-4bit", "112.82", ["1.2", "28.51", "13.69", "3.28", "0.058", "22.64", "0.10", "29.32", "14.02"]),
    ];
    for (name, total, parts) in rows {
        let found = area(&machine(name));
        printed(name, sum(found.values()), total, 0.01);
        for (part, expected) in columns.iter().zip(parts) {
            printed(&format!("{name}: {part}"), of(&found, part), expected, 0.01);
        }
        // Precision changes no area.
        assert_eq!(found, area(&machine(&name.replace("4bit", "8bit"))));
    }
}

#[test]
fn area_of_the_baselines() {
    let columns = ["laser", "dac", "adc", "tia", "photonic-core", "adder", "memories", "micro-comb"];
    let bank = area(&machine("lt-mrr-4bit"));
    printed("bank", sum(bank.values()), "61.67", 0.01);
    for (part, expected) in columns.iter().zip(["0.84", "24.02", "0.48", "0.008", "0.34", "0.09", "26.08", "9.81"]) {
        printed(&format!("bank: {part}"), of(&bank, part), expected, 0.01);
    }
    let mesh = machine("lt-mzi-4bit");
    let printed_mesh = area(&mesh.with_legacy(Legacy::of(&["area_without_input_modulators"])));
    printed("mesh as printed", sum(printed_mesh.values()), "60.57", 0.01);
    for (part, expected) in [("laser", "0.48"), ("dac", "25.34"), ("adc", "0.27"), ("tia", "0.005"), ("adder", "0.05")]
    {
        printed(&format!("mesh: {part}"), of(&printed_mesh, part), expected, 0.01);
    }
    printed("mesh: memories", of(&printed_mesh, "memories"), "14.90", 0.01);
    // The column of the core holds the input modulators, which the printed total leaves out.
    let whole = area(&mesh);
    printed("mesh", sum(whole.values()), "61.07", 0.01);
    printed("mesh: core", of(&whole, "photonic-core") + of(&whole, "modulator"), "20.01", 0.01);
}

/// Light for one core of the baselines: 4.5 dB and 12 outputs; 1.2 + 25 x 0.99 dB and 12 outputs.
#[test]
fn lasers_of_the_baselines() {
    let rows = [("lt-mrr-4bit", 8.556), ("lt-mrr-8bit", 136.9), ("lt-mzi-4bit", 1194.7), ("lt-mzi-8bit", 19115.7)];
    for (name, milliwatts) in rows {
        let target = machine(name);
        let laser = target.photonic[0].laser.as_ref().expect("a laser");
        near(name, laser.core_power.0 * 1e3, milliwatts, 0.001);
    }
}
