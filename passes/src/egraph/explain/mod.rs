//! Why an operation is realised as it is: every way to do it, and what the best plan that does it so comes to.
//!
//! Each way is compared as a whole: the others are taken out of the e-graph and the rest is chosen anew, so that the difference in price
//! counts what is shared, converted or fused elsewhere. Nothing is estimated from the price of one operation.

mod absent;
mod around;
mod forced;
mod segment;

pub use around::{Choice, Neighbour, Neighbourhood, Rival};

use super::capacity;
use super::extract::{self, Encoded};
use super::goal::{Goal, Timed};
use crate::plan::schedule;
use forced::Only;
use prism_dialects::{Attr, Body, Level, Op, Type, ValueId, View};
use prism_hardware::Target;
use prism_solve::extraction::{ClassId, NodeIndex, Solution};
use prism_solve::latency::{Measure, Question};
use prism_support::codes::{E0104, E0802};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use segment::{Segment, in_words};
use std::collections::{BTreeMap, BTreeSet};

/// How far the parts of a joined product are followed: to the light that is detected.
const PARTS: usize = 3;

/// What a plan comes to.
#[derive(Clone, Debug)]
pub struct Total {
    /// What is to be least, in the unit of the measure.
    pub value: f64,
    /// Whether no plan of that kind is below `value`, by a certificate that was checked.
    pub proven: bool,
    /// Dynamic energy, joules.
    pub energy_j: f64,
    /// The same by component.
    pub by_component: BTreeMap<String, f64>,
    /// How long each resource is held, seconds.
    pub busy_s: BTreeMap<String, f64>,
    /// The makespan, seconds; `None` where what is alive at one time does not fit into the working memory.
    pub makespan_s: Option<f64>,
}

/// What the best plan with one way comes to.
#[derive(Clone, Debug)]
pub enum Worth {
    /// That plan.
    Plan(Total),
    /// There is none: why, in a line.
    Impossible(String),
    /// The best plan without the other ways does not make the tensor at all.
    Bypassed(Total),
}

/// One way to make a tensor.
#[derive(Clone, Debug)]
pub struct Way {
    /// In words, such as "kernel matmul on `cpu`".
    pub what: String,
    /// The operation of the assignment, such as `ptu.matmul`.
    pub op: &'static str,
    /// What does it, if anything.
    pub unit: Option<String>,
    /// The view that it makes.
    pub view: String,
    /// The rules that led there, in order.
    pub rules: Vec<String>,
    /// Its own energy, joules.
    pub own_j: f64,
    /// Whether the best plan of all does it so.
    pub chosen: bool,
    /// What the best plan that does it so, and in no other way, comes to.
    pub worth: Worth,
}

impl Way {
    /// The plan with it, if there is one that uses it.
    pub fn plan(&self) -> Option<&Total> {
        match &self.worth {
            Worth::Plan(total) => Some(total),
            _ => None,
        }
    }
}

/// A tensor of the program, and the ways to make it.
#[derive(Clone, Debug)]
pub struct Part {
    /// The operations of `nn` that give it; empty for an argument.
    pub maths: Vec<&'static str>,
    /// Its type.
    pub tensor: String,
    /// Whether the model has it; otherwise a rule made it out of an operation of the model.
    pub original: bool,
    /// All ways, the chosen ones first, then from the best.
    pub ways: Vec<Way>,
    id: ValueId,
}

impl Part {
    /// The ways that are not chosen and give a plan, from the best.
    pub fn others(&self) -> impl Iterator<Item = &Way> {
        self.ways.iter().filter(|way| !way.chosen && way.plan().is_some())
    }
}

/// What there is to know about an operation.
#[derive(Clone, Debug)]
pub struct Why {
    /// The user's name for it.
    pub name: String,
    /// The tensors that bear it, and those that rules made out of them and the best plan makes.
    pub parts: Vec<Part>,
}

/// What there is to know about a way that an operation is not done.
#[derive(Clone, Debug)]
pub struct WhyNot {
    /// All ways.
    pub why: Why,
    /// What was asked for.
    pub word: String,
    /// Why there is no such way, a line each; empty where there is one.
    pub absent: Vec<String>,
}

