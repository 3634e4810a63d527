"""One node each: operator, operands, and what else `single` takes. Numbers are multiples of 1/8, which files hold exactly."""
import numpy as np
from onnx import TensorProto, helper

RANDOM = np.random.default_rng(7)
F, D, H, L, W, B = np.float32, np.float64, np.float16, np.int64, np.int32, np.bool_
I8, U8 = np.int8, np.uint8


def x(*dims, low=-3.0, high=3.0, kind=F):
    return np.asarray(np.round(RANDOM.uniform(low, high, dims) * 8) / 8, kind)


def n(*dims, low=-9, high=9, kind=L):
    return RANDOM.integers(low, high, dims, endpoint=True).astype(kind)


def b(*dims):
    return RANDOM.integers(0, 1, dims, endpoint=True).astype(B)


def v(*numbers, kind=L):
    return np.array(numbers, kind)


def s(number, kind=L):
    return np.array(number, kind)


def at(opset, known=(), results=1, **attributes):
    return dict(opset=opset, known=known, results=results, attributes=attributes)


def has(known=(), results=1, **attributes):
    return dict(known=known, results=results, attributes=attributes)


def tensor(*numbers, kind=TensorProto.FLOAT):
    return helper.make_tensor("", kind, [len(numbers)], numbers)


NAN, INF = float("nan"), float("inf")

ELEMENTWISE = [
    ("Add", [x(2, 3), x(3)]), ("Add", [n(2, 1), n(1, 3)]), ("Add", [x(2, kind=D), x(1, kind=D)], at(13)), ("Add", [n(3, kind=W), s(4, W)]),
    ("Sub", [x(2, 1, 2), x(3, 1)]), ("Mul", [x(4), x(4)], at(14)), ("Div", [x(4), x(4, low=1)]), ("Div", [v(-7, 7, 5), s(2)]),
    ("Add", [x(3, kind=H), x(3, kind=H)]), ("Mod", [v(-7, 7, 5), v(3, -3, 5)]), ("Mod", [x(6), x(6, low=.5)], has(fmod=1)),
    ("Mod", [v(-7, 7, 5), v(3, -3, 5)], has(fmod=1)),
    ("Pow", [x(4, low=.5), x(4)]), ("Pow", [x(3), s(2)]), ("Pow", [v(2, 3), v(3, 2)]), ("Pow", [x(3, low=0), s(.5, F)], has(known=(1,))),
    ("Sqrt", [x(4, low=0)]), ("Exp", [x(4)]), ("Log", [x(4, low=.5)]), ("Neg", [x(3)]), ("Neg", [n(3)]), ("Abs", [x(3)]), ("Abs", [n(3, kind=W)]),
    ("Reciprocal", [x(3, low=1)]), ("Sign", [v(-2, 0, 3, kind=F)]), ("Sign", [v(-2, 0, 3)]), ("Floor", [x(5)]), ("Ceil", [x(5)]),
    ("Round", [v(-2.5, -1.5, -.5, .5, 1.5, 2.25, kind=F)]), ("Erf", [x(5)]), ("Tanh", [x(4)]), ("Sigmoid", [x(4)]), ("Sin", [x(3)]),
    ("Cos", [x(3)]), ("Tan", [x(3, low=-1, high=1)], has(known=(0,))), ("Atan", [x(3)], has(known=(0,))), ("Sinh", [x(3)], has(known=(0,))),
    ("Max", [x(2, 1), x(3), x()]), ("Min", [x(2, 3), x(3)]), ("Max", [n(3), n(3)]), ("Min", [n(3, kind=W)]), ("Sum", [x(2, 1), x(3), x(1)]),
    ("Sum", [x(2)]), ("Mean", [x(2, 1), x(3), x()]), ("Clip", [x(5), s(-1, F), s(1, F)]), ("Clip", [x(5), None, s(1, F)]),
    ("Clip", [x(5)], at(13)), ("Clip", [n(5), s(0)]),
    ("Equal", [n(4, low=0, high=1), n(4, low=0, high=1)]), ("Equal", [b(4), b(4)]), ("Equal", [x(2), x(1)], at(13)), ("Less", [x(3), x(3)]), ("Greater", [n(3), n(3)]),
    ("LessOrEqual", [n(4, low=0, high=1), n(4, low=0, high=1)]), ("GreaterOrEqual", [x(3), x(1)], at(16)), ("And", [b(4), b(4)]), ("Or", [b(4), b(4)]),
    ("Xor", [b(4), b(4)]), ("Not", [b(4)]), ("IsNaN", [v(1, NAN, INF, kind=F)]), ("IsInf", [v(1, NAN, INF, -INF, kind=F)]),
    ("IsInf", [v(1, INF, -INF, kind=F)], has(detect_negative=0)), ("IsInf", [v(1, INF, -INF, kind=F)], has(detect_positive=0)),
    ("Where", [b(2, 1), x(2, 3), x()]), ("Where", [b(3), n(3), n(3)], at(16)), ("Cast", [x(4)], has(to=7)), ("Cast", [n(3)], has(to=1)),
    ("Cast", [x(4)], at(13, to=9)), ("Cast", [b(3)], has(to=6)), ("Cast", [n(3, low=0, kind=U8)], has(to=1)), ("Cast", [n(3, kind=I8)], has(to=11)),
    ("Cast", [x(3)], has(to=10)), ("CastLike", [x(3), n(1)]), ("Identity", [x(2)]), ("Dropout", [x(3)], has(results=2)), ("Dropout", [x(3), s(.5, F), s(False, B)], has(known=(1, 2))),
]

