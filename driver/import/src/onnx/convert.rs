//! The graph as an `nn` module.

use super::OnnxModel;
use super::data::External;
use super::fault::{Fault, Refused, report};
use super::interface::{bound, check_output};
use super::lower::{Lower, Val};
use super::needs;
use super::node::Node;
use super::ops;
use super::proto;
use super::tensor::{MAX_STORED, Untyped, check_size, tensor_type};
use super::wiring::{MAX_PROBLEMS, Maker, label, short};
use crate::bindings::Bindings;
use prism_dialects::{Attr, Attrs, Body, Module, ValueId};
use prism_support::codes::{E0206, E0208};
use prism_support::{Diagnostic, Diagnostics, Result};
use std::collections::BTreeMap;

/// Converts with the dimensions bound.
pub(super) fn import(model: &OnnxModel, bindings: &Bindings) -> Result<Module> {
    let mut problems = Diagnostics::new();
    let refused = refusals(model);
    if !refused.is_empty() {
        problems.push(refused.error(&model.path));
    }
    let values = problems.absorb(bindings.resolve(&model.interface.symbols(), &model.path));
    let values = problems.into_result(values)?.unwrap_or_default();
    let (body, refused, mut problems) = convert(model, &values);
    if !refused.is_empty() {
        problems.0.insert(0, refused.error(&model.path));
    }
    let body = problems.into_result(body)?;
    let name = model.path.file_name().unwrap_or_default().to_string_lossy();
    let dims = values.into_iter().map(|(name, n)| (name, Attr::Int(i64::try_from(n).unwrap_or(i64::MAX))));
    let attrs =
        Attrs::from([("nn.model".to_string(), Attr::str(name)), ("nn.dims".to_string(), Attr::dict(dims.collect()))]);
    Ok(Module { attrs, bodies: vec![body] })
}

/// Everything that is not supported, as far as that shows without shapes.
pub(super) fn refusals(model: &OnnxModel) -> Refused {
    let mut refused = Refused::default();
    model.interface.refuse(&mut refused);
    for tensor in &model.graph.initializer {
        if let Err(Untyped::Element(name)) = tensor_type(tensor) {
            refused.add(format!("weight of element type {name}"), needs::ELEMENT, &tensor.name);
        }
    }
    for _ in &model.graph.sparse_initializer {
        refused.add("sparse weight".into(), needs::SPARSE, "sparse_initializer");
    }
    for (i, node) in model.graph.node.iter().enumerate() {
        for (what, needs) in ops::refusals(node, model.opset) {
            refused.add(what, needs, model.namer.node(i, node).first());
        }
    }
    refused
}

/// What has become of a value of the graph.
#[derive(Clone, Copy)]
enum State {
    /// Converted.
    Done(Val),
    /// Its maker failed, which is reported there.
    Failed,
    /// A result that the conversion of its maker does not offer.
    NotOffered,
}

/// The body, with everything that went wrong on the way.
pub(super) fn convert(model: &OnnxModel, values: &BTreeMap<String, u64>) -> (Body, Refused, Diagnostics) {
    let lower = Lower::new(&model.graph.initializer, External::of(&model.path));
    let states = vec![State::Failed; model.wiring.makers.len()];
    let mut run = Run { model, lower, states, refused: Refused::default(), problems: Diagnostics::new() };
    run.leaves(values);
    for i in &model.wiring.order {
        run.node(*i);
    }
    run.outputs();
    (run.lower.body, run.refused, run.problems)
}

struct Run<'m> {
    model: &'m OnnxModel,
    lower: Lower<'m>,
    /// By value of the graph.
    states: Vec<State>,
    refused: Refused,
    problems: Diagnostics,
}

impl<'m> Run<'m> {
    fn leaves(&mut self, values: &BTreeMap<String, u64>) {
        for (value, port) in &self.model.interface.inputs {
            if let Some(ty) = bound(port, values, &self.model.path, &mut self.problems) {
                let loc = prism_dialects::Loc::name(&port.name);
                self.states[*value] = State::Done(self.lower.input(ty, loc));
            }
        }
        for (value, maker) in self.model.wiring.makers.iter().enumerate() {
            let Maker::Weight(i) = maker else { continue };
            if self.problems.0.len() >= MAX_PROBLEMS {
                break;
            }
            if let Some(val) = self.model.graph.initializer.get(*i).and_then(|t| self.weight(*i, t)) {
                self.states[value] = State::Done(val);
            }
        }
    }

