"""FastAPI as its documentation serves: a pydantic body and answer, onnxruntime of one thread, for one uvicorn process."""

import os
from operator import attrgetter

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, create_model

FEATURES = [f"f{index}" for index in range(20)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


Row = create_model("Row", __base__=Strict, **{name: (float, ...) for name in FEATURES})


class Question(Strict):
    row: Row


class Prediction(BaseModel):
    score: float


class Answer(BaseModel):
    model: str
    version: str
    predictions: list[Prediction]


options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["BENCH_MODEL_FILE"], options, providers=["CPUExecutionProvider"])
values_of = attrgetter(*FEATURES)
app = FastAPI()



def answer(question: Question) -> Answer:
    rows = np.array([values_of(question.row)], dtype=np.float32)
    (scores,) = session.run(["probabilities"], {"features": rows})
    return Answer(model="bench", version="v1", predictions=[Prediction(score=scores[0, 1])])


@app.post("/predict-in-threads")
def predict_in_threads(question: Question) -> Answer:
    """As FastAPI's documentation asks for where a library blocks: it runs on a pool of threads."""
    return answer(question)


@app.post("/predict")
async def predict(question: Question) -> Answer:
    """Holds the event loop while it scores, which on one core is quicker than to go through the pool."""
    return answer(question)
