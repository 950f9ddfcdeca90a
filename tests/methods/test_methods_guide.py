"""docs/methods.md is the registry in words: each method with its paper, what it equals and what is known against it."""

import re

import pytest

from tests.support import docs
from xai_core.methods import method_groups


def test_each_kind_is_a_table_of_its_methods():
    text = (docs.DOCS / "methods.md").read_text("utf-8")
    assert text == docs.methods(text), "python -m tests.support.docs writes it"
    for group in method_groups(docs.OWN):
        assert f"## {group.title}\n\n{group.help}\n" in text


def test_a_method_that_is_not_there_is_written_in():
    text = (docs.DOCS / "methods.md").read_text("utf-8")
    without = text.replace(docs.row(docs.OWN[0]), "")
    assert without != text
    assert docs.methods(without) == text


@pytest.mark.parametrize("method", docs.OWN, ids=lambda method: method.key)
def test_each_has_a_paper_that_can_be_opened_and_what_it_is_equal_to(method):
    assert re.fullmatch(r"https://(arxiv\.org/abs/\d{4}\.\d{4,5}|doi\.org/10\.\S+)", method.link)
    assert method.reference
    assert method.caution or not method.usual or method.key.startswith("saliency")
