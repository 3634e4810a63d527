//! THE table: which ONNX operators Prism reads, and what each becomes in `nn`.

use super::{
    Converted, activations, attention, contributed, einsum, elementwise, indexing, leaves, linear, norms, pad, picking,
    quantised,
};
use super::{reductions, rows, shaping};
use crate::onnx::lower::Lower;
use crate::onnx::node::Node;
use std::ops::RangeInclusive;

/// How an operator becomes `nn`.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    /// The `nn` operation of that name, on the same operands.
    Same(&'static str),
    /// The binary `nn` operation, applied from left to right.
    Each(&'static str),
    /// The reduction of that name.
    Reduce(&'static str),
    /// The function of each number, computed at import: for tables of constants. `nn` has no operation for it.
    Known(fn(f64) -> f64),
    /// A conversion of its own.
    By(fn(&mut Lower<'_>, &Node<'_>) -> Converted),
}
use Meaning::{By, Each, Known, Reduce, Same};

/// A row of the table.
pub(super) struct Rule {
    pub(super) op: &'static str,
    /// First opset that has it in this form; 11 where it is older than what Prism reads.
    pub(super) since: i64,
    pub(super) operands: RangeInclusive<usize>,
    pub(super) attributes: &'static [&'static str],
    pub(super) meaning: Meaning,
}

const fn rule(
    op: &'static str,
    operands: RangeInclusive<usize>,
    attributes: &'static [&'static str],
    meaning: Meaning,
) -> Rule {
    Rule { op, since: 11, operands, attributes, meaning }
}

impl Rule {
    const fn since(mut self, opset: i64) -> Rule {
        self.since = opset;
        self
    }
}

