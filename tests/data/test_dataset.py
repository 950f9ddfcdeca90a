"""Data sets: reading when asked for, the choice of some pictures, and loading by name, path or upload."""

import io
import re
import warnings
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core.data import Dataset, Item, Problem, from_uploads, list_datasets, load_dataset
from xai_core.data.pictures import make_sample
from xai_core.errors import DataError, PictureError


def png(value):
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2), (value, value, value)).save(buffer, "PNG")
    return buffer.getvalue()


def item(name, label, value=0, content=None):
    content = png(value) if content is None else content
    return Item(name, label, lambda: make_sample(content, name, label=label))


def animals():
    labels = ["ant", "ant", "ant", "bee", "cat", "bee"]
    items = tuple(item(f"{label}{index}", label, value=index) for index, label in enumerate(labels))
    return Dataset("animals", "Animals", items, (Problem("notes.txt", "Not a picture by its name."),))


def unlabelled():
    return Dataset("some", "Some", (item("a", None), item("b", None)))


def names(dataset):
    return [entry.name for entry in dataset.items]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, ["ant0"]),
        (3, ["ant0", "bee3", "cat4"]),
        (4, ["ant0", "bee3", "cat4", "ant1"]),
        (5, ["ant0", "bee3", "cat4", "ant1", "bee5"]),
    ],
)
def test_labels_take_turns_under_a_limit(limit, expected):
    assert names(animals().choose(limit=limit)) == expected


@pytest.mark.parametrize("limit", [None, 6, 7])
def test_without_a_limit_that_bites_the_order_stays(limit):
    assert names(animals().choose(limit=limit)) == ["ant0", "ant1", "ant2", "bee3", "cat4", "bee5"]


def test_chosen_labels_keep_the_order_of_the_data_set():
    assert names(animals().choose(["cat", "bee"])) == ["bee3", "cat4", "bee5"]
    assert names(animals().choose("cat")) == ["cat4"]
    assert names(animals().choose(["bee", "ant"], limit=3)) == ["ant0", "bee3", "ant1"]


def test_a_limit_without_labels_takes_the_first():
    assert names(unlabelled().choose(limit=1)) == ["a"]


def test_a_choice_keeps_everything_else():
    chosen = animals().choose("bee")
    assert (chosen.key, chosen.title, chosen.skipped) == ("animals", "Animals", animals().skipped)


def test_an_unknown_label_lists_the_known_ones():
    with pytest.raises(DataError) as caught:
        animals().choose(["ant", "dog"])
    assert str(caught.value) == "Animals has no pictures of 'dog'. Its labels are: ant, bee, cat."


def test_an_unknown_label_where_nothing_is_labelled_says_so():
    with pytest.raises(DataError) as caught:
        unlabelled().choose("dog")
    assert str(caught.value) == ("Some has no pictures of 'dog'. Its labels are: none: its pictures are not labelled.")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(DataError, match=rf"^limit must be at least 1, got {limit}\.$"):
        animals().choose(limit=limit)


def test_labels_come_in_order_of_first_appearance():
    dataset = Dataset("k", "t", (item("a", "zebra"), item("b", None), item("c", "ant"), item("d", "zebra")))
    assert dataset.labels == ("zebra", "ant")


def test_indexing_reads_one_sample():
    dataset = animals()
    assert len(dataset) == 6
    assert (dataset[4].name, dataset[4].label, dataset[4].pixels[0, 0].tolist()) == ("cat4", "cat", [4, 4, 4])
    assert dataset[-1].name == "bee5"
    with pytest.raises(IndexError):
        dataset[6]


def test_slicing_gives_a_data_set_and_reads_nothing():
    def never():
        raise AssertionError("was read")

    dataset = Dataset("k", "t", tuple(Item(name, None, never) for name in "abcd"))
    part = dataset[1:3]
    assert isinstance(part, Dataset)
    assert (names(part), part.key, part.title) == (["b", "c"], "k", "t")
    assert names(dataset[::-2]) == ["d", "b"]


def test_iterating_reads_in_order():
    assert [sample.pixels[0, 0, 0] for sample in animals()] == [0, 1, 2, 3, 4, 5]