ACTIVATIONS = [
    ("Relu", [x(5)]), ("Relu", [n(4, kind=W)], at(14)), ("LeakyRelu", [x(5)], has(alpha=.25)), ("LeakyRelu", [x(3)], at(13)), ("PRelu", [x(2, 3), x(3)]),
    ("Elu", [x(5)], has(alpha=.5)), ("Celu", [x(5)], has(alpha=2.0)), ("Selu", [x(5)]), ("HardSigmoid", [x(5)]), ("HardSigmoid", [x(4)], has(alpha=.5, beta=.25)),
    ("HardSwish", [x(5, low=-5, high=5)]), ("Softplus", [x(4)]), ("Softsign", [x(4)]), ("Mish", [x(4)]), ("Gelu", [x(5)]), ("Gelu", [x(5)], has(approximate="tanh")),
    ("ThresholdedRelu", [x(5)], has(alpha=.5)), ("Swish", [x(4)], at(24)), ("Swish", [x(4)], at(24, alpha=1.5)),
]

ROWS = [
    ("Softmax", [x(2, 4)]), ("Softmax", [x(2, 3, 2)], has(axis=1)), ("Softmax", [x(2, 3)], at(13, axis=0)), ("LogSoftmax", [x(2, 4)]), ("LogSoftmax", [x(3, 2)], at(13, axis=0)),
    ("Softmax", [x(2, 2, 3)], at(12)), ("Softmax", [x(2, 2, 3)], at(11, axis=2)), ("LogSoftmax", [x(2, 3, 2)], at(11, axis=0)), ("CumSum", [x(2, 3), s(1)], has(known=(1,))), ("CumSum", [n(4), s(0)], has(known=(1,), exclusive=1, reverse=1)), ("CumSum", [x(3, 2), s(-2)], has(known=(1,), reverse=1)),
    ("LayerNormalization", [x(2, 4), x(4), x(4)], at(17)), ("LayerNormalization", [x(2, 2, 3), x(2, 3)], has(axis=1, epsilon=.1)),
    ("LayerNormalization", [x(2, 4), x(4), x(4)], at(17, results=3)), ("RMSNormalization", [x(2, 4), x(4)], at(23)), ("RMSNormalization", [x(2, 2, 3), x(2, 3)], at(23, axis=1, epsilon=.1)),
    ("SimplifiedLayerNormalization", [x(2, 4, kind=H), x(4)], at(17, axis=-1)), ("LayerNormalization", [x(2, 4, kind=H), x(4, kind=H)], at(17)), ("Softmax", [x(2, 4, kind=H)]),
    ("GroupNormalization", [x(2, 4, 3), x(2), x(2)], at(18, num_groups=2)), ("GroupNormalization", [x(2, 4, 3), x(4), x(4)], at(21, num_groups=2)),
    ("InstanceNormalization", [x(2, 3, 4), x(3), x(3)]), ("LpNormalization", [x(2, 3)]), ("LpNormalization", [x(2, 3)], has(axis=0, p=1)),
]

