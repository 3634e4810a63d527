//! Linear programs, solved by HiGHS where it is built in.

/// Least cost of columns between bounds, with rows that sums of them keep.
#[derive(Default)]
pub(crate) struct Program {
    columns: Vec<(f64, [f64; 2])>,
    rows: Vec<Row>,
}

/// Bounds of a sum, and its terms: columns and factors.
type Row = ([f64; 2], Vec<(usize, f64)>);

/// Values of the columns, and the price of each row: what its sum is worth, per unit.
pub(crate) struct Optimum {
    pub(crate) columns: Vec<f64>,
    pub(crate) prices: Vec<f64>,
    /// Iterations that it took.
    pub(crate) iterations: u64,
}

impl Program {
    /// A column of so much cost with values between bounds; says which it is.
    pub(crate) fn column(&mut self, cost: f64, bounds: [f64; 2]) -> usize {
        self.columns.push((cost, bounds));
        self.columns.len() - 1
    }

    /// A row: the sum of its terms, each a column and a factor, lies between bounds.
    pub(crate) fn row(&mut self, bounds: [f64; 2], terms: Vec<(usize, f64)>) {
        self.rows.push((bounds, terms));
    }

    /// Factors in rows.
    pub(crate) fn size(&self) -> u64 {
        self.rows.iter().map(|(_, terms)| terms.len() as u64).sum()
    }

    /// Solves it on one thread in so many iterations of the simplex method; `None` where that is too few, there is no optimum, or no
    /// HiGHS.
    #[cfg(feature = "highs")]
    pub(crate) fn solve(&self, iterations: u64) -> Option<Optimum> {
        use highs::{HighsModelStatus, RowProblem, Sense};
        let mut model = RowProblem::default();
        let columns: Vec<_> = self.columns.iter().map(|(cost, [a, b])| model.add_column(*cost, *a..=*b)).collect();
        for ([low, high], terms) in &self.rows {
            let terms = terms.iter().filter_map(|(at, factor)| Some((*columns.get(*at)?, *factor)));
            model.add_row(*low..=*high, terms.collect::<Vec<_>>());
        }
        let mut model = model.try_optimise(Sense::Minimise).ok()?;
        model.make_quiet();
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("random_seed", 1).ok()?;
        model.try_set_option("solver", "simplex").ok()?;
        model.try_set_option("simplex_iteration_limit", i32::try_from(iterations).unwrap_or(i32::MAX)).ok()?;
        let solved = model.try_solve().ok().filter(|s| s.status() == HighsModelStatus::Optimal)?;
        let iterations = solved.int_info_value(c"simplex_iteration_count").ok()?;
        let solution = solved.get_solution();
        Some(Optimum {
            columns: solution.columns().to_vec(),
            prices: solution.dual_rows().to_vec(),
            iterations: u64::try_from(iterations).unwrap_or(0),
        })
    }

    /// Nothing solves it.
    #[cfg(not(feature = "highs"))]
    pub(crate) fn solve(&self, _: u64) -> Option<Optimum> {
        None
    }
}
