//! `nn`: the tensor program. See the README of this folder for why it is as it is.

pub(crate) mod infer;
mod interp;

pub(crate) use interp::constant as interpret_constant;

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

/// The dialect.
pub(crate) fn dialect() -> Dialect {
    let groups = [leaves(), linear(), unaries(), binaries(), rows(), shaping()];
    Dialect {
        name: "nn",
        summary: "The tensor program: what is computed, nothing of where.",
        page: include_str!("README.md"),
        types: Vec::new(),
        ops: groups.into_iter().flatten().collect(),
    }
}
