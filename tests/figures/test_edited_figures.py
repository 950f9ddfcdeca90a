"""What follows the pointer while an object is dragged, and the probabilities before and after."""

import base64
import io
import re

import numpy as np
from PIL import Image

from xai_core.figures import changed_html, ghost_uri


def test_the_ghost_is_the_object_half_transparent_in_its_outline_and_nothing_else():
    view = np.zeros((4, 4, 3), np.uint8)
    view[1:3, 1:3] = (10, 200, 30)
    mask = np.zeros((4, 4), np.uint8)
    mask[1, 1], mask[1:3, 2], mask[2, 1] = 1, 1, 255  # what is ignored moves along
    source = ghost_uri(np.kron(view, np.ones((10, 10, 1), np.uint8)), mask, 40)
    head, text = source.split(",")
    assert head == "data:image/png;base64"
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))
    assert drawn.shape == (40, 40, 4)
    assert drawn[20, 20].tolist() == [10, 200, 30, 140]
    assert (drawn[:8, :, 3] == 0).all()
    assert (drawn[32:, :, 3] == 0).all()
    assert (drawn[[10, 20, 20], [15, 10, 30]] == (255, 235, 59, 255)).all()  # above, on the left and on the right


def test_a_mark_lies_within_its_bar_whatever_the_probability_was():
    """A bar hides what lies beyond its ends: at 100% as much of the mark has to lie to the left of its place."""
    html = changed_html(np.array([1.0, 0.0, 0.25]), np.array([0.1, 0.8, 0.1]), ["cat", "dog", "owl"], 0)
    marks = re.findall(r'<b style="left:([\d.]+)%;transform:translateX\(-([\d.]+)%\)">', html)
    assert sorted(float(left) for left, _ in marks) == [0, 25, 100]
    assert all(left == shift for left, shift in marks)
    assert re.search(r"\.ed-row b\{[^}]*background:currentColor", html)  # seen in either theme
