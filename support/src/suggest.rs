//! "Did you mean": the nearest known name, when one is near.

/// The candidate nearest to `given`, if it is close enough to be a slip of the hand.
///
/// Distance is Damerau-Levenshtein on lower-cased names with `_` read as `-`; at most a third of the
/// longer name may differ.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |s: &str| s.to_lowercase().replace('_', "-");
    let given = fold(given);
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&given, &fold(c)), c))
        .filter(|(d, c)| *d <= given.chars().count().max(c.chars().count()).div_ceil(3))
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
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
}
