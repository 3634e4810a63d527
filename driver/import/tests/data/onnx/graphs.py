"""Graphs of a few nodes, as exporters write them: name, a function that makes the model, and its inputs."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from operators import F, L, b, n, s, v, x


def node(op, inputs, outputs, domain="", **attributes):
    """Names of operands and results are separated by blanks; `_` leaves one out."""
    names = [["" if name == "_" else name for name in text.split()] for text in (inputs, outputs)]
    return helper.make_node(op, *names, domain=domain, **attributes)


def graph(name, opset, nodes, outputs, given, weights=None, functions=()):
    def make():
        from make import model, port

        kept = [numpy_helper.from_array(value, key) for key, value in (weights or {}).items()]
        ports = [helper.make_empty_tensor_value_info(out) for out in outputs.split()]
        body = helper.make_graph(nodes, name, [port(k, value) for k, value in given.items()], ports, kept)
        return model(body, opset, functions, sorted({f.domain for f in functions if f.domain}))

    return f"{name}-{opset}", make, given


def function(name, inputs, outputs, nodes, opset=18, attributes=(), defaults=(), domain="local", more=()):
    imports = [helper.make_opsetid(d, opset if d == "" else 1) for d in ("", *more)]
    return helper.make_function(domain, name, inputs.split(), outputs.split(), nodes, imports, list(attributes), list(defaults))


def refers(op, inputs, outputs, **references):
    """A node whose attributes have the values of those of the call."""
    made = node(op, inputs, outputs)
    for name, (kind, other) in references.items():
        reference = helper.make_attribute_ref(name, helper.make_attribute(name, kind).type)
        reference.ref_attr_name = other
        made.attribute.append(reference)
    return made


HALF = [
    node("Slice", "x zero two last", "a"), node("Slice", "x two end last", "b"), node("Neg", "b", "nb"), node("Concat", "nb a", "turned", axis=-1),
    node("Mul", "x cos", "xc"), node("Mul", "turned sin", "xs"), node("Add", "xc xs", "y"),
]
HALF_AT = dict(zero=v(0), two=v(2), end=v(2**62), last=v(-1))
PAIRS = [
    node("Slice", "x zero end last step", "a"), node("Slice", "x one end last step", "b"), node("Mul", "a cos", "ac"), node("Mul", "b sin", "bs"), node("Sub", "ac bs", "re"),
    node("Mul", "a sin", "as"), node("Mul", "b cos", "bc"), node("Add", "as bc", "im"), node("Unsqueeze", "re last", "re1"), node("Unsqueeze", "im last", "im1"),
    node("Concat", "re1 im1", "pairs", axis=-1), node("Shape", "x", "shape"), node("Reshape", "pairs shape", "y"),
]
TABLES = [
    node("Shape", "x", "seq", start=1, end=2), node("Squeeze", "seq", "count"), node("Range", "zero count one", "places"), node("Cast", "places", "real", to=1), node("Unsqueeze", "real ax", "column"),
    node("Mul", "column frequencies", "angles"), node("Concat", "angles angles", "both", axis=-1), node("Cos", "both", "cos"), node("Sin", "both", "sin"), node("Mul", "x cos", "y"), node("Mul", "x sin", "z"),
]
RMS = [
    node("Pow", "x two", "sq"), node("ReduceMean", "sq last", "mean"), node("Add", "mean eps", "up"), node("Sqrt", "up", "root"), node("Div", "x root", "unit"), node("Mul", "scale unit", "y"),
]
ERF = [node("Div", "x root", "d"), node("Erf", "d", "e"), node("Add", "e one", "f"), node("Mul", "x f", "g"), node("Mul", "g half", "y")]
TANH = [
    node("Pow", "x three", "cube"), node("Mul", "cube c", "cc"), node("Add", "x cc", "sum"), node("Mul", "sum k", "scaled"), node("Tanh", "scaled", "t"), node("Add", "t one", "u"),
    node("Mul", "half x", "h"), node("Mul", "h u", "y"),
]
GROUPED = [
    node("Concat", "past k", "present", axis=2), node("Shape", "present", "ps"), node("Unsqueeze", "present ax", "apart"), node("Expand", "apart wide", "repeated"),
    node("Reshape", "repeated heads", "keys"), node("Transpose", "keys", "turned", perm=[0, 1, 3, 2]), node("MatMul", "q turned", "scores"), node("Mul", "scores scale", "scaled"), node("Softmax", "scaled", "p", axis=-1), node("MatMul", "p keys", "y"),
]
MASK = [
    node("Shape", "ids", "seq", start=1, end=2), node("Concat", "seq seq", "square", axis=0), node("ConstantOfShape", "square", "full", value=helper.make_tensor("", TensorProto.FLOAT, [1], [-3.0e38])),
    node("Trilu", "full k", "upper", upper=1), node("Cast", "keep", "kept", to=1), node("Sub", "one kept", "gone"), node("Mul", "gone low", "hidden"), node("Unsqueeze", "hidden axes", "padding"),
    node("Add", "upper padding", "sum"), node("Max", "sum low", "mask"), node("Add", "scores mask", "masked"), node("Softmax", "masked", "y", axis=-1),
]
COMPARED = [
    node("Shape", "ids", "seq", start=1, end=2), node("Squeeze", "seq", "count"), node("Range", "zero count one", "places"), node("Unsqueeze", "places ax", "rows"), node("LessOrEqual", "places rows", "causal"),
    node("Sub", "rows places", "distance"), node("Less", "distance window", "near"), node("And", "causal near", "seen"), node("Where", "seen scores low", "masked"), node("Softmax", "masked", "y", axis=-1),
]
POOL = [
    node("Gather", "words ids", "w"), node("Gather", "types kinds", "t"), node("Add", "w t", "e"), node("LayerNormalization", "e scale bias", "h", axis=-1, epsilon=1e-6),
    node("Cast", "keep", "kept", to=1), node("Unsqueeze", "kept last", "column"), node("Shape", "h", "shape"), node("Expand", "column shape", "wide"), node("Mul", "h wide", "visible"),
    node("ReduceSum", "visible one", "sum", keepdims=0), node("ReduceSum", "wide one", "count", keepdims=0), node("Clip", "count small", "safe"), node("Div", "sum safe", "mean"),
    node("Gather", "h first", "cls", axis=1), node("Gemm", "cls weight wbias", "dense", transB=1), node("Tanh", "dense", "pooled"), node("ReduceL2", "mean one", "norm", keepdims=1), node("Div", "mean norm", "unit"),
]
LAST = [node("Shape", "x", "seq", start=1, end=2), node("Sub", "seq one", "at"), node("Gather", "x at", "row", axis=1), node("ArgMax", "row", "y", axis=-1, keepdims=0)]

SCALED = function("scaled", "a", "r", [refers("Constant", "", "c", value_float=(1.0, "by")), node("Mul", "a c", "r")], attributes=["by"])
DEFAULT = function("steep", "a", "r", [refers("LeakyRelu", "a", "r", alpha=(1.0, "slope"))], defaults=[helper.make_attribute("slope", .25)])
TWICE = function("twice", "a b", "s d i", [node("scaled", "a", "t", domain="local", by=2.0), node("Add", "t b", "s"), node("Sub", "t b", "d"), node("Identity", "b", "i")], more=["local"])
BLOCK = function("block", "a w", "r", [node("MatMul", "a w", "m"), refers("scaled", "m", "n", by=(1.0, "factor")), node("Softmax", "n", "r", axis=-1)], attributes=["factor"], more=["local"])
BLOCK.node[1].domain = "local"
REDUCED = function("reduced", "a", "r same", [refers("ReduceSum", "a axes", "r", keepdims=(1, "keep")), node("Constant", "", "axes", value_ints=[1]), node("Identity", "a", "same")], attributes=["keep"])
REDUCED.node.insert(0, REDUCED.node.pop(1))
BIASED = function("biased", "a w c", "r", [node("Gemm", "a w c", "r")])

PATTERNS = [
    graph("rope-halves", 18, HALF, "y", dict(x=x(1, 2, 3, 4), cos=x(3, 4), sin=x(3, 4)), HALF_AT), graph("rope-pairs", 18, PAIRS, "y", dict(x=x(1, 2, 3, 4), cos=x(3, 2), sin=x(3, 2)), dict(zero=v(0), one=v(1), end=v(2**62), last=v(-1), step=v(2))),
    graph("rope-tables", 18, TABLES, "y z", dict(x=x(1, 3, 4)), dict(zero=s(0), one=s(1), ax=v(1), frequencies=v(1, .01, kind=F))),
    graph("rms-norm", 18, RMS, "y", dict(x=x(1, 3, 4)), dict(two=s(2, F), last=v(-1), eps=s(1e-6, F), scale=x(4))), graph("gelu-erf", 13, ERF, "y", dict(x=x(2, 3)), dict(root=s(2**.5, F), one=s(1, F), half=s(.5, F))),
    graph("gelu-tanh", 13, TANH, "y", dict(x=x(2, 3)), dict(three=s(3, F), c=s(.044715, F), k=s((2 / np.pi)**.5, F), one=s(1, F), half=s(.5, F))),
    graph("grouped-queries", 18, GROUPED, "y present", dict(q=x(1, 4, 1, 4), k=x(1, 2, 1, 4), past=x(1, 2, 3, 4)), dict(ax=v(2), wide=v(1, 2, 2, 4, 4), heads=v(1, 4, 4, 4), scale=s(.5, F))),
    graph("mask-trilu", 18, MASK, "y", dict(ids=n(1, 4), keep=v(1, 1, 1, 0).reshape(1, 4), scores=x(1, 2, 4, 4)), dict(k=s(1), one=s(1, F), low=s(-3.0e38, F), axes=v(1, 2))),
    graph("mask-compared", 18, COMPARED, "y", dict(ids=n(1, 5), scores=x(1, 5, 5)), dict(zero=s(0), one=s(1), ax=v(-1), window=s(3), low=s(-np.inf, F))),
    graph("pooled-encoder", 18, POOL, "unit pooled", dict(ids=n(1, 3, low=0, high=4), kinds=n(1, 3, low=0, high=1), keep=v(1, 1, 0).reshape(1, 3)),
          dict(words=x(5, 4), types=x(2, 4), scale=x(4), bias=x(4), last=v(-1), one=v(1), small=s(1e-9, F), first=s(0), weight=x(4, 4), wbias=x(4))),
    graph("last-token", 18, LAST, "y", dict(x=x(2, 3, 5)), dict(one=v(1))),
]
FUNCTIONS = [
    graph("function-attribute", 18, [node("scaled", "x", "y", domain="local", by=3.0)], "y", dict(x=x(3)), functions=[SCALED]),
    graph("function-default", 18, [node("steep", "x", "y", domain="local"), node("steep", "x", "z", domain="local", slope=.5)], "y z", dict(x=x(4)), functions=[DEFAULT]),
    graph("function-nested", 18, [node("twice", "x z", "s _ i", domain="local"), node("twice", "s i", "_ d _", domain="local")], "s d i", dict(x=x(3), z=x(3)), functions=[SCALED, TWICE]),
    graph("function-chained", 18, [node("block", "x w", "y", domain="local", factor=.5), node("block", "y w", "z", domain="local", factor=2.0)], "z", dict(x=x(2, 3)), dict(w=x(3, 3)), functions=[SCALED, BLOCK]),
    graph("function-keepdims", 18, [node("reduced", "x", "y same", domain="local", keep=0)], "y same", dict(x=x(2, 3)), functions=[REDUCED]),
    graph("function-left-out", 18, [node("biased", "x w", "y", domain="local"), node("biased", "x w c", "z", domain="local")], "y z", dict(x=x(2, 3), w=x(3, 2), c=x(2)), functions=[BIASED]),
]

GRAPHS = dict(patterns=PATTERNS, functions=FUNCTIONS)
