"""Tables that are given themselves: labels, splits, groups, masks and the files that they mean."""

import json
import os
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import xai_core as xai
from xai_core.data import is_data_file, list_options, list_splits
from xai_core.data.named_splits import chosen_split


def write(root, *names):
    for value, name in enumerate(names, start=1):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (3, 2), (value,) * 3).save(path)
    return root


def table(root, text, name="list.csv"):
    path = root / name
    path.write_text(text, encoding="utf-8")
    return path


def listed(dataset):
    return [(item.name, item.label) for item in dataset.items]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "file,label\n1.png,cat\n2.png,dog\n"),
        ("a.csv", "image_path;class\npics/1.png;cat\npics/2.png;dog\n"),
        ("a.tsv", "ImageName\tTarget\n1\tcat\n2\tdog\n"),
        ("a.csv", "patient_id,path,diagnosis,age\n7,elsewhere/pics/1.png,cat,50\n8,2.png,dog,1\n"),
        ("a.csv", "id,class_id,class_name\n1,0,cat\n2,1,dog\n"),
        ("a.csv", "1.png,cat\n2.png,dog\n"),  # no header
        ("a.csv", "image,cat,dog\n1,1.0,0.0\n2,0.0,1.0\n"),  # one-hot, as ISIC's
        ("a.csv", '"file","label","said"\n1.png,cat,"two\nlines, and a comma"\n2.png,dog,\n'),
        ("a.jsonl", '{"file_name": "1.png", "label": "cat"}\n\n{"label": "dog", "file_name": "2.png", "n": 1}\n'),
        ("a.ndjson", '{"image": "1.png", "class": "cat"}\n{"image": "2.png", "class": "dog"}'),
    ],
)
def test_a_table_gives_each_picture_its_label(tmp_path, name, text):
    write(tmp_path, "pics/1.png", "pics/2.png")
    path = table(tmp_path, text, name)
    dataset = xai.load_dataset(path)
    assert listed(dataset) == [("pics/1.png", "cat"), ("pics/2.png", "dog")]
    assert not dataset.several_labels
    assert [(sample.label, sample.labels, sample.pixels[0, 0, 0]) for sample in dataset] == [
        ("cat", None, 1),
        ("dog", None, 2),
    ]
    assert (dataset.title, dataset.code) == (name, f"xai.load_dataset({str(path)!r})")
    assert is_data_file(path)


def test_a_parquet_table(tmp_path):
    write(tmp_path, "1.png", "2.png")
    frame = pd.DataFrame({"file_name": ["1.png", "2.png"], "label": ["cat", "dog"], "split": ["train", "test"]})
    frame.to_parquet(tmp_path / "metadata.parquet")
    assert listed(xai.load_dataset(tmp_path / "metadata.parquet")) == [("2.png", "dog")]
    assert listed(xai.load_dataset(tmp_path, split="train")) == [("1.png", "cat")]


def test_a_table_in_utf_16_as_excel_writes_it(tmp_path):
    write(tmp_path, "1.png")
    (tmp_path / "a.tsv").write_bytes("file\tlabel\n1.png\t猫\n".encode("utf-16"))
    assert listed(xai.load_dataset(tmp_path / "a.tsv")) == [("1.png", "猫")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "file,label\n1.png,cat|dog\n2.png,dog\n"),
        ("a.csv", "file,label\n1.png,cat\n1.png,dog\n2.png,dog\n"),
        ("a.csv", "file,cat,dog\n1.png,1,1\n2.png,0,1\n"),
        ("a.jsonl", '{"file": "1.png", "labels": ["cat", "dog"]}\n{"file": "2.png", "labels": ["dog"]}\n'),
    ],
)
def test_several_labels(tmp_path, name, text):
    write(tmp_path, "1.png", "2.png")
    dataset = xai.load_dataset(table(tmp_path, text, name))
    assert [item.labels for item in dataset.items] == [("cat", "dog"), ("dog",)]
    assert dataset[1].annotated == ("cat", "dog")


def test_splits_stand_in_a_column(tmp_path):
    write(tmp_path, "1.png", "2.png", "3.png", "4.png")
    path = table(tmp_path, "file,label,split\n1.png,a,Train\n2.png,b,Test\n3.png,c,extra\n4.png,d,Train\n")
    assert list_splits(path) == ("Test", "Train", "extra")
    assert listed(xai.load_dataset(path)) == [("2.png", "b")]
    assert listed(xai.load_dataset(path, split="train")) == [("1.png", "a"), ("4.png", "d")]
    assert xai.load_dataset(path, split="extra").title == "list.csv/extra"
    assert xai.load_dataset(path, split="train").skipped == ()
    with pytest.raises(xai.DataError, match=r"has no split 'val'. It has: Train, Test, extra"):
        xai.load_dataset(path, split="val")


