//! `nn`: the tensor program. See the README of this folder for why it is as it is.

pub(crate) mod infer;
mod interp;
mod work;

pub(crate) use interp::constant as interpret_constant;
pub use work::macs;

use crate::define::{AttrKind, Dialect, Kind, OpDef};
use crate::level::Level;

/// A pure `nn` operation over tensors.
fn op(name: &'static str, doc: &'static str) -> OpDef {
    OpDef::new(name, Level::Nn, Kind::Tensor, doc)
}

/// One float tensor in, the same type out, element by element.
fn unary(name: &'static str, doc: &'static str) -> OpDef {
    op(name, doc).operand("x", Kind::Tensor).infer(infer::unary_float).interp(interp::unary)
}

/// Two tensors of one element type, broadcast as in NumPy; the same element type out.
fn binary(name: &'static str, doc: &'static str) -> OpDef {
    op(name, doc).operand("lhs", Kind::Tensor).operand("rhs", Kind::Tensor).infer(infer::binary).interp(interp::binary)
}

/// Two tensors of one element type, broadcast; booleans out.
fn compare(name: &'static str, doc: &'static str) -> OpDef {
    binary(name, doc).infer(infer::compare)
}

/// Two boolean tensors, broadcast; booleans out.
fn logic(name: &'static str, doc: &'static str) -> OpDef {
    binary(name, doc).infer(infer::logic)
}

/// Reduces over `axes`.
fn reduce(name: &'static str, doc: &'static str) -> OpDef {
    op(name, doc)
        .operand("x", Kind::Tensor)
        .attr("axes", AttrKind::Ints, "axes to reduce over, ascending, without repeats")
        .maybe("keepdims", AttrKind::Bool, "keep reduced axes with extent 1; default false")
        .infer(infer::reduce)
        .interp(interp::reduce)
}

fn leaves() -> Vec<OpDef> {
    vec![
        op("nn.param", "A named weight. Its data is never in the IR.")
            .attr("name", AttrKind::Str, "name of the weight in the model file")
            .verify(infer::verify_param),
        op("nn.constant", "A constant tensor.")
            .attr("value", AttrKind::Dense, "the numbers")
            .verify(infer::verify_constant)
            .interp(interp::constant),
        op("nn.iota", "A vector start, start + step, start + 2 step, ... of the result's length.")
            .attr("start", AttrKind::Int, "first element")
            .attr("step", AttrKind::Int, "difference between neighbours")
            .verify(infer::verify_iota)
            .interp(interp::iota),
    ]
}

fn unaries() -> Vec<OpDef> {
    vec![
        unary("nn.neg", "-x").infer(infer::unary_any),
        unary("nn.abs", "|x|").infer(infer::unary_any),
        unary("nn.exp", "e^x"),
        unary("nn.log", "Natural logarithm."),
        unary("nn.sqrt", "Square root."),
        unary("nn.rsqrt", "1 / sqrt(x)"),
        unary("nn.reciprocal", "1 / x"),
        unary("nn.sin", "Sine of radians."),
        unary("nn.cos", "Cosine of radians."),
        unary("nn.tanh", "Hyperbolic tangent."),
        unary("nn.sigmoid", "1 / (1 + e^-x)"),
        unary("nn.erf", "Gauss error function."),
        unary("nn.relu", "max(x, 0)"),
        unary("nn.silu", "x * sigmoid(x)"),
        unary("nn.gelu", "Gaussian error linear unit: x * (1 + erf(x / sqrt 2)) / 2, or its tanh approximation.")
            .maybe("tanh", AttrKind::Bool, "use the tanh approximation; default false"),
        unary("nn.floor", "Largest integer not above x."),
        unary("nn.ceil", "Smallest integer not below x."),
        unary("nn.round", "Nearest integer; halves go to the even one."),
        unary("nn.not", "Logical not.").infer(infer::unary_bool),
        op("nn.cast", "The same numbers in the element type of the result; floats go to integers towards zero.")
            .operand("x", Kind::Tensor)
            .verify(infer::verify_cast)
            .interp(interp::cast),
    ]
}

