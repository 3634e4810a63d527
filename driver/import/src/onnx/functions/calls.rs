//! Who calls whom: functions are checked, and what they become is measured, before any is written out.

use crate::onnx::ops::{domain, is_standard};
use crate::onnx::proto::{Attribute, Function, Node};
use crate::onnx::wiring::short;
use prism_support::codes::{E0203, E0207, E0208};
use prism_support::{Diagnostic, Place, Result};
use rustc_hash::FxHashMap;
use std::path::Path;

/// How deep calls may be nested.
const MAX_DEPTH: usize = 64;
/// How many nodes a graph may have once all calls are replaced, and how many bytes of memory those of functions take then.
const MAX_SIZE: Size = Size { nodes: 1 << 18, bytes: 1 << 28 };

/// What a call takes once it is replaced.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
}

impl Size {
    fn add(&mut self, other: Size) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What is known of a function on the way through all calls.
#[derive(Clone, Copy)]
enum State {
    /// Not looked at.
    New,
    /// Being looked at: who calls it now calls itself.
    Open,
    /// Its size, and how deep its calls are nested.
    Known(Size, usize),
}

/// About as much memory as a copy of a node takes, bytes: names are short, tensors and metadata are shared.
fn memory(node: &Node) -> usize {
    let attribute =
        |a: &Attribute| 256 + 4 * a.floats.len() + 8 * a.ints.len() + 8 * a.t.as_ref().map_or(0, |t| t.dims.len());
    let names = 64 * (node.input.len() + node.output.len() + node.metadata_props.len());
    node.attribute.iter().map(attribute).fold(512 + names, usize::saturating_add)
}

type Key<'a> = (&'a str, &'a str, &'a str);

/// The functions of a model, by domain, name and overload.
pub(super) struct Calls<'a> {
    functions: &'a [Function],
    index: FxHashMap<Key<'a>, usize>,
    file: &'a Path,
}

/// A function by its name, with its domain.
pub(super) fn shown(function: &Function) -> String {
    match domain(&function.domain) {
        "" => short(&function.name),
        domain => short(&format!("{domain}::{}", function.name)),
    }
}

