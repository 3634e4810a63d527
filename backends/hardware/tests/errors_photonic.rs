//! What the tables of a photonic unit may get wrong, and what is said about it.

use prism_hardware::Target;
use prism_hardware::target::SHIPPED;
use prism_support::Diagnostic;
use prism_support::render::json;

/// The text of a shipped machine with some texts replaced, the first occurrence of each; each must occur.
fn changed(name: &str, replacements: &[(&str, &str)]) -> String {
    let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
    let mut text = shipped.expect("a shipped target").1.to_string();
    for (from, to) in replacements {
        assert!(text.contains(from), "`{from}` is not in the file");
        text = text.replacen(from, to, 1);
    }
    text
}

fn crossbar(replacements: &[(&str, &str)]) -> String {
    changed("lt-b-4bit", replacements)
}

fn problems(text: &str) -> Vec<Diagnostic> {
    Target::parse("machine.toml", text).expect_err("a refusal").0
}

/// The only problem of a text.
fn only(text: &str) -> Diagnostic {
    let found = problems(text);
    assert_eq!(found.len(), 1, "{:?}", found.iter().map(|d| &d.headline).collect::<Vec<_>>());
    found.into_iter().next().expect("one problem")
}

fn line(d: &Diagnostic) -> usize {
    json(d)["place"]["line"].to_string().parse().expect("a line")
}

fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|l| l.contains(part)).expect("part of the text") + 1
}

/// Where the table begins that holds `name = "..."`.
fn table_of(text: &str, name: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    let at = lines.iter().position(|l| *l == format!("name = \"{name}\"")).expect("a name");
    lines[..at].iter().rposition(|l| l.starts_with("[[")).expect("a header") + 1
}

#[test]
fn an_unknown_event_is_refused_and_the_nearest_offered() {
    let text = crossbar(&[("on = [\"detect\"]", "on = [\"detects\"]")]);
    let found = only(&text);
    assert_eq!(found.code.name, "E0505");
    assert_eq!(found.headline, "`on` of part `detector` of photonic `ptc` cannot hold `detects`");
    assert_eq!(found.hint.as_deref(), Some("did you mean `detect`?"));
    assert!(found.allowed.expect("allowed").contains("\"core-cycle\""));
    assert_eq!(line(&problems(&text)[0]), line_of(&text, "detects"));
    let twice = only(&crossbar(&[("on = [\"detect\"]", "on = [\"detect\", \"detect\"]")]));
    assert_eq!(twice.headline, "`on` of part `detector` of photonic `ptc` cannot hold `detect`");
    let text = only(&crossbar(&[("on = [\"detect\"]", "on = \"detect\"")]));
    assert_eq!(text.found.as_deref(), Some("a text"));
}

#[test]
fn a_bad_formula_says_what_is_wrong_with_it() {
    let with = |formula: &str| {
        let text = crossbar(&[("count = \"rows * columns * tiles * cores\"", &format!("count = \"{formula}\""))]);
        let found = only(&text);
        assert_eq!(found.code.name, "E0505", "{formula}");
        assert_eq!(found.headline, "`count` of part `detector` of photonic `ptc` is not a formula for a count");
        assert_eq!(line(&found), table_of(&text, "detector") + 2, "{formula}");
        assert!(found.allowed.as_deref().is_some_and(|a| a.contains("wavelengths") && a.contains("log2()")));
        found.found.expect("what was found")
    };
    assert_eq!(with("rows * lanes"), "`lanes`, which is not a size of this unit");
    assert_eq!(with("rows *"), "the end where `a number or a name` belongs");
    assert_eq!(with("sin(rows)"), "`sin`, which is no function; there are ceil, log2, sqrt, max and min");
    assert_eq!(with("rows) + 1"), "`) + 1` behind the end of the formula");
    assert_eq!(with("1 - rows"), "a formula of value -11; allowed are 0 to 1e15");
    assert_eq!(with("rows / 0"), "a formula of value inf; allowed are 0 to 1e15");
    assert!(with(&"(".repeat(40)).contains("nested"));
    assert!(with(&"1 + ".repeat(80)).contains("bytes"));
    let text = crossbar(&[("fan_out = \"rows * columns\"", "fan_out = \"rows * cols\"")]);
    assert_eq!(only(&text).headline, "`fan_out` of `laser` of photonic `ptc` is not a formula for a count");
}

