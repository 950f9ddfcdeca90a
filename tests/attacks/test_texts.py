"""Annotations, tables, archives and logs that are small, or holes on the disk, and take long or fill the memory."""

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.limits import bounded
from tests.support.pages import open_page, text
from xai_core.command import main
from xai_core.data.label_map import read_label_map
from xai_core.data.table_rows import read_rows
from xai_core.errors import DataError, RecordError
from xai_core.records import TrainingRun
from xai_core.records.event_files import NAMED, masked_crc

LISTS = b"[" + b"[]," * 4_000_000 + b"[]]"
TABLE = "epoch,picture,label,predicted\n" + "".join(f"{epoch},{p},a,a\n" for epoch in (1, 2) for p in range(3))


def picture(path):
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (8, 8)).save(path)
    return path.read_bytes()


# Data sets


def test_lists_in_a_line_of_a_table_are_counted_before_they_are_made(tmp_path):
    line = b'{"image": "1.png", "label": "x"}\n'
    (tmp_path / "a.jsonl").write_bytes(line * 25 + line.replace(b'"x"', LISTS))
    with bounded(2.0, 100), pytest.raises(DataError, match="more lists and objects than a table of its size"):
        read_rows(tmp_path / "a.jsonl")
    first = b'{"epoch": 1, "picture": "1", "label": "a", "predicted": "a"}\n'
    with bounded(2.0, 100), pytest.raises(RecordError, match="more lists and objects than a table of predictions"):
        TrainingRun.open(first * 2 + first.replace(b'"1"', LISTS))


def test_lists_in_annotations_are_counted_before_they_are_made(tmp_path):
    picture(tmp_path / "images" / "1.png")
    content = b'{"images": [], "annotations": [], "categories": ' + LISTS + b"}"
    (tmp_path / "annotations.json").write_bytes(content)
    with bounded(2.0, 100), pytest.raises(DataError, match="more lists and objects than annotations of its size"):
        xai.load_dataset(tmp_path)


def test_lists_in_what_says_the_files_of_a_data_set_are_counted_before_they_are_made(tmp_path):
    (tmp_path / "dataset_dict.json").write_bytes(b'{"splits": ' + LISTS + b"}")
    with bounded(2.0, 100), pytest.raises(DataError, match="cannot be read, and it says which files"):
        xai.load_dataset(tmp_path)


def test_annotations_of_a_million_objects_are_no_bomb():
    from xai_core.bounded_json import is_dense

    one = {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "bbox": [1, 2, 3, 4],
        "area": 9,
        "segmentation": [[1, 2, 3, 4, 5, 6]],
    }
    assert not is_dense(json.dumps(one, separators=(",", ":")).encode() * 300_000)


def test_what_an_archive_says_of_each_picture_is_short(tmp_path):
    about = b'{"label": ' + LISTS[:900_000] + b"[]]}"
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for number in range(20):
            for name, content in ((f"{number}.png", picture(tmp_path / "p" / "1.png")), (f"{number}.json", about)):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    with bounded(2.0, 60), pytest.raises(DataError, match=r"0\.json is damaged or too large"):
        xai.load_dataset(tmp_path / "a.tar")


@pytest.mark.parametrize("kind", ["holes", "headers"])
def test_an_archive_without_an_end_is_refused(kind, tmp_path):
    content, info = picture(tmp_path / "p" / "1.png"), tarfile.TarInfo("1.png")
    info.size = len(content)
    of_the_next = tarfile.TarInfo("x")
    of_the_next.type = tarfile.XHDTYPE
    with (tmp_path / "a.tar").open("wb") as file:
        file.write(of_the_next.tobuf(tarfile.USTAR_FORMAT) * (50_000 if kind == "headers" else 1))
        file.write(info.tobuf() + content + bytes(-len(content) % 512))
        file.truncate(file.tell() + (1 << 40 if kind == "holes" else 1024))
    with bounded(1.0, 60), pytest.raises(DataError, match="damaged, cut off or no TAR archive"):
        xai.load_dataset(tmp_path / "a.tar")


