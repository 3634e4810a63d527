//! Names resolved: which node makes which value, and an order in which every value is made before it is used.

use super::proto::{Graph, Node};
use prism_support::codes::E0207;
use prism_support::{Diagnostic, Diagnostics, Place, Result, suggest};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

/// Who makes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// A graph input, by index.
    Input(usize),
    /// An initializer, by index.
    Weight(usize),
    /// A node, by index.
    Node(usize),
}

/// The graph with names replaced by dense numbers.
#[derive(Debug, Default)]
pub(crate) struct Wiring {
    /// For each node, its operands; `None` where one is left out.
    pub(crate) operands: Vec<Vec<Option<usize>>>,
    /// For each node, its results; `None` where one is not wanted.
    pub(crate) results: Vec<Vec<Option<usize>>>,
    /// Nodes in an order in which operands come first; the file's own order where that does.
    pub(crate) order: Vec<usize>,
    /// The graph's outputs.
    pub(crate) outputs: Vec<usize>,
    /// For each value, who makes it.
    pub(crate) makers: Vec<Maker>,
    /// For each value, how often it is used.
    pub(crate) uses: Vec<u32>,
}

/// Longest name that is shown whole, and at which a slip of the hand is searched for; bytes.
const MAX_SHOWN: usize = 200;
/// A graph with more problems than this is not searched for more.
pub(crate) const MAX_PROBLEMS: usize = 100;
/// Among more names than this no near one is searched for.
const MAX_CANDIDATES: usize = 20_000;

/// What a node is called in messages and locations.
pub(crate) fn label(node: &Node) -> String {
    match node.name.as_str() {
        "" => short(&format!("{}:{}", node.op_type, node.output.first().map_or("", String::as_str))),
        name => short(name),
    }
}

/// The start of a name that is absurdly long, so that repeating it stays cheap.
pub(crate) fn short(name: &str) -> String {
    match name.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_string(),
    }
}

impl Wiring {
    /// Resolves the names of a graph.
    ///
    /// # Errors
    /// [`E0207`] for values made twice, values that nothing makes, and cycles; all of them.
    pub(crate) fn of(graph: &Graph, file: &Path) -> Result<Wiring> {
        let mut names =
            Names { index: FxHashMap::default(), wiring: Wiring::default(), problems: Diagnostics::new(), file };
        for (i, tensor) in graph.initializer.iter().enumerate() {
            names.make(&tensor.name, Maker::Weight(i));
        }
        for (i, input) in graph.input.iter().enumerate() {
            // An input of an initializer's name is that initializer: inputs with a default value.
            let is_weight = names.index.get(input.name.as_str()).is_some_and(|v| names.is_weight(*v));
            if !is_weight {
                names.make(&input.name, Maker::Input(i));
            }
        }
        for (i, node) in graph.node.iter().enumerate() {
            let results = node.output.iter().map(|name| names.make(name, Maker::Node(i))).collect();
            names.wiring.results.push(results);
        }
        for node in &graph.node {
            let operands = node.input.iter().map(|name| names.find(name, node)).collect();
            names.wiring.operands.push(operands);
        }
        for output in &graph.output {
            let found = names.lookup(&output.name, &format!("output `{}`", output.name));
            names.wiring.outputs.extend(found);
        }
        let (mut wiring, problems) = (names.wiring, names.problems);
        problems.into_result(())?;
        wiring.sort(graph, file)?;
        Ok(wiring)
    }

