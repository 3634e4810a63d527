//! The systolic array of an electronic kernel, cell by cell and cycle by cycle, with real numbers passing through it.

use crate::common::Random;
use prism_hardware::{MatmulWork, Target};

/// One array that holds a block of weights; vectors enter at the left, skewed, and sums leave below.
struct Array {
    weights: Vec<Vec<i64>>,
    /// The number that each cell passes to the right, and the sum that it passes down, of the cycle before.
    right: Vec<Vec<i64>>,
    down: Vec<Vec<i64>>,
}

impl Array {
    fn new(rows: usize, columns: usize) -> Self {
        let zero = vec![vec![0; columns]; rows];
        Array { weights: zero.clone(), right: zero.clone(), down: zero }
    }

    /// One row of weights enters at the top in a cycle, the others move down; returns the cycles until all are in place.
    fn load(&mut self, weights: &[Vec<i64>]) -> u64 {
        for row in weights.iter().rev() {
            self.weights.pop();
            self.weights.insert(0, row.clone());
        }
        weights.len() as u64
    }

    /// One cycle: row r takes `entering[r]`. Returns what leaves below.
    fn step(&mut self, entering: &[i64]) -> Vec<i64> {
        let (right, down) = (self.right.clone(), self.down.clone());
        for (r, weights) in self.weights.iter().enumerate() {
            for (c, weight) in weights.iter().enumerate() {
                let number = if c == 0 { entering[r] } else { right[r][c - 1] };
                let above = if r == 0 { 0 } else { down[r - 1][c] };
                self.right[r][c] = number;
                self.down[r][c] = above + number * weight;
            }
        }
        self.down.last().expect("a row").clone()
    }
}

/// Cycles until all sums of one block have left; adds them to `out`, whose first column is `first`.
fn block(array: &mut Array, vectors: &[Vec<i64>], out: &mut [Vec<i64>], first: usize) -> u64 {
    let (rows, columns) = (array.weights.len(), array.weights[0].len());
    let (mut cycle, mut left) = (0usize, vectors.len() * columns);
    while left > 0 {
        let entering: Vec<i64> = (0..rows).map(|r| vectors.get(cycle.wrapping_sub(r)).map_or(0, |v| v[r])).collect();
        for (c, sum) in array.step(&entering).into_iter().enumerate() {
            // The sum of vector v leaves column c in cycle v + c + rows - 1.
            if let Some(row) = cycle.checked_sub(c + rows - 1).and_then(|v| out.get_mut(v)) {
                left -= 1;
                if let Some(cell) = row.get_mut(first + c) {
                    *cell += sum;
                }
            }
        }
        cycle += 1;
    }
    cycle as u64
}

/// A core with so many arrays of rows x columns, and links that do not limit it.
fn machine([rows, columns, arrays]: [u64; 3], double_buffered: bool) -> Target {
    let shipped = prism_hardware::target::SHIPPED.iter().find(|(name, _)| *name == "cpu-only").expect("shipped").1;
    let (head, rest) = shipped.split_once("name = \"matmul\"\n").expect("a kernel");
    let (_, rest) = rest.split_once("\n[[electronic.kernel]]").expect("another kernel");
    let kernel = format!(
        "name = \"matmul\"\nops = [\"matmul\"]\narray = {{ rows = {rows}, columns = {columns}, arrays = {arrays}, double_buffered = \
         {double_buffered} }}\n\
         time = {{ fixed = \"3 cycles\" }}\nenergy = {{ per_mac = \"0.2 pJ\" }}\nsource = \"test\"\n"
    );
    Target::parse("systolic", &format!("{head}{kernel}\n[[electronic.kernel]]{rest}")).expect("a valid machine")
}

/// All products of a batch, block after block, so many at a time; checks the results, returns the cycles.
/// A block is loaded before its vectors pass, or, with two sets of weights in each cell, while others do.
fn run([rows, columns, arrays]: [u64; 3], double_buffered: bool, work: &MatmulWork, random: &mut Random) -> u64 {
    let [m, k, n] = [work.m, work.k, work.n].map(|x| x as usize);
    let (rows, columns) = (rows as usize, columns as usize);
    let mut matrix = |h: usize, w: usize| -> Vec<Vec<i64>> {
        (0..h).map(|_| (0..w).map(|_| random.below(17) as i64 - 8).collect()).collect()
    };
    let mut each = Vec::new();
    for _ in 0..work.batch {
        let (x, w) = (matrix(m, k), matrix(k, n));
        let mut y = vec![vec![0i64; n]; m];
        for (k0, n0) in (0..k).step_by(rows).flat_map(|k0| (0..n).step_by(columns).map(move |n0| (k0, n0))) {
            let at = |m: &Vec<Vec<i64>>, r: usize, c: usize| m.get(r).and_then(|row| row.get(c)).copied().unwrap_or(0);
            let weights: Vec<_> = (0..rows).map(|r| (0..columns).map(|c| at(&w, k0 + r, n0 + c)).collect()).collect();
            let vectors: Vec<Vec<i64>> = (0..m).map(|v| (0..rows).map(|r| at(&x, v, k0 + r)).collect()).collect();
            let mut array = Array::new(rows, columns);
            let load = array.load(&weights);
            let load = if double_buffered { 0 } else { load };
            each.push(load + block(&mut array, &vectors, &mut y, n0));
        }
        for (v, row) in y.iter().enumerate() {
            for (c, sum) in row.iter().enumerate() {
                assert_eq!(*sum, (0..k).map(|i| x[v][i] * w[i][c]).sum::<i64>(), "the array multiplies");
            }
        }
    }
    each.chunks(arrays as usize).map(|together| together.iter().max().copied().unwrap_or(0)).sum()
}

#[test]
fn systolic_arrays() {
    let mut random = Random(6);
    let mut worst: f64 = 0.0;
    for _ in 0..crate::PRODUCTS {
        let mut extent = |most: usize| 1 + random.below(most) as u64;
        let sizes = [extent(5), extent(5), extent(4)];
        let work = MatmulWork { dynamic: true, ..MatmulWork::new(extent(2), extent(10), extent(14), extent(14)) };
        let double_buffered = random.below(2) == 0;
        let target = machine(sizes, double_buffered);
        let cycles = run(sizes, double_buffered, &work, &mut random) + 3;
        let found = target.gemm(&work, prism_hardware::Stationary::Rhs).remove(0).cost;
        let unit = &target.electronic[0];
        let stepped = cycles as f64 / unit.clock.0 + 2.0 * 0.167e-9;
        worst = worst.max((stepped / found.latency.0 - 1.0).abs());
        assert!(worst < 0.01, "{sizes:?} {work:?}: {stepped:e} s in steps, {:e} s", found.latency.0);
        let numbers = (work.batch * (work.m * work.k + work.k * work.n + work.m * work.n)) as f64;
        let energy = work.macs() as f64 * 0.2e-12 + numbers * (12e-12 + 2e-12);
        assert!((found.total_energy().0 / energy - 1.0).abs() < 1e-9, "{work:?}");
        assert!((found.moved_in("sram").0 / (numbers * 4.0) - 1.0).abs() < 1e-9, "{work:?}");
    }
    println!("systolic: {} products, none excused; largest difference {worst:.1e}", crate::PRODUCTS);
}
