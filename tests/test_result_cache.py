"""Results on disk: what comes back equals what was kept, or is computed again."""

import io
import os
import subprocess
import sys
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from app.jobs import queue as work
from xai_core import result_cache, studies
from xai_core.result_cache import ResultCache, from_environment

LARGE = 1 << 30


@pytest.fixture
def cache(tmp_path):
    return ResultCache(tmp_path / "cache", LARGE, work._result_types(), "1")


def never():
    raise AssertionError("It is computed though it is there.")


def again(cache, version="1"):
    """Another server's view of the same folder."""
    return ResultCache(cache.folder, cache.limit, work._result_types(), version)


def entries(cache):
    return sorted(cache.folder.glob("??/*.npz"))


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, np.ndarray | np.generic):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, tuple | list):
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif hasattr(one, "__dataclass_fields__"):
        for name in one.__dataclass_fields__:
            assert_same(getattr(one, name), getattr(other, name))
    else:
        assert one == other or (one != one and other != other)


@pytest.fixture(scope="module")
def digits():
    model = xai.load_model("digits")
    return model, [model.preprocessing.prepare(one) for one in xai.load_dataset("textured_digits", split="test")[:2]]


RESULTS = {
    "heatmaps": lambda model, samples: xai.grad_cam(model, samples, layers="stages"),
    "predictions": lambda model, samples: xai.predict(model, samples),
    "lime": lambda model, samples: xai.lime(model, samples[0], num_samples=40, segments="slic"),
    "trust": lambda model, samples: xai.trust_map(model, samples[0]),
    "intervention": lambda model, samples: xai.intervention(model, samples, targets=[1, 2], fill="mean", lenders=None),
    "evaluation": lambda model, samples: xai.evaluate_batch(model, samples),
    "named pairs": lambda *_: [studies.Agreement(0.5, float("nan")), studies.ObjectAttention(*np.ones((3, 2)))],
    "pair of arrays": lambda *_: (np.ones((2, 3), np.float32), 0.25),
    "pairs of numbers": lambda *_: [(0.5, float("nan")), (np.float64(0.25), -0.0)],
    "everything else": lambda *_: {"a": None, 3: (True, "ä", [], {}), "scalar": np.int64(7), "empty": np.empty((0, 4))},
}


@pytest.mark.parametrize("kind", RESULTS)
def test_results_come_back_as_they_were(kind, cache, digits):
    value = RESULTS[kind](*digits)
    assert_same(cache.get(kind, 1, lambda: value), value)
    assert_same(again(cache).get(kind, 1, never), value)
    assert len(entries(cache)) == 1


def test_whatever_the_result_depends_on_is_told_apart(cache):
    assert cache.get("one", (1, "a"), lambda: 1) == 1
    assert cache.get("other", (1, "a"), lambda: 2) == 2
    assert cache.get("one", (1, "b"), lambda: 3) == 3
    assert cache.get("one", ("1", "a"), lambda: 4) == 4
    assert again(cache, version="2").get("one", (1, "a"), lambda: 5) == 5
    assert [again(cache).get(*asked, never) for asked in (("one", (1, "a")), ("other", (1, "a")))] == [1, 2]


def test_an_error_is_not_kept(cache):
    with pytest.raises(xai.ModelError, match="no"):
        cache.get("one", 1, lambda: (_ for _ in ()).throw(xai.ModelError("no")))
    assert cache.get("one", 1, lambda: 2) == 2


def test_no_flipped_byte_changes_a_number_unseen(cache, digits):
    value = RESULTS["heatmaps"](*digits)
    cache.put("maps", 1, value)
    (entry,) = entries(cache)
    whole = entry.read_bytes()
    for position in np.linspace(0, len(whole) - 1, 150).astype(int):
        changed = bytearray(whole)
        changed[position] ^= 0x10
        entry.write_bytes(changed)
        found = cache.find("maps", 1, None)
        if found is not None:  # bytes that mean nothing, such as dates
            assert_same(found, value)
        else:
            assert not entry.exists()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        entry.write_bytes(whole[:length])
        assert cache.find("maps", 1, None) is None


