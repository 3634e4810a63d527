//! How often each tensor is read, in the program as the machine is likely to run it.

use super::graph::Graph;
use egg::{Id, Language};
use prism_dialects::{Body, Level};
use rustc_hash::{FxHashMap, FxHashSet};

/// Readers by class of maths.
#[derive(Clone, Debug, Default)]
pub struct Readers(FxHashMap<Id, usize>);

impl Readers {
    /// Those of the values of `body`, which have the classes `values`. What a program returns is read by who called it.
    pub fn of(body: &Body, values: &[Option<Id>], graph: &Graph) -> Readers {
        let mut counts = FxHashMap::default();
        for (value, uses) in body.use_counts().iter().enumerate() {
            if let Some(class) = values.get(value).copied().flatten() {
                *counts.entry(graph.egraph.find(class)).or_default() += *uses as usize;
            }
        }
        Readers(counts)
    }

    /// Whether only one operation reads it. What the program does not hold, as rules made it, is read by whatever else they made.
    pub fn reads_once(&self, graph: &Graph, class: Id) -> bool {
        let class = graph.egraph.find(class);
        match self.0.get(&class) {
            Some(readers) => *readers == 1,
            None => {
                let is_maths = |id: &Id| {
                    let reads =
                        |n: &&super::language::Node| n.children().iter().any(|c| graph.egraph.find(*c) == class);
                    let mut readers = graph.egraph[*id].iter().filter(reads);
                    readers.any(|n| graph.def(n).is_some_and(|d| d.level == Level::Nn))
                };
                let parents: FxHashSet<Id> = graph.egraph[class].parents().map(|p| graph.egraph.find(p)).collect();
                parents.iter().filter(|p| is_maths(p)).count() == 1
            }
        }
    }
}
