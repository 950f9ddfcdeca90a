"""The page Discovery: what it says is what the function finds, and a click opens a picture with its neighbours."""

import pytest
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

import xai_core as xai
from tests.support.pages import gallery, open_page, press, text


@pytest.fixture(scope="module")
def page():
    return open_page("discovery", asked="3")


def test_the_page_says_what_is_found(page):
    found = xai.discover(
        xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val"), label="3"
    )
    said = text(page)
    assert "A shortcut is suspected in '3'" in said
    assert found.suspects[0].sentence in said
    assert "What this cannot find" in said
    assert all(one in said for one in found.sentences)


def test_a_picture_has_neighbours(page):
    """Those of the layer's mean activations, by scikit-learn's search."""
    assert "The chosen picture and its nearest" not in text(page)
    press(page, "next")
    assert "The chosen picture and its nearest" in text(page)
    model, data = xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val")
    maps = xai.layer_maps(model, list(data), lambda activation, _: activation.mean((2, 3)), layers="stages.2")
    scaled = StandardScaler().fit_transform(maps["stages.2"].astype(float))
    near = NearestNeighbors(n_neighbors=13).fit(scaled).kneighbors(scaled[:1], return_distance=False)[0]
    assert gallery(page) == [data[int(place)].id for place in near]