pub(super) const MANY: usize = usize::MAX;
const ROTARY: &[&str] = &["interleaved", "num_heads", "rotary_embedding_dim", "scale"];
const AXES: &[&str] = &["axes", "keepdims", "noop_with_empty_axes"];

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // leaves.rs
    rule("Constant", 0..=0, &["value", "value_float", "value_floats", "value_int", "value_ints"], By(leaves::constant)),
    rule("ConstantOfShape", 1..=1, &["value"], By(leaves::constant_of_shape)),
    rule("EyeLike", 1..=1, &["dtype", "k"], By(leaves::eye_like)),
    rule("Range", 3..=3, &[], By(leaves::range)),
    rule("Shape", 1..=1, &["start", "end"], By(leaves::shape_of)),
    rule("Size", 1..=1, &[], By(leaves::size_of)),

    // One name each
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
    rule("Round", 1..=1, &[], Same("nn.round")),
    rule("Sigmoid", 1..=1, &[], Same("nn.sigmoid")),
    rule("Sin", 1..=1, &[], Same("nn.sin")),
    rule("Sqrt", 1..=1, &[], Same("nn.sqrt")),
    rule("Tanh", 1..=1, &[], Same("nn.tanh")),
    rule("Add", 2..=2, &[], Same("nn.add")),
    rule("Sub", 2..=2, &[], Same("nn.sub")),
    rule("Mul", 2..=2, &[], Same("nn.mul")),
    rule("Div", 2..=2, &[], Same("nn.div")),
    rule("Equal", 2..=2, &[], Same("nn.equal")),
    rule("Less", 2..=2, &[], Same("nn.less")),
    rule("LessOrEqual", 2..=2, &[], Same("nn.less_equal")).since(12),
    rule("Greater", 2..=2, &[], Same("nn.greater")),
    rule("GreaterOrEqual", 2..=2, &[], Same("nn.greater_equal")).since(12),
    rule("And", 2..=2, &[], Same("nn.and")),
    rule("Or", 2..=2, &[], Same("nn.or")),
    rule("Xor", 2..=2, &[], Same("nn.xor")),
    rule("Where", 3..=3, &[], Same("nn.where")),
    rule("Max", 1..=MANY, &[], Each("nn.max")),
    rule("Min", 1..=MANY, &[], Each("nn.min")),
    rule("Sum", 1..=MANY, &[], Each("nn.add")),

    // Functions that occur in tables of constants
    rule("Acos", 1..=1, &[], Known(f64::acos)),
    rule("Acosh", 1..=1, &[], Known(f64::acosh)),
    rule("Asin", 1..=1, &[], Known(f64::asin)),
    rule("Asinh", 1..=1, &[], Known(f64::asinh)),
    rule("Atan", 1..=1, &[], Known(f64::atan)),
    rule("Atanh", 1..=1, &[], Known(f64::atanh)),
    rule("Cosh", 1..=1, &[], Known(f64::cosh)),
    rule("Sinh", 1..=1, &[], Known(f64::sinh)),
    rule("Tan", 1..=1, &[], Known(f64::tan)),

    // elementwise.rs
    rule("Sign", 1..=1, &[], By(elementwise::sign)),
    rule("IsNaN", 1..=1, &[], By(elementwise::is_nan)),
    rule("IsInf", 1..=1, &["detect_negative", "detect_positive"], By(elementwise::is_inf)),
    rule("Mod", 2..=2, &["fmod"], By(elementwise::modulo)),
    rule("Pow", 2..=2, &[], By(elementwise::power)),
    rule("Mean", 1..=MANY, &[], By(elementwise::mean)),
    rule("Clip", 1..=3, &[], By(elementwise::clip)),
    rule("Cast", 1..=1, &["to", "saturate"], By(elementwise::cast)),
    rule("CastLike", 2..=2, &["saturate"], By(elementwise::cast_like)).since(15),
    rule("Identity", 1..=1, &[], By(elementwise::identity)),
    rule("Dropout", 1..=3, &["ratio", "seed"], By(elementwise::dropout)),

    // activations.rs
    rule("Celu", 1..=1, &["alpha"], By(activations::celu)).since(12),
    rule("Elu", 1..=1, &["alpha"], By(activations::elu)),
    rule("Gelu", 1..=1, &["approximate"], By(activations::gelu)).since(20),
    rule("HardSigmoid", 1..=1, &["alpha", "beta"], By(activations::hard_sigmoid)),
    rule("HardSwish", 1..=1, &[], By(activations::hard_swish)).since(14),
    rule("LeakyRelu", 1..=1, &["alpha"], By(activations::leaky_relu)),
    rule("Mish", 1..=1, &[], By(activations::mish)).since(18),
    rule("PRelu", 2..=2, &[], By(activations::prelu)),
    rule("Relu", 1..=1, &[], By(activations::relu)),
    rule("Selu", 1..=1, &["alpha", "gamma"], By(activations::selu)),
    rule("Softplus", 1..=1, &[], By(activations::softplus)),
    rule("Softsign", 1..=1, &[], By(activations::softsign)),
    rule("Swish", 1..=1, &["alpha"], By(activations::swish)).since(24),
    rule("ThresholdedRelu", 1..=1, &["alpha"], By(activations::thresholded_relu)),

    // linear.rs, einsum.rs
    rule("MatMul", 2..=2, &[], By(linear::matmul)),
    rule("Gemm", 2..=3, &["transA", "transB", "alpha", "beta"], By(linear::gemm)),
    rule("Einsum", 1..=MANY, &["equation"], By(einsum::einsum)).since(12),

    // rows.rs, norms.rs
    rule("Softmax", 1..=1, &["axis"], By(rows::softmax)),
    rule("LogSoftmax", 1..=1, &["axis"], By(rows::log_softmax)),
    rule("CumSum", 2..=2, &["exclusive", "reverse"], By(rows::cumsum)),
    rule("LayerNormalization", 2..=3, &["axis", "epsilon", "stash_type"], By(norms::layer_norm)).since(17),
    rule("RMSNormalization", 2..=2, &["axis", "epsilon", "stash_type"], By(norms::rms_norm)).since(23),
    rule("GroupNormalization", 3..=3, &["epsilon", "num_groups", "stash_type"], By(norms::group_norm)).since(18),
    rule("InstanceNormalization", 3..=3, &["epsilon"], By(norms::instance_norm)),
    rule("LpNormalization", 1..=1, &["axis", "p"], By(norms::lp_norm)),

    // reductions.rs
    rule("ReduceMean", 1..=2, AXES, Reduce("nn.reduce_mean")),
    rule("ReduceSum", 1..=2, AXES, Reduce("nn.reduce_sum")),
    rule("ReduceMax", 1..=2, AXES, Reduce("nn.reduce_max")),
    rule("ReduceMin", 1..=2, AXES, Reduce("nn.reduce_min")),
    rule("ReduceProd", 1..=2, AXES, Reduce("nn.reduce_prod")),
    rule("ReduceL1", 1..=2, AXES, By(reductions::l1)),
    rule("ReduceL2", 1..=2, AXES, By(reductions::l2)),
    rule("ReduceLogSum", 1..=2, AXES, By(reductions::log_sum)),
    rule("ReduceLogSumExp", 1..=2, AXES, By(reductions::log_sum_exp)),
    rule("ReduceSumSquare", 1..=2, AXES, By(reductions::sum_square)),

    // shaping.rs
    rule("Reshape", 2..=2, &["allowzero"], By(shaping::reshape)),
    rule("Flatten", 1..=1, &["axis"], By(shaping::flatten)),
    rule("Squeeze", 1..=2, &["axes"], By(shaping::squeeze)),
    rule("Unsqueeze", 1..=2, &["axes"], By(shaping::unsqueeze)),
    rule("Expand", 2..=2, &[], By(shaping::expand)),
    rule("Tile", 2..=2, &[], By(shaping::tile)),
    rule("Transpose", 1..=1, &["perm"], By(shaping::transpose)),
    rule("Concat", 1..=MANY, &["axis"], By(shaping::concat)),
    rule("Trilu", 1..=2, &["upper"], By(shaping::trilu)).since(14),
    rule("Pad", 2..=4, &["mode"], By(pad::pad)),

    // indexing.rs, picking.rs
    rule("Slice", 3..=5, &[], By(indexing::slice)),
    rule("Split", 1..=2, &["axis", "num_outputs", "split"], By(indexing::split)),
    rule("Gather", 2..=2, &["axis"], By(indexing::gather)),
    rule("GatherND", 2..=2, &["batch_dims"], By(indexing::gather_nd)),
    rule("GatherElements", 2..=2, &["axis"], By(picking::gather_elements)),
    rule("ScatterElements", 3..=3, &["axis", "reduction"], By(picking::scatter_elements)),
    rule("TensorScatter", 2..=3, &["axis", "mode"], By(picking::tensor_scatter)).since(24),
    rule("ScatterND", 3..=3, &["reduction"], By(picking::scatter_nd)),
    rule("ArgMax", 1..=1, &["axis", "keepdims", "select_last_index"], By(picking::arg_max)),
    rule("ArgMin", 1..=1, &["axis", "keepdims", "select_last_index"], By(picking::arg_min)),
    rule("TopK", 2..=2, &["axis", "largest", "sorted"], By(picking::top_k)),
    rule("OneHot", 3..=3, &["axis"], By(picking::one_hot)),
    rule("NonZero", 1..=1, &[], By(picking::non_zero)),

    // contributed.rs: operators of com.microsoft, which optimised graphs use
    rule("com.microsoft::BiasGelu", 2..=2, &[], By(contributed::bias_gelu)),
    rule("com.microsoft::FastGelu", 1..=2, &[], By(contributed::fast_gelu)),
    rule("com.microsoft::FusedMatMul", 2..=2, &["alpha", "transA", "transB"], By(contributed::fused_matmul)),
    rule("com.microsoft::Gelu", 1..=1, &[], Same("nn.gelu")),
    rule("com.microsoft::QuickGelu", 1..=1, &["alpha"], By(contributed::quick_gelu)),
    rule("com.microsoft::RotaryEmbedding", 4..=4, ROTARY, By(contributed::rotary)),
    rule("com.microsoft::SkipLayerNormalization", 3..=5, &["epsilon"], By(contributed::skip_layer_norm)),
    rule("com.microsoft::SkipSimplifiedLayerNormalization", 3..=4, &["epsilon"], By(contributed::skip_rms_norm)),
    // onnxruntime's, in the standard domain.
    rule("SimplifiedLayerNormalization", 2..=2, &["axis", "epsilon", "stash_type"], By(norms::rms_norm)),

    // attention.rs
    rule("Attention", 3..=7, attention::ATTRIBUTES, By(attention::attention)).since(23),
    rule("RotaryEmbedding", 3..=4, &["interleaved", "num_heads", "rotary_embedding_dim"], By(attention::rotary)).since(23),

    // quantised.rs
    rule("DequantizeLinear", 2..=3, &["axis", "block_size", "output_dtype"], By(quantised::dequantise)),
    rule("QuantizeLinear", 2..=3, quantised::ATTRIBUTES, By(quantised::quantise)),
    rule("DynamicQuantizeLinear", 1..=1, &[], By(quantised::dynamic)),
    rule("MatMulInteger", 2..=4, &[], By(quantised::matmul_integer)),
    rule("QLinearMatMul", 8..=8, &[], By(quantised::matmul)),
];