impl WhyNot {
    /// The best way of a part that was asked for.
    pub fn asked<'p>(&self, part: &'p Part) -> Option<&'p Way> {
        part.ways.iter().find(|way| Explainer::stands_for(&self.word, way, part.original))
    }
}

/// A saturated segment with its best assignment, to be asked about.
pub struct Explainer<'a> {
    segment: Segment<'a>,
    target: &'a Target,
    goal: Goal,
    encoded: Encoded,
    /// The class of the problem that each value stands for.
    classes: BTreeMap<ValueId, ClassId>,
    solution: Solution,
    /// What the best assignment comes to.
    pub best: Total,
}

impl<'a> Explainer<'a> {
    /// Chooses the best assignment of `body`, a saturated segment priced on `target`.
    ///
    /// # Errors
    /// Those of `extract`.
    pub fn of(body: &'a Body, target: &'a Target, question: Question) -> Result<Explainer<'a>> {
        extract::check(body, Some(target))?;
        let encoded = extract::encode(body, "energy");
        encoded.problem.validate(&|c| extract::class_name(body, &encoded, c))?;
        let classes = encoded.values.iter().zip(0..).map(|(v, c)| (*v, ClassId(c))).collect();
        let goal = Goal::new(question);
        let solution = solve(body, target, &goal, &encoded)?;
        let best = total(body, target, &encoded, &solution)?;
        Ok(Explainer { segment: Segment::of(body), target, goal, encoded, classes, solution, best })
    }

    /// The measure that the plans are compared by.
    pub fn measure(&self) -> Measure {
        self.goal.question.measure
    }

    /// Every way to do the operation that the user calls `name`, or that alone has `name` in its name.
    ///
    /// # Errors
    /// `E0104` when no operation, or more than one, is meant; those of the search.
    pub fn why(&self, name: &str) -> Result<Why> {
        let (name, named) = self.find(name)?;
        let mut parts = Vec::new();
        for tensor in &named {
            parts.push(self.part(*tensor, true)?);
        }
        for tensor in self.segment.derived(name).into_iter().filter(|t| !named.contains(t)) {
            let made = self.segment.ways(tensor).iter().any(|(class, op)| self.is_chosen(*class, *op));
            if made {
                parts.push(self.part(tensor, false)?);
            }
        }
        Ok(Why { name: name.to_string(), parts })
    }

    /// The name that the user means, and the tensors of the model that bear it: an exporter may give one to several operations. Those that
    /// are computed come first.
    fn find(&self, name: &str) -> Result<(&'a str, Vec<ValueId>)> {
        let names = self.segment.names();
        let named = |name: &'a str| {
            let bears = |class: &ValueId| names.iter().any(|(n, c)| *n == name && c == class);
            let mut found: Vec<ValueId> = names.iter().map(|(_, class)| *class).filter(bears).collect();
            let mut seen = BTreeSet::new();
            found.retain(|class| seen.insert(*class));
            // Exporters name weights after the operation that reads them; who asks means what is computed.
            found.sort_by_key(|class| self.segment.is_leaf(*class));
            (name, found)
        };
        if let Some((exact, _)) = names.iter().find(|(n, _)| *n == name) {
            return Ok(named(exact));
        }
        let mut within: BTreeSet<&'a str> = names.iter().map(|(n, _)| *n).filter(|n| n.contains(name)).collect();
        // The end of a path is more than a part of one.
        if within.iter().any(|n| n.ends_with(name)) {
            within.retain(|n| n.ends_with(name));
        }
        if let (Some(one), 1, false) = (within.first(), within.len(), name.is_empty()) {
            return Ok(named(one));
        }
        let problem = Diagnostic::error(&E0104, format!("no operation is called `{name}`"));
        Err(match within.len() {
            0 => problem
                .allowed("names of the model's nodes, as `prism compile MODEL --to nn` prints them in `loc(...)`")
                .hint_if(suggest::did_you_mean(name, names.iter().map(|(n, _)| *n))),
            n => problem
                .found(format!(
                    "{n} names with it, such as {}",
                    within.into_iter().take(4).collect::<Vec<_>>().join(", ")
                ))
                .hint("give one of them"),
        }
        .into())
    }

    /// Why the operation that the user calls `name` is not done as `word` says: a word of [`Explainer::words`].
    ///
    /// # Errors
    /// `E0104` for another word, and those of [`Explainer::why`].
    pub fn why_not(&self, name: &str, word: &str) -> Result<WhyNot> {
        let words = self.words();
        if !words.iter().any(|w| w == word) {
            let units = self.units().map(|u| format!("`{u}`")).collect::<Vec<_>>().join(", ");
            return Err(Diagnostic::error(&E0104, format!("`{word}` is no way to realise an operation"))
                .allowed(format!(
                    "`light`, `kernel`, `fused`; a unit ({units}); an operation such as `ptu.matmul`; a rule of `prism list rules`"
                ))
                .hint_if(suggest::did_you_mean(word, words.iter().map(String::as_str)))
                .into());
        }
        let why = self.why(name)?;
        let asked = |part: &Part| part.ways.iter().any(|way| Explainer::stands_for(word, way, part.original));
        // Of several tensors of that name, one that is computed is meant, and of those the one with most to choose from.
        let computed = |part: &Part| !self.segment.is_leaf(part.id);
        let main =
            why.parts.iter().rev().filter(|part| part.original).max_by_key(|part| (computed(part), part.ways.len()));
        let absent = match why.parts.iter().any(asked) {
            true => Vec::new(),
            false => main.map(|part| self.absent(part.id, word)).unwrap_or_default(),
        };
        Ok(WhyNot { why, word: word.to_string(), absent })
    }

    fn part(&self, tensor: ValueId, original: bool) -> Result<Part> {
        let found = self.segment.ways(tensor);
        let nodes: Vec<(ClassId, NodeIndex)> = found.iter().filter_map(|(class, op)| self.node(*class, *op)).collect();
        // Made in one way, it is made so by the best plan.
        let once = found.iter().filter(|(class, op)| self.is_chosen(*class, *op)).count() == 1;
        let (mut ways, mut reads) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
        for (class, op) in found {
            let (Some(node), Some(made)) = (self.node(class, op), self.segment.body.ops.get(op)) else { continue };
            let inside = self.segment.tensor_of(class) != Some(tensor);
            let chosen = self.is_chosen(class, op);
            reads.push(self.reads_off_chip(made));
            let worth = match chosen && once {
                true => Worth::Plan(self.best.clone()),
                false => self.worth(Only { node, others: &nodes, inside })?,
            };
            ways.push(Way { rules: self.segment.rules(tensor, made), ..self.way(made, class, chosen, worth) });
        }
        told_apart(&mut ways, &reads);
        let value = |way: &Way| way.plan().map_or(f64::INFINITY, |t| t.value);
        ways.sort_by(|a, b| b.chosen.cmp(&a.chosen).then(value(a).total_cmp(&value(b))));
        let tensor_type = self.segment.body.ty(tensor).to_string();
        Ok(Part { maths: self.segment.maths(tensor), tensor: tensor_type, original, ways, id: tensor })
    }

    fn way(&self, op: &Op, class: ValueId, chosen: bool, worth: Worth) -> Way {
        Way {
            what: in_words(op),
            op: op.name(),
            unit: op.attr("unit").and_then(Attr::as_str).map(str::to_string),
            view: self.segment.body.ty(class).to_string(),
            rules: Vec::new(),
            own_j: self.own(op),
            chosen,
            worth,
        }
    }

    /// The energy of an operation by itself, joules; of one that joins two parts, that of both.
    pub(super) fn own(&self, op: &Op) -> f64 {
        match op.name() {
            "mem.join" => op.operands.iter().filter_map(|part| self.own_of(self.segment.class(*part), PARTS)).sum(),
            _ => components(op).fold(0.0, |sum, (_, e)| sum + e),
        }
    }

    /// The same of what makes a class of the assignment: of what is chosen, or of the least.
    fn own_of(&self, class: ValueId, depth: usize) -> Option<f64> {
        let deeper = depth.checked_sub(1)?;
        let energy = |op: &Op| match (op.name(), op.operands.first()) {
            // Light that is detected was made by a product, and that is the way to make it.
            ("ptu.detect", Some(light)) => self.own_of(self.segment.class(*light), deeper).unwrap_or(0.0),
            ("mem.join", _) => op.operands.iter().filter_map(|v| self.own_of(self.segment.class(*v), deeper)).sum(),
            _ => self.own(op),
        };
        let made = self.segment.makers(class).filter(|(_, op)| op.def.level == Level::Assigned);
        let all: Vec<(bool, f64)> = made.map(|(i, op)| (self.is_chosen(class, i), energy(op))).collect();
        let least = all.iter().map(|(_, e)| *e).min_by(f64::total_cmp);
        all.iter().find(|(chosen, _)| *chosen).map(|(_, e)| *e).or(least)
    }

    /// Whether an operation reads what lies off chip, piece by piece.
    fn reads_off_chip(&self, op: &Op) -> bool {
        let off_chip = |v: &ValueId| matches!(self.segment.body.ty(*v), Type::View { view: View::Offchip, .. });
        op.operands.iter().any(off_chip)
    }

    /// The place in the problem of an operation of a class.
    fn node(&self, class: ValueId, op: usize) -> Option<(ClassId, NodeIndex)> {
        let class = *self.classes.get(&class)?;
        let at = self.encoded.ops.get(class.index())?.iter().position(|o| *o == Some(op))?;
        Some((class, NodeIndex(u32::try_from(at).ok()?)))
    }

    fn is_chosen(&self, class: ValueId, op: usize) -> bool {
        self.node(class, op).is_some_and(|(c, n)| self.solution.choice.get(c.index()) == Some(&Some(n)))
    }
}

