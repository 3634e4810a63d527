//! Equal parts are solved once.

use std::collections::BTreeMap;
use std::rc::Rc;

/// For each part, given by a key that equal parts share and its size, what `solve` makes of the first of its kind.
///
/// Small kinds come first, each with its share of the effort: what they leave is for larger ones.
pub(super) fn each_kind<K: Ord, T>(
    parts: Vec<(K, usize)>,
    mut effort: u64,
    mut solve: impl FnMut(usize, &mut u64) -> T,
) -> Vec<Rc<T>> {
    let mut known: BTreeMap<K, usize> = BTreeMap::new();
    let mut kinds: Vec<(usize, usize)> = Vec::new();
    let mut of = Vec::with_capacity(parts.len());
    for (i, (key, size)) in parts.into_iter().enumerate() {
        of.push(*known.entry(key).or_insert_with(|| {
            kinds.push((size, i));
            kinds.len() - 1
        }));
    }
    let mut order: Vec<usize> = (0..kinds.len()).collect();
    order.sort_by_key(|kind| kinds[*kind]);
    let mut solved: Vec<Option<Rc<T>>> = vec![None; kinds.len()];
    for (done, kind) in order.iter().enumerate() {
        let given = effort / (kinds.len() - done) as u64;
        let mut share = given;
        solved[*kind] = Some(Rc::new(solve(kinds[*kind].1, &mut share)));
        effort -= given - share;
    }
    of.into_iter().filter_map(|kind| solved[kind].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::each_kind;

    #[test]
    fn each_kind_is_solved_once_and_leaves_what_it_does_not_need() {
        let mut seen = Vec::new();
        let parts = vec![("large", 9), ("small", 1), ("large", 9), ("middle", 5)];
        let solved = each_kind(parts, 30, |i, share| {
            seen.push((i, *share));
            *share -= 2;
            i
        });
        assert_eq!(seen, [(1, 10), (3, 14), (0, 26)]);
        assert_eq!(solved.iter().map(|s| **s).collect::<Vec<_>>(), [0, 1, 0, 3]);
    }
}
