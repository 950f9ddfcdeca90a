"""A study that was begun before a measure was added goes on with it, and says what it computes again."""

import numpy as np
import pandas as pd
import pytest

from tests.support.command import study
from xai_core import measures
from xai_core.batch.store import StudyFolder
from xai_core.questions.foreground.stored import FIRST_COLUMNS


@pytest.fixture
def added():
    """Registers a measure of each kind, when asked."""

    def add():
        measures.register_measure(key="largest", title="Largest", chance=0.5, help="")(
            lambda seen: {"largest": float(seen.positive.max())}
        )
        measures.register_focus_measure(key="largest", title="Largest", words="largest cell", focus_sign=1, help="")(
            lambda seen: float(seen.raw.max())
        )

    yield add
    measures.unregister_measure("largest")
    measures.unregister_focus_measure("largest")


@pytest.mark.parametrize("kind", ["layers", "foreground"])
@pytest.mark.parametrize("parts", [1, 2])
def test_a_measure_that_was_added_since(kind, parts, tmp_path, added, capsys):
    """`parts` of the two are there when it goes on."""
    out = tmp_path / "out"
    assert study(kind, out, "--limit", "12") == 0
    before = pd.read_csv(out / "table.csv")
    (out / "summary.json").unlink()
    for number in range(parts, 2):
        (out / "parts" / f"{number:05d}.npz").unlink()
    added()
    capsys.readouterr()
    assert study(kind, out, "--limit", "12") == 0
    said = capsys.readouterr().err
    assert [f"Part 0000{number} is of other measures and is computed again." in said for number in range(2)] == [
        number < parts for number in range(2)
    ]
    table = pd.read_csv(out / "table.csv")
    pd.testing.assert_frame_equal(table[before.columns], before)
    assert study(kind, tmp_path / "anew", "--limit", "12") == 0
    anew = pd.read_csv(tmp_path / "anew" / "table.csv")
    np.testing.assert_array_equal(table["largest"], anew["largest"])
    assert (table["largest"] > 0).any()
    assert study(kind, out, "--limit", "12") == 0
    assert "computed again" not in capsys.readouterr().err


def test_a_measure_that_is_gone(tmp_path, added):
    added()
    assert study("foreground", tmp_path, "--limit", "6") == 0
    measures.unregister_measure("largest")
    assert study("foreground", tmp_path, "--limit", "6") == 0
    assert "largest" not in pd.read_csv(tmp_path / "table.csv")


def test_parts_that_do_not_say_their_measures_have_the_first_ones(tmp_path, monkeypatch):
    """As they were written before measures had a registry."""
    there = measures.FOREGROUND_MEASURES.items()
    first = {key: one for key, one in there if set(one.columns) <= set(FIRST_COLUMNS)}
    monkeypatch.setattr(measures.FOREGROUND_MEASURES, "_records", first)
    assert study("foreground", tmp_path, "--limit", "6") == 0
    assert tuple(measures.columns()) == FIRST_COLUMNS
    folder = StudyFolder.open(tmp_path)
    about = folder.about(0)
    arrays = {name: folder.array(0, name) for name in about["arrays"]}
    left = {name: value for name, value in about.items() if name != "measures"}
    folder.write(0, left, arrays)
    written = (tmp_path / "parts" / "00000.npz").read_bytes()
    assert study("foreground", tmp_path, "--limit", "6") == 0
    assert (tmp_path / "parts" / "00000.npz").read_bytes() == written
