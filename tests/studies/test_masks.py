"""Masks of whole pictures are put through the view of the maps, exactly as preparing them by hand does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from xai_core.studies.masks import masks_in_view
from xai_core.types import Preprocessing


@pytest.fixture(scope="module")
def seen():
    """A model that crops, whole pictures of another shape with masks, and their maps."""
    model = xai.load_model("digits", device="cpu")
    model = replace(model, preprocessing=replace(model.preprocessing, resize=80, crop=64))
    digits = xai.load_dataset("textured_digits", limit=4)
    whole = [
        replace(
            sample, pixels=np.pad(sample.pixels, ((7, 9), (20, 3), (0, 0))), mask=np.pad(sample.mask, ((7, 9), (20, 3)))
        )
        for sample in digits
    ]
    return model, whole, xai.grad_cam(model, whole)


def test_whole_samples_are_as_good_as_prepared_ones(seen):
    model, whole, maps = seen
    prepared = [model.preprocessing.prepare(sample) for sample in whole]
    assert any(
        (a.mask != b.mask[: a.mask.shape[0], : a.mask.shape[1]]).any() for a, b in zip(prepared, whole, strict=True)
    )
    by_hand = xai.foreground_background(maps, prepared)
    assert by_hand["auc"].notna().all()
    pd.testing.assert_frame_equal(xai.foreground_background(maps, whole), by_hand, check_exact=True)
    masks = xai.foreground_background(maps, [sample.mask for sample in whole], [sample.name for sample in whole])
    # These digits have labels of their own and maps for them, so nobody lends a mask, whether labels are known or not.
    assert (by_hand["others"] == 0).all()
    assert not masks["same_label"].any()  # masks alone bring no labels
    pd.testing.assert_frame_equal(masks.assign(same_label=True), by_hand, check_exact=True)
    pd.testing.assert_frame_equal(
        xai.layer_focus(maps, masks=whole).table,
        xai.layer_focus(maps, masks=[sample.mask for sample in prepared]).table,
        check_exact=True,
    )


def test_a_dataset_is_its_samples(digits):
    data = xai.load_dataset("textured_digits", limit=4)
    maps = xai.grad_cam(digits, data)
    by_hand = xai.foreground_background(maps, [digits.preprocessing.prepare(sample) for sample in data])
    pd.testing.assert_frame_equal(xai.foreground_background(maps, data), by_hand, check_exact=True)


def test_maps_that_do_not_know_their_view_want_masks_of_the_inputs_size(seen):
    _, whole, maps = seen
    with pytest.raises(xai.DataError, match="put it through the model's preprocessing first"):
        xai.foreground_background(replace(maps, view=None), whole)


def test_samples_of_another_view_are_refused(seen):
    _, whole, maps = seen
    other = Preprocessing(70, 64)
    with pytest.raises(xai.PictureError, match="was already cut"):
        masks_in_view(maps, [other.prepare(sample) for sample in whole])
    with pytest.raises(xai.DataError, match="Masks: 3; pictures with maps: 4"):
        masks_in_view(maps, whole[:3])
