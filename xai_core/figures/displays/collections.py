"""Models, data sets, methods and recorded trainings in a notebook."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from xai_core.errors import PictureError
from xai_core.figures.displays.markup import facts_html, few, strip_html, table_html
from xai_core.figures.training_evolution import evolution_figure
from xai_core.records import TrainingRun
from xai_core.studies import choose_rows, evolution_rows
from xai_core.types import Classifier, Method

_THUMBNAILS = 6


def classifier_html(model: Classifier) -> str:
    """What a model is, and its layers that give a map."""
    seen = model.preprocessing
    facts = {
        "key": model.key,
        "classes": f"{len(model.class_names):,}: {few(model.class_names)}",
        "input": seen.words,
        "outputs": model.outputs.title,
        "mean": ", ".join(f"{value:.3f}" for value in seen.mean),
        "standard deviation": ", ".join(f"{value:.3f}" for value in seen.std),
        "device": model.device,
        "code": model.code,
    }
    stages = set(model.groups.get("stages", ()))
    layers = pd.DataFrame(
        [
            {"layer": layer.name, "map": f"{layer.size[0]} × {layer.size[1]}", "channels": layer.channels}
            for layer in model.layers
            if not stages or layer.name in stages
        ]
    )
    return facts_html(model.title, facts) + (table_html(layers) if len(layers) else "")


def dataset_html(dataset: Any) -> str:
    """How many pictures of which labels, and the first of them that can be read."""
    facts = {
        "pictures": f"{len(dataset):,}",
        "labels": few(dataset.labels),
        "passed over": f"{len(dataset.skipped):,}" if dataset.skipped else "",
        "code": dataset.code,
    }
    return facts_html(dataset.title, facts) + strip_html(list(islice(_thumbnails(dataset), _THUMBNAILS)))


def _thumbnails(dataset: Any) -> Any:
    for item in dataset.items[: 2 * _THUMBNAILS]:
        try:
            yield item.label or item.name, item.read().pixels
        except PictureError:
            continue


def method_html(method: Method) -> str:
    """The record of a method and its settings."""
    facts = {
        "key": method.key,
        "paper": method.paper,
        "unit": method.unit,
        "signed": "yes" if method.signed else "no",
        "maps": method.place,
        "cost": method.cost,
        "needs": ", ".join(method.needs),
        "colours": method.legend,
        "known limitations": method.caution,
    }
    settings = pd.DataFrame(
        [
            {"setting": one.key, "title": one.title, "default": one.name_of(one.default), "what it changes": one.help}
            for one in method.settings
        ]
    )
    return facts_html(method.title, facts) + (table_html(settings) if len(settings) else "")


def run_html(run: TrainingRun) -> str:
    """What was recorded."""
    return facts_html(
        run.name,
        {
            "pictures": f"{len(run.pictures):,}",
            "classes": f"{len(run.class_names):,}: {few(run.class_names)}",
            "epochs": f"{len(run.epochs):,}, {run.epochs[0]} to {run.epochs[-1]}",
            "accuracy at the last epoch": f"{run.accuracy[-1]:.1%}",
            "folder": run.folder or "",
            "problems": " ".join(run.problems),
        },
    )


def run_figure(run: TrainingRun, **options: Any) -> go.Figure:
    """Every picture's predictions by epoch, grouped by class.

    Parameters
    ----------
    run : TrainingRun
    **options
        As `evolution_figure` takes them.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    measures = run.measures()
    return evolution_figure(run, evolution_rows(run, choose_rows(run, measures), measures), **options)
