"""The example of Misclassifications: all mistakes of a model, and what speaks for both classes in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.examples.markup import Example, complete, figure_html, image_source
from app.examples.recorded import mistakes, record, recorded_pictures
from xai_core.types.counts import number_of

if TYPE_CHECKING:
    import pandas as pd

    import xai_core as xai


def _final(run: xai.TrainingRun) -> pd.DataFrame:
    """What a record's last epoch says of each picture, in the columns of `xai.evaluate` that the tallies read.

    The model that comes along is that of the last epoch, so this is what evaluating it would give.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "true": run.labels,
            "predicted": run.predictions[-1],
            "correct": run.correct[-1],
            "confidence": run.p_predicted[-1] if run.p_predicted is not None else float("nan"),
            "usable": True,
            "in_top5": True,
        }
    )


@st.cache_data(max_entries=4, show_spinner=False)
def mistakes_sentence(key: str) -> str:
    """Accuracy with its interval, and the pair that is mixed up most."""
    from xai_core import studies

    run = record(key)
    table = _final(run)
    summary, pairs = studies.summarise(table, run.class_names), studies.confused_pairs(table, run.class_names)
    low, high = summary.interval
    worst = pairs.iloc[0]
    return (
        f"{summary.right:,} of {summary.n:,} test pictures are right: {100 * summary.accuracy:.1f}% (95% interval "
        f"{100 * low:.1f} to {100 * high:.1f}%). The most frequent confusion: {worst['true_class']} is "
        f"predicted as {worst['predicted_class']} ({number_of(worst['n'], 'picture')})."
    )


@st.cache_data(max_entries=4, show_spinner=False)
def mistake_thumbnails(key: str) -> list[tuple[str, str, str, str]]:
    """The mistakes for `strip_html`."""
    run = record(key)
    samples = recorded_pictures(key)
    found = []
    for name in mistakes(key):
        true, taken = _classes(run, name)
        words = (run.class_names[true], run.class_names[taken])
        said = f"{name}: true class {words[0]}, predicted {words[1]}"
        found.append((name, image_source(samples[name].pixels), said, f"{words[0]} → {words[1]}"))
    return found


def _classes(run: xai.TrainingRun, name: str) -> tuple[int, int]:
    """The true class of a picture and the class predicted at the end."""
    at = run.pictures.index(name)
    return int(run.labels[at]), int(run.predictions[-1, at])


@st.cache_data(max_entries=32, show_spinner=False)
def mistake(key: str, name: str) -> Example:
    """A mistake, and what in the picture speaks for either class; both maps are drawn on one scale."""
    import xai_core as xai
    from app import cache
    from xai_core import figures
    from xai_core.data import load_dataset
    from xai_core.methods import DEFAULT
    from xai_core.studies import percent

    run = record(key)
    assert run.source is not None
    model = cache.models.classifier(key, (), "")
    sample = model.preprocessing.prepare(recorded_pictures(key)[name])
    true, taken = _classes(run, name)
    layer = model.groups["stages"][-1]
    method = xai.get_method(DEFAULT)
    maps = xai.explain(model, [sample, sample], layers=[layer], targets=[taken, true])
    p = maps.predictions.probabilities[0]
    names = (run.class_names[taken], run.class_names[true])
    explained = figures.Explained(name, (), sample.pixels, {method.key: maps[layer]})
    block = figures.draw_block(explained, [method], names, figures.Style(), difference=False)
    parts = [figure_html(block.view, name, f"is {names[1]}")]
    for tile, said, word, share in zip(
        block.tiles[method.key], names, ("predicted", "label"), (p[taken], p[true]), strict=True
    ):
        if tile is not None:
            nothing = ["no evidence for it"] if tile.flat else []
            parts.append(figure_html(tile.pixels, f"for {said}, {word}", f"{percent(float(share))} sure", *nothing))
    return complete(
        f'<div class="ex-row">{"".join(parts)}</div>',
        f"{mistakes_sentence(key)} This {names[1]} is predicted as {names[0]} with a confidence of "
        f"{percent(float(p[taken]))}.",
        {"data": load_dataset(run.source.data, split=run.source.split).title, "model": model.title, "picture": name},
    )
