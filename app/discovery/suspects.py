"""Suspects in the data: labels that may be wrong, near duplicates, odd pictures, and accuracy in these slices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import controls
from xai_core.csv_text import csv_text
from xai_core.questions.discovery.findings import OF_DATA
from xai_core.studies import format_p
from xai_core.studies.words import listed
from xai_core.types.counts import form, number_of

_VERBS = {  # of a kind of suspect: of one picture and of several; other kinds are adjectives
    "label may be wrong": ("may have a wrong label (or the model is mistaken)",) * 2,
    "near duplicate": ("has a near duplicate", "have near duplicates"),
    "near duplicate in the other split": (
        "has a near duplicate in the other split",
        "have near duplicates in the other split",
    ),
}


def show_suspects(found: xai.Discovery) -> None:
    """A table of suspects, and accuracy by slice.

    Parameters
    ----------
    found : Discovery
    """
    st.header("Suspects in the data", anchor=False)
    if found.issues.empty:
        st.markdown("No label, pair or picture stands out.")
    else:
        counts = found.issues["kind"].value_counts()
        st.markdown(in_a_sentence({str(kind): int(n) for kind, n in counts.items()}))
    shown = found.slices[found.slices["n"] > 0]
    if not (len(shown) or len(found.issues)):
        return
    with st.expander("The pictures, and accuracy on each kind", icon=":material/table:"):
        st.caption(OF_DATA)
        if len(found.issues):
            st.dataframe(found.issues.drop(columns="place"), hide_index=True, width="stretch")
            files = {"Suspects (CSV)": ("suspects.csv", "text/csv", lambda: csv_text(found.issues))}
            controls.offer_files(files)
        if len(shown):
            st.markdown("**Accuracy on each kind**, against all other pictures")
            st.dataframe(_in_words(shown), hide_index=True, width="stretch")


def in_a_sentence(counts: Mapping[str, int]) -> str:
    """How many pictures are suspect of what; the first number has the noun."""
    said: list[str] = []
    for kind, n in counts.items():
        number = f"{n:,}" if said else number_of(n, "picture")
        said.append(f"{number} {form(n, *_VERBS.get(kind, (f'is {kind}', f'are {kind}')))}")
    return f"{listed(said)}."


def _in_words(slices: pd.DataFrame) -> pd.DataFrame:
    """The slices as people read them."""
    return pd.DataFrame(
        [
            {
                "slice": row.slice,
                "pictures": row.n,
                "accuracy": f"{row.accuracy:.1%} ({row.low:.1%} to {row.high:.1%})",
                "all others": f"{row.rest:.1%}",
                "p": format_p(row.p_holm) if np.isfinite(row.p_holm) else "too few",
            }
            for row in slices.itertuples()
        ]
    )
