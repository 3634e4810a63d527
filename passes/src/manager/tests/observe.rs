use super::{PROGRAM, pipeline};
use crate::manager::{Manager, Observers, When};
use prism_dialects::mlir::Session;

/// What a run shows.
fn shown(text: &str, observers: Observers<'static>) -> String {
    let session = Session::new().expect("session");
    let ir = session.parse("program.mlir", PROGRAM).expect("parses");
    let mut out = String::new();
    let observers = Observers { sink: Some(&mut out), ..observers };
    let passes = pipeline(text, Some(&session)).expect("parses");
    Manager::new(&session, passes, observers).repro_dir(None).run(ir).expect("runs");
    out
}

fn titles(text: &str) -> Vec<&str> {
    text.lines().filter_map(|l| l.strip_prefix("// ----- ")?.strip_suffix(" -----")).collect()
}

#[test]
fn prints_around_named_changing_and_all_passes() {
    let named = Observers { print_before: When::parse_list("cse, idle"), ..Observers::default() };
    assert_eq!(titles(&shown("cse,idle,dce", named)), ["IR before `cse`", "IR before `idle`"]);
    let changing = Observers { print_after: When::parse_list("change"), ..Observers::default() };
    assert_eq!(titles(&shown("idle,cse,dce", changing)), ["IR after `cse`"]);
    let changing = Observers { print_before: When::parse_list("change"), ..Observers::default() };
    assert_eq!(titles(&shown("idle,cse,dce", changing)), ["IR before `cse`"]);
    let all = Observers { print_after: When::parse_list("all"), ..Observers::default() };
    assert_eq!(titles(&shown("idle,cse", all)), ["IR after `idle`", "IR after `cse`"]);
}

#[test]
fn a_function_can_be_the_sink() {
    let session = Session::new().expect("session");
    let ir = session.parse("program.mlir", PROGRAM).expect("parses");
    let mut lines = 0;
    let mut sink = |text: &str| lines += text.lines().count();
    let observers = Observers { print_after: vec![When::All], sink: Some(&mut sink), ..Observers::default() };
    let passes = pipeline("cse", Some(&session)).expect("parses");
    Manager::new(&session, passes, observers).repro_dir(None).run(ir).expect("runs");
    assert!(lines > 5);
}

#[test]
fn a_name_that_does_not_run_is_refused() {
    let session = Session::new().expect("session");
    let ir = session.parse("program.mlir", PROGRAM).expect("parses");
    let observers = Observers { print_after: When::parse_list("cze"), ..Observers::default() };
    let passes = pipeline("cse", Some(&session)).expect("parses");
    let errors = Manager::new(&session, passes, observers).run(ir).map(|_| ()).expect_err("no such pass");
    assert_eq!((errors.0[0].code.name, errors.0[0].hint.as_deref()), ("E0104", Some("did you mean `cse`?")));
}

#[test]
fn a_diff_shows_changes_and_not_renumbering() {
    let diff = shown("idle,cse", Observers { diff: true, ..Observers::default() });
    assert_eq!(titles(&diff), ["nothing changed by `idle`", "changed by `cse`"]);
    let lines: Vec<&str> = diff.lines().filter(|l| l.starts_with(['+', '-'])).collect();
    // One operation went, and its user uses another; the rest is the same under other numbers.
    assert_eq!(lines.len(), 3, "{diff}");
    assert!(lines[0].contains("= \"nn.exp\"") && lines[1].contains("nn.add") && lines[2].contains("nn.add"), "{diff}");
    let coloured = shown("cse", Observers { diff: true, colour: true, ..Observers::default() });
    assert!(coloured.contains("\x1b[31m-") && coloured.contains("\x1b[32m+"));
}

#[test]
fn dumps_can_be_resumed() {
    let dir = tempfile::tempdir().expect("folder");
    let session = Session::new().expect("session");
    let run = |text: &str, ir, dump_dir| {
        let passes = pipeline(text, Some(&session)).expect("parses");
        let observers = Observers { dump_dir, ..Observers::default() };
        Manager::new(&session, passes, observers).repro_dir(None).run(ir).expect("runs").ir.text(Default::default())
    };
    let ir = session.parse("program.mlir", PROGRAM).expect("parses");
    let whole = run("idle{count=2},cse,func.func(canonicalize),dce", ir, Some(dir.path().into()));
    let listed = std::fs::read_to_string(dir.path().join("pipeline.txt")).expect("reads");
    let files: Vec<(&str, &str)> = listed.lines().filter_map(|l| l.split_once('\t')).collect();
    let names = ["00.import.mlir", "01.idle.mlir", "02.cse.mlir", "03.func.func_canonicalize.mlir", "04.dce.mlir"];
    assert_eq!(files.iter().map(|f| f.0).collect::<Vec<_>>(), names);
    assert_eq!(files[1].1, "cse,func.func(canonicalize),dce");
    for (name, rest) in files {
        let text = std::fs::read_to_string(dir.path().join(name)).expect("reads");
        assert!(text.contains("layer.0.exp"), "a dump keeps names: {text}");
        assert_eq!(run(rest, session.parse(name, &text).expect("parses"), None), whole);
    }
}