REDUCTIONS = [
    ("ReduceSum", [x(2, 3)]), ("ReduceSum", [x(2, 3), v(-1)], at(13, known=(1,), keepdims=0)), ("ReduceSum", [x(2, 3)], has(noop_with_empty_axes=1)),
    ("ReduceSum", [n(2, 3), v(0)], has(known=(1,))), ("ReduceMean", [x(2, 3)], at(13, axes=[1])), ("ReduceMean", [x(2, 3), v(0, 1)], at(18, known=(1,), keepdims=0)),
    ("ReduceMax", [x(2, 3)], at(13, axes=[0], keepdims=0)), ("ReduceMax", [n(2, 3), v(1)], has(known=(1,))), ("ReduceMax", [b(2, 3), v(1)], has(known=(1,))),
    ("ReduceMin", [x(2, 3), v(-2)], at(18, known=(1,))), ("ReduceMin", [b(2, 3), v(0)], has(known=(1,), keepdims=0)), ("ReduceProd", [x(2, 3)], at(13, axes=[1])), ("ReduceProd", [n(2, 3), v(0)], has(known=(1,))),
    ("ReduceL1", [x(2, 3)], at(13, axes=[-1])), ("ReduceL1", [x(2, 3), v(0)], has(known=(1,))), ("ReduceL2", [x(2, 3)], at(13, axes=[1], keepdims=0)), ("ReduceL2", [x(2, 3)]),
    ("ReduceSumSquare", [x(2, 3), v(1)], has(known=(1,))), ("ReduceLogSum", [x(2, 3, low=.5), v(1)], has(known=(1,))), ("ReduceLogSumExp", [x(2, 3), v(1)], has(known=(1,), keepdims=0)),
    ("ReduceLogSumExp", [x(2, 3)], at(13, axes=[0])), ("ReduceSum", [x(2, 3)], at(11, axes=[1])), ("ArgMax", [x(2, 4)]), ("ArgMax", [v(1, 3, 3, 2, kind=F)], has(select_last_index=1, keepdims=0)), ("ArgMax", [n(2, 4)], has(axis=1, keepdims=0)),
    ("ArgMin", [x(2, 4)], has(axis=-1)), ("ArgMin", [v(5, 1, 1, 9, kind=W)], at(13, select_last_index=1)),
    ("TopK", [x(2, 5), v(3)], has(known=(1,), results=2)), ("TopK", [x(4, 2), v(2)], has(known=(1,), results=2, axis=0, largest=0)), ("TopK", [n(6), v(4)], has(known=(1,), results=2)),
]

