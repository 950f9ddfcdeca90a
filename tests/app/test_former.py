"""Titles that addresses had before."""

from app import former


def test_links_from_before_titles_with_numbers_changed_still_open():
    assert former.renamed({"grid": "on a common 7 × 7 grid"}) == {"grid": ["averaged to the same size, 7 × 7"]}
    assert former.renamed({"turns": ["from 95% on"], "picture": "9-1146"}) == {
        "turns": ["at 95%"],
        "picture": ["9-1146"],
    }
