//! Programs and machines that were edited between two commands: refused in the user's terms, never believed.

use crate::prism::{root, run_in};
use std::fs;
use std::path::Path;

crate::trials!("edited": figures_of_the_machine, what_a_plan_says, units_and_passes, flags_that_come_too_late, devices_without_an_end);

const PROGRAM: &str = r#"func.func @main(%x: tensor<197x192xf32>) -> tensor<197x576xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<192x576xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<197x192xf32>, tensor<192x576xf32>) -> tensor<197x576xf32>
  return %y : tensor<197x576xf32>
}
"#;

/// A folder with the program at a stage, on LT-B.
fn folder(stage: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("nn.mlir"), PROGRAM).expect("written");
    let ran = run_in(folder.path(), &["compile", "nn.mlir", "-t", "lt-b-4bit", "--to", stage]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    fs::write(folder.path().join("at.mlir"), ran.stdout).expect("written");
    folder
}

/// What `compile` of the edited program says, which must be a refusal.
#[track_caller]
fn refused(folder: &Path, edit: (&str, &str), more: &[&str]) -> String {
    let text = fs::read_to_string(folder.join("at.mlir")).expect("a program");
    assert!(text.contains(edit.0), "`{}` is not in\n{text}", edit.0);
    fs::write(folder.join("edited.mlir"), text.replace(edit.0, edit.1)).expect("written");
    let target = if more.contains(&"-t") { &[][..] } else { &["-t", "lt-b-4bit"] };
    let ran = run_in(folder, &[&["compile", "edited.mlir"], target, more].concat());
    assert_eq!(ran.code, Some(if ran.stderr.contains("E0101") { 2 } else { 1 }), "{edit:?}: {}", ran.stderr);
    assert!(!folder.join("prism-out").exists(), "{edit:?}: a partial output");
    ran.stderr
}

fn figures_of_the_machine() {
    let toml = fs::read_to_string(root().join("examples/targets/lt-b-4bit.toml")).expect("a machine");
    for stage in ["stack", "assigned", "plan"] {
        let folder = folder(stage);
        let other = toml.replace("power = \"50 mW\"", "power = \"51 mW\"");
        assert_ne!(other, toml);
        fs::write(folder.path().join("other.toml"), other).expect("written");
        let said = refused(folder.path(), ("module", "module"), &["-t", "other.toml"]);
        assert!(said.contains("E0703") && said.contains("other figures"), "{stage}: {said}");
        // A comment is no figure.
        fs::write(folder.path().join("same.toml"), format!("# ours\n{toml}")).expect("written");
        let ran = run_in(folder.path(), &["compile", "at.mlir", "-t", "same.toml"]);
        assert_eq!(ran.code, Some(0), "{stage}: {}", ran.stderr);
    }
}

fn what_a_plan_says() {
    for (from, to, about) in [
        ("bound_s = ", "bound_s = -", "`plan.schedule.bound_s`"),
        ("peak_bytes = ", "peak_bytes = 9999", "`plan.memory`"),
        ("capacity_bytes = 2097152", "capacity_bytes = 5", "`plan.memory`"),
        ("utilisation = ", "utilisation = 7", "utilisation"),
        ("cycles = 1632 ", "cycles = -1632 ", "cycles"),
        ("proven = true", "proven = true, bound = 1.0e9 : f64", "bound"),
    ] {
        let said = refused(folder("plan").path(), (from, to), &[]);
        assert!(said.contains(about) && !said.contains("panicked"), "{from} to {to}: {said}");
    }
}

fn units_and_passes() {
    for stage in ["stack", "assigned"] {
        let folder = folder(stage);
        let said = refused(folder.path(), ("unit = \"ptc\"", "unit = \"nope\""), &[]);
        assert!(said.contains("nope") || said.contains("not priced"), "{stage}: {said}");
        for passes in ["0", "-1"] {
            let said = refused(folder.path(), ("passes = 1 ", &format!("passes = {passes} ")), &[]);
            assert!(said.contains("E0401") && said.contains("at least 1"), "{stage}: {said}");
        }
    }
}

fn flags_that_come_too_late() {
    let folder = folder("assigned");
    let flags = ["--min-bits", "8", "--on-chip", "all", "--objective", "latency"];
    let said = refused(folder.path(), ("module", "module"), &flags);
    for flag in ["--min-bits", "--on-chip", "--objective"] {
        assert!(said.contains(flag), "{said}");
    }
}

fn devices_without_an_end() {
    let folder = tempfile::tempdir().expect("a folder");
    for words in [&["cost", "-t", "/dev/zero", "--gemm", "1x1x1"][..], &["repro", "/dev/zero"]] {
        let ran = run_in(folder.path(), words);
        assert!(ran.code.is_some_and(|c| c > 0) && ran.stderr.contains("E0102"), "{words:?}: {}", ran.stderr);
    }
}
