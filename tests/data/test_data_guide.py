"""docs/data.md says what the code reads: each row of its tables is read as it says, and nothing is missing."""

import json
import re
from pathlib import Path

import datasets
import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.known_sets import KNOWN
from tests.support.layouts import CASES, Case, of
from tests.support.shards import MASK, png, write
from xai_core.data import list_layouts, list_options, list_splits
from xai_core.data.decisions.codings import CODINGS
from xai_core.data.recognising import layout_of
from xai_core.data.table_columns import find_columns
from xai_core.data.table_rows import Row, Rows

GUIDE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
OWN = [layout for layout in list_layouts() if layout.load.__module__.startswith("xai_core.")]
NAMED = {case.name: case for case in (*CASES, *KNOWN)}


def table_with(title):
    """First cell -> the others, of the table whose first column has that title."""
    block = re.search(rf"^\| {re.escape(title)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)[1]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.splitlines()]
    return {row[0].strip("`"): row[1:] for row in rows}


ROWS = table_with("layout")


def _mask(path):
    Image.fromarray(np.pad(np.full((4, 6), 15, np.uint8), 3)).save(path)


def _hugging(path):
    datasets.disable_progress_bars()
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    pictures = {"image": [Image.new("RGB", (9, 8), (n, 0, 0)) for n in range(2)], "label": [0, 1]}
    features["mask"] = datasets.Image()
    pictures["mask"] = [Image.fromarray(np.eye(8, 9, dtype=np.uint8) * 255)] * 2
    there = datasets.Dataset.from_dict(pictures, features=features)
    for split in ("train", "test"):
        there.to_parquet(path.parent / f"{split}-00000-of-00001.parquet")


def _npz(path):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)
    arrays = {"images": pixels, "labels": np.array([[0], [1], [0]]), "masks": pixels // 128}
    np.savez(path, **{f"{split}_{key}": value for split in ("train", "test") for key, value in arrays.items()})


def _shards(path):
    files = [("1.png", 1), ("1.cls", "0"), ("1.mask.png", png(MASK * 255)), ("2.png", 2), ("2.json", {"class": "dog"})]
    for split in ("train", "val"):
        write(path.parent / f"{split}-000.tar", files)


def _stack(path):
    pages = [Image.new("L", (9, 8), value) for value in (1, 2)]
    pages[0].save(path, save_all=True, append_images=pages[1:])


def _coco(*names):
    images = [{"id": n, "file_name": name, "width": 12, "height": 10} for n, name in enumerate(names)]
    boxes = [{"image_id": n, "category_id": 1, "bbox": [1, 2, 5, 6]} for n in range(len(names))]
    return json.dumps({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]})


_SHAPES = json.dumps(
    {
        "shapes": [{"label": "cat", "points": [[2, 1], [6, 5]], "shape_type": "rectangle"}],
        "imagePath": "1.png",
        "imageHeight": 10,
        "imageWidth": 12,
    }
)
_TINY = (
    ("wnids.txt", "n02123045\n"),
    ("words.txt", "n02123045\ttabby\n"),
    "val/images/1.JPEG",
    ("val/val_annotations.txt", "1.JPEG\tn02123045\t1\t2\t4\t5\n"),
    "train/n02123045/images/2.JPEG",
    ("train/n02123045/n02123045_boxes.txt", "2.JPEG\t1\t2\t4\t5\n"),
)


def _isic(split, number):
    name = f"ISIC_000000{number}"
    return (
        f"ISIC_{split}_Input/{name}.jpg",
        f"ISIC_{split}_GroundTruth/{name}_segmentation.png m",
        (f"ISIC_{split}_GroundTruth.csv", f"image,melanoma,nevus\n{name},0.0,1.0\n"),
    )


