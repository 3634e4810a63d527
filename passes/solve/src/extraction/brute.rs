//! Every choice of a small problem: what the other methods are tested against.

use super::check::check;
use super::problem::{ClassId, NodeIndex, Problem, Solution, Stats};
use super::solve::price;
use prism_support::codes::E0702;
use prism_support::{Diagnostic, Result};

/// Most classes that are enumerated.
const CLASSES: usize = 12;

/// The choice of least DAG cost, found by trying all of them. Of equals the first in order of node.
///
/// # Errors
/// `E0702` as [`Problem::validate`], or more than 12 classes.
pub fn brute_force(problem: &Problem) -> Result<Solution> {
    problem.validate(&|c| c.0.to_string())?;
    if problem.classes.len() > CLASSES {
        return Err(Diagnostic::error(&E0702, "the e-graph is too large to try every choice")
            .found(format!("{} classes", problem.classes.len()))
            .allowed(format!("up to {CLASSES}"))
            .into());
    }
    let mut all = Enumeration { problem, choice: vec![None; problem.classes.len()], best: None };
    all.extend(0.0);
    let Some((_, choice)) = all.best else {
        return Err(Diagnostic::error(&E0702, "every choice of nodes runs into a cycle or takes too much").into());
    };
    let cost = price(problem, &choice);
    let stats = Stats::default();
    let solution = Solution { choice, cost, bound: cost, proven: true, method: "brute-force", stats };
    check(problem, &solution)?;
    Ok(solution)
}

struct Enumeration<'a> {
    problem: &'a Problem,
    choice: Vec<Option<NodeIndex>>,
    best: Option<(f64, Vec<Option<NodeIndex>>)>,
}

impl Enumeration<'_> {
    /// Decides the first class that is needed and undecided, in every way.
    fn extend(&mut self, cost: f64) {
        if self.best.as_ref().is_some_and(|(best, _)| cost >= *best) {
            return;
        }
        let Some(class) = self.undecided() else {
            if self.acyclic() && self.problem.fits(&self.problem.taken(&self.choice)) {
                self.best = Some((cost, self.choice.clone()));
            }
            return;
        };
        for (index, node) in (0u32..).zip(&self.problem.classes[class.index()].nodes) {
            self.choice[class.index()] = Some(NodeIndex(index));
            self.extend(cost + node.cost);
        }
        self.choice[class.index()] = None;
    }

    fn undecided(&self) -> Option<ClassId> {
        let needed = self.problem.classes.iter().zip(&self.choice);
        let needed = needed.filter_map(|(class, node)| class.nodes.get((*node)?.index()));
        let mut needed = needed.flat_map(|n| &n.children).chain(&self.problem.roots);
        needed.find(|c| self.choice[c.index()].is_none()).copied()
    }

    /// Whether the decided classes can be put in an order, children first.
    fn acyclic(&self) -> bool {
        let mut placed = vec![false; self.choice.len()];
        loop {
            let mut progress = false;
            let mut open = false;
            for (c, class) in self.problem.classes.iter().enumerate() {
                let Some(node) = self.choice[c].and_then(|n| class.nodes.get(n.index())) else { continue };
                if placed[c] {
                    continue;
                }
                open = true;
                if node.children.iter().all(|k| placed[k.index()]) {
                    placed[c] = true;
                    progress = true;
                }
            }
            if !open || !progress {
                return !open;
            }
        }
    }
}
