"""Studies of data that a file describes."""

import json
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from tests.support.command import study
from tests.support.exports import with_coco, with_table


def test_a_study_of_a_table(tmp_path):
    path, samples = with_table(tmp_path / "export")
    out = tmp_path / "out"
    assert study("foreground", out, common=("--data", path, "--split", "train", "--model", "digits")) == 0
    table = pd.read_csv(out / "table.csv", dtype={"label": str})
    assert list(dict.fromkeys(table["label"])) == list(dict.fromkeys(sample.label for sample in samples[6:]))
    areas = table.groupby("sample")["mask_area"].first()
    for number, sample in enumerate(samples[6:], start=6):
        assert abs(areas[f"images/{number}.png"] - (sample.mask == 1).mean()) < 1e-6
    address = json.loads((out / "summary.json").read_text())["address"]
    query = parse_qs(urlsplit(address).query)
    assert (query["path"], query["split"], query["data"]) == ([str(path)], ["train"], ["Folder"])
    assert f"xai.load_dataset({str(path)!r}, split='train')" in (out / "report.html").read_text().replace("&#39;", "'")


def test_a_table_with_an_option(tmp_path, capsys):
    path, _ = with_table(tmp_path / "export")
    rows = pd.read_csv(path)
    table = pd.DataFrame({"file": "images/" + rows["filename"], "3": [1, -1, 0] * 4, "8": [0, 1, 1] * 4})
    table.to_csv(tmp_path / "export" / "marks.csv", index=False)
    common = ("--data", tmp_path / "export" / "marks.csv", "--model", "digits", "--limit", 4)
    assert study("layers", tmp_path / "out", common=common) == 2
    assert "choose unsure='no' or 'yes'" in capsys.readouterr().err
    assert study("layers", tmp_path / "out", "--option", "unsure=yes", common=common) == 0
    assert "unsure='yes'" in (tmp_path / "out" / "report.html").read_text().replace("&#39;", "'")


def test_a_study_of_a_coco_export_says_what_is_by_box(tmp_path):
    path, samples = with_coco(tmp_path / "export")
    out = tmp_path / "out"
    assert study("foreground", out, common=("--data", path, "--model", "digits")) == 0
    areas = pd.read_csv(out / "table.csv").groupby("sample")["mask_area"].first()
    for number, sample in enumerate(samples[:6]):
        assert abs(areas[f"images/{number}.png {sample.label}"] - (sample.mask == 1).mean()) < 1e-6
    notes = json.loads((out / "summary.json").read_text())["data_notes"]
    assert any(note.startswith("Masks by box: 6 of 12 objects have a box") for note in notes)
