//! "Did you mean": the nearest known name, when one is near.

/// Names longer than this are compared as a whole: the distance of two names takes time and room as the product of their lengths, and nobody
/// types them.
const LONGEST: usize = 256;

/// How near a name is, nearest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    /// This many slips away; none where it differs in case, or in `_` for `-`.
    Slips(usize),
    /// It goes on where the given one ends.
    Longer,
}

/// The candidate nearest to `given`, if it is close enough to be a slip of the hand.
///
/// Names are lower-cased, with `_` read as `-`. Slips are counted as Damerau-Levenshtein distance; how many are let pass depends on the length
/// of the shorter name, as any name of one or two letters is within a slip or two of any other. Where none is near, the one
/// name that begins with `given` is.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |s: &str| s.to_lowercase().replace('_', "-");
    let given = fold(given);
    let mut found: Option<(Near, &str)> = None;
    let mut longer = 0;
    for candidate in candidates {
        let Some(near) = nearness(&given, &fold(candidate)) else { continue };
        longer += usize::from(near == Near::Longer);
        if found.is_none_or(|(best, _)| near < best) {
            found = Some((near, candidate));
        }
    }
    found.filter(|(near, _)| *near != Near::Longer || longer == 1).map(|(_, candidate)| candidate)
}

/// How near two names are, if they are.
fn nearness(given: &str, candidate: &str) -> Option<Near> {
    if given == candidate {
        return Some(Near::Slips(0));
    }
    let (a, b) = (given.chars().count(), candidate.chars().count());
    let most = slips(a.min(b));
    if a.abs_diff(b) <= most && a.max(b) <= LONGEST {
        let slips = strsim::damerau_levenshtein(given, candidate);
        if slips <= most {
            return Some(Near::Slips(slips));
        }
    }
    (!given.is_empty() && candidate.starts_with(given)).then_some(Near::Longer)
}

/// Slips that a name of that many letters may have and still be told from others.
fn slips(letters: usize) -> usize {
    letters / 3
}

/// A ready hint such as ``did you mean `saturate`?``.
pub fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, candidates).map(|c| format!("did you mean `{c}`?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_but_not_strangers() {
        let names = ["saturate", "extract", "fold-constants"];
        assert_eq!(nearest("satruate", names), Some("saturate"));
        assert_eq!(nearest("fold_constant", names), Some("fold-constants"));
        assert_eq!(nearest("banana", names), None);
    }

    #[test]
    fn short_names_are_near_to_those_alone_that_they_begin_or_that_differ_in_case() {
        assert_eq!(nearest("y", ["x", "z", "k"]), None);
        assert_eq!(nearest("xy", ["xz", "y", "yx"]), None);
        assert_eq!(nearest("K", ["x", "k"]), Some("k"));
        assert_eq!(nearest("KB", ["GB", "kB"]), Some("kB"));
        assert_eq!(nearest("h", ["x", "hbm"]), Some("hbm"));
        assert_eq!(nearest("h", ["hbm", "hold"]), None, "either may be meant");
        assert_eq!(nearest("", ["hbm"]), None);
    }

    #[test]
    fn three_letters_may_have_one_slip() {
        assert_eq!(nearest("cpx", ["gpu", "cpu"]), Some("cpu"));
        assert_eq!(nearest("xyz", ["cpu", "xbc"]), None);
        assert_eq!(nearest("sat", ["extract", "saturate"]), Some("saturate"));
    }

    #[test]
    fn names_of_any_length_take_little_time() {
        let long = |end: &str| "a".repeat(100_000) + end;
        assert_eq!(nearest(&long("b"), [long("c").as_str(), "a"]), None);
        assert_eq!(nearest(&long("B"), [long("b").as_str()]), Some(long("b").as_str()));
    }
}
