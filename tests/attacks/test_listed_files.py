"""Files of kilobytes that list a million pictures: tables, arrays, archives and annotations."""

import contextlib
import json
import tarfile
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import xai_core as xai
from app.cache import listing
from xai_core.data import counting


def arrays(path, count):
    np.savez_compressed(path, x=np.zeros((count, 1, 1, 3), np.uint8), y=np.zeros(count, np.uint8))


def lines(path, count):
    path.write_text("image,label\n" + "".join(f"{number}.png,x\n" for number in range(count)))


def objects(path, count):
    path.write_text("".join(f'{{"image": "{number}.png"}}\n' for number in range(count)))


def columns(path, count):
    path.write_bytes(b"")
    pq.write_table(pa.table({"image": pa.nulls(count, pa.binary())}), path)


def shard(path, count):
    with path.open("wb") as file:
        for number in range(count):
            file.write(tarfile.TarInfo(f"{number}.png").tobuf(tarfile.USTAR_FORMAT))
        file.write(bytes(10_240))


def annotations(path, count):
    said = {"images": [{"id": place, "file_name": "1.png"} for place in range(count)], "annotations": []}
    path.write_text(json.dumps(said | {"categories": []}))


FILES = {
    "a.npz": arrays,
    "a.csv": lines,
    "a.jsonl": objects,
    "a.parquet": columns,
    "a.tar": shard,
    "a.json": annotations,
}


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_lists_is_counted_before_it_is_made(name, tmp_path, monkeypatch):
    """So that a page lists it in the background, as it does folders, and no more than it lists of folders."""
    path = tmp_path / name
    FILES[name](path, 3_000)
    Image.new("RGB", (8, 8)).save(tmp_path / "1.png")
    with counting(lambda: None) as counted, contextlib.suppress(xai.DataError):
        xai.load_dataset(path)
    assert counted.listed == pytest.approx(3_000, abs=2)
    monkeypatch.setattr(listing, "LARGE", 200)
    monkeypatch.setattr(listing, "MOST", 2_000)
    job = listing.Job(lambda: xai.load_dataset(path), threading.Lock())
    while not job.wait():
        pass
    assert "There are more than 2,000 files; pages list at most so many" in str(job.error)
