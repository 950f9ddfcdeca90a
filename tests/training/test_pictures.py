"""The pictures of a training: what the network is given of them, how they are divided, and how they are found again."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

import xai_core as xai
from xai_core.data import Dataset, Item
from xai_core.models import ARCHITECTURES
from xai_core.records import PictureSource, RunWriter
from xai_core.training import Settings, pictures
from xai_core.training.pictures import Normalise, Tensors, batches, material, run_pictures
from xai_core.types import Preprocessing

VIEW = Preprocessing(12, 8, mean=(0.4, 0.5, 0.6), std=(0.2, 0.25, 0.3))


def paint(path, seed=0, size=(15, 13)):
    """A picture of noise, each seed its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def zoo(root, **counts):
    """A folder with so many pictures in each class folder."""
    for name, count in counts.items():
        for index in range(count):
            paint(root / name / f"{index:02d}.png", seed=len(name) * 100 + index)
    return root


def settings(data, **changes):
    return Settings("n", str(data), "small_resnet", **changes)


# pixels


def test_tensors_are_what_the_network_sees(tmp_path):
    dataset = xai.load_dataset(zoo(tmp_path, ant=3, bee=2))
    tensors = Tensors(dataset, ("bee", "ant"), VIEW)
    pixels, labels = tensors.batch(np.array([4, 0, 2]))
    assert (pixels.shape, pixels.dtype, labels.dtype) == ((3, 3, 8, 8), torch.uint8, torch.int64)
    for row, index in enumerate([4, 0, 2]):
        assert np.array_equal(pixels[row].permute(1, 2, 0).numpy(), VIEW.view(dataset[index].pixels))
    assert labels.tolist() == [0, 1, 1]
    assert tensors.labels.tolist() == [1, 1, 1, 0, 0]
    assert tensors.names == ("ant/00.png", "ant/01.png", "ant/02.png", "bee/00.png", "bee/01.png")
    assert (len(tensors), tensors.problems) == (5, [])


def test_the_networks_input_is_that_of_the_preprocessing(tmp_path):
    dataset = xai.load_dataset(zoo(tmp_path, ant=2, bee=2))
    pixels, _ = Tensors(dataset, dataset.labels, VIEW).batch(np.arange(4))
    kept = pixels.clone()
    inputs = Normalise(VIEW, torch.device("cpu"))(pixels)
    assert inputs.dtype == torch.float32
    assert inputs.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(pixels, kept)
    assert np.array_equal(inputs.numpy(), np.stack([VIEW.array(sample) for sample in dataset]))


def test_pictures_of_other_classes_are_left_out(tmp_path):
    dataset = xai.load_dataset(zoo(tmp_path, ant=2, bee=1, cat=2))
    tensors = Tensors(dataset, ("ant", "cat"), VIEW)
    assert tensors.labels.tolist() == [0, 0, 1, 1]
    assert not any("bee" in name for name in tensors.names)


@pytest.mark.parametrize("room", [1 << 30, 0])
def test_pictures_that_cannot_be_read_are_left_out_and_named(room, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "IN_MEMORY", room)
    zoo(tmp_path, ant=3, bee=2)
    (tmp_path / "ant" / "01.png").write_text("no picture")
    (tmp_path / "bee" / "01.png").write_bytes(b"")
    dataset = xai.load_dataset(tmp_path)
    tensors = Tensors(dataset, dataset.labels, VIEW)
    assert tensors.names == ("ant/00.png", "ant/02.png", "bee/00.png")
    assert tensors.labels.tolist() == [0, 0, 1]
    assert [problem.split()[0] for problem in tensors.problems] == ["ant/01.png", "bee/01.png"]
    assert "empty" in tensors.problems[1]
    assert np.array_equal(tensors.batch(np.array([2]))[0][0].permute(1, 2, 0).numpy(), VIEW.view(dataset[3].pixels))


def counting(dataset):
    """The data set, and a list that grows by a name with every reading."""
    read = []

    def reading(item):
        read.append(item.name)
        return item.read()

    items = tuple(replace(item, read=partial(reading, item)) for item in dataset.items)
    return replace(dataset, items=items), read


