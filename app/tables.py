"""Tables of tests as the pages show them: their columns in words, their numbers as in the sentences."""

from __future__ import annotations

import pickle

import pandas as pd
import streamlit as st

from xai_core.studies import column_in_words, format_p


def show_table(table: pd.DataFrame, words: dict[str, str] | None = None) -> None:
    """A table of tests; what it holds stays numbers, so that it can be sorted and copied.

    Parameters
    ----------
    table : a row a test
    words : headings of columns in place of those of `studies.column_in_words`
    """
    _draw(table, {name: column_in_words(name) for name in table} | (words or {}))


# Styling a table takes longer than all else of a page's tests, and most runs of a page show it again as it was: what
# is drawn here is kept, and drawn again from that. A small table is told by its pickled bytes ten times as fast as by a
# hash of each column; where those of two equal tables differ, the second is drawn anew.
@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={pd.DataFrame: pickle.dumps})
def _draw(table: pd.DataFrame, words: dict[str, str]) -> None:
    table = table.rename(columns=words)
    numbers = table.select_dtypes("floating").columns
    styled = table.style.format({name: p_words if _is_p(name) else _number for name in numbers})
    st.dataframe(styled, hide_index=True, width="stretch", placeholder="–")


def _is_p(name: object) -> bool:
    return str(name) == "p" or str(name).startswith("p (")


def p_words(p: float) -> str:
    """0.032, "< 0.001": the column says that it is p."""
    return format_p(p).removeprefix("p ").removeprefix("= ")


def _number(value: float) -> str:
    """Three digits that count: 0.434, -2.72, 1,234."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