impl<'a> Calls<'a> {
    /// Of these functions.
    ///
    /// # Errors
    /// `E0207` for one that is defined twice.
    pub(super) fn of(functions: &'a [Function], file: &'a Path) -> Result<Calls<'a>> {
        let mut calls = Calls { functions, index: FxHashMap::default(), file };
        for (i, f) in functions.iter().enumerate() {
            let key = (domain(&f.domain), f.name.as_str(), f.overload.as_str());
            if calls.index.insert(key, i).is_some() {
                let d = Diagnostic::error(&E0207, format!("function `{}` is defined twice", shown(f)));
                let d = d.in_file(file).found(format!("overload `{}` again", f.overload));
                return Err(d.allowed("one function for each name and overload").hint("rename one of them").into());
            }
        }
        Ok(calls)
    }

    /// The function that a node calls, if it calls one.
    pub(super) fn called(&self, node: &Node) -> Option<&'a Function> {
        self.find(node).and_then(|i| self.functions.get(i))
    }

    /// The file of the model.
    pub(super) fn file(&self) -> &'a Path {
        self.file
    }

    fn find(&self, node: &Node) -> Option<usize> {
        let key = (domain(&node.domain), node.op_type.as_str(), node.overload.as_str());
        self.index.get(&key).copied()
    }

    /// Checks everything that the graph calls, directly or not.
    ///
    /// # Errors
    /// `E0203`, `E0207` and `E0208` as [`super::inline`] says.
    pub(super) fn check(&self, nodes: &[Node], opset: i64) -> Result<()> {
        let mut states = vec![State::New; self.functions.len()];
        let mut total = Size { nodes: nodes.len(), bytes: 0 };
        for i in nodes.iter().filter_map(|n| self.find(n)) {
            let (size, _) = self.measure(i, opset, &mut states, &mut Vec::new())?;
            total.add(size);
        }
        if total.nodes <= MAX_SIZE.nodes && total.bytes <= MAX_SIZE.bytes {
            return Ok(());
        }
        let headline = format!("`{}` is too large with its functions written out", self.file.display());
        let found = format!("at least {} nodes, {} bytes", total.nodes, total.bytes);
        let allowed = format!("{} nodes, {} bytes", MAX_SIZE.nodes, MAX_SIZE.bytes);
        Err(Diagnostic::error(&E0208, headline)
            .in_file(self.file)
            .found(found)
            .allowed(allowed)
            .hint("export the model with its layers written once")
            .into())
    }

    /// Size and depth of a function; `path` holds those that are being looked at.
    fn measure(&self, i: usize, opset: i64, states: &mut [State], path: &mut Vec<usize>) -> Result<(Size, usize)> {
        let (Some(function), Some(state)) = (self.functions.get(i), states.get_mut(i)) else {
            return Ok((Size::default(), 0));
        };
        match state {
            State::Known(size, depth) if path.len() + *depth <= MAX_DEPTH => return Ok((*size, *depth)),
            State::Open => return Err(self.recursion(i, path).into()),
            State::New if path.len() < MAX_DEPTH => *state = State::Open,
            _ => {
                let headline = format!("calls of functions are nested too deep in `{}`", self.file.display());
                let d = Diagnostic::error(&E0208, headline).at(self.place(function));
                let d = d.found(format!("more than {MAX_DEPTH} levels")).allowed(format!("at most {MAX_DEPTH} levels"));
                return Err(d.hint("inline functions with `onnx.inliner.inline_local_functions`").into());
            }
        }
        self.check_opset(function, opset)?;
        self.check_interface(function)?;
        let bytes = function.node.iter().map(memory).fold(0, usize::saturating_add);
        let (mut size, mut depth) = (Size { nodes: function.node.len(), bytes }, 1);
        path.push(i);
        for callee in function.node.iter().filter_map(|n| self.find(n)) {
            let (inner, below) = self.measure(callee, opset, states, path)?;
            size.add(inner);
            depth = depth.max(below + 1);
        }
        path.pop();
        if let Some(state) = states.get_mut(i) {
            *state = State::Known(size, depth);
        }
        Ok((size, depth))
    }

    fn place(&self, function: &Function) -> Place {
        Place::Item { file: self.file.to_path_buf(), name: shown(function) }
    }

    fn recursion(&self, i: usize, path: &[usize]) -> Diagnostic {
        let start = path.iter().position(|p| *p == i).unwrap_or(0);
        let names: Vec<String> =
            path.iter().skip(start).chain([&i]).filter_map(|p| self.functions.get(*p)).map(shown).collect();
        let first = names.first().cloned().unwrap_or_default();
        Diagnostic::error(&E0207, format!("function `{first}` calls itself"))
            .at(Place::Item { file: self.file.to_path_buf(), name: first })
            .found(names.join(" -> "))
            .allowed("functions that end: none that calls itself, directly or through others")
            .hint("write out the recursion when the model is exported")
    }

    fn check_opset(&self, function: &Function, opset: i64) -> Result<()> {
        let declared = function.opset_import.iter().find(|o| is_standard(&o.domain)).map(|o| o.version);
        let Some(other) = declared.filter(|version| *version != opset) else { return Ok(()) };
        let d = Diagnostic::error(
            &E0203,
            format!("function `{}` is of another operator set than the model", shown(function)),
        );
        let d = d.at(self.place(function)).found(format!("opset {other}")).allowed(format!("opset {opset}"));
        Err(d.hint("convert the model with `onnx.version_converter.convert_version`").into())
    }

    fn check_interface(&self, function: &Function) -> Result<()> {
        let mut names: Vec<&String> = function.input.iter().collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|w| w.first() == w.last()).and_then(|w| w.first().copied());
        let Some(name) = twice else { return Ok(()) };
        let d = Diagnostic::error(&E0207, format!("function `{}` has an input twice", shown(function)));
        let d = d.at(self.place(function)).found(format!("`{}`", short(name))).allowed("each input once");
        Err(d.hint("rename one of them").into())
    }
}
