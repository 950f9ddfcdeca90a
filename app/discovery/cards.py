"""A card for each group: typical pictures with maps, the sentence, how sure it is, and its pictures as a list."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import controls, state
from app.clickable import clickable
from app.controls import plain
from app.discovery.names import Names
from app.discovery.opening import open_group
from xai_core import figures
from xai_core.csv_text import csv_text
from xai_core.questions.discovery.findings import Views
from xai_core.studies import format_p
from xai_core.studies.words import listed
from xai_core.types.counts import number_of


def show_card(found: xai.Discovery, strategy: xai.Strategy, views: Views, names: Names) -> None:
    """One group.

    Parameters
    ----------
    found : Discovery
    strategy : Strategy
    views : Mapping of int to ndarray
        What the network sees of the typical pictures.
    names : Names
        That were given to groups.
    """
    suspected = strategy.suspect is not None
    icon = ":orange[:material/report:]" if suspected else ":gray[:material/group_work:]"
    head = "a shortcut is suspected" if suspected else "not suspected"
    with st.container(border=True, key=f"strategy-{strategy.name}"):
        called = f" “{names.of(strategy)}”" if names.of(strategy) else ""
        st.markdown(f"### {icon} {plain(strategy.title + called)}: {head}")
        st.markdown(plain(strategy.plain))
        places = [place for place in strategy.typical if place in views]
        if len(places) == len(strategy.typical):
            table = found.pictures.set_index("place").loc[places]
            titles, ids = table["picture"].astype(str).tolist(), table["id"].astype(str).tolist()
            drawn = figures.strategy_html(strategy, [views[one] for one in places], titles, picks=ids)
            clickable(drawn, f"typical-{strategy.name}", state.choose_picture)
        with st.expander("How sure, and what it rests on"):
            _rests_on(strategy)
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"group-row-{strategy.name}"):
            names.offer(strategy)
            _offer(found, strategy, names.of(strategy))
            open_group(found, strategy)


def _rests_on(strategy: xai.Strategy) -> None:
    """Every test of a group, its place in the class, and attributes that its score follows."""
    st.markdown(plain(strategy.sentence))
    how = (
        f"The group: pictures that are alike in {strategy.view}"
        if not strategy.whole
        else "The group: all pictures of the class"
    )
    stable = f"; stability under the bootstrap {strategy.stability:.2f}" if strategy.stability >= 0 else ""
    dense = ", a small dense group" if strategy.dense else ""
    held = f"{number_of(len(strategy.tested), 'picture')} of them were held back for the tests"
    st.caption(plain(f"{how}{dense}{stable}. {held}."))
    if strategy.accuracy_rest >= 0:
        st.caption(
            plain(
                f"Accuracy {strategy.accuracy:.1%} against {strategy.accuracy_rest:.1%} in the rest of the class "
                f"({format_p(strategy.p_accuracy)}); confidence differs with {format_p(strategy.p_confidence)}."
            )
        )
    st.dataframe(_tests(strategy), hide_index=True, width="stretch")
    followed = strategy.attributes[strategy.attributes["p_holm"] < 0.05]
    if len(followed):
        said = [
            f"{'higher' if row.rho > 0 else 'lower'} where {row.attribute} is higher (rank correlation {row.rho:z.2f})"
            for row in followed.itertuples()
        ]
        st.caption(plain(f"The probability of the class is {listed(said)}, after Holm's correction."))


def _tests(strategy: xai.Strategy) -> pd.DataFrame:
    """The tests of a group in words."""
    rows = [
        {
            "part": test.title,
            "suspected": "yes" if test.suspect else "no",
            "n": test.n,
            "with it": f"{test.added:.2f}",
            "control": f"{test.control:.2f}",
            "adds, points": f"{100 * test.gain:.0f} ({100 * test.interval[0]:.0f} to {100 * test.interval[1]:.0f})",
            "p": format_p(test.p_holm),
            "removal costs, points": _points(test) if np.isfinite(test.cost) else "–",
            "content repeats": f"{test.repeated:.2f}" if np.isfinite(test.repeated) else "–",
        }
        for test in strategy.tests
    ]
    return pd.DataFrame(rows)


def _points(test: xai.CarrierTest) -> str:
    """What the removal of a part costs."""
    return f"{100 * test.cost:.0f} ({format_p(test.p_removed)})"


def _offer(found: xai.Discovery, strategy: xai.Strategy, name: str) -> None:
    """Its pictures as a list of ids."""
    inside = found.pictures[found.pictures["place"].isin(strategy.places)].assign(group=strategy.name, name=name)
    columns = ["group", "name", "id", "picture", "label", "half", "predicted", "p_label"]
    table = inside[columns]
    file = f"{strategy.name}.csv", "text/csv", lambda: csv_text(table)
    controls.offer_file("Table of this group (CSV)", *file, key=f"table-{strategy.name}")
