"""What follows the pointer while an object is dragged."""

import base64
import io

import numpy as np
from PIL import Image

from xai_core.figures import ghost_uri


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
