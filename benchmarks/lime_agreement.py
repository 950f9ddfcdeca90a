"""Claim: 1,000 perturbations of LIME's smoothed fit say of the log-odds what 4,000 others say, in float32.

The reference is LIME's own regression of the log-odds of 4,000 other perturbations, in pairs, with nothing smoothed.
Over the eight sample photos, on which nothing of the fit was chosen, and every class from 1% on: rank
correlation at least 0.96 on average, in the precision that is taken by itself. Such a reference is uncertain, too:
two of them are drawn, what they have with each other stands beside that, and what the fit has with 8,000, which are
both. Beside it what the package's fit has, of the probability of the same. Ten to twenty minutes.
"""

from __future__ import annotations

import numpy as np
from harness import Row, report
from scipy.stats import spearmanr

import xai_core as xai
from xai_core.inference.batches import seen
from xai_core.inference.covered import covered
from xai_core.inference.smoothed import drawn_in_pairs
from xai_core.inference.superpixels import superpixels
from xai_core.inference.surrogate import RIDGE, log_odds, regression

SAMPLES, REFERENCE, LEAST = 1000, 4000, 0.01


def values(model: xai.Classifier, sample: xai.Sample, rows: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Probabilities (n, T) of perturbations in float32."""
    view = seen(model, sample)
    asked = covered(model, view, superpixels(view, "quickshift"), "larger", rows, targets, "float32")
    return asked.forwards(rows, "float32").probabilities[:, targets].astype(float)


def agreement(found: np.ndarray, reference: np.ndarray) -> list[float]:
    """Rank correlation of each class's weights."""
    return [float(spearmanr(one, other).statistic) for one, other in zip(found, reference, strict=True)]


def main() -> list[Row]:
    model = xai.load_model("efficientnet_lite0", device="cpu")
    smoothed, both, references, package, package_both = [], [], [], [], []
    for sample in xai.load_dataset("photos"):
        targets = np.flatnonzero(xai.predict(model, [sample]).probabilities[0] >= LEAST)
        found = {
            fit: xai.lime(model, sample, targets=targets.tolist(), num_samples=SAMPLES, fit=fit)
            for fit in ("smoothed", "package")
        }
        count = found["smoothed"].weights.shape[1]
        pairs = np.stack([drawn_in_pairs(REFERENCE, count, seed=seed) for seed in (1, 2)])
        asked = np.stack([values(model, sample, half, targets) for half in pairs])
        first, second = (regression(*half, RIDGE) for half in zip(pairs, log_odds(asked), strict=True))
        smoothed += agreement(found["smoothed"].weights, first)
        references += agreement(second, first)
        all_pairs, all_asked = np.concatenate(pairs), np.concatenate(asked)
        both += agreement(found["smoothed"].weights, regression(all_pairs, log_odds(all_asked), RIDGE))
        package += agreement(found["package"].weights, regression(pairs[0], asked[0], RIDGE))
        package_both += agreement(found["package"].weights, regression(all_pairs, all_asked, RIDGE))
        print(f"{sample.name}: {len(targets)} classes, {count} superpixels, {found['smoothed'].precision}", flush=True)
    rows = [
        (f"smoothed, log-odds: rank correlation with {REFERENCE} others, {len(smoothed)} classes", smoothed, 0.96),
        (f"the same with {2 * REFERENCE} others", both, 0.97),
        (f"two references of {REFERENCE} with each other", references, None),
        (f"as the package, probability: with {REFERENCE} others", package, None),
        (f"as the package, with {2 * REFERENCE} others", package_both, None),
    ]
    return [
        row
        for what, each, least in rows
        for row in (Row(what, float(np.mean(each)), at_least=least), Row(f"{what}, the lowest class", min(each)))
    ]


if __name__ == "__main__":
    report("lime_agreement", main())
