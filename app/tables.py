"""Tables of tests as the pages show them: their columns in words, their numbers as in the sentences."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from xai_core.studies.columns import column_in_words, number_in_words


def show_table(
    table: pd.DataFrame, words: Mapping[str, str] | None = None, helps: Mapping[str, str] | None = None
) -> None:
    """A table of tests; what it holds stays numbers, so that it can be sorted and copied.

    Parameters
    ----------
    table : a row a test
    words : headings of columns in place of those of `studies.column_in_words`
    helps : what columns hold, where the heading does not say it all
    """
    _draw(table, _headings(table, words), dict(helps or {}))


def place_table(table: pd.DataFrame, words: Mapping[str, str] | None = None) -> None:
    """`show_table` within a function that is kept itself: what is kept within it would be drawn again at its end."""
    _place(table, _headings(table, words), {})


def _headings(table: pd.DataFrame, words: Mapping[str, str] | None) -> dict[str, str]:
    return {name: column_in_words(name) for name in table} | dict(words or {})


def _place(table: pd.DataFrame, words: dict[str, str], helps: dict[str, str]) -> None:
    told = {words[name]: st.column_config.Column(help=said) for name, said in helps.items() if name in words}
    table = table.rename(columns=words)
    numbers = table.select_dtypes("floating").columns
    styled = table.style.format({name: partial(number_in_words, heading=name) for name in numbers})
    st.dataframe(styled, hide_index=True, width="stretch", placeholder="–", column_config=told)


# Styling a table takes longer than all else of a page's tests, and most runs of a page show it again as it was: what
# is drawn here is kept, and drawn again from that. A small table is told by its pickled bytes ten times as fast as by a
# hash of each column; where those of two equal tables differ, the second is drawn anew.
_draw = st.cache_data(max_entries=256, show_spinner=False, hash_funcs={pd.DataFrame: pickle.dumps})(_place)
