"""A measure of how focused a map is is one file, and everything that knows such measures knows it.

The whole change of a measure, beside a test of its own such as this one:

     xai_core/measures/of_focus/peak.py | 22 ++++++++++++++++++++++
     1 file changed, 22 insertions(+)
"""

import importlib.util

import numpy as np
import pytest

from tests.support.maps import as_heatmaps
from xai_core import figures, measures, studies
from xai_core.__main__ import main
from xai_core.questions import get_question
from xai_core.questions.layers.findings import GRIDS, answer, offered
from xai_core.types import Layer

OWN = list(studies.MEASURES)
FILE = '''"""How much of the positive evidence lies in the strongest cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.focus import register_focus_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnGrid


@register_focus_measure(
    title="Strongest cell",
    words="share of the strongest cell",
    focus_sign=1,
    help="Strongest cell: its share of the evidence.",
    percent=True,
)
def peak(seen: MapOnGrid) -> float:
    """Of the positive part, in the map's own cells."""
    positive = seen.raw.clip(0)
    return float(positive.max() / positive.sum())
'''
LAYERS = [Layer(name, title, (2, 2), 1) for name, title in (("a", "stage 1"), ("b", "stage 2"), ("c", "stage 3"))]
NAMES = [f"picture {number}" for number in range(12)]


@pytest.fixture
def peak(tmp_path):
    path = tmp_path / "peak.py"
    path.write_text(FILE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("peak_example", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    yield studies.MEASURES["peak"]
    measures.unregister_focus_measure("peak")


def measured():
    """Twelve pictures whose strongest cell holds 1/4, 1/2 and 4/5 of the evidence at the three layers."""
    # An even map would be flat, and left out.
    cells = {"a": [[1.01, 1], [1, 1]], "b": [[3, 1], [1, 1]], "c": [[12, 1], [1, 1]]}
    raw = {name: np.array([one] * len(NAMES), np.float32) for name, one in cells.items()}
    maps = as_heatmaps(raw, (4, 4))
    return {grid: studies.measure_maps(maps, grid=grid) for grid in GRIDS}


def test_it_comes_after_the_librarys_own(peak):
    there = list(studies.MEASURES)
    assert [one for one in there if one != "peak"] == OWN
    assert there.index("peak") > there.index("energy_inside")
    assert offered(measured()["own"]) == [one for one in there if one != "energy_inside"]  # there are no masks


def test_it_is_a_column_of_every_map(peak):
    table = studies.layer_focus(measured()["own"], samples=NAMES).table
    assert {"peak", "flat"} < set(table.columns)
    assert table["peak"][:3].tolist() == pytest.approx([1.01 / 4.01, 3 / 6, 12 / 15])


def test_verdict_card_and_figure_speak_of_it(peak):
    found = answer(measured(), LAYERS, NAMES, "peak", 0.85)
    assert found.verdict.outcome == "focuses"
    assert "median share of the strongest cell rises from 25% (stage 1) to 80% (stage 3)" in found.verdict.sentence
    assert "the share of the strongest cell does not depend on the layer" in found.card.h0
    assert found.sweeps == {}
    figure = figures.focus_boxes(found.focus["own"], LAYERS, NAMES)
    assert figure.layout.yaxis.title.text == "share of the strongest cell (%)"
    other = answer(measured(), LAYERS, NAMES, "gini", 0.85)
    (said,) = [one for one in other.card.changes if one.name == "By share of the strongest cell"]
    assert said.fine
    assert said.sentence.startswith("Here, too, deeper layers focus more (rank correlation with depth ")


def test_page_address_and_command_offer_it(peak, capsys):
    choice = get_question("layers").choice("measure")
    assert choice.name_of("peak") == peak.title
    assert choice.in_address({"measure": "peak"}, None) == [("measure", peak.title)]
    assert get_question("layers").choice("threshold").in_address({"measure": "peak", "threshold": 0.6}, None) == []
    with pytest.raises(SystemExit):
        main(["study", "layers", "--help"])
    assert f"{{{','.join(studies.MEASURES)}}}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "Gini concentration"}, "already: Gini concentration"),
        ({"key": "gini"}, "already: Gini concentration"),
        ({"key": "depth"}, "a column of that name already"),
    ],
)
def test_what_would_mix_measures_up_is_refused(changes, said):
    record = {"key": "new", "title": "New", "words": "new", "focus_sign": 1, "help": ""} | changes
    with pytest.raises(ValueError, match=said):
        measures.register_focus_measure(**record)(lambda seen: 0.0)
    assert list(studies.MEASURES) == OWN
