"""Columns of Parquet and Arrow that are tiny in the file: lies about their size, nulls, views, and JSON beside them."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import xai_core as xai
from tests.support.limits import bounded
from tests.support.pages import open_page, text
from xai_core.data import arrow_tables, table_rows
from xai_core.errors import DataError, RecordError
from xai_core.inflated import parquet_frame, parquet_size, repeated_size, value_count
from xai_core.records import TrainingRun

JSON = b'{"info": [' + b"[]," * 3_000_000 + b"[]]}"


def picture():
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def parquet(table, **how):
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", **how)
    return file.getvalue()


def varint(value):
    found = b""
    while value > 127:
        found, value = found + bytes([value & 127 | 128]), value >> 7
    return found + bytes([value])


def lying(content, column):
    """The same file, whose end says of a column that it unpacks to a hundred bytes."""
    size = pq.read_metadata(io.BytesIO(content)).row_group(0).column(column).total_uncompressed_size
    true, said = varint(size << 1), varint(100 << 1)
    said = said[:-1] + bytes([said[-1] | 128]) + b"\x80" * (len(true) - len(said) - 1) + b"\0"
    assert content.count(true) == 1
    return content.replace(true, said)


def predictions(epoch):
    return pa.table({"epoch": epoch, "picture": ["a"], "label": ["a"], "predicted": ["a"]})


def test_a_table_that_lies_about_its_size_is_not_unpacked():
    content = lying(parquet(predictions(["x" * 150_000_000]), use_dictionary=False, write_statistics=False), 0)
    assert len(content) < 50_000
    with bounded(2.0, 100), pytest.raises(RecordError, match="unpacks to so many texts from so few bytes"):
        TrainingRun.open(content)


def test_labels_that_lie_about_their_size_are_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_tables, "MAX_COLUMN", 100 << 20)
    monkeypatch.setattr(table_rows, "MAX_BYTES", 100 << 20)
    path, table = tmp_path / "a.parquet", pa.table({"image": [picture()], "label": ["x" * 150_000_000]})
    path.write_bytes(lying(parquet(table, use_dictionary=False, write_statistics=False), 1))
    with bounded(2.0, 100), pytest.raises(DataError, match=r"the column 'label' unpacks to 143 MB; at most 100"):
        xai.load_dataset(path)
    with bounded(2.0, 100), pytest.raises(DataError, match=r"unpacks to more than 100 MB"):
        table_rows.read_rows(path)


def test_a_picture_in_a_row_group_of_gigabytes_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_tables, "MAX_COLUMN", 100 << 20)
    path = tmp_path / "a.parquet"
    rows = [picture(), *[bytes(50_000_000)] * 3]
    path.write_bytes(parquet(pa.table({"image": rows}), use_dictionary=False, write_statistics=False))
    dataset = xai.load_dataset(path)
    with bounded(2.0, 100), pytest.raises(xai.PictureError, match="MB in a row group, which is not read"):
        dataset[0]


@pytest.mark.parametrize("how", [{}, {"data_page_version": "2.0"}, {"use_dictionary": False}, {"data_page_size": 100}])
@pytest.mark.parametrize("rows", [0, 1, 10_000])
def test_the_size_that_pages_say_is_that_of_an_honest_file(rows, how):
    lists = [[f"{row % 7}"] * (row % 3) for row in range(rows)]
    table = pa.table({"n": pa.array(range(rows), pa.int64()), "t": [f"text {row}" for row in range(rows)], "l": lists})
    content = parquet(table, row_group_size=3_000, **how)
    head = pq.read_metadata(io.BytesIO(content))
    for place, name in enumerate(("n", "t", "l")):
        chunks = [head.row_group(group).column(place) for group in range(head.num_row_groups)]
        said = sum(max(chunk.total_uncompressed_size, 8 * chunk.num_values) for chunk in chunks)
        found = parquet_size(head, io.BytesIO(content), [name])
        assert said * 0.7 - 200 < found < said * 1.3 + 200 or found == 8 * rows, (said, found)


def test_pages_that_are_no_pages_are_damage():
    content = bytearray(parquet(pa.table({"a": list(range(1_000))})))
    head = pq.read_metadata(io.BytesIO(bytes(content)))
    content[4:40] = b"\xff" * 36
    with pytest.raises(ValueError, match=r"more than 64 bits|no head of a page|cut off"):
        parquet_size(head, io.BytesIO(bytes(content)))


def test_a_file_of_a_picture_a_row_group_is_read_at_once(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet(pa.table({"image": [picture()] * 10_000}), row_group_size=1, write_statistics=False))
    with bounded(4.0, 300):
        dataset = xai.load_dataset(path)
        for place in range(9_950, 10_000):
            dataset[place]


def arrow(path, table):
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    return path


def test_lists_of_a_million_nulls_are_counted_before_they_are_made(tmp_path):
    nulls = pa.FixedSizeListArray.from_arrays(pa.nulls(1_000_000_000), 1_000_000)
    path = arrow(tmp_path / "a.arrow", pa.table({"image": [picture()] * 1_000, "label": nulls}))
    with bounded(2.0, 100), pytest.raises(DataError, match="holds 1,000,001,000 values; at most 5,000,000 are read"):
        xai.load_dataset(path)
    beside = pa.StructArray.from_arrays([pa.array([picture()] * 10), nulls[:10]], ["bytes", "nulls"])
    path = arrow(tmp_path / "b.arrow", pa.table({"image": beside}))
    with bounded(2.0, 100), pytest.raises(xai.PictureError, match="cannot be read"):
        xai.load_dataset(path)[0]


@pytest.mark.parametrize("groups", [1, 3])
def test_a_kept_table_whose_lists_repeat_a_text_is_not_unpacked(groups):
    texts = pa.array(["x" * 100_000] * 900)
    lists = pa.ListArray.from_arrays(pa.array(range(901), pa.int32()), texts)
    content = parquet(pa.table({"a": lists}), row_group_size=900 // groups)
    assert len(content) < 2_000
    with bounded(2.0, 30), pytest.raises(ValueError, match="texts of the table are too large"):
        parquet_frame(content, 50 << 20)
    few = parquet(pa.table({"a": [["p", "q"], [], None, ["p"]], "n": [1, 2, 3, 4]}), row_group_size=2)
    assert [None if one is None else list(one) for one in parquet_frame(few, 1 << 20)["a"]] == [
        ["p", "q"],
        [],
        None,
        ["p"],
    ]


def test_values_are_counted_with_what_lies_in_them():
    assert value_count(pa.array([[1, 2], [], None, [3]])) == 4 + 3
    assert value_count(pa.array([{"a": [1, 2]}, {"a": []}])) == 2 + 2 + 2
    assert value_count(pa.chunked_array([["a"], ["b", "a"]]).dictionary_encode()) == 3
    with pytest.raises(TypeError, match="are not read"):
        value_count(pa.RunEndEncodedArray.from_arrays(pa.array([10**9], pa.int32()), pa.array(["a"])))


def test_texts_that_are_views_of_one_are_counted_each():
    text, rows = b"x" * 1_000_000, 10_000
    view = len(text).to_bytes(4, "little") + text[:4] + bytes(8)  # its length, its beginning, in which buffer and where
    views = pa.Array.from_buffers(pa.string_view(), rows, [None, pa.py_buffer(view * rows), pa.py_buffer(text)])
    views.validate(full=True)
    assert repeated_size(pa.table({"label": views})) == rows * len(text)
    assert repeated_size(pa.table({"label": views[10:20]})) == 10 * len(text)


def test_what_is_said_of_a_table_is_counted_before_it_is_made(tmp_path):
    content = parquet(predictions(["1"]).replace_schema_metadata({b"pandas": JSON}))
    with bounded(2.0, 250):
        assert TrainingRun.open(content).class_names == ("a",)
    table = pa.table({"image": [picture()], "label": ["a"]}).replace_schema_metadata({b"huggingface": JSON})
    with bounded(2.0, 150):
        assert len(xai.load_dataset(arrow(tmp_path / "a.arrow", table))) == 1


def test_a_page_says_so_of_an_upload():
    """The file of a visitor that took eight gigabytes: its one text of 150 MB, said to be of a hundred bytes."""
    content = lying(parquet(predictions(["x" * 150_000_000]), use_dictionary=False, write_statistics=False), 0)
    at = open_page("training_evolution", run="Upload")
    for name, what, says in (
        ("a.parquet", content, "unpacks to so many texts from so few bytes"),
        (
            "a.json",
            b'{"columns": ["epoch", "picture", "label", "predicted"], "data": [[' + b"9" * 4_000 + b',2,"a","a"]]}',
            "row 1",
        ),
    ):
        with bounded(2.0, 150):
            at.file_uploader(key="run-file").set_value((name, what, "application/octet-stream")).run()
        assert not at.exception
        assert says in text(at)


@pytest.mark.parametrize("count", [70_000, 5])
def test_a_table_of_many_small_batches_is_refused_before_they_are_read(count, tmp_path):
    """Each takes as much memory as a large one."""
    batch = pa.record_batch({"image": [b"no picture"], "label": ["a"]})
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as file, pa.ipc.new_stream(file, batch.schema) as writer:
        for _ in range(count):
            writer.write_batch(batch)
    if count < 10:
        assert len(xai.load_dataset(tmp_path / "a.arrow")) == count
        return
    with bounded(2.0, 50), pytest.raises(DataError, match=r"more than 200,000 arrays.*in larger batches"):
        xai.load_dataset(tmp_path / "a.arrow")


def test_one_batch_that_the_end_of_a_file_names_often_is_read_once(tmp_path):
    """Its end is a table of FlatBuffers with a row of places, which is made to name the first of ten each time."""
    path = tmp_path / "a.arrow"
    table = pa.table({"image": [b"no picture"] * 10, "label": [f"label {row}" for row in range(10)]})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=1)
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[-10:-6], "little")
    end = content[-10 - size : -10]
    places = pa.ipc.open_file(path).num_record_batches
    rows = [at for at in range(0, size, 4) if end[at : at + 4] == places.to_bytes(4, "little")]
    blocks = next(at + 4 for at in rows if at + 4 + 24 * places <= size and end[at + 4 : at + 8] != bytes(4))
    for place in range(1, places):
        end[blocks + 24 * place : blocks + 24 * (place + 1)] = end[blocks : blocks + 24]
    content[-10 - size : -10] = end
    path.write_bytes(content)
    assert set(pa.ipc.open_file(path).read_all()["label"].to_pylist()) == {"label 0"}  # as the end says
    assert xai.load_dataset(path).labels == tuple(f"label {row}" for row in range(10))
