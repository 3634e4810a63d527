//! Each file under `ir` is a test named by its path.

use crate::prism::{Ran, blessing, root, run};
use libtest_mimic::{Failed, Trial};
use prism_tests::errors::{Case, Found};
use prism_tests::file::{self, Expect, TestFile};
use prism_tests::{checks, diff, errors};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The test files, in order of path.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![root().join("tests/ir")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of tests") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "mlir") {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// The path from the root of the repository.
pub(crate) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// One test per file.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |path: PathBuf| {
        let name = relative(&path);
        let name = name.trim_start_matches("tests/").to_string();
        Trial::test(name.clone(), move || check(&path, &name).map_err(Failed::from))
    };
    files().into_iter().map(trial).collect()
}

fn check(path: &Path, name: &str) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let test = file::parse(&text)?;
    let bless = |new: String| fs::write(path, new).map_err(|e| e.to_string());
    match &test.expect {
        Expect::Output(expected) => match succeed(&test, &relative(path))? {
            found if found == *expected => Ok(()),
            found if blessing() => bless(file::with_output(&text, &found)),
            found => Err(mismatch(&diff::unified(expected, &found), name)),
        },
        // Written by hand: what matters in an output is not to be guessed from it.
        Expect::Checks(list) => checks::hold(list, &succeed(&test, &relative(path))?),
        Expect::Errors(cases) => {
            let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
            let found: Vec<Vec<Found>> =
                cases.iter().map(|c| errors_of(&test, c, folder.path())).collect::<Result<_, _>>()?;
            let wrong: Vec<String> = cases.iter().zip(&found).filter_map(|(c, f)| c.compare(f).err()).collect();
            if wrong.is_empty() {
                Ok(())
            } else if blessing() {
                let new: Vec<String> = cases.iter().zip(&found).map(|(c, f)| c.blessed(f)).collect();
                bless(errors::joined(&new))
            } else {
                Err(mismatch(&wrong.join("\n"), name))
            }
        }
    }
}

fn mismatch(shown: &str, name: &str) -> String {
    format!("\n{shown}\nif this is as it should be: {}", diff::bless_command(name))
}

/// Runs the commands of a file on `input`; the output of the last.
fn commands(test: &TestFile, input: &str, more: &[&str]) -> Result<Ran, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let scratch = folder.path().display().to_string();
    let mut last = None;
    for command in &test.commands {
        if let Some(Ran { code: code @ (None | Some(1..)), stderr, .. }) = last {
            return Err(format!("a command before the last one ended with {code:?}:\n{stderr}"));
        }
        let words = command.iter().skip(1).map(|w| w.replace("%s", input).replace("%t", &scratch));
        let words: Vec<String> = words.chain(more.iter().map(|w| w.to_string())).collect();
        last = Some(run(&words.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    last.ok_or_else(|| "no command".to_string())
}

fn succeed(test: &TestFile, input: &str) -> Result<String, String> {
    let ran = commands(test, input, &[])?;
    match ran.code {
        Some(0) => Ok(ran.stdout),
        code => Err(format!("exit code {code:?}:\n{}", ran.stderr)),
    }
}

fn errors_of(test: &TestFile, case: &Case, folder: &Path) -> Result<Vec<Found>, String> {
    let input = folder.join(format!("case-{}.mlir", case.line));
    fs::write(&input, &case.text).map_err(|e| e.to_string())?;
    let ran = commands(test, &input.display().to_string(), &["--format", "json"])?;
    if ran.code == Some(0) {
        return Ok(Vec::new());
    }
    let all: Value = serde_json::from_str(&ran.stderr)
        .map_err(|e| format!("case at line {}: exit code {:?}, {e}:\n{}", case.line, ran.code, ran.stderr))?;
    let all = all["diagnostics"].as_array().ok_or("no diagnostics")?;
    Ok(all.iter().map(|d| found(d, &input)).collect())
}

/// A diagnostic about `input`, whose path is left out.
fn found(diagnostic: &Value, input: &Path) -> Found {
    let path = input.display().to_string();
    let text = |name: &str| diagnostic[name].as_str().map(|t| t.replace(&path, "%s"));
    let parts = [text("headline"), text("found"), text("allowed")];
    let place = &diagnostic["place"];
    Found {
        code: text("code").unwrap_or_default(),
        message: parts.into_iter().flatten().collect::<Vec<_>>().join("; "),
        line: place["line"].as_u64().filter(|_| place["file"] == *path).and_then(|l| usize::try_from(l).ok()),
        op: place["op"].as_str().map(str::to_string),
    }
}
