"""Addresses that somebody types: places and keys where widgets wait for titles."""

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from app.by_hand import spelled_out
from tests.support.pages import open_page, text
from xai_core.shipped import RUNS, WEIGHTS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ({"data": "/home/me/pictures"}, {"data": "Folder", "path": "/home/me/pictures"}),
        ({"data": "~/pictures"}, {"data": "Folder", "path": "~/pictures"}),
        ({"data": r"C:\pictures"}, {"data": "Folder", "path": r"C:\pictures"}),
        ({"path": "pictures"}, {"data": "Folder", "path": "pictures"}),
        ({"data": "Textured digits", "path": "pictures"}, {"data": "Textured digits", "path": "pictures"}),
        ({"data": "textured_digits", "model": "digits"}, {"data": "Textured digits", "model": "Digits (honest)"}),
        ({"model": "./mine.pth"}, {"model": "Checkpoint", "weights": "./mine.pth"}),
        ({"model": "hf:microsoft/resnet-18"}, {"model": "Checkpoint", "weights": "hf:microsoft/resnet-18"}),
        ({"weights": "mine.pth", "arch": "x"}, {"model": "Checkpoint", "weights": "mine.pth", "arch": "x"}),
        ({"record": "/runs/mine"}, {"run": "A record on disk", "record": "/runs/mine"}),
        ({"run": "/runs/mine"}, {"run": "A record on disk", "record": "/runs/mine"}),
        ({"run": "digits"}, {"run": "Digits (honest)"}),
        ({"method": "layer_cam"}, {"method": "LayerCAM"}),
        ({"data": "Nothing of the kind", "record": ""}, {"data": "Nothing of the kind", "record": ""}),
        ({"n": "9" * 400, "seed": "-inf", "model": "digits"}, {"model": "Digits (honest)"}),
        ({"n": "12", "class": "inf", "labels": "1e999"}, {"n": "12", "class": "inf", "labels": "1e999"}),
        ({}, {}),
    ],
)
def test_what_is_typed_is_what_the_widgets_write(typed, meant):
    assert spelled_out({key: [value] for key, value in typed.items()}) == {k: [value] for k, value in meant.items()}


@pytest.mark.parametrize("more", [{}, {"data": "textured_digits"}])
@pytest.mark.parametrize("number", ["1e400", "9" * 400])
def test_a_number_without_end_is_none(number, more):
    at = open_page("layer_explorer", n=number, **more)
    assert at.number_input(key="n").value > 0
    assert "n" not in at.query_params


def test_titles_mean_themselves():
    of_runs = [title for title, _ in RUNS.values()]
    titles = {"data": [info.title for info in xai.list_datasets()], "run": of_runs}
    titles |= {"model": [info.title for info in xai.list_models()], "method": [one.title for one in xai.list_methods()]}
    for key, all_of_it in titles.items():
        for title in all_of_it:
            assert spelled_out({key: [title]}) == {key: [title]}


def test_a_folder_and_a_file_open_by_their_places(tmp_path):
    for number in range(3):
        place = tmp_path / "pictures" / str(number)
        place.mkdir(parents=True)
        Image.fromarray(np.full((64, 64, 3), 60 + number, np.uint8)).save(place / "one.png")
    weights = str(WEIGHTS["digits_50"][1])
    at = open_page("layer_explorer", data=str(tmp_path / "pictures"), model=weights)
    assert (at.selectbox(key="data").value, at.text_input(key="path").value) == ("folder", str(tmp_path / "pictures"))
    assert at.text_input(key="weights").value == weights
    assert "which is not here" not in text(at)
    assert "3 pictures" in text(at)


def test_a_record_opens_by_its_place(tmp_path):
    folder = RUNS["digits_shortcut"][1]
    at = open_page("training_evolution", record=str(folder))
    assert (at.selectbox(key="run").value, at.text_input(key="record").value) == ("file", str(folder))
    missing = open_page("training_evolution", run=str(tmp_path / "gone"))
    assert "There is no folder or file" in missing.error[0].value