fn binaries() -> Vec<OpDef> {
    vec![
        binary("nn.add", "lhs + rhs"),
        binary("nn.sub", "lhs - rhs"),
        binary("nn.mul", "lhs * rhs"),
        binary("nn.div", "lhs / rhs; integers towards zero."),
        binary("nn.pow", "lhs ^ rhs"),
        binary("nn.max", "The larger of both."),
        binary("nn.min", "The smaller of both."),
        binary("nn.mod", "lhs - rhs * floor(lhs / rhs)"),
        compare("nn.equal", "lhs = rhs"),
        compare("nn.less", "lhs < rhs"),
        compare("nn.less_equal", "lhs <= rhs"),
        compare("nn.greater", "lhs > rhs"),
        compare("nn.greater_equal", "lhs >= rhs"),
        logic("nn.and", "Logical and."),
        logic("nn.or", "Logical or."),
        logic("nn.xor", "Logical exclusive or."),
        op("nn.where", "on_true where the condition holds, else on_false; all three broadcast.")
            .operand("condition", Kind::Tensor)
            .operand("on_true", Kind::Tensor)
            .operand("on_false", Kind::Tensor)
            .infer(infer::select)
            .interp(interp::select),
    ]
}

fn linear() -> Vec<OpDef> {
    vec![
        op(
            "nn.matmul",
            "Matrix product over the last two axes; the axes before them broadcast.\n\
             lhs is [..., M, K] and rhs [..., K, N], each with its last two axes swapped first where its flag says so; \
             the result is [..., M, N]. Work: batch * M * K * N multiply-accumulates.",
        )
        .operand("lhs", Kind::Tensor)
        .operand("rhs", Kind::Tensor)
        .maybe("transpose_lhs", AttrKind::Bool, "lhs is stored as [..., K, M]; default false")
        .maybe("transpose_rhs", AttrKind::Bool, "rhs is stored as [..., N, K]; default false")
        .infer(infer::matmul)
        .interp(interp::matmul),
    ]
}

fn rows() -> Vec<OpDef> {
    vec![
        op("nn.softmax", "e^(x - max x), divided by its sum, along one axis.")
            .operand("x", Kind::Tensor)
            .attr("axis", AttrKind::Int, "the axis, from 0")
            .infer(infer::axis_float)
            .interp(interp::softmax),
        op(
            "nn.layer_norm",
            "(x - mean) / sqrt(variance + epsilon) * scale + bias over the axes from `axis` on.\n\
             scale and bias have the shape of those axes; bias may be absent.",
        )
        .operand("x", Kind::Tensor)
        .operand("scale", Kind::Tensor)
        .optional("bias", Kind::Tensor)
        .attr("axis", AttrKind::Int, "first normalised axis, from 0")
        .attr("epsilon", AttrKind::Float, "added to the variance")
        .infer(infer::norm)
        .interp(interp::layer_norm),
        op("nn.rms_norm", "x / sqrt(mean(x^2) + epsilon) * scale over the axes from `axis` on.")
            .operand("x", Kind::Tensor)
            .operand("scale", Kind::Tensor)
            .attr("axis", AttrKind::Int, "first normalised axis, from 0")
            .attr("epsilon", AttrKind::Float, "added to the mean square")
            .infer(infer::norm)
            .interp(interp::rms_norm),
        reduce("nn.reduce_mean", "Mean over axes."),
        reduce("nn.reduce_sum", "Sum over axes."),
        reduce("nn.reduce_max", "Largest element over axes."),
        reduce("nn.reduce_min", "Smallest element over axes."),
        reduce("nn.reduce_prod", "Product over axes."),
        op("nn.cumsum", "Running sum along one axis.")
            .operand("x", Kind::Tensor)
            .attr("axis", AttrKind::Int, "the axis, from 0")
            .maybe("exclusive", AttrKind::Bool, "leave the element itself out; default false")
            .maybe("reverse", AttrKind::Bool, "sum from the end; default false")
            .infer(infer::axis_any)
            .interp(interp::cumsum),
    ]
}

