//! The second exact method: an integer program for HiGHS, which shares nothing with Prism's own solver.
//!
//! Binaries say which classes are used and which nodes chosen. A used class has one chosen node, and a
//! chosen node's children are used, one row per pair of classes. Within a strongly connected component a
//! class comes after what it reads; without these ordering variables two conversions would support each
//! other and compute nothing.

use super::check::check;
use super::greedy::greedy;
use super::problem::{ClassId, Problem, Solution, Stats};
use super::scc;
use super::solve::{assemble, price};
use highs::{Col, HighsModelStatus, HighsSolutionStatus, RowProblem, Sense, SolvedModel};
use prism_support::codes::{E0604, E0702};
use prism_support::{Diagnostic, Result};
use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

/// The cost of the greedy choice in the model's own unit: far above HiGHS's absolute tolerances.
const SCALE: f64 = 1_000.0;
/// Highest cost in that unit: from 1e20 on HiGHS takes costs for infinite.
const HIGHEST: f64 = 1e15;
/// Relative distance of HiGHS's bound from its answer at which the answer counts as proven.
const PROVEN: f64 = 1e-7;

/// The choice of least DAG cost by HiGHS, on one thread, or the best it finds within `time_limit`.
///
/// # Errors
/// `E0702` as [`Problem::validate`]; no choice found in time; an answer that does not pass [`check`].
pub fn milp(problem: &Problem, time_limit: Duration) -> Result<Solution> {
    let start = Instant::now();
    let cheap = greedy(&problem.uncapped())?.cost;
    // Where nothing can cost nothing, whatever costs something does.
    let positive = problem.classes.iter().flat_map(|c| &c.nodes).map(|n| n.cost).filter(|cost| *cost > 0.0);
    let unit = if cheap > 0.0 { cheap } else { positive.reduce(f64::min).unwrap_or(1.0) };
    // Divided first: costs may be so small that one over them is no number.
    let (model, columns) = build(problem, &|cost| (cost / unit * SCALE).min(HIGHEST));
    let solved = run(model, time_limit).map_err(|status| failed(&format!("status {status}")))?;
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        let failed = failed(&format!("status {:?}", solved.status()));
        return Err(match solved.status() {
            HighsModelStatus::ReachedTimeLimit => failed.note(format!("it had {} s", time_limit.as_secs())),
            _ => failed,
        }
        .into());
    }
    let values = solved.get_solution();
    let picked = |col: &Option<usize>| col.and_then(|c| values.columns().get(c)).is_some_and(|x| *x > 0.5);
    let mut picks = Vec::new();
    for (class, nodes) in (0u32..).zip(&columns) {
        let node = (0u32..).zip(nodes).find(|(_, col)| picked(col));
        picks.extend(node.map(|(node, _)| (class, node)));
    }
    let choice = assemble(problem, &picks);
    let cost = price(problem, &choice);
    let bound = solved.double_info_value(c"mip_dual_bound").unwrap_or(0.0) / SCALE * unit;
    let bound = if bound.is_finite() { bound.clamp(0.0, cost) } else { 0.0 };
    let proven = solved.status() == HighsModelStatus::Optimal && bound >= cost - PROVEN * cost;
    let mut solution = Solution { choice, cost, bound, proven, method: "milp", stats: Stats::default() };
    check(problem, &solution)?;
    solution.stats.time = start.elapsed();
    Ok(solution)
}

/// Longest search of [`agree`].
const LIMIT: Duration = Duration::from_secs(300);
/// Relative difference up to which costs of two methods are the same.
const SAME: f64 = 1e-6;

/// What a second method says of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verified {
    /// It proved the same cost least.
    Least,
    /// It came to the same cost, and proved nothing within its limit.
    Same,
    /// It found nothing that costs as little within its limit.
    NothingBetter,
    /// It found a choice of this cost, which is less than that of an answer that was not proven.
    Cheaper(f64),
}

impl Display for Verified {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let limit = LIMIT.as_secs();
        match self {
            Verified::Least => write!(f, "HiGHS proved the same cost least"),
            Verified::Same => write!(f, "HiGHS came to the same cost, not proven least within {limit} s"),
            Verified::NothingBetter => write!(f, "HiGHS found nothing better within {limit} s"),
            Verified::Cheaper(cost) => write!(f, "HiGHS found a cheaper choice, of cost {cost}"),
        }
    }
}

/// Solves the problem, which `what` names, by [`milp`] too: it must come to what `solution` costs, or prove nothing cheaper.
///
/// # Errors
/// `E0604` when the two disagree; those of [`milp`].
pub fn agree(problem: &Problem, solution: &Solution, what: &str) -> Result<Verified> {
    let other = milp(problem, LIMIT)?;
    let apart = (other.cost - solution.cost).abs() > SAME * solution.cost.abs().max(f64::MIN_POSITIVE);
    // Who could not prove an answer may have the dearer one.
    let dearer = match other.cost > solution.cost {
        true => other.proven,
        false => solution.proven,
    };
    match (apart, dearer) {
        (false, _) if other.proven => return Ok(Verified::Least),
        (false, _) => return Ok(Verified::Same),
        (true, false) if other.cost > solution.cost => return Ok(Verified::NothingBetter),
        (true, false) => return Ok(Verified::Cheaper(other.cost)),
        (true, true) => {}
    }
    Err(Diagnostic::error(&E0604, format!("two exact methods disagree on `{what}`"))
        .found(format!("{:.12e} by {}, {:.12e} by {}", solution.cost, solution.method, other.cost, other.method))
        .note("this is a bug in one of them")
        .into())
}