def test_folds_are_numbers_and_none_of_them_is_the_default(tmp_path):
    write(tmp_path, "1.png", "2.png")
    path = table(tmp_path, "file,label,fold\n1.png,a,0\n2.png,b,1\n")
    assert list_splits(path) == ()
    assert len(xai.load_dataset(path)) == 2
    assert listed(xai.load_dataset(path, split="1")) == [("2.png", "b")]


@pytest.mark.parametrize(
    ("title", "cells", "expected"),
    [
        ("is_valid", ("False", "True"), {"val": "2.png", "train": "1.png"}),
        ("is_train", ("1", "0"), {"test": "2.png", "train": "1.png"}),
        ("isTest", ("no", "yes"), {"test": "2.png", "train": "1.png"}),
    ],
)
def test_a_column_may_say_whether_a_row_is_of_a_split(tmp_path, title, cells, expected):
    write(tmp_path, "1.png", "2.png")
    path = table(tmp_path, f"file,label,{title}\n1.png,a,{cells[0]}\n2.png,b,{cells[1]}\n")
    assert set(list_splits(path)) == set(expected)
    for split, name in expected.items():
        assert [item.name for item in xai.load_dataset(path, split=split).items] == [name]


def test_medmnist_writes_a_table_without_titles(tmp_path):
    write(tmp_path, "x/train0_1.png", "x/test0_0.png")
    path = table(tmp_path, "train,train0_1.png,1,0,1\ntest,test0_0.png,0,1,1\n", "x.csv")
    assert list_splits(path) == ("test", "train")
    assert [item.labels for item in xai.load_dataset(path).items] == [("column 4", "column 5")]
    one = table(tmp_path, "TRAIN,train0_1.png,1\nTEST,test0_0.png,0\n", "y.csv")
    assert listed(xai.load_dataset(one)) == [("x/test0_0.png", "0")]


@pytest.mark.parametrize("title", ["group", "patient_id", "Patient ID", "subject", "lesion_id", "Video"])
def test_groups(tmp_path, title):
    write(tmp_path, "1.png", "2.png", "3.png")
    dataset = xai.load_dataset(table(tmp_path, f"file,label,{title}\n1.png,a,p7\n2.png,b,p7\n3.png,a,\n"))
    assert [item.group for item in dataset.items] == ["p7", "p7", None]
    assert [sample.group for sample in dataset] == ["p7", "p7", None]


CHEXPERT = (
    "Path,Sex,Age,Frontal/Lateral,No Finding,Edema\nx/1.png,Male,68,Frontal,1.0,\nx/2.png,Female,1,Lateral,,-1.0\n"
)
CHEXPERT += "x/3.png,Female,70,Frontal,0.0,1.0\n"


def test_empty_and_uncertain_labels_are_asked_about(tmp_path):
    """CheXpert's cells: 1 yes, 0 no, -1 uncertain, empty not mentioned."""
    write(tmp_path, "x/1.png", "x/2.png", "x/3.png")
    path = table(tmp_path, CHEXPERT)
    assert "unsure" in [option.key for option in list_options(path)]
    with pytest.raises(xai.DataError, match=r"line 2, column 'Edema', holds ''.*choose unsure='no'"):
        xai.load_dataset(path)
    no, yes = (xai.load_dataset(path, unsure=choice) for choice in ("no", "yes"))
    assert [item.labels for item in no.items] == [("No Finding",), (), ("Edema",)]
    assert [item.labels for item in yes.items] == [("No Finding",), ("Edema",), ("Edema",)]
    assert no.code == f"xai.load_dataset({str(path)!r}, unsure='no')"


def test_a_wordnet_id_is_one(tmp_path):
    write(tmp_path, "1.png")
    sample = xai.load_dataset(table(tmp_path, "ImageId,label\n1,n02690373\n"))[0]
    assert (sample.label, sample.wnid) == ("n02690373", "n02690373")


def test_a_table_beside_one_folder_of_pictures_is_found(tmp_path):
    write(tmp_path, "images/1.png", "images/2.png")
    table(tmp_path, "file,label\n1.png,cat\n2.png,dog\n")
    assert listed(xai.load_dataset(tmp_path)) == [("images/1.png", "cat"), ("images/2.png", "dog")]


