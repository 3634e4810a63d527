//! The best price of one capacity, by the choices that are known.
//!
//! At a price, a choice costs a straight line: its cost plus the price times what it takes beyond what there is. What the least
//! choice costs is at most the lowest of the lines of those that are known; where that is highest is the price to look at next.

/// A choice: its cost, and what it takes beyond what there is.
pub(super) type Line = (f64, f64);

/// The price that is not negative at which the lowest of `lines` is highest, and how high; `None` if no line ever falls or all are low: none that fits is
/// known.
pub(super) fn highest(lines: &[Line]) -> Option<(f64, f64)> {
    let value = |price: f64| lines.iter().map(|(cost, over)| cost + price * over).fold(f64::INFINITY, f64::min);
    // The lowest line at no price, of equal ones the one that rises least.
    let mut at = *lines.iter().min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
    let mut price = 0.0;
    while at.1 > 0.0 {
        // The next to be lowest is the one that meets this one first.
        let meets = |line: &Line| (line.0 - at.0) / (at.1 - line.1);
        let next = lines.iter().filter(|line| line.1 < at.1);
        let next = next.min_by(|a, b| meets(a).total_cmp(&meets(b)).then(a.1.total_cmp(&b.1)))?;
        price = meets(next).max(price);
        at = *next;
    }
    Some((price, value(price)))
}

#[cfg(test)]
mod tests {
    use super::highest;

    #[test]
    fn the_highest_point_of_the_lowest_line() {
        // 1 + 2 p and 7 - p meet at p = 2.
        assert_eq!(highest(&[(1.0, 2.0), (7.0, -1.0)]), Some((2.0, 5.0)));
        assert_eq!(highest(&[(1.0, 2.0), (3.0, 1.0), (7.0, -1.0)]), Some((2.0, 5.0)));
        assert_eq!(highest(&[(1.0, 2.0), (2.0, 1.0), (7.0, -1.0)]), Some((2.5, 4.5)));
        assert_eq!(highest(&[(1.0, -2.0), (7.0, -1.0)]), Some((0.0, 1.0)));
        assert_eq!(highest(&[(1.0, 2.0), (4.0, 0.0)]), Some((1.5, 4.0)));
    }

    #[test]
    fn without_one_that_fits_there_is_none() {
        assert_eq!(highest(&[(1.0, 2.0), (7.0, 1.0)]), None);
        assert_eq!(highest(&[]), None);
    }
}
