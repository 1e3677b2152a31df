"""Uses KServe's own REST client as its users do, and prints what it got as one JSON object. Run: python use_kserve.py URL"""

import asyncio
import json
import sys

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

ROWS = np.array([[0.5, 1], [-1, 0]], dtype=np.float32)


def tensor(name, datatype, values, binary):
    given = InferInput(name, list(values.shape), datatype)
    given.set_data_from_numpy(values, binary_data=binary)
    return given


def scores(response):
    return [float(score) for score in response.outputs[0].as_numpy()]


async def error_of(call):
    try:
        return await call
    except httpx.HTTPStatusError as error:
        return {"status": error.response.status_code, "message": str(error)}


class User:
    def __init__(self, client, url):
        self.client = client
        self.url = url

    async def infer(self, inputs, model="shop", **request):
        sent = InferRequest(model_name=model, infer_inputs=inputs, **request)
        return await self.client.infer(self.url, sent, model_name=model)

    async def health(self):
        return {
            "live": await self.client.is_server_live(self.url),
            "ready": await error_of(self.client.is_server_ready(self.url)),
            "modelReady": await self.client.is_model_ready(self.url, "shop"),
            "versionReady": await self.client.is_model_ready(self.url, "shop/versions/v1"),
            "otherVersionReady": await self.client.is_model_ready(self.url, "shop/versions/v9"),
            "otherModelReady": await self.client.is_model_ready(self.url, "shoe"),
            "notPromotedReady": await self.client.is_model_ready(self.url, "young"),
        }

    async def one_tensor(self):
        found = {}
        for sent in ("json", "binary"):
            inputs = [tensor("features", "FP32", ROWS, sent == "binary")]
            found[f"{sent} in, json out"] = scores(await self.infer(inputs))
            outputs = [RequestedOutput("score", parameters={"binary_data": True})]
            found[f"{sent} in, binary out"] = scores(await self.infer(inputs, request_outputs=outputs))
            everything = {"binary_data_output": True}
            found[f"{sent} in, all out binary"] = scores(await self.infer(inputs, parameters=everything))
        data = {"inputs": [{"name": "features", "shape": [2, 2], "datatype": "FP32", "data": ROWS.tolist()}]}
        found["a dict"] = scores(await self.client.infer(self.url, data, model_name="shop"))
        response = await self.infer([InferInput("features", [2, 2], "FP32", data=[0.5, 1, -1, 0])], request_id="größe 1")
        found["a list"] = scores(response)
        return {"scores": found, "id": response.id, "model": response.model_name}

    async def features(self):
        found = {}
        tiers = np.array(["gold", "basic"], dtype=np.object_)
        for binary in (False, True):
            orders = tensor("orders", "FP64", np.array([0.5, -1]), binary)
            found["binary" if binary else "json"] = scores(await self.infer([tensor("tier", "BYTES", tiers, binary), orders]))
        return found

    async def many(self):
        orders = np.linspace(-3, 3, 5000, dtype=np.float32)
        rows = np.stack([orders, np.ones_like(orders)], axis=1)
        expected = 1 / (1 + np.exp(-(orders.astype(np.float64) + 2)))
        headers = {}
        sent = InferRequest(model_name="shop", infer_inputs=[tensor("features", "FP32", rows, True)])
        response = await self.client.infer(self.url, sent, model_name="shop", response_headers=headers)
        error = float(np.abs(response.outputs[0].as_numpy() - expected).max())
        return {"error": error, "encoding": headers.get("content-encoding")}

    async def errors(self):
        wide = tensor("features", "FP32", np.zeros((1, 3), dtype=np.float32), True)
        orders = tensor("orders", "FP64", np.zeros(1), False)
        tier = tensor("tier", "BYTES", np.array(["silver"], dtype=np.object_), False)
        good = tensor("features", "FP32", ROWS, True)
        return {
            "shape": await error_of(self.infer([wide])),
            "category": await error_of(self.infer([orders, tier])),
            "model": await error_of(self.infer([good], model="shoe")),
        }

    async def prediction_ids(self):
        response = await self.infer([tensor("features", "FP32", ROWS, True)], parameters={"prediction_ids": True})
        return response.parameters["prediction_ids"]


async def main(url):
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        user = User(client, url)
        return {
            "health": await user.health(),
            "oneTensor": await user.one_tensor(),
            "features": await user.features(),
            "many": await user.many(),
            "errors": await user.errors(),
            "predictionIds": await user.prediction_ids(),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))