LINEAR = [
    ("MatMul", [x(2, 3), x(3, 4)]), ("MatMul", [x(3), x(3)]), ("MatMul", [x(3), x(3, 2)]), ("MatMul", [x(2, 3), x(3)]), ("MatMul", [x(2, 1, 2, 3), x(4, 3, 2)]),
    ("MatMul", [x(3), x(2, 3, 2)]), ("MatMul", [x(2, 2, 3), x(3)]), ("MatMul", [n(2, 3, kind=W), n(3, 2, kind=W)]), ("MatMul", [x(2, 2, kind=D), x(2, 2, kind=D)], at(13)),
    ("Gemm", [x(2, 3), x(3, 4), x(4)]), ("Gemm", [x(3, 2), x(4, 3), x(2, 1)], has(transA=1, transB=1, alpha=.5, beta=2.0)), ("Gemm", [x(2, 3), x(3, 2)], at(13)),
    ("Einsum", [x(2, 3), x(3, 4)], has(equation="ij,jk->ik")), ("Einsum", [x(2, 3), x(4, 3)], has(equation="ij,kj->ik")), ("Einsum", [x(3, 2), x(3, 4)], has(equation="ji,jk")),
    ("Einsum", [x(2, 2, 3, 4), x(2, 2, 5, 4)], has(equation="bhqd,bhkd->bhqk")), ("Einsum", [x(2, 3, 2, 4), x(2, 5, 2, 4)], has(equation="bqhd,bkhd->bhqk")),
    ("Einsum", [x(2, 2, 3, 5), x(2, 5, 2, 4)], has(equation="bhqk,bkhd->bqhd")), ("Einsum", [x(3), x(4)], has(equation="i,j->ij")), ("Einsum", [x(2, 3), x(2, 3)], has(equation="ij,ij->ij")),
    ("Einsum", [x(2, 3), x(2, 3)], has(equation="ij,ij->")), ("Einsum", [x(2, 3)], has(equation="ij->ji")), ("Einsum", [x(2, 3)], has(equation="ij->j")), ("Einsum", [x(2, 3)], has(equation="ij->")),
    ("Einsum", [x(2, 2, 3), x(3, 4)], has(equation="...i,ij->...j")), ("Einsum", [x(2, 1, 3, 2), x(4, 2, 3)], has(equation="...ij,...jk->...ik")), ("Einsum", [x(2, 3), x(3, 2), x(2, 4)], has(equation="ij,jk,kl->il")),
    ("Einsum", [x(3), x(2, 4)], has(equation="i , j d -> i d")),
    ("MatMul", [x(2, 3, kind=H), x(3, 2, kind=H)]), ("Einsum", [x(2, 3, 4), x(2, 4)], has(equation="bij,bj->bi")), ("Einsum", [x(4, 3), x(2, 3)], at(13, equation="ki,ji->jk")),
]

