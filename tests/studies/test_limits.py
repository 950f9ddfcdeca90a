"""Every limitation has its source, stands beside the answers that it limits, and is in the docs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xai_core import studies
from xai_core.records import TrainingRun
from xai_core.studies.limits import LIMITS, cited, limits_of

DOCS = Path(__file__).parents[2] / "docs"
SOURCES = {
    "a mask vouches for a place": ("object", ["1907.09701", "2212.04629"]),
    "centre baselines": ("object", ["1608.00507", "1604.03605"]),
    "pasted pictures": ("object", ["2006.09994"]),
    "top-down randomisation": ("map", ["2211.12486", "2110.14297"]),
    "deletion leaves the training distribution": ("map", ["1806.10758", "2202.00449"]),
    "deletion by layer leaves it as well": ("layers", ["1806.10758", "2202.00449"]),
    "LIME's fill and segments": ("map", ["2102.06307"]),
    "agreement is no evidence": ("map", ["2202.01602"]),
    "bias of the calibration error": ("confidence", ["2012.08668"]),
    "pretesting": ("object", ["10.1186/1471-2288-12-81"]),
    "averaged gradients": ("layers", ["2011.08891"]),
    "class-blind early layers": ("layers", ["1810.03292"]),
    "normalisation": ("layers", ["1711.00867"]),
    "pictures of the training, and groups": ("training", ["2207.07048"]),
}


@pytest.mark.parametrize(("topic", "numbers"), SOURCES.values(), ids=SOURCES)
def test_each_source_stands_beside_what_it_limits_and_in_the_docs(topic, numbers):
    beside = {source for one in limits_of(topic) for source in one.sources}
    text = (DOCS / "limits.md").read_text("utf-8")
    for number in numbers:
        assert number in beside
        assert cited(number) in text


def test_a_source_says_what_kind_of_number_it_is():
    assert cited("1907.09701") == "[arXiv 1907.09701](https://arxiv.org/abs/1907.09701)"
    assert cited("10.1167/8.7.32") == "[doi 10.1167/8.7.32](https://doi.org/10.1167/8.7.32)"
    assert cited("Fisher 1935") == "Fisher 1935"


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.title)
def test_the_docs_say_each_as_the_pages_do(limit):
    assert f"| {limit.title} | {limit.sentence} |" in (DOCS / "limits.md").read_text("utf-8")


def test_cards_carry_what_limits_them():
    right = np.tile([True, False, True, True], 10)
    table = pd.DataFrame(
        {"true": 0, "usable": True, "confidence": np.linspace(0.4, 0.9, 40), "correct": right, "margin": 0.1}
    )
    assert studies.confidence_hypothesis(table).limits == limits_of("confidence")
    names = tuple(map(str, range(40)))
    answers = (~np.tile(right, (24, 1))).astype(int)
    run = TrainingRun("one", ("a", "b"), names, np.zeros(40, int), np.arange(1, 25), answers)
    card = studies.training_hypothesis(run)
    assert card.limits == limits_of("training")
