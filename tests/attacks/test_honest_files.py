"""Files that ordinary programs write with ordinary options: what is bounded because of others still reads them."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import xai_core as xai
from tests.support import shards
from tests.support.limits import bounded
from tests.support.logs import event, field, figures, logged, number, record
from xai_core import apart, parquet_pages
from xai_core.data import arrow_tables, npz_arrays, table_rows
from xai_core.data.table_rows import read_rows
from xai_core.errors import DataError
from xai_core.records import TrainingRun, opening, scalars
from xai_core.records.event_files import NAMED


def png(side=8, seed=0):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def pictures(count, side=8):
    return [{"bytes": png(side, place), "path": f"{place}.png"} for place in range(count)]


# Parquet and Arrow


@pytest.mark.parametrize("how", [{"row_group_size": 10}, {"dictionary_pagesize_limit": 100, "data_page_size": 100}])
def test_pictures_with_their_names_in_several_dictionaries(how, tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"image": pictures(40), "label": ["cat", "dog"] * 20}), path, **how, write_batch_size=5)
    dataset = xai.load_dataset(path)
    assert [(dataset[place].name, dataset[place].label) for place in (0, 39)] == [("0.png", "cat"), ("39.png", "dog")]
    assert len({dataset[place].id for place in range(40)}) == 40


def test_names_that_repeat_in_several_dictionaries_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_tables, "MAX_COLUMN", 100 << 20)
    monkeypatch.setattr(table_rows, "MAX_BYTES", 100 << 20)
    image = pa.StructArray.from_arrays([[png()] * 2_400, ["x" * 50_000] * 2_400], ["bytes", "path"])
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"image": image}), path, compression="zstd", row_group_size=600)
    assert path.stat().st_size < 1_000_000
    with bounded(3.0, 250), pytest.raises(DataError, match=r"'image\.path' unpacks to more than 100 MB"):
        xai.load_dataset(path)
    with bounded(3.0, 250), pytest.raises(DataError, match=r"a\.parquet unpacks to more than 100 MB"):
        read_rows(path)


@pytest.mark.parametrize("rows", [5, 100])
def test_labels_in_lists_of_several_dictionaries(rows, tmp_path):
    labels = [[f"label {row}", "any"] for row in range(100)]
    table = pa.table({"image": [f"{row}.png" for row in range(100)], "labels": labels})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=rows)
    assert read_rows(tmp_path / "a.parquet").rows[55].cells == ("55.png", ("label 55", "any"))


def test_row_groups_of_one_are_read_however_many_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_pages, "MAX_PAGES", 10)
    table = pa.table({"image": [png()] * 30, "label": ["cat", "dog"] * 15})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1)
    assert xai.load_dataset(tmp_path / "a.parquet")[29].label == "dog"


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
@pytest.mark.parametrize("coded", [False, True])
def test_views_as_polars_writes_them(ending, coded, tmp_path):
    path, labels = tmp_path / f"a.{ending}", pa.array(["a cat of the house", "dog"] * 5, pa.string_view())
    if coded:
        labels = pa.DictionaryArray.from_arrays(pa.array([0, 1] * 5, pa.uint32()), labels[:2])
    if coded and ending == "parquet":
        pytest.skip("pyarrow writes no dictionary of views")
    table = pa.table({"image": pa.array([png()] * 10, pa.binary_view()), "label": labels})
    if ending == "parquet":
        pq.write_table(table, path)
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    assert [xai.load_dataset(path)[place].label for place in (0, 9)] == ["a cat of the house", "dog"]


def test_pictures_with_many_attributes_in_the_batches_that_datasets_writes(tmp_path):
    """As CelebA with its 40 attributes, which has 2,026 batches of 100 pictures."""
    batch = pa.record_batch({"image": pictures(1), "label": ["cat"], **{f"is {one}": [0] for one in range(40)}})
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as file, pa.ipc.new_stream(file, batch.schema) as writer:
        for _ in range(2_026):
            writer.write_batch(batch)
    with bounded(2.0, 150):
        assert len(xai.load_dataset(tmp_path / "a.arrow")) == 2_026


# Tables of predictions that are sent


@pytest.fixture(scope="module")
def predicted():
    """50,000 pictures at 20 epochs, the most that is taken."""
    names = [f"val/n{place % 1000:08d}/ILSVRC2012_val_{place:08d}.JPEG" for place in range(50_000)]
    classes = pa.array(["cat", "dog"] * 500_000)
    said = {"epoch": np.repeat(np.arange(20), 50_000), "image": names * 20, "label": classes, "prediction": classes}
    return pa.table(said)


@pytest.mark.parametrize("how", [{}, {"use_dictionary": False}, {"row_group_size": 50_000}])
def test_names_that_stand_at_each_epoch_are_read_from_parquet_that_is_packed_well(how, predicted):
    file = io.BytesIO()
    pq.write_table(predicted, file, compression="zstd", **how)
    with apart.switched_on(), bounded(2.0, 300):
        assert len(TrainingRun.open(file.getvalue()).epochs) == 20


@pytest.mark.parametrize(("end", "coding"), [("\r\r\n", "utf-8"), ("\n\n", "utf-8"), ("\r\n", "utf-16")])
def test_rows_are_counted_and_not_what_ends_them(end, coding, monkeypatch):
    monkeypatch.setattr(opening, "MAX_SENT", 8)
    rows = [f"{epoch},č{picture},cat,cat" for epoch in (1, 2) for picture in range(4)]
    with apart.switched_on():
        run = TrainingRun.open(end.join(["epoch,picture,label,predicted", *rows, "", ""]).encode(coding))
    assert [len(run.epochs), len(run.pictures)] == [2, 4]


# Arrays and archives


def test_masks_compress_well(tmp_path, monkeypatch):
    monkeypatch.setattr(npz_arrays, "_MAX_ALIKE", 1 << 20)
    rows, columns = np.mgrid[:224, :224]
    radii = np.random.default_rng(0).uniform(10, 60, (100, 1, 1))
    masks = (np.hypot(rows - 100, columns - 120) < radii).astype(np.uint8)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((100, 224, 224), np.uint8), masks=masks)
    array = next(one for one in npz_arrays.npz_arrays(tmp_path / "a.npz", "") if one.key == "masks")
    assert masks.nbytes > 150 * array.packed
    assert np.array_equal(array.whole(), masks)


def test_outlines_in_the_json_of_a_picture(tmp_path):
    about = {"label": "cat", "segmentation": [[float(place) for place in range(40_000)]]}
    path = shards.write(tmp_path / "a.tar", [("1.png", 1), ("1.json", about)])
    assert xai.load_dataset(path)[0].label == "cat"


# Logs


def test_pictures_and_histograms_between_scalars_are_no_reason_to_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(scalars, "MAX_CHECKED", 10_000)
    picture = logged(1, field(1, b"other") + field(4, field(4, bytes(5_000))))
    with (tmp_path / f"{NAMED}.1").open("wb") as file:
        file.write(
            event(1, "train_loss", 3.0)
            + picture * 50
            + event(2, "train_loss", 2.0)
            + picture * 50
            + event(3, "train_loss", 1.0)
        )
    run = TrainingRun.open(record(tmp_path))
    assert figures(run) == {"train_loss": [3.0, 2.0, 1.0]}
    assert not run.problems


def test_a_tensor_of_a_million_axes_is_no_scalar(tmp_path):
    axes = field(2, field(2, number(1 << 3) + b"\1") * 900_000)  # each of one number
    tensor = logged(1, field(1, b"other") + field(8, number(1 << 3) + b"\1" + axes))
    (tmp_path / f"{NAMED}.1").write_bytes(tensor * 10)
    with bounded(3.0, 150):
        TrainingRun.open(record(tmp_path))
