"""The glossary at hand on each page."""

import re

from app import glossary
from tests.support.pages import open_page, run, text


def test_every_term_of_the_docs_is_there_without_links():
    written = glossary._GLOSSARY.read_text("utf-8")
    rows = [row for of_heading in glossary.sections().values() for row in of_heading]
    assert len(rows) == len(re.findall(r"^\| \*\*", written, re.MULTILINE)) > 40
    assert list(glossary.sections()) == re.findall(r"^## (.+)$", written, re.MULTILINE)
    assert not [row for row in rows if "](" in row[1]]
    assert all(meaning.endswith((".", "?")) for _, meaning in rows)


def test_a_page_shows_it():
    at = open_page("model")
    at.button(key="help").click()
    run(at)
    assert "superpixel" in text(at)
    assert "| **N** | next picture |" in text(at)


def test_terms_are_found_by_any_of_their_words():
    assert [term for rows in glossary.found("HOLM  raised").values() for term, _ in rows] == ["**Holm-corrected**"]
    assert "**d_z**" in [term for rows in glossary.found("deviation").values() for term, _ in rows]
    assert glossary.found("no such word") == {}
