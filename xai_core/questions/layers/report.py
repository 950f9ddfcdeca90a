"""The report of Layer Explorer: do deeper layers focus more?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xai_core import figures
from xai_core.figures import Caption, Style
from xai_core.questions.layers.question import LAYERS
from xai_core.reports.code import maps_text, opening, targets_text
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import Hypothesis, LayerFocus
from xai_core.types import Classifier, Heatmaps, Layer, Sample

_PICTURES = 24  # that are drawn; the archive has every map


def layers_report(
    model: Classifier,
    data: str,
    samples: Sequence[Sample],
    layers: Sequence[Layer],
    heatmaps: Heatmaps,
    captions: Sequence[Caption],
    focus: LayerFocus,
    card: Hypothesis,
    *,
    swept: pd.DataFrame | None = None,
    style: Style | None = None,
    chosen: int | None = None,
    left_out: Sequence[str] = (),
    checks: Sequence[Part] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    model : Classifier
    data : str
        The expression that gives the pictures (`Dataset.code`).
    samples : Sequence[Sample]
        N, as the network saw them.
    layers : Sequence[Layer]
        L, in order of depth.
    heatmaps : Heatmaps
        Of N pictures at L layers.
    captions : N
    focus : LayerFocus
        The measure as it is drawn, at the layers' own resolutions or on the common grid.
    card : Hypothesis
        Of `layer_hypothesis`.
    swept : DataFrame, optional
        The trend at every threshold, on one grid or several.
    style : Style, optional
        How the maps are drawn.
    chosen : int, optional
        The picture that stands out; it is drawn first.
    checks : Sequence[Part]
        Of one map, where they were asked for.
    left_out : Sequence[str]
        What was not read, in words.
    settings : Mapping of str to object, optional
        Besides those that are known from the rest.
    """
    drawn = list(range(min(len(samples), _PICTURES)))
    if chosen is not None:
        drawn = [chosen, *(index for index in drawn if index != chosen)]
    grid = figures.grid_html(
        [samples[i] for i in drawn],
        heatmaps.take(drawn),
        layers,
        [captions[i] for i in drawn],
        style or Style(),
        among=heatmaps,
    )
    maps: list[Part] = [Markup(grid)]
    if len(drawn) < len(samples):
        maps.append(Text(f"{len(drawn)} of {len(samples)} pictures are drawn; the archive holds every map."))
    maps += [Text(one, warning=True) for one in left_out]
    by_name = {layer.name: layer.title for layer in layers}
    names = [sample.name for sample in samples]
    tested: list[Part] = [
        card,
        Chart(
            figures.focus_boxes(focus, layers, names, chosen),
            f"Box plots of the {focus.measure.title} by layer, a line for each picture",
        ),
        Table("Medians by layer", focus.medians.replace({"layer": by_name})),
        Table("Pairs of layers", focus.pairwise.replace({"first": by_name, "second": by_name})),
    ]
    if swept is not None and len(swept):
        tested.append(
            Chart(
                figures.sweep_lines(swept, focus.threshold), "Correlation of the share with depth against the threshold"
            )
        )
    maps += checks
    choices = {
        "pictures": data,
        "model": model.title,
        "layers": [layer.name for layer in layers],
        "method": heatmaps.method,
        **heatmaps.settings,
        "measure": focus.measure.key,
        "threshold": focus.threshold,
        "grid": focus.grid,
    }
    table = focus.table.assign(id=np.repeat([sample.id for sample in samples], len(layers)))
    arrays = {f"map/{name}": values for name, values in heatmaps.items()} | {
        "targets": heatmaps.targets,
        "samples": np.array([sample.id for sample in samples]),
        "names": np.array(names),
    }
    return Report(
        key=LAYERS.key,
        title=LAYERS.title,
        question=LAYERS.question,
        sections=(Section("Do deeper layers focus more?", tuple(tested)), Section("Where it looks", tuple(maps))),
        settings=choices | dict(settings or {}),
        code=_code(model, data, heatmaps, layers, focus),
        numbers=layer_numbers(focus),
        model=model,
        samples=samples,
        tables={"Every picture and layer": table},
        arrays=arrays,
    )


def layer_numbers(focus: LayerFocus) -> dict[str, float]:
    """What the lines of Python give again."""
    numbers = {
        "n": float(focus.n),
        "page_p": focus.page.p,
        "page_rho": focus.page.effect,
        "friedman_p": focus.friedman.p,
    }
    medians = zip(focus.medians["layer"], focus.medians["median"], strict=True)
    return numbers | {f"median of {layer}": float(value) for layer, value in medians}


def _code(model: Classifier, data: str, heatmaps: Heatmaps, layers: Sequence[Layer], focus: LayerFocus) -> str:
    return (
        opening(model, data)
        + f"maps = {maps_text(heatmaps, [layer.name for layer in layers], targets_text(heatmaps.targets))}\n"
        + f"focus = xai.layer_focus(maps, {focus.threshold!r}, measure={focus.measure.key!r}, grid={focus.grid!r}, "
        + "masks=[sample.mask for sample in samples])\n"
        + 'numbers = {"n": focus.n, "page_p": focus.page.p, "page_rho": focus.page.effect, '
        + '"friedman_p": focus.friedman.p}\n'
        + 'numbers |= {f"median of {row.layer}": row.median for row in focus.medians.itertuples()}\n'
        + "print(numbers)\n"
    )
