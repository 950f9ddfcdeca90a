"""JSON that is small on the disk and fills the memory, wherever JSON of somebody's is read."""

import json
import shutil

import numpy as np
import pytest

import xai_core as xai
from tests.support.limits import bounded
from xai_core import bounded_json
from xai_core.batch.grid_folder import GridFolder
from xai_core.batch.progress import read_progress
from xai_core.batch.store import StudyFolder
from xai_core.models.class_names import listed
from xai_core.models.sources.timm_models import open_timm_folder
from xai_core.questions.discovery.names import read_names
from xai_core.records import TrainingRun
from xai_core.result_format import ResultFormat
from xai_core.training.jobs.files import read_json

HOSTILE = {
    "lists": b'{"study": [' + b"[]," * 5_000_000 + b"[]]}",
    "objects": b'{"study": [' + b"{}," * 5_000_000 + b"{}]}",
    "numbers": b'{"study": [' + b"1e5," * 3_500_000 + b"1]}",
    "keys": b"{" + b",".join(b'"%x":0' % i for i in range(1_400_000)) + b"}",
    "depth": b'{"study": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "less depth": b'{"study": ' + b"[" * 500 + b"]" * 500 + b"}",  # which the parser takes
    "digits": b'{"study": ' + b"9" * 5_000 + b"}",
    "size": b'{"study": "' + b"x" * (17 << 20) + b'"}',
}


@pytest.fixture
def study(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "study")


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_opened_says_so(content, tmp_path):
    for name in ("study.json", "grid.json", "run.json", "config.json"):
        (tmp_path / name).write_bytes(content)
    for read in (StudyFolder.open, GridFolder.open, TrainingRun.open, open_timm_folder, xai.load_model):
        with bounded(2.0, 300), pytest.raises(xai.XaiError):
            read(tmp_path)


@pytest.mark.parametrize("content", [one for kind, one in HOSTILE.items() if kind != "less depth"])
def test_class_names_that_are_none(content, tmp_path):
    (tmp_path / "names.json").write_bytes(content)
    with bounded(2.0, 300), pytest.raises(xai.ModelError):
        listed(tmp_path / "names.json")


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_lies_beside_a_study_counts_as_absent(content, study):
    for name in ("summary.json", "progress.json", "names.json"):
        (study / name).write_bytes(content)
    with bounded(2.0, 300):
        found = StudyFolder.open(study)
        assert not found.complete
        assert read_progress(study, found.identity) is None
        assert read_names(found) == {}
        assert read_json(study / "progress.json") == {}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_texts_of_a_part_count_as_damaged(content, study):
    with np.load(study / "parts" / "00000.npz") as part:
        arrays = {name: part[name] for name in part.files if name != "about"}
    with (study / "parts" / "00000.npz").open("wb") as file:
        np.savez(file, about=np.frombuffer(content, np.uint8), **arrays)
    with bounded(2.0, 300):
        assert StudyFolder.open(study).problem(0) == "damaged"


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_kept_results_count_as_damaged(content, tmp_path):
    place = tmp_path / "result.npz"
    np.savez(place, about=np.frombuffer(content, np.uint8))
    with bounded(2.0, 300), pytest.raises((ValueError, KeyError)):
        ResultFormat(()).read(place)


def test_as_many_class_names_as_a_network_may_have_are_read():
    names = [f"tench, Tinca tinca, {i}" for i in range(100_000)]
    assert bounded_json.loads(json.dumps({"class_names": names}, indent=1).encode()) == {"class_names": names}


def test_text_and_bytes_are_bounded_alike():
    for content in ("[1, 2, 3]", b"[1, 2, 3]", "[1, 2, 3]".encode("utf-16")):
        assert bounded_json.loads(content, most=3) == [1, 2, 3]
        with pytest.raises(ValueError, match="It has 3 lists, objects and further values; at most 2 are read"):
            bounded_json.loads(content, most=2)


@pytest.mark.parametrize("content", ['{"cat": Infinity}', '{"cat": -1e999}', '{"cat": NaN}', '{"cat": {}}'])
def test_numbers_of_outputs_that_are_none(content, tmp_path):
    (tmp_path / "names.json").write_text(content)
    with pytest.raises(xai.ModelError, match="go by the number of the output"):
        listed(tmp_path / "names.json")
