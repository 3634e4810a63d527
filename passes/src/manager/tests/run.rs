use super::{PROGRAM, pipeline};
use crate::manager::observe::Observers;
use crate::manager::{Manager, Outcome, When, repro};
use prism_dialects::mlir::{PrintOptions, Session};
use prism_support::{Diagnostics, Result};
use std::path::Path;

fn run<'s>(session: &'s Session, text: &str, dir: &Path) -> Result<Outcome<'s>> {
    let ir = session.parse("program.mlir", PROGRAM)?;
    let repro_dir = Some(dir.join("prism-repro"));
    Manager::new(session, pipeline(text, Some(session))?, Observers::default()).repro_dir(repro_dir).run(ir)
}

/// The errors of a failing pass, and the reproducer that they name.
fn failure(text: &str) -> (Diagnostics, repro::Repro) {
    let dir = tempfile::tempdir().expect("folder");
    let session = Session::new().expect("session");
    let Err(errors) = run(&session, text, dir.path()) else { panic!("`{text}` does not fail") };
    let note = errors.0[0].notes.iter().find_map(|n| n.strip_prefix("to replay: prism repro ")).expect("a note");
    (errors.clone(), repro::load(Path::new(note)).expect("loads"))
}

#[test]
fn records_what_each_pass_did() {
    let session = Session::new().expect("session");
    let dir = tempfile::tempdir().expect("folder");
    let done = run(&session, "idle{count=4},cse,canonicalize,dce", dir.path()).expect("runs");
    let steps = &done.records.steps;
    assert_eq!(steps[0].counters, [("seen", 4)]);
    assert_eq!(steps[1].changed_counts(), [("nn.exp", 2, 1)]);
    assert_eq!((done.warnings.0.len(), steps.len()), (1, 4));
    let stats = done.records.stats_text();
    assert!(stats.contains("idle{count=4}\n") && stats.contains("merged") && stats.contains("3 -> 2"), "{stats}");
    assert!(stats.contains("way: \"fast\""), "{stats}");
    assert_eq!(done.records.stats_json()[1]["counters"]["merged"], 1);
    assert_eq!(done.records.timing_json()["passes"][2]["pass"], "canonicalize");
    assert!(done.records.timing_text().contains("read from MLIR"));
    let text = done.ir.text(PrintOptions { locations: true, elide: None });
    assert!(text.contains("layer.0.exp") && text.contains("layer.1.exp"), "{text}");
    assert!(!dir.path().join("prism-repro").exists());
}

#[test]
fn a_panic_is_a_diagnostic_with_a_reproducer() {
    let (errors, repro) = failure("cse,idle{label=\"a b\"},panics,dce");
    assert_eq!((errors.0[0].code.name, errors.0[0].headline.as_str()), ("E0604", "internal error in pass `panics`"));
    assert_eq!(errors.0[0].found.as_deref(), Some("the roof is on fire"));
    assert!(errors.0[0].notes.iter().any(|n| n.contains("bug")), "{errors}");
    // The program before the pass: after `cse`, before anything was cleared.
    assert_eq!(repro.pipeline, "panics,dce");
    assert_eq!((repro.ir.matches("nn.exp").count(), repro.ir.matches("nn.add").count()), (1, 1), "{}", repro.ir);
    assert!(repro.ir.contains("layer.1.exp"), "{}", repro.ir);
    assert_eq!((repro.seed, repro.version.as_str(), repro.target), (0, env!("CARGO_PKG_VERSION"), None));
    // It fails again.
    let session = Session::new().expect("session");
    let ir = session.parse("repro", &repro.ir).expect("parses");
    let passes = pipeline(&repro.pipeline, Some(&session)).expect("parses");
    assert!(Manager::new(&session, passes, Observers::default()).repro_dir(None).run(ir).is_err());
}

#[test]
fn an_error_of_a_pass_keeps_its_code() {
    let (errors, repro) = failure("refuses");
    assert_eq!(errors.0[0].code.name, "E0701");
    assert!(repro.ir.contains("@main"), "{}", repro.ir);
}

#[test]
fn a_pass_that_leaves_nonsense_is_named() {
    for (text, guilty) in [("dangles", "`dangles`"), ("mistypes,dce", "`mistypes`")] {
        let (errors, repro) = failure(text);
        assert!(errors.0[0].headline.contains(guilty) && errors.0.len() > 1, "{errors}");
        assert_eq!(repro.pipeline, text);
    }
    let (errors, _) = failure("raise,lower");
    assert_eq!((errors.0[0].code.name, errors.0[0].headline.as_str()), ("E0402", "`lower` left `nn.exp` behind"));
}

