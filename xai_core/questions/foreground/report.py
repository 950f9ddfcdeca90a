"""The report of Foreground vs Background: is it the object, by heatmap and by intervention?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xai_core import figures, studies
from xai_core.figures import Card, Style
from xai_core.questions.foreground.findings import (
    ENERGY_WORDS,
    INTERVENTIONS,
    Findings,
    difference_words,
    interventions_of,
)
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.reports.code import maps_text, opening, targets_text
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import FOREGROUND_MEASURES, PairedTests, percent
from xai_core.studies.columns import EFFECT_HEADINGS, INTERVENTION_HEADINGS

_CARDS = 24  # pictures that are drawn


def worst_first(table: pd.DataFrame, measure: str) -> list[int]:
    """The rows with measures, the smallest difference of the measure first."""
    kind = FOREGROUND_MEASURES[measure]
    known = np.flatnonzero((table["reason"] == "").to_numpy())
    difference = table[kind.inside].to_numpy() - kind.against(table)
    return known[np.argsort(difference[known], kind="stable")].tolist()


def foreground_report(
    found: Findings,
    *,
    checks: Sequence[Part] = (),
    methods: Sequence[Part] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    found : Findings
        What was found.
    checks : Sequence[Part]
        Of one map, where they were asked for.
    methods : Sequence[Part]
        How methods and layers compare, where that was asked for.
    settings : Mapping[str, object], optional
        Besides those that the findings have.
    """
    maybe = (
        _answer(found),
        _pictures(found),
        _interventions(found),
        _models(found),
        _groups(found),
        _depth(found),
        _attack(found),
        Section("Can this map be trusted?", tuple(checks)) if checks else None,
        Section("Which layer, which method", tuple(methods)) if methods else None,
    )
    heatmaps, samples, table = found.heatmaps, found.samples, found.table
    targets = [found.model.class_names[int(index)] for index in heatmaps.targets]
    labels = [", ".join(sample.every_label) or None for sample in samples]
    tables = {"Every picture": table.assign(id=[s.id for s in samples], label=labels, target=targets)}
    if found.intervention is not None:
        tables["Interventions"] = found.intervention
    choices = {
        "pictures": found.data,
        "model": found.model.title,
        "layer": found.layer,
        "method": heatmaps.method,
        **heatmaps.settings,
        "measure": found.measure,
        "hidden pixels are filled with": found.fill,
    }
    names = np.array([sample.name for sample in samples])
    return Report(
        key=FOREGROUND.key,
        title=FOREGROUND.title,
        question=FOREGROUND.question,
        sections=tuple(section for section in maybe if section is not None),
        settings=choices | dict(found.settings) | dict(settings or {}),
        code=_code(found),
        numbers=foreground_numbers(found.tests, found.intervention, studies.control_tests(found.table, found.measure)),
        model=found.model,
        samples=samples,
        tables=tables,
        arrays={f"map/{found.layer}": heatmaps[found.layer], "targets": heatmaps.targets, "names": names},
    )


def _answer(found: Findings) -> Section:
    kind = FOREGROUND_MEASURES[found.measure]
    known = np.flatnonzero((found.table["reason"] == "").to_numpy())
    parts: list[Part] = [found.card]
    if len(known):
        figure = figures.differences_figure(
            found.table[kind.inside].to_numpy()[known],
            kind.against(found.table)[known],
            [found.samples[i].name for i in known.tolist()],
            ("on the object", kind.beside),
            known.tolist(),
            None,
        )
        parts.append(Chart(figure, "Each picture on and off the object, and the differences"))
    parts += [Text(one, warning=True) for one in found.left_out]
    return Section(found.card.question, tuple(parts))


def _pictures(found: Findings) -> Section | None:
    worst = worst_first(found.table, found.measure)[:_CARDS]
    if not worst:
        return None
    kind, samples, table = FOREGROUND_MEASURES[found.measure], found.samples, found.table
    difference = table[kind.inside].to_numpy() - kind.against(table)
    tiles = figures.draw_tiles([samples[i].pixels for i in worst], found.heatmaps.take(worst), Style())[found.layer]
    cards = [
        Card(
            samples[i].id,
            figures.outlined(tile.pixels, mask),
            samples[i].name,
            samples[i].name,
            float("nan"),
            "",
            None,
            f"{difference[i]:+.2f}; energy {percent(table['energy_inside'].iloc[i])}, area "
            f"{percent(table['mask_area'].iloc[i])}",
            hint=f"map for {found.model.class_names[int(found.heatmaps.targets[i])]}",
        )
        for i, tile in zip(worst, tiles, strict=True)
        if (mask := samples[i].mask) is not None
    ]
    legend = f"Below each name: {difference_words(found.measure)}; then {ENERGY_WORDS}."
    return Section("The pictures, worst first", (Markup(figures.gallery_html(cards)), Text(legend)))