def test_a_sentence_on_labels_repeats_their_beginning(tmp_path):
    (tmp_path / "a.json").write_bytes(b'{"a": ' + b"[" + b"[]," * 1_000_000 + b"[]]}")
    with bounded(2.0, 200), pytest.raises(DataError, match="says that 'a' stands for") as said:
        read_label_map(tmp_path / "a.json")
    assert len(str(said.value)) < 300
    (tmp_path / "b.csv").write_bytes(b"a,b\n" * 1_100_000)
    with pytest.raises(DataError, match=r"^b\.csv has more than 4 MB"):
        read_label_map(tmp_path / "b.csv")


# Records


def logged(tmp_path, **files):
    (tmp_path / "t.csv").write_text(TABLE)
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content)
    with bounded(2.0, 150):
        return TrainingRun.open(tmp_path / "t.csv")


def test_a_chart_of_a_million_columns_is_no_chart(tmp_path):
    chart = "Step" + ",loss" * 1_000_000 + "\n1" + ",1" * 1_000_000
    assert any("is damaged" in one for one in logged(tmp_path, wandb_export_1=chart).problems)


def test_rows_of_charts_without_a_step_are_counted(tmp_path):
    charts = {f"wandb_export_{number}": "Step,train_loss\n" + ",\n" * 1_500_000 for number in range(3)}
    assert any("500,000 events are read" in one for one in logged(tmp_path, **charts).problems)


def test_pictures_in_logs_that_are_holes_are_passed_over(tmp_path):
    size = (200 << 20).to_bytes(8, "little")
    with (tmp_path / f"{NAMED}.1").open("wb") as file:
        for _ in range(100):
            file.write(size + masked_crc(size).to_bytes(4, "little"))
            file.seek((200 << 20) + 4, 1)
        file.truncate()
    assert logged(tmp_path).epochs.tolist() == [1, 2]


@pytest.mark.parametrize("number", ["9" * 4_000, "1" + "0" * 400, "-" + "9" * 30])
def test_a_number_of_more_digits_than_a_float_has_is_a_sentence(number):
    rows = f'{{"columns": ["epoch", "picture", "label", "predicted"], "data": [[{number}, 2, "a", "a"]]}}'
    with pytest.raises(RecordError, match="row 1: the epoch is"):
        TrainingRun.open(rows.encode())


# Names


@pytest.mark.parametrize(
    ("said", "of"),
    [({"label": "x" * 5_000}, "label"), ({"group": "x" * 5_000}, "group"), ({"labels": ["a", "x" * 5_000]}, "label")],
)
def test_a_name_that_pages_cannot_repeat_is_refused(said, of, tmp_path):
    """Of 16 pictures with labels of two million letters each, a page computed for 24 s and took 700 MB."""
    picture(tmp_path / "1.png")
    (tmp_path / "a.jsonl").write_text(json.dumps({"image": "1.png"} | said) + "\n")
    with pytest.raises(DataError, match=rf"has a {of} of a picture with 5,000 letters, 'x{{40}}' …; at most 4,096"):
        xai.load_dataset(tmp_path / "a.jsonl")
    (tmp_path / "a.jsonl").write_text(json.dumps({"image": "1.png", "label": "x" * 4_000}) + "\n")
    assert len(xai.load_dataset(tmp_path / "a.jsonl").labels[0]) == 4_000


def test_a_column_is_no_label_that_pages_cannot_repeat(tmp_path):
    picture(tmp_path / "1.png")
    (tmp_path / "a.csv").write_text(f"image,a,{'x' * 5_000}\n1.png,0,0\n")
    with pytest.raises(DataError, match="has a label of a picture with 5,000 letters"):
        xai.load_dataset(tmp_path / "a.csv")


