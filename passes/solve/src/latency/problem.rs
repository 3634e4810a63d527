//! Choice and schedule as one problem, as plain data.

use crate::extraction::{self, ClassId, NodeIndex};
use crate::schedule::{self, Resource, Task};
use prism_support::codes::E0702;
use prism_support::{Diagnostic, Diagnostics, Result};

/// One way to make a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Start to result, seconds.
    pub latency: f64,
    /// Position in [`Problem::resources`] and time held from the start, seconds; each resource at most once.
    pub uses: Vec<(u32, f64)>,
    /// What it takes, joules.
    pub energy: f64,
    /// What it adds to the energy in all, joules: its own, and what parts draw that wait or wake because of it.
    pub charged: f64,
    /// The classes it reads.
    pub children: Vec<ClassId>,
}

/// Values that are equal, made in different ways.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Class {
    /// The ways to make it.
    pub nodes: Vec<Node>,
}

/// An e-graph with times: pick one node for each class that the roots need, without a cycle, and a start for each,
/// so that resources suffice and the last ends early.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// What is scarce.
    pub resources: Vec<Resource>,
    /// All classes.
    pub classes: Vec<Class>,
    /// What has to be made.
    pub roots: Vec<ClassId>,
    /// What is drawn as long as the plan runs, whatever it does, watts.
    pub standing_w: f64,
}

/// The node of each class; `None` for classes that the roots do not need.
pub type Choice = Vec<Option<NodeIndex>>;

impl From<&schedule::Problem> for Problem {
    /// The problem without a choice: one class per task.
    fn from(timed: &schedule::Problem) -> Problem {
        let mut is_read = vec![false; timed.tasks.len()];
        for before in timed.tasks.iter().flat_map(|t| &t.after) {
            if let Some(read) = is_read.get_mut(*before as usize) {
                *read = true;
            }
        }
        let node = |t: &Task| Node {
            latency: t.latency,
            uses: t.uses.clone(),
            children: t.after.iter().copied().map(ClassId).collect(),
            ..Node::default()
        };
        Problem {
            resources: timed.resources.clone(),
            classes: timed.tasks.iter().map(|t| Class { nodes: vec![node(t)] }).collect(),
            roots: (0u32..).map(ClassId).zip(is_read).filter(|(_, read)| !read).map(|(id, _)| id).collect(),
            standing_w: 0.0,
        }
    }
}

impl Problem {
    /// All problems of the input, with classes called as `name` says.
    ///
    /// # Errors
    /// `E0702`: as [`extraction::Problem::validate`] for energies and for latencies; a resource that does not exist, has
    /// no units, is held twice, for longer than the latency, or for no valid time; a power that is negative or not finite.
    pub fn validate(&self, name: &dyn Fn(ClassId) -> String) -> Result<()> {
        self.priced(&|n| n.energy).validate(name)?;
        self.priced(&|n| n.charged).validate(name)?;
        self.priced(&|n| n.latency).validate(name)?;
        let mut problems = Diagnostics::new();
        if !(self.standing_w >= 0.0 && self.standing_w.is_finite()) {
            problems.push(
                Diagnostic::error(&E0702, "the power that is drawn all the time is no power")
                    .found(format!("{} W", self.standing_w))
                    .allowed("a finite power, not negative"),
            );
        }
        for resource in self.resources.iter().filter(|r| r.capacity == 0) {
            problems.push(
                Diagnostic::error(&E0702, format!("resource `{}` has no units", resource.name))
                    .found("capacity 0")
                    .allowed("1 or more"),
            );
        }
        for (id, class) in (0u32..).map(ClassId).zip(&self.classes) {
            for (at, node) in class.nodes.iter().enumerate() {
                if let Some((found, allowed)) = self.misuse(node) {
                    let text = format!("node {at} of class '{}' cannot hold what it does", name(id));
                    problems.push(Diagnostic::error(&E0702, text).found(found).allowed(allowed));
                }
            }
        }
        problems.into_result(())
    }

    fn misuse(&self, node: &Node) -> Option<(String, String)> {
        for (at, &(resource, held)) in node.uses.iter().enumerate() {
            let Some(known) = self.resources.get(resource as usize) else {
                return Some((format!("resource {resource}"), format!("one of {} resources", self.resources.len())));
            };
            if !(held >= 0.0 && held <= node.latency) {
                let found = format!("`{}` for {held} s", known.name);
                return Some((found, format!("0 to {} s, its latency", node.latency)));
            }
            if node.uses[..at].iter().any(|u| u.0 == resource) {
                return Some((format!("`{}` twice", known.name), "one entry per resource".into()));
            }
        }
        None
    }

    /// The extraction problem in which a node costs what `cost` says.
    pub fn priced(&self, cost: &dyn Fn(&Node) -> f64) -> extraction::Problem {
        let node = |n: &Node| extraction::Node::new(cost(n), n.children.clone());
        let class = |c: &Class| extraction::Class { nodes: c.nodes.iter().map(node).collect() };
        extraction::Problem {
            classes: self.classes.iter().map(class).collect(),
            roots: self.roots.clone(),
            capacities: Vec::new(),
        }
    }

    /// The chosen node of a class.
    pub fn chosen(&self, choice: &[Option<NodeIndex>], class: ClassId) -> Option<&Node> {
        let index = choice.get(class.index()).copied().flatten()?;
        self.classes.get(class.index())?.nodes.get(index.index())
    }

    /// The sum of what `of` says of a choice's nodes, in order of class.
    pub fn sum(&self, choice: &[Option<NodeIndex>], of: &dyn Fn(&Node) -> f64) -> f64 {
        (0u32..).map(ClassId).take(choice.len()).filter_map(|c| self.chosen(choice, c)).map(of).sum()
    }

    /// Joules of a choice.
    pub fn energy(&self, choice: &[Option<NodeIndex>]) -> f64 {
        self.sum(choice, &|n| n.energy)
    }

    /// The scheduling problem that a choice leaves: one task per chosen node, in order of class.
    pub fn timed(&self, choice: &[Option<NodeIndex>]) -> schedule::Problem {
        let mut task_of = vec![u32::MAX; self.classes.len()];
        let mut chosen = Vec::new();
        for (id, _) in (0u32..).map(ClassId).zip(&self.classes) {
            if let Some(node) = self.chosen(choice, id) {
                task_of[id.index()] = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
                chosen.push(node);
            }
        }
        let task = |node: &&Node| {
            let mut after: Vec<u32> = node.children.iter().map(|k| task_of[k.index()]).collect();
            after.sort_unstable();
            after.dedup();
            Task { after, uses: node.uses.clone(), latency: node.latency }
        };
        schedule::Problem { resources: self.resources.clone(), tasks: chosen.iter().map(task).collect() }
    }
}