def _interventions(found: Findings) -> Section | None:
    taken = found.intervention
    if taken is None or not len(taken):
        return None
    words = interventions_of(taken)
    parts: list[Part] = [
        Text(studies.reliance_sentence(studies.rests_on(taken), taken)),
        Chart(
            figures.intervention_figure({found.model.title: taken}, words),
            "Probability of the class as it is, with the object alone, the background alone, another background",
        ),
        Table(
            "Interventions against the whole picture",
            studies.intervention_tests(taken),
            {"kind": words},
            INTERVENTION_HEADINGS,
        ),
    ]
    return Section("Remove it and see (occlusion test)", tuple(parts))


def _models(found: Findings) -> Section | None:
    if found.models is None or not len(found.models):
        return None
    said = (Text(one) for one in studies.models_sentences(found.models, found.measure))
    return Section("Side by side", (*said, _effects("Models side by side", found.models, found.measure)))


def _groups(found: Findings) -> Section | None:
    if found.groups is None or not len(found.groups):
        return None
    chart = Chart(figures.forest_figure(found.groups, "label"), "Effect by class")
    return Section("By class", (chart, _effects("Classes", found.groups, found.measure)))


def _effects(title: str, table: pd.DataFrame, measure: str) -> Table:
    """Effects of a measure, as the page's tables of them are called."""
    return Table(title, table, headings={**EFFECT_HEADINGS, "chance": FOREGROUND_MEASURES[measure].beside})


def _depth(found: Findings) -> Section | None:
    if found.depth is None:
        return None
    kind = FOREGROUND_MEASURES[found.measure]
    figure = figures.depth_figure(found.depth, found.stages, kind.inside, kind.chance)
    return Section("Where the object emerges", (Chart(figure, "The measure by depth"),))


def _attack(found: Findings) -> Section | None:
    if found.dose is None or not len(found.dose):
        return None
    labels = found.model.outputs.independent
    what = "Labels that are predicted" if labels else "Accuracy"
    chart = Chart(figures.dose_figure(found.dose, labels=labels), f"{what} and maps against epsilon")
    parts = (Text(studies.dose_sentence(found.dose, labels=labels)), chart, Table("Dose and response", found.dose))
    return Section("Adversarial pictures", parts)


def foreground_numbers(
    tests: PairedTests, intervention: pd.DataFrame | None, control: PairedTests | None = None
) -> dict[str, float]:
    """What the lines of Python give again."""
    numbers = {
        "n": float(tests.n),
        "t": tests.t.value,
        "p": tests.t.p,
        "d_z": tests.t.effect,
        "d_av": tests.d_av,
        "rank_biserial": tests.wilcoxon.effect,
    }
    if control is not None:
        numbers |= {"p, own object": control.result.p, "d_z, own object": control.t.effect}
    if intervention is not None and len(intervention):
        means = intervention.groupby("kind")["p"].mean()
        titles = interventions_of(intervention)
        numbers |= {f"mean p, {titles[kind]}": float(means[kind]) for kind in titles if kind in means}
    return numbers


def _code(found: Findings) -> str:
    heatmaps = found.heatmaps
    lines = opening(found.model, found.data, masks=True) + (
        f"targets = {targets_text(heatmaps.targets)}\n"
        f"maps = {maps_text(heatmaps, [found.layer], 'targets')}\n"
        "where = xai.foreground_background(maps, samples)\n"
        f"tests = studies.measure_tests(where, {found.measure!r})\n"
        'numbers = {"n": tests.n, "t": tests.t.value, "p": tests.t.p, "d_z": tests.t.effect, "d_av": tests.d_av, '
        '"rank_biserial": tests.wilcoxon.effect}\n'
        f"control = studies.control_tests(where, {found.measure!r})  # against other pictures' masks\n"
        'numbers |= {"p, own object": control.result.p, "d_z, own object": control.t.effect}\n'
    )
    if found.intervention is not None:
        lines += (
            f"taken = xai.intervention(model, samples, targets=targets, fill={found.fill!r})\n"
            f"kinds = {INTERVENTIONS!r}\n"
            'numbers |= {f"mean p, {kinds[kind]}": p for kind, p in taken.groupby("kind")["p"].mean().items()}\n'
        )
    return lines + "print(numbers)\n"
