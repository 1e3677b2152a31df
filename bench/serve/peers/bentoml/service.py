"""A service of BentoML with adaptive batching, as its documentation writes one, around onnxruntime of one thread."""

import os
from typing import Annotated

import bentoml
import numpy as np
import onnxruntime
from bentoml.validators import DType, Shape


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Bench:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        file = os.environ["BENCH_MODEL_FILE"]
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    @bentoml.api(batchable=True)
    def predict(self, features: Annotated[np.ndarray, DType("float32"), Shape((-1, 20))]) -> np.ndarray:
        (probabilities,) = self.session.run(["probabilities"], {"features": features})
        return probabilities[:, 1]
