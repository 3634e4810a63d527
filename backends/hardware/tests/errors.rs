//! What a target file may get wrong, and what is said about it.

use prism_hardware::Target;
use prism_hardware::target::SHIPPED;
use prism_support::Diagnostic;
use prism_support::render::json;

/// LightCode's file with some texts replaced; each must occur.
fn changed(replacements: &[(&str, &str)]) -> String {
    let mut text = SHIPPED[0].1.to_string();
    for (from, to) in replacements {
        assert!(text.contains(from), "`{from}` is not in the file");
        text = text.replacen(from, to, 1);
    }
    text
}

fn problems(text: &str) -> Vec<Diagnostic> {
    Target::parse("machine.toml", text).expect_err("a refusal").0
}

/// Code, line and headline of every problem.
fn summary(text: &str) -> Vec<String> {
    let line = |d: &Diagnostic| json(d)["place"]["line"].to_string();
    problems(text).iter().map(|d| format!("{} line {}: {}", d.code.name, line(d), d.headline)).collect()
}

fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|l| l.contains(part)).expect("part of the text") + 1
}

#[test]
fn a_bare_number_is_marked_and_the_unit_shown() {
    let text = changed(&[("clock = \"9.7 GHz\"", "clock = 9.7")]);
    let found = problems(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code.name, "E0502");
    assert_eq!(found[0].headline, "`clock` of photonic `phu` needs a unit");
    assert_eq!(found[0].found.as_deref(), Some("a bare number"));
    assert_eq!(found[0].allowed.as_deref(), Some("a frequency such as \"9.7 GHz\""));
    assert_eq!(json(&found[0])["place"]["line"], line_of(&text, "clock = 9.7"));
    assert_eq!(json(&found[0])["place"]["column"], 9);
}

#[test]
fn a_unit_of_another_dimension_is_named() {
    let found = problems(&changed(&[("mac = \"0.04 pJ/MAC\"", "mac = \"0.04 pJ\"")]));
    assert_eq!(found[0].headline, "`mac` of photonic `phu` is not an energy per multiply-accumulate");
    assert_eq!(found[0].found.as_deref(), Some("an energy (`pJ`)"));
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_file() {
    let text = changed(&[
        ("results = \"hbm\"", "results = \"dram\""),
        ("name = \"hbm\"\nread = \"40 pJ/number\"", "name = \"hbm\""),
        ("latency = \"10 ns\"", "latency = \"-10 ns\""),
        ("source = \"LightCode, arXiv 2509.16443: reference CPU\"", ""),
        ("ops = [\"softmax\"]", "ops = [\"softmax\", \"softmax\"]"),
        ("traffic = \"selected\"", "traffic = \"selectd\""),
        ("rows = 20", "rowz = 20"),
        ("count = \"1\"\non = [\"read\"]", "count = \"1 +\"\non = [\"raed\"]"),
        ("source = \"LightCode, arXiv 2509.16443, memory constants: SRAM access 12 pJ\"", ""),
    ]);
    let at = |part: &str| line_of(&text, part);
    let table = |name: &str, header: &str| {
        let lines: Vec<_> = text.lines().collect();
        let name = lines.iter().rposition(|l| *l == format!("name = \"{name}\"")).expect("a name");
        lines[..name].iter().rposition(|l| *l == header).expect("a header") + 1
    };
    let expected = [
        format!("E0505 line {}: results cannot be stored in `dram`", at("results = \"dram\"")),
        format!("E0504 line {}: memory `hbm` lacks `read`", table("hbm", "[[memory]]")),
        format!("E0504 line {}: memory `sram` lacks `source`", table("sram", "[[memory]]")),
        format!("E0505 line {}: `latency` of link `sram->hbm` is out of range", at("-10 ns")),
        format!("E0504 line {}: electronic `cpu` lacks `source`", table("cpu", "[[electronic]]")),
        format!(
            "E0505 line {}: `softmax` stands twice in `ops` of kernel `softmax` of electronic `cpu`",
            at("\"softmax\", \"softmax\"")
        ),
        format!(
            "E0505 line {}: `traffic` of kernel `select` of electronic `cpu` cannot be `selectd`",
            at("\"selectd\"")
        ),
        format!("E0504 line {}: photonic `phu` lacks `rows`", table("phu", "[[photonic]]")),
        format!("E0503 line {}: photonic `phu` has no field `rowz`", at("rowz")),
        format!("E0505 line {}: `count` of part `adc` of photonic `phu` is not a formula for a count", at("\"1 +\"")),
        format!("E0505 line {}: `on` of part `adc` of photonic `phu` cannot hold `raed`", at("raed")),
    ];
    assert_eq!(summary(&text), expected);
    let hints: Vec<_> = problems(&text).into_iter().filter_map(|d| d.hint).collect();
    assert!(hints.contains(&"did you mean `rows`?".to_string()), "{hints:?}");
    assert!(hints.contains(&"did you mean `selected`?".to_string()), "{hints:?}");
}

#[test]
fn a_misspelt_link_is_not_reported_as_a_missing_one_too() {
    let text = changed(&[("from = \"dram\"", "from = \"draam\"")]);
    assert_eq!(
        summary(&text),
        [format!("E0505 line {}: there is no memory or unit called `draam`", line_of(&text, "draam"))]
    );
}

#[test]
fn links_must_lead_where_tensors_move() {
    let text = changed(&[("from = \"hbm\"\nto = \"sram\"", "from = \"dram\"\nto = \"sram\"")]);
    let found = summary(&text).join("\n");
    assert!(found.contains("parameters cannot be loaded from `dram`"), "{found}");
    let text = changed(&[("from = \"sram\"\nto = \"phu\"", "from = \"hbm\"\nto = \"phu\"")]);
    let found = summary(&text).join("\n");
    assert!(found.contains("unit `phu` has no link `sram->phu`"), "{found}");
    assert!(found.contains("nothing ever moves over link `hbm->phu`"), "{found}");
    let text = changed(&[("from = \"sram\"\nto = \"hbm\"", "from = \"hbm\"\nto = \"sram\"")]);
    assert!(summary(&text).join("\n").contains("the name `hbm->sram` is taken by another link"));
}

#[test]
fn names_are_unique_and_not_those_of_components() {
    let found = summary(&changed(&[("name = \"phu\"", "name = \"cpu\"")])).join("\n");
    assert!(found.contains("the name `cpu` is taken by another memory or unit"), "{found}");
    let text = changed(&[]).replace("\"hbm\"", "\"light\"");
    assert!(summary(&text).join("\n").contains("a memory cannot be called `light`"));
    // A memory books what it moves under its name; the converters of that name spend for something else.
    let text = changed(&[]).replace("\"hbm\"", "\"adc\"");
    assert_eq!(summary(&text).len(), 1);
    assert!(summary(&text)[0].contains("energy component `adc` has two causes"));
    let text = changed(&[("name = \"tanh\"", "name = \"softmax\"")]);
    assert!(summary(&text)[0].contains("the name `softmax` is taken by another kernel of this unit"));
}

#[test]
fn a_quantity_may_state_its_own_source() {
    let own = "clock = { value = \"9.7 GHz\", source = \"data sheet\" }";
    let text = changed(&[("clock = \"9.7 GHz\"", own)]);
    let target = Target::parse("machine.toml", &text).expect("accepted");
    let clock = target.stated().iter().find(|s| s.path == "photonic.clock").expect("stated");
    assert_eq!((clock.value.as_str(), clock.source.as_str()), ("9.7 GHz", "data sheet"));
    let text = changed(&[("clock = \"9.7 GHz\"", "clock = { valu = \"9.7 GHz\" }")]);
    let found = summary(&text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|f| f.contains("`clock` of photonic `phu` has no field `valu`")), "{found:?}");
}

