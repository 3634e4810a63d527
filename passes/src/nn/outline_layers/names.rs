//! What names of instances have in common: a prefix of each, and the rest.

use std::collections::BTreeMap;

/// For names of one thing in each instance, the part before what they share at the end, cut at a dot: of `h.0.attn` and
/// `h.1.attn` that is `h.0.` and `h.1.`. `None` where all are equal or share no whole part.
fn split(names: &[&str]) -> Option<Vec<String>> {
    let (first, rest) = names.split_first()?;
    if rest.iter().all(|n| n == first) {
        return None;
    }
    let shared = rest.iter().fold(first.len(), |shared, name| {
        let equal = first.bytes().rev().zip(name.bytes().rev()).take_while(|(a, b)| a == b).count();
        shared.min(equal)
    });
    // Only whole parts count, so that `layers.1` and `layers.11` share nothing.
    let tail = first.get(first.len() - shared..)?;
    let tail = tail.find('.').and_then(|dot| tail.get(dot + 1..)).unwrap_or("");
    let head = |name: &&str| name.strip_suffix(tail).map(str::to_string);
    let heads: Option<Vec<String>> = names.iter().map(head).collect();
    // A name that is all head stands for the prefix without its dot.
    heads.map(|heads| heads.into_iter().map(|h| if h.ends_with('.') { h } else { format!("{h}.") }).collect())
}

/// The prefixes, one for each instance, that most things agree on; `things` gives the names of each thing in each instance.
pub(super) fn prefixes<'a>(things: impl Iterator<Item = Vec<&'a str>>) -> Option<Vec<String>> {
    let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for heads in things.filter_map(|names| split(&names)) {
        *counts.entry(heads).or_default() += 1;
    }
    // Of equally frequent ones the shortest, which more names have.
    let length = |heads: &Vec<String>| heads.iter().map(String::len).sum::<usize>();
    let best = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(length(&b.0).cmp(&length(&a.0))));
    best.map(|(heads, _)| heads)
}

/// A word for the function: of `model.layers.3.` that is `layers`, of nothing `segment`.
pub(super) fn word(prefix: Option<&str>) -> String {
    let mut parts = prefix.unwrap_or("").split('.').rev().filter(|part| !part.is_empty());
    let last = parts.find(|part| part.parse::<u64>().is_err()).unwrap_or("segment");
    let word: String = last.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let word = word.trim_end_matches('s').trim_start_matches(|c: char| c.is_ascii_digit()).to_string();
    match word.as_str() {
        // GPT-2 calls its blocks `h`.
        "" | "h" => "layer".into(),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::{prefixes, split, word};

    #[test]
    fn prefixes_end_at_dots() {
        let of = |names: &[&str]| split(names);
        assert_eq!(of(&["h.1.attn", "h.11.attn"]), Some(vec!["h.1.".into(), "h.11.".into()]));
        assert_eq!(
            of(&["model.layers.1", "model.layers.11"]),
            Some(vec!["model.layers.1.".into(), "model.layers.11.".into()])
        );
        assert_eq!(of(&["a.b", "a.b"]), None);
        assert_eq!(of(&["node_7", "node_8"]), Some(vec!["node_7.".into(), "node_8.".into()]));
        let things = [vec!["h.0.x", "h.1.x"], vec!["h.0.y.z", "h.1.y.z"], vec!["n1", "n2"]];
        assert_eq!(prefixes(things.into_iter()), Some(vec!["h.0.".into(), "h.1.".into()]));
        assert_eq!(
            (word(Some("model.layers.3.")), word(Some("h.0.")), word(None)),
            ("layer".into(), "layer".into(), "segment".into())
        );
    }
}