/// Ways that go by the same words differ in where they read from, which the words then say.
fn told_apart(ways: &mut [Way], off_chip: &[bool]) {
    let words: Vec<String> = ways.iter().map(|way| way.what.clone()).collect();
    for ((way, off), what) in ways.iter_mut().zip(off_chip).zip(&words) {
        if words.iter().zip(off_chip).any(|(other, reads)| other == what && reads != off) {
            way.what.push_str(if *off { ", reading off chip" } else { ", reading on chip" });
        }
    }
}

/// The best assignment of an e-graph, whose nodes are operations of `body`.
fn solve(body: &Body, target: &Target, goal: &Goal, encoded: &Encoded) -> Result<Solution> {
    if goal.is_energy() {
        return capacity::solve(body, encoded);
    }
    let rebuild = |s: &Solution| extract::rebuild(body, encoded, s);
    let timed = Timed::new(body, target, encoded, extract::names(body, encoded), &rebuild);
    Ok(timed.decide(goal, None)?.0)
}

/// What an assignment comes to.
fn total(body: &Body, target: &Target, encoded: &Encoded, solution: &Solution) -> Result<Total> {
    let assigned = extract::rebuild(body, encoded, solution);
    let (mut by_component, mut busy_s) = (BTreeMap::<String, f64>::new(), BTreeMap::<String, f64>::new());
    for op in &assigned.ops {
        components(op).for_each(|(name, e)| *by_component.entry(name.to_string()).or_default() += e);
        schedule::busy(op).into_iter().for_each(|(name, t)| *busy_s.entry(name).or_default() += t);
    }
    let makespan_s = match schedule::makespan(&assigned, target) {
        Ok(makespan) => Some(makespan),
        Err(found) if only(&found, &[&E0802]) => None,
        Err(found) => return Err(found),
    };
    let energy_j = by_component.values().sum();
    Ok(Total { value: solution.cost, proven: solution.proven, energy_j, by_component, busy_s, makespan_s })
}

/// Whether all that was found are errors of these codes.
fn only(found: &Diagnostics, codes: &[&prism_support::Code]) -> bool {
    found.0.iter().all(|d| codes.iter().any(|code| code.name == d.code.name))
}

/// The energy of an operation by component, joules.
fn components(op: &Op) -> impl Iterator<Item = (&str, f64)> {
    let energy = op.attr("cost").and_then(Attr::as_dict).and_then(|c| c.get("energy_j")).and_then(Attr::as_dict);
    energy.into_iter().flatten().filter_map(|(name, e)| Some((name.as_str(), e.as_float()?)))
}
