"""Writes reference.json: seeded data with the figures that SciPy, scikit-learn and statsmodels find on it.

The tests of pipelines/core compare with it. Make it again, with the versions that reference.json names, by

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 statsmodels==0.15.0
    venv/bin/python tests/reference/make.py
"""

import json
import platform
from pathlib import Path

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import special, stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

ROWS = 600
random = np.random.default_rng(20240607)


def scored(name, chance, scores):
    """One set of rows; `chance` is the true probability of each label."""
    labels = (random.random(len(chance)) < chance).astype(int)
    clipped = np.clip(scores, 1e-7, 1 - 1e-7)
    return {
        "name": name,
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "auc": roc_auc_score(labels, scores),
        "logLoss": log_loss(labels, clipped),
        "brier": brier_score_loss(labels, scores),
    }


def metric_cases():
    chance = special.expit(random.normal(-1.5, 1.2, ROWS))
    noisy = special.expit(special.logit(chance) + random.normal(0, 0.8, ROWS))
    even = scored("no ties", chance, np.round(noisy, 6))
    actual, predicted = calibration_curve(even["labels"], even["scores"], n_bins=10, strategy="quantile")
    even["calibration"] = [{"predicted": p, "actual": a} for p, a in zip(predicted, actual)]
    sure = np.where(random.random(ROWS) < 0.3, np.round(noisy), noisy)
    return [even, scored("many ties", chance, np.round(noisy, 1)), scored("some sure scores", chance, np.round(sure, 6))]


def placements(labels, scores):
    """Of each positive the share of negatives below it, of each negative the share of positives above it."""
    wins = np.subtract.outer(scores[labels == 1], scores[labels == 0])
    wins = (wins > 0) + 0.5 * (wins == 0)
    return wins.mean(axis=1), wins.mean(axis=0)


def delong():
    """Variances of two AUCs and of their difference on the same rows (DeLong, DeLong & Clarke-Pearson 1988)."""
    chance = special.expit(random.normal(-1.5, 1.2, 1200))
    labels = (random.random(1200) < chance).astype(int)
    champion = np.round(special.expit(special.logit(chance) + random.normal(0, 1.2, 1200)), 4)
    challenger = np.round(special.expit(special.logit(chance) + random.normal(0, 0.8, 1200)), 4)
    one, other = placements(labels, champion), placements(labels, challenger)
    difference = [other[side] - one[side] for side in (0, 1)]
    error = lambda parts: float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)))
    return {
        "labels": labels.tolist(),
        "champion": champion.tolist(),
        "challenger": challenger.tolist(),
        "championError": error(one),
        "difference": float(other[0].mean() - one[0].mean()),
        "differenceError": error(difference),
    }


def welch(name, treated, holdout, confidence):
    """SciPy's p-value and statsmodels' interval, from the raw values."""
    p_value = float(stats.ttest_ind(treated, holdout, equal_var=False).pvalue)
    means = CompareMeans(DescrStatsW(treated), DescrStatsW(holdout))
    low, high = means.tconfint_diff(alpha=1 - confidence, usevar="unequal")
    summary = lambda arm: {"entities": len(arm), "mean": float(arm.mean()), "variance": float(arm.var(ddof=1))}
    return {
        "name": name,
        "treated": summary(treated),
        "holdout": summary(holdout),
        "confidence": confidence,
        "pValue": p_value,
        "low": float(low),
        "high": float(high),
    }


def welch_cases():
    spent = lambda mean, size: random.gamma(0.6, mean / 0.6, size)
    return [
        welch("two against two", np.array([1.0, 3.5]), np.array([0.5, 1.5]), 0.95),
        welch("small arms of unlike spread", random.normal(10, 3, 12), random.normal(8, 0.5, 7), 0.9),
        welch("one arm without spread", random.normal(2, 1, 30), np.full(25, 1.5), 0.95),
        welch("alike", random.normal(5, 2, 400), random.normal(5, 2, 90), 0.99),
        welch("a shop's customers", spent(21.0, 18_000), spent(20.0, 2_000), 0.95),
        welch("a big shop's customers", spent(20.2, 900_000), spent(20.0, 100_000), 0.95),
        welch("far apart", random.normal(9, 1, 500), random.normal(5, 1, 500), 0.95),
    ]


reference = {
    "madeWith": {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "statsmodels": statsmodels.__version__,
    },
    "metrics": metric_cases(),
    "delong": delong(),
    "welch": welch_cases(),
}
Path(__file__).with_name("reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
