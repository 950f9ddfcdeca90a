"""WebDataset's shards: labels, masks, groups, splits, and archives that are damaged or hold what they should not."""

import gzip
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

import xai_core as xai
from tests.support.limits import bounded
from tests.support.shards import MASK, pixels, png, write
from xai_core.data import is_data_file, list_splits
from xai_core.data.files import MAX_BYTES
from xai_core.data.tar_members import members

TWO = [("a.png", 0), ("a.cls", "cat"), ("b.png", 1), ("b.cls", "dog")]


def said(dataset):
    return [(item.name, item.label) for item in dataset.items]


def problems(dataset):
    return {problem.name: problem.reason for problem in dataset.skipped}


def test_pictures_classes_masks_and_groups(tmp_path):
    path = write(
        tmp_path / "birds.tar",
        [
            *TWO,
            ("c.PNG", 2),
            ("c.json", {"caption": "a bee", "class_name": "bee", "patient_id": 7, "width": 9}),
            ("c.mask.png", png(MASK * 255)),
            ("d.png", 3),
        ],
    )
    dataset = xai.load_dataset(path)
    assert said(dataset) == [("a", "cat"), ("b", "dog"), ("c", "bee"), ("d", None)]
    for number, sample in enumerate(dataset):
        np.testing.assert_array_equal(sample.pixels, pixels(number))
    np.testing.assert_array_equal(dataset[2].mask, MASK)
    assert [sample.group for sample in dataset] == [None, None, "7", None]
    assert dataset.skipped == ()
    assert is_data_file(path)
    assert eval(dataset.code, {"xai": xai}).items[2].stamp == dataset.items[2].stamp


def test_what_the_package_webdataset_wrote():
    """By its `ShardWriter`: {"__key__", "png", "cls", "json", "seg.png"}, six samples, four a shard."""
    dataset = xai.load_dataset(Path(__file__).parent / "webdataset")
    assert list_splits(dataset.key) == ("train",)
    assert said(dataset)[3:5] == [("train-000000.tar/000003", "bee"), ("train-000001.tar/000004", "cat")]
    for number, sample in enumerate(dataset):
        np.testing.assert_array_equal(sample.pixels, pixels(number))
        np.testing.assert_array_equal(sample.mask, MASK)
        assert (sample.label, sample.group) == (("cat", "bee")[number % 2], f"film {number // 3}")


