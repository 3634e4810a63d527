//! THE table: which ONNX operators Prism reads, and what each becomes in `nn`. One file per family holds the
//! conversions that need more than a name.

mod elementwise;
mod indexing;
mod leaves;
mod linear;
mod rows;
mod shaping;

use super::fault::Fault;
use super::lower::{Lower, Val};
use super::node::Node;
use super::proto;
use prism_dialects::Problem;
use rustc_hash::FxHashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// What a conversion yields: one value for each result, or fewer where the last ones are never needed.
type Converted = Result<Vec<Val>, Fault>;

/// How an operator becomes `nn`.
#[derive(Clone, Copy)]
enum Meaning {
    /// The `nn` operation of that name, on the same operands.
    Same(&'static str),
    /// The binary `nn` operation, applied from left to right.
    Each(&'static str),
    /// The reduction of that name.
    Reduce(&'static str),
    /// A conversion of its own.
    By(fn(&mut Lower<'_>, &Node<'_>) -> Converted),
}
use Meaning::{By, Each, Reduce, Same};

/// A row of the table.
struct Rule {
    op: &'static str,
    /// First opset that has it in this form; 13 where it is older than what Prism reads.
    since: i64,
    operands: RangeInclusive<usize>,
    attributes: &'static [&'static str],
    meaning: Meaning,
}

const fn rule(
    op: &'static str,
    operands: RangeInclusive<usize>,
    attributes: &'static [&'static str],
    meaning: Meaning,
) -> Rule {
    Rule { op, since: 13, operands, attributes, meaning }
}

impl Rule {
    const fn since(mut self, opset: i64) -> Rule {
        self.since = opset;
        self
    }
}

const MANY: usize = usize::MAX;
const AXES: &[&str] = &["axes", "keepdims", "noop_with_empty_axes"];

#[rustfmt::skip]
const RULES: &[Rule] = &[
    // leaves.rs
    rule("Constant", 0..=0, &["value", "value_float", "value_floats", "value_int", "value_ints"], By(leaves::constant)),
    rule("ConstantOfShape", 1..=1, &["value"], By(leaves::constant_of_shape)),
    rule("Range", 3..=3, &[], By(leaves::range)),
    rule("Shape", 1..=1, &["start", "end"], By(leaves::shape_of)),
    rule("Size", 1..=1, &[], By(leaves::size_of)),

    // elementwise.rs
    rule("Abs", 1..=1, &[], Same("nn.abs")),
    rule("Ceil", 1..=1, &[], Same("nn.ceil")),
    rule("Cos", 1..=1, &[], Same("nn.cos")),
    rule("Erf", 1..=1, &[], Same("nn.erf")),
    rule("Exp", 1..=1, &[], Same("nn.exp")),
    rule("Floor", 1..=1, &[], Same("nn.floor")),
    rule("Log", 1..=1, &[], Same("nn.log")),
    rule("Neg", 1..=1, &[], Same("nn.neg")),
    rule("Not", 1..=1, &[], Same("nn.not")),
    rule("Reciprocal", 1..=1, &[], Same("nn.reciprocal")),
    rule("Relu", 1..=1, &[], Same("nn.relu")),
    rule("Sigmoid", 1..=1, &[], Same("nn.sigmoid")),
    rule("Sin", 1..=1, &[], Same("nn.sin")),
    rule("Sqrt", 1..=1, &[], Same("nn.sqrt")),
    rule("Tanh", 1..=1, &[], Same("nn.tanh")),
    rule("Gelu", 1..=1, &["approximate"], By(elementwise::gelu)).since(20),
    rule("LeakyRelu", 1..=1, &["alpha"], By(elementwise::leaky_relu)),
    rule("Softplus", 1..=1, &[], By(elementwise::softplus)),
    rule("Add", 2..=2, &[], Same("nn.add")),
    rule("Sub", 2..=2, &[], Same("nn.sub")),
    rule("Mul", 2..=2, &[], Same("nn.mul")),
    rule("Div", 2..=2, &[], Same("nn.div")),
    rule("Mod", 2..=2, &["fmod"], By(elementwise::modulo)),
    rule("Pow", 2..=2, &[], By(elementwise::power)),
    rule("Equal", 2..=2, &[], Same("nn.equal")),
    rule("Less", 2..=2, &[], Same("nn.less")),
    rule("LessOrEqual", 2..=2, &[], Same("nn.less_equal")),
    rule("Greater", 2..=2, &[], Same("nn.greater")),
    rule("GreaterOrEqual", 2..=2, &[], Same("nn.greater_equal")),
    rule("And", 2..=2, &[], Same("nn.and")),
    rule("Or", 2..=2, &[], Same("nn.or")),
    rule("Xor", 2..=2, &[], Same("nn.xor")),
    rule("Where", 3..=3, &[], Same("nn.where")),
    rule("Max", 1..=MANY, &[], Each("nn.max")),
    rule("Min", 1..=MANY, &[], Each("nn.min")),
    rule("Sum", 1..=MANY, &[], Each("nn.add")),
    rule("Mean", 1..=MANY, &[], By(elementwise::mean)),
    rule("Clip", 1..=3, &[], By(elementwise::clip)),
    rule("Cast", 1..=1, &["to", "saturate"], By(elementwise::cast)),
    rule("CastLike", 2..=2, &["saturate"], By(elementwise::cast_like)).since(15),
    rule("Identity", 1..=1, &[], By(elementwise::identity)),
    rule("Dropout", 1..=3, &["seed"], By(elementwise::dropout)),

    // linear.rs
    rule("MatMul", 2..=2, &[], By(linear::matmul)),
    rule("Gemm", 2..=3, &["transA", "transB", "alpha", "beta"], By(linear::gemm)),

    // rows.rs
    rule("Softmax", 1..=1, &["axis"], By(rows::softmax)),
    rule("LogSoftmax", 1..=1, &["axis"], By(rows::log_softmax)),
    rule("LayerNormalization", 2..=3, &["axis", "epsilon", "stash_type"], By(rows::layer_norm)).since(17),
    rule("ReduceMean", 1..=2, AXES, Reduce("nn.reduce_mean")),
    rule("ReduceSum", 1..=2, AXES, Reduce("nn.reduce_sum")),
    rule("ReduceMax", 1..=2, AXES, Reduce("nn.reduce_max")),
    rule("ReduceMin", 1..=2, AXES, Reduce("nn.reduce_min")),
    rule("ReduceSumSquare", 1..=2, AXES, By(rows::reduce_sum_square)),
    rule("ReduceL2", 1..=2, AXES, By(rows::reduce_l2)),
    rule("CumSum", 2..=2, &["exclusive", "reverse"], By(rows::cumsum)),

    // shaping.rs
    rule("Reshape", 2..=2, &["allowzero"], By(shaping::reshape)),
    rule("Flatten", 1..=1, &["axis"], By(shaping::flatten)),
    rule("Squeeze", 1..=2, &[], By(shaping::squeeze)),
    rule("Unsqueeze", 2..=2, &[], By(shaping::unsqueeze)),
    rule("Expand", 2..=2, &[], By(shaping::expand)),
    rule("Tile", 2..=2, &[], By(shaping::tile)),
    rule("Transpose", 1..=1, &["perm"], By(shaping::transpose)),
    rule("Concat", 1..=MANY, &["axis"], By(shaping::concat)),
    rule("Trilu", 1..=2, &["upper"], By(shaping::trilu)).since(14),

    // indexing.rs
    rule("Slice", 3..=5, &[], By(indexing::slice)),
    rule("Split", 1..=2, &["axis", "num_outputs"], By(indexing::split)),
    rule("Gather", 2..=2, &["axis"], By(indexing::gather)),
    rule("GatherND", 2..=2, &["batch_dims"], By(indexing::gather_nd)),
];

static BY_NAME: LazyLock<FxHashMap<&'static str, &'static Rule>> =
    LazyLock::new(|| RULES.iter().map(|r| (r.op, r)).collect());

/// Names of the operators that Prism reads, in order of the table.
pub fn supported() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|r| r.op)
}