def test_read_gives_the_good_ones_and_the_reason_for_the_broken_one():
    items = (item("a.png", "x", 1), item("b.png", "x", content=b""), item("c.png", "y", 3))
    samples, problems = Dataset("k", "t", items).read()
    assert [(sample.name, sample.pixels[0, 0, 0]) for sample in samples] == [("a.png", 1), ("c.png", 3)]
    assert problems == [Problem("b.png", "b.png is empty (0 bytes).")]


def test_read_hides_no_other_error():
    def broken():
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        Dataset("k", "t", (Item("a", None, broken),)).read()


# By name, by path, as uploads


def test_the_registry_lists_the_photos_as_needing_no_download():
    photos = next(info for info in list_datasets() if info.key == "photos")
    assert (photos.download_mb, photos.on_disk) == (0.0, True)


def test_a_data_set_is_loaded_by_name_with_labels_and_limit():
    assert load_dataset("photos", labels=["tripod", "palace"], limit=1)[0].name == "camera"


def test_neither_a_name_nor_a_folder_lists_the_names(tmp_path):
    with pytest.raises(DataError, match=r"^'fotos' is neither a folder nor one of the data sets: .*photos.*\.$"):
        load_dataset("fotos")
    for info in list_datasets():
        with pytest.raises(DataError, match=re.escape(f"{info.key!r} for {info.title}")):
            load_dataset("fotos")
    gone = tmp_path / "gone"
    with pytest.raises(DataError, match=r"^There is no folder or file '.*gone' on this computer\.$"):
        load_dataset(gone)


def test_a_path_is_loaded_as_text_or_as_a_path(tmp_path):
    (tmp_path / "cat").mkdir()
    for index in range(3):
        (tmp_path / "cat" / f"{index}.png").write_bytes(png(index))
    for root in (tmp_path, str(tmp_path)):
        dataset = load_dataset(root, limit=2)
        assert names(dataset) == ["cat/0.png", "cat/1.png"]
        assert dataset[1].label == "cat"


def test_uploads_are_read_when_asked_for_without_labels():
    dataset = from_uploads([("b.png", png(7)), ("a.jpg", b"text")])
    assert (names(dataset), dataset.labels, dataset.key) == (["b.png", "a.jpg"], (), "uploads")
    assert (dataset[0].name, dataset[0].label, dataset[0].pixels[0, 0, 0]) == ("b.png", None, 7)
    with pytest.raises(PictureError, match=r"^a\.jpg is not a picture of a kind that is read here"):
        dataset[1]


def test_the_stamp_of_an_upload_follows_its_content():
    first, same, other = from_uploads([("a", png(1)), ("b", png(1)), ("c", png(2))]).items
    assert first.stamp == same.stamp != other.stamp


def test_uploads_of_one_name_are_told_apart():
    assert [item.name for item in from_uploads([("a", b""), ("b", b""), ("a", b"")]).items] == ["a", "b", "a (2)"]


# Included pictures, and the expression that gives the same again


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"limit": 2, "also": ["ant2"]}, ["ant0", "bee3", "ant2"]),
        ({"limit": 2, "also": ["bee5", "ant1"]}, ["ant0", "bee3", "ant1", "bee5"]),  # in the data set's order
        ({"limit": 2, "also": ["ant0", "bee3"]}, ["ant0", "bee3"]),
        ({"limit": 2, "also": ["ant2", "ant2"]}, ["ant0", "bee3", "ant2"]),
        ({"limit": 2, "also": ["dog7", "ant2", ""]}, ["ant0", "bee3", "ant2"]),
        ({"labels": "cat", "also": ["ant1"]}, ["cat4", "ant1"]),
        ({"labels": ["bee"], "limit": 1, "also": ["bee5", "cat4"]}, ["bee3", "cat4", "bee5"]),
        ({"also": ["ant1"]}, ["ant0", "ant1", "ant2", "bee3", "cat4", "bee5"]),
        ({"also": ["gone"], "limit": 6}, ["ant0", "ant1", "ant2", "bee3", "cat4", "bee5"]),
    ],
)
def test_pictures_asked_for_by_name_come_along_once_beyond_the_limit(asked, expected):
    assert names(animals().choose(**asked)) == expected


def again(dataset, start):
    """The data set that its expression gives, where `animals` is the one it began with."""
    return eval(dataset.code, {"animals": start})


