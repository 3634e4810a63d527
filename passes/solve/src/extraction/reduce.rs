//! Simplifications that keep at least one best solution.
//!
//! After Sun, Zhang and Ni (arXiv 2408.17042): nodes that cannot be made, or that another node of their
//! class dominates, and classes that nothing needs, go. What every solution contains is forced; a demand
//! for a forced class costs nothing more, so it is dropped, unless it could still close a cycle.

use super::implied::force_implied;
use super::work::{Picks, Work, WorkNode};
use crate::certificate::Step;

/// Largest strongly connected component in which nodes are tested for needing their own class.
const CYCLE_TEST: usize = 1_500;

/// Nodes of a class that are tried as dominating the others, cheapest first.
const CHEAPEST: usize = 500;

/// Simplifies until nothing changes. Decided nodes go to `picks`, their cost is returned beside what is
/// left, and `steps` say what was done; `None` when no solution is left.
pub(super) fn reduce(mut work: Work, picks: &mut Picks, steps: &mut Vec<Step>) -> Option<(Work, f64)> {
    let mut cost = 0.0;
    loop {
        let before = (work.len(), work.node_count());
        drop_underivable(&mut work, steps)?;
        let component = work.components();
        drop_self_supporting(&mut work, &component, steps);
        drop_underivable(&mut work, steps)?;
        force(&mut work, steps);
        let implied = force_implied(&mut work, &component);
        if !implied.is_empty() {
            let class = |c: u32| work.origin[c as usize];
            steps.push(Step::Implied(implied.into_iter().map(|(c, k)| (class(c), class(k))).collect()));
        }
        drop_met_demands(&mut work, &component, steps);
        drop_dominated(&mut work, steps);
        work = decide(&work, picks, &mut cost);
        if before == (work.len(), work.node_count()) {
            return Some((work, cost));
        }
    }
}

/// Removes nodes with a child that cannot be made; `None` if a forced class cannot.
fn drop_underivable(work: &mut Work, steps: &mut Vec<Step>) -> Option<()> {
    steps.push(Step::Underivable);
    let all = vec![true; work.len()];
    let possible = derivable(work, &all, None);
    for (nodes, &possible) in work.nodes.iter_mut().zip(&possible) {
        if !possible {
            nodes.clear();
        }
    }
    for nodes in &mut work.nodes {
        nodes.retain(|n| n.children.iter().all(|k| possible[*k as usize]));
    }
    work.forced.iter().zip(&possible).all(|(forced, possible)| !forced || *possible).then_some(())
}

/// Which classes of `scope` can be made without a cycle and without `banned`. Classes outside are at hand.
fn derivable(work: &Work, scope: &[bool], banned: Option<usize>) -> Vec<bool> {
    let n = work.len();
    let mut users: Vec<Vec<(u32, u32)>> = vec![Vec::new(); n];
    let mut missing: Vec<Vec<u32>> = vec![Vec::new(); n];
    let mut ready = Vec::new();
    for c in (0..n).filter(|c| scope[*c] && Some(*c) != banned) {
        for (at, node) in (0u32..).zip(&work.nodes[c]) {
            let mut count = 0;
            for &k in node.children.iter().filter(|k| scope[**k as usize]) {
                users[k as usize].push((c as u32, at));
                count += 1;
            }
            missing[c].push(count);
            if count == 0 {
                ready.push(c);
            }
        }
    }
    let mut made: Vec<bool> = scope.iter().map(|inside| !inside).collect();
    while let Some(c) = ready.pop() {
        if std::mem::replace(&mut made[c], true) {
            continue;
        }
        for &(user, at) in &users[c] {
            let left = &mut missing[user as usize][at as usize];
            *left -= 1;
            if *left == 0 {
                ready.push(user as usize);
            }
        }
    }
    made
}

