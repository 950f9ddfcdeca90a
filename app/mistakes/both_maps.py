"""The pictures of the gallery with the maps of both classes, and their mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls
from app.mistakes.shown import ShownMistakes
from xai_core import figures, studies
from xai_core.figures import Explained
from xai_core.methods import usable_methods
from xai_core.types import Method

MOST = 12  # pictures at once


def show_both(shown: ShownMistakes, part: pd.DataFrame) -> None:
    """Maps for the predicted and for the true class of pictures of the gallery, when asked for."""
    method = _method(shown)
    known = part[(part["true"] >= 0) & (part["true"] != part["predicted"]) & part["usable"]].head(MOST)
    if method is None or known.empty:
        return
    if not st.toggle(
        "With both maps",
        key="both-maps",
        bind="query-params",
        help=f"{method.title} for the predicted and for the true class, and the difference, of the mistakes shown; and "
        "the mean over them.",
    ):
        return
    bar = st.empty()
    read = [(row, cache.data.picture(shown.data, int(row["index"]), shown.model)) for _, row in known.iterrows()]
    there = [(row, sample) for row, sample in read if isinstance(sample, xai.Sample)]
    if not there:
        return
    samples = [sample for _, sample in there]
    targets = [int(row[key]) for key in ("predicted", "true") for row, _ in there]
    heatmaps = cache.maps.heatmaps(
        shown.model,
        samples * 2,
        shown.model.select([shown.layer]) if shown.layer and method.at_layers else (),
        targets,
        lambda done, total: bar.progress(done / total, controls.plain(f"{method.title}: {done} of {total}")),
        method=method,
        settings={},
    )
    bar.empty()
    (values,) = heatmaps.values()
    both = np.stack([values[: len(samples)], values[len(samples) :]], axis=1)
    key = (shown.key, method.key, shown.layer, *(sample.id for sample in samples), *targets)
    html = cache.results.kept(key, _drawn, [row for row, _ in there], samples, both, method)
    st.html(controls.Markup(html))
    st.caption(
        controls.plain(
            f"{method.title}{f' at {shown.layer}' if heatmaps and method.at_layers else ''}. Both maps of a picture "
            "share a scale. Difference: red speaks for the predicted class, blue for the true one. In the mean each "
            "picture counts the same."
        )
    )


def _method(shown: ShownMistakes) -> Method | None:
    usual = usable_methods(shown.model, ranks=True, usual=True)
    return next((one for one in usual if not one.draws_samples and (shown.layer or not one.at_layers)), None)


def _drawn(rows: list[pd.Series], samples: list[xai.Sample], both: np.ndarray, method: Method) -> str:
    """The mean first, then each picture."""
    pictures = [
        (
            Explained(str(row["picture"]), (f"{row['confidence']:.0%} sure",), sample.pixels, {method.key: maps}),
            (str(row["predicted_class"]), str(row["true_class"])),
        )
        for row, sample, maps in zip(rows, samples, both, strict=True)
    ]
    mean = studies.mean_map(both)
    if mean.n > 1:
        view = np.mean([sample.pixels for sample in samples], axis=0).round().astype(np.uint8)
        classes = {names for _, names in pictures}
        names = next(iter(classes)) if len(classes) == 1 else ("predicted", "true")
        title = f"Mean of {mean.n} pictures"
        pictures.insert(0, (Explained(title, (), view, {method.key: mean.values}), names))
    return figures.both_maps_html(pictures, method)