def test_hugging_faces_metadata_in_each_split(tmp_path):
    for split, label in (("train", "cat"), ("test", "dog")):
        write(tmp_path, f"{split}/1.png")
        lines = [{"file_name": "1.png", "label": label, "text": "a picture"}]
        table(tmp_path / split, "\n".join(map(json.dumps, lines)), "metadata.jsonl")
    assert list_splits(tmp_path) == ("test", "train")
    assert listed(xai.load_dataset(tmp_path, split="train")) == [("1.png", "cat")]
    assert listed(xai.load_dataset(tmp_path)) == [("1.png", "dog")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "x,y\n1,2\n", "a.csv is no table of pictures: it needs a column of files"),
        ("a.csv", "", "a.csv is no table of pictures"),
        ("a.csv", "file,label\n1.png\n", "line 2, has 1 cell, but the header has 2."),
        ("a.csv", "file,label\n7.png,cat\n", "lists no picture that is there"),
        ("a.jsonl", '{"file": "1.png"}\n{"file": \n', "a.jsonl, line 2, is no JSON object: '{\"file\":'."),
        ("a.jsonl", "[1, 2]\n", "line 1, is no JSON object"),
        ("a.parquet", "no parquet", "is damaged or no Parquet file"),
        (
            "a.txt",
            "file,label\n1.png,cat\n",
            "is neither a folder nor a file that lists pictures or holds them (.arrow, .csv",
        ),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, text, said):
    write(tmp_path, "1.png")
    with pytest.raises(xai.DataError) as caught:
        xai.load_dataset(table(tmp_path, text, name))
    assert said in str(caught.value)


def test_absolute_paths_and_those_that_lead_up(tmp_path, monkeypatch):
    """On one's own machine a table may mean any picture; where roots are set, those in them alone."""
    write(tmp_path, "far/1.png", "tables/2.png")
    far = tmp_path / "far/1.png"
    path = table(tmp_path / "tables", f"file,label\n{far},a\n../far/1.png,b\n2.png,c\n", "a.csv")
    with pytest.raises(xai.DataError, match=r"line 2 and line 3 are both about '1.png'"):
        xai.load_dataset(path)
    path = table(tmp_path / "tables", f"file,label\n{far},a\n2.png,c\n", "a.csv")
    os.utime(path, ns=(1, 1))  # written twice within a tick of the clock
    dataset = xai.load_dataset(path)
    assert listed(dataset) == [(str(far), "a"), ("2.png", "c")]
    assert dataset[0].pixels[0, 0, 0] == 1
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path / "tables"))
    dataset = xai.load_dataset(path)
    assert listed(dataset) == [("2.png", "c")]
    assert [one.reason for one in dataset.skipped] == ["Listed in a.csv, line 2, but not there."]
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path))
    assert len(xai.load_dataset(path)) == 2
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path / "far"))
    with pytest.raises(xai.DataError, match="lies outside the folders"):
        xai.load_dataset(path)
    assert list_splits(path) == ()


def test_ten_thousand_lines_are_listed_in_a_few_seconds(tmp_path):
    from time import process_time

    for number in range(10_000):
        (tmp_path / f"{number}.png").touch()
    rows = "".join(f"{number}.png,{number % 7},p{number // 10}\n" for number in range(10_000))
    path = table(tmp_path, "file,label,patient\n" + rows)
    start = process_time()
    dataset = xai.load_dataset(path)
    assert (len(dataset), len(dataset.labels), len({item.group for item in dataset.items})) == (10_000, 7, 1000)
    assert process_time() - start < 5


def mask(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.array(rows, np.uint8)).save(path)


def test_masks_stand_in_a_column(tmp_path):
    """Pictures and masks of the same names are told apart by their folders."""
    write(tmp_path, "images/1.png", "images/2.png", "images/3.png")
    mask(tmp_path / "masks" / "1.png", [[0, 255, 255], [0, 0, 0]])
    mask(tmp_path / "masks" / "2.png", [[0, 0, 0], [255, 0, 0]])
    text = "image,class,mask_path\n1.png,cat,masks/1.png\n2.png,dog,masks/2.png\nimages/3.png,dog,masks/3.png\n"
    dataset = xai.load_dataset(table(tmp_path, text))
    assert [sample.mask.tolist() for sample in dataset[:2]] == [[[0, 1, 1], [0, 0, 0]], [[0, 0, 0], [1, 0, 0]]]
    assert [sample.label for sample in dataset] == ["cat", "dog", "dog"]
    assert dataset[2].mask is None
    assert dataset[2].notes == ("no mask: masks/3.png is not there",)
    assert dataset.skipped == ()
    before = dataset.items[0].stamp
    mask(tmp_path / "masks" / "1.png", [[255, 255, 255], [255, 0, 255]])
    assert xai.load_dataset(tmp_path / "list.csv").items[0].stamp != before