/// Whether a domain is that of the standard operators.
pub(crate) fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// What of a node is not supported, as far as that shows without its operands.
pub(crate) fn refusals(node: &proto::Node, opset: i64) -> Vec<String> {
    if !is_standard(&node.domain) {
        return vec![format!("`{}::{}`", node.domain, node.op_type)];
    }
    let Some(rule) = BY_NAME.get(node.op_type.as_str()) else { return vec![format!("`{}`", node.op_type)] };
    if opset < rule.since {
        return vec![format!("`{}` in opset {opset}: it came with opset {}", rule.op, rule.since)];
    }
    let unknown = node.attribute.iter().filter(|a| !rule.attributes.contains(&a.name.as_str()));
    unknown.map(|a| format!("`{}` with attribute `{}`", rule.op, a.name)).collect()
}

/// Converts a node that [`refusals`] has nothing against.
pub(crate) fn convert(cx: &mut Lower<'_>, node: &Node<'_>) -> Converted {
    let Some(rule) = BY_NAME.get(node.proto.op_type.as_str()) else { return Err(node.unsupported("")) };
    if !rule.operands.contains(&node.operands.len()) {
        let (low, high) = (rule.operands.start(), rule.operands.end());
        let allowed = if *high == MANY { format!("at least {low}") } else { format!("{low} to {high}") };
        let found = node.operands.len().to_string();
        return Err(Fault::Malformed(Problem::new("number of operands", found, allowed)));
    }
    match rule.meaning {
        Same(name) => Ok(vec![cx.op(name, &node.all()?)?]),
        Each(name) => each(cx, name, &node.all()?),
        Reduce(name) => rows::reduce(cx, node, name),
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
