#!/usr/bin/env python3
"""Writes the cases of this folder: small ONNX graphs with the results that another runtime computes for them.

    pip install onnx onnxruntime numpy
    make.py FOLDER

A file holds the cases of one family. A graph is stored as it is, in base 64. Results are onnxruntime's; those of an operator
that onnxruntime does not run are of the reference evaluator of the onnx package, and say so. Made with onnx 1.23.2 and
onnxruntime 1.32.0.
"""
import base64
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from graphs import GRAPHS
from operators import OPERATORS

SETTINGS = ort.SessionOptions()
SETTINGS.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
SETTINGS.log_severity_level = 4


def port(name, value):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


def single(op, operands, attributes=None, opset=20, known=(), results=1, domain=""):
    """A graph of one node. Operands whose index is in `known` are initializers."""
    names = ["" if value is None else f"i{i}" for i, value in enumerate(operands)]
    given = {f"i{i}": v for i, v in enumerate(operands) if v is not None and i not in known}
    weights = [numpy_helper.from_array(v, f"i{i}") for i, v in enumerate(operands) if v is not None and i in known]
    outputs = [f"o{i}" for i in range(results)]
    node = helper.make_node(op, names, outputs, domain=domain, **(attributes or {}))
    ports = [helper.make_empty_tensor_value_info(name) for name in outputs]
    graph = helper.make_graph([node], "g", [port(n, v) for n, v in given.items()], ports, weights)
    return model(graph, opset, domains=[domain] if domain else []), given


def model(graph, opset, functions=(), domains=()):
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(name, 1) for name in domains]
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=8 if opset < 21 else 10)


def run(made, given):
    try:
        session = ort.InferenceSession(made.SerializeToString(), SETTINGS, providers=["CPUExecutionProvider"])
        return session.run(None, given), "onnxruntime"
    except Exception as error:  # noqa: BLE001: onnxruntime has many
        reason = str(error).splitlines()[0][:100]
        results = ReferenceEvaluator(made).run(None, given)
        print(f"  reference evaluator: {reason}", file=sys.stderr)
        return results, "onnx"


def shown(value):
    def number(x):
        if isinstance(x, bool) or isinstance(x, int):
            return int(x)
        if x != x or x in (float("inf"), float("-inf")):
            return str(x)
        return int(x) if x == int(x) else float(f"{x:.7g}")

    return [number(x) for x in value.astype(np.float64 if value.dtype.kind not in "iub" else value.dtype).ravel().tolist()]


def written(name, made, given):
    results, by = run(made, given)
    outputs = [dict(dims=list(np.shape(v)), kind=np.asarray(v).dtype.name, numbers=shown(np.asarray(v))) for v in results]
    case = dict(name=name, model=base64.b64encode(made.SerializeToString()).decode(), outputs=outputs)
    case["inputs"] = [shown(v) for v in given.values()]
    return case if by == "onnxruntime" else dict(case, by=by)


def main(folder):
    for family, rows in OPERATORS.items():
        cases = []
        for i, row in enumerate(rows):
            op, operands, *rest = row
            rest = rest[0] if rest else {}
            name = f"{op}-{rest.get('opset', 20)}-{i}"
            cases.append(written(name, *single(op, operands, **rest)))
        save(folder, family, cases)
    for family, rows in GRAPHS.items():
        save(folder, family, [written(name, make(), given) for name, make, given in rows])


def save(folder, family, cases):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (folder / f"{family}.json").write_text(f"[\n{lines}\n]\n")
    print(family, len(cases))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
