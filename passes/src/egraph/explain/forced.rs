//! The best plan that makes a tensor in one way alone.

use super::{Explainer, Total, Worth, solve, total};
use crate::egraph::extract::{self, Encoded};
use prism_solve::extraction::{ClassId, NodeIndex, Solution};
use prism_support::Result;
use prism_support::codes::{E0702, E0704, E0709, E0802};

/// A node, and what it is asked for instead of.
#[derive(Clone, Copy)]
pub(super) struct Only<'n> {
    pub(super) node: (ClassId, NodeIndex),
    /// All ways to make the tensor.
    pub(super) others: &'n [(ClassId, NodeIndex)],
    /// Whether the node makes it on the way to another tensor, which it is then asked to make.
    pub(super) inside: bool,
}

/// A plan, or why there is none in a line.
type Attempt = std::result::Result<(Solution, Total), String>;

impl Explainer<'_> {
    /// What the best plan with that way alone comes to.
    pub(super) fn worth(&self, asked: Only<'_>) -> Result<Worth> {
        let (class, node) = asked.node;
        if !asked.inside {
            let alone = self.without(&|c, n| (c, n) != asked.node && asked.others.contains(&(c, n)), None);
            match self.attempt(&alone)? {
                Ok((solution, total)) if solution.choice.get(class.index()).is_some_and(Option::is_some) => {
                    return Ok(Worth::Plan(total));
                }
                Ok((_, total)) => return Ok(Worth::Bypassed(total)),
                Err(_) => {}
            }
        }
        // Another reader needs another view of the tensor, or the way is about another tensor: only its class is decided.
        let decided = self.without(&|c, n| c == class && n != node, Some(class));
        Ok(match self.attempt(&decided)? {
            Ok((_, total)) => Worth::Plan(total),
            Err(why) => Worth::Impossible(why),
        })
    }

    /// The e-graph without some nodes, and with one more class that has to be made.
    pub(super) fn without(&self, gone: &dyn Fn(ClassId, NodeIndex) -> bool, root: Option<ClassId>) -> Encoded {
        let mut less = self.encoded.clone();
        for ((class, ops), c) in less.problem.classes.iter_mut().zip(&mut less.ops).zip(0..) {
            let stays: Vec<bool> = (0..).take(ops.len()).map(|n| !gone(ClassId(c), NodeIndex(n))).collect();
            if stays.iter().all(|stays| *stays) {
                continue;
            }
            let mut keep = stays.iter();
            class.nodes.retain(|_| keep.next().copied().unwrap_or(true));
            let mut keep = stays.iter();
            ops.retain(|_| keep.next().copied().unwrap_or(true));
        }
        less.problem.roots.extend(root.filter(|root| !less.problem.roots.contains(root)));
        less
    }

    /// The best plan of an e-graph with fewer nodes.
    pub(super) fn attempt(&self, encoded: &Encoded) -> Result<Attempt> {
        let body = self.segment.body;
        let name = |c: ClassId| extract::class_name(body, encoded, c);
        let found = encoded.problem.validate(&name).and_then(|()| {
            let solution = solve(body, self.target, &self.goal, encoded)?;
            let total = total(body, self.target, encoded, &solution)?;
            Ok((solution, total))
        });
        match found {
            Ok(plan) => Ok(Ok(plan)),
            // What the e-graph cannot make, or not within the limits, is an answer; anything else is an error.
            Err(found) if super::only(&found, &[&E0702, &E0704, &E0709, &E0802]) => {
                Ok(Err(found.0.first().map_or_else(String::new, |d| d.headline.clone())))
            }
            Err(found) => Err(found),
        }
    }
}
