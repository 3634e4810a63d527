//! A line diff of two printed programs that does not drown in renumbered values.
//!
//! Removing one operation renumbers every value after it, so a plain diff marks every line after it. Here lines are
//! first paired with the value numbers left out; the pairs say which old value became which new one; and a pair counts
//! as unchanged only if its values became each other. A value whose line was replaced became one of its type that stands
//! there now: what reads it has not changed. Method: Myers, "An O(ND) Difference Algorithm and Its Variations"
//! (1986), through the crate `similar`, on the lines without numbers.

use rustc_hash::FxHashMap;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::fmt::Write;

/// Lines shown around a change.
const CONTEXT: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Same,
    Old,
    New,
}

/// The diff in unified form; empty when nothing differs but numbers.
pub(super) fn unified(old: &str, new: &str, colour: bool) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = tagged(&old, &new);
    let mut keep = vec![false; lines.len()];
    for (i, _) in lines.iter().enumerate().filter(|(_, (tag, _))| *tag != Tag::Same) {
        let (first, last) = (i.saturating_sub(CONTEXT), (i + CONTEXT).min(lines.len() - 1));
        keep[first..=last].fill(true);
    }
    let mut out = String::new();
    let (mut at_old, mut at_new) = (1usize, 1usize);
    let mut inside = false;
    for ((tag, line), keep) in lines.into_iter().zip(keep) {
        if keep && !inside {
            put(&mut out, colour, "36", &format!("@@ line {at_old} -> line {at_new} @@"));
        }
        inside = keep;
        match tag {
            Tag::Same if keep => put(&mut out, false, "", &format!(" {line}")),
            Tag::Same => {}
            Tag::Old => put(&mut out, colour, "31", &format!("-{line}")),
            Tag::New => put(&mut out, colour, "32", &format!("+{line}")),
        }
        at_old += usize::from(tag != Tag::New);
        at_new += usize::from(tag != Tag::Old);
    }
    out
}

/// A line, in the ANSI colour of that number.
fn put(out: &mut String, colour: bool, ansi: &str, line: &str) {
    let _ = if colour { writeln!(out, "\x1b[{ansi}m{line}\x1b[0m") } else { writeln!(out, "{line}") };
}

/// Every line of both texts, unchanged ones once, as the new text has them.
fn tagged<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(Tag, &'t str)> {
    let key = |line: &&str| numbers_out(line).0;
    let (old_keys, new_keys): (Vec<String>, Vec<String>) =
        (old.iter().map(key).collect(), new.iter().map(key).collect());
    let ops = capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys);
    let pairs: Vec<(usize, usize)> = ops.iter().flat_map(pairs_of).collect();
    let scopes_old = scopes(old);
    let became = correspondence(old, new, &pairs, &scopes_old);
    let mut out = Vec::with_capacity(new.len());
    let (mut i, mut j) = (0, 0);
    for (a, b) in pairs {
        let (values_a, values_b) = (numbers_out(old[a]).1, numbers_out(new[b]).1);
        let same = values_a.iter().zip(&values_b).all(|(x, y)| match became.get(&(scopes_old[a], *x)) {
            Some(now) => *now == Some(*y),
            None => x == y,
        });
        if same {
            out.extend(old[i..a].iter().map(|l| (Tag::Old, *l)));
            out.extend(new[j..b].iter().map(|l| (Tag::New, *l)));
            out.push((Tag::Same, new[b]));
            (i, j) = (a + 1, b + 1);
        }
    }
    out.extend(old[i..].iter().map(|l| (Tag::Old, *l)));
    out.extend(new[j..].iter().map(|l| (Tag::New, *l)));
    out
}

fn pairs_of(op: &DiffOp) -> Vec<(usize, usize)> {
    match *op {
        DiffOp::Equal { old_index, new_index, len } => (0..len).map(|i| (old_index + i, new_index + i)).collect(),
        _ => Vec::new(),
    }
}

