"""Studies say how the files were read, and take what the user says of them."""

import json

import numpy as np

from tests.support.command import study
from tests.support.deep import encoded


def test_a_range_of_intensities_is_stated_and_said(tmp_path, capsys):
    (tmp_path / "set").mkdir()
    for number in range(3):
        deep = np.random.default_rng(number).integers(0, 4096, (64, 64)).astype(np.uint16)
        (tmp_path / "set" / f"{number}.tif").write_bytes(encoded(deep, "TIFF"))
    common = ("--data", tmp_path / "set", "--model", "digits")
    assert study("layers", tmp_path / "found", common=common) == 0
    said = "Of the pictures: Intensities from 0 to 4,095 become black to white in every picture (12 bits, as"
    assert said in capsys.readouterr().out
    assert study("layers", tmp_path / "stated", "--option", "intensity_range=0:1023", common=common) == 0
    summary = json.loads((tmp_path / "stated" / "summary.json").read_text())
    assert "intensities=0%3A1023" in summary["address"]
    assert summary["data_notes"][1] == (
        "Intensities from 0 to 1,023 become black to white in every picture (as you chose)."
    )
    report = (tmp_path / "stated" / "report.html").read_text()
    assert "Intensities from 0 to 1,023 become black to white" in report
    assert "intensity_range=" in report
    assert study("layers", tmp_path / "wrong", "--option", "mask_coding=halves", common=common) == 2
    assert "mask_coding must be one of" in capsys.readouterr().err
