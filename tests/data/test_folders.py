"""Folders of pictures: classes, splits, flat folders, and everything that was passed over."""

import io
import os

import pytest
from PIL import Image

from xai_core.data import Problem, load_dataset
from xai_core.data.class_folders import load
from xai_core.data.folders import split_label
from xai_core.errors import DataError

NOT_A_PICTURE = "Not a picture by its name."
LOOSE = "Lies beside the class folders, so it has no label."


def fill(root, *files):
    """Writes a picture at each path, each of its own grey; text where the name is no picture's."""
    for value, file in enumerate(files):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in (".txt", ".md", ""):
            path.write_text("text")
        else:
            buffer = io.BytesIO()
            Image.new("RGB", (3, 2), (value, value, value)).save(buffer, "PNG")
            path.write_bytes(buffer.getvalue())
    return root


def listed(dataset):
    return [(item.name, item.label) for item in dataset.items]


def test_class_folders_give_the_labels(tmp_path):
    dataset = load(fill(tmp_path / "zoo", "bee/1.png", "ant/2.jpg", "ant/1.JPEG", "grand_piano/x.webp"))
    assert listed(dataset) == [
        ("ant/1.JPEG", "ant"),
        ("ant/2.jpg", "ant"),
        ("bee/1.png", "bee"),
        ("grand_piano/x.webp", "grand piano"),
    ]
    assert (dataset.key, dataset.title, dataset.skipped) == (str(tmp_path / "zoo"), "zoo", ())
    sample = dataset[1]
    assert (sample.name, sample.label, sample.wnid, sample.mask) == ("ant/2.jpg", "ant", None, None)
    assert sample.pixels[0, 0].tolist() == [1, 1, 1]


def test_a_wordnet_id_in_the_name_becomes_wnid_and_label(tmp_path):
    dataset = load(fill(tmp_path, "n02690373_grand_piano/1.png"))
    assert (dataset[0].label, dataset[0].wnid) == ("grand piano", "n02690373")


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("n02690373_grand_piano", ("grand piano", "n02690373")),
        ("n02690373-airliner", ("airliner", "n02690373")),
        ("n02690373 airliner", ("airliner", "n02690373")),
        ("n02690373", ("n02690373", "n02690373")),
        ("n0269037_short", ("n0269037 short", None)),
        ("n026903731", ("n026903731", None)),
        ("sea_lion", ("sea lion", None)),
        ("cat", ("cat", None)),
    ],
)
def test_the_name_of_a_class_folder_is_split(folder, expected):
    assert split_label(folder) == expected


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (("train", "val", "test"), "test"),
        (("train", "val"), "val"),
        (("train", "valid"), "valid"),
        (("training", "validation"), "validation"),
        (("train",), "train"),
    ],
)
def test_the_test_split_is_preferred_then_validation(tmp_path, there, expected):
    root = fill(tmp_path / "set", *[f"{split}/cat/{split}.png" for split in there])
    dataset = load(root)
    assert listed(dataset) == [(f"cat/{expected}.png", "cat")]
    assert dataset.title == f"set/{expected}"


def test_a_split_that_was_asked_for_is_taken(tmp_path):
    root = fill(tmp_path / "set", "train/cat/a.png", "test/cat/b.png")
    assert listed(load(root, "train")) == [("cat/a.png", "cat")]
    assert load(root, "train").title == "set/train"


def test_an_unknown_split_lists_those_that_are_there(tmp_path):
    root = fill(tmp_path, "train/cat/a.png", "test/cat/b.png")
    with pytest.raises(DataError) as caught:
        load(root, "val")
    assert str(caught.value) == f"{root} has no split 'val'. It has: test, train."


def test_a_split_of_a_folder_without_splits_is_refused(tmp_path):
    root = fill(tmp_path, "cat/a.png")
    with pytest.raises(DataError) as caught:
        load(root, "cat")
    assert str(caught.value) == f"{root} has no split 'cat'. It has: none."


def test_a_class_called_test_beside_other_classes_is_a_class(tmp_path):
    root = fill(tmp_path, "exam/a.png", "test/b.png")
    assert listed(load(root)) == [("exam/a.png", "exam"), ("test/b.png", "test")]


