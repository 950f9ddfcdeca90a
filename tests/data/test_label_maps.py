"""What labels stand for: as a dict, as a file, through evaluation and into the code."""

import json

import pytest

import xai_core as xai
from tests.support.pictures import folder
from xai_core.data import read_label_map

SAID = {"chat": "cat", "chien, petit": "dog", "autre": ""}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("map.csv", 'label,class\nchat,cat\n"chien, petit",dog\nautre,\n'),
        ("map.csv", 'chat,cat\n"chien, petit",dog\nautre,\n'),
        ("map.csv", "label;class\nchat;cat\nchien, petit;dog\n\nautre;\n"),
        ("map.tsv", "Label\tModel_Class\nchat\tcat\nchien, petit\tdog\nautre\t\n"),
        ("map.json", json.dumps({"chat": "cat", "chien, petit": "dog", "autre": None})),
        ("map.json", "\ufeff" + json.dumps(SAID)),
    ],
)
def test_a_map_from_a_file(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_label_map(tmp_path / name) == SAID


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("map.csv", "chat,cat,1\n", "map.csv, line 1, has 3 cells. Expected two: a label and a class."),
        ("map.csv", "chat,cat\nchat,dog\n", "says of 'chat' that it stands for 'cat' and for 'dog'"),
        ("map.json", '{"chat": "cat", "chat": "dog"}', "says of 'chat' that it stands for 'cat' and for 'dog'"),
        ("map.csv", "label,class\n", "holds no label"),
        ("map.csv", ",cat\n", "has an empty label, for 'cat'"),
        ("map.json", "[1, 2]", 'holds no object such as {"chat": "cat"}'),
        ("map.json", "{", "is no JSON with labels and classes"),
        ("map.json", '{"chat": [1]}', "Expected a class's name or number"),
        ("map.xlsx", "", "ends in .csv, .tsv, .json; got 'map.xlsx'"),
    ],
)
def test_a_file_that_cannot_be_understood_says_why(tmp_path, name, content, reason):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(xai.DataError) as error:
        read_label_map(tmp_path / name)
    assert reason in str(error.value)


def test_a_file_outside_of_the_folders_that_may_be_opened_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "map.json").write_text('{"a": "b"}', encoding="utf-8")
    monkeypatch.setenv("XAI_DATA_ROOTS", str(tmp_path / "data"))
    with pytest.raises(xai.DataError, match="lies outside the folders"):
        read_label_map(tmp_path / "map.json")


def test_a_mapped_data_set_keeps_its_labels_and_says_how_in_code(tmp_path):
    folder(tmp_path, 2, labels=("sept", "huit"))
    data = xai.load_dataset(tmp_path, label_map={"sept": 7, "neuf": "9"})
    assert data.labels == ("huit", "sept")
    assert data.notes == ("Of the labels and classes that were given, 'neuf' occurs in no picture.",)
    table = xai.evaluate(xai.load_model("digits"), data)
    assert dict(zip(table.label, table.true, strict=True)) == {"sept": 7, "huit": -1}
    again = eval(data.code)
    assert [item.truth for item in again.items] == [item.truth for item in data.items]
    assert [item.truth for item in xai.load_dataset(tmp_path).items] != [item.truth for item in data.items]


def test_the_whole_way_from_a_file(tmp_path):
    folder(tmp_path / "data", 2, labels=("sept", "huit"))
    (tmp_path / "map.csv").write_text("sept,7\nhuit,8\n", encoding="utf-8")
    data = xai.load_dataset(tmp_path / "data", label_map=tmp_path / "map.csv", labels="sept")
    table = xai.evaluate(xai.load_model("digits"), data)
    assert set(table.true) == {7}
