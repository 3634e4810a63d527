//! Local search: classes of one sort change together.

use super::problem::{Choice, Problem};
use super::question::{Measure, Question};
use super::search::{Guide, Plan, Search, complete};
use crate::extraction::{ClassId, NodeIndex};
use prism_support::Result;
use std::collections::BTreeMap;

/// The strategy of its plans.
pub(super) const NAME: &str = "local search";
/// A plan so near to the bound, relative, is not improved any further.
const GOOD: f64 = 1e-3;
/// Values that differ by less, relative, count as equal.
const EQUAL: f64 = 1e-9;

/// Changes the fastest plan and then the best one as long as that answers the question better, unless that is near a `bound` on its value.
///
/// Plans that are balanced already are left by one change at a time for worse ones only, so the fastest is worth a try: what it spends
/// where nothing waits for it is saved one by one.
/// Equal layers have equal classes; what helps one helps the others, or half of them where the point is to spread work
/// over two resources. So classes whose ways are equal in time and energy are changed together: all of them, then by
/// halves, quarters and so on, down to single ones while tasks may be scheduled.
pub(super) fn improve(search: &mut Search<'_>, question: &Question, bound: f64) -> Result<()> {
    let sorts = sorts(search.problem);
    let excess = |p: &Plan| question.excess(p.energy, p.makespan);
    let faster = |a: &Plan, b: &Plan| excess(a).total_cmp(&excess(b)).then(a.makespan.total_cmp(&b.makespan)).is_lt();
    let fastest = search.first(&faster);
    let tasks = search.tasks;
    search.tasks = tasks / 2;
    if let (Some(fastest), true) = (fastest, matches!(question.measure, Measure::Product { .. })) {
        from(search, question, bound, &sorts, fastest)?;
    }
    search.tasks += tasks - tasks / 2;
    match search.first(&|a, b| question.is_better(a, b, 0.0)) {
        Some(best) => from(search, question, bound, &sorts, best),
        None => Ok(()),
    }
}

/// Changes one plan as long as that helps.
fn from(
    search: &mut Search<'_>,
    question: &Question,
    bound: f64,
    sorts: &[Vec<ClassId>],
    mut best: usize,
) -> Result<()> {
    let largest = sorts.iter().map(Vec::len).max().unwrap_or(0);
    let mut size = largest;
    while size > 0 {
        let mut improved = false;
        for sort in sorts {
            for part in sort.chunks(size.min(sort.len()).max(1)) {
                let plan = &search.plans[best];
                let keeps = question.excess(plan.energy, plan.makespan) == 0.0;
                if search.tasks == 0 || (keeps && question.value(plan) <= bound * (1.0 + GOOD)) {
                    return Ok(());
                }
                // Once a sort has been tried as a whole, larger sizes are the same again.
                if size > sort.len() && size < largest {
                    continue;
                }
                improved |= change(search, question, &mut best, part)?;
            }
        }
        if !improved {
            size /= 2;
        }
    }
    Ok(())
}

/// Tries every other node for the classes of `part`; whether one was better.
fn change(search: &mut Search<'_>, question: &Question, best: &mut usize, part: &[ClassId]) -> Result<bool> {
    let count = part.first().map_or(0, |c| search.problem.classes[c.index()].nodes.len());
    let mut improved = false;
    for node in 0..count as u32 {
        let choice = &search.plans[*best].choice;
        if !part.iter().any(|c| choice[c.index()].is_some_and(|n| n.0 != node)) || search.tasks == 0 {
            continue;
        }
        // Completing takes time even where it fails.
        search.tasks = search.tasks.saturating_sub(search.problem.classes.len() as u64 / 4);
        let Some(other) = changed(search.problem, choice, part, node) else { continue };
        let at = search.add(NAME, other)?;
        if question.is_better(&search.plans[at], &search.plans[*best], EQUAL) {
            *best = at;
            improved = true;
        }
    }
    Ok(improved)
}

/// `choice` with `node` in the classes of `part` that it uses, and whatever that needs.
fn changed(problem: &Problem, choice: &Choice, part: &[ClassId], node: u32) -> Option<Choice> {
    let mut guide: Guide = choice.iter().map(|n| n.map(|NodeIndex(n)| vec![n])).collect();
    for class in part {
        if let Some(nodes) = guide.get_mut(class.index()).and_then(Option::as_mut) {
            *nodes = vec![node];
        }
    }
    complete(problem, &guide, &|n| n.energy)
}

/// Classes with several nodes, those of equal times and energies together, the longest in all first.
fn sorts(problem: &Problem) -> Vec<Vec<ClassId>> {
    let mut sorts: BTreeMap<Vec<u64>, (f64, Vec<ClassId>)> = BTreeMap::new();
    for (id, class) in (0u32..).map(ClassId).zip(&problem.classes).filter(|(_, c)| c.nodes.len() > 1) {
        let mut key = Vec::new();
        for node in &class.nodes {
            key.extend([node.latency.to_bits(), node.energy.to_bits(), node.children.len() as u64]);
            key.extend(node.uses.iter().flat_map(|u| [u64::from(u.0), u.1.to_bits()]));
        }
        let sort = sorts.entry(key).or_default();
        sort.0 += class.nodes.iter().map(|n| n.latency).fold(f64::INFINITY, f64::min);
        sort.1.push(id);
    }
    let mut all: Vec<(f64, Vec<ClassId>)> = sorts.into_values().collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().map(|s| s.1).collect()
}
