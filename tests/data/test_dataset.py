"""Data sets: reading when asked for, the choice of some pictures, and loading by name, path or upload."""

import io

import pytest
from PIL import Image

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
    gone = tmp_path / "gone"
    with pytest.raises(DataError, match="gone' is neither a folder nor one of the data sets: "):
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
