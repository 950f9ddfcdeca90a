"""Suspects in the data: what is planted is found, and numbers are those of other ways."""

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import fisher_exact

import xai_core as xai
from tests.support.planted_colours import model, pictures
from xai_core.alike import near_duplicates
from xai_core.discovery.data_suspects import accuracy_by_slice, label_issues, odd_pictures
from xai_core.types import Sample, content_id


def test_confident_learning_by_hand():
    """Limits: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.55) / 2 = 0.625."""
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.45, 0.55]])
    found = label_issues(np.array([0, 0, 0, 1, 1]), p)
    assert found.to_dict("list") == {
        "row": [2],
        "label": [0],
        "suggested": [1],
        "p_label": [0.1],
        "p_suggested": [0.9],
    }  # the last one reaches neither limit


def test_swapped_labels_and_a_copy_are_found():
    data = pictures(20, share=0.0)
    surest = data[int(xai.predict(model(0.0), data).probabilities[:, 0].argmax())]
    assert surest.label == "green"
    swapped = [Sample(one.id, one.pixels, "blue", name=one.name) if one is surest else one for one in data]
    changed = np.clip(data[10].pixels.astype(int) + 2, 0, 255).astype(np.uint8)
    found = xai.discover(model(0.0), [*swapped, Sample(content_id(changed), changed, data[10].label, name="copy")])
    kinds = found.issues.groupby("kind")["picture"].agg(list)
    assert kinds["label may be wrong"] == [surest.name]
    assert data[10].name in kinds["near duplicate"]
    assert found.issues[found.issues["kind"] == "near duplicate"]["why"].str.contains("copy").any()


def test_other_pictures_are_no_duplicates():
    noise = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    assert near_duplicates(noise, np.random.default_rng(1).normal(size=(40, 20))).empty


def test_dark_and_blurred_and_odd_sized_pictures_stand_out():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "brightness": [*rng.normal(120, 5, 30), 10],
            "sharpness": [*rng.normal(20, 1, 30), 0.1],
            "width": [*[64.0] * 30, 200],
            "height": [*[64.0] * 30, 100],
        }
    )
    found = odd_pictures(table)
    assert {name: np.flatnonzero(inside).tolist() for name, inside in found.items()} == {
        "dark": [30],
        "bright": [],
        "blurred": [30],
        "of an odd size": [30],
        "of an odd shape": [30],
    }


def test_a_blurred_picture_among_sharp_ones():
    data = pictures(20, share=0.0)
    soft = np.rint(gaussian_filter(data[0].pixels.astype(float), (4, 4, 0))).astype(np.uint8)
    found = xai.discover(model(0.0), [*data, Sample(content_id(soft), soft, data[0].label, name="soft")])
    assert "soft" in found.issues[found.issues["kind"] == "blurred"]["picture"].tolist()


def test_accuracy_by_slice_is_fishers():
    inside = np.arange(40) < 10
    correct = np.where(inside, np.arange(40) % 5 == 0, np.arange(40) % 5 != 0)
    found = accuracy_by_slice({"dark": inside, "none": np.zeros(40, bool)}, correct)
    first = found.iloc[0]
    assert (first["n"], first["accuracy"], first["rest"]) == (10, 0.2, 0.8)
    assert first["p_holm"] == pytest.approx(fisher_exact([[2, 8], [24, 6]]).pvalue)
    assert np.isnan(found.iloc[1]["p_holm"])


def test_a_near_duplicate_in_another_split_is_named_and_others_are_not():
    data, train = pictures(20, share=0.0), pictures(12, share=0.0, seed=5)
    changed = np.clip(data[7].pixels.astype(int) + 2, 0, 255).astype(np.uint8)
    other = "blue" if data[7].label == "green" else "green"
    found = xai.discover(
        model(0.0), data, against=[*train, Sample(content_id(changed), changed, other, name="in training")]
    ).issues
    (row,) = found[found["kind"] == "near duplicate in the other split"].itertuples()
    assert (row.picture, row.place) == (data[7].name, 7)
    assert row.why == "nearly the same as in training of the other split, which has another label"
