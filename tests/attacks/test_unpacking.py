"""Files of kilobytes that hold gigabytes."""

import io
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

import xai_core as xai
from tests.support.limits import bounded
from xai_core.batch.store import StudyFolder
from xai_core.data import arrow_tables
from xai_core.data.arrow_sizes import unpacked_size
from xai_core.data.table_rows import read_rows
from xai_core.errors import DataError, ModelError, PictureError, RecordError
from xai_core.records.tables import read_table


def packed(table):
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


# Records and studies


def test_a_record_of_repeated_names_is_refused_before_it_is_unpacked(tmp_path):
    rows = 20_000
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["x" * 100_000]))
    (tmp_path / "pictures.parquet").write_bytes(packed(pa.table({"name": names})))
    assert (tmp_path / "pictures.parquet").stat().st_size < 500_000
    with bounded(2.0, 300), pytest.raises(RecordError, match=r"unpacks to 1,907 MB; at most 1,024 are read"):
        read_table(tmp_path / "pictures.parquet", ["name"])


def test_a_deflated_part_of_a_study_is_damaged(tmp_path):
    folder = tmp_path / "study"
    (folder / "parts").mkdir(parents=True)
    study = StudyFolder(folder, {"kind": "layers", "input_size": [64, 64]})
    study.write(0, {"ids": []}, {"x": np.zeros(3)})
    assert study.problem(0) == ""
    with (folder / "parts" / "00000.npz").open("wb") as file:
        np.savez_compressed(file, about=np.zeros(0, np.uint8), x=np.zeros(30_000_000))
    with bounded(2.0, 100):
        assert study.problem(0) == "damaged"
        with pytest.raises(RecordError, match="is compressed, which it should not be"):
            study.array(0, "x")


# Data sets


REPEATED = "x" * 100_000
ROWS = 20_000  # of them unpack to 1.9 GB


def repeated(kind):
    """A column in which one text is repeated."""
    indices, texts = pa.array(np.zeros(ROWS, np.int32)), pa.array([REPEATED])
    if kind == "texts":
        return pa.DictionaryArray.from_arrays(indices, texts)
    offsets = pa.array([0, *[ROWS] * ROWS], pa.int32())  # all of them are in the first row
    return pa.ListArray.from_arrays(offsets, pa.DictionaryArray.from_arrays(indices, texts))


@pytest.mark.parametrize("kind", ["texts", "lists"])
def test_a_table_of_labels_that_repeat_is_refused_before_they_are_written_out(tmp_path, kind):
    path = tmp_path / "table.parquet"
    path.write_bytes(packed(pa.table({"file": [f"{row}.png" for row in range(ROWS)], "label": repeated(kind)})))
    assert path.stat().st_size < 500_000
    with bounded(2.0, 300), pytest.raises(DataError, match=r"unpacks to more than 512 MB|is none of these"):
        xai.load_dataset(path)
    with bounded(2.0, 300), pytest.raises(DataError, match=r"unpacks to more than 512 MB"):
        read_rows(path)


@pytest.mark.parametrize("ending", [".parquet", ".arrow"])
@pytest.mark.parametrize("kind", ["texts", "lists"])
def test_labels_beside_pictures_that_repeat_are_refused_before_they_are_written_out(tmp_path, kind, ending):
    path = tmp_path / f"table{ending}"
    table = pa.table({"image": [b"no picture"] * ROWS, "label": repeated(kind)})
    if ending == ".parquet":
        path.write_bytes(packed(table))
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    with bounded(2.0, 300), pytest.raises(DataError, match=r"the column 'label' unpacks to 1,907 MB; at most 512 are"):
        xai.load_dataset(path)


def test_a_picture_that_repeats_is_read_once(tmp_path):
    pixels, file = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8), io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    indices, pictures = pa.array(np.zeros(ROWS, np.int32)), pa.array([file.getvalue()])
    path = tmp_path / "pictures.parquet"
    path.write_bytes(packed(pa.table({"image": pa.DictionaryArray.from_arrays(indices, pictures)})))
    assert path.stat().st_size < 500_000
    with bounded(2.0, 300):
        dataset = xai.load_dataset(path)
        assert (dataset[ROWS - 1].pixels == pixels).all()


