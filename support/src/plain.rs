//! What libraries and files say, as a reader would say it.

/// Words longer than this are shortened where they are shown: names from files have no limit.
const LONGEST: usize = 160;
/// Letters that are left of such a word at its beginning and end.
const LEFT: (usize, usize) = (60, 20);

/// A name from a file as it can be shown on one line of a terminal: what would move the cursor or colour the rest is written out.
pub fn line(name: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    short(&name.chars().map(shown).collect::<String>())
}

/// The text with words that nobody reads to the end shortened in the middle, and with what moves the cursor, line ends aside, written out.
pub fn short(text: &str) -> String {
    let moves = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let text: String =
        text.chars().map(|c| if moves(c) { c.escape_default().to_string() } else { c.to_string() }).collect();
    let word = |word: &str| {
        let length = word.chars().count();
        if length <= LONGEST {
            return word.to_string();
        }
        let begin: String = word.chars().take(LEFT.0).collect();
        let end: String = word.chars().skip(length - LEFT.1).collect();
        format!("{begin}...({} more letters)...{end}", length - LEFT.0 - LEFT.1)
    };
    text.split_inclusive(char::is_whitespace)
        .map(|piece| {
            let end = piece.trim_end();
            word(end) + &piece[end.len()..]
        })
        .collect()
}

/// What a reader of JSON says of a value, without names of types of a programming language.
pub fn of_json(message: &str) -> String {
    let Some((before, rest)) = split_at_any(message, &["invalid type: ", "invalid value: "]) else {
        return message.replace("EOF while parsing", "the text ends within");
    };
    let Some((found, expected)) = rest.split_once(", expected ") else { return message.to_string() };
    let (expected, place) = match expected.rfind(" at line ") {
        Some(at) => expected.split_at(at),
        None => (expected, ""),
    };
    format!("{before}{}, where {} belongs{place}", value(found), kind(expected))
}

fn split_at_any<'a>(text: &'a str, marks: &[&str]) -> Option<(&'a str, &'a str)> {
    marks.iter().find_map(|mark| text.split_once(mark))
}

/// A value as serde names it.
fn value(found: &str) -> String {
    let quoted = ["integer `", "floating point `", "boolean `"].iter().find_map(|kind| found.strip_prefix(kind));
    match (quoted.and_then(|v| v.strip_suffix('`')), found) {
        (Some(value), _) => value.to_string(),
        (_, "sequence") => "a list".into(),
        (_, "map") => "an object".into(),
        (_, other) => {
            other.strip_prefix("string ").map_or_else(|| other.to_string(), |text| format!("the text {text}"))
        }
    }
}

/// What serde expected.
fn kind(expected: &str) -> &str {
    match expected {
        "f64" | "f32" => "a number",
        "u64" | "u32" | "u16" | "u8" | "usize" | "i64" | "i32" | "isize" => "a whole number",
        "a string" | "a borrowed string" => "text",
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "`true` or `false`",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{of_json, short};
    use serde_json::from_str;
    use std::collections::BTreeMap;

    #[test]
    fn types_are_named_as_in_json() {
        let said =
            |text: &str| of_json(&from_str::<BTreeMap<String, u64>>(text).expect_err("no such thing").to_string());
        assert_eq!(said(r#"{"a": "one"}"#), "the text \"one\", where a whole number belongs at line 1 column 11");
        assert_eq!(said(r#"{"a": 2.5}"#), "2.5, where a whole number belongs at line 1 column 9");
        assert_eq!(said(r#"{"a": -1}"#), "-1, where a whole number belongs at line 1 column 8");
        assert_eq!(said(r#"{"a": [1]}"#), "a list, where a whole number belongs at line 1 column 6");
        assert_eq!(said("[1]"), "a list, where an object belongs at line 1 column 0");
        assert!(said("").starts_with("the text ends within a value"), "{}", said(""));
        let flag = from_str::<bool>("null").expect_err("no such thing").to_string();
        assert_eq!(of_json(&flag), "null, where `true` or `false` belongs at line 1 column 4");
        let list = from_str::<Vec<String>>("[{}]").expect_err("no such thing").to_string();
        assert_eq!(
            of_json(&format!("`children`: {list}")),
            "`children`: an object, where text belongs at line 1 column 1"
        );
    }

    #[test]
    fn long_words_keep_both_ends() {
        let name = "b".repeat(50) + &"a".repeat(100_000) + "end";
        let shown = short(&format!("node `{name}`\n twice"));
        assert!(shown.len() < 160 && shown.starts_with("node `bbb") && shown.ends_with("end`\n twice"), "{shown}");
        assert!(shown.contains("(99975 more letters)"), "{shown}");
        assert_eq!(super::line("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert_eq!(short("a\u{1b}[31m\nb"), "a\\u{1b}[31m\nb");
        let fine = "names of nodes,  as they are:\n\té";
        assert_eq!(short(fine), fine);
    }
}
