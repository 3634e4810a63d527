//! The user's names for nodes: module paths that the exporter noted, with the node's own name second.

use super::proto::{Graph, Node};
use super::wiring::{Maker, Wiring, label, short};
use prism_dialects::Loc;
use std::sync::Arc;

/// Where PyTorch's exporter notes the module path: a list such as `['', 'm', 'm.h.0', 'm.h.0.attn', 'matmul_1']`,
/// outermost first, the operation itself last.
const SCOPES: &str = "pkg.torch.onnx.name_scopes";

/// Locations of the nodes and weights of a graph.
pub(crate) struct Namer {
    /// A module around all others, such as the `m` of an export wrapper, with its dot.
    wrapper: String,
    /// Module path of each node, without the wrapper, if there is one.
    paths: Vec<Option<Arc<str>>>,
}

impl Namer {
    /// Reads the names of all nodes. Nodes without a module path take that of what makes their first operand.
    pub(crate) fn new(graph: &Graph, wiring: &Wiring) -> Namer {
        let noted: Vec<Option<String>> = graph.node.iter().map(module_path).collect();
        let wrapper = wrapper(noted.iter().flatten());
        let inner = |path: String| Some(stripped(&wrapper, &path)).filter(|p| !p.is_empty()).map(Arc::from);
        let mut paths: Vec<Option<Option<Arc<str>>>> = noted.into_iter().map(|path| path.map(inner)).collect();
        for i in &wiring.order {
            if paths[*i].is_none() {
                let first = wiring.operands[*i].first().copied().flatten();
                paths[*i] = first.and_then(|value| match wiring.makers.get(value) {
                    Some(Maker::Node(maker)) => paths[*maker].clone(),
                    _ => None,
                });
            }
        }
        Namer { wrapper, paths: paths.into_iter().map(Option::flatten).collect() }
    }

    /// The location of a node.
    pub(crate) fn node(&self, index: usize, node: &Node) -> Loc {
        let mut loc = Loc::default();
        loc.names.extend(self.paths.get(index).cloned().flatten());
        loc.fused(&Loc::name(label(node)))
    }

    /// The location of a weight or input: its name without the wrapper.
    pub(crate) fn value(&self, name: &str) -> Loc {
        Loc::name(short(stripped(&self.wrapper, name)))
    }
}

fn stripped<'a>(wrapper: &str, name: &'a str) -> &'a str {
    if wrapper.is_empty() {
        return name;
    }
    match name.strip_prefix(wrapper) {
        Some(rest) => rest,
        None if wrapper.strip_suffix('.') == Some(name) => "",
        None => name,
    }
}

/// The module that a node belongs to, if the exporter noted one.
fn module_path(node: &Node) -> Option<String> {
    let noted = node.metadata_props.iter().find(|e| e.key == SCOPES);
    if let Some(text) = noted.and_then(|e| std::str::from_utf8(&e.value).ok()) {
        let scopes = string_list(text);
        let (_, modules) = scopes.split_last()?;
        return modules.iter().rev().find(|s| !s.is_empty() && !s.starts_with("_empty_nn_module")).map(|s| short(s));
    }
    // TorchScript's exporter writes the path into the name: `/h.0/attn/MatMul_1`.
    let inner = node.name.strip_prefix('/')?;
    let (path, _) = inner.rsplit_once('/')?;
    Some(short(&path.replace('/', ".")))
}

/// The strings of a Python list of strings.
fn string_list(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut characters = text.chars();
    while let Some(quote) = characters.find(|c| matches!(c, '\'' | '"')) {
        let mut item = String::new();
        while let Some(c) = characters.next() {
            match c {
                '\\' => item.extend(characters.next()),
                c if c == quote => break,
                c => item.push(c),
            }
        }
        out.push(item);
    }
    out
}

/// The first component, with a dot, if all paths share it and none is there twice under another.
fn wrapper<'a>(paths: impl Iterator<Item = &'a String> + Clone) -> String {
    let head = |p: &'a String| p.split('.').next().unwrap_or("");
    let Some(first) = paths.clone().next().map(head) else { return String::new() };
    // Modules under at least two names show that the shared component is a wrapper and not the only module.
    let second = |p: &'a String| p.split('.').nth(1);
    let mut inner = paths.clone().filter_map(second);
    let one = inner.next();
    let several = inner.any(|s| Some(s) != one);
    if several && paths.clone().all(|p| head(p) == first) { format!("{first}.") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::{string_list, stripped, wrapper};

    #[test]
    fn lists_are_read_as_python_writes_them() {
        assert_eq!(string_list(r"['', 'm.h', 'it\'s']"), ["", "m.h", "it's"]);
        assert_eq!(string_list(r#"["a'b", 'c']"#), ["a'b", "c"]);
        assert_eq!(string_list("['open"), ["open"]);
        assert!(string_list("nothing").is_empty());
    }

    #[test]
    fn only_a_module_around_all_others_is_a_wrapper() {
        let of = |paths: &[&str]| wrapper(paths.iter().map(|p| p.to_string()).collect::<Vec<_>>().iter());
        assert_eq!(of(&["m.transformer.h.0", "m", "m.lm_head"]), "m.");
        assert_eq!(of(&["transformer.h.0", "lm_head"]), "");
        assert_eq!(of(&["h.0", "h.0.attn"]), "");
        assert_eq!(of(&[]), "");
        assert_eq!(stripped("m.", "m.lm_head"), "lm_head");
        assert_eq!(stripped("m.", "model.x"), "model.x");
        assert_eq!(stripped("m.", "m"), "");
    }
}
