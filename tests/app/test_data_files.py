"""Data that a file describes, on the pages."""

import shutil

import numpy as np

import xai_core as xai
from app import cache
from tests.support.exports import with_coco, with_table
from tests.support.pages import open_page, run, text
from tests.support.shards import png, write


def test_a_table_by_its_path(tmp_path):
    path, _ = with_table(tmp_path)
    at = open_page("foreground", data="Folder", path=str(path), model="Textured digits (honest)")
    assert "6 pictures" in text(at)
    assert at.number_input(key="n").max == 6
    at.text_input(key="split").set_value("train")
    run(at)
    assert "6 pictures" in text(at)
    at.text_input(key="split").set_value("val")
    assert "has no split 'val'. It has: test, train." in text(run(at))


def test_a_split_is_asked_for_where_there_is_one_or_a_link_names_one(tmp_path):
    for name in ("cats", "dogs"):
        (tmp_path / "plain" / name).mkdir(parents=True)
        (tmp_path / "plain" / name / "0.png").write_bytes(png(np.zeros((32, 32, 3), np.uint8)))
    for part in ("test", "train"):
        shutil.copytree(tmp_path / "plain", tmp_path / "split" / part)

    def splits(folder, **more):
        at = open_page("layer_explorer", data="Folder", path=str(tmp_path / folder), **more)
        return [one for one in at.text_input if one.key == "split"], text(at)

    assert splits("plain")[0] == []
    (field,), _ = splits("split")
    assert (field.placeholder, field.help) == ("test", "This folder has test and train. Empty takes test.")
    (field,), said = splits("plain", split="train")
    assert field.value == "train"
    assert "train" in said


def test_a_table_that_changes_is_read_again(tmp_path):
    path, _ = with_table(tmp_path)
    at = open_page("layer_explorer", data="Folder", path=str(path), model="Textured digits (honest)")
    assert at.multiselect(key="labels").options == ["3", "8"] or set(at.multiselect(key="labels").options) == {"3", "8"}
    path.write_text(path.read_text().replace(",8,", ",9,"))
    run(at)
    assert set(at.multiselect(key="labels").options) == {"3", "9"}
    path.write_text("filename,class\n0.png\n")
    assert "labels.csv, line 2, has 1 cell, but the header has 2." in text(run(at))


def test_a_coco_export_and_what_is_by_box(tmp_path):
    path, _ = with_coco(tmp_path)
    at = open_page("foreground", data="Folder", path=str(path), model="Textured digits (honest)")
    said = text(at)
    assert "12 pictures" in said
    assert "its mask by box" in said
    assert "By box: the masks of 6 of 12 pictures are boxes around the object" in said


def test_shards_and_one_that_changes_is_read_again(tmp_path):
    digits = xai.load_dataset("textured_digits", split="val", labels=["3", "8"], limit=8)

    def put(split, samples):
        files = [(f"{n}.{end}", what) for n, one in enumerate(samples) for end, what in said_of(one)]
        write(tmp_path / f"{split}-000.tar", files)

    def said_of(sample):
        mask = (sample.mask == 1) * np.uint8(255)
        return ("png", png(sample.pixels)), ("cls", sample.label), ("mask.png", png(mask))

    put("val", digits[:4])
    put("train", digits[:6])
    at = open_page("foreground", data="Folder", path=str(tmp_path), model="Textured digits (honest)")
    assert at.number_input(key="n").max == 4
    at.text_input(key="split").set_value("train")
    assert run(at).number_input(key="n").max == 6
    put("train", digits)
    assert run(at).number_input(key="n").max == 8
    path = tmp_path / "train-000.tar"
    path.write_bytes(path.read_bytes()[:5000])
    assert "train-000.tar is damaged, cut off or no TAR archive, and cannot be read." in text(run(at))


def test_a_path_that_is_not_there_looks_through_no_folder_above_it(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(cache.watched, "count_names", lambda folder, names: looked.append(folder))
    (tmp_path / "many").mkdir()
    found = cache.watched.watch(str(tmp_path / "mistyped"))
    assert looked == []
    assert found.now == found.stamp
    (tmp_path / "mistyped").mkdir()  # made meanwhile: it is looked at
    assert found.now != found.stamp
    cache.watched.watch(str(tmp_path / "mistyped"))
    assert looked == [str(tmp_path / "mistyped")]
