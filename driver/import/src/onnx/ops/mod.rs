//! ONNX operators as `nn`. `table.rs` says which there are; one file per family holds the conversions that need more than
//! a name.

mod activations;
mod attention;
mod contributed;
mod einsum;
mod elementwise;
mod indexing;
mod leaves;
mod linear;
mod norms;
mod pad;
mod picking;
mod quantised;
mod reductions;
mod rows;
mod shaping;
mod table;

use super::fault::Fault;
use super::lower::{Lower, Val};
use super::needs;
use super::node::Node;
use super::proto;
use super::wiring::short;
use prism_dialects::Problem;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::LazyLock;
use table::Meaning::{By, Each, Known, Reduce, Same};
use table::{MANY, RULES, Rule};

/// What a conversion yields: one value for each result, or fewer where the last ones are never needed.
type Converted = Result<Vec<Val>, Fault>;

static BY_NAME: LazyLock<FxHashMap<&'static str, &'static Rule>> =
    LazyLock::new(|| RULES.iter().map(|r| (r.op, r)).collect());

/// Names of the operators that Prism reads, in order of the table.
pub fn supported() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|r| r.op)
}

/// The name of a node's operator, with the domain before it unless that is the standard one.
pub(crate) fn full_name(node: &proto::Node) -> Cow<'_, str> {
    match is_standard(&node.domain) {
        true => Cow::Borrowed(&node.op_type),
        false => Cow::Owned(format!("{}::{}", node.domain, node.op_type)),
    }
}

fn rule_of(node: &proto::Node) -> Option<&'static Rule> {
    BY_NAME.get(&*full_name(node)).copied()
}

/// A domain, the standard one being empty.
pub(crate) fn domain(name: &str) -> &str {
    if is_standard(name) { "" } else { name }
}

/// Whether a domain is that of the standard operators.
pub(crate) fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// What of a node is not supported, as far as that shows without its operands.
pub(crate) fn refusals(node: &proto::Node, opset: i64) -> Vec<(String, &'static str)> {
    let op = short(&full_name(node));
    let Some(rule) = rule_of(node) else {
        return vec![(format!("`{op}`"), needs::operator(&node.op_type, domain(&node.domain)))];
    };
    if opset < rule.since {
        let what = format!("`{op}` in opset {opset}: it came with opset {}", rule.since);
        return vec![(what, "an export in an opset that has it")];
    }
    let unknown = node.attribute.iter().filter(|a| !rule.attributes.contains(&a.name.as_str()));
    unknown.map(|a| (format!("`{op}` with attribute `{}`", short(&a.name)), needs::ATTRIBUTE)).collect()
}

/// Converts a node that [`refusals`] has nothing against.
pub(crate) fn convert(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let Some(rule) = rule_of(node.proto) else { return Err(node.unsupported("")) };
    if !rule.operands.contains(&node.operands.len()) {
        let (low, high) = (rule.operands.start(), rule.operands.end());
        let allowed = if *high == MANY { format!("at least {low}") } else { format!("{low} to {high}") };
        let found = node.operands.len().to_string();
        return Err(Fault::Malformed(Problem::new("number of operands", found, allowed)));
    }
    match rule.meaning {
        Same(name) => Ok(vec![cx.op(name, &node.all()?)?]),
        Each(name) => each(cx, name, &node.all()?),
        Reduce(name) => reductions::reduce(cx, node, name),
        Known(function) => elementwise::known(cx, node, function),
        By(convert) => convert(cx, node),
    }
}

fn each(cx: &mut Lower<'_>, name: &'static str, operands: &[Val]) -> Converted {
    let [first, rest @ ..] = operands else { return Ok(Vec::new()) };
    let made = rest.iter().try_fold(*first, |sum, v| cx.op(name, &[sum, *v]))?;
    Ok(vec![made])
}

/// `axis` counted from the front, for a tensor of `rank` axes.
fn axis_of(axis: i64, rank: usize, what: &str) -> Result<usize, Fault> {
    let count = i64::try_from(rank).unwrap_or(i64::MAX);
    let from_front = if axis < 0 { axis.saturating_add(count) } else { axis };
    usize::try_from(from_front).ok().filter(|a| *a < rank).ok_or_else(|| {
        let allowed =
            if rank == 0 { "none: the tensor is a scalar".into() } else { format!("{} to {}", -count, count - 1) };
        super::fault::shape(what, axis.to_string(), allowed)
    })
}

/// Axes counted from the front, ascending, each once.
fn axes_of(axes: &[i64], rank: usize, what: &str) -> Result<Vec<usize>, Fault> {
    let mut out = axes.iter().map(|a| axis_of(*a, rank, what)).collect::<Result<Vec<_>, _>>()?;
    out.sort_unstable();
    match out.windows(2).any(|w| w[0] == w[1]) {
        true => Err(super::fault::shape(what, format!("{axes:?}"), "each axis once")),
        false => Ok(out),
    }
}

/// A number of elements or an axis as an attribute.
fn whole(n: impl TryInto<i64>) -> i64 {
    // Extents are below 2^48, axes far below that.
    n.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{RULES, axes_of, axis_of};
    use prism_dialects::registry;

    #[test]
    fn rows_name_operations_that_exist_and_no_operator_twice() {
        let mut names: Vec<&str> = RULES.iter().map(|r| r.op).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            if let super::Same(name) | super::Each(name) | super::Reduce(name) = rule.meaning {
                assert!(registry::find(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn axes_count_from_both_ends() {
        assert_eq!(axis_of(-1, 3, "axis").ok(), Some(2));
        assert!(axis_of(3, 3, "axis").is_err() && axis_of(-4, 3, "axis").is_err());
        assert!(axis_of(i64::MIN, 3, "axis").is_err() && axis_of(0, 0, "axis").is_err());
        assert_eq!(axes_of(&[-1, 0], 3, "axes").ok(), Some(vec![0, 2]));
        assert!(axes_of(&[1, -2], 3, "axes").is_err());
    }
}