def test_class_numbers_and_their_names(tmp_path):
    files = [("a.png", 0), ("a.cls", "1\n"), ("b.png", 1), ("b.json", {"label": 0}), ("c.png", 2), ("c.cls", "-1")]
    path = write(tmp_path / "x.tar", files)
    assert said(xai.load_dataset(path)) == [("a", "1"), ("b", "0"), ("c", None)]
    (tmp_path / "classes.txt").write_text("tern\ngull\n\n")
    assert said(xai.load_dataset(path)) == [("a", "gull"), ("b", "tern"), ("c", None)]
    assert problems(xai.load_dataset(tmp_path)) == {}
    (tmp_path / "classes.txt").write_text("tern\n")
    with pytest.raises(xai.DataError, match=r"^a is of class 1, and classes.txt names the classes from 0 to 0\.$"):
        xai.load_dataset(path)
    (tmp_path / "classes.txt").write_text("tern\n\ngull\n")
    with pytest.raises(xai.DataError, match=r"classes.txt, line 2, is empty, and the lines count the classes\.$"):
        xai.load_dataset(path)
    (tmp_path / "classes.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(xai.DataError, match=r"classes.txt is no text in UTF-8"):
        xai.load_dataset(path)


def test_splits_are_said_by_the_names_of_archives(tmp_path):
    for number, name in enumerate(("birds-train-000", "birds-train-001", "birds-validation-000", "more")):
        write(tmp_path / f"{name}.tar", [("0.png", number)])
    (tmp_path / "birds-train-002.tar.gz").write_bytes(b"")
    assert list_splits(tmp_path) == ("validation", "train")
    train = xai.load_dataset(tmp_path, split="train")
    assert said(train) == [("birds-train-000.tar/0", None), ("birds-train-001.tar/0", None)]
    np.testing.assert_array_equal(train[1].pixels, pixels(1))
    assert problems(train) == {
        "birds-train-002.tar.gz": "It is no .tar file.",
        "more.tar": "Its name says no split, as the names of other archives do.",
    }
    default = xai.load_dataset(tmp_path)
    assert (default.title, len(default)) == (f"{tmp_path.name}/validation", 1)
    np.testing.assert_array_equal(default[0].pixels, pixels(2))
    assert len(xai.load_dataset(tmp_path, split="val")) == 1
    with pytest.raises(xai.DataError, match=r"has no split 'test'. It has: validation, train"):
        xai.load_dataset(tmp_path, split="test")


def test_a_folder_with_pictures_or_folders_beside_an_archive_is_none_of_shards(tmp_path):
    write(tmp_path / "x.tar", TWO)
    (tmp_path / "1.png").write_bytes(png(pixels(0)))
    assert said(xai.load_dataset(tmp_path)) == [("1.png", None)]
    (tmp_path / "1.png").unlink()
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(png(pixels(0)))
    assert [name for name, _ in said(xai.load_dataset(tmp_path))] == ["cat/1.png"]


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_members_are_those_that_tarfile_finds(tmp_path, kind):
    long = "folder/" * 12 + "x" * 90 + ".png"
    names = ["a.png", "./b.png", long, "empty.png", "ä.png" if kind != tarfile.USTAR_FORMAT else "z.png"]
    path = write(tmp_path / "x.tar", [(name, b"" if "empty" in name else 0) for name in names], kind)
    with tarfile.open(path, "a", format=kind) as archive:
        for name, type_ in (("folder", tarfile.DIRTYPE), ("link.png", tarfile.SYMTYPE), ("hard.png", tarfile.LNKTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = type_, "a.png"
            archive.addfile(member)
    with tarfile.open(path) as archive, path.open("rb") as file:
        expected = [(m.name, m.offset_data, m.size, m.isreg()) for m in archive if not m.isdir()]
        assert list(members(file, path)) == expected
    assert [name for name, _ in said(xai.load_dataset(path))][:3] == ["a", "b", long.removesuffix(".png")]


def test_what_cannot_be_used_is_named(tmp_path):
    path = write(
        tmp_path / "x.tar",
        [
            *TWO,
            ("a.png", 5),
            ("notes", "read me"),
            ("._b.png", b"of a Mac"),
            ("c.jpg", 2),
            ("c.png", 2),
            ("d.txt", "a caption"),
            ("e.png", 3),
            ("e.json", "{"),
            ("f.png", 3),
            ("f.cls", b"\xff"),
            ("g.png", 3),
            ("g.json", " " * (1 << 20) + "{}"),
        ],
    )
    with tarfile.open(path, "a") as archive:
        member = tarfile.TarInfo("h.png")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    dataset = xai.load_dataset(path)
    assert said(dataset) == [("b", "dog")]
    assert problems(dataset) == {
        "a": "The archive holds a.png twice.",
        "notes": "No file of it is a picture: notes.",
        "c": "It is not said which of its files is the picture: c.jpg, c.png.",
        "d": "No file of it is a picture: d.txt.",
        "e": "e.json is damaged or too large, and says what the picture is.",
        "f": "f.cls is damaged or too large, and says what the picture is.",
        "g": "g.json is damaged or too large, and says what the picture is.",
        "h": "h.png is a link or a device, which is not followed.",
    }


def test_a_picture_that_cannot_be_read_and_a_mask_that_cannot(tmp_path):
    path = write(tmp_path / "x.tar", [*TWO, ("b.mask.png", b"no mask"), ("c.png", b"no picture"), ("d.png", b"")])
    samples, unread = xai.load_dataset(path).read()
    assert [sample.name for sample in samples] == ["a", "b"]
    assert samples[1].mask is None
    assert samples[1].notes[0].startswith("no mask: its mask is not a picture of a kind that is read here")
    assert [(one.name, one.reason.split(" (")[0]) for one in unread] == [
        ("c", "c is not a picture of a kind that is read here"),
        ("d", "d is empty"),
    ]


def test_a_huge_picture_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "x.tar"
    member = tarfile.TarInfo("a.png")
    member.size = MAX_BYTES + 1
    end = -(-member.size // 512) * 512 + 512
    with path.open("wb") as file:
        file.write(member.tobuf())
        file.truncate(end + 1024)  # a file with a hole, which takes no space
    with bounded(2.0, 50):
        dataset = xai.load_dataset(path)
        with pytest.raises(xai.PictureError, match=r"^a has 400 MB; at most 400 are read\.$"):
            dataset[0]


def header(name="a.png", size=0, kind=tarfile.REGTYPE):
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def pax(text):
    content = text.encode()
    return header("x", len(content), tarfile.XHDTYPE) + content.ljust(-(-len(content) // 512) * 512, b"\0")


END = bytes(1024)
DAMAGED = {
    "empty": b"",
    "no archive": b"PNG" * 400,
    "a header without an end": header(),
    "half a header": header()[:300],
    "a content that is cut off": header(size=2000) + b"x" * 600,
    "another archive behind it": header() + END + header("b.png") + END,
    "a size below zero": header(size=-512) + END,
    "a size below zero in pax": pax("16 size=-123456\n") + header(size=512) + END,
    "a size that is no number": pax("10 size=x\n") + header() + END,
    "a record that is too long": pax("999 path=x\n") + header() + END,
    "a record of no length": pax("0 path=x\n") + header() + END,
    "a long name that is none": header("x", 1 << 40, tarfile.GNUTYPE_LONGNAME) + END,
    "a sparse file": header(kind=tarfile.GNUTYPE_SPARSE) + END,
    "a sparse file in pax": pax("22 GNU.sparse.major=1\n") + header() + END,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_archive_is_said(name, tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(DAMAGED[name])
    with bounded(2.0, 50), pytest.raises(xai.DataError) as error:
        xai.load_dataset(path)
    assert str(error.value) == f"{path} is damaged, cut off or no TAR archive, and cannot be read."


def test_a_header_of_gigabytes_is_not_read(tmp_path):
    path = tmp_path / "x.tar"
    with path.open("wb") as file:
        file.write(header("x", 4 << 30, tarfile.XHDTYPE))
        file.truncate((4 << 30) + 2048)
    with bounded(2.0, 50), pytest.raises(xai.DataError, match="is damaged, cut off or no TAR archive"):
        xai.load_dataset(path)


def test_an_archive_that_is_cut_off_anywhere_is_said(tmp_path):
    path = write(tmp_path / "x.tar", TWO)
    whole = path.read_bytes()
    with tarfile.open(path) as archive:
        last = list(archive)[-1]
    for size in range(0, last.offset_data + 513, 256):
        path.write_bytes(whole[:size])
        with pytest.raises(xai.DataError, match="is damaged, cut off or no TAR archive"):
            xai.load_dataset(path)


def test_a_compressed_archive_is_said(tmp_path):
    path = write(tmp_path / "x.tar", TWO)
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(xai.DataError, match=r"x.tar is compressed. Unpack it to a TAR archive first"):
        xai.load_dataset(path)
    path.rename(tmp_path / "x.tar.gz")
    with pytest.raises(xai.DataError, match=r"none of which is read: \.gz \(1\)\. \.gz: unpack it\."):
        xai.load_dataset(tmp_path)


def test_names_that_lead_out_are_names_and_nothing_is_written(tmp_path):
    inside = tmp_path / "in" / "deep"
    write(inside / "x.tar", [("../../out.png", 0), ("/etc/out.png", 1)])
    dataset = xai.load_dataset(inside)
    assert [name for name, _ in said(dataset)] == ["../../out", "/etc/out"]
    np.testing.assert_array_equal(dataset[0].pixels, pixels(0))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "in", "x.tar"]


def test_an_archive_without_pictures_says_why(tmp_path):
    path = write(tmp_path / "x.tar", [("a.txt", "a caption")])
    with pytest.raises(xai.DataError, match=r"no pictures in its .tar files. a: No file of it is a picture: a\.txt\."):
        xai.load_dataset(path)
    path = write(tmp_path / "y.tar", [])
    with pytest.raises(xai.DataError, match=r"y.tar holds no pictures in its .tar files\.$"):
        xai.load_dataset(path)


def test_an_archive_that_changes_is_another_one_and_no_wrong_bytes_are_read(tmp_path):
    path = write(tmp_path / "x.tar", TWO)
    before = xai.load_dataset(path)
    os.utime(path, ns=(10**18, 10**18))
    write(path, [("b.png", 7), ("b.cls", "dog"), ("a.png", 8), ("a.cls", "cat")])
    with pytest.raises(xai.PictureError, match=r"^a cannot be read: x.tar has changed since it was listed\.$"):
        before[0]
    after = xai.load_dataset(path)
    assert said(after) == [("b", "dog"), ("a", "cat")]
    assert not {item.stamp for item in before.items} & {item.stamp for item in after.items}


def test_links_that_lead_out_of_the_roots_are_not_read(tmp_path, monkeypatch):
    inside, outside = tmp_path / "in", tmp_path / "out"
    write(inside / "x.tar", [("a.png", 0), ("a.cls", "0")])
    write(outside / "y.tar", TWO)
    (outside / "classes.txt").write_text("secret\n")
    (inside / "y.tar").symlink_to(outside / "y.tar")
    (inside / "classes.txt").symlink_to(outside / "classes.txt")
    monkeypatch.setenv("XAI_DATA_ROOTS", str(inside))
    dataset = xai.load_dataset(inside)
    assert said(dataset) == [("a", "0")]
    assert set(problems(dataset)) == {"y.tar", "classes.txt"}
    with pytest.raises(xai.DataError, match="lies outside the folders that may be opened here"):
        xai.load_dataset(inside / "y.tar")


def test_a_hundred_thousand_files_are_listed_in_seconds(tmp_path):
    """Half of them pictures, half classes."""
    path = tmp_path / "x.tar"
    with path.open("wb") as file:
        for number in range(50_000):
            file.write(header(f"{number:06d}.png", 3) + b"png".ljust(512, b"\0"))
            file.write(header(f"{number:06d}.cls", 1) + str(number % 10).encode().ljust(512, b"\0"))
        file.write(END)
    xai.load_dataset("photos")  # whatever is imported at first
    with bounded(15.0, 300):
        dataset = xai.load_dataset(path)
    assert (len(dataset), dataset.items[49_999].label) == (50_000, "9")
