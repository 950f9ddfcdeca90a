"""docs/methods.md is the registry in words: each method with its paper, what it equals and what is known against it."""

import re
from pathlib import Path

import pytest

import xai_core as xai
from xai_core.methods import method_groups

GUIDE = Path(__file__).parents[2] / "docs" / "methods.md"
PLACES = {"layer": "each layer", "input": "the input", "superpixels": "superpixels"}
COSTS = {"pass": "one pass", "passes": "several passes", "samples": "hundreds of passes a picture"}
OWN = [method for method in xai.list_methods() if method.compute.__module__.startswith("xai_core.methods.")]


def row(method):
    """A method's line of the table."""
    paper = f"[{method.paper}]({method.link})"
    cells = (f"{method.title} (`{method.key}`)", paper, PLACES[method.place], COSTS[method.cost], method.reference)
    return f"| {' | '.join(cells)} | {method.caution or '–'} |"


@pytest.mark.parametrize("group", method_groups(OWN), ids=lambda group: group.key)
def test_each_kind_is_a_table_of_its_methods(group):
    text = GUIDE.read_text("utf-8")
    section = re.search(rf"^## {re.escape(group.title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/methods.md has no section {group.title}"
    lines = [line for line in section[1].splitlines() if line.startswith("| ") and "(`" in line.split("|")[1]]
    assert lines == [row(method) for method in group.methods]
    assert group.help in section[1]


@pytest.mark.parametrize("method", OWN, ids=lambda method: method.key)
def test_each_has_a_paper_that_can_be_opened_and_what_it_is_equal_to(method):
    assert re.fullmatch(r"https://(arxiv\.org/abs/\d{4}\.\d{4,5}|doi\.org/10\.\S+)", method.link)
    assert method.reference
    assert method.caution or not method.usual or method.key.startswith("saliency")
