"""Which pictures the gallery shows, and in which order."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import cache, state
from app.mistakes.shown import ShownMistakes
from xai_core import studies
from xai_core.studies import GALLERY_SORTS, uncapitalised

COMPARED = 200  # pictures whose methods are compared at once
SHOW: dict[studies.Rightness, str] = {"wrong": "Wrong", "right": "Right", "all": "All"}


# Session keys of the gallery's filter, which are also its names in the address.
KIND, TRUE, TAKEN, ORDER = "which", "is", "taken-for", "order"


def pick_cell(shown: ShownMistakes, pick: str) -> None:
    """Fill the gallery with a cell, row or column of the matrix and open its first picture; again, and all is back."""
    kind, *numbers = pick.split(":")
    classes = [int(number) for number in numbers]
    true, taken = (classes[:1] if kind != "predicted" else []), (classes[-1:] if kind != "true" else [])
    if (st.session_state.get(TRUE), st.session_state.get(TAKEN)) == (true, taken):
        clear(shown)
        return
    st.session_state[KIND], st.session_state[TRUE], st.session_state[TAKEN] = "all", true, taken
    _open_first(shown)


def at_first(shown: ShownMistakes) -> studies.Rightness:
    """Which pictures the gallery begins with: the mistakes, where there are any."""
    return "wrong" if shown.answer.summary.right < shown.answer.summary.n else "all"


def clear(shown: ShownMistakes) -> None:
    """Clear the filter, and open the first of what it hid no longer."""
    st.session_state[KIND], st.session_state[TRUE], st.session_state[TAKEN] = at_first(shown), [], []
    _open_first(shown)


def _left(shown: ShownMistakes) -> list[int]:
    """Places of the pictures that the filter leaves."""
    asked = {key: st.session_state.get(key, []) for key in (TRUE, TAKEN)}
    only = st.session_state[KIND]
    return studies.choose_pictures(shown.table, only=only, true=asked[TRUE], predicted=asked[TAKEN]).tolist()


def _open_first(shown: ShownMistakes) -> None:
    """Open the first picture that the filter leaves, if it leaves one."""
    if rows := _left(shown):
        first = shown.table.iloc[rows[0]]
        state.choose_picture(str(first["id"]), str(first["picture"]))


def _keep_some(shown: ShownMistakes) -> None:
    """Drop the classes that leave no picture of the kind that was just asked for: none of a mistake is right."""
    for key in (TAKEN, TRUE):
        if not _left(shown):
            st.session_state[key] = []
    _open_first(shown)


def choose_pictures(shown: ShownMistakes) -> tuple[pd.DataFrame, str]:
    """The gallery's filter: the rows in order, and the key of the order."""
    table, names = shown.table, shown.names
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    only = bar.segmented_control(
        "Show",
        list(SHOW),
        format_func=SHOW.__getitem__,
        default=at_first(shown),
        required=True,
        wrap=True,
        key=KIND,
        on_change=_keep_some,
        args=(shown,),
        bind="query-params",
        label_visibility="collapsed",
    )
    pair = cache.agreement.pair(shown.model, shown.layer)
    orders = [key for key in GALLERY_SORTS if key != "disagree" or pair]
    filters = bar.popover("Filter and sort", icon=":material/filter_alt:")
    order = filters.selectbox(
        "Sort by", orders, format_func=lambda key: GALLERY_SORTS[key][0], key=ORDER, bind="query-params"
    )
    true = filters.multiselect(
        "True class",
        sorted({int(i) for i in table["true"] if i >= 0}),
        format_func=names.__getitem__,
        key=TRUE,
        bind="query-params",
        placeholder="any class",
    )
    taken = filters.multiselect(
        "Predicted",
        sorted({int(i) for i in table["predicted"]}),
        format_func=names.__getitem__,
        key=TAKEN,
        bind="query-params",
        placeholder="any class",
    )
    rows = studies.choose_pictures(
        table, only=only, true=true, predicted=taken, sort="sure" if order == "disagree" else order
    )
    state.board()["gallery"] = ({"only": only, "true": true, "predicted": taken}, order)
    chosen = table.iloc[rows]
    if order == "disagree" and pair and len(chosen):
        chosen = by_disagreement(shown, chosen, pair)
    state.set_order(list(zip(chosen["id"], chosen["picture"], strict=True)))
    return chosen, order


def by_disagreement(shown: ShownMistakes, chosen: pd.DataFrame, pair: cache.agreement.Pair) -> pd.DataFrame:
    """The first pictures, those first on which two methods agree least."""
    some = chosen[chosen["usable"]].head(COMPARED)
    bar = st.empty()
    names = f"{pair.first.title} and {uncapitalised(pair.second.title)}"
    found = cache.agreement.disagreement(
        shown.model,
        shown.data,
        some,
        pair,
        lambda done, total: bar.progress(done / total, f"Comparing {names} on {done} of {total} …"),
    )
    bar.empty()
    if len(chosen) > len(some):
        st.caption(f"Compared on the {len(some)} most confident of {len(chosen):,}; filter to compare others.")
    if found.empty:
        return some
    some = some.merge(found.drop_duplicates("id"), on="id", how="inner")
    st.caption(
        f"{names} for the predicted class, averaged to the same cells: median rank correlation "
        f"{some['rank_correlation'].median():.2f}, median overlap of the top tenth {some['overlap'].median():.0%}."
    )
    return some.sort_values("rank_correlation", kind="stable")
