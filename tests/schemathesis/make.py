"""Writes model.onnx, a model for any number of features. Run: python make.py (needs the package onnx).

sigmoid of the sum of a row's values, as [rows, 1]; a missing value counts as 0
"""

from pathlib import Path

from onnx import TensorProto, checker, helper, save

rows_in = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", "columns"])
rows_out = helper.make_tensor_value_info("score", TensorProto.FLOAT, ["rows", 1])
nodes = [
    helper.make_node("IsNaN", ["features"], ["missing"]),
    helper.make_node("Where", ["missing", "zero", "features"], ["known"]),
    helper.make_node("ReduceSum", ["known", "axes"], ["sum"], keepdims=1),
    helper.make_node("Sigmoid", ["sum"], ["score"]),
]
constants = [
    helper.make_tensor("zero", TensorProto.FLOAT, [], [0]),
    helper.make_tensor("axes", TensorProto.INT64, [1], [1]),
]
graph = helper.make_graph(nodes, "sum", [rows_in], [rows_out], constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
checker.check_model(model)
save(model, Path(__file__).parent / "model.onnx")