fn shaping() -> Vec<OpDef> {
    vec![
        op("nn.reshape", "The same numbers in the same order under another shape.")
            .operand("x", Kind::Tensor)
            .verify(infer::verify_reshape)
            .interp(interp::reshape),
        op("nn.broadcast", "Repeated along axes of extent 1, or new leading axes, to the shape of the result.")
            .operand("x", Kind::Tensor)
            .verify(infer::verify_broadcast)
            .interp(interp::broadcast),
        op("nn.transpose", "Axis i of the result is axis perm[i] of x.")
            .operand("x", Kind::Tensor)
            .attr("perm", AttrKind::Ints, "a permutation of the axes")
            .infer(infer::transpose)
            .interp(interp::transpose),
        op("nn.slice", "Elements start, start + step, ... of each axis, `size` of them.")
            .operand("x", Kind::Tensor)
            .attr("starts", AttrKind::Ints, "first index on each axis")
            .attr("sizes", AttrKind::Ints, "number of elements on each axis")
            .attr("steps", AttrKind::Ints, "distance on each axis; negative walks backwards")
            .infer(infer::slice)
            .interp(interp::slice),
        op("nn.concat", "One after another along an axis; all other extents agree.")
            .mixed("xs", Kind::Tensor)
            .attr("axis", AttrKind::Int, "the axis, from 0")
            .infer(infer::concat)
            .interp(interp::concat),
        op("nn.gather", "Entries of `table` along an axis, picked by `indices`; negative indices count from the end.")
            .operand("table", Kind::Tensor)
            .operand("indices", Kind::Tensor)
            .attr("axis", AttrKind::Int, "the axis of `table`, from 0")
            .infer(infer::gather)
            .interp(interp::gather),
        op(
            "nn.gather_nd",
            "Slices of `table` picked by index vectors: the last axis of `indices` addresses the first axes of `table` \
             after `batch_dims` shared leading axes.",
        )
        .operand("table", Kind::Tensor)
        .operand("indices", Kind::Tensor)
        .attr("batch_dims", AttrKind::Int, "number of shared leading axes")
        .infer(infer::gather_nd)
        .interp(interp::gather_nd),
    ]
}

/// Shape rule and meaning of the operations that put updates into a tensor.
fn scatter(name: &'static str, doc: &'static str) -> OpDef {
    op(name, doc).operand("x", Kind::Tensor).operand("indices", Kind::Tensor).operand("updates", Kind::Tensor).maybe(
        "reduction",
        AttrKind::Str,
        "add, mul, max or min: join with what is there; default: replace it",
    )
}

fn indexing() -> Vec<OpDef> {
    vec![
        op(
            "nn.gather_elements",
            "Element i of a line along `axis` is x at indices[i] of that line; negative ones count from the end.",
        )
        .operand("x", Kind::Tensor)
        .operand("indices", Kind::Tensor)
        .attr("axis", AttrKind::Int, "the axis, from 0")
        .infer(infer::gather_elements)
        .interp(interp::gather_elements),
        scatter(
            "nn.scatter_elements",
            "x with the updates of each line along `axis` put at the indices of that line, in order.",
        )
        .attr("axis", AttrKind::Int, "the axis, from 0")
        .infer(infer::scatter_elements)
        .interp(interp::scatter_elements),
        scatter(
            "nn.scatter_nd",
            "x with updates put at index vectors: the last axis of `indices` addresses the first axes of x; in order.",
        )
        .infer(infer::scatter_nd)
        .interp(interp::scatter_nd),
        op("nn.arg_max", "Index of the largest element along one axis, which goes; the first of equals.")
            .operand("x", Kind::Tensor)
            .attr("axis", AttrKind::Int, "the axis, from 0")
            .maybe("last", AttrKind::Bool, "the last of equals; default false")
            .infer(infer::arg_max)
            .interp(interp::arg_max),
        op(
            "nn.top_k",
            "Indices of the k largest elements along one axis, the largest first; equals in order of index.",
        )
        .operand("x", Kind::Tensor)
        .attr("axis", AttrKind::Int, "the axis, from 0")
        .attr("k", AttrKind::Int, "how many")
        .maybe("smallest", AttrKind::Bool, "the smallest elements, the smallest first; default false")
        .infer(infer::top_k)
        .interp(interp::top_k),
    ]
}