#[test]
fn other_schemas_other_texts_and_fractions_are_refused() {
    for schema in [0, 1, 3] {
        let text = format!("schema = {schema}");
        assert_eq!(summary(&text), [format!("E0505 line 1: schema {schema} is not one that this Prism reads")]);
    }
    assert!(problems("schema = 3")[0].hint.is_some());
    assert_eq!(summary(""), ["E0504 line 1: the target lacks `schema`"]);
    assert_eq!(problems("a = [[[[").len(), 1);
    assert_eq!(problems("clock = \n")[0].code.name, "E0501");
    assert_eq!(problems(&" ".repeat(1 << 19))[0].code.name, "E0501");
    let text = changed(&[("number = \"32 bit\"", "number = \"8.5 bit\"")]);
    assert_eq!(
        summary(&text),
        [format!("E0505 line {}: `number` of `precision` must be a whole number of bits", line_of(&text, "8.5 bit"))]
    );
}

#[test]
fn a_file_that_is_absent_or_not_text_is_an_error() {
    let found = Target::open(std::path::Path::new("no/such/machine.toml")).expect_err("absent");
    assert_eq!(found.0[0].code.name, "E0102");
    let path = std::env::temp_dir().join(format!("prism-hardware-{}.toml", std::process::id()));
    std::fs::write(&path, b"schema = \xff").expect("a temporary file");
    let found = Target::open(&path).expect_err("not text");
    std::fs::remove_file(&path).expect("the temporary file");
    assert_eq!(found.0[0].code.name, "E0501");
}

#[test]
fn misspelt_operations_are_found_once_the_dialects_are_known() {
    let text = changed(&[("ops = [\"softmax\"]", "ops = [\"sotfmax\"]")]);
    let target = Target::parse("machine.toml", &text).expect("names are not known here");
    let whole = Target::shipped("lightcode").expect("shipped").expect("valid");
    let found = target.check_ops(&whole.ops()).expect_err("a misspelt operation").0;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `softmax`?"));
    assert_eq!(json(&found[0])["place"]["line"], line_of(&text, "sotfmax"));
    assert_eq!(whole.check_ops(&whole.ops()), Ok(()));
}

#[test]
fn deep_nesting_and_floods_of_problems_end_quickly() {
    for text in ["[".repeat(200_000), "a.".repeat(100_000), format!("x = {}", "{a=".repeat(60_000))] {
        assert_eq!(problems(&text)[0].code.name, "E0501");
    }
    let flood = format!("schema = 2\n{}", (0..10_000).map(|i| format!("x{i} = 1\n")).collect::<String>());
    assert!(problems(&flood).len() <= 100);
}

#[test]
fn the_machine_in_the_readme_is_valid() {
    let readme = include_str!("../README.md");
    let toml = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an excerpt");
    if let Err(problems) = Target::parse("README.md", toml) {
        panic!("{}", prism_support::render::text_all(&problems, false));
    }
}