SHAPING = [
    ("Reshape", [x(2, 3, 4), v(0, -1)], has(known=(1,))), ("Reshape", [x(2, 3), v(3, 2)], at(13, known=(1,))), ("Reshape", [x(2, 3), v(-1)], has(known=(1,))), ("Reshape", [x(0, 3), v(3, 0)], at(14, known=(1,), allowzero=1)),
    ("Flatten", [x(2, 3, 2)]), ("Flatten", [x(2, 3, 2)], has(axis=-1)), ("Flatten", [x(2, 3)], at(13, axis=0)), ("Squeeze", [x(1, 3, 1), v(0)], has(known=(1,))), ("Squeeze", [x(1, 3, 1)]), ("Squeeze", [x(1, 3, 1), v(-1)], at(13, known=(1,))),
    ("Squeeze", [x(1, 3, 1)], at(12, axes=[0])), ("Unsqueeze", [x(2, 3)], at(11, axes=[0, 3])), ("Unsqueeze", [x(2, 3), v(0, -1)], has(known=(1,))), ("Unsqueeze", [x(3), v(1)], at(13, known=(1,))), ("Expand", [x(2, 1), v(3, 1, 4)], has(known=(1,))), ("Expand", [n(3), v(1)], has(known=(1,))),
    ("Tile", [x(2, 2), v(2, 3)], has(known=(1,))), ("Transpose", [x(2, 3)]), ("Transpose", [x(2, 3, 4)], at(13, perm=[1, 2, 0])), ("Concat", [x(2, 2), x(2, 3)], has(axis=1)), ("Concat", [n(2), n(1), n(3)], has(axis=-1)),
    ("Concat", [x(1), x(2), x(1), x(2), x(1), x(2), x(1), x(2), x(1)], has(axis=0)), ("Concat", [x(0), x(2)], has(axis=0)),
    ("Trilu", [x(3, 4)]), ("Trilu", [x(3, 3), s(1)], has(known=(1,))), ("Trilu", [x(2, 3, 3), s(-1)], has(known=(1,), upper=0)), ("Trilu", [n(3, 3)], at(14, upper=0)),
    ("Pad", [x(2, 2), v(1, 0, 0, 2)], has(known=(1,))), ("Pad", [x(3), v(1, 1), s(5, F)], at(13, known=(1,))), ("Pad", [x(2, 4), v(2, 1), None, v(1)], at(18, known=(1, 3), mode="reflect")),
    ("Pad", [x(2, 3), v(1, 2, 2, 1)], has(known=(1,), mode="edge")), ("Pad", [x(4), v(2, 1)], at(19, known=(1,), mode="wrap")), ("Pad", [x(4), v(-1, 2)], has(known=(1,))), ("Pad", [n(2, 3), v(0, -1, 0, -1)], has(known=(1,))),
    ("Pad", [b(3), v(1, 2)], has(known=(1,))), ("Shape", [x(2, 3, 4)]), ("Shape", [x(2, 3, 4)], at(15, start=1, end=-1)), ("Size", [x(2, 3)]), ("EyeLike", [x(3, 4)], has(k=1)), ("EyeLike", [n(2, 2)], has(dtype=1)),
    ("ConstantOfShape", [v(2, 3)], has(known=(0,))), ("ConstantOfShape", [v(2)], has(known=(0,), value=tensor(7, kind=TensorProto.INT64))), ("Range", [s(1), s(9), s(3)], has(known=(0, 1, 2))), ("Range", [s(1, F), s(-1, F), s(-.5, F)], has(known=(0, 1, 2))),
    ("Constant", [], has(value_float=.5)), ("Constant", [], has(value_floats=[.5, 1.0])), ("Constant", [], has(value_int=3)), ("Constant", [], has(value_ints=[3, 4])), ("Constant", [], at(13, value=tensor(1, 0, kind=TensorProto.BOOL))),
    ("Constant", [], has(value=tensor(1.5, -2, kind=TensorProto.FLOAT16))), ("Constant", [], has(value=tensor(1, -2, kind=TensorProto.INT8))), ("Constant", [], has(value=tensor(.25, kind=TensorProto.DOUBLE))),
]

INDEXING = [
    ("Slice", [x(4, 5), v(1, 0), v(3, 4)], has(known=(1, 2))), ("Slice", [x(6), v(-1), v(-7), v(0), v(-2)], has(known=(1, 2, 3, 4))), ("Slice", [x(2, 6), v(1), v(2**62), v(-1), v(2)], at(13, known=(1, 2, 3, 4))), ("Slice", [n(5), v(3), v(1)], has(known=(1, 2))),
    ("Split", [x(6)], at(18, results=4, num_outputs=4)), ("Split", [x(2, 6), v(2, 1, 3)], at(13, known=(1,), results=3, axis=1)), ("Split", [x(4)], at(13, results=2)), ("Split", [x(7)], at(18, results=3, num_outputs=3)),
    ("Split", [x(2, 6)], at(12, results=2, axis=1, split=[4, 2])), ("Split", [x(4)], at(11, results=2)), ("Gather", [x(5, 2), n(2, 2, low=-5, high=4)]), ("Gather", [x(2, 5), n(3, low=0, high=4, kind=W)], at(13, axis=1)), ("Gather", [n(4), s(-1)]), ("GatherND", [x(3, 4), n(2, 2, low=0, high=2)]), ("GatherND", [x(2, 3), v(1, -1).reshape(2, 1)], has(batch_dims=1)),
    ("GatherElements", [x(3, 4), n(2, 4, low=-3, high=2)]), ("GatherElements", [x(2, 5), n(2, 3, low=0, high=4)], at(13, axis=1)),
    ("ScatterElements", [x(3, 3), v(1, 0, 2, 0).reshape(2, 2), x(2, 2)]), ("ScatterElements", [x(5), v(1, 3), x(2)], at(13)), ("ScatterElements", [x(2, 4), v(1, 1, 0, 3).reshape(2, 2), x(2, 2)], at(16, axis=1, reduction="add")),
    ("ScatterElements", [x(5), v(1, 1, -1), x(3)], at(18, reduction="max")), ("ScatterElements", [n(5), v(1, 1, 4), n(3)], at(18, reduction="min")), ("ScatterND", [x(4), v(1, 3).reshape(2, 1), x(2)]), ("ScatterND", [x(3, 2), v(2, 0).reshape(2, 1), x(2, 2)], at(13)),
    ("ScatterND", [x(2, 3), v(0, 1, 1, 2).reshape(2, 2), x(2)], at(16, reduction="mul")), ("ScatterND", [x(4), v(1, 1).reshape(2, 1), x(2)], at(18, reduction="add")),
    ("OneHot", [v(0, 2, -1), s(3), v(0, 1, kind=F)], has(known=(1,))), ("OneHot", [n(2, 2, low=0, high=3), s(4), v(2, 5)], has(known=(1,), axis=1)), ("OneHot", [v(0, 5), v(3), v(-1, 1, kind=F)], has(known=(1,), axis=0)),
    ("NonZero", [v(1, 0, 3, 0, 5)], has(known=(0,))), ("NonZero", [np.array([[1, 0], [1, 1]], B)], has(known=(0,))), ("NonZero", [np.ones((2, 2), F)], has(known=(0,))),
]