    fn weight(&mut self, index: usize, tensor: &'m proto::Tensor) -> Option<Val> {
        let (code, found, allowed) = match tensor_type(tensor) {
            Ok(ty) => match check_size(tensor, &ty) {
                Ok(()) => return Some(self.lower.weight(index, ty, self.model.namer.value(&tensor.name))),
                Err(found) => (&E0206, found, format!("the data of {ty}")),
            },
            // Reported with everything that is not supported.
            Err(Untyped::Element(_)) => return None,
            Err(Untyped::Negative(dims)) => (&E0206, dims, "extents that are not negative".into()),
            Err(Untyped::Large(dims)) => (&E0208, dims, format!("at most {MAX_STORED} elements")),
        };
        let what = if code == &E0208 { "is too large" } else { "contradicts itself" };
        let d = Diagnostic::error(code, format!("weight `{}` {what}", short(&tensor.name))).in_file(&self.model.path);
        self.problems.push(d.found(found).allowed(allowed).hint("export or download the model again"));
        None
    }

    fn node(&mut self, index: usize) {
        let (Some(proto), wiring) = (self.model.graph.node.get(index), &self.model.wiring) else { return };
        if self.problems.0.len() >= MAX_PROBLEMS {
            return;
        }
        let mut operands = Vec::with_capacity(proto.input.len());
        for value in &wiring.operands[index] {
            operands.push(match value.map(|v| self.states[v]) {
                Some(State::Done(val)) => Some(val),
                Some(State::Failed) => return,
                Some(State::NotOffered) => return self.not_offered(index),
                None => None,
            });
        }
        self.lower.loc = self.model.namer.node(index, proto);
        let node = Node { proto, opset: self.model.opset, operands };
        match ops::convert(&mut self.lower, &node) {
            Ok(vals) => {
                for (i, value) in wiring.results[index].iter().enumerate() {
                    let Some(value) = value else { continue };
                    self.states[*value] = vals.get(i).map_or(State::NotOffered, |val| State::Done(*val));
                }
            }
            Err(fault) => self.fault(index, fault),
        }
    }

    fn fault(&mut self, index: usize, fault: Fault) {
        let Some(proto) = self.model.graph.node.get(index) else { return };
        let loc = self.model.namer.node(index, proto);
        report(fault, proto, &loc, &self.model.path, &mut self.refused, &mut self.problems);
    }

    /// Reports the makers of operands that are not offered.
    fn not_offered(&mut self, index: usize) {
        for value in self.model.wiring.operands[index].iter().flatten() {
            if matches!(self.states[*value], State::NotOffered) {
                self.report_maker(*value);
            }
        }
    }

    fn report_maker(&mut self, value: usize) {
        let Some(Maker::Node(maker)) = self.model.wiring.makers.get(value).copied() else { return };
        let Some(proto) = self.model.graph.node.get(maker) else { return };
        let at = self.model.wiring.results[maker].iter().position(|r| *r == Some(value)).unwrap_or(0);
        let what = format!("result {at} of `{}`", proto.op_type);
        self.refused.add(what, needs::RESULT, &label(proto));
        self.states[value] = State::Failed;
    }

    fn outputs(&mut self) {
        let mut names = Vec::new();
        let mut results: Vec<ValueId> = Vec::new();
        let ports = &self.model.interface.outputs;
        for (value, port) in self.model.wiring.outputs.iter().zip(ports) {
            match self.states[*value] {
                State::Done(val) => {
                    check_output(port, self.lower.ty(val), &self.model.path, &mut self.problems);
                    results.push(self.lower.in_body(val));
                    names.push(Attr::str(&port.name));
                }
                State::NotOffered => self.report_maker(*value),
                State::Failed => {}
            }
        }
        let body = &mut self.lower.body;
        body.results = results;
        body.attrs.insert("nn.results".into(), Attr::List(names));
        drop_unused(body);
    }
}

/// Removes operations that nothing uses: what is left of shape arithmetic on values that are not known.
fn drop_unused(body: &mut Body) {
    let mut used = vec![false; body.types.len()];
    for value in &body.results {
        used[value.index()] = true;
    }
    let mut keep = vec![false; body.ops.len()];
    for (op, keep) in body.ops.iter().zip(&mut keep).rev() {
        if op.results.iter().any(|r| used[r.index()]) {
            *keep = true;
            op.operands.iter().for_each(|v| used[v.index()] = true);
        }
    }
    let mut keep = keep.into_iter();
    body.ops.retain(|_| keep.next().unwrap_or(true));
}
