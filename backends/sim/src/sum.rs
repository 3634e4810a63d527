//! Sums that do not depend on luck.

/// A compensated sum: its error does not grow with the number of terms.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", Z. Angew. Math.
/// Mech. 54 (1974). The result still depends on the order in its last bit, so callers add in plan order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    rounded: f64,
    lost: f64,
}

impl Sum {
    /// Adds a finite term.
    pub fn add(&mut self, term: f64) {
        let next = self.rounded + term;
        self.lost +=
            if self.rounded.abs() >= term.abs() { (self.rounded - next) + term } else { (term - next) + self.rounded };
        self.rounded = next;
    }

    /// The sum so far.
    pub fn value(self) -> f64 {
        self.rounded + self.lost
    }
}

/// The compensated sum of finite terms.
pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut total = Sum::default();
    terms.into_iter().for_each(|t| total.add(t));
    total.value()
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn small_terms_survive_large_ones() {
        assert_eq!(sum([1e100, 1.0, -1e100]), 1.0);
        let ten_million = sum(std::iter::repeat_n(0.1, 10_000_000));
        assert_eq!(ten_million, 1e6);
    }
}
