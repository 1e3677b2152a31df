"""Trains the model that the servers are compared on, exported as the project's own trainer does.

Arguments: the folder to write into, a seed (another seed is another model), how many rows to score.
Out: model.onnx (100 trees of 31 leaves, 20 numbers in), rows.f32 (rows x 20, row-major; the same for every seed, each
with four decimals at most) and scores.f64, LightGBM's own scores of them.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "pipelines" / "trainers" / "lightgbm"))

import train as trainer  # noqa: E402
import numpy as np  # noqa: E402

FEATURES = 20
TRAIN_ROWS = 20_000
VALID_ROWS = 1_000


def main() -> None:
    folder, seed, rows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    random = np.random.default_rng(1000 + seed)
    train, valid = rows_of(random, TRAIN_ROWS), rows_of(random, VALID_ROWS)
    job = {
        "features": [f"f{index}" for index in range(FEATURES)],
        "seed": seed,
        "threads": 1,
        "parameters": {"num_iterations": 100, "early_stopping_round": 0, "num_leaves": 31},
    }
    booster, _ = trainer.fit(train, labels_of(random, train), valid, labels_of(random, valid), job)
    exported = trainer.to_onnx(trainer.with_float32_thresholds(booster), FEATURES)
    (folder / "model.onnx").write_bytes(exported)
    scored = rows_of(np.random.default_rng(0), rows)
    scored.tofile(folder / "rows.f32")
    # Of the booster before its thresholds were rounded: what a Python program that uses LightGBM would say.
    booster.predict(scored, num_threads=1).astype(np.float64).tofile(folder / "scores.f64")


def rows_of(random: np.random.Generator, count: int) -> np.ndarray:
    """Numbers between -100 and 100 as float32, which four decimals write exactly enough to read the same one back."""
    spread = np.geomspace(0.5, 20, FEATURES)
    values = random.normal(size=(count, FEATURES)) * spread
    return np.clip(np.round(values, 4), -99, 99).astype(np.float32)


def labels_of(random: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    """Depends on half of the features, two of them together, with noise."""
    scaled = np.tanh(rows / np.geomspace(0.5, 20, FEATURES))
    logit = scaled[:, :10] @ np.linspace(2, 0.2, 10) + 3 * scaled[:, 0] * scaled[:, 1] - 0.5
    return (random.random(len(rows)) < 1 / (1 + np.exp(-logit))).astype(np.float32)


if __name__ == "__main__":
    main()
