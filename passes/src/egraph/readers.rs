//! How often each tensor is read, on whichever machine does composite operations as a whole where it can.

use super::graph::Graph;
use super::language::Node;
use crate::nn::expand::{OF_PRODUCTS, WHOLE};
use egg::Id;
use prism_dialects::Level;
use prism_hardware::Target;
use rustc_hash::FxHashMap;

/// Operations that read each class of maths, over all alternatives that the machine would look at.
#[derive(Clone, Debug, Default)]
pub struct Readers(FxHashMap<Id, usize>);

impl Readers {
    /// Those of what the roots reach. What a program returns is read by who called it. Where a unit has a kernel for a composite
    /// operation, what it is made of is nothing that the machine would make.
    pub fn of(graph: &Graph, roots: &[Id], target: &Target) -> Readers {
        let mut counts: FxHashMap<Id, usize> = FxHashMap::default();
        let mut todo: Vec<Id> = roots.iter().map(|r| graph.egraph.find(*r)).collect();
        todo.iter().for_each(|root| *counts.entry(*root).or_default() += 1);
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(class) = todo.pop() {
            if !seen.insert(class) {
                continue;
            }
            let mut read: Vec<Id> = Vec::new();
            for node in looked_at(graph, target, class) {
                let each = node.children.iter().map(|c| graph.egraph.find(*c));
                // Alternatives that read the same tensor are one reader.
                for (i, child) in each.clone().enumerate() {
                    let times = each.clone().take(i + 1).filter(|c| *c == child).count();
                    if read.iter().filter(|c| **c == child).count() < times {
                        read.push(child);
                    }
                }
            }
            read.iter().for_each(|child| *counts.entry(*child).or_default() += 1);
            todo.extend(read);
        }
        Readers(counts)
    }

    /// Whether only one operation reads it.
    pub fn reads_once(&self, graph: &Graph, class: Id) -> bool {
        self.0.get(&graph.egraph.find(class)) == Some(&1)
    }
}

/// The operations of a class that the machine may do; of a view, the view itself.
fn looked_at<'g>(graph: &'g Graph, target: &Target, class: Id) -> Vec<&'g Node> {
    let named = |n: &Node| graph.def(n).filter(|d| d.level == Level::Nn || d.name == "stack.view");
    let nodes: Vec<&Node> = graph.egraph[class].iter().filter(|n| named(n).is_some()).collect();
    let is_whole = |n: &&Node| named(n).is_some_and(|d| WHOLE.contains(&d.name) && target.has_kernel(d.short()));
    match nodes.iter().copied().find(|n| is_whole(n)) {
        Some(whole) => vec![whole],
        None => {
            let able =
                |n: &&Node| named(n).is_some_and(|d| !OF_PRODUCTS.contains(&d.name) || target.has_kernel(d.short()));
            nodes.into_iter().filter(able).collect()
        }
    }
}
