"""A measure on the object's mask is one file, and everything that knows measures knows it.

The whole change of a measure, beside a test of its own such as this one:

     xai_core/measures/on_object/half.py | 22 ++++++++++++++++++++++
     1 file changed, 22 insertions(+)
"""

import importlib.util
import re

import numpy as np
import pytest

from tests.support.maps import as_heatmaps
from tests.support.tables import spread, table_of
from xai_core import measures, studies
from xai_core.__main__ import main
from xai_core.questions import get_question
from xai_core.questions.foreground.findings import answer

OWN = list(studies.FOREGROUND_MEASURES)
FILE = '''"""How much of the object is at least half as hot as the hottest pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.measures.registry import register_measure

if TYPE_CHECKING:
    from xai_core.measures.seen import MapOnMask


@register_measure(
    title="Share in the upper half",
    inside="half_inside",
    chance="mask_area",
    help="Share in the upper half: of the object's pixels.",
)
def half(seen: MapOnMask) -> dict[str, float]:
    """Share of the object's pixels with at least half of the largest value."""
    return {"half_inside": float((seen.positive[seen.inside] >= seen.positive.max() / 2).mean())}
'''


@pytest.fixture
def half(tmp_path):
    path = tmp_path / "half.py"
    path.write_text(FILE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("half_example", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    yield studies.FOREGROUND_MEASURES["half"]
    measures.unregister_measure("half")


def test_it_comes_after_the_librarys_own(half):
    there = list(studies.FOREGROUND_MEASURES)
    assert [one for one in there if one != "half"] == OWN
    assert there.index("half") > there.index("auc")
    assert "half_inside" in measures.columns()


def test_it_is_a_column_of_every_map(half):
    mask = np.array([[1, 1, 0, 255]], np.uint8)
    maps = as_heatmaps({"a": [[[4, 1, 2, 9]], [[-1, -1, -1, -1]]]}, (1, 4))
    table = studies.foreground_background(maps, [mask, mask])
    assert "half_inside" in table
    assert "control_half" in table
    assert table["half_inside"][0] == 1 / 2  # the ignored pixel's 9 is no largest value
    assert np.isnan(table["half_inside"][1])


def test_verdict_and_card_speak_of_it(half):
    free = [one for one in studies.FOREGROUND_MEASURES.values() if not one.min_max]
    high = {one.inside: spread(32, 0.8, 0.1) for one in free}
    held = {f"control_{one.key}": 0.1 for one in free}
    table = table_of(**high, mask_area=0.25).assign(**held, others=8.0, likeness=0.3, same_label=True)
    found = answer(table, "half", "Some method")
    assert found.verdict.outcome == "more"
    assert "share in the upper half is 80% on the object against 25% in an even map" in found.verdict.sentence
    assert "share in the upper half on a picture's own object" in found.verdict.h0
    assert found.card.measured.startswith("Share in the upper half of Some method by segmentation mask")
    sentences = " ".join(one.sentence for one in found.card.changes)
    by_these = r"Share of energy, rank accuracy, AUC\b.* share in the upper half\b.* do not depend on scaling maps"
    assert re.search(by_these, sentences)
    groups = studies.compare_groups(table.assign(label="one"), "label", "half")
    assert groups["chance"].tolist() == [0.25]


def test_page_address_and_command_offer_it(half, capsys):
    choice = get_question("foreground").choice("measure")
    assert choice.name_of("half") == half.title
    assert choice.in_address({"measure": "half"}, None) == [("fg-measure", half.title)]
    with pytest.raises(SystemExit):
        main(["study", "foreground", "--help"])
    assert f"{{{','.join(studies.FOREGROUND_MEASURES)}}}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "AUC"}, "already: AUC"),
        ({"inside": "auc"}, "AUC has the columns auc already"),
        ({"columns": ("other",)}, "does not fill its own column 'new'"),
    ],
)
def test_what_would_mix_measures_up_is_refused(changes, said):
    record = {"title": "New", "chance": 0.5, "help": ""} | changes
    with pytest.raises(ValueError, match=said):
        measures.register_measure(key="new", **record)(lambda seen: {})
    assert "new" not in studies.FOREGROUND_MEASURES


def test_a_measure_that_gives_other_columns_is_refused_by_name():
    measures.register_measure(key="odd", title="Odd", chance=0.5, help="")(lambda seen: {"even": 1.0})
    try:
        with pytest.raises(ValueError, match="Odd gives even in place of odd"):
            studies.foreground_background(as_heatmaps({"a": [[[1, 0]]]}, (1, 2)), [np.array([[1, 0]], np.uint8)])
    finally:
        measures.unregister_measure("odd")
