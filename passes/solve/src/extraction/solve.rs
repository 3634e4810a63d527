//! The entrance of Prism's own solver, and what all methods share on the way out.

use super::capacity;
use super::check::check;
use super::problem::{ClassId, Limits, NodeIndex, Problem, Solution};
use super::search::Search;
use super::work::Work;
use crate::certificate::{self, Certificate};
use prism_support::codes::E0702;
use prism_support::{Diagnostic, Result};
use std::time::Instant;

/// The choice of least DAG cost, with a checked proof unless `limits` end the search first.
///
/// Simplifies, splits into independent parts, eliminates classes in each part along small cuts, and
/// branches where a part has none. Where what is chosen so does not keep the capacities, prices are put on them. The answer has passed [`check`] and its bound is what its certificate [proves](certificate::check);
/// the same input gives the same answer.
///
/// # Errors
/// `E0702` as [`Problem::validate`]; classes are called by number. Validate first to give them names. `E0709` when no choice keeps the
/// capacities, or none was found.
pub fn solve(problem: &Problem, limits: &Limits) -> Result<Solution> {
    solve_certified(problem, limits).map(|(solution, _)| solution)
}

/// As [`solve`], with the certificate.
///
/// # Errors
/// As [`solve`].
pub fn solve_certified(problem: &Problem, limits: &Limits) -> Result<(Solution, Certificate)> {
    let start = Instant::now();
    problem.validate(&|c| c.0.to_string())?;
    let work = Work::new(problem);
    let mut search = Search::new(&work, limits);
    let found = search.run(work, f64::INFINITY, 0);
    let Some((_, picks)) = found.best else {
        return Err(Diagnostic::error(&E0702, "no choice of nodes without a cycle was found").into());
    };
    let (choice, step, proof) = (assemble(problem, &picks), search.step(), found.proof);
    let mut certificate = Certificate { choice, step, proof, kept: None };
    let fits = problem.fits(&problem.taken(&certificate.choice));
    if !fits {
        let held = capacity::search(problem, limits)?;
        (certificate.choice, certificate.kept) = (held.choice, Some(held.kept));
        (search.stats.priced, search.stats.branches) = (held.solves, held.cases);
    }
    let checked = certificate::check(problem, &certificate)?;
    let choice = certificate.choice.clone();
    let cost = price(problem, &choice);
    // What separates proven values is rounding; and no node costs less than nothing.
    let bound = if checked.proven { cost } else { checked.bound.max(0.0).min(cost) };
    let method = match (fits, search.stats.branches) {
        (false, 0) => "prices of what is taken",
        (false, _) => "prices of what is taken, in cases",
        (true, 0) if checked.proven => "elimination",
        (true, 0) => "greedy choice",
        (true, _) => "branch-and-bound",
    };
    let mut solution = Solution { choice, cost, bound, proven: checked.proven, method, stats: search.stats };
    check(problem, &solution)?;
    solution.stats.time = start.elapsed();
    Ok((solution, certificate))
}

/// The picks that the roots reach.
pub(super) fn assemble(problem: &Problem, picks: &[(u32, u32)]) -> Vec<Option<NodeIndex>> {
    let mut picked = vec![None; problem.classes.len()];
    picks.iter().for_each(|&(class, node)| picked[class as usize] = Some(NodeIndex(node)));
    let mut choice: Vec<Option<NodeIndex>> = vec![None; problem.classes.len()];
    let mut todo: Vec<ClassId> = problem.roots.clone();
    while let Some(class) = todo.pop() {
        if choice[class.index()].is_some() {
            continue;
        }
        choice[class.index()] = picked[class.index()];
        if let Some(node) = choice[class.index()] {
            todo.extend(&problem.classes[class.index()].nodes[node.index()].children);
        }
    }
    choice
}

/// The sum of the chosen nodes' costs, in order of class.
pub(super) fn price(problem: &Problem, choice: &[Option<NodeIndex>]) -> f64 {
    let chosen = problem.classes.iter().zip(choice);
    chosen.filter_map(|(class, node)| class.nodes.get((*node)?.index())).map(|n| n.cost).sum()
}
