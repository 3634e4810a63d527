//! Negative tests: many small cases in one file, each with the errors it must give where it is wrong.
//!
//! Cases are split by lines `// -----`. An expectation `// error: [E0401] text` stands at the end of the offending line,
//! or alone on the line before it. The text is a part of the message: its headline, what was found, what is allowed.
//! A case must give exactly the errors that it names.

/// One case of a file.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its text.
    pub text: String,
    /// Its first line in the file, from 1.
    pub line: usize,
    /// What must go wrong in it.
    pub expected: Vec<Expected>,
}

/// An error that must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its code.
    pub code: String,
    /// A part of its message.
    pub text: String,
    /// The line of the case that it is about, from 1.
    pub line: usize,
}

/// An error that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its code.
    pub code: String,
    /// Headline, found, allowed, joined by `; `.
    pub message: String,
    /// Line of the case, if it has one.
    pub line: Option<usize>,
    /// The operation it is about, if it names one instead of a line.
    pub op: Option<String>,
}

const SPLIT: &str = "// -----";
const MARK: &str = "// error: ";

/// Whether a file has such expectations.
pub fn is_marked(text: &str) -> bool {
    text.contains(MARK)
}

/// The cases of a file.
///
/// # Errors
/// A case without an expectation, or one that does not read `[CODE] text`.
pub fn cases(text: &str) -> Result<Vec<Case>, String> {
    let mut out = Vec::new();
    let mut start = 0;
    let lines: Vec<&str> = text.lines().collect();
    let ends = lines.iter().enumerate().filter(|(_, l)| l.trim() == SPLIT).map(|(i, _)| i).chain([lines.len()]);
    for end in ends {
        let part = lines.get(start..end).unwrap_or(&[]);
        out.push(case(part, start + 1)?);
        start = end + 1;
    }
    Ok(out)
}

fn case(lines: &[&str], line: usize) -> Result<Case, String> {
    let mut expected = Vec::new();
    for (i, text) in lines.iter().enumerate() {
        let Some((before, mark)) = text.split_once(MARK) else { continue };
        let place = line + i;
        let parsed = mark.strip_prefix('[').and_then(|m| m.split_once(']'));
        let (code, text) = parsed.ok_or_else(|| format!("line {place}: expected `error: [CODE] text`"))?;
        // Alone on its line it is about the next line that is none of its kind.
        let is_mark = |l: &&&str| l.trim_start().starts_with(MARK);
        let below = lines.get(i..).unwrap_or(&[]).iter().take_while(is_mark).count();
        let below = if before.trim().is_empty() { below } else { 0 };
        expected.push(Expected { code: code.into(), text: text.trim().into(), line: i + 1 + below });
    }
    if expected.is_empty() {
        return Err(format!("the case at line {line} expects no error"));
    }
    Ok(Case { text: lines.iter().flat_map(|l| [*l, "\n"]).collect(), line, expected })
}

impl Case {
    fn fits(&self, expected: &Expected, found: &Found) -> bool {
        let at = self.text.lines().nth(expected.line.saturating_sub(1)).unwrap_or("");
        let placed = match (found.line, &found.op) {
            (Some(line), _) => line == expected.line,
            // An operation that the text spells in another way, such as a module, has no place in it.
            (None, Some(op)) => at.contains(op.as_str()) || !self.spells(op),
            (None, None) => true,
        };
        placed && found.code == expected.code && found.message.contains(&expected.text)
    }

    /// Whether a word stands anywhere in the case but in its expectations.
    fn spells(&self, word: &str) -> bool {
        self.text.lines().filter(|l| !l.contains(MARK)).any(|l| l.contains(word))
    }

    /// Whether the errors are those expected, each once.
    ///
    /// # Errors
    /// What is missing and what is too much.
    pub fn compare(&self, found: &[Found]) -> Result<(), String> {
        let mut left: Vec<&Found> = found.iter().collect();
        let mut out = Vec::new();
        for expected in &self.expected {
            match left.iter().position(|f| self.fits(expected, f)) {
                Some(i) => drop(left.remove(i)),
                None => out.push(format!("- line {}: [{}] {}", expected.line, expected.code, expected.text)),
            }
        }
        for f in left {
            let at = f.line.map(|l| format!("line {l}: ")).unwrap_or_default();
            out.push(format!("+ {at}[{}] {}", f.code, f.message));
        }
        if out.is_empty() { Ok(()) } else { Err(format!("case at line {}:\n{}", self.line, out.join("\n"))) }
    }

    /// The text of the case with expectations that fit what was found.
    pub fn blessed(&self, found: &[Found]) -> String {
        let bare = |l: &str| l.split_once(MARK).map_or(l, |(before, _)| before).trim_end().to_string();
        // Expectations alone on a line go; the lines they stood before keep their numbers in `kept`.
        let kept = self.text.lines().zip(1..).filter(|(l, _)| !l.trim_start().starts_with(MARK.trim_end()));
        let mut out = String::new();
        let mut left: Vec<&Found> = found.iter().collect();
        for (line, number) in kept {
            let line = bare(line);
            let here = |f: &&Found| match (f.line, &f.op) {
                (Some(at), _) => at == number,
                (None, Some(op)) => line.contains(op.as_str()),
                (None, None) => !line.starts_with("//"),
            };
            while let Some(i) = left.iter().position(here) {
                let f = left.remove(i);
                out.push_str(&format!("{MARK}[{}] {}\n", f.code, f.message));
            }
            out.push_str(&line);
            out.push('\n');
        }
        // What the text spells in another way stands first.
        let unplaced: String = left.iter().map(|f| format!("{MARK}[{}] {}\n", f.code, f.message)).collect();
        unplaced + &out
    }
}

/// The file with the given cases.
pub fn joined(cases: &[String]) -> String {
    cases.join(&format!("{SPLIT}\n"))
}

#[cfg(test)]
mod tests {
    use super::{Found, cases, joined};

    fn found(line: Option<usize>, op: Option<&str>, message: &str) -> Found {
        Found { code: "E0401".into(), message: message.into(), line, op: op.map(Into::into) }
    }

    #[test]
    fn each_case_must_give_exactly_its_errors() {
        let all =
            cases("a // error: [E0401] bad a\n// -----\n// error: [E0401] bad\n\"x.b\"\n\"x.c\"\n").expect("cases");
        assert_eq!((all.len(), all[1].line), (2, 3));
        assert_eq!(all[0].compare(&[found(Some(1), None, "so bad a is")]), Ok(()));
        assert!(all[0].compare(&[found(Some(2), None, "so bad a is")]).is_err());
        assert!(all[0].compare(&[]).is_err());
        assert!(all[0].compare(&[found(Some(1), None, "bad a"), found(Some(1), None, "more")]).is_err());
        assert_eq!(all[1].compare(&[found(None, Some("x.b"), "bad")]), Ok(()));
        assert!(all[1].compare(&[found(None, Some("x.c"), "bad")]).is_err());
        assert!(cases("a\n").is_err());
    }

    #[test]
    fn blessing_gives_expectations_that_hold() {
        let text = "// error: [E0401] old\n\"x.b\"\n// -----\n{\nq // error: [E0301] old\n";
        let errors = [vec![found(None, Some("x.b"), "new b")], vec![found(Some(2), None, "new q")]];
        let all = cases(text).expect("cases");
        let new: Vec<String> = all.iter().zip(&errors).map(|(c, f)| c.blessed(f)).collect();
        let again = cases(&joined(&new)).expect("cases");
        assert_eq!(again[0].compare(&errors[0]), Ok(()));
        assert_eq!(again[1].expected[0].text, "new q");
    }
}
