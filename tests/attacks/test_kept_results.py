"""Kept results that are whole and of another kind, that unpack to gigabytes, or name one array a million times."""

import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import xai_core as xai
from tests.support.limits import bounded
from xai_core import result_format
from xai_core.inference.evaluation import BatchEvaluation
from xai_core.result_cache import ResultCache
from xai_core.result_types import fits, returned
from xai_core.types import FloatArray, Predictions

KINDS = (Predictions,)


def cache(folder):
    return ResultCache(folder, 10**9, KINDS, "v")


def predictions(count=2):
    return Predictions(np.zeros(count, int), np.full((count, 3), 1 / 3, np.float32))


@pytest.mark.parametrize("wrong", ["a text", 7, None, {"a": 1}, (1, 2), pd.DataFrame({"a": [1]})])
def test_a_whole_entry_of_another_kind_is_computed_again(tmp_path, wrong):
    there = cache(tmp_path)
    there.put("maps", 1, wrong)
    assert there.find("maps", 1, kind=type(wrong) if wrong is not None else None) is not None or wrong is None
    found = there.get("maps", 1, predictions, Predictions)
    assert isinstance(found, Predictions)
    assert isinstance(cache(tmp_path).find("maps", 1, kind=Predictions), Predictions)  # the right one is kept
    assert there.take_news() == ["A result on the server's disk was damaged. It is computed again; the log names each."]


def test_a_record_whose_fields_are_of_another_kind_counts_as_damaged(tmp_path):
    there = cache(tmp_path)
    there.put("maps", 1, Predictions("no classes", 7))
    assert there.find("maps", 1, "absent") == "absent"


@pytest.mark.parametrize(
    ("value", "kind", "right"),
    [
        (1, int, True),
        (np.int64(1), int, True),
        (1, float, True),
        ("1", float, False),
        (None, int | None, True),
        ("a", int | None, False),
        ((1, "a"), tuple[int, str], True),
        ((1, 2), tuple[int, str], False),
        ((1, 2, 3), tuple[int, ...], True),
        ({"a": 1}, dict[str, int], True),
        ({"a": "b"}, dict[str, int], False),
        (["a"], list[str], True),
        (np.zeros(2), FloatArray, True),
        ([0.0, 1.0], FloatArray, False),
        ("a", FloatArray | None, False),
        ("a", list[int], False),
        (object(), object, True),
    ],
)
def test_what_fits_an_annotation(value, kind, right):
    assert fits(value, kind) is right


def test_what_functions_say_that_they_give_is_known_where_they_say_it():
    assert returned(xai.evaluate_batch) == BatchEvaluation


def packed(table):
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


@pytest.mark.parametrize("texts", [False, True])
def test_a_table_that_would_fill_the_memory_is_let_go(tmp_path, texts, monkeypatch):
    monkeypatch.setattr("xai_core.result_format.MAX_TABLE", 10_000_000)
    values = pa.array(["x" * 100_000] * 200) if texts else pa.array(np.zeros(2_000_000))
    content = packed(pa.table({"a": values}))
    assert len(content) < 100_000
    there = cache(tmp_path)
    there.put("t", 1, 0)
    with there._place("t", 1).open("wb") as file:
        np.savez(file, about=np.frombuffer(b'{"table": 0}', np.uint8), a0=np.frombuffer(content, np.uint8))
    assert isinstance(there.find("t", 1, "absent"), str)
    monkeypatch.setattr("xai_core.result_format.MAX_TABLE", 10**9)
    with there._place("t", 1).open("wb") as file:
        np.savez(file, about=np.frombuffer(b'{"table": 0}', np.uint8), a0=np.frombuffer(content, np.uint8))
    assert len(there.find("t", 1)) == len(values)


@pytest.mark.parametrize("kind", ["array", "table"])
def test_what_a_kept_result_names_again_and_again_is_not_read_again(tmp_path, kind):
    there, array = cache(tmp_path), np.zeros(1_000_000)
    content = np.frombuffer(packed(pa.table({"a": array})), np.uint8) if kind == "table" else array
    there.put("t", 1, 0)
    for times in (200, 1):
        about = json.dumps({"list": [{kind: 0}] * times}).encode()
        with there._place("t", 1).open("wb") as file:
            np.savez(file, about=np.frombuffer(about, np.uint8), a0=content)
        with bounded(2.0, 100):
            found = there.find("t", 1, "absent")
        assert found == "absent" if times > 1 else len(found[0]) == len(array)


def test_a_kept_result_of_holes_is_not_read(tmp_path):
    there = cache(tmp_path)
    there.put("t", 1, 0)
    with there._place("t", 1).open("r+b") as file:
        file.truncate(1 << 40)
    with bounded(2.0, 50):
        assert there.find("t", 1, "absent") == "absent"


def test_a_result_that_would_not_be_read_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(result_format, "MAX_RESULT", 1_000_000)
    there = cache(tmp_path)
    there.put("t", 1, np.zeros(1_000_000))
    there.put("t", 2, np.zeros(10))
    assert isinstance(there.find("t", 1, "absent"), str)
    assert len(there.find("t", 2)) == 10