def test_more_than_memory_takes_is_read_each_time_with_equal_batches(tmp_path, monkeypatch):
    dataset, read = counting(xai.load_dataset(zoo(tmp_path, ant=3, bee=2)))
    monkeypatch.setattr(pictures, "IN_MEMORY", 5 * 3 * 8 * 8)
    kept = Tensors(dataset, dataset.labels, VIEW)
    read.clear()
    expected = [kept.batch(rows) for rows in (np.array([0, 3]), np.array([4]))]
    assert read == []
    monkeypatch.setattr(pictures, "IN_MEMORY", 5 * 3 * 8 * 8 - 1)
    anew = Tensors(dataset, dataset.labels, VIEW)
    read.clear()
    for rows, (pixels, labels) in zip((np.array([0, 3]), np.array([4])), expected, strict=True):
        found = anew.batch(rows)
        assert torch.equal(found[0], pixels)
        assert torch.equal(found[1], labels)
    assert read == ["ant/00.png", "bee/00.png", "bee/01.png"]
    anew.batch(np.array([0]))
    assert read[3:] == ["ant/00.png"]


def test_batches_are_all_pictures_in_order(tmp_path):
    tensors = Tensors(xai.load_dataset(zoo(tmp_path, ant=3, bee=4)), ("ant", "bee"), VIEW)
    found = list(batches(tensors, 3))
    assert [len(labels) for _, labels in found] == [3, 3, 1]
    everything = tensors.batch(np.arange(7))
    assert torch.equal(torch.cat([pixels for pixels, _ in found]), everything[0])
    assert torch.equal(torch.cat([labels for _, labels in found]), everything[1])


# folders


def test_train_and_test(tmp_path):
    zoo(tmp_path / "train", ant=3, bee=2)
    zoo(tmp_path / "test", ant=1, bee=2)
    found = material(settings(tmp_path), VIEW)
    assert found.class_names == ("ant", "bee")
    assert found.source == PictureSource(str(tmp_path), "test")
    assert found.validation is None
    assert found.recorded.names == ("ant/00.png", "bee/00.png", "bee/01.png")
    assert (found.size, len(found.training(1))) == (5, 5)
    assert found.training(1) is found.training(2)
    dataset = xai.load_dataset(tmp_path, split="train")
    pixels, labels = found.training(1).batch(np.arange(5))
    assert labels.tolist() == [0, 0, 0, 1, 1]
    assert np.array_equal(pixels[4].permute(1, 2, 0).numpy(), VIEW.view(dataset[4].pixels))


@pytest.mark.parametrize(("train", "val"), [("train", "val"), ("training", "valid"), ("train", "validation")])
def test_train_validation_and_test(train, val, tmp_path):
    zoo(tmp_path / train, ant=4, bee=4)
    zoo(tmp_path / val, ant=3, bee=3)
    zoo(tmp_path / "test", ant=2, bee=2)
    found = material(settings(tmp_path), VIEW)
    assert (found.size, len(found.validation), len(found.recorded)) == (8, 6, 4)
    assert found.source.split == "test"


@pytest.mark.parametrize("val", ["val", "valid", "validation"])
def test_without_a_test_split_the_validation_split_is_recorded(val, tmp_path):
    zoo(tmp_path / "train", ant=4, bee=4)
    zoo(tmp_path / val, ant=3, bee=3)
    found = material(settings(tmp_path), VIEW)
    assert (found.size, found.validation, len(found.recorded), found.source.split) == (8, None, 6, val)


def training_names(found):
    return set(found.training(1).names)