    fn sort(&mut self, graph: &Graph, file: &Path) -> Result<()> {
        let nodes = self.operands.len();
        let mut waiting = vec![0u32; nodes];
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes];
        for (i, operands) in self.operands.iter().enumerate() {
            for value in operands.iter().flatten() {
                if let Some(Maker::Node(maker)) = self.makers.get(*value).copied() {
                    waiting[i] += 1;
                    users[maker].push(i);
                }
            }
        }
        // Smallest index first, so that a file in order keeps its order.
        let mut ready: BinaryHeap<Reverse<usize>> = (0..nodes).filter(|i| waiting[*i] == 0).map(Reverse).collect();
        while let Some(Reverse(i)) = ready.pop() {
            self.order.push(i);
            for user in &users[i] {
                waiting[*user] -= 1;
                if waiting[*user] == 0 {
                    ready.push(Reverse(*user));
                }
            }
        }
        if self.order.len() == nodes { Ok(()) } else { Err(self.cycle(graph, file, &waiting).into()) }
    }

    /// Names one cycle: from any node that waits, go back to a maker that waits, until one comes again.
    fn cycle(&self, graph: &Graph, file: &Path, waiting: &[u32]) -> Diagnostic {
        let mut seen = vec![false; waiting.len()];
        let mut path = Vec::new();
        let mut at = waiting.iter().position(|n| *n > 0).unwrap_or(0);
        while !std::mem::replace(&mut seen[at], true) {
            path.push(at);
            let makers = self.operands[at].iter().flatten().filter_map(|v| match self.makers.get(*v) {
                Some(Maker::Node(i)) if waiting[*i] > 0 => Some(*i),
                _ => None,
            });
            at = makers.min().unwrap_or(at);
        }
        let start = path.iter().position(|i| *i == at).unwrap_or(0);
        let mut names: Vec<String> = path[start..].iter().rev().map(|i| label(&graph.node[*i])).collect();
        let length = names.len();
        names.truncate(6);
        let more = if length > names.len() { " -> ..." } else { "" };
        let first = names.first().cloned().unwrap_or_default();
        Diagnostic::error(&E0207, format!("`{}` has a cycle of {length} nodes", file.display()))
            .at(Place::Item { file: file.to_path_buf(), name: first.clone() })
            .found(format!("{}{more} -> {first}", names.join(" -> ")))
            .allowed("a graph in which every value is made before it is used")
            .hint("export the model again: a cycle of nodes cannot be computed")
    }
}

struct Names<'a> {
    index: FxHashMap<&'a str, usize>,
    wiring: Wiring,
    problems: Diagnostics,
    file: &'a Path,
}

impl<'a> Names<'a> {
    fn is_weight(&self, value: usize) -> bool {
        matches!(self.wiring.makers.get(value), Some(Maker::Weight(_)))
    }

    fn make(&mut self, name: &'a str, maker: Maker) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        let value = self.wiring.makers.len();
        self.wiring.makers.push(maker);
        self.wiring.uses.push(0);
        if self.index.insert(name, value).is_some() {
            let d = Diagnostic::error(&E0207, format!("value `{}` is made twice", short(name)));
            let d = d.allowed("one input, initializer or node for each value");
            self.note(d.hint("rename one of them, or export the model again"));
        }
        Some(value)
    }

    fn note(&mut self, d: Diagnostic) {
        if self.problems.0.len() < MAX_PROBLEMS {
            self.problems.push(d.in_file(self.file));
        }
    }

    /// A known name near to `name`. The search is linear: it is made for the first few problems only.
    fn near(&self, name: &str) -> Option<String> {
        if self.problems.0.len() >= 5 || self.index.len() > MAX_CANDIDATES {
            return None;
        }
        let mut known: Vec<&str> = self.index.keys().copied().filter(|n| n.len() < MAX_SHOWN).collect();
        known.sort_unstable();
        suggest::did_you_mean(name, known)
    }

    fn find(&mut self, name: &str, node: &Node) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        let user = format!("node `{}` ({})", label(node), node.op_type);
        self.lookup(name, &user)
    }

    fn lookup(&mut self, name: &str, user: &str) -> Option<usize> {
        if let Some(value) = self.index.get(name).copied() {
            self.wiring.uses[value] += 1;
            return Some(value);
        }
        if self.problems.0.len() < MAX_PROBLEMS {
            let name = short(name);
            let d = Diagnostic::error(&E0207, format!("{user} uses value `{name}`, which nothing makes"));
            let near = self.near(&name);
            let hint = near.unwrap_or_else(|| "if it is a weight, export the model again with its weights".into());
            self.note(d.allowed("names of inputs, initializers and results of nodes").hint(hint));
        }
        None
    }
}