ATTENTION = [
    ("Attention", [x(1, 2, 3, 4), x(1, 2, 5, 4), x(1, 2, 5, 3)], at(23)), ("Attention", [x(1, 4, 3, 4), x(1, 2, 3, 4), x(1, 2, 3, 4)], at(23, is_causal=1)),
    ("Attention", [x(1, 3, 8), x(1, 3, 4), x(1, 3, 4)], at(23, q_num_heads=4, kv_num_heads=2, scale=.25)), ("Attention", [x(1, 2, 3, 4), x(1, 2, 3, 4), x(1, 2, 3, 4), b(3, 3) | np.eye(3, dtype=B)], at(23)),
    ("Attention", [x(2, 2, 3, 4), x(2, 2, 3, 4), x(2, 2, 3, 4), x(2, 1, 3, 3)], at(23, softcap=2.0)), ("Attention", [x(1, 2, 1, 4), x(1, 2, 1, 4), x(1, 2, 1, 4), None, x(1, 2, 3, 4), x(1, 2, 3, 4)], at(23, results=3, is_causal=1)),
    ("Attention", [x(1, 2, 2, 4), x(1, 2, 2, 4), x(1, 2, 2, 4), x(2, 5), x(1, 2, 3, 4), x(1, 2, 3, 4)], at(23, results=3)), ("Attention", [x(1, 1, 4, 2), x(1, 1, 3, 2), x(1, 1, 3, 2)], at(24, is_causal=1)),
    ("Attention", [x(1, 1, 2, 2), x(1, 1, 3, 2), x(1, 1, 3, 2), x(2, 3)], at(24, is_causal=1)), ("Attention", [x(1, 2, 2, 2), x(1, 2, 2, 2), x(1, 2, 2, 2)], at(23, softmax_precision=1)),
    ("Attention", [x(2, 1, 2, 2), x(2, 1, 4, 2), x(2, 1, 4, 2), None, None, None, v(3, 4)], at(24)), ("Attention", [x(2, 1, 2, 2), x(2, 1, 4, 2), x(2, 1, 4, 2), None, None, None, v(3, 4)], at(24, is_causal=1)),
    ("TensorScatter", [x(2, 1, 5, 2), x(2, 1, 2, 2), v(1, 3)], at(24)), ("TensorScatter", [x(2, 4, 2), x(2, 2, 2), v(3, 0)], at(24, mode="circular", axis=1)), ("TensorScatter", [x(2, 4), x(2, 2)], at(24, axis=-1)),
    ("RotaryEmbedding", [x(1, 2, 3, 4), x(8, 2), x(8, 2), v(1, 2, 5).reshape(1, 3)], at(23)), ("RotaryEmbedding", [x(2, 2, 3, 4), x(2, 3, 2), x(2, 3, 2)], at(23, interleaved=1)),
    ("RotaryEmbedding", [x(1, 3, 12), x(8, 2), x(8, 2), v(0, 1, 2).reshape(1, 3)], at(23, num_heads=2, rotary_embedding_dim=4)),
]

