//! Operations that one kernel does one after another, without the memory between them.

use super::realise::{is_leaf, maths_nodes, memory_asked, operands};
use super::{Kind, Machine, Phase, Rule};
use crate::egraph::graph::Graph;
use crate::egraph::language::Node;
use crate::egraph::price;
use crate::nn::expand::WHOLE;
use crate::nn::fold_constants::ELEMENTWISE;
use egg::Id;
use prism_dialects::elec::{self, Source};
use prism_dialects::{Attr, Attrs, Loc, MIXED_RUNS, Type, View, registry, runs};
use prism_hardware::{Location, Member, Target, Work};

/// `@digital(f(g(x)))` by one kernel on `@digital(x)`.
pub(super) static FUSE: Rule = Rule {
    name: "fuse",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "A kernel goes on with what it has made: bias, scale, mask, activation, residual, softmax and norm join what makes their \
          operand, which is then neither written nor read. What is computed stays what it was, at the same price; so where one operand \
          is passed on, and not a product, no kernel is offered that reads it.",
    condition: "one electronic unit has kernels for all, at most six; nothing else reads what is passed on; a number needs its own \
                place alone, or its row where no array makes it",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        graph.replaced.clear();
        let Some((target, of, view, bits)) = memory_asked(graph, machine, node) else { return Vec::new() };
        let level = if graph.tensor(of).elem.is_float() { bits } else { machine.level };
        let trees = Finder { graph, machine, target }.trees(of, MOST);
        let mut out = Vec::new();
        for tree in trees.iter().filter(|t| t.size() > 1) {
            let ty = Type::viewed(view, graph.tensor(of), bits);
            let found = kernels(graph, (machine, target), tree, &ty, level, loc);
            if (Finder { graph, machine, target }).replaces(tree, found.len()) {
                graph.replaced.push(tree.node.clone());
            }
            out.extend(found);
        }
        out
    },
};

/// Most operations of a kernel.
const MOST: usize = 6;
/// Most ways to fuse that are kept for a tensor.
const WAYS: usize = 8;

/// An operation, with those that make its operands in the same kernel.
#[derive(Clone)]
struct Tree {
    class: Id,
    node: Node,
    /// For each operand, what makes it inside; `None` where it comes from outside.
    parts: Vec<Option<Tree>>,
    /// Whether it needs whole rows of what is made inside.
    by_row: bool,
}

impl Tree {
    fn size(&self) -> usize {
        1 + self.parts.iter().flatten().map(Tree::size).sum::<usize>()
    }

    /// The operations in order, operands before what they are for.
    fn members<'t>(&'t self, out: &mut Vec<(&'t Tree, Vec<Option<usize>>)>) -> usize {
        let inside = self.parts.iter().map(|p| p.as_ref().map(|tree| tree.members(out))).collect();
        out.push((self, inside));
        out.len() - 1
    }
}

struct Finder<'a> {
    graph: &'a Graph,
    machine: &'a Machine<'a>,
    target: &'a Target,
}

