"""Tables and annotation files that were damaged are read or refused with a sentence, in 2 s and in bounded memory."""

import os
import tarfile
from itertools import count

import datasets
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import strategies as some
from PIL import Image

import xai_core as xai
from tests.support.fuzzing import any_of, as_json, check, rewritten
from tests.support.shards import MASK, png, write
from xai_core.data import list_options, list_splits


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
        for number in range(3):
            pixels = rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels[..., 0] // 128 * 255 if folder == "masks" else pixels).save(
                tmp_path / folder / f"{number}.png"
            )
    return tmp_path


def read_all(path):
    """All that a page would ask of a file."""
    list_splits(path)
    list_options(path)
    dataset = xai.load_dataset(path)
    assert len({item.name for item in dataset.items}) == len(dataset)
    samples, _ = dataset[:6].read()
    if not samples:
        raise xai.PictureError("No picture.")
    for sample in samples:
        assert sample.pixels.dtype == np.uint8
        if sample.mask is not None:
            assert sample.mask.shape == sample.pixels.shape[:2]
            assert set(np.unique(sample.mask).tolist()) <= {0, 1, 255}


def reader(path):
    ticks = count()

    def read(content):
        path.write_bytes(content)
        os.utime(path, ns=(next(ticks),) * 2)  # many are written within a tick of the clock
        read_all(path)

    return read


ROWS = "images/0.png,cat,train,masks/0.png,p1\nimages/1.png,dog,test,masks/1.png,p1\nimages/2.png,cat,test,,p2\n"
TABLES = {
    ".csv": [
        "file,label,split,mask,patient_id\n" + ROWS,
        "file;labels\nimages/0.png;cat|dog\nimages/1.png;dog\n",
        "file,cat,dog\nimages/0.png,1,0\nimages/1.png,-1,1\n",
        "images/0.png,cat\nimages/1.png,dog\n",
    ],
    ".tsv": ["file\tclass\nimages/0.png\tcat\nimages/1.png\tdog\n"],
    ".jsonl": [
        '{"file": "images/0.png", "label": "cat", "mask": "masks/0.png"}\n{"file": "images/1.png", "label": ["a", "b"]}'
    ],
}


@pytest.mark.parametrize("ending", TABLES)
def test_tables(pictures, ending):
    check(any_of(*(text.encode() for text in TABLES[ending])), reader(pictures / f"list{ending}"))


def test_tables_of_parquet(pictures):
    path = pictures / "list.parquet"
    pd.DataFrame({"file": ["images/0.png", "images/1.png"], "label": ["cat", "dog"]}).to_parquet(path)
    check(any_of(path.read_bytes()), reader(path))


def coco():
    square = [2, 1, 6, 1, 6, 5, 2, 5]
    runs = {"size": [9, 12], "counts": [5, 10, 93]}
    return {
        "images": [{"id": n, "file_name": f"images/{n}.png", "height": 9, "width": 12} for n in range(3)],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"image_id": 0, "category_id": 1, "segmentation": [square], "iscrowd": 0},
            {"image_id": 0, "category_id": 2, "bbox": [1, 2, 5, 6]},
            {"image_id": 1, "category_id": 2, "segmentation": runs | {"counts": "5:m2"}},
            {"image_id": 2, "category_id": 1, "segmentation": runs, "iscrowd": 1},
            {"image_id": 2, "category_id": 1, "segmentation": runs},
        ],
    }


def test_cocos_json(pictures):
    changed = some.one_of(any_of(as_json(coco())), rewritten(coco()).map(as_json))
    check(changed, reader(pictures / "instances.json"))


def test_labelmes_json(pictures):
    shapes = [
        {"label": "cat", "points": [[2, 1], [6, 1], [6, 5]], "shape_type": "polygon"},
        {"label": "dog", "points": [[2, 1], [6, 5]], "shape_type": "rectangle"},
        {"label": "bee", "points": [[5, 5], [6, 7]], "shape_type": "circle"},
    ]
    content = {"shapes": shapes, "imagePath": "images/0.png", "imageHeight": 9, "imageWidth": 12}
    check(some.one_of(any_of(as_json(content)), rewritten(content).map(as_json)), reader(pictures / "0.json"))


def test_yolos_description(pictures):
    (pictures / "labels").mkdir()
    (pictures / "labels" / "0.txt").write_text("0 0.5 0.5 0.4 0.4\n1 0.1 0.1 0.5 0.1 0.5 0.9\n")
    whole = {"path": ".", "val": "images", "train": ["images"], "names": ["cat", "dog"]}
    seed = b"path: .\nval: images\nnames:\n  0: cat\n  1: dog\n"
    changed = rewritten(whole).map(lambda value: yaml.safe_dump(value).encode())
    check(some.one_of(any_of(seed), changed), reader(pictures / "data.yaml"))


def test_yolos_labels(pictures):
    (pictures / "labels").mkdir()
    (pictures / "data.yaml").write_text("val: images\nnames: [cat, dog]\n")

    def read(content):
        (pictures / "labels" / "0.txt").write_bytes(content)
        read_all(pictures / "data.yaml")

    check(any_of(b"0 0.5 0.5 0.4 0.4\n1 0.1 0.1 0.5 0.1 0.5 0.9\n", b"0 0.2 0.2 0.1 0.1 0.9"), read)


def test_npz(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)
    arrays = {"test_images": pixels, "test_labels": np.array([[0], [1], [0]]), "test_masks": pixels // 128}
    np.savez(tmp_path / "a.npz", **arrays)
    np.savez_compressed(tmp_path / "b.npz", **arrays)
    seeds = [(tmp_path / name).read_bytes() for name in ("a.npz", "b.npz")]
    check(any_of(*seeds), reader(tmp_path / "pathmnist.npz"))


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_shards(tmp_path, kind):
    files = [("x" * 120 + ".png", 0), ("a.png", 1), ("a.cls", "1"), ("a.mask.png", png(MASK * 255))]
    seed = write(tmp_path / "seed.tar", [*files, ("b.png", 2), ("b.json", {"y": 2})], kind).read_bytes()
    check(any_of(seed), reader(tmp_path / "a.tar"))


def hugging():
    datasets.disable_progress_bars()
    pictures = [Image.new("RGB", (5, 4), (number, 0, 0)) for number in range(3)]
    features = {"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])}
    columns = {"image": pictures, "label": [0, 1, 1], "mask": pictures, "group": ["a", "b", "b"]}
    features |= {"mask": datasets.Image(), "group": datasets.Value("string")}
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def test_arrow(tmp_path):
    hugging().save_to_disk(tmp_path / "saved")
    seed = (tmp_path / "saved" / "data-00000-of-00001.arrow").read_bytes()
    check(any_of(seed), reader(tmp_path / "a.arrow"))


def test_parquet(tmp_path):
    hugging().to_parquet(tmp_path / "a.parquet")
    check(any_of((tmp_path / "a.parquet").read_bytes()), reader(tmp_path / "a.parquet"))
