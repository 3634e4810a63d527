//! `saturate{check=true}`: every class is evaluated on random tensors, and the first union of two that differ is told.
//!
//! Sizes are those of the program: rules may depend on them, so a smaller program would be another one. Small models are for this.

use super::graph::Graph;
use super::language::{Head, Node};
use super::rules::{Kind, Rule};
use crate::testing::{Rng, random_tensor};
use egg::Id;
use prism_dialects::interp::{Data, Tensor, difference, evaluate};
use prism_dialects::{Attr, Body, Loc, Type};
use prism_support::codes::{E0707, E0708};
use prism_support::{Diagnostic, Place, Result};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// Most elements of all tensors together.
const MOST_ELEMENTS: u64 = 1 << 22;
/// Most multiply-accumulates of all products together.
const MOST_MACS: u64 = 1 << 28;

/// How far numbers may be apart that a rule says are equal, over the largest of them: rounding in double precision, or sums
/// in another order and constants rounded to their element type.
fn tolerance(kind: Kind) -> f64 {
    match kind {
        Kind::Exact | Kind::Realisation => 1e-9,
        Kind::Reassociating => 1e-5,
    }
}

/// Values of classes.
pub struct Check {
    arguments: Vec<Rc<Tensor>>,
    values: FxHashMap<Id, Option<Rc<Tensor>>>,
    /// The first union of two that differ.
    found: Option<Diagnostic>,
}

impl Check {
    /// For a program whose arguments are random numbers, and integers of 0 and 1, which point into most tables.
    ///
    /// # Errors
    /// `E0708` when it is too large to be evaluated.
    pub fn of(body: &Body) -> Result<Check> {
        let numel = |ty: &Type| ty.tensor().map_or(0, prism_dialects::TensorType::numel);
        let elements = body.types.iter().map(|ty| numel(ty)).fold(0, u64::saturating_add);
        let products = body.ops.iter().filter(|op| op.name() == "nn.matmul" || op.name() == "nn.attention");
        let macs = products.map(|op| {
            let results = op.results.iter().map(|r| numel(body.ty(*r))).fold(0, u64::saturating_add);
            let inner = op.operands.first().and_then(|v| body.ty(*v).tensor()).and_then(|t| t.dims.last().copied());
            results.saturating_mul(inner.unwrap_or(1))
        });
        let macs = macs.fold(0, u64::saturating_add);
        if elements > MOST_ELEMENTS || macs > MOST_MACS {
            return Err(Diagnostic::error(
                &E0708,
                format!("`@{}` is too large to evaluate all that is equal", body.name),
            )
            .found(format!("{elements} numbers, {macs} multiply-accumulates"))
            .allowed(format!("{MOST_ELEMENTS} numbers and {MOST_MACS} multiply-accumulates"))
            .hint("check rules on a small model, such as examples/models/gpt2_tiny.onnx")
            .into());
        }
        let argument = |(i, v): (usize, &prism_dialects::ValueId)| {
            let ty = body
                .ty(*v)
                .tensor()
                .cloned()
                .unwrap_or_else(|| prism_dialects::TensorType::new([0], prism_dialects::Elem::I1));
            Rc::new(numbers(&ty, i as u64))
        };
        let arguments = body.args.iter().enumerate().map(argument).collect();
        Ok(Check { arguments, values: FxHashMap::default(), found: None })
    }

    /// The first union that was refused.
    pub fn found(&self) -> Option<&Diagnostic> {
        self.found.as_ref()
    }

    /// Whether `rule` may join the two: they have equal values, or one has none. The first that may not is kept.
    pub fn agree(&mut self, graph: &Graph, rule: &Rule, (class, equal): (Id, Id), loc: &Loc) -> bool {
        let (Some(one), Some(other)) = (self.value(graph, class), self.value(graph, equal)) else { return true };
        let Some(difference) = difference(&one, &other, tolerance(rule.kind)) else { return true };
        let shown = |id: Id| {
            let names = graph.egraph[id].iter().filter_map(|n| graph.def(n)).map(|d| d.name);
            names.collect::<Vec<_>>().join(", ")
        };
        let (a, b) = (graph.egraph.find(class), graph.egraph.find(equal));
        self.found.get_or_insert_with(|| {
            Diagnostic::error(&E0707, format!("rule `{}` joins tensors that differ", rule.name))
                .at(Place::Op { name: loc.first().into(), op: shown(a) })
                .found(format!("{difference}, the other being made by {}", shown(b)))
                .allowed(format!("equal numbers: the rule is {}", rule.kind.name()))
                .note("this is a bug in the rule, or its condition admits too much")
                .hint(format!("go on without it: `saturate{{without=[{}]}}`", rule.name))
        });
        false
    }

