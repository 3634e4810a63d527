//! Lists, folders, tests and pages name the same things.

use crate::prism::root;
use prism_dialects::registry::DIALECTS;
use prism_hardware::target::SHIPPED;
use prism_passes::egraph::rules::RULES;
use prism_passes::manager::Options;
use prism_passes::pipelines::{ON_REQUEST, STAGES};
use prism_passes::registry::{PASSES, find};
use prism_support::codes;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

crate::trials!("registry": passes, pipelines, dialects, operations_are_tested, targets, codes_are_used, file_sizes);

type Names = BTreeSet<String>;

fn set<T: ToString>(names: impl IntoIterator<Item = T>) -> Names {
    names.into_iter().map(|n| n.to_string()).collect()
}

/// Names of the folders in a folder that hold a file of that name (any, where it is empty).
fn folders(path: &str, holding: &str) -> Names {
    let entries = fs::read_dir(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let folders = entries.map(|e| e.expect("an entry").path()).filter(|p| p.is_dir() && p.join(holding).exists());
    folders.filter_map(|p| Some(p.file_name()?.to_string_lossy().into_owned())).collect()
}

/// Files of Rust below a folder.
fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, out);
        } else if name.ends_with(".rs") {
            out.push(path);
        }
    }
}

fn passes() {
    let names = set(PASSES.iter().map(|p| p.name.replace('-', "_")));
    assert_eq!(names.len(), PASSES.len(), "a name twice");
    assert_eq!(names, folders("tests/ir/passes", "basic.mlir"), "passes and folders with tests");
    assert_eq!(names, folders("tests/ir/passes", ""), "folders with tests but without `basic.mlir`");
    let mut files = Vec::new();
    sources(&root().join("passes/src"), &mut files);
    let with_page = files.iter().filter(|f| f.with_extension("md").exists());
    let stems = set(with_page.filter_map(|f| f.file_stem()).map(|s| s.to_string_lossy()));
    assert_eq!(names, stems, "passes and files with a page beside them");
    for pass in PASSES {
        let page = pass.page;
        assert!(
            page.contains("Before")
                && page.contains("After")
                && DIALECTS.iter().any(|d| page.contains(&format!("\"{}.", d.name))),
            "{}: no example",
            pass.name
        );
        assert!(page.contains("When:") && page.contains("Limits:"), "{}: when, or its limits", pass.name);
        assert!(pass.summary().len() <= 120, "{}: long summary", pass.name);
        for option in pass.options {
            assert!(Options::defaults(pass).get(pass, option.name).is_some(), "{}: {}", pass.name, option.name);
            assert!(!option.doc.is_empty(), "{}: {}", pass.name, option.name);
        }
    }
}

fn pipelines() {
    let always = STAGES.iter().flat_map(|s| s.passes.iter().copied());
    let used: Vec<&str> = always.chain(ON_REQUEST.iter().map(|p| p.pass)).collect();
    let unknown: Vec<&&str> = used.iter().filter(|p| find(p).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(set(used), set(PASSES.iter().map(|p| p.name)), "every pass is part of a compilation");
}

fn dialects() {
    let names = set(DIALECTS.iter().map(|d| d.name));
    assert_eq!(names, folders("dialects/src", "README.md"), "dialects and folders with a README");
    assert_eq!(names, folders("tests/ir/dialects", "roundtrip.mlir"), "dialects and round trips");
    assert_eq!(names, folders("tests/ir/dialects", "errors.mlir"), "dialects and negative tests");
    assert_eq!(names, folders("tests/ir/dialects", ""), "dialects and folders with tests");
}

fn operations_are_tested() {
    for dialect in DIALECTS.iter() {
        let path = root().join(format!("tests/ir/dialects/{}/roundtrip.mlir", dialect.name));
        let text = fs::read_to_string(path).expect("a test");
        let used = text.split('"').filter(|w| w.starts_with(&format!("{}.", dialect.name)) && !w.contains(' '));
        assert_eq!(set(used), set(dialect.ops.iter().map(|op| op.name)), "operations of `{}`", dialect.name);
        for attr in dialect.ops.iter().flat_map(|op| &op.attrs) {
            assert!(
                text.contains(&format!("{} = ", attr.name)),
                "no operation of `{}` has `{}`",
                dialect.name,
                attr.name
            );
        }
    }
}

fn targets() {
    let files = fs::read_dir(root().join("examples/targets")).expect("targets");
    let files = files.map(|f| f.expect("an entry").path()).filter(|p| p.extension().is_some_and(|e| e == "toml"));
    let stems = files.map(|f| f.file_stem().unwrap_or_default().to_string_lossy().into_owned());
    assert_eq!(stems.collect::<Names>(), set(SHIPPED.iter().map(|t| t.0)));
    let names = set(RULES.iter().map(|r| r.name));
    assert_eq!(names.len(), RULES.len(), "a rule twice");
}

/// A code that nothing gives would be a promise that nothing keeps.
fn codes_are_used() {
    let mut files = Vec::new();
    for folder in ["backends", "dialects", "driver", "passes"] {
        sources(&root().join(folder), &mut files);
    }
    let all: Vec<String> = files.iter().map(|f| fs::read_to_string(f).expect("a source")).collect();
    for code in codes::ALL {
        assert!(all.iter().any(|text| text.contains(code.name)), "nothing gives {}", code.name);
        assert!(!code.page.trim().is_empty() && !code.title.is_empty(), "{}", code.name);
    }
}

/// One idea per file.
fn file_sizes() {
    let mut files = Vec::new();
    for folder in ["backends", "dialects", "driver", "passes", "support", "tests"] {
        sources(&root().join(folder), &mut files);
    }
    let lines = |f: &PathBuf| fs::read_to_string(f).expect("a source").lines().count();
    let long: Vec<String> = files
        .iter()
        .map(|f| (f, lines(f)))
        .filter(|(_, n)| *n > 400)
        .map(|(f, n)| format!("{} {n}", f.display()))
        .collect();
    assert!(long.is_empty(), "{long:?}");
}