def test_a_fifth_of_each_class_is_held_out(tmp_path):
    zoo(tmp_path, ant=10, bee=5, cat=3, dog=24)
    found = material(settings(tmp_path), VIEW)
    counts = dict(zip(*np.unique(found.recorded.labels, return_counts=True), strict=True))
    assert counts == {0: 2, 1: 1, 2: 1, 3: 5}
    assert found.validation is None
    assert found.source == PictureSource(str(tmp_path), None)
    held_out, learned = set(found.recorded.names), training_names(found)
    assert not held_out & learned
    assert held_out | learned == {item.name for item in xai.load_dataset(tmp_path).items}
    assert found.size == 42 - 9
    assert list(found.recorded.names) == sorted(found.recorded.names)


def test_what_is_held_out_follows_from_the_seed(tmp_path):
    zoo(tmp_path, ant=20, bee=20)
    first = material(settings(tmp_path, seed=3), VIEW).recorded.names
    assert material(settings(tmp_path, seed=3, epochs=2), VIEW).recorded.names == first
    assert material(settings(tmp_path, seed=4), VIEW).recorded.names != first


def test_held_out_pictures_are_not_just_the_first_ones(tmp_path):
    names = material(settings(zoo(tmp_path, ant=20, bee=20)), VIEW).recorded.names
    assert names[:4] != tuple(f"ant/{i:02d}.png" for i in range(4))


def test_a_training_split_alone_is_divided(tmp_path):
    zoo(tmp_path / "train", ant=5, bee=5)
    found = material(settings(tmp_path), VIEW)
    assert (found.size, len(found.recorded), found.source.split) == (8, 2, "train")


def test_a_class_with_one_picture_is_learned(tmp_path):
    """Held out, its only picture would leave nothing to learn the class from, and the class would be lost."""
    found = material(settings(zoo(tmp_path, ant=5, bee=5, cat=1)), VIEW)
    assert found.class_names == ("ant", "bee", "cat")
    assert found.training(1).labels.tolist() == [0] * 4 + [1] * 4 + [2]
    assert found.recorded.labels.tolist() == [0, 1]


def test_one_class_is_refused_by_name(tmp_path):
    zoo(tmp_path, ant=5)
    with pytest.raises(xai.TrainingError) as caught:
        material(settings(tmp_path), VIEW)
    assert str(caught.value) == (
        f"A classifier needs pictures of two classes or more; in {tmp_path} there is only 'ant'."
    )


def test_pictures_without_labels_are_refused(tmp_path):
    for index in range(4):
        paint(tmp_path / f"{index}.png")
    with pytest.raises(xai.TrainingError, match=r"needs pictures of two classes or more; in .* there is none\.$"):
        material(settings(tmp_path), VIEW)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(xai.DataError, match="holds no pictures"):
        material(settings(tmp_path), VIEW)
    with pytest.raises(xai.DataError, match="There is no folder or file"):
        material(settings(tmp_path / "gone"), VIEW)


@pytest.mark.parametrize(("split", "what"), [("train", "learn from"), ("test", "record")])
def test_too_few_readable_pictures_are_refused(split, what, tmp_path):
    for part in ("train", "test"):
        zoo(tmp_path / part, ant=2, bee=2)
    for path in sorted((tmp_path / split).rglob("*.png"))[1:]:
        path.write_text("no picture")
    with pytest.raises(xai.TrainingError) as caught:
        material(settings(tmp_path), VIEW)
    assert str(caught.value) == f"{tmp_path} has 1 readable pictures to {what}; it takes at least two."


def test_for_a_random_crop_training_pictures_are_as_large_as_they_were_resized(tmp_path):
    zoo(tmp_path / "train", ant=3, bee=2)
    zoo(tmp_path / "val", ant=3, bee=2)
    zoo(tmp_path / "test", ant=3, bee=2)
    found = material(settings(tmp_path, augment=("crop",)), VIEW)
    assert found.training(1).batch(np.arange(2))[0].shape == (2, 3, 12, 12)
    assert found.recorded.batch(np.arange(2))[0].shape == (2, 3, 8, 8)
    assert found.validation.batch(np.arange(2))[0].shape == (2, 3, 8, 8)
    plain = material(settings(tmp_path, augment=("flip",)), VIEW)
    assert plain.training(1).batch(np.arange(2))[0].shape == (2, 3, 8, 8)


