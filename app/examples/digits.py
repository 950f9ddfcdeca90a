"""The example of Foreground vs Background: a digit on its background and on another, for two models."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.examples.markup import Example, complete, figure_html
from app.examples.recorded import CHEAT, HONEST

if TYPE_CHECKING:
    import xai_core as xai

DIGITS, DIGITS_SPLIT, DIGITS_SHOWN = "textured_digits_shortcut", "val", 64  # what Foreground vs Background opens with


@st.cache_resource(max_entries=2, show_spinner=False)
def _digits(model_key: str) -> tuple[list[xai.Sample], list[int]]:
    """The digits that Foreground vs Background opens with, as a model sees them, and who lends whom a background."""
    import xai_core as xai
    from app import cache

    model = cache.models.classifier(model_key, (), "")
    chosen = cache.data.dataset(DIGITS, DIGITS_SPLIT).choose(None, DIGITS_SHOWN)
    samples = [model.preprocessing.prepare(sample) for sample in chosen]
    return samples, xai.partners(samples)


@st.cache_resource(max_entries=1, show_spinner=False)
def _known() -> list[int]:
    """The places of the digits that both models read: of others nothing can be lost."""
    import numpy as np

    import xai_core as xai
    from app import cache

    right = []
    for key in (HONEST, CHEAT):
        model = cache.models.classifier(key, (), "")
        samples, _ = _digits(key)
        right.append(xai.predict(model, samples).classes == np.array(xai.true_classes(model, samples)))
    return [int(place) for place in np.flatnonzero(np.all(right, axis=0))] or list(range(len(right[0])))


@st.cache_data(max_entries=DIGITS_SHOWN, show_spinner=False)
def background(number: int) -> Example:
    """A digit asked of two models: where they look, and what another background costs them."""
    import xai_core as xai
    from app import cache
    from xai_core import figures
    from xai_core.studies import percent

    rows, costs, query = [], [], {}
    place = _known()[number % len(_known())]
    for key in (HONEST, CHEAT):
        model = cache.models.classifier(key, (), "")
        samples, lenders = _digits(key)
        sample = samples[place]
        lender = samples[lenders[place]]  # of another label, of which there are ten
        (target,) = xai.true_classes(model, [sample])
        layer = model.groups["stages"][-1]
        maps = xai.explain(model, [sample], layers=[layer], targets=[target])
        (tile,) = figures.draw_tiles([sample.pixels], maps, figures.Style())[layer]
        table = xai.intervention(model, [sample], targets=[target], lenders=[lender]).set_index("kind")
        before, after = (percent(float(table.loc[kind, "p"])) for kind in ("whole", "swapped"))
        swapped = xai.intervene(sample, "swapped", other=lender)
        view = figures.outlined(tile.pixels, sample.mask) if sample.mask is not None else tile.pixels
        parts = [
            figure_html(view, "where it looks"),
            figure_html(sample.pixels, "as it is", f"{sample.label}: {before}"),
            figure_html(swapped, "another background", f"{sample.label}: {after}"),
        ]
        rows.append(f'<div class="ex-row"><h3>{escape(model.title)}</h3>{"".join(parts)}</div>')
        costs.append(f"from {before} to {after} for “{model.title}”")
        query = {"model": model.title, "picture": sample.name}
    data = cache.data.dataset(DIGITS, DIGITS_SPLIT)
    return complete(
        "".join(rows),
        f"With another background, the probability of {sample.label} goes {' and '.join(costs)}.",
        {"data": data.title, "part": DIGITS_SPLIT, "target": "Label", **query},
    )
