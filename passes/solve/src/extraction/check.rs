//! The checker: believes nothing that a solver says.
//!
//! It shares no code with the solvers, walks the choice from the roots, and prices it again.

use super::problem::{ClassId, NodeIndex, Problem, Solution};
use prism_support::codes::E0702;
use prism_support::{Diagnostic, Result};

/// The cost of `solution`, if it is one: each class that the roots reach has a chosen node that
/// exists, no other class has one, the choice has no cycle, and it keeps the capacities. Costs are added in order of class.
///
/// # Errors
/// `E0702`, naming the first thing that is wrong, or a stated cost or bound that contradicts the choice.
pub fn check(problem: &Problem, solution: &Solution) -> Result<f64> {
    let cost = check_choice(problem, &solution.choice)?;
    let slack = 1e-9 * cost.abs().max(1e-300);
    // Written so that NaN fails.
    let priced = (solution.cost - cost).abs() <= slack;
    let bounded = solution.bound <= cost + slack;
    let wrong = |what: &str, value: f64| {
        let text = format!("the {what} of an extraction contradicts its choice");
        Err(Diagnostic::error(&E0702, text).found(value.to_string()).allowed(format!("{cost} by its choice")).into())
    };
    if !priced {
        return wrong("cost", solution.cost);
    }
    if !bounded {
        return wrong("bound", solution.bound);
    }
    Ok(cost)
}

/// The cost of `choice`, if it is one: what [`check`] says of a choice alone.
///
/// # Errors
/// `E0702`, naming the first thing that is wrong; classes are called by number.
pub fn check_choice(problem: &Problem, choice: &[Option<NodeIndex>]) -> Result<f64> {
    check_choice_named(problem, choice, &|class| class.0.to_string())
}

/// The same with names of classes for messages.
///
/// # Errors
/// As of [`check_choice`].
pub fn check_choice_named(
    problem: &Problem,
    choice: &[Option<NodeIndex>],
    name: &dyn Fn(ClassId) -> String,
) -> Result<f64> {
    // Depth first: a class met again while it is still open is on a cycle.
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let fail = |text: String, found: String, allowed: String| {
        Err(Diagnostic::error(&E0702, text).found(found).allowed(allowed).into())
    };
    let (given, classes) = (choice.len(), problem.classes.len());
    if given != classes {
        let text = "the choice is none of this e-graph".to_string();
        return fail(text, format!("entries for {given} classes"), format!("an entry for each of {classes} classes"));
    }
    let chosen = |id: ClassId| {
        let index = choice.get(id.index()).copied().flatten()?;
        problem.classes.get(id.index())?.nodes.get(index.index())
    };
    let mut mark = vec![Mark::New; problem.classes.len()];
    let mut stack: Vec<(ClassId, usize)> = Vec::new();
    for &root in &problem.roots {
        stack.push((root, 0));
        while let Some((id, at)) = stack.pop() {
            let Some(node) = chosen(id) else {
                let found = choice.get(id.index()).copied().flatten();
                let found = found.map_or("no node".into(), |node| format!("node number {}", node.0));
                let nodes = problem.classes.get(id.index()).map_or(0, |c| c.nodes.len());
                let text = format!("class `{}` is needed but no node of it is chosen", name(id));
                return fail(text, found, format!("one of its {nodes} nodes, counted from 0"));
            };
            if at == 0 && mark[id.index()] == Mark::Done {
                continue;
            }
            mark[id.index()] = Mark::Open;
            let Some(&child) = node.children.get(at) else {
                mark[id.index()] = Mark::Done;
                continue;
            };
            if mark.get(child.index()) == Some(&Mark::Open) {
                let text = format!("the choice has a cycle through class `{}`", name(child));
                let found = format!("its node reads class `{}`, which reads it in turn", name(id));
                return fail(text, found, "nodes that can be made one after the other".into());
            }
            stack.push((id, at.saturating_add(1)));
            stack.push((child, 0));
        }
    }
    let mut cost = 0.0;
    for (id, mark) in (0u32..).map(ClassId).zip(&mark) {
        match (mark, chosen(id)) {
            (Mark::Done, Some(node)) => cost += node.cost,
            (_, Some(_)) => {
                let text = format!("class `{}` is chosen but nothing needs it", name(id));
                return fail(text, "a node of it".into(), "none".into());
            }
            _ => {}
        }
    }
    match problem.capacities.iter().zip(problem.taken(choice)).find(|(capacity, taken)| *taken > capacity.most) {
        Some((capacity, taken)) => {
            Err(Diagnostic::error(&E0702, format!("the choice does not keep the limit on `{}`", capacity.name))
                .found(taken.to_string())
                .allowed(format!("at most {}", capacity.most))
                .into())
        }
        None => Ok(cost),
    }
}