/// For each line, how many functions have begun: value names are per function.
fn scopes(lines: &[&str]) -> Vec<usize> {
    let mut scope = 0;
    let begins = |line: &str| {
        let line = line.trim_start().trim_start_matches('"');
        line.starts_with("func.func") || line.starts_with("ml_program.subgraph")
    };
    let counted = lines.iter().map(|line| {
        scope += usize::from(begins(line));
        scope
    });
    counted.collect()
}

/// For each value that an old line defines, which new one it became: the one that the paired line defines, or none.
fn correspondence<'t>(
    old: &[&'t str],
    new: &[&'t str],
    pairs: &[(usize, usize)],
    scopes_old: &[usize],
) -> FxHashMap<(usize, &'t str), Option<&'t str>> {
    let defined =
        |line: &'t str| line.trim_start().split_once(" = ").map(|(name, _)| stem(name)).filter(|n| n.starts_with('%'));
    let names = old.iter().zip(scopes_old).filter_map(|(line, scope)| Some((*scope, defined(line)?)));
    let mut became: FxHashMap<(usize, &str), Option<&str>> = names.map(|name| (name, None)).collect();
    let (mut i, mut j) = (0, 0);
    for (a, b) in pairs {
        for (at, x, y) in replaced((i, &old[i..*a]), &new[j..*b], &defined) {
            became.insert((scopes_old[at], x), Some(y));
        }
        if let (Some(x), Some(y)) = (defined(old[*a]), defined(new[*b])) {
            became.insert((scopes_old[*a], x), Some(y));
        }
        (i, j) = (a + 1, b + 1);
    }
    became
}

/// Between two pairs of lines: each old value with the next new one of its type, in order, and the line of the old one.
fn replaced<'t>(
    (first, old): (usize, &[&'t str]),
    new: &[&'t str],
    defined: &dyn Fn(&'t str) -> Option<&'t str>,
) -> Vec<(usize, &'t str, &'t str)> {
    let ty = |line: &'t str| line.rsplit_once("-> ").map(|(_, ty)| ty);
    let mut left = new.iter();
    let mut out = Vec::new();
    for (at, line) in (first..).zip(old) {
        let Some(x) = defined(line) else { continue };
        let mut ahead = left.clone();
        if let Some(y) = ahead.find(|other| ty(other) == ty(line)).and_then(|other| defined(other)) {
            out.push((at, x, y));
            left = ahead;
        }
    }
    out
}

/// `%12` of `%12`, `%12:2` and `%12#1`.
fn stem(value: &str) -> &str {
    value.split([':', '#']).next().unwrap_or(value)
}

/// The line with each `%name` written `%`, and those names in order. Names of arguments stay.
fn numbers_out(line: &str) -> (String, Vec<&str>) {
    let mut key = String::with_capacity(line.len());
    let mut values = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        let length = 1 + from[1..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(from.len() - 1);
        let (name, after) = from.split_at(length);
        key.push_str(before);
        key.push_str(if name.starts_with("%arg") { name } else { "%" });
        values.push(name);
        rest = after;
    }
    key.push_str(rest);
    (key, values)
}

#[cfg(test)]
mod tests {
    use super::unified;

    /// What is made otherwise than before is a change; that others read it is none.
    #[test]
    fn readers_of_what_was_replaced_have_not_changed() {
        let old = "%0 = \"a\"() : () -> tensor<2xf32>\n%1 = \"b\"(%0) : (tensor<2xf32>) -> tensor<4xf32>\n\
                   %2 = \"c\"(%1) : (tensor<4xf32>) -> tensor<4xf32>\n%3 = \"d\"(%2, %1) : () -> tensor<4xf32>";
        let new = "%0 = \"k\"() : () -> tensor<4xf32>\n\
                   %1 = \"c\"(%0) : (tensor<4xf32>) -> tensor<4xf32>\n%2 = \"d\"(%1, %1) : () -> tensor<4xf32>";
        let diff = unified(old, new, false);
        let changed: Vec<&str> = diff.lines().filter(|l| l.starts_with(['+', '-'])).map(|l| &l[..9]).collect();
        // `d` reads another value than before, `c` the same.
        assert_eq!(changed, ["-%0 = \"a\"", "-%1 = \"b\"", "+%0 = \"k\"", "-%3 = \"d\"", "+%2 = \"d\""], "{diff}");
    }
}