impl Finder<'_> {
    /// The ways to make `class` by at most so many operations in one kernel.
    fn trees(&self, class: Id, most: usize) -> Vec<Tree> {
        let mut out = Vec::new();
        for node in self.makers(class) {
            let mut partial = vec![(most - 1, Vec::new(), false)];
            for (i, child) in node.children.iter().enumerate() {
                let way = self.joins(class, &node, i, *child);
                partial = partial.into_iter().flat_map(|so_far| self.with_operand(so_far, *child, way)).collect();
                partial.truncate(WAYS);
            }
            out.extend(partial.into_iter().map(|(_, parts, by_row)| Tree { class, node: node.clone(), parts, by_row }));
        }
        out.truncate(WAYS);
        out
    }

    /// What is so far, with each way to get the next operand: operations left, parts, whether rows are needed.
    fn with_operand(
        &self,
        (left, parts, by_row): (usize, Vec<Option<Tree>>, bool),
        child: Id,
        way: Option<bool>,
    ) -> Vec<(usize, Vec<Option<Tree>>, bool)> {
        let inside = if way.is_some() && left > 0 { self.trees(child, left) } else { Vec::new() };
        let with = |tree: Option<Tree>| {
            let taken = tree.as_ref().map_or(0, Tree::size);
            let rows = by_row || (tree.is_some() && way == Some(true));
            (left - taken, parts.iter().cloned().chain([tree]).collect(), rows)
        };
        // A product may be better made elsewhere. What only takes numbers as they come is never better made alone.
        let alone = inside.is_empty() || !self.graph.nodes_of(child, "nn.matmul").is_empty();
        let outside = alone.then(|| with(None));
        inside.into_iter().map(|tree| with(Some(tree))).chain(outside).collect()
    }

    /// The operations that make `class` and whose results may be passed on inside a kernel.
    fn makers(&self, class: Id) -> Vec<Node> {
        let nodes = maths_nodes(self.graph, class);
        let able = |n: &Node| {
            let has_kernel = self.graph.def(n).is_some_and(|d| self.target.has_kernel(d.short()));
            !is_leaf(self.graph, n) && has_kernel
        };
        let whole = |n: &&Node| self.graph.def(n).is_some_and(|d| WHOLE.contains(&d.name)) && able(n);
        if let Some(whole) = nodes.iter().find(whole) {
            return vec![whole.clone()];
        }
        nodes.into_iter().filter(able).collect()
    }

    /// Whether kernels for `tree` make that for its last operation alone superfluous: where each operation has one unit that does it, the
    /// fused kernel computes the same there and moves less. Products and several operands may be better made elsewhere.
    fn replaces(&self, tree: &Tree, kernels: usize) -> bool {
        let operands = || tree.node.children.iter().enumerate().zip(&tree.parts);
        let may_join = operands().filter(|((i, child), _)| self.joins(tree.class, &tree.node, *i, **child).is_some());
        let products = |child: Id| !self.graph.nodes_of(child, "nn.matmul").is_empty();
        let passed_on = operands().filter(|((_, child), part)| part.is_some() && !products(**child));
        kernels == 1 && may_join.count() == 1 && passed_on.count() == 1 && self.has_one_unit(tree)
    }

    /// Whether each operation of `tree` has one electronic unit that does it.
    fn has_one_unit(&self, tree: &Tree) -> bool {
        let work = price::work(self.graph, self.target, tree.class, &tree.node);
        work.is_some_and(|w| self.target.electronic(&w).len() == 1)
            && tree.parts.iter().flatten().all(|part| self.has_one_unit(part))
    }

    /// Whether operand `i` of `node`, which makes `class`, may be made inside the same kernel, and whether whole rows of it are
    /// needed.
    fn joins(&self, class: Id, node: &Node, i: usize, child: Id) -> Option<bool> {
        let (graph, name) = (self.graph, self.graph.def(node)?.name);
        let (operand, result) = (graph.tensor(child), graph.tensor(class));
        let last = i64::try_from(result.rank()).ok()? - 1;
        let along_row = || graph.attrs(node).get("axis").and_then(Attr::as_int) == Some(last);
        let by_row = match name {
            _ if ELEMENTWISE.contains(&name) => false,
            "nn.softmax" | "nn.layer_norm" | "nn.rms_norm" if i == 0 && along_row() => true,
            "nn.rope" if i == 0 => true,
            _ => return None,
        };
        let made = |n: &Node| {
            let def = graph.def(n);
            !is_leaf(graph, n) && def.is_some_and(|d| d.infer.is_some() && PASSES_ON(d.name))
        };
        let fits = operand.dims == result.dims && operand.elem.is_float() && !graph.is_offline(child);
        let once = self.machine.readers.reads_once(graph, child);
        (fits && once && maths_nodes(graph, child).iter().any(made)).then_some(by_row)
    }
}

