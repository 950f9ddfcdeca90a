"""Results on disk that are whole, of the right kind, and not those of the request: pages compute them again."""

import dataclasses
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from app import jobs
from app.jobs import right
from tests.support.kept_results import begin_anew, entries, kept_in
from tests.support.pages import html, open_page
from xai_core.result_cache import ResultCache
from xai_core.result_format import ResultFormat
from xai_core.types import Estimate, Heatmaps, Predictions

FORMAT = ResultFormat(jobs.queue._result_types())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    with kept_in(tmp_path / "cache", monkeypatch) as folder:
        yield folder


def shorter(value):
    """The same kind of value, each array a row and each table a column shorter."""
    if isinstance(value, np.ndarray):
        return value[:-1]
    if isinstance(value, pd.DataFrame):
        return value.iloc[:, :-1]
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(map(shorter, value))
    if isinstance(value, dict):
        return {key: shorter(one) for key, one in value.items()}
    if not hasattr(value, "_fields") and not dataclasses.is_dataclass(value):
        return value
    names = getattr(value, "_fields", None) or [one.name for one in dataclasses.fields(value)]
    return type(value)(**{name: shorter(getattr(value, name)) for name in names})


def without_seconds(content):
    return re.sub(r"\d+\.\d+ s\b", "", content)


@pytest.mark.parametrize(
    ("page", "more"), [("misclassifications", {"picture": "3-0023"}), ("foreground", {}), ("layer_explorer", {})]
)
def test_a_page_is_the_same_with_wrong_entries_and_with_none(page, more, folder):
    address = {"data": "Textured digits", "n": "8", **more}
    before = open_page(page, **address)
    there = entries(folder)
    assert there
    for place in there:
        place.write_bytes(FORMAT.pack(shorter(FORMAT.read(place)), place.stem))
    begin_anew()
    after = open_page(page, **address)
    assert without_seconds(html(after)) == without_seconds(html(before))
    assert [one.value for one in after.toast] == [
        "A result on the server's disk was damaged. It is computed again; the log names each."
    ]
    assert len(entries(folder)) == len(there)
    begin_anew()
    assert not open_page(page, **address).toast  # the right ones are kept


def test_an_entry_under_the_name_of_another_counts_as_damaged(tmp_path):
    cache = ResultCache(tmp_path, 10**9, (), "v")
    cache.put("maps", 1, "one")
    cache.put("maps", 2, "two")
    shutil.copy(cache._place("maps", 1), cache._place("maps", 2))
    assert cache.find("maps", 1) == "one"
    assert cache.find("maps", 2, "absent") == "absent"


def heatmaps(pictures=2, classes=3, **changes):
    said = Predictions(np.zeros(pictures, int), np.full((pictures, classes), 1 / classes, np.float32))
    made = Heatmaps({"a": np.zeros((pictures, 4, 4), np.float32)}, np.zeros(pictures, int), said, (8, 8), "m", "u")
    return dataclasses.replace(made, **changes)


@pytest.mark.parametrize(
    "found",
    [
        heatmaps(3),
        heatmaps(classes=4),
        heatmaps(maps={}),
        heatmaps(maps={"b": np.zeros((2, 4, 4), np.float32)}),
        heatmaps(maps={"a": np.zeros((2, 0, 4), np.float32)}),
        heatmaps(maps={"a": np.zeros((2, 16), np.float32)}),
        heatmaps(targets=np.array([0, 3])),
        heatmaps(targets=np.array([0.0, 1.0])),
        heatmaps(input_size=(8, 9)),
        heatmaps(segments=np.zeros((2, 8, 9), int)),
        heatmaps(quality={"error": np.zeros(3)}),
    ],
)
def test_maps_that_are_not_those_of_the_request(found):
    asked = {"pictures": 2, "classes": 3, "layers": ("a",), "size": (8, 8)}
    assert right.maps(heatmaps(segments=np.zeros((2, 8, 8), int), quality={"error": np.zeros(2)}), **asked)
    assert not right.maps(found, **asked)


def test_estimates_that_are_not_those_of_the_request():
    good = Estimate(heatmaps(targets=np.array([1, 2])), 9, 9, 1.0, "", np.zeros(2), np.zeros((2, 5)))
    assert right.estimate(good, (1, 2))
    assert not right.estimate(good, (2, 1))
    assert not right.estimate(dataclasses.replace(good, stability=np.zeros(1)), (1, 2))
    assert not right.estimate(dataclasses.replace(good, errors=np.zeros((3, 5))), (1, 2))


def test_evaluations_that_are_not_those_of_the_request():
    model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:3]
    table, problems = xai.evaluate_batch(model, digits)
    assert right.evaluated((table, problems), 3, model)
    for wrong in (
        table.iloc[:2],
        table.drop(columns="loss"),
        table.assign(predicted=10),
        table.assign(index=7),
        table.assign(correct="yes"),
    ):
        assert not right.evaluated((wrong, problems), 3, model)


def test_digit_readings_that_cannot_be():
    table = pd.DataFrame({"kind": ["tied", "untied", "share"], "value": [1.0, 0.0, np.nan]})
    assert right.shortcut_table(table)
    assert not right.shortcut_table(table.iloc[:2])
    assert not right.shortcut_table(table.assign(value=[1.0, 0.0, 1.5]))
    assert not right.shortcut_table(table.rename(columns={"value": "v"}))
