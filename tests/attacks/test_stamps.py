"""What is kept is known by what it was made of: under the same name, other pictures give other numbers."""

import io
import json
import os

import numpy as np
from PIL import Image

import xai_core as xai
from app.cache import stamps
from app.controls import plain
from xai_core.records import PictureSource, RunWriter, TrainingRun


def png(level):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (level, level, level)).save(file, "PNG")
    return file.getvalue()


def record(folder, level, predicted=0):
    writer = RunWriter(folder)
    writer.begin(
        name="r",
        class_names=["a", "b"],
        pictures=["p"],
        labels=np.array([0]),
        source=PictureSource(),
        pngs=[png(level)],
    )
    writer.epoch(1, np.array([predicted]), np.ones(1, np.float32), np.ones(1, np.float32))


def ids(run):
    return [item.stamp for item in xai.run_pictures(run).items]


def test_other_pictures_in_a_record_are_others_under_the_same_names(tmp_path):
    record(tmp_path / "run", 10)
    run, stamp = TrainingRun.open(tmp_path / "run"), stamps.run_stamp(tmp_path / "run")
    before = ids(run)
    assert ids(TrainingRun.open(tmp_path / "run")) == before
    assert stamps.run_stamp(tmp_path / "run") == stamp
    record(tmp_path / "run", 200)
    assert stamps.run_stamp(tmp_path / "run") != stamp
    assert ids(TrainingRun.open(tmp_path / "run")) != before


def test_an_epoch_that_is_written_over_in_its_place_is_another_record(tmp_path):
    record(tmp_path / "a", 10)
    record(tmp_path / "b", 10, predicted=1)
    stamp = stamps.run_stamp(tmp_path / "a")
    content = (tmp_path / "b" / "epochs" / "0001.parquet").read_bytes()
    with (tmp_path / "a" / "epochs" / "0001.parquet").open("r+b") as file:  # no file comes or goes
        file.truncate()
        file.write(content)
    assert stamps.run_stamp(tmp_path / "a") != stamp


def test_other_pictures_of_an_instanceflow_file_are_others_under_the_same_names(tmp_path):
    (tmp_path / "p.png").write_bytes(png(10))
    content = {
        "labels": ["a", "b"],
        "instances": [{"id": "p", "actual": 0, "image": "p.png"}],
        "epochs": [{"id": "1", "classifications": [0]}],
    }
    (tmp_path / "run.json").write_text(json.dumps(content))
    run = TrainingRun.from_instanceflow(tmp_path / "run.json")
    before, stamp = ids(run), stamps.pictures_stamp(run)
    assert (ids(run), stamps.pictures_stamp(run)) == (before, stamp)
    (tmp_path / "new").write_bytes(png(200))
    os.replace(tmp_path / "new", tmp_path / "p.png")  # noqa: PTH105 (as a program would)
    assert ids(run) != before
    assert stamps.pictures_stamp(run) != stamp


def test_a_file_that_is_put_in_the_place_of_another_of_its_size_and_time_is_another(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (1, 1))
    stamp = stamps.file_stamp(tmp_path / "a")
    os.replace(tmp_path / "b", tmp_path / "a")  # noqa: PTH105 (as a program would)
    assert stamps.file_stamp(tmp_path / "a") != stamp


def test_the_icon_of_streamlit_is_no_name():
    assert ":streamlit" not in plain("a :streamlit: b").replace("\\", "")
