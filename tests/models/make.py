"""Writes the tiny ONNX models that the service's tests load. Run: python make.py (needs the package onnx).

first.onnx    sigmoid(x0 + 2 x1), as [rows, 1]
second.onnx   sigmoid(0.5 x1 - x0 - 1), as [rows, 2]: both classes, as classifiers give them
wide.onnx     takes three features: does not load where two are promised
logit.onnx    x0 + 2 x1 + 3 without the sigmoid: loads, but its scores are no probabilities
"""

from pathlib import Path

from onnx import TensorProto, checker, helper, save

HERE = Path(__file__).parent


def constant(name, shape, values):
    return helper.make_tensor(name, TensorProto.FLOAT, shape, values)


def write(name, nodes, constants, features, columns):
    rows_in = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", features])
    rows_out = helper.make_tensor_value_info("score", TensorProto.FLOAT, ["rows", columns])
    graph = helper.make_graph(nodes, name, [rows_in], [rows_out], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    save(model, HERE / f"{name}.onnx")


def linear(target):
    return helper.make_node("Gemm", ["features", "weights", "bias"], [target])


def sigmoid(source, target):
    return helper.make_node("Sigmoid", [source], [target])


write(
    "first",
    [linear("logit"), sigmoid("logit", "score")],
    [constant("weights", [2, 1], [1, 2]), constant("bias", [1], [0])],
    features=2,
    columns=1,
)
write(
    "second",
    [
        linear("logit"),
        sigmoid("logit", "positive"),
        helper.make_node("Sub", ["one", "positive"], ["negative"]),
        helper.make_node("Concat", ["negative", "positive"], ["score"], axis=1),
    ],
    [constant("weights", [2, 1], [-1, 0.5]), constant("bias", [1], [-1]), constant("one", [1], [1])],
    features=2,
    columns=2,
)
write(
    "wide",
    [linear("logit"), sigmoid("logit", "score")],
    [constant("weights", [3, 1], [1, 1, 1]), constant("bias", [1], [0])],
    features=3,
    columns=1,
)
write(
    "logit",
    [linear("score")],
    [constant("weights", [2, 1], [1, 2]), constant("bias", [1], [3])],
    features=2,
    columns=1,
)