/// Removes nodes that can only be made from their own class, such as `detect(x@light)` in `x@digital`
/// when light has no other source than digital.
fn drop_self_supporting(work: &mut Work, component: &[u32], steps: &mut Vec<Step>) {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); work.len()];
    component.iter().enumerate().for_each(|(c, s)| members[*s as usize].push(c));
    let mut id = vec![u32::MAX; work.len()];
    for group in members.iter().filter(|g| g.len() > 1 && g.len() <= CYCLE_TEST) {
        (0u32..).zip(group).for_each(|(new, &old)| id[old] = new);
        let local = |n: &WorkNode| WorkNode {
            cost: 0.0,
            origin: n.origin,
            children: n.children.iter().map(|k| id[*k as usize]).filter(|k| *k != u32::MAX).collect(),
        };
        let mut inner = Work {
            origin: vec![0; group.len()],
            forced: vec![false; group.len()],
            nodes: group.iter().map(|&c| work.nodes[c].iter().map(local).collect()).collect(),
        };
        let scope = vec![true; group.len()];
        let mut gone = Vec::new();
        for (at, &c) in group.iter().enumerate() {
            let without = derivable(&inner, &scope, Some(at));
            let good: Vec<bool> =
                inner.nodes[at].iter().map(|n| n.children.iter().all(|k| without[*k as usize])).collect();
            let bad = work.nodes[c].iter().zip(&good).filter(|(_, good)| !**good);
            gone.extend(bad.map(|(n, _)| (work.origin[c], n.origin)));
            let mut keep = good.iter();
            inner.nodes[at].retain(|_| keep.next() != Some(&false));
            let mut keep = good.iter();
            work.nodes[c].retain(|_| keep.next() != Some(&false));
        }
        if !gone.is_empty() {
            let group = group.iter().map(|c| work.origin[*c]).collect();
            steps.push(Step::SelfSupporting { group, nodes: gone });
        }
        group.iter().for_each(|&c| id[c] = u32::MAX);
    }
    for (c, nodes) in work.nodes.iter_mut().enumerate() {
        let class = work.origin[c];
        let loops = |n: &WorkNode| n.children.binary_search(&(c as u32)).is_ok();
        let gone: Vec<(u32, u32)> = nodes.iter().filter(|n| loops(n)).map(|n| (class, n.origin)).collect();
        if !gone.is_empty() {
            nodes.retain(|n| !loops(n));
            steps.push(Step::SelfSupporting { group: vec![class], nodes: gone });
        }
    }
}

/// Marks as forced what all nodes of a forced class read, and what is free.
fn force(work: &mut Work, steps: &mut Vec<Step>) {
    steps.push(Step::Forced);
    for (nodes, forced) in work.nodes.iter().zip(&mut work.forced) {
        *forced |= nodes.iter().any(|n| n.cost == 0.0 && n.children.is_empty());
    }
    let mut todo: Vec<usize> = (0..work.len()).filter(|c| work.forced[*c]).collect();
    while let Some(c) = todo.pop() {
        let Some((first, rest)) = work.nodes[c].split_first() else { continue };
        for &k in &first.children {
            let common = rest.iter().all(|n| n.children.binary_search(&k).is_ok());
            if common && !std::mem::replace(&mut work.forced[k as usize], true) {
                todo.push(k as usize);
            }
        }
    }
}

/// Removes edges to forced classes that cannot lie on a cycle with their user.
fn drop_met_demands(work: &mut Work, component: &[u32], steps: &mut Vec<Step>) {
    let (forced, origin) = (&work.forced, &work.origin);
    let mut met = Vec::new();
    for (c, nodes) in work.nodes.iter_mut().enumerate() {
        for node in nodes {
            node.children.retain(|k| {
                let keep = !forced[*k as usize] || component[*k as usize] == component[c];
                if !keep {
                    met.push((origin[c], node.origin, origin[*k as usize]));
                }
                keep
            });
        }
    }
    if !met.is_empty() {
        steps.push(Step::Relaxed(met));
    }
}

/// Removes nodes that cost no less than another one of their class whose children they include.
fn drop_dominated(work: &mut Work, steps: &mut Vec<Step>) {
    let mut gone = Vec::new();
    let key = |n: &WorkNode| (n.children.len(), n.origin);
    for (nodes, class) in work.nodes.iter_mut().zip(&work.origin).filter(|(nodes, _)| nodes.len() > 1) {
        nodes.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| key(a).cmp(&key(b))));
        let mut kept: Vec<WorkNode> = Vec::with_capacity(nodes.len());
        for node in nodes.drain(..) {
            match kept.iter().take(CHEAPEST).find(|k| subset(&k.children, &node.children)) {
                Some(by) => gone.push((*class, node.origin, by.origin)),
                None => kept.push(node),
            }
        }
        *nodes = kept;
    }
    if !gone.is_empty() {
        steps.push(Step::Dominated(gone));
    }
}

/// Whether ascending `a` is contained in ascending `b`.
fn subset(a: &[u32], b: &[u32]) -> bool {
    let mut b = b.iter();
    a.len() <= b.len() && a.iter().all(|x| b.find(|y| *y >= x) == Some(x))
}

/// Settles forced classes that read nothing any more, and leaves out what no forced class reaches.
fn decide(work: &Work, picks: &mut Picks, cost: &mut f64) -> Work {
    let mut keep = vec![false; work.len()];
    let mut todo = Vec::new();
    let mut used = vec![false; work.len()];
    work.nodes.iter().flatten().flat_map(|n| &n.children).for_each(|k| used[*k as usize] = true);
    for c in (0..work.len()).filter(|c| work.forced[*c]) {
        match &work.nodes[c][..] {
            // Dominance leaves one node when the cheapest reads nothing.
            [only] if only.children.is_empty() && !used[c] => {
                picks.push((work.origin[c], only.origin));
                *cost += only.cost;
            }
            _ => todo.push(c),
        }
    }
    while let Some(c) = todo.pop() {
        if !std::mem::replace(&mut keep[c], true) {
            todo.extend(work.nodes[c].iter().flat_map(|n| &n.children).map(|k| *k as usize));
        }
    }
    work.restrict(&keep)
}
