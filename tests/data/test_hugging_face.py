"""What Hugging Face's library saves, written by that library: Arrow, Parquet, splits, labels, masks, groups."""

import io
import json

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import xai_core as xai
from xai_core.data import is_data_file, list_splits
from xai_core.data.folders import stamped_files

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 6, 5, 3), dtype=np.uint8)
IMAGES = [Image.fromarray(pixels) for pixels in PIXELS]
MASKS = [Image.fromarray((pixels[..., 0] > 99).astype(np.uint8) * 255) for pixels in PIXELS]
FEATURES = {"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets.disable_progress_bars()


def hugging(columns=None, **features):
    columns = {"image": IMAGES, "label": [0, 1, 1, 0, -1]} | (columns or {})
    return datasets.Dataset.from_dict(columns, features=datasets.Features(FEATURES | features))


def check(dataset, places=range(5)):
    labels = ["cat", "dog", "dog", "cat", None]
    assert [item.label for item in dataset.items] == [labels[place] for place in places]
    for sample, place in zip(dataset, places, strict=True):
        assert (sample.pixels == PIXELS[place]).all()


def test_a_saved_data_set_of_two_shards(tmp_path):
    hugging().save_to_disk(tmp_path / "a", num_shards=2)
    dataset = xai.load_dataset(tmp_path / "a")
    check(dataset)
    assert (dataset[3].name, dataset.title) == ("row 4", "a")
    assert [len(stamped_files(item.stamp)) for item in dataset.items] == [1] * 5  # its own shard, not all of them
    check(xai.load_dataset(tmp_path / "a" / "data-00001-of-00002.arrow"), [3, 4])
    assert is_data_file(tmp_path / "a" / "data-00001-of-00002.arrow")


def test_saved_splits(tmp_path):
    given = hugging()
    datasets.DatasetDict({"train": given, "test": given.select([1, 2])}).save_to_disk(tmp_path / "a")
    assert list_splits(tmp_path / "a") == ("test", "train")
    check(xai.load_dataset(tmp_path / "a", split="train"))
    check(xai.load_dataset(tmp_path / "a"), [1, 2])
    with pytest.raises(xai.DataError, match=r"has no split 'val'. It has: test, train"):
        xai.load_dataset(tmp_path / "a", split="val")


def test_parquet_shards_as_on_the_hub(tmp_path):
    (tmp_path / "data").mkdir()
    given = hugging()
    given.select(range(3)).to_parquet(tmp_path / "data" / "train-00000-of-00002.parquet", batch_size=2)
    given.select(range(3, 5)).to_parquet(tmp_path / "data" / "train-00001-of-00002-0a1b.parquet")
    given.select([2]).to_parquet(tmp_path / "data" / "validation-00000-of-00001.parquet")
    assert list_splits(tmp_path) == ("validation", "train")
    check(xai.load_dataset(tmp_path, split="train"))
    check(xai.load_dataset(tmp_path), [2])
    check(xai.load_dataset(tmp_path / "data" / "train-00000-of-00002.parquet"), [0, 1, 2])


def test_masks_groups_and_file_names(tmp_path):
    columns = {"mask": MASKS, "patient_id": ["p", "p", "q", "q", "q"]}
    given = hugging(columns, mask=datasets.Image(), patient_id=datasets.Value("string"))
    given.save_to_disk(tmp_path / "a")
    dataset = xai.load_dataset(tmp_path / "a")
    check(dataset)
    assert [sample.group for sample in dataset] == ["p", "p", "q", "q", "q"]
    assert all((sample.mask == (PIXELS[n, ..., 0] > 99)).all() for n, sample in enumerate(dataset))


def test_several_labels(tmp_path):
    features = {"labels": datasets.Sequence(datasets.ClassLabel(names=["cat", "dog", "bee"]))}
    given = datasets.Dataset.from_dict(
        {"image": IMAGES, "labels": [[0, 2], [], [1], [1], [0]]},
        features=datasets.Features({"image": datasets.Image()} | features),
    )
    given.save_to_disk(tmp_path / "a")
    dataset = xai.load_dataset(tmp_path / "a")
    assert [item.labels for item in dataset.items] == [("cat", "bee"), (), ("dog",), ("dog",), ("cat",)]
    assert dataset[0].annotated == ("cat", "dog", "bee")


def test_pictures_that_are_named_and_not_embedded(tmp_path, monkeypatch):
    outside = tmp_path / "outside"
    outside.mkdir()
    IMAGES[0].save(outside / "1.png")
    table = pa.table(
        {
            "image": pa.array([{"bytes": None, "path": str(outside / "1.png")}, {"bytes": None, "path": "gone.png"}]),
            "label": ["cat", "dog"],
        }
    )
    (tmp_path / "in").mkdir()
    pq.write_table(table.cast(pa.schema([("image", _STRUCT), ("label", pa.string())])), tmp_path / "in" / "a.parquet")
    dataset = xai.load_dataset(tmp_path / "in" / "a.parquet")
    assert (dataset[0].pixels == PIXELS[0]).all()
    assert dataset[0].name == str(outside / "1.png")
    with pytest.raises(xai.PictureError, match=r"Row 2 names the picture 'gone.png', which is not there"):
        dataset[1]
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path / "in"))
    with pytest.raises(xai.PictureError, match="which is not there"):
        xai.load_dataset(tmp_path / "in" / "a.parquet")[0]


_STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def png(number):
    buffer = io.BytesIO()
    IMAGES[number].save(buffer, "PNG")
    return buffer.getvalue()


def test_tables_that_others_wrote(tmp_path):
    """Plain bytes, words for labels, no word of Hugging Face's."""
    pq.write_table(pa.table({"img": [png(0), png(1)], "class": ["cat", "dog"]}), tmp_path / "a.parquet")
    check(xai.load_dataset(tmp_path), [0, 1])
    pq.write_table(pa.table({"img": [png(0), b"no picture"]}), tmp_path / "b.parquet")
    dataset = xai.load_dataset(tmp_path / "b.parquet")
    assert [problem.name for problem in dataset.read().problems] == ["row 2"]
    pq.write_table(pa.table({"x": [1, 2]}), tmp_path / "c.parquet")
    with pytest.raises(xai.DataError, match="is none of these: Hugging Face's Arrow and Parquet, A table of labels"):
        xai.load_dataset(tmp_path / "c.parquet")


def test_damaged_files_are_said(tmp_path):
    hugging().save_to_disk(tmp_path / "a")
    path = tmp_path / "a" / "data-00000-of-00001.arrow"
    whole = path.read_bytes()
    for content in (b"", whole[:100], whole[: len(whole) // 2], b"ARROW1" + whole):
        path.write_bytes(content)
        with pytest.raises(xai.DataError, match="is damaged or no Arrow file"):
            xai.load_dataset(tmp_path / "a")
    (tmp_path / "a" / "state.json").write_text("{")
    with pytest.raises(xai.DataError, match=r"state.json cannot be read, and it says which files"):
        xai.load_dataset(tmp_path / "a")
    hugging().to_parquet(tmp_path / "b.parquet")
    whole = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole[:-50])
    with pytest.raises(xai.DataError):
        xai.load_dataset(tmp_path / "b.parquet")


def test_a_state_names_files_of_its_folder_alone(tmp_path):
    hugging().save_to_disk(tmp_path / "a")
    hugging().save_to_disk(tmp_path / "b")
    state = {"_data_files": [{"filename": "../b/data-00000-of-00001.arrow"}]}
    (tmp_path / "a" / "state.json").write_text(json.dumps(state))
    with pytest.raises(xai.DataError):
        xai.load_dataset(tmp_path / "a")
