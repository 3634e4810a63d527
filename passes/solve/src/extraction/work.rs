//! The problem as the solver transforms it: shrunk, split and branched on, but always able to say
//! which original class and node each row stands for.

use super::problem::Problem;
use super::scc;

/// A node that is still possible.
#[derive(Clone, Debug)]
pub(super) struct WorkNode {
    /// Its cost.
    pub(super) cost: f64,
    /// Classes of the same [`Work`], ascending, without repeats. Demands that are met anyway are left out.
    pub(super) children: Vec<u32>,
    /// Its index in the original class.
    pub(super) origin: u32,
}

/// A part of the problem, closed under children.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    /// The original class of each class.
    pub(super) origin: Vec<u32>,
    /// The possible nodes of each class.
    pub(super) nodes: Vec<Vec<WorkNode>>,
    /// Whether every solution has the class.
    pub(super) forced: Vec<bool>,
}

/// Chosen nodes as (original class, original node).
pub(super) type Picks = Vec<(u32, u32)>;

impl Work {
    /// The whole of a valid problem.
    pub(super) fn new(problem: &Problem) -> Work {
        let node = |(origin, n): (u32, &super::problem::Node)| {
            let mut children: Vec<u32> = n.children.iter().map(|c| c.0).collect();
            children.sort_unstable();
            children.dedup();
            WorkNode { cost: n.cost, children, origin }
        };
        let mut forced = vec![false; problem.classes.len()];
        problem.roots.iter().for_each(|r| forced[r.index()] = true);
        Work {
            origin: (0u32..).take(problem.classes.len()).collect(),
            nodes: problem.classes.iter().map(|c| (0u32..).zip(&c.nodes).map(node).collect()).collect(),
            forced,
        }
    }

    /// Number of classes.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Number of nodes.
    pub(super) fn node_count(&self) -> usize {
        self.nodes.iter().map(Vec::len).sum()
    }

    /// The classes that each class may read: ascending, without repeats.
    pub(super) fn edges(&self) -> Vec<Vec<u32>> {
        let of = |nodes: &Vec<WorkNode>| {
            let mut all: Vec<u32> = nodes.iter().flat_map(|n| &n.children).copied().collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        self.nodes.iter().map(of).collect()
    }

    /// The strongly connected component of each class, children's numbered lower.
    pub(super) fn components(&self) -> Vec<u32> {
        scc::components(&self.edges())
    }

    /// The classes marked `keep`, renumbered in the same order. They must be closed under children.
    pub(super) fn restrict(&self, keep: &[bool]) -> Work {
        let members: Vec<usize> = (0..self.len()).filter(|c| keep[*c]).collect();
        self.part(&members, &mut vec![0; self.len()])
    }

    /// Splits into parts that share no class, in order of their first class.
    pub(super) fn split(&self) -> Vec<Work> {
        let mut parent: Vec<usize> = (0..self.len()).collect();
        fn find(parent: &mut [usize], mut a: usize) -> usize {
            while parent[a] != a {
                parent[a] = parent[parent[a]];
                a = parent[a];
            }
            a
        }
        for c in 0..self.len() {
            for k in self.nodes[c].iter().flat_map(|n| &n.children) {
                let (a, b) = (find(&mut parent, c), find(&mut parent, *k as usize));
                parent[a.max(b)] = a.min(b);
            }
        }
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.len()];
        for c in 0..self.len() {
            members[find(&mut parent, c)].push(c);
        }
        let mut id = vec![0u32; self.len()];
        members.iter().filter(|m| !m.is_empty()).map(|m| self.part(m, &mut id)).collect()
    }

    /// The classes `members`, closed under children; `id` is scratch.
    fn part(&self, members: &[usize], id: &mut [u32]) -> Work {
        (0u32..).zip(members).for_each(|(new, &old)| id[old] = new);
        let moved = |n: &WorkNode| WorkNode {
            cost: n.cost,
            children: n.children.iter().map(|k| id[*k as usize]).collect(),
            origin: n.origin,
        };
        Work {
            origin: members.iter().map(|&c| self.origin[c]).collect(),
            nodes: members.iter().map(|&c| self.nodes[c].iter().map(moved).collect()).collect(),
            forced: members.iter().map(|&c| self.forced[c]).collect(),
        }
    }
}
