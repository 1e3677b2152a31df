"""Uses tritonclient as its users do, and prints what it got as one JSON object. Run: python use_tritonclient.py HOST:PORT"""

import json
import sys

import numpy as np
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

ROWS = np.array([[0.5, 1], [-1, 0]], dtype=np.float32)


def tensor(name, datatype, values, binary):
    given = InferInput(name, list(values.shape), datatype)
    given.set_data_from_numpy(values, binary_data=binary)
    return given


def scores(result):
    return [float(score) for score in result.as_numpy("score")]


def error_of(call):
    try:
        return call()
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}


def health(client):
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "modelReady": client.is_model_ready("shop"),
        "versionReady": client.is_model_ready("shop", "v1"),
        "otherVersionReady": client.is_model_ready("shop", "v9"),
        "otherModelReady": client.is_model_ready("shoe"),
        "notPromotedReady": client.is_model_ready("young"),
        "server": client.get_server_metadata(),
        "model": client.get_model_metadata("shop"),
        "version": client.get_model_metadata("shop", "v1"),
    }


def one_tensor(client):
    found = {}
    for sent in ("json", "binary"):
        for asked in ("json", "binary"):
            outputs = [InferRequestedOutput("score", binary_data=asked == "binary")]
            inputs = [tensor("features", "FP32", ROWS, sent == "binary")]
            found[f"{sent} in, {asked} out"] = scores(client.infer("shop", inputs, outputs=outputs))
    result = client.infer("shop", [tensor("features", "FP32", ROWS, True)], model_version="v1", request_id="größe 1")
    found["outputs not named"] = scores(result)
    return {"scores": found, "id": result.get_response()["id"], "version": result.get_response()["model_version"]}


def features(client):
    found = {}
    tiers = np.array(["gold", "basic"], dtype=np.object_)
    for datatype, orders in {
        "FP32": np.array([0.5, -1], dtype=np.float32),
        "FP64": np.array([[0.5], [-1]], dtype=np.float64),
        "INT8": np.array([1, -1], dtype=np.int8),
        "INT16": np.array([1, -1], dtype=np.int16),
        "INT32": np.array([1, -1], dtype=np.int32),
        "INT64": np.array([1, -1], dtype=np.int64),
        "UINT8": np.array([1, 0], dtype=np.uint8),
        "UINT16": np.array([1, 0], dtype=np.uint16),
        "UINT32": np.array([1, 0], dtype=np.uint32),
        "UINT64": np.array([1, 0], dtype=np.uint64),
        "BOOL": np.array([True, False], dtype=np.bool_),
    }.items():
        for binary in (False, True):
            inputs = [tensor("tier", "BYTES", tiers, not binary), tensor("orders", datatype, orders, binary)]
            found[f"{datatype} {'binary' if binary else 'json'}"] = scores(client.infer("shop", inputs))
    return found


def compression(client):
    orders = np.linspace(-3, 3, 5000, dtype=np.float32)
    rows = np.stack([orders, np.ones_like(orders)], axis=1)
    expected = 1 / (1 + np.exp(-(orders.astype(np.float64) + 2)))
    found = {}
    for algorithm in (None, "gzip", "deflate"):
        for binary in (False, True):
            result = client.infer(
                "shop",
                [tensor("features", "FP32", rows, binary)],
                outputs=[InferRequestedOutput("score", binary_data=binary)],
                request_compression_algorithm=algorithm,
                response_compression_algorithm=algorithm,
            )
            found[f"{algorithm} {'binary' if binary else 'json'}"] = float(np.abs(result.as_numpy("score") - expected).max())
    return found


def errors(client):
    wide = tensor("features", "FP32", np.zeros((1, 3), dtype=np.float32), True)
    infinite = tensor("features", "FP32", np.array([[np.inf, 0]], dtype=np.float32), True)
    orders = tensor("orders", "FP32", np.zeros(1, dtype=np.float32), True)
    tier = tensor("tier", "BYTES", np.array(["silver"], dtype=np.object_), True)
    good = tensor("features", "FP32", ROWS, True)
    return {
        "shape": error_of(lambda: client.infer("shop", [wide])),
        "infinite": error_of(lambda: client.infer("shop", [infinite])),
        "category": error_of(lambda: client.infer("shop", [orders, tier])),
        "feature missing": error_of(lambda: client.infer("shop", [orders])),
        "output": error_of(lambda: client.infer("shop", [good], outputs=[InferRequestedOutput("label")])),
        "model": error_of(lambda: client.infer("shoe", [good])),
        "version": error_of(lambda: client.infer("shop", [good], model_version="v9")),
        "metadata": error_of(lambda: client.get_model_metadata("shoe")),
        "extension": error_of(lambda: client.get_model_config("shop")),
    }


def prediction_ids(client):
    result = client.infer("shop", [tensor("features", "FP32", ROWS, True)], parameters={"prediction_ids": True})
    return result.get_response()["parameters"]["prediction_ids"]


def at_once(url):
    with InferenceServerClient(url, concurrency=8) as client:
        asked = [
            client.async_infer("shop", [tensor("features", "FP32", np.array([[number, 0]], dtype=np.float32), True)])
            for number in range(-20, 20)
        ]
        return [scores(one.get_result())[0] for one in asked]


if __name__ == "__main__":
    url = sys.argv[1]
    with InferenceServerClient(url) as client:
        found = {
            "health": health(client),
            "oneTensor": one_tensor(client),
            "features": features(client),
            "compression": compression(client),
            "errors": errors(client),
            "predictionIds": prediction_ids(client),
            "atOnce": at_once(url),
        }
    print(json.dumps(found))