def test_the_pictures_are_found_again_from_another_working_folder(tmp_path, monkeypatch):
    zoo(tmp_path / "zoo", ant=3, bee=3)
    monkeypatch.chdir(tmp_path)
    found = material(settings("zoo"), VIEW)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    there = {item.name for item in xai.load_dataset(found.source.data, split=found.source.split).items}
    assert set(found.recorded.names) <= there


def test_a_folder_that_is_called_like_a_data_set_does_not_take_its_place(tmp_path, monkeypatch):
    def some(*asked, **how):
        dataset = xai.load_dataset(*asked, **how)
        return replace(dataset, items=dataset.items[::20])

    zoo(tmp_path / "textured_digits_shortcut", ant=2, bee=2)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures, "load_dataset", some)
    found = material(settings("textured_digits_shortcut"), VIEW)
    assert "ant" not in found.class_names
    assert found.source == PictureSource("textured_digits_shortcut", "test")


# textured digits


@pytest.fixture
def few_digits(monkeypatch):
    """Every seventh digit, and how each set was asked for."""
    asked = []

    def some(split="test", **how):
        asked.append((split, how))
        dataset = xai.textured_digits(split, **how)
        return replace(dataset, items=dataset.items[::7])

    monkeypatch.setattr(pictures, "textured_digits", some)
    return asked


def test_digits_are_drawn_anew_in_each_epoch(few_digits):
    view = ARCHITECTURES["small_resnet"].preprocessing
    found = material(settings("textured_digits", shortcut=0.5, seed=4, redraws=2), view)
    assert found.class_names == tuple("0123456789")
    assert found.source == PictureSource("textured_digits", "test")
    n = len(range(0, 1297, 7))
    assert (found.size, len(found.recorded), len(found.validation)) == (2 * n, 43, 29)
    assert ("test", {}) in few_digits
    assert ("val", {"shortcut": 0.5}) in few_digits
    everything, drawn = np.arange(2 * n), []
    for epoch in (1, 2):
        few_digits.clear()
        tensors = found.training(epoch)
        assert len(tensors) == found.size
        drawn += [how["redraw"] for _, how in few_digits]
        assert all(split == "train" for split, _ in few_digits)
        assert all((how["shortcut"], how["seed"]) == (0.5, 4) for _, how in few_digits)
        pixels, labels = tensors.batch(everything)
        assert torch.equal(labels[:n], labels[n:])
        assert not torch.equal(pixels[:n], pixels[n:])
        assert torch.equal(pixels, found.training(epoch).batch(everything)[0])
    assert len(set(drawn)) == len(drawn) == 4


def test_recorded_digits_are_those_of_the_data_set_whatever_the_settings(few_digits):
    view = ARCHITECTURES["small_resnet"].preprocessing
    found = material(settings("textured_digits", shortcut=1.0, seed=9), view)
    expected = [sample.pixels for sample in xai.load_dataset("textured_digits", split="test")][::7]
    pixels, labels = found.recorded.batch(np.arange(43))
    assert np.array_equal(pixels.permute(0, 2, 3, 1).numpy(), np.stack(expected))
    assert [found.class_names[label] for label in labels] == [name.split("-")[0] for name in found.recorded.names]


# found again


def recorded(folder, names, labels, source, classes=("ant", "bee"), **more):
    """A run of one epoch in a folder."""
    writer = RunWriter(folder)
    labels = np.array(labels)
    writer.begin(name="my run", class_names=classes, pictures=names, labels=labels, source=source, **more)
    writer.epoch(1, labels, np.ones(len(names)), np.ones(len(names)))
    return xai.TrainingRun.open(folder)


def test_pictures_of_a_data_set_are_found_in_the_records_order(tmp_path):
    dataset = xai.load_dataset("textured_digits", split="val")
    chosen = [dataset.items[i] for i in (5, 0, 100)]
    run = recorded(
        tmp_path,
        [item.name for item in chosen],
        [int(item.label) for item in chosen],
        PictureSource("textured_digits", "val"),
        classes=tuple("0123456789"),
    )
    found = run_pictures(run)
    assert (found.title, len(found)) == ("my run", 3)
    for item, sample in zip(chosen, found, strict=True):
        assert (sample.name, sample.label) == (item.name, item.label)
        assert np.array_equal(sample.pixels, item.read().pixels)


