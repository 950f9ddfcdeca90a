"""Paths that come from the browser: what may be opened, and what is said of the rest."""

import json
import os
import threading

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from app import paths
from tests.support import runs as drawn
from tests.support.pages import open_page, press_labelled, text
from xai_core.data import roots
from xai_core.records import PictureSource, RunWriter
from xai_core.shipped import RUNS
from xai_core.training import runs_folder
from xai_core.training.pictures import run_pictures

OUTSIDE = "lies outside the folders that may be opened here: "


def picture(path, shade=120, size=40):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size, size, 3), shade, np.uint8)).save(path)
    return path


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder that may be opened, beside one that may not, with a picture of two classes in each."""
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path / "root"))
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))
    for top, shade in (("root", 100), ("root-evil", 200), ("secret", 250)):
        for label in ("cat", "dog"):
            picture(tmp_path / top / "set" / label / "1.png", shade)
    return tmp_path


def refused(text):
    with pytest.raises(xai.DataError) as caught:
        paths.allowed(text)
    return str(caught.value)


def record(folder, source, files=()):
    made = drawn.draw(0, 3, 4, 2)
    writer = RunWriter(folder)
    writer.begin(
        name="a run",
        class_names=made.class_names,
        pictures=made.pictures,
        labels=made.labels,
        source=source,
        files=files,
    )
    for number, (row, p, q) in enumerate(zip(made.predictions, made.p_predicted, made.p_true, strict=True), start=1):
        writer.epoch(number, row, p, q)
    return folder


# What a text from the browser means


def test_without_roots_everything_may_be_opened(monkeypatch, tmp_path):
    monkeypatch.delenv("XAI_DATA_ROOTS", raising=False)
    assert paths.allowed(f" {tmp_path} ") == tmp_path
    assert paths.allowed("~/pictures").is_absolute()
    assert str(paths.allowed("some/where")) == "some/where"


@pytest.mark.parametrize(("address", "open_"), [("localhost", True), ("127.0.0.1", True), ("0.0.0.0", False)])
def test_without_roots_a_server_for_other_computers_opens_records_only(monkeypatch, tmp_path, address, open_):
    monkeypatch.delenv("XAI_DATA_ROOTS", raising=False)
    monkeypatch.setattr(paths.st, "get_option", lambda name: address)
    if open_:
        assert paths.allowed(str(tmp_path)) == tmp_path
    else:
        assert "XAI_DATA_ROOTS does not say which" in refused(str(tmp_path))
    assert paths.allowed(str(RUNS["digits"][1])) == RUNS["digits"][1].resolve()


def test_what_lies_in_a_root_may_be_opened_whether_or_not_it_is_there(place):
    root = place / "root"
    assert paths.allowed(str(root)) == root.resolve()
    assert paths.allowed(f"{root}/set/../set/cat/") == (root / "set" / "cat").resolve()
    assert paths.allowed(str(root / "not there.pth")) == root.resolve() / "not there.pth"


def test_there_may_be_several_roots_with_links_and_a_home_in_them(place, monkeypatch):
    monkeypatch.setenv("HOME", str(place / "secret"))
    (place / "link").symlink_to(place / "root-evil")
    monkeypatch.setenv("XAI_DATA_ROOTS", os.pathsep.join([str(place / "link"), "", "~/set", str(place / "absent")]))
    assert paths.allowed(str(place / "root-evil" / "set")) == (place / "root-evil" / "set").resolve()
    assert paths.allowed("~/set/cat") == (place / "secret" / "set" / "cat").resolve()
    assert OUTSIDE in refused("~")
    assert OUTSIDE in refused(str(place / "root"))


@pytest.mark.parametrize("said", ["", ":", " "])
def test_roots_that_name_nothing_leave_the_records_only(place, monkeypatch, said):
    monkeypatch.setenv("XAI_DATA_ROOTS", said)
    assert refused(str(place / "root")).endswith(OUTSIDE + "none.")
    assert paths.allowed(str(runs_folder() / "mine")) == runs_folder().resolve() / "mine"
    assert paths.allowed(str(RUNS["digits"][1])) == RUNS["digits"][1].resolve()


@pytest.mark.parametrize(
    "asked",
    [
        "{0}/root/../secret/set",
        "{0}/root-evil",
        "{0}/ROOT",
        "{0}",
        "/",
        "/etc/passwd",
        ".",
        "..",
        "{0}/root/link/set",
        "{0}/root/link/none",
        "{0}/root/file.pth",
        "{0}/root/loop/x/../../../secret",
        "//etc/passwd",
        "~",
    ],
)
def test_whatever_ends_outside_is_refused(place, asked):
    (place / "root" / "link").symlink_to(place / "secret")
    (place / "root" / "file.pth").symlink_to(place / "secret" / "model.pth")
    (place / "root" / "loop").symlink_to(place / "root" / "loop")
    said = asked.format(place)
    assert refused(said) == f"{said!r} {OUTSIDE}{(place / 'root').resolve()}."


def test_nothing_tells_whether_a_file_outside_is_there(place):
    (place / "root" / "link").symlink_to(place / "secret")
    (place / "root" / "gone").symlink_to(place / "nothing")
    pairs = [("secret/set", "secret/none"), ("root/link/set", "root/link/none"), ("root/link", "root/gone")]
    for there, absent in pairs:
        one, other = (refused(str(place / path)).replace(path, "…") for path in (there, absent))
        assert one == other


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("/a\0b", "letters that cannot be seen"),
        ("/a\nb", "letters that cannot be seen"),
        ("/a\x1b[31mb", "letters that cannot be seen"),
        ("/a\x85b", "letters that cannot be seen"),
        ("/a\ud800b", "letters that cannot be seen"),
        ("/" + "a" * 256, "is too long"),
        ("/" + "ä" * 128, "is too long"),
        ("/a" * 2049, "is too long"),
        ("~root/x", "'~root' is somebody's home"),
        ("~nobody-here", "is somebody's home"),
    ],
)
@pytest.mark.parametrize("restricted", [True, False])
def test_what_can_be_no_path_gets_a_sentence(place, monkeypatch, asked, words, restricted):
    if not restricted:
        monkeypatch.delenv("XAI_DATA_ROOTS")
    said = refused(asked)
    assert words in said
    assert said.endswith(".")
    assert len(said) < 300


# What lies inside and leads out


def test_links_in_a_folder_that_lead_out_are_left_out_with_a_reason(place):
    inside = place / "root" / "set"
    (inside / "cat" / "2.png").symlink_to(place / "secret" / "set" / "cat" / "1.png")
    (inside / "cat" / "3.png").symlink_to(inside / "dog" / "1.png")
    (inside / "fox").symlink_to(place / "secret" / "set" / "cat")
    found = xai.load_dataset(inside)
    assert [item.name for item in found.items] == ["cat/1.png", "cat/3.png", "dog/1.png"]
    assert {problem.name: problem.reason for problem in found.skipped} == {
        "cat/2.png": f"Not opened, since {roots.LEADS_OUT}.",
        "fox": f"Not opened, since {roots.LEADS_OUT}.",
    }
    assert all(sample.pixels.max() < 150 for sample in found)


def test_a_link_that_takes_a_pictures_place_after_the_list_was_made_is_not_read(place):
    found = xai.load_dataset(place / "root" / "set")
    one = place / "root" / "set" / "cat" / "1.png"
    one.unlink()
    one.symlink_to(place / "secret" / "set" / "cat" / "1.png")
    with pytest.raises(xai.PictureError, match=f"cat/1.png cannot be opened: {roots.LEADS_OUT}"):
        found[0]
    folder = place / "root" / "set" / "dog"
    folder.rename(place / "root" / "away")
    folder.symlink_to(place / "secret" / "set" / "dog")
    with pytest.raises(xai.PictureError, match=roots.LEADS_OUT):
        found[1]


def test_what_was_opened_is_checked_and_not_its_name(place, monkeypatch):
    """Without /proc, the name is looked up again and compared with what was opened."""
    inside, outside = place / "root" / "set" / "cat" / "1.png", place / "secret" / "set" / "cat" / "1.png"
    monkeypatch.setattr(roots, "_DESCRIPTORS", place / "no such folder")
    link = place / "root" / "link.png"
    link.symlink_to(outside)
    with roots.confined():
        assert roots.read_bytes(inside) == inside.read_bytes()
        with pytest.raises(PermissionError):
            roots.read_bytes(link)


def test_masks_and_their_folders_that_lead_out_are_left_out(place):
    base = place / "root" / "pairs"
    for name in ("1", "2"):
        picture(base / "images" / f"{name}.png")
        picture(base / "masks" / f"{name}.png", 255)
    (base / "masks" / "2.png").unlink()
    (base / "masks" / "2.png").symlink_to(picture(place / "secret" / "mask.png", 255))
    found = xai.load_dataset(base)
    assert [item.name for item in found.items] == ["1.png"]
    assert "masks/2.png" in {problem.name for problem in found.skipped}
    (base / "masks").rename(place / "secret" / "masks")
    (base / "masks").symlink_to(place / "secret" / "masks")
    with pytest.raises(xai.DataError, match=f"'masks' was left out, since {roots.LEADS_OUT}"):
        xai.load_dataset(base)


def test_tables_that_lead_out_are_not_read(place):
    base = place / "root" / "tiny"
    picture(base / "val" / "images" / "a.png")
    (place / "secret" / "words.txt").write_text("n00000001\tthe secret\n")
    (base / "wnids.txt").symlink_to(place / "secret" / "words.txt")
    (base / "val" / "val_annotations.txt").write_text("a.png\tn00000001\t0\t0\t1\t1\n../../../../secret/b.png\tn1\n")
    with pytest.raises(xai.DataError, match=r"wnids\.txt cannot be read") as caught:
        xai.load_dataset(base)
    assert "secret'" not in str(caught.value)
    voc = place / "root" / "VOC2012"
    picture(voc / "JPEGImages" / "a.jpg")
    (voc / "SegmentationClass").mkdir()
    (voc / "ImageSets" / "Segmentation").mkdir(parents=True)
    (voc / "ImageSets" / "Segmentation" / "val.txt").symlink_to(place / "secret" / "words.txt")
    with pytest.raises(xai.DataError, match=r"val\.txt cannot be read"):
        xai.load_dataset(voc)


def test_a_list_cannot_name_pictures_outside(place):
    base = place / "root" / "tiny"
    picture(base / "val" / "images" / "a.png")
    (base / "wnids.txt").write_text("n00000001\n")
    (base / "val" / "val_annotations.txt").write_text(
        "a.png\tn00000001\t0\t0\t1\t1\n../../../../secret/set/cat/1.png\tn00000001\t0\t0\t1\t1\n"
    )
    found = xai.load_dataset(base)
    assert len(found) == 1
    assert any(roots.LEADS_OUT in problem.reason for problem in found.skipped)


def test_the_library_keeps_to_the_roots_by_itself(place, monkeypatch):
    """A training in a process of its own has no page that asks."""
    impossible = ("a\0b", "~nobody-here/a", "/" + "a" * 5000, "/\ud800")
    for asked in (place / "secret" / "set", place / "secret" / "none", *impossible):
        with pytest.raises(xai.DataError, match=OUTSIDE):
            xai.load_dataset(asked)
    assert len(xai.load_dataset("photos")) > 1
    monkeypatch.delenv("XAI_DATA_ROOTS")
    for asked in impossible:
        with pytest.raises(xai.DataError, match=r"There is no folder or file|neither a folder nor"):
            xai.load_dataset(asked)
    (place / "root" / "set" / "cat" / "2.png").symlink_to(place / "secret" / "set" / "cat" / "1.png")
    assert len(xai.load_dataset(place / "root" / "set")) == 3


def test_reading_in_one_thread_says_nothing_of_another(place):
    seen = []
    with roots.confined():
        thread = threading.Thread(target=lambda: seen.append(roots.leads_out(place / "secret")))
        thread.start()
        thread.join()
        assert roots.leads_out(place / "secret")
    assert seen == [False]


# Records, studies, weights, trainings


def test_a_record_cannot_lead_to_pictures_outside(place):
    names = drawn.draw(0, 3, 4, 2).pictures
    inside = record(place / "root" / "one", PictureSource(data=str(place / "secret" / "set")))
    with pytest.raises(xai.DataError, match=OUTSIDE):
        run_pictures(xai.TrainingRun.open(inside))
    files = ("set/cat/1.png", "set/cat/none.png", "/etc/passwd", "../root/set/cat/1.png")
    other = record(place / "root" / "two", PictureSource(files=str(place / "secret")), files)
    found = run_pictures(xai.TrainingRun.open(other))
    said = []
    for index, name in enumerate(names):
        with pytest.raises(xai.PictureError) as caught:
            found[index]
        said.append(str(caught.value).removeprefix(name))
    assert said[0] == said[1] == f" was not opened: {roots.LEADS_OUT}."  # there or not
    assert all("lies outside of secret" in one for one in said[2:])


def test_a_record_or_study_with_links_that_lead_out_is_refused(place):
    inside = record(place / "root" / "one", PictureSource())
    paths.check_links(inside)
    weights = inside / "checkpoints" / "0001.safetensors"
    weights.parent.mkdir()
    weights.symlink_to(place / "secret" / "model.safetensors")
    with pytest.raises(xai.DataError, match=r"'0001\.safetensors' is a link"):
        paths.check_links(inside)
    weights.unlink()
    weights.symlink_to(inside / "run.json")
    paths.check_links(inside)


def test_a_training_takes_keys_and_folders_of_the_roots(place):
    assert paths.data("cifar10") == "cifar10"
    assert paths.data(" ") == ""
    assert paths.data(str(place / "root" / "set")) == str((place / "root" / "set").resolve())
    with pytest.raises(xai.DataError, match=OUTSIDE):
        paths.data(str(place / "secret" / "set"))


# On the pages


def show(page, **url):
    return text(open_page(page, **url))


@pytest.mark.parametrize("asked", ["secret/set", "secret/none", "root/../secret/set", "root/link"])
def test_a_page_refuses_a_folder_outside(place, asked):
    (place / "root" / "link").symlink_to(place / "secret")
    said = show("layer_explorer", data="Folder", path=str(place / asked))
    assert f"{OUTSIDE}{(place / 'root').resolve()}." in said


def test_a_page_opens_a_folder_of_the_roots_and_says_what_it_left_out(place):
    (place / "root" / "set" / "cat" / "2.png").symlink_to(place / "secret" / "set" / "cat" / "1.png")
    at = open_page("layer_explorer", data="Folder", path=str(place / "root" / "set"))
    assert "2 pictures" in text(at)
    assert any("1 file was left out" in box.label for box in at.expander)


def test_a_page_refuses_weights_a_record_and_a_study_outside(place):
    weights = show("layer_explorer", model="Checkpoint", weights=str(place / "secret" / "model.pth"))
    assert OUTSIDE in weights
    record(place / "secret" / "run", PictureSource())
    for name in ("run", "none"):
        said = show("training_evolution", run="A record on disk", record=str(place / "secret" / name))
        assert OUTSIDE in said
        said = show("layer_explorer", study=str(place / "secret" / name))
        assert OUTSIDE in said


def test_a_page_opens_a_record_of_the_roots_but_not_the_pictures_that_it_names_outside(place):
    inside = record(place / "root" / "run", PictureSource(data=str(place / "secret" / "set")))
    said = show("training_evolution", run="A record on disk", record=str(inside))
    assert "What happened" in said
    assert OUTSIDE in said
    (inside / "epochs" / "0009.parquet").symlink_to(place / "secret" / "x.parquet")
    assert "is a link, and it leads out" in show("training_evolution", run="A record on disk", record=str(inside))


def test_a_study_that_names_no_page_of_these_is_not_opened(place):
    base = place / "root" / "study"
    base.mkdir()
    head = {
        "format": "xai-core study",
        "version": 1,
        "kind": "layers",
        "request": {},
        "model_id": "m",
        "parts": 0,
        "pictures": 0,
        "layers": [],
        "input_size": [1, 1],
        "stamp": "s",
    }
    (base / "study.json").write_text(json.dumps(head))
    from xai_core.batch.store import StudyFolder

    summary = {"study": StudyFolder.open(base).identity, "address": "../../../etc/x?data=Folder"}
    (base / "summary.json").write_text(json.dumps(summary))
    assert "the page that it names is none of these" in show("layer_explorer", data="Folder", path=str(base))


def test_a_training_outside_is_refused_in_its_form(place):
    at = press_labelled(open_page("training_evolution"), "Train a model")
    at.button_group(key="train-preset").set_value("scenes")
    press_labelled(at, "Train a model")
    for name in ("set", "none"):
        at.text_input(key="train-data-scenes").set_value(str(place / "secret" / name))
        press_labelled(at, "Train a model", "Train")
        assert OUTSIDE in text(at)
    assert not runs_folder().exists()