@pytest.mark.parametrize("name", ["labels.csv", "metadata.jsonl"])
@pytest.mark.parametrize("by_path", [False, True])
def test_a_table_without_masks_lies_beside_images_and_masks(tmp_path, name, by_path):
    """The table gives labels and groups, the folder of masks the masks: neither is lost."""
    write(tmp_path, "images/1.png", "images/2.png", "images/3.png")
    mask(tmp_path / "masks" / "1.png", [[0, 255, 255], [0, 0, 0]])
    mask(tmp_path / "masks" / "2_mask.png", [[0, 0, 0], [255, 0, 0]])
    rows = [("1.png", "cat", "a"), ("images/2.png", "dog", "a"), ("3", "dog", "b")]
    as_json = "".join(json.dumps({"file_name": f, "label": w, "patient": g}) + "\n" for f, w, g in rows)
    as_csv = "file,label,patient\n" + "".join(f"{','.join(row)}\n" for row in rows)
    path = table(tmp_path, as_json if name.endswith("jsonl") else as_csv, name)
    dataset = xai.load_dataset(path if by_path else tmp_path)
    assert listed(dataset) == [("images/1.png", "cat"), ("images/2.png", "dog"), ("images/3.png", "dog")]
    assert dataset.groups == ("a", "a", "b")
    shown = [None if sample.mask is None else sample.mask.tolist() for sample in dataset]
    assert shown == [[[0, 1, 1], [0, 0, 0]], [[0, 0, 0], [1, 0, 0]], None]
    assert dataset.notes[1:] == ("2 of 3 pictures have a mask, by the folder masks/.",)
    assert dataset.skipped == ()
    before = dataset.items[0].stamp
    mask(tmp_path / "masks" / "1.png", [[255, 255, 255], [255, 0, 255]])
    assert xai.load_dataset(tmp_path).items[0].stamp != before


@pytest.mark.parametrize("folder", ["frames", "Scans", "slices"])
def test_folders_of_frames_and_masks_beside_a_table(tmp_path, folder):
    write(tmp_path, f"{folder}/1.png", f"{folder}/2.png")
    mask(tmp_path / "masks" / "1.png", [[0, 255, 255], [0, 0, 0]])
    path = table(tmp_path, "file,label\n1.png,cat\n2.png,dog\n")
    for given in (path, tmp_path):
        found = xai.load_dataset(given)
        assert listed(found) == [(f"{folder}/1.png", "cat"), (f"{folder}/2.png", "dog")]
        assert [sample.mask is not None for sample in found] == [True, False]


def test_a_table_in_each_split_with_masks(tmp_path):
    for split in ("train", "test"):
        write(tmp_path / split, "images/1.png", "images/2.png")
        mask(tmp_path / split / "masks" / "1.png", [[0, 255, 255], [0, 0, 0]])
        mask(tmp_path / split / "masks" / "2.png", [[255, 255, 255], [0, 0, 0]])
        table(tmp_path / split, f"file,label\n1.png,cat of {split}\n2.png,dog of {split}\n")
    assert list_splits(tmp_path) == ("test", "train")
    dataset = xai.load_dataset(tmp_path, split="training")
    assert dataset.labels == ("cat of train", "dog of train")
    assert [int((sample.mask == 1).sum()) for sample in dataset] == [2, 3]


def test_masks_by_their_suffix_beside_listed_pictures(tmp_path):
    """What a line lists is a picture, whatever it is called."""
    write(tmp_path, "1.png", "2.png", "2_mask.png", "3.png")
    mask(tmp_path / "1_mask.png", [[0, 255, 255], [0, 0, 0]])
    table(tmp_path, "file,label\n1.png,cat\n2.png,dog\n2_mask.png,dog\n3.png,cat\n")
    dataset = xai.load_dataset(tmp_path)
    assert listed(dataset) == [("1.png", "cat"), ("2.png", "dog"), ("2_mask.png", "dog"), ("3.png", "cat")]
    assert [sample.mask is not None for sample in dataset] == [True, False, False, False]


