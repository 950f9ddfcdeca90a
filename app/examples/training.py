"""The example of Training Evolution: which pictures are right after an epoch."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.examples.markup import Example, complete, image_source
from app.examples.recorded import epochs, followed, record, recorded_pictures

if TYPE_CHECKING:
    import numpy as np


@st.cache_data(max_entries=64, show_spinner=False)
def evolution(key: str, epoch: int) -> Example:
    """Which pictures a model in training gets right after an epoch."""
    from xai_core.shipped import RUNS

    run = record(key)
    at = epochs(key).index(epoch)
    samples = recorded_pictures(key)
    tiles, right = [], 0
    for name in followed(key):
        picture = run.pictures.index(name)
        correct = bool(run.correct[at, picture])
        right += correct
        said = run.class_names[int(run.predictions[at, picture])]
        label = run.class_names[int(run.labels[picture])]
        words = f"{name}: true class {label}, predicted {said}"
        tiles.append(
            f'<figure class="{"ok" if correct else "no"}" title="{escape(words)}">'
            f'<img src="{image_source(samples[name].pixels)}" alt="{escape(words)}">'
            f"<figcaption>{'✓' if correct else '✗'} {escape(said)}</figcaption></figure>"
        )
    first, last = int(run.epochs[0]), int(run.epochs[-1])
    start, now, end = (f"{100 * run.accuracy[i]:.0f}%" for i in (0, at, -1))
    title, _ = RUNS[key]
    return complete(
        f'<div class="ex-epoch">{"".join(tiles)}</div>{_course(run.accuracy, at)}',
        f"After epoch {epoch}, {now} of the {len(run.pictures):,} test pictures are right ({right} of these "
        f"{len(tiles)}): it began at {start} after epoch {first} and reached {end} after epoch {last}.",
        {"run": title, "picture": followed(key)[-1]},
    )


def _course(accuracy: np.ndarray, at: int) -> str:
    """Accuracy by epoch as bars, one of them marked."""
    bars = "".join(
        f'<i{" class=on" if index == at else ""} style="height:{100 * float(share):.1f}%"></i>'
        for index, share in enumerate(accuracy)
    )
    return (
        f'<div class="ex-course">accuracy<div role="img" aria-label="Accuracy by epoch">{bars}</div>'
        f"<b>{100 * float(accuracy[at]):.0f}%</b></div>"
    )
