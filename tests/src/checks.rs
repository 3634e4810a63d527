//! `CHECK` lines: a small part of LLVM's FileCheck.
//!
//! - `CHECK: text` is somewhere on a later line than the match before.
//! - `CHECK-NEXT: text` is on the very next line.
//! - `CHECK-SAME: text` is on the same line, after the match before.
//! - `CHECK-NOT: text` is nowhere between the match before and the next one.
//!
//! `{{.*}}` stands for anything within a line; runs of blanks count as one.

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On a later line.
    Plain,
    /// On the next line.
    Next,
    /// On the same line.
    Same,
    /// Nowhere before the next match.
    Not,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it asks for.
    pub kind: Kind,
    /// The text, blanks squeezed.
    pub text: String,
    /// Line of the test file, from 1.
    pub line: usize,
}

const ANYTHING: &str = "{{.*}}";

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The checks of a file, in order.
///
/// # Errors
/// A line that begins like a check and is none.
pub fn parse(text: &str) -> Result<Vec<Check>, String> {
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix("// CHECK") else { continue };
        let (word, wanted) = rest.split_once(':').unwrap_or((rest, ""));
        let kind = match word {
            "" => Kind::Plain,
            "-NEXT" => Kind::Next,
            "-SAME" => Kind::Same,
            "-NOT" => Kind::Not,
            _ => return Err(format!("line {}: `CHECK{word}` is none of CHECK, -NEXT, -SAME, -NOT", index + 1)),
        };
        let text = squeezed(wanted);
        if text.is_empty() {
            return Err(format!("line {}: CHECK{word} asks for nothing", index + 1));
        }
        out.push(Check { kind, text, line: index + 1 });
    }
    match out.first() {
        Some(c) if matches!(c.kind, Kind::Next | Kind::Same) => {
            Err(format!("line {}: nothing was matched before", c.line))
        }
        _ => Ok(out),
    }
}

/// Byte range of the first match of `pattern` in `line`.
fn find(line: &str, pattern: &str) -> Option<std::ops::Range<usize>> {
    let mut pieces = pattern.split(ANYTHING).map(str::trim);
    let first = pieces.next()?;
    let start = line.find(first)?;
    let mut end = start + first.len();
    for piece in pieces {
        end += line.get(end..)?.find(piece)? + piece.len();
    }
    Some(start..end)
}

/// Whether `output` is as the checks say.
///
/// # Errors
/// The first check that does not hold, with the lines around.
pub fn hold(checks: &[Check], output: &str) -> Result<(), String> {
    let lines: Vec<String> = output.lines().map(squeezed).collect();
    let line = |i: usize| lines.get(i).map_or("", String::as_str);
    let fail = |c: &Check, why: &str, near: usize| {
        let from = near.saturating_sub(2);
        let around: Vec<&str> = (from..(near + 6).min(lines.len())).map(line).collect();
        Err(format!("line {}: `{}` {why}; output from line {}:\n{}", c.line, c.text, from + 1, around.join("\n")))
    };
    // The next line to look at; the last match.
    let (mut next, mut last): (usize, Option<(usize, usize)>) = (0, None);
    let mut forbidden: Vec<&Check> = Vec::new();
    for check in checks {
        let found = match check.kind {
            Kind::Not => {
                forbidden.push(check);
                continue;
            }
            Kind::Plain => (next..lines.len()).find_map(|i| Some((i, find(line(i), &check.text)?.end))),
            Kind::Next => find(line(next), &check.text).map(|r| (next, r.end)),
            Kind::Same => last
                .and_then(|(i, from)| find(line(i).get(from..).unwrap_or(""), &check.text).map(|r| (i, from + r.end))),
        };
        let Some(found) = found else { return fail(check, "is not there", next) };
        for not in forbidden.drain(..) {
            if let Some(i) = (next..found.0).find(|i| find(line(*i), &not.text).is_some()) {
                return fail(not, "must not be there", i);
            }
        }
        (next, last) = (found.0 + 1, Some(found));
    }
    for not in forbidden {
        if let Some(i) = (next..lines.len()).find(|i| find(line(*i), &not.text).is_some()) {
            return fail(not, "must not be there", i);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{hold, parse};

    fn run(checks: &str, output: &str) -> Result<(), String> {
        hold(&parse(checks)?, output)
    }

    const OUTPUT: &str = "a = one\nb  =  two three\nc = four\n";

    #[test]
    fn what_is_there_is_found_in_order() {
        assert_eq!(run("// CHECK: one\n// CHECK-NEXT: b = two\n// CHECK-SAME: three\n// CHECK: four", OUTPUT), Ok(()));
        assert_eq!(run("// CHECK: a {{.*}} one\n// CHECK: b{{.*}}three", OUTPUT), Ok(()));
        assert!(run("// CHECK: four\n// CHECK: one", OUTPUT).is_err());
        assert!(run("// CHECK: one\n// CHECK-NEXT: four", OUTPUT).is_err());
        assert!(run("// CHECK: three\n// CHECK-SAME: two", OUTPUT).is_err());
    }

    #[test]
    fn what_is_forbidden_is_so_between_its_neighbours() {
        assert_eq!(run("// CHECK: one\n// CHECK-NOT: four\n// CHECK: two", OUTPUT), Ok(()));
        assert!(run("// CHECK: one\n// CHECK-NOT: two\n// CHECK: four", OUTPUT).is_err());
        assert!(run("// CHECK: two\n// CHECK-NOT: four", OUTPUT).is_err());
        assert!(run("// CHECK-NOT: one\n// CHECK: two", OUTPUT).is_err());
    }

    #[test]
    fn slips_are_refused() {
        assert!(parse("// CHECK-NXT: a").is_err());
        assert!(parse("// CHECK:").is_err());
        assert!(parse("// CHECK-NEXT: a").is_err());
    }
}