#[test]
fn a_law_states_where_its_figures_hold() {
    let found = only(&crossbar(&[("law_bits = \"8 bit\"\n", "")]));
    assert_eq!(found.code.name, "E0504");
    assert_eq!(found.headline, "part `dac` of photonic `ptc` lacks `law_bits`");
    assert!(!found.notes.is_empty());
    let found = only(&crossbar(&[("law_rate = \"10 GHz\"\n", "")]));
    assert_eq!(found.headline, "part `adc` of photonic `ptc` lacks `law_rate`");
    let found = only(&crossbar(&[("law = \"sar\"", "law = \"sarr\"")]));
    assert_eq!(found.hint.as_deref(), Some("did you mean `sar`?"));
    // Figures of merit hold at any bits and clock.
    let fom = [(
        "power = \"50 mW\"\nlaw = \"lt\"\nlaw_bits = \"8 bit\"\nlaw_rate = \"14 GHz\"",
        "energy = \"34 fJ\"\nlaw = \"fom\"",
    )];
    let target = Target::parse("machine.toml", &crossbar(&fom)).expect("accepted");
    let dac = target.photonic[0].parts.iter().find(|p| &*p.name == "dac").expect("a part");
    assert!((dac.energy.0 - 2.0 * 34e-15 * 4.0).abs() < 1e-24, "{:?}", dac.energy);
}

#[test]
fn a_level_has_one_storage() {
    let found = only(&crossbar(&[("level = \"network\"", "level = \"register\"")]));
    assert_eq!(found.code.name, "E0505");
    assert_eq!(found.headline, "photonic `ptc` has two storages of level `register`");
}

#[test]
fn a_component_is_spent_for_one_thing() {
    let found = only(&crossbar(&[("name = \"adder\"", "name = \"adder\"\ncomponent = \"adc\"")]));
    assert_eq!(found.code.name, "E0505");
    assert_eq!(found.headline, "energy component `adc` has two causes");
    assert_eq!(found.found.as_deref(), Some("`convert` and `compute`"));
    assert!(found.hint.is_some());
    let found = only(&crossbar(&[("name = \"detector\"", "name = \"detector\"\ncomponent = \"laser\"")]));
    assert_eq!(found.headline, "energy component `laser` has two causes");
}

#[test]
fn detection_needs_what_it_is_computed_from() {
    let found = only(&crossbar(&[("sensitivity = \"-25 dBm\"\n", "")]));
    assert_eq!(found.code.name, "E0504");
    assert_eq!(found.headline, "`laser` of photonic `ptc` lacks `sensitivity`");
    let found = problems(&crossbar(&[("detection = \"sensitivity\"", "detection = \"noise\"")]));
    let headlines: Vec<_> = found.iter().map(|d| d.headline.as_str()).collect();
    assert_eq!(headlines, ["`laser` of photonic `ptc` lacks `noise_current`", "`laser` of photonic `ptc` lacks `snr`"]);
    // UBC, equation 3: 2 * 7 * 2 uA / 1 A/W = 28 uW.
    let noise = "detection = \"noise\"\nconvention = \"full-scale\"\nnoise_current = \"2 uA\"\nsnr = 7";
    let physical = [("detection = \"sensitivity\"\nsensitivity = \"-25 dBm\"\nconvention = \"per-level\"", noise)];
    let target = Target::parse("machine.toml", &crossbar(&physical)).expect("accepted");
    let unit = &target.photonic[0];
    let detected = unit.laser.as_ref().expect("a laser").detected(unit.clock);
    assert!((detected.0 - 28e-6).abs() < 1e-12, "{detected:?}");
}