def test_a_hidden_folder_beside_the_splits_makes_no_class_of_them(tmp_path):
    root = fill(tmp_path, ".cache/a.png", "test/cat/b.png", "train/cat/c.png", "README.md")
    assert listed(load(root)) == [("cat/b.png", "cat")]


def test_a_flat_folder_has_no_labels(tmp_path):
    dataset = load(fill(tmp_path, "b.png", "a.jpg"))
    assert listed(dataset) == [("a.jpg", None), ("b.png", None)]
    assert (dataset.labels, dataset[0].label, dataset[0].wnid) == ((), None, None)


def test_a_flat_split_has_no_labels(tmp_path):
    assert listed(load(fill(tmp_path, "test/b.png", "train/a.png"))) == [("b.png", None)]


def test_pictures_beside_a_folder_without_pictures_are_a_flat_folder(tmp_path):
    dataset = load(fill(tmp_path, "a.png", "docs/guide.txt"))
    assert listed(dataset) == [("a.png", None)]
    assert dataset.skipped == (Problem("docs/guide.txt", NOT_A_PICTURE),)


def test_an_empty_folder_is_refused_with_what_was_expected(tmp_path):
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds no pictures. Expected one folder for each class with pictures in it, or pictures."
    )


def test_a_folder_of_other_files_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no pictures"):
        load(fill(tmp_path, "cat/notes.txt", "README.md"))


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"^The folder .*gone cannot be read: No such file or directory\.$"):
        load(tmp_path / "gone")


def test_files_that_are_no_pictures_are_reported(tmp_path):
    dataset = load(fill(tmp_path, "cat/a.png", "cat/notes.txt", "dog/LICENSE", "dog/b.png", "README.md"))
    assert listed(dataset) == [("cat/a.png", "cat"), ("dog/b.png", "dog")]
    assert dataset.skipped == (
        Problem("cat/notes.txt", NOT_A_PICTURE),
        Problem("dog/LICENSE", NOT_A_PICTURE),
        Problem("README.md", NOT_A_PICTURE),
    )


def test_files_that_are_no_pictures_are_reported_in_a_flat_folder(tmp_path):
    assert load(fill(tmp_path, "a.png", "notes.txt")).skipped == (Problem("notes.txt", NOT_A_PICTURE),)


def test_loose_pictures_beside_class_folders_are_reported(tmp_path):
    dataset = load(fill(tmp_path, "cat/a.png", "cover.jpg", "map.png"))
    assert listed(dataset) == [("cat/a.png", "cat")]
    assert dataset.skipped == (Problem("cover.jpg", LOOSE), Problem("map.png", LOOSE))


def test_hidden_files_are_ignored(tmp_path):
    dataset = load(fill(tmp_path, "cat/a.png", "cat/.b.png", ".git/c.png", ".d.png", "cat/.notes.txt"))
    assert listed(dataset) == [("cat/a.png", "cat")]
    assert dataset.skipped == ()


def test_a_broken_picture_is_found_when_it_is_read_and_named_with_its_folder(tmp_path):
    root = fill(tmp_path, "cat/a.png", "cat/b.jpg")
    (root / "cat" / "b.jpg").write_text("text")
    samples, problems = load(root).read()
    assert [sample.name for sample in samples] == ["cat/a.png"]
    assert [problem.name for problem in problems] == ["cat/b.jpg"]
    assert problems[0].reason.startswith("cat/b.jpg is not a picture of a kind that is read here")


def test_the_stamp_changes_with_the_file(tmp_path):
    path = fill(tmp_path, "cat/a.png") / "cat" / "a.png"
    before = load(tmp_path).items[0].stamp
    assert load(tmp_path).items[0].stamp == before
    os.utime(path, ns=(1, 1))
    assert load(tmp_path).items[0].stamp != before


def test_load_dataset_passes_split_labels_and_limit_on(tmp_path):
    root = fill(tmp_path, "train/cat/a.png", "train/cat/b.png", "train/dog/c.png", "test/cat/d.png")
    assert listed(load_dataset(root, split="train", limit=2)) == [("cat/a.png", "cat"), ("dog/c.png", "dog")]
    assert listed(load_dataset(root, split="train", labels="dog")) == [("dog/c.png", "dog")]