QUANTISED = [
    ("DequantizeLinear", [n(2, 3, low=0, high=255, kind=U8), s(.5, F), s(128, U8)]), ("DequantizeLinear", [n(2, 3, low=-128, high=127, kind=I8), x(3, low=.5), n(3, kind=I8)], at(13, axis=1)),
    ("DequantizeLinear", [n(2, 3, kind=I8), x(2, low=.5)], has(axis=0)), ("DequantizeLinear", [n(2, 4, kind=I8), x(2, 2, low=.5), n(2, 2, kind=I8)], at(21, axis=1, block_size=2)), ("DequantizeLinear", [n(3, kind=W), s(.25, F)], at(13)),
    ("QuantizeLinear", [x(6), s(.25, F), s(3, U8)]), ("QuantizeLinear", [x(2, 3, low=-90, high=90), x(3, low=.5), n(3, kind=I8)], has(axis=1)), ("QuantizeLinear", [v(-1, 100, 300, kind=F), s(1, F)], at(13)), ("QuantizeLinear", [x(4), s(.5, F)], at(21, output_dtype=3)),
    ("DynamicQuantizeLinear", [x(5)], has(results=3)), ("MatMulInteger", [n(2, 3, low=0, high=255, kind=U8), n(3, 2, low=0, high=255, kind=U8), s(12, U8), s(3, U8)]), ("MatMulInteger", [n(2, 3, kind=I8), n(3, 2, kind=I8)], at(13)),
    ("MatMulInteger", [n(2, 3, low=0, high=255, kind=U8), n(3, 2, kind=I8), s(5, U8), n(2, kind=I8)]),
    ("QLinearMatMul", [n(2, 3, low=0, high=255, kind=U8), s(.125, F), s(113, U8), n(3, 2, low=0, high=255, kind=U8), s(.25, F), s(114, U8), s(1, F), s(118, U8)]),
]

def ours(results=1, known=(), **attributes):
    return dict(results=results, known=known, attributes=attributes, domain="com.microsoft", opset=17)


CONTRIBUTED = [
    ("BiasGelu", [x(2, 3), x(3)], ours()), ("FastGelu", [x(4)], ours()), ("FastGelu", [x(2, 3), x(3)], ours()), ("Gelu", [x(4)], ours()), ("QuickGelu", [x(4)], ours()), ("QuickGelu", [x(4)], ours(alpha=1.0)),
    ("FusedMatMul", [x(2, 3), x(2, 4)], ours(transA=1, alpha=.5)), ("FusedMatMul", [x(2, 2, 3), x(2, 4, 3)], ours(transB=1)), ("SkipLayerNormalization", [x(2, 3, 4), x(2, 3, 4), x(4), x(4), x(4)], ours(epsilon=1e-5)),
    ("SkipLayerNormalization", [x(1, 3, 4), x(1, 3, 4), x(4)], ours()), ("SkipSimplifiedLayerNormalization", [x(1, 3, 4), x(1, 3, 4), x(4)], ours(epsilon=1e-6)), ("SimplifiedLayerNormalization", [x(2, 4), x(4)], at(17, axis=-1, epsilon=1e-6)),
    ("RotaryEmbedding", [x(1, 2, 3, 4), v(1, 2, 5).reshape(1, 3), x(8, 2), x(8, 2)], ours()), ("RotaryEmbedding", [x(2, 3, 8), v(2), x(8, 2), x(8, 2)], ours(interleaved=1)),
]

OPERATORS = dict(elementwise=ELEMENTWISE, activations=ACTIVATIONS, rows=ROWS, reductions=REDUCTIONS, linear=LINEAR, shaping=SHAPING, indexing=INDEXING, attention=ATTENTION,
                 quantised=QUANTISED, contributed=CONTRIBUTED)