#[test]
fn electricity_is_not_light_and_shares_stay_within_one() {
    let found = only(&crossbar(&[("sensitivity = \"-25 dBm\"", "sensitivity = \"-25 dB\"")]));
    assert_eq!((found.code.name, found.found.as_deref()), ("E0502", Some("a ratio (`dB`)")));
    let found = only(&crossbar(&[("power = \"1.1 mW\"", "power = \"-3 dBm\"")]));
    assert_eq!(found.code.name, "E0502");
    let found = only(&crossbar(&[("wall_plug = \"20 %\"", "wall_plug = \"0 %\"")]));
    assert_eq!(found.headline, "`wall_plug` of `laser` of photonic `ptc` is out of range");
    let found = only(&crossbar(&[("residual = \"0 %\"", "residual = \"120 %\"")]));
    assert_eq!(found.headline, "`residual` of `gating` of part `dac` of photonic `ptc` is out of range");
    for (from, to) in [("tiles = 4", "tiles = 0"), ("accumulate = 3", "accumulate = 0"), ("inner = 12", "inner = 1.5")]
    {
        assert_eq!(only(&crossbar(&[(from, to)])).code.name, "E0505", "{to}");
    }
}

#[test]
fn a_machine_has_a_unit() {
    let text = changed("cpu-only", &[]);
    // Of tables in double brackets those of memories and their links stay.
    let head = text.split("[[electronic").next().expect("a head");
    let unit_link = |table: &&str| !(table.starts_with("[[link") && table.contains("\"cpu\""));
    let tables = head.split_inclusive("\n\n").filter(unit_link).collect::<String>();
    let found = only(&tables);
    assert_eq!((found.code.name, found.headline.as_str()), ("E0504", "the target has no unit"));
    assert!(found.allowed.is_some());
}

#[test]
fn all_problems_of_a_unit_are_reported_at_once_in_the_order_of_the_file() {
    let text = crossbar(&[
        ("class = \"crossbar\"", "class = \"crosbar\""),
        ("accumulate = 3", "accumulate = 0"),
        ("law_bits = \"8 bit\"\n", ""),
        ("on = [\"detect\"]", "on = [\"detects\"]"),
        ("count = \"rows * columns * tiles\"", "count = \"rows * lanes\""),
        ("sensitivity = \"-25 dBm\"\n", ""),
        ("element = \"coupler\"\nloss = \"0.33 dB\"", "element = \"coupler\"\nloss = \"0.33\""),
        ("level = \"network\"", "level = \"networks\""),
        ("capacity = \"4 KiB\"", "capacity = \"4 KiB/s\""),
    ]);
    let found: Vec<_> =
        problems(&text).iter().map(|d| format!("{} {}: {}", d.code.name, line(d), d.headline)).collect();
    let at = |part: &str| line_of(&text, part);
    let expected = [
        format!("E0505 {}: `class` of photonic `ptc` cannot be `crosbar`", at("crosbar")),
        format!("E0505 {}: `accumulate` of photonic `ptc` is out of range", at("accumulate = 0")),
        format!("E0504 {}: part `dac` of photonic `ptc` lacks `law_bits`", table_of(&text, "dac")),
        format!("E0505 {}: `on` of part `detector` of photonic `ptc` cannot hold `detects`", at("detects")),
        format!("E0505 {}: `count` of part `tia` of photonic `ptc` is not a formula for a count", at("rows * lanes")),
        format!("E0504 {}: `laser` of photonic `ptc` lacks `sensitivity`", at("[photonic.laser]")),
        format!("E0502 {}: `loss` of loss number 5 of photonic `ptc` needs a unit", at("loss = \"0.33\"")),
        format!("E0505 {}: `level` of storage number 2 of photonic `ptc` cannot be `networks`", at("networks")),
        format!("E0502 {}: `capacity` of storage number 3 of photonic `ptc` is not an amount of data", at("KiB/s")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn results_are_handed_over_by_units_that_convert_once() {
    let handed = only(&changed("edge-demo", &[("conversions = \"once\"", "conversions = \"per-use\"")]));
    assert_eq!(handed.code.name, "E0505");
    assert!(handed.headline.contains("part `relay`"), "{}", handed.headline);
    assert_eq!(handed.allowed.as_deref(), Some("conversions = \"once\""));
}
