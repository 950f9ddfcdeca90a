"""The pictures of the gallery with the maps of two classes each, and their mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls
from app.mistakes.labels.shown import ShownLabels
from app.mistakes.shown import ShownMistakes
from xai_core import figures, studies
from xai_core.figures import Explained
from xai_core.methods import usable_methods
from xai_core.types import Method

MOST = 12  # pictures at once


@dataclass(frozen=True)
class _Pair:
    """A picture and the two classes whose maps are shown; `index` is its place in the data."""

    index: int
    name: str
    line: str
    classes: tuple[int, int]


@dataclass(frozen=True)
class _Words:
    """What the first and the second class are, and what the two colours of the difference say."""

    kinds: tuple[str, str]
    help: str
    difference: str


_CLASSES = _Words(
    ("predicted", "true"),
    "for the predicted and for the true class, and the difference, of the mistakes shown; and the mean over them.",
    "red speaks for the predicted class, blue for the true one",
)
_LABELS = _Words(
    ("the label looked at", "another label"),
    "for the label that each picture is there for and for the likeliest other one that is true, and the difference; "
    "and the mean over the pictures shown.",
    "red speaks for the label looked at, blue for the other one",
)


def show_both(shown: ShownMistakes, part: pd.DataFrame, head: Any) -> None:
    """Maps for the predicted and for the true class of pictures of the gallery, when asked for at its `head`."""
    known = part[(part["true"] >= 0) & (part["true"] != part["predicted"]) & part["usable"]].head(MOST)
    pairs = [
        _Pair(
            int(row["index"]),
            str(row["picture"]),
            f"{studies.percent(row['confidence'])} sure",
            (int(row["predicted"]), int(row["true"])),
        )
        for _, row in known.iterrows()
    ]
    _show(shown, pairs, _CLASSES, head)


def show_both_labels(shown: ShownLabels, part: pd.DataFrame, head: Any) -> None:
    """Maps for the label that each picture is there for and for another one, when asked for at the gallery's `head`."""
    pairs = []
    for _, row in part.head(MOST).iterrows():
        place, label = int(row["row"]), int(row["class"])
        other = studies.other_label(shown.evaluation, place, label)
        if other != label and shown.evaluation.usable[place]:
            pairs.append(_Pair(int(row["index"]), str(row["picture"]), str(row["outcome"]), (label, other)))
    _show(shown, pairs, _LABELS, head)


def _show(shown: ShownMistakes | ShownLabels, pairs: Sequence[_Pair], words: _Words, head: Any) -> None:
    method = _method(shown.model, shown.layer)
    if method is None or not pairs:
        return
    if not head.toggle("With both maps", key="both-maps", bind="query-params", help=f"{method.title} {words.help}"):
        return
    bar = st.empty()
    read = [(pair, cache.data.picture(shown.data, pair.index, shown.model)) for pair in pairs]
    there = [(pair, sample) for pair, sample in read if isinstance(sample, xai.Sample)]
    if not there:
        return
    kept, samples = [pair for pair, _ in there], [sample for _, sample in there]
    targets = [pair.classes[which] for which in (0, 1) for pair in kept]
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
    html = cache.results.kept(key, _drawn, kept, samples, both, method, shown.names, words)
    st.html(controls.Markup(html))
    st.caption(
        controls.plain(
            f"{method.title}{f' at {shown.layer}' if heatmaps and method.at_layers else ''}. Both maps of a picture "
            f"share a scale. Difference: {words.difference}. In the mean each picture counts the same."
        )
    )


def _method(model: xai.Classifier, layer: str | None) -> Method | None:
    usual = usable_methods(model, ranks=True, usual=True)
    return next((one for one in usual if not one.draws_samples and (layer or not one.at_layers)), None)


def _drawn(
    pairs: Sequence[_Pair],
    samples: list[xai.Sample],
    both: np.ndarray,
    method: Method,
    names: Sequence[str],
    words: _Words,
) -> str:
    """The mean first, then each picture."""
    pictures = [
        (
            Explained(pair.name, (pair.line,), sample.pixels, {method.key: maps}),
            (names[pair.classes[0]], names[pair.classes[1]]),
        )
        for pair, sample, maps in zip(pairs, samples, both, strict=True)
    ]
    mean = studies.mean_map(both)
    if mean.n > 1:
        view = np.mean([sample.pixels for sample in samples], axis=0).round().astype(np.uint8)
        classes = {both_names for _, both_names in pictures}
        named = next(iter(classes)) if len(classes) == 1 else words.kinds
        title = f"Mean of {mean.n:,} pictures"
        pictures.insert(0, (Explained(title, (), view, {method.key: mean.values}), named))
    return figures.both_maps_html(pictures, method)