CHOICES = {
    "labels": lambda data: data.choose(["cat", "bee"]),
    "one label": lambda data: data.choose("cat"),
    "limit": lambda data: data.choose(limit=4),
    "labels and limit": lambda data: data.choose(["bee", "ant"], limit=3),
    "also": lambda data: data.choose(limit=2, also=["bee5", "gone", "ant1"]),
    "all of them": lambda data: data.choose("bee", limit=1, also=["cat4", "bee5"]),
    "a limit that does not bite": lambda data: data.choose("ant", limit=3),
    "slice": lambda data: data[1:4],
    "slice backwards": lambda data: data[::-2],
    "take": lambda data: data.take([4, 0, 4]),
    "turns": lambda data: data.taking_turns(),
    "one after the other": lambda data: data.taking_turns()[:5].choose(["ant", "cat"]).take((1, 0)),
}


@pytest.mark.parametrize("how", CHOICES.values(), ids=CHOICES)
def test_the_expression_gives_the_same_pictures_in_the_same_order(how):
    start = replace(animals(), code="animals")
    chosen = how(start)
    assert chosen.code.startswith("animals.") or chosen.code.startswith("animals[")
    found = again(chosen, start)
    assert found.items == chosen.items
    assert found.code == chosen.code


def test_a_choice_of_everything_is_the_data_set_itself():
    start = replace(animals(), code="animals")
    for same in (start.choose(), start.choose(limit=6), start.choose(["cat", "bee", "ant"]), start.choose(also=["x"])):
        assert same is start


def test_indices_of_numpy_are_written_as_numbers():
    start = replace(animals(), code="animals")
    for chosen in (start.take(np.array([3, 1])), start.choose(limit=np.int64(2))):
        assert again(chosen, start).items == chosen.items


def test_without_an_expression_a_choice_has_none():
    assert animals().code == ""
    for how in CHOICES.values():
        assert how(animals()).code == ""


def stamps(dataset):
    return [(entry.name, entry.label, entry.stamp) for entry in dataset.items]


def evaluated(code):
    return eval(code, {"xai": xai})


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("photos", {}),
        ("photos", {"labels": ["tripod", "palace"], "limit": 1}),
        ("textured_digits", {"split": "val", "labels": ["3", "7"], "limit": 5}),
        ("textured_digits", {"limit": 12}),
    ],
)
def test_the_expression_of_a_loaded_set_loads_it_again(key, asked):
    dataset = load_dataset(key, **asked)
    assert dataset.code.startswith(f"xai.load_dataset({key!r}")
    assert stamps(evaluated(dataset.code)) == stamps(dataset)
    assert len(dataset) == asked.get("limit", len(dataset))


def test_the_expression_of_a_folder_holds_wherever_it_is_evaluated(tmp_path, monkeypatch):
    root = tmp_path / 'it\'s "mine"'
    for split in ("train", "test"):
        for label in ("cat", "dog"):
            (root / split / label).mkdir(parents=True)
            for index in range(3):
                (root / split / label / f"{index}.png").write_bytes(png(index))
    monkeypatch.chdir(tmp_path)
    dataset = load_dataset(root.name, split="train", limit=4)
    monkeypatch.chdir("/")
    found = evaluated(dataset.code)
    assert stamps(found) == stamps(dataset)
    assert names(found) == ["cat/0.png", "dog/0.png", "cat/1.png", "dog/1.png"]
    assert [sample.id for sample in found] == [sample.id for sample in dataset]


def test_the_expression_of_uploads_reads_the_files_beside_it(tmp_path, monkeypatch):
    files = [("b.png", png(7)), ("it's a.png", png(3))]
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    dataset = from_uploads(files)
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        found = evaluated(dataset.code)
        assert stamps(found) == stamps(dataset)
        assert stamps(evaluated(dataset.take([1]).code)) == stamps(dataset.take([1]))


def test_the_expression_of_uploads_leaves_no_file_open(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(png(7))
    monkeypatch.chdir(tmp_path)
    dataset = from_uploads([("a.png", png(7))])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        evaluated(dataset.code)
    assert [str(warning.message) for warning in said] == []


def test_sets_and_models_print_as_a_line():
    """Not as every picture, weight and layer in them."""
    digits = xai.load_dataset("textured_digits")
    assert repr(digits) == "<Dataset 'Textured digits': 300 pictures, 10 labels>"
    assert repr(xai.load_model("digits")) == "<Classifier 'Digits (honest)': 10 classes, input 64 x 64>"