@pytest.mark.parametrize("opened", [pa.ipc.new_stream, pa.ipc.new_file])
@pytest.mark.parametrize("packer", [None, "zstd", "lz4"])
def test_what_a_compressed_table_unpacks_to_is_known_before(tmp_path, opened, packer, monkeypatch):
    path, indices = tmp_path / "table.arrow", pa.array(np.zeros(100, np.int32))
    label = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * 4_000]))
    table = pa.table({"image": [bytes(1_000_000)] * 100, "label": label, "n": np.arange(100)})
    with pa.OSFile(str(path), "wb") as file:
        how = pa.ipc.IpcWriteOptions(compression=packer)
        with opened(file, table.schema, options=how) as writer:
            writer.write_table(table, max_chunksize=10)
    content = pa.py_buffer(path.read_bytes())
    size = unpacked_size(content[8:] if opened is pa.ipc.new_file else content)
    assert size == (pytest.approx(table.nbytes, rel=0.001) if packer else 0)
    assert len(xai.load_dataset(path)) == 100
    monkeypatch.setattr(arrow_tables, "MAX_UNPACKED", 50 << 20)
    arrow_tables._arrow.cache_clear()
    if packer is None:
        assert len(xai.load_dataset(path)) == 100
        return
    with bounded(2.0, 30), pytest.raises(DataError, match=r"unpacks to 95 MB; of what is compressed at most 50 are"):
        xai.load_dataset(path)


def test_an_archive_of_millions_of_pictures_is_refused_before_they_are_listed(tmp_path):
    path = tmp_path / "many.npz"
    np.savez_compressed(path, x=np.zeros((3_000_000, 1, 1, 3), np.uint8), y=np.zeros(3_000_000, np.uint8))
    assert path.stat().st_size < 500_000
    with bounded(2.0, 300), pytest.raises(DataError, match=r"x has 3,000,000 pictures; at most 2,000,000 are read"):
        xai.load_dataset(path)


def test_a_table_of_millions_of_rows_is_refused_before_they_are_listed(tmp_path):
    path = tmp_path / "many.parquet"
    path.write_bytes(packed(pa.table({"image": pa.nulls(2_000_001, pa.binary())})))
    with bounded(2.0, 300), pytest.raises(DataError, match=r"has 2,000,001 rows; a table of at most 2,000,000 is read"):
        xai.load_dataset(path)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "image,label" + ",a" * 500_000 + "\n1.png,x" + ",1" * 500_000, "500,002 columns; .* at most 10,000"),
        ("a.csv", "image,label\n" + "1.png,x\n" * 2_000_001, "2,000,002 lines; .* at most 2,000,000"),
        ("a.csv", "image,label" + ",a" * 99 + "\n" + ("1.png,x" + "," * 99 + "\n") * 200_001, "20,000,2.. cells"),
        (
            "a.jsonl",
            '{"image": "1.png"}\n' + "".join(f'{{"a{n % 5_000}": 1}}\n' for n in range(5_000)),
            "25,010,001 cells; a table of at most 20,000,000",
        ),
    ],
    ids=["columns", "lines", "cells", "titles"],
)
def test_a_table_of_text_that_would_fill_the_memory_is_refused(tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text)
    with bounded(2.0, 300), pytest.raises(DataError, match=said):
        xai.load_dataset(path)


# Checkpoints


def test_a_deflated_checkpoint_is_refused_before_it_is_unpacked(tmp_path):
    plain, packed_file = tmp_path / "a.pth", tmp_path / "b.pth"
    torch.save({"w": torch.zeros(20_000_000)}, plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(packed_file, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            target.writestr(member.filename, source.read(member))
    plain.unlink()
    assert packed_file.stat().st_size < 500_000
    with bounded(2.0, 60), pytest.raises(ModelError, match=r"b.pth is compressed, which torch.save does not do"):
        xai.load_model(packed_file, architecture="small_resnet")


# DICOM


def test_deflated_dicom_is_counted_before_it_is_unpacked(tmp_path):
    pytest.importorskip("pydicom")
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    from tests.support.dicom import dicom

    values = np.arange(12, dtype=np.uint8).reshape(3, 4)
    whole = dicom(values, syntax=DeflatedExplicitVRLittleEndian)
    assert (xai.open_picture(whole).pixels[:, :, 0] == values).all()
    begins = 132 + 12 + int.from_bytes(whole[140:144], "little")  # after the preamble and the elements of the file
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(zlib.decompress(whole[begins:], -15))
    packed += packer.compress(b"\xe1\x7f\x10\x10OB\0\0" + (600 << 20).to_bytes(4, "little"))
    packed += b"".join(packer.compress(bytes(1 << 20)) for _ in range(600)) + packer.flush()
    path = tmp_path / "zeros.dcm"
    path.write_bytes(whole[:begins] + packed)
    assert path.stat().st_size < 1_000_000
    with (
        bounded(2.0, 100),
        pytest.raises(PictureError, match=r"zeros\.dcm is deflated DICOM that unpacks to more than 512"),
    ):
        xai.open_picture(path)
