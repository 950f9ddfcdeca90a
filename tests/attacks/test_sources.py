"""Each kind of source, written over under its name with its size and its time: caches give what it holds now."""

import io
import json
import os
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import xai_core as xai
from app import cache
from tests.support.runs import draw
from tests.support.shards import write
from xai_core.records import PictureSource, RunWriter
from xai_core.shipped import RUNS


def overwrite(path, content):
    """The file stays the same one for its folder, and as large and as old as before."""
    before = path.stat()
    assert len(content) == before.st_size
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def bmp(path, level, size=(64, 64)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, level).save(path)
    return path


def listed(path, *options):
    """The data set as the pages have it."""
    while True:
        try:
            return cache.listing.dataset(str(path), None, cache.listing.looked(str(path)).watched.stamp, options)
        except cache.listing.Unlisted:
            continue


@pytest.fixture(scope="module")
def honest():
    return xai.load_model("digits")


def read(path, model):
    samples, problems = cache.data.pictures(listed(path), model, lambda *_: None)
    assert not problems
    return samples


def test_pictures(tmp_path, honest):
    path, other = bmp(tmp_path / "set" / "a" / "1.bmp", 10), bmp(tmp_path / "other.bmp", 200)
    stamp = cache.stamps.data_stamp(honest, listed(tmp_path / "set"))
    assert read(tmp_path / "set", honest)[0].pixels.max() == 10
    overwrite(path, other.read_bytes())
    (sample,) = read(tmp_path / "set", honest)
    assert sample.pixels.min() == 200
    assert cache.stamps.data_stamp(honest, listed(tmp_path / "set")) != stamp  # evaluations are kept by it


def test_masks(tmp_path, honest):
    bmp(tmp_path / "set" / "images" / "1.bmp", 10)
    path, other = bmp(tmp_path / "set" / "masks" / "1.bmp", 0), bmp(tmp_path / "other.bmp", 255)
    assert not read(tmp_path / "set", honest)[0].mask.any()
    overwrite(path, other.read_bytes())
    assert read(tmp_path / "set", honest)[0].mask.all()


@pytest.mark.parametrize("name", ["labels.csv", "below/labels.csv"])
def test_lists(name, tmp_path):
    for number in range(2):
        bmp(tmp_path / name.rpartition("/")[0] / f"{number}.bmp", number)
    path = tmp_path / name
    path.write_text("file,label\n0.bmp,cat\n1.bmp,dog\n")
    assert listed(path).labels == ("cat", "dog")
    overwrite(path, b"file,label\n0.bmp,dog\n1.bmp,cow\n")
    assert listed(path).labels == ("dog", "cow")


def _npz(path, content):
    np.savez(path, images=np.full((2, 64, 64, 3), level(content), np.uint8), labels=np.array([3, 8]))


def _parquet(path, content):
    pq.write_table(pa.table({"image": [content] * 2, "label": ["3", "8"]}), path, compression="none")


def _tar(path, content):
    write(path, [("1.bmp", content), ("2.bmp", content)])


def level(content):
    return Image.open(io.BytesIO(content)).getextrema()[0]


@pytest.mark.parametrize(
    ("ending", "save", "inside"),
    [
        ("npz", _npz, False),
        ("parquet", _parquet, False),
        ("parquet", _parquet, True),
        ("tar", _tar, False),
        ("tar", _tar, True),
    ],
)
def test_files_with_pictures_in_them(ending, save, inside, tmp_path, honest):
    place = tmp_path / "set" / f"a.{ending}"
    place.parent.mkdir()
    save(place, bmp(tmp_path / "10.bmp", 10).read_bytes())
    save(tmp_path / f"other.{ending}", bmp(tmp_path / "200.bmp", 200).read_bytes())
    asked = place.parent if inside else place
    stamp = cache.stamps.data_stamp(honest, listed(asked))
    assert [sample.pixels.max() for sample in read(asked, honest)] == [10, 10]
    overwrite(place, (tmp_path / f"other.{ending}").read_bytes())
    assert cache.stamps.data_stamp(honest, listed(asked)) != stamp
    assert [sample.pixels.min() for sample in read(asked, honest)] == [200, 200]


def test_records(tmp_path):
    made = draw(1, 1, 6, 3)
    writer = RunWriter(tmp_path / "run")
    said = {"name": "r", "class_names": made.class_names, "pictures": made.pictures, "labels": made.labels}
    writer.begin(**said, source=PictureSource())
    files = []
    for predictions in (made.labels, (made.labels + 1) % 3):
        writer.epoch(1, predictions, np.ones(6, np.float32), np.ones(6, np.float32))
        files.append((tmp_path / "run" / "epochs" / "0001.parquet").read_bytes())
    path = tmp_path / "run" / "epochs" / "0001.parquet"

    def right():
        return cache.runs.run(str(tmp_path / "run"), cache.stamps.run_stamp(tmp_path / "run")).correct.mean()

    assert right() == 0
    overwrite(path, files[0])
    assert right() == 1


def test_instanceflow_files(tmp_path):
    content = {
        "labels": ["a", "b"],
        "instances": [{"id": "p", "actual": 0}],
        "epochs": [{"id": "1", "classifications": [0]}],
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(content))

    def right():
        return cache.runs.run(str(path), cache.stamps.run_stamp(path)).correct.mean()

    assert right() == 1
    content["epochs"][0]["classifications"] = [1]
    overwrite(path, json.dumps(content).encode())
    assert right() == 0


def test_checkpoints(tmp_path):
    path = tmp_path / "model.safetensors"
    files = [RUNS[key][1] / "checkpoints" / "0024.safetensors" for key in ("digits", "digits_shortcut")]
    shutil.copy(files[0], path)
    picture = [xai.load_dataset("textured_digits")[0]]

    def ask():
        chosen = cache.models.classifier(str(path), (), cache.stamps.model_stamp(path))
        of_an_epoch = cache.models.checkpoint(path)
        one, other = (xai.predict(model, picture).probabilities for model in (chosen, of_an_epoch))
        assert (one == other).all()
        assert chosen.id == of_an_epoch.id
        return one

    before = ask()
    overwrite(path, files[1].read_bytes())
    assert not (ask() == before).all()


def test_class_names(honest):
    """They are said beside the weights: the same weights with other names are another evaluation, and another model."""
    digits = xai.load_dataset("textured_digits")[:2]
    path = str(RUNS["digits"][1] / "checkpoints" / "0024.safetensors")
    named = [
        cache.models.classifier(path, (("class_names", tuple(names)),), cache.stamps.model_stamp(path))
        for names in ("0123456789", "abcdefghij")
    ]
    assert [model.class_names[3] for model in named] == ["3", "d"]
    assert len({cache.stamps.data_stamp(model, digits) for model in named}) == 2


def test_studies(tmp_path):
    path = tmp_path / "study" / "study.json"
    path.parent.mkdir()

    def head(model):
        said = {"kind": "layers", "request": {"model": model}, "class_names": ["a"], "stamp": "s", "parts": 1}
        said |= {"model_id": "m", "pictures": 1, "layers": ["a"], "input_size": [8, 8]}
        return json.dumps({"format": "xai-core study", "version": 1, **said}).encode()

    path.write_bytes(head("one"))
    assert cache.study_folders.study(str(tmp_path / "study")).head["request"]["model"] == "one"
    overwrite(path, head("two"))
    assert cache.study_folders.study(str(tmp_path / "study")).head["request"]["model"] == "two"