fn failed(status: &str) -> Diagnostic {
    Diagnostic::error(&E0702, "HiGHS found no choice of nodes").found(status)
}

fn run(model: RowProblem, time_limit: Duration) -> std::result::Result<SolvedModel, String> {
    let mut model = model.try_optimise(Sense::Minimise).map_err(|e| format!("{e:?}"))?;
    model.make_quiet();
    let options: [(&str, f64); 5] = [
        ("time_limit", time_limit.as_secs_f64()),
        ("mip_rel_gap", 1e-10),
        ("mip_abs_gap", 1e-8),
        ("mip_feasibility_tolerance", 1e-7),
        ("primal_feasibility_tolerance", 1e-8),
    ];
    for (name, value) in options {
        model.try_set_option(name, value).map_err(|e| format!("{e:?}"))?;
    }
    model.try_set_option("threads", 1).map_err(|e| format!("{e:?}"))?;
    model.try_set_option("random_seed", 1).map_err(|e| format!("{e:?}"))?;
    model.try_solve().map_err(|e| format!("{e:?}"))
}

/// The integer program, at prices of costs, and the position of each node's column (`None` if the node can never be chosen).
fn build(problem: &Problem, price: &dyn Fn(f64) -> f64) -> (RowProblem, Vec<Vec<Option<usize>>>) {
    let mut model = RowProblem::default();
    let derivable = problem.derivable();
    let used: Vec<Col> = derivable.iter().map(|d| model.add_integer_column(0.0, 0..i32::from(*d))).collect();
    let mut next = used.len();
    let mut chosen: Vec<Vec<Option<(Col, usize)>>> = Vec::with_capacity(used.len());
    for (id, class) in (0u32..).map(ClassId).zip(&problem.classes) {
        let mut cols = Vec::with_capacity(class.nodes.len());
        for node in &class.nodes {
            let possible = node.children.iter().all(|k| derivable[k.index()] && *k != id);
            cols.push(possible.then(|| {
                next += 1;
                (model.add_integer_column(price(node.cost), 0..1), next - 1)
            }));
        }
        let row = cols.iter().flatten().map(|(col, _)| (*col, 1.0)).chain([(used[id.index()], -1.0)]);
        model.add_row(0..0, row.collect::<Vec<_>>());
        chosen.push(cols);
    }
    for root in &problem.roots {
        model.add_row(1..1, [(used[root.index()], 1.0)]);
    }
    add_demands(problem, &mut model, &used, &chosen);
    add_capacities(problem, &mut model, &chosen);
    let position = |cols: Vec<Option<(Col, usize)>>| cols.into_iter().map(|c| c.map(|c| c.1)).collect();
    (model, chosen.into_iter().map(position).collect())
}

/// One row per capacity, in shares of it so that its size is no matter of tolerances.
fn add_capacities(problem: &Problem, model: &mut RowProblem, chosen: &[Vec<Option<(Col, usize)>>]) {
    for (at, capacity) in problem.capacities.iter().enumerate() {
        let most = capacity.most.max(1) as f64;
        let nodes = problem.classes.iter().zip(chosen).flat_map(|(class, cols)| class.nodes.iter().zip(cols));
        let takers = nodes.filter(|(node, _)| node.takes(at) > 0);
        let row: Vec<(Col, f64)> =
            takers.filter_map(|(node, col)| Some(((*col)?.0, node.takes(at) as f64 / most))).collect();
        model.add_row(..=capacity.most as f64 / most, row);
    }
}

/// One row per class and child, and one more where the two may lie on a cycle.
fn add_demands(problem: &Problem, model: &mut RowProblem, used: &[Col], chosen: &[Vec<Option<(Col, usize)>>]) {
    let edges: Vec<Vec<u32>> = problem
        .classes
        .iter()
        .map(|class| {
            let mut all: Vec<u32> = class.nodes.iter().flat_map(|n| &n.children).map(|k| k.0).collect();
            all.sort_unstable();
            all.dedup();
            all
        })
        .collect();
    let component = scc::components(&edges);
    let mut sizes = vec![0u32; component.len()];
    component.iter().for_each(|s| sizes[*s as usize] += 1);
    let size = |c: usize| f64::from(sizes[component[c] as usize]);
    let time: Vec<Option<Col>> =
        (0..used.len()).map(|c| (size(c) > 1.0).then(|| model.add_column(0.0, 0.0..=size(c)))).collect();
    for (c, children) in edges.iter().enumerate() {
        for &k in children.iter().filter(|k| **k as usize != c) {
            let reads = problem.classes[c].nodes.iter().zip(&chosen[c]);
            let reads = reads.filter(|(n, _)| n.children.contains(&ClassId(k))).filter_map(|(_, col)| *col);
            let reads: Vec<(Col, f64)> = reads.map(|(col, _)| (col, 1.0)).collect();
            let k = k as usize;
            let mut row = reads.clone();
            row.push((used[k], -1.0));
            model.add_row(..0, row);
            let (Some(after), Some(before)) = (time[c], time[k]) else { continue };
            if component[c] == component[k] {
                let mut row: Vec<(Col, f64)> = reads.iter().map(|(col, _)| (*col, size(c))).collect();
                row.extend([(before, 1.0), (after, -1.0)]);
                model.add_row(..=size(c) - 1.0, row);
            }
        }
    }
}
