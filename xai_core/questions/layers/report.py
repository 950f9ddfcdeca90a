"""The report of Layer Explorer: do deeper layers focus more?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xai_core import figures
from xai_core.figures import Style
from xai_core.questions.layers.findings import Findings
from xai_core.questions.layers.question import LAYERS
from xai_core.reports.code import maps_text, opening, targets_text
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import LayerFocus, faithfulness_columns
from xai_core.studies.columns import layer_headings
from xai_core.types.counts import part_of

_PICTURES = 24  # that are drawn; the archive has every map


def layers_report(
    found: Findings,
    *,
    style: Style | None = None,
    chosen: int | None = None,
    checks: Sequence[Part] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    found : Findings
        What was found.
    style : Style, optional
        How the maps are drawn.
    chosen : int, optional
        The picture that stands out; it is drawn first.
    checks : Sequence[Part]
        Of one map, where they were asked for.
    settings : Mapping[str, object], optional
        Besides those that the findings have.
    """
    focus, heatmaps, samples = found.focus, found.heatmaps, found.samples
    layers = [layer.name for layer in found.layers]
    choices = {
        "pictures": found.data,
        "model": found.model.title,
        "layers": layers,
        "method": heatmaps.method,
        **heatmaps.settings,
        "measure": focus.measure.key,
        "threshold": focus.threshold,
        "grid": focus.grid,
    }
    ids = [sample.id for sample in samples]
    arrays = {f"map/{name}": values for name, values in heatmaps.items()} | {
        "targets": heatmaps.targets,
        "samples": np.array(ids),
        "names": np.array([sample.name for sample in samples]),
    }
    return Report(
        key=LAYERS.key,
        title=LAYERS.title,
        question=LAYERS.question,
        sections=(_tested(found, chosen), _maps(found, style or Style(), chosen, checks)),
        settings=choices | dict(found.settings) | dict(settings or {}),
        code=_code(found),
        numbers=layer_numbers(focus),
        model=found.model,
        samples=samples,
        tables={"Every picture and layer": focus.table.assign(id=np.repeat(ids, len(layers)))},
        arrays=arrays,
    )


def _tested(found: Findings, chosen: int | None) -> Section:
    """Card, box plots, tables, and the threshold's part in it."""
    focus, titles = found.focus, {layer.name: layer.title for layer in found.layers}
    names, headings = [sample.name for sample in found.samples], layer_headings(focus.measure.percent)
    parts: list[Part] = [
        found.answer.card,
        Chart(
            figures.focus_boxes(focus, found.layers, names, chosen, found.untrained),
            f"Box plots of the {focus.measure.words} by layer, a line for each picture",
        ),
        Table("Medians by layer", focus.medians.replace({"layer": titles}), headings=headings),
        Table("Pairs of layers", focus.pairwise.replace({"first": titles, "second": titles}), headings=headings),
    ]
    if (faithful := found.answer.faithful) is not None:
        parts += [
            Table("How faithful each layer's map is", faithful.table.replace({"layer": titles})),
            Text(faithfulness_columns(faithful.table)),
        ]
    swept = found.swept
    if swept is not None:
        lines = figures.sweep_lines(swept, focus.threshold)
        parts.append(Chart(lines, "Correlation of the share with depth against the threshold"))
    return Section(found.answer.card.question, tuple(parts))


def _maps(found: Findings, style: Style, chosen: int | None, checks: Sequence[Part]) -> Section:
    """The maps, the chosen picture's first."""
    samples = found.samples
    drawn = list(range(min(len(samples), _PICTURES)))
    if chosen is not None:
        drawn = [chosen, *(index for index in drawn if index != chosen)]
    grid = figures.grid_html(
        [samples[i] for i in drawn],
        found.heatmaps.take(drawn),
        found.layers,
        [found.captions[i] for i in drawn],
        style,
        among=found.heatmaps,
    )
    parts: list[Part] = [Markup(grid)]
    if len(drawn) < len(samples):
        parts.append(
            Text(f"{part_of(len(drawn), len(samples), 'picture', 'is', 'are')} drawn; the archive holds every map.")
        )
    parts += [Text(one, warning=True) for one in found.left_out]
    return Section("Where it looks", (*parts, *checks))


def layer_numbers(focus: LayerFocus) -> dict[str, float]:
    """What the lines of Python give again."""
    numbers = {
        "n": float(focus.n),
        "page_p": focus.page.p,
        "correlation with depth": focus.trend.effect,
        "friedman_p": focus.friedman.p,
    }
    medians = zip(focus.medians["layer"], focus.medians["median"], strict=True)
    return numbers | {f"median of {layer}": float(value) for layer, value in medians}


def _code(found: Findings) -> str:
    heatmaps, focus = found.heatmaps, found.focus
    layers = [layer.name for layer in found.layers]
    return (
        opening(found.model, found.data)
        + f"maps = {maps_text(heatmaps, layers, targets_text(heatmaps.targets))}\n"
        + f"focus = xai.layer_focus(maps, {focus.threshold!r}, measure={focus.measure.key!r}, grid={focus.grid!r}, "
        + "masks=[sample.mask for sample in samples])\n"
        + 'numbers = {"n": focus.n, "page_p": focus.page.p, "correlation with depth": focus.trend.effect, '
        + '"friedman_p": focus.friedman.p}\n'
        + 'numbers |= {f"median of {row.layer}": row.median for row in focus.medians.itertuples()}\n'
        + "print(numbers)\n"
    )
