//! What a test file says.

use crate::checks::{self, Check};
use crate::errors::{self, Case};

/// A test file.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// Command lines to run in order, as words; the first word is `prism`.
    pub commands: Vec<Vec<String>>,
    /// What the last one must give.
    pub expect: Expect,
}

/// What is expected.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Parts of the output.
    Checks(Vec<Check>),
    /// All of it.
    Output(String),
    /// Errors at places, in each case.
    Errors(Vec<Case>),
}

/// The line after which a whole output stands.
pub const OUTPUT: &str = "// OUTPUT:";

/// Reads a test file.
///
/// # Errors
/// No command, no expectation, or several kinds of expectation.
pub fn parse(text: &str) -> Result<TestFile, String> {
    let run = text.lines().filter_map(|l| l.trim_start().strip_prefix("// RUN:"));
    let commands = run.map(words).collect::<Result<Vec<_>, _>>()?;
    if commands.is_empty() {
        return Err("no `// RUN:` line".into());
    }
    if let Some(other) = commands.iter().find(|c| c.first().is_none_or(|w| w != "prism")) {
        return Err(format!("only `prism` can be run, not {other:?}"));
    }
    let checks = checks::parse(text)?;
    let expect = match (output(text), checks.is_empty(), errors::is_marked(text)) {
        (Some(output), true, false) => Expect::Output(output),
        (None, false, false) => Expect::Checks(checks),
        (None, true, true) => Expect::Errors(errors::cases(text)?),
        _ => return Err("expected one of: CHECK lines, an OUTPUT block, `error:` lines".into()),
    };
    Ok(TestFile { commands, expect })
}

/// Splits a command line at blanks outside of quotes.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => out.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(format!("a quote is open in `{}`", line.trim()));
    }
    out.extend(word);
    Ok(out)
}

fn output(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|l| *l != OUTPUT);
    lines.next()?;
    let plain = lines.map(|l| l.strip_prefix("//").map(|l| l.strip_prefix(' ').unwrap_or(l)).unwrap_or(l));
    Some(plain.flat_map(|l| [l, "\n"]).collect())
}

/// The file with another whole output.
pub fn with_output(text: &str, output: &str) -> String {
    let kept = text.lines().take_while(|l| *l != OUTPUT).flat_map(|l| [l, "\n"]);
    let mut out: String = kept.collect();
    out.push_str(OUTPUT);
    out.push('\n');
    for line in output.lines() {
        out.push_str(format!("// {line}").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Expect, parse, with_output, words};

    #[test]
    fn a_blessed_file_expects_what_it_was_blessed_with() {
        let text = "// RUN: prism opt %s\nfunc\n// OUTPUT:\n// old\n";
        let new = with_output(text, "a\n\n  b\n");
        match parse(&new).map(|f| f.expect) {
            Ok(Expect::Output(output)) => assert_eq!(output, "a\n\n  b\n"),
            other => panic!("{other:?}"),
        }
        assert!(new.starts_with("// RUN: prism opt %s\nfunc\n// OUTPUT:\n// a\n//\n"), "{new}");
    }

    #[test]
    fn files_that_expect_nothing_are_refused() {
        assert!(parse("// RUN: prism opt %s\nfunc\n").is_err());
        assert!(parse("// CHECK: a\n").is_err());
        assert!(parse("// RUN: rm %s\n// CHECK: a\n").is_err());
        assert!(parse("// RUN: prism 'a\n// CHECK: a\n").is_err());
        assert_eq!(
            words("prism opt -p 'a b' \"\" c'd'"),
            Ok(["prism", "opt", "-p", "a b", "", "cd"].map(String::from).into())
        );
    }
}
