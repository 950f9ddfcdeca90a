"""The grid: what it says, how large it is, and that names are text."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core.figures import Style, captions, grid_html, grid_png
from xai_core.types import Layer

CLASSES = ["cat", "<b>dog</b>"]


def study(n=2, size=224, layers=4, seed=0):
    rng = np.random.default_rng(seed)
    samples = [
        xai.Sample(f"id{i}", rng.integers(0, 256, (size, size, 3), dtype=np.uint8), "cat", name=f"<script>{i}</script>")
        for i in range(n)
    ]
    maps = {f"l{i}": rng.normal(size=(n, 14, 14)).astype(np.float32) for i in range(layers)}
    probabilities = np.tile(np.array([[0.25, 0.75]], np.float32), (n, 1))
    heatmaps = xai.Heatmaps(
        maps,
        np.zeros(n, np.int64),
        xai.Predictions(np.ones(n, np.int64), probabilities),
        (size, size),
        "Grad-CAM",
        "logit",
    )
    names = [Layer(name, f"stage {i + 1}", (14, 14), 8) for i, name in enumerate(maps)]
    return samples, heatmaps, names, captions(samples, heatmaps, CLASSES, [0] * n)


def test_captions_say_predicted_confidence_label_and_target():
    line = study()[3][0]
    assert (line.predicted, line.true, line.correct, line.target) == ("<b>dog</b>", "cat", False, "cat")
    assert line.confidence == pytest.approx(0.75)


def test_a_label_the_model_does_not_know_is_neither_right_nor_wrong():
    samples, heatmaps, _, _ = study()
    assert captions(samples, heatmaps, CLASSES, [None, 1])[0].correct is None
    assert captions(samples, heatmaps, CLASSES, [None, 1])[1].correct is True


def test_names_and_labels_are_text_whatever_they_contain():
    html = grid_html(*study(), Style())
    assert "<script>" not in html
    assert "&lt;script&gt;0" in html
    assert "<b>dog" not in html


def test_every_map_has_a_text_alternative_with_its_range():
    samples, heatmaps, layers, lines = study()
    heatmaps.maps["l2"][1] = -1
    html = grid_html(samples, heatmaps, layers, lines, Style())
    alts = re.findall(r'alt="([^"]*)"', html)
    assert len(alts) == 2 * 5
    assert sum("no positive evidence" in alt for alt in alts) == 1
    assert any(re.search(r"stage 1 \(l0\), Grad-CAM for cat: \S+ to \S+", alt) for alt in alts)
    assert html.count('class="xg-flat"') == 1


def test_the_colour_bar_says_what_its_ends_are():
    study_ = study()
    top = max(raw.max() for raw in study_[1].values())
    assert f"{top:.3g}" in grid_html(*study_, Style(scale="all"))
    assert "the map&#x27;s maximum" in grid_html(*study_, Style())
    assert "against and for the class that is explained" in grid_html(*study_, Style(view="raw"))
    assert "xg-bar" not in grid_html(*study_, Style(view="input")).split("</style>")[1]


def test_eight_pictures_and_four_layers_stay_below_the_limit():
    assert len(grid_html(*study(n=8), Style())) < 1_500_000  # of random noise, the worst that JPEG can get


def test_pictures_in_the_html_are_the_drawn_ones():
    html = grid_html(*study(n=1), Style(opacity=0))
    first, second = re.findall(r"base64,([^\"]+)", html)[:2]
    pixels = [np.asarray(Image.open(io.BytesIO(base64.b64decode(code)))) for code in (first, second)]
    assert pixels[0].shape == (224, 224, 3)
    np.testing.assert_array_equal(*pixels)


def test_the_png_holds_every_map_at_full_size():
    samples, heatmaps, layers, lines = study(n=3, layers=2)
    image = grid_png(samples, heatmaps, layers, lines, Style(opacity=0))
    pixels = np.asarray(image)
    assert image.size == (240 + 3 * 232, 52 + 3 * 232 + 56)
    slide = grid_png(samples, heatmaps, layers, lines, Style(opacity=0), slide=True)
    assert slide.size == (-(-image.height * 16 // 9), image.height)
    left = round((slide.width - image.width) / 2)
    np.testing.assert_array_equal(np.asarray(slide)[:, left : left + image.width], pixels)
    for row, sample in enumerate(samples):
        for column in range(3):
            y, x = 52 + row * 232, 240 + column * 232
            np.testing.assert_array_equal(pixels[y : y + 224, x : x + 224], sample.pixels)


def test_the_png_of_one_small_layer_holds_what_its_colours_mean():
    samples, heatmaps, layers, lines = study(n=1, layers=1)
    foot = np.asarray(grid_png(samples, heatmaps, layers, lines, Style()))[-40:]
    assert (foot[:, 600:-8] < 128).any()  # "(evidence for the class that is explained)"
    assert (foot[:, -8:] == 255).all()


def test_long_labels_do_not_break_the_png():
    samples, heatmaps, layers, _ = study(n=1)
    lines = captions(samples, heatmaps, ["x" * 300, "y" * 300], [1])
    assert grid_png(samples, heatmaps, layers, lines, Style()).size[0] == 240 + 5 * 232
