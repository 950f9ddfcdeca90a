"""The check of a map and the comparison of methods with maps that were made elsewhere."""

import numpy as np
import pytest

import xai_core as xai
from xai_core.inference.map_sets import GivenMaps
from xai_core.studies.map_references import PICTURE, RANDOM_WEIGHTS


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits", device="cpu")


@pytest.fixture(scope="module")
def digits(model):
    return [model.preprocessing.prepare(one) for one in xai.load_dataset("textured_digits").choose(limit=6)]


@pytest.fixture(scope="module")
def own(model, digits):
    return xai.grad_cam(model, digits, layers="stages.2")["stages.2"]


@pytest.fixture(scope="module")
def checked(model, digits, own):
    target = int(xai.predict(model, digits[:1]).classes[0])
    return xai.trust_map(model, digits[0], given=own[:1], target=target, others=digits[1:3])


def test_a_given_map_is_hidden_and_held_against_others_as_ours_is(model, digits, own, checked):
    ours = xai.deletion(model, digits[0], {"m": own[0]}, targets=checked.target, steps=10, draws=0)
    gone = checked.deletion[checked.deletion["method"] != "random"]
    np.testing.assert_allclose(gone["p"], ours["p"], atol=1e-6)
    assert len(checked.agreements)
    assert {PICTURE, RANDOM_WEIGHTS} <= set(checked.references["kind"])


def test_what_would_have_to_make_it_again_is_said_not_to_be_known(checked):
    assert checked.randomisation.empty
    assert checked.trust.grade in ("care", "fails")  # never better
    first = checked.trust.checks[0]
    assert first.grade == "care"
    assert "cannot be made again with random weights" in first.sentence


def test_it_is_compared_under_the_name_that_it_is_given(model, digits, own):
    asked = {"methods": ["grad_cam"], "layers": ["stages.2"], "pictures": 6}
    found = xai.compare_methods(model, digits, given={"Mine": own}, **asked).table.set_index("name")
    mine, ours = found.loc["Mine"], found.loc["Grad-CAM at stages.2"]
    assert mine["found"] == pytest.approx(ours["found"], abs=1e-6)
    assert np.isnan(mine["weights"])
    assert np.isfinite(ours["weights"])
    with pytest.raises(xai.MethodError, match="Two of what is compared are called 'Grad-CAM'"):
        xai.compare_methods(model, digits, given={"Grad-CAM": own}, **asked)


def test_a_blob_in_the_middle_of_every_picture_is_not_recommended(model):
    y, x = np.mgrid[:28, :28] - 13.5
    blob, digits = np.exp(-(y**2 + x**2) / 72).astype(np.float32), xai.load_dataset("textured_digits", limit=8)
    found = xai.compare_methods(model, digits, methods=[], given={"Blob": [blob] * len(digits)})
    assert found.table["p_random"].item() < 0.05  # objects lie there
    assert found.table["outcome"].item() == "elsewhere"
    assert found.pictures["others"].tolist() == pytest.approx(
        found.pictures[["deletion", "insertion"]].mean(axis=1).tolist()
    )


def test_a_map_that_is_called_as_the_random_orders_are_is_not_taken_for_them(model, digits, own):
    asked = {"methods": ["saliency"], "pictures": 4}
    for first, second in zip(
        *(
            xai.compare_methods(model, digits, given={title: own}, **asked).pictures.iterrows()
            for title in ("a", "random")
        ),
        strict=True,
    ):
        assert tuple(first[1][["deletion", "insertion"]]) == tuple(second[1][["deletion", "insertion"]])
        assert first[1]["deletion"] != 0
    for curves in (xai.deletion, xai.insertion):
        with pytest.raises(xai.MethodError, match="The random orders are called 'random'"):
            curves(model, digits[0], {"random": own[0]})


def test_maps_are_found_by_name_in_any_order(digits, own):
    every = GivenMaps.open(own, [one.name for one in digits])
    found = every.of([digits[4].name, digits[1].name], (64, 64))["given"]
    np.testing.assert_array_equal(found, own[[4, 1]])
    assert every.signed == bool((own < 0).any())
    assert every.stamp != GivenMaps.open(own + 1, [one.name for one in digits]).stamp


def test_pictures_of_one_name_cannot_be_told_apart(own):
    with pytest.raises(xai.DataError, match="Two pictures are named 'a'"):
        GivenMaps.open(own[:3], ["a", "b", "a"])
