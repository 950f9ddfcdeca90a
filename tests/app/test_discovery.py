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
    assert gallery(page)[-13:] == [data[int(place)].id for place in near]  # behind the pictures of the groups


def test_a_named_group_keeps_its_name_in_card_and_report(page):
    suspect = next(one for one in page.text_input if one.label.startswith("Name of 3"))
    group = suspect.label.removeprefix("Name of ")
    suspect.set_value("stripes").run()
    assert f"{group} “stripes”" in text(page)
    assert not page.exception


def test_a_typical_picture_of_a_group_can_be_chosen(page):
    """A click on it is a click in a gallery: its id is that of a picture of the group."""
    found = xai.discover(
        xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val"), label="3"
    )
    table = found.pictures.set_index("place")["id"]
    assert gallery(page)[:6] == [table[place] for place in found.suspects[0].typical]
