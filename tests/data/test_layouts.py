"""Folders as they lie on people's disks, each with its labels, counts, masks, and what was left out."""

import time
from collections import Counter

import numpy as np
import pytest

import xai_core as xai
from tests.support.known_sets import KNOWN
from tests.support.layouts import CASES, OBJECT, Case, counted
from xai_core.data.files import SUFFIXES


@pytest.mark.parametrize("case", [*CASES, *KNOWN], ids=lambda case: case.name)
def test_a_folder_is_read_as_it_lies(case, tmp_path):
    root = case.write(tmp_path / "set")
    assert xai.list_splits(root) == case.splits
    data = xai.load_dataset(root, split=case.split, **case.options)
    assert counted(data) == case.labels
    samples = list(data)
    assert [sample.name for sample in samples] == [item.name for item in data.items]
    assert len({item.name for item in data.items}) == len(data)
    with_masks = [sample for sample in samples if sample.mask is not None]
    assert len(with_masks) == case.masks
    for sample in with_masks:
        truth = np.zeros(sample.mask.shape, bool)
        truth[OBJECT] = True
        np.testing.assert_array_equal(sample.mask == 1, truth)
    assert sorted(problem.name for problem in data.skipped) == sorted(case.skipped)
    assert all(problem.reason.endswith(".") for problem in data.skipped)
    for sentence in case.says:
        assert sentence in data.notes
    assert dict(Counter(item.group for item in data.items if item.group)) == case.groups
    assert [sample.group for sample in samples] == [item.group for item in data.items]
    again = eval(data.code)
    assert [(item.name, item.stamp) for item in again.items] == [(item.name, item.stamp) for item in data.items]


def test_nothing_was_dropped_without_a_word(tmp_path):
    """Each picture of each folder is a picture, a mask of one, or named among what was passed over."""
    for case in CASES:
        root = case.write(tmp_path / case.name)
        parts = xai.list_splits(root) or (None,)
        seen, said = set(), set()
        for split in parts:
            data = xai.load_dataset(root, split=split, **case.options)
            for item in data.items:
                seen |= {part.rsplit(":", 2)[0] for part in item.stamp.split("|")}
            said |= {problem.name.rstrip("/") for problem in data.skipped}
        for path in root.rglob("*"):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.is_file() and path.suffix in (".jpg", ".png", ".JPEG") and not hidden:
                named = str(path) in seen or any(name in str(path) for name in said)
                assert named, (case.name, path)


def test_where_nothing_is_read_what_is_there_is_said(tmp_path, monkeypatch):
    """Where pydicom is not installed."""
    monkeypatch.setattr("xai_core.data.files.SUFFIXES", SUFFIXES - {".dcm"})
    files = tuple(f"{folder}/{i}.dcm" for folder in ("a", "b", "c") for i in range(4))
    root = Case("dicom", (*files, "a/readme.txt"), {}).write(tmp_path / "set")
    with pytest.raises(xai.DataError) as error:
        xai.load_dataset(root)
    assert str(error.value) == (
        f"{root} holds no pictures. Expected one folder for each class with pictures in it, or pictures. It has 13 "
        "files in 3 folders, none of which is read: .dcm (12), .txt (1). .dcm: install the extra `medical`."
    )


def test_an_archive_that_was_not_unpacked_is_said(tmp_path):
    root = Case("zip", ("pictures.zip",), {}).write(tmp_path / "set")
    with pytest.raises(
        xai.DataError, match=r"It has 1 file in 1 folder, none of which is read: \.zip \(1\)\. \.zip: unpack it\."
    ):
        xai.load_dataset(root)


@pytest.mark.parametrize(
    ("asked", "name"), [("train", "Train"), ("Train", "Train"), ("training", "Train"), ("valid", "dev")]
)
def test_a_split_is_found_by_its_name_its_synonyms_and_its_folders_name(tmp_path, asked, name):
    root = Case("splits", ("Train/cat/t.jpg", "dev/cat/d.jpg", "dev/dog/d.jpg"), {}).write(tmp_path / "set")
    data = xai.load_dataset(root, split=asked)
    assert {item.name.split("/")[-1][0] for item in data.items} == {name[0].lower()}


def test_links_that_lead_back_up_end(tmp_path):
    root = Case("links", ("cat/1.jpg", "dog/2.jpg"), {}).write(tmp_path / "set")
    (root / "cat" / "again").symlink_to(root)
    data = xai.load_dataset(root)
    assert counted(data) == {"cat": 1, "dog": 1}
    assert [problem.name for problem in data.skipped] == ["cat/again"]


def test_links_in_a_circle_or_to_nothing_leave_the_pictures_beside_them(tmp_path):
    root = Case("circle", ("cat/1.jpg", "dog/2.jpg"), {}).write(tmp_path / "set")
    for name, target in (("3.jpg", "4.jpg"), ("4.jpg", "3.jpg"), ("5.jpg", "nowhere.jpg")):
        (root / "dog" / name).symlink_to(target)
    data = xai.load_dataset(root)
    assert counted(data) == {"cat": 1, "dog": 1}
    assert [problem.name for problem in data.skipped] == ["dog/3.jpg", "dog/4.jpg", "dog/5.jpg"]


def test_ten_thousand_names_are_listed_in_two_seconds(tmp_path):
    for number in range(50):
        folder = tmp_path / "train" / f"class {number}"
        folder.mkdir(parents=True)
        for name in range(100):
            (folder / f"{name}.jpg").touch()
            (folder / f"{name}_mask.png").touch()
    xai.load_dataset("photos")  # whatever is imported at first
    started = time.process_time()
    data = xai.load_dataset(tmp_path)
    assert time.process_time() - started < 2
    assert len(data) == 5000
    assert all("|" in item.stamp for item in data.items)
