"""The map of the pictures, and the nearest neighbours of the chosen one."""

from __future__ import annotations

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, frame, state
from app.charts import quiet, show_chart
from app.clickable import clickable
from app.discovery.sidebar import DiscoveryChoice
from xai_core import figures

COLOURS = {"label": "Class", "correct": "Right or wrong", "strategy": "Group"}
NEIGHBOURS = 12


@st.fragment
def show_pictures(chosen: DiscoveryChoice, found: xai.Discovery, key: str) -> None:
    """A point a picture; a click opens the picture and those that are nearest to it.

    Parameters
    ----------
    chosen : DiscoveryChoice
    found : Discovery
    key : str
        Stands for the pictures and the model.
    """
    by = st.segmented_control(
        "Colour",
        list(COLOURS),
        format_func=COLOURS.__getitem__,
        default="label",
        required=True,
        wrap=True,
        key="coloured",
        bind="query-params",
    )
    chart = f"pictures-map-{key}-{by}"

    def pick() -> None:
        points = st.session_state[chart]["selection"]["points"]
        if points:
            row = found.pictures.set_index("place").loc[int(points[0]["customdata"])]
            state.choose_picture(str(row["id"]), str(row["picture"]))

    show_chart(
        st,
        cache.results.kept((key, by), figures.pictures_map_figure, found, by),
        key=chart,
        on_select=pick,
        selection_mode="points",
        config=quiet("picture-map"),
        alt="Pictures by the first two principal components of their features",
    )
    st.caption(
        "A picture to look at: nothing is tested on it, and what lies together on it need not be a group. "
        "Click a point to see the picture and its nearest neighbours."
    )
    _neighbours(chosen, found)
    frame.follow()


def _neighbours(chosen: DiscoveryChoice, found: xai.Discovery) -> None:
    """The pictures whose features are nearest to those of the chosen picture, with their labels."""
    at = np.flatnonzero(found.pictures["id"].to_numpy() == state.picture())
    if not len(at):
        return
    values = found.features.astype(float)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    distances = ((scaled - scaled[at[0]]) ** 2).sum(axis=1)
    st.markdown("**The chosen picture and its nearest neighbours in the layer's features**")
    cards = []
    for row in np.argsort(distances, kind="stable")[: NEIGHBOURS + 1]:
        one = found.pictures.iloc[int(row)]
        sample = cache.data.picture(chosen.data, int(one["place"]), chosen.model)
        cards.append(
            figures.Card(
                str(one["id"]),
                sample.pixels if isinstance(sample, xai.Sample) else None,
                str(one["picture"]),
                str(one["predicted"]),
                float(one["confidence"]),
                str(one["label"]),
                bool(one["correct"]),
            )
        )
    clickable(figures.gallery_html(cards, state.picture()), "neighbours", state.choose_picture)
