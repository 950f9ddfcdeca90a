"""The mean of maps, worked out by hand."""

import numpy as np

from xai_core import studies


def test_each_picture_counts_the_same_whatever_its_scale():
    maps = np.array([[[2.0, 4.0], [-8.0, 0.0]], [[0.1, 0.0], [0.0, 0.0]]], np.float32)
    found = studies.mean_map(maps)
    np.testing.assert_allclose(found.values, [[0.75, 0.5], [0.0, 0.0]])
    assert found.n == 2


def test_maps_of_two_classes_keep_their_proportion():
    maps = np.array([[[[1.0]], [[4.0]]], [[[2.0]], [[0.0]]]], np.float32)  # two pictures, two classes, a pixel
    found = studies.mean_map(maps)
    np.testing.assert_allclose(found.values, [[[0.625]], [[0.5]]])


def test_pictures_without_evidence_count_nowhere():
    maps = np.array([[[-1.0, -2.0]], [[np.nan, 1.0]], [[0.0, 3.0]]], np.float32)
    found = studies.mean_map(maps)
    np.testing.assert_allclose(found.values, [[0.0, 1.0]])
    assert found.n == 1
    assert studies.mean_map(maps[:1]).n == 0
    assert not studies.mean_map(maps[:1]).values.any()