def test_pictures_of_a_folder_are_found_and_one_that_is_gone_says_so(tmp_path):
    data = zoo(tmp_path / "zoo" / "test", ant=2, bee=2).parent
    names = ["bee/01.png", "ant/00.png", "ant/01.png"]
    run = recorded(tmp_path / "run", names, [1, 0, 0], PictureSource(str(data), "test"))
    (data / "test" / "ant" / "00.png").unlink()
    found = run_pictures(run)
    assert [(item.name, item.label) for item in found.items] == list(zip(names, ("bee", "ant", "ant"), strict=True))
    samples, problems = found.read()
    assert [sample.name for sample in samples] == ["bee/01.png", "ant/01.png"]
    with Image.open(data / "test" / "bee" / "01.png") as image:
        assert np.array_equal(samples[0].pixels, np.asarray(image))
    assert [(problem.name, problem.reason) for problem in problems] == [
        ("ant/00.png", f"ant/00.png is not in {data} any more.")
    ]


def test_a_data_set_that_is_gone_says_so(tmp_path):
    run = recorded(tmp_path, ["a"], [0], PictureSource(str(tmp_path / "gone"), "test"))
    with pytest.raises(xai.DataError, match=r"There is no folder or file '.*gone'"):
        run_pictures(run)


def test_pictures_in_the_record_itself(tmp_path):
    zoo(tmp_path / "zoo", ant=2)
    pngs = [(tmp_path / "zoo" / "ant" / f"0{i}.png").read_bytes() for i in (0, 1)]
    run = recorded(tmp_path / "run", ["x", "y"], [1, 0], PictureSource(), pngs=pngs)
    assert run.source.stored
    for part, order in ((run, ["x", "y"]), (run.take([1]), ["y"]), (run.take([1, 0]), ["y", "x"])):
        found = run_pictures(part)
        assert [sample.name for sample in found] == order
        for sample in found:
            with Image.open(tmp_path / "zoo" / "ant" / f"0{order_of(sample.name)}.png") as image:
                assert np.array_equal(sample.pixels, np.asarray(image))
            assert sample.label == {"x": "bee", "y": "ant"}[sample.name]


def order_of(name):
    return "xy".index(name)


def test_files_below_a_folder(tmp_path):
    zoo(tmp_path / "zoo", ant=2)
    files = ("ant/01.png", "ant/../ant/00.png", "ant/gone.png")
    run = recorded(
        tmp_path / "run", ["1", "2", "3"], [0, 1, 0], PictureSource(files=str(tmp_path / "zoo")), files=files
    )
    samples, problems = run_pictures(run).read()
    assert [(sample.name, sample.label) for sample in samples] == [("1", "ant"), ("2", "bee")]
    with Image.open(tmp_path / "zoo" / "ant" / "01.png") as image:
        assert np.array_equal(samples[0].pixels, np.asarray(image))
    assert [problem.name for problem in problems] == ["3"]
    assert problems[0].reason.startswith("3 cannot be opened")


def test_the_pictures_of_instanceflows_example(shared_data):
    path = shared_data / "instanceflow_cifar10" / "cifar10.json"
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the shared data")
    run = xai.TrainingRun.from_instanceflow(path)
    found = run_pictures(run)
    assert len(found) == len(run.pictures)
    instances = json.loads(path.read_text())["instances"]
    for index in (0, 7, len(found) - 1):
        sample = found[index]
        assert sample.label == run.class_names[instances[index]["actual"]]
        with Image.open(path.parent / instances[index]["image"]) as image:
            assert np.array_equal(sample.pixels, np.asarray(image.convert("RGB")))