/// Whether an operation gives its numbers one after another, or row by row, in the order in which they are taken.
const PASSES_ON: fn(&str) -> bool = |name| {
    const OTHERS: [&str; 7] =
        ["nn.matmul", "nn.softmax", "nn.layer_norm", "nn.rms_norm", "nn.rope", "nn.slice", "nn.transpose"];
    OTHERS.contains(&name) || (ELEMENTWISE.contains(&name) && name != "nn.cast")
};

/// The kernels that do `tree`, one for each unit that can.
fn kernels(
    graph: &mut Graph,
    (machine, target): (&Machine<'_>, &Target),
    tree: &Tree,
    ty: &Type,
    level: u32,
    loc: &Loc,
) -> Vec<Id> {
    let mut members = Vec::new();
    tree.members(&mut members);
    let Some(works) = works(graph, target, &members) else { return Vec::new() };
    let (mut from, mut outside, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    for ((part, inside), member) in members.iter().zip(&works) {
        let product = member.work.op == "matmul";
        let mut own = Vec::with_capacity(inside.len());
        for (child, made) in part.node.children.iter().zip(inside) {
            own.push(match made {
                Some(earlier) => Source::Member(*earlier),
                None => {
                    from.push(machine.places.streamed(graph, target, *child, product));
                    outside.push(*child);
                    Source::Operand(outside.len() - 1)
                }
            });
        }
        sources.push(own);
    }
    let found = target.electronic_fused(&works, &from, ty.view() == Some(View::Offchip));
    if found.is_empty() {
        return Vec::new();
    }
    let entry = |((part, _), sources): (&(&Tree, _), Vec<Source>)| {
        let def = graph.def(&part.node)?;
        let params = (*graph.attrs(&part.node)).clone();
        Some(elec::Member { def, params, sources }.to_attr(outside.len()))
    };
    let Some(listed) = members.iter().zip(sources).map(entry).collect::<Option<Vec<Attr>>>() else { return Vec::new() };
    // By the first name of each: a name says the whole operation, and there is room for eight.
    let named = |part: &Tree| Loc::name(graph.loc(part.class).first());
    let first = Loc { rule: loc.rule.clone(), ..Loc::name(loc.first()) };
    let loc = members.iter().rev().fold(first, |loc, (part, _)| loc.fused(&named(part)));
    add(graph, (&outside, &from), (found, listed), ty, level, &loc)
}

/// What each member is to the cost core.
fn works(graph: &Graph, target: &Target, members: &[(&Tree, Vec<Option<usize>>)]) -> Option<Vec<Member<'static>>> {
    let member = |(part, inside): &(&Tree, Vec<Option<usize>>)| {
        let work: Work<'static> = price::work(graph, target, part.class, &part.node)?;
        Some(Member { work, inside: inside.iter().map(Option::is_some).collect(), by_row: part.by_row })
    };
    members.iter().map(member).collect()
}

fn add(
    graph: &mut Graph,
    (outside, from): (&[Id], &[Option<Location>]),
    (found, members): (Vec<prism_hardware::Realisation>, Vec<Attr>),
    ty: &Type,
    level: u32,
    loc: &Loc,
) -> Vec<Id> {
    let children = operands(graph, outside, from, level, loc);
    let types: Vec<Type> = children.iter().map(|c| graph.ty(*c)).collect();
    if runs(&types).len() > MIXED_RUNS {
        return Vec::new();
    }
    let mut out = Vec::new();
    for realisation in found.into_iter().filter(|r| price::is_finite(&r.cost)) {
        let mut attrs: Attrs = price::priced(&realisation.unit, &realisation.cost);
        attrs.insert("members".into(), Attr::List(members.clone()));
        out.push(graph.op(registry::op("elec.fused"), attrs, ty.clone(), &children, loc.clone()));
    }
    out
}
