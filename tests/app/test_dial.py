"""From honest to cheating: the dial shows the network that it names, and what is said holds for the numbers."""

import numpy as np
import pytest

import xai_core as xai
from app.dial import shown
from tests.support.pages import address, html, open_page, run, text
from xai_core.shipped import DIAL
from xai_core.studies import accuracy_words


def test_it_turns_where_the_page_says():
    """What the lesson and the page are about: at 75% the digit is still read, at 95% no longer."""
    found = shown.readings()
    assert list(found) == list(DIAL)
    untied = np.array([right / n for right, n in (one.untied for one in found.values())])
    assert (untied[:4] > 0.9).all()
    assert untied[4] < 0.2
    assert all(right / n > 0.95 for right, n in (one.tied for one in found.values()))
    assert shown.turning_point(found) == "at 95%"
    assert shown.turning_point(dict(list(found.items())[:4])) == shown.NEVER


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_the_accuracy_is_that_of_the_library(share):
    model = xai.load_model(DIAL[share])
    table = xai.evaluate(model, xai.load_dataset("textured_digits"))
    reading = shown.reading(share)
    assert reading.untied == (int(table["correct"].sum()), 300)
    assert accuracy_words(*reading.untied) in "\n".join(reading.sentences)


def test_guess_first_then_the_course():
    at = open_page("dial", strength="75%")
    assert "Digits (shortcut in 75%)" in text(at)
    assert not at.get("plotly_chart")
    at.radio(key="turns").set_value("at 50%")
    run(at)
    assert "You said: at 50%. Measured: at 95%." in text(at)
    assert at.get("plotly_chart")
    at.radio(key="turns").set_value("at 95%")
    run(at)
    assert "That is right." in text(at)
    assert address(at)["strength"] == "75%"
    at.select_slider(key="strength").set_value("0.95")
    run(at)
    assert "Digits (shortcut)" in text(at)
    assert "nan%" not in html(at)
    assert "no place speaks for the class" in html(at).lower()  # of the 2, whose map is flat
