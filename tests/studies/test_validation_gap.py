"""Accuracy by class on validation and recorded pictures: a planted fall, and none where there is none."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch

import xai_core as xai
from xai_core import studies
from xai_core.records import LOG, ByClass

CLASSES = ("cat", "dog", "eel")


def run(recorded, known, each=60, of=60):
    """A run of one epoch with so many right of each class, on recorded and on validation pictures."""
    labels = np.repeat(np.arange(3), each)
    right = np.concatenate([np.arange(each) < one for one in recorded])
    predictions = np.where(right, labels, (labels + 1) % 3)[None]
    validation = None if known is None else ByClass(np.array([known]), np.full((1, 3), of))
    names = tuple(str(one) for one in range(3 * each))
    return xai.TrainingRun("r", CLASSES, names, labels, np.array([1]), predictions, validation=validation)


def test_a_class_that_falls_is_named():
    """All classes together fall by 5 points, which no other finding warns of."""
    gaps = studies.class_gaps(run((58, 49, 58), (58, 58, 58)))
    assert gaps["class"].tolist() == ["dog", "cat", "eel"]
    assert gaps["difference"].tolist() == pytest.approx([9 / 60, 0, 0])
    assert gaps["p_holm"][0] == pytest.approx(3 * gaps["p"][0])
    found = studies.class_gap_finding(gaps)
    assert found.warning
    assert found.sentence.startswith(
        "1 of 3 classes is classified better on the validation pictures than on the test pictures: dog (97% against "
        "82%). Validation pictures may share a shortcut"
    )


def test_no_fall_no_warning():
    found = studies.class_gap_finding(studies.class_gaps(run((55, 54, 57), (57, 56, 55))))
    assert not found.warning
    assert found.sentence.startswith("No class is classified significantly better on the validation")


def test_without_counts_or_with_few_pictures_nothing_is_said():
    for one in (run((58, 49, 58), None), run((4, 0, 4), (4, 4, 4), each=4, of=4)):
        gaps = studies.class_gaps(one)
        assert gaps.empty
        assert studies.class_gap_finding(gaps) is None


def test_equal_accuracies_are_seldom_called_a_fall():
    rng = np.random.default_rng(0)
    warned = 0
    for _ in range(200):
        found = studies.class_gap_finding(studies.class_gaps(run(rng.binomial(60, 0.9, 3), rng.binomial(60, 0.9, 3))))
        warned += found.warning
    assert warned <= 10  # 5%


def test_a_recorder_writes_them_and_the_record_gives_them_again(tmp_path):
    inputs = torch.eye(3).repeat(4, 1).reshape(12, 3, 1, 1)
    labels = torch.arange(3).repeat(4)
    net = torch.nn.Flatten()
    recorder = xai.Recorder(
        tmp_path / "r", (inputs, labels), class_names=CLASSES, checkpoint_every=0, validation=(inputs, labels.roll(3))
    )
    recorder.epoch(net)
    wrong = labels.clone()
    wrong[:3] = torch.tensor([1, 1, 2])  # a cat among them is called a dog
    recorder = xai.Recorder(
        tmp_path / "s", (inputs, labels), class_names=CLASSES, checkpoint_every=0, validation=(inputs, wrong)
    )
    recorder.epoch(net)
    known = xai.TrainingRun.open(tmp_path / "r").validation
    assert (known.right.tolist(), known.count.tolist()) == ([[4, 4, 4]], [[4, 4, 4]])
    known = xai.TrainingRun.open(tmp_path / "s").validation
    assert (known.right.tolist(), known.count.tolist()) == ([[3, 4, 4]], [[3, 5, 4]])


@pytest.mark.parametrize("right", [[1, 2], [5, 0, 0], [-1, 0, 0], "x", [1.5, 0, 0], [10**30, 0, 0], None])
def test_counts_that_cannot_be_are_left_out(tmp_path, right):
    from xai_core.records.fields import read_by_class

    assert read_by_class([{"val_right": right, "val_count": [4, 4, 4]}], 3) is None


def of_films(rng, films, frames=12):
    """Frames of films of which three in four are right, nearly all of a film alike."""
    film = np.arange(films * frames) // frames
    right, alone = rng.random(films) < 0.75, rng.random(films * frames) < 0.75
    return film, np.where(rng.random(film.size) < 0.8, right[film], alone)


def run_of_films(rng, fall=0.0, films=10):
    film, right = of_films(rng, 3 * films)
    each, labels = film.size // 3, np.repeat(np.arange(3), film.size // 3)
    right &= (labels > 0) | (rng.random(film.size) >= fall)
    known = [int(of_films(rng, films)[1].sum()) for _ in CLASSES]
    log = pd.DataFrame(np.nan, index=[0], columns=LOG).assign(val_accuracy=sum(known) / film.size)
    names, predictions = tuple(map(str, range(film.size))), np.where(right, labels, (labels + 1) % 3)[None]
    validation = ByClass(np.array([known]), np.full((1, 3), each))
    recorded = xai.TrainingRun("r", CLASSES, names, labels, np.array([1]), predictions, log=log, validation=validation)
    return recorded, [f"film {one}" for one in film]


def test_frames_of_films_differ_as_films_do():
    """Ten films of each class: single frames make chance between films a difference of the sets."""
    warned = Counter()
    for seed in range(60):
        run, groups = run_of_films(np.random.default_rng(seed))
        fallen, of_fallen = run_of_films(np.random.default_rng(seed), fall=0.55)
        for name, those in (("pictures", ()), ("films", groups)):
            found = studies.evolution_findings(run, run.measures(), groups=those)
            for topic in ("Class by class", "Validation and test"):
                warned[name, topic] += any(one.topic == topic and one.warning for one in found)
        warned["fallen"] += studies.class_gap_finding(studies.class_gaps(fallen, of_fallen)).warning
    assert warned["pictures", "Class by class"] >= 15
    assert warned["pictures", "Validation and test"] >= 5
    assert warned["films", "Class by class"] <= 5
    assert warned["films", "Validation and test"] <= 5
    assert warned["fallen"] >= 45


def test_groups_of_one_picture_change_nothing():
    one = run((58, 49, 58), (58, 58, 58))
    alone = studies.class_gaps(one, [f"{place}" for place in range(180)])
    pd.testing.assert_frame_equal(alone, studies.class_gaps(one))
    pd.testing.assert_frame_equal(studies.class_gaps(one, [None] * 180), studies.class_gaps(one))
