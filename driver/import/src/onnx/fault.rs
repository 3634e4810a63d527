//! What goes wrong while one node is converted, and how all of it is told.

use super::proto;
use super::wiring::{label, short};
use prism_dialects::{Loc, Problem};
use prism_support::codes::{E0204, E0206, E0207, E0208, E0209};
use prism_support::{Code, Diagnostic, Diagnostics, Place};
use std::collections::BTreeMap;
use std::path::Path;

/// Why a node was not converted.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Shapes, types or attributes that contradict each other.
    Shape(Problem),
    /// A form of the operator that Prism does not support, such as `with mode = "odd"`, and what would be needed; told once
    /// for all nodes.
    Unsupported(String, &'static str),
    /// A value is needed that is not in the file.
    Missing {
        /// The value, and what it is needed for.
        what: String,
        /// Why it is not there.
        found: String,
    },
    /// The node breaks the rules of ONNX.
    Malformed(Problem),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Fault::Shape(problem)
    }
}

/// A shape fault.
pub(crate) fn shape(what: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) -> Fault {
    Fault::Shape(Problem::new(what, found, allowed))
}

/// A group of things that Prism does not support.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unsupported {
    /// What: an operator such as `Einsum`, possibly with the attribute or form that is the matter.
    pub what: String,
    /// How many nodes or values use it.
    pub count: usize,
    /// The first few of them, in the user's names.
    pub names: Vec<String>,
    /// What would be needed to support it.
    pub needs: &'static str,
}

/// How many names of a group are kept.
const SHOWN: usize = 3;

/// How many groups an error lists.
const MAX_NOTES: usize = 30;

/// Unsupported things, by what they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refused(BTreeMap<String, Unsupported>);

impl Refused {
    /// Notes that `name` uses `what`.
    pub(crate) fn add(&mut self, what: String, needs: &'static str, name: &str) {
        let group = self.0.entry(what.clone());
        let group = group.or_insert_with(|| Unsupported { what, count: 0, names: Vec::new(), needs });
        group.count += 1;
        if group.names.len() < SHOWN && !group.names.iter().any(|n| n == name) {
            group.names.push(short(name));
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The groups, those with most nodes first.
    pub(crate) fn groups(&self) -> Vec<Unsupported> {
        let mut groups: Vec<Unsupported> = self.0.values().cloned().collect();
        groups.sort_by_key(|g| std::cmp::Reverse(g.count));
        groups
    }

    /// All of them as one error.
    pub(crate) fn error(&self, file: &Path) -> Diagnostic {
        let groups = self.groups();
        let total: usize = groups.iter().map(|g| g.count).sum();
        let (kinds, things) = (groups.len(), if total == 1 { "thing" } else { "things" });
        let of_kinds = if kinds > 1 { format!(" of {kinds} kinds") } else { String::new() };
        let headline = format!("`{}` uses {total} {things}{of_kinds} that Prism does not support", file.display());
        let mut d = Diagnostic::error(&E0204, headline).in_file(file);
        for g in groups.iter().take(MAX_NOTES) {
            let more = if g.count > g.names.len() { ", ..." } else { "" };
            d = d.note(format!("{}: {} ({}{more}); needs {}", g.what, g.count, g.names.join(", "), g.needs));
        }
        if kinds > MAX_NOTES {
            d = d.note(format!("and {} more kinds", kinds - MAX_NOTES));
        }
        d.hint(format!("`prism inspect {}` lists everything that the graph uses", file.display()))
    }
}

/// Turns faults into diagnostics: unsupported things go to `refused`, the rest is told one by one.
pub(crate) fn report(
    fault: Fault,
    node: &proto::Node,
    loc: &Loc,
    file: &Path,
    refused: &mut Refused,
    problems: &mut Diagnostics,
) {
    let name = format!("{} ({} `{}`)", loc.first(), node.op_type, label(node));
    let (code, problem) = match fault {
        Fault::Unsupported(form, needs) => {
            return refused.add(format!("`{}` {form}", node.op_type), needs, loc.first());
        }
        Fault::Shape(p) if p.what == "size" => (&E0208, p),
        Fault::Shape(p) => (&E0206, p),
        Fault::Malformed(p) => (&E0207, p),
        Fault::Missing { what, found } => {
            let allowed = "values inside the model file, or in the data file it names";
            (&E0209, Problem::new(what, found, allowed))
        }
    };
    let place = Place::Item { file: file.to_path_buf(), name };
    let headline = format!("`{}` of {}: {}", node.op_type, loc.first(), problem.what);
    let d = Diagnostic::error(code, headline).at(place).found(problem.found).allowed(problem.allowed);
    problems.push(d.hint(remedy(code)));
}

/// What to try about a problem of a graph.
pub(crate) fn remedy(code: &Code) -> &'static str {
    match code.name {
        "E0207" => "`onnx.checker.check_model` names the rule of ONNX that is broken",
        "E0208" => "bind smaller dimensions with `--seq`, `--past`, `--batch` or `--dim`",
        "E0209" => "put the data file beside the model, or export with this value in the model",
        _ => "`onnx.shape_inference.infer_shapes(model, strict_mode=True)` shows the shapes that the model has",
    }
}
