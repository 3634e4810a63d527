//! A part of the e-graph to look at: classes of the best plan about an operation, each with its best rival.

use super::Explainer;
use super::segment::in_words;
use prism_dialects::{Type, ValueId, View};
use prism_solve::extraction::{ClassId, NodeIndex};
use prism_support::Result;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A node of a class.
#[derive(Clone, Debug)]
pub struct Choice {
    /// In words, such as "light in `mesh`".
    pub what: String,
    /// Its own energy, joules.
    pub own_j: f64,
    /// The classes that it reads, by their place in [`Neighbourhood::classes`].
    pub reads: Vec<usize>,
    /// How many more it reads, which are not shown.
    pub not_shown: usize,
}

/// The best of the nodes that are not chosen.
#[derive(Clone, Debug)]
pub struct Rival {
    /// The node.
    pub choice: Choice,
    /// By how much the best plan with it is above the best of all, in the unit of the measure.
    pub more: f64,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// The user's name for its tensor.
    pub name: String,
    /// The view of that tensor: where it is, of what shape, at how many effective bits.
    pub view: String,
    /// Where that is; `None` for an argument that is in no place yet.
    pub place: Option<View>,
    /// How many nodes it has that a machine can do.
    pub nodes: usize,
    /// The node of the best plan; `None` for a class that the plan does without.
    pub chosen: Option<Choice>,
    /// The rival, if any node but the chosen one gives a plan.
    pub rival: Option<Rival>,
}

/// Classes about an operation.
#[derive(Clone, Debug)]
pub struct Neighbourhood {
    /// Those shown, the operation's first.
    pub classes: Vec<Neighbour>,
    /// How many classes the best plan makes.
    pub in_plan: usize,
    /// How many classes there are.
    pub in_all: usize,
    /// How many nodes those have.
    pub nodes: usize,
}