def outside_of(tmp_path):
    paint(tmp_path / "secret.png")
    zoo(tmp_path / "zoo", ant=1)
    (tmp_path / "zoo" / "link.png").symlink_to(tmp_path / "secret.png")
    return tmp_path / "zoo"


@pytest.mark.parametrize("file", ["../secret.png", "ant/../../secret.png", "{0}/secret.png", "link.png"])
def test_a_file_outside_of_the_folder_is_not_opened(file, tmp_path):
    root = outside_of(tmp_path)
    file = file.format(tmp_path)
    run = recorded(tmp_path / "run", ["1", "2"], [0, 0], PictureSource(files=str(root)), files=[file, "ant/00.png"])
    samples, problems = run_pictures(run).read()
    assert [sample.name for sample in samples] == ["2"]
    assert problems[0].reason == f"1 was not opened: its file {file!r} lies outside of zoo."


def test_the_file_above_could_have_been_opened(tmp_path):
    root = outside_of(tmp_path)
    assert (root / "../secret.png").read_bytes() == (root / "link.png").read_bytes()


@pytest.mark.parametrize(
    "file",
    ["", "ant", "x" * 300, "a\0b.png", "\ud800.png", "loop.png"],
    ids=["empty", "a folder", "long", "zero byte", "surrogate", "symlink loop"],
)
def test_a_file_name_that_cannot_be_one_is_a_picture_that_cannot_be_read(file, tmp_path):
    root = zoo(tmp_path / "zoo", ant=1)
    (root / "loop.png").symlink_to("loop.png")
    content = {
        "labels": ["ant"],
        "epochs": [{"id": "1", "classifications": [0, 0]}],
        "instances": [{"id": "1", "actual": 0, "image": file}, {"id": "2", "actual": 0, "image": "ant/00.png"}],
    }
    (root / "run.json").write_text(json.dumps(content))
    samples, problems = run_pictures(xai.TrainingRun.from_instanceflow(root / "run.json")).read()
    assert [sample.name for sample in samples] == ["2"]
    assert [problem.name for problem in problems] == ["1"]


def test_a_record_that_does_not_say_where_its_pictures_are(tmp_path):
    run = recorded(tmp_path, ["a"], [0], PictureSource())
    with pytest.raises(xai.DataError, match=r"^The record of my run does not say where its pictures are\.$"):
        run_pictures(run)
    with pytest.raises(xai.DataError, match="does not say where"):
        run_pictures(replace(run, source=PictureSource(files=str(tmp_path))))


def test_nothing_is_read_before_it_is_asked_for(tmp_path, monkeypatch):
    def refuse():
        raise AssertionError("read too early")

    items = (Item("a", "ant", refuse), Item("b", "bee", refuse))
    monkeypatch.setattr(pictures, "load_dataset", lambda *_, **__: Dataset("d", "d", items))
    run = recorded(tmp_path, ["b", "a"], [1, 0], PictureSource("d"))
    assert [item.name for item in run_pictures(run).items] == ["b", "a"]


def test_the_expression_of_a_runs_pictures_gives_them_again(tmp_path):
    data = zoo(tmp_path / "zoo" / "test", ant=2, bee=2).parent
    names = ["bee/01.png", "ant/00.png", "ant/01.png"]
    found = run_pictures(recorded(tmp_path / "it's run", names, [1, 0, 0], PictureSource(str(data), "test")))
    for chosen in (found, found.take([2, 0]), found.choose("ant", limit=1, also=["bee/01.png"])):
        again = eval(chosen.code, {"xai": xai})
        assert [(item.name, item.label) for item in again.items] == [(item.name, item.label) for item in chosen.items]
        assert [sample.id for sample in again] == [sample.id for sample in chosen]


def test_pictures_of_a_run_without_a_folder_have_no_expression(tmp_path):
    data = zoo(tmp_path / "zoo" / "test", ant=1, bee=1).parent
    run = recorded(tmp_path / "run", ["bee/00.png", "ant/00.png"], [1, 0], PictureSource(str(data), "test"))
    assert run_pictures(replace(run, folder=None)).code == ""
