"""The page Discovery: what it says is what the function finds, and a click opens a picture with its neighbours."""

import pytest

import xai_core as xai
from tests.support.pages import clickables, open_page, run, text


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
    first = xai.load_dataset("textured_digits_shortcut", split="val")[0]
    assert not any("nearest" in one for one in clickables(page))
    page.session_state["picture"] = first.id
    run(page)
    assert "nearest neighbours in the layer's features" in text(page)
