//! Functions of the model: a node that calls one is replaced by what the function does, before names are resolved.

mod calls;

use super::proto::{Attribute, Function, Graph, Model, Node};
use super::wiring::label;
use calls::{Calls, shown};
use prism_support::codes::E0207;
use prism_support::{Diagnostic, Place, Result};
use rustc_hash::FxHashMap;
use std::path::Path;

/// Replaces all calls; a model without functions is left alone.
///
/// # Errors
/// `E0203` for a function of another operator set than the model, `E0207` for functions that are defined twice, call
/// themselves or are called with what they do not take, `E0208` where the graph would become too large.
pub(super) fn inline(model: &mut Model, graph: &mut Graph, opset: i64, file: &Path) -> Result<()> {
    if model.functions.is_empty() {
        return Ok(());
    }
    let functions = std::mem::take(&mut model.functions);
    let calls = Calls::of(&functions, file)?;
    calls.check(&graph.node, opset)?;
    let mut body = Inliner { calls: &calls, count: 0, out: Vec::with_capacity(graph.node.len()) };
    for node in std::mem::take(&mut graph.node) {
        body.add(node)?;
    }
    graph.node = body.out;
    Ok(())
}

/// The body with calls replaced.
struct Inliner<'a> {
    calls: &'a Calls<'a>,
    /// Calls so far: a number for each makes the names of its values its own.
    count: usize,
    out: Vec<Node>,
}

impl Inliner<'_> {
    /// Adds a node, or what the function does that it calls. [`Calls::check`] has bounded how deep that goes.
    fn add(&mut self, node: Node) -> Result<()> {
        let Some(function) = self.calls.called(&node) else {
            self.out.push(node);
            return Ok(());
        };
        self.arity(function, &node)?;
        self.count += 1;
        let called = label(&node);
        let mut names = Names { known: FxHashMap::default(), prefix: format!("#{}/", self.count) };
        for (i, name) in function.input.iter().enumerate() {
            names.known.insert(name, node.input.get(i).cloned().unwrap_or_default());
        }
        let mut copies = Vec::new();
        for (name, wanted) in function.output.iter().zip(&node.output).filter(|(_, wanted)| !wanted.is_empty()) {
            // An input that is handed back, or a result under two names, is one value with two names.
            if names.known.contains_key(name.as_str()) {
                copies.push((name, wanted));
            } else {
                names.known.insert(name, wanted.clone());
            }
        }
        for inner in &function.node {
            self.add(instance(inner, &node, function, &names, &called))?;
        }
        for (name, wanted) in copies {
            let (input, output) = (vec![names.of(name)], vec![wanted.clone()]);
            let (name, metadata_props) = (called.clone(), node.metadata_props.clone());
            self.out.push(Node { input, output, name, op_type: "Identity".into(), metadata_props, ..Node::default() });
        }
        Ok(())
    }

    fn arity(&self, function: &Function, node: &Node) -> Result<()> {
        let counts = [
            ("operands", node.input.len(), function.input.len()),
            ("results", node.output.len(), function.output.len()),
        ];
        let Some((what, found, allowed)) = counts.into_iter().find(|(_, found, allowed)| found > allowed) else {
            return Ok(());
        };
        let headline = format!("node `{}` calls function `{}` with too many {what}", label(node), shown(function));
        let place = Place::Item { file: self.calls.file().to_path_buf(), name: label(node) };
        let d = Diagnostic::error(&E0207, headline)
            .at(place)
            .found(found.to_string())
            .allowed(format!("at most {allowed}"));
        Err(d.hint("check the model with `onnx.checker.check_model`").into())
    }
}

/// Names inside a call as names of the graph.
struct Names<'a> {
    known: FxHashMap<&'a str, String>,
    prefix: String,
}

impl Names<'_> {
    fn of(&self, name: &str) -> String {
        match self.known.get(name) {
            Some(known) => known.clone(),
            // Operands that are left out stay so.
            None if name.is_empty() => String::new(),
            None => format!("{}{name}", self.prefix),
        }
    }
}

/// A node of a function as the call makes it.
fn instance(inner: &Node, call: &Node, function: &Function, names: &Names<'_>, called: &str) -> Node {
    let metadata_props = if inner.metadata_props.is_empty() { &call.metadata_props } else { &inner.metadata_props };
    Node {
        input: inner.input.iter().map(|name| names.of(name)).collect(),
        output: inner.output.iter().map(|name| names.of(name)).collect(),
        name: format!("{called}/{}", label(inner)),
        op_type: inner.op_type.clone(),
        attribute: inner.attribute.iter().filter_map(|a| given(a, call, function)).collect(),
        domain: inner.domain.clone(),
        overload: inner.overload.clone(),
        metadata_props: metadata_props.clone(),
    }
}

/// An attribute with its value: its own, or that of the call or of the function where it refers to one. Without either it
/// is left out, as ONNX says.
fn given(attribute: &Attribute, call: &Node, function: &Function) -> Option<Attribute> {
    if attribute.ref_attr_name.is_empty() {
        return Some(attribute.clone());
    }
    let of = |list: &[Attribute]| list.iter().find(|a| a.name == attribute.ref_attr_name).cloned();
    let value = of(&call.attribute).or_else(|| of(&function.attribute_proto))?;
    Some(Attribute { name: attribute.name.clone(), ..value })
}