def test_a_damaged_result_is_computed_again_and_that_is_said_once(cache, caplog):
    cache.put("one", 1, np.arange(1000))
    (entry,) = entries(cache)
    for _ in range(2):
        content = bytearray(entry.read_bytes())
        content[len(content) // 2] ^= 0xFF
        entry.write_bytes(content)
        np.testing.assert_array_equal(cache.get("one", 1, lambda: np.arange(1000)), np.arange(1000))
    assert cache.take_news() == ["A result on the server's disk was damaged. It is computed again; the log names each."]
    assert cache.take_news() == []
    assert caplog.text.count("is damaged and computed again") == 2  # the log says each
    np.testing.assert_array_equal(again(cache).get("one", 1, never), np.arange(1000))


def archive(**members):
    buffer = io.BytesIO()
    np.savez(buffer, **members)
    return buffer.getvalue()


def about(text):
    return np.frombuffer(text.encode(), np.uint8)


def compressed():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, about=about('{"array": 0}'), a0=np.zeros(10_000_000))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        archive(about=about('{"array": 0}'), a0=np.array([print], dtype=object)),
        archive(about=np.array([print], dtype=object)),
        archive(about=about('{"Popen": {"args": "true"}}')),
        archive(about=about('{"Heatmaps": {"maps": 1}}')),
        archive(about=about('{"array": 5}')),
        archive(about=about("{}")),
        archive(about=about("[" * 100_000)),
        compressed(),
        b"\x80\x04\x95",
    ],
    ids=["object array", "object head", "another type", "fields", "member", "empty", "deep", "compressed", "pickle"],
)
def test_what_others_put_there_is_not_run_and_not_believed(content, cache):
    cache.put("one", 1, 5)
    (entry,) = entries(cache)
    entry.write_bytes(content)
    started = time.thread_time()
    assert cache.get("one", 1, lambda: 6) == 6
    assert time.thread_time() - started < 2
    assert cache.take_news()


def test_a_value_of_another_kind_is_given_and_not_kept(cache, caplog):
    assert cache.get("one", 1, lambda: {1, 2}) == {1, 2}
    assert not entries(cache)
    assert "cannot be kept" in caplog.text


def test_what_was_not_used_for_longest_goes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(result_cache, "TRIM_EVERY", 8)
    cache = ResultCache(tmp_path, 1_000_000, (), "1")
    for number in range(7):
        cache.put("one", number, np.full(20_000, number))  # 160 kB each
        os.utime(cache._place("one", number), (number, number))
    assert cache.find("one", 0) is not None  # used just now
    cache.put("one", 7, np.full(20_000, 7))
    assert [number for number in range(8) if cache.find("one", number, None) is not None] == [0, 4, 5, 6, 7]


def test_unfinished_files_of_ended_processes_are_removed_at_the_next_start(cache, caplog):
    cache.put("one", 1, 5)
    old, young = (entries(cache)[0].with_suffix(end) for end in (".old.new", ".young.new"))
    for draft in (old, young):
        draft.write_bytes(b"PK")
    os.utime(old, (1, 1))
    again(cache)
    assert not old.exists()
    assert young.exists()  # another process may be writing it
    assert "1 unfinished" in caplog.text


def test_processes_that_ask_for_the_same_compute_it_once(tmp_path):
    code = """
import sys, time
from pathlib import Path
from xai_core.result_cache import ResultCache
cache = ResultCache(Path(sys.argv[1]), 1 << 30, (), "1")
def compute():
    print("computed", flush=True)
    time.sleep(1)
    return 7
print("ready", flush=True)
sys.stdin.readline()
print(cache.get("one", 1, compute))
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    said = "".join(process.communicate(timeout=60)[0] for process in running)
    assert said.split().count("7") == 3
    assert said.count("computed") == 1


def test_nobody_waits_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(result_cache, "PATIENCE_S", 0.2)
    cache, other = (ResultCache(tmp_path, LARGE, (), "1") for _ in range(2))
    with cache._turn(cache._place("one", 1)) as waited:
        assert not waited
        assert other.get("one", 1, lambda: 5) == 5


def test_the_environment_says_where_and_how_much(tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("XAI_CACHE_DIR", raising=False)
    assert from_environment(never) is None
    monkeypatch.setenv("XAI_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("XAI_CACHE_MB", "12")
    assert from_environment(tuple).limit == 12_000_000
    assert from_environment(tuple).folder == tmp_path
    monkeypatch.setenv("XAI_CACHE_MB", "much")
    assert from_environment(tuple).limit == 4096 * 1_000_000
    assert "XAI_CACHE_MB is no whole number" in caplog.text


def test_other_code_finds_nothing_of_this_one(tmp_path, monkeypatch):
    (tmp_path / "maths.py").write_text("a = 1")
    monkeypatch.setattr(result_cache, "__file__", str(tmp_path / "result_cache.py"))
    before = result_cache.code_version()
    assert result_cache.code_version() == before
    (tmp_path / "maths.py").write_text("a = 2")
    assert result_cache.code_version() != before


def test_entries_are_archives_that_any_numpy_reads(cache):
    cache.put("one", 1, {"values": np.arange(3)})
    (entry,) = entries(cache)
    assert zipfile.is_zipfile(entry)
    np.testing.assert_array_equal(np.load(entry)["a0"], np.arange(3))