    /// The value of a class, if some node of it has one.
    pub fn value(&mut self, graph: &Graph, class: Id) -> Option<Rc<Tensor>> {
        let mut open = FxHashSet::default();
        self.resolve(graph, class, &mut open)
    }

    fn resolve(&mut self, graph: &Graph, class: Id, open: &mut FxHashSet<Id>) -> Option<Rc<Tensor>> {
        let class = graph.egraph.find(class);
        if let Some(Some(known)) = self.values.get(&class) {
            return Some(Rc::clone(known));
        }
        if !open.insert(class) {
            return None;
        }
        let nodes: Vec<Node> = graph.egraph[class].iter().cloned().collect();
        let value = nodes.iter().find_map(|node| self.of_node(graph, class, node, open));
        open.remove(&class);
        self.values.insert(class, value.clone());
        value
    }

    fn of_node(&mut self, graph: &Graph, class: Id, node: &Node, open: &mut FxHashSet<Id>) -> Option<Rc<Tensor>> {
        if let Head::Arg(i) = node.head {
            return self.arguments.get(i as usize).cloned();
        }
        let (def, ty) = (graph.def(node)?, graph.tensor(class));
        let attrs = graph.attrs(node);
        if matches!(def.name, "nn.param" | "mem.param") {
            let name = attrs.get("name").and_then(Attr::as_str).unwrap_or("");
            let seed = name.bytes().fold(7u64, |s, b| s.wrapping_mul(31).wrapping_add(u64::from(b)));
            return Some(Rc::new(numbers(&ty, seed)));
        }
        let children = node.children.iter().map(|c| self.resolve(graph, *c, open)).collect::<Option<Vec<_>>>()?;
        if def.name == "stack.view" {
            return children.into_iter().next();
        }
        let operands: Vec<&Tensor> = children.iter().map(Rc::as_ref).collect();
        def.interp?;
        evaluate(def, &operands, &attrs, &ty).ok().map(Rc::new)
    }
}

/// Random numbers of that type; integers and booleans are 0 and 1 in turn.
fn numbers(ty: &prism_dialects::TensorType, seed: u64) -> Tensor {
    if ty.elem.is_float() {
        return random_tensor(ty, &mut Rng(seed));
    }
    let count = i64::try_from(ty.numel()).unwrap_or(0);
    Tensor { ty: ty.clone(), data: Data::Int((0..count).map(|i| i % 2).collect()) }
}

#[cfg(test)]
mod tests {
    use super::Check;
    use crate::egraph::rounds::{Limits, rewrite};
    use crate::egraph::rules::{Kind, Machine, Phase, Rule};
    use crate::egraph::{convert, places::Places, readers::Readers};
    use prism_dialects::{Attrs, Body, Elem, Holder, Loc, TensorType, Type, registry};

    /// e^-x is said to be e^x, which holds of 0 alone.
    static UNSOUND: Rule = Rule {
        name: "sign-does-not-matter",
        kind: Kind::Exact,
        phase: Phase::Algebra,
        doc: "",
        condition: "",
        roots: || vec!["nn.exp"],
        apply: |graph, _, _, node, loc| {
            let minus = graph.maths("nn.neg", Attrs::new(), &node.children, loc);
            minus.and_then(|m| graph.maths("nn.exp", Attrs::new(), &[m], loc)).into_iter().collect()
        },
    };

    fn program(extent: u64) -> Body {
        let ty = || Type::Tensor(TensorType::new([extent], Elem::F32));
        let mut body = Body::new("main", Holder::Func);
        let x = body.arg(ty(), Loc::name("x"));
        let y = body.push(registry::op("nn.exp"), &[x], Attrs::new(), ty(), Loc::name("act"));
        body.results.push(y);
        body
    }

    #[test]
    fn the_first_unsound_union_names_its_rule() {
        let body = program(4);
        let mut read = convert::read(&body);
        read.graph.check = Some(Box::new(Check::of(&body).expect("small")));
        let machine =
            Machine { target: None, min_bits: 1, level: 32, places: Places::default(), readers: Readers::default() };
        rewrite(&mut read.graph, &machine, &[&UNSOUND], Limits { iterations: 4, nodes: 100, growth: 4 });
        let check = read.graph.check.as_ref().expect("it is kept");
        let found = check.found().expect("they differ");
        assert_eq!(found.headline, "rule `sign-does-not-matter` joins tensors that differ");
        assert!(read.graph.egraph[read.roots[0]].iter().count() == 1, "they were not joined");
    }

    #[test]
    fn large_programs_are_refused() {
        let refused = Check::of(&program(1 << 23)).map(|_| ()).expect_err("too large");
        assert_eq!(refused.0[0].code.name, "E0708");
    }
}