def test_a_class_that_pages_cannot_repeat_is_refused():
    names = [*"abcdefghi", "x" * 5_000]
    with pytest.raises(xai.ModelError, match=r"A class has a name with 5,000 letters, .* at most 4,096 are read\."):
        xai.load_model("digits", class_names=names)


# The command


@pytest.mark.parametrize(("out", "says"), [("~nobodyxyz/x", "has the home '~nobodyxyz'"), ("x" * 5_000, "is too long")])
def test_a_training_is_not_made_at_a_path_that_can_be_none(out, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "digits", "--epochs", "1", "--out", out]) == 1
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# Arrays that say what pictures show


@pytest.mark.parametrize(
    ("name", "shape", "says"),
    [
        ("groups", (1_000, 100_000), "it names 100,000,000 groups for 1,000 pictures"),
        ("y", (1_000, 100_000), r"y has the shape \(1000, 100000\), more than is read of what arrays say"),
        ("y", (1_000, 1, 10_000), r"y has the shape \(1000, 1, 10000\), but x has 1,000 pictures"),
    ],
)
def test_an_array_of_labels_or_groups_is_measured_before_it_is_unpacked(name, shape, says, tmp_path):
    arrays = {"x": np.zeros((1_000, 2, 2, 3), np.uint8), "y": np.zeros(1_000, np.uint8)}
    np.savez_compressed(tmp_path / "a.npz", **arrays | {name: np.zeros(shape, np.uint8)})
    with bounded(1.0, 60), pytest.raises(DataError, match=says):
        xai.load_dataset(tmp_path / "a.npz")


def test_pictures_that_are_all_alike_are_not_unpacked_to_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setattr("xai_core.data.npz_arrays._MAX_ALIKE", 50 << 20)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((100, 500, 500, 3), np.uint8))
    dataset = xai.load_dataset(tmp_path / "a.npz")
    with bounded(1.0, 60), pytest.raises(xai.PictureError, match=r"x has 71 MB in 7. KB of the file"):
        dataset[0]


def test_a_picture_of_a_million_boxes_is_refused(tmp_path):
    picture(tmp_path / "images" / "1.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "1.txt").write_text("0 .5 .5 .1 .1\n" * 1_000_000)
    (tmp_path / "data.yaml").write_text("train: images\nnames: [a]\n")
    with bounded(1.0, 60), pytest.raises(DataError, match="more than 1 MB, which is too much to say of a picture"):
        xai.load_dataset(tmp_path)


# Halves of letters, which no browser can be sent and no file holds: JSON has codes for them


def of_coco(folder):
    about = {"images": [{"id": 1, "file_name": "1.png"}], "categories": [{"id": 1, "name": "cat\ud83d"}]}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4]}
    (folder / "a.json").write_text(json.dumps(about | {"annotations": [box]}))
    return folder / "a.json"


def of_a_table(folder):
    (folder / "a.jsonl").write_text(json.dumps({"image": "1.png", "label": "cat\ud83d"}))
    return folder / "a.jsonl"


@pytest.mark.parametrize("written", [of_coco, of_a_table])
def test_a_name_that_was_cut_within_a_letter_is_a_sentence(written, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "1.png")
    at = open_page("misclassifications", model="Textured digits, honest", data="Folder", path=str(written(tmp_path)))
    assert "of a picture with half of a letter, '" in text(at)
    assert "it was cut, or is no text in UTF-8." in text(at)


def test_a_class_that_was_cut_within_a_letter_is_a_sentence(tmp_path):
    (tmp_path / "names.json").write_text(json.dumps([f"cat{number}\udc00" for number in range(10)]))
    with pytest.raises(xai.ModelError, match=r"A class has a name with half of a letter, 'cat0\\udc00'"):
        xai.load_model("digits", class_names=tmp_path / "names.json")


def test_letters_of_two_codes_are_whole(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "1.png")
    (tmp_path / "a.jsonl").write_text(json.dumps({"image": "1.png", "label": "👩‍👧 cat"}))
    assert xai.load_dataset(tmp_path / "a.jsonl").labels == ("👩‍👧 cat",)