@pytest.mark.parametrize("text", ["id,label\n0,cat\n1,dog\n", "image_id,class\nelsewhere,cat\n"])
def test_a_table_of_something_else_beside_images_and_masks_takes_nothing_away(tmp_path, text):
    write(tmp_path, "images/horse.png", "images/zebra.png")
    mask(tmp_path / "masks" / "horse.png", [[0, 255, 255], [0, 0, 0]])
    table(tmp_path, text)
    dataset = xai.load_dataset(tmp_path)
    assert [(item.name, item.label) for item in dataset.items] == [("horse.png", None)]


def test_class_folders_among_images_and_masks_stay_the_labels(tmp_path):
    for name in ("cat/1", "dog/2"):
        write(tmp_path, f"images/{name}.png")
        mask(tmp_path / "masks" / f"{name}.png", [[0, 255, 255], [0, 0, 0]])
    table(tmp_path, "file,label\n1.png,other\n2.png,other\n")
    assert xai.load_dataset(tmp_path).labels == ("cat", "dog")


@pytest.mark.parametrize(
    ("asked", "there", "found"),
    [
        ("validation", ("test", "val"), "val"),
        ("VAL", ("test", "Val"), "Val"),
        ("val", ("dev", "valid", "validation"), "valid"),
        ("Training", ("train",), "train"),
        ("dogs", ("train", "Dogs"), "Dogs"),
        (None, ("b", "a"), "b"),
        (None, (), ""),
        ("", ("",), ""),
    ],
)
def test_which_split_is_meant(asked, there, found):
    assert chosen_split(asked, there, "here", optional=True) == found


def test_splits_that_are_not_there():
    with pytest.raises(xai.DataError) as caught:
        chosen_split("val", ("", "test", "train"), "here")
    assert str(caught.value) == "here has no split 'val'. It has: test, train."
    with pytest.raises(xai.DataError, match=r"^here has no split with pictures\.$"):
        chosen_split(None, (), "here")
    with pytest.raises(xai.DataError, match=r"It has: none, since it is one file\.$"):
        chosen_split("val", (), "here", "none, since it is one file")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("image,diagnosis,mask\nscans/1.png,1,outlines/1.png\nscans/2.png,0,outlines/2.png\n", {"1": 1, "0": 1}),
        ("image,diagnosis\nscans/1.png,chat\nscans/2.png,chien\noutlines/1.png,chat\n", {"chat": 2, "chien": 1}),
        ("file,label,patient\nscans/1.png,scans,a\noutlines/1.png,outlines,a\n", {"scans": 1, "outlines": 1}),
        # These say no more than the folders do.
        ("image,label\nscans/1.png,scans\noutlines/1.png,outlines\n", {"scans": 2, "outlines": 2}),
        ("image,label,split\nscans/1.png,0,train\noutlines/1.png,1,test\n", {"scans": 2, "outlines": 2}),
        ("image,diagnosis\nscans/9.png,chat\n", {"scans": 2, "outlines": 2}),
        (f"image,diagnosis\n{'x' * 300}.png,chat\n", {"scans": 2, "outlines": 2}),
        ("image,diagnosis\n../set/scans/1.png,chat\n", {"scans": 2, "outlines": 2}),
    ],
)
def test_a_table_beside_several_folders_counts_where_it_says_more_than_they_do(tmp_path, text, labels):
    write(tmp_path, "scans/1.png", "scans/2.png", "outlines/1.png", "outlines/2.png")
    table(tmp_path, text)
    dataset = xai.load_dataset(tmp_path)
    assert Counter(item.label for item in dataset.items) == labels


def test_what_the_columns_were_taken_for_is_said(tmp_path):
    write(tmp_path, "1.png", "2.png")
    path = table(tmp_path, "image,diagnosis,patient_id\n1.png,cat,a\n2.png,dog,b\n")
    said = "list.csv: pictures by its column 'image', labels by 'diagnosis', groups by 'patient_id'."
    assert xai.load_dataset(path).how_read[0] == said
    path = table(tmp_path, "id,cat,dog\n1,1,1\n2,0,1\n")
    assert xai.load_dataset(path).notes == (
        "list.csv: pictures by its column 'id', labels by 2 columns of yes and no.",
    )
    path = table(tmp_path, "1.png,cat\n2.png,dog\n")
    said = "list.csv: pictures by its column 'column 1', labels by 'column 2'."
    assert xai.load_dataset(path).notes == (said,)