# An example of each row that has masks and splits where such a set can have them; labels as they come.
EXAMPLES = {
    "voc": Case(
        "voc",
        (
            *of("VOC2012/JPEGImages/{}.jpg", 1, 2),
            *((f"VOC2012/SegmentationClass/{n}.png", _mask) for n in (1, 2)),
            ("VOC2012/ImageSets/Segmentation/val.txt", "1\n"),
            ("VOC2012/ImageSets/Segmentation/train.txt", "2\n"),
        ),
        {"person": 1},
    ),
    "cub": NAMED["CUB's test split by box"],
    "stanford_dogs": NAMED["Stanford Dogs with lists"],
    "pets": NAMED["Oxford-IIIT Pet"],
    "imagenet_val": NAMED["ImageNet's validation folder as Kaggle has it"],
    "isic": Case("isic", (*_isic("Training", 1), *_isic("Test", 2)), {"nevus": 1}),
    "tiny_imagenet": Case("tiny", _TINY, {"tabby": 1}),
    "hugging_face": Case("hugging face", (("data/x", _hugging),), {"cat": 1, "dog": 1}),
    "coco": Case(
        "coco",
        (
            "train/1.png",
            ("train/_annotations.coco.json", _coco("1.png")),
            "valid/2.png",
            ("valid/_annotations.coco.json", _coco("2.png")),
        ),
        {"cat": 1},
    ),
    "yolo": Case(
        "yolo",
        (
            ("data.yaml", "train: images/train\nval: images/val\nnames: [cat]\n"),
            *of("images/{}/1.png", "train", "val"),
            *((f"labels/{split}/1.txt", "0 0.5 0.5 0.4 0.4") for split in ("train", "val")),
        ),
        {"cat": 1},
    ),
    "labelme": Case(
        "labelme",
        tuple(file for split in ("train", "val") for file in (f"{split}/1.png", (f"{split}/1.json", _SHAPES))),
        {"cat": 1},
    ),
    "webdataset": Case("webdataset", (("x", _shards), ("classes.txt", "cat\n")), {"cat": 1, "dog": 1}),
    "tabulated": Case(
        "table",
        (
            *of("scans/{}.png", 1, 2),
            *of("lines/{}.png m", 1, 2),
            ("a.csv", "file,label,split,mask\nscans/1.png,cat,train,lines/1.png\nscans/2.png,dog,val,lines/2.png\n"),
        ),
        {"dog": 1},
    ),
    "masked": Case("masked", (*of("images/cat/{}.png", 1), *of("masks/cat/{}.png m", 1)), {"cat": 1}),
    "npz": Case("npz", (("a.npz", _npz),), {"0": 2, "1": 1}),
    "stack": Case("stack", (("a.tif", _stack),), {None: 2}),
    "folders": NAMED["splits and classes in images and masks"],
}
_IS_A_FILE = {"npz": "a.npz", "stack": "a.tif"}


def test_the_table_has_a_row_for_each_layout_in_the_order_in_which_they_are_asked():
    assert [key for key in ROWS if key in {layout.key for layout in OWN}] == [layout.key for layout in OWN]


@pytest.mark.parametrize("key", ROWS)
def test_each_row_is_read_as_it_says(key, tmp_path):
    case = EXAMPLES[key]
    root = case.write(tmp_path / "set") / _IS_A_FILE.get(key, "")
    _, labels, masks, splits = ROWS[key]
    assert layout_of(root).key == key
    dataset = xai.load_dataset(root, split=case.split)
    samples = [sample for sample in dataset if not masks.startswith("none")]
    assert {item.label for item in dataset.items} == set(case.labels)
    assert (labels == "none") == (set(case.labels) == {None})
    assert (masks == "none") == (not any(sample.mask is not None for sample in samples))
    assert (splits == "none") == (list_splits(root) == ())
    if any(sample.by_box for sample in samples):
        assert "by box" in masks


@pytest.mark.parametrize("layout", OWN, ids=lambda layout: layout.key)
def test_each_row_names_the_files_that_may_be_given_and_the_options(layout):
    said = " ".join(ROWS[layout.key])
    for ending in layout.files:
        assert ending in said, f"{layout.key} reads {ending}"
    for option in layout.options:
        assert f"`{option.key}`" in GUIDE, f"{layout.key} has the option {option.key}"


def test_what_can_be_said_of_folders(tmp_path):
    rows = table_with("option")
    options = {option.key: option for option in list_options(CASES[0].write(tmp_path))}
    assert set(rows) == set(options)
    for key, (said,) in rows.items():
        named = set(re.findall(r"`(\w+)`", said)) & {str(choice) for choice in options[key].choices}
        assert named == set(options[key].choices) - {options[key].default} | (named & {options[key].default}), key


@pytest.mark.parametrize("what", ["label", "labels", "split", "mask", "group"])
def test_titles_of_columns_are_known_as_they_are_written(what):
    rows = {"label": "its label", "labels": "its labels", "split": "its split", "mask": "its mask"}
    (said,) = table_with("what")[rows.get(what, "what it belongs to")]
    titles = re.findall(r"`([^`]+)`", said)
    assert len(titles) > 2
    for title in titles:
        columns = find_columns(Rows(Path("a.csv"), ("file", title), (Row(2, ("1.png", "yes")),)))
        assert getattr(columns, what) == 1, title


def test_titles_of_the_column_of_files_are_known_as_they_are_written():
    for title in re.findall(r"`([^`]+)`", table_with("what")["the picture"][0]):
        assert find_columns(Rows(Path("a.csv"), ("label", title), ())).file == 1, title


def test_each_coding_of_masks_has_a_row():
    assert [key for key in table_with("`mask_coding`") if key in CODINGS] == list(CODINGS)
