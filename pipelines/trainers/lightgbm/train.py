"""The default trainer: LightGBM, exported to ONNX.

It keeps the trainer contract and runs in the work folder.
In:  train.parquet, valid.parquet (feature columns float32, `label` 0 or 1) and parameters.json.
Out: model.onnx (float32 [rows, features] in, probabilities out) and metrics.json with the model's own scores of
     the first 1,000 rows of valid.parquet, with which the caller compares the ONNX model.
"""

import json
import os
import sys

# Threads that wait shall sleep: on a busy machine those that spin make training ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# LightGBM loads scikit-learn, which it does not need here, whenever it is installed: a second of start-up saved.
sys.modules["sklearn"] = None  # type: ignore[assignment]

import lightgbm
import numpy as np
import pyarrow.parquet as parquet
from onnxmltools.convert import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

del sys.modules["sklearn"]

CHECKED_ROWS = 1_000


def main() -> None:
    with open("parameters.json", encoding="utf-8") as file:
        job = json.load(file)
    train_features, train_labels = read_rows("train.parquet", job["features"])
    valid_features, valid_labels = read_rows("valid.parquet", job["features"])
    booster, history = fit(train_features, train_labels, valid_features, valid_labels, job)
    booster = with_float32_thresholds(booster)
    with open("model.onnx", "wb") as file:
        file.write(to_onnx(booster, len(job["features"])))
    metrics = {
        "metrics": {
            "valid_auc": history["valid"]["auc"][booster.num_trees() - 1],
            "valid_log_loss": history["valid"]["binary_logloss"][booster.num_trees() - 1],
            "trees": booster.num_trees(),
        },
        "scores": booster.predict(valid_features[:CHECKED_ROWS]).tolist(),
    }
    with open("metrics.json", "w", encoding="utf-8") as file:
        json.dump(metrics, file)


def read_rows(path: str, features: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Features as float32 [rows, features], labels as float32 [rows]."""
    table = parquet.read_table(path)
    columns = [table.column(name).to_numpy() for name in features]
    return np.column_stack(columns).astype(np.float32), table.column("label").to_numpy().astype(np.float32)


def fit(train_features, train_labels, valid_features, valid_labels, job):
    """A booster cut at its best round on the valid rows, and the figures of every round."""
    parameters = {
        "objective": "binary",
        # Training ends when the first of them has not improved; the log loss sees calibration too.
        "metric": ["binary_logloss", "auc"],
        "first_metric_only": True,
        "num_iterations": 200,
        "early_stopping_round": 20,
        "verbosity": -1,
        # The same rows give the same bytes: the loop can be killed and run again.
        "deterministic": True,
        "force_row_wise": True,
        "seed": job["seed"],
        "num_threads": job["threads"],
        **job["parameters"],
    }
    names = job["features"]
    train = lightgbm.Dataset(train_features, train_labels, feature_name=names)
    valid = lightgbm.Dataset(valid_features, valid_labels, feature_name=names, reference=train)
    history: dict = {}
    booster = lightgbm.train(
        parameters,
        train,
        valid_sets=[valid],
        valid_names=["valid"],
        callbacks=[lightgbm.record_evaluation(history)],
    )
    rounds = booster.best_iteration if booster.best_iteration > 0 else booster.num_trees()
    return lightgbm.Booster(model_str=booster.model_to_string(num_iteration=rounds)), history


def with_float32_thresholds(booster: lightgbm.Booster) -> lightgbm.Booster:
    """The same trees with every threshold rounded down to a float32.

    ONNX keeps thresholds as float32. Features are float32, so `x <= t` and `x <= floor32(t)` agree for every x;
    rounding to nearest could move a threshold up onto a value that occurs, and send it the other way.
    """
    lines = []
    for line in booster.model_to_string().split("\n"):
        if line.startswith("threshold="):
            values = np.array(line.removeprefix("threshold=").split(" "), dtype=np.float64)
            down = values.astype(np.float32)
            down = np.where(down.astype(np.float64) > values, np.nextafter(down, np.float32(-np.inf)), down)
            line = "threshold=" + " ".join(repr(float(value)) for value in down)
        # The sizes announced for each tree hold no longer; without them LightGBM reads the trees one by one.
        if not line.startswith("tree_sizes="):
            lines.append(line)
    return lightgbm.Booster(model_str="\n".join(lines))


def to_onnx(booster: lightgbm.Booster, features: int) -> bytes:
    """ONNX with one input `features` [rows, features] and the probabilities as a plain tensor [rows, 2]."""
    model = convert_lightgbm(
        booster,
        name="cleaver",
        initial_types=[("features", FloatTensorType([None, features]))],
        zipmap=False,
        target_opset=15,
    )
    # The converter puts them in the order of a set, which changes from run to run.
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    return model.SerializeToString(deterministic=True)


if __name__ == "__main__":
    main()