impl Explainer<'_> {
    /// At most `most` classes of the best plan, up to `steps` from the operation that the user calls `name`, or from the results; and what
    /// their rivals read.
    ///
    /// # Errors
    /// As of [`Explainer::why`].
    pub fn around(&self, name: Option<&str>, steps: usize, most: usize) -> Result<Neighbourhood> {
        let start = match name {
            Some(name) => {
                let mut tensors = self.find(name)?.1;
                if tensors.iter().any(|t| !self.segment.is_leaf(*t)) {
                    tensors.retain(|t| !self.segment.is_leaf(*t));
                }
                let views = tensors.iter().flat_map(|t| self.segment.views(*t)).filter_map(|v| self.classes.get(&v));
                views.copied().filter(|c| self.chosen(*c).is_some()).collect()
            }
            None => self.encoded.problem.roots.clone(),
        };
        let mut shown = self.near(start, steps, most);
        let mut rivals = BTreeMap::new();
        for class in shown.clone() {
            let Some((node, more)) = self.rival(class)? else { continue };
            rivals.insert(class, (node, more));
            let more: Vec<ClassId> = self.children(class, node).filter(|c| !shown.contains(c)).collect();
            shown.extend(more.into_iter().filter(|c| self.chosen(*c).is_none()));
        }
        let place: BTreeMap<ClassId, usize> = shown.iter().copied().zip(0..).collect();
        let values: BTreeMap<ClassId, ValueId> = self.classes.iter().map(|(v, c)| (*c, *v)).collect();
        let neighbour = |class: &ClassId| {
            let value = values.get(class).copied();
            let tensor = value.and_then(|v| self.segment.tensor_of(v)).or(value);
            let rival = rivals.get(class);
            Neighbour {
                name: tensor.map_or("?".into(), |t| self.segment.name(t)),
                place: value.and_then(|v| self.segment.body.ty(v).view()),
                view: value.map(|v| in_short(self.segment.body.ty(v))).unwrap_or_default(),
                nodes: self.encoded.ops.get(class.index()).map_or(0, Vec::len),
                chosen: self.chosen(*class).map(|node| self.choice(*class, node, &place)),
                rival: rival.map(|(node, more)| Rival { choice: self.choice(*class, *node, &place), more: *more }),
            }
        };
        Ok(Neighbourhood {
            classes: shown.iter().map(neighbour).collect(),
            in_plan: self.solution.choice.iter().flatten().count(),
            in_all: self.encoded.ops.len(),
            nodes: self.encoded.ops.iter().map(Vec::len).sum(),
        })
    }

    fn chosen(&self, class: ClassId) -> Option<NodeIndex> {
        self.solution.choice.get(class.index()).copied().flatten()
    }

    fn children(&self, class: ClassId, node: NodeIndex) -> impl Iterator<Item = ClassId> {
        let classes = &self.encoded.problem.classes;
        let node = classes.get(class.index()).and_then(|c| c.nodes.get(node.index()));
        node.into_iter().flat_map(|n| n.children.iter().copied())
    }

    /// Classes of the plan by their distance: what is read on the way to `start`, and what reads it. What shares an operand with it, as many a
    /// tensor does with a weight or a mask, is no neighbour.
    fn near(&self, start: Vec<ClassId>, steps: usize, most: usize) -> Vec<ClassId> {
        let mut readers: BTreeMap<ClassId, Vec<ClassId>> = BTreeMap::new();
        for class in (0..).map(ClassId).take(self.solution.choice.len()) {
            let read = self.chosen(class).into_iter().flat_map(|node| self.children(class, node));
            read.for_each(|child| readers.entry(child).or_default().push(class));
        }
        let (mut seen, mut out): (BTreeSet<ClassId>, Vec<ClassId>) = Default::default();
        let both = |class| [(class, 0, true), (class, 0, false)];
        let mut queue: VecDeque<(ClassId, usize, bool)> = start.into_iter().flat_map(both).collect();
        let mut visited = BTreeSet::new();
        while let Some((class, distance, down)) = queue.pop_front() {
            if !visited.insert((class, down)) {
                continue;
            }
            if seen.insert(class) {
                if out.len() == most {
                    break;
                }
                out.push(class);
            }
            if distance < steps && down {
                let read = self.chosen(class).into_iter().flat_map(|node| self.children(class, node));
                queue.extend(read.map(|c| (c, distance + 1, true)));
            } else if distance < steps {
                queue.extend(readers.get(&class).into_iter().flatten().map(|c| (*c, distance + 1, false)));
            }
        }
        out
    }

    /// The best node of a class that is not chosen, and what the best plan with it costs more.
    fn rival(&self, class: ClassId) -> Result<Option<(NodeIndex, f64)>> {
        let count = self.encoded.ops.get(class.index()).map_or(0, Vec::len);
        let mut best: Option<(NodeIndex, f64)> = None;
        for node in (0..).map(NodeIndex).take(count).filter(|n| self.chosen(class) != Some(*n)) {
            let alone = self.without(&|c, n| c == class && n != node, Some(class));
            let Ok((_, total)) = self.attempt(&alone)? else { continue };
            let more = total.value - self.best.value;
            if best.is_none_or(|(_, least)| more < least) {
                best = Some((node, more));
            }
        }
        Ok(best)
    }

    fn choice(&self, class: ClassId, node: NodeIndex, place: &BTreeMap<ClassId, usize>) -> Choice {
        let op = self.encoded.ops.get(class.index()).and_then(|ops| *ops.get(node.index())?);
        let op = op.and_then(|i| self.segment.body.ops.get(i));
        let children: BTreeSet<ClassId> = self.children(class, node).collect();
        let reads: Vec<usize> = children.iter().filter_map(|c| place.get(c).copied()).collect();
        Choice {
            what: op.map_or("an argument".into(), in_words),
            own_j: op.map_or(0.0, |op| self.own(op)),
            not_shown: children.len() - reads.len(),
            reads,
        }
    }
}

/// A view in a line: shape and element, effective bits.
fn in_short(ty: &Type) -> String {
    let Type::View { tensor, bits, .. } = ty else { return ty.to_string() };
    let tensor = tensor.to_string();
    let shape = tensor.strip_prefix("tensor<").and_then(|t| t.strip_suffix('>')).unwrap_or(&tensor);
    format!("{shape}, {bits} bits")
}
