"""ZIP archives of which two readers see different members, or that list a million of them."""

import io
import struct
import zipfile

import numpy as np
import pytest
import torch

import xai_core as xai
from tests.support.limits import bounded
from xai_core.archives import MAX_DIRECTORY, archive_of
from xai_core.errors import DataError, ModelError
from xai_core.methods import maps_in_files

LISTED, END, END_64, LOCATOR = b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
DAMAGED = r"a\.pth cannot be read as a checkpoint; it is damaged or cut off\.$"


def stored(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def ended(before, listed, count, start, *, said=None):
    """A large archive whose list of members begins at `start`; `said` is where its end claims to be."""
    at = len(before) + len(listed) if said is None else said
    return b"".join(
        [
            before,
            listed,
            struct.pack("<4sQHHIIQQQQ", END_64, 44, 45, 45, 0, 0, count, count, len(listed), start),
            struct.pack("<4sIQI", LOCATOR, 0, at, 1),
            struct.pack("<4sHHHHIIH", END, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0),
        ]
    )


def of_a_million(name):
    content = stored(**{name: b"\x80\x02}."})
    start, end = content.index(LISTED), content.index(END)
    return ended(content[:start], content[start:end] * 1_000_000, 1_000_000, start)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """The same checkpoint as it is and deflated: 200 MB of zeros in 200 kB."""
    folder = tmp_path_factory.mktemp("weights")
    torch.save({"w": torch.zeros(50_000_000)}, folder / "plain.pth")
    with zipfile.ZipFile(folder / "plain.pth") as source, zipfile.ZipFile(folder / "a.pth", "w", 8) as target:
        for member in source.infolist():
            target.writestr(member.filename, source.read(member))
    (folder / "plain.pth").unlink()
    return (folder / "a.pth").read_bytes()


def refused(content, tmp_path, says=DAMAGED):
    (tmp_path / "a.pth").write_bytes(content)
    with bounded(2.0, 60), pytest.raises(ModelError, match=says):
        xai.load_model(tmp_path / "a.pth", architecture="small_resnet")


def test_a_list_of_a_million_members_is_not_read(tmp_path):
    refused(of_a_million("a/data.pkl"), tmp_path)
    maps = of_a_million("a.npy")
    with bounded(2.0, 150), pytest.raises(DataError, match="Its list of members has more than 4 MB"):
        maps_in_files([("a.npz", maps)], ["p"])
    path = tmp_path / "a.npz"
    path.write_bytes(maps)
    with bounded(2.0, 150), pytest.raises(DataError, match="is damaged or no NPZ file"):
        xai.load_dataset(path)


def test_a_list_of_usual_length_is_read():
    names = [f"{number:>60}" for number in range(20_000)]
    file = io.BytesIO(stored(**dict.fromkeys(names, b"")))
    assert len(file.getvalue()) < 2 * MAX_DIRECTORY
    assert archive_of(file).namelist() == names


def test_an_archive_that_zipfile_cannot_read_and_torch_can_is_refused(weights, tmp_path):
    start, end = weights.index(LISTED), weights.rindex(END)
    versioned = bytearray(weights)
    versioned[start + 6 : start + 8] = (200).to_bytes(2, "little")  # which a reader needs
    refused(versioned, tmp_path)
    name = int.from_bytes(weights[start + 28 : start + 30], "little")
    entry = bytearray(weights[start : start + 46 + name])
    entry[30:32] = (4).to_bytes(2, "little")  # bytes of what else is said of a member, which goes on beyond them
    listed = bytes(entry) + struct.pack("<HH", 0x1234, 9999) + weights[start + 46 + name : end]
    count = int.from_bytes(weights[end + 10 : end + 12], "little")
    refused(ended(weights[:start], listed, count, start), tmp_path)


@pytest.mark.parametrize("how", ["its own place", "the place of its end", "a comment"])
def test_an_archive_with_two_lists_is_refused(weights, how, tmp_path):
    """torch reads the one that unpacks to 200 MB, zipfile one that is stored."""
    start, end = weights.index(LISTED), weights.rindex(END)
    count = int.from_bytes(weights[end + 10 : end + 12], "little")
    harmless = stored(**{"a/data.pkl": b"\x80\x02}."})
    begin, stop = harmless.index(LISTED), harmless.index(END)
    if how == "its own place":
        mine = weights[:end] + bytes(max(0, end - start - (stop - begin)))
        content = mine + harmless[begin:stop] + struct.pack("<4sHHHHIIH", END, 0, 0, 1, 1, stop - begin, start, 0)
    elif how == "the place of its end":
        first = ended(weights[:start], weights[start:end], count, start)
        content = ended(first, harmless[begin:stop], 1, len(first), said=end)
    else:
        content = weights[:-2] + len(harmless).to_bytes(2, "little") + harmless
    refused(content, tmp_path)


def test_what_torch_writes_is_read(tmp_path):
    torch.save({"w": torch.zeros(3)}, tmp_path / "a.pth")
    with pytest.raises(ModelError, match="does not fit Small ResNet"):
        xai.load_model(tmp_path / "a.pth", architecture="small_resnet")


def test_many_files_of_maps_unpack_to_no_more_than_one(tmp_path):
    map_, file = np.pad(np.eye(100, dtype=np.float32), (0, 2900)), io.BytesIO()
    np.savez_compressed(file, map_)
    names = [f"{number}.png" for number in range(20)]
    with bounded(2.0, 100), pytest.raises(DataError, match=r"^The 20 files unpack to more than 200 MB in all\.$"):
        maps_in_files([(f"{number}.npz", file.getvalue()) for number in range(20)], names)
