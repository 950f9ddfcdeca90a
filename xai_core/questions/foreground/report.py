"""The report of Foreground vs Background: is it the object, by heatmap and by intervention?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xai_core import figures, studies
from xai_core.figures import Card, Style
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.reports.code import maps_text, opening, targets_text
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import FOREGROUND_MEASURES, Hypothesis, PairedTests, percent
from xai_core.types import Classifier, Heatmaps, Sample

_CARDS = 24  # pictures that are drawn
KINDS = {"whole": "as it is", "object": "object only", "background": "background only", "swapped": "another background"}


def foreground_report(
    model: Classifier,
    data: str,
    samples: Sequence[Sample],
    layer: str,
    heatmaps: Heatmaps,
    table: pd.DataFrame,
    measure: str,
    tests: PairedTests,
    card: Hypothesis,
    *,
    intervention: pd.DataFrame | None = None,
    fill: str = "blur",
    agreement: str = "",
    groups: pd.DataFrame | None = None,
    models: pd.DataFrame | None = None,
    dose: pd.DataFrame | None = None,
    depth: tuple[pd.DataFrame, Sequence[str]] | None = None,
    left_out: Sequence[str] = (),
    checks: Sequence[Part] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    data : the expression that gives the pictures (`Dataset.code`)
    samples : N with usable masks, as the network saw them
    table : rows of `foreground_background` for the layer
    measure : key of FOREGROUND_MEASURES
    intervention : of `xai.intervention`, filled with `fill`
    agreement : whether heatmap and intervention agree, in words
    groups, models, dose : of `compare_groups` by label, `compare_models`, `dose_row`; where there are any
    depth : measures at several layers, and the layers' titles
    checks : of one map, where they were asked for
    left_out : pictures that are not in it, and why
    """
    kind = FOREGROUND_MEASURES[measure]
    first, second = table[kind.inside].to_numpy(), kind.against(table)
    words = ("on the object", "off it" if measure == "mean" else "by chance")
    known = np.flatnonzero((table["reason"] == "").to_numpy())
    names = [sample.name for sample in samples]
    answer: list[Part] = [card]
    if len(known):
        figure = figures.differences_figure(
            first[known], second[known], [names[i] for i in known], words, known.tolist(), None
        )
        answer.append(Chart(figure, "Each picture on and off the object, and the differences"))
    answer += [Text(one, warning=True) for one in left_out]
    sections = [Section("Does it look at the object?", tuple(answer))]
    if len(known):
        worst = known[np.argsort((first - second)[known], kind="stable")][:_CARDS]
        tiles = figures.draw_tiles([samples[i].pixels for i in worst], heatmaps.take(worst), Style())[layer]
        cards = [
            Card(
                samples[i].id,
                figures.outlined(tile.pixels, mask),
                names[i],
                f"{first[i] - second[i]:+.2f}",
                float("nan"),
                "",
                None,
                f"{percent(table['energy_inside'].iloc[i])} / {percent(table['mask_area'].iloc[i])}",
                hint=f"map for {model.class_names[int(heatmaps.targets[i])]}",
            )
            for i, tile in zip(worst.tolist(), tiles, strict=True)
            if (mask := samples[i].mask) is not None
        ]
        sections.append(
            Section(
                "The pictures, worst first",
                (
                    Markup(figures.gallery_html(cards)),
                    Text(
                        "The difference; then the energy on the object / the object's share of the picture: "
                        + ", ".join(names[i] for i in worst.tolist())
                        + "."
                    ),
                ),
            )
        )
    if intervention is not None and len(intervention):
        parts: list[Part] = [Text(studies.intervention_sentence(intervention))]
        if agreement:
            parts.append(Text(agreement, warning=not agreement.endswith("agree.")))
        parts += [
            Chart(
                figures.intervention_figure({model.title: intervention}, KINDS),
                "Probability of the class as it is, with the object alone, the background alone, another background",
            ),
            Table("Interventions against the whole picture", studies.intervention_tests(intervention)),
        ]
        sections.append(Section("Take it away, and see", tuple(parts)))
    if models is not None and len(models):
        parts = [Text(studies.models_sentence(models, measure)), Table("Models side by side", models)]
        sections.append(Section("Side by side", tuple(parts)))
    if groups is not None and len(groups):
        chart = Chart(figures.forest_figure(groups, "label"), "Effect by class")
        sections.append(Section("By class", (chart, Table("Classes", groups))))
    if depth is not None:
        chart = Chart(figures.depth_figure(depth[0], depth[1], kind.inside, kind.chance), "The measure by depth")
        sections.append(Section("Where the object emerges", (chart,)))
    if dose is not None and len(dose):
        chart = Chart(figures.dose_figure(dose), "Accuracy and maps against epsilon")
        sections.append(
            Section(
                "Adversarial pictures", (Text(studies.dose_sentence(dose)), chart, Table("Dose and response", dose))
            )
        )
    if checks:
        sections.append(Section("Can this map be trusted?", tuple(checks)))
    targets = [model.class_names[int(index)] for index in heatmaps.targets]
    whole = table.assign(id=[s.id for s in samples], label=[s.label for s in samples], target=targets)
    tables = {"Every picture": whole}
    if intervention is not None:
        tables["Interventions"] = intervention
    choices = {
        "pictures": data,
        "model": model.title,
        "layer": layer,
        "method": heatmaps.method,
        "measure": measure,
        "hidden parts give way to": fill,
    }
    return Report(
        key=FOREGROUND.key,
        title=FOREGROUND.title,
        question=FOREGROUND.question,
        sections=tuple(sections),
        settings=choices | dict(settings or {}),
        code=_code(model, data, heatmaps, layer, measure, fill if intervention is not None else None),
        numbers=foreground_numbers(tests, intervention),
        model=model,
        samples=samples,
        tables=tables,
        arrays={f"map/{layer}": heatmaps[layer], "targets": heatmaps.targets, "names": np.array(names)},
    )


def foreground_numbers(tests: PairedTests, intervention: pd.DataFrame | None) -> dict[str, float]:
    """What the lines of Python give again."""
    numbers = {
        "n": float(tests.n),
        "t": tests.t.value,
        "p": tests.t.p,
        "d_z": tests.t.effect,
        "d_av": tests.d_av,
        "rank_biserial": tests.wilcoxon.effect,
    }
    if intervention is not None and len(intervention):
        means = intervention.groupby("kind")["p"].mean()
        numbers |= {f"mean p, {KINDS[kind]}": float(means[kind]) for kind in KINDS if kind in means}
    return numbers


def _code(model: Classifier, data: str, heatmaps: Heatmaps, layer: str, measure: str, fill: str | None) -> str:
    lines = opening(model, data, masks=True) + (
        f"targets = {targets_text(heatmaps.targets)}\n"
        f"maps = {maps_text(heatmaps, [layer], 'targets')}\n"
        "where = xai.foreground_background(maps, samples)\n"
        f"tests = studies.measure_tests(where, {measure!r})\n"
        'numbers = {"n": tests.n, "t": tests.t.value, "p": tests.t.p, "d_z": tests.t.effect, "d_av": tests.d_av, '
        '"rank_biserial": tests.wilcoxon.effect}\n'
    )
    if fill is not None:
        lines += (
            f"taken = xai.intervention(model, samples, targets=targets, fill={fill!r})\n"
            f"kinds = {KINDS!r}\n"
            'numbers |= {f"mean p, {kinds[kind]}": p for kind, p in taken.groupby("kind")["p"].mean().items()}\n'
        )
    return lines + "print(numbers)\n"
