"""A custom predictor of KServe, as its documentation writes one, around onnxruntime of one thread."""

import argparse
import os

import kserve
import onnxruntime
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.utils.utils import generate_uuid


class OnnxModel(Model):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.load()

    def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        file = os.environ["BENCH_MODEL_FILE"]
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.ready = True
        return True

    async def predict(self, payload: InferRequest, headers=None, response_headers=None) -> InferResponse:
        rows = payload.inputs[0].as_numpy()
        (probabilities,) = self.session.run(["probabilities"], {"features": rows})
        output = InferOutput(name="probabilities", shape=[len(rows)], datatype="FP32")
        output.set_data_from_numpy(probabilities[:, 1], binary_data=False)
        response_id = payload.id or generate_uuid()
        return InferResponse(response_id=response_id, model_name=self.name, infer_outputs=[output])


if __name__ == "__main__":
    argparse.ArgumentParser(parents=[kserve.model_server.parser]).parse_known_args()
    ModelServer().start([OnnxModel("bench")])