/// What transformers are made of. Each also has a form in simpler operations: `passes/src/nn/expand`.
fn attention() -> Vec<OpDef> {
    vec![
        op("nn.swiglu", "silu(gate) * up: Shazeer, arXiv 2002.05202, section 2.")
            .operand("gate", Kind::Tensor)
            .operand("up", Kind::Tensor)
            .infer(infer::swiglu)
            .interp(interp::swiglu),
        op(
            "nn.rope",
            "Rotary position embedding: pairs of channels turned by angles. Su et al., arXiv 2104.09864, equation 34.\n\
             The pair (a, b) becomes (a cos - b sin, b cos + a sin). It is channels i and i + C/2 of the last axis of x, or 2i \
             and 2i + 1 where `interleaved`, C being the number of rotated channels; those after them pass. The tables broadcast \
             over the other axes and have a number for each pair, or for each channel.",
        )
        .operand("x", Kind::Tensor)
        .operand("cos", Kind::Tensor)
        .operand("sin", Kind::Tensor)
        .maybe("interleaved", AttrKind::Bool, "pairs are neighbours; default false: a pair is half the channels apart")
        .maybe("channels", AttrKind::Int, "how many of the last axis are rotated, from the first; default all")
        .infer(infer::rope)
        .interp(interp::rope),
        op(
            "nn.causal_mask",
            "Hides the keys that come after a query: entry (i, j) of the last two axes [M, N] is visible where j <= i + N - M.\n\
             Booleans are true where visible. Numbers are 0 there and `fill` elsewhere.",
        )
        .maybe("fill", AttrKind::Float, "what stands where a key is hidden; numbers only")
        .verify(infer::verify_causal_mask)
        .interp(interp::causal_mask),
        op(
            "nn.attention",
            "softmax(q k' * scale + mask) v over the last two axes: Vaswani et al., arXiv 1706.03762, equation 1.\n\
             q is [..., H, M, D], k [..., G, N, D], v [..., G, N, E]; H / G neighbouring heads of q share one of k and v. The result is \
             [..., H, M, E]. A mask of numbers is added to the scores, which are the products times `scale`; where one of booleans is \
             false, `fill` takes the place of the score. Work: two products.",
        )
        .operand("q", Kind::Tensor)
        .operand("k", Kind::Tensor)
        .operand("v", Kind::Tensor)
        .optional("mask", Kind::Tensor)
        .attr("scale", AttrKind::Float, "factor of the products")
        .maybe("causal", AttrKind::Bool, "query i sees keys up to i + N - M alone; default false")
        .maybe("fill", AttrKind::Float, "score where a boolean mask is false")
        .maybe("softcap", AttrKind::Float, "scores s become c tanh(s / c) before they are masked; default none")
        .maybe("softmax_elem", AttrKind::Str, "element type that the softmax is computed in; default that of q")
        .maybe("guarded", AttrKind::Bool, "a query that sees no key gets 0, and not what is no number; default false")
        .infer(infer::attention)
        .interp(interp::attention),
    ]
}

/// Mixtures of experts: rows go to experts, and come back.
fn experts() -> Vec<OpDef> {
    vec![
        op(
            "nn.moe_dispatch",
            "Rows of x beside one another for the expert that was chosen for them: [E, C, width] from [T, width].\n\
             Choice j of token t is expert choices[t, j] and takes the next free row of that expert, in order of t, then of j. An \
             expert has C rows: rows that nobody takes are 0, and choices beyond C are dropped. Lepikhin et al., arXiv 2006.16668, \
             section 2.2.",
        )
        .operand("x", Kind::Tensor)
        .operand("choices", Kind::Tensor)
        .attr("experts", AttrKind::Int, "E, how many experts there are")
        .attr("capacity", AttrKind::Int, "C, how many rows each expert has")
        .infer(infer::moe_dispatch)
        .interp(interp::moe_dispatch),
        op(
            "nn.moe_combine",
            "What experts made of the rows that `nn.moe_dispatch` gave them, back at their tokens: [T, width] from [E, C, width].\n\
             Row t is the sum over its choices j of weights[t, j] times the row of y that this choice took; a dropped choice adds \
             nothing.",
        )
        .operand("y", Kind::Tensor)
        .operand("choices", Kind::Tensor)
        .operand("weights", Kind::Tensor)
        .infer(infer::moe_combine)
        .interp(interp::moe_combine),
    ]
}

/// The dialect.
pub(crate) fn dialect() -> Dialect {
    let groups = [leaves(), linear(), unaries(), binaries(), rows(), shaping(), indexing(), attention(), experts()];
    Dialect {
        name: "nn",
        summary: "The tensor program: what is computed, nothing of where.",
        page: include_str!("README.md"),
        types: Vec::new(),
        ops: groups.into_iter().flatten().collect(),
    }
}