#[test]
fn what_only_mlir_refuses_is_traced_to_its_pass() {
    let (errors, repro) = failure("cse,renames,smuggles,dce,renames");
    assert!(errors.0[0].headline.contains("`smuggles` left"), "{errors}");
    assert!(repro.ir.contains("@main_again") && repro.pipeline == "smuggles,dce,renames", "{repro:?}");
}

#[test]
fn a_missing_target_is_found_before_anything_runs() {
    let dir = tempfile::tempdir().expect("folder");
    let session = Session::new().expect("session");
    let Err(errors) = run(&session, "panics,needy", dir.path()) else { panic!("runs without a target") };
    assert_eq!((errors.0.len(), errors.0[0].headline.as_str()), (1, "`needy` needs a target"));
    assert_eq!(errors.exit_code(), 2);
    assert!(!dir.path().join("prism-repro").exists(), "a usage error needs no reproducer");
}

#[test]
fn a_target_goes_into_the_reproducer() {
    let (name, toml) = prism_hardware::target::SHIPPED[0];
    let target = prism_hardware::Target::parse(name, toml).expect("reads");
    let dir = tempfile::tempdir().expect("folder");
    let session = Session::new().expect("session");
    let ir = session.parse("program.mlir", PROGRAM).expect("parses");
    let passes = pipeline("needy,panics", Some(&session)).expect("parses");
    let manager = Manager::new(&session, passes, Observers::default()).target(&target, toml).seed(9);
    let errors = manager.repro_dir(Some(dir.path().into())).run(ir);
    assert!(errors.is_err());
    let repro = repro::load(&dir.path().join("panics.mlir")).expect("loads");
    assert_eq!(repro.seed, 9);
    assert_eq!(std::fs::read_to_string(repro.target.expect("a target")).expect("reads"), toml);
}

#[test]
fn other_files_are_not_reproducers() {
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("x.mlir");
    for text in
        ["", "module {}\n", "// prism-repro: colour=red\n", "// prism-repro: seed=x\n// prism-repro: passes=a\n"]
    {
        std::fs::write(&path, text).expect("writes");
        assert_eq!(repro::load(&path).expect_err("not one").0[0].code.name, "E0101", "{text}");
    }
    assert_eq!(repro::load(&dir.path().join("none")).expect_err("absent").0[0].code.name, "E0102");
}

#[test]
fn the_failing_program_is_shown_on_failure() {
    let session = Session::new().expect("session");
    let mut shown = String::new();
    let observers = Observers {
        print_before: vec![When::Failure],
        print_after: vec![When::Failure],
        sink: Some(&mut shown),
        ..Observers::default()
    };
    let ir = session.parse("program.mlir", PROGRAM).expect("parses");
    let passes = pipeline("dangles", Some(&session)).expect("parses");
    assert!(Manager::new(&session, passes, observers).repro_dir(None).run(ir).is_err());
    assert!(shown.contains("IR before `dangles`, which failed") && shown.contains("not well formed"), "{shown}");
}

#[test]
fn passes_of_mlir_run_where_they_belong() {
    let session = Session::new().expect("session");
    // On anything, on functions only, nested by hand, by a name that Prism has too.
    for text in
        ["canonicalize", "convert-linalg-to-loops", "func.func(canonicalize,cse)", "builtin.module(cse)", "inline"]
    {
        let passes = pipeline(text, Some(&session)).unwrap_or_else(|e| panic!("{text}: {e}"));
        let ir = session.parse("program.mlir", PROGRAM).expect("parses");
        let done = Manager::new(&session, passes, Observers::default()).repro_dir(None).run(ir);
        assert!(done.is_ok(), "{text}");
    }
    let codes = |text| pipeline(text, Some(&session)).map(|_| ()).expect_err("unknown").0[0].code.name;
    assert_eq!(codes("canonicalise-all"), "E0104");
    assert_eq!(codes("canonicalize{no-such-option=1}"), "E0603");
    assert_eq!(codes("satruate(canonicalize)"), "E0601");
}

#[test]
fn foreign_programs_are_for_passes_of_mlir_alone() {
    let text = "func.func @f(%x: i32) -> i32 {\n  %y = arith.addi %x, %x : i32\n  %z = arith.muli %x, %x : i32\n  return %y : i32\n}\n";
    let session = Session::new().expect("session");
    let run = |passes: &str| {
        let ir = session.parse("foreign.mlir", text).expect("parses");
        let passes = pipeline(passes, Some(&session)).expect("parses");
        Manager::new(&session, passes, Observers::default()).repro_dir(None).run(ir)
    };
    let done = run("canonicalize").unwrap_or_else(|e| panic!("{e}"));
    assert!(done.plain.is_none() && !done.ir.text(PrintOptions::default()).contains("muli"));
    let errors = run("canonicalize,dce").map(|_| ()).expect_err("dce cannot read it");
    assert_eq!(errors.0[0].code.name, "E0401");
}
