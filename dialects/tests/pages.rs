//! The page of each dialect: it exists, is short, and its example is text that the scan lets through.

use prism_dialects::registry::{self, DIALECTS};
use prism_dialects::scan::check_text;

/// The fenced blocks of MLIR in a page.
fn examples(page: &str) -> Vec<&str> {
    page.split("```mlir\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_dialect_has_a_page_with_an_example() {
    for d in DIALECTS.iter() {
        assert!(d.page.starts_with(&format!("# `{}`", d.name)), "{}", d.name);
        assert!(d.page.lines().count() <= 70, "{} is long", d.name);
        let examples = examples(d.page);
        assert!(!examples.is_empty(), "{} has no example", d.name);
        for text in examples {
            assert_eq!(check_text(d.name, text).map_err(|e| e.to_string()), Ok(()));
            assert!(text.contains(&format!("\"{}.", d.name)), "{}: not about itself", d.name);
        }
    }
}

/// A name in quotes or backquotes that begins like one of ours is one of ours.
#[test]
fn pages_name_operations_that_exist() {
    // Named to say that they do not exist.
    let rejected = ["nn.dense", "nn.linear", "nn.batch_matmul"];
    for d in DIALECTS.iter() {
        for word in d.page.split(['"', '`']).filter(|w| !w.contains(char::is_whitespace) && !w.contains(['/', '!'])) {
            let Some((dialect, _)) = word.split_once('.') else { continue };
            let ours = DIALECTS.iter().find(|d| d.name == dialect);
            let a_type = ours.is_some_and(|d| d.types.iter().any(|t| word.ends_with(t.name)));
            if ours.is_some() && !a_type && !rejected.contains(&word) {
                assert!(registry::find(word).is_some(), "{}: `{word}`", d.name);
            }
        }
    }
}

/// Registry, tables and names agree.
#[test]
fn names_are_unique_and_belong_to_their_dialect() {
    let mut seen = std::collections::BTreeSet::new();
    for d in DIALECTS.iter() {
        for op in &d.ops {
            assert!(op.name.starts_with(&format!("{}.", d.name)), "{}", op.name);
            assert!(seen.insert(op.name), "{} twice", op.name);
            assert!(!op.summary().is_empty(), "{} says nothing", op.name);
            let mut names: Vec<&str> =
                op.attrs.iter().map(|a| a.name).chain(op.operands.iter().map(|s| s.name)).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|w| w[0] != w[1]), "{} has a name twice", op.name);
        }
    }
}
