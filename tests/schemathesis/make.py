"""Writes model.onnx, which schemathesis asks for scores. Run: python make.py (needs the package onnx).

sigmoid(x0 + 2 x1), as [rows, 1]; a missing value counts as 0
"""

from pathlib import Path

from onnx import TensorProto, checker, helper, save

rows_in = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", 2])
rows_out = helper.make_tensor_value_info("score", TensorProto.FLOAT, ["rows", 1])
nodes = [
    helper.make_node("IsNaN", ["features"], ["missing"]),
    helper.make_node("Where", ["missing", "zero", "features"], ["known"]),
    helper.make_node("Gemm", ["known", "weights"], ["logit"]),
    helper.make_node("Sigmoid", ["logit"], ["score"]),
]
constants = [
    helper.make_tensor("zero", TensorProto.FLOAT, [], [0]),
    helper.make_tensor("weights", TensorProto.FLOAT, [2, 1], [1, 2]),
]
graph = helper.make_graph(nodes, "takes_missing", [rows_in], [rows_out], constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
checker.check_model(model)
save(model, Path(__file__).parent / "model.onnx")
